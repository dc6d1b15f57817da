//! Text to tokens, by the rules of one dialect.

use super::SqlDialect;
use crate::source::Span;

/// What a token is. Every byte that is not white space lies in one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword or an unquoted name.
    Word,
    /// A quoted name.
    QuotedName,
    /// `'…'`; where `escapes` is set, a backslash escapes.
    Text { escapes: bool },
    /// `$tag$…$tag$`.
    DollarText,
    /// A number, or what begins like one.
    Number,
    /// A comment.
    Comment,
    /// MySQL's `/*!`: a comment whose content runs.
    CodeInComment,
    /// psql's `\…` or the `.…` of SQLite's shell, up to the line's end.
    ClientCommand,
    /// `;`
    Semicolon,
    /// Any other character.
    Symbol,
}

/// A piece of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

impl Token {
    pub(super) fn text<'a>(&self, code: &'a str) -> &'a str {
        &code[self.span.start..self.span.end]
    }
}

/// All tokens of a text.
#[derive(Debug)]
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    /// The last token is a quote or a comment that nothing closes.
    pub(super) unclosed: bool,
}

/// Cuts `code` into tokens.
pub(super) fn lex(code: &str, dialect: SqlDialect) -> Lexed {
    let mut lexer = Lexer { code, dialect, at: 0, tokens: Vec::new(), unclosed: false, statement_open: false };
    while lexer.at < code.len() {
        lexer.step();
    }
    Lexed { tokens: lexer.tokens, unclosed: lexer.unclosed }
}

struct Lexer<'a> {
    code: &'a str,
    dialect: SqlDialect,
    at: usize,
    tokens: Vec<Token>,
    unclosed: bool,
    /// A token of the current statement has been seen, so that a `.` at the
    /// start of a line is no command for SQLite's shell.
    statement_open: bool,
}

/// Whether `c` can begin an unquoted name.
pub(super) fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

/// Whether `c` can continue an unquoted name.
pub(super) fn continues_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit() || c == '$'
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.code[self.at..]
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return };
        let postgres = matches!(self.dialect, SqlDialect::Postgres | SqlDialect::Unknown);
        let mysql = self.dialect == SqlDialect::Mysql;
        let sqlite = self.dialect == SqlDialect::Sqlite;
        match first {
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '-' if self.begins_line_comment() => self.line_of(TokenKind::Comment),
            '#' if mysql => self.line_of(TokenKind::Comment),
            '/' if mysql && (rest.starts_with("/*!") || rest.starts_with("/*M!")) => {
                self.take(2, TokenKind::CodeInComment);
            }
            '/' if rest.starts_with("/*") => self.block_comment(postgres),
            '\'' => self.quoted('\'', 1, TokenKind::Text { escapes: mysql }),
            '"' if mysql => self.quoted('"', 1, TokenKind::Text { escapes: true }),
            '"' => self.quoted('"', 1, TokenKind::QuotedName),
            '`' if !postgres => self.quoted('`', 1, TokenKind::QuotedName),
            '[' if sqlite => self.quoted(']', 1, TokenKind::QuotedName),
            'e' | 'E' if postgres && rest[1..].starts_with('\'') => {
                self.quoted('\'', 2, TokenKind::Text { escapes: true });
            }
            '$' if postgres && self.dollar_tag().is_some() => self.dollar_text(),
            '\\' if postgres => self.line_of(TokenKind::ClientCommand),
            '.' if sqlite && !self.statement_open && self.at_line_start() => self.line_of(TokenKind::ClientCommand),
            ';' => self.take(1, TokenKind::Semicolon),
            c if c.is_ascii_digit() => self.take_while(TokenKind::Number, |c| continues_name(c) || c == '.'),
            c if starts_name(c) => self.take_while(TokenKind::Word, continues_name),
            c => self.take(c.len_utf8(), TokenKind::Symbol),
        }
    }

    fn take(&mut self, length: usize, kind: TokenKind) {
        let span = Span::new(self.at, self.at + length);
        match kind {
            TokenKind::Comment => {}
            TokenKind::Semicolon | TokenKind::ClientCommand => self.statement_open = false,
            _ => self.statement_open = true,
        }
        self.tokens.push(Token { kind, span });
        self.at = span.end;
    }

    fn take_while(&mut self, kind: TokenKind, belongs: impl Fn(char) -> bool) {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.take(length, kind);
    }

    /// Takes everything up to the end of the line.
    fn line_of(&mut self, kind: TokenKind) {
        // Postgres ends a comment at a lone carriage return too; MySQL and
        // SQLite do not.
        let postgres = matches!(self.dialect, SqlDialect::Postgres | SqlDialect::Unknown);
        self.take_while(kind, |c| c != '\n' && !(postgres && c == '\r'));
    }

    /// MySQL takes `--` for a comment only before white space.
    fn begins_line_comment(&self) -> bool {
        self.rest().strip_prefix("--").is_some_and(|after| {
            self.dialect != SqlDialect::Mysql
                || after.chars().next().is_none_or(|c| c.is_whitespace() || c.is_ascii_control())
        })
    }

    fn at_line_start(&self) -> bool {
        self.code[..self.at].rsplit('\n').next().is_some_and(str::is_empty)
    }

    fn block_comment(&mut self, nests: bool) {
        let bytes = self.rest().as_bytes();
        let mut depth = 1;
        let mut at = 2;
        while depth > 0 {
            match bytes.get(at..at + 2) {
                Some(b"*/") => {
                    depth -= 1;
                    at += 2;
                }
                Some(b"/*") if nests => {
                    depth += 1;
                    at += 2;
                }
                Some(_) => at += 1,
                None => {
                    self.unclosed = true;
                    at = bytes.len();
                    break;
                }
            }
        }
        self.take(at, TokenKind::Comment);
    }

    /// Takes a quote that `opening` bytes open and `close` closes; a doubled
    /// `close` stands for itself, except for SQLite's `[…]`.
    fn quoted(&mut self, close: char, opening: usize, kind: TokenKind) {
        let escapes = matches!(kind, TokenKind::Text { escapes: true });
        let doubles = close != ']';
        let rest = self.rest();
        let mut chars = rest[opening..].char_indices().peekable();
        let mut length = None;
        while let Some((at, c)) = chars.next() {
            if c == '\\' && escapes {
                chars.next();
            } else if c == close {
                if doubles && chars.next_if(|(_, next)| *next == close).is_some() {
                    continue;
                }
                length = Some(opening + at + c.len_utf8());
                break;
            }
        }
        self.unclosed |= length.is_none();
        let length = length.unwrap_or(rest.len());
        self.take(length, kind);
    }

    /// The `$tag$` here, if it is one. A `$` inside a name never gets here.
    fn dollar_tag(&self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest[1..].find('$')? + 1;
        let tag = &rest[1..end];
        let is_tag = tag.is_empty()
            || (tag.starts_with(starts_name) && tag.chars().all(|c| starts_name(c) || c.is_ascii_digit()));
        is_tag.then(|| &rest[..=end])
    }

    fn dollar_text(&mut self) {
        let Some(tag) = self.dollar_tag() else { return };
        let rest = self.rest();
        let length = rest[tag.len()..].find(tag).map(|at| at + 2 * tag.len());
        let (length, closed) = (length.unwrap_or(rest.len()), length.is_some());
        self.unclosed |= !closed;
        self.take(length, TokenKind::DollarText);
    }
}
