//! One step on the page.

use super::model::{BlockReport, ComparedReport, Happening, OutputReport, StepReport, TryReport};
use super::page::{Phrase, Piece, Tone, Words, code, heading, strong, text};
use super::timeline::{block_outcome, step_outcome, transaction};
use super::wording::{Times, clause, count, duration, size};
use crate::run::{BlockOutcome, Likeness, StepOutcome, TransactionDecision};

/// Writes the `number`-th step.
pub(super) fn step(number: usize, report: &StepReport, times: &Times, page: &mut Vec<Piece>) {
    let (tone, word) = match report.outcome {
        Some(outcome) => (step_tone(outcome), step_outcome(outcome)),
        None if report.started.is_none() => (Tone::Quiet, "not reached"),
        None => (Tone::Warn, "not ended"),
    };
    page.push(Piece::Heading {
        level: 3,
        text: format!("{number}. {}", report.title),
        status: Some((tone, word.to_owned())),
    });
    let mut about = Vec::new();
    if let Some(started) = &report.started {
        about.push(format!("Begun at {} UTC", times.time(started)));
    }
    if report.visits > 1 {
        about.push(format!("visited {} times", report.visits));
    }
    if report.line > 0 {
        about.push(format!("line {} of the runbook", report.line));
    }
    if !about.is_empty() {
        page.push(Piece::Aside(vec![text(format!("{}.", about.join(", ")))]));
    }
    let said_by_block = report
        .blocks
        .iter()
        .flat_map(|block| &block.history)
        .any(|what| matches!(what, Happening::Skipped { reason, .. } if Some(reason) == report.reason.as_ref()));
    if let Some(reason) = report.reason.as_ref().filter(|reason| !reason.is_empty() && !said_by_block) {
        page.push(Piece::Paragraph(vec![strong("Reason:"), text(format!(" {reason}"))]));
    }
    for block in &report.blocks {
        self::block(block, report.blocks.len() > 1, times, page);
    }
    if !report.actions.is_empty() {
        let actions = report.actions.iter().map(|action| {
            let note = action.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
            (action.done, vec![text(format!("{}{note}", action.text))])
        });
        page.push(Piece::Tasks(actions.collect()));
    }
    for note in &report.notes {
        let by = format!("{} at {} UTC", note.by, times.time(&note.at));
        page.push(Piece::Quote { text: note.text.clone(), by });
    }
}

fn block(block: &BlockReport, several: bool, times: &Times, page: &mut Vec<Piece>) {
    if several {
        page.push(heading(4, format!("Block {}", block.number)));
    }
    for group in block.history.chunk_by(alike) {
        match group {
            [first, _, middle @ .., last] if !middle.is_empty() => {
                happening(first, times, page);
                let more = count(middle.len() as u64 + 1, "more try", "more tries");
                page.push(Piece::Aside(vec![text(format!("{more} went alike, then:"))]));
                happening(last, times, page);
            }
            few => few.iter().for_each(|each| happening(each, times, page)),
        }
    }
}

/// Whether two tries went alike, as those of a wait do.
fn alike(a: &Happening, b: &Happening) -> bool {
    match (a, b) {
        (Happening::Tried(a), Happening::Tried(b)) => {
            a.code == b.code && a.outcome == b.outcome && a.transactions.is_empty() && b.transactions.is_empty()
        }
        _ => false,
    }
}

fn happening(happening: &Happening, times: &Times, page: &mut Vec<Piece>) {
    match happening {
        Happening::Tried(report) => tried(report, times, page),
        Happening::Edited { at, diff } => {
            page.push(Piece::Paragraph(vec![strong("Edited"), text(format!(" at {} UTC:", times.time(at)))]));
            page.push(Piece::Diff(diff.clone()));
        }
        Happening::Answered { at, question, answer, by } => page.push(Piece::Aside(vec![text(format!(
            "{} UTC: asked “{question}”, {by} answered “{answer}”.",
            times.time(at)
        ))])),
        Happening::Accepted { at, part, reason } => {
            said(&of_part("Failure", part, "accepted"), at, reason, times, page);
        }
        Happening::Skipped { at, part, reason } => said(&of_part("", part, "not run"), at, reason, times, page),
        Happening::Resolved { at, decision, reason } => {
            said(&format!("Unknown outcome settled as “{decision}”"), at, reason, times, page);
        }
    }
}

/// `Failure accepted`, `Failure of command 2 of 5 accepted`, `Command 2 of 5
/// not run`.
fn of_part(what: &str, part: &Option<String>, how: &str) -> String {
    let words = match (what, part) {
        ("", None) => how.to_owned(),
        ("", Some(part)) => format!("{part} {how}"),
        (_, None) => format!("{what} {how}"),
        (_, Some(part)) => format!("{what} of {part} {how}"),
    };
    capitalised(&words)
}

fn capitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn said(what: &str, at: &str, reason: &str, times: &Times, page: &mut Vec<Piece>) {
    let why = if reason.is_empty() { String::new() } else { format!(": {}", clause(reason)) };
    page.push(Piece::Paragraph(vec![strong(what), text(format!(" at {} UTC{why}.", times.time(at)))]));
}

fn tried(report: &TryReport, times: &Times, page: &mut Vec<Piece>) {
    page.push(Piece::Code { language: report.language.clone(), text: report.code.clone() });
    page.push(Piece::Paragraph(outcome(report, times)));
    statements(report, page);
    for end in &report.transactions {
        let kept = match end.decision {
            TransactionDecision::Committed => "",
            TransactionDecision::RolledBack => " Nothing was kept.",
            TransactionDecision::Unknown => " Nobody knows whether the change was kept.",
        };
        let rows = count(end.affected, "changed row", "changed rows");
        page.push(Piece::Paragraph(vec![
            strong("Transaction"),
            text(format!(": {rows} {} ({}).{kept}", transaction(end.decision), clause(&end.reason))),
        ]));
    }
    if let Some(report) = &report.output {
        output(report, page);
    }
    if !report.checks.is_empty() {
        let checks = report.checks.iter().map(|check| {
            let (sign, verb) = if check.held { ("✓", "held") } else { ("✗", "did not hold") };
            let found = check.found.as_deref().filter(|_| !check.held);
            let found = found.map_or_else(String::new, |found| format!("; found: {}", clause(found)));
            vec![text(format!("{sign} {}: {verb}{found}", clause(&check.expectation)))]
        });
        page.push(Piece::List(checks.collect()));
    }
    if let Some(report) = &report.compared {
        compared(report, page);
    }
    if !report.remarks.is_empty() {
        page.push(Piece::List(report.remarks.iter().map(|remark| vec![text(remark)]).collect()));
    }
}

fn compared(report: &ComparedReport, page: &mut Vec<Piece>) {
    let (tone, what) = match report.likeness {
        Likeness::Same => (Tone::Good, "as the page shows"),
        Likeness::Similar => (Tone::Warn, "like what the page shows, with other values"),
        Likeness::Different => (Tone::Warn, "not as the page shows"),
    };
    page.push(Piece::Paragraph(vec![text("The output is "), Phrase::Status(tone, what.to_owned()), text(".")]));
    if !report.diff.is_empty() {
        page.push(Piece::Diff(report.diff.clone()));
    }
}

fn outcome(report: &TryReport, times: &Times) -> Words {
    let mut words: Vec<Phrase> = Vec::new();
    if let Some(part) = &report.part {
        words.push(text(format!("{}: ", capitalised(part))));
    }
    if report.attempt > 1 {
        words.push(text(format!("Try {}: ", report.attempt)));
    }
    let how = report.outcome.map_or("end not on record", block_outcome);
    words.push(Phrase::Status(block_tone(report.outcome), how.to_owned()));
    let mut facts = Vec::new();
    if let Some(ms) = report.duration_ms {
        facts.push(format!("after {}", duration(ms)));
    }
    if let Some(exit) = report.exit {
        facts.push(format!("exit {exit}"));
    }
    if let Some(signal) = report.signal {
        facts.push(format!("signal {signal}"));
    }
    if let Some(watched) = report.watched {
        facts.push(super::timeline::watched(watched).to_owned());
    }
    let line = if report.line > 0 { format!(", line {}", report.line) } else { String::new() };
    let place = format!("{} on {}{line}", report.target, report.host);
    let facts = if facts.is_empty() { String::new() } else { format!(" {}", facts.join(", ")) };
    words.push(text(format!("{facts} · started {} UTC · {place}", times.time(&report.at))));
    if let Some(error) = report.error.as_ref().filter(|_| report.outcome != Some(BlockOutcome::Succeeded)) {
        words.push(text(format!(" · {}", clause(error))));
    }
    words
}

fn statements(report: &TryReport, page: &mut Vec<Piece>) {
    let rows = report.statements.iter().map(|statement| {
        let number = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), super::wording::grouped);
        let sql = statement.sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let ended = statement.error.clone().unwrap_or_else(|| "done".to_owned());
        vec![
            vec![text(statement.index.to_string())],
            vec![code(sql)],
            vec![text(number(statement.rows))],
            vec![text(number(statement.affected))],
            vec![text(duration(statement.duration_ms))],
            vec![text(ended)],
        ]
    });
    if !report.statements.is_empty() {
        let head = vec!["", "Statement", "Rows", "Changed", "Time", "Result"];
        page.push(Piece::Table { head, rows: rows.collect() });
    }
    for statement in &report.statements {
        let Some(kept) = &statement.kept else { continue };
        let is_all = statement.error.is_none() && statement.rows == Some(kept.rows);
        let which = if is_all { "all" } else { "the first" };
        page.push(Piece::Paragraph(vec![
            text(format!("Statement {}, {which} {}: ", statement.index, count(kept.rows, "row", "rows"))),
            code(&kept.file),
            text(format!(", {}.", size(kept.bytes))),
        ]));
    }
}

fn output(report: &OutputReport, page: &mut Vec<Piece>) {
    match &report.excerpt {
        _ if report.bytes == 0 => page.push(Piece::Aside(vec![text("It printed nothing.")])),
        Ok(excerpt) => page.push(Piece::Output {
            head: excerpt.head.clone(),
            omitted: excerpt.omitted,
            tail: excerpt.tail.clone(),
            file: report.file.clone(),
        }),
        Err(problem) => page.push(Piece::Paragraph(vec![
            text(format!("It printed {} to ", count(report.bytes, "byte", "bytes"))),
            code(&report.file),
            text(format!(", which cannot be read: {problem}.")),
        ])),
    }
}

fn step_tone(outcome: StepOutcome) -> Tone {
    match outcome {
        StepOutcome::Done | StepOutcome::NotChosen | StepOutcome::NothingToDo => Tone::Good,
        StepOutcome::Accepted | StepOutcome::Skipped => Tone::Warn,
        StepOutcome::Failed | StepOutcome::Aborted => Tone::Bad,
    }
}

fn block_tone(outcome: Option<BlockOutcome>) -> Tone {
    match outcome {
        Some(BlockOutcome::Succeeded) => Tone::Good,
        Some(BlockOutcome::RolledBack | BlockOutcome::Interrupted) => Tone::Warn,
        Some(BlockOutcome::Failed | BlockOutcome::TimedOut | BlockOutcome::Unknown) | None => Tone::Bad,
    }
}
