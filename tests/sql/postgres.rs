//! What is Postgres' own.

use crate::{ENDLESS, NEVER, Recorded, Server, run, run_with};
use runbook::effect::{DatabaseError, Databases as _, Output, OutputError, ServerKind, Stream, Waiting};
use std::time::Duration;
use tokio::sync::mpsc;

#[tokio::test]
async fn postgres_values_are_the_servers_own_text() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let sql = "SELECT true, 'a'::bytea, 0.1::float8, 1e20::float8, 1.50::numeric, '{1,NULL}'::int[], \
               '{\"a\": 1}'::jsonb, interval '1 day 02:00', ROW(1, 'x y'), '10.0.0.0/8'::cidr";
    let row = server.ok(sql).await.0.first_row.expect("a row");
    let row: Vec<&str> = row.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
    let expected =
        ["t", "\\x61", "0.1", "1e+20", "1.50", "{1,NULL}", "{\"a\": 1}", "1 day 02:00:00", "(1,\"x y\")", "10.0.0.0/8"];
    assert_eq!(row, expected);
}

#[tokio::test]
async fn the_session_is_the_same_after_a_statement_was_stopped() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let before = server.value("SELECT pg_backend_pid()").await;
    let (_sender, mut control) = mpsc::unbounded_channel();
    let timeout = Some(Duration::from_millis(20));
    let result = run_with(&mut server.connections, ENDLESS, timeout, Recorded::default(), &mut control).await;
    assert_eq!(result.err(), Some(DatabaseError::TimedOut));
    assert_eq!(server.value("SELECT pg_backend_pid()").await, before, "cancelled, not torn down");
}

#[tokio::test]
async fn a_hundred_megabytes_of_rows_are_not_held_in_memory() {
    fn peak_kilobytes() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux says how much memory is used");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the peak is among it");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }
    /// Keeps nothing but the length.
    #[derive(Default)]
    struct Length(usize);

    impl Output for Length {
        fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
            Ok(())
        }

        fn waiting(&mut self, _: &Waiting) {}

        fn keep_rows(&mut self, csv: &[u8], _: u64) -> Result<(), OutputError> {
            self.0 += csv.len();
            Ok(())
        }
    }
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("SELECT 1").await;
    let before = peak_kilobytes();
    let (_sender, mut control) = mpsc::unbounded_channel();
    let session = server.connections.open("db").await.expect("it is open");
    let sql = "SELECT repeat('x', 1000) FROM generate_series(1, 100000)";
    let mut length = Length::default();
    let result = session.run(sql, NEVER, &mut length, &mut control).await.expect("it runs");
    assert_eq!((result.rows, length.0), (Some(100_000), 100_100_000 + "repeat\n".len()));
    let grown = peak_kilobytes() - before;
    assert!(grown < 10_000, "{grown} kB more");
}

#[tokio::test]
async fn a_backslash_ends_no_quote_whatever_the_database_is_set_to() {
    let server = Server::new(ServerKind::Postgres).await;
    let database = server.postgres.as_ref().expect("it is one");
    database.psql(&format!("ALTER DATABASE {} SET standard_conforming_strings = off", database.name));
    // The session that is open already has the old setting.
    let mut fresh = server.beside(false);
    let (result, _) = run(&mut fresh, "SELECT 'a\\', 'b'").await.expect("two texts");
    assert_eq!(result.first_row.expect("a row"), [Some("a\\".to_owned()), Some("b".to_owned())]);
}

#[tokio::test]
async fn notices_come_in_order_as_the_server_words_them() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let (_, output) = server
        .ok("DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; RAISE INFO 'three'; RAISE NOTICE 'four'; END $$")
        .await;
    assert_eq!(output.err, "NOTICE:  one\nWARNING:  two\nINFO:  three\nNOTICE:  four\n");
    assert_eq!(output.out, "DO\n");
    let (_, output) = server.ok("DROP TABLE IF EXISTS nonesuch").await;
    assert_eq!(output.err, "NOTICE:  table \"nonesuch\" does not exist, skipping\n");
}

#[tokio::test]
async fn a_notice_is_written_while_the_statement_still_runs() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let (sender, mut control) = mpsc::unbounded_channel();
    let output = Recorded { interrupt_on: Some(("started", sender)), ..Recorded::default() };
    let sql = "DO $$ BEGIN RAISE NOTICE 'started'; PERFORM pg_sleep(3600); END $$";
    let result = run_with(&mut server.connections, sql, NEVER, output, &mut control).await;
    assert_eq!(result.err(), Some(DatabaseError::Interrupted));
}

#[tokio::test]
async fn nothing_of_a_stopped_statement_runs_on_in_postgres() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let (_sender, mut control) = mpsc::unbounded_channel();
    let timeout = Some(Duration::from_millis(50));
    let sql = "SELECT pg_sleep(3600)";
    let result = run_with(&mut server.connections, sql, timeout, Recorded::default(), &mut control).await;
    assert_eq!(result.err(), Some(DatabaseError::TimedOut));
    let running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'runbook' \
                   AND state <> 'idle' AND datname = current_database()";
    assert_eq!(server.postgres.as_ref().expect("it is one").psql(running), "0");
}

#[tokio::test]
async fn a_failed_transaction_is_not_taken_for_a_committed_one() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int)").await;
    server.ok("BEGIN").await;
    server.ok("INSERT INTO t VALUES (1)").await;
    server.error("SELECT nonesuch").await;
    let error = server.error("COMMIT").await.to_string();
    assert!(error.contains("rolled back"), "{error}");
    assert!(!server.in_transaction().await);
}

#[tokio::test]
async fn copy_through_the_client_is_refused_and_the_session_goes_on() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int)").await;
    for sql in ["COPY t FROM STDIN", "COPY t TO STDOUT"] {
        let error = server.error(sql).await.to_string();
        assert!(error.contains("\\copy"), "{error}");
    }
    assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn an_error_carries_detail_and_hint() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int PRIMARY KEY)").await;
    server.ok("INSERT INTO t VALUES (1)").await;
    let error = server.error("INSERT INTO t VALUES (1)").await.to_string();
    let expected = "duplicate key value violates unique constraint \"t_pkey\"\nDETAIL:  Key (id)=(1) already exists.";
    assert_eq!(error, expected);
    let error = server.error("SELECT idd FROM t").await.to_string();
    assert!(error.contains("\nHINT:  "), "{error}");
}

#[tokio::test]
async fn where_the_servers_log_holds_a_secret_that_is_said_once() {
    const NOTE: &str = "Note: the server logs statements with their parameters, and its log holds the secrets that are \
                        used here\n";
    for (settings, expected) in [
        ("log_statement = 'all'", NOTE),
        ("log_min_duration_statement = 0", NOTE),
        ("log_statement = 'mod'", ""),
        ("log_min_duration_statement = '10s'", ""),
    ] {
        let mut server = Server::new(ServerKind::Postgres).await;
        let database = server.postgres.as_ref().expect("it is one");
        database.psql(&format!("ALTER DATABASE \"{}\" SET {settings}", database.name));
        let session = server.connections.open("db").await.expect("it can be opened");
        session.bind(&[("RUNBOOK_SECRET_T".to_owned(), "hunter2".to_owned())]);
        assert_eq!(server.ok("SELECT 1").await.1.err, "", "no secret is used: {settings}");
        let used = "SELECT length(current_setting('runbook.secret_t'))";
        let said = [server.ok(used).await.1.err, server.ok(used).await.1.err];
        assert_eq!(said, [expected, ""], "{settings}");
    }
}
