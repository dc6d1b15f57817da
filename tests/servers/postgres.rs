//! A private PostgreSQL server, one for each test binary.
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
use std::time::{Duration, Instant};

/// Password of the user `postgres`, asked for on TCP.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

/// A running server.
pub(crate) struct Server {
    bin: PathBuf,
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
    /// URL as its superuser, with the password.
    pub(crate) url: String,
}

/// Somebody else's session.
pub(crate) struct Session(Child);

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The server of this test binary, started when first asked for.
///
/// # Panics
/// If PostgreSQL is not installed.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(false))
}

/// Another one, with TLS: its certificate is for `localhost`, and signed by
/// [`Server::authority`].
///
/// # Panics
/// If PostgreSQL or openssl is not installed.
pub(crate) fn server_with_tls() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(true))
}

impl Server {
    /// Somebody else may take the port before the server does: then it is
    /// tried with another.
    fn start(tls: bool) -> Self {
        let mut tries = (0..5).map(|_| Self::try_start(tls));
        let started = tries.find(|started| !started.as_ref().is_err_and(|said| said.contains("already in use")));
        started.unwrap_or_else(|| Err("no port stayed free".to_owned())).unwrap_or_else(|said| panic!("{said}"))
    }

    fn try_start(tls: bool) -> Result<Self, String> {
        let bin = bin();
        let user = server_user();
        let folder = tempfile::Builder::new().prefix("runbook-postgres-").tempdir().expect("a temporary folder").keep();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        std::fs::write(folder.join("password"), PASSWORD).expect("the folder can be written");
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("root may give the folder away");
        }
        // Held until the moment before the server takes it.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let script = r#"
            "$1/initdb" -D data -U postgres --pwfile=password --auth-local=trust --auth-host=scram-sha-256 \
                -E UTF8 --locale=C --no-sync >initdb.log 2>&1 || { cat initdb.log; exit 1; }
            cat >>data/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$PWD'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 60
timezone = 'Asia/Tokyo'
log_timezone = 'Asia/Kolkata'
CONF
            if [ "$3" = true ]; then
                certify() {
                    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=db \
                        -keyout "data/$1.key" -out "$1.csr" &&
                        openssl ca -batch -notext -config authority.conf -in "$1.csr" -out "data/$1.crt" \
                            -startdate "$2" -enddate "$3"
                }
                touch index
                cat >authority.conf <<AUTHORITY
[ca]
default_ca = authority
[authority]
database = index
new_certs_dir = .
rand_serial = yes
unique_subject = no
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = policy
x509_extensions = extensions
[policy]
commonName = supplied
[extensions]
subjectAltName = DNS:localhost
AUTHORITY
                {
                    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=authority \
                        -days 2 -keyout ca.key -out ca.crt && certify server 20200101000000Z 20490101000000Z &&
                        certify expired 20200101000000Z 20200102000000Z &&
                        cp ca.crt ca.key data && chmod 600 data/*.key && echo 'ssl = on' >>data/postgresql.conf
                } >openssl.log 2>&1 || { cat openssl.log; exit 1; }
            fi
            "$1/pg_ctl" -D data -l server.log -w -t 60 start >start.log 2>&1 || { cat start.log server.log; exit 1; }
            echo ready
            # The tests' own output must not wait for the server's end.
            exec >/dev/null 2>&1
            cat
            "$1/pg_ctl" -D data -m immediate stop
            rm -rf "$PWD"
        "#;
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("postgres-keeper").arg(&bin).arg(port.to_string()).arg(tls.to_string());
        command.current_dir(&folder).env_remove("PGDATA").env("LC_ALL", "C");
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
                return Err(format!("PostgreSQL did not start:\n{said}"));
            }
        }
        Ok(Self { bin, folder, port, databases: AtomicUsize::new(0), _keeper: keeper })
    }

    /// A fresh, empty database.
    pub(crate) fn database(&'static self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name}"));
        let url = self.url("postgres", PASSWORD, &name);
        Database { server: self, name, url }
    }

    /// Where it listens on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// URL of a database for this user.
    pub(crate) fn url(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// The folder of its socket, on which everybody is let in.
    pub(crate) fn socket(&self) -> &Path {
        &self.folder
    }

    /// The file of the authority that has signed its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// Puts these lines before all others that say who is let in.
    pub(crate) fn let_in(&self, lines: &[&str]) {
        let file = self.folder.join("data/pg_hba.conf");
        let rest = std::fs::read_to_string(&file).expect("the server's file");
        std::fs::write(&file, format!("{}\n{rest}", lines.join("\n"))).expect("the server's file");
        self.reload();
    }

    /// Has it read its files again, and waits until it has.
    pub(crate) fn reload(&self) {
        // A session that begins afterwards has what was read.
        let before = self.psql("postgres", "SELECT pg_conf_load_time()");
        self.psql("postgres", "SELECT pg_reload_conf()");
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.psql("postgres", "SELECT pg_conf_load_time()") == before {
            assert!(Instant::now() < deadline, "the server does not read its files");
        }
    }

    /// Runs a script as the superuser and gives its rows, columns separated by
    /// `|`.
    ///
    /// # Panics
    /// If it fails.
    pub(crate) fn psql(&self, database: &str, sql: &str) -> String {
        let mut command = Command::new(self.bin.join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-h"]);
        command.arg(&self.folder).args(["-p", &self.port.to_string(), "-c", sql]);
        let output = command.output().expect("psql is beside the server");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }
}

impl Database {
    /// A session that has begun a transaction and does nothing more, under
    /// this application's name. It ends when it is dropped.
    pub(crate) fn idle_session(&self, application: &str) -> Session {
        self.session_that(application, "BEGIN;")
    }

    /// A session that has run this and does nothing more. It ends when it is
    /// dropped.
    pub(crate) fn session_that(&self, application: &str, sql: &str) -> Session {
        let mut command = Command::new(self.server.bin.join("psql"));
        command.args(["-X", "-q", "-U", "postgres", "-d", &self.name, "-h"]).arg(&self.server.folder);
        command.args(["-p", &self.server.port.to_string()]).env("PGAPPNAME", application);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut psql = command.spawn().expect("psql is beside the server");
        let typed = psql.stdin.as_mut().expect("its input is piped").write_all(format!("{sql}\n").as_bytes());
        typed.expect("psql reads");
        Session(psql)
    }

    /// Runs a script as the superuser; see [`Server::psql`].
    pub(crate) fn psql(&self, sql: &str) -> String {
        self.server.psql(&self.name, sql)
    }

    /// The server's own psql, which reads no settings, on the way that a URL
    /// leads.
    pub(crate) fn client(&self) -> Command {
        let mut command = Command::new(self.server.bin.join("psql"));
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url]);
        command
    }

    /// What psql prints of a script, with these options.
    pub(crate) fn psql_with(&self, options: &[&str], script: &str) -> String {
        let mut command = self.client();
        command.args(options).args(["-f", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).env("PGCLIENTENCODING", "UTF8");
        let mut psql = command.spawn().expect("psql is beside the server");
        let mut input = psql.stdin.take().expect("its input is piped");
        let script = script.to_owned();
        let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
        let output = psql.wait_with_output().expect("it ends");
        writer.join().expect("no panic").expect("psql reads");
        assert!(output.status.success(), "psql failed");
        String::from_utf8(output.stdout).expect("text")
    }

    /// URL of this database for this user.
    pub(crate) fn url_for(&self, user: &str, password: &str) -> String {
        self.server.url(user, password, &self.name)
    }
}

/// The newest installed server's folder of programs.
fn bin() -> PathBuf {
    let has_initdb = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("psql").is_file();
    let version = |folder: &PathBuf| {
        let name = folder.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        name.and_then(|name| name.parse::<u32>().ok())
    };
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).filter(has_initdb).collect();
    found.sort_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(has_initdb);
    found.pop().or(on_path).expect("PostgreSQL is needed for this test: apt-get install postgresql")
}

/// PostgreSQL refuses to run as root: then the user and group to run it as.
fn server_user() -> Option<(u32, u32)> {
    let own = std::fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own));
    if own.is_ok_and(|uid| uid != 0) {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("there is a list of users");
    ["postgres", "nobody"].iter().find_map(|name| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect()).find(|user: &Vec<_>| user[0] == *name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    })
}
