//! What the page says, in words, that a block should print: in a comment of
//! the block, or in the text after it.

use crate::runbook::{Block, Item, Step};
use crate::source::SourceFile;

/// An expectation in words.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    text: String,
    /// Whether it must not come.
    not: bool,
}

/// Gives the blocks of the step what is expected of them.
pub(super) fn attach(file: &SourceFile, step: &mut Step) {
    // The latest block that is run and nothing but text after it.
    let mut last: Option<&mut Box<Block>> = None;
    for item in &mut step.items {
        match item {
            Item::Block(block) if block.class.is_executable() => {
                for expected in in_comments(&block.code) {
                    take(block, expected);
                }
                last = Some(block);
            }
            Item::Block(_) => {}
            Item::Prose(span) => {
                if let (Some(block), Some(expected)) = (&mut last, in_sentence(file.slice(*span))) {
                    take(block, expected);
                }
            }
            Item::Action(_) => last = None,
        }
    }
}

/// Whether a paragraph announces output that must not come.
pub(super) fn forbids(text: &str) -> bool {
    let line = text.trim_end().lines().next_back().unwrap_or_default();
    opening(line).is_some_and(|(rest, not)| not && rest.is_empty())
}

fn take(block: &mut Block, expected: Expected) {
    let slot = if expected.not { &mut block.expects_not } else { &mut block.expects };
    match slot {
        None => *slot = Some(expected.text),
        Some(known) if !known.contains(expected.text.trim_end()) => {
            if !known.ends_with('\n') {
                known.push('\n');
            }
            known.push_str(&expected.text);
        }
        Some(_) => {}
    }
}

/// How an expectation begins, and whether it is of what must not come. The
/// longer ones first.
const OPENINGS: &[(&str, bool)] = &[
    ("should not show", true),
    ("should not see", true),
    ("should not contain", true),
    ("should not return", true),
    ("should not print", true),
    ("you should not see", true),
    ("you shouldn't see", true),
    ("shouldn't show", true),
    ("should show", false),
    ("should see", false),
    ("should print", false),
    ("should output", false),
    ("should return", false),
    ("should contain", false),
    ("should say", false),
    ("you should see", false),
    ("you should get", false),
    ("it should show", false),
    ("it should return", false),
    ("this should show", false),
    ("this should return", false),
    ("expected output", false),
    ("expected result", false),
    ("expected response", false),
    ("expect to see", false),
    ("expected", false),
    ("expect", false),
];

/// What follows the opening of an expectation in `line`, and whether it must
/// not come. The rest is empty where the text comes on the next lines.
fn opening(line: &str) -> Option<(&str, bool)> {
    let line = line.trim_start_matches(['*', '_', '-', '>', ' ', '→', '✅']);
    // Only ASCII is made lower-case, so that the lengths stay the same.
    let lower = line.to_ascii_lowercase();
    let (start, not) =
        OPENINGS.iter().find_map(|(words, not)| lower.strip_prefix(words).map(|_| (words.len(), *not)))?;
    let rest = &line[start..];
    if rest.starts_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let rest = rest.trim_start_matches(['*', '_']);
    let (rest, colon) = rest.trim_start().strip_prefix(':').map_or((rest.trim_start(), false), |rest| (rest, true));
    let rest = rest.trim_start_matches(['*', '_']).trim();
    // "Expected behaviour changes" is no expectation; "Expected: 3" is one.
    let is_bare = lower.starts_with("expect") && !colon;
    (!is_bare || rest.contains('`')).then_some((rest, not))
}

/// The expectations in a block's comments: the rest of the line, or the
/// comment lines after it.
fn in_comments(code: &str) -> Vec<Expected> {
    let comment = |line: &str| {
        let line = line.trim_start();
        let text = line.strip_prefix('#').or_else(|| line.strip_prefix("--"));
        text.filter(|_| !line.starts_with("#!")).map(|text| text.strip_prefix(' ').unwrap_or(text).to_owned())
    };
    let mut found = Vec::new();
    let mut lines = code.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(text) = comment(line) else { continue };
        let Some((rest, not)) = opening(&text) else { continue };
        if !rest.is_empty() {
            found.push(Expected { text: format!("{rest}\n"), not });
            continue;
        }
        let mut text = String::new();
        while let Some(more) = lines.peek().and_then(|line| comment(line)).filter(|more| opening(more).is_none()) {
            text.push_str(&more);
            text.push('\n');
            lines.next();
        }
        if !text.trim().is_empty() {
            found.push(Expected { text, not });
        }
    }
    found
}

/// The expectation that a sentence after a block states, if it does: what it
/// quotes as code, or its own words.
fn in_sentence(text: &str) -> Option<Expected> {
    let (rest, not) = match opening(text) {
        Some(found) => found,
        None => returns(text)?,
    };
    let quoted: Vec<&str> = rest.split('`').skip(1).step_by(2).filter(|code| !code.trim().is_empty()).collect();
    let text = if quoted.is_empty() { rest.trim().trim_end_matches('.').to_owned() } else { quoted.join("\n") };
    (!text.is_empty() && !text.ends_with(':')).then(|| Expected { text: text + "\n", not })
}

/// "The command should return `online`": said of it, and quoted.
fn returns(text: &str) -> Option<(&str, bool)> {
    let lower = text.to_ascii_lowercase();
    if text.lines().count() > 1 || !text.contains('`') {
        return None;
    }
    [" should not show ", " should not return ", " should show ", " should return ", " should print ", " should be `"]
        .iter()
        .find_map(|words| lower.find(words).map(|at| (&text[at + words.len() - 1..], words.contains(" not "))))
        .filter(|(rest, _)| rest.contains('`'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str) -> Option<(String, bool)> {
        in_sentence(text).map(|expected| (expected.text, expected.not))
    }

    #[test]
    fn a_sentence_says_what_is_to_be_seen() {
        for (text, expected) in [
            ("Should show: `Active: active (running)`", "Active: active (running)\n"),
            ("Should show `3 running`.", "3 running\n"),
            ("Expected output: `a: 'on'`, `b: 'on'`", "a: 'on'\nb: 'on'\n"),
            ("**Expected:** all green", "all green\n"),
            ("You should see two rows.", "two rows\n"),
            ("The command should return `online`.", "online\n"),
        ] {
            assert_eq!(sentence(text), Some((expected.to_owned(), false)), "{text}");
        }
        assert_eq!(sentence("Should NOT show syntax errors"), Some(("syntax errors\n".to_owned(), true)));
    }

    #[test]
    fn other_sentences_expect_nothing() {
        for text in [
            "Expected output:",
            "Expect delays.",
            "Expected behaviour is slow",
            "The pods restart.",
            "You should restart it.",
            "Shoulder surfing",
        ] {
            assert_eq!(sentence(text), None, "{text}");
        }
    }

    #[test]
    fn comments_in_a_block_say_it_on_their_line_or_on_the_next_ones() {
        let code = "head -n 2 f\n\n# Should show:\n# import os\n#   indented\n\nrun # Should show: not a line of its own\n# Should see: done\n# should NOT show: Error\n-- Expected: 3\n# Expected response:\n# {\"ok\": true}\n";
        let found: Vec<(String, bool)> = in_comments(code).into_iter().map(|one| (one.text, one.not)).collect();
        let wanted = [
            ("import os\n  indented\n", false),
            ("done\n", false),
            ("Error\n", true),
            ("3\n", false),
            ("{\"ok\": true}\n", false),
        ];
        assert_eq!(found, wanted.map(|(text, not)| (text.to_owned(), not)));
    }
}
