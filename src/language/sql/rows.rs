//! Which rows an UPDATE or DELETE is about, in the statement's own words, so
//! that they can be read before and after it.

use super::SqlDialect;
use super::classify::{Word, query, words};
use super::lexer::{self, Token, TokenKind};
use crate::runbook::Effect;
use std::collections::BTreeSet;

/// What is done to the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowVerb {
    /// They get other values.
    Update,
    /// They go.
    Delete,
}

/// The rows of one table that a plain UPDATE or DELETE changes. Texts are the
/// statement's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRows {
    /// What is done to them.
    pub verb: RowVerb,
    /// The table: `ops.job_queue`.
    pub table: String,
    /// The table as a FROM would name it: `ONLY ops.job_queue AS q`.
    pub target: String,
    /// What its columns are qualified with: `q`; the last part of its name
    /// where it has no alias.
    pub name: String,
    /// What else the condition looks at: a FROM or USING list.
    pub others: Option<String>,
    /// The condition; `None` for every row.
    pub condition: Option<String>,
    /// The columns that are set, without quotes.
    pub columns: Vec<String>,
}

/// Functions that give another value each time: a condition with one of them
/// picks other rows each time.
const CHANGING: &[&str] = &[
    "random",
    "rand",
    "randomblob",
    "clock_timestamp",
    "timeofday",
    "gen_random_uuid",
    "uuid",
    "pg_sleep",
    "sysdate",
    "changes",
    "total_changes",
    "last_insert_rowid",
    "last_insert_id",
    "row_count",
    "found_rows",
];

/// Words that end a name without an alias.
const NO_ALIAS: &[&str] = &[
    "SET",
    "WHERE",
    "FROM",
    "USING",
    "RETURNING",
    "ORDER",
    "LIMIT",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "CROSS",
    "NATURAL",
    "STRAIGHT_JOIN",
    "INDEXED",
    "NOT",
    "PARTITION",
    "FOR",
    "TABLESAMPLE",
    "USE",
    "FORCE",
    "IGNORE",
];

/// The rows that `statement` changes; an error says why they cannot be read
/// beforehand. `None` for what is no UPDATE or DELETE of its own.
#[must_use]
pub fn changed_rows(statement: &str, dialect: SqlDialect) -> Option<Result<ChangedRows, &'static str>> {
    let lexed = lexer::lex(statement, dialect);
    let tokens: Vec<Token> = lexed.tokens.into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let words = words(statement, &tokens);
    let verb = match words.first()? {
        first if first.is("UPDATE") => RowVerb::Update,
        first if first.is("DELETE") => RowVerb::Delete,
        _ => return None,
    };
    if lexed.unclosed || statement.contains('\\') {
        // How a server reads a backslash is a setting of the session.
        return Some(Err("a backslash stands in it"));
    }
    Some(Reader { statement, tokens: &tokens, words: &words, at: 1 }.read(verb, dialect))
}

struct Reader<'a> {
    statement: &'a str,
    tokens: &'a [Token],
    words: &'a [Word<'a>],
    at: usize,
}

const NOT_PLAIN: &str = "it is not of one plain table";

impl<'a> Reader<'a> {
    fn read(mut self, verb: RowVerb, dialect: SqlDialect) -> Result<ChangedRows, &'static str> {
        if verb == RowVerb::Delete && !self.take("FROM") {
            return Err(NOT_PLAIN);
        }
        let start = self.at;
        self.take("ONLY");
        let table = self.name().ok_or(NOT_PLAIN)?;
        let last_part = self.slice(self.at - 1, self.at);
        let alias = self.alias()?;
        let target = self.slice(start, self.at);
        let columns = if verb == RowVerb::Update { self.set_columns()? } else { Vec::new() };
        let others = if self.take(if verb == RowVerb::Update { "FROM" } else { "USING" }) {
            let start = self.at;
            self.at = self.next_of(&["WHERE", "RETURNING", "ORDER", "LIMIT"]);
            Some((start, self.at))
        } else {
            None
        };
        let condition = if self.take("WHERE") {
            let start = self.at;
            self.at = self.next_of(&["RETURNING", "ORDER", "LIMIT"]);
            Some((start, self.at))
        } else {
            None
        };
        match self.words.get(self.at) {
            None => {}
            Some(word) if word.is("RETURNING") => {}
            Some(_) => return Err("it picks its rows by more than a condition"),
        }
        for (from, to) in others.iter().chain(&condition) {
            self.look(&self.words[*from..*to], dialect)?;
        }
        let text = |range: Option<(usize, usize)>| range.map(|(from, to)| self.slice(from, to));
        let (others, condition) = (text(others), text(condition));
        let name = alias.unwrap_or(last_part);
        Ok(ChangedRows { verb, table, target, name, others, condition, columns })
    }

    fn take(&mut self, keyword: &str) -> bool {
        let is_here = self.words.get(self.at).is_some_and(|word| word.is(keyword));
        self.at += usize::from(is_here);
        is_here
    }

    /// A name with what qualifies it.
    fn name(&mut self) -> Option<String> {
        let start = self.at;
        self.words.get(self.at).filter(|word| word.is_name() && !word.is_any(NO_ALIAS))?;
        self.at += 1;
        while self.words.get(self.at).is_some_and(|word| word.text == ".") {
            self.words.get(self.at + 1).filter(|word| word.is_name())?;
            self.at += 2;
        }
        Some(self.slice(start, self.at))
    }

    fn alias(&mut self) -> Result<Option<String>, &'static str> {
        let said = self.take("AS");
        let next = self.words.get(self.at);
        let is_alias = next.is_some_and(|word| word.is_name() && !word.is_any(NO_ALIAS));
        if said && !is_alias {
            return Err(NOT_PLAIN);
        }
        Ok(is_alias.then(|| {
            self.at += 1;
            self.slice(self.at - 1, self.at)
        }))
    }

    /// The columns that are set; ends behind the last assignment.
    fn set_columns(&mut self) -> Result<Vec<String>, &'static str> {
        if !self.take("SET") {
            return Err(NOT_PLAIN);
        }
        let start = self.at;
        self.at = self.next_of(&["FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"]);
        let assignments = self.words[start..self.at].split(|word| word.depth == 0 && word.text == ",");
        let mut columns = Vec::new();
        for assignment in assignments {
            let equals = assignment.iter().position(|word| word.depth == 0 && word.text == "=").ok_or(NOT_PLAIN)?;
            // Of `q.status`, `payload['a']`, `(a, b)` any name may be a column.
            let names = assignment[..equals].iter().filter(|word| word.is_name());
            columns.extend(names.map(|word| unquoted(word.text)));
        }
        Ok(columns)
    }

    /// Where the next of these words stands outside of parentheses, but for the
    /// FROM of `IS DISTINCT FROM`.
    fn next_of(&self, keywords: &[&str]) -> usize {
        let found = (self.at..self.words.len()).find(|at| {
            let word = &self.words[*at];
            let distinct = word.is("FROM") && self.words[at - 1].is("DISTINCT");
            word.depth == 0 && word.is_any(keywords) && !distinct
        });
        found.unwrap_or(self.words.len())
    }

    /// Whether reading by these words would only read, and read the same rows.
    fn look(&self, words: &[Word<'_>], dialect: SqlDialect) -> Result<(), &'static str> {
        if words.is_empty() || words.first().is_some_and(|word| word.is("CURRENT")) {
            return Err("it picks its rows by more than a condition");
        }
        if query(words, dialect).effect != Effect::Read {
            return Err("its condition calls what may change something itself");
        }
        let called = |pair: &[Word<'_>]| pair[1].text == "(" && CHANGING.iter().any(|name| pair[0].is(name));
        if words.windows(2).any(called) {
            return Err("its condition picks other rows each time");
        }
        Ok(())
    }

    fn slice(&self, from: usize, to: usize) -> String {
        match (self.tokens.get(from), to.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if from < to => self.statement[first.span.start..last.span.end].to_owned(),
            _ => String::new(),
        }
    }
}

/// A name without its quotes.
#[must_use]
pub fn unquoted(name: &str) -> String {
    for (open, close) in [('"', '"'), ('`', '`'), ('[', ']')] {
        if let Some(inner) = name.strip_prefix(open).and_then(|name| name.strip_suffix(close)) {
            return inner.replace(&format!("{close}{close}"), &close.to_string());
        }
    }
    name.to_owned()
}

/// The parts of a name that dots divide, without their quotes.
#[must_use]
pub fn name_parts(name: &str, dialect: SqlDialect) -> Vec<String> {
    let tokens = lexer::lex(name, dialect).tokens;
    let names = tokens.iter().filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Symbol));
    names.map(|token| unquoted(token.text(name))).collect()
}

/// Every name in `text` that may be that of a table, with its schema where one
/// stands before it, without quotes.
#[must_use]
pub fn names_in(text: &str, dialect: SqlDialect) -> BTreeSet<(Option<String>, String)> {
    const KEYWORDS: &[&str] =
        &["SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "IS", "NULL", "ON", "AS", "JOIN", "EXISTS"];
    let tokens: Vec<Token> = lexer::lex(text, dialect).tokens;
    let words = words(text, &tokens);
    let mut names = BTreeSet::new();
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let is_name = |word: &Word<'_>| word.is_name() || word.quoted;
        let second = rest.get(2).filter(|second| rest[1].text == "." && is_name(second));
        rest = match second {
            _ if !is_name(first) || (first.is_any(KEYWORDS) && second.is_none()) => &rest[1..],
            Some(second) => {
                names.insert((Some(unquoted(first.text)), unquoted(second.text)));
                &rest[3..]
            }
            None => {
                names.insert((None, unquoted(first.text)));
                &rest[1..]
            }
        };
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(statement: &str) -> Result<ChangedRows, &'static str> {
        changed_rows(statement, SqlDialect::Postgres).expect("it changes rows")
    }

    #[test]
    fn the_rows_are_named_in_the_statements_own_words() {
        let found = rows(
            "UPDATE ONLY ops.\"Jobs\" AS j /* now */ SET status = 'a, b', (x, \"Y\") = (SELECT 1, 2), n = n IS DISTINCT FROM 2\n\
             WHERE j.id IN (SELECT id FROM stuck) AND status = 'WHERE' RETURNING id",
        )
        .expect("it is plain");
        assert_eq!((found.verb, found.table.as_str()), (RowVerb::Update, "ops.\"Jobs\""));
        assert_eq!((found.target.as_str(), found.name.as_str()), ("ONLY ops.\"Jobs\" AS j", "j"));
        assert_eq!(found.columns, ["status", "x", "Y", "n"]);
        assert_eq!(found.condition.as_deref(), Some("j.id IN (SELECT id FROM stuck) AND status = 'WHERE'"));
        assert_eq!(found.others, None);
    }

    #[test]
    fn a_statement_without_a_condition_means_every_row() {
        let found = rows("DELETE FROM jobs").expect("it is plain");
        assert_eq!((found.verb, found.condition, found.name), (RowVerb::Delete, None, "jobs".to_owned()));
        let found = rows("UPDATE jobs j SET a = 1").expect("it is plain");
        assert_eq!((found.name.as_str(), found.target.as_str()), ("j", "jobs j"));
    }

    #[test]
    fn what_else_the_condition_looks_at_is_kept_apart() {
        let found = rows("UPDATE a SET b = c.b FROM c, d AS e WHERE a.id = c.id").expect("it is plain");
        assert_eq!(found.others.as_deref(), Some("c, d AS e"));
        let found = rows("DELETE FROM a USING b WHERE a.id = b.id").expect("it is plain");
        assert_eq!((found.others.as_deref(), found.condition.as_deref()), (Some("b"), Some("a.id = b.id")));
    }

    #[test]
    fn what_would_do_something_or_pick_others_when_read_is_not_read() {
        for statement in [
            "DELETE FROM jobs WHERE release(id)",
            "DELETE FROM jobs WHERE id = nextval('s')",
            "DELETE FROM jobs WHERE random() < 0.5",
            "DELETE FROM jobs WHERE created < clock_timestamp()",
            "DELETE FROM jobs WHERE id IN (SELECT id FROM j FOR UPDATE SKIP LOCKED)",
            "DELETE FROM jobs WHERE CURRENT OF c",
            "DELETE FROM jobs WHERE a = E'\\'' OR b",
            "UPDATE jobs * SET a = 1",
            "UPDATE a, b SET a.x = 1 WHERE a.id = b.id",
            "UPDATE a JOIN b USING (id) SET a.x = 1",
            "UPDATE OR REPLACE jobs SET a = 1",
            "DELETE a FROM a JOIN b",
            "DELETE FROM jobs WHERE a = 1 ORDER BY id LIMIT 1",
            "UPDATE jobs",
            "DELETE FROM jobs WHERE 'a",
        ] {
            assert!(rows(statement).is_err(), "{statement}");
        }
        for statement in ["SELECT 1", "INSERT INTO a VALUES (1)", "WITH x AS (SELECT 1) DELETE FROM a", "TRUNCATE a"] {
            assert_eq!(changed_rows(statement, SqlDialect::Postgres), None, "{statement}");
        }
    }

    #[test]
    fn whatever_may_name_a_table_is_found() {
        let text = "j.id IN (SELECT `a b` FROM ops . `v` /* no */, \"w\" AS x JOIN y) AND s = 'z' OR i > 2";
        let found = names_in(text, SqlDialect::Mysql);
        let found: Vec<String> = found
            .into_iter()
            .map(|(schema, name)| schema.map_or(name.clone(), |schema| format!("{schema}.{name}")))
            .collect();
        assert_eq!(found, ["a b", "i", "s", "w", "x", "y", "j.id", "ops.v"]);
    }

    #[test]
    fn names_lose_their_quotes() {
        assert_eq!(name_parts("ops.\"Job \"\"Q\"\"\"", SqlDialect::Postgres), ["ops", "Job \"Q\""]);
        assert_eq!(name_parts("`a`.`b`", SqlDialect::Mysql), ["a", "b"]);
    }
}
