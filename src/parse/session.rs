//! Blocks that show a terminal: commands after prompts, output between them.

use std::collections::VecDeque;

/// A block taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// The commands without their prompts.
    pub(super) commands: String,
    /// All that stands between and after them.
    pub(super) output: Option<String>,
}

/// Takes `code` apart if its first command follows a prompt. `#` counts as
/// root's prompt only where the label says `console`, and never where some
/// lines have another prompt: there it begins a comment.
pub(super) fn read(code: &str, console: bool) -> Option<Session> {
    let first = code.lines().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let root = match first {
        Some(line) if prompt(line).is_some() => false,
        None if console && code.lines().any(|line| line.starts_with("# ")) => true,
        _ => return None,
    };
    let prompt = |line: &str| if root { line.strip_prefix("# ").map(|_| 2) } else { prompt(line) };
    let mut commands = String::new();
    let mut output = String::new();
    let mut lines = code.lines().peekable();
    let mut before_first = true;
    let mut after_blank = true;
    while let Some(line) = lines.next() {
        if let Some(length) = prompt(line) {
            before_first = false;
            let mut open = Open::default();
            let mut rest = &line[length..];
            loop {
                commands.push_str(rest);
                commands.push('\n');
                open.feed(rest);
                if !open.is_open() {
                    break;
                }
                // Inside a here-document nothing is a prompt.
                let text = open.in_heredoc();
                let Some(next) = lines.next_if(|next| text || prompt(next).is_none()) else { break };
                rest = next.strip_prefix("> ").unwrap_or(if next == ">" { "" } else { next });
            }
        } else if line.trim_start().starts_with('#') && (before_first || after_blank) {
            commands.push_str(line);
            commands.push('\n');
        } else if !before_first {
            output.push_str(line);
            output.push('\n');
        }
        after_blank = line.trim().is_empty();
    }
    let output = output.trim_matches('\n');
    let output = (!output.trim().is_empty()).then(|| format!("{output}\n"));
    Some(Session { commands, output })
}

/// Whether no line of `code` begins with a prompt.
pub(super) fn is_free_of_prompts(code: &str) -> bool {
    code.lines().all(|line| prompt(line).is_none())
}

/// Length of the prompt that `line` begins with, white space before it
/// included: `$ `, `user@host:~$ `, `[root@host ~]# `, `sh-5.2$ `, `% `.
fn prompt(line: &str) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let text = &line[indent..];
    if let Some(sign) = ["$ ", "% ", "❯ ", "➜ "].iter().find(|sign| text.starts_with(**sign)) {
        return Some(indent + sign.len());
    }
    if matches!(text, "$" | "%") {
        return Some(line.len());
    }
    let end = text.find(['$', '#'])?;
    let after = &text[end + 1..];
    let space = after.chars().next().map_or(0, char::len_utf8);
    if !after.is_empty() && !after.starts_with(' ') {
        return None;
    }
    is_host(&text[..end]).then_some(indent + end + 1 + space)
}

/// Whether `text` is what shells write before `$` or `#`.
fn is_host(text: &str) -> bool {
    let text = match text.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((_, rest)) => rest,
        None => text,
    };
    if let Some(version) = text.strip_prefix("sh-").or_else(|| text.strip_prefix("bash-")) {
        return version.chars().all(|c| c.is_ascii_digit() || c == '.') && !version.is_empty();
    }
    let text = match text.strip_prefix('[') {
        Some(inner) => match inner.strip_suffix(']') {
            Some(inner) => inner,
            None => return false,
        },
        None if text.contains(' ') && !text.contains(":~") => return false,
        None => text,
    };
    let Some((user, host)) = text.split_once('@') else { return false };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let host = host.split([':', ' ']).next().unwrap_or_default();
    !user.is_empty() && user.chars().all(is_name) && !host.is_empty() && host.chars().all(is_name)
}

/// What a command typed so far still waits for.
///
/// Only enough of the shell's grammar to know whether the next line belongs
/// to the same command.
#[derive(Debug, Default)]
struct Open {
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

impl Open {
    fn is_open(&self) -> bool {
        self.quote.is_some() || !self.heredocs.is_empty() || self.continued || self.commands + self.brackets > 0
    }

    fn in_heredoc(&self) -> bool {
        self.quote.is_none() && !self.heredocs.is_empty()
    }

    fn feed(&mut self, line: &str) {
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
