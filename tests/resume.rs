//! A run put aside, on purpose or not, and taken up again: it goes on where it
//! was, and nothing is answered that was not asked.

mod support;

use rustix::process::Signal;
use std::fs;
use support::{Sandbox, Terminal, wait_until};

const PAGE: &str = "\
# Page

## One

```bash
echo one >> ran
```

## Two

```bash
echo two >> ran
```
";

fn sandbox(page: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", page);
    sandbox
}

fn run(sandbox: &Sandbox) -> Terminal {
    Terminal::spawn(&sandbox.runbook(["run", "page.md"]))
}

fn resume(sandbox: &Sandbox) -> Terminal {
    Terminal::spawn(&sandbox.runbook(["resume"]))
}

/// What a file of the working folder holds; nothing where there is none.
fn read(sandbox: &Sandbox, name: &str) -> String {
    fs::read_to_string(sandbox.work().join(name)).unwrap_or_default()
}

#[track_caller]
fn ends(mut terminal: Terminal, code: i32) -> String {
    terminal.expect("Report");
    assert_eq!(terminal.wait_exit(), code, "{}", terminal.screen());
    terminal.screen()
}

/// Takes the run up at its second step and walks to the end: each step has
/// then run once.
#[track_caller]
fn resumes_at_two(sandbox: &Sandbox) {
    let mut terminal = resume(sandbox);
    let shown = terminal.expect("Run this?");
    assert!(shown.contains("echo two") && !shown.contains("echo one"), "{shown}");
    assert_eq!(read(sandbox, "ran"), "one\n", "nothing runs before it is asked about");
    terminal.send_line("r");
    ends(terminal, 0);
    assert_eq!(read(sandbox, "ran"), "one\ntwo\n");
    let verified = sandbox.runbook(["verify"]).output().expect("it starts");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn it_goes_on_at_the_next_block_with_the_shell_as_it_was() {
    let page = "\
# Page

## Set

```bash
mkdir inner && cd inner
export EXPORTED='a b'
list=(one 'two  three')
greet() { echo \"hello from $1\"; }
```

```bash
printf '%s\\n' \"${PWD##*/}\" \"$(printenv EXPORTED)\" \"${list[1]}\" \"$(greet here)\" > seen
```
";
    let sandbox = sandbox(page);
    let mut terminal = run(&sandbox);
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "u");
    ends(terminal, 0);

    let mut terminal = resume(&sandbox);
    let shown = terminal.expect("Run this?");
    assert!(shown.contains("printf") && !shown.contains("mkdir"), "{shown}");
    terminal.send_line("r");
    ends(terminal, 0);
    assert_eq!(read(&sandbox, "inner/seen"), "inner\na b\ntwo  three\nhello from here\n");
    let started: Vec<_> =
        sandbox.events_of("block_started").iter().map(|event| event["block"]["number"].clone()).collect();
    assert_eq!(started, [1, 2]);
}

#[test]
fn choices_and_actions_that_were_answered_are_not_asked_again() {
    let page = "\
# Page

## Look

**CLI:**

```bash
touch by-command
```

**Web UI:**

1. Open the first door
2. Open the second door

## Finish

```bash
touch finished
```
";
    let sandbox = sandbox(page);
    let mut terminal = run(&sandbox);
    terminal.answer("Enter: CLI", "Web UI");
    terminal.answer("Is this done?", "d");
    terminal.expect("second door");
    terminal.answer("Is this done?", "u");
    ends(terminal, 0);

    let mut terminal = resume(&sandbox);
    let shown = terminal.expect("Is this done?");
    assert!(shown.contains("second door") && !shown.contains("first door"), "{shown}");
    assert!(!shown.contains("Enter: CLI"), "{shown}");
    terminal.send_line("d");
    terminal.expect("touch finished");
    terminal.answer("Run this?", "r");
    let screen = ends(terminal, 0);
    assert!(!screen.contains("by-command"), "{screen}");
    assert!(!sandbox.work().join("by-command").exists() && sandbox.work().join("finished").exists());
    assert_eq!(sandbox.events_of("chosen").len(), 1);
    assert_eq!(sandbox.events_of("action_done").len(), 2);
}

#[test]
fn a_page_changed_meanwhile_is_shown_as_a_diff_and_what_was_approved_is_what_runs() {
    let sandbox = sandbox(PAGE);
    let mut terminal = run(&sandbox);
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "u");
    ends(terminal, 0);
    sandbox.write("page.md", &PAGE.replace("echo two", "echo changed"));

    let mut terminal = resume(&sandbox);
    let shown = terminal.expect("Run this?");
    assert!(shown.contains("-echo two >> ran") && shown.contains("+echo changed >> ran"), "{shown}");
    terminal.send_line("r");
    ends(terminal, 0);
    assert_eq!(read(&sandbox, "ran"), "one\ntwo\n");
    let report = sandbox.report_json();
    let changed = report["deviations"].as_array().expect("deviations").iter();
    assert_eq!(changed.filter(|deviation| deviation["kind"] == "runbook_changed").count(), 1, "{report:#}");
}

#[test]
fn a_secret_is_asked_for_again_and_never_kept() {
    const SECRET: &str = "hunter2-hunter2";
    let page = "\
---
variables: { token: { prompt: Which token?, secret: true } }
---

# Page

```bash
copy=\"{{ token }}\"
echo \"$copy\" > first
```

```bash
echo \"{{ token }}\" > second
```
";
    let sandbox = sandbox(page);
    let mut terminal = run(&sandbox);
    terminal.answer("Which token?", SECRET);
    terminal.answer("Run this?", "r");
    terminal.answer("Run this?", "u");
    let before = ends(terminal, 0);
    sandbox.assert_nowhere(SECRET, &sandbox.state());

    let mut terminal = resume(&sandbox);
    terminal.answer("Which token?", SECRET);
    terminal.answer("Run this?", "r");
    let after = ends(terminal, 0);
    assert_eq!((read(&sandbox, "first"), read(&sandbox, "second")), (format!("{SECRET}\n"), format!("{SECRET}\n")));
    assert!(!before.contains(SECRET) && !after.contains(SECRET), "{before}\n{after}");
    sandbox.assert_nowhere(SECRET, &sandbox.state());
}

#[test]
fn a_run_that_somebody_has_in_hand_is_not_taken_from_them() {
    let sandbox = sandbox(PAGE);
    let mut first = run(&sandbox);
    first.expect("Run this?");
    let events = sandbox.events().len();

    let mut second = resume(&sandbox);
    second.expect("in hand");
    assert_eq!(second.wait_exit(), 2, "{}", second.screen());
    let said = second.screen();
    assert!(said.contains("responder") && said.contains(&first.pid().to_string()), "{said}");
    assert_eq!(sandbox.events().len(), events, "nothing was written into a record that is another's");

    first.send_line("r");
    first.answer("Run this?", "r");
    ends(first, 0);
    assert_eq!(read(&sandbox, "ran"), "one\ntwo\n");
}

#[test]
fn there_is_nothing_to_resume_in_a_finished_run() {
    let sandbox = sandbox(PAGE);
    let finished = sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
    assert!(finished.status.success(), "{}", String::from_utf8_lossy(&finished.stderr));
    let events = sandbox.events().len();
    let mut terminal = resume(&sandbox);
    terminal.expect("finished");
    assert_eq!(terminal.wait_exit(), 2, "{}", terminal.screen());
    assert_eq!(sandbox.events().len(), events);
    assert_eq!(read(&sandbox, "ran"), "one\ntwo\n");
}

#[test]
fn ctrl_c_at_a_prompt_puts_the_run_aside() {
    let sandbox = sandbox(PAGE);
    let mut terminal = run(&sandbox);
    terminal.answer("Run this?", "r");
    terminal.expect("Run this?");
    terminal.send_ctrl_c();
    terminal.expect("Resume");
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.screen());
    assert_eq!(sandbox.events_of("run_suspended").len(), 1);
    resumes_at_two(&sandbox);
}

#[test]
fn ctrl_c_while_a_secret_is_typed_puts_the_run_aside() {
    let page = PAGE.replace("echo two", "echo {{ token }}");
    let sandbox =
        sandbox(&format!("---\nvariables: {{ token: {{ prompt: Which token?, secret: true }} }}\n---\n\n{page}"));
    let mut terminal = run(&sandbox);
    terminal.expect("Which token?");
    terminal.send("hunter2-hun");
    terminal.send_ctrl_c();
    terminal.expect("Resume");
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.screen());
    assert!(!terminal.screen().contains("hunter2"), "{}", terminal.screen());
    let mut terminal = resume(&sandbox);
    terminal.answer("Which token?", "hunter2-hunter2");
    terminal.expect("echo one");
    terminal.answer("Run this?", "s enough");
}

#[test]
fn sigterm_at_a_prompt_leaves_a_run_that_can_be_resumed() {
    let sandbox = sandbox(PAGE);
    let mut terminal = run(&sandbox);
    terminal.answer("Run this?", "r");
    terminal.expect("Run this?");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.screen());
    assert_eq!(sandbox.events_of("run_suspended").len(), 1);
    resumes_at_two(&sandbox);
}

/// The run sits on a terminal of its own inside the one of the test, made by
/// `script`. With `script` that terminal goes away, as a window does.
#[test]
fn a_terminal_closed_at_a_prompt_leaves_a_run_that_can_be_resumed() {
    let sandbox = sandbox(PAGE);
    let mut inside = sandbox.command("script");
    inside.env("SHELL", "/bin/sh").args(["-q", "-c"]);
    inside.arg(format!("echo $$ > pid; exec {} run page.md", env!("CARGO_BIN_EXE_runbook"))).arg("/dev/null");
    let mut window = Terminal::spawn(&inside);
    window.answer("Run this?", "r");
    window.expect("Run this?");
    let pid = read(&sandbox, "pid").trim().to_owned();
    window.signal(Signal::KILL);
    // Gone, or dead and not yet waited for.
    let gone = || fs::read(format!("/proc/{pid}/cmdline")).map_or(true, |line| line.is_empty());
    wait_until("the run has ended with its terminal", gone);
    assert_eq!(sandbox.events_of("run_suspended").len(), 1);
    resumes_at_two(&sandbox);
}

#[test]
fn what_is_typed_while_a_block_runs_answers_nothing() {
    let page = "\
# Page

## Wait

```bash
echo waiting
cat go > /dev/null
```

## Read

```bash
touch answered
```

## Tick off

1. Look twice
";
    let page = format!("---\nsteps: {{ read: {{ effect: read }} }}\n---\n\n{page}");
    let sandbox = sandbox(&page);
    let made = sandbox.command("mkfifo").arg("go").status().expect("mkfifo");
    assert!(made.success());
    let mut terminal = run(&sandbox);
    terminal.answer("Run this?", "r");
    // The block's own output, after its text on the card.
    terminal.expect("│ waiting");
    for _ in 0..100 {
        terminal.send("y\r\r");
    }
    terminal.send("r\rd\ryes\rcommit\rlast-of-all");
    // Echoed, so it has reached the terminal before the block ends.
    terminal.expect("last-of-all");
    sandbox.write("go", "");
    terminal.expect("touch answered");
    // One that a stray Enter would run.
    terminal.answer("Enter: run", "s enough");
    terminal.answer("Is this done?", "u");
    ends(terminal, 0);
    assert!(!sandbox.work().join("answered").exists());
    assert_eq!(sandbox.events_of("block_started").len(), 1);
    assert_eq!(sandbox.events_of("block_skipped")[0]["reason"], "enough");
    assert!(sandbox.events_of("action_done").is_empty());
}

/// A page whose change is asked about, and the database that it is made in.
fn with_a_database() -> Sandbox {
    let sandbox = sandbox("# Page\n\n```sql\nCREATE TABLE jobs (id INTEGER);\n```\n");
    fs::File::create(sandbox.work().join("jobs.db")).expect("an empty database");
    sandbox
}

const DATABASE: [&str; 2] = ["--connection", "sqlite:jobs.db"];

#[test]
fn killed_at_the_commit_question_the_run_knows_that_nothing_was_kept() {
    let sandbox = with_a_database();
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"].iter().chain(&DATABASE)));
    terminal.answer("Run this?", "r");
    terminal.expect("commit (or yes)");
    terminal.signal(Signal::KILL);
    terminal.wait_exit();
    let mut terminal = Terminal::spawn(&sandbox.runbook(["resume"].iter().chain(&DATABASE)));
    terminal.expect("no COMMIT was sent");
    terminal.answer("Did it run?", "again nothing is there");
    terminal.answer("Run this?", "r");
    terminal.answer("commit (or yes)", "commit");
    ends(terminal, 0);
}

#[test]
fn ctrl_c_at_the_commit_question_keeps_nothing_and_puts_the_run_aside() {
    let sandbox = with_a_database();
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"].iter().chain(&DATABASE)));
    terminal.answer("Run this?", "r");
    terminal.expect("commit (or yes)");
    terminal.send_ctrl_c();
    assert_eq!(terminal.wait_exit(), 130, "{}", terminal.screen());
    let ended = sandbox.events_of("transaction_ended");
    assert_eq!(ended[0]["decision"], "rolled_back");
    assert_eq!(sandbox.events_of("run_suspended").len(), 1);
    let mut terminal = Terminal::spawn(&sandbox.runbook(["resume"].iter().chain(&DATABASE)));
    terminal.answer("Run this?", "r");
    terminal.answer("commit (or yes)", "commit");
    ends(terminal, 0);
}

#[test]
fn what_a_killed_engine_has_left_running_is_named() {
    // What does not mind that its terminal is gone with the engine.
    let sandbox = sandbox("# Page\n\n```sh\ntrap '' HUP\necho started > started\nexec cat hold\n```\n");
    assert!(sandbox.command("mkfifo").arg("hold").status().expect("mkfifo starts").success());
    let mut terminal = run(&sandbox);
    terminal.answer("Run this?", "r");
    wait_until("the block has started", || sandbox.work().join("started").exists());
    terminal.signal(Signal::KILL);
    terminal.wait_exit();
    let mut terminal = resume(&sandbox);
    terminal.expect("Still running from before: cat");
    terminal.answer("Did it run?", "suspend");
    terminal.wait_exit();
    // Lets the block end.
    fs::OpenOptions::new().write(true).open(sandbox.work().join("hold")).expect("the pipe that it waits for");
}
