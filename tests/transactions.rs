//! What a block does with its transaction by itself, and what of it is kept:
//! on the screen, in the record and in the report it is what the database
//! holds. On a real PostgreSQL, a real MariaDB and SQLite.

mod servers;
mod support;

use serde_json::Value;
use servers::{mariadb, postgres};
use std::process::{Command, Output};
use support::{Sandbox, Terminal, text};

const SEED: &str = "
    CREATE TABLE jobs (id int PRIMARY KEY, status varchar(20));
    INSERT INTO jobs VALUES (1, 'new'), (2, 'new'), (3, 'new'), (4, 'new'), (5, 'new');";

/// A page with this code, its step settings, and a connection.
fn page(settings: &str, code: &str) -> String {
    format!(
        "---\nconnections: {{ db: {{ env: DB_URL }} }}\nsteps: {{ step: {{ {settings} }} }}\n---\n\n# Page\n\n## Step\n\n\
         ```sql\n{code}\n```\n"
    )
}

fn run(sandbox: &Sandbox, url: &str, page: &str) -> (Output, String) {
    sandbox.write("page.md", page);
    let mut command: Command = sandbox.runbook(["run", "page.md", "--yes=destructive"]);
    let output = command.env("DB_URL", url).output().expect("it starts");
    let said = text(&output.stderr);
    (output, said)
}

fn ends(sandbox: &Sandbox) -> Vec<(String, u64)> {
    let end = |event: &Value| (event["decision"].as_str().unwrap_or_default().to_owned(), event["affected"].as_u64());
    let ends = sandbox.events_of("transaction_ended");
    ends.iter().map(end).map(|(decision, affected)| (decision, affected.unwrap_or_default())).collect()
}

fn committed(affected: u64) -> (String, u64) {
    ("committed".to_owned(), affected)
}

fn rolled_back(affected: u64) -> (String, u64) {
    ("rolled_back".to_owned(), affected)
}

#[test]
fn what_a_savepoint_has_taken_back_is_not_counted_and_not_reported_as_kept() {
    let code = "BEGIN;\nUPDATE jobs SET status = 'done' WHERE id = 1;\nSAVEPOINT before;\nDELETE FROM jobs WHERE id > 1;\n\
                ROLLBACK TO SAVEPOINT Before;\nCOMMIT;";
    let database = postgres::server().database();
    database.psql(SEED);
    let sandbox = Sandbox::new();
    let (output, said) = run(&sandbox, &database.url, &page("expect: { affected: \"<= 2\" }", code));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(ends(&sandbox), [committed(1)], "{said}");
    assert_eq!(database.psql("SELECT count(*) FROM jobs"), "5");
    let report = sandbox.report();
    assert!(report.contains("1 row was changed and kept; changes to 4 rows were taken back"), "{report}");
    assert!(report.contains("the block went back to its savepoint"), "{report}");

    let sandbox = Sandbox::new();
    sandbox.command("sqlite3").args(["a.db", SEED]).status().expect("it starts");
    let code = "SAVEPOINT before;\nDELETE FROM jobs WHERE id > 1;\nROLLBACK TO before;\nDELETE FROM jobs WHERE id = 1;\n\
                RELEASE before;";
    let (output, said) = run(&sandbox, "sqlite:a.db", &page("", code));
    assert_eq!(output.status.code(), Some(0), "SQLite's first savepoint opens a transaction: {said}");
    assert_eq!(ends(&sandbox), [committed(1)], "{said}");
}

#[test]
fn a_chained_commit_opens_the_next_transaction_as_the_first_was() {
    let code = "BEGIN ISOLATION LEVEL SERIALIZABLE;\nUPDATE jobs SET status = 'a' WHERE id = 1;\nCOMMIT AND CHAIN;\n\
                SHOW transaction_isolation;\nUPDATE jobs SET status = 'b' WHERE id = 2;\nROLLBACK;";
    let database = postgres::server().database();
    database.psql(SEED);
    let sandbox = Sandbox::new();
    let (output, said) = run(&sandbox, &database.url, &page("", code));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(text(&output.stdout).contains("serializable") || said.contains("serializable"), "{said}");
    assert_eq!(ends(&sandbox), [committed(1), rolled_back(1)], "{said}");
    assert_eq!(database.psql("SELECT string_agg(status, ',' ORDER BY id) FROM jobs"), "a,new,new,new,new");
}

#[test]
fn what_would_outlive_the_session_is_never_sent() {
    let database = postgres::server().database();
    database.psql(SEED);
    let sandbox = Sandbox::new();
    let code = "BEGIN;\nUPDATE jobs SET status = 'a';\nPREPARE TRANSACTION 'left';";
    let (output, said) = run(&sandbox, &database.url, &page("", code));
    assert_ne!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("leaves a transaction in the server"), "{said}");
    assert_eq!(database.psql("SELECT count(*) FROM jobs WHERE status = 'a'"), "0");
}

#[test]
fn a_rollback_that_has_nothing_to_take_back_is_no_success() {
    let database = postgres::server().database();
    database.psql(SEED);
    let sandbox = Sandbox::new();
    let three = "# Page\n\n## Open\n\n```sql\nBEGIN;\n```\n\n## Change\n\n```sql\nUPDATE jobs SET status = 'a' WHERE id = 1;\n```\n\n\
                 ## Take back\n\n```sql\nROLLBACK;\n```\n";
    let (output, said) =
        run(&sandbox, &database.url, &format!("---\nconnections: {{ db: {{ env: DB_URL }} }}\n---\n\n{three}"));
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("opens a transaction at line 10 and does not end it"), "{said}");
    assert!(said.contains("there is no transaction to take back"), "{said}");
    assert_eq!(database.psql("SELECT status FROM jobs WHERE id = 1"), "a", "it was kept at the end of its own block");
}

#[test]
fn what_nobody_can_count_is_not_called_no_rows_and_does_not_pass_a_limit() {
    let database = postgres::server().database();
    database.psql(SEED);
    let limited = "expect: { affected: \"<= 3\" }";
    for code in [
        "WITH changed AS (UPDATE jobs SET status = 'x' RETURNING 1) SELECT count(*) FROM changed;",
        "DO $$ BEGIN UPDATE jobs SET status = 'x'; END $$;",
        "TRUNCATE jobs;",
    ] {
        let sandbox = Sandbox::new();
        let (output, said) = run(&sandbox, &database.url, &page(limited, code));
        assert_eq!(output.status.code(), Some(1), "{code}: {said}");
        assert_eq!(ends(&sandbox).first().map(|(decision, _)| decision.as_str()), Some("rolled_back"), "{said}");
        let checks = sandbox.events_of("checked");
        assert!(checks.iter().all(|check| check["held"] == false), "{code}: {checks:?}");
        assert_eq!(database.psql("SELECT count(*) FROM jobs WHERE status = 'new'"), "5", "{code}");
    }
    let sandbox = Sandbox::new();
    let (_, said) = run(&sandbox, &database.url, &page("", "TRUNCATE jobs;"));
    assert!(said.contains("committed, changed rows not counted"), "{said}");
    assert!(!sandbox.report().contains("0 rows were changed"), "{}", sandbox.report());
}

#[test]
fn what_was_more_than_expected_is_on_record_as_what_it_was() {
    let database = postgres::server().database();
    database.psql(SEED);
    let sandbox = Sandbox::new();
    let code = "UPDATE jobs SET status = 'x' WHERE id > 1;";
    let (_, said) = run(&sandbox, &database.url, &page("expect: { affected: \"<= 3\" }", code));
    let check = sandbox.events_of("checked").remove(0);
    assert_eq!((check["held"].clone(), check["found"].clone()), (Value::Bool(false), "4".into()), "{said}");
}

#[test]
fn what_took_effect_at_once_is_never_reported_as_taken_back() {
    let database = postgres::server().database();
    database.psql(SEED);
    database.psql("CREATE SEQUENCE tickets");
    let sandbox = Sandbox::new();
    let code = "CREATE INDEX CONCURRENTLY by_status ON jobs (status);\nUPDATE jobs SET status = 'x' WHERE id = 1;\n\
                SELECT nextval('tickets');\nROLLBACK;";
    let (output, said) = run(&sandbox, &database.url, &page("", code));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("rolled back, but not all of it"), "{said}");
    let report = sandbox.report();
    assert!(report.contains("kept at once, without a transaction"), "{report}");
    assert!(report.contains("rolled back, but not all of it"), "{report}");
    assert!(!report.contains("nothing was kept"), "{report}");
}

#[test]
fn what_mariadb_keeps_in_a_transaction_and_what_it_does_not_is_told_apart() {
    let database = mariadb::server().database();
    database.client(&format!("{SEED} CREATE TABLE old (id int); INSERT INTO old VALUES (1);"));
    // A temporary table does not end the transaction.
    let sandbox = Sandbox::new();
    let code = "START TRANSACTION;\nUPDATE jobs SET status = 'x' WHERE id = 1;\nCREATE TEMPORARY TABLE seen (id int);\n\
                DROP TEMPORARY TABLE seen;\nUPDATE jobs SET status = 'x' WHERE id = 2;\nROLLBACK;";
    let (output, said) = run(&sandbox, &database.url, &page("", code));
    assert_eq!((output.status.code(), ends(&sandbox)), (Some(0), vec![rolled_back(2)]), "{said}");
    assert_eq!(database.client("SELECT COUNT(*) FROM jobs WHERE status = 'x'"), "0");
    // ANALYZE runs what it analyses, in a transaction as any other.
    let sandbox = Sandbox::new();
    let (output, said) = run(
        &sandbox,
        &database.url,
        &page("expect: { affected: 0 }", "ANALYZE FORMAT=JSON UPDATE jobs SET status = 'y' WHERE id = 1;"),
    );
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(database.client("SELECT COUNT(*) FROM jobs WHERE status = 'y'"), "0", "{said}");
    // What takes effect at once stays, and the report says so.
    let sandbox = Sandbox::new();
    let code = "ALTER TABLE jobs ADD COLUMN extra int;\nUPDATE jobs SET status = 'z' WHERE id = 3;\nROLLBACK;";
    let (output, said) = run(&sandbox, &database.url, &page("", code));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("rolled back, but not all of it"), "{said}");
    let report = sandbox.report();
    assert!(report.contains("kept at once") && !report.contains("nothing was kept"), "{report}");
}

#[test]
fn what_is_captured_goes_into_later_statements_as_what_it_is() {
    for declared in ["", "variables: { other: { default: \"x\" } }\n"] {
        let sandbox = Sandbox::new();
        sandbox.command("sqlite3").args(["a.db", SEED]).status().expect("it starts");
        let page = format!(
            "---\n{declared}connections: {{ db: {{ env: DB_URL }} }}\nsteps:\n  count: {{ capture: {{ two: {{ column: n }}, all: rows, \
             word: {{ column: w }} }} }}\n---\n\n# Page\n\n## Count\n\n```sql\nSELECT 2 AS n, '2' AS w;\n```\n\n## Use\n\n\
             ```sql\nSELECT 'two ' || ({{{{ two }}}} < 10), 'all ' || (count(*) > {{{{ all }}}}), 'word ' || ({{{{ word }}}} = '2') FROM jobs;\n```\n"
        );
        let (output, said) = run(&sandbox, "sqlite:a.db", &page);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let shown = text(&output.stdout) + &said;
        for wanted in ["two 1", "all 1", "word 1"] {
            assert!(shown.contains(wanted), "{declared}{wanted}: {shown}");
        }
    }
}

#[test]
fn a_statement_that_failed_has_taken_the_time_that_it_took() {
    let database = postgres::server().database();
    let sandbox = Sandbox::new();
    let (_, said) = run(&sandbox, &database.url, &page("timeout: 1s", "SELECT pg_sleep(600);"));
    let took = sandbox.events_of("statement_finished")[0]["duration_ms"].as_u64();
    assert!(took >= Some(1000), "{took:?}: {said}");
}

/// Takes ten off a balance, keeps that, and then fails.
const KEPT_THEN_FAILS: &str = "BEGIN;\nUPDATE balance SET v = v - 10 WHERE id = 1;\nCOMMIT;\nSELECT 1/0;";
const BALANCE: &str = "CREATE TABLE balance (id int PRIMARY KEY, v int); INSERT INTO balance VALUES (1, 100);";

#[test]
fn what_has_kept_a_part_is_not_tried_again_unasked() {
    let database = postgres::server().database();
    database.psql(BALANCE);
    let sandbox = Sandbox::new();
    let retry = page("retry: { times: 3, every: 10ms }", KEPT_THEN_FAILS);
    let (output, said) = run(&sandbox, &database.url, &retry);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(database.psql("SELECT v FROM balance"), "90", "{said}");
    assert!(said.contains("what it changed before that is kept"), "{said}");
}

#[test]
fn a_run_that_is_taken_up_again_says_what_has_failed_and_is_kept() {
    let database = postgres::server().database();
    database.psql(BALANCE);
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page("", KEPT_THEN_FAILS));
    let with_url = |arguments: &[&str]| {
        let mut command = sandbox.runbook(arguments);
        command.env("DB_URL", &database.url);
        Terminal::spawn(&command)
    };
    let mut terminal = with_url(&["run", "page.md"]);
    terminal.answer("Run this?", "r");
    terminal.answer("commit (or yes)", "commit");
    terminal.answer("What now?", "suspend");
    terminal.wait_exit();
    let mut terminal = with_url(&["resume"]);
    terminal.expect("It has failed before: ");
    terminal.expect("what it changed before that is kept");
    terminal.answer("Run this?", "s not twice");
    terminal.expect("Report");
    terminal.wait_exit();
    assert_eq!(database.psql("SELECT v FROM balance"), "90");
}

#[test]
fn after_a_statement_that_moves_the_session_the_banner_says_where_it_is() {
    let moved = |database: &str, set: &str, look: &str| {
        let sandbox = Sandbox::new();
        let page = format!(
            "---\nconnections: {{ db: {{ env: DB_URL }} }}\n---\n\n# Page\n\n## Move\n\n```sql\n{set}\n```\n\n## Look\n\n```sql\n{look}\n```\n"
        );
        let (output, said) = run(&sandbox, database, &page);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let targets = sandbox.events_of("block_started");
        targets.iter().map(|event| event["target"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let database = postgres::server().database();
    let targets = moved(&database.url, "SET ROLE pg_monitor;", "SELECT current_user;");
    assert!(targets[0].contains("role postgres") && targets[1].contains("role pg_monitor"), "{targets:?}");
    let database = mariadb::server().database();
    let targets = moved(&database.url, "USE information_schema;", "SELECT DATABASE();");
    assert!(targets[0].contains(&database.name) && targets[1].contains("information_schema"), "{targets:?}");
}

#[test]
fn a_run_that_is_taken_up_again_says_what_its_new_session_has_not() {
    let database = postgres::server().database();
    let sandbox = Sandbox::new();
    sandbox.write(
        "page.md",
        "---\nconnections: { db: { env: DB_URL } }\n---\n\n# Page\n\n## Set\n\n```sql\nSET search_path = ops;\n```\n\n## Use\n\n```sql\nSELECT 1;\n```\n",
    );
    let with_url = |arguments: &[&str]| {
        let mut command = sandbox.runbook(arguments);
        command.env("DB_URL", &database.url);
        Terminal::spawn(&command)
    };
    let mut terminal = with_url(&["run", "page.md"]);
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "suspend");
    terminal.wait_exit();
    let mut terminal = with_url(&["resume"]);
    let told = terminal.expect("SET search_path = ops");
    assert!(told.contains("This is a new session on db"), "{told}");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0);
}
