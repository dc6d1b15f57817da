//! What a block does, in the words of its card and of the question that asks
//! for a word.

use super::style;
use super::visible::inline;
use crate::runbook::Effect;
use anstyle::Style;

/// Of what is at stake, more letters are not repeated where the word is typed:
/// the line must stay in view on the smallest screen.
const MOST: usize = 240;

/// The word for an effect, and how it looks.
pub(super) fn word(effect: Effect) -> (&'static str, Style) {
    match effect {
        Effect::Read => ("reads", style::GOOD),
        Effect::Write => ("CHANGES", style::CAUTION),
        Effect::Unknown => ("MAY CHANGE", style::CAUTION),
        Effect::Destructive => ("DESTRUCTIVE", style::DANGER),
    }
}

/// What is done, as `on db-1: restarts jobs; removes a` behind the word for it:
/// where all of it happens is said once.
#[must_use]
pub fn told(reasons: &[String]) -> String {
    if reasons.is_empty() {
        return String::new();
    }
    let (place, reasons) = without_place(reasons);
    let reasons: Vec<String> = reasons.into_iter().map(inline).collect();
    let place = if place.is_empty() { String::new() } else { format!(" {}", inline(place.trim_start())) };
    format!("{place}: {}", reasons.join("; "))
}

/// The line that says once more what is at stake, and where.
pub(super) fn line(effect: Effect, reasons: &[String], place: &str) -> String {
    // The worst comes first, and is always said.
    let mut length = 0;
    let fits = |reason: &&String| {
        let is_first = length == 0;
        length += reason.chars().count() + 2;
        is_first || length <= MOST
    };
    let shown = reasons.iter().take_while(fits).count();
    let more = match reasons.len() - shown {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let place = if place.is_empty() { String::new() } else { format!(" · {}", inline(place)) };
    format!("{}{}{more}{place}", word(effect).0, told(&reasons[..shown]))
}

/// Where all of it happens, ` on db-1`, if several reasons end alike, and the
/// reasons without that: it need not be read with each of them.
fn without_place(reasons: &[String]) -> (&str, Vec<&str>) {
    let place = match reasons {
        [first, others @ ..] if !others.is_empty() => first.rfind(" on ").map_or("", |at| &first[at..]),
        _ => "",
    };
    let place = if reasons.iter().all(|reason| reason.ends_with(place)) { place } else { "" };
    (place, reasons.iter().map(|reason| reason.strip_suffix(place).unwrap_or(reason)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_at_stake_is_one_line_however_much_it_is() {
        let reasons: Vec<String> = (0..40).map(|number| format!("deletes the volume pgdata-{number}")).collect();
        let line = line(Effect::Destructive, &reasons, "on db-1");
        assert!(line.starts_with("DESTRUCTIVE: deletes the volume pgdata-0; deletes"), "{line}");
        assert!(line.ends_with(" more · on db-1") && line.len() < MOST + 60, "{line}");
        assert_eq!(super::line(Effect::Destructive, &["x".repeat(999)], "").len(), "DESTRUCTIVE: ".len() + 999);
        assert_eq!(super::line(Effect::Write, &[], "on db-1"), "CHANGES · on db-1");
    }
}
