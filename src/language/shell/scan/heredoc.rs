//! Here-documents: the word that ends one, and the lines up to it.

use super::Scan;
use crate::language::Context;

/// A here-document whose text begins on the next line.
pub(super) struct Heredoc {
    delimiter: String,
    quoted: bool,
    strips_tabs: bool,
}

impl Scan<'_> {
    /// Takes `<<`, `-` and the delimiter.
    pub(super) fn heredoc_start(&mut self) {
        self.take(2, Context::Bare);
        let strips_tabs = self.rest().first() == Some(&b'-');
        self.take(usize::from(strips_tabs), Context::Bare);
        let blanks = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.take(blanks, Context::Bare);
        let rest = &self.text[self.at..];
        let mut quote = None;
        let mut delimiter = String::new();
        let mut quoted = false;
        let mut length = rest.len();
        let mut chars = rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '\'' | '"') => {
                    quote = Some(c);
                    quoted = true;
                }
                (None, '\\') => {
                    quoted = true;
                    delimiter.extend(chars.next().map(|(_, next)| next));
                }
                (None, c) if c.is_whitespace() || ";&|()<>".contains(c) => {
                    length = at;
                    break;
                }
                (_, c) => delimiter.push(c),
            }
        }
        self.take(length, Context::HeredocDelimiter);
        self.heredocs.push(Heredoc { delimiter, quoted, strips_tabs });
    }

    /// Takes the text of the here-documents that the line before announced.
    pub(super) fn heredoc_bodies(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let context = if heredoc.quoted { Context::QuotedHeredoc } else { Context::Heredoc };
            let body = self.at;
            let mut ended = false;
            for line in self.text[body..].split_inclusive('\n') {
                let content = line.strip_suffix('\n').unwrap_or(line);
                let content = if heredoc.strips_tabs { content.trim_start_matches('\t') } else { content };
                if content == heredoc.delimiter {
                    self.take(line.len(), Context::HeredocDelimiter);
                    ended = true;
                    break;
                }
                self.take(line.len(), context);
            }
            if !heredoc.quoted {
                self.mark_expansions(body);
            }
            if !ended && self.at == self.text.len() {
                self.found.push(context);
            }
        }
    }

    /// Marks the `$(…)`, `${…}` and `` `…` `` in the text of a here-document
    /// that begins at `from` and has just been taken.
    fn mark_expansions(&mut self, from: usize) {
        let bytes = self.text.as_bytes();
        let mut closers: Vec<u8> = Vec::new();
        let mut at = from;
        while at < self.at {
            let byte = bytes[at];
            let opens_backtick = byte == b'`' && closers.last() != Some(&b'`');
            let escaped = byte == b'\\';
            if !closers.is_empty() && self.found[at] == Context::Heredoc {
                self.found[at] = Context::Expansion;
            }
            match byte {
                _ if escaped => at += 1,
                b'$' if matches!(bytes.get(at + 1), Some(b'(')) => closers.push(b')'),
                b'$' if matches!(bytes.get(at + 1), Some(b'{')) => closers.push(b'}'),
                b'`' if opens_backtick => closers.push(b'`'),
                b'(' if closers.last() == Some(&b')') && bytes[at - 1] != b'$' => closers.push(b')'),
                _ if closers.last() == Some(&byte) => {
                    closers.pop();
                }
                _ => {}
            }
            at += 1;
        }
    }
}
