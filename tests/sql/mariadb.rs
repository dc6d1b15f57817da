//! What is MariaDB's own, and MySQL's.

use crate::{ENDLESS_IN_MARIADB, NEVER, Recorded, Server, connections, run, run_with};
use runbook::effect::{DatabaseError, Databases, SelfEnded, ServerKind};
use runbook::language::sql::{SqlDialect, split};
use std::time::Duration;
use tokio::sync::mpsc;

async fn server() -> Server {
    Server::new(ServerKind::Mysql).await
}

/// Runs what a page holds, statement by statement.
async fn page(server: &mut Server, code: &str) {
    for statement in split(code, SqlDialect::Mysql) {
        server.ok(&code[statement.span.start..statement.span.end]).await;
    }
}

#[tokio::test]
async fn a_mariadb_session_has_the_settings_its_client_would_have() {
    const SETTINGS: &str = "SELECT CONCAT_WS('|', @@sql_mode, @@time_zone, @@autocommit, @@character_set_client, \
         @@character_set_results, @@character_set_connection, @@collation_connection, @@tx_isolation, @@wait_timeout)";
    let mut server = server().await;
    let ours = server.value(SETTINGS).await;
    assert_eq!(ours, Some(server.mariadb.as_ref().expect("it is one").client(SETTINGS)));
    assert!(ours.is_some_and(|settings| settings.contains("|+09:00|")), "not the driver's UTC");
    assert_eq!(server.value("SELECT @@lock_wait_timeout").await.as_deref(), Some("10"));
    assert_eq!(server.value("SELECT @@innodb_lock_wait_timeout").await.as_deref(), Some("10"));
    assert_eq!(server.value("SELECT 1 || 0").await.as_deref(), Some("1"), "`||` means OR");
    let database = server.mariadb.as_ref().expect("it is one");
    database.client("SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',ANSI')");
    let mut other = server.beside(false);
    let mode = run(&mut other, "SELECT @@sql_mode").await.expect("it can be asked").0.first_row;
    database.client("SET GLOBAL sql_mode = DEFAULT");
    assert!(mode.is_some_and(|mode| mode[0].as_deref().is_some_and(|mode| mode.contains("IGNORE_SPACE"))));
}

#[tokio::test]
async fn the_target_names_server_database_and_account() {
    let server = server().await;
    let name = server.mariadb.as_ref().expect("it is one").name.clone();
    let mut connections = server.beside(false);
    let target = connections.open("db").await.expect("it can be opened").target().to_owned();
    assert!(
        target.starts_with("mariadb 1") && target.ends_with(&format!(" · {name} · role admin@% · WRITE")),
        "{target}"
    );
}

#[tokio::test]
async fn warnings_come_as_the_client_words_them() {
    let mut server = server().await;
    let name = server.mariadb.as_ref().expect("it is one").name.clone();
    let (_, output) = server.ok("DROP TABLE IF EXISTS nonesuch").await;
    assert_eq!(output.err, format!("Note (Code 1051): Unknown table '{name}.nonesuch'\n"));
    let (_, output) = server.ok("SELECT CAST('12x' AS SIGNED) AS n").await;
    assert_eq!(output.err, "Warning (Code 1292): Truncated incorrect INTEGER value: '12x'\n");
    assert_eq!(output.out, " n\n----\n 12\n(1 row)\n");
    assert_eq!(server.ok("SELECT 1").await.1.err, "", "it is about the statement before");
    server.ok("SELECT CAST('12x' AS SIGNED) AS n").await;
    let (result, output) = server.ok("SHOW WARNINGS").await;
    assert_eq!((result.rows, output.err.as_str()), (Some(1), ""), "asked for by the page, and not told twice");
}

#[tokio::test]
async fn what_a_statement_asks_of_the_one_before_is_not_disturbed() {
    let mut server = server().await;
    server.ok("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, v int)").await;
    server.ok("INSERT INTO t (v) VALUES (1), (2), (3)").await;
    assert_eq!(server.value("SELECT LAST_INSERT_ID()").await.as_deref(), Some("1"));
    let [all, found] = ["SELECT SQL_CALC_FOUND_ROWS v FROM t LIMIT 1", "SELECT FOUND_ROWS()"];
    server.connections.open("db").await.expect("it is open").prepare_for(&format!("{all}; {found}"));
    server.ok(all).await;
    assert_eq!(server.value(found).await.as_deref(), Some("3"));
    let block = "UPDATE t SET v = v + 1 WHERE id < 3; SELECT ROW_COUNT()";
    server.connections.open("db").await.expect("it is open").prepare_for(block);
    let (_sender, mut control) = mpsc::unbounded_channel();
    let session = server.connections.open("db").await.expect("it is open");
    let mut counted = None;
    for statement in block.split("; ") {
        let limit = Some(Duration::from_secs(60));
        counted =
            session.run(statement, limit, &mut Recorded::default(), &mut control).await.expect(statement).first_row;
    }
    assert_eq!(counted, Some(vec![Some("2".to_owned())]));
}

#[tokio::test]
async fn a_body_between_delimiters_goes_to_the_server_whole() {
    let mut server = server().await;
    page(
        &mut server,
        "CREATE TABLE t (id int);\n\
         DELIMITER //\n\
         CREATE PROCEDURE fill(IN n int)\nBEGIN\n  DECLARE i int DEFAULT 0;\n\
         \x20 WHILE i < n DO\n    INSERT INTO t VALUES (i); SET i = i + 1;\n  END WHILE;\n\
         \x20 SELECT 'it; is // done' AS said;\nEND//\n\
         CREATE TRIGGER twice BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.id = NEW.id * 2; END //\n\
         DELIMITER ;\n\
         CALL fill(3);\n",
    )
    .await;
    assert_eq!(server.value("SELECT GROUP_CONCAT(id ORDER BY id) FROM t").await.as_deref(), Some("0,2,4"));
}

#[tokio::test]
async fn each_result_of_a_procedure_is_a_table_of_its_own() {
    let mut server = server().await;
    page(
        &mut server,
        "CREATE TABLE t (id int);\nDELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1 AS a; SELECT 2 AS b, 3 AS c; \
         INSERT INTO t VALUES (1), (2); END//\nDELIMITER ;\n",
    )
    .await;
    let (result, output) = server.ok("CALL p").await;
    assert_eq!(output.out, " a\n---\n 1\n(1 row)\n b | c\n---+---\n 2 | 3\n(1 row)\nCALL\n");
    assert_eq!((result.columns.len(), result.rows, result.affected), (2, Some(1), Some(2)));
}

#[tokio::test]
async fn a_procedure_that_commits_is_said_to_have_ended_the_transaction() {
    let mut server = server().await;
    page(
        &mut server,
        "CREATE TABLE t (id int);\nDELIMITER //\n\
         CREATE PROCEDURE commits() BEGIN INSERT INTO t VALUES (1); COMMIT; END//\n\
         CREATE PROCEDURE keeps_open() BEGIN INSERT INTO t VALUES (2); END//\nDELIMITER ;\n",
    )
    .await;
    server.ok("BEGIN").await;
    assert_eq!(server.ok("CALL keeps_open()").await.0.ended_transaction, None);
    assert_eq!(server.ok("CALL commits()").await.0.ended_transaction, Some(SelfEnded::Kept));
    server.ok("BEGIN").await;
    assert_eq!(server.ok("ROLLBACK").await.0.ended_transaction, None, "by its own words");
    assert_eq!(server.value("SELECT COUNT(*) FROM t").await.as_deref(), Some("2"));
    server.ok("BEGIN").await;
    let ended = server.ok("CREATE TABLE u (id int)").await.0.ended_transaction;
    assert_eq!(ended, Some(SelfEnded::Kept), "a change of schema commits");
}

#[tokio::test]
async fn a_server_without_a_word_for_it_still_tells_whether_a_transaction_is_open() {
    // What sessions on MySQL rest on.
    let mut server = server().await;
    server.ok("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await;
    server.ok("BEGIN").await;
    let refused = server.error("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await.to_string();
    assert!(refused.ends_with("(error 1568)"), "{refused}");
    assert!(server.in_transaction().await, "and it stays open");
}

#[tokio::test]
async fn tables_that_keep_changes_at_once_are_named_and_a_rollback_owns_up() {
    let mut server = server().await;
    let name = server.mariadb.as_ref().expect("it is one").name.clone();
    server.ok("CREATE TABLE kept (id int) ENGINE = MyISAM").await;
    server.ok("CREATE TABLE `also kept` (id int) ENGINE = Aria").await;
    server.ok("CREATE TABLE safe (id int) ENGINE = InnoDB").await;
    let session = server.connections.open("db").await.expect("it is open");
    for (statement, tables) in [
        ("UPDATE safe SET id = 1", vec![]),
        ("INSERT INTO kept SELECT id FROM safe", vec![format!("{name}.kept (MyISAM)")]),
        ("DELETE FROM `also kept` WHERE id = 1", vec![format!("{name}.also kept (Aria)")]),
        (&format!("UPDATE {name}.kept SET id = 1"), vec![format!("{name}.kept (MyISAM)")]),
    ] {
        assert_eq!(session.keeps_at_once(statement).await, Ok(tables), "{statement}");
    }
    server.ok("BEGIN").await;
    server.ok("INSERT INTO kept VALUES (1)").await;
    let error = server.error("ROLLBACK").await.to_string();
    assert!(error.contains("not all of it was taken back"), "{error}");
    assert!(!server.in_transaction().await);
    assert_eq!(server.value("SELECT COUNT(*) FROM kept").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn locked_tables_are_not_released_without_a_word() {
    let mut server = server().await;
    server.ok("CREATE TABLE t (id int)").await;
    server.ok("LOCK TABLES t WRITE").await;
    server.ok("INSERT INTO t VALUES (1)").await;
    let error = server.error("BEGIN").await.to_string();
    assert!(error.contains("the tables were unlocked"), "{error}");
    server.ok("BEGIN").await;
    server.ok("ROLLBACK").await;
    server.ok("LOCK TABLES t READ").await;
    server.ok("UNLOCK TABLES").await;
    server.ok("BEGIN").await;
}

#[tokio::test]
async fn a_file_of_the_client_is_not_loaded() {
    let mut server = server().await;
    server.ok("CREATE TABLE t (id text)").await;
    for sql in ["LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t", "load data /*x*/ local infile 'x' into table t"] {
        let error = server.error(sql).await.to_string();
        assert!(error.contains("a file of this machine"), "{error}");
    }
    // What the words do not tell, the driver does not offer.
    server.error("EXECUTE IMMEDIATE CONCAT('LOAD DATA LO', 'CAL INFILE ''/etc/passwd'' INTO TABLE t')").await;
    assert_eq!(server.value("SELECT COUNT(*) FROM t").await.as_deref(), Some("0"));
}

#[tokio::test]
async fn a_text_that_the_session_would_read_otherwise_is_not_sent() {
    let mut server = server().await;
    server.ok("CREATE TABLE t (id int)").await;
    let hidden = "SELECT 'a\\'; INSERT INTO t VALUES (1); -- '";
    assert_eq!(server.value(hidden).await.as_deref(), Some("a'; INSERT INTO t VALUES (1); -- "), "one text");
    server.ok("SET sql_mode = 'NO_BACKSLASH_ESCAPES'").await;
    let error = server.error(hidden).await.to_string();
    assert!(error.contains("NO_BACKSLASH_ESCAPES"), "{error}");
    server.ok("SET sql_mode = 'ANSI_QUOTES'").await;
    let error = server.error("SELECT \"a\\\"; INSERT INTO t VALUES (1); -- \"").await.to_string();
    assert!(error.contains("ANSI_QUOTES"), "{error}");
    server.ok("SET sql_mode = ''").await;
    server.ok("SET NAMES gbk").await;
    let error = server.error("SELECT 'é'").await.to_string();
    assert!(error.contains("SET NAMES utf8mb4"), "{error}");
    assert_eq!(server.value("SELECT COUNT(*) FROM t").await.as_deref(), Some("0"));
}

#[tokio::test]
async fn a_mariadb_session_is_the_same_after_a_statement_was_stopped_and_nothing_runs_on() {
    let mut server = server().await;
    let before = server.value("SELECT CONNECTION_ID()").await;
    for sql in [ENDLESS_IN_MARIADB, "SELECT SLEEP(3600)", "DO SLEEP(3600)"] {
        let (_sender, mut control) = mpsc::unbounded_channel();
        let timeout = Some(Duration::from_millis(50));
        let result = run_with(&mut server.connections, sql, timeout, Recorded::default(), &mut control).await;
        assert_eq!(result.err(), Some(DatabaseError::TimedOut), "{sql}");
        assert_eq!(server.value("SELECT CONNECTION_ID()").await, before, "cancelled, not torn down: {sql}");
    }
    let running = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND COMMAND = 'Query' \
                   AND ID <> CONNECTION_ID()";
    assert_eq!(server.mariadb.as_ref().expect("it is one").client(running), "0");
}

#[tokio::test]
async fn a_statement_inside_a_procedure_or_a_function_is_stopped_too() {
    let mut server = server().await;
    page(
        &mut server,
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN DO SLEEP(3600); END//\n\
         CREATE FUNCTION f() RETURNS int BEGIN DECLARE x int; SET x = SLEEP(3600); RETURN x; END//\nDELIMITER ;\n",
    )
    .await;
    for sql in ["CALL p()", "SELECT f()"] {
        let (_sender, mut control) = mpsc::unbounded_channel();
        let timeout = Some(Duration::from_millis(50));
        let result = run_with(&mut server.connections, sql, timeout, Recorded::default(), &mut control).await;
        assert_eq!(result.err(), Some(DatabaseError::TimedOut), "{sql}");
    }
}

#[tokio::test]
async fn a_statement_that_is_given_up_is_ended_on_the_server() {
    let mut server = server().await;
    let id = server.value("SELECT CONNECTION_ID()").await.expect("a number");
    {
        let statement = server.run(ENDLESS_IN_MARIADB);
        assert!(tokio::time::timeout(Duration::from_millis(50), statement).await.is_err());
    }
    let look = format!("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {id}");
    let gone = async {
        while server.value(&look).await.as_deref() != Some("0") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("the session is ended");
}

#[tokio::test]
async fn a_server_ends_by_itself_what_nobody_is_there_to_end() {
    let mut server = server().await;
    let (_sender, mut control) = mpsc::unbounded_channel();
    let asked = "SELECT @@SESSION.max_statement_time";
    let timeout = Some(Duration::from_secs(30));
    let limited = run_with(&mut server.connections, asked, timeout, Recorded::default(), &mut control).await;
    assert_eq!(limited.expect("it can be asked").0.first_row, Some(vec![Some("35.000000".to_owned())]));
    assert_eq!(server.value(asked).await.as_deref(), Some("0.000000"), "and no longer than it is wanted");
}

#[tokio::test]
async fn a_session_killed_while_idle_is_said_so_and_then_replaced() {
    let mut server = server().await;
    let id = server.value("SELECT CONNECTION_ID()").await.expect("a number");
    server.mariadb.as_ref().expect("it is one").client(&format!("KILL {id}"));
    let error = server.error("SELECT 1").await;
    assert!(
        matches!(&error, DatabaseError::Connect { message, .. } if message.contains("ended the session")),
        "{error}"
    );
    assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_mariadb_connection_lost_under_a_statement_is_not_called_an_error_of_it() {
    let mut server = server().await;
    let (_sender, mut control) = mpsc::unbounded_channel();
    let error =
        run_with(&mut server.connections, "KILL CONNECTION_ID()", NEVER, Recorded::default(), &mut control).await;
    assert!(matches!(error, Err(DatabaseError::Lost { .. })), "{:?}", error.err());
    assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"), "the next is in a new session");
}

#[tokio::test]
async fn reading_is_lifted_by_no_words_and_by_no_procedure() {
    let mut server = server().await;
    page(
        &mut server,
        "CREATE TABLE t (id int);\nDELIMITER //\n\
         CREATE PROCEDURE lift() BEGIN SET SESSION TRANSACTION READ WRITE; END//\nDELIMITER ;\n",
    )
    .await;
    let mut reader = server.beside(true);
    for sql in ["SET SESSION TRANSACTION READ WRITE", "SET @@tx_read_only = 0", "START TRANSACTION READ WRITE"] {
        let error = run(&mut reader, sql).await.err().expect("refused").to_string();
        assert!(error.contains("would lift that"), "{sql}: {error}");
    }
    let error = run(&mut reader, "CALL lift()").await.err().expect("refused").to_string();
    assert!(error.contains("runs code that is not looked into"), "{error}");
    run(&mut reader, "INSERT INTO t VALUES (1)").await.err().expect("still read-only");
    let session = server.connections.open("db").await.expect("it is open");
    session.set_reading(true).await.expect("the server can be told");
    let error = server.error("INSERT INTO t VALUES (1)").await.to_string();
    assert_eq!(error, "Cannot execute statement in a READ ONLY transaction (error 1792)");
    let session = server.connections.open("db").await.expect("it is open");
    session.set_reading(false).await.expect("the server can be told");
    server.ok("INSERT INTO t VALUES (1)").await;
    // What the page has set stays.
    server.ok("SET SESSION TRANSACTION READ ONLY").await;
    for reading in [true, false] {
        let session = server.connections.open("db").await.expect("it is open");
        session.set_reading(reading).await.expect("the server can be told");
    }
    server.error("INSERT INTO t VALUES (2)").await;
}

#[tokio::test]
async fn nothing_that_acts_on_the_whole_server_passes_a_read_only_connection() {
    let mut server = server().await;
    let settings = "SELECT CONCAT_WS('|', @@GLOBAL.max_connections, @@GLOBAL.max_allowed_packet, @@GLOBAL.read_only)";
    let before = server.value(settings).await;
    let id = server.value("SELECT CONNECTION_ID()").await.expect("a number");
    server.ok("CREATE TABLE t (id int)").await;
    server.ok("INSERT INTO t VALUES (1)").await;
    server.ok("CREATE SEQUENCE s").await;
    let mut reader = server.beside(true);
    for sql in [
        "SET GLOBAL max_connections = 7",
        "SET SESSION sort_buffer_size = 262144, GLOBAL max_connections = 7",
        "SET @@GLOBAL.read_only = 1",
        "SET @a = 1, @@global.max_connections = 7",
        "SET PASSWORD = PASSWORD('x')",
        "SET STATEMENT max_statement_time = 1 FOR DELETE FROM t",
        "ANALYZE FORMAT=JSON DELETE FROM t",
        "ANALYZE DELETE FROM t",
        "FLUSH TABLES",
        &format!("KILL {id}"),
        "PURGE BINARY LOGS BEFORE NOW()",
        "RESET MASTER",
        "CHANGE MASTER TO MASTER_HOST = '127.0.0.1'",
        "SHUTDOWN",
        "INSTALL SONAME 'ha_blackhole'",
        "PREPARE p FROM 'SET GLOBAL max_connections = 7'; EXECUTE p",
        "EXECUTE IMMEDIATE 'SET GLOBAL max_connections = 7'",
        "BEGIN NOT ATOMIC SET GLOBAL max_connections = 7",
        "SELECT 1 INTO OUTFILE '/tmp/never-written-by-a-test'",
        "SELECT NEXT VALUE FOR s",
        "SELECT NEXTVAL(s)",
        "CREATE OR REPLACE TABLE t (id int)",
        "DO RELEASE_LOCK('a')",
    ] {
        let error = run(&mut reader, sql).await.err().unwrap_or_else(|| panic!("{sql} is sent")).to_string();
        assert!(error.contains("read-only, and this"), "{sql}: {error}");
    }
    let refused = run(&mut reader, "CREATE TEMPORARY TABLE u (id int)").await.err().expect("it is no read").to_string();
    assert!(refused.ends_with("(error 1792)"), "of this session alone, and held to reading by the server: {refused}");
    assert_eq!(server.value(settings).await, before);
    assert_eq!(server.value("SELECT COUNT(*) FROM t").await.as_deref(), Some("1"));
    for sql in ["SELECT * FROM t", "SHOW GLOBAL STATUS LIKE 'Uptime'", "SET @a = 1", "DO SLEEP(0)", "EXPLAIN SELECT 1"]
    {
        run(&mut reader, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[tokio::test]
async fn a_read_only_session_says_whether_its_account_could_write_all_the_same() {
    let server = server().await;
    let database = server.mariadb.as_ref().expect("it is one");
    for (user, right, expected) in [("looks", "SELECT", false), ("adds", "SELECT, INSERT", true)] {
        let user = format!("{user}_{}", database.name);
        database.client(&format!(
            "CREATE USER {user}@'%' IDENTIFIED BY 'pw'; GRANT {right} ON {}.* TO {user}@'%'",
            database.name
        ));
        let mut reader = connections(&database.url_for(&user, "pw"), true);
        let told = reader.open("db").await.expect("it opens").about().remarks.join("\n");
        assert_eq!(told.contains("not of the account") && told.contains("may write"), expected, "{right}: {told}");
    }
}
