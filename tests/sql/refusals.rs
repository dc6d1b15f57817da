//! What keeps a connection from opening: one line each, with the mend and
//! without the password.

use crate::connections;
use crate::servers::{mariadb, postgres};
use runbook::effect::{DatabaseError, Databases};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

/// Why `url` cannot be opened.
async fn refusal(url: &str) -> String {
    let mut connections = connections(url, false);
    let shown = format!("{connections:?}");
    let error = connections.open("db").await.err().unwrap_or_else(|| panic!("{url} is refused"));
    let text = error.to_string();
    for shown in [shown, format!("{error:?}"), text.clone()] {
        assert!(!shown.contains("hunter2"), "a password is shown: {shown}");
    }
    assert!(!text.contains('\n'), "one line: {text}");
    text.strip_prefix("db: ").unwrap_or_else(|| panic!("it names the connection: {text}")).to_owned()
}

/// Somebody who listens, answers each that connects with these bytes, and
/// hangs up. Gives the port.
fn answering(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it has an address").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 1024];
            // The request for TLS is eight bytes and is declined.
            while let Ok(length @ 1..) = stream.read(&mut request) {
                if length == 8 && !answer.starts_with(b"HTTP") {
                    let _ = stream.write_all(b"N");
                } else {
                    let _ = stream.write_all(&answer);
                    break;
                }
            }
        }
    });
    port
}

/// The error that a server sends before it hangs up.
fn error_response(code: &str, message: &str) -> Vec<u8> {
    let body = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
    let length = u32::try_from(body.len() + 4).expect("it is short");
    [b"E", &length.to_be_bytes()[..], body.as_bytes()].concat()
}

#[tokio::test]
async fn what_keeps_postgres_from_opening_is_told_with_its_mend() {
    let server = postgres::server();
    let database = server.database();
    let (port, name, socket) = (server.port(), &database.name, server.socket().display());
    let full = format!("full_of_{name}");
    database.psql(&format!("CREATE ROLE {full} LOGIN PASSWORD 'hunter2' CONNECTION LIMIT 0"));
    for (url, expected) in [
        (
            database.url_for("postgres", "hunter2"),
            format!(
                "the server at 127.0.0.1:{port} refuses the password of postgres in the connection's URL, or has no \
                 such role: mend it there"
            ),
        ),
        (
            format!("postgres://postgres@127.0.0.1:{port}/{name}?passfile=/nonesuch/hunter"),
            format!(
                "the server at 127.0.0.1:{port} wants a password of postgres, and none is known (the password file \
                 /nonesuch/hunter is not there): set PGPASSWORD, or add a line to ~/.pgpass"
            ),
        ),
        (
            database.url.replace(name, "nonesuch"),
            format!(
                "the server at 127.0.0.1:{port} has no database nonesuch: mend the name at the end of the connection's \
                 URL"
            ),
        ),
        (
            format!("postgres://nonesuch@/{name}?host={socket}&port={port}"),
            format!(
                "the server at {socket}/.s.PGSQL.{port} has no role nonesuch: mend the user in the connection's URL"
            ),
        ),
        (
            database.url_for(&full, "hunter2"),
            format!(
                "the server at 127.0.0.1:{port} has no connection left (too many connections for role \"{full}\"): end \
                 an idle one, or wait"
            ),
        ),
        (
            "postgres://u:hunter2@127.0.0.1:1/x".to_owned(),
            "nothing answers at 127.0.0.1:1: is the server running, and are host and port right?".to_owned(),
        ),
        (
            "postgres://u:hunter2@/x?host=/nonesuch".to_owned(),
            "no server listens at /nonesuch/.s.PGSQL.5432: is it running on this machine, or is a host missing in the \
             connection's URL?"
                .to_owned(),
        ),
        (
            "postgres://u:hunter2@nonesuch.invalid/x".to_owned(),
            "there is no host nonesuch.invalid: is its name right, and can names be looked up from here?".to_owned(),
        ),
        (
            format!("{}?sslmode=require", database.url),
            format!(
                "the server at 127.0.0.1:{port} has no TLS, and sslmode=require asks for it: turn ssl on there, or say \
                 sslmode=disable where nobody else is on the way"
            ),
        ),
        (
            "postgres://u:hunter2@[::1/x".to_owned(),
            "the URL cannot be read (a [ is not closed): write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with % \
             signs for special characters in the password"
                .to_owned(),
        ),
        (
            "postgres://u:p/hunter2@h/x".to_owned(),
            "the URL cannot be read (there is a / before its @): write postgres://USER:PASSWORD@HOST:PORT/DATABASE, \
             with % signs for special characters in the password"
                .to_owned(),
        ),
        (
            "oracle://u:hunter2@localhost/x".to_owned(),
            "oracle is not a kind of database that can be run here: use a postgres:, mysql:, mariadb: or sqlite: URL"
                .to_owned(),
        ),
        (
            "u:hunter2@localhost".to_owned(),
            "it is not a URL: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql://… or sqlite:PATH".to_owned(),
        ),
    ] {
        assert_eq!(refusal(&url).await, expected, "{url}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_ready_or_none_is_told_from_one_that_refuses() {
    let starting = answering(error_response("57P03", "the database system is starting up"));
    let stopping = answering(error_response("57P03", "the database system is shutting down"));
    let stopped = answering(error_response("57P01", "terminating connection due to administrator command"));
    let full = answering(error_response("53300", "sorry, too many clients already"));
    let closed = answering(Vec::new());
    let web = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    let hba = answering(error_response("28000", "no pg_hba.conf entry for host \"10.0.0.1\", no encryption"));
    for (port, expected) in [
        (
            starting,
            format!(
                "the server at 127.0.0.1:{starting} is not ready (the database system is starting up): try again in a moment"
            ),
        ),
        (
            stopping,
            format!(
                "the server at 127.0.0.1:{stopping} is not ready (the database system is shutting down): try again in a moment"
            ),
        ),
        (
            stopped,
            format!(
                "the server at 127.0.0.1:{stopped} is being stopped (terminating connection due to administrator \
                 command): find out by whom, then try again"
            ),
        ),
        (
            full,
            format!(
                "the server at 127.0.0.1:{full} has no connection left (sorry, too many clients already): end an idle \
                 one, or wait"
            ),
        ),
        (
            closed,
            format!(
                "127.0.0.1:{closed} closed the connection without a word: is that PostgreSQL, and may this machine \
                 connect to it?"
            ),
        ),
        (web, format!("what answers at 127.0.0.1:{web} does not speak PostgreSQL's language: is the port right?")),
        (
            hba,
            format!(
                "the server at 127.0.0.1:{hba} refuses u (no pg_hba.conf entry for host \"10.0.0.1\", no encryption): \
                 mend the user, or the server's pg_hba.conf"
            ),
        ),
    ] {
        assert_eq!(refusal(&format!("postgres://u:hunter2@127.0.0.1:{port}/x")).await, expected);
    }
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("it has an address").port();
    assert_eq!(
        refusal(&format!("postgres://u:hunter2@127.0.0.1:{port}/x?connect_timeout=1")).await,
        format!("127.0.0.1:{port} did not answer within 1 s: are host and port right, and open from here?")
    );
}

#[tokio::test]
async fn what_keeps_a_sqlite_file_from_opening_is_told_with_its_mend() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, however long this text may be made").expect("the folder is ours");
    let text = text.display();
    assert_eq!(
        refusal(&format!("sqlite:{text}")).await,
        format!("{text} cannot be opened (file is not a database): is it a SQLite database, and may you read it?")
    );
    assert_eq!(
        refusal("sqlite:/nonesuch/hunter.db").await,
        "there is no file /nonesuch/hunter.db: mend the connection's URL"
    );
}

#[tokio::test]
async fn a_password_that_is_wanted_is_told_from_all_else_that_is_wrong() {
    let server = postgres::server();
    let database = server.database();
    let without = format!("postgres://postgres@127.0.0.1:{}/{}?passfile=/nonesuch", server.port(), database.name);
    let mut connections = connections(&without, false);
    let wanted = |result: Result<_, DatabaseError>| match result {
        Err(DatabaseError::Password(wanted)) => wanted,
        Err(other) => panic!("a password is wanted: {other}"),
        Ok(()) => panic!("a password is wanted"),
    };
    let first = wanted(connections.open("db").await.map(drop));
    assert_eq!((first.connection.as_str(), first.user.as_str(), first.refused), ("db", "postgres", false));
    assert_eq!(first.server, format!("127.0.0.1:{}", server.port()));
    connections.take_password("db", "hunter2".to_owned().into());
    let second = wanted(connections.open("db").await.map(drop));
    assert!(second.refused && second.message.contains("that was typed"), "{second:?}");
    connections.take_password("db", postgres::PASSWORD.to_owned().into());
    assert!(connections.open("db").await.is_ok());

    // Once it is known, a session that must be opened again needs nobody.
    let pid = crate::run(&mut connections, "SELECT pg_backend_pid()").await.expect("it is open").0.first_row;
    let pid = pid.and_then(|mut row| row.pop().flatten()).expect("a number");
    database.psql(&format!("SELECT pg_terminate_backend({pid}, 10000)"));
    assert!(matches!(connections.open("db").await, Err(DatabaseError::Connect { .. })), "the session was ended");
    assert!(connections.open("db").await.is_ok(), "another one, with the same password");
}

#[tokio::test]
async fn what_keeps_a_mariadb_connection_from_opening_is_said_in_one_line_without_the_password() {
    let database = mariadb::server().database();
    let refused = refusal(&database.url_for("admin", "hunter2")).await;
    assert!(refused.contains("refuses the password of admin"), "{refused}");
    let missing = refusal(&database.url.replace(&database.name, "nonesuch")).await;
    assert!(missing.contains("has no database nonesuch"), "{missing}");
    database.client(&format!("CREATE USER nobody_{0}@'%' IDENTIFIED BY 'hunter2'", database.name));
    let kept_out = refusal(&database.url_for(&format!("nobody_{}", database.name), "hunter2")).await;
    assert!(kept_out.contains("does not let"), "{kept_out}");
    let closed = refusal("mysql://u:hunter2@127.0.0.1:1/x").await;
    assert!(closed.contains("nothing answers"), "{closed}");
    let unknown = refusal("mariadb://u:hunter2@nonesuch.invalid/x").await;
    assert!(unknown.contains("no host nonesuch.invalid is known here"), "{unknown}");
    let open = refusal(&format!("{}?ssl-mode=REQUIRED", database.url_for("admin", "hunter2"))).await;
    assert!(open.contains("no secure connection"), "{open}");
    let mistyped = refusal("mysql://u:hunter2@127.0.0.1:1/x?ssl_mode=REQUIRED").await;
    assert!(mistyped.contains("`ssl_mode` is not known here"), "{mistyped}");
    let broken = refusal("mysql://u:hunter2@[::1/x").await;
    assert!(broken.contains("URL cannot be read"), "{broken}");
    let no_socket = refusal("mysql://u:hunter2@localhost/x?socket=/nonesuch/socket").await;
    assert!(no_socket.contains("nothing answers for the server at /nonesuch/socket"), "{no_socket}");
}
