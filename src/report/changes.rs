//! What was done to databases, and what was kept of it.

use super::model::{ChangeFate, DatabaseChange};
use super::visible::{visible_code, visible_line};
use crate::run::{Attempt, BlockOutcome, Run, StatementFinished, TransactionDecision, TransactionRecord};
use crate::runbook::Effect;

/// Every statement that changed a database or was to, in the order of time.
pub(super) fn changes(run: &Run) -> Vec<DatabaseChange> {
    let tries = run.steps.iter().flat_map(|step| {
        step.blocks.iter().flat_map(|block| &block.attempts).map(|attempt| (&step.outline.title, attempt))
    });
    let mut tries: Vec<_> = tries.collect();
    tries.sort_by_key(|(_, attempt)| attempt.at.seq);
    let changes = tries.into_iter().flat_map(|(title, attempt)| {
        attempt.statements.iter().enumerate().filter(|(_, statement)| writes(&statement.end)).map(
            move |(place, statement)| {
                let statement = &statement.end;
                let (fate, reason) = fate(attempt, place, statement);
                DatabaseChange {
                    at: attempt.at.at.clone(),
                    step: visible_line(title),
                    target: visible_line(&attempt.started.target),
                    sql: visible_code(&statement.sql),
                    affected: statement.affected,
                    uncounted: statement.affected.is_none()
                        && match ended(attempt, place) {
                            Some(end) if statement.in_transaction => end.uncounted,
                            _ => statement.effect == Effect::Destructive,
                        },
                    fate,
                    reason,
                    rows: statement.changes.as_ref().map(super::rows::visible),
                    others: statement
                        .others
                        .iter()
                        .flat_map(|others| others.lines())
                        .map(|line| visible_line(&line))
                        .collect(),
                }
            },
        )
    });
    changes.collect()
}

fn writes(statement: &StatementFinished) -> bool {
    statement.effect != Effect::Read || statement.affected.is_some_and(|rows| rows > 0)
}

/// How the transaction of the statement at `place` of a try ended. What was
/// found out later stands behind what was known at first.
fn ended(attempt: &Attempt, place: usize) -> Option<&TransactionRecord> {
    let first = attempt.transactions.iter().find(|end| place < end.statements)?;
    attempt.transactions.iter().rfind(|end| end.statements == first.statements)
}

/// What became of the statement at `place` of a try, and why.
fn fate(attempt: &Attempt, place: usize, statement: &StatementFinished) -> (ChangeFate, Option<String>) {
    if let Some(error) = &statement.error {
        return (ChangeFate::Refused, Some(visible_line(error)));
    }
    if attempt.is_taken_back(place) {
        return (ChangeFate::TakenBack, Some("the block went back to its savepoint".to_owned()));
    }
    if !statement.in_transaction {
        return (ChangeFate::KeptAtOnce, None);
    }
    if let Some(end) = ended(attempt, place) {
        if end.decision == TransactionDecision::RolledBack && !statement.at_once.is_empty() {
            return (ChangeFate::TakenBackInPart, Some(visible_line(&statement.at_once.join("; "))));
        }
        let fate = match end.decision {
            TransactionDecision::Committed => ChangeFate::Kept,
            TransactionDecision::RolledBack => ChangeFate::TakenBack,
            TransactionDecision::Unknown => ChangeFate::Unknown,
        };
        return (fate, Some(visible_line(&end.reason)));
    }
    match attempt.finished.as_ref().map(|end| end.outcome) {
        None | Some(BlockOutcome::Unknown) => (ChangeFate::Unknown, None),
        Some(BlockOutcome::RolledBack) => (ChangeFate::TakenBack, None),
        Some(_) => (ChangeFate::KeptAtOnce, None),
    }
}
