//! The one line that shows that something is waited for. It is never wider
//! than the screen: what matters least is left out first.

use super::filter::{Filter, Piece};
use super::outcome;
use crate::effect::Wait;
use std::time::Duration;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const INDENT: &str = "  ";
const BETWEEN: &str = " · ";

/// Less than this of a line of output says nothing.
const LEAST_OUTPUT: usize = 12;

/// One thing to tell, in full and in short, and how soon it is left out.
struct Part {
    full: String,
    short: String,
    /// The highest is left out first.
    dispensable: u8,
}

/// Columns that stay free: the last, and two for the `^C` that the terminal
/// shows when it is pressed, which must not end in a line of its own.
const FREE: usize = 3;

/// The line for a screen of so many columns.
pub(super) fn line(wait: &Wait, columns: usize) -> String {
    let room = columns.saturating_sub(FREE);
    let blocker = wait.blocked_by.as_deref().map(harmless);
    // Who is in the way matters more than the line of output, and than some of the rest.
    let kept = blocker.as_ref().map_or(0, |blocker| (blocker.width() + BETWEEN.width()).min(room * 2 / 3));
    let mut parts = parts(wait);
    let mut text = joined(&parts, |part| &part.full);
    if text.width() > room - kept {
        text = joined(&parts, |part| &part.short);
    }
    while text.width() > room - kept && parts.len() > 1 {
        let most = parts.iter().map(|part| part.dispensable).max();
        parts.retain(|part| Some(part.dispensable) != most);
        text = joined(&parts, |part| &part.short);
    }
    if let Some(further) = blocker.or_else(|| wait.last_line.as_deref().map(harmless)) {
        let left = room.saturating_sub(text.width() + BETWEEN.width());
        if left >= LEAST_OUTPUT {
            text.push_str(BETWEEN);
            text.push_str(&cut(&further, left));
        }
    }
    text
}

fn parts(wait: &Wait) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |dispensable, full: String, short: String| parts.push(Part { full, short, dispensable });
    if let Some((number, total)) = wait.step {
        add(6, format!("step {number} of {total}"), format!("{number}/{total}"));
    }
    if let Some(attempt) = wait.attempt {
        add(3, format!("try {attempt}"), format!("try {attempt}"));
    }
    add(1, format!("{} so far", full(wait.elapsed)), short(wait.elapsed));
    if let Some(next) = wait.next_try_in {
        add(0, format!("next try in {}", full(up(next))), format!("next in {}", short(up(next))));
    }
    if let Some(left) = wait.ended_in {
        add(2, format!("ended in {}", full(up(left))), format!("ends in {}", short(up(left))));
    }
    if let Some(left) = wait.given_up_in {
        add(5, format!("given up in {}", full(up(left))), format!("{} left", short(up(left))));
    }
    add(4, "Ctrl-C stops it".to_owned(), "^C stops".to_owned());
    parts
}

fn joined(parts: &[Part], form: impl Fn(&Part) -> &String) -> String {
    let texts: Vec<&str> = parts.iter().map(|part| form(part).as_str()).collect();
    INDENT.to_owned() + &texts.join(BETWEEN)
}

/// Whole seconds, so that the line changes once a second at most, however
/// often it is asked for: a slow line is not flooded.
fn full(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        _ => outcome::human(duration),
    }
}

/// To the next whole second: what is left is not nothing until it is.
fn up(left: Duration) -> Duration {
    Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}

/// `42s`, `3m05s`, `2h07m`.
fn short(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        seconds => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// A line of output as nothing but characters that can be shown.
fn harmless(line: &str) -> String {
    let mut text = String::new();
    let mut filter = Filter::default();
    let mut take = |piece: Piece<'_>| match piece {
        Piece::Lines(shown) | Piece::Pictures(shown, _) => text.push_str(&String::from_utf8_lossy(shown)),
        Piece::Text(c) => text.push(c),
        Piece::Tab | Piece::Newline | Piece::Return => text.push(' '),
        Piece::Back => {
            text.pop();
        }
        Piece::Style(_) | Piece::Up(_) | Piece::Down(_) | Piece::Erase { .. } | Piece::EraseBelow => {}
    };
    filter.push(line.as_bytes(), &mut take);
    filter.finish(&mut take);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first columns of `text`, with a sign where something is left out.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut width = 1;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width <= columns
    };
    text.chars().take_while(fits).collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    fn running() -> Wait {
        Wait { step: Some((2, 7)), elapsed: seconds(12), ended_in: Some(seconds(48)), ..Wait::default() }
    }

    fn polling() -> Wait {
        Wait {
            step: Some((2, 7)),
            attempt: Some(3),
            elapsed: seconds(25),
            given_up_in: Some(seconds(95)),
            next_try_in: Some(seconds(5)),
            last_line: Some("worker-1 is offline since 03:12:44, queue 1,204 waiting, and nobody knows why".to_owned()),
            ..Wait::default()
        }
    }

    #[test]
    fn on_a_wide_screen_everything_is_told() {
        assert_eq!(line(&running(), 200), "  step 2 of 7 · 12 s so far · ended in 48 s · Ctrl-C stops it");
        let told = line(&polling(), 200);
        let expected = "  step 2 of 7 · try 3 · 25 s so far · next try in 5 s · given up in 1 min 35 s · Ctrl-C stops it · \
                        worker-1 is offline since 03:12:44, queue 1,204 waiting, and nobody knows why";
        assert_eq!(told, expected);
    }

    #[test]
    fn on_eighty_columns_the_output_is_cut() {
        let wait = Wait { step: None, given_up_in: None, ..polling() };
        let told = line(&wait, 80);
        assert_eq!(told, "  try 3 · 25 s so far · next try in 5 s · Ctrl-C stops it · worker-1 is offl…");
        assert_eq!(told.width(), 77);
    }

    #[test]
    fn on_forty_columns_what_matters_least_is_left_out() {
        assert_eq!(line(&running(), 40), "  2/7 · 12s · ends in 48s · ^C stops");
        assert_eq!(line(&polling(), 40), "  try 3 · 25s · next in 5s · ^C stops");
        let long = Wait { elapsed: seconds(185), ended_in: Some(seconds(7_620)), ..running() };
        assert_eq!(line(&long, 40), "  3m05s · ends in 2h07m · ^C stops");
    }

    #[test]
    fn who_is_in_the_way_is_told_before_the_output() {
        let blocked_by = Some("blocked by process 4711 (app, worker-3)".to_owned());
        let wait = Wait { blocked_by, last_line: polling().last_line, ..running() };
        let told =
            "  step 2 of 7 · 12 s so far · ended in 48 s · Ctrl-C stops it · blocked by process 4711 (app, worker-3)";
        assert_eq!(line(&wait, 200), told);
        assert_eq!(line(&wait, 80), "  12s · ends in 48s · ^C stops · blocked by process 4711 (app, worker-3)");
        assert_eq!(line(&wait, 40), "  12s · blocked by process 4711 (app…");
    }

    #[test]
    fn output_in_the_line_cannot_send_control_sequences() {
        let last_line = Some("\u{1b}]0;title\u{7}\u{1b}[31mred\u{1b}[0m\u{1b}[2J\tafter \u{202e}back".to_owned());
        let told = line(&Wait { last_line, ..Wait::default() }, 200);
        assert_eq!(told, "  0 s so far · Ctrl-C stops it · ␛]0;title␇red after <U+202E>back");
    }

    proptest! {
        #[test]
        fn it_is_one_line_and_never_wider_than_the_screen(
            columns in 20_usize..220,
            numbers in proptest::array::uniform6(proptest::option::of(0_u64..1_000_000)),
            last_line in proptest::option::of("(\\PC|[\\x00-\\x1f]|界){0,60}"),
        ) {
            let [step, attempt, elapsed, ended, given_up, next] = numbers;
            let wait = Wait {
                step: step.map(|number| (usize::try_from(number).unwrap_or(0), 1_000)),
                attempt: attempt.map(|number| u32::try_from(number).unwrap_or(0)),
                elapsed: seconds(elapsed.unwrap_or_default()),
                ended_in: ended.map(seconds),
                given_up_in: given_up.map(seconds),
                next_try_in: next.map(seconds),
                blocked_by: last_line.clone().filter(|line| line.len() % 2 == 0),
                last_line,
            };
            let told = line(&wait, columns);
            prop_assert!(told.width() + FREE <= columns, "{told:?} in {columns}");
            prop_assert!(!told.chars().any(char::is_control), "{told:?}");
        }
    }
}
