//! One try of a SQL block, and the decision whether its changes are kept.

use super::attempt::{Attempt, looks_at_output};
use super::block::answered;
use super::judge::Evidence;
use super::prepare::Prepared;
use super::sql_script::{Script, ScriptEnd, Silent};
use super::{Engine, EngineError};
use crate::effect::{CommitQuestion, Control, Database, DatabaseError, NoAnswer};
use crate::run::{BlockOutcome, BlockRef, Event, TransactionDecision};
use crate::runbook::Block;
use tokio::sync::mpsc::UnboundedReceiver;

/// How the transaction of a block is to be ended, and why.
struct Decision {
    commit: bool,
    reason: String,
    /// How the block ended if it is rolled back.
    otherwise: BlockOutcome,
}

impl Engine<'_> {
    /// Runs the block on its connection. Its start is on record.
    pub(super) async fn run_sql(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<Attempt, EngineError> {
        let mut evidence = Evidence::default();
        let mut output = self.recorder.open_output(looks_at_output(block))?;
        let mut end = ScriptEnd::default();
        let database = match self.databases.open(&prepared.runs_on).await {
            Ok(database) => {
                let script = Script { block, reference, prepared };
                script.run(database, &mut output, &mut self.control, &mut end).await?;
                Some(database)
            }
            Err(error) => {
                end.error = Some(error);
                None
            }
        };
        let output = Some(output.finish(&mut evidence)?);
        evidence.rows = end.rows;
        evidence.affected = end.affected;
        let (outcome, error) = match database {
            Some(database) if end.wrapped => {
                let decision = match &end.error {
                    Some(error) => Decision { commit: false, reason: error.to_string(), otherwise: failure(error) },
                    None => match over_the_limit(block, &end) {
                        Some(reason) => Decision { commit: false, reason, otherwise: BlockOutcome::Failed },
                        None => {
                            let question = CommitQuestion {
                                target: prepared.target.clone(),
                                affected: end.affected.unwrap_or_default(),
                                statements: end.changes.clone(),
                            };
                            let answer = self.prompter.commit(&question).await;
                            let by = self.prompter.who();
                            let answer_text = answer_text(&answer);
                            self.recorder.record(&answered(reference, "keep the changes?", answer_text, by))?;
                            decide(answer)
                        }
                    },
                };
                let decision = Decision { reason: self.recorder.mask(&decision.reason), ..decision };
                let (event, outcome, error) =
                    end_transaction(database, &mut self.control, decision, &end, reference).await;
                self.recorder.record(&event)?;
                (outcome, error)
            }
            _ => match &end.error {
                None => (BlockOutcome::Succeeded, None),
                Some(error) => (failure(error), Some(error.to_string())),
            },
        };
        Ok(Attempt {
            outcome,
            exit: None,
            signal: None,
            error: error.map(|error| self.recorder.mask(&error)),
            duration: end.duration,
            output,
            remarks: end.remarks,
            evidence,
            row: end.row,
        })
    }
}

/// Why the block must not be kept, where it changed more or less than its
/// annotations allow: then nobody is asked.
fn over_the_limit(block: &Block, end: &ScriptEnd) -> Option<String> {
    let bound = block.settings.expect.as_ref()?.affected?;
    let affected = end.affected.unwrap_or_default();
    (!bound.holds(affected)).then(|| format!("expected rows affected: {bound}; found {affected}"))
}

fn answer_text(answer: &Result<bool, NoAnswer>) -> &'static str {
    match answer {
        Ok(true) => "commit",
        Ok(false) => "roll back",
        Err(_) => "no answer",
    }
}

/// Without an answer nothing is kept: a lock is not held until there is one.
fn decide(answer: Result<bool, NoAnswer>) -> Decision {
    match answer {
        Ok(true) => {
            Decision { commit: true, reason: "the responder kept it".to_owned(), otherwise: BlockOutcome::Failed }
        }
        Ok(false) => Decision {
            commit: false,
            reason: "the responder did not keep it".to_owned(),
            otherwise: BlockOutcome::RolledBack,
        },
        Err(why) => Decision {
            commit: false,
            reason: format!("nobody said to keep it: {why}"),
            otherwise: BlockOutcome::RolledBack,
        },
    }
}

fn failure(error: &DatabaseError) -> BlockOutcome {
    match error {
        DatabaseError::TimedOut => BlockOutcome::TimedOut,
        DatabaseError::Interrupted => BlockOutcome::Interrupted,
        DatabaseError::Connect { .. } | DatabaseError::Statement { .. } | DatabaseError::Lost { .. } => {
            BlockOutcome::Failed
        }
    }
}

/// Sends COMMIT or ROLLBACK. A connection lost in a rollback has rolled back;
/// one lost in a commit has done nobody knows what.
async fn end_transaction(
    database: &mut dyn Database,
    control: &mut UnboundedReceiver<Control>,
    decision: Decision,
    end: &ScriptEnd,
    reference: &BlockRef,
) -> (Event, BlockOutcome, Option<String>) {
    let Decision { commit, reason, otherwise } = decision;
    let statement = if commit { "COMMIT" } else { "ROLLBACK" };
    // The answer is given: Ctrl-C from here on is not for the COMMIT.
    while control.try_recv().is_ok() {}
    let sent = database.run(statement, None, &mut Silent, control).await;
    let (decision, outcome, reason) = match (commit, sent) {
        (false, _) => (TransactionDecision::RolledBack, otherwise, reason),
        (true, Ok(_)) => (TransactionDecision::Committed, BlockOutcome::Succeeded, reason),
        (true, Err(DatabaseError::Statement { message, .. })) => {
            // A server that answers COMMIT with an error has rolled back.
            let _ = database.run("ROLLBACK", None, &mut Silent, control).await;
            (TransactionDecision::RolledBack, BlockOutcome::Failed, format!("the server refused to commit: {message}"))
        }
        (true, Err(error)) => (
            TransactionDecision::Unknown,
            BlockOutcome::Unknown,
            format!("nobody knows whether the changes were kept: {error}"),
        ),
    };
    let affected = end.affected.unwrap_or_default();
    let problem = (outcome != BlockOutcome::Succeeded).then(|| reason.clone());
    (Event::TransactionEnded { block: reference.clone(), decision, affected, reason }, outcome, problem)
}
