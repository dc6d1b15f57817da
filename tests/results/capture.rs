//! Values from a query in the blocks after it.

use crate::run;
use crate::servers::postgres::server;
use crate::support::{Sandbox, text};
use std::fs;

const JOBS: &str = "
    CREATE TABLE jobs (id bigint, name text, stuck interval, active bool, nothing text);
    INSERT INTO jobs VALUES (7, 'it''s \"odd\"; $(touch gone) `x` \\', '1 day 02:00', true, NULL), (8, 'plain', '5 min', false, NULL);";

fn page(capture: &str, variables: &str, sql: &str, rest: &str) -> String {
    format!(
        "---\nconnections:\n  ops: {{ env: OPS_DATABASE_URL }}\nvariables:\n{variables}\nsteps:\n  look:\n    \
         capture: {{ {capture} }}\n---\n\n# Page\n\n## Look\n\n```sql\n{sql}\n```\n\n{rest}"
    )
}

#[test]
fn captured_values_reach_shell_and_sql_as_they_are() {
    let database = server().database();
    database.psql(JOBS);
    let sandbox = Sandbox::new();
    let page = page(
        "job: { column: id }, name: { column: name }, stuck: { column: stuck }, active: { column: active }, found: rows",
        "  job: { type: int }\n  name: { type: string }\n  stuck: { type: duration }\n  active: { type: bool }\n  found: { type: int }",
        "SELECT * FROM jobs WHERE id = 7;",
        "## Use\n\n```bash\nprintf '%s|%s|%s|%s|%s' {{ job }} {{ name }} {{ stuck }} {{ active }} {{ found }} > used\n```\n\n\
         ## Ask\n\n```sql connection=ops\nUPDATE jobs SET nothing = '{{ name }}' WHERE id = {{ job }} AND name = {{ name }} AND active = {{ active }};\n```\n",
    );
    let output = run(&sandbox, &page, &database);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let used = fs::read_to_string(sandbox.work().join("used")).expect("the block ran");
    assert_eq!(used, "7|it's \"odd\"; $(touch gone) `x` \\|1d2h|true|1");
    assert!(!sandbox.work().join("gone").exists());
    assert_eq!(database.psql("SELECT count(*) FROM jobs WHERE nothing = name"), "1");
}

#[test]
fn a_count_and_what_was_changed_are_captured() {
    let database = server().database();
    database.psql(JOBS);
    let sandbox = Sandbox::new();
    let page = page(
        "found: rows, changed: affected, oldest: { first: id }",
        "  found: { type: int }\n  changed: { type: int }\n  oldest: { type: int }",
        "UPDATE jobs SET active = true;\nSELECT id FROM jobs ORDER BY id;",
        "## Use\n\n```bash\necho {{ found }} {{ changed }} {{ oldest }} > used\n```\n",
    );
    let output = run(&sandbox, &page, &database);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(sandbox.work().join("used")).expect("the block ran"), "2 2 7\n");
}

#[test]
fn what_cannot_be_captured_is_an_error_that_says_why_and_nothing_runs_with_it() {
    let database = server().database();
    database.psql(JOBS);
    for (capture, variable, sql, why) in [
        ("{ column: nothing }", "{ type: string }", "SELECT * FROM jobs WHERE id = 7;", "column nothing is NULL"),
        ("{ column: id }", "{ type: int }", "SELECT * FROM jobs;", "2 rows, and only one was expected"),
        ("{ column: id }", "{ type: int }", "SELECT * FROM jobs WHERE false;", "the query gave no row"),
        ("{ column: name }", "{ type: int }", "SELECT * FROM jobs WHERE id = 8;", "a whole number"),
        ("{ column: name }", "{ type: bool }", "SELECT * FROM jobs WHERE id = 8;", "true or false"),
        ("{ column: name }", "{ type: duration }", "SELECT * FROM jobs WHERE id = 8;", "a duration"),
        (
            "{ column: other }",
            "{ type: string }",
            "SELECT id, name FROM jobs WHERE id = 8;",
            "no column other, but id, name",
        ),
        ("{ column: a }", "{ type: int }", "SELECT 1 AS a, 2 AS a;", "several columns are called a"),
        ("affected", "{ type: int }", "SELECT 1;", "no statement changes rows"),
        ("rows", "{ type: int }", "UPDATE jobs SET active = active;", "no statement is a query"),
    ] {
        let sandbox = Sandbox::new();
        let page = page(
            &format!("value: {capture}"),
            &format!("  value: {variable}"),
            sql,
            "## Use\n\n```bash\necho {{ value }} > used\n```\n",
        );
        let output = run(&sandbox, &page, &database);
        let shown = text(&output.stderr);
        assert_ne!(output.status.code(), Some(0), "{capture}: {shown}");
        assert!(shown.contains("value could not be captured") && shown.contains(why), "{capture}: {shown}");
        assert!(!sandbox.work().join("used").exists(), "{capture}");
    }
}
