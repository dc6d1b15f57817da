//! The end of a transaction: COMMIT is put on record before it is sent, and
//! what became of it is the server's own word or is called unknown. It is
//! never sent twice.

use super::EngineError;
use super::recorder::Capturing;
use super::sql_block::Verdict;
use super::sql_decision::Decision;
use super::sql_progress::Progress;
use crate::effect::{CommitVerdict, Control, Database, DatabaseError, Output, OutputError, Stream, Waiting};
use crate::run::{BlockOutcome, BlockRef, Event, ServerTransaction, TransactionDecision};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How long a COMMIT may take where the block has no time limit of its own, and
/// a ROLLBACK. Deferred checks run in the one, a synchronous standby may be
/// waited for, and some servers undo row by row.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a transaction was ended.
pub(super) struct Ended {
    pub(super) verdict: Verdict,
    pub(super) kept: bool,
    /// For the record, where there is anything to tell.
    pub(super) event: Option<Event>,
}

/// Ends the open transaction as `wanted`.
pub(super) async fn end_transaction(
    database: &mut dyn Database,
    control: &mut UnboundedReceiver<Control>,
    output: &mut Capturing<'_, '_>,
    wanted: Decision,
    progress: &Progress,
    reference: &BlockRef,
    timeout: Option<Duration>,
) -> Result<Ended, EngineError> {
    // What was announced is told the end of.
    let mut announced = false;
    let (decision, outcome, reason) = if wanted.commit {
        let verdict = match database.transaction().await {
            Ok(transaction) => {
                // A transaction that has written nothing has nothing to lose.
                if !wanted.silent || transaction.number.is_some() {
                    let event = Event::Committing { block: reference.clone(), transaction: transaction.clone() };
                    output.record_durably(&event)?;
                    announced = true;
                }
                commit(database, &transaction, Sending { chained: progress.chained, timeout }, control, output).await
            }
            Err(error) => {
                let _ = roll_back(database, output).await;
                let basis = format!("COMMIT was not sent, so the server rolls it back: {error}");
                CommitVerdict { decision: TransactionDecision::RolledBack, basis }
            }
        };
        let reason = if verdict.basis.is_empty() { wanted.reason } else { output.mask(&verdict.basis) };
        let outcome = match verdict.decision {
            TransactionDecision::Committed => BlockOutcome::Succeeded,
            TransactionDecision::RolledBack => BlockOutcome::Failed,
            TransactionDecision::Unknown => BlockOutcome::Unknown,
        };
        (verdict.decision, outcome, reason)
    } else {
        // Where it cannot be sent, the server rolls back by itself.
        let reason = match roll_back(database, output).await {
            // A server that answers ROLLBACK with an error may have kept a part.
            Err(DatabaseError::Statement { message, .. }) => output.mask(&format!("{}; {message}", wanted.reason)),
            _ => wanted.reason,
        };
        (TransactionDecision::RolledBack, wanted.otherwise, reason)
    };
    let problem = (outcome != BlockOutcome::Succeeded).then(|| reason.clone());
    let tell = announced || !wanted.silent || decision != TransactionDecision::Committed;
    let event = progress.ended(reference, decision, reason);
    Ok(Ended {
        verdict: Verdict { outcome, problem, unanswered: wanted.unanswered },
        kept: decision != TransactionDecision::RolledBack,
        event: tell.then_some(event),
    })
}

/// How a COMMIT is sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sending {
    /// The server opens the next transaction by it, of the same kind.
    pub chained: bool,
    /// The block's own time limit.
    pub timeout: Option<Duration>,
}

/// Sends COMMIT once, and says what became of it. Ctrl-C reaches it only where
/// the server can be asked afterwards.
pub async fn commit(
    database: &mut dyn Database,
    transaction: &ServerTransaction,
    Sending { chained, timeout }: Sending,
    control: &mut UnboundedReceiver<Control>,
    output: &mut dyn Output,
) -> CommitVerdict {
    let text = if chained { "COMMIT AND CHAIN" } else { "COMMIT" };
    let limit = Some(timeout.unwrap_or(PATIENCE));
    let mut quiet = OnlyWaiting(output);
    let sent = if transaction.number.is_some() {
        // The answer is given: what was pressed before it is not for the COMMIT.
        while control.try_recv().is_ok() {}
        database.run(text, limit, &mut quiet, control).await
    } else {
        let (_nobody, mut deaf) = unbounded_channel();
        database.run(text, limit, &mut quiet, &mut deaf).await
    };
    let lost = match sent {
        Ok(_) => return CommitVerdict { decision: TransactionDecision::Committed, basis: String::new() },
        // A server that answers COMMIT with an error has rolled back, or does now.
        Err(DatabaseError::Statement { message, .. }) => {
            let _ = roll_back(database, output).await;
            return match database.in_transaction().await {
                Ok(true) => {
                    CommitVerdict::unknown(format!("the server refused to commit ({message}), and then to roll back"))
                }
                Ok(false) | Err(_) => CommitVerdict {
                    decision: TransactionDecision::RolledBack,
                    basis: format!("the server refused to commit: {message}"),
                },
            };
        }
        Err(error @ (DatabaseError::TimedOut | DatabaseError::Interrupted)) => {
            // It may not have been sent, and the session still be in the transaction.
            let _ = roll_back(database, output).await;
            format!("COMMIT was ended before its answer came ({error})")
        }
        Err(closed @ DatabaseError::Closed { .. }) => {
            let basis = format!("COMMIT was not sent, so the server rolls it back: {closed}");
            return CommitVerdict { decision: TransactionDecision::RolledBack, basis };
        }
        Err(error) => format!("no answer came to COMMIT ({error})"),
    };
    let CommitVerdict { decision, basis } = database.verdict(transaction).await;
    let told = match decision {
        TransactionDecision::Committed => format!("{lost}, and the changes are kept: {basis}"),
        TransactionDecision::RolledBack => format!("{lost}, and nothing is kept: {basis}"),
        TransactionDecision::Unknown => format!("{lost}, and nobody knows whether the changes were kept: {basis}"),
    };
    CommitVerdict { decision, basis: told }
}

/// Sends ROLLBACK, whatever is pressed meanwhile.
async fn roll_back(database: &mut dyn Database, output: &mut dyn Output) -> Result<(), DatabaseError> {
    let (_nobody, mut deaf) = unbounded_channel();
    let sent = database.run("ROLLBACK", Some(PATIENCE), &mut OnlyWaiting(output), &mut deaf).await;
    sent.map(drop).inspect_err(|error| tracing::debug!(%error, "ROLLBACK was not taken"))
}

/// For what has nothing to show but that it is waited for.
struct OnlyWaiting<'a>(&'a mut dyn Output);

impl Output for OnlyWaiting<'_> {
    fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
        Ok(())
    }

    fn waiting(&mut self, waiting: &Waiting) {
        self.0.waiting(waiting);
    }
}
