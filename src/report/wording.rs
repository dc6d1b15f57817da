//! Numbers and times as one writes them in a sentence.

use super::visible::visible_line;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A length of time: `340 ms`, `1.2 s`, `4 min 46 s`, `2 h 5 min`.
pub(super) fn duration(ms: u64) -> String {
    let (s, min, h) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    match () {
        () if ms < 1_000 => format!("{ms} ms"),
        () if s < 10 => format!("{s}.{} s", ms % 1_000 / 100),
        () if s < 60 => format!("{s} s"),
        () if h == 0 => parts(min, "min", s % 60, "s"),
        () if h < 48 => parts(h, "h", min % 60, "min"),
        () => parts(h / 24, "d", h % 24, "h"),
    }
}

fn parts(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 { format!("{large} {large_unit}") } else { format!("{large} {large_unit} {small} {small_unit}") }
}

/// `1 row`, `3 rows`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

/// Changed rows, where there may be more that nobody has counted.
pub(super) fn changed_rows(affected: u64, uncounted: bool) -> String {
    match (affected, uncounted) {
        (0, true) => "changed rows (not counted)".to_owned(),
        (_, true) => format!("{} (others not counted)", count(affected, "changed row", "changed rows")),
        (_, false) => count(affected, "changed row", "changed rows"),
    }
}

/// An amount of data: `640 bytes`, `1.4 MB`, `88 MB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1024 {
        return count(bytes, "byte", "bytes");
    }
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    while tenths >= 10_240 {
        let Some(larger) = units.next() else { break };
        (tenths, unit) = (tenths / 1024, larger);
    }
    if tenths < 100 { format!("{}.{} {unit}", tenths / 10, tenths % 10) } else { format!("{} {unit}", tenths / 10) }
}

pub(super) use crate::run::grouped;

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A text as the end of a sentence: on one line, and without the full stop
/// that the sentence itself will have.
pub(super) fn clause(text: &str) -> String {
    visible_line(text).trim_end_matches('.').to_owned()
}

/// Tells times of a run, with the day where it is not the day it began.
pub(super) struct Times {
    day: String,
}

impl Times {
    pub(super) fn since(start: &str) -> Self {
        Self { day: day(start) }
    }

    /// `03:16:02`, or `2026-11-23 03:16:02` on another day.
    pub(super) fn time(&self, at: &str) -> String {
        match at.parse::<Timestamp>() {
            Ok(time) if day(at) == self.day => format(time, "%H:%M:%S"),
            Ok(time) => format(time, "%Y-%m-%d %H:%M:%S"),
            Err(_) => visible_line(at),
        }
    }
}

/// `2026-11-22`.
pub(super) fn day(at: &str) -> String {
    at.parse().map_or_else(|_| visible_line(at), |time| format(time, "%Y-%m-%d"))
}

fn format(time: Timestamp, form: &str) -> String {
    time.to_zoned(TimeZone::UTC).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_exact_as_they_are_short() {
        let lengths = [0, 340, 1_240, 59_999, 60_000, 286_000, 3_600_000, 7_500_000, 200_000_000];
        let texts = lengths.map(duration);
        assert_eq!(texts, ["0 ms", "340 ms", "1.2 s", "59 s", "1 min", "4 min 46 s", "1 h", "2 h 5 min", "2 d 7 h"]);
    }

    #[test]
    fn an_amount_of_data_has_two_digits_or_more() {
        let sizes = [1, 1023, 1024, 1_500_000, 92_274_688];
        assert_eq!(sizes.map(size), ["1 byte", "1,023 bytes", "1.0 KB", "1.4 MB", "88 MB"]);
    }

    #[test]
    fn counts_and_lists_read_as_english() {
        assert_eq!(count(1, "row", "rows"), "1 row");
        assert_eq!(count(1_234_567, "row", "rows"), "1,234,567 rows");
        assert_eq!(list(&["a".to_owned(), "b".to_owned(), "c".to_owned()]), "a, b and c");
    }

    #[test]
    fn the_day_is_said_where_it_is_another() {
        let times = Times::since("2026-11-22T23:59:00.000Z");
        assert_eq!(times.time("2026-11-22T23:59:01.500Z"), "23:59:01");
        assert_eq!(times.time("2026-11-23T00:00:01.000Z"), "2026-11-23 00:00:01");
    }
}
