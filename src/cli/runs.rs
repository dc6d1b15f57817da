//! `runbook runs`

use super::args::{Global, JsonArgs};
use super::exit::{CliError, Exit};
use super::print::Printer;
use crate::run::{RunOutcome, RunState};
use crate::transcript::{LockError, LockState, Overview, Store, StoreError};
use serde::Serialize;

/// Where the records of runs are.
pub(super) fn store(global: &Global) -> Result<Store, CliError> {
    let root = global.state_dir.clone().or_else(Store::default_root).ok_or_else(|| {
        CliError::new(Exit::NoRecord, "there is no home folder to keep the records of runs in")
            .hint("name a folder with --state-dir or RUNBOOK_STATE_DIR")
    })?;
    // The run may go on in another folder.
    let root = std::path::absolute(&root).unwrap_or(root);
    Ok(Store::new(root))
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Read { .. } | StoreError::Runbook { .. } => Exit::Failed,
            StoreError::Io { .. } | StoreError::Lock(LockError::Io(_)) => Exit::NoRecord,
            _ => Exit::Usage,
        };
        let is_broken = exit == Exit::Failed;
        let error = Self::new(exit, error);
        if is_broken { error.hint("`runbook verify` says what is no longer as it was written") } else { error }
    }
}

#[derive(Serialize)]
struct Listed {
    id: String,
    title: Option<String>,
    started: Option<String>,
    state: String,
    rehearsal: Option<bool>,
    user: Option<String>,
    steps_done: Option<usize>,
    steps: Option<usize>,
}

pub(super) fn runs(global: &Global, args: &JsonArgs, printer: &Printer) -> Result<Exit, CliError> {
    let summaries = store(global)?.list()?;
    let listed: Vec<_> = summaries
        .into_iter()
        .map(|summary| {
            let in_hand = summary.lock != LockState::Free;
            let overview = summary.overview.as_ref().ok();
            Listed {
                id: summary.id.to_string(),
                title: overview.map(|run| run.title.clone()),
                started: overview.map(|run| run.started.clone()),
                state: summary.overview.as_ref().map_or_else(Clone::clone, |run| state(run, in_hand)),
                rehearsal: overview.map(|run| run.rehearsal),
                user: overview.map(|run| run.user.clone()),
                steps_done: overview.map(|run| run.steps_done),
                steps: overview.map(|run| run.steps),
            }
        })
        .collect();
    if args.json {
        printer.json(&listed)?;
        return Ok(Exit::Done);
    }
    if listed.is_empty() {
        printer.note("no runs on record yet");
        return Ok(Exit::Done);
    }
    let width = listed.iter().map(|run| run.id.len()).max().unwrap_or_default();
    let text: String = listed
        .iter()
        .map(|run| {
            let steps =
                run.steps_done.zip(run.steps).map_or_else(String::new, |(done, all)| format!("{done}/{all} steps  "));
            let rehearsal = if run.rehearsal == Some(true) { "rehearsal, " } else { "" };
            format!("{:width$}  {steps}{rehearsal}{}\n", run.id, run.state)
        })
        .collect();
    printer.lines(&text)?;
    Ok(Exit::Done)
}

fn state(run: &Overview, in_hand: bool) -> String {
    let state = match run.state {
        RunState::Running if in_hand => "running",
        RunState::Running => "broken off",
        RunState::Suspended => "suspended",
        RunState::Finished(RunOutcome::Completed) => "completed",
        RunState::Finished(RunOutcome::Failed) => "failed",
        RunState::Finished(RunOutcome::Aborted) => "aborted",
    };
    let unknown = if run.unknown && !in_hand { ", with a block whose outcome is unknown" } else { "" };
    format!("{state}{unknown}")
}
