//! The user's own settings: YAML, held against the schema of its types like
//! front matter.

use super::schema_check;
use super::yaml::{self, Node, Value};
use crate::runbook::Configuration;
use crate::source::{Diagnostic, SourceFile, Span};
use serde_json::Value as Schema;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schemars::schema_for!(Configuration).to_value());

/// A longer file is no configuration.
const LONGEST: usize = 256 * 1024;

/// Reads a configuration, and reports all that is wrong with it: where there is
/// anything, it is not to be used.
#[must_use]
pub fn configuration(file: &SourceFile) -> (Configuration, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let configuration = read(file, &mut diagnostics).unwrap_or_default();
    (configuration, diagnostics)
}

fn read(file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Option<Configuration> {
    if file.text().len() > LONGEST {
        let message = format!("a configuration cannot be longer than {} KB", LONGEST / 1024);
        diagnostics.push(Diagnostic::error("bad-value", Span::new(0, 0), message));
        return None;
    }
    let tree = yaml::read_as("configuration", file.text(), 0, diagnostics)?;
    // Nothing but comments.
    if tree.value == Value::Null {
        return None;
    }
    schema_check::check_against(&SCHEMA, "the configuration", &tree, diagnostics);
    check_labels(&tree, diagnostics);
    if !diagnostics.is_empty() {
        return None;
    }
    match serde_yaml::from_value(tree.to_serde()) {
        Ok(configuration) => Some(configuration),
        Err(error) => {
            diagnostics.push(Diagnostic::error("bad-value", tree.span, error.to_string()));
            None
        }
    }
}

/// The labels of blocks are compared in lower case, and are single words.
fn check_labels(tree: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let interpreters = tree.get("interpreters").map(Node::entries).unwrap_or_default();
    for entry in interpreters {
        if entry.key.is_empty() || entry.key.contains(char::is_whitespace) || entry.key != entry.key.to_lowercase() {
            let message = format!("`{}` is the label of no block", entry.key);
            let error = Diagnostic::error("bad-value", entry.key_span, message);
            diagnostics.push(error.with_help("a label is one word in small letters"));
        }
    }
}
