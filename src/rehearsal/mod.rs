//! The same run where nothing is real.
//!
//! A rehearsal is a private folder that is removed with it:
//!
//! ```text
//! bin/            all of PATH: harmless tools, and the runbook's stand-ins
//! home/           HOME, and where blocks start
//! world/          where stand-ins keep what they pretend
//! databases/      for each connection a SQLite file, or how to reach its database
//! tmp/            TMPDIR
//! ```
//!
//! A page whose SQL is PostgreSQL's own may ask for a private server of that:
//! it stands in `server.rs`, and in a folder of its own.
//!
//! # What it keeps a block from, and what not
//!
//! A command is found in `bin/` or refused by name, whether the block itself
//! starts it or something in the block does (`xargs`, `find -exec`, `bash -c`).
//! PATH cannot be changed. Tools that change files do so only in here, and the
//! shell's own `kill` is off.
//!
//! This keeps an honest runbook from touching anything; it is not a cage for a
//! hostile one. A program called by its path is not refused by the shell, which
//! is what [`unrehearsed`](Rehearsal::unrehearsed) is for: the engine asks it
//! before each block. A redirection, `awk` and `sort -o` can write wherever the
//! user can, and bash itself opens `/dev/tcp/…`.

mod server;
mod stand_in;
mod tools;

use crate::runbook;
use server::{Programs, Server};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// A place where nothing is real, removed when this is dropped.
#[derive(Debug)]
pub struct Rehearsal {
    folder: Folder,
    bash: PathBuf,
    databases: BTreeMap<String, Database>,
    programs: Option<Programs>,
    server: Option<Server>,
}

/// A throwaway database, and what is to fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// What kind it is.
    pub kind: DatabaseKind,
    /// The file of a SQLite database; for another, what stands for it where
    /// stand-ins look for one.
    pub file: PathBuf,
    /// The file of SQL that fills it, as the page names it.
    pub seed: String,
    /// The SQL in that file.
    pub sql: String,
}

/// What kind of database stands in for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file.
    Sqlite,
    /// A file, because the server that the page asks for is not installed.
    SqliteInstead,
    /// On the rehearsal's own server.
    Postgres,
}

/// Why there can be no rehearsal. Each says how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The folder could not be made or filled.
    #[error("the rehearsal's folder {} could not be made: {problem}", path.display())]
    Folder {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What the system said.
        problem: io::Error,
    },
    /// There is no bash.
    #[error("a rehearsal needs bash, and it is not in PATH: install it")]
    NoBash,
    /// A stand-in cannot have this name.
    #[error("rehearsal.commands: `{0}` is no name of a command: write it without a folder")]
    Name(String),
    /// The shell would never look for the stand-in.
    #[error("rehearsal.commands: `{0}` is part of the shell itself, which would never start a stand-in: take it out")]
    Builtin(String),
    /// A stand-in cannot be read.
    #[error(
        "the stand-in for `{command}`, {}, cannot be read: {problem}; \
         put a script there, or correct rehearsal.commands.{command}",
        path.display()
    )]
    StandIn {
        /// The command it stands in for.
        command: String,
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        problem: io::Error,
    },
    /// A stand-in's interpreter is not there.
    #[error(
        "the stand-in for `{command}`, {}, needs {interpreter}, which is not installed here: \
         install it, or write the script for bash",
        path.display()
    )]
    Interpreter {
        /// The command it stands in for.
        command: String,
        /// The script.
        path: PathBuf,
        /// What its first line names.
        interpreter: String,
    },
    /// A file that fills a database cannot be read.
    #[error(
        "{}, which fills the database of `{connection}`, cannot be read: {problem}; \
         put a file of SQL there, or correct rehearsal.connections.{connection}.{key}",
        path.display()
    )]
    Seed {
        /// The connection.
        connection: String,
        /// The kind of its database.
        key: &'static str,
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said, or that it is not UTF-8.
        problem: io::Error,
    },
    /// A connection has no seed.
    #[error(
        "rehearsal.connections.{0} names no file that fills its database: \
         write sqlite: FILE, or postgres: FILE, or both"
    )]
    NoSeed(String),
    /// The page can only be rehearsed on a server that is not installed.
    #[error(
        "`{0}` is rehearsed on a private PostgreSQL server, and that is not installed here: \
         apt-get install postgresql, or name the folder of its initdb in {PROGRAMS_VARIABLE}"
    )]
    NoServer(String),
    /// The private server did not start.
    #[error("the rehearsal's PostgreSQL server could not be started: {0}")]
    Server(String),
}

pub use server::PROGRAMS_VARIABLE;

/// Read by every bash of a rehearsal; commented there.
const SHELL_START: &str = include_str!("start.bash");

/// The command that stand-ins reach a database by; commented there.
const SQL_COMMAND: &str = include_str!("sql.bash");

/// The command of the engine that [`SQL_COMMAND`] calls.
const SQL_NAME: &str = "rehearsal-sql";

impl Rehearsal {
    /// Makes the place that `rehearsal` describes. Its files are looked for in
    /// `runbook_dir`; `engine` is this program, by its absolute path.
    ///
    /// # Errors
    /// If a file it names is not there, or the place cannot be made.
    pub fn prepare(runbook_dir: &Path, rehearsal: &runbook::Rehearsal, engine: &Path) -> Result<Self, RehearsalError> {
        let bash = tools::find("bash").ok_or(RehearsalError::NoBash)?;
        let folder = Folder::new(&std::env::temp_dir())?;
        for name in ["bin", "home", "world", "databases", "tmp"] {
            folder.add_folder(name)?;
        }
        folder.write("start.bash", SHELL_START.as_bytes(), 0o400)?;
        tools::install(&folder, &bash)?;
        let sql = format!("#!{} -p\nengine={}\n{SQL_COMMAND}", bash.display(), quoted(engine.as_os_str()));
        folder.write(&format!("bin/{SQL_NAME}"), sql.as_bytes(), 0o500)?;
        for (command, script) in &rehearsal.commands {
            stand_in::install(&folder, &bash, command, &runbook_dir.join(script))?;
        }
        let wants_server = rehearsal.connections.values().any(|database| database.postgres.is_some());
        let programs = if wants_server { Programs::find() } else { None };
        let mut databases = BTreeMap::new();
        for (number, (connection, declared)) in rehearsal.connections.iter().enumerate() {
            let (kind, seed) = match (&declared.postgres, &declared.sqlite) {
                (Some(seed), _) if programs.is_some() => (DatabaseKind::Postgres, seed),
                (Some(_), Some(seed)) => (DatabaseKind::SqliteInstead, seed),
                (None, Some(seed)) => (DatabaseKind::Sqlite, seed),
                (Some(_), None) => return Err(RehearsalError::NoServer(connection.clone())),
                (None, None) => return Err(RehearsalError::NoSeed(connection.clone())),
            };
            let key = if kind == DatabaseKind::Postgres { "postgres" } else { "sqlite" };
            let path = runbook_dir.join(seed);
            let sql = fs::read_to_string(&path).map_err(|problem| RehearsalError::Seed {
                connection: connection.clone(),
                key,
                path: path.clone(),
                problem,
            })?;
            let file = folder.path().join("databases").join(format!("{number}.{key}"));
            let seed = path.display().to_string();
            databases.insert(connection.clone(), Database { kind, file, seed, sql });
        }
        Ok(Self { folder, bash, databases, programs, server: None })
    }

    /// The version of the private server that is yet to be started, if one is
    /// needed.
    #[must_use]
    pub fn awaits_server(&self) -> Option<&str> {
        let is_needed = self.databases.values().any(|database| database.kind == DatabaseKind::Postgres);
        self.programs.as_ref().filter(|_| is_needed && self.server.is_none()).map(Programs::version)
    }

    /// Starts the private server, which takes a second or two.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_server(&mut self) -> Result<(), RehearsalError> {
        if let Some(programs) = &self.programs {
            self.server = Some(Server::start(programs)?);
        }
        Ok(())
    }

    /// How to open a database of this name on the private server, which has
    /// been started.
    #[must_use]
    pub fn server_url(&self, database: &str) -> Option<String> {
        self.server.as_ref().map(|server| server.url(database))
    }

    /// All the environment variables that blocks start with.
    #[must_use]
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let path = |name: &str| self.folder.path().join(name).into_os_string();
        let mut variables: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), path("bin")),
            ("HOME".into(), path("home")),
            ("TMPDIR".into(), path("tmp")),
            ("BASH_ENV".into(), path("start.bash")),
            ("RUNBOOK_REHEARSAL".into(), "1".into()),
            ("RUNBOOK_REHEARSAL_DIR".into(), path("world")),
        ];
        for name in ["TERM", "LANG", "LC_ALL", "LC_CTYPE", "TZ"] {
            variables.extend(std::env::var_os(name).map(|value| (name.into(), value)));
        }
        for (connection, database) in &self.databases {
            variables.push((database_variable(connection).into(), database.file.clone().into()));
        }
        variables
    }

    /// The folder that blocks start in.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The throwaway databases by their connections.
    pub fn databases(&self) -> impl Iterator<Item = (&String, &Database)> {
        self.databases.iter()
    }

    /// Which of these commands of a block would be refused, or would be real:
    /// neither part of the shell, nor a harmless tool, nor a stand-in. Names
    /// made only when the block runs (`$cmd`) are left to the shell to refuse.
    #[must_use]
    pub fn unrehearsed(&self, commands: &[String]) -> Vec<String> {
        const LIST: &str =
            r#"for name; do builtin type -t -- "$name" >/dev/null || builtin printf '%s\0' "$name"; done"#;
        let (paths, names): (Vec<_>, Vec<_>) =
            commands.iter().filter(|name| !name.contains(['$', '`'])).partition(|name| name.contains('/'));
        let mut unrehearsed: Vec<String> = Vec::new();
        let mut listing = Command::new(&self.bash);
        listing.args(["--norc", "--noprofile", "-c", LIST, "bash"]).args(&names).env_clear().envs(self.environment());
        match listing.current_dir(self.dir()).stdin(Stdio::null()).output() {
            Ok(output) => unrehearsed.extend(
                output
                    .stdout
                    .split(|byte| *byte == 0)
                    .filter(|name| !name.is_empty())
                    .map(|name| String::from_utf8_lossy(name).into_owned()),
            ),
            // What cannot be looked up is not taken for harmless.
            Err(_) => unrehearsed.extend(names.into_iter().cloned()),
        }
        unrehearsed.extend(paths.into_iter().filter(|path| !self.holds(path)).cloned());
        unrehearsed
    }

    /// Whether a command given as a path is in the rehearsal's folder.
    fn holds(&self, path: &str) -> bool {
        // Where `..` leads depends on what links there are by then.
        let path = Path::new(path);
        !path.components().any(|part| part == Component::ParentDir)
            && self.dir().join(path).starts_with(self.folder.path())
    }
}

/// The variable that tells stand-ins the file of a connection's database.
fn database_variable(connection: &str) -> String {
    let name = connection.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    format!("RUNBOOK_REHEARSAL_DB_{}", name.collect::<String>())
}

/// `text` as one word of bash.
fn quoted(text: &OsStr) -> String {
    format!("'{}'", text.to_string_lossy().replace('\'', "'\\''"))
}

/// The private folder.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
}

/// How many names to try before giving up on a folder.
const ATTEMPTS: u32 = 1000;

impl Folder {
    fn new(parent: &Path) -> Result<Self, RehearsalError> {
        // The real path: what a block does to files is compared with it.
        let parent = parent.canonicalize().map_err(folder_error(parent))?;
        let mut attempt = 0;
        loop {
            let path = parent.join(format!("runbook-rehearsal-{}-{attempt}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(folder_error(&path)(error)),
            }
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn add_folder(&self, name: &str) -> Result<(), RehearsalError> {
        let path = self.path.join(name);
        DirBuilder::new().mode(0o700).create(&path).map_err(folder_error(&path))
    }

    /// Writes a file that is new, or takes the place of another.
    fn write(&self, name: &str, content: &[u8], mode: u32) -> Result<(), RehearsalError> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path.join(name);
        let replace = || {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            fs::write(&path, content)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))
        };
        replace().map_err(folder_error(&path))
    }

    fn link(&self, name: &str, target: &Path) -> Result<(), RehearsalError> {
        let path = self.path.join(name);
        std::os::unix::fs::symlink(target, &path).map_err(folder_error(&path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the rehearsal's folder could not be removed");
        }
    }
}

fn folder_error(path: &Path) -> impl Fn(io::Error) -> RehearsalError {
    let path = path.to_owned();
    move |problem| RehearsalError::Folder { path: path.clone(), problem }
}

#[cfg(test)]
mod tests;
