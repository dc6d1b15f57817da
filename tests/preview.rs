//! A change to a database, seen before it is kept: on a real PostgreSQL and on
//! SQLite, at a terminal.

mod servers;
mod support;

use serde_json::Value;
use servers::postgres::{self, Database};
use std::fs;
use support::{Sandbox, Terminal};

const SEED: &str = "
    CREATE TABLE jobs (id int PRIMARY KEY, status text, locked_at timestamptz, note text);
    INSERT INTO jobs VALUES (1, 'processing', now(), 'a'), (2, 'processing', now(), 'b'), (3, 'done', NULL, 'c');
    CREATE TABLE job_lines (job int REFERENCES jobs ON DELETE CASCADE);
    INSERT INTO job_lines SELECT 3 FROM generate_series(1, 1000);";

const RESET: &str = "# Reset\n\n```sql\nUPDATE jobs SET status = 'pending', locked_at = NULL\nWHERE status = 'processing';\nDELETE FROM jobs WHERE id = 3;\n```\n";

/// The page, and a database for it.
fn on_postgres(page: &str) -> (Sandbox, Database) {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", page);
    let database = postgres::server().database();
    database.psql(SEED);
    (sandbox, database)
}

fn started(sandbox: &Sandbox, url: &str) -> Terminal {
    Terminal::spawn(&sandbox.runbook(["run", "page.md", "--connection", url]))
}

fn statuses(database: &Database) -> String {
    database.psql("SELECT string_agg(status, ',' ORDER BY id) FROM jobs")
}

/// What stands on the screen, as if it were wide enough for each line.
fn unwrapped(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn report(sandbox: &Sandbox, format: &str) -> String {
    let output = sandbox.runbook(["report", "--format", format]).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn each_row_is_shown_before_and_after_with_what_it_set_off_and_is_in_the_report() {
    let (sandbox, database) = on_postgres(RESET);
    let mut terminal = started(&sandbox, &database.url);
    terminal.answer("Run this?", "r");
    let question = terminal.expect("commit (or yes)");
    for line in [
        "3 rows changed.",
        "~ id 1: status 'processing' → 'pending', locked_at '20",
        " → NULL",
        "~ id 2: ",
        "- id 3: status 'done', locked_at NULL, note 'c'",
        "also deletes 1,000 rows of job_lines (cascade or trigger)",
        "holds row locks on 1,000 rows of job_lines, 3 rows of jobs",
    ] {
        assert!(question.contains(line), "{line}\n{question}");
    }
    terminal.expect("rolled back in ");
    terminal.send_line("commit");
    terminal.expect("committed, 3 rows changed");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(statuses(&database), "pending,pending");

    let statements = sandbox.events_of("statement_finished");
    assert_eq!(statements[0]["changes"]["rows"][0]["columns"][0]["after"], "pending");
    assert_eq!(statements[1]["others"]["tables"][0]["deleted"], 1000);
    let markdown = report(&sandbox, "md");
    for wanted in [
        "--- jobs before",
        "-status: 'processing'\n+status: 'pending'",
        "@@ id 3, deleted @@",
        "also deletes 1,000 rows",
    ] {
        assert!(markdown.contains(wanted), "{wanted}\n{markdown}");
    }
    assert!(markdown.contains("changed rows committed by "), "{markdown}");
    assert!(report(&sandbox, "html").contains("<del>-status: &#39;processing&#39;</del>"));
    let json: Value = serde_json::from_str(&report(&sandbox, "json")).expect("JSON");
    assert_eq!(json["database"][0]["rows"]["rows"][1]["key"][0]["value"], "2");
}

#[test]
fn without_an_answer_it_is_rolled_back_and_can_be_run_again() {
    let page = format!("---\nconnections: {{ db: {{ hold: 5s }} }}\n---\n\n{RESET}");
    let (sandbox, database) = on_postgres(&page);
    let mut terminal = started(&sandbox, &database.url);
    terminal.answer("Run this?", "r");
    terminal.expect("rolled back in 5 s");
    terminal.send("comm");
    terminal.expect("> comm");
    terminal.expect("rolled back in 1 s");
    terminal.expect("rolled back, nothing changed: nobody answered within 5 s");
    terminal.expect("What now?");
    assert_eq!(statuses(&database), "processing,processing,done");
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()";
    assert_eq!(database.psql(open), "0");
    terminal.send_line("r");
    terminal.answer("rolled back in ", "commit");
    terminal.expect("committed, 3 rows changed");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(statuses(&database), "pending,pending");
    let ended = sandbox.events_of("transaction_ended");
    assert_eq!((&ended[0]["decision"], &ended[1]["decision"]), (&"rolled_back".into(), &"committed".into()));
    let answers: Vec<_> = sandbox.events_of("answered").iter().map(|event| event["answer"].clone()).collect();
    assert!(answers.contains(&"no answer within 5 s".into()), "{answers:?}");
}

#[test]
fn keys_typed_ahead_do_not_keep_a_change() {
    let page = "# Page\n\n```sql\nSELECT pg_sleep(1);\nUPDATE jobs SET note = 'x' WHERE id = 1;\n```\n";
    let (sandbox, database) = on_postgres(page);
    let mut terminal = started(&sandbox, &database.url);
    terminal.answer("Run this?", "r");
    terminal.send("commit\rcommit\r");
    terminal.expect("rolled back in ");
    terminal.send_line("");
    terminal.expect("rolled back, nothing changed: the responder did not keep it");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(database.psql("SELECT note FROM jobs WHERE id = 1"), "a");
}

#[test]
fn more_rows_than_expected_are_rolled_back_without_a_question() {
    let page = format!("---\nsteps: {{ reset: {{ expect: {{ affected: '<= 2' }} }} }}\n---\n\n{RESET}");
    let (sandbox, database) = on_postgres(&page);
    let mut terminal = started(&sandbox, &database.url);
    terminal.answer("Run this?", "r");
    let before = terminal.expect("rolled back, nothing changed: expected rows affected: at most 2; found 3");
    assert!(!before.contains("Keep these changes"), "{before}");
    terminal.expect("What now?");
    assert_eq!(statuses(&database), "processing,processing,done");
}

#[test]
fn each_table_that_is_emptied_must_be_named_and_yes_alone_does_not_do_it() {
    let page = "# Page\n\n```sql\nDELETE FROM public.jobs WHERE true;\nCREATE TABLE \"Old\" ();\nTRUNCATE \"Old\", job_lines;\n```\n";
    let (sandbox, database) = on_postgres(page);
    let refused =
        sandbox.runbook(["run", "page.md", "--yes", "--connection", &database.url]).output().expect("it starts");
    assert_eq!(refused.status.code(), Some(3));
    assert_eq!(database.psql("SELECT count(*) FROM jobs"), "3");
    fs::remove_dir_all(sandbox.state()).expect("the record of the refusal");

    let mut terminal = started(&sandbox, &database.url);
    terminal.answer("Run this?", "r");
    terminal.answer("type `public.jobs, \"Old\", job_lines`", "public.jobs");
    terminal.expect("nothing was run");
    terminal.answer("Run this?", "r");
    terminal.answer("type `public.jobs", "public.jobs Old job_lines");
    let question = terminal.expect("commit (or yes)");
    assert!(question.contains("holds ACCESS EXCLUSIVE on job_lines: nobody else can even read it"), "{question}");
    terminal.answer("rolled back in ", "rollback");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(database.psql("SELECT count(*) FROM jobs"), "3");
}

#[test]
fn what_cannot_be_previewed_is_named_before_it_runs() {
    let page =
        "# Page\n\n```sql\nUPDATE jobs SET note = nextval('s')::text WHERE id = 1;\nCOMMIT;\nVACUUM jobs;\n```\n";
    let (sandbox, database) = on_postgres(page);
    database.psql("CREATE SEQUENCE s");
    let plan = sandbox.runbook(["plan", "--json", "page.md"]).output().expect("it starts");
    let plan: Value = serde_json::from_slice(&plan.stdout).expect("JSON");
    let reasons = plan["steps"][0]["blocks"][0]["reasons"].to_string();
    assert!(reasons.contains("VACUUM cannot be previewed: it takes effect at once"), "{reasons}");
    assert!(reasons.contains("`nextval()` cannot be previewed: a sequence moves on"), "{reasons}");

    let mut terminal = started(&sandbox, &database.url);
    let card = unwrapped(&terminal.expect("Run this?"));
    assert!(card.contains("this block commits by itself at line 5: you are asked there"), "{card}");
    assert!(card.contains("VACUUM cannot be previewed: it takes effect at once"), "{card}");
    terminal.send_line("r");
    let question = unwrapped(&terminal.expect("rolled back in "));
    assert!(question.contains("`nextval()` is not taken back: a sequence moves on"), "{question}");
    terminal.send_line("commit");
    terminal.expect("VACUUM");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
}

#[test]
fn a_secret_in_a_changed_row_is_on_no_screen_and_in_no_file() {
    let page = "---\nvariables: { token: { secret: true, env: OPS_TOKEN } }\n---\n\n# Page\n\n```sql\nUPDATE jobs SET note = {{ token }} WHERE note = 'a';\n\
                UPDATE jobs SET note = 'gone' WHERE note = {{ token }};\n```\n";
    let (sandbox, database) = on_postgres(page);
    let mut command = sandbox.runbook(["run", "page.md", "--connection", &database.url]);
    command.env("OPS_TOKEN", "s3cr3t-token");
    let mut terminal = Terminal::spawn(&command);
    terminal.answer("Run this?", "r");
    let question = terminal.expect("commit (or yes)");
    assert!(question.contains("note 'a' → '«token»'") && question.contains("note '«token»' → 'gone'"), "{question}");
    terminal.answer("rolled back in ", "commit");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert!(!terminal.screen().contains("s3cr3t"));
    sandbox.assert_nowhere("s3cr3t-token", &sandbox.state());
    assert_eq!(database.psql("SELECT note FROM jobs WHERE id = 1"), "gone");
}

#[test]
fn on_sqlite_rows_and_triggers_are_shown_too() {
    let sandbox = Sandbox::new();
    let page = "# Page\n\n```sql\nCREATE TABLE jobs (id INTEGER PRIMARY KEY, status text);\nCREATE TABLE audit (what text);\n\
                CREATE TRIGGER t AFTER UPDATE ON jobs BEGIN INSERT INTO audit VALUES (new.id); END;\n\
                INSERT INTO jobs VALUES (1, 'stuck'), (2, 'stuck');\nUPDATE jobs SET status = 'free' WHERE status = 'stuck';\n```\n";
    sandbox.write("page.md", page);
    let mut terminal = started(&sandbox, "sqlite:jobs.db?mode=rwc");
    terminal.answer("Run this?", "r");
    let question = terminal.expect("commit (or yes)");
    for line in [
        "its rows are not shown: new rows are counted only",
        "~ id 1: status 'stuck' → 'free'",
        "also changes 2 rows (cascade or trigger)",
        "holds the write lock on the whole database: nobody else can write to it",
    ] {
        assert!(question.contains(line), "{line}\n{question}");
    }
    terminal.answer("rolled back in ", "commit");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
}

#[test]
fn what_a_savepoint_takes_back_is_not_counted_and_not_shown() {
    let code = "BEGIN;\nSAVEPOINT before_it;\nDELETE FROM job_lines WHERE job = 3;\nROLLBACK TO before_it;\n\
                UPDATE jobs SET note = 'x' WHERE id = 1;\nCOMMIT;";
    let page = format!(
        "---\nsteps: {{ fix: {{ expect: {{ affected: \"<= 1\" }} }} }}\n---\n\n## Fix\n\n```sql\n{code}\n```\n"
    );
    let (sandbox, database) = on_postgres(&page);
    let mut terminal = started(&sandbox, &database.url);
    terminal.answer("Run this?", "r");
    terminal.expect("Keep these changes");
    let question = terminal.expect("commit (or yes)");
    assert!(question.contains("1 row changed.") && !question.contains("job_lines"), "{question}");
    terminal.send_line("commit");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(sandbox.events_of("transaction_ended")[0]["affected"], 1);
    assert_eq!(database.psql("SELECT count(*) FROM job_lines"), "1000");
}
