//! The facts of a report. Texts are plain, with control characters made
//! visible; times are RFC 3339 in UTC as the record has them.

use super::Excerpt;
use crate::run::{BlockOutcome, Likeness, Mark, RowChanges, RunOutcome, StepOutcome, TransactionDecision, Watched};
use crate::runbook::{Effect, StepKind};
use crate::source::Digest;
use serde::Serialize;

/// What happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of this form.
    pub format: u32,
    /// Whether nothing in the run was real.
    pub rehearsal: bool,
    /// The runbook's title.
    pub title: String,
    /// The runbook's own summary.
    pub about: Option<String>,
    /// What happened, in a few sentences.
    pub summary: Vec<String>,
    /// The run's id.
    pub run: String,
    /// The incident's id elsewhere.
    pub incident: Option<String>,
    /// How bad it is.
    pub severity: Option<String>,
    /// Who ran it.
    pub responder: String,
    /// Where.
    pub host: String,
    /// Who answers for the runbook.
    pub owner: Option<String>,
    /// The runbook's path as it was given.
    pub runbook: String,
    /// The section that was run, where the page holds more.
    pub anchor: Option<String>,
    /// The git revision that holds the runbook.
    pub revision: Option<String>,
    /// Version of the program that ran it.
    pub version: String,
    /// When the run began.
    pub started: String,
    /// When its latest event happened.
    pub ended: String,
    /// From the first event to the last, in milliseconds.
    pub duration_ms: u64,
    /// How it ended; `None` if it has not.
    pub outcome: Option<RunOutcome>,
    /// Why.
    pub reason: Option<String>,
    /// The blocks of which nobody knows what they did.
    pub unknown: Vec<UnknownBlock>,
    /// The incident's milestones.
    pub milestones: Vec<Milestone>,
    /// What happened when.
    pub timeline: Vec<TimelineEntry>,
    /// Where the connections led: name and target.
    pub connections: Vec<(String, String)>,
    /// The variables: name and value, `None` for a secret.
    pub variables: Vec<(String, Option<String>)>,
    /// The steps as they were run, in the order of the plan.
    pub steps: Vec<StepReport>,
    /// Where the responder left the runbook.
    pub deviations: Vec<Deviation>,
    /// Statements that changed a database, or would have.
    pub database: Vec<DatabaseChange>,
    /// What the same block printed earlier and later.
    pub comparisons: Vec<Comparison>,
    /// What the responder wrote down.
    pub notes: Vec<NoteReport>,
    /// Which way was taken where there were several, and what was answered.
    pub decisions: Vec<Decision>,
    /// What is left to do.
    pub follow_ups: Vec<FollowUp>,
    /// What the report rests on.
    pub integrity: Integrity,
}

/// A block of which nobody knows what it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownBlock {
    /// Title of its step.
    pub step: String,
    /// Its number in the step.
    pub number: usize,
    /// When it started.
    pub started: String,
    /// Where it ran.
    pub target: String,
    /// Why it is not known.
    pub why: String,
}

/// A milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// Which.
    pub mark: Mark,
    /// When.
    pub at: String,
    /// Who said so.
    pub by: String,
    /// Since the run began, in milliseconds.
    pub since_start_ms: u64,
    /// Since it was first marked as detected, in milliseconds.
    pub since_detected_ms: Option<u64>,
}

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimelineEntry {
    /// Sequence number of the event.
    pub seq: u64,
    /// When.
    pub at: String,
    /// What happened.
    pub what: String,
}

/// A step as it was run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepReport {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its line in the runbook, from 1; 0 outside the plan.
    pub line: usize,
    /// What kind of work it is.
    pub kind: StepKind,
    /// How it ended; `None` if it has not.
    pub outcome: Option<StepOutcome>,
    /// Why.
    pub reason: Option<String>,
    /// When it was first begun; `None` if it was not reached.
    pub started: Option<String>,
    /// How often it was begun.
    pub visits: u32,
    /// Its blocks that something is known of.
    pub blocks: Vec<BlockReport>,
    /// Its tasks and numbered actions that were answered.
    pub actions: Vec<ActionReport>,
    /// What was written down at it.
    pub notes: Vec<NoteReport>,
}

/// A block, and what happened to it, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlockReport {
    /// Its number in its step.
    pub number: usize,
    /// What happened to it.
    pub history: Vec<Happening>,
}

/// Something that happened to a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Happening {
    /// It was run.
    Tried(Box<TryReport>),
    /// It was changed.
    Edited {
        /// When.
        at: String,
        /// The change as a unified diff.
        diff: String,
    },
    /// Something was asked and answered.
    Answered {
        /// When.
        at: String,
        /// The question.
        question: String,
        /// The answer.
        answer: String,
        /// Who gave it.
        by: String,
    },
    /// Its failure was accepted.
    Accepted {
        /// When.
        at: String,
        /// Which of the block's commands it was, where it was not all of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        part: Option<String>,
        /// Why.
        reason: String,
    },
    /// It was not run.
    Skipped {
        /// When.
        at: String,
        /// Which of the block's commands it was, where it was not all of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        part: Option<String>,
        /// Why.
        reason: String,
    },
    /// The responder said what became of it.
    Resolved {
        /// When.
        at: String,
        /// What they decided.
        decision: String,
        /// What that was based on.
        reason: String,
    },
}

/// One try of a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TryReport {
    /// Which of the block's commands ran, where it was not all of them:
    /// `command 2 of 5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Its number, from 1.
    pub attempt: u32,
    /// When it started.
    pub at: String,
    /// Line in the runbook.
    pub line: usize,
    /// The language.
    pub language: String,
    /// The code as it ran, secrets masked.
    pub code: String,
    /// What running it does.
    pub effect: Effect,
    /// Where it ran: an interpreter or a connection.
    pub target: String,
    /// On which host.
    pub host: String,
    /// How it ended; `None` if it never did.
    pub outcome: Option<BlockOutcome>,
    /// The exit code.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What ended it, where it never ends by itself.
    pub watched: Option<Watched>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// What else is to be known of it.
    pub remarks: Vec<String>,
    /// What it printed.
    pub output: Option<OutputReport>,
    /// Its statements.
    pub statements: Vec<StatementReport>,
    /// Its transactions.
    pub transactions: Vec<TransactionReport>,
    /// What was expected of it.
    pub checks: Vec<CheckReport>,
    /// How its output compares with what the page shows.
    pub compared: Option<ComparedReport>,
}

/// How a block's output compares with what the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparedReport {
    /// How alike they are.
    pub likeness: Likeness,
    /// What differs, the page's lines with `-` and the output's with `+`;
    /// empty where nothing does.
    pub diff: String,
}

/// What a block printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputReport {
    /// The file in the run's folder.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub digest: Digest,
    /// Its beginning and end; or why they cannot be shown.
    pub excerpt: Result<Excerpt, String>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementReport {
    /// Its place in the block, from 1.
    pub index: usize,
    /// Line in the runbook, from 1; 0 where the block was edited.
    pub line: usize,
    /// The statement.
    pub sql: String,
    /// Rows it returned.
    pub rows: Option<u64>,
    /// Rows it changed.
    pub affected: Option<u64>,
    /// Its rows, where more came than were shown.
    pub kept: Option<KeptReport>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The server's error.
    pub error: Option<String>,
}

/// The rows of a statement as CSV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptReport {
    /// The file in the run's folder.
    pub file: String,
    /// How many rows are in it.
    pub rows: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub digest: Digest,
}

/// The end of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransactionReport {
    /// How it ended.
    pub decision: TransactionDecision,
    /// Rows changed in it.
    pub affected: u64,
    /// More was changed in it, which nobody has counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub uncounted: bool,
    /// Why.
    pub reason: String,
}

/// An expectation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// What was expected.
    pub expectation: String,
    /// Whether it held.
    pub held: bool,
    /// What was found instead.
    pub found: Option<String>,
}

/// A task or numbered action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionReport {
    /// What was to do.
    pub text: String,
    /// Whether it was done.
    pub done: bool,
    /// Whether it is a task.
    pub task: bool,
    /// What was said of it.
    pub note: Option<String>,
}

/// How the responder left the runbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each name says it all")]
pub enum DeviationKind {
    Edited,
    Skipped,
    Accepted,
    Retried,
    Jumped,
    Chosen,
    RolledBack,
    RunbookChanged,
    Mended,
    NotReached,
}

/// A place where the responder left the runbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// How.
    pub kind: DeviationKind,
    /// Title of the step, where it is about one.
    pub step: Option<String>,
    /// What was done otherwise, as a sentence's end.
    pub what: String,
    /// The change as a unified diff.
    pub diff: Option<String>,
}

/// What became of a change to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeFate {
    /// Committed.
    Kept,
    /// It ran outside of a transaction of ours, so it was kept at once.
    KeptAtOnce,
    /// Rolled back.
    TakenBack,
    /// Rolled back, and what of it took effect at once stays.
    TakenBackInPart,
    /// The server refused it.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// A statement that changed a database, or would have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabaseChange {
    /// When its block started.
    pub at: String,
    /// Title of the step.
    pub step: String,
    /// The connection.
    pub target: String,
    /// The statement.
    pub sql: String,
    /// Rows it changed.
    pub affected: Option<u64>,
    /// It, or another statement of its transaction, changed rows that nobody has
    /// counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub uncounted: bool,
    /// What became of it.
    pub fate: ChangeFate,
    /// Why.
    pub reason: Option<String>,
    /// The rows that it changed, before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<RowChanges>,
    /// What it set off beside them, a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

/// What the same code printed earlier and later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Titles of the steps it stood in, the earlier first.
    pub steps: (String, String),
    /// The code.
    pub code: String,
    /// When it first ran.
    pub before: String,
    /// When it last ran.
    pub after: String,
    /// How often it ran in all.
    pub times: usize,
    /// The difference as a unified diff; `None` where the outputs are the
    /// same.
    pub diff: Option<String>,
    /// Why there is no diff though the outputs differ.
    pub problem: Option<String>,
}

/// Something the responder wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteReport {
    /// When.
    pub at: String,
    /// Title of the step it was at.
    pub step: Option<String>,
    /// The text, perhaps of several lines.
    pub text: String,
    /// Who wrote it.
    pub by: String,
}

/// A question that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// When.
    pub at: String,
    /// What was decided, as a sentence.
    pub what: String,
}

/// Something left to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowUp {
    /// Title of the step it comes from.
    pub step: String,
    /// What to do.
    pub what: String,
}

/// What a report rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Integrity {
    /// SHA-256 of the runbook as it was approved.
    pub runbook: Digest,
    /// The hash of the transcript's last line.
    pub head: Digest,
    /// How many events there are.
    pub events: u64,
    /// How many of them are of a newer version of the program and are not
    /// told here.
    pub foreign: u64,
}
