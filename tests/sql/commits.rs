//! What is said of a COMMIT that got no answer is what is in the database.

use crate::servers::postgres::{self, Database};
use crate::servers::proxy::{COMMIT, Cut, Place, Proxy};
use crate::{Recorded, Server, connections, run};
use futures_util::StreamExt as _;
use runbook::effect::{CommitVerdict, Databases, ServerKind};
use runbook::engine::{Sending, commit};
use runbook::run::{ServerSession, ServerTransaction, TransactionDecision};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc;

/// How many are tried at the same time: some have to wait for the server.
const AT_ONCE: usize = 16;

/// A row that is inserted makes its COMMIT take so long, or fail.
const TABLE: &str = "
    CREATE TABLE kept (point int, takes float, fails boolean);
    CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_sleep(NEW.takes);
        IF NEW.fails THEN RAISE EXCEPTION 'not today'; END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON kept DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.takes > 0 OR NEW.fails) EXECUTE FUNCTION at_commit();";

#[derive(Debug, Clone, Copy)]
struct Point {
    cut: Cut,
    /// How long COMMIT takes at the server, in seconds.
    takes: f64,
    /// Whether the server refuses it.
    fails: bool,
}

const NOW: Duration = Duration::ZERO;
/// Longer than a verdict waits before it ends the old session.
const LONG: Duration = Duration::from_secs(4);

/// Before, within and after COMMIT, and before, within and after its answer; the
/// server told at once or late; with little to do at COMMIT, with much, refused.
fn points() -> Vec<Point> {
    let millis = Duration::from_millis;
    let mut points = Vec::new();
    for reset in [false, true] {
        let mut add = |place, server_later, takes, fails| {
            points.push(Point { cut: Cut { place, reset, server_later }, takes, fails });
        };
        for bytes in 0..=COMMIT.len() {
            for server_later in [NOW, millis(5), millis(300), LONG] {
                add(Place::Sent(bytes), server_later, 0.0, false);
            }
        }
        for bytes in 0..=18 {
            for server_later in [NOW, millis(50)] {
                add(Place::Answered(bytes), server_later, 0.0, false);
            }
        }
        for bytes in [0, 1, 5, 40] {
            add(Place::Answered(bytes), NOW, 0.0, true);
            add(Place::Answered(bytes), NOW, 0.05, false);
        }
        for micros in [0, 20, 50, 100, 200, 300, 400, 700, 1_000, 1_500, 2_000, 3_000] {
            add(Place::After(Duration::from_micros(micros)), NOW, 0.0, false);
            add(Place::After(Duration::from_micros(micros)), NOW, 0.002, false);
        }
        for late in [0, 1, 5, 20, 60, 200, 700, 1_500, 1_950, 2_050, 2_500, 3_000] {
            add(Place::Late(millis(late)), LONG, 0.0, false);
        }
        for takes in [0.01, 0.1, 0.5, 1.5, 1.98, 2.02, 2.5, 3.0] {
            add(Place::Sent(COMMIT.len()), NOW, takes, false);
            add(Place::Sent(COMMIT.len()), LONG, takes, false);
        }
        add(Place::Late(millis(500)), LONG, 1.0, false);
        add(Place::Late(millis(100)), LONG, 0.0, true);
    }
    points
}

/// Inserts a row and commits it over a connection that is cut.
async fn verdict_at(number: usize, point: Point, database: &Database) -> CommitVerdict {
    let proxy = Proxy::start(postgres::server().port(), point.cut, true).await;
    let mut connections = connections(&proxy.url(&database.url), false);
    let insert = format!("INSERT INTO kept VALUES ({number}, {}, {})", point.takes, point.fails);
    for sql in ["BEGIN", &insert] {
        run(&mut connections, sql).await.unwrap_or_else(|error| panic!("{point:?}: {sql}: {error}"));
    }
    let verdict = commit_now(&mut connections).await;
    assert!(proxy.has_cut(), "{point:?}");
    verdict
}

/// Commits as the engine does.
async fn commit_now(connections: &mut runbook::sql::Connections) -> CommitVerdict {
    let (_sender, mut control) = mpsc::unbounded_channel();
    let session = connections.open("db").await.expect("the session is open");
    let transaction = session.transaction().await.expect("the transaction is open");
    assert!(transaction.number.is_some() && transaction.session.is_some(), "{transaction:?}");
    commit(session, &transaction, Sending::default(), &mut control, &mut Recorded::default()).await
}

/// Waits until the server has no session of ours any more.
async fn until_nobody_is_left(database: &Database) {
    let left = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'runbook' AND datname = '{}'",
        database.name
    );
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while postgres::server().psql("postgres", &left) != "0" {
        assert!(tokio::time::Instant::now() < deadline, "sessions are left behind");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn cut_at_three_hundred_points_around_commit_the_verdict_is_the_databases_truth() {
    let database = postgres::server().database();
    database.psql(TABLE);
    let points = points();
    assert!(points.len() >= 300, "{} points", points.len());
    let verdicts: Vec<_> = futures_util::stream::iter(points.iter().copied().enumerate())
        .map(|(number, point)| {
            let database = &database;
            async move { (number, point, verdict_at(number, point, database).await) }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    until_nobody_is_left(&database).await;
    let kept: BTreeSet<usize> = database
        .psql("SELECT point FROM kept")
        .lines()
        .map(|point| point.parse().expect("the number of a point"))
        .collect();
    let mut told = [0, 0];
    for (number, point, CommitVerdict { decision, basis }) in verdicts {
        let truth = kept.contains(&number);
        match decision {
            TransactionDecision::Committed => assert!(truth, "{point:?} is called committed: {basis}"),
            TransactionDecision::RolledBack => assert!(!truth, "{point:?} is called rolled back: {basis}"),
            // The server could be asked at each of them.
            TransactionDecision::Unknown => panic!("{point:?}: {basis}"),
        }
        if matches!(point.cut.place, Place::Sent(..12) | Place::Late(_)) || point.fails {
            assert!(!basis.is_empty(), "{point:?}: it is said where the verdict comes from");
        }
        told[usize::from(truth)] += 1;
    }
    assert!(told.iter().all(|times| *times > 60), "both happen: {told:?}");
}

#[tokio::test]
async fn where_the_server_cannot_be_asked_the_outcome_is_unknown() {
    let database = postgres::server().database();
    database.psql(TABLE);
    let cut = Cut { place: Place::Answered(0), reset: true, server_later: NOW };
    let proxy = Proxy::start(postgres::server().port(), cut, false).await;
    let mut connections = connections(&proxy.url(&database.url), false);
    for sql in ["BEGIN", "INSERT INTO kept VALUES (1, 0, false)"] {
        run(&mut connections, sql).await.expect("the connection is not cut yet");
    }
    let CommitVerdict { decision, basis } = commit_now(&mut connections).await;
    assert_eq!(decision, TransactionDecision::Unknown);
    assert!(basis.contains("nobody knows whether the changes were kept: the server could not be asked"), "{basis}");
}

#[tokio::test]
async fn a_verdict_is_that_of_the_same_server_or_none() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.ok("CREATE TABLE t (id int)").await;
    server.ok("BEGIN").await;
    server.ok("INSERT INTO t VALUES (1)").await;
    let session = server.connections.open("db").await.expect("it is open");
    let transaction = session.transaction().await.expect("it is open");
    let known_as = transaction.session.clone().expect("the server tells");
    server.ok("COMMIT").await;

    let ask = async |connections: &mut runbook::sql::Connections, asked: ServerTransaction| {
        let session = connections.open("db").await.expect("it can be opened");
        session.verdict(&asked).await
    };
    let verdict = ask(&mut server.connections, transaction.clone()).await;
    assert_eq!(verdict.decision, TransactionDecision::Committed, "{}", verdict.basis);

    let other_server = ServerSession { server: format!("{}0", known_as.server), ..known_as.clone() };
    let crashed_since = ServerSession { epoch: "0".to_owned(), ..known_as.clone() };
    let number = transaction.number.clone();
    for (asked, why) in [
        (ServerTransaction { number: number.clone(), session: Some(other_server) }, "not the same server"),
        (ServerTransaction { number: number.clone(), session: Some(crashed_since) }, "recovered from a crash"),
        (ServerTransaction { number: number.clone(), session: None }, "which server"),
        (ServerTransaction { number: None, session: Some(known_as.clone()) }, "no number"),
        (ServerTransaction { number: Some("4000000000".to_owned()), session: Some(known_as.clone()) }, "in the future"),
    ] {
        let verdict = ask(&mut server.connections, asked).await;
        assert_eq!(verdict.decision, TransactionDecision::Unknown, "{}", verdict.basis);
        assert!(verdict.basis.contains(why), "{}", verdict.basis);
    }

    // A database beside it has other transactions under the same numbers.
    let mut beside = connections(&postgres::server().database().url, false);
    let verdict = ask(&mut beside, transaction).await;
    assert_eq!(verdict.decision, TransactionDecision::Unknown, "{}", verdict.basis);
}

#[tokio::test]
async fn a_role_that_may_do_little_gets_a_verdict_too() {
    let database = postgres::server().database();
    let role = format!("role_of_{}", database.name);
    database.psql(&format!("{TABLE} CREATE ROLE {role} LOGIN PASSWORD 'pw'; GRANT ALL ON kept TO {role}"));
    let cut = Cut { place: Place::Answered(3), reset: false, server_later: NOW };
    let proxy = Proxy::start(postgres::server().port(), cut, true).await;
    let mut connections = connections(&proxy.url(&database.url_for(&role, "pw")), false);
    for sql in ["BEGIN", "INSERT INTO kept VALUES (1, 0, false)"] {
        run(&mut connections, sql).await.expect("the connection is not cut yet");
    }
    let CommitVerdict { decision, basis } = commit_now(&mut connections).await;
    assert_eq!(decision, TransactionDecision::Committed, "{basis}");
    assert!(basis.contains("the changes are kept: asked on a new connection"), "{basis}");
}

#[tokio::test]
async fn a_commit_that_is_interrupted_is_known_too() {
    let mut server = Server::new(ServerKind::Postgres).await;
    server.postgres.as_ref().expect("it is one").psql(TABLE);
    server.ok("BEGIN").await;
    server.ok("INSERT INTO kept VALUES (1, 3600, false)").await;
    let (sender, mut control) = mpsc::unbounded_channel();
    let session = server.connections.open("db").await.expect("it is open");
    let transaction = session.transaction().await.expect("it is open");
    let mut shown = Recorded::default();
    let committing = commit(session, &transaction, Sending::default(), &mut control, &mut shown);
    let database = server.postgres.as_ref().expect("it is one");
    let responder = async {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query = 'COMMIT' \
                        AND datname = current_database()";
        while database.psql(sleeping) != "1" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        sender.send(runbook::effect::Control::Interrupt).expect("the receiver is there");
    };
    let (verdict, ()) = tokio::join!(committing, responder);
    assert_eq!(verdict.decision, TransactionDecision::RolledBack, "{}", verdict.basis);
    assert_eq!(server.value("SELECT count(*) FROM kept").await.as_deref(), Some("0"));
}

#[tokio::test]
async fn a_commit_that_sqlite_refuses_is_called_rolled_back() {
    let mut server = Server::new(ServerKind::Sqlite).await;
    server.ok("CREATE TABLE t (id int)").await;
    server.ok("PRAGMA busy_timeout = 20").await;
    let mut reader = server.beside(false);
    run(&mut reader, "BEGIN").await.expect("a transaction");
    run(&mut reader, "SELECT * FROM t").await.expect("a lock that keeps others from writing");
    server.ok("BEGIN").await;
    server.ok("INSERT INTO t VALUES (1)").await;
    let (_sender, mut control) = mpsc::unbounded_channel();
    let session = server.connections.open("db").await.expect("it is open");
    let verdict =
        commit(session, &ServerTransaction::default(), Sending::default(), &mut control, &mut Recorded::default())
            .await;
    assert_eq!(verdict.decision, TransactionDecision::RolledBack);
    assert!(
        verdict.basis.contains("refused to commit: database is locked\nHINT:  another process"),
        "{}",
        verdict.basis
    );
    assert!(!server.in_transaction().await);
    run(&mut reader, "COMMIT").await.expect("its end");
    assert_eq!(server.value("SELECT count(*) FROM t").await.as_deref(), Some("0"));
}
