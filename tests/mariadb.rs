//! A page on MariaDB, through the built program.

mod servers;
mod support;

use serde_json::Value;
use servers::mariadb::{self, Database};
use support::{Sandbox, Terminal, text};

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
