//! One try of a shell block or a script.

use super::attempt::{Attempt, looks_at_output, looks_at_streams};
use super::following::{Following, Lookout};
use super::judge::{Evidence, exit_is_expected};
use super::prepare::Prepared;
use super::{Engine, EngineError};
use crate::effect::{Ending, FailedCommand, ShellRequest, ShellResult};
use crate::language::shell;
use crate::run::{BlockOutcome, Watched};
use crate::runbook::{Block, HumanDuration};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;

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
            is_followed: prepared.endless,
            interactive: prepared.interactive,
            streams_apart: looks_at_streams(block),
        };
        self.look_after_own_files();
        let mut output = self.recorder.open_output(looks_at_output(block))?;
        let (result, watched) = if prepared.endless {
            let expect = block.settings.expect.as_ref().filter(|_| prepared.part.is_none_or(|part| part.is_end()));
            let lookout = expect.and_then(Lookout::of);
            let (to_block, mut to_hear) = unbounded_channel();
            let seen = lookout.as_ref().map(Lookout::seen).unwrap_or_default();
            output.look_for(lookout);
            let running = self.shell.run(&request, &mut output, &mut to_hear);
            Following { control: &mut self.control, to_block, seen }.until_ended(running).await
        } else {
            (self.shell.run(&request, &mut output, &mut self.control).await, None)
        };
        let mut evidence = Evidence::default();
        let output = Some(output.finish(&mut evidence)?);
        let result = match result {
            Ok(result) => result,
            Err(error) => return Ok(not_started(&error.to_string(), output)),
        };
        self.keep_shell_state()?;
        self.take_up_files(prepared);
        let watched = prepared.endless.then(|| why_it_ended(watched, result.ending));
        let (outcome, error) = verdict(&result, block, prepared, watched, *self.ended.borrow());
        let watched = watched.filter(|why| was_ended(*why, result.ending) && outcome == BlockOutcome::Succeeded);
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
            watched,
            error,
            duration: result.duration,
            output,
            remarks: remarks(&result, block, prepared, self.shell.carries_state(&prepared.runs_on)),
            evidence,
            row: Vec::new(),
            kept: false,
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

/// Why a block came to its end that never ends by itself.
fn why_it_ended(watched: Option<Watched>, ending: Ending) -> Watched {
    match (watched, ending) {
        (Some(Watched::Seen), _) => Watched::Seen,
        (_, Ending::TimedOut) => Watched::TimeUp,
        (watched, _) => watched.unwrap_or(Watched::Responder),
    }
}

/// What the ending of a process means for its block.
fn verdict(
    result: &ShellResult,
    block: &Block,
    prepared: &Prepared,
    watched: Option<Watched>,
    session_ended: bool,
) -> (BlockOutcome, Option<String>) {
    match result.ending {
        Ending::Interrupted if session_ended => {
            (BlockOutcome::Interrupted, Some("ended with the responder's session".to_owned()))
        }
        // What never ends by itself is ended by its reader, or for him.
        ending if watched.is_some_and(|why| was_ended(why, ending)) => (BlockOutcome::Succeeded, None),
        Ending::Exit(code) if exit_is_expected(block.settings.expect.as_ref(), code) => (BlockOutcome::Succeeded, None),
        Ending::Exit(1) if found_nothing(result, block, prepared) => (BlockOutcome::Succeeded, None),
        Ending::Exit(NOT_READ_TO_ITS_END) if was_left_unread(result, block) => (BlockOutcome::Succeeded, None),
        Ending::Exit(code) => (BlockOutcome::Failed, Some(format!("exit code {code}"))),
        Ending::Signal(signal) => (BlockOutcome::Failed, Some(format!("ended by signal {signal}"))),
        Ending::TimedOut => {
            let limit = HumanDuration(prepared.timeout.unwrap_or_default());
            (BlockOutcome::TimedOut, Some(format!("ran longer than {limit} and was ended")))
        }
        Ending::Interrupted => (BlockOutcome::Interrupted, Some("interrupted by the responder".to_owned())),
    }
}

/// Whether a block that was to be watched has ended because somebody saw to it.
fn was_ended(why: Watched, ending: Ending) -> bool {
    match why {
        Watched::Seen | Watched::TimeUp => true,
        Watched::Responder => ending == Ending::Interrupted,
    }
}

/// A search that found nothing has done what it should, unless the page
/// expects a certain exit code.
fn found_nothing(result: &ShellResult, block: &Block, prepared: &Prepared) -> bool {
    let says = block.settings.expect.as_ref().is_some_and(|expect| expect.exit.is_some());
    result.ending == Ending::Exit(1) && prepared.ends_in_search && !says
}

/// What shells say of a command that printed into a closed pipe: 128 and
/// SIGPIPE.
const NOT_READ_TO_ITS_END: i32 = 141;

/// Whether whoever read what the block printed had enough of it: a pager that
/// was left, `head`. That is no failure, unless the page expects a certain exit
/// code. A reader that failed has left an exit code of its own instead.
fn was_left_unread(result: &ShellResult, block: &Block) -> bool {
    let says = block.settings.expect.as_ref().is_some_and(|expect| expect.exit.is_some());
    result.ending == Ending::Exit(NOT_READ_TO_ITS_END) && !says
}

/// What the blocks after it, and the responder, must know. `carries_state` says
/// whether the interpreter leaves any state at all.
fn remarks(result: &ShellResult, block: &Block, prepared: &Prepared, carries_state: bool) -> Vec<String> {
    let mut remarks: Vec<_> =
        result.left_behind.iter().map(|(id, name)| format!("left running: {name} (process {id})")).collect();
    if found_nothing(result, block, prepared) {
        remarks.push("nothing was found".to_owned());
    }
    if was_left_unread(result, block) {
        remarks.push("what it printed was not read to its end".to_owned());
    }
    remarks.extend(went_on(&result.went_on_after, prepared));
    if !result.state_kept && carries_state {
        remarks
            .push("the shell's state after this block was not kept: the next block starts from that before it".into());
    }
    remarks
}

/// The commands that failed on the way. The block is judged by its last one, as
/// in a terminal; there one would see what happened before.
fn went_on(failed: &[FailedCommand], prepared: &Prepared) -> Option<String> {
    /// More are only counted.
    const SHOWN: usize = 3;
    let failed: Vec<_> =
        failed.iter().filter(|failed| !shell::is_answer(&prepared.text, failed.line, failed.code)).collect();
    let told: Vec<_> = failed.iter().take(SHOWN).map(|failed| told(failed, prepared)).collect();
    let more = match failed.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" ({more} more did so)"),
    };
    (!told.is_empty()).then(|| format!("{}, and the block went on{more}", told.join(", ")))
}

/// `line 12 ended with exit code 2`, by the page's own lines.
fn told(failed: &FailedCommand, prepared: &Prepared) -> String {
    let within = prepared.line_as_written(failed.line);
    let line = if prepared.edited {
        format!("line {within} of the edited text")
    } else {
        format!("line {}", prepared.line + within - 1)
    };
    format!("{line} ended with exit code {}", failed.code)
}

fn not_started(problem: &str, output: Option<crate::run::OutputRef>) -> Attempt {
    Attempt {
        outcome: BlockOutcome::Failed,
        exit: None,
        signal: None,
        watched: None,
        error: Some(problem.to_owned()),
        duration: Duration::ZERO,
        output,
        remarks: Vec::new(),
        evidence: Evidence::default(),
        row: Vec::new(),
        kept: false,
        unanswered: None,
    }
}
