//! One try of a shell block or a script.

use super::attempt::{Attempt, looks_at_output, looks_at_streams};
use super::judge::{Evidence, exit_is_expected};
use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::effect::{Ending, ShellRequest, ShellResult};
use crate::run::BlockOutcome;
use crate::runbook::{Block, HumanDuration};
use std::path::PathBuf;
use std::time::Duration;

impl Engine<'_> {
    /// Runs the block in its interpreter. Its start is on record.
    pub(super) async fn run_shell(&mut self, block: &Block, prepared: &Prepared) -> Result<Attempt, EngineError> {
        let request = ShellRequest {
            interpreter: prepared.runs_on.clone(),
            code: prepared.text.clone(),
            line: prepared.line,
            cwd: block.settings.cwd.as_ref().map(PathBuf::from),
            variables: prepared.variables.clone(),
            timeout: prepared.timeout,
            interactive: prepared.interactive,
            streams_apart: looks_at_streams(block),
        };
        let mut output = self.recorder.open_output(looks_at_output(block))?;
        let result = self.shell.run(&request, &mut output, &mut self.control).await;
        let mut evidence = Evidence::default();
        let output = Some(output.finish(&mut evidence)?);
        let result = match result {
            Ok(result) => result,
            Err(error) => return Ok(not_started(&error.to_string(), output)),
        };
        self.keep_shell_state()?;
        let (outcome, error) = verdict(&result, block, prepared, *self.ended.borrow());
        let (exit, signal) = match result.ending {
            Ending::Exit(code) => (Some(code), None),
            Ending::Signal(signal) => (None, Some(signal)),
            Ending::TimedOut | Ending::Interrupted => (None, None),
        };
        evidence.exit = exit;
        Ok(Attempt {
            outcome,
            exit,
            signal,
            error,
            duration: result.duration,
            output,
            remarks: remarks(&result, block, prepared),
            evidence,
            row: Vec::new(),
            unanswered: None,
        })
    }

    fn keep_shell_state(&mut self) -> Result<(), EngineError> {
        let secrets = self.recorder.secrets();
        if let Some(state) = self.shell.state(&secrets) {
            self.recorder.keep_state(&state)?;
        }
        Ok(())
    }
}

/// What the ending of a process means for its block.
fn verdict(
    result: &ShellResult,
    block: &Block,
    prepared: &Prepared,
    session_ended: bool,
) -> (BlockOutcome, Option<String>) {
    match result.ending {
        Ending::Exit(code) if exit_is_expected(block.settings.expect.as_ref(), code) => (BlockOutcome::Succeeded, None),
        Ending::Exit(1) if found_nothing(result, block, prepared) => (BlockOutcome::Succeeded, None),
        Ending::Exit(code) => (BlockOutcome::Failed, Some(format!("exit code {code}"))),
        Ending::Signal(signal) => (BlockOutcome::Failed, Some(format!("ended by signal {signal}"))),
        Ending::TimedOut => {
            let limit = HumanDuration(prepared.timeout.unwrap_or_default());
            (BlockOutcome::TimedOut, Some(format!("ran longer than {limit} and was ended")))
        }
        Ending::Interrupted if session_ended => {
            (BlockOutcome::Interrupted, Some("ended with the responder's session".to_owned()))
        }
        // What never ends by itself is ended by its reader.
        Ending::Interrupted if prepared.endless => (BlockOutcome::Succeeded, None),
        Ending::Interrupted => (BlockOutcome::Interrupted, Some("interrupted by the responder".to_owned())),
    }
}

/// A search that found nothing has done what it should, unless the page
/// expects a certain exit code.
fn found_nothing(result: &ShellResult, block: &Block, prepared: &Prepared) -> bool {
    let says = block.settings.expect.as_ref().is_some_and(|expect| expect.exit.is_some());
    result.ending == Ending::Exit(1) && prepared.ends_in_search && !says
}

/// What the blocks after it must know. Only bash carries state at all.
fn remarks(result: &ShellResult, block: &Block, prepared: &Prepared) -> Vec<String> {
    let mut remarks: Vec<_> =
        result.left_behind.iter().map(|(id, name)| format!("left running: {name} (process {id})")).collect();
    if found_nothing(result, block, prepared) {
        remarks.push("nothing was found".to_owned());
    }
    if !result.state_kept && prepared.runs_on == "bash" {
        remarks
            .push("the shell's state after this block was not kept: the next block starts from that before it".into());
    }
    remarks
}

fn not_started(problem: &str, output: Option<crate::run::OutputRef>) -> Attempt {
    Attempt {
        outcome: BlockOutcome::Failed,
        exit: None,
        signal: None,
        error: Some(problem.to_owned()),
        duration: Duration::ZERO,
        output,
        remarks: Vec::new(),
        evidence: Evidence::default(),
        row: Vec::new(),
        unanswered: None,
    }
}
