//! More rows than are shown: all of them are in a file of their own.

use crate::run;
use crate::servers::postgres::{PASSWORD, server};
use crate::support::{Sandbox, Terminal, text, wait_until};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

/// It has what CSV quotes and doubles.
const SECRET: &str = "tok\"en,with\"quotes";

const PAGE: &str = "---
connections:
  ops: { env: OPS_DATABASE_URL }
variables:
  token: { secret: true, env: TOKEN }
---

# Page

## Rows

```sql
SELECT length({{ token }}) AS first;
SELECT * FROM events ORDER BY id;
```
";

const EVENTS: &str = "
    CREATE TABLE events (id int, note text, detail text);
    INSERT INTO events SELECT n, CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a,b' WHEN 3 THEN 'say \"x\"'
        WHEN 4 THEN E'two\\nlines' ELSE repeat('x', n % 50) END, 'plain' FROM generate_series(1, 20000) AS n;";

#[test]
fn all_rows_are_kept_masked_covered_by_the_record_and_named_in_the_report() {
    let database = server().database();
    database.psql(EVENTS);
    database.psql(&format!("UPDATE events SET detail = 'it is {SECRET}' || repeat('y', id % 13)"));
    let sandbox = Sandbox::new();
    sandbox.write("page.md", PAGE);
    let mut command = sandbox.runbook(["run", "page.md", "--yes=read"]);
    let output = command.env("OPS_DATABASE_URL", &database.url).env("TOKEN", SECRET).output().expect("it starts");
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("more rows: all are in output/001-2.csv"), "{shown}");
    assert!(shown.contains("(20000 rows)"), "{shown}");
    assert!(shown.lines().count() < 150, "the first rows only");

    let statements = sandbox.events_of("statement_finished");
    assert!(statements[0]["kept"].is_null(), "all of it was shown");
    let kept = &statements[1]["kept"];
    assert_eq!((kept["rows"].as_u64(), kept["output"]["file"].as_str()), (Some(20_000), Some("001-2.csv")));
    let path = sandbox.only_run().join("output/001-2.csv");
    assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    let csv = fs::read_to_string(&path).expect("the rows");
    assert_eq!(kept["output"]["bytes"].as_u64(), Some(csv.len() as u64));

    assert_eq!(csv.matches("«token»").count(), 20_000, "wherever a piece of the stream ends");
    sandbox.assert_nowhere(SECRET, &sandbox.state());
    sandbox.assert_nowhere(&SECRET.replace('"', "\"\""), &sandbox.state());
    sandbox.assert_nowhere("en,with", &sandbox.state());

    let report = sandbox.report();
    assert!(report.contains("all 20,000 rows: `output/001-2.csv`, "), "{report}");
    let json = sandbox.report_json().to_string();
    assert!(json.contains("\"kept\":{\"file\":\"output/001-2.csv\",\"rows\":20000,"), "{json}");

    let verify = || sandbox.runbook(["verify"]).output().expect("it starts");
    assert!(verify().status.success(), "{}", text(&verify().stdout));
    fs::write(&path, csv.replacen("plain", "PLAIN", 1).replacen("two", "TWO", 1)).expect("it can be changed");
    assert!(!verify().status.success(), "a changed file is found");
}

#[test]
fn what_is_kept_is_what_postgres_reads_back() {
    let database = server().database();
    database.psql(EVENTS);
    let sandbox = Sandbox::new();
    let page = PAGE.replace("variables:\n  token: { secret: true, env: TOKEN }\n", "");
    let page = page.replace("length({{ token }})", "1");
    let output = run(&sandbox, &page, &database);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let path = sandbox.only_run().join("output/001-2.csv");
    let back =
        format!("CREATE TABLE back (LIKE events);\n\\copy back FROM '{}' WITH (FORMAT csv, HEADER)\n", path.display());
    database.psql_with(&[], &back);
    let differ =
        "SELECT count(*) FROM (TABLE events EXCEPT ALL TABLE back UNION ALL TABLE back EXCEPT ALL TABLE events) AS d";
    assert_eq!(database.psql(differ), "0", "NULL, empty, quotes and line ends too");
    assert_eq!(database.psql("SELECT count(*) FROM back"), "20000");
}

#[test]
fn a_result_that_is_shown_whole_has_no_file_and_a_shortened_value_has() {
    let database = server().database();
    let sandbox = Sandbox::new();
    let page = "---\nconnections:\n  ops: { env: OPS_DATABASE_URL }\n---\n\n# Page\n\n## Rows\n\n```sql\n\
        SELECT generate_series(1, 400);\nSELECT repeat('v', 300000) AS long, 'x' AS y;\nSELECT 1 WHERE false;\n```\n";
    let output = run(&sandbox, page, &database);
    let shown = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    let kept: Vec<_> =
        sandbox.events_of("statement_finished").iter().map(|event| event["kept"]["rows"].clone()).collect();
    assert_eq!(kept, [serde_json::Value::Null, 1.into(), serde_json::Value::Null]);
    assert!(shown.contains("v… (290,000 more bytes)") && shown.contains("… in full in output/001-2.csv"), "{shown}");
    let csv = fs::read_to_string(sandbox.only_run().join("output/001-2.csv")).expect("the row");
    assert_eq!(csv, format!("long,y\n{},x\n", quoted_if_long(&"v".repeat(300_000))));
}

/// A value that is handed on in pieces is quoted whatever is in it.
fn quoted_if_long(value: &str) -> String {
    format!("\"{value}\"")
}

#[test]
fn a_flood_of_rows_is_stopped_and_what_came_is_kept_as_a_part() {
    let database = server().database();
    let sandbox = Sandbox::new();
    let page = "---\nconnections:\n  ops: { env: OPS_DATABASE_URL }\n---\n\n# Page\n\n## Rows\n\n```sql\n\
        SELECT n, 'row ' || n AS text FROM (SELECT generate_series(1, 100000000000) AS n) AS endless;\n```\n";
    sandbox.write("page.md", page);
    let mut command = sandbox.runbook(["run", "page.md", "--yes=read"]);
    command.env("OPS_DATABASE_URL", &database.url).stderr(Stdio::piped()).stdout(Stdio::null());
    let child = command.spawn().expect("it starts");
    wait_until("a megabyte of rows is there", || has_rows(&sandbox));
    let path = sandbox.only_run().join("output/001-1.csv");
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill is there");
    assert!(interrupt.success());
    let output = child.wait_with_output().expect("it ends");
    let shown = text(&output.stderr);
    assert!(!output.status.success(), "{shown}");
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'runbook' AND state = 'active' \
                AND datname = current_database()";
    assert_eq!(database.psql(busy), "0", "nothing runs on");

    let statement = sandbox.events_of("statement_finished").remove(0);
    assert!(statement["error"].as_str().is_some_and(|error| error.contains("interrupted")), "{statement}");
    assert!(statement["rows"].is_null(), "{statement}");
    let csv = fs::read_to_string(path).expect("the rows");
    assert_eq!(statement["kept"]["rows"].as_u64(), Some(csv.lines().count() as u64 - 1));
    assert!(csv.ends_with('\n'), "whole rows");
    assert!(shown.contains("before it ended: not all, in output/001-1.csv"), "{shown}");
    assert!(sandbox.report().contains("the first "), "{}", sandbox.report());
    assert!(sandbox.runbook(["verify"]).status().expect("it starts").success());
    sandbox.assert_nowhere(PASSWORD, &sandbox.state());
}

/// Whether the only run has kept a megabyte of rows.
fn has_rows(sandbox: &Sandbox) -> bool {
    let runs = fs::read_dir(sandbox.state().join("runs")).into_iter().flatten().flatten();
    let mut files = runs.map(|run| run.path().join("output/001-1.csv"));
    files.any(|file| fs::metadata(file).is_ok_and(|file| file.len() > 1 << 20))
}

#[test]
fn rows_of_a_run_that_was_killed_are_salvaged_when_it_is_taken_up() {
    let database = server().database();
    let sandbox = Sandbox::new();
    let page = "---\nconnections:\n  ops: { env: OPS_DATABASE_URL }\n---\n\n# Page\n\n## Rows\n\n```sql\n\
        SELECT generate_series(1, 100000000000);\n```\n";
    sandbox.write("page.md", page);
    let mut command = sandbox.runbook(["run", "page.md", "--yes=read"]);
    command.env("OPS_DATABASE_URL", &database.url).stderr(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    wait_until("a megabyte of rows is there", || has_rows(&sandbox));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(sandbox.runbook(["verify"]).status().expect("it starts").success(), "nothing that is there is wrong");
    let mut resume = sandbox.runbook(["resume"]);
    let mut terminal = Terminal::spawn(resume.env("OPS_DATABASE_URL", &database.url));
    wait_until("it is taken up", || !sandbox.events_of("run_resumed").is_empty());
    terminal.signal(Signal::KILL);
    let resumed = sandbox.events_of("run_resumed").remove(0);
    assert_eq!(resumed["salvaged_rows"]["file"], "001-1.csv", "{resumed}");
    assert!(sandbox.runbook(["verify"]).status().expect("it starts").success());
    fs::write(sandbox.only_run().join("output/001-1.csv"), "n\n").expect("it can be changed");
    assert!(!sandbox.runbook(["verify"]).status().expect("it starts").success(), "a changed file is found");
}

#[test]
fn on_a_narrow_terminal_rows_are_turned_and_the_log_has_what_was_shown() {
    let database = server().database();
    let sandbox = Sandbox::new();
    let sql = "SELECT 7 AS id, 'enforcement-worker-1' AS worker, 'waiting for a lock' AS state;";
    let page = format!(
        "---\nconnections:\n  ops: {{ env: OPS_DATABASE_URL }}\n---\n\n# Page\n\n## Rows\n\n```sql\n{sql}\n```\n"
    );
    sandbox.write("page.md", &page);
    let mut command = sandbox.runbook(["run", "page.md"]);
    let mut terminal = Terminal::spawn_sized(command.env("OPS_DATABASE_URL", &database.url), 40, 40);
    terminal.expect("Run this?");
    terminal.send_line("r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let turned = "-[ RECORD 1 ]----------------\nid     | 7\nworker | enforcement-worker-1\nstate  | waiting for a lock\n(1 row)\n";
    assert_eq!(fs::read_to_string(sandbox.only_run().join("output/001.log")).expect("the log"), turned);
    for line in turned.lines() {
        assert!(terminal.screen().contains(&format!("│ {line}")), "{line}: {}", terminal.screen());
    }
}
