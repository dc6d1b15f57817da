//! How a block, a step, a transaction and a run ended.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How one try of a block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockOutcome {
    /// It did what it should.
    Succeeded,
    /// It did not, or an expectation did not hold.
    Failed,
    /// It ran too long and was ended.
    TimedOut,
    /// The responder ended it.
    Interrupted,
    /// Its changes were taken back before they were kept.
    RolledBack,
    /// Nobody knows whether its changes were kept.
    Unknown,
}

/// What ended a block that never ends by itself, and was to be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// What was expected of its output came.
    Seen,
    /// Its time was up.
    TimeUp,
    /// The responder had seen enough.
    Responder,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// All of it was done.
    Done,
    /// Something in it failed, and was left so.
    Failed,
    /// Something in it failed, and was accepted with a reason.
    Accepted,
    /// Nothing of it was done.
    Skipped,
    /// It is one of several ways and another one was taken, or it only asks
    /// which way to take.
    NotChosen,
    /// There was nothing to do.
    NothingToDo,
    /// The run was ended in it.
    Aborted,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every step is done, accepted or skipped.
    Completed,
    /// A step failed and was left so.
    Failed,
    /// The responder ended it.
    Aborted,
}

/// How a transaction was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransactionDecision {
    /// The changes are kept.
    Committed,
    /// The changes are taken back.
    RolledBack,
    /// The connection was lost around COMMIT.
    Unknown,
}

/// A milestone of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Somebody noticed.
    Detected,
    /// Users no longer suffer.
    Mitigated,
    /// The cause is gone.
    Resolved,
}
