//! What ends a statement that takes too long, and who was in its way.

use crate::{NEVER, Recorded, Server, connections, run, run_with};
use runbook::effect::{Control, DatabaseError, Databases, Output, OutputError, ServerKind, Stream, Waiting};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedSender};

const SETTINGS: [(&str, &str); 7] = [
    ("statement_timeout", "5min"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "2min"),
    ("client_connection_check_interval", "5s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
];

#[tokio::test]
async fn a_session_has_limits_where_the_server_has_no_stricter_ones() {
    let mut server = Server::new(ServerKind::Postgres).await;
    for (name, value) in SETTINGS {
        assert_eq!(server.value(&format!("SHOW {name}")).await.as_deref(), Some(value), "{name}");
    }
    let database = server.postgres.as_ref().expect("it is one");
    let role = format!("role_of_{}", database.name);
    database.psql(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD 'pw'; ALTER ROLE {role} SET statement_timeout = '7s'; \
         ALTER ROLE {role} SET lock_timeout = '1h'"
    ));
    let url = database.url_for(&role, "pw");
    let value = async |url: &str, sql: &str| {
        let result = run(&mut connections(url, false), sql).await.expect("it can be asked").0;
        result.first_row.expect("a row").swap_remove(0)
    };
    assert_eq!(value(&url, "SHOW statement_timeout").await.as_deref(), Some("7s"), "stricter");
    assert_eq!(value(&url, "SHOW lock_timeout").await.as_deref(), Some("10s"), "not stricter");
    let asked = format!("{url}?options=-c%20lock_timeout=45s");
    assert_eq!(value(&asked, "SHOW lock_timeout").await.as_deref(), Some("45s"), "what the responder gives stays");
}

#[tokio::test]
async fn a_block_may_take_longer_than_the_session_if_it_says_so() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let show = "SELECT current_setting('statement_timeout')";
    let within = async |server: &mut Server, sql: &str, timeout| {
        let (_sender, mut control) = mpsc::unbounded_channel();
        let result = run_with(&mut server.connections, sql, timeout, Recorded::default(), &mut control).await;
        result.expect("it can be asked").0.first_row.expect("a row").swap_remove(0)
    };
    let hour = Some(Duration::from_secs(3600));
    assert_eq!(within(&mut server, show, hour).await.as_deref(), Some("3610s"));
    assert_eq!(within(&mut server, show, NEVER).await.as_deref(), Some("5min"), "for that one only");
    assert_eq!(within(&mut server, show, Some(Duration::from_secs(1))).await.as_deref(), Some("5min"));
    // Within a transaction, and after one that failed.
    server.ok("BEGIN").await;
    assert_eq!(within(&mut server, show, hour).await.as_deref(), Some("3610s"));
    server.error("SELECT nonesuch").await;
    server.ok("ROLLBACK").await;
    assert_eq!(within(&mut server, show, NEVER).await.as_deref(), Some("5min"));
    // What the page sets is the page's.
    server.ok("SET statement_timeout = '20min'").await;
    assert_eq!(within(&mut server, show, hour).await.as_deref(), Some("20min"));
}

#[tokio::test]
async fn what_must_not_be_ended_half_way_has_no_limit_of_its_own() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int)").await;
    server.ok("INSERT INTO t SELECT generate_series(1, 3)").await;
    // Says what it runs under.
    server
        .ok("CREATE FUNCTION told(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN \
             RAISE NOTICE 'limit %', current_setting('statement_timeout'); RETURN $1; END $$")
        .await;
    let (_, output) = server.ok("CREATE INDEX CONCURRENTLY i ON t (told(id))").await;
    assert!(output.err.contains("limit 0\n"), "{}", output.err);
    let (_, output) = server.ok("UPDATE t SET id = told(id) WHERE id = 1").await;
    assert!(output.err.contains("limit 5min\n"), "{}", output.err);
}

#[tokio::test]
async fn a_limit_that_strikes_is_named_with_the_mend() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("SET statement_timeout = '30ms'").await;
    let error = server.error("SELECT pg_sleep(3600)").await;
    let DatabaseError::Statement { message, .. } = error else { panic!("{error:?}") };
    assert!(message.starts_with("canceling statement due to statement timeout\nHINT:  "), "{message}");
    assert!(
        message.contains("statement_timeout is 30ms") && message.contains("`timeout: 1h` for the step"),
        "{message}"
    );
}

/// Tells when the wait is shown with somebody in the way.
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) brief: Option<String>,
    pub(crate) stop: Option<UnboundedSender<Control>>,
}

impl Output for Shown {
    fn write(&mut self, _: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        self.text.push_str(std::str::from_utf8(bytes).expect("whole characters"));
        Ok(())
    }

    fn waiting(&mut self, waiting: &Waiting) {
        if waiting.blocked_by.is_some() {
            self.brief.clone_from(&waiting.blocked_by);
            if let Some(stop) = self.stop.take() {
                stop.send(Control::Interrupt).expect("somebody listens");
            }
        }
    }
}

#[tokio::test]
async fn a_blocked_update_names_who_is_in_its_way_while_it_waits() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int, secret text)").await;
    server.ok("INSERT INTO t VALUES (1, '')").await;
    let mut other = connections(&server.url, false);
    run(&mut other, "BEGIN").await.expect("a transaction");
    run(&mut other, "UPDATE t SET secret = 'hunter2'").await.expect("a lock");
    let process = run(&mut other, "SELECT pg_backend_pid()").await.expect("a number").0.first_row.expect("a row");
    let process = process[0].clone().expect("a number");
    run(&mut other, "UPDATE t SET secret = 'hunter2' WHERE id = 1").await.expect("still its own");

    let (sender, mut control) = mpsc::unbounded_channel();
    let mut shown = Shown { text: String::new(), brief: None, stop: Some(sender) };
    let session = server.connections.open("db").await.expect("it is open");
    let result = session.run("UPDATE t SET secret = ''", NEVER, &mut shown, &mut control).await;
    assert_eq!(result.err(), Some(DatabaseError::Interrupted));
    let brief = shown.brief.expect("it was shown");
    assert_eq!(brief, format!("blocked by process {process} (postgres, runbook)"));
    let line = format!(
        "WAITING:  for a lock; blocked by process {process}, user postgres, application runbook, from 127.0.0.1, idle in transaction for "
    );
    assert!(shown.text.starts_with(&line), "{}", shown.text);
    assert!(shown.text.ends_with(" s: UPDATE t SET secret = '…' WHERE id = 1\n"), "{}", shown.text);
}

#[tokio::test]
async fn a_blocked_alter_stops_and_names_its_blocker_through_the_chain() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int)").await;
    server.ok("INSERT INTO t VALUES (1)").await;
    let database = server.postgres.as_ref().expect("it is one");
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    // One holds the table, a second waits for it, and what comes then for both.
    let mut holder = connections(&server.url, false);
    run(&mut holder, "BEGIN").await.expect("a transaction");
    run(&mut holder, "SELECT * FROM t").await.expect("a lock");
    let mut second = connections(&server.url, false);
    run(&mut second, "SET lock_timeout = 0").await.expect("a setting");
    run(&mut second, "BEGIN").await.expect("a transaction");
    let mut third = connections(&server.url, false);
    run(&mut third, "SET lock_timeout = '3s'").await.expect("a setting");
    let (stop, mut control) = mpsc::unbounded_channel();
    let queued = run_with(&mut second, "LOCK TABLE t", NEVER, Recorded::default(), &mut control);
    let altered = async {
        while database.psql(waiting) != "1" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let error = run(&mut third, "ALTER TABLE t ADD COLUMN name text").await.err().expect("it is ended");
        stop.send(Control::Interrupt).expect("the receiver is there");
        error
    };
    let (queued, error) = tokio::join!(queued, altered);
    assert!(queued.is_err());
    let DatabaseError::Statement { message, .. } = error else { panic!("{error:?}") };
    assert!(message.starts_with("canceling statement due to lock timeout\nBLOCKED BY:  process "), "{message}");
    assert!(message.contains("idle in transaction for") && message.contains("SELECT * FROM t"), "{message}");
    assert!(message.contains("LOCK TABLE t"), "{message}");
    assert!(message.contains("\nHINT:  end what is in the way, or wait longer with `SET lock_timeout"), "{message}");
}

#[tokio::test]
async fn the_limits_hold_after_all_settings_were_reset() {
    let mut server = Server::new(ServerKind::Postgres).await;
    for reset in ["RESET ALL", "DISCARD ALL"] {
        server.ok(reset).await;
        for (name, value) in SETTINGS {
            assert_eq!(server.value(&format!("SHOW {name}")).await.as_deref(), Some(value), "{name} after {reset}");
        }
        assert_eq!(server.value("SHOW timezone").await.as_deref(), Some("Asia/Tokyo"), "not the driver's, {reset}");
    }
}
