//! SQL: its statements and what each one does.
//!
//! A small lexer for each dialect, and a classification by the statement's own
//! words. What it does not know is taken for a write.

mod classify;
mod condition;
mod context;
mod function;
mod lexer;
mod plausible;
mod split;
#[cfg(test)]
mod tests;
mod verb;

use crate::runbook::Effect;
use crate::source::Span;

pub use context::{contexts, sql_context};
pub(super) use plausible::{SqlReading, reading};
pub use split::split;

use super::placeholder::{self, Placeholder};
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
    let taken = found.clone();
    let is_free = |span: Span| is_text(span.start) && !taken.iter().any(|other| other.span.contains(span));
    found.extend(placeholder::words(code).filter(|word| is_free(word.span)));
    for pair in lexed.tokens.windows(2) {
        let [before, name] = pair else { continue };
        let names_table = before.kind == TokenKind::Word && context::introduces_name(before.text(code));
        if names_table && placeholder::is_sample_name(name.text(code)) && is_free(name.span) {
            found.push(Placeholder::new(name.text(code), name.text(code), name.span));
        }
    }
    placeholder::in_order(found)
}
