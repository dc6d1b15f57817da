//! What is on record of an output held against what the page shows.

use super::BlockRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A block's output held against what the page shows. It fails nothing: the
/// page shows an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The block.
    pub block: BlockRef,
    /// How alike they are.
    pub likeness: Likeness,
    /// Lines of the page that are not in the output as they stand there: the
    /// first ones, secrets masked.
    pub gaps: Vec<Gap>,
    /// Lines of the output that the page says must not come: the first ones,
    /// secrets masked.
    pub unwanted: Vec<String>,
}

/// A line of the page that is not in the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// As the page shows it.
    pub expected: String,
    /// The line of the output that comes nearest.
    pub found: Option<String>,
}

/// How alike an output and what the page shows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// All that the page shows has come.
    Same,
    /// It has come with other values, or in another order.
    Similar,
    /// Something has not come, or has that must not.
    Different,
}
