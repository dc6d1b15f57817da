//! What is left to do.

use super::model::FollowUp;
use super::visible::{plain_line, visible_line};
use super::wording::clause;
use crate::run::{BlockOutcome, BlockRecord, Likeness, Run, StepOutcome, StepRecord};

/// Everything that was not done or did not hold, in the order of the steps.
pub(super) fn follow_ups(run: &Run) -> Vec<FollowUp> {
    run.steps.iter().flat_map(of_step).collect()
}

fn of_step(step: &StepRecord) -> Vec<FollowUp> {
    let mut left = Vec::new();
    let mut add = |what: String| left.push(FollowUp { step: visible_line(&step.outline.title), what });
    let because = step.reason.as_deref().map(clause).filter(|reason| !reason.is_empty());
    let because = because.map_or_else(String::new, |reason| format!(" ({reason})"));
    match step.outcome {
        Some(StepOutcome::Failed) => add(format!("The step failed and was left so{because}.")),
        Some(StepOutcome::Skipped) => add(format!("The step was skipped{because}: see whether it is still needed.")),
        Some(StepOutcome::Aborted) => add(format!("The run was ended in this step{because}.")),
        None if step.started.is_none() => add("The step was not reached.".to_owned()),
        None => add("The step was begun and not ended.".to_owned()),
        Some(StepOutcome::Done | StepOutcome::Accepted | StepOutcome::NotChosen | StepOutcome::NothingToDo) => {}
    }
    for block in &step.blocks {
        of_block(block, step.outcome == Some(StepOutcome::Skipped), &mut add);
    }
    for (place, action) in step.actions.iter().enumerate() {
        let done_later = step.actions[place + 1..].iter().any(|later| later.line == action.line);
        if !action.done && !done_later {
            let note = action.note.as_deref().map(clause).map_or_else(String::new, |note| format!(" ({note})"));
            add(format!("{}{note}", plain_line(&action.text)));
        }
    }
    left
}

fn of_block(block: &BlockRecord, step_skipped: bool, add: &mut impl FnMut(String)) {
    let number = block.number;
    if let Some(reason) = block.skipped.as_ref().filter(|_| !step_skipped) {
        add(format!("Block {number} was skipped ({}): see whether it is still needed.", clause(&reason.text)));
    }
    if let Some(reason) = &block.accepted {
        add(format!(
            "Block {number} failed and was accepted ({}): see that it does not stay so.",
            clause(&reason.text)
        ));
    }
    let Some(last) = block.attempts.last() else { return };
    if last.is_unknown() && block.accepted.is_none() {
        add(format!("Find out what block {number} did: its outcome is unknown."));
    }
    for check in last.checks.iter().filter(|check| !check.held) {
        let found =
            check.found.as_deref().map(clause).map_or_else(String::new, |found| format!(", but found: {found}"));
        add(format!("Block {number} was expected to satisfy “{}”{found}.", clause(&check.expectation)));
    }
    if let Some(compared) = last.compared.as_ref().filter(|compared| compared.likeness == Likeness::Different) {
        let missing = compared.gaps.first().map(|gap| format!("the page shows “{}”", visible_line(&gap.expected)));
        let unwanted = compared.unwanted.first().map(|line| format!("“{}” should not come", visible_line(line)));
        let what = missing.or(unwanted).unwrap_or_default();
        add(format!("The output of block {number} was not as the page shows ({what}): see whether that matters."));
    }
    if let Some(end) = &last.finished {
        if end.outcome == BlockOutcome::RolledBack {
            add(format!(
                "The changes of block {number} were taken back: they are still to be made, if they are needed."
            ));
        }
        for remark in &end.remarks {
            add(format!("Block {number}: {}.", clause(remark)));
        }
    }
}
