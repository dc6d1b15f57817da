//! Breaking styled text into lines of a given width.

use super::style::Span;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `spans` take.
pub(super) fn width(spans: &[Span]) -> usize {
    spans.iter().map(|span| span.text.width()).sum()
}

/// Breaks `spans` between words so that no line is wider than `limit`, except
/// for a single word that is: a URL stays whole, so that it can be copied. A
/// line feed in the text breaks the line.
pub(super) fn words(spans: &[Span], limit: usize) -> Vec<Vec<Span>> {
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let mut column = 0;
    for word in split_words(spans) {
        let wide = width(&word.spans);
        let gap = usize::from(column > 0 && word.spaced);
        if word.on_new_line || (column > 0 && column + gap + wide > limit && (word.spaced || column >= limit)) {
            lines.push(Vec::new());
            column = 0;
        } else if gap > 0 {
            append(&mut lines, " ", word.gap_style);
            column += gap;
        }
        for span in word.spans {
            append(&mut lines, &span.text, span.style);
        }
        column += wide;
    }
    lines
}

fn append(lines: &mut [Vec<Span>], text: &str, style: anstyle::Style) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some(last) if last.style == style => last.text.push_str(text),
        _ => line.push(Span::new(text, style)),
    }
}

struct Word {
    spans: Vec<Span>,
    spaced: bool,
    on_new_line: bool,
    gap_style: anstyle::Style,
}

/// Words may change their style within: `**not**ice` is one of them.
fn split_words(spans: &[Span]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    let mut spaced = false;
    let mut on_new_line = false;
    let mut previous = super::style::PLAIN;
    for span in spans {
        for c in span.text.chars() {
            if c == '\n' || c == ' ' {
                if on_new_line && c == '\n' {
                    // An empty line of its own.
                    words.push(Word { spans: Vec::new(), spaced, on_new_line, gap_style: previous });
                }
                open = false;
                spaced = true;
                on_new_line |= c == '\n';
                continue;
            }
            if !open {
                // A gap inside one style keeps it, so that `two words` in code
                // reads as one.
                let gap_style = if previous == span.style { span.style } else { super::style::PLAIN };
                words.push(Word { spans: Vec::new(), spaced, on_new_line, gap_style });
                open = true;
                spaced = false;
                on_new_line = false;
            }
            if let Some(word) = words.last_mut() {
                match word.spans.last_mut() {
                    Some(last) if last.style == span.style => last.text.push(c),
                    _ => word.spans.push(Span::new(c, span.style)),
                }
            }
            previous = span.style;
        }
    }
    words
}

/// Breaks `spans` at exactly `limit` columns, anywhere, keeping every
/// character: for code. `None` leaves the line whole.
pub(super) fn cells(spans: &[Span], limit: Option<usize>) -> Vec<Vec<Span>> {
    let Some(limit) = limit else { return vec![spans.to_vec()] };
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let mut column = 0;
    for span in spans {
        for c in span.text.chars() {
            let wide = c.width().unwrap_or(0);
            if column > 0 && column + wide > limit.max(1) {
                lines.push(Vec::new());
                column = 0;
            }
            append(&mut lines, c.encode_utf8(&mut [0; 4]), span.style);
            column += wide;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::style::{PLAIN, STRONG, paint};
    use proptest::prelude::*;

    fn texts(lines: &[Vec<Span>]) -> Vec<String> {
        lines.iter().map(|line| paint(line, false)).collect()
    }

    #[test]
    fn lines_break_between_words_and_at_line_feeds() {
        let spans = [Span::plain("one two three\nfour")];
        assert_eq!(texts(&words(&spans, 8)), ["one two", "three", "four"]);
    }

    #[test]
    fn a_word_of_two_styles_is_not_broken() {
        let spans = [Span::plain("it is "), Span::new("not", STRONG), Span::plain("iced")];
        assert_eq!(texts(&words(&spans, 9)), ["it is", "noticed"]);
    }

    #[test]
    fn a_word_wider_than_the_line_stays_whole() {
        let spans = [Span::plain("see https://example.org/a/long/path now")];
        assert_eq!(texts(&words(&spans, 10)), ["see", "https://example.org/a/long/path", "now"]);
    }

    proptest! {
        #[test]
        fn code_broken_into_cells_keeps_every_character(text in "\\PC{0,60}", limit in 1_usize..20) {
            let lines = cells(&[Span::new(text.clone(), PLAIN)], Some(limit));
            prop_assert_eq!(texts(&lines).concat(), text);
        }

        #[test]
        fn wrapped_words_are_the_same_words(text in "[a-z ]{0,60}", limit in 8_usize..20) {
            let lines = texts(&words(&[Span::plain(text.clone())], limit));
            let joined = lines.join(" ");
            prop_assert!(joined.split_whitespace().eq(text.split_whitespace()));
            prop_assert!(lines.iter().all(|line| line.len() <= limit || !line.contains(' ')));
        }
    }
}
