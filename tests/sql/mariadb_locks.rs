//! Locks on MariaDB: who is in the way, and what is kept after a deadlock or a
//! wait in vain.

use crate::limits::Shown;
use crate::servers::mariadb;
use crate::{NEVER, Recorded, Server, connections, run, run_with};
use runbook::effect::{DatabaseError, Databases, SelfEnded, ServerKind};
use runbook::language::sql::{ChangedRows, SqlDialect, changed_rows, split};
use runbook::sql::Connections;
use std::time::Duration;
use tokio::sync::mpsc;

async fn with_rows() -> Server {
    let mut server = Server::new(ServerKind::Mysql).await;
    server.ok("CREATE TABLE t (id int PRIMARY KEY, v varchar(20)) ENGINE = InnoDB").await;
    server.ok("INSERT INTO t VALUES (1, ''), (2, ''), (3, '')").await;
    server.ok("CREATE TABLE heavy (id int) ENGINE = InnoDB").await;
    server
}

/// A session that holds row 2, and that a deadlock spares for the work it has
/// done.
async fn rival(server: &Server) -> Connections {
    let mut rival = connections(&server.url, false);
    for sql in ["BEGIN", "INSERT INTO heavy SELECT seq FROM seq_1_to_1000", "UPDATE t SET v = 'rival' WHERE id = 2"] {
        run(&mut rival, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    rival
}

/// Waits until an UPDATE in the test's database waits for the lock of a row.
async fn somebody_waits(server: &Server) {
    let database = server.mariadb.as_ref().expect("it is one");
    let waits = async {
        while !database.an_update_waits() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waits).await.expect("somebody waits");
}

fn rows(server: &Server) -> String {
    server.mariadb.as_ref().expect("it is one").client("SELECT GROUP_CONCAT(id, v ORDER BY id) FROM t")
}

fn change(statement: &str) -> ChangedRows {
    changed_rows(statement, SqlDialect::Mysql).expect("it changes rows").expect("it is plain")
}

/// Runs both, the second once the first waits for a lock.
async fn against<A, B>(server: &Server, first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    tokio::join!(first, async {
        somebody_waits(server).await;
        second.await
    })
}

#[tokio::test]
async fn a_statement_that_ends_in_a_deadlock_says_that_all_of_its_transaction_is_gone() {
    let mut server = with_rows().await;
    let mut rival = rival(&server).await;
    server.ok("BEGIN").await;
    server.ok("UPDATE t SET v = 'ours' WHERE id = 1").await;
    let mut ours = std::mem::replace(&mut server.connections, connections(&server.url, false));
    let (ours_error, theirs) = against(
        &server,
        run(&mut ours, "UPDATE t SET v = 'ours' WHERE id = 2"),
        run(&mut rival, "UPDATE t SET v = 'rival' WHERE id = 1"),
    )
    .await;
    theirs.expect("the deadlock is broken for it");
    let error = ours_error.err().expect("it is the victim").to_string();
    assert!(error.starts_with("Deadlock found") && error.contains("(error 1213)\nHINT:  "), "{error}");
    assert!(error.contains("the server has rolled back this one"), "{error}");
    let session = ours.open("db").await.expect("it is kept");
    assert_eq!(session.in_transaction().await, Ok(false));
    run(&mut rival, "ROLLBACK").await.expect("it holds its locks");
    assert_eq!(rows(&server), "1,2,3");
}

/// A look takes locks only where the session is serializable.
async fn look_against_a_rival(deadlock: bool) {
    let mut server = with_rows().await;
    let mut rival = rival(&server).await;
    server.ok("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE").await;
    server.ok("BEGIN").await;
    server.ok("UPDATE t SET v = 'ours' WHERE id = 1").await;
    let mut ours = std::mem::replace(&mut server.connections, connections(&server.url, false));
    let session = ours.open("db").await.expect("it is open");
    let preview = session.preview().expect("it can be asked");
    let change = change("UPDATE t SET v = 'x' WHERE id = 2");
    let look = preview.rows_before(&change);
    let (seen, code) = if deadlock {
        let (theirs, seen) = against(&server, run(&mut rival, "UPDATE t SET v = 'rival' WHERE id = 1"), look).await;
        theirs.expect("the deadlock is broken for it");
        (seen, "Deadlock found")
    } else {
        (look.await, "Lock wait timeout exceeded")
    };
    let said = seen.expect_err("it takes the lock of a row that is held");
    assert!(said.contains(code), "{said}");

    // Were this sent, it would be kept at once.
    let (_sender, mut control) = mpsc::unbounded_channel();
    let sent = session.run("INSERT INTO t VALUES (9, 'kept')", NEVER, &mut Recorded::default(), &mut control).await;
    let error = sent.expect_err("nothing more is sent").to_string();
    assert!(error.contains(code) && error.ends_with("its transaction rolled back: this was not sent"), "{error}");
    assert!(session.ended().is_some_and(|why| why.contains(code)));
    run(&mut rival, "ROLLBACK").await.expect("it holds its locks");
    let gone = async {
        while rows(&server) != "1,2,3" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("the server rolls back what was in the session");
    run(&mut ours, "UPDATE t SET v = 'new' WHERE id = 1").await.expect("the next is in a new session");
}

#[tokio::test]
async fn after_a_deadlock_in_the_look_at_rows_nothing_more_is_sent_and_the_reason_is_told() {
    look_against_a_rival(true).await;
}

#[tokio::test]
async fn after_a_look_at_rows_that_waited_in_vain_nothing_more_is_sent_and_the_reason_is_told() {
    look_against_a_rival(false).await;
}

#[tokio::test]
async fn a_procedure_that_passes_over_a_deadlock_is_not_said_to_have_kept_what_was_before() {
    let mut server = with_rows().await;
    let code = "DELIMITER //\n\
                CREATE PROCEDURE deaf() BEGIN DECLARE CONTINUE HANDLER FOR 1213 BEGIN END; \
                UPDATE t SET v = 'ours' WHERE id = 2; INSERT INTO t VALUES (9, 'kept'); END//\n\
                CREATE PROCEDURE takes_back() BEGIN ROLLBACK; END//\nDELIMITER ;\n";
    for statement in split(code, SqlDialect::Mysql) {
        server.ok(&code[statement.span.start..statement.span.end]).await;
    }
    let mut rival = rival(&server).await;
    server.ok("BEGIN").await;
    server.ok("UPDATE t SET v = 'ours' WHERE id = 1").await;
    let mut ours = std::mem::replace(&mut server.connections, connections(&server.url, false));
    let (called, theirs) =
        against(&server, run(&mut ours, "CALL deaf()"), run(&mut rival, "UPDATE t SET v = 'rival' WHERE id = 1")).await;
    theirs.expect("the deadlock is broken for it");
    assert_eq!(called.expect("it knows of no error").0.ended_transaction, Some(SelfEnded::Unclear));
    run(&mut rival, "ROLLBACK").await.expect("it holds its locks");
    assert_eq!(rows(&server), "1,2,3,9kept", "a part of it was kept");

    run(&mut ours, "BEGIN").await.expect("a transaction");
    run(&mut ours, "UPDATE t SET v = 'ours' WHERE id = 1").await.expect("it is free");
    let called = run(&mut ours, "CALL takes_back()").await.expect("it can be called").0;
    assert_eq!(called.ended_transaction, Some(SelfEnded::Unclear));
    assert_eq!(rows(&server), "1,2,3,9kept");
}

/// Waits in vain on a server that then rolls back the statement, or all of it.
async fn wait_in_vain(url: &str, is_open_after: bool) {
    let mut server = connections(url, false);
    for sql in [
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(20)) ENGINE = InnoDB",
        "INSERT INTO t VALUES (1, ''), (2, '')",
        "SET innodb_lock_wait_timeout = 2",
        "BEGIN",
        "UPDATE t SET v = 'ours' WHERE id = 1",
    ] {
        run(&mut server, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let mut other = connections(url, false);
    run(&mut other, "BEGIN").await.expect("a transaction");
    run(&mut other, "UPDATE t SET v = \"hunter2\" WHERE id = 2").await.expect("it is free");
    let process = run(&mut other, "SELECT CONNECTION_ID()").await.expect("a number").0.first_row.expect("a row");
    let process = process[0].clone().expect("a number");
    let error = run(&mut server, "UPDATE t SET v = 'ours' WHERE id = 2").await.err().expect("it waits in vain");
    let DatabaseError::Statement { message, .. } = error else { panic!("{error:?}") };
    assert!(message.starts_with("Lock wait timeout exceeded"), "{message}");
    assert!(message.contains(&format!("\nBLOCKED BY:  process {process}, user admin, from 127.0.0.1")), "{message}");
    assert!(message.contains("\nHINT:  end what is in the way, or wait longer with `SET innodb_lock_"), "{message}");
    let session = server.open("db").await.expect("it is kept");
    assert_eq!(session.in_transaction().await, Ok(is_open_after), "the rest of the transaction");
}

#[tokio::test]
async fn a_wait_in_vain_names_its_blocker_whatever_the_server_rolls_back_with_it() {
    let keeps = mariadb::server().database();
    wait_in_vain(&keeps.url, true).await;
    let drops = mariadb::server_that_rolls_back_on_timeout().database();
    wait_in_vain(&drops.url, false).await;
}

/// Runs the statement until it is shown with somebody in its way, and ends it
/// then.
async fn until_shown(connections: &mut Connections, statement: &str) -> Shown {
    let (sender, mut control) = mpsc::unbounded_channel();
    let mut shown = Shown { text: String::new(), brief: None, stop: Some(sender) };
    let session = connections.open("db").await.expect("it is open");
    let result = session.run(statement, NEVER, &mut shown, &mut control).await;
    assert_eq!(result.err(), Some(DatabaseError::Interrupted), "{}", shown.text);
    shown
}

#[tokio::test]
async fn a_blocked_update_on_mariadb_names_who_is_in_its_way_while_it_waits() {
    let mut server = with_rows().await;
    let mut rival = rival(&server).await;
    let process = run(&mut rival, "SELECT CONNECTION_ID()").await.expect("a number").0.first_row.expect("a row");
    let process = process[0].clone().expect("a number");
    let shown = until_shown(&mut server.connections, "UPDATE t SET v = 'ours' WHERE id = 2").await;
    assert_eq!(shown.brief, Some(format!("blocked by process {process} (admin)")));
    let line = format!(
        "WAITING:  for a lock; blocked by process {process}, user admin, from 127.0.0.1, its transaction open for "
    );
    assert!(shown.text.starts_with(&line) && shown.text.contains("rows changed in it: 1001"), "{}", shown.text);
    assert!(shown.text.contains(", idle in transaction for "), "{}", shown.text);
    let open_for = shown.text.strip_prefix(&line).and_then(|rest| rest.split(' ').next());
    let open_for = open_for.and_then(|seconds| seconds.parse::<u32>().ok());
    assert!(open_for.is_some_and(|seconds| seconds < 3600), "by the server's own zone: {}", shown.text);
}

#[tokio::test]
async fn who_waits_behind_another_on_mariadb_is_told_of_both() {
    let server = with_rows().await;
    let rival = rival(&server).await;
    let (mut second, mut third) = (connections(&server.url, false), connections(&server.url, false));
    run(&mut second, "BEGIN").await.expect("a transaction");
    run(&mut second, "UPDATE t SET v = 'second' WHERE id = 3").await.expect("it is free");
    let (stop, mut control) = mpsc::unbounded_channel();
    let queued =
        run_with(&mut second, "UPDATE t SET v = \"hunter2\" WHERE id = 2", NEVER, Recorded::default(), &mut control);
    let (queued, shown) = against(&server, queued, async {
        let shown = until_shown(&mut third, "UPDATE t SET v = 'third' WHERE id = 3").await;
        stop.send(runbook::effect::Control::Interrupt).expect("the receiver is there");
        shown
    })
    .await;
    assert!(queued.is_err());
    assert!(shown.text.contains(": UPDATE t SET v = '…' WHERE id = 2\n"), "{}", shown.text);
    assert!(shown.brief.is_some_and(|brief| brief.contains(", behind process ")), "{}", shown.text);
    drop(rival);
}

#[tokio::test]
async fn an_account_that_may_not_see_others_is_told_so_and_what_it_would_take() {
    let mut server = with_rows().await;
    let database = server.mariadb.as_ref().expect("it is one");
    database.client(&format!("CREATE USER nobody IDENTIFIED BY 'pw'; GRANT ALL ON {}.* TO nobody", database.name));
    let mut ours = connections(&database.url_for("nobody", "pw"), false);
    let rival = rival(&server).await;
    let shown = until_shown(&mut ours, "UPDATE t SET v = 'ours' WHERE id = 2").await;
    assert!(shown.text.starts_with("WAITING:  perhaps for a lock; blocked by somebody"), "{}", shown.text);
    assert!(shown.text.contains("PROCESS privilege only"), "{}", shown.text);
    drop(rival);
    server.ok("DROP USER nobody").await;
}

#[tokio::test]
async fn a_change_of_schema_that_waits_names_whose_transaction_may_hold_the_table() {
    let mut server = with_rows().await;
    let mut rival = rival(&server).await;
    let process = run(&mut rival, "SELECT CONNECTION_ID()").await.expect("a number").0.first_row.expect("a row");
    let process = process[0].clone().expect("a number");
    let shown = until_shown(&mut server.connections, "ALTER TABLE t ADD COLUMN n int").await;
    assert!(
        shown.text.contains(&format!("WAITING:  perhaps for a lock; blocked by process {process}, user admin")),
        "{}",
        shown.text
    );
}
