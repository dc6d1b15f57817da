//! A rehearsal on a private PostgreSQL server, which is gone with it.

mod support;

use rustix::process::Signal;
use std::path::PathBuf;
use std::process::{Command, Output};
use support::{Sandbox, Terminal, files, text, wait_until};

const PAGE: &str = r#"---
rehearsal:
  connections: { ops: { postgres: seed.sql } }
connections: { ops: { env: OPS_DATABASE_URL } }
---

# Jobs

## Look

```sql
SELECT version() LIKE 'PostgreSQL%' AS real, jsonb_agg(id ORDER BY id) AS ids FROM ops.jobs;
```

## Mend

```sql
UPDATE ops.jobs SET state = 'queued' WHERE id = ANY ('{1,2}') RETURNING id, state;
```
"#;

const SEED: &str = "CREATE SCHEMA ops;\nCREATE TYPE ops.state AS ENUM ('queued', 'stuck');\n\
                    CREATE TABLE ops.jobs (id int PRIMARY KEY, state ops.state);\n\
                    INSERT INTO ops.jobs SELECT n, 'stuck' FROM generate_series(1, 3) AS n;\n";

fn sandbox(page: &str, seed: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("jobs.md", page);
    sandbox.write("seed.sql", seed);
    sandbox
}

fn rehearse(sandbox: &Sandbox) -> Command {
    let mut command = sandbox.runbook(["run", "jobs.md", "--rehearse", "--yes=destructive"]);
    command.env("TMPDIR", sandbox.tmp());
    command
}

fn ended(mut command: Command) -> (Output, String) {
    let output = command.output().expect("it starts");
    let shown = text(&output.stderr);
    (output, shown)
}

/// Where the server of the engine with this process id lives: in its folder for
/// temporary files, or the system's own where it runs as another user.
fn server_folders(sandbox: &Sandbox, engine: i32) -> Vec<PathBuf> {
    let name = format!("runbook-rehearsal-postgres-{engine}-0");
    [sandbox.tmp(), PathBuf::from("/tmp")]
        .iter()
        .map(|parent| parent.join(&name))
        .filter(|path| path.exists())
        .collect()
}

#[test]
fn the_sql_of_postgres_is_rehearsed_on_a_real_one() {
    let sandbox = sandbox(PAGE, SEED);
    let (output, shown) = ended(rehearse(&sandbox));
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("starting a private PostgreSQL ") && shown.contains("REHEARSAL"), "{shown}");
    assert!(shown.contains("t    | [1, 2, 3]"), "{shown}");
    assert!(files(&sandbox.tmp()).is_empty(), "something is left behind");
    let report = sandbox.report_json();
    assert_eq!((&report["rehearsal"], &report["outcome"]), (&true.into(), &"completed".into()), "{report:#}");
    assert_eq!(report["database"][0]["affected"], 2, "{report:#}");
    assert!(sandbox.report().contains("REHEARSAL"), "{}", sandbox.report());
    let connected = sandbox.events_of("connected");
    assert!(connected[0]["target"].as_str().is_some_and(|target| target.ends_with(" · rehearsal")), "{connected:?}");
}

#[test]
fn two_rehearsals_at_once_do_not_meet() {
    let sandboxes = [sandbox(PAGE, SEED), sandbox(PAGE, SEED)];
    let mut terminals: Vec<Terminal> = sandboxes
        .iter()
        .map(|sandbox| {
            let mut command = sandbox.runbook(["run", "jobs.md", "--rehearse"]);
            Terminal::spawn(command.env("TMPDIR", sandbox.tmp()))
        })
        .collect();
    for terminal in &mut terminals {
        terminal.expect("REHEARSAL");
    }
    for terminal in &mut terminals {
        terminal.answer_until(&[("Run this?", "r"), ("commit (or yes)", "commit")], "Report");
        assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
        assert!(terminal.screen().contains("(2 rows)"), "{}", terminal.screen());
    }
}

#[test]
fn a_server_is_gone_with_its_engine_however_that_ends() {
    for ending in [Signal::KILL, Signal::TERM, Signal::HUP] {
        let sandbox = sandbox(PAGE, SEED);
        let mut command = sandbox.runbook(["run", "jobs.md", "--rehearse"]);
        let mut terminal = Terminal::spawn(command.env("TMPDIR", sandbox.tmp()));
        terminal.expect("Run this?");
        let engine = terminal.pid();
        let folder = server_folders(&sandbox, engine).pop().expect("the server has a folder");
        let process = std::fs::read_to_string(folder.join("data/postmaster.pid")).expect("the server runs");
        let process = PathBuf::from("/proc").join(process.lines().next().expect("its process id"));
        assert!(process.exists());
        terminal.signal(ending);
        wait_until("the server's folder is gone", || !folder.exists());
        wait_until("the server is gone", || !process.exists());
    }
}

#[test]
fn sessions_of_a_seed_hold_real_locks_until_the_rehearsal_ends() {
    let page = PAGE.split("## Look").next().expect("a head").to_owned()
        + "## Look\n\n```sql\nSELECT application_name, state, wait_event_type FROM pg_stat_activity\n\
           WHERE application_name LIKE 'job-%' ORDER BY 1;\n```\n\n## End it\n\n```sql\nSELECT pg_terminate_backend(pid) \
           FROM pg_stat_activity WHERE application_name = 'job-a';\n```\n\n## Look again\n\n```sql\n\
           SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted;\n```\n";
    let seed = format!(
        "{SEED}\n-- session: job-a\nBEGIN;\nUPDATE ops.jobs SET state = 'stuck' WHERE id = 1;\n\
         -- session: job-b\nDELETE FROM ops.jobs WHERE id = 1;\n"
    );
    let sandbox = sandbox(&page, &seed);
    let (output, shown) = ended(rehearse(&sandbox));
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("job-a            | idle in transaction | Client"), "{shown}");
    assert!(shown.contains("job-b            | active              | Lock"), "{shown}");
    assert!(shown.contains("      0\n"), "nobody waits any more: {shown}");
}

#[test]
fn what_is_wrong_with_a_seed_is_said_with_its_file_and_line() {
    for (seed, place, problem) in [
        (
            "CREATE TABLE a (b int);\nINSERT INTO a\n  VALUES (1, 2);\n",
            "seed.sql:3",
            "more expressions than target columns",
        ),
        ("SELECT 1;\n-- session: x\nSELECT 2;\nSELECT nonesuch;\n", "seed.sql:4", "\"nonesuch\" does not exist"),
        ("SELECT 1;\n\\copy a from 'b'\n", "seed.sql:2", "is for psql alone"),
        ("COPY a FROM STDIN;\n1\n\\.\n", "seed.sql:1", "takes its rows from psql"),
    ] {
        let sandbox = sandbox(PAGE, seed);
        let (output, shown) = ended(rehearse(&sandbox));
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(shown.contains(place) && shown.contains(problem), "{place}, {problem}: {shown}");
        assert!(files(&sandbox.tmp()).is_empty(), "something is left behind");
    }
    let sandbox = sandbox(&PAGE.replace("postgres:", "sqlite:"), "CREATE TABLE a (b);\nINSERT INTO c VALUES (1);\n");
    let (output, shown) = ended(rehearse(&sandbox));
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(shown.contains("seed.sql:2") && shown.contains("no such table: c"), "{shown}");
}

#[test]
fn without_postgres_sqlite_is_taken_or_what_to_install_is_said() {
    let sandbox = sandbox(PAGE, SEED);
    let mut command = rehearse(&sandbox);
    command.env("RUNBOOK_POSTGRES_BIN", "");
    let (output, shown) = ended(command);
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(shown.contains("apt-get install postgresql"), "{shown}");

    sandbox.write("lite.sql", "CREATE TABLE jobs (id);\nINSERT INTO jobs VALUES (7);\n");
    sandbox.write(
        "jobs.md",
        "---\nrehearsal: { connections: { ops: { postgres: seed.sql, sqlite: lite.sql } } }\n\
         connections: { ops: { env: OPS_DATABASE_URL } }\n---\n\n# Jobs\n\n```sql\nSELECT id FROM jobs;\n```\n",
    );
    let mut command = rehearse(&sandbox);
    command.env("RUNBOOK_POSTGRES_BIN", "");
    let (output, shown) = ended(command);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(shown.contains("`ops` is rehearsed on SQLite") && shown.contains("  7\n"), "{shown}");
}

#[test]
fn a_connection_that_is_rehearsed_on_nothing_is_an_error_of_the_page() {
    let sandbox = sandbox(&PAGE.replace("{ postgres: seed.sql }", "{ }"), "");
    let output = sandbox.runbook(["check", "jobs.md"]).output().expect("it starts");
    let shown = text(&output.stdout) + &text(&output.stderr);
    assert!(!output.status.success() && shown.contains("`ops` cannot be empty"), "{shown}");
}
