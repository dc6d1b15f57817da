//! What came, beside what the page shows.

use super::style::{self, Span};
use super::visible::inline;
use super::wrap;
use crate::run::{Compared, Gap, Likeness};

/// Lines that differ and are shown; the report has more.
const SHOWN: usize = 4;
/// The narrowest screen on which both stand side by side.
const SIDE_BY_SIDE: usize = 100;

/// The lines that tell how an output compares with the page.
pub(super) fn lines(compared: &Compared, columns: Option<usize>) -> Vec<Vec<Span>> {
    let (sign, style, what) = match compared.likeness {
        Likeness::Same => ("=", style::GOOD, "as the page shows"),
        Likeness::Similar => ("≈", style::CAUTION, "like what the page shows"),
        Likeness::Different => ("≠", style::CAUTION, "not as the page shows"),
    };
    let mut lines = vec![vec![Span::new(sign, style), Span::plain(format!(" {what}"))]];
    let width = columns.filter(|columns| *columns >= SIDE_BY_SIDE);
    for gap in compared.gaps.iter().take(SHOWN) {
        match (width, &gap.found) {
            (Some(columns), Some(found)) => lines.extend(beside(&gap.expected, found, (columns - 7) / 2)),
            _ => lines.extend(above(gap, columns)),
        }
    }
    for unwanted in compared.unwanted.iter().take(SHOWN) {
        lines.extend(labelled("should not come", unwanted, columns));
    }
    let more = compared.gaps.len().saturating_sub(SHOWN) + compared.unwanted.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(vec![Span::new(format!("    … {more} more in the report"), style::QUIET)]);
    }
    lines
}

/// The page's line on the left, what came on the right.
fn beside(expected: &str, found: &str, half: usize) -> Vec<Vec<Span>> {
    let cells = |text: &str| wrap::cells(&[Span::plain(inline(text))], Some(half));
    let (left, right) = (cells(expected), cells(found));
    let rows = left.len().max(right.len());
    (0..rows)
        .map(|row| {
            let left = left.get(row).cloned().unwrap_or_default();
            let padding = " ".repeat(half.saturating_sub(wrap::width(&left)));
            let mut line = vec![Span::plain("    ")];
            line.extend(left.into_iter().map(|span| Span::new(span.text, style::QUIET)));
            line.push(Span::new(format!("{padding} │ "), style::QUIET));
            line.extend(right.get(row).cloned().unwrap_or_default());
            line
        })
        .collect()
}

fn above(gap: &Gap, columns: Option<usize>) -> Vec<Vec<Span>> {
    let mut lines = labelled(if gap.found.is_some() { "page" } else { "missing" }, &gap.expected, columns);
    if let Some(found) = &gap.found {
        lines.extend(labelled("here", found, columns));
    }
    lines
}

fn labelled(label: &str, text: &str, columns: Option<usize>) -> Vec<Vec<Span>> {
    let room = columns.map(|columns| columns.saturating_sub(label.len() + 6).max(8));
    let parts = wrap::cells(&[Span::plain(inline(text))], room);
    let indent = " ".repeat(label.len() + 6);
    parts
        .into_iter()
        .enumerate()
        .map(|(number, part)| {
            let head = if number == 0 { format!("    {label}: ") } else { indent.clone() };
            std::iter::once(Span::new(head, style::QUIET)).chain(part).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::BlockRef;
    use crate::terminal::style::paint;

    fn drawn(likeness: Likeness, gaps: &[(&str, Option<&str>)], unwanted: &[&str], columns: usize) -> Vec<String> {
        let gaps = gaps
            .iter()
            .map(|(expected, found)| Gap { expected: (*expected).to_owned(), found: found.map(str::to_owned) });
        let compared = Compared {
            block: BlockRef { step: "a".to_owned(), number: 1 },
            likeness,
            gaps: gaps.collect(),
            unwanted: unwanted.iter().map(|line| (*line).to_owned()).collect(),
        };
        lines(&compared, Some(columns)).iter().map(|line| paint(line, false)).collect()
    }

    #[test]
    fn what_is_as_it_should_be_takes_one_line() {
        assert_eq!(drawn(Likeness::Same, &[], &[], 80), ["= as the page shows"]);
    }

    #[test]
    fn on_a_narrow_screen_what_came_stands_below_what_the_page_shows() {
        let gaps = [("web Running", Some("web \u{1b}[31mPending")), ("api Running", None)];
        assert_eq!(
            drawn(Likeness::Different, &gaps, &["Error: x"], 60),
            [
                "≠ not as the page shows",
                "    page: web Running",
                "    here: web ␛[31mPending",
                "    missing: api Running",
                "    should not come: Error: x",
            ]
        );
    }

    #[test]
    fn on_a_wide_screen_they_stand_side_by_side() {
        let lines = drawn(Likeness::Similar, &[("a 1", Some("a 2"))], &[], 100);
        assert_eq!(lines[1], format!("    a 1{} │ a 2", " ".repeat(43)));
    }

    #[test]
    fn many_differences_are_counted() {
        let gaps = [("a", None); 6];
        assert_eq!(
            drawn(Likeness::Different, &gaps, &[], 60).last().map(String::as_str),
            Some("    … 2 more in the report")
        );
    }
}
