//! What a database session promises, held against both kinds of server.

mod servers;

use runbook::effect::{
    Control, DatabaseError, Databases, Output, OutputError, ServerKind, StatementResult, Stream, Waiting,
};
use runbook::sql::{Connections, Target};
use servers::postgres;
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// A statement that never ends, on either server.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n";

/// Far away: a test that gets there hangs.
const NEVER: Option<Duration> = None;

#[derive(Default)]
struct Recorded {
    out: String,
    err: String,
    /// Told to end a statement when this is written.
    interrupt_on: Option<(&'static str, UnboundedSender<Control>)>,
}

impl Output for Recorded {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        let text = std::str::from_utf8(bytes).expect("whole characters");
        match stream {
            Stream::Out => self.out.push_str(text),
            Stream::Err => self.err.push_str(text),
        }
        if let Some((word, sender)) = &self.interrupt_on
            && text.contains(word)
        {
            sender.send(Control::Interrupt).expect("somebody listens");
        }
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}

/// A connection to a fresh database.
struct Server {
    connections: Connections,
    url: String,
    postgres: Option<postgres::Database>,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn new(kind: ServerKind) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (url, postgres) = match kind {
            ServerKind::Postgres => {
                let database = postgres::server().database();
                (database.url.clone(), Some(database))
            }
            ServerKind::Sqlite => {
                let url = runbook::sql::seed(&folder.path().join("test.db"), "").await.expect("a new database");
                (url, None)
            }
        };
        Self { connections: connections(&url, false), url, postgres, _folder: folder }
    }

    /// Another session on the same database.
    fn beside(&self, read_only: bool) -> Connections {
        connections(&self.url, read_only)
    }

    async fn run(&mut self, sql: &str) -> Result<(StatementResult, Recorded), DatabaseError> {
        run(&mut self.connections, sql).await
    }

    async fn ok(&mut self, sql: &str) -> (StatementResult, Recorded) {
        self.run(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    async fn error(&mut self, sql: &str) -> DatabaseError {
        self.run(sql).await.err().unwrap_or_else(|| panic!("{sql} should fail"))
    }

    /// The single value of a query.
    async fn value(&mut self, sql: &str) -> Option<String> {
        self.ok(sql).await.0.first_row.expect("a row").swap_remove(0)
    }

    async fn in_transaction(&mut self) -> bool {
        let session = self.connections.open("db").await.expect("the session is open");
        session.in_transaction().await.expect("the server can be asked")
    }
}

fn connections(url: &str, read_only: bool) -> Connections {
    Connections::new([("db".to_owned(), Target::new(url.to_owned(), read_only))])
}

async fn run(connections: &mut Connections, sql: &str) -> Result<(StatementResult, Recorded), DatabaseError> {
    let (_sender, mut control) = mpsc::unbounded_channel();
    run_with(connections, sql, NEVER, Recorded::default(), &mut control).await
}

async fn run_with(
    connections: &mut Connections,
    sql: &str,
    timeout: Option<Duration>,
    mut output: Recorded,
    control: &mut UnboundedReceiver<Control>,
) -> Result<(StatementResult, Recorded), DatabaseError> {
    let session = connections.open("db").await?;
    let result = session.run(sql, timeout, &mut output, control).await?;
    Ok((result, output))
}

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

/// Each of these is one test on each server.
macro_rules! contract {
    ($($(#[$about:meta])* async fn $name:ident(mut $server:ident) $body:block)*) => {
        mod contract {
            pub(super) mod postgres {
                $(#[tokio::test] async fn $name() {
                    super::super::$name(super::super::Server::new(runbook::effect::ServerKind::Postgres).await).await;
                })*
            }
            pub(super) mod sqlite {
                $(#[tokio::test] async fn $name() {
                    super::super::$name(super::super::Server::new(runbook::effect::ServerKind::Sqlite).await).await;
                })*
            }
        }
        $($(#[$about])* async fn $name(mut $server: Server) $body)*
    };
}

contract! {
    async fn rows_are_an_aligned_table(mut server) {
        let (result, output) = server.ok("SELECT 7 AS id, 'one' AS name UNION ALL SELECT 42, NULL ORDER BY 1").await;
        assert_eq!(output.out, " id |  name\n----+--------\n  7 | one\n 42 | (null)\n(2 rows)\n");
        assert_eq!(result.columns, ["id", "name"]);
        assert_eq!(result.first_row, Some(vec![Some("7".to_owned()), Some("one".to_owned())]));
        assert_eq!((result.rows, result.affected), (Some(2), None));
    }

    async fn null_is_told_from_empty_and_from_the_word(mut server) {
        let (result, output) = server.ok("SELECT NULL AS a, '' AS b, 'NULL' AS c").await;
        assert_eq!(result.first_row, Some(vec![None, Some(String::new()), Some("NULL".to_owned())]));
        assert!(output.out.contains("\n (null) |   | NULL\n"), "{}", output.out);
    }

    async fn a_result_without_rows_keeps_its_columns(mut server) {
        server.ok("CREATE TABLE t (id int, name text)").await;
        let (result, output) = server.ok("SELECT id, name FROM t").await;
        assert_eq!(output.out, " id | name\n----+------\n(0 rows)\n");
        assert_eq!((result.rows, result.columns.len()), (Some(0), 2));
        let (result, output) = server.ok("UPDATE t SET id = 1 RETURNING id").await;
        assert_eq!(output.out, " id\n----\n(0 rows)\nUPDATE 0\n");
        assert_eq!((result.rows, result.affected), (Some(0), Some(0)));
    }

    async fn changes_are_counted_and_named(mut server) {
        for (sql, tag, affected) in [
            ("CREATE TABLE t (id int)", "CREATE TABLE\n", None),
            ("INSERT INTO t VALUES (1), (2), (3)", "INSERT 0 3\n", Some(3)),
            ("-- all of them\nUPDATE t SET id = id + 1", "UPDATE 3\n", Some(3)),
            ("BEGIN", "BEGIN\n", None),
            ("DELETE FROM t WHERE id = 2", "DELETE 1\n", Some(1)),
            ("COMMIT", "COMMIT\n", None),
            ("UPDATE t SET id = 0 WHERE id > 99", "UPDATE 0\n", Some(0)),
        ] {
            let (result, output) = server.ok(sql).await;
            assert_eq!((output.out.as_str(), result.affected, result.rows), (tag, affected, None), "{sql}");
        }
        let (result, _) = server.ok("SELECT * FROM t").await;
        assert_eq!((result.rows, result.affected), (Some(2), None), "a stale count is not taken for this one's");
    }

    async fn what_a_statement_sets_is_there_for_the_next(mut server) {
        server.ok("CREATE TEMP TABLE scratch (a int)").await;
        server.ok("INSERT INTO scratch VALUES (5)").await;
        assert_eq!(server.value("SELECT a FROM scratch").await.as_deref(), Some("5"));
    }

    async fn an_error_has_the_servers_words_and_the_place(mut server) {
        let sql = "SELECT 'é', nonesuch FROM (SELECT 1) AS x";
        let DatabaseError::Statement { message, offset } = server.error(sql).await else { panic!("a statement's error") };
        assert!(message.contains("nonesuch"), "{message}");
        assert_eq!(offset, sql.find("nonesuch"), "bytes, not characters");
        assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"), "the session goes on");
    }

    async fn a_transaction_is_known_after_errors_too(mut server) {
        server.ok("CREATE TABLE t (id int PRIMARY KEY)").await;
        assert!(!server.in_transaction().await);
        server.ok("BEGIN").await;
        assert!(server.in_transaction().await, "before anything is done in it");
        server.ok("INSERT INTO t VALUES (1)").await;
        server.error("INSERT INTO t VALUES (1)").await;
        assert!(server.in_transaction().await, "after an error");
        server.ok("ROLLBACK").await;
        assert!(!server.in_transaction().await);
        server.error("SELECT * FROM nonesuch").await;
        assert!(!server.in_transaction().await);
        assert_eq!(server.value("SELECT count(*) FROM t").await.as_deref(), Some("0"));
    }

    async fn asking_for_columns_does_not_disturb_a_transaction(mut server) {
        server.ok("CREATE TABLE t (id int)").await;
        server.ok("BEGIN").await;
        server.ok("INSERT INTO t VALUES (1)").await;
        server.ok("SELECT id FROM t WHERE id = 2").await;
        server.ok("COMMIT").await;
        assert_eq!(server.value("SELECT count(*) FROM t").await.as_deref(), Some("1"));
    }

    async fn a_read_only_session_refuses_to_write(mut server) {
        server.ok("CREATE TABLE t (id int)").await;
        let mut reader = server.beside(true);
        let target = reader.open("db").await.expect("it can be opened").target().to_owned();
        assert!(target.ends_with(" · READ-ONLY"), "{target}");
        for sql in ["INSERT INTO t VALUES (1)", "SET default_transaction_read_only = off", "PRAGMA query_only = off", "DROP TABLE t"] {
            let result = run(&mut reader, sql).await;
            assert!(matches!(result, Err(DatabaseError::Statement { .. })), "{sql}");
        }
        assert_eq!(run(&mut reader, "SELECT * FROM t").await.expect("it may read").0.rows, Some(0));
    }

    async fn a_statement_ends_at_its_timeout(mut server) {
        let (_sender, mut control) = mpsc::unbounded_channel();
        let timeout = Some(Duration::from_millis(50));
        let result = run_with(&mut server.connections, ENDLESS, timeout, Recorded::default(), &mut control).await;
        assert_eq!(result.err(), Some(DatabaseError::TimedOut));
        assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"), "the session goes on");
    }

    async fn a_statement_ends_when_the_responder_wants(mut server) {
        let (sender, mut control) = mpsc::unbounded_channel();
        let statement = run_with(&mut server.connections, ENDLESS, NEVER, Recorded::default(), &mut control);
        let responder = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            sender.send(Control::Interrupt).expect("the receiver is there");
        };
        let (result, ()) = tokio::join!(statement, responder);
        assert_eq!(result.err(), Some(DatabaseError::Interrupted));
        assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"), "the session goes on");
    }

    async fn a_statement_interrupted_before_it_is_sent_does_not_run(mut server) {
        server.ok("CREATE TABLE t (id int)").await;
        let (sender, mut control) = mpsc::unbounded_channel();
        sender.send(Control::Interrupt).expect("the receiver is there");
        let sql = "INSERT INTO t VALUES (1)";
        let result = run_with(&mut server.connections, sql, NEVER, Recorded::default(), &mut control).await;
        assert_eq!(result.err(), Some(DatabaseError::Interrupted));
        assert_eq!(server.value("SELECT count(*) FROM t").await.as_deref(), Some("0"));
    }

    async fn a_nul_in_a_statement_is_refused(mut server) {
        let error = server.error("SELECT 1\0; DROP TABLE t").await;
        assert!(matches!(error, DatabaseError::Statement { offset: Some(8), .. }), "{error:?}");
        assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"));
    }

    /// Stopped again and again at any moment, it never takes the next one's
    /// place: each statement here either ends or is the one that was stopped.
    async fn no_request_to_stop_hits_another_statement(mut server) {
        for round in 0..20_u64 {
            let (_sender, mut control) = mpsc::unbounded_channel();
            let timeout = Some(Duration::from_micros(round * 150));
            let sql = "SELECT 1";
            let result = run_with(&mut server.connections, sql, timeout, Recorded::default(), &mut control).await;
            assert!(matches!(result, Ok(_) | Err(DatabaseError::TimedOut)), "{:?}", result.err());
            assert_eq!(server.value("SELECT 2").await.as_deref(), Some("2"));
        }
    }

    async fn a_statement_that_is_given_up_leaves_no_transaction(mut server) {
        server.ok("CREATE TABLE t (id int)").await;
        server.ok("BEGIN").await;
        server.ok("INSERT INTO t VALUES (1)").await;
        {
            let statement = server.run(ENDLESS);
            let given_up = tokio::time::timeout(Duration::from_millis(50), statement).await;
            assert!(given_up.is_err());
        }
        assert!(!server.in_transaction().await, "a new session");
        assert_eq!(server.value("SELECT count(*) FROM t").await.as_deref(), Some("0"));
    }

    async fn many_rows_are_counted_and_the_first_are_written(mut server) {
        let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n";
        let (result, output) = server.ok(sql).await;
        assert_eq!(result.rows, Some(100_000));
        assert!(output.out.ends_with("10000\n… 90,000 more rows not shown\n(100000 rows)\n"));
        assert_eq!(output.out.lines().count(), 10_004);
    }
}

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
async fn a_function_does_not_lift_read_only_for_the_next_statement() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int)").await;
    let mut reader = server.beside(true);
    run(&mut reader, "SELECT set_config('default_transaction_read_only', 'off', false)").await.expect("a query");
    assert!(run(&mut reader, "INSERT INTO t VALUES (1)").await.is_err());
}

#[tokio::test]
async fn a_hundred_megabytes_of_rows_are_not_held_in_memory() {
    fn peak_kilobytes() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux says how much memory is used");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the peak is among it");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("SELECT 1").await;
    let before = peak_kilobytes();
    let (result, _) = server.ok("SELECT repeat('x', 1000) FROM generate_series(1, 100000)").await;
    assert_eq!(result.rows, Some(100_000));
    // What is written, ten megabytes, is held by this test.
    let grown = peak_kilobytes() - before;
    assert!(grown < 50_000, "{grown} kB more");
}

#[tokio::test]
async fn sqlite_values_are_as_its_shell_prints_them() {
    let mut server = Server::new(ServerKind::Sqlite).await;
    let row = server.ok("SELECT 1.0, 0.1, 1e100, -7, x'00ff', 9223372036854775807, 'é'").await.0.first_row;
    let row: Vec<String> = row.expect("a row").into_iter().map(|value| value.expect("no NULL")).collect();
    assert_eq!(row, ["1.0", "0.1", "1.0e+100", "-7", "X'00FF'", "9223372036854775807", "é"]);
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
    let mysql = refusal("mysql://u:hunter2@localhost/x").await;
    assert!(mysql.contains("mysql is not a kind of database"), "{mysql}");
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
async fn a_seeded_schema_serves_qualified_names_from_other_processes_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seed = "CREATE SCHEMA ops;\nCREATE TABLE ops.job_queue (id int, name text);\n\
                INSERT INTO ops.job_queue VALUES (1, 'stuck'), (2, NULL);\nCREATE TABLE plain (a int);\n";
    let url = runbook::sql::seed(&folder.path().join("odd ?#%.db"), seed).await.expect("the seed is right");
    let mut session = connections(&url, false);
    let (result, _) = run(&mut session, "SELECT * FROM ops.job_queue ORDER BY id").await.expect("as on Postgres");
    assert_eq!(result.rows, Some(2));

    let printed =
        runbook::sql::execute(&url, "DELETE FROM ops.job_queue WHERE id = 1; SELECT * FROM ops.job_queue").await;
    assert_eq!(printed.as_deref(), Ok("2|\n"));
    let (result, _) = run(&mut session, "SELECT * FROM ops.job_queue").await.expect("the session is still there");
    assert_eq!(result.rows, Some(1), "what another process did is seen");

    let again = runbook::sql::seed(&folder.path().join("odd ?#%.db"), "").await;
    assert!(again.is_err(), "a file that is there is not touched");
}

#[tokio::test]
async fn a_faulty_seed_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seed = "CREATE SCHEMA ops;\nCREATE TABLE ops.a (id int);\nINSRT INTO ops.a VALUES (1);\n";
    let error = runbook::sql::seed(&folder.path().join("x.db"), seed).await.expect_err("INSRT is no command");
    assert_eq!(
        error,
        DatabaseError::Statement { message: "near \"INSRT\": syntax error".to_owned(), offset: seed.find("INSRT") }
    );
}
