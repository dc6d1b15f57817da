//! What blocks start with.

use crate::runbook::Interpreter;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// What blocks start with.
#[derive(Debug, Clone)]
pub struct Environment {
    /// All their environment variables.
    pub variables: Vec<(OsString, OsString)>,
    /// The folder that the first block starts in; absolute.
    pub cwd: PathBuf,
    /// How long processes have between the request to end and the kill.
    pub grace: Duration,
    /// Where the private folder for the running block's text is made.
    pub scratch: PathBuf,
    /// The user's own interpreters, by name.
    pub interpreters: BTreeMap<String, Interpreter>,
}

/// How long processes have to end in good order, where nothing else is said.
const GRACE: Duration = Duration::from_secs(10);

impl Environment {
    /// The engine's own environment and folder.
    ///
    /// # Errors
    /// If the current folder is gone or cannot be read.
    pub fn inherited() -> io::Result<Self> {
        Ok(Self {
            variables: std::env::vars_os().collect(),
            cwd: std::env::current_dir()?,
            grace: GRACE,
            scratch: std::env::temp_dir(),
            interpreters: BTreeMap::new(),
        })
    }

    /// Nothing but these variables, in this folder.
    #[must_use]
    pub fn isolated(variables: Vec<(OsString, OsString)>, cwd: PathBuf) -> Self {
        Self { variables, cwd, grace: GRACE, scratch: std::env::temp_dir(), interpreters: BTreeMap::new() }
    }

    /// The value of a variable; of several, the last, as it is for a process.
    pub(super) fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_os_str())
    }

    /// Where `program` is: at its path if it is one, else looked for in these
    /// variables' PATH.
    pub(super) fn find(&self, program: &str) -> Option<PathBuf> {
        if program.contains('/') {
            return Some(self.cwd.join(program)).filter(|file| is_executable(file));
        }
        find_in(self.get("PATH")?, program)
    }

    /// Which of these commands could not be started: no program in PATH, no
    /// builtin, keyword or exported function of bash, no file of that path.
    /// Without bash, none is known to be missing.
    #[must_use]
    pub fn missing(&self, commands: &[String]) -> Vec<String> {
        const LIST: &str =
            r#"for name; do builtin type -t -- "$name" >/dev/null || builtin printf '%s\0' "$name"; done"#;
        let Some(bash) = self.find("bash") else { return Vec::new() };
        let mut listing = Command::new(bash);
        listing.args(["--norc", "--noprofile", "-c", LIST, "bash"]).args(commands).env_clear();
        listing.envs(self.variables.iter().map(|(name, value)| (name, value))).current_dir(&self.cwd);
        let Ok(output) = listing.stdin(Stdio::null()).output() else { return Vec::new() };
        let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }
}

/// The first executable file of this name in the folders of `path`.
pub(super) fn find_in(path: &OsStr, program: &str) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(program)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}
