//! A statement of a SQL block, as it ended.

use super::{BlockRef, KeptRows, OtherRows, RowChanges};
use crate::runbook::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A statement ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatementFinished {
    /// The block.
    pub block: BlockRef,
    /// Its place in the block, from 1.
    pub index: usize,
    /// Its first line in the runbook, from 1; 0 where the block was edited.
    pub line: usize,
    /// The statement, secrets masked.
    pub sql: String,
    /// What it does.
    pub effect: Effect,
    /// Rows it returned.
    pub rows: Option<u64>,
    /// Rows it changed.
    pub affected: Option<u64>,
    /// Its rows as CSV, where those that were shown are not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptRows>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The server's error, if it failed.
    pub error: Option<String>,
    /// The rows that it changed, before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<RowChanges>,
    /// What it set off beside them: triggers and cascades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<OtherRows>,
    /// Whether a transaction was open while it ran: then what it changed is kept
    /// or taken back with that.
    #[serde(default = "in_transaction")]
    pub in_transaction: bool,
    /// What of it took effect at once, whatever becomes of the transaction; a
    /// sentence for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_once: Vec<String>,
    /// It went back to a savepoint: what the block's statements from this one
    /// on, counted from 1, had changed was taken back by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_back_from: Option<usize>,
}

/// Of a record that does not say: what changed something ran in one.
fn in_transaction() -> bool {
    true
}
