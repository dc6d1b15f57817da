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
    let mut lines: Vec<Vec<Word>> = vec![Vec::new()];
    let mut column = 0;
    for word in split_words(spans) {
        let wide = width(&word.spans);
        let gap = usize::from(column > 0 && word.spaced);
        if word.on_new_line {
            give_company(&mut lines, limit);
        }
        if word.on_new_line || (column > 0 && column + gap + wide > limit && (word.spaced || column >= limit)) {
            lines.push(Vec::new());
            column = 0;
        } else {
            column += gap;
        }
        column += wide;
        if let Some(line) = lines.last_mut() {
            line.push(word);
        }
    }
    give_company(&mut lines, limit);
    lines.into_iter().map(set).collect()
}

/// Words so short say nothing alone on a line: the `s` of `0.3 s`, the `119` of
/// `line 119`.
const SHORTEST: usize = 3;

/// Where a paragraph's last line is one such word, takes the word before it
/// along.
fn give_company(lines: &mut [Vec<Word>], limit: usize) {
    let [.., before, last] = lines else { return };
    let [only] = last.as_slice() else { return };
    let is_alone = only.spaced && !only.on_new_line && width(&only.spans) <= SHORTEST;
    let fits = |word: &Word| word.spaced && width(&word.spans) + 1 + width(&only.spans) <= limit;
    if is_alone && before.len() > 1 && before.last().is_some_and(fits) {
        last.splice(0..0, before.pop());
    }
}

/// The words of a line, with the gaps between them.
fn set(words: Vec<Word>) -> Vec<Span> {
    let mut line = vec![Vec::new()];
    for word in words {
        if word.spaced && !line[0].is_empty() {
            append(&mut line, " ", word.gap_style);
        }
        for span in word.spans {
            append(&mut line, &span.text, span.style);
        }
    }
    line.pop().unwrap_or_default()
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

/// Breaks `spans` so that no line is wider than `limit` columns, keeping every
/// character: for code. After a space where that leaves a line at least half
/// full, otherwise anywhere. `None` leaves the line whole.
pub(super) fn cells(spans: &[Span], limit: Option<usize>) -> Vec<Vec<Span>> {
    let Some(limit) = limit.map(|limit| limit.max(1)) else { return vec![spans.to_vec()] };
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let mut row: Vec<(char, anstyle::Style, usize)> = Vec::new();
    let mut column = 0;
    let columns = |row: &[(char, anstyle::Style, usize)]| row.iter().map(|(.., wide)| wide).sum::<usize>();
    let end = |row: &mut Vec<_>, at: usize, lines: &mut Vec<Vec<Span>>| {
        for (c, style, _) in row.drain(..at) {
            append(lines, char::encode_utf8(c, &mut [0; 4]), style);
        }
    };
    for span in spans {
        let mut chars = span.text.chars().peekable();
        while let Some(c) = chars.next() {
            let wide = wide(c, chars.peek().copied());
            // What is taken along to the next line may leave no room there.
            while column > 0 && column + wide > limit {
                let after_space = row.iter().rposition(|(c, ..)| *c == ' ').map(|at| at + 1);
                let at = after_space.filter(|at| columns(&row[..*at]) * 2 >= limit).unwrap_or(row.len());
                end(&mut row, at, &mut lines);
                lines.push(Vec::new());
                column = columns(&row);
            }
            row.push((c, span.style, wide));
            column += wide;
        }
    }
    let rest = row.len();
    end(&mut row, rest, &mut lines);
    lines
}

/// The columns of a character: `next` may ask for its picture, which is wider.
fn wide(c: char, next: Option<char>) -> usize {
    match next {
        Some(picture @ '\u{fe0f}') => String::from_iter([c, picture]).width(),
        _ => c.width().unwrap_or(0),
    }
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
    fn a_unit_is_not_left_alone_on_the_last_line() {
        let spans = [Span::plain("3 rows · 0.3 s\nat least 1")];
        assert_eq!(texts(&words(&spans, 12)), ["3 rows ·", "0.3 s", "at least 1"]);
        assert_eq!(texts(&words(&spans, 9)), ["3 rows ·", "0.3 s", "at", "least 1"]);
        assert_eq!(texts(&words(&[Span::plain("abcdefgh i")], 8)), ["abcdefgh", "i"], "there is none to take along");
    }

    #[test]
    fn code_is_broken_after_a_space_where_one_is_near() {
        let broken = |text: &str, limit| texts(&cells(&[Span::plain(text)], Some(limit)));
        assert_eq!(broken("AND seen < '2026-11-22'", 16), ["AND seen < ", "'2026-11-22'"]);
        assert_eq!(broken("a abcdefghijk", 8), ["a abcdef", "ghijk"], "not where it would leave most of a line empty");
        assert_eq!(broken("abcdefgh  ij", 8), ["abcdefgh", "  ij"]);
        assert_eq!(broken("#\u{fe0f}ab", 2), ["#\u{fe0f}", "ab"], "a picture is wider than its sign");
    }

    #[test]
    fn what_is_taken_along_is_broken_again_where_the_next_sign_has_no_room() {
        assert_eq!(texts(&cells(&[Span::plain(" x⺀")], Some(2))), [" ", "x", "⺀"]);
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
            prop_assert!(lines.iter().all(|line| width(line) <= limit.max(2)), "{lines:?}");
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
