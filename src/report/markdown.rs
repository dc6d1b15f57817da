//! The page as Markdown, for GitHub and for people.
//!
//! Whatever comes from outside is escaped where it would change the
//! structure, and what was printed stands in a fence longer than any run of
//! backticks in it.

use super::page::{Phrase, Piece, Tone};
use super::wording::count;

pub(super) fn render(page: &[Piece]) -> String {
    let mut out = String::new();
    for (place, piece) in page.iter().enumerate() {
        let continues_list = matches!(piece, Piece::List(_)) && place > 0 && matches!(page[place - 1], Piece::List(_));
        if place > 0 && !continues_list {
            out.push('\n');
        }
        write(piece, &mut out);
    }
    out
}

fn write(piece: &Piece, out: &mut String) {
    match piece {
        Piece::Banner { tone, title, text } => {
            let kind = if *tone == Tone::Bad { "CAUTION" } else { "WARNING" };
            out.push_str(&format!("> [!{kind}]\n> **{}.** {}\n", escape(title), escape(text)));
        }
        Piece::Title(title) => out.push_str(&format!("# {}\n", heading(title))),
        Piece::Heading { level, text, status } => {
            let status = status.as_ref().map_or_else(String::new, |(_, word)| format!(" – {}", escape(word)));
            out.push_str(&format!("{} {}{status}\n", "#".repeat(usize::from(*level)), heading(text)));
        }
        Piece::Paragraph(words) => out.push_str(&format!("{}\n", line(words))),
        Piece::Aside(words) => out.push_str(&format!("_{}_\n", line(words))),
        Piece::Quote { text, by } => {
            for each in text.lines() {
                out.push_str(&format!("> {}\\\n", escape(each)));
            }
            out.push_str(&format!("> — {}\n", escape(by)));
        }
        Piece::Facts(facts) => {
            out.push_str("| | |\n|---|---|\n");
            for (name, value) in facts {
                out.push_str(&format!("| **{}** | {} |\n", cell(&escape(name)), cell(&line(value))));
            }
        }
        Piece::Table { head, rows } => {
            out.push_str(&format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len())));
            for row in rows {
                let cells: Vec<_> = row.iter().map(|words| cell(&line(words))).collect();
                out.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
        }
        Piece::List(items) => {
            for item in items {
                out.push_str(&format!("- {}\n", line(item)));
            }
        }
        Piece::Tasks(tasks) => {
            for (done, words) in tasks {
                out.push_str(&format!("- [{}] {}\n", if *done { 'x' } else { ' ' }, line(words)));
            }
        }
        Piece::Code { language, text } => fence(language, text, out),
        Piece::Output { head, omitted, tail, file } => {
            fence("text", head, out);
            if *omitted > 0 {
                let lines = count(*omitted, "line", "lines");
                out.push_str(&format!("\n_… {lines} left out; all of it is in {}._\n\n", code(file)));
                fence("text", tail, out);
            }
        }
        Piece::Diff(diff) => fence("diff", diff, out),
    }
}

fn line(words: &[Phrase]) -> String {
    let written = words.iter().map(|span| match span {
        Phrase::Text(text) => escape_inside(text),
        Phrase::Strong(text) | Phrase::Status(_, text) => format!("**{}**", escape_inside(text)),
        Phrase::Code(text) => code(text),
    });
    guard_start(&written.collect::<String>())
}

/// A fence that nothing in `text` can close.
fn fence(language: &str, text: &str, out: &mut String) {
    let ticks = "`".repeat(longest_run(text).max(2) + 1);
    let language: String = language.chars().filter(|c| c.is_ascii_alphanumeric() || "+-_".contains(*c)).collect();
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    out.push_str(&format!("{ticks}{language}\n{text}{end}{ticks}\n"));
}

/// A code span that nothing in `text` can close.
fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.is_empty() || text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// `text` as a table's cell: a table takes every bar for its own, in code too.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// `text` as a heading, which takes number signs at its end for its own.
fn heading(text: &str) -> String {
    let text = escape_inside(text.trim());
    match text.strip_suffix('#') {
        Some(rest) => format!("{rest}\\#"),
        None => text,
    }
}

/// `text` so that it reads as it is and nothing else, wherever it stands.
fn escape(text: &str) -> String {
    guard_start(&escape_inside(text))
}

fn escape_inside(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        match c {
            '\n' | '\t' => out.push(' '),
            // Between letters it is only itself, as in `job_queue`.
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => out.push(c),
            '&' if after != '#' && !after.is_ascii_alphanumeric() => out.push(c),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '&' | '$' => out.extend(['\\', c]),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// Keeps what stands at the start of a line from being a heading, a list or a
/// rule.
fn guard_start(text: &str) -> String {
    let text = text.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text[digits..].chars().next() {
        Some('.' | ')') if (1..=9).contains(&digits) => format!("{}\\{}", &text[..digits], &text[digits..]),
        Some('#' | '-' | '+' | '=' | ':' | '|') if digits == 0 => format!("\\{text}"),
        _ => text.to_owned(),
    }
}
