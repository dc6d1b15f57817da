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
    /// psql's `\…`, the `.…` of SQLite's shell, a line for MySQL's client, up to
    /// the line's end.
    ClientCommand,
    /// What ends a statement: `;`, psql's `\;`, or what MySQL's client was told
    /// to take in its place.
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
    let mut lexer =
        Lexer { code, dialect, at: 0, tokens: Vec::new(), unclosed: false, statement_open: false, delimiter: ";" };
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
    /// What ends a statement.
    delimiter: &'a str,
}

/// Commands of MySQL's client that are words, taken for such where a statement
/// could begin and no `;` ends their line.
const MYSQL_COMMANDS: &[&str] = &[
    "charset",
    "clear",
    "connect",
    "edit",
    "ego",
    "exit",
    "help",
    "nopager",
    "notee",
    "nowarning",
    "pager",
    "print",
    "prompt",
    "quit",
    "rehash",
    "source",
    "status",
    "system",
    "tee",
    "warnings",
];

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
            ' ' | '\n' => self.at += 1,
            c if c.is_whitespace() => self.at += c.len_utf8(),
            _ if mysql && rest.starts_with(self.delimiter) => self.take(self.delimiter.len(), TokenKind::Semicolon),
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
            'e' | 'E' if postgres && rest[1..].starts_with('\'') => self.escaped_text(),
            '$' if postgres && self.dollar_tag().is_some() => self.dollar_text(),
            '\\' if postgres && rest.starts_with("\\;") => self.take(2, TokenKind::Semicolon),
            '\\' if mysql && rest.starts_with("\\N") => self.take(2, TokenKind::Word),
            '\\' if mysql && (rest.starts_with("\\g") || rest.starts_with("\\G")) => {
                self.take(2, TokenKind::ClientCommand);
            }
            '\\' => self.line_of(TokenKind::ClientCommand),
            '.' if sqlite && !self.statement_open && self.at_line_start() => self.line_of(TokenKind::ClientCommand),
            ';' if !mysql => self.take(1, TokenKind::Semicolon),
            c if mysql && c.is_ascii_alphabetic() && self.is_line_for_mysqls_client() => {
                self.line_of(TokenKind::ClientCommand);
            }
            // To Postgres, `1$$` is a number and the beginning of a text.
            c if postgres && c.is_ascii_digit() => {
                self.take_while(TokenKind::Number, |c| (continues_name(c) && c != '$') || c == '.');
            }
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
        // MySQL's client ends a statement in the middle of a word: `END$$`.
        let is_cut = self.delimiter != ";" && matches!(kind, TokenKind::Word | TokenKind::Number);
        let cut = if is_cut { rest[..length].find(self.delimiter) } else { None };
        self.take(cut.unwrap_or(length), kind);
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

    /// Whether this line is for MySQL's client. Takes the delimiter that it
    /// names, if it names one.
    fn is_line_for_mysqls_client(&mut self) -> bool {
        if self.statement_open {
            return false;
        }
        let code = self.code;
        let line = code[self.at..].lines().next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        let begins_line = code[..self.at].rsplit('\n').next().is_some_and(|before| before.trim().is_empty());
        if !begins_line {
            return false;
        }
        if first.eq_ignore_ascii_case("DELIMITER")
            && let Some(delimiter) = words.next()
        {
            self.delimiter = delimiter;
            return true;
        }
        let is_ended = line.contains(self.delimiter) || line.contains("\\g") || line.contains("\\G");
        !is_ended && MYSQL_COMMANDS.iter().any(|command| command.eq_ignore_ascii_case(first))
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

    /// Takes a quote that `opening` bytes open and `close` closes.
    fn quoted(&mut self, close: char, opening: usize, kind: TokenKind) {
        let escapes = matches!(kind, TokenKind::Text { escapes: true });
        let rest = self.rest();
        let length = quoted_length(rest, opening, close, escapes);
        self.unclosed |= length.is_none();
        self.take(length.unwrap_or(rest.len()), kind);
    }

    /// Takes Postgres' `E'…'`. A quote on the next line goes on with it, and its
    /// backslashes escape as well.
    fn escaped_text(&mut self) {
        let rest = self.rest();
        let mut length = quoted_length(rest, 2, '\'', true);
        while let Some(end) = length
            && let Some(between) = continuation(&rest[end..])
        {
            let more = quoted_length(&rest[end + between..], 1, '\'', true);
            length = more.map(|more| end + between + more);
        }
        self.unclosed |= length.is_none();
        self.take(length.unwrap_or(rest.len()), TokenKind::Text { escapes: true });
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

/// How long the quote is that `opening` bytes of `rest` open and `close`
/// closes; `None` where nothing closes it. A doubled `close` stands for itself,
/// except for SQLite's `[…]`.
fn quoted_length(rest: &str, opening: usize, close: char, escapes: bool) -> Option<usize> {
    let doubles = close != ']';
    let mut chars = rest[opening..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && escapes {
            chars.next();
        } else if c == close && !(doubles && chars.next_if(|(_, next)| *next == close).is_some()) {
            return Some(opening + at + c.len_utf8());
        }
    }
    None
}

/// How far it is from the end of a text in quotes to the quote that goes on
/// with it: white space with a line's end in it, and after that comments too.
fn continuation(rest: &str) -> Option<usize> {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    let line_end = |text: &str| text.find(['\n', '\r']);
    let mut at = line_end(rest).filter(|at| rest[..*at].chars().all(is_space))?;
    loop {
        at = rest.len() - rest[at..].trim_start_matches(is_space).len();
        if rest[at..].starts_with("--") {
            at += line_end(&rest[at..])?;
        } else {
            return rest[at..].starts_with('\'').then_some(at);
        }
    }
}
