//! Opening sessions, and losing them.

use crate::{Server, connections, run};
use runbook::effect::{DatabaseError, Databases, ServerKind};

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
    assert!(
        target.starts_with("postgres 1") && target.ends_with(&format!(" · {} · role {role} · WRITE", database.name))
    );
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
