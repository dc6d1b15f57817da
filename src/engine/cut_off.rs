//! A SQL block whose end is not on record: what became of its transactions,
//! from the record and from the server's own word.

use super::{Engine, EngineError, dialect};
use crate::effect::CommitVerdict;
use crate::language::sql::{SqlDialect, StatementKind, split};
use crate::run::{Attempt, BlockRef, Event, ServerSession, ServerTransaction, TransactionDecision};
use crate::runbook::Effect;

/// How far a SQL block was when its record broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// Its connection's name in the runbook.
    pub connection: String,
    /// As what the server knew its session.
    pub session: Option<ServerSession>,
    /// The transaction whose COMMIT was about to be sent.
    pub committing: Option<ServerTransaction>,
    /// Rows changed by what no end of a transaction is on record for.
    pub affected: u64,
    /// More was changed by it, which nobody has counted.
    pub uncounted: bool,
    /// How its transactions ended, as far as that is on record, and why.
    pub ended: Vec<(TransactionDecision, String)>,
    /// Whether statements ended after the last of these.
    pub went_on: bool,
}

impl CutOff {
    /// What the record of a try tells; `None` where no statement of it was
    /// about to be sent.
    #[must_use]
    pub fn of(attempt: &Attempt) -> Option<Self> {
        let session = attempt.session.as_ref()?;
        let settled = attempt.transactions.iter().filter(|end| end.decision != TransactionDecision::Unknown);
        let over = settled.clone().map(|end| end.statements).max().unwrap_or_default();
        let open = (over..attempt.statements.len()).filter(|place| !attempt.is_taken_back(*place));
        let open: Vec<_> = open.map(|place| &attempt.statements[place].end).collect();
        Some(Self {
            connection: session.connection.clone(),
            session: session.known_as.clone(),
            committing: attempt.committing.clone(),
            affected: open.iter().filter_map(|statement| statement.affected).sum(),
            uncounted: open.iter().any(|statement| {
                statement.effect == Effect::Destructive && statement.error.is_none() && statement.affected.is_none()
            }),
            ended: settled.map(|end| (end.decision, end.reason.clone())).collect(),
            went_on: over < attempt.statements.len(),
        })
    }
}

impl Engine<'_> {
    /// What became of the block: asks the server where the record leaves it
    /// open, and puts its word on record.
    pub(super) async fn look_up(
        &mut self,
        block: &BlockRef,
        cut_off: &CutOff,
        code: &str,
    ) -> Result<String, EngineError> {
        let kind = self.databases.kind(&cut_off.connection);
        let outside = kind.and_then(|kind| outside_of_transactions(code, dialect(kind)));
        let mut told = match (&cut_off.committing, cut_off.ended.last()) {
            (Some(transaction), _) => self.ask_about(block, cut_off, transaction).await?,
            (None, Some((decision, reason))) if !cut_off.went_on => {
                let how = match decision {
                    TransactionDecision::Committed => "committed",
                    TransactionDecision::RolledBack | TransactionDecision::Unknown => "rolled back",
                };
                format!("On record its changes were {how}: {reason}.")
            }
            (None, _) => {
                if cut_off.went_on && kind.is_some() && outside.is_none() {
                    self.found_out(block, cut_off, TransactionDecision::RolledBack, "no COMMIT was sent")?;
                }
                self.nothing_was_sent(cut_off).await?
            }
        };
        let kept = cut_off.ended.iter().filter(|(decision, _)| *decision == TransactionDecision::Committed).count();
        if kept > 0 && (cut_off.went_on || cut_off.committing.is_some()) {
            told.push_str(&format!(" Before that, {kept} of its transactions had been committed on record."));
        }
        if let Some(statement) = outside {
            told.push_str(&format!(
                " What runs outside of a transaction ({statement} …) may have taken effect all the same."
            ));
        }
        told.push_str(" Look all the same.");
        Ok(self.recorder.mask(&told))
    }

    /// COMMIT may have been sent.
    async fn ask_about(
        &mut self,
        block: &BlockRef,
        cut_off: &CutOff,
        transaction: &ServerTransaction,
    ) -> Result<String, EngineError> {
        let CommitVerdict { decision, basis } = match self.session(&cut_off.connection).await? {
            Ok(database) => database.verdict(transaction).await,
            Err(error) => CommitVerdict::unknown(format!("the server could not be asked ({error})")),
        };
        let told = match decision {
            TransactionDecision::Committed => "Its changes were committed",
            TransactionDecision::RolledBack => "Nothing was committed",
            TransactionDecision::Unknown => {
                return Ok(format!(
                    "COMMIT was about to be sent, and whether its changes were committed cannot be known: {basis}."
                ));
            }
        };
        self.found_out(block, cut_off, decision, &basis)?;
        Ok(format!("{told}: {basis}."))
    }

    /// Puts on record what became of the transaction that was open.
    fn found_out(
        &mut self,
        block: &BlockRef,
        cut_off: &CutOff,
        decision: TransactionDecision,
        basis: &str,
    ) -> Result<(), EngineError> {
        let reason = self.recorder.mask(&format!("found out when the run was taken up again: {basis}"));
        let (block, affected, uncounted) = (block.clone(), cut_off.affected, cut_off.uncounted);
        self.recorder.record_durably(&Event::TransactionEnded {
            block,
            decision,
            affected,
            uncounted,
            reason,
            stays: Vec::new(),
        })
    }

    /// The record would have it if COMMIT had been sent.
    async fn nothing_was_sent(&mut self, cut_off: &CutOff) -> Result<String, EngineError> {
        let mut told = "Nothing was committed: no COMMIT was sent.".to_owned();
        let Some(session) = &cut_off.session else { return Ok(told) };
        let trace = match self.session(&cut_off.connection).await? {
            Ok(database) => database.trace(session).await,
            Err(error) => Some(format!("Whether its session is gone could not be asked ({error}).")),
        };
        if let Some(trace) = trace {
            told.push(' ');
            told.push_str(&trace);
        }
        Ok(told)
    }
}

/// The first words of a statement that no end of a transaction takes back.
fn outside_of_transactions(code: &str, dialect: SqlDialect) -> Option<String> {
    let outside = |kind| matches!(kind, StatementKind::OutsideTransaction | StatementKind::Unknown);
    let statements = split(code, dialect);
    let statement = statements.iter().find(|statement| outside(statement.kind))?;
    let words: Vec<_> = code[statement.span.start..statement.span.end].split_whitespace().take(3).collect();
    Some(words.join(" "))
}
