use super::*;
use crate::language::Context;
use proptest::prelude::*;

mod disguised;
mod labelled;

use SqlDialect::{Mysql, Postgres, Sqlite, Unknown};

const DIALECTS: [SqlDialect; 4] = [Postgres, Sqlite, Mysql, Unknown];

fn texts(code: &str, dialect: SqlDialect) -> Vec<&str> {
    split(code, dialect).iter().map(|statement| &code[statement.span.start..statement.span.end]).collect()
}

#[test]
fn a_statement_ends_at_its_own_semicolon_and_at_no_other() {
    for (code, dialect, expected) in [
        ("SELECT 1", Postgres, vec!["SELECT 1"]),
        ("SELECT 1;\nSELECT 2\n", Postgres, vec!["SELECT 1", "SELECT 2"]),
        (";;SELECT 1;;", Postgres, vec!["SELECT 1"]),
        ("", Postgres, vec![]),
        ("-- nothing; here\n/* or; here */", Postgres, vec![]),
        ("SELECT ';', \"a;b\"; SELECT 2", Postgres, vec!["SELECT ';', \"a;b\"", "SELECT 2"]),
        ("SELECT 'it''s; fine'; SELECT 2", Postgres, vec!["SELECT 'it''s; fine'", "SELECT 2"]),
        ("SELECT E'it\\'s; fine'; SELECT 2", Postgres, vec!["SELECT E'it\\'s; fine'", "SELECT 2"]),
        ("SELECT 'a\\'; SELECT 2", Postgres, vec!["SELECT 'a\\'", "SELECT 2"]),
        ("SELECT 'a\\'; SELECT 2'", Mysql, vec!["SELECT 'a\\'; SELECT 2'"]),
        ("-- it's stuck\nSELECT 1; SELECT 2", Postgres, vec!["SELECT 1", "SELECT 2"]),
        ("/* a /* b; */ c; */ SELECT 1", Postgres, vec!["SELECT 1"]),
        ("/* a /* b; */ SELECT 1; SELECT 2", Sqlite, vec!["SELECT 1", "SELECT 2"]),
        ("DO $$ BEGIN x; END $$; SELECT 1", Postgres, vec!["DO $$ BEGIN x; END $$", "SELECT 1"]),
        ("DO $a$ $$;$b$; $a$; SELECT 1", Postgres, vec!["DO $a$ $$;$b$; $a$", "SELECT 1"]),
        ("SELECT a$$b; SELECT $1", Postgres, vec!["SELECT a$$b", "SELECT $1"]),
        ("SELECT `a;b`; SELECT [c;d]", Sqlite, vec!["SELECT `a;b`", "SELECT [c;d]"]),
        ("SELECT 1 # a; b\n; SELECT 2", Mysql, vec!["SELECT 1", "SELECT 2"]),
        ("SELECT 5--3; SELECT 2", Mysql, vec!["SELECT 5--3", "SELECT 2"]),
        (
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
            Postgres,
            vec!["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        ),
        ("\\x on\nSELECT 1;\n\\d jobs\n", Postgres, vec!["\\x on", "SELECT 1", "\\d jobs"]),
        (".tables\nSELECT 1\n.x;", Sqlite, vec![".tables", "SELECT 1\n.x"]),
        ("COPY t FROM STDIN;\n1;\tDROP TABLE x;\n\\.\nSELECT 1;", Postgres, vec!["COPY t FROM STDIN", "SELECT 1"]),
    ] {
        assert_eq!(texts(code, dialect), expected, "{code}");
    }
}

#[test]
fn a_trigger_of_sqlite_is_one_statement_with_its_body() {
    let trigger = "CREATE TEMP TRIGGER t AFTER UPDATE ON a BEGIN\n UPDATE b SET c = CASE WHEN 1 THEN 2 ELSE 3 END;\n DELETE FROM d;\nEND";
    let code = format!("{trigger};\nSELECT 1;");
    assert_eq!(texts(&code, Sqlite), [trigger, "SELECT 1"]);
    assert_eq!(split(&code, Sqlite)[0].kind, StatementKind::Schema);
}

#[test]
fn the_comment_before_a_statement_is_its_own() {
    let code = "-- first\n-- still\nSELECT 1; -- after\n\nSELECT 2";
    let comments: Vec<_> = split(code, Postgres).iter().map(|s| s.comment.map(|c| &code[c.start..c.end])).collect();
    assert_eq!(comments, [Some("-- first\n-- still"), Some("-- after")]);
}

#[test]
fn what_is_not_closed_is_never_a_read() {
    for code in ["SELECT 'a", "SELECT (1; DELETE FROM t", "SELECT /* a", "SELECT $$ a", "SELECT \"a", "SELECT E'\\'"] {
        for dialect in [Postgres, Unknown] {
            let statements = split(code, dialect);
            assert!(statements.iter().all(|s| s.effect > Effect::Read), "{code}: {statements:?}");
        }
    }
}

#[test]
fn an_unknown_dialect_believes_the_worst() {
    let statements = split("SELECT 1 /*! , pg_read() */", Unknown);
    assert_eq!(statements[0].effect, Effect::Unknown);
    let statements = split("SELECT 'a\\'; DELETE FROM t; -- '", Unknown);
    assert!(statements.iter().all(|s| s.effect >= Effect::Unknown), "{statements:?}");
}

#[test]
fn the_table_whose_every_row_changes_is_named() {
    for (code, table) in [
        ("DELETE FROM ops.job_queue", "ops.job_queue"),
        ("UPDATE ONLY \"Jobs\" SET a = 1", "\"Jobs\""),
        ("UPDATE OR REPLACE jobs SET a = 1 WHERE 1=1", "jobs"),
        ("TRUNCATE TABLE ONLY jobs", "jobs"),
        ("DROP TABLE IF EXISTS jobs", "jobs"),
        ("WITH d AS (DELETE FROM jobs RETURNING *) SELECT * FROM d", "jobs"),
        ("INSERT INTO log SELECT 1", "log"),
    ] {
        assert_eq!(split(code, Sqlite)[0].table.as_deref(), Some(table), "{code}");
    }
}

#[test]
fn a_condition_that_says_the_same_of_every_row_is_seen() {
    for condition in [
        "1=1",
        "TRUE",
        "(((true)))",
        "id = id",
        "id=id AND 1=1",
        "a = 1 OR 1 = 1",
        "a = 1 OR (b = b)",
        "'a' = 'a'",
        "NOT FALSE",
        "2 > 1",
        "1 IN (1, 2)",
        "now() > '2020-01-01'",
        "id IS NOT DISTINCT FROM id",
        "EXISTS (SELECT 1)",
        "jobs.id = jobs.id",
        "1",
    ] {
        let code = format!("DELETE FROM jobs WHERE {condition} RETURNING id");
        assert_eq!(split(&code, Postgres)[0].effect, Effect::Destructive, "{condition}");
    }
    for condition in [
        "id = 1",
        "id = id2",
        "id BETWEEN 1 AND 2",
        "locked_at < now() - interval '5 minutes'",
        "(id = 1)",
        "a = a AND b = 1",
        "(a = 1) AND (b = 2)",
        "id IN (SELECT id FROM stuck)",
        "name LIKE 'a%'",
        "NOT done",
        "(a = 1 OR b = 2) AND c = 3",
        "locked_at IS NOT NULL",
    ] {
        let code = format!("UPDATE jobs SET state = 'queued' WHERE {condition}");
        assert_eq!(split(&code, Postgres)[0].effect, Effect::Write, "{condition}");
    }
}

#[test]
fn placeholders_are_found_outside_comments() {
    let code = "-- replace <id>\nSELECT * FROM jobs WHERE id = <job-id> AND d > 'YYYY-MM-DD' AND w = 'your_worker';\n\
                DROP TABLE some_new_table; SELECT a FROM b WHERE c <d AND e> f;";
    let found: Vec<_> = placeholders(code, Postgres).into_iter().map(|p| p.name).collect();
    assert_eq!(found, ["job-id", "YYYY-MM-DD", "your_worker", "some_new_table"]);
}

#[test]
fn what_surrounds_a_value_is_told() {
    for (code, dialect, expected) in [
        ("SELECT @", Postgres, Context::Bare),
        ("SELECT '@'", Postgres, Context::SingleQuoted),
        ("SELECT 'a @ b'", Sqlite, Context::SingleQuoted),
        ("SELECT E'@'", Postgres, Context::EscapeQuoted),
        ("SELECT '@'", Mysql, Context::EscapeQuoted),
        ("SELECT \"@\"", Postgres, Context::DoubleQuoted),
        ("SELECT `@`", Sqlite, Context::Identifier),
        ("SELECT * FROM @", Postgres, Context::Identifier),
        ("SELECT * FROM a.@", Postgres, Context::Identifier),
        ("SELECT a@", Postgres, Context::Identifier),
        ("SELECT 1 -- @", Postgres, Context::Comment),
        ("SELECT 1 --@", Postgres, Context::Comment),
        ("/* @ */", Postgres, Context::Comment),
        ("DO $$ @ $$", Postgres, Context::DollarQuoted),
        ("\\d @", Postgres, Context::ClientCommand),
        ("WHERE id = (@)", Postgres, Context::Bare),
    ] {
        let at = code.find('@').expect("a mark");
        let text = code.replace('@', "x");
        assert_eq!(places_at(&text, &[at], dialect)[0].context, expected, "{code}");
    }
}

/// Pieces of which hostile SQL is made.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "'",
        "''",
        "\"",
        "`",
        "[",
        "]",
        "$$",
        "$a$",
        "--",
        "/*",
        "*/",
        "\\",
        ";",
        "\n",
        "(",
        ")",
        "E'",
        " ",
        "SELECT",
        "DELETE FROM t",
        "BEGIN",
        "END",
        "CREATE TRIGGER",
        "CASE",
        "x",
        "1",
        "é",
        "#",
        ".",
        "\\.",
        "COPY t FROM STDIN",
        "DELIMITER //",
        "DELIMITER $$\n",
        "//",
        "\nGO\n",
        "\0",
        "WHERE",
        "AND",
        "OR",
        "=",
        "WITH",
        "EXPLAIN ANALYZE",
        "\r",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_go_on_its_own_line_ends_a_statement_where_the_database_is_not_known() {
    let code = "SELECT go FROM t\n  go\nDROP TABLE t\nGO 3\n\nGO\nSELECT 'a\nGO\n', /*\nGO\n*/ go\nGO now";
    let statements = split(code, Unknown);
    let effects: Vec<Effect> = statements.iter().map(|statement| statement.effect).collect();
    assert_eq!(texts(code, Unknown), ["SELECT go FROM t", "DROP TABLE t", "SELECT 'a\nGO\n', /*\nGO\n*/ go\nGO now"]);
    assert_eq!(effects[1], Effect::Destructive);
    // A server would be sent it as it stands.
    assert_eq!(texts("SELECT 1\nGO\n", Postgres), ["SELECT 1\nGO"]);
}

#[test]
fn mysqls_delimiter_is_followed() {
    let code = "DELIMITER //\nCREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW\nBEGIN\n  SET NEW.x = '//';\nEND//\n\
                DROP TABLE t; SELECT 1 //\ndelimiter ;\nSELECT 2; SELECT 3";
    let statements = split(code, Mysql);
    assert_eq!(
        texts(code, Mysql),
        [
            "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW\nBEGIN\n  SET NEW.x = '//';\nEND",
            "DROP TABLE t; SELECT 1",
            "SELECT 2",
            "SELECT 3"
        ]
    );
    assert!(statements[1].effect >= Effect::Unknown, "{:?}", statements[1]);
    assert_eq!(texts("SELECT 1 //", Mysql), ["SELECT 1 //"]);
    assert_eq!(split("DELIMITER\nSELECT 1;", Mysql)[0].effect, Effect::Unknown);
}

proptest! {
    #[test]
    fn any_text_is_split_without_panic_into_spans_in_order(code in prop_oneof![hostile(), any::<String>()], at in 0usize..200) {
        for dialect in DIALECTS {
            let mut end = 0;
            for statement in split(&code, dialect) {
                prop_assert!(statement.span.start >= end && statement.span.end > statement.span.start);
                prop_assert!(code.get(statement.span.start..statement.span.end).is_some());
                end = statement.span.end;
            }
            let _ = placeholders(&code, dialect);
            let _ = places_at(&code, &[at.min(code.len())], dialect);
        }
    }

    #[test]
    fn every_visible_byte_belongs_to_a_token(code in hostile()) {
        for dialect in DIALECTS {
            let mut covered = vec![false; code.len()];
            for token in lexer::lex(&code, dialect).tokens {
                for byte in &mut covered[token.span.start..token.span.end] {
                    prop_assert!(!std::mem::replace(byte, true), "covered twice");
                }
            }
            for (at, c) in code.char_indices() {
                prop_assert!(covered[at] || c.is_whitespace());
            }
        }
    }
}

#[test]
fn what_a_statement_loses_is_said_by_its_name() {
    for (code, reason) in [
        ("DROP TABLE IF EXISTS jobs", "drops the table jobs"),
        ("DROP DATABASE old", "drops the database old and all in it"),
        ("DROP SCHEMA IF EXISTS a CASCADE", "drops the schema a and all in it"),
        ("DROP OWNED BY a", "drops all that a role owns"),
        ("DROP INDEX i", "drops an index"),
        ("REVOKE ALL ON a FROM b", "takes rights away"),
        ("VACUUM (FULL) a", "rewrites tables, locking each of them meanwhile"),
    ] {
        let statement = split(code, Postgres).remove(0);
        assert_eq!(statement.reasons.first().map(String::as_str), Some(reason), "{code}");
    }
    for (code, effect) in
        [("RESET MASTER", Effect::Destructive), ("STOP REPLICA", Effect::Write), ("SHOW REPLICA STATUS", Effect::Read)]
    {
        assert_eq!(split(code, Mysql)[0].effect, effect, "{code}");
    }
}

#[test]
fn a_statement_with_many_calls_says_its_worst_and_not_all_of_them() {
    let calls: Vec<String> = (0..5000).map(|number| format!("f{number}(a, {number})")).collect();
    let statement = split(&format!("SELECT {}, pg_terminate_backend(1)", calls.join(", ")), Postgres).remove(0);
    assert_eq!(statement.effect, Effect::Destructive);
    assert!(statement.reasons.len() < 50, "{}", statement.reasons.len());
    assert!(statement.reasons.iter().any(|reason| reason.contains("pg_terminate_backend")));
}
