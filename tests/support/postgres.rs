//! A real PostgreSQL server of the test's own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A server with an empty database, reached through a socket in a temporary
/// folder. Dropping it ends the server.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
}

impl Postgres {
    /// Starts a new server.
    ///
    /// # Panics
    /// If PostgreSQL is not installed: `tests/run` installs it.
    pub(crate) fn start() -> Self {
        let programs =
            programs().expect("PostgreSQL is not installed here: run tests/run, or apt-get install postgresql");
        let folder = tempfile::Builder::new().prefix("runbook-postgres-").tempdir().expect("a temporary folder");
        // The server refuses to run as root, and root's folder is closed to
        // the user it runs as instead.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("its mode");
        let server = Self { folder, programs };
        let data = server.data();
        server.run("initdb", &["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync", "-D", &data]);
        let options =
            format!("-c listen_addresses= -c fsync=off -c unix_socket_directories={}", server.folder.path().display());
        let log = server.folder.path().join("log").display().to_string();
        server.run("pg_ctl", &["-D", &data, "-l", &log, "-o", &options, "-w", "-t", "60", "start"]);
        server
    }

    /// The URL to connect with.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@localhost/postgres?host={folder}")
    }

    /// Runs SQL with psql and gives its rows, one a line, the columns divided
    /// by `|`.
    #[track_caller]
    pub(crate) fn sql(&self, sql: &str) -> String {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h"])
            .arg(self.folder.path())
            .args(["-c", sql])
            .output()
            .expect("psql starts");
        assert!(output.status.success(), "{sql}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    #[track_caller]
    fn run(&self, program: &str, arguments: &[&str]) {
        let path = self.programs.join(program);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        let status = command
            .current_dir(self.folder.path())
            .args(arguments)
            .stdout(fs::File::create(self.folder.path().join(program)).expect("a file for its output"))
            .stdin(std::process::Stdio::null())
            .stderr(std::process::Stdio::inherit())
            .status()
            .expect("the server's programs start");
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        // A panic while unwinding would hide the failure that led here.
        if !std::thread::panicking() {
            self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
        } else if let Ok(pid) = fs::read_to_string(Path::new(&data).join("postmaster.pid")) {
            let pid = pid.lines().next().and_then(|line| line.parse().ok()).and_then(rustix::process::Pid::from_raw);
            if let Some(pid) = pid {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
            }
        }
    }
}

/// The folder of the server's programs. Debian keeps them off PATH, in one
/// folder for each version: the newest is taken.
fn programs() -> Option<PathBuf> {
    let whole = |folder: &PathBuf| ["initdb", "pg_ctl", "psql"].iter().all(|name| folder.join(name).is_file());
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| whole(folder))
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder).or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(whole))
}
