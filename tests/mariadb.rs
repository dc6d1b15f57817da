//! A page on MariaDB, through the built program.

mod servers;
mod support;

use serde_json::Value;
use servers::mariadb::{self, Database};
use support::{Sandbox, Terminal, text, wait_until};

const PAGE: &str = "\
---
variables:
  queue: { default: \"o'brien\\\\mail\" }
connections:
  shop: { env: SHOP_DATABASE_URL, access: write }
---

# Stuck jobs

## Look

```sql
SELECT id, state FROM jobs WHERE queue = {{ queue }} ORDER BY id;
```

## Free them

```sql
UPDATE jobs SET state = 'waiting', locked_at = NULL
WHERE queue = '{{ queue }}' AND locked_at < {{ ago(\"10m\") }};
```
";

/// Two that have been locked for long, one that was locked just now.
const SEED: &str = "
    CREATE TABLE jobs (id int PRIMARY KEY, queue varchar(40), state varchar(10), locked_at datetime) ENGINE = InnoDB;
    INSERT INTO jobs VALUES
        (1, 'o''brien\\\\mail', 'locked', NOW() - INTERVAL 2 HOUR),
        (2, 'o''brien\\\\mail', 'locked', NOW() - INTERVAL 11 MINUTE),
        (3, 'o''brien\\\\mail', 'locked', NOW() - INTERVAL 1 MINUTE),
        (4, 'other', 'locked', NOW() - INTERVAL 2 HOUR);
    CREATE TABLE audit (what varchar(40)) ENGINE = MyISAM;";

fn database() -> Database {
    let database = mariadb::server().database();
    database.client(SEED);
    database
}

fn locked(database: &Database) -> String {
    database.client("SELECT GROUP_CONCAT(id ORDER BY id) FROM jobs WHERE state = 'locked'")
}

fn command(sandbox: &Sandbox, database: &Database, options: &[&str]) -> std::process::Command {
    let mut command = sandbox.runbook(["run", "page.md"].iter().chain(options));
    command.env("SHOP_DATABASE_URL", &database.url);
    command
}

fn page(code: &str) -> String {
    format!("---\nconnections: {{ shop: {{ env: SHOP_DATABASE_URL }} }}\n---\n\n# Page\n\n```sql\n{code}\n```\n")
}

fn decisions(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.events_of("transaction_ended").iter().map(|event| event["decision"].clone()).collect()
}

#[test]
fn a_page_runs_on_mariadb_without_asking_and_the_report_names_the_server() {
    let sandbox = Sandbox::new();
    let database = database();
    sandbox.write("page.md", PAGE);
    let output = command(&sandbox, &database, &["--yes"]).output().expect("it starts");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("UPDATE 2"), "{said}");
    assert_eq!(locked(&database), "3,4", "the server's time zone is not this machine's");
    assert_eq!(decisions(&sandbox), ["committed"]);
    let report = sandbox.report();
    assert!(report.contains("mariadb 1") && report.contains(&database.name), "{report}");
    sandbox.assert_nowhere(mariadb::PASSWORD, &sandbox.state());
}

#[test]
fn a_write_on_mariadb_is_counted_and_then_taken_back_or_kept() {
    let sandbox = Sandbox::new();
    let database = database();
    sandbox.write("page.md", PAGE);
    for (answer, left) in [("rollback", "1,2,3,4"), ("commit", "3,4")] {
        let mut terminal = Terminal::spawn(&command(&sandbox, &database, &["--only", "free-them"]));
        terminal.answer("Run this?", "r");
        let asked = terminal.expect("commit (or yes)");
        assert!(asked.contains("2 rows"), "{asked}");
        assert_eq!(locked(&database), "1,2,3,4", "nobody else sees it yet");
        terminal.send_line(answer);
        terminal.expect("Report");
        terminal.wait_exit();
        assert_eq!(locked(&database), left, "{}", terminal.screen());
    }
}

#[test]
fn a_table_that_keeps_changes_at_once_takes_a_typed_name() {
    let sandbox = Sandbox::new();
    let database = database();
    sandbox.write("page.md", &page("UPDATE jobs SET state = 'x' WHERE id = 1;\nINSERT INTO audit VALUES ('freed');"));
    let audit = || database.client("SELECT COUNT(*) FROM audit");

    let output = command(&sandbox, &database, &["--yes"]).output().expect("it starts");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("audit (MyISAM) keeps what is changed at once"), "{said}");
    assert_eq!((audit().as_str(), locked(&database).as_str()), ("0", "1,2,3,4"), "nor is what came before it kept");

    let mut terminal = Terminal::spawn(&command(&sandbox, &database, &[]));
    terminal.answer("Run this?", "r");
    terminal.answer("To go on, type `audit`", "yes");
    terminal.answer("What now?", "s not tonight");
    terminal.expect("Report");
    terminal.wait_exit();
    assert_eq!((audit().as_str(), locked(&database).as_str()), ("0", "1,2,3,4"));

    let mut terminal = Terminal::spawn(&command(&sandbox, &database, &[]));
    terminal.answer("Run this?", "r");
    terminal.answer("To go on, type `audit`", "audit");
    terminal.answer("commit (or yes)", "commit");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!((audit().as_str(), locked(&database).as_str()), ("1", "2,3,4"));
}

#[test]
fn what_a_procedure_commits_is_not_said_to_be_taken_back() {
    let sandbox = Sandbox::new();
    let database = database();
    database.client(
        "DELIMITER //\nCREATE PROCEDURE free_all() BEGIN UPDATE jobs SET state = 'waiting'; COMMIT; END//\nDELIMITER ;\n",
    );
    sandbox.write("page.md", &page("CALL free_all();\nSELECT nonesuch;"));
    let mut terminal = Terminal::spawn(&command(&sandbox, &database, &[]));
    terminal.answer("Run this?", "r");
    terminal.answer("What now?", "s not tonight");
    terminal.expect("Report");
    terminal.wait_exit();
    let ended = sandbox.events_of("transaction_ended");
    assert_eq!(decisions(&sandbox), ["committed"], "{}", terminal.screen());
    assert_eq!(ended[0]["reason"], "the statement ended the transaction itself");
    assert_eq!(locked(&database), "NULL");
}

/// A session that holds row 4, and that a deadlock spares for the work it has
/// done.
fn rival(database: &Database) -> mariadb::Session {
    let mut rival = database.session();
    rival.types(
        "CREATE TABLE heavy (id int) ENGINE = InnoDB; BEGIN; INSERT INTO heavy SELECT seq FROM seq_1_to_1000; \
         UPDATE jobs SET state = 'rival' WHERE id = 4;",
    );
    let free = "SELECT id FROM jobs WHERE id = 4 FOR UPDATE SKIP LOCKED";
    wait_until("the other session holds its row", || database.client(free).is_empty());
    rival
}

/// What `resume` says before it asks for the block again.
fn resumed(sandbox: &Sandbox, database: &Database) -> String {
    let mut command = sandbox.runbook(["resume"]);
    let mut terminal = Terminal::spawn(command.env("SHOP_DATABASE_URL", &database.url));
    terminal.expect("Run this?");
    terminal.send_line("u");
    terminal.wait_exit();
    terminal.screen()
}

#[test]
fn after_a_deadlock_nothing_of_the_block_is_kept_and_screen_record_and_report_say_so() {
    let sandbox = Sandbox::new();
    let database = database();
    sandbox.write(
        "page.md",
        &page(
            "UPDATE jobs SET state = 'x' WHERE id = 1;\nUPDATE jobs SET state = 'x' WHERE id = 4;\n\
             UPDATE jobs SET state = 'x' WHERE id = 2;",
        ),
    );
    let mut rival = rival(&database);
    let mut terminal = Terminal::spawn(&command(&sandbox, &database, &[]));
    terminal.answer("Run this?", "r");
    wait_until("a statement waits for the lock of a row", || database.an_update_waits());
    rival.types("UPDATE jobs SET state = 'rival' WHERE id = 1; ROLLBACK;");
    let said = terminal.expect("What now?");
    assert!(said.contains("Deadlock found") && said.contains("rolled back, nothing changed"), "{said}");
    terminal.send_line("u");
    terminal.wait_exit();
    assert_eq!(locked(&database), "1,2,3,4");
    assert_eq!(decisions(&sandbox), ["rolled_back"]);
    let ended = sandbox.events_of("transaction_ended");
    assert!(ended[0]["reason"].as_str().is_some_and(|reason| reason.contains("Deadlock found")), "{ended:?}");
    assert_eq!(sandbox.events_of("statement_finished").len(), 2, "the third was not sent");
    let report = sandbox.report();
    assert!(report.contains("Deadlock found") && report.contains("nothing was kept"), "{report}");
    resumed(&sandbox, &database);
    assert_eq!(locked(&database), "1,2,3,4", "nothing runs again unasked");
}

#[test]
fn after_a_wait_in_vain_nothing_of_the_block_is_kept_and_the_one_in_the_way_is_named() {
    let sandbox = Sandbox::new();
    let database = database();
    sandbox.write(
        "page.md",
        &page(
            "SET innodb_lock_wait_timeout = 2;\nUPDATE jobs SET state = 'x' WHERE id = 1;\n\
             UPDATE jobs SET state = 'x' WHERE id = 4;\nUPDATE jobs SET state = 'x' WHERE id = 2;",
        ),
    );
    let _rival = rival(&database);
    let mut terminal = Terminal::spawn(&command(&sandbox, &database, &[]));
    terminal.answer("Run this?", "r");
    terminal.expect("WAITING:  for a lock; blocked by process ");
    let said = terminal.expect("What now?");
    assert!(said.contains("Lock wait timeout") && said.contains("BLOCKED BY: process "), "{said}");
    assert!(said.contains("rolled back, nothing changed"), "{said}");
    terminal.send_line("u");
    terminal.wait_exit();
    assert_eq!(locked(&database), "1,2,3,4");
    assert_eq!(decisions(&sandbox), ["rolled_back"]);
    let failed = &sandbox.events_of("statement_finished")[2];
    assert!(failed["duration_ms"].as_u64().is_some_and(|took| took > 0), "{failed}");
    resumed(&sandbox, &database);
    assert_eq!(locked(&database), "1,2,3,4", "nothing runs again unasked");
}

/// A page of several blocks, each of its own step.
fn blocks(access: &str, blocks: &[&str]) -> String {
    let steps = blocks.iter().enumerate().map(|(at, code)| format!("## Step {at}\n\n```sql\n{code}\n```\n\n"));
    let head =
        format!("---\nconnections: {{ shop: {{ env: SHOP_DATABASE_URL, access: {access} }} }}\n---\n\n# Page\n\n");
    head + &steps.collect::<String>()
}

#[test]
fn a_read_leaves_no_transaction_open_where_the_page_has_turned_autocommit_off() {
    let sandbox = Sandbox::new();
    let database = database();
    let counted = "UPDATE jobs SET state = 'z' WHERE id = 3;\nSELECT ROW_COUNT();";
    let page = blocks(
        "write",
        &[
            "SET autocommit = 0;",
            "SELECT id FROM jobs WHERE id = 1;\nSELECT state FROM jobs WHERE id = 1;",
            "UPDATE jobs SET state = 'x' WHERE id = 1;",
            "SELECT id FROM jobs;\nUPDATE jobs SET state = 'y' WHERE id = 2;",
            "SELECT SQL_CALC_FOUND_ROWS id FROM jobs LIMIT 1;\nSELECT FOUND_ROWS();",
            counted,
        ],
    );
    sandbox.write("page.md", &page);
    let output = command(&sandbox, &database, &["--yes"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!((locked(&database).as_str(), decisions(&sandbox)), ("4", vec!["committed".into(); 3]));
}

#[test]
fn what_a_query_asks_of_the_one_before_is_answered_and_is_no_change() {
    let sandbox = Sandbox::new();
    let database = database();
    sandbox.write("page.md", &page("SELECT SQL_CALC_FOUND_ROWS id FROM jobs LIMIT 1;\nSELECT FOUND_ROWS() AS found;"));
    let output = command(&sandbox, &database, &["--yes=read"]).output().expect("it starts");
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    let all = format!("{shown}{said}");
    let lines: Vec<&str> = all.lines().map(str::trim).collect();
    let found = lines.iter().position(|line| line.ends_with("found")).expect("the column is shown");
    assert!(lines[found + 2].ends_with('4'), "{all}");
}

#[test]
fn the_plan_of_a_change_is_read_where_changes_are_allowed_and_else_the_mend_is_told() {
    let sandbox = Sandbox::new();
    let database = database();
    let explained =
        "EXPLAIN DELETE FROM jobs WHERE id = 1;\nEXPLAIN EXTENDED UPDATE jobs SET state = 'x' WHERE id = 2;";
    sandbox.write("page.md", &blocks("write", &[explained, "UPDATE jobs SET state = 'x' WHERE id = 3;"]));
    let output = command(&sandbox, &database, &["--yes"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!((locked(&database).as_str(), decisions(&sandbox)), ("1,2,4", vec!["committed".into()]));

    sandbox.write("page.md", &blocks("read", &[explained]));
    let output = command(&sandbox, &database, &["--yes"]).output().expect("it starts");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("EXPLAIN a SELECT with the same WHERE"), "{said}");
    assert!(!said.contains("effect: write"), "{said}");
}
