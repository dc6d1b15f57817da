//! A run of `page.md` in a shell with job control, as a responder sits at.

use super::{Sandbox, Terminal};

/// How often what ends or stops a run is tried: `RUNBOOK_TEST_ROUNDS` times.
pub(crate) fn rounds() -> usize {
    std::env::var("RUNBOOK_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10)
}

/// The shell, at its prompt, `prompt$ `.
pub(crate) fn shell_with_jobs(sandbox: &Sandbox) -> Terminal {
    let mut bash = sandbox.command("bash");
    bash.args(["--norc", "--noprofile", "-i"]).env("PS1", "prompt$ ").env("INPUTRC", "/dev/null");
    let mut terminal = Terminal::spawn(&bash);
    terminal.expect("prompt$ ");
    terminal
}

/// What is typed there to start the run.
pub(crate) fn run_page(sandbox: &Sandbox) -> String {
    let run = sandbox.runbook(["run", "page.md"]);
    format!("{} run page.md", run.get_program().display())
}

/// Has the first block run.
pub(crate) fn agree(terminal: &mut Terminal) {
    terminal.expect("Run this?");
    terminal.expect("> ");
    terminal.send_line("r");
    terminal.expect("> r\n");
}
