//! Whether a text can hold what a pattern looks for at all.
//!
//! Patterns are matched against every word and paragraph of a page, and hardly
//! ever found: to look for the letters that each of them needs costs far less
//! than to match it, or to build it.

/// Whether one of `needles`, which are lower-case ASCII, stands in `text`,
/// written in whatever case.
pub(super) fn holds_any(text: &str, needles: &[&str]) -> bool {
    // One bit for each byte that a needle begins with, by its lower five.
    let bit = |byte: u8| 1_u32 << (byte & 0x1f);
    let begins = needles.iter().filter_map(|needle| needle.as_bytes().first()).fold(0, |all, byte| all | bit(*byte));
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| begins & bit(**byte) != 0).any(|(at, byte)| {
        let first = byte.to_ascii_lowercase();
        let mut begun = needles.iter().map(|needle| needle.as_bytes()).filter(|needle| needle.first() == Some(&first));
        begun.any(|needle| bytes[at..].get(..needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle)))
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
        assert!(holds_any("v1.X", &["0.x", "1.x"]) && !holds_any("v1.X", &["0.x", "9.x"]));
        for text in ["", "you", "yo ur", "y", "…"] {
            assert!(!holds_any(text, &["your"]), "{text}");
        }
    }
}
