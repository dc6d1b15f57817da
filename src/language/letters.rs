//! Whether a text can hold what a pattern looks for at all.
//!
//! Patterns are matched against every word and paragraph of a page, and hardly
//! ever found: to look for the letters that each of them needs costs far less
//! than to match it, or to build it.

/// Whether one of `needles`, which are lower-case ASCII, stands in `text`,
/// written in whatever case.
pub(super) fn holds_any(text: &str, needles: &[&str]) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|at| {
        let letter = bytes[at].to_ascii_lowercase();
        let begins = |needle: &&&str| needle.as_bytes().first() == Some(&letter);
        needles.iter().filter(begins).any(|needle| {
            bytes.get(at..at + needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle.as_bytes()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::holds_any;

    #[test]
    fn a_needle_is_found_in_any_case_and_anywhere() {
        for text in ["your", "YOUR-id", "set Your", "…your…", "a yo your"] {
            assert!(holds_any(text, &["nothing", "your"]), "{text}");
        }
        for text in ["", "you", "yo ur", "y", "…"] {
            assert!(!holds_any(text, &["your"]), "{text}");
        }
    }
}
