//! What is never sent to a server, and what to do instead.

use super::classify::words;
use super::client::{self, Told};
use super::lexer::{Token, TokenKind};
use super::transaction::outlives_its_session;
use super::{SqlDialect, StatementKind};
use crate::source::Span;

/// Why a statement is never sent to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it is about.
    pub span: Span,
    /// Why, in words that follow what stands there: `is for psql alone`.
    pub why: String,
    /// What to do instead.
    pub mend: String,
}

impl Refusal {
    /// That of the command that ends the client, with statements behind it.
    pub(super) fn of_the_end(span: Span) -> Self {
        let why = "ends the client, which sends nothing of what follows".to_owned();
        Self { span, why, mend: "take it out, or what follows it".to_owned() }
    }

    fn new(span: Span, why: impl Into<String>, mend: impl Into<String>) -> Option<Self> {
        Some(Self { span, why: why.into(), mend: mend.into() })
    }
}

/// Words of MySQL's client that begin no statement of any server, and that it
/// takes for its own with a `;` behind them too.
const MYSQL_CLIENT: &[&str] = &["source", "tee", "system", "connect", "edit"];

/// Names of parameters that the engine itself gives a value.
const OWN_PARAMETERS: &str = ":RUNBOOK_";

/// Why the statement that `tokens` make is never sent, if it is not.
pub(super) fn refusal(code: &str, tokens: &[Token], kind: StatementKind, dialect: SqlDialect) -> Option<Refusal> {
    let first = tokens.first()?;
    let last = tokens.last()?;
    let whole = Span::new(first.span.start, last.span.end);
    if first.kind == TokenKind::ClientCommand {
        let whose = owner(first.text(code), dialect);
        return match client::told(first.text(code)) {
            Told::LeftOut => None,
            Told::Looks { mend } => Refusal::new(whole, format!("is for {whose} alone"), mend),
            Told::Refused { what: "", mend } => Refusal::new(whole, format!("is for {whose} alone"), mend),
            Told::Refused { what, mend } => Refusal::new(whole, format!("is for {whose} alone: it {what}"), mend),
        };
    }
    if MYSQL_CLIENT.iter().any(|command| command.eq_ignore_ascii_case(first.text(code)))
        && let Told::Refused { what, mend } = client::told(&code[whole.start..whole.end].to_lowercase())
    {
        return Refusal::new(whole, format!("is for MySQL's client alone: it {what}"), mend);
    }
    if let Some(command) = tokens.iter().find(|token| token.kind == TokenKind::ClientCommand) {
        let whose = owner(command.text(code), dialect);
        let why = format!("is for {whose} alone, and stands in the middle of a statement");
        return Refusal::new(command.span, why, "take it out, or end the statement before it with `;`");
    }
    if let Some(separator) = tokens.iter().find(|token| token.text(code) == "\\;") {
        return Refusal::new(separator.span, "is for psql alone, and stands in parentheses", "write `;`");
    }
    if first.text(code) == "." && dialect != SqlDialect::Sqlite {
        let line = code[whole.start..].lines().next().unwrap_or_default().trim_end();
        let span = Span::new(whole.start, whole.start + line.len());
        return Refusal::new(span, "is for SQLite's shell alone", "take it out, or name a connection to SQLite");
    }
    if kind == StatementKind::CopyStdin {
        let mend = "write INSERT statements, or run \\copy with psql in a shell block";
        return Refusal::new(whole, "takes its rows from psql", mend);
    }
    if outlives_its_session(&words(code, tokens), dialect) {
        let client = if dialect == SqlDialect::Mysql { "mariadb" } else { "psql" };
        let why = "leaves a transaction in the server that this run could neither show nor end";
        let mend = format!("end the transaction by COMMIT, or run the block with {client} in a shell block");
        return Refusal::new(whole, why, mend);
    }
    if first.text(code).eq_ignore_ascii_case("LISTEN") && matches!(dialect, SqlDialect::Postgres | SqlDialect::Unknown)
    {
        let why = "waits for notifications, which nobody would see here";
        return Refusal::new(whole, why, "take it out, or listen with psql in a shell block");
    }
    if changes_quoting(code, tokens) {
        let why = "changes how quotes are read, and so where statements end";
        return Refusal::new(whole, why, "take it out, and write what follows for the server's defaults");
    }
    unbound(code, tokens, dialect)
}

/// Whose command it is.
fn owner(command: &str, dialect: SqlDialect) -> &'static str {
    match (command.chars().next(), dialect) {
        (Some('.'), _) => "SQLite's shell",
        (Some('\\'), SqlDialect::Postgres | SqlDialect::Unknown | SqlDialect::Sqlite) => "psql",
        _ => "MySQL's client",
    }
}

/// What nothing gives a value: a variable of psql, a parameter of SQLite, which
/// would take it for NULL.
fn unbound(code: &str, tokens: &[Token], dialect: SqlDialect) -> Option<Refusal> {
    let is_own = |span: Span| code[span.start..].starts_with(OWN_PARAMETERS);
    let mend = |name: &str| {
        let name = name.trim_matches(['\'', '"']);
        format!("declare it under `variables:` and write {{{{ {name} }}}}, or write the value itself")
    };
    if dialect == SqlDialect::Sqlite
        && let Some(parameter) = parameters(tokens, code).find(|span| !is_own(*span))
    {
        let name = code[parameter.start + 1..parameter.end].trim();
        let name = if name.is_empty() { "its_name" } else { name };
        return Refusal::new(parameter, "is a parameter that nothing gives a value, and would be NULL", mend(name));
    }
    let (colon, name) = client::variable(tokens, code)?;
    let span = Span::new(colon.span.start, name.span.end);
    if is_own(span) || dialect == SqlDialect::Mysql {
        return None;
    }
    Refusal::new(span, "is a variable of psql, which nothing sets here", mend(name.text(code)))
}

/// Parameters of SQLite: `?`, `?1`, `:name`, `@name`, `$name`.
fn parameters<'t>(tokens: &'t [Token], code: &'t str) -> impl Iterator<Item = Span> + 't {
    tokens.iter().enumerate().filter_map(|(at, token)| {
        let text = token.text(code);
        let next = tokens.get(at + 1).filter(|next| next.span.start == token.span.end);
        let named = next.filter(|next| matches!(next.kind, TokenKind::Word | TokenKind::Number));
        match (text, named) {
            ("?", named) => Some(Span::new(token.span.start, named.map_or(token.span.end, |named| named.span.end))),
            (":" | "@" | "$", Some(named)) => Some(Span::new(token.span.start, named.span.end)),
            _ => None,
        }
    })
}

/// Whether the statement changes the rules that it is split by, and that values
/// are put into texts by.
fn changes_quoting(code: &str, tokens: &[Token]) -> bool {
    let first = tokens.first().map_or("", |token| token.text(code));
    let sets = first.eq_ignore_ascii_case("SET");
    let calls = || tokens.iter().any(|token| token.text(code).eq_ignore_ascii_case("set_config"));
    if !(sets || first.eq_ignore_ascii_case("SELECT") && calls()) {
        return false;
    }
    let text = |token: &Token| token.text(code).to_ascii_lowercase();
    let on = ["on", "'on'", "true", "'true'", "1", "yes", "default"];
    let mut rest = tokens.iter();
    let names = rest.any(|token| text(token).trim_matches('\'') == "standard_conforming_strings");
    let to_off = names && !rest.any(|token| on.contains(&text(token).as_str()));
    let modes = tokens.iter().any(|token| {
        let text = text(token);
        token.kind != TokenKind::Comment && (text.contains("ansi_quotes") || text.contains("no_backslash_escapes"))
    });
    to_off || (sets && modes)
}
