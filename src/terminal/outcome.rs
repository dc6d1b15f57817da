//! The words for what happened. What the responder has just typed or seen is
//! not repeated.

use super::style::{self, Span};
use super::visible::inline;
use crate::run::{
    BlockFinished, BlockOutcome, DatabaseSession, Event, Mark, RunStarted, StatementFinished, StepOutcome,
    TransactionDecision, Watched,
};
use anstyle::Style;
use std::time::Duration;

/// Longer statements are cut in the line that tells their outcome; the card
/// above it shows them whole.
const LONGEST_STATEMENT: usize = 48;

/// A sign and the line for `event`; empty where there is nothing to say.
/// `said` is the reason that was shown last, and is not repeated.
pub(super) fn lines(event: &Event, said: Option<&str>) -> Vec<Vec<Span>> {
    match event {
        Event::RunStarted(started) => run_started(started),
        Event::VariableSet { name, value, source, .. } if source != "prompt" => {
            let value = value.as_deref().map_or_else(|| "«secret»".to_owned(), inline);
            one(style::QUIET, "·", format!("{} = {value} ({})", inline(name), inline(source)))
        }
        Event::Connected { connection, target, session } => connected(connection, target, session.as_deref()),
        Event::StepFinished { reason: Some(reason), .. } if said == Some(reason) => Vec::new(),
        Event::StepFinished { outcome, reason, .. } => step_finished(*outcome, reason.as_deref()),
        Event::Chosen { choice, reason, .. } => {
            one(style::PLAIN, "→", format!("{}{}", inline(choice), because(reason.as_deref())))
        }
        Event::Edited { before, after, .. } => one(style::PLAIN, "✎", edited(before, after)),
        Event::BlockStarted(started) if started.attempt > 1 => {
            one(style::QUIET, "·", format!("try {}", started.attempt))
        }
        Event::StatementFinished(end) => statement(end),
        Event::TransactionEnded { decision, affected, uncounted, reason, stays, .. } => {
            let mut lines = transaction(*decision, &changed_rows(*affected, *uncounted), reason, stays.is_empty());
            lines.extend(stays.iter().flat_map(|sentence| one(style::CAUTION, "!", inline(sentence))));
            lines
        }
        // Each statement, and what became of the transaction, has been told.
        Event::BlockFinished(finished) if is_told_by_statements(finished) => remarks(finished),
        Event::BlockFinished(finished) => block_finished(finished, said),
        Event::Checked { expectation, held: true, .. } => {
            one(style::GOOD, "✓", format!("as expected: {}", inline(expectation)))
        }
        Event::Checked { expectation, found, .. } => {
            let found = found.as_deref().map(|found| format!("; found {}", inline(found))).unwrap_or_default();
            one(style::BAD, "✗", format!("expected: {}{found}", inline(expectation)))
        }
        Event::Accepted { reason, .. } => one(style::CAUTION, "✓", format!("accepted: {}", inline(reason))),
        Event::BlockSkipped { part: Some(part), reason, .. } => {
            one(style::CAUTION, "–", format!("{part} skipped: {}", inline(reason)))
        }
        Event::BlockSkipped { reason, .. } => one(style::CAUTION, "–", format!("skipped: {}", inline(reason))),
        Event::ActionDone { done: true, .. } => one(style::GOOD, "✓", "done".to_owned()),
        Event::ActionDone { note, .. } => one(style::CAUTION, "–", format!("not done{}", because(note.as_deref()))),
        Event::Note { .. } => one(style::QUIET, "·", "noted".to_owned()),
        Event::Marked { mark, .. } => one(style::GOOD, "⚑", format!("marked as {}", mark_name(*mark))),
        Event::Jumped { to, reason, .. } => one(style::PLAIN, "→", format!("on to {}: {}", inline(to), inline(reason))),
        Event::RollbackOffered { rollback, accepted: true, .. } => {
            one(style::PLAIN, "↶", format!("rolling back with {}", inline(rollback)))
        }
        Event::RunSuspended { reason } => one(style::CAUTION, "‖", format!("put aside: {}", inline(reason))),
        Event::RunResumed { by, changed, .. } => {
            let mut lines = one(style::PLAIN, "→", format!("taken up again by {}", inline(by)));
            if changed.is_some() {
                lines.extend(one(style::CAUTION, "!", "the runbook has changed since the run began".to_owned()));
            }
            lines
        }
        Event::UnknownResolved { decision, reason, .. } => {
            one(style::PLAIN, "→", format!("taken as {}: {}", inline(decision), inline(reason)))
        }
        Event::VariableSet { .. }
        | Event::StepStarted { .. }
        | Event::Answered { .. }
        | Event::BlockStarted(_)
        // The engine says where blocks run from then on.
        | Event::Entered { .. }
        | Event::Left { .. }
        | Event::Carried { .. }
        | Event::SessionTaken { .. }
        | Event::Committing { .. }
        | Event::RollbackOffered { .. }
        // Told by itself, for it needs the width of the screen.
        | Event::Compared(_)
        | Event::RunFinished { .. } => Vec::new(),
    }
}

/// The reason that the lines for `event` give, if they give one.
pub(super) fn reason(event: &Event) -> Option<String> {
    match event {
        Event::BlockSkipped { reason, .. }
        | Event::Accepted { reason, .. }
        | Event::TransactionEnded { reason, .. } => Some(reason.clone()),
        Event::BlockFinished(finished) => finished.error.clone(),
        Event::Checked { expectation, held: false, found, .. } => {
            let found = found.as_deref().unwrap_or("something else");
            Some(format!("expected {expectation}; found {found}"))
        }
        _ => None,
    }
}

/// `0.3 s`, `42 s`, `3 min 05 s`, `2 h 07 min`.
pub(super) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

fn one(style: Style, sign: &str, text: String) -> Vec<Vec<Span>> {
    vec![vec![
        Span::new(sign, style),
        Span::plain(" "),
        Span::new(text, if style == style::QUIET { style } else { style::PLAIN }),
    ]]
}

fn millis(duration_ms: u64) -> String {
    human(Duration::from_millis(duration_ms))
}

fn because(reason: Option<&str>) -> String {
    reason.filter(|reason| !reason.trim().is_empty()).map(|reason| format!(": {}", inline(reason))).unwrap_or_default()
}

/// Where a connection leads, and what a responder should know of it.
fn connected(connection: &str, target: &str, session: Option<&DatabaseSession>) -> Vec<Vec<Span>> {
    let way = session.and_then(DatabaseSession::way).map(|way| format!(" ({})", inline(&way))).unwrap_or_default();
    let mut lines = one(style::QUIET, "·", format!("connected to {}: {}{way}", inline(connection), inline(target)));
    for remark in session.iter().flat_map(|session| &session.remarks) {
        lines.extend(one(style::CAUTION, "!", format!("{}: {}", inline(connection), inline(remark))));
    }
    lines
}

fn run_started(started: &RunStarted) -> Vec<Vec<Span>> {
    let mut title = vec![Span::new(inline(&started.title), style::STRONG)];
    if let Some(severity) = &started.severity {
        title.push(Span::new(format!(" · {}", inline(severity)), style::CAUTION));
    }
    let mut lines = vec![title];
    if let Some(summary) = &started.summary {
        lines.push(vec![Span::plain(inline(summary))]);
    }
    let steps = match started.steps.iter().filter(|step| step.counts()).count() {
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    };
    lines.push(vec![Span::new(
        format!("{} · {steps} · run {}", inline(&started.path), inline(&started.run)),
        style::QUIET,
    )]);
    lines
}

fn step_finished(outcome: StepOutcome, reason: Option<&str>) -> Vec<Vec<Span>> {
    let reason = because(reason);
    match outcome {
        StepOutcome::Done | StepOutcome::NotChosen | StepOutcome::NothingToDo => Vec::new(),
        StepOutcome::Failed => one(style::BAD, "✗", format!("step left failed{reason}")),
        StepOutcome::Accepted => one(style::CAUTION, "✓", format!("step accepted{reason}")),
        StepOutcome::Skipped => one(style::CAUTION, "–", format!("step skipped{reason}")),
        StepOutcome::Aborted => one(style::BAD, "✗", format!("run ended in this step{reason}")),
    }
}

fn edited(before: &str, after: &str) -> String {
    let changed = similar::TextDiff::from_lines(before, after);
    let (mut gone, mut new) = (0, 0);
    for change in changed.iter_all_changes() {
        match change.tag() {
            similar::ChangeTag::Delete => gone += 1,
            similar::ChangeTag::Insert => new += 1,
            similar::ChangeTag::Equal => {}
        }
    }
    let lines = |count| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    format!("edited: {} out, {} in", lines(gone), lines(new))
}

fn statement(end: &StatementFinished) -> Vec<Vec<Span>> {
    let took = millis(end.duration_ms);
    let words: Vec<&str> = end.sql.split_whitespace().collect();
    let mut short = inline(&words.join(" "));
    if short.chars().count() > LONGEST_STATEMENT {
        short = short.chars().take(LONGEST_STATEMENT - 1).collect::<String>() + "…";
    }
    if let Some(error) = &end.error {
        let mut lines = one(style::BAD, "✗", format!("{short} · {took}"));
        // A server's message may have several lines: DETAIL, HINT.
        lines.extend(error.lines().map(|line| vec![Span::plain(format!("  {}", inline(line)))]));
        return lines;
    }
    let count = match (end.rows, end.affected) {
        (rows, Some(affected)) if affected > 0 || rows.is_none() => format!(" · {} changed", row_count(affected)),
        (Some(rows), _) => format!(" · {}", row_count(rows)),
        (None, _) => String::new(),
    };
    one(style::GOOD, "✓", format!("{short}{count} · {took}"))
}

pub(super) fn row_count(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// How many rows were changed, where there may be more that nobody has counted.
pub(super) fn changed_rows(affected: u64, uncounted: bool) -> String {
    match (affected, uncounted) {
        (0, true) => "changed rows not counted".to_owned(),
        (_, true) => format!("{} changed, others not counted", row_count(affected)),
        (_, false) => format!("{} changed", row_count(affected)),
    }
}

fn transaction(decision: TransactionDecision, changed: &str, reason: &str, all: bool) -> Vec<Vec<Span>> {
    let reason = because(Some(reason));
    match decision {
        TransactionDecision::Committed => one(style::GOOD, "✓", format!("committed, {changed}{reason}")),
        TransactionDecision::RolledBack => {
            let what = if all { "nothing changed" } else { "but not all of it" };
            one(style::CAUTION, "↶", format!("rolled back, {what}{reason}"))
        }
        TransactionDecision::Unknown => {
            one(style::DANGER, "?", format!("nobody knows whether it was kept: {changed}{reason}"))
        }
    }
}

fn block_finished(finished: &BlockFinished, said: Option<&str>) -> Vec<Vec<Span>> {
    let (style, sign, word) = match finished.outcome {
        BlockOutcome::Succeeded => (style::GOOD, "✓", "done"),
        BlockOutcome::Failed => (style::BAD, "✗", "failed"),
        BlockOutcome::TimedOut => (style::BAD, "✗", "ran too long and was ended"),
        BlockOutcome::Interrupted => (style::CAUTION, "✗", "interrupted"),
        BlockOutcome::RolledBack => (style::CAUTION, "↶", "rolled back"),
        BlockOutcome::Unknown => (style::DANGER, "?", "outcome unknown"),
    };
    let how = match (finished.exit, finished.signal) {
        (_, Some(signal)) => format!("{word}, signal {signal}"),
        (Some(0), None) if finished.outcome == BlockOutcome::Succeeded => "exit 0".to_owned(),
        (Some(exit), None) if matches!(finished.outcome, BlockOutcome::Failed | BlockOutcome::Succeeded) => {
            format!("exit {exit}")
        }
        _ => word.to_owned(),
    };
    let took = millis(finished.duration_ms);
    let told = match finished.watched {
        Some(Watched::Seen) => format!("watched for {took}, until what was expected came"),
        Some(Watched::TimeUp) => format!("watched for {took}, as long as it was to be"),
        Some(Watched::Responder) => format!("watched for {took}, until Ctrl-C"),
        None => format!("{how} · {took}"),
    };
    let mut lines = one(style, sign, told);
    let exit_code = finished.exit.map(|exit| format!("exit code {exit}"));
    let is_new = |error: &&String| Some(error.as_str()) != said && Some(*error) != exit_code.as_ref();
    if let Some(error) = finished.error.as_ref().filter(is_new) {
        lines.extend(error.lines().map(|line| vec![Span::plain(format!("  {}", inline(line)))]));
    }
    lines.extend(remarks(finished));
    lines
}

fn is_told_by_statements(finished: &BlockFinished) -> bool {
    let told = matches!(finished.outcome, BlockOutcome::Succeeded | BlockOutcome::RolledBack);
    told && finished.exit.is_none() && finished.signal.is_none() && finished.watched.is_none()
}

fn remarks(finished: &BlockFinished) -> Vec<Vec<Span>> {
    finished.remarks.iter().flat_map(|remark| one(style::CAUTION, "!", inline(remark))).collect()
}

pub(super) fn mark_name(mark: Mark) -> &'static str {
    match mark {
        Mark::Detected => "detected",
        Mark::Mitigated => "mitigated",
        Mark::Resolved => "resolved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::BlockRef;
    use crate::runbook::Effect;
    use crate::terminal::style::paint;

    fn block() -> BlockRef {
        BlockRef { step: "reset".to_owned(), number: 1 }
    }

    fn finished(outcome: BlockOutcome, exit: Option<i32>, signal: Option<i32>) -> Event {
        Event::BlockFinished(Box::new(BlockFinished {
            part: None,
            block: block(),
            attempt: 1,
            outcome,
            exit,
            signal,
            watched: None,
            error: None,
            duration_ms: 1_240,
            output: None,
            remarks: Vec::new(),
        }))
    }

    fn said(event: &Event) -> String {
        lines(event, None).iter().map(|line| paint(line, false)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_block_says_how_it_ended_and_how_long_it_took() {
        assert_eq!(said(&finished(BlockOutcome::Succeeded, Some(0), None)), "✓ exit 0 · 1.2 s");
        assert_eq!(said(&finished(BlockOutcome::Failed, Some(1), None)), "✗ exit 1 · 1.2 s");
        assert_eq!(said(&finished(BlockOutcome::Failed, Some(0), None)), "✗ exit 0 · 1.2 s");
        assert_eq!(
            said(&finished(BlockOutcome::TimedOut, None, Some(15))),
            "✗ ran too long and was ended, signal 15 · 1.2 s"
        );
        assert_eq!(said(&finished(BlockOutcome::Unknown, None, None)), "? outcome unknown · 1.2 s");
    }

    #[test]
    fn what_was_watched_says_why_it_ended() {
        let watched = |outcome, why| {
            let Event::BlockFinished(mut end) = finished(outcome, None, None) else { unreachable!("it is made above") };
            end.watched = Some(why);
            said(&Event::BlockFinished(end))
        };
        let told = watched(BlockOutcome::Succeeded, Watched::Seen);
        assert_eq!(told, "✓ watched for 1.2 s, until what was expected came");
        let told = watched(BlockOutcome::Succeeded, Watched::TimeUp);
        assert_eq!(told, "✓ watched for 1.2 s, as long as it was to be");
        let told = watched(BlockOutcome::Failed, Watched::Responder);
        assert_eq!(told, "✗ watched for 1.2 s, until Ctrl-C");
    }

    #[test]
    fn a_sql_block_says_nothing_that_its_statements_have_not_said() {
        assert_eq!(said(&finished(BlockOutcome::Succeeded, None, None)), "");
        assert_eq!(said(&finished(BlockOutcome::RolledBack, None, None)), "");
        assert_eq!(said(&finished(BlockOutcome::Failed, None, None)), "✗ failed · 1.2 s");
    }

    #[test]
    fn a_statement_says_its_rows_or_its_error() {
        let statement = |rows, affected, error: Option<&str>| {
            Event::StatementFinished(Box::new(StatementFinished {
                block: block(),
                index: 1,
                line: 4,
                sql: "UPDATE job_queue\n   SET status = 'queued'".to_owned(),
                effect: Effect::Write,
                rows,
                affected,
                kept: None,
                duration_ms: 12,
                error: error.map(str::to_owned),
                changes: None,
                others: None,
                in_transaction: true,
                at_once: Vec::new(),
                takes_back_from: None,
            }))
        };
        assert_eq!(
            said(&statement(None, Some(3), None)),
            "✓ UPDATE job_queue SET status = 'queued' · 3 rows changed · 0.0 s"
        );
        assert_eq!(said(&statement(Some(1), None, None)), "✓ UPDATE job_queue SET status = 'queued' · 1 row · 0.0 s");
        assert_eq!(
            said(&statement(None, None, Some("no such table\nHINT: look"))),
            "✗ UPDATE job_queue SET status = 'queued' · 0.0 s\n  no such table\n  HINT: look"
        );
    }

    #[test]
    fn a_failed_check_says_what_was_found() {
        let event = Event::Checked {
            block: block(),
            expectation: "exit 0".to_owned(),
            held: false,
            found: Some("exit 3".to_owned()),
        };
        assert_eq!(said(&event), "✗ expected: exit 0; found exit 3");
    }

    #[test]
    fn text_from_the_page_cannot_send_control_sequences() {
        let event = Event::BlockSkipped { block: block(), part: None, reason: "\u{1b}[2Jgone\u{202e}".to_owned() };
        assert_eq!(said(&event), "– skipped: ␛[2Jgone<U+202E>");
    }

    #[test]
    fn durations_are_for_people() {
        let shown: Vec<String> = [300, 9_990, 42_000, 185_000, 7_620_000].map(millis).to_vec();
        assert_eq!(shown, ["0.3 s", "9.9 s", "42 s", "3 min 05 s", "2 h 07 min"]);
    }
}
