//! Patterns for words and sentences.

use regex::{Regex, bytes};
use std::ops::Range;
use std::sync::OnceLock;

/// A pattern that is compiled when a text is first looked at with it.
///
/// Nearly all texts are ASCII, in which what Unicode adds to a pattern never
/// stands: without it, it takes a tenth of the time to compile.
pub(super) struct Spelling {
    written: &'static str,
    ascii: OnceLock<bytes::Regex>,
    unicode: OnceLock<Regex>,
}

const TESTED: &str = "the pattern is a constant, and a test uses it";

impl Spelling {
    pub(super) const fn new(written: &'static str) -> Self {
        Self { written, ascii: OnceLock::new(), unicode: OnceLock::new() }
    }

    /// Where it stands in `text`: for each place the first of `groups` that takes
    /// part; group 0 is the whole.
    pub(super) fn places(&self, text: &str, groups: &[usize]) -> Vec<Range<usize>> {
        if text.is_ascii() {
            let places = self.ascii().captures_iter(text.as_bytes());
            return places
                .filter_map(|found| groups.iter().find_map(|group| found.get(*group)).map(|found| found.range()))
                .collect();
        }
        let places = self.unicode().captures_iter(text);
        places
            .filter_map(|found| groups.iter().find_map(|group| found.get(*group)).map(|found| found.range()))
            .collect()
    }

    /// Whether it stands in `text`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        if text.is_ascii() { self.ascii().is_match(text.as_bytes()) } else { self.unicode().is_match(text) }
    }

    fn ascii(&self) -> &bytes::Regex {
        self.ascii.get_or_init(|| bytes::RegexBuilder::new(self.written).unicode(false).build().expect(TESTED))
    }

    fn unicode(&self) -> &Regex {
        self.unicode.get_or_init(|| Regex::new(self.written).expect(TESTED))
    }
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    #[test]
    fn a_text_of_ascii_is_read_as_any_other() {
        static WORDS: Spelling = Spelling::new(r"(?i)\bset\s+(\w+)|`([^`]+)`");
        for (text, words) in
            [("Set it", vec!["it"]), ("a `b` set c", vec!["b", "c"]), ("“Set” ſet é", vec!["é"]), ("reset it", vec![])]
        {
            let found: Vec<&str> = WORDS.places(text, &[1, 2]).into_iter().map(|place| &text[place]).collect();
            assert_eq!(found, words, "{text}");
            assert_eq!(WORDS.is_in(text), !words.is_empty(), "{text}");
        }
    }
}
