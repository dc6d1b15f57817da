//! Tokens to statements.

use super::classify::{Verdict, classify};
use super::lexer::{self, Token, TokenKind};
use super::{SqlDialect, Statement, StatementKind};
use crate::runbook::Effect;
use crate::source::Span;

/// The statements of `code`, in order. Empty statements and comments alone
/// give none.
#[must_use]
pub fn split(code: &str, dialect: SqlDialect) -> Vec<Statement> {
    if dialect != SqlDialect::Unknown {
        return split_as(code, dialect);
    }
    let mut statements = split_as(code, SqlDialect::Postgres);
    for other in [SqlDialect::Sqlite, SqlDialect::Mysql] {
        let theirs = split_as(code, other);
        let agree = theirs.len() == statements.len()
            && theirs.iter().zip(&statements).all(|(their, ours)| their.span == ours.span);
        for (at, statement) in statements.iter_mut().enumerate() {
            let worst = if agree { theirs[at].effect } else { Effect::Unknown };
            if worst > statement.effect {
                statement.effect = worst;
                statement.reasons.extend(if agree {
                    theirs[at].reasons.clone()
                } else {
                    vec!["databases read this block differently".to_owned()]
                });
                statement.table = statement.table.take().or_else(|| theirs.get(at).and_then(|s| s.table.clone()));
            }
        }
    }
    statements
}

fn split_as(code: &str, dialect: SqlDialect) -> Vec<Statement> {
    let lexed = lexer::lex(code, dialect);
    let mut splitter = Splitter { code, dialect, statements: Vec::new(), open: Open::default(), comment: None };
    let mut skip_to = 0;
    for token in &lexed.tokens {
        if token.span.start < skip_to {
            continue;
        }
        match token.kind {
            TokenKind::Comment => splitter.comment(token.span),
            TokenKind::Semicolon if splitter.open.is_complete() => {
                if splitter.close(false) == Some(StatementKind::CopyStdin) {
                    skip_to = copy_data_end(code, token.span.end);
                }
            }
            TokenKind::ClientCommand => splitter.client_command(*token),
            _ => {
                splitter.push(*token);
                if splitter.changes_delimiter() {
                    skip_to = code.len();
                }
            }
        }
    }
    splitter.close(lexed.unclosed);
    splitter.statements
}

/// Where the rows after `COPY … FROM STDIN;` end: after a line `\.`. Without
/// such a line no rows stand here.
fn copy_data_end(code: &str, from: usize) -> usize {
    let mut at = from;
    for line in code[from..].split_inclusive('\n') {
        at += line.len();
        if line.trim_end() == "\\." {
            return at;
        }
    }
    from
}

/// The statement whose tokens are being collected.
#[derive(Default)]
struct Open {
    tokens: Vec<Token>,
    parens: usize,
    /// How many `BEGIN … END` and `CASE … END` of a routine's body are open.
    bodies: usize,
    makes_routine: bool,
}

impl Open {
    /// Whether a `;` here ends the statement.
    fn is_complete(&self) -> bool {
        self.parens == 0 && self.bodies == 0
    }

    fn push(&mut self, token: Token, code: &str) {
        let text = token.text(code);
        match token.kind {
            TokenKind::Symbol if text == "(" => self.parens += 1,
            TokenKind::Symbol if text == ")" => self.parens = self.parens.saturating_sub(1),
            TokenKind::Word => self.word(text, code),
            _ => {}
        }
        self.tokens.push(token);
    }

    fn word(&mut self, word: &str, code: &str) {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if self.makes_routine {
            if is("BEGIN") || (is("CASE") && self.bodies > 0) {
                self.bodies += 1;
            } else if is("END") {
                self.bodies = self.bodies.saturating_sub(1);
            }
        } else if is("TRIGGER") || is("FUNCTION") || is("PROCEDURE") || is("EVENT") {
            let mut words = self.tokens.iter().map(|token| token.text(code));
            self.makes_routine = words.next().is_some_and(|first| first.eq_ignore_ascii_case("CREATE"))
                && words.all(|word| {
                    ["OR", "REPLACE", "TEMP", "TEMPORARY", "CONSTRAINT"].iter().any(|m| m.eq_ignore_ascii_case(word))
                });
        }
    }
}

struct Splitter<'a> {
    code: &'a str,
    dialect: SqlDialect,
    statements: Vec<Statement>,
    open: Open,
    comment: Option<Span>,
}

impl Splitter<'_> {
    fn comment(&mut self, span: Span) {
        if self.open.tokens.is_empty() {
            self.comment = Some(Span::new(self.comment.map_or(span.start, |first| first.start), span.end));
        }
    }

    fn push(&mut self, token: Token) {
        self.open.push(token, self.code);
    }

    /// MySQL's client takes another delimiter from here on, which this lexer
    /// does not follow: all the rest is one statement that is not known.
    fn changes_delimiter(&mut self) -> bool {
        let [only] = self.open.tokens.as_slice() else { return false };
        if self.dialect != SqlDialect::Mysql || !only.text(self.code).eq_ignore_ascii_case("DELIMITER") {
            return false;
        }
        let rest = self.code[only.span.start..].trim_end();
        self.open.tokens[0].span.end = only.span.start + rest.len();
        true
    }

    /// A client's command stands alone, or ends the statement before it as
    /// psql's `\g` does.
    fn client_command(&mut self, token: Token) {
        let text = token.text(self.code);
        let token = Token { span: Span::new(token.span.start, token.span.start + text.trim_end().len()), ..token };
        self.open.push(token, self.code);
        self.close(false);
    }

    /// Ends the open statement, if one is open, and says what it was.
    fn close(&mut self, unclosed: bool) -> Option<StatementKind> {
        let open = std::mem::take(&mut self.open);
        let comment = self.comment.take();
        let (first, last) = (open.tokens.first()?, open.tokens.last()?);
        let span = Span::new(first.span.start, last.span.end);
        let mut verdict = classify(self.code, &open.tokens, self.dialect);
        let has_inner_semicolon = !open.makes_routine && open.tokens.iter().any(|t| t.kind == TokenKind::Semicolon);
        if unclosed {
            verdict.at_least(Effect::Unknown, "a quote or a comment is not closed");
        } else if open.parens > 0 || has_inner_semicolon {
            verdict.at_least(Effect::Unknown, "a parenthesis is not closed");
        } else if open.bodies > 0 {
            verdict.at_least(Effect::Unknown, "a BEGIN has no END");
        }
        let Verdict { effect, kind, reasons, table } = verdict;
        self.statements.push(Statement { span, comment, effect, kind, reasons, table });
        Some(kind)
    }
}
