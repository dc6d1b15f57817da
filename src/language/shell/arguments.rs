//! The words of a shell text and the commands they are given to, told by the
//! lexer, so that they are there even where the grammar gives up.

use crate::language::Context;
use crate::source::Span;

/// What a word is to its command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// An argument.
    Argument,
    /// `NAME=value` before a command, or alone.
    Assignment,
    /// The file of a redirection.
    File,
    /// A word of a here-document.
    Document,
}

/// A word of a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument<'a> {
    /// All of it, quotes included.
    pub(super) span: Span,
    pub(super) role: Role,
    /// The command's name without its path; empty where there is none.
    pub(super) command: &'a str,
    /// The word before it.
    pub(super) previous: &'a str,
}

#[derive(Debug, Clone, Copy, Default)]
struct Command<'a> {
    name: &'a str,
    previous: &'a str,
    into_file: bool,
}

/// All words of `code`, in order; `contexts` is what its bytes stand in.
pub(super) fn arguments<'a>(code: &'a str, contexts: &[Context]) -> Vec<Argument<'a>> {
    let mut found = Vec::new();
    let mut command = Command::default();
    let mut outer = Vec::new();
    let mut start: Option<usize> = None;
    let bytes = code.as_bytes();
    for at in 0..=bytes.len() {
        let byte = bytes.get(at).copied().unwrap_or(b'\n');
        let context = contexts[at];
        let is_document = matches!(context, Context::Heredoc | Context::QuotedHeredoc);
        let is_quoted = matches!(
            context,
            Context::SingleQuoted
                | Context::DoubleQuoted
                | Context::EscapeQuoted
                | Context::Expansion
                | Context::Arithmetic
        );
        let is_skipped = matches!(context, Context::Comment | Context::HeredocDelimiter);
        let is_escaped = !is_quoted && at > 0 && bytes[at - 1] == b'\\' && byte != b'\n';
        let continues = byte == b'\\' && bytes.get(at + 1) == Some(&b'\n') && !is_quoted;
        let ends = at == bytes.len()
            || is_skipped
            || continues
            || (!is_quoted
                && !is_escaped
                && (byte.is_ascii_whitespace() || b";&|()`<>".contains(&byte))
                && !is_document)
            || (is_document && byte.is_ascii_whitespace());
        if !ends {
            start.get_or_insert(at);
            continue;
        }
        if let Some(begun) = start.take() {
            let span = Span::new(begun, at);
            if matches!(contexts[begun], Context::Heredoc | Context::QuotedHeredoc) {
                found.push(Argument { span, role: Role::Document, command: "", previous: "" });
            } else {
                found.extend(command.take(code, contexts, span));
            }
        }
        if is_skipped || is_document || at == bytes.len() || is_escaped {
            continue;
        }
        match byte {
            b'(' => outer.push(std::mem::take(&mut command)),
            b')' => command = outer.pop().unwrap_or_default(),
            b'<' | b'>' => command.into_file = true,
            b'&' if bytes.get(at + 1) == Some(&b'>') || (at > 0 && matches!(bytes[at - 1], b'<' | b'>')) => {}
            b'\n' if at > 0 && bytes[at - 1] == b'\\' => {}
            b';' | b'&' | b'|' | b'\n' | b'`' => command = Command::default(),
            _ => {}
        }
    }
    found
}

impl<'a> Command<'a> {
    fn take(&mut self, code: &'a str, contexts: &[Context], span: Span) -> Option<Argument<'a>> {
        let text = &code[span.start..span.end];
        let previous = std::mem::replace(&mut self.previous, text);
        let role = if std::mem::take(&mut self.into_file) {
            self.previous = previous;
            Role::File
        } else if self.name.is_empty() && is_assignment(text) {
            Role::Assignment
        } else if contexts[span.start] == Context::Command && (self.name.is_empty() || !text.contains(' ')) {
            // `ssh host "a b"` is given all of the text.
            let name = text.trim_matches(['"', '\'']);
            self.name = name.rsplit('/').next().unwrap_or(name);
            // A path as the name of a command is looked at like an argument.
            Role::Argument
        } else if self.name.is_empty() {
            return None;
        } else {
            Role::Argument
        };
        Some(Argument { span, role, command: self.name, previous })
    }
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str) -> Vec<(String, String, Role)> {
        let contexts = super::super::scan::contexts(code);
        let text = |span: Span| code[span.start..span.end].to_owned();
        arguments(code, &contexts).iter().map(|word| (word.command.to_owned(), text(word.span), word.role)).collect()
    }

    #[test]
    fn each_word_knows_its_command() {
        let words = read("A=1 /bin/ls -l \"$(cat 'a b' | wc)\" x >out; echo y # c\n");
        let of = |name: &str, word: &str| words.iter().any(|(command, text, _)| command == name && text == word);
        assert!(of("ls", "-l") && of("cat", "'a b'") && of("ls", "x") && of("echo", "y"), "{words:?}");
        assert!(words.contains(&("ls".into(), "out".into(), Role::File)), "{words:?}");
        assert!(words.contains(&(String::new(), "A=1".into(), Role::Assignment)), "{words:?}");
        assert!(!words.iter().any(|(_, text, _)| text == "c"), "{words:?}");
    }

    #[test]
    fn a_here_document_has_words_of_its_own() {
        let words = read("cat <<EOF >f\nkey: <x> y\nEOF\nls z\n");
        assert!(words.contains(&(String::new(), "key:".into(), Role::Document)), "{words:?}");
        assert!(words.contains(&("ls".into(), "z".into(), Role::Argument)), "{words:?}");
    }
}
