//! A private PostgreSQL server: in a folder of its own, on a socket that only
//! its user can reach, and gone with the rehearsal, however that ends.

use super::{RehearsalError, folder_error};
use std::fs::{self, DirBuilder};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Names the folder of the server's programs. Empty: there are none.
pub const PROGRAMS_VARIABLE: &str = "RUNBOOK_POSTGRES_BIN";

/// Where systems keep a folder of the server's programs for each version, and
/// what stands behind the version.
const FOLDERS: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
];

/// What the keeper runs; commented there.
const KEEPER: &str = include_str!("keeper.sh");

/// A path of a socket is shorter than this everywhere.
const LONGEST_SOCKET: usize = 90;

/// The programs of an installed server.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    /// `15`.
    version: String,
}

impl Programs {
    /// Those of the newest server that is installed.
    pub(super) fn find() -> Option<Self> {
        let folder = match std::env::var_os(PROGRAMS_VARIABLE) {
            Some(named) => Some(PathBuf::from(named)).filter(|folder| is_complete(folder)),
            None => newest().or_else(|| {
                let path = std::env::var_os("PATH")?;
                std::env::split_paths(&path).find(|folder| is_complete(folder))
            }),
        }?;
        // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
        let said = Command::new(folder.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let version = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let version = version.split('.').next()?.to_owned();
        Some(Self { folder, version })
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

fn is_complete(folder: &Path) -> bool {
    folder.is_absolute() && ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

fn newest() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, before, below) in FOLDERS {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| name.strip_prefix(before)).and_then(|name| name.parse().ok());
            let folder = entry.path().join(below);
            if let Some(version) = version.filter(|_| is_complete(&folder)) {
                found.push((version, folder));
            }
        }
    }
    found.into_iter().max().map(|(_, folder)| folder)
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    folder: PathBuf,
    /// Ends the server, and removes the folder, when its standard input closes.
    keeper: Child,
}

impl Server {
    /// Starts one. It takes a second or two.
    pub(super) fn start(programs: &Programs) -> Result<Self, RehearsalError> {
        let user = server_user()?;
        let folder = make_folder(user)?;
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "postgres-keeper"]).arg(&programs.folder).arg(settings(&folder));
        command.current_dir(&folder).env_clear();
        for name in ["PATH", "TZ", "LD_LIBRARY_PATH"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        // A group of its own: Ctrl-C is for the engine, not for the server.
        command.env("LC_ALL", "C").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        let mut keeper = match command.spawn() {
            Ok(keeper) => keeper,
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                return Err(RehearsalError::Server(error.to_string()));
            }
        };
        // From here on the folder goes with this.
        let stdout = keeper.stdout.take();
        let stderr = keeper.stderr.take();
        let server = Self { folder, keeper };
        let mut said = [0; 6];
        let is_ready = stdout.is_some_and(|mut stdout| stdout.read_exact(&mut said).is_ok()) && said == *b"ready\n";
        if is_ready {
            return Ok(server);
        }
        let mut why = String::new();
        // A log that cannot be read explains nothing.
        let _ = stderr.map(|mut stderr| stderr.read_to_string(&mut why));
        Err(RehearsalError::Server(why.trim().to_owned()))
    }

    /// How its superuser opens a database of it.
    pub(super) fn url(&self, database: &str) -> String {
        let mut folder = String::new();
        for byte in self.folder.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => folder.push(char::from(*byte)),
                byte => folder.push_str(&format!("%{byte:02X}")),
            }
        }
        format!("postgres://postgres@localhost:5432/{database}?host={folder}&sslmode=disable")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            tracing::warn!(%error, "nobody knows whether the rehearsal's server has ended");
        }
        // The keeper has removed it, unless its user may not.
        if self.folder.exists()
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            tracing::warn!(path = %self.folder.display(), %error, "the server's folder could not be removed");
        }
    }
}

/// What the server is told. Nothing of it must outlive a crash.
fn settings(folder: &Path) -> String {
    let folder = folder.to_string_lossy().replace('\'', "''");
    format!(
        "listen_addresses = ''\nport = 5432\nunix_socket_directories = '{folder}'\nunix_socket_permissions = 0700\n\
         fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nshared_buffers = 16MB\nmax_connections = 60\n"
    )
}

/// Makes the server's folder: private, and of the server's own user.
fn make_folder(user: Option<(u32, u32)>) -> Result<PathBuf, RehearsalError> {
    let parent = parent_for(user);
    let parent = parent.canonicalize().map_err(folder_error(&parent))?;
    let mut attempt = 0;
    loop {
        let path = parent.join(format!("runbook-rehearsal-postgres-{}-{attempt}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => {
                if let Some((uid, gid)) = user {
                    chown(&path, Some(uid), Some(gid)).map_err(folder_error(&path))?;
                }
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < super::ATTEMPTS => attempt += 1,
            Err(error) => return Err(folder_error(&path)(error)),
        }
    }
}

/// The folder for temporary files; where another user could not reach it, or
/// its path is too long for that of a socket, the system's own.
fn parent_for(user: Option<(u32, u32)>) -> PathBuf {
    let own = std::env::temp_dir();
    let is_open = |folder: &Path| {
        let mode = |path: &Path| fs::metadata(path).map_or(0, |found| found.permissions().mode());
        folder.ancestors().all(|path| mode(path) & 0o001 != 0) && mode(folder) & 0o002 != 0
    };
    let resolved = own.canonicalize().unwrap_or_else(|_| own.clone());
    let fits =
        resolved.as_os_str().len() < LONGEST_SOCKET - "/runbook-rehearsal-postgres-1234567-0/.s.PGSQL.5432".len();
    if fits && (user.is_none() || is_open(&resolved)) { own } else { PathBuf::from("/tmp") }
}

/// PostgreSQL refuses to run as root: then the user and group to run it as.
fn server_user() -> Result<Option<(u32, u32)>, RehearsalError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].iter().find_map(|name| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect()).find(|user: &Vec<_>| user[0] == *name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    });
    match found {
        Some(found) => Ok(Some(found)),
        None => Err(RehearsalError::Server(
            "PostgreSQL does not run as root, and there is no user `postgres` here: run this as another user"
                .to_owned(),
        )),
    }
}
