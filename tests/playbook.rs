//! A page that nobody annotated: several scenarios, ways to choose from,
//! placeholders, and blocks that this machine cannot run.

mod servers;
mod support;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;
use servers::postgres::{self, Database};
use std::fs;
use std::process::Command;
use support::{Sandbox, Terminal, wait_until};

const PLAYBOOK: &str = include_str!("fixtures/playbook.md");
const AGENT: &str = "playbook.md#1-scenario-printer-agent-silent";
const UPGRADE: &str = "playbook.md#2-scenario-upgrade-hangs";
const CARRIER: &str = "playbook.md#3-scenario-carrier-refuses";

/// The depot's command: says what it was called with, and the silent agent's
/// last words.
const DEPOTCTL: &str = r#"#!/bin/sh
echo "$*" >> "$HOME/depotctl-was-called"
case "$1" in
    logs) printf 'ready\nout of paper\nno paper\n' ;;
    silent) echo 'dawn of the 3rd' ;;
esac
"#;

const SEED: &str = "
    CREATE SCHEMA depot;
    CREATE TABLE depot.labels (label text PRIMARY KEY, state text, claimed_at timestamptz, remark text, carrier text);
    INSERT INTO depot.labels VALUES
        ('a', 'claimed', now() - interval '2 hours', NULL, 'swift'),
        ('b', 'claimed', now() - interval '11 minutes', NULL, 'tern'),
        ('c', 'claimed', now() - interval '1 minute', NULL, 'swift'),
        ('d', 'waiting', NULL, NULL, 'swift');";

/// A machine without PowerShell, whatever the one has that this runs on.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("playbook.md", PLAYBOOK);
    sandbox.write_command("depotctl", DEPOTCTL);
    sandbox.write_command("edit-block", "#!/bin/sh\nsed -i -e 's/<UPGRADE_NUMBER>/31/' -e '/^# Example/,$d' \"$1\"\n");
    sandbox
}

fn runbook(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.runbook(arguments);
    command.env("EDITOR", "edit-block");
    command
}

fn on_postgres(sandbox: &Sandbox, page: &str) -> (Database, Terminal) {
    let database = postgres::server().database();
    database.psql(SEED);
    let path = sandbox.link_commands(&["bash", "sh", "cat", "grep", "sed", "setsid"]);
    let mut command = runbook(sandbox, &["run", page, "--connection", &database.url]);
    command.env("PATH", path);
    (database, Terminal::spawn(&command))
}

fn calls(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.home().join("depotctl-was-called")).unwrap_or_default()
}

fn line_of(offset: usize) -> usize {
    PLAYBOOK[..offset].matches('\n').count() + 1
}

/// Line and column of the only place where `text` stands after `before`.
fn place(before: &str, text: &str) -> String {
    let start = PLAYBOOK.find(before).expect(before);
    let at = start + PLAYBOOK[start..].find(text).expect(text);
    let line_start = PLAYBOOK[..at].rfind('\n').expect("a line before") + 1;
    format!("playbook.md:{}:{}", line_of(at), at - line_start + 1)
}

/// Every code block as CommonMark has it: line, label and code.
fn blocks_of_commonmark() -> Vec<(usize, String, String)> {
    let mut blocks: Vec<(usize, String, String)> = Vec::new();
    let mut inside = false;
    for (event, range) in Parser::new_ext(PLAYBOOK, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(label))) => {
                inside = true;
                blocks.push((line_of(range.start), label.to_string(), String::new()));
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => panic!("the fixture has fences only"),
            Event::Text(text) if inside => blocks.last_mut().expect("one has begun").2.push_str(&text),
            Event::End(TagEnd::CodeBlock) => inside = false,
            _ => {}
        }
    }
    blocks
}

fn plan(sandbox: &Sandbox) -> Vec<Value> {
    let output = sandbox.runbook(["plan", "playbook.md", "--json"]).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plan: Value = serde_json::from_slice(&output.stdout).expect("the plan is JSON");
    let steps = plan["steps"].as_array().expect("steps").iter();
    steps.flat_map(|step| step["blocks"].as_array().expect("blocks").clone()).collect()
}

#[test]
fn the_plan_lists_every_block_that_commonmark_sees_with_its_line_and_its_code() {
    let sandbox = sandbox();
    let planned: Vec<(usize, String)> = plan(&sandbox)
        .iter()
        .map(|block| {
            let line = block["line_start"].as_u64().expect("a line");
            (usize::try_from(line).expect("a small number"), block["code"].as_str().expect("code").to_owned())
        })
        .collect();
    let seen: Vec<(usize, String)> = blocks_of_commonmark().into_iter().map(|(line, _, code)| (line, code)).collect();
    assert_eq!(seen.len(), 12);
    assert_eq!(planned, seen);
}

#[test]
fn the_plan_tells_shell_sql_and_powershell_apart_and_what_each_does() {
    let sandbox = sandbox();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let told = plan(&sandbox);
    let told = told.iter().map(|block| [&block["class"], &block["language"], &block["effect"]].map(text).join(" "));
    let labels = blocks_of_commonmark().into_iter().map(|(_, label, _)| label);
    let expected = [
        ("bash", "shell bash unknown"),
        ("bash", "shell bash unknown"),
        ("powershell", "script pwsh unknown"),
        ("sql", "sql sql write"),
        ("bash", "shell bash unknown"),
        ("", "output  read"),
        ("sql", "sql sql destructive"),
        ("bash", "shell bash unknown"),
        ("sql", "sql sql destructive"),
        ("powershell", "script pwsh unknown"),
        ("sql", "sql sql write"),
        ("sql", "sql sql write"),
    ];
    let expected: Vec<_> = expected.iter().map(|(label, told)| ((*label).to_owned(), (*told).to_owned())).collect();
    assert_eq!(labels.zip(told).collect::<Vec<_>>(), expected);
}

#[test]
fn in_a_terminal_the_scenarios_are_offered_and_the_chosen_one_alone_is_run() {
    let sandbox = sandbox();
    let mut command = runbook(&sandbox, &["run", "playbook.md", "--connection", "sqlite::memory:"]);
    let mut terminal = Terminal::spawn(command.env("EDITOR", "true"));
    for title in ["Printer Agent Silent", "Upgrade Hangs", "Carrier Refuses"] {
        terminal.expect(title);
    }
    terminal.send_line("");
    terminal.answer("nothing was chosen", "3");
    terminal.answer("Run this?", "u");
    terminal.expect("Resume");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    let started = &sandbox.events_of("run_started")[0];
    assert_eq!(started["anchor"], "3-scenario-carrier-refuses");
    let steps: Vec<_> = started["steps"].as_array().expect("steps").iter().map(|step| &step["id"]).collect();
    assert_eq!(steps, ["step-1-hold-the-heap", "step-2-let-it-go-again"]);
}

#[test]
fn without_a_terminal_the_scenarios_are_listed_and_nothing_is_run() {
    let sandbox = sandbox();
    let output = sandbox.runbook(["run", "playbook.md", "--yes=destructive"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr);
    for page in [AGENT, UPGRADE, CARRIER] {
        assert!(error.contains(page), "{page}: {error}");
    }
    assert!(!sandbox.state().join("runs").exists());
    assert_eq!(calls(&sandbox), "");
}

#[test]
fn a_scenario_runs_its_shell_and_its_sql_statement_by_statement() {
    let sandbox = sandbox();
    let (database, mut terminal) = on_postgres(&sandbox, AGENT);
    let said = terminal.expect("Step 1");
    let line = line_of(PLAYBOOK.find("```powershell").expect("PowerShell"));
    assert!(said.contains("pwsh") && said.contains(&format!("line {line} ")), "{said}");
    terminal.answer("Enter: As written", "");
    terminal.answer("Run this?", "r");
    terminal.answer("Enter: CLI", "");
    terminal.answer("Run this?", "r");
    terminal.expect("waiting; again");
    terminal.answer("Run this?", "r");
    terminal.expect("2 rows");
    terminal.answer("commit (or yes)", "commit");
    terminal.answer("Run this?", "r");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());

    // What the first block set is there in the second, spaces and all.
    let called = "logs --agent dock-3\nsilent --agent dock-3\nstart --agent dock-3 --after dawn of the 3rd\n";
    assert_eq!(calls(&sandbox), format!("{called}ping --agent dock-3\n"));
    assert_eq!(fs::read_to_string(sandbox.home().join("agent.log")).expect("the log").lines().count(), 3);

    let rows = database.psql("SELECT label, state, remark FROM depot.labels ORDER BY label");
    assert_eq!(rows, "a|waiting|waiting; again\nb|waiting|waiting; again\nc|claimed|\nd|waiting|");
    let statements = sandbox.events_of("statement_finished");
    let told = |field: &str| statements.iter().map(|statement| statement[field].clone()).collect::<Vec<_>>();
    let lines = ["SELECT label", "UPDATE depot", "SELECT count"];
    assert_eq!(told("line"), lines.map(|start| Value::from(line_of(PLAYBOOK.find(start).expect(start)))));
    assert_eq!(told("rows"), [2.into(), Value::Null, 1.into()]);
    assert_eq!(statements[1]["affected"], 2);
}

#[test]
fn powershell_is_said_to_be_missing_and_can_be_skipped() {
    let sandbox = sandbox();
    let (_, mut terminal) = on_postgres(&sandbox, AGENT);
    terminal.answer("Enter: As written", "2 by hand tonight");
    for _ in 0..3 {
        terminal.answer("Is this done?", "d");
    }
    let ways = terminal.expect("Enter: CLI");
    assert!(ways.contains("pwsh is not installed"), "{ways}");
    terminal.send_line("PowerShell");
    terminal.answer("Enter: no", "yes");
    let blocked = terminal.expect("What now?");
    assert!(blocked.contains("cannot be run: pwsh"), "{blocked}");
    // To run it is not among the answers.
    terminal.send_line("r");
    terminal.answer("none of these", "s no Windows here");
    terminal.answer("Run this?", "s not tonight");
    terminal.answer("Run this?", "s nobody is here");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(calls(&sandbox), "");
    let reasons: Vec<_> = sandbox.events_of("block_skipped").iter().map(|event| event["reason"].clone()).collect();
    assert_eq!(reasons, ["no Windows here", "not tonight", "nobody is here"]);
}

#[test]
fn what_ends_sessions_takes_a_typed_word_and_placeholders_are_named_by_their_place() {
    let sandbox = sandbox();
    let (database, mut terminal) = on_postgres(&sandbox, UPGRADE);
    let _session = database.idle_session("upgrade");
    let sessions = || {
        let idle = "state = 'idle in transaction' AND application_name = 'upgrade'";
        database.psql(&format!("SELECT count(*) FROM pg_stat_activity WHERE {idle}"))
    };
    wait_until("the upgrade holds its lock", || sessions() == "1");
    terminal.expect("DESTRUCTIVE");
    terminal.answer("Run this?", "r");
    let word = terminal.expect("anything else");
    let word = word.rsplit('`').nth(1).expect("a word to type").to_owned();
    terminal.send_line("y");
    terminal.answer("nothing was run", "");
    assert_eq!(sessions(), "1");
    terminal.answer("Run this?", "r");
    terminal.answer("anything else", &word);
    terminal.answer("commit (or yes)", "commit");
    wait_until("the session has ended", || sessions() == "0");

    terminal.answer("What is UPGRADE_NUMBER?", "");
    let blocked = terminal.expect("Fill it in and run it?");
    let number = place("--mark-done", "<UPGRADE_NUMBER>");
    assert!(blocked.contains(&format!("cannot be run: {number}: ")), "{number}: {blocked}");
    terminal.send_line("e");
    terminal.answer("Run this?", "r");
    terminal.answer("Enter: As written", "");
    terminal.answer("What is some_new_table?", "");
    let blocked = terminal.expect("Fill it in and run it?");
    let table = place("DROP TABLE", "some_new_table");
    assert!(blocked.contains(&format!("cannot be run: {table}: ")), "{table}: {blocked}");
    terminal.send_line("s there is nothing to take back");
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), 0, "{}", terminal.screen());
    assert_eq!(calls(&sandbox), "upgrade --mark-done 31\n");
}

#[test]
fn what_the_page_speaks_of_as_seen_is_not_offered() {
    let sandbox = sandbox();
    let mut terminal = Terminal::spawn(&runbook(&sandbox, &["run", UPGRADE, "--connection", "sqlite::memory:"]));
    let shown = terminal.expect("Run this?");
    assert!(shown.contains("waiting for lock") && shown.contains("pg_stat_activity"), "{shown}");
    assert!(sandbox.events_of("block_started").is_empty());
}

/// A page with a block in no language that is known, and one of shell.
fn unknown_page(sandbox: &Sandbox, options: &[&str]) -> Command {
    sandbox.write("page.md", "# Page\n\n```frobnicate\nturn it off\n```\n\n```sh\ntrue\n```\n");
    runbook(sandbox, &[&["run", "page.md"], options].concat())
}

#[test]
fn enter_leaves_out_a_block_of_which_the_page_does_not_say_what_it_is() {
    let sandbox = sandbox();
    let mut terminal = Terminal::spawn(&unknown_page(&sandbox, &[]));
    terminal.expect("turn it off");
    let asked = terminal.expect("Enter: skip");
    assert!(asked.contains("Run this?"), "{asked}");
    terminal.send_line("");
    terminal.expect("true");
    assert_eq!(sandbox.events_of("block_skipped").len(), 1);
    assert!(sandbox.events_of("block_started").is_empty());
}

#[test]
fn without_asking_a_block_of_which_the_page_does_not_say_what_it_is_is_left_out() {
    let sandbox = sandbox();
    let output = unknown_page(&sandbox, &["--yes"]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(sandbox.events_of("block_started").len(), 1, "{said}");
    assert_eq!(sandbox.events_of("block_skipped").len(), 1, "{said}");
}

#[test]
fn an_edit_that_cannot_be_parsed_is_not_blamed_on_a_line_of_the_page() {
    let sandbox = sandbox();
    sandbox.write_command("break-block", "#!/bin/sh\nprintf 'echo fine\\n)\\n' > \"$1\"\n");
    let mut command = runbook(&sandbox, &["run", AGENT, "--connection", "sqlite::memory:"]);
    let mut terminal = Terminal::spawn(command.env("EDITOR", "break-block"));
    terminal.answer("Enter: As written", "");
    terminal.answer("Run this?", "e");
    let blocked = terminal.expect("What now?");
    assert!(blocked.contains("cannot parse it") && blocked.contains("line 2"), "{blocked}");
    assert!(!blocked.contains("playbook.md:"), "{blocked}");
}
