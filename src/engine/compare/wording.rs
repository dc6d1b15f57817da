//! What words about an output name: the texts they quote, and the words that
//! can be told from others.

use super::line::{Fit, Line};
use regex::Regex;
use std::sync::LazyLock;

/// A sentence about the output.
pub(super) struct Wording {
    /// The texts it quotes, without their quotes.
    pub(super) quoted: Vec<String>,
    /// Whether one of them is enough.
    any: bool,
    /// The words that can be told from others: names, versions, hashes.
    telling: Vec<String>,
    /// Its other words but for those of grammar.
    plain: Vec<String>,
    /// Whether it speaks of all there is.
    all: bool,
}

/// Words that make a line one about the output, and are in none of it.
const GRAMMAR: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "been", "both", "but", "by", "each", "every", "for", "from", "has",
    "have", "in", "is", "it", "its", "must", "not", "of", "on", "or", "should", "show", "shows", "that", "the",
    "their", "then", "these", "they", "this", "those", "to", "was", "were", "will", "with", "you", "your", "all",
    "any", "none",
];

/// `"…"`, `'…'`, `` `…` `` and their typographic like.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"`([^`]+)`|"([^"]+)"|“([^”]+)”|(?:^|[\s(])'([^']+)'"#).expect("the pattern is tested")
});

/// Words of scope, which name nothing in the output: `for all pods`.
static SCOPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:for|on|in|across|of|from)\s+(?:all|each|every|both|any)\b(?:\s+(?:of\s+)?(?:the\s+)?\w+){0,2}",
    )
    .expect("the pattern is tested")
});

/// A `name: value`, as a page says that a column has a value.
static PAIR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^([A-Za-z_][\w.]*)\s*[:=]\s*['"]?([^'"]+?)['"]?$"#).expect("the pattern is tested"));

impl Wording {
    /// Reads `text`; `None` where it is output, not words about it.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(pair) = PAIR.captures(text) {
            let quoted = text.ends_with(['\'', '"']) || pair[1].contains('_');
            return quoted.then(|| Self { quoted: vec![text.to_owned()], ..Self::empty() });
        }
        let quoted: Vec<String> = QUOTED
            .captures_iter(text)
            .filter_map(|found| found.iter().skip(1).flatten().next().map(|text| text.as_str().to_owned()))
            .collect();
        let around = QUOTED.replace_all(text, " ");
        let is_speech = around.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || ",.;()-–—".contains(c));
        let words: Vec<String> = around.split_whitespace().map(|word| bare(word).to_lowercase()).collect();
        let is_grammar = |word: &String| GRAMMAR.contains(&word.as_str());
        if !quoted.is_empty() && is_speech {
            return Some(Self { quoted, any: words.iter().any(|word| word == "or"), ..Self::empty() });
        }
        if !is_speech || !words.iter().any(is_grammar) {
            return None;
        }
        let without_scope = SCOPE.replace_all(text, " ");
        let (telling, plain) = without_scope
            .split_whitespace()
            .map(|word| bare(word).to_owned())
            .filter(|word| !word.is_empty() && !is_grammar(&word.to_lowercase()))
            .partition(|word| is_telling(word));
        let all = words.iter().any(|word| matches!(word.as_str(), "all" | "each" | "every" | "both"));
        Some(Self { telling, plain, all, ..Self::empty() })
    }

    fn empty() -> Self {
        Self { quoted: Vec::new(), any: false, telling: Vec::new(), plain: Vec::new(), all: false }
    }

    /// Whether the output is as the words say.
    pub(super) fn look(&self, lines: &[Line<'_>]) -> Fit {
        if !self.quoted.is_empty() {
            let mut here = self.quoted.iter().map(|text| is_there(text, lines));
            let is_here = if self.any { here.any(|here| here) } else { here.all(|here| here) };
            return if is_here { Fit::Here(None) } else { Fit::Missing(None) };
        }
        if self.telling.is_empty() {
            return Fit::Untold;
        }
        let has_word =
            |word: &String| lines.iter().any(|line| words(line.text).any(|other| other.eq_ignore_ascii_case(word)));
        if !self.telling.iter().all(|word| lines.iter().any(|line| line.holds(word))) {
            return Fit::Missing(None);
        }
        if let Some(other) = self.all.then(|| self.telling.iter().find_map(|word| another(word, lines))).flatten() {
            return Fit::Missing(Some(other));
        }
        if self.plain.iter().all(has_word) { Fit::Here(None) } else { Fit::Like(None) }
    }
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| matches!(c, ',' | '.' | ';' | ':' | '(' | ')' | '!'))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).filter(|word| !word.is_empty())
}

/// Whether a word is a name or a value that no sentence holds by chance.
fn is_telling(word: &str) -> bool {
    let has_digit = word.chars().any(|c| c.is_ascii_digit());
    let is_number = word.chars().all(|c| c.is_ascii_digit());
    (has_digit && !is_number) || word.contains(['_', '/'])
}

/// Whether the output holds a quoted text; of a `name: value` also where the
/// name heads a column that has the value.
fn is_there(text: &str, lines: &[Line<'_>]) -> bool {
    if lines.iter().any(|line| line.holds(text)) {
        return true;
    }
    let Some(pair) = PAIR.captures(text) else { return false };
    let (name, value) = (&pair[1], pair[2].trim());
    let heads = lines.iter().enumerate().find_map(|(row, line)| {
        let column = cells(line.text).iter().position(|cell| cell == name)?;
        Some((row, column))
    });
    heads.is_some_and(|(row, column)| {
        lines[row + 1..].iter().any(|line| cells(line.text).get(column).is_some_and(|cell| cell == value))
    })
}

/// The cells of a table's row, as clients draw them.
fn cells(row: &str) -> Vec<String> {
    let drawn = row.contains(['|', '│']);
    let row = row.trim();
    let cells: Vec<&str> = if drawn {
        row.trim_matches(['|', '│']).split(['|', '│']).collect()
    } else {
        row.split("  ").filter(|cell| !cell.trim().is_empty()).flat_map(|cell| cell.split('\t')).collect()
    };
    cells.into_iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The line that holds another value of the same form as `word`, where all
/// should be that one: `sha-7d6dc25` beside `sha-5b09d68`.
fn another(word: &str, lines: &[Line<'_>]) -> Option<String> {
    let (prefix, value) = word.split_once(['-', ':', '='])?;
    if prefix.is_empty() || !value.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let form = format!(r"\b{}[-:=][0-9A-Za-z]{{{},}}\b", regex::escape(prefix), value.len());
    let form = Regex::new(&form).ok()?;
    let differs = |line: &&Line<'_>| form.find_iter(line.text).any(|found| found.as_str() != word);
    lines.iter().find(differs).map(|line| line.text.to_owned())
}
