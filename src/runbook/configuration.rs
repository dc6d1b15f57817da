//! What a user has set for all runbooks.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The user's own settings. All of them are optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "Configuration of runbook")]
pub struct Configuration {
    /// Interpreters, by the label of the blocks that are for them. One that is
    /// known without this takes its place.
    pub interpreters: BTreeMap<String, Interpreter>,
}

/// How to run a block's text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interpreter {
    /// The program and its arguments; the file with the text comes behind them.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// The ending of that file, such as `.osh`.
    pub extension: Option<String>,
    /// The program and its arguments that only parse a file, and fail where
    /// they cannot.
    #[schemars(length(min = 1))]
    pub check: Option<Vec<String>>,
}
