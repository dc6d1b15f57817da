//! What a page's author left for the reader to fill in.

use super::stand_in::{self, Sureness};
use crate::source::Span;

/// A place in a block that has to be filled in before it can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// As it stands in the code: `<run-id>`.
    pub text: String,
    /// What it asks for: `run-id`.
    pub name: String,
    /// Where it stands in the code.
    pub span: Span,
}

impl Placeholder {
    pub(super) fn new(text: &str, name: &str, span: Span) -> Self {
        Self { text: text.to_owned(), name: name.trim().to_owned(), span }
    }
}

/// Longest `<name>` that is looked for, in bytes.
const LONGEST: usize = 120;

/// Every `<name>` that `wanted` allows, by the offset of its `<` and its end.
pub(super) fn angles(code: &str, wanted: impl Fn(usize, usize) -> bool) -> Vec<Placeholder> {
    let mut found: Vec<Placeholder> = Vec::new();
    for (at, _) in code.match_indices('<') {
        if code[..at].ends_with('<') || found.last().is_some_and(|last| at < last.span.end) {
            continue;
        }
        let Some(length) = code[at + 1..].bytes().take(LONGEST).position(|byte| matches!(byte, b'>' | b'\n')) else {
            continue;
        };
        let end = at + 1 + length + 1;
        if code.as_bytes()[end - 1] == b'>' && is_name(&code[at + 1..end - 1], &code[end..]) && wanted(at, end) {
            found.push(Placeholder::new(&code[at..end], &code[at + 1..end - 1], Span::new(at, end)));
        }
    }
    found
}

/// Whether `<name>` before `after` is a name to fill in: written as no two
/// redirections are, with nothing between the name and its `>`.
fn is_name(name: &str, after: &str) -> bool {
    let after = after.chars().next();
    if matches!(name, "..." | "…") {
        return after.is_none_or(|c| !c.is_alphanumeric());
    }
    let is_word = |word: &str| {
        let plain = |c: char| c.is_alphanumeric() || "_-./:|,=*+@#".contains(c);
        word.chars().all(plain) && word.starts_with(|c: char| c.is_alphanumeric())
    };
    let has_letter = name.contains(|c: char| c.is_alphabetic());
    if !has_letter || name.ends_with(['-', '/', '.', '=']) || after.is_some_and(|c| matches!(c, '>' | '(' | '&' | '='))
    {
        return false;
    }
    let mut words = name.split(' ');
    if !words.clone().all(is_word) || words.clone().any(|word| matches!(word, "AND" | "and")) {
        return false;
    }
    if words.clone().count() == 1 {
        // `<file.txt>out` and `<dir/file>` are redirections as likely as not,
        // and `<2>x` names a descriptor.
        let glued = after.is_some_and(|c| !c.is_whitespace() && !"\"')`;,|".contains(c));
        return name.starts_with(|c: char| c.is_alphabetic())
            && !name.ends_with(':')
            && !(glued && name.contains(['/', '.']));
    }
    // `<old names >new` has its space on the other side of the `>`.
    words.next().is_some() && after.is_none_or(|c| !c.is_alphanumeric())
}

/// Every `[NAME]`, `{name}` and `{{name}}` that `wanted` allows, by the offset
/// of its bracket and its end, and whether it speaks to the reader.
pub(super) fn brackets(code: &str, wanted: impl Fn(usize, usize, bool) -> bool) -> Vec<Placeholder> {
    let mut found: Vec<Placeholder> = Vec::new();
    for (at, open) in code.match_indices(['[', '{']) {
        if found.last().is_some_and(|last| at < last.span.end) {
            continue;
        }
        let is_double = open == "{" && code[at..].starts_with("{{");
        let (open, close) = if is_double { ("{{", "}}") } else { (open, if open == "[" { "]" } else { "}" }) };
        let inner = at + open.len();
        let Some(length) = code[inner..].bytes().take(LONGEST).position(|byte| matches!(byte, b']' | b'}' | b'\n'))
        else {
            continue;
        };
        let name = &code[inner..inner + length];
        let end = inner + length + close.len();
        let before = code[..at].chars().next_back();
        let after = code.get(end..).and_then(|after| after.chars().next());
        let is_word = [before, after].iter().all(|c| c.is_none_or(|c| c.is_whitespace() || "\"'".contains(c)));
        let fits = match open {
            "[" => is_bracketed(name) || (is_word && is_explained(name)),
            "{{" => is_braced(name.trim()),
            _ => is_braced(name),
        };
        if code[inner + length..].starts_with(close)
            && fits
            && !code[..at].ends_with(|c: char| c.is_alphanumeric() || "_$@%#\\}])".contains(c))
            && !after.is_some_and(|c| "(<>{[}".contains(c))
            && wanted(at, end, is_to_reader(name))
        {
            found.push(Placeholder::new(&code[at..end], name, Span::new(at, end)));
        }
    }
    found
}

/// `[YOUR NAME]`, `[SERVICE_ID]`: what no pattern of a shell would be.
fn is_bracketed(name: &str) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "_- ".contains(c));
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.ends_with([' ', '-']);
    let shouted = !name.contains(|c: char| c.is_ascii_lowercase()) && name.len() >= 4;
    plain && starts && (is_to_reader(name) || (shouted && (name.contains(['_', '-', ' ']) || name.len() >= 6)))
}

/// `rds secret name`, `options`: words in brackets that stand alone.
fn is_explained(name: &str) -> bool {
    let mut words = name.split(' ');
    let plain = words.clone().all(|word| word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    let is_one = words.clone().count() == 1;
    let starts = words.next().is_some_and(|word| !word.starts_with('-'));
    // `[a-z]` and `[abc]` are patterns.
    plain && starts && (!is_one || (name.len() >= 5 && name.contains(['a', 'e', 'i', 'o', 'u'])))
}

/// `run-id`, `run_id`: a word of a language of templates is none.
fn is_braced(name: &str) -> bool {
    const WORDS: &[&str] = &["end", "else", "range", "print", "json", "upstream"];
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !name.ends_with('-')
        && !WORDS.contains(&name)
}

/// What is left to fill in, in a program of a language that is not known here:
/// what speaks to the reader, and a quoted text that is nothing but a `<name>`.
#[must_use]
pub fn left_open_in_program(code: &str) -> Vec<Placeholder> {
    let mut found = angles(code, |at, end| {
        let quoted = ['"', '\''].iter().any(|quote| code[..at].ends_with(*quote) && code[end..].starts_with(*quote));
        quoted || is_to_reader(&code[at + 1..end - 1])
    });
    found.extend(stand_in::find(code, Sureness::Anywhere).into_iter().map(|hit| {
        let text = &code[hit.range.clone()];
        Placeholder::new(text, text, Span::new(hit.range.start, hit.range.end))
    }));
    in_order(found)
}

/// Whether a name speaks to the reader: `your-token`.
pub(super) fn is_to_reader(name: &str) -> bool {
    let first = name.trim().split([' ', '-', '_']).next().unwrap_or_default();
    ["your", "insert", "enter", "replace"].iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// Sorted by place; of two that overlap, the one that begins first, or is the
/// longer.
pub(super) fn in_order(mut found: Vec<Placeholder>) -> Vec<Placeholder> {
    found.sort_by_key(|placeholder| (placeholder.span.start, std::cmp::Reverse(placeholder.span.end)));
    let mut end = 0;
    found.retain(|placeholder| {
        let is_free = placeholder.span.start >= end;
        end = end.max(placeholder.span.end);
        is_free
    });
    found
}
