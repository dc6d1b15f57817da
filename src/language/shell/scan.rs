//! A lexer that tells, for every byte of a shell text, what it stands in.
//!
//! It keeps going on any text, well-formed or not, so that what the grammar
//! gives up on can still be looked at.

mod heredoc;
mod prefix;
mod signs;

use crate::language::Context;
use crate::language::shell::table;
use heredoc::Heredoc;
use prefix::Prefix;
use signs::{ends_plain_word, means_something, means_something_in_quotes};

/// What surrounds the byte at each of `at` of `text`: a value put there would be
/// read in that context.
pub(super) fn contexts_at(text: &str, at: &[usize]) -> Vec<Context> {
    let contexts = contexts(text);
    at.iter().map(|at| of_value(text, &contexts, *at)).collect()
}

fn of_value(text: &str, contexts: &[Context], at: usize) -> Context {
    let at = at.min(text.len());
    // `"…"` as the name of a command names it all the same.
    let quoted = matches!(contexts[at], Context::SingleQuoted | Context::DoubleQuoted | Context::EscapeQuoted);
    let opened = at.checked_sub(1).filter(|before| quoted && matches!(text.as_bytes()[*before], b'"' | b'\''));
    match opened {
        Some(before) if contexts[before] == Context::Command => Context::Command,
        _ => contexts[at],
    }
}

/// The context of each byte of `text`, and one more for its end.
#[must_use]
pub fn contexts(text: &str) -> Vec<Context> {
    let mut scan = Scan {
        text,
        at: 0,
        found: Vec::with_capacity(text.len() + 1),
        frames: vec![Frame::Code(Code::new(Closer::End))],
        heredocs: Vec::new(),
        backticks: 0,
    };
    while scan.at < text.len() {
        scan.step();
    }
    let end = scan.context_here();
    scan.found.resize(text.len() + 1, end);
    scan.found
}

/// What ends a piece of code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    End,
    Paren,
    Backtick,
}

/// Where in a simple command the scan is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Where the name of a command may stand.
    Name,
    /// Behind a command that runs another, whose name is yet to come.
    Prefix(Prefix),
    /// Behind it.
    Arguments(Arguments),
}

/// How a command takes its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arguments {
    Plain,
    /// As names of variables, which it sets: `export`, `read`.
    Names,
    /// As arithmetic: `let`.
    Arithmetic,
    /// As code to run: `eval`.
    Code,
}

#[derive(Clone, Copy)]
struct Code {
    closer: Closer,
    position: Position,
    in_word: bool,
    /// What a plain character of the current word stands in.
    word: Context,
    /// How many `case` are open, in which a `)` ends a pattern.
    cases: usize,
    /// The elements of an array, which are no commands.
    array: bool,
}

impl Code {
    fn new(closer: Closer) -> Self {
        Self { closer, position: Position::Name, in_word: false, word: Context::Bare, cases: 0, array: false }
    }

    fn end_word(&mut self) {
        if self.in_word && self.word == Context::Command {
            self.position = Position::Arguments(Arguments::Plain);
        }
        self.in_word = false;
        self.word = Context::Bare;
    }

    fn end_command(&mut self) {
        self.end_word();
        self.position = if self.array { Position::Arguments(Arguments::Plain) } else { Position::Name };
    }
}

#[derive(Clone, Copy)]
enum Frame {
    Code(Code),
    DoubleQuote,
    Expansion,
    /// Arithmetic, with the closing character and how many it still takes.
    Arithmetic(u8, usize),
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    found: Vec<Context>,
    frames: Vec<Frame>,
    heredocs: Vec<Heredoc>,
    /// How many `` ` `` are open.
    backticks: usize,
}

/// Words after which the name of a command may stand.
const BEFORE_COMMAND: &str = "if then else elif do while until ! { } time coproc fi done esac";
const SETTING: &str = "export local declare typeset readonly unset read mapfile readarray getopts";

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// Takes `count` bytes as standing in `context`.
    fn take(&mut self, count: usize, context: Context) {
        let context = if self.backticks > 0 { Context::Backticks } else { context };
        let count = count.min(self.text.len() - self.at);
        self.found.extend(std::iter::repeat_n(context, count));
        self.at += count;
    }

    fn context_here(&self) -> Context {
        match self.frames.last() {
            _ if self.backticks > 0 => Context::Backticks,
            Some(Frame::Code(code)) if code.in_word => code.word,
            Some(Frame::Code(code)) => match code.position {
                Position::Name => Context::Command,
                Position::Prefix(prefix) => prefix.after("x").map_or(Context::Command, |_| Context::Bare),
                Position::Arguments(arguments) => arguments.context(),
            },
            Some(Frame::DoubleQuote) => Context::DoubleQuoted,
            Some(Frame::Expansion) => Context::Expansion,
            Some(Frame::Arithmetic(..)) => Context::Arithmetic,
            None => Context::Bare,
        }
    }

    fn step(&mut self) {
        match self.frames.last().copied() {
            Some(Frame::Code(code)) => self.code(code),
            Some(Frame::DoubleQuote) => self.double_quoted(),
            Some(Frame::Expansion) => self.expansion(),
            Some(Frame::Arithmetic(close, open)) => self.arithmetic(close, open),
            None => self.frames.push(Frame::Code(Code::new(Closer::End))),
        }
    }

    fn set(&mut self, code: Code) {
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::Code(code);
        }
    }

    fn code(&mut self, mut code: Code) {
        let rest = self.rest();
        match rest[0] {
            b'\n' => {
                code.end_command();
                self.set(code);
                self.take(1, Context::Bare);
                self.heredoc_bodies();
            }
            b' ' | b'\t' | b'\r' => {
                code.end_word();
                self.set(code);
                let context = self.context_here();
                self.take(1, if context == Context::Command { Context::Bare } else { context });
            }
            b'#' if !code.in_word => {
                let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                self.take(length, Context::Comment);
                // What is added at the end of the text would be comment too.
                if self.at == self.text.len() {
                    self.found.push(Context::Comment);
                }
            }
            b'(' if rest.starts_with(b"((") && !code.in_word && code.position == Position::Name => {
                self.take(2, Context::Bare);
                self.frames.push(Frame::Arithmetic(b')', 2));
            }
            b'(' => {
                let mut inner = Code::new(Closer::Paren);
                inner.array = code.in_word && self.text[..self.at].ends_with('=');
                if !inner.array {
                    code.end_command();
                    self.set(code);
                }
                inner.end_command();
                self.open(1, Frame::Code(inner));
            }
            b')' => {
                self.take(1, Context::Bare);
                if code.closer == Closer::Paren && code.cases == 0 {
                    self.frames.pop();
                } else {
                    code.end_command();
                    self.set(code);
                }
            }
            b';' | b'&' | b'|' => {
                code.end_command();
                self.set(code);
                self.take(1, Context::Bare);
            }
            b'<' | b'>' if rest.get(1) == Some(&b'(') => self.open(2, Frame::Code(Code::new(Closer::Paren))),
            b'<' if rest.starts_with(b"<<<") => self.take(3, Context::Bare),
            b'<' if rest.starts_with(b"<<") => {
                code.end_word();
                self.set(code);
                self.heredoc_start();
            }
            b'<' | b'>' => {
                // A number before it belongs to it; the word after is a file.
                let position = code.position;
                code.end_word();
                code.position = position;
                self.set(code);
                let length = rest.iter().take_while(|byte| matches!(byte, b'<' | b'>' | b'&' | b'|')).count();
                self.take(length, Context::Bare);
                self.redirect_target();
            }
            b'`' if code.closer == Closer::Backtick => {
                self.take(1, Context::Bare);
                self.frames.pop();
                self.backticks -= 1;
            }
            _ => self.word(code),
        }
    }

    /// Takes the blanks before the file of a redirection, and marks the word
    /// so that it is not taken for a command.
    fn redirect_target(&mut self) {
        let blanks = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.take(blanks, Context::Bare);
        if let Some(Frame::Code(code)) = self.frames.last_mut() {
            code.in_word = true;
            code.word = Context::Bare;
        }
    }

    fn word(&mut self, mut code: Code) {
        if !code.in_word {
            code.in_word = true;
            if let Position::Prefix(prefix) = code.position {
                let rest = &self.text[self.at..];
                let end = rest.find(|c: char| c.is_whitespace() || ";&|()<>`".contains(c)).unwrap_or(rest.len());
                code.position = prefix.after(&rest[..end]).map_or(Position::Name, Position::Prefix);
            }
            code.word = match code.position {
                Position::Prefix(_) => Context::Bare,
                Position::Arguments(arguments) => arguments.context(),
                Position::Name => Context::Command,
            };
            self.set(code);
            if self.word_start(&mut code) {
                self.set(code);
                return;
            }
            self.set(code);
        }
        let rest = self.rest();
        match rest[0] {
            b'\\' => {
                let length = self.text[self.at + 1..].chars().next().map_or(0, char::len_utf8);
                self.take(1 + length, code.word);
            }
            b'\'' => {
                self.take(1, code.word);
                let length = self.rest().iter().position(|byte| *byte == b'\'');
                self.take(length.unwrap_or(usize::MAX), Context::SingleQuoted);
                self.take_closer(length.is_some(), Context::SingleQuoted);
            }
            _ => self.quote_or_plain(code.word),
        }
    }

    /// Takes the closing `'` of a quote, whose place still belongs to it.
    fn take_closer(&mut self, closed: bool, context: Context) {
        if closed {
            self.take(1, context);
        } else {
            self.found.push(context);
        }
    }

    /// Keywords and assignments at the start of a word. Says whether it took
    /// something.
    fn word_start(&mut self, code: &mut Code) -> bool {
        let rest = &self.text[self.at..];
        let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let is_name = name > 0 && !rest.as_bytes()[0].is_ascii_digit();
        let names = code.position == Position::Arguments(Arguments::Names);
        if is_name && (code.position == Position::Name || names) {
            let after = &rest[name..];
            let subscript = if after.starts_with('[') { after.find(']').map_or(0, |end| end + 1) } else { 0 };
            let assigns = after[subscript..].starts_with('=') || after[subscript..].starts_with("+=");
            if assigns {
                self.take(name, Context::Identifier);
                self.take(subscript, Context::Arithmetic);
                let sign = if after[subscript..].starts_with('+') { 2 } else { 1 };
                self.take(sign, Context::Bare);
                code.word = Context::Bare;
                return true;
            }
        }
        if names && rest[..name] == *"in" {
            code.position = Position::Arguments(Arguments::Plain);
        }
        if code.position != Position::Name {
            return false;
        }
        let word = rest.find(ends_plain_word).unwrap_or(rest.len());
        let plain = &rest[..word];
        let ends = rest[word..].chars().next().is_none_or(|c| !"`\"'$\\".contains(c));
        if !ends || word == 0 {
            return false;
        }
        let is_in = |list: &str| table::is_in(list, plain);
        let arguments = match plain {
            "let" => Arguments::Arithmetic,
            "eval" | "trap" | "alias" => Arguments::Code,
            "for" | "select" => Arguments::Names,
            _ if is_in(SETTING) => Arguments::Names,
            _ => Arguments::Plain,
        };
        match plain {
            "case" => code.cases += 1,
            "esac" => code.cases = code.cases.saturating_sub(1),
            _ => {}
        }
        self.take(word, Context::Command);
        code.in_word = false;
        code.word = Context::Bare;
        let descriptor = rest[word..].starts_with(['<', '>']) && plain.bytes().all(|byte| byte.is_ascii_digit());
        if !is_in(BEFORE_COMMAND) && !descriptor {
            code.position = match Prefix::behind(plain) {
                Some(prefix) => Position::Prefix(prefix),
                None => Position::Arguments(arguments),
            };
        }
        true
    }

    fn open(&mut self, length: usize, frame: Frame) {
        // Its first byte stands where a value would: a reference that is put in
        // place of a value must not look like another place.
        self.take(1, self.context_here());
        self.take(length - 1, Context::Bare);
        self.frames.push(frame);
    }

    /// What is special both in code and in double quotes, or a character that
    /// stands in `plain`.
    fn quote_or_plain(&mut self, plain: Context) {
        let rest = self.rest();
        let in_code = !matches!(self.frames.last(), Some(Frame::DoubleQuote));
        match rest[0] {
            b'"' if in_code => {
                self.take(1, plain);
                self.frames.push(Frame::DoubleQuote);
            }
            b'`' => {
                self.open(1, Frame::Code(Code::new(Closer::Backtick)));
                self.backticks += 1;
            }
            b'$' if rest.starts_with(b"$((") => self.open(3, Frame::Arithmetic(b')', 2)),
            b'$' if rest.starts_with(b"$(") => self.open(2, Frame::Code(Code::new(Closer::Paren))),
            b'$' if rest.starts_with(b"${") => self.open(2, Frame::Expansion),
            b'$' if rest.starts_with(b"$[") => self.open(2, Frame::Arithmetic(b']', 1)),
            b'$' if in_code && rest.starts_with(b"$'") => self.escape_quoted(),
            // With it all that follows it and means nothing anywhere.
            _ => {
                let means = if in_code { means_something } else { means_something_in_quotes };
                let length = rest[1..].iter().take_while(|byte| !means(**byte)).count();
                self.take(1 + length, plain);
            }
        }
    }

    fn escape_quoted(&mut self) {
        self.take(2, Context::Bare);
        let rest = self.rest();
        let mut length = 0;
        while let Some(byte) = rest.get(length).filter(|byte| **byte != b'\'') {
            length += if *byte == b'\\' { 2 } else { 1 };
        }
        let closed = length < rest.len();
        self.take(length, Context::EscapeQuoted);
        self.take_closer(closed, Context::EscapeQuoted);
    }

    fn double_quoted(&mut self) {
        match self.rest()[0] {
            b'"' => {
                self.take(1, Context::DoubleQuoted);
                self.frames.pop();
            }
            b'\\' => {
                let length = self.text[self.at + 1..].chars().next().map_or(0, char::len_utf8);
                self.take(1 + length, Context::DoubleQuoted);
            }
            _ => self.quote_or_plain(Context::DoubleQuoted),
        }
    }

    fn expansion(&mut self) {
        let quoted = self.frames.iter().rev().nth(1).is_some_and(|frame| matches!(frame, Frame::DoubleQuote));
        match self.rest()[0] {
            b'}' => {
                self.take(1, Context::Expansion);
                self.frames.pop();
            }
            b'\\' => {
                let length = self.text[self.at + 1..].chars().next().map_or(0, char::len_utf8);
                self.take(1 + length, Context::Expansion);
            }
            b'\'' if !quoted => {
                self.take(1, Context::Expansion);
                let length = self.rest().iter().position(|byte| *byte == b'\'');
                self.take(length.map_or(usize::MAX, |length| length + 1), Context::Expansion);
            }
            _ => self.quote_or_plain(Context::Expansion),
        }
    }

    fn arithmetic(&mut self, close: u8, open: usize) {
        let byte = self.rest()[0];
        let opens = if close == b')' { b'(' } else { b'[' };
        let open = if byte == close {
            open - 1
        } else if byte == opens {
            open + 1
        } else {
            return self.quote_or_plain(Context::Arithmetic);
        };
        self.take(1, Context::Arithmetic);
        if open == 0 {
            self.frames.pop();
        } else if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::Arithmetic(close, open);
        }
    }
}

impl Arguments {
    fn context(self) -> Context {
        match self {
            Self::Plain => Context::Bare,
            Self::Names => Context::Identifier,
            Self::Arithmetic => Context::Arithmetic,
            Self::Code => Context::Evaluated,
        }
    }
}
