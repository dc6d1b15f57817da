//! Whether a shell command goes on in the next line.

use std::collections::VecDeque;

/// What a command typed so far still waits for.
///
/// Only enough of the shell's grammar to know whether the next line belongs
/// to the same command.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    quote: Option<char>,
    /// Delimiters of the here-documents to come, and whether tabs before them
    /// are dropped.
    heredocs: VecDeque<(String, bool)>,
    /// The line before ended in a backslash or an operator.
    continued: bool,
    /// `for`, `if`, `case`, `{` … that are not closed.
    commands: usize,
    /// Brackets that are not closed; apart, for a pattern of `case` closes
    /// one that was never opened.
    brackets: usize,
}

impl Unfinished {
    pub(super) fn is_open(&self) -> bool {
        self.quote.is_some() || !self.heredocs.is_empty() || self.continued || self.commands + self.brackets > 0
    }

    pub(super) fn in_heredoc(&self) -> bool {
        self.quote.is_none() && !self.heredocs.is_empty()
    }

    pub(super) fn feed(&mut self, line: &str) {
        self.continued = false;
        if self.quote.is_none()
            && let Some((delimiter, strip)) = self.heredocs.front()
        {
            let line = if *strip { line.trim_start_matches('\t') } else { line };
            if line == delimiter {
                self.heredocs.pop_front();
            }
            return;
        }
        let mut chars = line.char_indices().peekable();
        let mut code = String::new();
        let mut new_word = true;
        while let Some((at, c)) = chars.next() {
            match (self.quote, c) {
                (Some(quote), _) if c == quote => self.quote = None,
                (Some('\''), _) => {}
                (_, '\\') => {
                    self.continued = chars.next().is_none();
                    code.push('_');
                }
                (Some(_), _) => {}
                (None, '\'' | '"') => {
                    self.quote = Some(c);
                    code.push('_');
                }
                (None, '#') if new_word => break,
                (None, '<') if line[at..].starts_with("<<<") => {
                    chars.nth(1);
                }
                (None, '<') if line[at..].starts_with("<<") => {
                    if let Some(heredoc) = heredoc(&line[at + 2..]) {
                        self.heredocs.push_back(heredoc);
                    }
                    chars.next();
                }
                (None, _) => code.push(c),
            }
            new_word = c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(');
        }
        let code = code.trim_end();
        self.continued |= self.quote.is_none() && (code.ends_with('|') || code.ends_with("&&"));
        self.count(code);
    }

    /// Follows compound commands by the words that open and close them.
    fn count(&mut self, code: &str) {
        let mut begins = true;
        for word in code.replace(';', " ; ").replace('(', " ( ").replace(')', " ) ").split_whitespace() {
            match word {
                "for" | "while" | "until" | "if" | "case" | "select" | "{" if begins => self.commands += 1,
                "done" | "fi" | "esac" | "}" if begins => self.commands = self.commands.saturating_sub(1),
                "(" => self.brackets += 1,
                ")" => self.brackets = self.brackets.saturating_sub(1),
                _ => {}
            }
            begins = matches!(word, ";" | "|" | "||" | "&&" | "&" | "do" | "then" | "else" | "{" | "(" | ")" | "!");
        }
    }
}

/// The delimiter after `<<`, and whether `<<-` drops tabs before it.
fn heredoc(rest: &str) -> Option<(String, bool)> {
    let strip = rest.starts_with('-');
    let rest = rest.trim_start_matches('-').trim_start();
    let delimiter: String = match rest.chars().next()? {
        quote @ ('\'' | '"') => rest[1..].chars().take_while(|c| *c != quote).collect(),
        _ => rest
            .chars()
            .take_while(|c| !c.is_whitespace() && !matches!(c, ';' | '|' | '&' | '>' | '<' | ')'))
            .filter(|c| *c != '\\')
            .collect(),
    };
    // `1 << 2` is no here-document.
    let is_word = delimiter.starts_with(|c: char| c.is_alphabetic() || c == '_');
    is_word.then_some((delimiter, strip))
}
