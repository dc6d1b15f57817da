//! What a page's author left for the reader to fill in.

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

/// First words of a name of several words: `<your app name>`. Others could be
/// two redirects: `<old names >new`.
const FIRST_OF_SEVERAL: &[&str] = &["your", "the", "my", "new", "old", "a", "an", "name", "insert", "some"];

/// Every `<name>` that `wanted` allows, by the offset of its `<` and its end.
pub(super) fn angles(code: &str, wanted: impl Fn(usize, usize) -> bool) -> Vec<Placeholder> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices('<') {
        if code[..at].ends_with('<') {
            continue;
        }
        let Some(length) = code[at + 1..].find('>') else { break };
        let end = at + 1 + length + 1;
        let name = &code[at + 1..end - 1];
        if is_name(name, code[end..].chars().next()) && wanted(at, end) {
            found.push(Placeholder::new(&code[at..end], name, Span::new(at, end)));
        }
    }
    found
}

fn is_name(name: &str, after: Option<char>) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-./:|".contains(c));
    let starts = name.starts_with(|c: char| c.is_alphabetic()) && !name.ends_with([' ', '-', '/', '.']);
    let mut words = name.split(' ');
    if !starts || !words.clone().all(is_word) || after.is_some_and(|c| matches!(c, '>' | '(' | '&' | '=')) {
        return false;
    }
    if words.clone().count() == 1 {
        // `<file.txt>out` and `<dir/file>` are redirects as likely as not.
        return !name.contains(['/', '.']) || after.is_none_or(|c| c.is_whitespace() || "\"'".contains(c));
    }
    let first = words.next().unwrap_or_default().to_lowercase();
    FIRST_OF_SEVERAL.contains(&first.as_str())
        || after.is_none_or(|c| matches!(c, '\n' | '\r' | '"' | '\'' | '/' | ':'))
}

/// Every word that is a placeholder by its own spelling: `YYYYMMDD`, `XXXX`,
/// `your-…`.
pub(super) fn words(code: &str) -> impl Iterator<Item = Placeholder> + '_ {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + code[rest..].find(is_part)?;
        let end = code[start..].find(|c| !is_part(c)).map_or(code.len(), |length| start + length);
        rest = end;
        Some(Span::new(start, end))
    })
    .filter(|span| !code[..span.start].ends_with(['$', '{', '<']))
    .filter_map(|span| {
        let word = &code[span.start..span.end];
        let own = spelled_as_placeholder(word)?;
        let start = span.start + own.start;
        let span = Span::new(start, start + own.len());
        let text = &code[span.start..span.end];
        Some(Placeholder::new(text, text, span))
    })
}

/// The part of `word` that says it is a placeholder.
fn spelled_as_placeholder(word: &str) -> Option<std::ops::Range<usize>> {
    let lower = word.to_ascii_lowercase();
    if lower.len() == word.len() && (lower.starts_with("your-") || lower.starts_with("your_")) {
        return (word.len() > 5).then_some(0..word.len());
    }
    let date = ["YYYYMMDD", "YYYY-MM-DD", "yyyymmdd", "yyyy-mm-dd"].iter().find_map(|date| {
        let start = word.find(date)?;
        Some(start..start + date.len())
    });
    if date.is_some() {
        return date;
    }
    let longest = word.split(['-', '_']).find(|part| part.len() >= 3 && part.bytes().all(|b| b == b'X'))?;
    let start = word.find(longest)?;
    Some(start..start + longest.len())
}

/// Whether `word` is a name made up as an example: `some_new_table`.
pub(super) fn is_sample_name(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ["some_", "example_", "my_table", "your_"].iter().any(|prefix| lower.starts_with(prefix))
}

/// Sorted by place, each place once.
pub(super) fn in_order(mut found: Vec<Placeholder>) -> Vec<Placeholder> {
    found.sort_by_key(|placeholder| placeholder.span);
    found.dedup_by_key(|placeholder| placeholder.span);
    found
}
