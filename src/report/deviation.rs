//! Where the responder left the runbook.

use super::build::title;
use super::compare::diff;
use super::model::{Deviation, DeviationKind};
use super::timeline::block_outcome;
use super::visible::{visible_code, visible_line};
use super::wording::clause;
use crate::run::{Attempt, BlockRecord, Run, StepOutcome, StepRecord};
use std::collections::BTreeMap;

/// Tries of a block that are told one by one.
const MANY: usize = 4;

/// All deviations, in the order in which they happened; what was not reached
/// comes last.
pub(super) fn deviations(run: &Run) -> Vec<Deviation> {
    let mut found = Found::default();
    if let Some(mended) = &run.header.mended {
        let what = mended.what.iter().map(|what| visible_line(what)).collect::<Vec<_>>();
        let what = format!(
            "the page's text was mended for this run: {}; the file itself is as it was (SHA-256 {})",
            what.join("; "),
            mended.original
        );
        found.push(run.first.seq, DeviationKind::Mended, None, what);
    }
    for step in &run.steps {
        of_step(step, &mut found);
        for block in &step.blocks {
            of_block(step, block, &mut found);
        }
    }
    for choice in run.choices.iter().filter(|choice| !choice.others.is_empty()) {
        let others = choice.others.iter().map(|other| format!("“{}”", visible_line(other))).collect::<Vec<_>>();
        let what = format!("“{}” was chosen over {}", visible_line(&choice.choice), super::wording::list(&others));
        let what = because(what, choice.reason.as_deref());
        found.push(choice.at.seq, DeviationKind::Chosen, Some(title(run, &choice.step)), what);
    }
    for jump in &run.jumps {
        let what = format!("left for “{}”", title(run, &jump.to));
        let what = because(what, Some(&jump.reason));
        found.push(jump.at.seq, DeviationKind::Jumped, Some(title(run, &jump.from)), what);
    }
    for rollback in run.rollbacks.iter().filter(|rollback| rollback.accepted) {
        let what = format!("taken back with “{}”", title(run, &rollback.rollback));
        found.push(rollback.at.seq, DeviationKind::RolledBack, Some(title(run, &rollback.step)), what);
    }
    for resumption in &run.resumptions {
        if let Some(digest) = &resumption.changed {
            let what = format!(
                "the page had changed when {} resumed the run (SHA-256 {digest}); the approved page is the one in the \
                 run's folder",
                visible_line(&resumption.by)
            );
            found.push(resumption.at.seq, DeviationKind::RunbookChanged, None, what);
        }
    }
    found.0.sort_by_key(|(seq, _)| *seq);
    found.0.into_iter().map(|(_, deviation)| deviation).collect()
}

#[derive(Default)]
struct Found(Vec<(u64, Deviation)>);

impl Found {
    fn push(&mut self, seq: u64, kind: DeviationKind, step: Option<String>, what: String) {
        self.0.push((seq, Deviation { kind, step, what, diff: None }));
    }
}

fn of_step(step: &StepRecord, found: &mut Found) {
    let title = || Some(visible_line(&step.outline.title));
    // Its skipped blocks say so themselves.
    let said = step.blocks.iter().any(|block| block.skipped.is_some());
    match (&step.finished, step.outcome) {
        (Some(at), Some(StepOutcome::Skipped)) if !said => {
            let what = because("not done".to_owned(), step.reason.as_deref());
            found.push(at.seq, DeviationKind::Skipped, title(), what);
        }
        (_, None) if step.started.is_none() => {
            found.push(u64::MAX, DeviationKind::NotReached, title(), "not reached".to_owned());
        }
        _ => {}
    }
}

fn of_block(step: &StepRecord, block: &BlockRecord, found: &mut Found) {
    let title = || Some(visible_line(&step.outline.title));
    let name = format!("block {}", block.number);
    for edit in &block.edits {
        let diff = diff(&visible_code(&edit.before), &visible_code(&edit.after), "runbook", "as edited");
        let what = format!("{name} was changed before it ran");
        let deviation = Deviation { kind: DeviationKind::Edited, step: title(), what, diff: Some(diff) };
        found.0.push((edit.at.seq, deviation));
    }
    if let Some(reason) = &block.skipped {
        let what = because(format!("{name} was not run"), Some(&reason.text));
        found.push(reason.at.seq, DeviationKind::Skipped, title(), what);
    }
    if let Some(reason) = &block.accepted {
        let what = because(format!("{name} failed, and that was accepted"), Some(&reason.text));
        found.push(reason.at.seq, DeviationKind::Accepted, title(), what);
    }
    for said in &block.part_reasons {
        let (kind, what) = match said.accepted {
            true => (DeviationKind::Accepted, "failed, and that was accepted"),
            false => (DeviationKind::Skipped, "was not run"),
        };
        let what = because(format!("{name}, {}: {what}", said.part), Some(&said.reason.text));
        found.push(said.reason.at.seq, kind, title(), what);
    }
    // Tries beyond one for each time the step was begun, of the block or of the
    // same command of it.
    let expected = usize::try_from(step.visits.max(1)).unwrap_or(usize::MAX);
    let mut by_command: BTreeMap<Option<usize>, Vec<&Attempt>> = BTreeMap::new();
    for attempt in &block.attempts {
        by_command.entry(attempt.started.part.map(|part| part.number)).or_default().push(attempt);
    }
    for attempts in by_command.into_values() {
        let name = match attempts.last().and_then(|last| last.started.part) {
            Some(part) => format!("{name}, {part},"),
            None => name.clone(),
        };
        let Some(last) = attempts.last().filter(|_| attempts.len() > expected) else { continue };
        let mut ended = attempts
            .iter()
            .map(|attempt| attempt.finished.as_ref().map_or("cut off", |end| block_outcome(end.outcome)));
        let ended = match attempts.len() {
            0..=MANY => ended.collect::<Vec<_>>().join(", then "),
            _ => format!("at last {}", ended.next_back().unwrap_or_default()),
        };
        let what = format!("{name} was run {} times: {ended}", attempts.len());
        found.push(last.at.seq, DeviationKind::Retried, title(), what);
    }
}

fn because(what: String, reason: Option<&str>) -> String {
    match reason.map(clause) {
        Some(reason) if !reason.is_empty() => format!("{what}: {reason}"),
        _ => what,
    }
}
