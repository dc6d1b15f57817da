//! What stands in a block: names to fill in, variables, ways, statements.

use crate::page::{Page, text};
use runbook::language::sql::{self, SqlDialect};
use serde_json::{Value, json};

#[test]
fn rule_09_an_angle_is_a_placeholder_or_a_redirection() {
    let page = Page::of("09-angles");
    let plan = page.plan();
    assert_eq!(plan.block("gh run view")["placeholders"], json!(["<run-id>"]));
    assert_eq!(plan.block("ssh build@")["placeholders"], json!(["<host>"]));
    assert_eq!(plan.block("UPDATE builds")["placeholders"], json!(["<run-id>"]));
    assert_eq!(plan.block("sort <")["placeholders"], json!([]));

    // What redirects runs as it stands.
    page.sandbox.write("last-words.txt", "out of memory\nkilled\n");
    let output = page.run_part("#compare-it-with-the-last-good-one", &["--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(page.written("sorted.txt"), "killed\nout of memory\n");
    assert_eq!(page.written("copy.txt"), page.written("sorted.txt"));
}

#[test]
fn rule_09_what_is_not_filled_in_does_not_run() {
    let page = Page::of("09-angles").with_commands(&["gh", "kubectl", "ssh"]);
    page.sandbox.write("run-id", "a file that the redirection would find\n");
    let output = page.run_part("#find-out-which", &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("09-angles.md:6:13"), "{}", text(&output.stderr));
    assert_eq!(page.called(), [""; 0]);
}

#[test]
fn rule_09_a_placeholder_is_asked_for_once_and_remembered() {
    let page = Page::of("09-angles").with_commands(&["gh", "kubectl", "ssh"]);
    let plan = page.plan();
    assert_eq!(plan.block("kubectl logs")["placeholders"], json!(["<pod name>"]));

    let mut terminal = page.sit_down("#find-out-which");
    let questions =
        [("What is run", "4711"), ("What is pod", "agent-7"), ("What is host", "build-2"), ("Run this?", "r")];
    terminal.answer_until(&questions, "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(
        page.called(),
        [
            "gh run view 4711 --log-failed",
            "kubectl logs agent-7 -n builds --previous",
            "ssh build@build-2 tail -n 50 /var/log/agent.log",
        ]
    );
}

#[test]
fn rule_11_variables_that_nothing_sets_are_told() {
    let plan = Page::of("11-unset").plan();
    // Not those that a block before sets, loops, `read`, the environment, or
    // that have a default; not what is quoted, and not those of awk.
    let unset = plan.each("unset");
    assert_eq!(unset, [&json!(["ADMIN_SECRET", "INGEST_URL", "WORKER"]), &json!([]), &json!([]), &json!([])]);
}

#[test]
fn rule_11_variables_that_nothing_sets_are_asked_for() {
    let page = Page::of("11-unset").with_commands(&["curl"]);
    let output = page.run_part("#ask-for-a-new-token", &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("ADMIN_SECRET"), "{}", text(&output.stderr));
    assert_eq!(page.called(), [""; 0]);

    let page = Page::of("11-unset").with_commands(&["curl"]);
    let mut terminal = page.sit_down("#ask-for-a-new-token");
    let questions = [
        ("What is ADMIN_SECRET", "correct-horse"),
        ("What is INGEST_URL", "http://ingest.test"),
        ("What is WORKER", "ingest-1"),
        ("Run this?", "r"),
    ];
    terminal.answer_until(&questions, "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(
        page.called(),
        ["curl -s -H Authorization: Bearer correct-horse http://ingest.test/tokens?for=ingest-1"]
    );
    page.sandbox.assert_nowhere("correct-horse", &page.sandbox.state());
}

#[test]
fn rule_18_of_several_ways_one_is_taken() {
    let page = Page::of("18-alternatives").with_commands(&["invoicectl", "psql", "curl"]);
    let plan = page.plan();
    let ways: Vec<&Value> = plan.steps().iter().filter(|step| step["option_of"] == "release-the-locks").collect();
    assert_eq!(ways.len(), 2);
    assert_eq!(plan.steps()[0]["kind"], "choice");

    let output = page.run_part("#release-the-locks", &["--yes=destructive"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(page.called(), ["invoicectl unlock --older-than 10m"]);
    let chosen = page.sandbox.events_of("chosen");
    assert_eq!(chosen.len(), 1);
    assert_eq!(chosen[0]["others"], json!(["Option B: in the database"]));
}

#[test]
fn rule_18_the_other_way_can_be_chosen() {
    let page = Page::of("18-alternatives").with_commands(&["invoicectl", "psql", "curl"]);
    let mut terminal = page.sit_down("#release-the-locks");
    terminal.answer_until(&[("Enter: Option A", "2"), ("Run this?", "r")], "Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let called = page.called();
    assert!(called.len() == 1 && called[0].starts_with("psql billing -c UPDATE invoices"), "{called:?}");
}

#[test]
fn rule_18_ways_within_a_step_are_a_choice_too() {
    let page = Page::of("18-alternatives").with_commands(&["invoicectl", "psql", "curl"]);
    let output = page.run();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // `Or via the API` does not send them a second time.
    assert_eq!(page.called(), ["invoicectl unlock --older-than 10m", "invoicectl send --all", "invoicectl list"]);
    assert_eq!(page.sandbox.events_of("chosen").len(), 2);
}

#[test]
fn rule_20_sql_is_split_by_its_own_lexer() {
    let page = Page::of("20-sql-lexer");
    let plan = page.plan();
    let statements = |holding: &str, dialect| -> Vec<String> {
        let code = plan.block(holding)["run"].as_str().expect("run");
        let statements = sql::split(code, dialect);
        statements.iter().map(|one| code[one.span.start..one.span.end].to_owned()).collect()
    };
    let expected = [
        "SELECT 'a;b' AS text, \"x;y\" FROM (SELECT 1 AS \"x;y\")",
        "UPDATE jobs SET note = 'it''s free; now' WHERE state = 'stuck'",
        "SELECT count(*) AS freed FROM jobs WHERE note LIKE '%;%'",
    ];
    assert_eq!(statements("how many", SqlDialect::Sqlite), expected);
    assert_eq!(statements("how many", SqlDialect::Unknown), expected);
    assert_eq!(
        statements("DO $body$", SqlDialect::Postgres),
        ["DO $body$\nBEGIN\n  DELETE FROM jobs WHERE state = 'x;y';\nEND;\n$body$", "SELECT $$one; two$$"]
    );
    let old = statements("dbo.jobs", SqlDialect::Unknown);
    assert_eq!(
        old,
        ["UPDATE dbo.jobs SET state = 'free' WHERE state = 'stuck'", "SELECT COUNT(*) FROM dbo.jobs"],
        "GO stands between statements"
    );
    let branch = statements("free_jobs", SqlDialect::Mysql);
    assert!(branch.iter().any(|one| one.starts_with("CREATE PROCEDURE") && one.ends_with("END")), "{branch:#?}");
    assert!(branch.iter().any(|one| one == "CALL free_jobs()"), "{branch:#?}");

    // The worst of a block's statements is its own.
    let terminates = plan.block("pg_terminate_backend");
    assert_eq!(terminates["effect"], "destructive", "{terminates:#}");
    assert_eq!(plan.block("how many")["effect"], "write");
    assert_ne!(plan.block("DO $body$")["effect"], "read");

    // And so they run, one by one.
    let seed = "CREATE TABLE jobs (state text, note text);\nINSERT INTO jobs (state) VALUES ('stuck'), ('done');";
    page.sandbox.write("seed.md", &format!("# Seed\n\n```sql\n{seed}\n```\n"));
    let arguments = ["--yes", "--connection", "sqlite:jobs.db?mode=rwc"];
    let seeded = page.sandbox.runbook(["run", "seed.md"].iter().chain(&arguments)).output().expect("it starts");
    assert!(seeded.status.success(), "{}", text(&seeded.stderr));
    std::fs::remove_dir_all(page.sandbox.only_run()).expect("the record of the seeding");

    let output = page.run_part("#count-and-free-them", &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let ran = page.sandbox.events_of("statement_finished");
    let sent: Vec<&Value> = ran.iter().map(|statement| &statement["sql"]).collect();
    assert_eq!(sent, expected);
    assert_eq!(ran[1]["affected"], 1);
}
