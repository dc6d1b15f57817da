//! One try of a SQL block, and the end of its transactions.

use super::at_once;
use super::attempt::{Attempt, looks_at_output};
use super::commit::end_transaction;
use super::judge::Evidence;
use super::prepare::Prepared;
use super::sql_decision::decide;
use super::sql_progress::Progress;
use super::sql_script::Script;
use super::{Engine, EngineError};
use crate::effect::{DatabaseError, NoAnswer};
use crate::run::{BlockOutcome, BlockRef, Event};
use crate::runbook::{Block, Connection};

impl Engine<'_> {
    /// Runs the block on its connection. Its start is on record.
    pub(super) async fn run_sql(
        &mut self,
        block: &Block,
        reference: &BlockRef,
        prepared: &Prepared,
    ) -> Result<Attempt, EngineError> {
        let mut progress = Progress::default();
        // The server may have ended the session since the block was shown.
        let opened = self.connect(&prepared.runs_on).await?;
        let mut output = self.recorder.open_output(looks_at_output(block))?;
        let mut verdict = Verdict::default();
        let mut unanswered = None;
        let mut out_of_bounds = None;
        let connection = self.plan.runbook.front_matter.connections.get(&prepared.runs_on);
        let hold = connection.map_or_else(|| Connection::default().hold(), Connection::hold);
        let database = match opened {
            Ok(_) => self.databases.opened(&prepared.runs_on).ok_or_else(DatabaseError::closed),
            Err(error) => Err(error),
        };
        match database {
            Ok(database) => {
                output.record(&Event::SessionTaken {
                    block: reference.clone(),
                    connection: prepared.runs_on.clone(),
                    session: database.session(),
                })?;
                let script = Script::new(block, reference, prepared, database.kind(), hold);
                database.bind(&prepared.variables);
                database.prepare_for(&prepared.text);
                // An earlier block may have left a transaction open.
                progress.open = database.in_transaction().await.unwrap_or(false);
                loop {
                    script.run(database, &mut output, &mut self.control, &mut progress).await?;
                    let at_once = std::mem::take(&mut progress.at_once);
                    if !at_once.is_empty() {
                        let prompter = &mut *self.prompter;
                        unanswered = at_once::ask(&at_once, reference, &mut progress, prompter, &mut output).await?;
                        if progress.error.is_none() {
                            continue;
                        }
                    }
                    if !progress.open && database.has_begun_unasked().await {
                        progress.begin();
                    }
                    let Some(decision) = decide(&script, &progress, database, &mut *self.prompter, &mut output).await?
                    else {
                        break;
                    };
                    out_of_bounds = decision.out_of_bounds;
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
                    let is_chained = progress.chained;
                    progress.close(ended.kept);
                    verdict = ended.verdict;
                    if is_chained && verdict.outcome == BlockOutcome::Succeeded {
                        progress.begin();
                    }
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
        verdict.unanswered = verdict.unanswered.or(unanswered);
        evidence.rows = progress.rows;
        // What was out of bounds is judged by what it was, and not by what is left.
        evidence.affected = out_of_bounds.unwrap_or_else(|| progress.affected());
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
            kept: progress.kept,
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

pub(super) fn failure(error: &DatabaseError) -> BlockOutcome {
    match error {
        DatabaseError::TimedOut => BlockOutcome::TimedOut,
        DatabaseError::Interrupted => BlockOutcome::Interrupted,
        DatabaseError::Connect { .. }
        | DatabaseError::Password(_)
        | DatabaseError::Statement { .. }
        | DatabaseError::Closed { .. }
        | DatabaseError::Lost { .. } => BlockOutcome::Failed,
    }
}
