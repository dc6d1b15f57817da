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
        return split_as(code, dialect, false);
    }
    let mut statements = split_as(code, SqlDialect::Postgres, true);
    for other in [SqlDialect::Sqlite, SqlDialect::Mysql] {
        let theirs = split_as(code, other, true);
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

/// `in_batches` where the text may be meant for SQL Server, whose statements
/// need no `;` before the line that ends their batch.
fn split_as(code: &str, dialect: SqlDialect, in_batches: bool) -> Vec<Statement> {
    let lexed = lexer::lex(code, dialect);
    let mut splitter =
        Splitter { code, dialect, statements: Vec::new(), open: Open::default(), comment: None, delimiter: ";" };
    let mut skip_to = 0;
    for token in &lexed.tokens {
        if token.span.start < skip_to {
            continue;
        }
        if let Some(end) = batch_end(code, *token).filter(|_| in_batches).or_else(|| splitter.delimiter_end(*token)) {
            splitter.close(false);
            skip_to = end;
            continue;
        }
        match token.kind {
            TokenKind::Comment => splitter.comment(token.span),
            TokenKind::Semicolon if splitter.delimiter == ";" && splitter.open.is_complete() => {
                if splitter.close(false) == Some(StatementKind::CopyStdin) {
                    skip_to = copy_data_end(code, token.span.end);
                }
            }
            TokenKind::ClientCommand => splitter.client_command(*token),
            _ => {
                splitter.push(*token);
                skip_to = splitter.changes_delimiter().unwrap_or(skip_to);
            }
        }
    }
    splitter.close(lexed.unclosed);
    splitter.statements
}

/// Where the line ends that begins with this token, if it is a `GO`, or a `GO`
/// with a count, by which SQL Server's clients end a batch.
fn batch_end(code: &str, token: Token) -> Option<usize> {
    if token.kind != TokenKind::Word || !token.text(code).eq_ignore_ascii_case("GO") {
        return None;
    }
    let before = code[..token.span.start].trim_end_matches([' ', '\t']);
    if !before.is_empty() && !before.ends_with('\n') {
        return None;
    }
    let line = code[token.span.end..].lines().next().unwrap_or_default();
    line.trim().bytes().all(|byte| byte.is_ascii_digit()).then_some(token.span.end + line.len())
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
    /// What ends a statement.
    delimiter: &'a str,
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

    /// The end of the delimiter that MySQL's client was told to take, if it
    /// stands here.
    fn delimiter_end(&self, token: Token) -> Option<usize> {
        let is_here = self.delimiter != ";" && self.code[token.span.start..].starts_with(self.delimiter);
        is_here.then(|| token.span.start + self.delimiter.len())
    }

    /// MySQL's client takes another delimiter from here on: it is no
    /// statement, and its line ends where this says.
    fn changes_delimiter(&mut self) -> Option<usize> {
        let [only] = self.open.tokens.as_slice() else { return None };
        if self.dialect != SqlDialect::Mysql || !only.text(self.code).eq_ignore_ascii_case("DELIMITER") {
            return None;
        }
        let line = self.code[only.span.end..].lines().next().unwrap_or_default();
        let end = only.span.end + line.len();
        self.delimiter = line.split_whitespace().next()?;
        self.open = Open::default();
        self.comment = None;
        Some(end)
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
