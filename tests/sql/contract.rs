//! What holds on every kind of server.

use crate::{NEVER, Recorded, Server, run, run_with};
use runbook::effect::{Control, DatabaseError, Databases, ServerKind};
use std::time::Duration;
use tokio::sync::mpsc;

/// Each of these is one test on each server.
macro_rules! contract {
    ($($(#[$about:meta])* async fn $name:ident(mut $server:ident) $body:block)*) => {
        mod postgres {
            $(#[tokio::test] async fn $name() {
                super::$name(crate::Server::new(runbook::effect::ServerKind::Postgres).await).await;
            })*
        }
        mod mariadb {
            $(#[tokio::test] async fn $name() {
                super::$name(crate::Server::new(runbook::effect::ServerKind::Mysql).await).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test] async fn $name() {
                super::$name(crate::Server::new(runbook::effect::ServerKind::Sqlite).await).await;
            })*
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
        if server.kind == ServerKind::Mysql {
            // It describes the columns of a SELECT only.
            return;
        }
        let (result, output) = server.ok("DELETE FROM t WHERE id = 1 RETURNING id").await;
        assert_eq!(output.out, " id\n----\n(0 rows)\nDELETE 0\n");
        assert_eq!((result.rows, result.affected), (Some(0), Some(0)));
    }

    async fn rows_that_a_change_returns_are_counted_as_changed(mut server) {
        server.ok("CREATE TABLE t (id int)").await;
        let (result, output) = server.ok("INSERT INTO t VALUES (1), (2) RETURNING id").await;
        assert_eq!(output.out, " id\n----\n  1\n  2\n(2 rows)\nINSERT 0 2\n");
        assert_eq!((result.rows, result.affected), (Some(2), Some(2)));
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
        server.ok("CREATE TEMPORARY TABLE scratch (a int)").await;
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
        let endless = server.endless();
        let result = run_with(&mut server.connections, endless, timeout, Recorded::default(), &mut control).await;
        assert_eq!(result.err(), Some(DatabaseError::TimedOut));
        assert_eq!(server.value("SELECT 1").await.as_deref(), Some("1"), "the session goes on");
    }

    async fn a_statement_ends_when_the_responder_wants(mut server) {
        let (sender, mut control) = mpsc::unbounded_channel();
        let endless = server.endless();
        let statement = run_with(&mut server.connections, endless, NEVER, Recorded::default(), &mut control);
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
            let endless = server.endless();
            let statement = server.run(endless);
            let given_up = tokio::time::timeout(Duration::from_millis(50), statement).await;
            assert!(given_up.is_err());
        }
        assert!(!server.in_transaction().await, "a new session");
        assert_eq!(server.value("SELECT count(*) FROM t").await.as_deref(), Some("0"));
    }

    async fn of_many_rows_the_first_are_shown_and_all_are_kept(mut server) {
        let sql = match server.kind {
            ServerKind::Mysql => "SELECT seq AS i FROM seq_1_to_100000",
            _ => "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n",
        };
        let (result, output) = server.ok(sql).await;
        assert_eq!(result.rows, Some(100_000));
        assert!(output.out.ends_with(" 120\n… 99,880 more rows: all are in output/001-1.csv\n(100000 rows)\n"), "{}", output.out);
        assert_eq!(output.out.lines().count(), 124);
        assert_eq!(output.rows, 100_000);
        let expected: String = (1..=100_000).map(|n| format!("{n}\n")).collect();
        assert!(output.csv == format!("i\n{expected}").into_bytes());
    }
}
