//! Tokens to statements.

use super::classify::{Verdict, classify};
use super::client;
use super::lexer::{self, Lexed, Token, TokenKind};
use super::refusal::{Refusal, refusal};
use super::routine::Routine;
use super::{SqlDialect, Statement, StatementKind};
use crate::runbook::Effect;
use crate::source::Span;

/// The statements of `code`, in order. Empty statements and comments alone
/// give none.
#[must_use]
pub fn split(code: &str, dialect: SqlDialect) -> Vec<Statement> {
    let split_as = |dialect, in_batches| split_tokens(code, &lexer::lex(code, dialect), dialect, in_batches);
    if dialect != SqlDialect::Unknown {
        return split_as(dialect, false);
    }
    let mut statements = split_as(SqlDialect::Postgres, true);
    for other in [SqlDialect::Sqlite, SqlDialect::Mysql] {
        let theirs = split_as(other, true);
        let agree = theirs.len() == statements.len()
            && theirs.iter().zip(&statements).all(|(their, ours)| their.span == ours.span);
        for (at, statement) in statements.iter_mut().enumerate() {
            let worst = if agree { theirs[at].effect } else { Effect::Unknown };
            if worst > statement.effect {
                statement.effect = worst;
                let reasons = if agree {
                    theirs[at].reasons.clone()
                } else {
                    vec!["databases read this block differently".to_owned()]
                };
                // What is worst is said first.
                let milder = std::mem::replace(&mut statement.reasons, reasons);
                statement.reasons.extend(milder);
                statement.table = statement.table.take().or_else(|| theirs.get(at).and_then(|s| s.table.clone()));
            }
        }
    }
    statements
}

/// The statements of `code`, which `lexed` was made of by the rules of `dialect`.
/// `in_batches` where the text may be meant for SQL Server, whose statements
/// need no `;` before the line that ends their batch.
pub(super) fn split_tokens(code: &str, lexed: &Lexed, dialect: SqlDialect, in_batches: bool) -> Vec<Statement> {
    let mut splitter = Splitter { code, dialect, statements: Vec::new(), open: Open::default(), comment: None };
    let mut skip_to = 0;
    for token in &lexed.tokens {
        if token.span.start < skip_to {
            continue;
        }
        if let Some(end) = batch_end(code, *token).filter(|_| in_batches) {
            splitter.close(false);
            skip_to = end;
            continue;
        }
        match token.kind {
            TokenKind::Comment => splitter.comment(token.span),
            TokenKind::Semicolon if splitter.open.is_complete(dialect) => {
                if splitter.close(false) == Some(StatementKind::CopyStdin) {
                    skip_to = copy_data_end(code, token.span.end);
                }
            }
            TokenKind::ClientCommand => splitter.client_command(*token),
            _ => splitter.push(*token),
        }
    }
    splitter.close(lexed.unclosed);
    refuse_what_follows_the_end(code, &mut splitter.statements);
    splitter.statements
}

/// A client that is told to end sends nothing of what follows.
fn refuse_what_follows_the_end(code: &str, statements: &mut [Statement]) {
    let ends = |statement: &Statement| {
        statement.kind == StatementKind::LeftOut && client::ends_client(&code[statement.span.start..statement.span.end])
    };
    let Some(end) = statements.iter().position(ends) else { return };
    let sends_more = |statement: &Statement| statement.kind != StatementKind::LeftOut;
    if statements[end + 1..].iter().any(sends_more) {
        statements[end].refusal = Some(Refusal::of_the_end(statements[end].span));
    }
}

/// Where the line ends that begins with this token, if it is a `GO`, or a `GO`
/// with a count, by which SQL Server's clients end a batch.
pub(super) fn batch_end(code: &str, token: Token) -> Option<usize> {
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
    routine: Routine,
}

impl Open {
    /// Whether a `;` here ends the statement.
    fn is_complete(&self, dialect: SqlDialect) -> bool {
        let in_parens = match dialect {
            SqlDialect::Postgres | SqlDialect::Unknown => self.parens > 0,
            // Theirs end a statement all the same, and the server refuses it.
            SqlDialect::Sqlite | SqlDialect::Mysql => false,
        };
        !in_parens && self.routine.is_complete(dialect)
    }

    fn push(&mut self, token: Token, code: &str, dialect: SqlDialect) {
        let text = token.text(code);
        match text {
            "(" if token.kind == TokenKind::Symbol => self.parens += 1,
            ")" if token.kind == TokenKind::Symbol => self.parens = self.parens.saturating_sub(1),
            _ => {}
        }
        self.routine.token(text, token.kind == TokenKind::Word, self.parens, dialect);
        self.tokens.push(token);
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
        self.open.push(token, self.code, self.dialect);
    }

    /// A client's command stands alone, or ends the statement before it as
    /// psql's `\g` does.
    fn client_command(&mut self, token: Token) {
        let text = token.text(self.code);
        // The lexer has taken note of it.
        if self.dialect == SqlDialect::Mysql && text.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("DELIMITER"))
        {
            self.comment = None;
            return;
        }
        if client::ends_statement(text) {
            self.close(false);
        }
        let token = Token { span: Span::new(token.span.start, token.span.start + text.trim_end().len()), ..token };
        self.push(token);
        self.close(false);
    }

    /// Ends the open statement, if one is open, and says what it was.
    fn close(&mut self, unclosed: bool) -> Option<StatementKind> {
        let open = std::mem::take(&mut self.open);
        let comment = self.comment.take();
        let (first, last) = (open.tokens.first()?, open.tokens.last()?);
        let span = Span::new(first.span.start, last.span.end);
        let mut verdict = classify(self.code, &open.tokens, self.dialect);
        let is_inner = |token: &Token| token.kind == TokenKind::Semicolon || token.text(self.code) == ";";
        let has_inner_semicolon = !open.routine.is_one && open.tokens.iter().any(is_inner);
        if unclosed {
            verdict.at_least(Effect::Unknown, "a quote or a comment is not closed");
        } else if open.parens > 0 || has_inner_semicolon {
            verdict.at_least(Effect::Unknown, "a parenthesis is not closed");
        } else if !open.routine.is_complete(self.dialect) {
            verdict.at_least(Effect::Unknown, "a BEGIN has no END");
        }
        let Verdict { effect, kind, reasons, table } = verdict;
        let refusal = refusal(self.code, &open.tokens, kind, self.dialect);
        self.statements.push(Statement { span, comment, effect, kind, reasons, table, refusal });
        Some(kind)
    }
}
