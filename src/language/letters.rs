//! Whether a text can hold what a pattern looks for at all.
//!
//! Patterns are matched against every word and paragraph of a page, and hardly
//! ever found: to look for the letters that each of them needs costs far less
//! than to match it, or to build it.

/// Texts that are looked for all at once, in whatever case they are written.
pub(super) struct Needles {
    written: &'static [&'static str],
    /// For each byte, a bit for each needle that begins with it.
    first: [u32; 256],
    /// The same for the byte behind that: hardly a pair of letters begins one
    /// of them by chance.
    second: [u32; 256],
}

impl Needles {
    /// `written` are lower-case ASCII, of at least two letters each, and no more
    /// than 32.
    pub(super) const fn new(written: &'static [&'static str]) -> Self {
        assert!(written.len() <= 32, "there is a bit for each");
        let (mut first, mut second) = ([0; 256], [0; 256]);
        let mut at = 0;
        while at < written.len() {
            let needle = written[at].as_bytes();
            assert!(needle.len() >= 2, "its first two letters are looked for");
            let bit = 1 << at;
            first[needle[0] as usize] |= bit;
            first[needle[0].to_ascii_uppercase() as usize] |= bit;
            second[needle[1] as usize] |= bit;
            second[needle[1].to_ascii_uppercase() as usize] |= bit;
            at += 1;
        }
        Self { written, first, second }
    }

    /// Whether one of them stands in `text`.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.windows(2).enumerate().any(|(at, pair)| {
            let begun = self.first[usize::from(pair[0])] & self.second[usize::from(pair[1])];
            begun != 0 && self.one_stands_at(&bytes[at..])
        })
    }

    /// Whether `fits` holds for all of them.
    #[cfg(test)]
    pub(super) fn all(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.written.iter().all(|needle| fits(needle))
    }

    fn one_stands_at(&self, bytes: &[u8]) -> bool {
        self.written
            .iter()
            .any(|needle| bytes.get(..needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::Needles;

    #[test]
    fn a_needle_is_found_in_any_case_and_anywhere() {
        static WORDS: Needles = Needles::new(&["nothing", "your"]);
        for text in ["your", "YOUR-id", "set Your", "…your…", "a yo your", "nnothing"] {
            assert!(WORDS.stand_in(text), "{text}");
        }
        for text in ["", "you", "yo ur", "y", "…", "noyour".trim_end_matches('r')] {
            assert!(!WORDS.stand_in(text), "{text}");
        }
        static VERSIONS: Needles = Needles::new(&["0.x", "1.x"]);
        assert!(VERSIONS.stand_in("v1.X") && !VERSIONS.stand_in("v9.X"));
    }
}
