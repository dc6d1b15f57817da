//! Whatever ends or stops a run in the middle of a block at a terminal: the
//! terminal is left as it was found, nothing of the block is left running
//! unnamed, and the record is whole.
//!
//! `RUNBOOK_TEST_ROUNDS` says how often each is tried.

mod support;

use support::{Sandbox, Terminal, agree, rounds, run_page, shell_with_jobs, wait_until};

/// Never ends by itself, in three processes; one ignores SIGHUP. It waits in no
/// program of its own, so that no signal comes while that is being started.
const BLOCK: &str = "sleep 300 &\n(trap '' HUP; exec sleep 300) &\n\
                     read -r _ _ _ engine _ </proc/$PPID/stat\necho \"engine=$engine.\"\nread -r _";

/// A run of the block in a shell with job control; the engine's process id.
fn start(sandbox: &Sandbox) -> (Terminal, String) {
    sandbox.write("page.md", &format!("# Page\n\n## Step\n\n```bash\n{BLOCK}\n```\n"));
    let mut terminal = shell_with_jobs(sandbox);
    terminal.send_line("stty -g >before");
    terminal.expect("prompt$ ");
    terminal.send_line(&run_page(sandbox));
    agree(&mut terminal);
    terminal.expect("engine=");
    let engine = terminal.expect(".");
    (terminal, engine)
}

/// Sends the engine a signal, from elsewhere.
fn signal(sandbox: &Sandbox, name: &str, engine: &str) {
    let sent = sandbox.command("kill").args([&format!("-{name}"), engine]).status();
    assert!(sent.expect("kill starts").success(), "{engine} got {name}");
}

/// The run is over and the shell is back: what it finds.
#[track_caller]
fn all_is_well(sandbox: &Sandbox, terminal: &mut Terminal, last: &str) {
    terminal.expect("prompt$ ");
    terminal.send_line("stty -g | cmp - before && exit 7");
    assert_eq!(terminal.wait_exit(), 7, "the terminal is as it was: {}", terminal.screen());
    record_is_whole(sandbox, last);
}

/// The record ends with this event, nobody has changed it, and nothing of the
/// run still runs.
#[track_caller]
fn record_is_whole(sandbox: &Sandbox, last: &str) {
    let events = sandbox.events();
    assert_eq!(events.last().expect("an event")["event"], last, "{events:?}");
    let run = events[0]["run"].as_str().expect("the run's id").to_owned();
    let verified = sandbox.runbook(["verify", &run]).output().expect("it starts");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    wait_until("nothing of the run is left", || running(&run).is_empty());
}

/// The processes of a run, by the mark in their environment.
fn running(run: &str) -> Vec<String> {
    let mark = format!("RUNBOOK_RUN={run}");
    let is_marked = |environment: Vec<u8>| environment.split(|byte| *byte == 0).any(|one| one == mark.as_bytes());
    std::fs::read_dir("/proc")
        .expect("the processes")
        .flatten()
        .filter(|entry| std::fs::read(entry.path().join("environ")).is_ok_and(is_marked))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn an_end_of_the_session_suspends_the_run() {
    for round in 0..rounds() {
        for name in ["TERM", "HUP", "QUIT"] {
            let sandbox = Sandbox::new();
            let (mut terminal, engine) = start(&sandbox);
            signal(&sandbox, name, &engine);
            terminal.expect("Resume    runbook resume");
            all_is_well(&sandbox, &mut terminal, "run_suspended");
            eprintln!("round {round} of {name}");
        }
    }
}

#[test]
fn an_interrupt_ends_the_block_and_the_run_goes_on() {
    for round in 0..rounds() {
        let sandbox = Sandbox::new();
        let (mut terminal, engine) = start(&sandbox);
        // From elsewhere, and by the key.
        if round % 2 == 0 {
            signal(&sandbox, "INT", &engine);
        } else {
            terminal.send_ctrl_c();
        }
        terminal.expect("interrupted by the responder");
        terminal.answer("What now?", "s it is known");
        terminal.expect("Report");
        // What ignored the interrupt is named.
        let finished = sandbox.events_of("block_finished");
        let remarks = finished[0]["remarks"].as_array().expect("remarks").clone();
        for remark in remarks.iter().filter_map(|remark| remark.as_str()?.strip_prefix("left running: sleep (process "))
        {
            signal(&sandbox, "KILL", remark.trim_end_matches(')'));
        }
        all_is_well(&sandbox, &mut terminal, "run_finished");
    }
}

#[test]
fn a_timeout_ends_all_of_the_block_and_the_run_goes_on() {
    for _ in 0..rounds() {
        let sandbox = Sandbox::new();
        let front = "---\nsteps:\n  step: { timeout: 1s }\n---\n";
        sandbox.write("page.md", &format!("{front}\n# Page\n\n## Step\n\n```bash\n{BLOCK}\n```\n"));
        let mut terminal = shell_with_jobs(&sandbox);
        terminal.send_line("stty -g >before");
        terminal.expect("prompt$ ");
        terminal.send_line(&run_page(&sandbox));
        agree(&mut terminal);
        terminal.expect("ran longer than 1s");
        terminal.answer("What now?", "s it is known");
        terminal.expect("Report");
        all_is_well(&sandbox, &mut terminal, "run_finished");
    }
}

#[test]
fn a_stop_leaves_the_terminal_as_it_was_and_the_run_goes_on() {
    for _ in 0..rounds() {
        let sandbox = Sandbox::new();
        let (mut terminal, engine) = start(&sandbox);
        signal(&sandbox, "TSTP", &engine);
        terminal.expect("Stopped");
        terminal.expect("prompt$ ");
        terminal.send_line("stty -g | cmp - before && echo same $((100 + 1))");
        terminal.expect("same 101");
        terminal.send_line("fg");
        terminal.expect("run page.md\n");
        signal(&sandbox, "TERM", &engine);
        terminal.expect("Resume    runbook resume");
        all_is_well(&sandbox, &mut terminal, "run_suspended");
    }
}

#[test]
fn a_terminal_that_is_closed_suspends_the_run() {
    for _ in 0..rounds() {
        let sandbox = Sandbox::new();
        sandbox.write("page.md", &format!("# Page\n\n## Step\n\n```bash\n{BLOCK}\n```\n"));
        let run = sandbox.runbook(["run", "page.md"]);
        // `script` holds the terminal that is closed; it is killed, so that it
        // has no time to say so to anybody.
        let mut script = sandbox.command("script");
        script.args(["-qfc", &format!("exec {} run page.md", run.get_program().display()), "/dev/null"]);
        let mut terminal = Terminal::spawn(&script);
        terminal.expect("Run this?");
        terminal.expect("> ");
        terminal.send_line("r");
        terminal.expect("engine=");
        terminal.expect(".");
        terminal.signal(rustix::process::Signal::KILL);
        terminal.wait_exit();
        let suspended = || sandbox.events().last().is_some_and(|event| event["event"] == "run_suspended");
        wait_until("the run is suspended", suspended);
        record_is_whole(&sandbox, "run_suspended");
    }
}
