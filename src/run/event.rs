//! What can happen in a run. The transcript is a list of these, and nothing
//! about a run is known that is not in one of them.

use super::carried::Carried;
use super::comparison::Compared;
use super::database_session::DatabaseSession;
use super::outcome::{BlockOutcome, Mark, RunOutcome, StepOutcome, TransactionDecision, Watched};
use super::part::Part;
use super::statement::StatementFinished;
use super::transaction::{ServerSession, ServerTransaction};
use crate::runbook::{Class, Effect, StepKind, VariableKind};
use crate::source::Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the event format that this program writes.
pub const FORMAT: u32 = 1;

/// One event, with when it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Runbook transcript entry")]
pub struct Entry {
    /// Version of the format.
    pub v: u32,
    /// Sequence number, from 1 and without gaps.
    pub seq: u64,
    /// The wall clock, RFC 3339 in UTC with milliseconds. Clocks jump: the
    /// order of events is that of `seq`.
    pub at: String,
    /// Milliseconds of a clock that never runs backwards, since the run (or
    /// its latest resumption) began.
    pub elapsed_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// A block of the run: its step and its number in that step, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct BlockRef {
    /// The step's id.
    pub step: String,
    /// The block's number in its step, from 1.
    pub number: usize,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run began.
    RunStarted(Box<RunStarted>),
    /// A variable got its value.
    VariableSet {
        /// Its name.
        name: String,
        /// Its value; absent for a secret.
        value: Option<String>,
        /// Where the value came from: `--var`, `file`, `environment`,
        /// `default`, `prompt`, or `capture` and the step.
        source: String,
        /// The type of what was captured, where no declaration says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<VariableKind>,
    },
    /// A connection was opened.
    Connected {
        /// The connection's name in the runbook.
        connection: String,
        /// Server, version, database and role, for a person. No password.
        target: String,
        /// The same and more, each by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<Box<DatabaseSession>>,
    },
    /// The responder came to a step.
    StepStarted {
        /// The step's id.
        step: String,
    },
    /// The responder left a step.
    StepFinished {
        /// The step's id.
        step: String,
        /// How it went.
        outcome: StepOutcome,
        /// Why, where it needs saying.
        reason: Option<String>,
    },
    /// One of several ways was chosen.
    Chosen {
        /// The step that asks.
        step: String,
        /// The number of its block, where the ways stand in one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        block: Option<usize>,
        /// Title of the way taken.
        choice: String,
        /// Titles of the ways not taken.
        others: Vec<String>,
        /// Why, where it was said.
        reason: Option<String>,
    },
    /// A prompt was answered.
    Answered {
        /// The block asked about, if it was about one.
        block: Option<BlockRef>,
        /// The question, in a few words.
        question: String,
        /// The answer, never a secret.
        answer: String,
        /// Who answered: a user's name, or `--yes`.
        by: String,
    },
    /// The responder changed a block before it ran.
    Edited {
        /// The block.
        block: BlockRef,
        /// As it would have run, secrets masked.
        before: String,
        /// As it will run, secrets masked.
        after: String,
    },
    /// A block is about to start. On disk before it does.
    BlockStarted(Box<BlockStarted>),
    /// A statement of a SQL block ended.
    StatementFinished(Box<StatementFinished>),
    /// The statements of a block are about to be sent on this session.
    SessionTaken {
        /// The block.
        block: BlockRef,
        /// The connection's name in the runbook.
        connection: String,
        /// As what its server knows the session; absent where it does not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<ServerSession>,
    },
    /// COMMIT is about to be sent. On disk before it is, so that a record
    /// without it says that nothing was committed.
    Committing {
        /// The block.
        block: BlockRef,
        /// What the server can be asked about the transaction by.
        transaction: ServerTransaction,
    },
    /// A transaction was ended; or what became of its COMMIT was found out
    /// later.
    TransactionEnded {
        /// The block.
        block: BlockRef,
        /// How.
        decision: TransactionDecision,
        /// Rows changed in it.
        affected: u64,
        /// More was changed in it, which nobody has counted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        uncounted: bool,
        /// Why: the responder's answer, an expectation, an error.
        reason: String,
        /// What of the block no end of a transaction takes back, where this one
        /// was rolled back; a sentence for each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stays: Vec<String>,
    },
    /// A block ended.
    BlockFinished(Box<BlockFinished>),
    /// An expectation was looked at.
    Checked {
        /// The block.
        block: BlockRef,
        /// What was expected, for a person.
        expectation: String,
        /// Whether it held.
        held: bool,
        /// What was found instead.
        found: Option<String>,
    },
    /// A block's output was held against what the page shows.
    Compared(Box<Compared>),
    /// A failed block was accepted as good enough.
    Accepted {
        /// The block.
        block: BlockRef,
        /// The commands of it that this is about, where it is not all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
        /// Why.
        reason: String,
    },
    /// A block was not run.
    BlockSkipped {
        /// The block.
        block: BlockRef,
        /// The commands of it that were not run, where it is not all of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        part: Option<Part>,
        /// Why.
        reason: String,
    },
    /// A block left a shell entered, in which the shell blocks after it run.
    Entered {
        /// The block.
        block: BlockRef,
        /// The commands that lead there, the outermost first, as the page has
        /// them.
        within: Vec<String>,
        /// Anchor of the section that it is left with; empty for the page.
        section: String,
    },
    /// A shell that a block had entered was left.
    Left {
        /// The commands that still lead to where blocks run; none where that is
        /// this machine.
        within: Vec<String>,
        /// Why.
        reason: String,
    },
    /// A block has set something in a shell that was entered, which is set
    /// again for the blocks after it.
    Carried {
        /// The block.
        block: BlockRef,
        /// What, in the block's order.
        settings: Vec<Carried>,
    },
    /// A task or a numbered action was answered.
    ActionDone {
        /// The step.
        step: String,
        /// What was to do.
        text: String,
        /// Line in the runbook, from 1.
        line: usize,
        /// Whether it was done.
        done: bool,
        /// Whether it is a task (`- [ ]`), which counts as a follow-up if it
        /// is not done.
        task: bool,
        /// What the responder said of it.
        note: Option<String>,
    },
    /// The responder wrote something down.
    Note {
        /// The step it was at, if any.
        step: Option<String>,
        /// The text.
        text: String,
        /// Who wrote it.
        by: String,
    },
    /// The incident reached a milestone.
    Marked {
        /// Which.
        mark: Mark,
        /// Who says so.
        by: String,
    },
    /// The order of the page was left.
    Jumped {
        /// The step it was left at.
        from: String,
        /// The step to go on with.
        to: String,
        /// Why.
        reason: String,
    },
    /// A step that takes another one back was offered.
    RollbackOffered {
        /// The step to take back.
        step: String,
        /// The step that takes it back.
        rollback: String,
        /// Whether it was accepted.
        accepted: bool,
    },
    /// The run was put aside.
    RunSuspended {
        /// Why.
        reason: String,
    },
    /// The run was taken up again.
    RunResumed {
        /// Who by.
        by: String,
        /// On which host.
        host: String,
        /// Version of the program.
        version: String,
        /// The runbook's digest now, where it is no longer the approved one.
        changed: Option<Digest>,
        /// What the block that was running had printed before the record
        /// broke off, so that the chain covers that file too.
        #[serde(default)]
        salvaged: Option<OutputRef>,
        /// The rows that had come of its statement by then, as CSV.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        salvaged_rows: Option<OutputRef>,
        /// Bytes of a torn last line that were dropped.
        #[serde(default)]
        dropped: u64,
    },
    /// What became of a block that was running when the record broke off.
    UnknownResolved {
        /// The block.
        block: BlockRef,
        /// What the responder decided: `ran`, `did not run`, `run again`.
        decision: String,
        /// What they based it on.
        reason: String,
    },
    /// The run ended.
    RunFinished {
        /// How.
        outcome: RunOutcome,
        /// Why, where it needs saying.
        reason: Option<String>,
    },
}

/// The first event of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// The run's id.
    pub run: String,
    /// The runbook's path as it was given.
    pub path: String,
    /// The runbook's title.
    pub title: String,
    /// The runbook's summary.
    pub summary: Option<String>,
    /// How bad the incident is, in the team's own words.
    pub severity: Option<String>,
    /// Who answers for the runbook.
    pub owner: Option<String>,
    /// The incident's id elsewhere.
    pub incident: Option<String>,
    /// SHA-256 of the runbook's bytes, kept beside as `runbook.md`.
    pub digest: Digest,
    /// What was mended in the runbook's text with the responder's consent; the
    /// digest above is then that of the mended text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mended: Option<Mended>,
    /// The git revision that holds the runbook as it is, `-dirty` added where
    /// the file differs from it.
    pub revision: Option<String>,
    /// The section chosen, where the file holds more.
    pub anchor: Option<String>,
    /// What will be walked through, in order.
    pub steps: Vec<StepOutline>,
    /// The responder's user name.
    pub user: String,
    /// The host's name.
    pub host: String,
    /// The folder the run started in.
    pub cwd: String,
    /// Version of the program.
    pub version: String,
    /// Whether nothing in it was real.
    pub rehearsal: bool,
    /// What `--yes` covered, if it was given.
    pub unattended: Option<Effect>,
}

/// What was mended in a runbook's text before it was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mended {
    /// SHA-256 of the file's own bytes.
    pub original: Digest,
    /// What was mended, each in a few words.
    pub what: Vec<String>,
}

/// A step, as the run's first event lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepOutline {
    /// The step's id.
    pub id: String,
    /// The step's title.
    pub title: String,
    /// Its line in the runbook, from 1.
    pub line: usize,
    /// What kind of work it is.
    pub kind: StepKind,
    /// How many blocks it has.
    pub blocks: usize,
    /// The step that asks which way to take, where this is one of the ways.
    #[serde(default)]
    pub option_of: Option<String>,
}

impl StepOutline {
    /// Whether a responder counts it: a choice and its ways are one step.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.option_of.as_ref().is_none_or(|head| *head == self.id)
    }
}

/// A block is about to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlockStarted {
    /// The block.
    pub block: BlockRef,
    /// The commands of it that start, where it is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// 1 for the first try.
    pub attempt: u32,
    /// What kind of code it is.
    pub class: Class,
    /// Its language.
    pub language: String,
    /// Its first line in the runbook, from 1.
    pub line: usize,
    /// The very bytes that will run, secrets masked as `«name»`.
    pub code: String,
    /// SHA-256 of the block's bytes before secrets stood in it.
    pub digest: Digest,
    /// What running it does.
    pub effect: Effect,
    /// Where it runs: an interpreter, or a connection.
    pub target: String,
    /// When it will be ended.
    pub timeout_ms: Option<u64>,
    /// Lines of it that are not sent to the server, being for its client alone,
    /// and only about what that shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// A block ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlockFinished {
    /// The block.
    pub block: BlockRef,
    /// The commands of it that ended, where it is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// The try, from 1.
    pub attempt: u32,
    /// How it ended.
    pub outcome: BlockOutcome,
    /// The process's exit code.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What ended it, where it never ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched: Option<Watched>,
    /// What went wrong, where something did.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
    /// Its output on disk.
    pub output: Option<OutputRef>,
    /// What is lost for the blocks after it, such as shell state that could
    /// not be kept; and processes left behind.
    pub remarks: Vec<String>,
}

/// A block's output on disk, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutputRef {
    /// File name in the run's `output` folder.
    pub file: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub digest: Digest,
}

/// The rows of a statement on disk, secrets masked: CSV as PostgreSQL writes
/// it, with the names of the columns first. NULL is nothing between the commas;
/// an empty text is `""`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptRows {
    /// The file.
    pub output: OutputRef,
    /// How many rows are in it: fewer than came where there were too many, or
    /// where the statement failed.
    pub rows: u64,
}
