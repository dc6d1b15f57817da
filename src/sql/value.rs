//! A value of a result, as it is shown.

use crate::effect::Output;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands for NULL. A text that says just that stands in quotes.
pub(super) const NULL: &str = "(null)";

/// Bytes of a value that are looked at for being shown; its rest is in the
/// record alone.
const TAKEN: usize = 1 << 20;

/// A value as the driver has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    /// The server's own text; `None` is NULL.
    pub(super) bytes: Option<&'a [u8]>,
    /// Numbers stand at the right of their column.
    pub(super) numeric: bool,
}

/// A value that waits to be shown.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    text: Option<String>,
    /// Bytes that are not in `text`.
    left_out: usize,
    numeric: bool,
}

impl Waiting {
    pub(super) fn new(value: Value<'_>) -> Self {
        let Some(bytes) = value.bytes else { return Self { text: None, left_out: 0, numeric: value.numeric } };
        let mut taken = bytes.len().min(TAKEN);
        // Not in the middle of a character.
        while taken < bytes.len() && bytes[taken] & 0xc0 == 0x80 {
            taken -= 1;
        }
        // A session may have been set to another encoding than UTF-8.
        let text = String::from_utf8_lossy(&bytes[..taken]).into_owned();
        Self { text: Some(text), left_out: bytes.len() - taken, numeric: value.numeric }
    }

    pub(super) fn is_null(&self) -> bool {
        self.text.is_none()
    }

    pub(super) fn is_numeric(&self) -> bool {
        self.numeric
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.as_ref().map_or(0, String::len)
    }

    /// At most so many bytes of it, as lines that a terminal shows as they are.
    pub(super) fn shown(&self, most: usize, output: &dyn Output) -> Shown {
        let Some(text) = &self.text else { return Shown::whole(NULL) };
        // What is judged is masked on its way out, and only there.
        let unmasked = most == usize::MAX && self.left_out == 0;
        let masked = if unmasked { Cow::Borrowed(text.as_str()) } else { output.masked(text) };
        let end = if masked.len() > most { masked.floor_char_boundary(most) } else { masked.len() };
        let left_out = self.left_out + masked.len() - end;
        let mut text = visible(&masked[..end]);
        if is_quoted_null(&text) {
            text = format!("'{text}'");
        }
        if left_out > 0 {
            text.push_str(&format!("… ({} more bytes)", grouped(left_out as u64)));
        }
        Shown { lines: text.split('\n').map(str::to_owned).collect(), is_whole: left_out == 0 }
    }
}

/// A value as it is shown.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// At least one.
    pub(super) lines: Vec<String>,
    /// Whether nothing of it is left out.
    pub(super) is_whole: bool,
}

impl Shown {
    fn whole(text: &str) -> Self {
        Self { lines: vec![text.to_owned()], is_whole: true }
    }

    pub(super) fn width(&self) -> usize {
        self.lines.iter().map(|line| line.width()).max().unwrap_or(0)
    }
}

/// Whether `text` is the sign for NULL, or that in quotes: then another pair
/// of them tells it from what it looks like.
fn is_quoted_null(text: &str) -> bool {
    let inside = text.trim_matches('\'');
    let quotes = text.len() - inside.len();
    inside == NULL && quotes.is_multiple_of(2) && text[quotes / 2..].starts_with(NULL)
}

/// `text` with all but its newlines and what a terminal shows as it is
/// written out: `\t`, `\x1B`, `\u202E`.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(c),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if hidden(c) => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Characters that move or hide others: C1 controls, zero-width and
/// bidirectional ones.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
        || (c.width() == Some(0) && matches!(c, '\u{e0000}'..='\u{e007f}'))
}

/// `990,000`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{OutputError, Stream, Waiting as Wait};
    use proptest::prelude::*;

    struct Masking;

    impl Output for Masking {
        fn write(&mut self, _: Stream, _: &[u8]) -> Result<(), OutputError> {
            Ok(())
        }

        fn waiting(&mut self, _: &Wait) {}

        fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
            Cow::Owned(text.replace("correct-horse", "«word»"))
        }
    }

    fn shown(text: Option<&str>, most: usize) -> String {
        let value = Value { bytes: text.map(str::as_bytes), numeric: false };
        Waiting::new(value).shown(most, &Masking).lines.join("\n")
    }

    #[test]
    fn null_is_told_from_every_text() {
        assert_eq!(shown(None, 99), "(null)");
        assert_eq!(shown(Some("(null)"), 99), "'(null)'");
        assert_eq!(shown(Some("'(null)'"), 99), "''(null)''");
        assert_eq!(shown(Some("'(null)"), 99), "'(null)");
        for plain in ["", "NULL", "null", "''", "(null) "] {
            assert_eq!(shown(Some(plain), 99), plain);
        }
    }

    #[test]
    fn a_secret_that_would_be_cut_is_masked_before() {
        assert_eq!(shown(Some("the correct-horse is long"), 9), "the «wor… (11 more bytes)");
    }

    #[test]
    fn a_long_value_says_how_much_of_it_is_missing() {
        assert_eq!(shown(Some(&"é".repeat(1000)), 5), "éé… (1,996 more bytes)");
        let huge = "x".repeat(TAKEN + 5);
        assert!(shown(Some(&huge), usize::MAX).ends_with("x… (5 more bytes)"));
    }

    proptest! {
        #[test]
        fn texts_around_the_sign_for_null_stay_different(a in "'{0,4}(\\(null\\))?'{0,4}", b in "'{0,4}(\\(null\\))?'{0,4}") {
            prop_assume!(a != b);
            prop_assert_ne!(shown(Some(&a), 99), shown(Some(&b), 99));
            prop_assert_ne!(shown(Some(&a), 99), shown(None, 99));
        }
    }
}
