//! Characters that a terminal would not show, or that change how others are
//! shown, written so that they can be seen: what you see is what runs.

use super::style::{PLAIN, QUIET, Span, UNSEEN};
use unicode_width::UnicodeWidthChar;

/// Columns between tab stops in code.
const TAB: usize = 4;

/// How `c` is written where it would not be seen as itself: control
/// characters by their picture (`␛`), all others by their number
/// (`<U+202E>`). `None` for a character that is seen as itself.
#[must_use]
pub fn name(c: char) -> Option<String> {
    match c {
        ' '..='~' => None,
        '\0'..='\u{1f}' | '\u{7f}' => Some(picture(c).to_string()),
        _ if is_deceptive(c) || c.width().unwrap_or(0) == 0 || is_odd_space(c) => {
            Some(format!("<U+{:04X}>", u32::from(c)))
        }
        _ => None,
    }
}

/// The picture of a control character of ASCII; any other character itself.
pub(super) fn picture(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(c),
        '\u{7f}' => '␡',
        _ => c,
    }
}

/// Whether `c` can make text look like other text, wherever it is shown: C1
/// controls, bidirectional controls, line separators, and characters without
/// any shape.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Spaces that look like a space, or like two, and are neither to a shell.
fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{2800}' | '\u{3000}')
}

/// `text` for a single line of a message: line ends and tabs become spaces,
/// whatever else could not be seen is named.
#[must_use]
pub fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            _ => push(&mut out, c),
        }
    }
    out
}

/// `text` of several lines: whatever could not be seen is named, but for line
/// ends and tabs.
#[must_use]
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            _ => push(&mut out, c),
        }
    }
    out
}

/// Words of a page's prose: what deceives or controls is named, accents and
/// joined characters stay.
pub(super) fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(' '),
            _ if c.is_control() || is_deceptive(c) => push(&mut out, c),
            _ => out.push(c),
        }
    }
    out
}

fn push(out: &mut String, c: char) {
    match name(c) {
        Some(name) => out.push_str(&name),
        None => out.push(c),
    }
}

/// One line of code without its line end: every byte of it can be seen, tabs
/// and spaces at its end too.
pub(super) fn code(line: &str) -> Vec<Span> {
    let text_end = line.trim_end_matches([' ', '\t']).len();
    let mut spans: Vec<Span> = Vec::new();
    let mut column = 0;
    for (at, c) in line.char_indices() {
        let (text, style) = match c {
            '\t' => {
                let rest = TAB - column % TAB - 1;
                (format!("→{}", " ".repeat(rest)), QUIET)
            }
            ' ' if at >= text_end => ("·".to_owned(), UNSEEN),
            _ => match name(c) {
                Some(name) => (name, UNSEEN),
                None => (c.to_string(), PLAIN),
            },
        };
        column += unicode_width::UnicodeWidthStr::width(text.as_str());
        match spans.last_mut() {
            Some(last) if last.style == style => last.text.push_str(&text),
            _ => spans.push(Span::new(text, style)),
        }
    }
    spans
}

/// How many characters of `code` had to be named to be seen; tabs and line
/// ends, which every page has, are not counted.
pub(super) fn unseen(code: &str) -> usize {
    code.chars().filter(|c| !matches!(c, '\n' | '\t') && name(*c).is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::style::paint;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(name('\u{1b}').as_deref(), Some("␛"));
        assert_eq!(name('\u{202e}').as_deref(), Some("<U+202E>"));
        assert_eq!(name('\u{9b}').as_deref(), Some("<U+009B>"));
        assert_eq!(name('\u{200b}').as_deref(), Some("<U+200B>"));
        assert_eq!(name('\u{a0}').as_deref(), Some("<U+00A0>"));
        assert_eq!(name('\u{7f}').as_deref(), Some("␡"));
        for ordinary in ['a', 'é', '字', '→', ' '] {
            assert_eq!(name(ordinary), None, "{ordinary}");
        }
    }

    #[test]
    fn all_twelve_bidirectional_controls_are_named() {
        let controls =
            "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        assert!(controls.chars().all(|c| name(c).is_some() && is_deceptive(c)));
    }

    #[test]
    fn tabs_and_trailing_spaces_of_code_are_seen() {
        assert_eq!(paint(&code("a\tb c  "), false), "a→  b c··");
        assert_eq!(paint(&code("x\r"), false), "x␍");
    }

    proptest! {
        #[test]
        fn code_never_shows_a_control_or_shapeless_character(text in any::<String>()) {
            for line in text.split('\n') {
                let shown = paint(&code(line), false);
                prop_assert!(shown.chars().all(|c| c.width().is_some_and(|width| width > 0)), "{shown:?}");
            }
        }

        #[test]
        fn two_different_lines_without_named_characters_look_different(a in "[ -~\t]{0,8}", b in "[ -~\t]{0,8}") {
            prop_assume!(a != b);
            prop_assert_ne!(code(&a), code(&b));
        }
    }
}
