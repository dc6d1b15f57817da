//! The tree of a text that holds nothing but [plain](super::super::plain)
//! commands, without the grammar.
//!
//! Most blocks are such texts, and the grammar takes longer over them than all
//! else that is done with a block. It says the same of them, which a test
//! holds; what is not told apart here is left to it.

use super::tree::{Stored, Tree, Trouble, place};
use crate::language::shell::plain;

/// The tree of `code`, where it is plain enough.
pub(super) fn parse(code: &str) -> Option<Tree> {
    plain::each(code, &mut |_| {})?;
    let mut builder = Builder { bytes: code.as_bytes(), at: 0, end: 0, nodes: Vec::new() };
    builder.statements(Within::Text)?;
    let start = builder.nodes.first()?.start as usize;
    builder.wrap(0, "program");
    builder.nodes[0] = Stored { after: builder.count(), ..node("program", start, code.len()) };
    Some(Tree::new(with_parents(builder.nodes)))
}

/// What statements stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    Substitution,
    Loop,
}

/// A node, as it is without any in it.
fn node(kind: &'static str, start: usize, end: usize) -> Stored {
    Stored {
        kind,
        field: "",
        start: place(start),
        end: place(end),
        parent: 0,
        after: 0,
        is_named: true,
        trouble: Trouble::Nothing,
    }
}

/// The nodes, each with the place of the one that it stands in.
fn with_parents(mut nodes: Vec<Stored>) -> Vec<Stored> {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..nodes.len() {
        while open.last().is_some_and(|last| nodes[*last].after <= place(at)) {
            open.pop();
        }
        nodes[at].parent = place(open.last().copied().unwrap_or_default());
        open.push(at);
    }
    nodes
}

/// The text has been found to be plain, so that only what it is made of is
/// looked at, and not whether it is well made.
struct Builder<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the last thing ended that is no white space.
    end: usize,
    /// In the order of the text, parents first. Only their parents are missing.
    nodes: Vec<Stored>,
}

impl Builder<'_> {
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn starts_with(&self, text: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(text)
    }

    /// How many nodes there are.
    fn count(&self) -> u32 {
        place(self.nodes.len())
    }

    /// Takes so many bytes.
    fn take(&mut self, length: usize) {
        self.at += length;
        self.end = self.at;
    }

    /// Passes over white space within a line, and over the ends of lines that go
    /// on with the next.
    fn blanks(&mut self) {
        loop {
            match self.byte() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') => self.at += 2,
                _ => return,
            }
        }
    }

    /// Adds a node that begins here, and gives its place.
    fn open(&mut self, kind: &'static str) -> usize {
        self.nodes.push(node(kind, self.at, self.at));
        self.nodes.len() - 1
    }

    /// Ends a node with what was taken last.
    fn close(&mut self, node: usize) {
        let after = self.count();
        self.nodes[node].end = place(self.end);
        self.nodes[node].after = after;
    }

    /// Adds a node of so many bytes that nothing stands in, and takes them.
    fn leaf(&mut self, kind: &'static str, length: usize) -> usize {
        let leaf = self.open(kind);
        self.take(length);
        self.close(leaf);
        leaf
    }

    /// Opens a node that begins with the one at this place.
    fn wrap(&mut self, at: usize, kind: &'static str) {
        let start = self.nodes[at].start as usize;
        self.nodes.insert(at, node(kind, start, start));
        for inner in &mut self.nodes[at + 1..] {
            inner.after += 1;
        }
    }

    fn statements(&mut self, within: Within) -> Option<()> {
        loop {
            self.blanks();
            match self.byte() {
                None => return Some(()),
                Some(b')') if within == Within::Substitution => return Some(()),
                Some(b'\n' | b';') => self.at += 1,
                Some(b'#') => {
                    let length = self.bytes[self.at..].iter().take_while(|byte| **byte != b'\n').count();
                    self.leaf("comment", length);
                }
                Some(_) if within == Within::Loop && self.is_keyword(b"done") => return Some(()),
                Some(_) => self.statement()?,
            }
        }
    }

    /// Whether this word stands here.
    fn is_keyword(&self, word: &[u8]) -> bool {
        let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'|' | b')');
        self.starts_with(word) && self.bytes.get(self.at + word.len()).is_none_or(ends)
    }

    /// Takes a command, or several that are joined by signs of one kind: how `|`
    /// and `&&` go together is for the grammar. A redirection belongs to all that
    /// stands before it.
    fn statement(&mut self) -> Option<()> {
        let first = self.nodes.len();
        let mut joined_by = None;
        let mut is_pipeline = false;
        self.single()?;
        loop {
            if self.begins_redirection() {
                self.wrap(first, "redirected_statement");
                self.nodes[first + 1].field = "body";
                self.redirections()?;
                self.close(first);
                is_pipeline = false;
            }
            let Some(sign) = self.joining() else { return Some(()) };
            let is_pipe = sign == "|";
            if *joined_by.get_or_insert(is_pipe) != is_pipe {
                return None;
            }
            if is_pipe {
                // The parts of one stand side by side.
                if !is_pipeline {
                    self.wrap(first, "pipeline");
                }
                is_pipeline = true;
                self.take(sign.len());
            } else {
                self.wrap(first, "list");
                let sign = self.leaf(sign, sign.len());
                self.nodes[sign].is_named = false;
            }
            self.blanks();
            self.single()?;
            self.close(first);
        }
    }

    /// The sign here that joins two commands.
    fn joining(&self) -> Option<&'static str> {
        ["&&", "||", "|"].into_iter().find(|sign| self.starts_with(sign.as_bytes()))
    }

    /// Takes one command or loop, and the blanks behind it.
    fn single(&mut self) -> Option<()> {
        if self.is_keyword(b"for") {
            self.each_of_words()
        } else if self.is_keyword(b"while") || self.is_keyword(b"until") {
            None
        } else {
            self.command()
        }
    }

    /// Takes `for NAME in WORD …; do …; done`.
    fn each_of_words(&mut self) -> Option<()> {
        let statement = self.open("for_statement");
        self.take("for".len());
        self.blanks();
        let variable = self.variable()?;
        self.nodes[variable].field = "variable";
        self.blanks();
        self.take("in".len());
        self.blanks();
        while !matches!(self.byte()?, b';' | b'\n') {
            self.word("value")?;
            self.blanks();
        }
        while matches!(self.byte()?, b';' | b'\n' | b' ' | b'\t') {
            self.at += 1;
        }
        let body = self.open("do_group");
        self.nodes[body].field = "body";
        self.take("do".len());
        self.statements(Within::Loop)?;
        self.take("done".len());
        self.close(body);
        self.close(statement);
        self.blanks();
        Some(())
    }

    fn command(&mut self) -> Option<()> {
        let command = self.open("command");
        let name = self.open("command_name");
        self.nodes[name].field = "name";
        self.word("")?;
        self.close(name);
        loop {
            self.blanks();
            let ends = self.byte().is_none_or(|byte| matches!(byte, b'\n' | b';' | b'|' | b'&' | b')' | b'#'));
            if ends || self.begins_redirection() {
                self.close(command);
                return Some(());
            }
            self.word("argument")?;
        }
    }

    fn begins_redirection(&self) -> bool {
        let number = usize::from(self.byte().is_some_and(|byte| byte.is_ascii_digit()));
        self.bytes.get(self.at + number) == Some(&b'>')
    }

    /// Takes each `> file`, `2>> file` or `2>&1`.
    fn redirections(&mut self) -> Option<()> {
        while self.begins_redirection() {
            let redirection = self.open("file_redirect");
            self.nodes[redirection].field = "redirect";
            if self.byte() != Some(b'>') {
                let descriptor = self.leaf("file_descriptor", 1);
                self.nodes[descriptor].field = "descriptor";
            }
            let sign = [&b">>"[..], b">&", b">"].into_iter().find(|sign| self.starts_with(sign))?;
            self.take(sign.len());
            self.blanks();
            self.word("destination")?;
            self.close(redirection);
            self.blanks();
        }
        Some(())
    }

    /// Takes a word; `field` is what it is to the node that it stands in.
    fn word(&mut self, field: &'static str) -> Option<()> {
        let first = self.nodes.len();
        let mut parts = 0;
        while self.part()? {
            parts += 1;
        }
        if parts > 1 {
            self.wrap(first, "concatenation");
            self.close(first);
        }
        self.nodes.get_mut(first)?.field = field;
        Some(())
    }

    /// Takes a part of a word, if one stands here.
    fn part(&mut self) -> Option<bool> {
        let Some(byte) = self.byte() else { return Some(false) };
        match byte {
            b' ' | b'\t' | b'\n' | b';' | b'|' | b'&' | b')' => return Some(false),
            b'\'' => {
                let length = self.bytes[self.at + 1..].iter().position(|byte| *byte == b'\'')? + 2;
                self.leaf("raw_string", length);
            }
            b'"' => self.string()?,
            b'$' => self.expansion()?,
            _ => {
                let ends = |byte: &u8| b" \t\n;|&)'\"$".contains(byte);
                let rest = &self.bytes[self.at..];
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                // What is a number to the grammar, and not only a word.
                let digits = rest[..length].strip_prefix(b"-").unwrap_or(&rest[..length]);
                let is_decimal = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
                if digits.starts_with(b"0x") {
                    return None;
                }
                self.leaf(if is_decimal { "number" } else { "word" }, length);
            }
        }
        Some(true)
    }

    /// Takes a text in double quotes.
    fn string(&mut self) -> Option<()> {
        let string = self.open("string");
        self.take(1);
        loop {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(|byte| matches!(byte, b'"' | b'$'))?;
            if length > 0 {
                // To the grammar white space alone is none of the text.
                if rest[..length].iter().all(|byte| matches!(byte, b' ' | b'\t') || !byte.is_ascii()) {
                    return None;
                }
                self.leaf("string_content", length);
            }
            if self.byte()? == b'"' {
                self.take(1);
                self.close(string);
                return Some(());
            }
            self.expansion()?;
        }
    }

    /// Takes `$NAME`, `${NAME}` or `$(…)`.
    fn expansion(&mut self) -> Option<()> {
        match self.bytes.get(self.at + 1)? {
            b'(' => {
                let substitution = self.open("command_substitution");
                self.take(2);
                self.statements(Within::Substitution)?;
                self.take(1);
                self.close(substitution);
            }
            b'{' => {
                let expansion = self.open("expansion");
                self.take(2);
                self.variable()?;
                self.take(1);
                self.close(expansion);
            }
            _ => {
                let expansion = self.open("simple_expansion");
                self.take(1);
                self.variable()?;
                self.close(expansion);
            }
        }
        Some(())
    }

    /// Takes the name of a variable.
    fn variable(&mut self) -> Option<usize> {
        let rest = &self.bytes[self.at..];
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
        let length = rest.iter().take_while(is_part).count();
        // That one is special.
        (&rest[..length] != b"_").then(|| self.leaf("variable_name", length))
    }
}

#[cfg(test)]
mod tests;
