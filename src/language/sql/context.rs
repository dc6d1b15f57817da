//! What surrounds a place in SQL text.

use super::lexer::{self, TokenKind};
use super::{SqlDialect, split};
use crate::source::{Context, Limit, Place};

/// Words after which the name of something in the database stands.
const BEFORE_NAMES: &[&str] = &[
    "FROM",
    "JOIN",
    "INTO",
    "UPDATE",
    "TABLE",
    "INDEX",
    "VIEW",
    "DATABASE",
    "SCHEMA",
    "SEQUENCE",
    "FUNCTION",
    "PROCEDURE",
    "TRIGGER",
    "TYPE",
    "ROLE",
    "USER",
    "EXTENSION",
    "TRUNCATE",
    "ONLY",
    "COLUMN",
    "CONSTRAINT",
    "EXISTS",
    "AS",
    "VACUUM",
    "ANALYZE",
    "REINDEX",
    "PRAGMA",
    "SAVEPOINT",
    "CHANNEL",
    "LISTEN",
    "NOTIFY",
    "CLUSTER",
    "LOCK",
    "SET",
    "RESET",
    "SHOW",
    "CALL",
    "EXECUTE",
    "DEALLOCATE",
    "COLLATE",
];

/// Whether `word` is followed by the name of something in the database.
pub(super) fn introduces_name(word: &str) -> bool {
    BEFORE_NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// What surrounds the byte at each of `at` of `text`, in which a value put there
/// would be read, and what keeps a parameter from standing there.
#[must_use]
pub fn places_at(text: &str, at: &[usize], dialect: SqlDialect) -> Vec<Place> {
    let lexed = lexer::lex(text, dialect);
    let statements = split(text, dialect);
    let place = |at: &usize| {
        let next = statements.partition_point(|statement| statement.span.end < *at);
        let statement = statements.get(next).filter(|statement| statement.span.start <= *at);
        let command = statement.map(|statement| first_word(&text[statement.span.start..statement.span.end]));
        let limit = command.filter(|command| !TAKE_PARAMETERS.contains(&command.as_str())).map(Limit::ConstantsOnly);
        Place { context: of_value(text, &lexed, *at), limit }
    };
    at.iter().map(place).collect()
}

/// Statements in which a parameter, or a function, can stand for a constant.
const TAKE_PARAMETERS: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "VALUES", "WITH"];

fn first_word(statement: &str) -> String {
    let rest = statement.trim_start_matches(|c: char| !c.is_alphabetic());
    rest.chars().take_while(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

fn of_value(text: &str, lexed: &lexer::Lexed, at: usize) -> Context {
    let next = lexed.tokens.partition_point(|token| token.span.end <= at);
    let before = lexed.tokens[..next].iter().rev().find(|token| token.kind != TokenKind::Comment);
    if let Some(token) = lexed.tokens.get(next).filter(|token| token.span.start < at) {
        // Of the quotes around names, only `"` is the same everywhere. In MySQL
        // it stands around text, or a name where the session is set so.
        let takes_quotes = matches!(token.kind, TokenKind::QuotedName | TokenKind::Text { .. });
        let is_quoted = takes_quotes && token.text(text).starts_with('"');
        return if is_quoted { Context::DoubleQuoted } else { inside(token.kind) };
    }
    let in_name = before.is_some_and(|token| match token.kind {
        TokenKind::Word => introduces_name(token.text(text)),
        TokenKind::Symbol => token.text(text) == ".",
        _ => false,
    });
    // A line comment or a client command reaches to the line's end, so what is
    // added there belongs to it; so does what follows an unclosed quote.
    if let Some(last) = lexed.tokens[..next].last().filter(|last| last.span.end == at) {
        match last.kind {
            TokenKind::Comment if !last.text(text).starts_with("/*") => return Context::Comment,
            TokenKind::ClientCommand => return Context::ClientCommand,
            _ if lexed.unclosed && next == lexed.tokens.len() => return Context::Comment,
            _ => {}
        }
    }
    if in_name { Context::Identifier } else { Context::Bare }
}

/// What surrounds a byte in the middle of such a token.
fn inside(kind: TokenKind) -> Context {
    match kind {
        TokenKind::Text { escapes: false } => Context::SingleQuoted,
        TokenKind::Text { escapes: true } => Context::EscapeQuoted,
        TokenKind::DollarText => Context::DollarQuoted,
        TokenKind::Comment | TokenKind::CodeInComment => Context::Comment,
        TokenKind::ClientCommand => Context::ClientCommand,
        TokenKind::Word | TokenKind::QuotedName | TokenKind::Number => Context::Identifier,
        TokenKind::Semicolon | TokenKind::Symbol => Context::Bare,
    }
}

/// What each byte of `text` belongs to, and one more for its end. Quoted names
/// count as text in quotes.
#[must_use]
pub fn contexts(text: &str, dialect: SqlDialect) -> Vec<Context> {
    let mut contexts = vec![Context::Bare; text.len() + 1];
    for token in lexer::lex(text, dialect).tokens {
        let quoted = token.kind == TokenKind::QuotedName;
        let context = if quoted { Context::DoubleQuoted } else { inside(token.kind) };
        contexts[token.span.start..token.span.end].fill(context);
    }
    contexts
}
