//! What a session tells of the changes in its open transaction.

use crate::{Server, run};
use runbook::effect::{
    DatabaseError, Databases as _, LockStrength, Preview, ROWS_READ, Row, RowsBefore, ServerKind, Standing, Tally,
};
use runbook::language::sql::{ChangedRows, SqlDialect, changed_rows};
use runbook::run::TableRows;

const BOTH: [ServerKind; 2] = [ServerKind::Postgres, ServerKind::Sqlite];

fn change(statement: &str) -> ChangedRows {
    changed_rows(statement, SqlDialect::Postgres).expect("it changes rows").expect("it is plain")
}

async fn preview(server: &mut Server) -> &mut dyn Preview {
    let session = server.connections.open("db").await.expect("the session is open");
    session.preview().expect("both kinds of server can tell")
}

async fn before(server: &mut Server, statement: &str) -> Result<RowsBefore, String> {
    preview(server).await.rows_before(&change(statement)).await
}

async fn after(server: &mut Server, statement: &str, before: &RowsBefore) -> Vec<Row> {
    preview(server).await.rows_after(&change(statement), before).await.expect("they can be read")
}

async fn tally(server: &mut Server, table: &str) -> Tally {
    preview(server).await.tally(Some(table)).await.expect("it can be counted")
}

/// Runs this in another session: a server counts what a session did before, too.
fn seeded(server: &Server, script: &str) {
    server.postgres.as_ref().expect("it is one").psql(script);
}

fn rows(rows: &[&[Option<&str>]]) -> Vec<Row> {
    rows.iter().map(|row| row.iter().map(|value| value.map(str::to_owned)).collect()).collect()
}

async fn with_jobs(kind: ServerKind) -> Server {
    let mut server = Server::new(kind).await;
    server.ok("CREATE TABLE jobs (note text, id INTEGER PRIMARY KEY, status text)").await;
    server.ok("INSERT INTO jobs VALUES ('it''s', 1, 'processing'), (NULL, 2, 'processing'), ('c', 3, 'done')").await;
    server
}

#[tokio::test]
async fn the_rows_of_an_update_are_read_before_it_and_after_it() {
    for kind in BOTH {
        let mut server = with_jobs(kind).await;
        server.ok("BEGIN").await;
        let statement = "UPDATE jobs AS j SET status = 'pending', note = NULL WHERE j.status = 'processing'";
        let seen = before(&mut server, statement).await.expect("they can be read");
        assert_eq!((seen.columns.join(" ").as_str(), seen.key.as_slice()), ("note id status", &[1][..]));
        let was = [&[Some("it's"), Some("1"), Some("processing")][..], &[None, Some("2"), Some("processing")]];
        assert_eq!(seen.rows, rows(&was));
        server.ok(statement).await;
        let now = after(&mut server, statement, &seen).await;
        assert_eq!(now, rows(&[&[None, Some("1"), Some("pending")], &[None, Some("2"), Some("pending")]]));
        server.ok("ROLLBACK").await;
        assert_eq!(server.value("SELECT count(*) FROM jobs WHERE status = 'processing'").await.as_deref(), Some("2"));
    }
}

#[tokio::test]
async fn the_rows_of_a_delete_are_gone_after_it() {
    for kind in BOTH {
        let mut server = Server::new(kind).await;
        server.ok("CREATE TABLE \"Odd '\"\"t\" (\"a b\" text, line int, v text, PRIMARY KEY (line, \"a b\"))").await;
        server.ok("INSERT INTO \"Odd '\"\"t\" VALUES ('it''s', 1, 'x'), ('it''s', 2, 'y')").await;
        server.ok("BEGIN").await;
        let statement = "DELETE FROM \"Odd '\"\"t\" WHERE v = 'x'";
        let seen = before(&mut server, statement).await.expect("they can be read");
        assert_eq!(seen.key, [1, 0], "in the key's own order");
        assert_eq!(seen.rows.len(), 1);
        server.ok(statement).await;
        assert_eq!(after(&mut server, statement, &seen).await, Vec::<Row>::new());
        server.ok("ROLLBACK").await;
    }
}

#[tokio::test]
async fn why_rows_cannot_be_shown_is_said_and_the_transaction_goes_on() {
    for kind in BOTH {
        let mut server = with_jobs(kind).await;
        server.ok("CREATE TABLE loose (id int, v text)").await;
        server.ok("BEGIN").await;
        server.ok("INSERT INTO loose VALUES (1, 'kept')").await;
        for (statement, why) in [
            ("UPDATE loose SET v = 'x' WHERE id = 1", "has no key"),
            ("UPDATE jobs SET id = id + 10 WHERE id = 1", "changes the key"),
            ("DELETE FROM jobs WHERE nonesuch = 1", "nonesuch"),
            ("DELETE FROM absent WHERE id = 1", "no key"),
        ] {
            let refusal = before(&mut server, statement).await.expect_err(statement);
            assert!(refusal.contains(why), "{statement}: {refusal}");
        }
        assert!(server.in_transaction().await);
        server.ok("COMMIT").await;
        assert_eq!(server.value("SELECT v FROM loose").await.as_deref(), Some("kept"));
    }
}

#[tokio::test]
async fn of_many_rows_no_more_than_the_limit_are_read() {
    for kind in BOTH {
        let mut server = Server::new(kind).await;
        server.ok("CREATE TABLE t (id INTEGER PRIMARY KEY, v int)").await;
        let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
                    INSERT INTO t SELECT i, i FROM n";
        server.ok(many).await;
        server.ok("BEGIN").await;
        let seen = before(&mut server, "DELETE FROM t").await.expect("they can be read");
        assert_eq!(seen.rows.len(), ROWS_READ);
        server.ok("ROLLBACK").await;
    }
}

#[tokio::test]
async fn a_secret_in_the_condition_finds_its_rows_and_leaves_nothing_behind() {
    for (kind, secret) in
        [(ServerKind::Postgres, "current_setting('runbook.secret_t')"), (ServerKind::Sqlite, ":RUNBOOK_SECRET_T")]
    {
        let mut server = with_jobs(kind).await;
        let session = server.connections.open("db").await.expect("the session is open");
        session.bind(&[("RUNBOOK_SECRET_T".to_owned(), "it's".to_owned())]);
        server.ok("BEGIN").await;
        let statement = format!("UPDATE jobs SET status = 'x' WHERE note = {secret}");
        let seen = before(&mut server, &statement).await.expect("they can be read");
        assert_eq!(seen.rows.len(), 1, "{kind:?}");
        if kind == ServerKind::Postgres {
            let left = server.value("SELECT coalesce(current_setting('runbook.' || 'secret_t', true), '')").await;
            assert_eq!(left.as_deref(), Some(""));
        }
        server.ok("ROLLBACK").await;
    }
}

#[tokio::test]
async fn what_is_joined_is_read_once_and_a_partitioned_table_has_its_key() {
    let mut server = Server::new(ServerKind::Postgres).await;
    seeded(
        &server,
        "CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
         CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
         CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
         CREATE TABLE w (p int);
         INSERT INTO p VALUES (1, 'a'), (11, 'b');
         INSERT INTO w VALUES (1), (1), (11);",
    );
    server.ok("BEGIN").await;
    let statement = "UPDATE p SET v = 'x' FROM w WHERE w.p = p.id";
    let counted = tally(&mut server, "p").await;
    let seen = before(&mut server, statement).await.expect("they can be read");
    assert_eq!(seen.rows.len(), 2);
    server.ok(statement).await;
    let mut now = after(&mut server, statement, &seen).await;
    now.sort();
    assert_eq!(now, rows(&[&[Some("1"), Some("x")], &[Some("11"), Some("x")]]));
    let after = tally(&mut server, "p").await;
    assert_ne!(counted, after);
    assert!(after.tables.iter().all(|(_, own)| *own), "a partition is the table's own: {after:?}");
    server.ok("ROLLBACK").await;
    // A parent's key does not tell its children's rows apart.
    server.ok("CREATE TABLE parent (id int PRIMARY KEY)").await;
    server.ok("CREATE TABLE child () INHERITS (parent)").await;
    server.ok("BEGIN").await;
    assert!(before(&mut server, "DELETE FROM parent WHERE id = 1").await.is_err());
    server.ok("ROLLBACK").await;
}

/// The rows cannot change between the reading and the statement, and nothing
/// is locked that the statement would not lock.
#[tokio::test]
async fn what_is_read_before_stays_locked_as_the_statement_locks_it() {
    let mut server = with_jobs(ServerKind::Postgres).await;
    server.ok("BEGIN").await;
    before(&mut server, "UPDATE jobs SET status = 'x' WHERE id = 1").await.expect("they can be read");
    let mut other = server.beside(false);
    let refused = run(&mut other, "SELECT FROM jobs WHERE id = 1 FOR NO KEY UPDATE NOWAIT").await;
    assert!(matches!(refused, Err(DatabaseError::Statement { .. })), "the row is locked");
    run(&mut other, "SELECT FROM jobs WHERE id = 1 FOR KEY SHARE NOWAIT").await.expect("its key may be referred to");
    run(&mut other, "SELECT FROM jobs WHERE id = 2 FOR UPDATE NOWAIT").await.expect("the others are free");
    server.ok("ROLLBACK").await;
    server.ok("BEGIN").await;
    before(&mut server, "DELETE FROM jobs WHERE id = 1").await.expect("they can be read");
    assert!(run(&mut other, "SELECT FROM jobs WHERE id = 1 FOR KEY SHARE NOWAIT").await.is_err());
}

#[tokio::test]
async fn rows_that_another_session_holds_are_not_waited_for_long_and_the_limits_are_as_before() {
    let mut server = with_jobs(ServerKind::Postgres).await;
    let mut other = server.beside(false);
    run(&mut other, "BEGIN").await.expect("a transaction");
    run(&mut other, "UPDATE jobs SET note = 'mine' WHERE id = 2").await.expect("it is free");
    server.ok("SET statement_timeout = '77s'").await;
    server.ok("BEGIN").await;
    server.ok("UPDATE jobs SET note = 'kept' WHERE id = 3").await;
    let refusal = before(&mut server, "UPDATE jobs SET status = 'x' WHERE id < 3").await.expect_err("it is locked");
    assert!(refusal.contains("lock timeout"), "{refusal}");
    let free = run(&mut server.beside(false), "SELECT FROM jobs WHERE id = 1 FOR UPDATE NOWAIT").await;
    assert!(free.is_ok(), "what was locked on the way is let go");
    before(&mut server, "UPDATE jobs SET status = 'x' WHERE id = 1").await.expect("it is free");
    assert_eq!(server.value("SELECT current_setting('statement_timeout')").await.as_deref(), Some("77s"));
    assert_eq!(server.value("SELECT current_setting('lock_timeout')").await.as_deref(), Some("10s"));
    server.ok("COMMIT").await;
    assert_eq!(server.value("SELECT note FROM jobs WHERE id = 3").await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn whoever_may_delete_and_not_lock_sees_the_rows_all_the_same() {
    let mut server = with_jobs(ServerKind::Postgres).await;
    server.ok("CREATE ROLE remover").await;
    server.ok("GRANT SELECT, DELETE ON jobs TO remover").await;
    server.ok("SET ROLE remover").await;
    server.ok("BEGIN").await;
    let seen = before(&mut server, "DELETE FROM jobs WHERE id < 3").await.expect("they can be read");
    assert_eq!(seen.rows.len(), 2);
    server.ok("ROLLBACK").await;
    server.ok("RESET ROLE").await;
    server.ok("DROP OWNED BY remover").await;
    server.ok("DROP ROLE remover").await;
}

#[tokio::test]
async fn postgres_counts_cascades_and_triggers_by_table() {
    let mut server = Server::new(ServerKind::Postgres).await;
    seeded(
        &server,
        "CREATE TABLE orders (id int PRIMARY KEY);
         CREATE TABLE order_lines (o int REFERENCES orders ON DELETE CASCADE);
         CREATE TABLE audit (what text);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql
             AS $$ BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NULL; END $$;
         CREATE TRIGGER t AFTER DELETE ON orders FOR EACH ROW EXECUTE FUNCTION note();
         INSERT INTO orders VALUES (1), (2);
         INSERT INTO order_lines SELECT 1 FROM generate_series(1, 1000);",
    );
    server.ok("BEGIN").await;
    let counted = tally(&mut server, "orders").await;
    assert_eq!(counted, Tally::default());
    let (result, _) = server.ok("DELETE FROM orders WHERE id = 1").await;
    assert_eq!(result.affected, Some(1), "the statement's own");
    let count = |table: &str, inserted, deleted, own| {
        let table = Some(table.to_owned());
        (TableRows { table, inserted, deleted, ..TableRows::default() }, own)
    };
    let counted = tally(&mut server, "orders").await;
    let expected = [count("audit", 1, 0, false), count("order_lines", 0, 1000, false), count("orders", 0, 1, true)];
    let mut tables = counted.tables;
    tables.sort_by(|a, b| a.0.table.cmp(&b.0.table));
    assert_eq!(tables, expected);
    server.ok("ROLLBACK").await;
}

#[tokio::test]
async fn sqlite_counts_all_that_was_changed() {
    let mut server = with_jobs(ServerKind::Sqlite).await;
    server.ok("CREATE TABLE audit (what text)").await;
    server.ok("CREATE TRIGGER t AFTER DELETE ON jobs BEGIN INSERT INTO audit VALUES ('a'), ('b'); END").await;
    server.ok("BEGIN").await;
    let touched = |tally: &Tally| tally.tables[0].0.touched;
    let counted = tally(&mut server, "jobs").await;
    let (result, _) = server.ok("DELETE FROM jobs WHERE id = 1").await;
    assert_eq!(result.affected, Some(1), "the statement's own");
    assert_eq!(touched(&tally(&mut server, "jobs").await) - touched(&counted), 3);
    server.ok("ROLLBACK").await;
}

#[tokio::test]
async fn what_a_transaction_locks_and_who_waits_for_it_is_told() {
    let mut server = with_jobs(ServerKind::Postgres).await;
    server.ok("CREATE TABLE quiet (id int)").await;
    server.ok("BEGIN").await;
    server.ok("UPDATE jobs SET note = 'x' WHERE id = 1").await;
    server.ok("ALTER TABLE quiet ADD COLUMN b int").await;
    let standing = preview(&mut server).await.standing().await.expect("it can be asked");
    let locks: Vec<_> = standing.locks.iter().map(|lock| (lock.table.as_str(), lock.strength)).collect();
    assert_eq!(locks, [("jobs", LockStrength::Rows), ("quiet", LockStrength::Everything)]);
    assert_eq!(standing.waiting, []);

    let mut other = server.beside(false);
    let waits = run(&mut other, "UPDATE jobs SET note = 'theirs' WHERE id = 1");
    let looks = async {
        let seen = |standing: &Option<Standing>| standing.as_ref().is_some_and(|it| !it.waiting.is_empty());
        let mut standing = preview(&mut server).await.standing().await;
        while !seen(&standing) {
            standing = preview(&mut server).await.standing().await;
        }
        server.ok("ROLLBACK").await;
        standing.expect("somebody waits").waiting
    };
    let (waited, waiting) = tokio::join!(waits, looks);
    waited.expect("it is free now");
    assert_eq!(
        (waiting[0].user.as_str(), waiting[0].query.as_str()),
        ("postgres", "UPDATE jobs SET note = 'theirs' WHERE id = 1")
    );
}

#[tokio::test]
async fn giving_up_the_look_at_locks_leaves_the_transaction() {
    let mut server = with_jobs(ServerKind::Postgres).await;
    server.ok("BEGIN").await;
    server.ok("UPDATE jobs SET note = 'kept' WHERE id = 1").await;
    for _ in 0..20 {
        let look = preview(&mut server).await;
        tokio::select! {
            biased;
            _ = tokio::task::yield_now() => {}
            _ = look.standing() => {}
        }
        let _ =
            tokio::time::timeout(std::time::Duration::from_micros(300), preview(&mut server).await.standing()).await;
    }
    server.ok("COMMIT").await;
    assert_eq!(server.value("SELECT note FROM jobs WHERE id = 1").await.as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_look_at_rows_writes_nothing_through_what_a_view_calls() {
    let mut server = with_jobs(ServerKind::Postgres).await;
    seeded(
        &server,
        "CREATE TABLE queue (id int); INSERT INTO queue VALUES (1), (2);
         CREATE FUNCTION take() RETURNS int LANGUAGE sql AS
             $$ DELETE FROM queue WHERE id = (SELECT min(id) FROM queue) RETURNING id $$;
         CREATE VIEW next_job AS SELECT take() AS id;",
    );
    server.ok("BEGIN").await;
    let statement = "UPDATE jobs SET status = 'taken' WHERE id IN (SELECT id FROM next_job)";
    let refusal = before(&mut server, statement).await.expect_err("to read is to take");
    assert!(refusal.contains("read-only transaction"), "{refusal}");
    assert_eq!(server.value("SELECT count(*) FROM queue").await.as_deref(), Some("2"));
    server.ok(statement).await;
    server.ok("COMMIT").await;
    assert_eq!(server.value("SELECT count(*) FROM queue").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_look_at_rows_on_mariadb_reads_through_no_view_which_nothing_holds_to_reading() {
    let mut server = with_jobs(ServerKind::Mysql).await;
    server.mariadb.as_ref().expect("it is one").client(
        "CREATE TABLE queue (id int); INSERT INTO queue VALUES (1), (2); CREATE TABLE `of view` (id int);
         DELIMITER //
         CREATE FUNCTION take() RETURNS int MODIFIES SQL DATA BEGIN
             DECLARE taken int;
             SELECT MIN(id) INTO taken FROM queue;
             DELETE FROM queue WHERE id = taken;
             RETURN taken;
         END//
         DELIMITER ;
         CREATE VIEW `next` AS SELECT take() AS id;",
    );
    server.ok("BEGIN").await;
    for place in ["`next`", "jobs AS j JOIN `next`", "(SELECT id FROM jobs) AS j, `next` AS n"] {
        let statement = format!("UPDATE jobs SET status = 'taken' WHERE id IN (SELECT 1 FROM {place})");
        let refusal = before(&mut server, &statement).await.expect_err("to read is to take");
        assert!(refusal.contains("next is a view, and reading it may change something"), "{refusal}");
    }
    assert_eq!(server.value("SELECT COUNT(*) FROM queue").await.as_deref(), Some("2"));
    let statement = "UPDATE jobs SET status = 'taken' WHERE id IN (SELECT id FROM `next`)";
    assert!(before(&mut server, statement).await.is_err(), "to read is to take");
    server.ok(statement).await;
    server.ok("COMMIT").await;
    assert_eq!(server.value("SELECT note FROM jobs WHERE status = 'taken'").await.as_deref(), Some("it's"));
    server.ok("BEGIN").await;
    let plain = "DELETE FROM jobs WHERE id IN (SELECT id FROM `of view`) OR status = 'next'";
    before(&mut server, plain).await.expect("tables and texts are no views");
}
