//! SQLite's shell.

use crate::{assert_same, is_refused, ours};
use proptest::prelude::*;
use runbook::language::sql::SqlDialect::Sqlite;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The statements that the shell runs when it is given `code`, in which no
/// line ends with a `;`: so does each statement of the trace.
fn run_by_sqlite(code: &str) -> Vec<String> {
    let mut shell = Command::new("sqlite3");
    shell.args(["-batch", "-init", "/dev/null", ":memory:"]).env_clear();
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut shell = shell.spawn().expect("SQLite's shell is installed: apt-get install sqlite3");
    let mut stdin = shell.stdin.take().expect("it is piped");
    write!(stdin, "CREATE TABLE t (a, b);\n.output /dev/null\n.trace stdout\n{code}").expect("the shell reads");
    drop(stdin);
    let output = shell.wait_with_output().expect("it ends");
    let refused = String::from_utf8_lossy(&output.stderr);
    assert_eq!(refused, "", "the code is meant to be right: {code}");
    let traced = String::from_utf8(output.stdout).expect("the code is UTF-8");
    traced.split(";\n").map(str::to_owned).collect()
}

#[track_caller]
fn assert_ends_as_in_sqlite(code: &str) {
    assert!(!is_refused(code, Sqlite), "{code}");
    assert_same(code, &ours(code, Sqlite), &run_by_sqlite(code), Sqlite);
}

#[test]
fn sqlites_shell_ends_statements_where_we_end_them() {
    for code in [
        "SELECT 1",
        "SELECT 1; ; SELECT 2 ; -- SELECT 3;c\nSELECT 4 /* c; /* d; */; SELECT 5",
        "SELECT 'it''s; fine', 'a\\'; SELECT 2",
        "SELECT 1 AS \"a;\"\"b\", 2 AS [c;d], 3 AS `e;``f`",
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n UPDATE t SET b = CASE WHEN 1 THEN 2 ELSE 3 END; SELECT a AS end FROM t; END; SELECT 2",
        "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; -- END;c\n END; SELECT 2",
        "CREATE TABLE u (\"trigger\", begin); SELECT begin FROM u; SELECT 3",
        "BEGIN; INSERT INTO t VALUES (1, 2); END; SELECT 1",
        ".headers on\nSELECT 1;\n.mode column\nSELECT 2\n",
        "SELECT 5--3; SELECT 1\n; SELECT 2",
    ] {
        assert_ends_as_in_sqlite(code);
    }
}

#[test]
fn what_sqlites_shell_would_do_by_itself_is_refused_and_not_sent_another_way() {
    for code in [
        ".read other.sql",
        ".tables",
        ".import x t",
        "\\d t",
        "DELETE FROM t WHERE a = :a",
        "SELECT ?",
        "SELECT $1, @b",
    ] {
        assert!(is_refused(code, Sqlite), "{code}");
    }
}

/// Expressions, and what may stand before or after one.
const VALUES: &[&str] = &[
    "1",
    "'a;b'",
    "'it''s'",
    "'\\'",
    "'--'",
    "'/*'",
    "NULL",
    "(1)",
    "(SELECT 2)",
    "CASE WHEN 1 THEN 2 END",
    "CASE 1 WHEN 2 THEN ';' ELSE 4 END",
];
const NAMES: &[&str] = &["x", "\"a;b\"", "[c;d]", "`e;f`", "\"it\"\"s\"", "\"--\"", "[/*]"];
const SPACE: &[&str] = &[" ", "\n", " -- c; 'd\n", " /* e; \" */ ", " /* /* */ "];

proptest! {
    #![proptest_config(crate::cases(150))]

    #[test]
    fn sqlites_shell_ends_the_statements_of_any_script_where_we_end_them(
        parts in prop::collection::vec(
            (
                0..4,
                prop::sample::select(VALUES),
                prop::sample::select(NAMES),
                prop::sample::select(SPACE),
                prop::sample::select(SPACE),
            ),
            1..8,
        )
    ) {
        let mut code = String::new();
        for (number, (kind, value, name, first, second)) in parts.into_iter().enumerate() {
            let select = format!("SELECT{first}{value}{second}AS {name}");
            code.push_str(&match kind {
                0 => format!("CREATE TRIGGER r{number} AFTER INSERT ON t BEGIN {select}; DELETE FROM t; {second}END"),
                1 => format!("INSERT INTO t{first}VALUES ({value}, {value})"),
                _ => select,
            });
            code.push_str("; ");
            code.push_str(first.trim_start_matches('\n'));
        }
        assert_ends_as_in_sqlite(&code);
    }
}
