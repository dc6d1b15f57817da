//! What is known of a run: plain data that the fold fills and others read.

use super::{
    BlockFinished, BlockOutcome, BlockRef, BlockStarted, Compared, DatabaseSession, Mark, OutputRef, Part,
    StatementFinished, StepOutcome, StepOutline,
};
use super::{RunOutcome, ServerSession, ServerTransaction, TransactionDecision};
use crate::runbook::VariableKind;
use crate::source::Digest;
use jiff::Timestamp;
use std::time::Duration;

/// When something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Sequence number of the event, which alone gives the order.
    pub seq: u64,
    /// The wall clock, as the entry has it.
    pub at: String,
    /// Milliseconds since the session began.
    pub elapsed_ms: u64,
    /// 0 up to the first resumption, 1 up to the second, and so on.
    pub session: u32,
}

impl Moment {
    /// The wall clock; `None` where it was not written as a time.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.at.parse().ok()
    }

    /// The time from here to `later`. By the clock that never runs backwards
    /// within one session, by the wall clock across sessions, and never less
    /// than nothing: a clock that was set back does not make time negative.
    #[must_use]
    pub fn until(&self, later: &Moment) -> Duration {
        if self.session == later.session {
            return Duration::from_millis(later.elapsed_ms.saturating_sub(self.elapsed_ms));
        }
        match (self.timestamp(), later.timestamp()) {
            (Some(from), Some(to)) => Duration::try_from(to.duration_since(from)).unwrap_or_default(),
            _ => Duration::ZERO,
        }
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It goes on, or its record broke off.
    Running,
    /// The responder put it aside.
    Suspended,
    /// It ended.
    Finished(RunOutcome),
}

/// A step, as it went.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// What the run's first event says of it; made up from the id for a step
    /// outside the plan, such as a rollback.
    pub outline: StepOutline,
    /// When the responder first came to it.
    pub started: Option<Moment>,
    /// When it was last left.
    pub finished: Option<Moment>,
    /// How it ended, the last time if it was done more than once; `None`
    /// while it is not reached or not ended.
    pub outcome: Option<StepOutcome>,
    /// Why, where it was said.
    pub reason: Option<String>,
    /// How often it was begun afresh.
    pub visits: u32,
    /// The blocks of which something is known, by number.
    pub blocks: Vec<BlockRecord>,
    /// Its tasks and numbered actions that were answered, in order.
    pub actions: Vec<ActionRecord>,
}

/// A block, as it went.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockRecord {
    /// Its number in its step, from 1.
    pub number: usize,
    /// Each try.
    pub attempts: Vec<Attempt>,
    /// Each change that the responder made to it.
    pub edits: Vec<Edit>,
    /// What was asked about it, and answered.
    pub answers: Vec<Answer>,
    /// Its commands that are over, where they were run one by one in the
    /// present visit of its step.
    pub parts: Option<Parts>,
    /// Why commands of it were not run, or failed well enough.
    pub part_reasons: Vec<PartReason>,
    /// Why its failure was good enough.
    pub accepted: Option<Reason>,
    /// Why it was not run.
    pub skipped: Option<Reason>,
    /// Whether there is nothing left to do about it in the present visit of
    /// its step.
    pub done: bool,
}

/// How far a block is that is run command by command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// How many commands are over.
    pub over: usize,
    /// How many there are.
    pub of: usize,
}

/// What was said of some commands of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReason {
    /// Which.
    pub part: Part,
    /// Whether they ran and failed; otherwise they were not run.
    pub accepted: bool,
    /// The responder's words, and when.
    pub reason: Reason,
}

/// One try of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// What ran.
    pub started: BlockStarted,
    /// When.
    pub at: Moment,
    /// What came of it; `None` while it runs, and if the record broke off.
    pub finished: Option<BlockFinished>,
    /// When that was.
    pub ended: Option<Moment>,
    /// Its statements, where it is SQL.
    pub statements: Vec<StatementRecord>,
    /// The session that its statements went to, where it is SQL.
    pub session: Option<SessionRecord>,
    /// How its transactions ended.
    pub transactions: Vec<TransactionRecord>,
    /// The transaction whose COMMIT was about to be sent, while it is not on
    /// record what came of it.
    pub committing: Option<ServerTransaction>,
    /// What was expected of it.
    pub checks: Vec<Check>,
    /// How its output compares with what the page shows.
    pub compared: Option<Compared>,
    /// What the responder made of it, where its outcome was not known.
    pub resolution: Option<Resolution>,
    /// Output that was found when the record was taken up after this try had
    /// been cut off.
    pub salvaged: Option<OutputRef>,
    /// Rows of its statement that were found then.
    pub salvaged_rows: Option<OutputRef>,
}

impl Attempt {
    /// Whether nobody knows what it did: it never ended, or its end was lost.
    /// True also while it runs.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.resolution.is_none() && self.finished.as_ref().is_none_or(|end| end.outcome == BlockOutcome::Unknown)
    }

    /// Whether a later statement of it has taken back, by a savepoint, what the
    /// one at `place` of those on record had changed.
    #[must_use]
    pub fn is_taken_back(&self, place: usize) -> bool {
        let index = self.statements[place].end.index;
        self.statements[place + 1..].iter().any(|later| later.end.takes_back_from.is_some_and(|from| from <= index))
    }

    /// Every file that was kept of it.
    pub fn files(&self) -> impl Iterator<Item = &OutputRef> {
        let rows = self.statements.iter().filter_map(|statement| statement.end.kept.as_ref()).map(|kept| &kept.output);
        self.output().into_iter().chain(rows).chain(&self.salvaged_rows)
    }

    /// Its output, as far as it was kept.
    #[must_use]
    pub fn output(&self) -> Option<&OutputRef> {
        self.finished.as_ref().and_then(|end| end.output.as_ref()).or(self.salvaged.as_ref())
    }
}

/// A statement that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRecord {
    /// How.
    pub end: StatementFinished,
    /// When.
    pub at: Moment,
}

/// The session that a try's statements went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The connection's name in the runbook.
    pub connection: String,
    /// As what its server knew it, where that tells.
    pub known_as: Option<ServerSession>,
}

/// A transaction that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionRecord {
    /// How.
    pub decision: TransactionDecision,
    /// Rows changed in it.
    pub affected: u64,
    /// More was changed in it, which nobody has counted.
    pub uncounted: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Moment,
    /// How many statements of the try had ended by then.
    pub statements: usize,
    /// Who said so, where somebody was asked.
    pub by: Option<String>,
}

/// An expectation that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was expected.
    pub expectation: String,
    /// Whether it held.
    pub held: bool,
    /// What was found instead.
    pub found: Option<String>,
}

/// What became of a try whose outcome was not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// `ran`, `did not run`, or `run again`.
    pub decision: String,
    /// What that was based on.
    pub reason: String,
    /// When.
    pub at: Moment,
}

/// A change to a block before it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// As it would have run.
    pub before: String,
    /// As it then stood.
    pub after: String,
    /// When.
    pub at: Moment,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// Why something was done otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The responder's words.
    pub text: String,
    /// When.
    pub at: Moment,
}

/// A task or numbered action that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRecord {
    /// What was to do.
    pub text: String,
    /// Line in the runbook, from 1.
    pub line: usize,
    /// Whether it was done.
    pub done: bool,
    /// Whether it is a task.
    pub task: bool,
    /// What was said of it.
    pub note: Option<String>,
    /// When.
    pub at: Moment,
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableRecord {
    /// Its name.
    pub name: String,
    /// Its latest value; `None` for a secret.
    pub value: Option<String>,
    /// Where it came from.
    pub source: String,
    /// Its type, where no declaration says so.
    pub kind: Option<VariableKind>,
    /// When it was set.
    pub at: Moment,
}

/// A connection that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// Its name in the runbook.
    pub name: String,
    /// Where it led.
    pub target: String,
    /// What was known of the session.
    pub session: Option<Box<DatabaseSession>>,
    /// When it was opened.
    pub at: Moment,
}

impl ConnectionRecord {
    /// Where it led and by which way, and what was to be known of it.
    #[must_use]
    pub fn in_full(&self) -> String {
        let way = self.session.as_ref().and_then(|session| session.way());
        let remarks = self.session.iter().flat_map(|session| session.remarks.iter().cloned());
        let target = match way {
            Some(way) => format!("{} ({way})", self.target),
            None => self.target.clone(),
        };
        std::iter::once(target).chain(remarks).collect::<Vec<_>>().join("; ")
    }
}

/// A way that was taken where there were several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceRecord {
    /// The step that asked.
    pub step: String,
    /// The number of its block, where the ways stand in one.
    pub block: Option<usize>,
    /// The way taken.
    pub choice: String,
    /// The ways not taken.
    pub others: Vec<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Moment,
}

/// Where shell blocks ran from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithinRecord {
    /// The block that entered it; `None` where something was left.
    pub block: Option<BlockRef>,
    /// The commands that lead there, the outermost first; none for this
    /// machine.
    pub within: Vec<String>,
    /// Anchor of the section that it is left with; empty for the page.
    pub section: String,
    /// Why, where something was left.
    pub reason: Option<String>,
    /// When.
    pub at: Moment,
}

/// Something the responder wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRecord {
    /// The step it was at.
    pub step: Option<String>,
    /// The text.
    pub text: String,
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// A milestone of the incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkRecord {
    /// Which.
    pub mark: Mark,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// A change of the order of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JumpRecord {
    /// The step it was left at.
    pub from: String,
    /// The step to go on with.
    pub to: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Moment,
}

/// A rollback that was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackRecord {
    /// The step to take back.
    pub step: String,
    /// The step that takes it back.
    pub rollback: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// When.
    pub at: Moment,
}

/// A run that was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Why.
    pub reason: String,
    /// When.
    pub at: Moment,
}

/// A run that was taken up again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumption {
    /// Who by.
    pub by: String,
    /// On which host.
    pub host: String,
    /// The runbook's digest then, where it was no longer the approved one.
    pub changed: Option<Digest>,
    /// Bytes of a torn last line that were dropped.
    pub dropped: u64,
    /// When.
    pub at: Moment,
}

/// Where to go on with a run that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumePoint {
    /// The block whose outcome is unknown: it is asked about before anything
    /// else happens.
    pub unknown: Option<BlockRef>,
    /// The step to go on with; `None` where every step has been left.
    pub step: Option<String>,
    /// Numbers of that step's blocks that need not be offered again.
    pub blocks_done: Vec<usize>,
}
