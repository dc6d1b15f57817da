//! Headings to sections, with the anchors that GitHub gives them.

use super::outline::{Content, Heading};
use crate::runbook::Section;
use crate::source::{SourceFile, Span};
use regex::Regex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Anchors given out so far. Each comes only once.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// Anchor, and the number its next duplicate takes.
    taken: HashMap<String, usize>,
}

impl Anchors {
    /// The anchor for a heading `title`: its slug, and `-1`, `-2` … where that
    /// is taken.
    pub(super) fn give(&mut self, title: &str) -> String {
        let base = match slug(title) {
            empty if empty.is_empty() => "section".to_owned(),
            slug => slug,
        };
        self.give_slug(base)
    }

    /// `base`, or the first of `base-1`, `base-2` … that is not taken.
    pub(super) fn give_slug(&mut self, base: String) -> String {
        let Some(&next) = self.taken.get(&base) else {
            self.taken.insert(base.clone(), 1);
            return base;
        };
        let mut number = next;
        let mut anchor = format!("{base}-{number}");
        while self.taken.contains_key(&anchor) {
            number += 1;
            anchor = format!("{base}-{number}");
        }
        self.taken.insert(base, number + 1);
        self.taken.insert(anchor.clone(), 1);
        anchor
    }
}

/// What GitHub makes of a heading's text: lower case, everything dropped but
/// letters, marks, digits, connectors, hyphens and spaces, spaces to hyphens.
pub(super) fn slug(title: &str) -> String {
    title
        .trim()
        .chars()
        .filter(|c| is_kept(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn is_kept(c: char) -> bool {
    /// Word characters that `char` has no question for: marks (an emoji's
    /// variation selector is one), decimal digits, connectors.
    static MARKS_AND_DIGITS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[\p{M}\p{Nd}\p{Pc}]").expect("a fixed expression"));
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ');
    }
    c.is_alphabetic() || MARKS_AND_DIGITS.is_match(c.encode_utf8(&mut [0; 4]))
}

/// The page's sections, in page order.
pub(super) fn read(file: &SourceFile, contents: &[Content]) -> Vec<Section> {
    let mut anchors = Anchors::default();
    let mut sections: Vec<Section> = Vec::new();
    // Indices of the sections that are open, the outermost first.
    let mut open: Vec<usize> = Vec::new();
    for content in contents {
        let Content::Heading(Heading { title, level, span, nested, .. }) = content else { continue };
        let anchor = anchors.give(title);
        if *nested {
            continue;
        }
        while let Some(&last) = open.last()
            && sections[last].level >= *level
        {
            sections[last].extent.end = span.start;
            open.pop();
        }
        let parent = open.last().map(|&parent| sections[parent].anchor.clone());
        open.push(sections.len());
        sections.push(Section {
            anchor,
            title: title.replace('\n', " "),
            level: *level,
            line: file.line(span.start),
            extent: Span::new(span.start, file.text().len()),
            parent,
        });
    }
    sections
}
