//! A private MariaDB server, one for each test binary.
//!
//! It lives in a folder of its own and is gone with the process that started
//! it, however that ends: a shell beside it waits on a pipe that only this
//! process holds open.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Password of the user `admin`, who may do everything.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// A running server.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    databases: AtomicUsize,
    /// Ends the server when its standard input closes.
    _keeper: Child,
}

/// A fresh database on the server.
pub(crate) struct Database {
    server: &'static Server,
    pub(crate) name: String,
    /// URL as `admin`, with the password.
    pub(crate) url: String,
}

/// The server of this test binary, started when first asked for.
///
/// # Panics
/// If MariaDB is not installed.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]))
}

/// Another one, which rolls a whole transaction back where it has waited for a
/// lock in vain.
///
/// # Panics
/// If MariaDB is not installed.
pub(crate) fn server_that_rolls_back_on_timeout() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&["--innodb-rollback-on-timeout=ON"]))
}

/// Somebody else's session, which is typed into. It ends when it is dropped.
pub(crate) struct Session(Child);

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Session {
    /// Types statements; they run one after the other, and are not waited for.
    pub(crate) fn types(&mut self, sql: &str) {
        let input = self.0.stdin.as_mut().expect("its input is piped");
        input.write_all(format!("{sql}\n").as_bytes()).and_then(|()| input.flush()).expect("the client reads");
    }
}

impl Server {
    /// Somebody else may take the port before the server does: then it is
    /// tried with another.
    fn start(options: &[&str]) -> Self {
        let mut tries = (0..5).map(|_| Self::try_start(options));
        let started = tries.find(|started| !started.as_ref().is_err_and(|said| said.contains("already in use")));
        started.unwrap_or_else(|| Err("no port stayed free".to_owned())).unwrap_or_else(|said| panic!("{said}"))
    }

    fn try_start(options: &[&str]) -> Result<Self, String> {
        let user = server_user();
        let folder = tempfile::Builder::new().prefix("runbook-mariadb-").tempdir().expect("a temporary folder").keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("root may give the folder away");
        }
        // Held until the moment before the server takes it.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        // The server's zone is none that anybody would guess.
        let script = r#"
            # A server that starts clears away what it takes for its own there.
            mkdir tmp
            export TMPDIR=$PWD/tmp
            mariadb-install-db --no-defaults --datadir="$PWD/data" --auth-root-authentication-method=normal \
                --skip-test-db --skip-name-resolve --innodb-log-file-size=8M >install.log 2>&1 || { cat install.log; exit 1; }
            "$1" --no-defaults --datadir="$PWD/data" --socket="$PWD/socket" --pid-file="$PWD/pid" \
                --bind-address=127.0.0.1 --port="$2" --skip-name-resolve --max-connections=60 \
                --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=16M --innodb-log-file-size=8M \
                --skip-log-bin --default-time-zone=+09:00 $4 >server.log 2>&1 &
            server=$!
            for try in $(seq 600); do
                mariadb --no-defaults -S socket -u root -e 'DO 1' 2>start.log && break
                kill -0 $server 2>/dev/null || { cat server.log; exit 1; }
                sleep 0.1
            done
            mariadb --no-defaults -S socket -u root -e "CREATE USER admin@'%' IDENTIFIED BY '$3'; \
                GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION" || { cat server.log; exit 1; }
            echo ready
            # The tests' own output must not wait for the server's end.
            exec >/dev/null 2>&1
            cat
            kill -9 $server
            wait $server
            rm -rf "$PWD"
        "#;
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("mariadb-keeper").arg(mariadbd()).arg(port.to_string()).arg(PASSWORD);
        command.arg(options.join(" "));
        command.current_dir(&folder).env("LC_ALL", "C").env_remove("MYSQL_HOME");
        // A group of its own: Ctrl-C at the tests must not end the keeper first.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        if let Some((uid, gid)) = user {
            command.uid(uid).gid(gid);
        }
        drop(listener);
        let mut keeper = command.spawn().expect("sh is there");
        let mut said = String::new();
        let mut reader = BufReader::new(keeper.stdout.take().expect("its output is piped"));
        while !said.ends_with("ready\n") {
            let read = reader.read_line(&mut said).expect("a pipe can be read");
            if read == 0 {
                let _ = keeper.wait();
                let _ = std::fs::remove_dir_all(&folder);
                return Err(format!("MariaDB did not start:\n{said}"));
            }
        }
        Ok(Self { folder, port, databases: AtomicUsize::new(0), _keeper: keeper })
    }

    /// A fresh, empty database.
    pub(crate) fn database(&'static self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.client("", &[], &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
        let url = self.url("admin", PASSWORD, &name);
        Database { server: self, name, url }
    }

    /// URL of a database for this user.
    pub(crate) fn url(&self, user: &str, password: &str, database: &str) -> String {
        format!("mysql://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a script in the server's own client as root and gives what it
    /// prints, without the last line's end.
    ///
    /// # Panics
    /// If it fails.
    fn client(&self, database: &str, options: &[&str], sql: &str) -> String {
        let mut command = self.command(database);
        command.args(options);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut client = command.spawn().expect("mariadb is beside the server");
        let mut input = client.stdin.take().expect("its input is piped");
        input.write_all(sql.as_bytes()).expect("the client reads");
        drop(input);
        let output = client.wait_with_output().expect("the client ends");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }
}

impl Server {
    /// The server's own client as root.
    fn command(&self, database: &str) -> Command {
        let mut command = Command::new("mariadb");
        command.args(["--no-defaults", "--default-character-set=utf8mb4", "-N", "-B", "-u", "root", "-S"]);
        command.arg(self.folder.join("socket"));
        if !database.is_empty() {
            command.args(["-D", database]);
        }
        command
    }
}

impl Database {
    /// Whether an UPDATE in this database waits for the lock of a row. (The
    /// server's own list of transactions is not renewed for whoever asks often.)
    pub(crate) fn an_update_waits(&self) -> bool {
        let waits = "SELECT COUNT(*) FROM information_schema.PROCESSLIST JOIN information_schema.GLOBAL_STATUS \
                     ON VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS' AND VARIABLE_VALUE > 0 \
                     WHERE STATE = 'Updating' AND DB = DATABASE()";
        self.client(waits) != "0"
    }

    /// Somebody else's session as root.
    pub(crate) fn session(&self) -> Session {
        let mut command = self.server.command(&self.name);
        command.arg("--unbuffered").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Session(command.spawn().expect("mariadb is beside the server"))
    }

    /// Runs a script in the server's own client; columns are separated by tabs.
    pub(crate) fn client(&self, sql: &str) -> String {
        self.server.client(&self.name, &[], sql)
    }

    /// The same, with values that are bytes as `0x00FF`, and with everything
    /// else as it is.
    pub(crate) fn client_in_hex(&self, sql: &str) -> String {
        self.server.client(&self.name, &["--binary-as-hex", "--raw"], sql)
    }

    /// URL of this database for this user.
    pub(crate) fn url_for(&self, user: &str, password: &str) -> String {
        self.server.url(user, password, &self.name)
    }
}

fn mariadbd() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join("mariadbd")).find(|program| Path::is_file(program));
    found.expect("MariaDB is needed for this test: apt-get install mariadb-server mariadb-client")
}

/// MariaDB refuses to run as root: then the user and group to run it as.
fn server_user() -> Option<(u32, u32)> {
    let own = std::fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own));
    if own.is_ok_and(|uid| uid != 0) {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("there is a list of users");
    ["mysql", "nobody"].iter().find_map(|name| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect()).find(|user: &Vec<_>| user[0] == *name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    })
}
