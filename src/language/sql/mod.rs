//! SQL: its statements and what each one does.
//!
//! A small lexer for each dialect, and a classification by the statement's own
//! words. What it does not know is taken for a write.

mod at_once;
mod beyond;
mod classify;
mod client;
mod condition;
mod context;
mod elsewhere;
mod function;
mod lexer;
mod plausible;
mod refusal;
mod routine;
mod rows;
mod split;
#[cfg(test)]
mod tests;
mod transaction;
mod verb;

use crate::runbook::Effect;
use crate::source::Span;

pub use at_once::at_once;
pub use beyond::beyond_reading;
pub use context::{contexts, places_at};
pub use elsewhere::{OtherServer, other_server};
pub(super) use plausible::{SqlReading, reading};
pub use refusal::Refusal;
pub use rows::{ChangedRows, RowVerb, changed_rows, name_parts, names_in, unquoted};
pub use split::split;
pub use transaction::{Savepoint, chains, savepoint, sets_session};

use super::placeholder::{self, Placeholder};
use super::stand_in::{self, Sureness};
use lexer::TokenKind;

/// Whose rules the text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlDialect {
    /// PostgreSQL, with what psql adds.
    Postgres,
    /// SQLite, with what its shell adds.
    Sqlite,
    /// MySQL and MariaDB.
    Mysql,
    /// Not known: read by the rules of all, believing the worst of them.
    Unknown,
}

/// One statement of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where it stands in the code, without the comments before it and
    /// without its `;`.
    pub span: Span,
    /// The comments directly before it, from the first to the last.
    pub comment: Option<Span>,
    /// What it does to the database.
    pub effect: Effect,
    /// What kind of statement it is.
    pub kind: StatementKind,
    /// Why it has that effect, in words; empty for a plain read.
    pub reasons: Vec<String>,
    /// The table it changes or drops, as written, where it names one.
    pub table: Option<String>,
    /// Why it is never sent to a server, if it is not.
    pub refusal: Option<Refusal>,
}

/// What kind of statement it is, as far as running it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementKind {
    /// Gives rows and is meant only to look.
    Query,
    /// Changes rows.
    Write,
    /// Changes tables, indexes, rights.
    Schema,
    /// Changes or shows settings of the session.
    Session,
    /// Opens a transaction.
    Begin,
    /// Ends a transaction and keeps its changes.
    Commit,
    /// Ends a transaction and drops its changes.
    Rollback,
    /// Sets, releases or goes back to a savepoint.
    Savepoint,
    /// Refused by the server inside a transaction, or ends the transaction.
    OutsideTransaction,
    /// For the database's command line client: psql's `\d`, sqlite3's `.tables`.
    ClientCommand,
    /// For that client too, and only about what it shows, such as psql's `\x`:
    /// left out, and never missed.
    LeftOut,
    /// `COPY … FROM STDIN`, which takes rows from the client.
    CopyStdin,
    /// Not known.
    Unknown,
}

/// What still has to be filled in: `<name>`, `YYYYMMDD`, `your_…`, and table
/// names such as `some_new_table`. Nothing in comments.
#[must_use]
pub fn placeholders(code: &str, dialect: SqlDialect) -> Vec<Placeholder> {
    let lexed = lexer::lex(code, dialect);
    let is_text = |at: usize| {
        let next = lexed.tokens.partition_point(|token| token.span.end <= at);
        lexed.tokens.get(next).is_none_or(|token| token.kind != TokenKind::Comment || at < token.span.start)
    };
    let mut found = placeholder::angles(code, |at, _| is_text(at));
    let may_be_spelled = stand_in::may_stand_in(code);
    for token in lexed.tokens.iter().filter(|token| token.kind != TokenKind::Comment) {
        found.extend(in_token(code, token, may_be_spelled));
    }
    for pair in lexed.tokens.windows(2) {
        let [before, name] = pair else { continue };
        let names_table = before.kind == TokenKind::Word && context::introduces_name(before.text(code));
        if names_table && stand_in::is_sample_name(name.text(code)) {
            found.push(Placeholder::new(name.text(code), name.text(code), name.span));
        }
    }
    placeholder::in_order(found)
}

/// Tells of each place in `code` whether a comment covers it.
pub(super) fn is_comment(code: &str, dialect: SqlDialect) -> impl Fn(usize) -> bool + use<> {
    let lexed = lexer::lex(code, dialect);
    move |at: usize| {
        let next = lexed.tokens.partition_point(|token| token.span.end <= at);
        lexed.tokens.get(next).is_some_and(|token| token.kind == TokenKind::Comment && token.span.start <= at)
    }
}

/// Functions that are given the form of a date, not a date.
const TAKE_FORMS: &[&str] = &["to_char", "to_date", "to_timestamp", "date_format", "str_to_date", "format", "strftime"];

/// What stands for something else in one token; `may_be_spelled` says whether the
/// code may hold a word that does so by its spelling.
fn in_token(code: &str, token: &lexer::Token, may_be_spelled: bool) -> Vec<Placeholder> {
    let text = token.text(code);
    let is_text = matches!(token.kind, TokenKind::Text { .. });
    if !is_text && !may_be_spelled {
        return Vec::new();
    }
    let start = token.span.start;
    let placeholder = |range: std::ops::Range<usize>, name: &str| {
        let span = Span::new(start + range.start, start + range.end);
        Placeholder::new(&text[range], name, span)
    };
    if token.kind == TokenKind::ClientCommand || (is_text && is_form(&code[..start])) {
        return Vec::new();
    }
    let spelled = if may_be_spelled { stand_in::find(text, Sureness::InArguments) } else { Vec::new() };
    let mut found: Vec<_> = spelled.into_iter().map(|hit| placeholder(hit.range.clone(), &text[hit.range])).collect();
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or_default();
    let asks = stand_in::is_left_out(inner)
        || (stand_in::is_shouted(inner)
            && ["ID", "NAME", "EMAIL", "HERE", "VALUE"].iter().any(|end| inner.ends_with(end)));
    if is_text && found.is_empty() && asks {
        found.push(placeholder(1..1 + inner.len(), inner));
    }
    found
}

/// Whether the argument after `before` is the form of a date.
fn is_form(before: &str) -> bool {
    // A form stands close behind the name of its function.
    let mut near = before.len().saturating_sub(120);
    while !before.is_char_boundary(near) {
        near += 1;
    }
    let before = &before[near..];
    let Some(open) = before.rfind('(') else { return false };
    let name = before[..open].trim_end();
    // The parenthesis of an inner call, such as `now()`, is closed again.
    let is_inner = before[open..].contains(')');
    let outer = if is_inner { before[..open].rfind('(').map_or("", |at| &before[..at]) } else { "" };
    let takes = |name: &str| TAKE_FORMS.iter().any(|known| name.to_lowercase().ends_with(known));
    if is_inner { takes(outer) } else { takes(name) }
}
