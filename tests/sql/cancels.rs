//! Ctrl-C at any moment ends the statement at hand or none.

use crate::{NEVER, Recorded, Server, run_with};
use runbook::effect::{Control, DatabaseError, ServerKind};
use std::time::Duration;
use tokio::sync::mpsc;

/// How often a statement is cancelled here. With 1,000 in its place it says the
/// same, and takes a minute.
const ROUNDS: u32 = 200;

/// What is cancelled: it waits, sends much, changes rows in a transaction, or is
/// over by itself before or after.
const STATEMENTS: [&str; 5] = [
    "SELECT pg_sleep(3600)",
    "SELECT i, repeat('x', 100) FROM generate_series(1, 10000000) AS i",
    "UPDATE t SET n = n + 1 FROM pg_sleep(3600)",
    "SELECT 1",
    "SELECT count(*) FROM generate_series(1, 20000)",
];

/// Numbers below one that fall everywhere: the golden ratio's multiples.
fn spread(round: u32, step: f64) -> f64 {
    f64::from(round) * step % 1.0
}

#[tokio::test]
async fn cancelled_at_any_moment_no_other_statement_is_hit_and_no_session_is_left() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (n int)").await;
    server.ok("INSERT INTO t VALUES (0)").await;
    let process = server.value("SELECT pg_backend_pid()").await;
    let mut ended = 0;
    for round in 0..ROUNDS {
        let statement = STATEMENTS[round as usize % STATEMENTS.len()];
        let transaction = statement.starts_with("UPDATE");
        if transaction {
            server.ok("BEGIN").await;
        }
        let (sender, mut control) = mpsc::unbounded_channel();
        let moment = Duration::from_secs_f64(spread(round, 0.618_033_988_75) * 0.004);
        let running = run_with(&mut server.connections, statement, NEVER, Recorded::default(), &mut control);
        let responder = async {
            tokio::time::sleep(moment).await;
            // It may be over by itself.
            let _ = sender.send(Control::Interrupt);
        };
        let (result, ()) = tokio::join!(running, responder);
        match result {
            Err(DatabaseError::Interrupted) => ended += 1,
            Err(error) => panic!("round {round}, {statement}: {error}"),
            Ok((result, _)) => {
                assert!(statement.starts_with("SELECT 1") || statement.contains("count"), "{statement} went on");
                assert!(result.first_row.is_some());
            }
        }
        if transaction {
            assert!(server.in_transaction().await, "round {round}");
            server.ok("ROLLBACK").await;
        }
        // Whatever were still under way would hit one of these; the last of
        // them has the same text as what was cancelled.
        for canary in ["SELECT 2", "SELECT count(*) FROM t", "UPDATE t SET n = n", "SELECT 1"] {
            server.run(canary).await.unwrap_or_else(|error| panic!("round {round}: {canary} was hit: {error}"));
        }
        assert!(!server.in_transaction().await, "round {round}");
    }
    assert!(ended > ROUNDS / 2, "{ended} of {ROUNDS} were ended");
    assert_eq!(server.value("SELECT pg_backend_pid()").await, process, "all on one session");
    assert_eq!(server.value("SELECT n FROM t").await.as_deref(), Some("0"), "nothing cancelled was kept");
    // Those that asked for the cancel leave by themselves.
    let database = server.postgres.as_ref().expect("it is one");
    let sessions = "SELECT string_agg(state, ' ') FROM pg_stat_activity WHERE application_name = 'runbook' \
                    AND datname = current_database()";
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while database.psql(sessions) != "idle" {
        assert!(tokio::time::Instant::now() < deadline, "{}", database.psql(sessions));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_was_over_before_it_could_be_cancelled_says_so() {
    let mut server = Server::new(ServerKind::Postgres).await;
    let (sender, mut control) = mpsc::unbounded_channel();
    // Told in the middle of the statement, which ends by itself a little later.
    let output = Recorded { interrupt_on: Some(("nearly", sender)), ..Recorded::default() };
    let statement = "DO $$ BEGIN RAISE NOTICE 'nearly'; END $$";
    let ended = run_with(&mut server.connections, statement, NEVER, output, &mut control).await;
    let (result, _) = ended.expect("it was over");
    assert!(result.interrupted, "nothing is to be sent after it");
}
