//! What became of a COMMIT.

use crate::run::TransactionDecision;

/// What became of a COMMIT, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitVerdict {
    /// What became of it.
    pub decision: TransactionDecision,
    /// Where that comes from, in plain words; empty where the server answered.
    pub basis: String,
}

impl CommitVerdict {
    /// Nobody knows, for this reason.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { decision: TransactionDecision::Unknown, basis: why.into() }
    }
}
