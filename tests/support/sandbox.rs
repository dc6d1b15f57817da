//! A folder and an environment that hold nothing of the machine they are on.

use serde_json::Value;
use std::collections::BTreeMap;
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
        for folder in ["work", "home", "state", "bin", "tmp"] {
            fs::create_dir(root.path().join(folder)).expect("a folder in the sandbox");
        }
        Self { root }
    }

    /// The folder that commands run in.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The home folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// A folder for `TMPDIR`, for a test that looks at what is left there.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.root.path().join("tmp")
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

    /// The events on record, where there has been exactly one run.
    pub(crate) fn events(&self) -> Vec<Value> {
        let path = self.only_run().join("transcript.jsonl");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).expect("an event on each line")).collect()
    }

    /// The events of one kind, in order.
    pub(crate) fn events_of(&self, kind: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == kind).collect()
    }

    /// What `runbook report` prints of the latest run.
    pub(crate) fn report(&self) -> String {
        self.print_report(&[])
    }

    /// What `runbook report --format json` says of the latest run.
    pub(crate) fn report_json(&self) -> Value {
        serde_json::from_str(&self.print_report(&["--format", "json"])).expect("the report is JSON")
    }

    fn print_report(&self, arguments: &[&str]) -> String {
        let output = self.runbook(["report"].iter().chain(arguments)).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a report is UTF-8")
    }

    /// Asserts that no file under `folder` holds `secret`.
    #[track_caller]
    pub(crate) fn assert_nowhere(&self, secret: &str, folder: &Path) {
        let files = files(folder);
        assert!(!files.is_empty(), "nothing is in {}", folder.display());
        for (path, bytes) in files {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret:?}", path.display());
        }
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

    /// Links these of the machine's programs into the folder that is first on
    /// PATH, and gives that folder: as the whole of PATH, it holds nothing that
    /// the machine happens to have.
    pub(crate) fn link_commands(&self, names: &[&str]) -> PathBuf {
        let bin = self.root.path().join("bin");
        for name in names {
            let program = SYSTEM_PATH.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file());
            let program = program.unwrap_or_else(|| panic!("{name} is needed for this test"));
            std::os::unix::fs::symlink(program, bin.join(name)).expect("a link");
        }
        bin
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

/// Every file under `folder`, with what is in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else {
            files.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
    files
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
