//! Text for people.

use super::{Text, first_look, pattern};
use crate::runbook::{Class, Reading};

// What sentences do not have.
pattern!(
    OF_CODE,
    first_look::code,
    r#"(?:^|\s)--?[a-zA-Z][\w-]*(?:[=\s]|$)|\$\w|\$\{|[{};]\s*$|\\$|&&|\|\||\s=\s|^\s*[\w.-]+=\S|\(\)|^\s*["\[{<]"#
);

/// Words that hold sentences together.
const BINDING: &str = "the a an your our their this that these is are was were will should must can to of and or if in on \
    for from with you it be when then not by as at before after until which locally specific any all";

/// `line` without what makes it an item of a list.
fn without_bullet(line: &str) -> &str {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = if rest.len() < line.len() { rest.strip_prefix(['.', ')']) } else { None };
    let marks = ["- [ ] ", "- [x] ", "[ ] ", "[x] ", "- ", "* ", "• ", "✓ ", "✅ ", "❌ ", "⚠ ", "⚠️ "];
    numbered.or_else(|| marks.iter().find_map(|mark| line.strip_prefix(mark))).unwrap_or(line).trim_start()
}

/// Whether a line is a sentence, or most of one.
fn is_sentence(line: &str) -> bool {
    let line = without_bullet(line);
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.len() > 4 && (line.contains("](") || line.contains("**")) {
        return true;
    }
    if words.len() < 3 || OF_CODE.is_match(line) {
        return false;
    }
    let first = words[0];
    let is_title = {
        let mut letters = first.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.all(|c| c.is_lowercase() || matches!(c, ',' | '\'' | ':'))
    };
    let binding = words.iter().filter(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        BINDING.split_whitespace().any(|other| other == word)
    });
    let binding = binding.count();
    let ends = line.trim_end().ends_with(['.', '!', '?', ':']);
    let letters = line.chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).count();
    let is_wordy = letters * 10 >= line.chars().count() * 8;
    is_wordy
        && ((is_title && (binding > 0 || ends || line.contains(['→', ','])))
            || (binding > 1 && (ends || words.len() > 4)))
}

pattern!(HEADING, |line| line.starts_with('#'), r"^#{1,6} \S");

/// A part of a page: headings with text or code under them.
pub(super) fn markdown(text: &Text<'_>) -> Option<Reading> {
    let headings = text.lines.iter().filter(|line| HEADING.is_match(line)).count();
    let sections = text.lines.iter().filter(|line| line.starts_with("##")).count();
    let has_fence = text.lines.iter().any(|line| line.starts_with("```"));
    let has_sections = sections > 0 && (headings > 1 || has_fence) && headings < text.lines.len();
    let explains = has_fence && text.lines.iter().filter(|line| is_sentence(line)).count() > 1;
    // Boxes and pictures, as generators of sites have them.
    let is_mark =
        |line: &&str| ["!!! ", "??? ", "???+ ", "???- ", "!["].iter().any(|mark| line.trim_start().starts_with(mark));
    let is_page = has_sections || explains || text.lines.iter().any(is_mark);
    is_page.then(|| Reading::certain(Class::Prose, "markdown", "a part of a page"))
}

/// Sentences.
pub(super) fn reading(text: &Text<'_>) -> Option<Reading> {
    let sentences = text.content.iter().filter(|line| is_sentence(line)).count();
    if sentences == 0 {
        return None;
    }
    if sentences * 10 >= text.content.len() * 8 {
        return Some(Reading::certain(Class::Prose, "text", "text for people"));
    }
    (sentences * 2 >= text.content.len()).then(|| Reading::likely(Class::Prose, "text", "text for people"))
}
