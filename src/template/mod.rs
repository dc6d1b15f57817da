//! Values into text, never as code.
//!
//! Only `{{ … }}` is special: `{%` and `{#` are ordinary text, as shell needs.
//! Each `{{ … }}` is evaluated by itself, and its value is put into the text in
//! the way its [`Place`] allows, or refused. What surrounds a place is told by
//! the caller, who knows the language.
//!
//! | a value in | where |
//! |---|---|
//! | shell text | `encode/shell.rs` |
//! | SQL text | `encode/sql.rs` |

mod encode;
mod error;
mod expression;
mod render;
mod scan;
mod substitute;
#[cfg(test)]
mod tests;

pub use error::TemplateError;
pub use render::{render, secret_parameter, secret_setting, secret_variable};
pub use substitute::{Substitution, substitute};

use crate::runbook::Value;
use crate::source::{Place, Span};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What reads the text that values are put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// bash.
    Shell,
    /// A database.
    Sql(Form),
    /// Nothing but eyes: a prompt, a title, a path.
    Plain,
}

/// How a database writes a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `2026-01-02 03:04:05.678+00`
    Postgres,
    /// `2026-01-02 03:04:05`, always UTC.
    Sqlite,
    /// `CONVERT_TZ('2026-01-02 03:04:05.678', '+00:00', @@time_zone)`: its
    /// timestamps say no time zone, and are read in that of the session.
    Mysql,
}

/// All that rendering a text needs.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// What reads the text.
    pub language: Language,
    /// The values that the text may refer to.
    pub values: &'a BTreeMap<String, Value>,
    /// What `now()` is.
    pub now: jiff::Timestamp,
    /// What the bytes at some offsets of a text, in order, stand in. It is asked
    /// of the text with a word in the place of each `{{ … }}`, and again of the text with
    /// the values: where the answers differ, a value has changed the text's
    /// structure, and is refused.
    pub places: &'a dyn Fn(&str, &[usize]) -> Vec<Place>,
}

/// A text with its values.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What runs. It holds no secret, only references to them, and may be
    /// shown.
    pub text: String,
    /// The variables that the text refers to for its secrets, with the secrets.
    /// In SQL their names are those of [parameters](secret_parameter).
    pub secrets: Vec<(String, String)>,
    /// Where in `text` something stands that `| raw` has put there unchecked.
    pub raw: Vec<Span>,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secrets: Vec<_> = self.secrets.iter().map(|(name, _)| name).collect();
        f.debug_struct("Rendered").field("text", &self.text).field("secrets", &secrets).field("raw", &self.raw).finish()
    }
}

/// The variables that `text` refers to, each time it does, and where.
///
/// # Errors
/// If a `{{` is not closed, or holds no expression.
pub fn references(text: &str) -> Result<Vec<(String, Span)>, TemplateError> {
    let environment = expression::environment(jiff::Timestamp::UNIX_EPOCH);
    let mut found = Vec::new();
    for fragment in scan::fragments(text)? {
        found.extend(expression::references(&environment, &fragment)?);
    }
    Ok(found)
}

/// Where `text` takes a value as it is, with `| raw`.
#[must_use]
pub fn raw_values(text: &str) -> Vec<Span> {
    let fragments = scan::fragments(text).unwrap_or_default();
    let is_raw = |fragment: &scan::Fragment<'_>| {
        scan::words(fragment.expression)
            .iter()
            .any(|(at, word)| *word == "raw" && fragment.expression[..*at].trim_end().ends_with('|'))
    };
    fragments.iter().filter(|fragment| is_raw(fragment)).map(|fragment| fragment.span).collect()
}

/// `text` with something harmless of the same length in the place of each
/// `{{ … }}`, for whoever looks at it before its values are known: a word of
/// shell, a number of SQL.
#[must_use]
pub fn without_values(text: &str, language: Language) -> Cow<'_, str> {
    let Ok(fragments) = scan::fragments(text) else { return Cow::Borrowed(text) };
    if fragments.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut filled = text.to_owned();
    for fragment in fragments {
        let length = fragment.span.end - fragment.span.start;
        let filling = match language {
            Language::Sql(_) => format!("{:<length$}", "0"),
            Language::Shell | Language::Plain => format!("{:_<length$}", "x"),
        };
        filled.replace_range(fragment.span.start..fragment.span.end, &filling);
    }
    Cow::Owned(filled)
}

/// Whether the expression of a `when:` is true. Spans in the error are into
/// `expression`.
///
/// # Errors
/// If it is no expression, refers to a variable that has no value, or to a
/// secret.
pub fn holds(expression: &str, values: &BTreeMap<String, Value>, now: jiff::Timestamp) -> Result<bool, TemplateError> {
    let environment = expression::environment(now);
    let span = Span::new(0, expression.len());
    let fragment = scan::Fragment { span, expression, expression_start: 0 };
    expression::truth(&environment, &fragment, values)
}
