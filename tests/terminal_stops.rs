//! Runs that are stopped for a while, by Ctrl-Z or because a program of theirs
//! has stopped itself, in a shell with job control.

mod support;

use std::time::Duration;
use support::{Sandbox, Terminal, agree, run_page, shell_with_jobs};

/// Starts a run of a page of one step, up to where its block runs.
fn start(sandbox: &Sandbox, settings: &str, code: &str) -> Terminal {
    let front = format!("---\nsteps:\n  step: {{ {settings} }}\n---\n");
    sandbox.write("page.md", &format!("{front}\n# Page\n\n## Step\n\n```bash\n{code}\n```\n"));
    let mut terminal = shell_with_jobs(sandbox);
    terminal.send_line(&run_page(sandbox));
    agree(&mut terminal);
    terminal
}

/// Lets the run stand stopped for so long. That is not hoped for: it is the
/// time that is to pass.
fn stand_stopped(terminal: &mut Terminal, seconds: u64) {
    terminal.send("\u{1a}");
    terminal.expect("Stopped");
    terminal.expect("prompt$ ");
    std::thread::sleep(Duration::from_secs(seconds));
    terminal.send_line("fg");
    terminal.expect("run page.md\n");
}

#[test]
fn a_stopped_minute_costs_the_timeout_nothing() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, "timeout: 6s", "echo ready\nread -r x\necho \"got $x\"");
    terminal.expect("│ ready");
    stand_stopped(&mut terminal, 7);
    terminal.send_line("on");
    terminal.expect("│ got on");
    terminal.expect("The run is completed.");
}

#[test]
fn a_stopped_minute_costs_what_is_followed_nothing() {
    let sandbox = Sandbox::new();
    let code = "echo ready\nread -r x\necho \"got $x\"\ntail -f /dev/null";
    let mut terminal = start(&sandbox, "timeout: 6s", code);
    terminal.expect("│ ready");
    stand_stopped(&mut terminal, 7);
    terminal.send_line("on");
    terminal.expect("│ got on");
    terminal.expect("The run is completed.");
    assert_eq!(sandbox.events_of("block_finished")[0]["watched"], "time_up");
}

#[test]
fn a_stopped_minute_between_two_tries_costs_the_patience_nothing() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, "until: { every: 2s, for: 6s }", "[ -e done ] && echo it is there");
    terminal.expect("trying again");
    stand_stopped(&mut terminal, 7);
    sandbox.write("done", "");
    terminal.expect("it is there");
    terminal.expect("The run is completed.");
}

/// A block with a program that stops only itself, as `ssh` does on `~^Z`.
const STOPS_ITSELF: &str = "echo ready\nstopper\necho after";

fn with_stopper() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write_command("stopper", "#!/bin/sh\nkill -STOP $$\necho it went on\n");
    sandbox
}

#[test]
fn a_program_that_stops_only_itself_stops_the_run_and_both_go_on() {
    let sandbox = with_stopper();
    let mut terminal = start(&sandbox, "confirm: always", STOPS_ITSELF);
    terminal.expect("│ ready");
    terminal.expect("Stopped");
    terminal.expect("prompt$ ");
    terminal.send_line("fg");
    terminal.expect("│ it went on");
    terminal.expect("│ after");
    terminal.expect("The run is completed.");
}

#[test]
fn such_a_program_goes_on_by_itself_where_nobody_could_continue_the_run() {
    let sandbox = with_stopper();
    sandbox.write("page.md", &format!("# Page\n\n## Step\n\n```bash\n{STOPS_ITSELF}\n```\n"));
    let mut terminal = Terminal::spawn(&sandbox.runbook(["run", "page.md"]));
    agree(&mut terminal);
    terminal.expect("│ it went on");
    terminal.expect("The run is completed.");
    assert_eq!(terminal.wait_exit(), 0);
}

#[test]
fn a_process_that_a_block_has_stopped_on_purpose_stops_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write_command("hold", "#!/bin/sh\nkill -\"$1\" \"$2\"\n");
    // Longer than it takes to find a block that can do nothing.
    let code = "sleep 600 &\nhold STOP $!\nsleep 2\nread -r -t 2\nhold KILL $!\necho done";
    let mut terminal = start(&sandbox, "confirm: always", code);
    terminal.expect("│ done");
    terminal.expect("The run is completed.");
    assert!(!terminal.screen().contains("Stopped"), "{}", terminal.screen());
}
