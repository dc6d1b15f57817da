//! A folder and an environment that hold nothing of the machine they are on.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Where the sandbox's commands look for programs, after its own `bin`.
const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A temporary folder with a home, a state folder and commands of its own. It
/// is removed with everything in it when it is dropped.
pub(crate) struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("runbook-test-").tempdir().expect("a temporary folder");
        for folder in ["work", "home", "state", "bin"] {
            fs::create_dir(root.path().join(folder)).expect("a folder in the sandbox");
        }
        Self { root }
    }

    /// The folder that commands run in.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// What `RUNBOOK_STATE_DIR` is.
    pub(crate) fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    /// The folder of the run's record, where there has been exactly one run.
    pub(crate) fn only_run(&self) -> PathBuf {
        let runs = self.state().join("runs");
        let mut folders: Vec<PathBuf> = fs::read_dir(&runs)
            .unwrap_or_else(|error| panic!("{}: {error}", runs.display()))
            .map(|entry| entry.expect("an entry of the runs folder").path())
            .filter(|path| path.is_dir())
            .collect();
        assert_eq!(folders.len(), 1, "exactly one run in {}: {folders:?}", runs.display());
        folders.remove(0)
    }

    /// Writes a file into the working folder, with the folders above it, and
    /// gives its path.
    pub(crate) fn write(&self, relative: &str, text: &str) -> PathBuf {
        let path = self.work().join(relative);
        fs::create_dir_all(path.parent().expect("a path below the working folder")).expect("its folder");
        fs::write(&path, text).expect("the file");
        path
    }

    /// Copies the project's own runbooks into the working folder, so that they
    /// are found by name.
    pub(crate) fn with_project_runbooks(self) -> Self {
        copy_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks"), &self.work().join("runbooks"));
        self
    }

    /// Puts an executable first on PATH.
    pub(crate) fn write_command(&self, name: &str, script: &str) {
        let path = self.root.path().join("bin").join(name);
        fs::write(&path, script).expect("the command");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
    }

    /// The `runbook` under test.
    pub(crate) fn runbook<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_runbook"));
        command.args(arguments);
        command
    }

    /// Any program, in the sandbox's folder and environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.work())
            .env_clear()
            .env("PATH", format!("{}:{SYSTEM_PATH}", self.root.path().join("bin").display()))
            .env("HOME", self.root.path().join("home"))
            .env("USER", "responder")
            .env("LOGNAME", "responder")
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("RUNBOOK_STATE_DIR", self.state());
        command
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder");
    for entry in fs::read_dir(from).expect("the folder to copy") {
        let entry = entry.expect("an entry of the folder to copy");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("its type").is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("the copy");
        }
    }
}
