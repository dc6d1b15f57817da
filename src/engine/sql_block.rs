//! One try of a SQL block, and the decision whether its changes are kept.

use super::attempt::{Attempt, looks_at_output};
use super::block::answered;
use super::commit::end_transaction;
use super::judge::Evidence;
use super::prepare::Prepared;
use super::recorder::Capturing;
use super::sql_script::{Progress, Script};
use super::{Engine, EngineError};
use crate::effect::{CommitQuestion, DatabaseError, NoAnswer, Prompter};
use crate::run::{BlockOutcome, BlockRef, Event};
use crate::runbook::{Block, Relation};

/// How the transaction of a block is to be ended, and why.
pub(super) struct Decision {
    pub(super) commit: bool,
    pub(super) reason: String,
    /// How the block ended if it is rolled back.
    pub(super) otherwise: BlockOutcome,
    /// Nothing was changed in it: there is nothing to tell.
    pub(super) silent: bool,
    /// Nobody answered.
    pub(super) unanswered: Option<NoAnswer>,
}

impl Decision {
    fn roll_back(otherwise: BlockOutcome, reason: String) -> Self {
        Self { commit: false, reason, otherwise, silent: false, unanswered: None }
    }
}

impl Engine<'_> {
    /// Runs the block on its connection. Its start is on record.
    pub(super) async fn run_sql(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<Attempt, EngineError> {
        let mut progress = Progress::default();
        let mut output = self.recorder.open_output(looks_at_output(block))?;
        let mut verdict = Verdict::default();
        match self.databases.open(&prepared.runs_on).await {
            Ok(database) => {
                output.record(&Event::SessionTaken {
                    block: reference.clone(),
                    connection: prepared.runs_on.clone(),
                    session: database.session(),
                })?;
                let script = Script::new(block, reference, prepared, database.kind());
                database.bind(&prepared.variables);
                // An earlier block may have left a transaction open.
                progress.open = database.in_transaction().await.unwrap_or(false);
                loop {
                    script.run(database, &mut output, &mut self.control, &mut progress).await?;
                    let Some(decision) = decide(&script, &progress, &mut *self.prompter, &mut output).await? else {
                        break;
                    };
                    let ended = end_transaction(
                        database,
                        &mut self.control,
                        &mut output,
                        decision,
                        &progress,
                        reference,
                        prepared.timeout,
                    )
                    .await?;
                    if let Some(event) = &ended.event {
                        output.record(event)?;
                    }
                    progress.close(ended.kept);
                    verdict = ended.verdict;
                    if verdict.outcome != BlockOutcome::Succeeded || script.is_over(&progress) {
                        break;
                    }
                }
            }
            Err(error) => progress.error = Some(error),
        }
        let mut evidence = Evidence::default();
        let output = Some(output.finish(&mut evidence)?);
        if let (BlockOutcome::Succeeded, Some(error)) = (verdict.outcome, &progress.error) {
            let (outcome, problem) = if progress.unsure {
                (BlockOutcome::Unknown, format!("nobody knows whether the statement took effect: {error}"))
            } else {
                (failure(error), error.to_string())
            };
            verdict = Verdict { outcome, problem: Some(problem), unanswered: None };
        }
        evidence.rows = progress.rows;
        evidence.affected = progress.affected;
        Ok(Attempt {
            outcome: verdict.outcome,
            exit: None,
            signal: None,
            watched: None,
            error: verdict.problem.map(|problem| self.recorder.mask(&problem)),
            duration: progress.duration,
            output,
            remarks: Vec::new(),
            evidence,
            row: progress.row,
            unanswered: verdict.unanswered,
        })
    }
}

/// How a block ended, as far as its transactions tell.
pub(super) struct Verdict {
    pub(super) outcome: BlockOutcome,
    pub(super) problem: Option<String>,
    /// Nobody answered: the run cannot go on.
    pub(super) unanswered: Option<NoAnswer>,
}

impl Default for Verdict {
    fn default() -> Self {
        Self { outcome: BlockOutcome::Succeeded, problem: None, unanswered: None }
    }
}

/// How the open transaction is to be ended; `None` where none is open.
async fn decide(
    script: &Script<'_>,
    progress: &Progress,
    prompter: &mut dyn Prompter,
    output: &mut Capturing<'_, '_>,
) -> Result<Option<Decision>, EngineError> {
    if !progress.open {
        return Ok(None);
    }
    if let Some(error) = &progress.error {
        return Ok(Some(Decision::roll_back(failure(error), error.to_string())));
    }
    if progress.changes.is_empty() {
        return Ok(Some(Decision {
            commit: true,
            silent: true,
            ..Decision::roll_back(BlockOutcome::Failed, String::new())
        }));
    }
    if let Some(reason) = over_the_limit(script, progress) {
        return Ok(Some(Decision::roll_back(BlockOutcome::Failed, reason)));
    }
    let question = CommitQuestion {
        target: script.prepared.target.clone(),
        affected: progress.pending.unwrap_or_default(),
        statements: progress.changes.clone(),
    };
    let answer = prompter.commit(&question).await;
    output.record(&answered(script.reference, "keep the changes?", answer_text(&answer), prompter.who()))?;
    Ok(Some(match answer {
        Ok(true) => {
            Decision { commit: true, ..Decision::roll_back(BlockOutcome::Failed, "the responder kept it".to_owned()) }
        }
        Ok(false) => Decision::roll_back(BlockOutcome::RolledBack, "the responder did not keep it".to_owned()),
        // A lock is not held until there is an answer.
        Err(why) => Decision {
            unanswered: Some(why.clone()),
            ..Decision::roll_back(BlockOutcome::Interrupted, format!("nobody said to keep it: {why}"))
        },
    }))
}

/// Why the changes must not be kept, where they are more or fewer than the
/// annotations allow: then nobody is asked.
fn over_the_limit(script: &Script<'_>, progress: &Progress) -> Option<String> {
    let bound = script.block.settings.expect.as_ref()?.affected?;
    let affected = progress.affected.unwrap_or_default();
    // What is yet to come can only add to the count.
    let may_still_hold = !script.is_over(progress) && !matches!(bound.relation, Relation::AtMost | Relation::Less);
    (!may_still_hold && !bound.holds(affected)).then(|| format!("expected rows affected: {bound}; found {affected}"))
}

fn answer_text(answer: &Result<bool, NoAnswer>) -> &'static str {
    match answer {
        Ok(true) => "commit",
        Ok(false) => "roll back",
        Err(_) => "no answer",
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
