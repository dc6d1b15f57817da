//! A block as it will run: what, where, what it does, and every byte of it.

use super::style::{self, Span};
use super::{stake, visible, wrap};
use crate::effect::{BlockCard, InsideCard};
use crate::runbook::Effect;

/// More lines of what the page expects are not shown before the block runs.
const EXPECTED_LINES: usize = 8;

/// More lines are not shown when it is asked what is to be filled in.
const OPEN_LINES: usize = 6;

/// The card's lines. `columns` is the terminal's width, `None` where lines
/// are not broken.
pub(super) fn lines(card: &BlockCard<'_>, columns: Option<usize>) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    let prose = columns.unwrap_or(usize::MAX).saturating_sub(2);
    let language = if card.language.is_empty() { "unlabelled" } else { card.language };
    let mut head = vec![Span::new(visible::inline(language), style::STRONG)];
    // A shell block's target is the interpreter that the language names.
    match card.target.strip_prefix(card.language) {
        Some("") => {}
        Some(inside) if inside.starts_with(' ') => head.push(Span::plain(format!(" {}", visible::inline(inside)))),
        _ => head.extend(on(card.target)),
    }
    if let Some(part) = card.part {
        head.push(Span::plain(format!(" · {part}")));
    }
    if card.line == 0 {
        head.push(Span::new(" · edited", style::CAUTION));
    }
    lines.extend(indented(&head, prose));
    lines.extend(indented(&effect(card), prose));
    for inside in card.inside {
        lines.extend(indented(&[Span::new(where_inside(inside), style::CAUTION)], prose));
    }
    for note in card.notes {
        lines.extend(indented(&[Span::new(visible::inline(note), style::CAUTION)], prose));
    }
    lines.extend(code(card, columns));
    if !card.values.is_empty() {
        let values: Vec<_> = card.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let line = format!("with {}", visible::inline(&values.join(", ")));
        lines.extend(indented(&[Span::new(line, style::QUIET)], prose));
    }
    let unseen = visible::unseen(card.code);
    if unseen > 0 {
        let what = if unseen == 1 { "1 character" } else { &format!("{unseen} characters") };
        let warning = format!("! {what} above cannot be seen: shown by name, <U+…> or ␛");
        lines.extend(indented(&[Span::new(warning, style::CAUTION)], prose));
    }
    if let Some(expected) = card.expects {
        lines.extend(expects(expected, columns));
    }
    lines
}

/// Where it runs; whether a session can change anything is not missed.
fn on(target: &str) -> Vec<Span> {
    let target = visible::inline(target);
    for (access, style) in [("WRITE", style::CAUTION), ("READ-ONLY", style::GOOD)] {
        if let Some(place) = target.strip_suffix(access).filter(|place| place.ends_with("· ")) {
            return vec![Span::plain(format!(" on {place}")), Span::new(access, style)];
        }
    }
    vec![Span::plain(format!(" on {target}"))]
}

fn where_inside(inside: &InsideCard) -> String {
    let through: Vec<String> = inside.through.iter().map(|opener| format!("`{}`", visible::inline(opener))).collect();
    let through = through.join(" › ");
    if inside.first == inside.last {
        format!("line {} runs inside {through}", inside.first)
    } else {
        format!("lines {}–{} run inside {through}", inside.first, inside.last)
    }
}

fn effect(card: &BlockCard<'_>) -> Vec<Span> {
    let (word, style) = stake::word(card.effect);
    let mut spans = vec![Span::new(word, style)];
    // That a page's word for it is doubted by its own text is said, though it
    // is called a read.
    if card.reasons.len() > usize::from(card.effect == Effect::Read) {
        spans.push(Span::plain(stake::told(card.reasons)));
    }
    match (card.endless, card.timeout) {
        (true, timeout) => {
            let awaited = card.awaited.iter().map(|text| visible::inline(text)).collect::<Vec<_>>().join(" and ");
            let seen = if awaited.is_empty() { String::new() } else { format!(", or until it prints {awaited}") };
            let at_most = timeout.map(|timeout| format!(", for {timeout} at most")).unwrap_or_default();
            spans.push(Span::plain(format!(" · runs until Ctrl-C{seen}{at_most}")));
        }
        (false, Some(timeout)) => spans.push(Span::plain(format!(" · ended after {timeout}"))),
        (false, None) => {}
    }
    spans
}

fn indented(spans: &[Span], width: usize) -> Vec<Vec<Span>> {
    let mut lines = wrap::words(spans, width);
    for line in &mut lines {
        line.insert(0, Span::plain("  "));
    }
    lines
}

fn code(card: &BlockCard<'_>, columns: Option<usize>) -> Vec<Vec<Span>> {
    let first = card.line.max(1);
    let text = card.code.strip_suffix('\n').unwrap_or(card.code);
    let digits = digits(first + text.matches('\n').count());
    let number = |at: usize| match card.lines.get(at) {
        // A line that is not the page's has no number in it.
        Some(0) => None,
        Some(line) => Some(first + line - 1),
        None => Some(first + at),
    };
    text.split('\n').enumerate().flat_map(|(at, line)| numbered(number(at), line, digits, columns)).collect()
}

/// Lines of a block that leave something open, and what they are shown for.
pub(super) fn open_lines(language: &str, lines: &[(usize, String)], columns: Option<usize>) -> Vec<Vec<Span>> {
    let prose = columns.unwrap_or(usize::MAX).saturating_sub(2);
    let language = if language.is_empty() { "unlabelled" } else { language };
    let head = [
        Span::new(visible::inline(language), style::STRONG),
        Span::plain(" · first, what this needs to be filled in:"),
    ];
    let digits = digits(lines.iter().map(|(number, _)| *number).max().unwrap_or(0));
    let number = |number: usize| Some(number).filter(|number| *number > 0);
    let mut shown = indented(&head, prose);
    shown.extend(lines.iter().take(OPEN_LINES).flat_map(|(at, line)| numbered(number(*at), line, digits, columns)));
    if lines.len() > OPEN_LINES {
        shown.push(vec![Span::new(format!("    … {} lines more", lines.len() - OPEN_LINES), style::QUIET)]);
    }
    shown
}

/// Columns for the numbers of lines of which this is the last.
fn digits(last: usize) -> usize {
    last.to_string().len().max(4)
}

/// A line of code behind its number.
fn numbered(number: Option<usize>, line: &str, digits: usize, columns: Option<usize>) -> Vec<Vec<Span>> {
    // Two spaces, the number, a space, the bar, a space.
    let room = columns.map(|columns| columns.saturating_sub(digits + 5).max(8));
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let gutter = |part: usize| {
        if part == 0 { format!("  {number:>digits$} │ ") } else { format!("  {:>digits$} ┆ ", "") }
    };
    let with_gutter = |(part, spans): (usize, Vec<Span>)| {
        let mut whole = vec![Span::new(gutter(part), style::QUIET)];
        whole.extend(spans);
        whole
    };
    wrap::cells(&visible::code(line), room).into_iter().enumerate().map(with_gutter).collect()
}

fn expects(expected: &str, columns: Option<usize>) -> Vec<Vec<Span>> {
    let mut lines = vec![vec![Span::new("  The page shows as its output:", style::QUIET)]];
    let room = columns.map(|columns| columns.saturating_sub(6).max(8));
    let total = expected.lines().count();
    // When only one line would be left out, it is shown instead of the count.
    let shown = if total <= EXPECTED_LINES + 1 { total } else { EXPECTED_LINES };
    for line in expected.lines().take(shown) {
        for (number, part) in wrap::cells(&visible::code(line), room).into_iter().enumerate() {
            let mut whole = vec![Span::new(if number == 0 { "    " } else { "  ┆ " }, style::QUIET)];
            whole.extend(part.into_iter().map(|span| Span::new(span.text, style::QUIET)));
            lines.push(whole);
        }
    }
    if total > shown {
        lines.push(vec![Span::new(format!("    … {} lines more", total - shown), style::QUIET)]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::HumanDuration;
    use crate::terminal::style::paint;
    use std::time::Duration;

    fn card<'a>(code: &'a str, reasons: &'a [String]) -> BlockCard<'a> {
        BlockCard {
            language: "sql",
            target: "ops (PostgreSQL 16, database prod)",
            line: 57,
            code,
            lines: &[],
            inside: &[],
            notes: &[],
            part: None,
            effect: Effect::Write,
            reasons,
            timeout: Some(HumanDuration(Duration::from_secs(30))),
            awaited: &[],
            endless: false,
            values: &[],
            expects: None,
        }
    }

    fn shown(card: &BlockCard<'_>, columns: Option<usize>) -> String {
        lines(card, columns).iter().map(|line| paint(line, false) + "\n").collect()
    }

    #[test]
    fn a_card_says_what_where_and_what_it_does() {
        let reasons = ["UPDATE of job_queue".to_owned()];
        let mut card = card("UPDATE job_queue\n   SET status = 'queued'\n", &reasons);
        card.expects = Some("UPDATE 3\n");
        insta::assert_snapshot!(shown(&card, Some(100)), @r"
          sql on ops (PostgreSQL 16, database prod)
          CHANGES: UPDATE of job_queue · ended after 30s
            57 │ UPDATE job_queue
            58 │    SET status = 'queued'
          The page shows as its output:
            UPDATE 3
        ");
    }

    #[test]
    fn a_place_that_all_reasons_share_is_said_once() {
        let shown = |reasons: &[&str]| {
            let reasons: Vec<String> = reasons.iter().map(|reason| (*reason).to_owned()).collect();
            shown(&card("x", &reasons), Some(100)).lines().nth(1).unwrap_or_default().to_owned()
        };
        assert_eq!(
            shown(&["restarts jobs on db-1", "removes a on b on db-1"]),
            "  CHANGES on db-1: restarts jobs; removes a on b · ended after 30s"
        );
        for reasons in [&["restarts jobs on db-1"][..], &["restarts jobs on db-1", "removes a"]] {
            assert!(shown(reasons).contains(": restarts jobs on db-1"), "{reasons:?}");
        }
    }

    #[test]
    fn at_forty_columns_the_code_goes_on_behind_its_gutter() {
        let card = card("UPDATE job_queue SET status = 'queued', locked_at = NULL;", &[]);
        // Where a line goes on the space before it stays, and cannot be seen here.
        let shown = shown(&card, Some(40)).replace(" \n", "\n");
        insta::assert_snapshot!(shown, @r"
          sql on ops (PostgreSQL 16, database
          prod)
          CHANGES · ended after 30s
            57 │ UPDATE job_queue SET status =
               ┆ 'queued', locked_at = NULL;
        ");
    }

    #[test]
    fn what_cannot_be_seen_is_named_and_said() {
        let text = shown(&card("echo \u{202e}a\u{1b}b\tc \n", &[]), None);
        assert!(text.contains("57 │ echo <U+202E>a␛b→"), "{text}");
        assert!(text.contains("c·\n"), "{text}");
        assert!(text.contains("2 characters above cannot be seen"), "{text}");
    }

    #[test]
    fn what_is_asked_for_is_shown_in_its_lines() {
        let lines = [(12, "gh run view <run-id>".to_owned()), (0, "gh run cancel <run-id>".to_owned())];
        let text = |lines: &[(usize, String)]| -> String {
            open_lines("bash", lines, Some(40)).iter().map(|line| paint(line, false) + "\n").collect()
        };
        insta::assert_snapshot!(text(&lines), @r"
          bash · first, what this needs to be
          filled in:
            12 │ gh run view <run-id>
               │ gh run cancel <run-id>
        ");
        assert!(text(&vec![(1, "a".to_owned()); 9]).ends_with("    … 3 lines more\n"));
    }

    #[test]
    fn what_was_filled_in_is_said_below_the_code() {
        let values = [("run-id".to_owned(), "42".to_owned()), ("TOKEN".to_owned(), "«TOKEN»".to_owned())];
        let mut card = card("gh run view 42\n", &[]);
        card.values = &values;
        let text = shown(&card, None);
        assert!(text.contains("gh run view 42\n  with run-id = 42, TOKEN = «TOKEN»\n"), "{text}");
    }

    #[test]
    fn an_edited_block_counts_its_own_lines() {
        let mut card = card("a\nb\n", &[]);
        card.line = 0;
        let text = shown(&card, None);
        assert!(text.contains("sql on ops (PostgreSQL 16, database prod) · edited\n"), "{text}");
        assert!(text.contains("     1 │ a\n     2 │ b\n"), "{text}");
    }

    #[test]
    fn where_a_block_runs_stands_apart_from_what_it_is() {
        let head = |target| {
            let card = BlockCard { language: "bash", target, ..card("uptime\n", &[]) };
            shown(&card, None).lines().next().map(str::to_owned)
        };
        assert_eq!(head("bash").as_deref(), Some("  bash"));
        assert_eq!(head("bash inside `ssh web`").as_deref(), Some("  bash inside `ssh web`"));
        assert_eq!(head("bashful").as_deref(), Some("  bash on bashful"));
    }

    #[test]
    fn whether_a_session_can_change_anything_stands_out() {
        let spans = |target: &str| on(target).into_iter().map(|span| (span.text, span.style)).collect::<Vec<_>>();
        let place = " on ops · postgres 15 · prod · role app · ".to_owned();
        let session = |access| format!("ops · postgres 15 · prod · role app · {access}");
        let write = [(place.clone(), style::PLAIN), ("WRITE".to_owned(), style::CAUTION)];
        assert_eq!(spans(&session("WRITE")), write);
        assert_eq!(spans(&session("READ-ONLY")), [(place, style::PLAIN), ("READ-ONLY".to_owned(), style::GOOD)]);
        assert_eq!(spans("ops · sqlite · rehearsal"), [(" on ops · sqlite · rehearsal".to_owned(), style::PLAIN)]);
    }

    #[test]
    fn lines_that_run_inside_something_are_named_and_keep_their_numbers() {
        let mut card = card("ls\nssh h \"$(cat <<'INSIDE'\nid\nINSIDE\n)\"  # exit\nls\n", &[]);
        let inside = [InsideCard { first: 59, last: 59, through: vec!["ssh h".to_owned(), "sudo -i".to_owned()] }];
        (card.lines, card.inside) = (&[1, 2, 3, 0, 4, 5], &inside);
        card.part = Some(crate::run::Part { number: 2, last: 2, of: 3 });
        let notes = ["in a new shell".to_owned()];
        card.notes = &notes;
        let text = shown(&card, None);
        assert!(text.contains(" · command 2 of 3\n"), "{text}");
        assert!(text.contains("\n  line 59 runs inside `ssh h` › `sudo -i`\n  in a new shell\n"), "{text}");
        assert!(text.contains("    59 │ id\n       │ INSIDE\n    60 │ )\"  # exit\n    61 │ ls\n"), "{text}");
    }

    #[test]
    fn a_long_expected_output_is_cut_and_the_cut_is_said() {
        let expected = "x\n".repeat(20);
        let mut card = card("a", &[]);
        card.expects = Some(&expected);
        assert!(shown(&card, None).ends_with("… 12 lines more\n"));
    }
}
