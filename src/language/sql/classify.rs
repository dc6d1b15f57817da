//! What a statement does, by its own words.

use super::client::{self, Told};
use super::condition::{Selection, selection};
use super::function::{effect_of_call, is_not_a_call};
use super::lexer::{Token, TokenKind};
use super::{SqlDialect, StatementKind, verb};
use crate::runbook::Effect;
use std::cell::LazyCell;

/// A token as the classification sees it: its text, and how deep in
/// parentheses it stands (a parenthesis itself stands outside its own pair).
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) kind: TokenKind,
    pub(super) depth: usize,
    pub(super) quoted: bool,
}

impl Word<'_> {
    /// Whether it is this keyword.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// Whether it can name something: a word or a quoted name.
    pub(super) fn is_name(&self) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::QuotedName)
    }

    /// Whether both are the same, names compared as the server would at most.
    pub(super) fn same_as(&self, other: &Word<'_>) -> bool {
        self.text.eq_ignore_ascii_case(other.text)
    }
}

/// How many reasons are kept of one statement.
const MOST_REASONS: usize = 40;

/// What is known of a statement.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) effect: Effect,
    pub(super) kind: StatementKind,
    pub(super) reasons: Vec<String>,
    pub(super) table: Option<String>,
}

impl Verdict {
    pub(super) fn new(kind: StatementKind, effect: Effect, reason: impl Into<String>) -> Self {
        Self { effect, kind, reasons: vec![reason.into()], table: None }
    }

    /// A statement that only looks.
    pub(super) fn read(kind: StatementKind) -> Self {
        Self { effect: Effect::Read, kind, reasons: Vec::new(), table: None }
    }

    /// Raises the effect where it is milder, and says why.
    pub(super) fn at_least(&mut self, effect: Effect, reason: impl Into<String>) {
        let reason = reason.into();
        // Nobody reads more; what is worst is always said.
        let is_enough = self.reasons.len() >= MOST_REASONS && self.effect >= effect;
        if !is_enough && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        self.effect = self.effect.max(effect);
    }

    pub(super) fn with_table(mut self, table: Option<String>) -> Self {
        self.table = table;
        self
    }
}

/// Classifies the statement that `tokens` make.
pub(super) fn classify(code: &str, tokens: &[Token], dialect: SqlDialect) -> Verdict {
    let words = words(code, tokens);
    let start = words.iter().position(|word| word.text != "(").unwrap_or(words.len());
    let mut verdict = match words.get(start) {
        Some(first) if first.kind == TokenKind::ClientCommand => client_command(first.text),
        Some(_) => verb::classify(code, &words[start..], dialect),
        None => Verdict::new(StatementKind::Unknown, Effect::Unknown, "it has no words"),
    };
    if words.iter().any(|word| word.kind == TokenKind::CodeInComment) {
        verdict.at_least(Effect::Unknown, "MySQL runs what stands in `/*!`");
    }
    if words[1.min(words.len())..].iter().any(|word| word.kind == TokenKind::ClientCommand) {
        verdict.at_least(Effect::Unknown, "a command of the database's client stands in it");
    }
    // MySQL commits the open transaction before and after any change of schema,
    // of which it takes TRUNCATE for one, and around its table locks.
    let is_temporary = words.get(start..).is_some_and(|words| words.iter().take(4).any(|word| word.is("TEMPORARY")));
    let commits = (verdict.kind == StatementKind::Schema && !is_temporary)
        || words.get(start).is_some_and(|first| first.is_any(&["TRUNCATE", "LOCK", "UNLOCK"]));
    if dialect == SqlDialect::Mysql && commits {
        verdict.kind = StatementKind::OutsideTransaction;
    }
    verdict
}

/// The words of a text that `tokens` are, comments left out.
pub(super) fn words<'a>(code: &'a str, tokens: &[Token]) -> Vec<Word<'a>> {
    let mut depth: usize = 0;
    let tokens = tokens.iter().filter(|token| token.kind != TokenKind::Comment);
    tokens
        .map(|token| {
            let text = token.text(code);
            if text == ")" {
                depth = depth.saturating_sub(1);
            }
            // MySQL takes `"now"` for a name under ANSI_QUOTES.
            let quoted = token.kind == TokenKind::QuotedName || text.starts_with('"');
            let word = Word { text, kind: token.kind, depth, quoted };
            if text == "(" {
                depth += 1;
            }
            word
        })
        .collect()
}

fn client_command(text: &str) -> Verdict {
    let name = text.split_whitespace().next().unwrap_or(text);
    match client::told(text) {
        Told::LeftOut => Verdict::read(StatementKind::LeftOut),
        Told::Looks { .. } => Verdict::read(StatementKind::ClientCommand),
        Told::Refused { what: "", .. } => {
            let reason = format!("`{name}` is a command of the database's client, not known here");
            Verdict::new(StatementKind::ClientCommand, Effect::Unknown, reason)
        }
        Told::Refused { what, .. } => {
            Verdict::new(StatementKind::ClientCommand, Effect::Unknown, format!("`{name}` {what}"))
        }
    }
}

/// What a statement that gives rows does besides: changes in WITH, locks,
/// `INTO`, and the functions it calls.
pub(super) fn query(words: &[Word<'_>], dialect: SqlDialect) -> Verdict {
    let mut verdict = Verdict::read(StatementKind::Query);
    changes_inside(words, &mut verdict);
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| words[before]);
        let after_dot = before.is_some_and(|before| before.text == ".");
        if word.is("INTO") && !after_dot && !before.is_some_and(|b| b.is_any(&["INSERT", "MERGE", "REPLACE"])) {
            verdict.at_least(Effect::Write, "SELECT … INTO writes its rows somewhere");
        }
        let locks = word.is("FOR")
            && words.get(at + 1).is_some_and(|next| next.is_any(&["UPDATE", "SHARE", "NO", "KEY"]))
            || word.is("LOCK");
        if locks && !after_dot {
            verdict.at_least(Effect::Write, "locks the rows it reads");
        }
        if word.is("NEXT") && words.get(at + 1).is_some_and(|next| next.is("VALUE")) && !after_dot {
            verdict.at_least(Effect::Write, "advances a sequence");
        }
        if word.text == ":" && words.get(at + 1).is_some_and(|next| next.text == "=") {
            verdict.at_least(Effect::Write, "sets a variable of the session");
        }
    }
    calls(words, &mut verdict, Effect::Unknown, dialect);
    verdict
}

/// Looks at every INSERT, UPDATE, DELETE and MERGE among `words`, in WITH too,
/// and raises `verdict` by what they do.
pub(super) fn changes_inside(words: &[Word<'_>], verdict: &mut Verdict) {
    for (at, word) in words.iter().enumerate() {
        if !word.is_any(&["INSERT", "UPDATE", "DELETE", "MERGE"]) {
            continue;
        }
        // `FOR UPDATE` locks, `DO UPDATE` and `THEN DELETE` belong to the
        // statement around them, and `a.update` is a column.
        let belongs_to_another = at.checked_sub(1).is_some_and(|before| {
            words[before].text == "." || words[before].is_any(&["FOR", "NO", "KEY", "DO", "ON", "THEN"])
        });
        if belongs_to_another {
            continue;
        }
        let table = verb::table_after(words, at + 1);
        let named = table.as_deref().unwrap_or("a table");
        let verb = word.text.to_ascii_uppercase();
        verdict.table = verdict.table.take().or_else(|| table.clone());
        match (verb.as_str(), selection(&words[at..])) {
            ("UPDATE" | "DELETE", Selection::NoWhere) => {
                verdict.table = table.clone();
                verdict.at_least(Effect::Destructive, format!("{verb} of every row of {named}: it has no WHERE"));
            }
            ("UPDATE" | "DELETE", Selection::Vacuous) => {
                verdict.table = table.clone();
                verdict.at_least(
                    Effect::Destructive,
                    format!("{verb} of every row of {named}: its WHERE is the same for all rows"),
                );
            }
            ("UPDATE", Selection::Some) => verdict.at_least(Effect::Write, format!("changes rows of {named}")),
            ("DELETE", Selection::Some) => verdict.at_least(Effect::Write, format!("deletes rows of {named}")),
            ("INSERT", _) => verdict.at_least(Effect::Write, format!("adds rows to {named}")),
            _ => verdict.at_least(Effect::Write, format!("changes rows of {named}")),
        }
    }
}

/// Raises `verdict` by what the called functions do. A function that is not
/// known counts as `unknown`.
pub(super) fn calls(words: &[Word<'_>], verdict: &mut Verdict, unknown: Effect, dialect: SqlDialect) {
    let closings = LazyCell::new(|| closings(words));
    for (at, word) in words.iter().enumerate() {
        if !(word.is_name() || word.quoted) || words.get(at + 1).is_none_or(|next| next.text != "(") {
            continue;
        }
        let before = at.checked_sub(1).map(|before| words[before]);
        let after_dot = before.is_some_and(|before| before.text == ".");
        let is_keyword =
            !word.quoted && !after_dot && is_not_a_call(word.text, before.map_or("", |before| before.text));
        if is_keyword || (!after_dot && names_columns(words, at, &|open| closings[open])) {
            continue;
        }
        let in_catalog = after_dot && at.checked_sub(2).is_some_and(|at| words[at].is("pg_catalog"));
        let foreign = word.quoted || (after_dot && !in_catalog);
        match effect_of_call(word.text.trim_matches('"'), dialect) {
            Some((Effect::Unknown, reason)) => verdict.at_least(unknown, reason),
            Some((effect, reason)) => verdict.at_least(effect, reason),
            None if foreign => {
                verdict.at_least(unknown, format!("`{}()` may be the database's own function", word.text));
            }
            None => {}
        }
    }
}

/// Whether `name(…)` at `at` gives names to columns instead of calling:
/// `WITH name(a, b) AS (`, `AS name(a, b)`, `INSERT INTO name (a, b)`. `closing`
/// says where a parenthesis is closed.
fn names_columns(words: &[Word<'_>], at: usize, closing: &dyn Fn(usize) -> Option<usize>) -> bool {
    let before = at.checked_sub(1).map(|before| words[before]);
    if before.is_some_and(|before| before.is_any(&["AS", "INTO"])) {
        return true;
    }
    // Only these can stand before it: no call need be searched for its end.
    if !before.is_some_and(|before| before.text == "," || before.is_any(&["WITH", "RECURSIVE"])) {
        return false;
    }
    let close = closing(at + 1);
    let defined = close.and_then(|close| words.get(close + 1)).is_some_and(|next| next.is("AS"));
    let opens = close.and_then(|close| words.get(close + 2));
    let opens = opens.is_some_and(|next| next.text == "(" || next.is_any(&["NOT", "MATERIALIZED"]));
    defined && opens
}

/// For each `(` among `words` where it is closed, if it is.
fn closings(words: &[Word<'_>]) -> Vec<Option<usize>> {
    let mut closings = vec![None; words.len()];
    let mut open = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.text {
            "(" => open.push(at),
            ")" => {
                if let Some(start) = open.pop() {
                    closings[start] = Some(at);
                }
            }
            _ => {}
        }
    }
    closings
}
