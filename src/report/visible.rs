//! Text from outside, made harmless to look at: what would move the cursor,
//! colour the screen or turn the reading direction is removed or shown.

use std::borrow::Cow;

/// The modes by which a program takes the whole screen for itself.
const SCREENS: [&str; 3] = ["1049", "1047", "47"];
/// Stands in the report for what such a program drew.
const SCREEN: &str = "… a program had the whole screen …\n";

/// `output` without what a program drew on a screen of its own: parts of it one
/// over the other, which were gone when it gave the screen back. Where it never
/// did, nothing is left out.
pub(super) fn without_screens(output: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    // Up to here it is in `shown`, up to there looked at.
    let (mut taken, mut at) = (0, 0);
    let mut ends = SCREENS.to_vec();
    while let Some(begin) = output[at..].find("\u{1b}[?").map(|offset| at + offset) {
        at = begin + 3;
        let Some(place) =
            ends.iter().position(|mode| output[at..].strip_prefix(mode).is_some_and(|rest| rest.starts_with('h')))
        else {
            continue;
        };
        let end = format!("\u{1b}[?{}l", ends[place]);
        let Some(length) = output[at..].find(&end) else {
            // Nor will any other that begins like this.
            ends.remove(place);
            continue;
        };
        shown.push_str(&output[taken..begin]);
        if !shown.is_empty() && !shown.ends_with('\n') {
            shown.push('\n');
        }
        shown.push_str(SCREEN);
        at += length + end.len();
        taken = at;
    }
    if taken == 0 { Cow::Borrowed(output) } else { Cow::Owned(shown + &output[taken..]) }
}

/// `text` with escape sequences removed and every other control character
/// made visible, but for line ends and tabs.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(length) = escape_sequence(rest) {
            rest = &rest[length..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '\r' if rest.starts_with('\n') => {}
            '\n' | '\t' => shown.push(c),
            _ if must_show(c) => show(c, &mut shown),
            _ => shown.push(c),
        }
    }
    shown
}

/// Code with every control character made visible: nothing of what ran may
/// be missing from what is shown.
pub(super) fn visible_code(code: &str) -> String {
    let mut shown = String::with_capacity(code.len());
    for c in code.chars() {
        match c {
            '\n' | '\t' => shown.push(c),
            _ if must_show(c) => show(c, &mut shown),
            _ => shown.push(c),
        }
    }
    shown
}

/// `text` on one line.
pub(super) fn visible_line(text: &str) -> String {
    let shown = visible(text);
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of some Markdown on one line, without its markup.
pub(super) fn plain_line(markdown: &str) -> String {
    use pulldown_cmark::{Event, Parser, TagEnd};
    let mut plain = String::with_capacity(markdown.len());
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) | Event::Html(text) => {
                plain.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => plain.push(' '),
            _ => {}
        }
    }
    visible_line(&plain)
}

fn show(c: char, shown: &mut String) {
    match c {
        '\u{7f}' => shown.push('\u{2421}'),
        '\0'..='\u{1f}' => shown.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
        _ => shown.push_str(&format!("<U+{:04X}>", u32::from(c))),
    }
}

/// Control characters, and those that have no shape of their own and change
/// how others are read: bidirectional and zero-width ones, line separators,
/// tags.
fn must_show(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The length of the terminal escape sequence that `text` begins with.
/// `None` where there is none, or it has no end: then its first character is
/// shown rather than everything after it hidden.
fn escape_sequence(text: &str) -> Option<usize> {
    let (introducer, rest) = match text.strip_prefix('\u{1b}') {
        Some(rest) => {
            let c = rest.chars().next()?;
            (c, rest.strip_prefix(c)?)
        }
        None => {
            let c = text.chars().next()?;
            let seven_bit = match c {
                '\u{9b}' => '[',
                '\u{9d}' => ']',
                '\u{90}' => 'P',
                _ => return None,
            };
            (seven_bit, text.strip_prefix(c)?)
        }
    };
    let end = match introducer {
        '[' => {
            let parameters = rest.bytes().take_while(|byte| matches!(byte, 0x20..=0x3f)).count();
            matches!(rest.as_bytes().get(parameters), Some(0x40..=0x7e)).then_some(parameters + 1)?
        }
        ']' | 'P' | 'X' | '^' | '_' => {
            let end = rest.find(['\u{7}', '\u{1b}', '\u{9c}', '\n'])?;
            match rest.as_bytes()[end] {
                b'\n' => return None,
                0x1b => rest[end..].starts_with("\u{1b}\\").then_some(end + 2)?,
                0x07 => end + 1,
                _ => end + '\u{9c}'.len_utf8(),
            }
        }
        ' '..='/' => {
            let intermediates = rest.bytes().take_while(|byte| matches!(byte, 0x20..=0x2f)).count();
            matches!(rest.as_bytes().get(intermediates), Some(0x30..=0x7e)).then_some(intermediates + 1)?
        }
        '0'..='~' => 0,
        _ => return None,
    };
    Some(text.len() - rest.len() + end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn colours_and_titles_are_removed() {
        assert_eq!(
            visible("\u{1b}[1;31mred\u{1b}[0m \u{1b}]0;title\u{7}x\u{1b}]8;;http://a\u{1b}\\y\u{9b}2Jz"),
            "red xyz"
        );
        assert_eq!(visible("\u{1b}(Ba\u{1b}7b"), "ab");
    }

    #[test]
    fn what_was_drawn_on_another_screen_is_named_and_not_repeated() {
        let screen = "\u{1b}[?1049h\u{1b}[2;5Hbusy\r\n\u{1b}[?1049l";
        assert_eq!(without_screens(&format!("one\n{screen}two\n")), format!("one\n{SCREEN}two\n"));
        assert_eq!(without_screens(&format!("{screen}a{screen}")), format!("{SCREEN}a\n{SCREEN}"));
        for whole in ["plain\n", "\u{1b}[?1049hit died in the middle", "\u{1b}[?47hx\u{1b}[?1049l"] {
            assert_eq!(without_screens(whole), whole);
        }
    }

    #[test]
    fn a_sequence_without_end_hides_nothing() {
        assert_eq!(visible("\u{1b}]0;never ends\nrm -rf"), "␛]0;never ends\nrm -rf");
        assert_eq!(visible("a\u{1b}"), "a␛");
        assert_eq!(visible("\u{1b}[31"), "␛[31");
    }

    #[test]
    fn what_turns_or_hides_text_is_shown() {
        assert_eq!(visible("a\u{202e}b\u{2066}\u{200b}\u{feff}\u{85}"), "a<U+202E>b<U+2066><U+200B><U+FEFF><U+0085>");
        assert_eq!(visible("10%\r20%\r\n\u{8}\0"), "10%␍20%\n␈␀");
        assert_eq!(visible("tab\tžluťoučký 🐎"), "tab\tžluťoučký 🐎");
    }

    proptest! {
        #[test]
        fn nothing_is_left_that_must_be_shown(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(|c| must_show(c) && c != '\n' && c != '\t'));
        }
    }
}
