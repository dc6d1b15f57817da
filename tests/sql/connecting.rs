//! Opening sessions, and losing them.

use crate::servers::{mariadb, postgres};
use crate::{Server, connections, run};
use runbook::effect::{DatabaseError, Databases, ServerKind};

/// Why `url` cannot be opened.
async fn refusal(url: &str) -> String {
    let mut connections = connections(url, false);
    let shown = format!("{connections:?}");
    let error = connections.open("db").await.err().expect("it cannot be opened");
    let text = error.to_string();
    for shown in [shown, format!("{error:?}"), text.clone()] {
        assert!(!shown.contains("hunter2"), "a password is shown: {shown}");
    }
    assert!(text.starts_with("db: ") && !text.contains('\n'), "one line: {text}");
    text
}

#[tokio::test]
async fn a_postgres_session_has_the_settings_psql_would_have() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.take().expect("it is one");
    assert_eq!(server.value("SHOW TimeZone").await.as_deref(), Some("Asia/Tokyo"), "of the server's file");
    assert_eq!(server.value("SHOW application_name").await.as_deref(), Some("runbook"));
    assert_eq!(server.value("SHOW lock_timeout").await.as_deref(), Some("10s"));

    let role = format!("role_of_{}", database.name);
    database.psql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'pw'"));
    let mut limited = connections(&database.url_for(&role, "pw"), false);
    let zone = run(&mut limited, "SHOW TimeZone").await.expect("it can be asked").0.first_row;
    assert_eq!(zone, Some(vec![Some("Asia/Kolkata".to_owned())]), "the file is not for this role: of the log");

    database.psql(&format!(
        "ALTER DATABASE {0} SET timezone = 'UTC'; ALTER ROLE {role} SET timezone = 'Europe/Berlin'; \
         ALTER ROLE {role} SET lock_timeout = '3s'",
        database.name
    ));
    let mut limited = connections(&database.url_for(&role, "pw"), false);
    let target = limited.open("db").await.expect("it can be opened").target().to_owned();
    assert!(target.starts_with("postgres 1") && target.ends_with(&format!(" · {} · role {role}", database.name)));
    let zone = run(&mut limited, "SHOW TimeZone").await.expect("it can be asked").0.first_row;
    assert_eq!(zone, Some(vec![Some("Europe/Berlin".to_owned())]), "of the role, before that of the database");
    let lock = run(&mut limited, "SHOW lock_timeout").await.expect("it can be asked").0.first_row;
    assert_eq!(lock, Some(vec![Some("3s".to_owned())]), "one that is set stays");
    drop(limited);
}

#[tokio::test]
async fn a_session_ended_by_the_server_is_said_so_and_then_replaced() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let pid = server.value("SELECT pg_backend_pid()").await.expect("a number");
    let database = server.postgres.take().expect("it is one");
    database.psql(&format!("SELECT pg_terminate_backend({pid}, 10000)"));
    let error = server.error("SELECT 1").await;
    assert!(
        matches!(&error, DatabaseError::Connect { message, .. } if message.contains("ended the session")),
        "{error}"
    );
    assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_connection_lost_under_a_statement_is_not_called_an_error_of_it() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let error = server.error("SELECT pg_terminate_backend(pg_backend_pid())").await;
    assert!(matches!(error, DatabaseError::Lost { .. }), "{error:?}");
    assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"), "the next is in a new session");
}

#[tokio::test]
async fn what_keeps_a_connection_from_opening_is_said_in_one_line_without_the_password() {
    let database = postgres::server().database();
    let refused = refusal(&database.url_for("postgres", "hunter2")).await;
    assert!(refused.contains("refuses the password of postgres"), "{refused}");
    let missing = refusal(&database.url.replace(&database.name, "nonesuch")).await;
    assert!(missing.contains("has no database nonesuch"), "{missing}");
    let closed = refusal("postgres://u:hunter2@127.0.0.1:1/x").await;
    assert!(closed.contains("nothing answers"), "{closed}");
    let broken = refusal("postgres://u:hunter2@[::1/x").await;
    assert!(broken.contains("URL cannot be read"), "{broken}");
    let oracle = refusal("oracle://u:hunter2@localhost/x").await;
    assert!(oracle.contains("oracle is not a kind of database"), "{oracle}");
    let no_url = refusal("u:hunter2@localhost").await;
    assert!(no_url.contains("not a URL"), "{no_url}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, however long this text may be made").expect("the folder is ours");
    let not_one = refusal(&format!("sqlite:{}", text.display())).await;
    assert!(not_one.contains("is it a SQLite database"), "{not_one}");
    let no_file = refusal("sqlite:/nonesuch/hunter.db").await;
    assert!(no_file.contains("no file /nonesuch/hunter.db"), "{no_file}");
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
