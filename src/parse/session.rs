//! Blocks that show a terminal: commands after prompts, output between them.

use super::prompt::{Console, continuation, prompt};
use super::unfinished::Unfinished;

/// A block taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Session {
    /// Whose prompts they are.
    pub(super) console: Console,
    /// The commands without their prompts.
    pub(super) commands: String,
    /// All that stands between and after them.
    pub(super) output: Option<String>,
    /// Another console's prompt that stands between them: what follows it is
    /// no command of this one.
    pub(super) foreign: Option<Console>,
    /// Its prompts may be the marks of comments.
    pub(super) may_be_comments: bool,
}

/// In longer blocks only prompts that nothing else looks like are found.
const MOST_BYTES: usize = 16 * 1024;

/// What the label says of the prompts to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// It is a terminal.
    Terminal,
    /// It is a program, in which `#` begins a comment and `>` redirects.
    Program,
    /// Nothing.
    Nothing,
}

/// Takes `code` apart if its commands follow prompts. `is_command` says
/// whether a line reads as a command for a shell, `is_text` whether it reads as
/// text for people, and `is_query` whether statements read as SQL.
pub(super) fn read(
    code: &str,
    expected: Expected,
    is_command: &dyn Fn(&str) -> bool,
    is_text: &dyn Fn(&str) -> bool,
    is_query: &dyn Fn(&str) -> bool,
) -> Option<Session> {
    let content = || code.lines().filter(|line| !line.trim().is_empty());
    if let Some((at, found)) = content().enumerate().find_map(|(at, line)| Some((at, prompt(line)?))) {
        // Before the first prompt stand comments and, in a terminal, output.
        let mut before = content().take(at).filter(|line| !line.trim_start().starts_with('#'));
        let begins = |line: &str| expected == Expected::Program || is_command(line);
        if !before.any(begins) {
            return Some(take_apart(code, found.console));
        }
    }
    // Each line of these is looked at by itself.
    if code.len() > MOST_BYTES {
        return None;
    }
    if expected == Expected::Program && is_commands_after_marks(code, is_command) {
        return Some(Session { may_be_comments: true, ..take_apart_after(code, "# ", &|_| true) });
    }
    if has_root_prompts(code, expected, is_command, is_text) {
        return Some(take_apart_after(code, "# ", &|line| !is_text(line)));
    }
    if let Some(sign) = own_sign(code, is_command) {
        return Some(take_apart_after(code, sign, &|_| true));
    }
    if begins_with(code, "-> ") && typed_after(code, "-> ").any(is_command) {
        return Some(take_apart_after(code, "-> ", &|_| true));
    }
    if code.starts_with("> ") {
        let session = statements_after_arrows(code);
        if is_query(&session.commands) {
            return Some(session);
        }
    }
    let arrows = |line: &str| line.strip_prefix("> ").is_some_and(is_command);
    let prompted = code.lines().filter(|line| line.starts_with('>'));
    // In a program `>` alone redirects; above a table it does not.
    let has_output = || {
        let mut others = code.lines().filter(|line| !line.starts_with('>') && !line.trim().is_empty()).peekable();
        others.peek().is_some() && !others.any(is_command)
    };
    if code.starts_with("> ") && (expected != Expected::Program || has_output()) && prompted.clone().all(arrows) {
        return Some(take_apart_after(code, "> ", &|_| true));
    }
    None
}

/// Whether the first line that is no comment begins with `sign`.
fn begins_with(code: &str, sign: &str) -> bool {
    let mut lines = code.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.next().is_some_and(|line| line.starts_with(sign))
}

/// What follows `sign` on the lines that begin with it.
fn typed_after<'a>(code: &'a str, sign: &'a str) -> impl Iterator<Item = &'a str> {
    code.lines().filter_map(move |line| line.strip_prefix(sign))
}

/// Whether no line of `code` begins with a prompt.
pub(super) fn is_free_of_prompts(code: &str) -> bool {
    code.lines().all(|line| prompt(line).is_none())
}

/// Whether `# ` is root's prompt here and begins no comment: what follows it
/// are commands, and no other line is one.
fn has_root_prompts(
    code: &str,
    expected: Expected,
    is_command: &dyn Fn(&str) -> bool,
    is_text: &dyn Fn(&str) -> bool,
) -> bool {
    let (prompted, others): (Vec<&str>, Vec<&str>) =
        code.lines().filter(|line| !line.trim().is_empty()).partition(|line| line.starts_with("# "));
    let mut others = others.into_iter().filter(|line| !line.trim_start().starts_with('#')).peekable();
    let has_output = others.peek().is_some();
    let is_possible = match expected {
        // Without output, commands after `#` are more likely commented out.
        Expected::Program => has_output,
        Expected::Terminal => !has_output || code.starts_with("# "),
        Expected::Nothing => code.trim_start().starts_with("# "),
    };
    if !is_possible || prompted.is_empty() || others.any(is_command) {
        return false;
    }
    let mut typed = prompted.iter().map(|line| &line["# ".len()..]);
    if expected == Expected::Terminal {
        return typed.any(|typed| if has_output { is_command(typed) } else { !is_text(typed) });
    }
    let mut commands = 0;
    for typed in typed {
        if is_command(typed) {
            commands += 1;
        } else if !is_text(typed) {
            return false;
        }
    }
    commands > 0
}

/// Whether there is nothing but `# ` and commands: of root, or commented out.
/// One word alone is a title as well.
fn is_commands_after_marks(code: &str, is_command: &dyn Fn(&str) -> bool) -> bool {
    let mut typed = code.lines().filter(|line| !line.trim().is_empty()).map(|line| line.strip_prefix("# ")).peekable();
    typed.peek().is_some()
        && typed.all(|typed| typed.is_some_and(|typed| typed.trim().contains(' ') && is_command(typed)))
}

/// The sign, with the space behind it, that somebody has chosen for a prompt:
/// the text begins with it, it is no letter and no mark of lists or messages,
/// and commands alone follow it.
fn own_sign<'a>(code: &'a str, is_command: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    const OF_LISTS_AND_MESSAGES: &str = "•·‣▪◦●○■□★☆–—…→←↑↓⇒➡✓✔✅☑✗✘✖❌×⚠ℹ├└│┌┐┘┤┬┴┼─║═╔╗╚╝«»“”‘’°§©™";
    let first = code.chars().next()?;
    if first.is_ascii() || first.is_alphanumeric() || OF_LISTS_AND_MESSAGES.contains(first) {
        return None;
    }
    let rest = code[first.len_utf8()..].trim_start_matches('\u{fe0f}');
    let typed = rest.trim_start_matches(' ');
    let sign = &code[..code.len() - typed.len()];
    (typed.len() < rest.len() && typed_after(code, sign).all(is_command)).then_some(sign)
}

/// Gathers commands and output.
struct Parts {
    commands: String,
    output: String,
}

impl Parts {
    fn new() -> Self {
        Self { commands: String::new(), output: String::new() }
    }

    fn command(&mut self, line: &str) {
        self.commands.push_str(line);
        self.commands.push('\n');
    }

    fn output(&mut self, line: &str) {
        self.output.push_str(line);
        self.output.push('\n');
    }

    fn finish(self, console: Console, foreign: Option<Console>) -> Session {
        let output = self.output.trim_matches('\n');
        let output = (!output.trim().is_empty()).then(|| format!("{output}\n"));
        Session { console, commands: self.commands, output, foreign, may_be_comments: false }
    }
}

/// Takes a shell's session apart in which every command follows `sign`.
fn take_apart_after(code: &str, sign: &str, is_typed: &dyn Fn(&str) -> bool) -> Session {
    let mut parts = Parts::new();
    let typed = |line: &str| line.strip_prefix(sign).is_some_and(is_typed);
    let mut lines = code.lines().peekable();
    while let Some(line) = lines.next() {
        if typed(line) {
            let mut open = Unfinished::default();
            let mut rest = &line[sign.len()..];
            loop {
                parts.command(rest);
                open.feed(rest);
                let Some(next) = lines.next_if(|next| open.is_open() && (open.in_heredoc() || !typed(next))) else {
                    break;
                };
                rest = next;
            }
        } else if line.starts_with('#') {
            parts.command(line);
        } else {
            parts.output(line);
        }
    }
    parts.finish(Console::Shell, None)
}

/// Takes a database's session apart in which every statement follows `> `.
fn statements_after_arrows(code: &str) -> Session {
    let mut parts = Parts::new();
    let lines: Vec<&str> = code.lines().collect();
    let ends = statement_ends(&lines, &|line| line.starts_with('>'));
    let mut at = 0;
    while at < lines.len() {
        match lines[at].strip_prefix("> ") {
            Some(typed) => at = statement(&lines, at, typed, Console::Sql, &ends, &mut parts),
            None => {
                parts.output(lines[at]);
                at += 1;
            }
        }
    }
    parts.finish(Console::Sql, None)
}

/// Takes the session of `console` apart.
fn take_apart(code: &str, console: Console) -> Session {
    let mut parts = Parts::new();
    let mut foreign = None;
    let mut before_first = true;
    let mut after_blank = true;
    let of_this = |line: &str| prompt(line).filter(|found| found.console == console).map(|found| found.length);
    let lines: Vec<&str> = code.lines().collect();
    let ends = if console.takes_sql() { statement_ends(&lines, &|line| prompt(line).is_some()) } else { Vec::new() };
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if let Some(length) = of_this(line) {
            before_first = false;
            let typed = &line[length..];
            at = match console {
                Console::Shell => shell_command(&lines, at, typed, &mut parts),
                _ if console.takes_sql() => statement(&lines, at, typed, console, &ends, &mut parts),
                _ => other_command(&lines, at, typed, console, &mut parts),
            };
            after_blank = false;
            continue;
        }
        if let Some(other) = prompt(line) {
            foreign = foreign.or(Some(other.console));
        }
        if console == Console::Shell && line.trim_start().starts_with('#') && (before_first || after_blank) {
            parts.command(line);
        } else if !before_first {
            parts.output(line);
        }
        after_blank = line.trim().is_empty();
        at += 1;
    }
    parts.finish(console, foreign)
}

/// Takes a command of a shell with all its lines; gives the line after it.
fn shell_command(lines: &[&str], mut at: usize, typed: &str, parts: &mut Parts) -> usize {
    let mut open = Unfinished::default();
    let mut rest = typed;
    loop {
        parts.command(rest);
        open.feed(rest);
        at += 1;
        // Inside a here-document nothing is a prompt.
        let goes_on = |next: &&&str| open.is_open() && (open.in_heredoc() || prompt(next).is_none());
        let Some(next) = lines.get(at).filter(goes_on) else { return at };
        rest = match continuation(Console::Shell, next) {
            Some(length) if next.starts_with('>') => &next[length..],
            _ => next,
        };
    }
}

/// For each line, whether a line that ends in `;` comes at it or after it,
/// before a prompt or a blank line.
fn statement_ends(lines: &[&str], is_prompted: &dyn Fn(&str) -> bool) -> Vec<bool> {
    let mut ends = vec![false; lines.len() + 1];
    for (at, line) in lines.iter().enumerate().rev() {
        let is_border = line.trim().is_empty() || is_prompted(line);
        ends[at] = !is_border && (is_finished(line) || ends[at + 1]);
    }
    ends
}

fn is_finished(statement: &str) -> bool {
    let text = statement.trim_end();
    text.ends_with(';') || text.ends_with("\\G") || text.ends_with("\\g") || text.ends_with("\\gx")
}

/// Takes a statement with all its lines; gives the line after it.
fn statement(lines: &[&str], mut at: usize, typed: &str, console: Console, ends: &[bool], parts: &mut Parts) -> usize {
    let mut text = typed.to_owned();
    at += 1;
    let is_meta = typed.starts_with('\\') || (console == Console::Sqlite && typed.starts_with('.'));
    while !is_meta && let Some(next) = lines.get(at) {
        let after = match continuation(console, next) {
            Some(length) => &next[length..],
            None if !is_finished(&text) && !text.trim().is_empty() && ends[at] && prompt(next).is_none() => next,
            None => break,
        };
        text.push('\n');
        text.push_str(after);
        at += 1;
    }
    let text = text.trim_end();
    let name = text.trim_end_matches(';').trim().to_ascii_lowercase();
    // These only leave the console.
    if name.is_empty() || matches!(name.as_str(), "exit" | "quit" | "\\q" | ".quit" | ".exit") {
        return at;
    }
    if is_meta || text.ends_with(';') {
        parts.command(text);
    } else {
        // The console was ready for the next: whatever ended it, it was ended.
        let text = text.strip_suffix("\\gx").or(text.strip_suffix("\\G")).or(text.strip_suffix("\\g")).unwrap_or(text);
        parts.command(&format!("{};", text.trim_end()));
    }
    at
}

/// Takes a command of another console; gives the line after it.
fn other_command(lines: &[&str], mut at: usize, typed: &str, console: Console, parts: &mut Parts) -> usize {
    let leaves = matches!(typed.trim(), "exit" | "quit" | "exit()" | "quit()");
    let mut open = goes_on_by_itself(console, typed);
    if !leaves {
        parts.command(typed);
    }
    at += 1;
    while let Some(next) = lines.get(at) {
        let after = match continuation(console, next) {
            Some(length) => &next[length..],
            None if open && prompt(next).is_none() => next,
            None => break,
        };
        open = goes_on_by_itself(console, after);
        parts.command(after);
        at += 1;
    }
    at
}

/// Whether the end of a line says that the command goes on.
fn goes_on_by_itself(console: Console, line: &str) -> bool {
    match console {
        Console::PowerShell => line.trim_end().ends_with(['`', '{', '(', '|', ',']),
        Console::Mongo => line.trim_end().ends_with(['{', '(', '[', ',']),
        _ => false,
    }
}
