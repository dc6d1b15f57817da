//! A panic of the program itself in the middle of a block at a terminal: the
//! terminal is left as it was found, and nothing of the block is left running.
//!
//! Nothing makes the built program panic. So the test calls itself at a
//! terminal, where it runs a block as the program does, and panics.

mod support;

use runbook::effect::{Output, OutputError, Shell as _, ShellRequest, Stream, Waiting};
use runbook::shell::{Environment, RUN_VARIABLE, Runner, leftover};
use runbook::terminal::OwnTerminal;
use support::{Sandbox, rounds, shell_with_jobs, wait_until};
use tokio::sync::mpsc::unbounded_channel;

const BLOCK: &str = "sleep 300 &\n(trap '' HUP TERM; exec sleep 300) &\nstty raw -echo\necho ready\nread -r _";

/// Panics once the block has printed something.
struct Panics;

impl Output for Panics {
    fn write(&mut self, _: Stream, bytes: &[u8]) -> Result<(), OutputError> {
        assert!(!bytes.starts_with(b"ready"), "as it was to be");
        Ok(())
    }

    fn waiting(&mut self, _: &Waiting) {}
}

#[test]
#[ignore = "it panics, and the test below calls it at a terminal"]
fn panics_in_the_middle_of_a_block() {
    let environment = Environment::inherited().expect("a folder");
    let mut runner = Runner::new(environment).at_terminal(Box::new(OwnTerminal), env!("CARGO_BIN_EXE_runbook").into());
    let request = ShellRequest {
        interpreter: "bash".to_owned(),
        code: BLOCK.to_owned(),
        line: 1,
        cwd: None,
        variables: Vec::new(),
        timeout: None,
        is_followed: false,
        interactive: false,
        streams_apart: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (_sender, mut control) = unbounded_channel();
        let _never = runner.run(&request, &mut Panics, &mut control).await;
    });
}

#[test]
fn a_panic_in_the_middle_of_a_block_leaves_the_terminal_and_no_process() {
    for round in 0..rounds() {
        let sandbox = Sandbox::new();
        let run = format!("panic-{}-{round}", std::process::id());
        let mut terminal = shell_with_jobs(&sandbox);
        terminal.send_line("stty -g >before");
        terminal.expect("prompt$ ");
        let this = std::env::current_exe().expect("this test");
        terminal.send_line(&format!(
            "{RUN_VARIABLE}={run} {} --exact --ignored --nocapture panics_in_the_middle_of_a_block",
            this.display()
        ));
        terminal.expect("as it was to be");
        terminal.expect("test result: FAILED");
        terminal.expect("prompt$ ");
        terminal.send_line("stty -g | cmp - before && exit 7");
        assert_eq!(terminal.wait_exit(), 7, "the terminal is as it was: {}", terminal.screen());
        wait_until("nothing of the block is left", || leftover(&run).is_empty());
    }
}
