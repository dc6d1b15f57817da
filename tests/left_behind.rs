//! What a block leaves running is named, however well it has hidden.

mod support;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use runbook::shell::leftover;
use support::{Sandbox, Terminal, agree, wait_until};

/// Starts a process in a session of its own, whose parent then ends.
const HIDES: &str = "bash -c 'env -i setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! >id'";

fn page(code: &[&str]) -> String {
    let blocks: String = code.iter().map(|code| format!("```bash\n{code}\n```\n\n")).collect();
    format!("# Page\n\n## Step\n\n{blocks}")
}

fn id(sandbox: &Sandbox) -> String {
    let id = std::fs::read_to_string(sandbox.work().join("id")).expect("the block has put it down");
    id.trim().to_owned()
}

/// Whether it runs. One that has ended may wait for somebody to take notice,
/// where the run that would have done so has ended too.
fn is_there(id: &str) -> bool {
    let stat = std::fs::read_to_string(std::path::Path::new("/proc").join(id).join("stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !['Z', 'X'].contains(&state))
}

fn left(sandbox: &Sandbox) -> Vec<String> {
    let remarks = sandbox.events_of("block_finished").into_iter().map(|end| end["remarks"].to_string());
    remarks.collect()
}

#[test]
fn a_process_without_parent_session_and_environment_is_named_once_and_lives() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page(&[HIDES, "true"]));
    let output = sandbox.runbook(["run", "page.md", "--yes=destructive"]).output().expect("it starts");
    assert!(output.status.success(), "{}", support::text(&output.stderr));
    let id = id(&sandbox);
    let left = left(&sandbox);
    assert!(left[0].contains(&format!("left running: sleep (process {id})")), "{left:?}");
    assert!(!left[1].contains("left running"), "{left:?}");
    assert!(is_there(&id), "it lives on");
    assert!(sandbox.command("kill").arg(&id).status().expect("kill starts").success());
}

#[test]
fn it_is_named_at_a_terminal_too() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page(&[HIDES]));
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    agree(&mut terminal);
    terminal.expect("left running: sleep (process ");
    terminal.expect("The run is completed.");
    terminal.wait_exit();
    let id = id(&sandbox);
    assert!(sandbox.command("kill").arg(&id).status().expect("kill starts").success());
}

/// A run of the page in a container of processes, of whose session the leader
/// is outside. `None` where this user may have no container.
fn run_in_a_container(sandbox: &Sandbox, options: &[&str]) -> Option<Command> {
    let enter = || {
        let mut command = sandbox.command("unshare");
        command.args(["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]);
        command
    };
    if !enter().arg("true").output().is_ok_and(|output| output.status.success()) {
        eprintln!("this user may have no container, so nothing was tried in one");
        return None;
    }
    let mut command = enter();
    // Not the container's first process itself, whose child any orphan is.
    command.args(["sh", "-c", "\"$@\"; exit $?", "sh", env!("CARGO_BIN_EXE_runbook"), "run", "page.md"]).args(options);
    Some(command)
}

#[test]
fn it_is_named_in_a_container_whose_session_began_outside() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page(&[HIDES, "kill $(cat id)"]));
    let Some(mut command) = run_in_a_container(&sandbox, &["--yes=destructive"]) else { return };
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", support::text(&output.stderr));
    assert!(left(&sandbox)[0].contains("left running: sleep (process "), "{:?}", left(&sandbox));
}

#[test]
fn it_is_named_at_the_terminal_of_such_a_container_too() {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", &page(&[HIDES]));
    let Some(command) = run_in_a_container(&sandbox, &[]) else { return };
    let mut terminal = Terminal::spawn(&command);
    agree(&mut terminal);
    terminal.expect("left running: sleep (process ");
    terminal.expect("The run is completed.");
    terminal.wait_exit();
}

#[test]
fn a_timeout_ends_it_and_nothing_of_an_earlier_block() {
    let sandbox = Sandbox::new();
    let earlier = "(while :; do (sleep 0.05 &); sleep 0.05; done) & echo $! >earlier";
    let steps = "---\nsteps:\n  second: { timeout: 1s }\n---\n\n# Page\n\n## First\n\n";
    sandbox.write(
        "page.md",
        &format!("{steps}```bash\n{earlier}\n```\n\n## Second\n\n```bash\n{HIDES}\nsleep 600\n```\n"),
    );
    let output = sandbox.runbook(["run", "page.md", "--yes=destructive"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1), "{}", support::text(&output.stderr));
    wait_until("it has been ended", || !is_there(&id(&sandbox)));
    let earlier = std::fs::read_to_string(sandbox.work().join("earlier")).expect("its id");
    assert!(is_there(earlier.trim()), "an earlier block's was not");
    let left = left(&sandbox);
    assert!(!left[1].contains("left running"), "{left:?}");
    assert!(sandbox.command("kill").arg(earlier.trim()).status().expect("kill starts").success());
}

#[test]
fn one_that_ends_is_gone_for_a_block_that_waits_for_it() {
    let sandbox = Sandbox::new();
    sandbox
        .write("page.md", &page(&[HIDES, "kill $(cat id)\nwhile kill -0 $(cat id) 2>/dev/null; do sleep 0.02; done"]));
    let output = sandbox.runbook(["run", "page.md", "--yes=destructive"]).output().expect("it starts");
    assert!(output.status.success(), "{}", support::text(&output.stderr));
}

/// The run's own processes, by their mark.
fn of_the_run(sandbox: &Sandbox) -> Vec<(u32, String)> {
    let run = sandbox.events()[0]["run"].as_str().expect("the run's id").to_owned();
    leftover(&run)
}

#[test]
fn what_the_program_starts_for_itself_is_nothing_that_a_block_has_left() {
    let sandbox = Sandbox::new();
    let blocks = ["bash\ntrue", "python\nprint(1)", "bash\ntrue", "sh\ntrue", "bash\nps -e >/dev/null", "bash\ntrue"];
    let page: String = blocks.iter().map(|block| format!("```{block}\n```\n\n")).collect();
    sandbox.write("page.md", &format!("# Page\n\n## Step\n\n{page}"));
    let output = sandbox.runbook(["run", "page.md", "--yes=destructive"]).output().expect("it starts");
    assert!(output.status.success(), "{}", support::text(&output.stderr));
    assert_eq!(left(&sandbox), ["[]"; 6]);
    wait_until("nothing of the run is left", || of_the_run(&sandbox).is_empty());
}

#[test]
fn nothing_is_left_of_a_run_that_was_killed_between_two_blocks() {
    let sandbox = Sandbox::new();
    let page = "---\nsteps:\n  wait: { until: { every: 10m, for: 1h } }\n---\n\n# Page\n\n## Begin\n\n```bash\ntrue\n```\n\n\
                ## Wait\n\n```bash\nfalse\n```\n";
    sandbox.write("page.md", page);
    let mut command = sandbox.runbook(["run", "page.md", "--yes=destructive"]);
    let mut run = command.stderr(Stdio::piped()).spawn().expect("it starts");
    let said = BufReader::new(run.stderr.take().expect("it is piped"));
    let failed = said.lines().map_while(Result::ok).find(|line| line.contains("trying again every 10m"));
    assert!(failed.is_some(), "the second block has failed, and is to be tried again much later");
    run.kill().expect("it can be killed");
    run.wait().expect("it ends");
    wait_until("nothing of the run is left", || of_the_run(&sandbox).is_empty());
}
