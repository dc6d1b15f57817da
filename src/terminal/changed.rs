//! What is different in the output of a try.

use super::style::{self, Span};
use super::{visible, wrap};
use crate::effect::ChangedLine;

/// More lines than these are only counted.
const MOST: usize = 20;

/// The lines for a try of which only the difference is shown.
pub(super) fn lines(attempt: u32, changed: &[ChangedLine], columns: Option<usize>) -> Vec<Vec<Span>> {
    let mut lines = vec![vec![Span::new(format!("· try {attempt} is different:"), style::QUIET)]];
    // Where only one would be left out, it is shown instead of the count.
    let shown = if changed.len() <= MOST + 1 { changed.len() } else { MOST };
    let room = columns.map(|columns| columns.saturating_sub(5).max(8));
    for line in &changed[..shown] {
        let (sign, sign_style) = if line.is_gone { ("−", style::QUIET) } else { ("+", style::GOOD) };
        for (number, part) in wrap::cells(&visible::code(&line.text), room).into_iter().enumerate() {
            let sign = if number == 0 { sign } else { "┆" };
            let mut whole = vec![Span::new("  ", style::PLAIN), Span::new(sign, sign_style), Span::plain(" ")];
            let quiet = |span: Span| if line.is_gone { Span::new(span.text, style::QUIET) } else { span };
            whole.extend(part.into_iter().map(quiet));
            lines.push(whole);
        }
    }
    if changed.len() > shown {
        lines.push(vec![Span::new(format!("  … {} lines more", changed.len() - shown), style::QUIET)]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::style::paint;

    fn shown(changed: &[(bool, &str)], columns: usize) -> String {
        let changed: Vec<_> =
            changed.iter().map(|(is_gone, text)| ChangedLine { is_gone: *is_gone, text: (*text).to_owned() }).collect();
        lines(3, &changed, Some(columns)).iter().map(|line| paint(line, false) + "\n").collect()
    }

    #[test]
    fn what_went_and_what_came_are_told_apart() {
        let text = shown(&[(true, "relay offline"), (false, "relay online")], 40);
        assert_eq!(text, "· try 3 is different:\n  − relay offline\n  + relay online\n");
    }

    #[test]
    fn a_long_line_goes_on_behind_its_sign_and_controls_are_named() {
        let text = shown(&[(false, "abcdefghijklmnopqrst\u{1b}[2J")], 20);
        assert_eq!(text, "· try 3 is different:\n  + abcdefghijklmno\n  ┆ pqrst␛[2J\n");
    }

    #[test]
    fn many_lines_are_counted() {
        let many = vec![(false, "x"); 25];
        assert!(shown(&many, 40).ends_with("  + x\n  … 5 lines more\n"));
        assert_eq!(shown(&many[..21], 40).lines().count(), 22);
    }
}
