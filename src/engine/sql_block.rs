//! One try of a SQL block, and the end of its transactions.

use super::attempt::{Attempt, looks_at_output};
use super::judge::Evidence;
use super::prepare::Prepared;
use super::sql_decision::{Decision, HOLD, decide};
use super::sql_script::{Progress, Script, Silent};
use super::{Engine, EngineError};
use crate::effect::{Control, Database, DatabaseError, NoAnswer};
use crate::run::{BlockOutcome, BlockRef, Event, TransactionDecision};
use crate::runbook::Block;
use tokio::sync::mpsc::UnboundedReceiver;

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
        let connection = self.plan.runbook.front_matter.connections.get(&prepared.runs_on);
        let hold = connection.and_then(|connection| connection.hold).map_or(HOLD, |hold| hold.0);
        match self.databases.open(&prepared.runs_on).await {
            Ok(database) => {
                let script = Script::new(block, reference, prepared, database.kind(), hold);
                database.bind(&prepared.variables);
                // An earlier block may have left a transaction open.
                progress.open = database.in_transaction().await.unwrap_or(false);
                loop {
                    script.run(database, &mut output, &mut self.control, &mut progress).await?;
                    let Some(decision) = decide(&script, &progress, database, &mut *self.prompter, &mut output).await?
                    else {
                        break;
                    };
                    let ended = end_transaction(database, &mut self.control, decision, &progress, reference).await;
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
            verdict = Verdict { outcome: failure(error), problem: Some(error.to_string()), unanswered: None };
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
struct Verdict {
    outcome: BlockOutcome,
    problem: Option<String>,
    /// Nobody answered: the run cannot go on.
    unanswered: Option<NoAnswer>,
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
        DatabaseError::Connect { .. } | DatabaseError::Statement { .. } | DatabaseError::Lost { .. } => {
            BlockOutcome::Failed
        }
    }
}

/// How a transaction was ended.
struct Ended {
    verdict: Verdict,
    kept: bool,
    /// For the record, where there is anything to tell.
    event: Option<Event>,
}

/// Sends COMMIT or ROLLBACK. A connection lost in a rollback has rolled back;
/// one lost in a commit has done nobody knows what.
async fn end_transaction(
    database: &mut dyn Database,
    control: &mut UnboundedReceiver<Control>,
    wanted: Decision,
    progress: &Progress,
    reference: &BlockRef,
) -> Ended {
    let statement = if wanted.commit { "COMMIT" } else { "ROLLBACK" };
    // The answer is given: Ctrl-C from here on is not for the COMMIT.
    while control.try_recv().is_ok() {}
    let sent = database.run(statement, None, &mut Silent, control).await;
    let (decision, outcome, reason) = match (wanted.commit, sent) {
        (false, _) => (TransactionDecision::RolledBack, wanted.otherwise, wanted.reason),
        (true, Ok(_)) => (TransactionDecision::Committed, BlockOutcome::Succeeded, wanted.reason),
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
    let affected = progress.pending.unwrap_or_default();
    let problem = (outcome != BlockOutcome::Succeeded).then(|| reason.clone());
    let tell = !(wanted.silent && decision == TransactionDecision::Committed);
    let event = Event::TransactionEnded { block: reference.clone(), decision, affected, reason };
    Ended {
        verdict: Verdict { outcome, problem, unanswered: wanted.unanswered },
        kept: decision != TransactionDecision::RolledBack,
        event: tell.then_some(event),
    }
}
