//! The report as a page: which heading, table and paragraph comes where, and
//! every word that stands in it. The formats only write it down.

use super::model::{ChangeFate, DatabaseChange, DeviationKind, Report};
use super::step_page::step;
use super::timeline::mark_name;
use super::wording::{Times, count, day, duration};
use crate::run::RunOutcome;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phrase {
    /// Words.
    Text(String),
    /// Words that stand out.
    Strong(String),
    /// A name or a few words of code.
    Code(String),
    /// How something went.
    Status(Tone, String),
}

/// A line: words in which anything may stand.
pub(super) type Words = Vec<Phrase>;

/// How something went, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// As it should.
    Good,
    /// Not quite.
    Warn,
    /// Not at all.
    Bad,
    /// Nothing to say.
    Quiet,
}

/// A piece of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A box that nobody overlooks.
    Banner { tone: Tone, title: String, text: String },
    /// The page's title.
    Title(String),
    /// A heading, perhaps with how it went.
    Heading { level: u8, text: String, status: Option<(Tone, String)> },
    /// A paragraph.
    Paragraph(Words),
    /// Less important than a paragraph.
    Aside(Words),
    /// What somebody said, perhaps in several lines, and who.
    Quote { text: String, by: String },
    /// Names and values.
    Facts(Vec<(String, Words)>),
    /// A table.
    Table { head: Vec<&'static str>, rows: Vec<Vec<Words>> },
    /// A list.
    List(Vec<Words>),
    /// Boxes to tick.
    Tasks(Vec<(bool, Words)>),
    /// Code.
    Code { language: String, text: String },
    /// What a block printed: beginning, lines left out, end.
    Output { head: String, omitted: u64, tail: String, file: String },
    /// A unified diff.
    Diff(String),
}

pub(super) fn text(text: impl Into<String>) -> Phrase {
    Phrase::Text(text.into())
}

pub(super) fn strong(text: impl Into<String>) -> Phrase {
    Phrase::Strong(text.into())
}

pub(super) fn code(text: impl Into<String>) -> Phrase {
    Phrase::Code(text.into())
}

pub(super) fn paragraph(words: impl Into<String>) -> Piece {
    Piece::Paragraph(vec![text(words)])
}

pub(super) fn heading(level: u8, text: impl Into<String>) -> Piece {
    Piece::Heading { level, text: text.into(), status: None }
}

/// The whole page.
pub(super) fn page(report: &Report) -> Vec<Piece> {
    let times = Times::since(&report.started);
    let mut page = Vec::new();
    banners(report, &times, &mut page);
    page.push(paragraph(report.summary.join(" ")));
    if let Some(about) = &report.about {
        page.push(Piece::Aside(vec![text(format!("The runbook is for this: {about}"))]));
    }
    page.push(Piece::Facts(facts(report)));
    milestones(report, &times, &mut page);
    timeline(report, &times, &mut page);
    page.push(heading(2, "Steps as they were run"));
    for (place, report) in report.steps.iter().enumerate() {
        step(place + 1, report, &times, &mut page);
    }
    deviations(report, &mut page);
    database(report, &times, &mut page);
    comparisons(report, &times, &mut page);
    notes(report, &times, &mut page);
    follow_ups(report, &mut page);
    for_a_person(&mut page);
    integrity(report, &mut page);
    page
}

fn banners(report: &Report, times: &Times, page: &mut Vec<Piece>) {
    if report.rehearsal {
        page.push(Piece::Banner {
            tone: Tone::Warn,
            title: "REHEARSAL".to_owned(),
            text: "Nothing in this run was real: databases and commands were stand-ins, and no system was touched."
                .to_owned(),
        });
    }
    for unknown in &report.unknown {
        page.push(Piece::Banner {
            tone: Tone::Bad,
            title: "OUTCOME UNKNOWN".to_owned(),
            text: format!(
                "Nobody knows what block {} of “{}” did on {}: at {} UTC {}. Find out before anything is run again.",
                unknown.number,
                unknown.step,
                unknown.target,
                times.time(&unknown.started),
                unknown.why
            ),
        });
    }
    let title = match &report.incident {
        Some(incident) => format!("{}: {incident}", report.title),
        None => report.title.clone(),
    };
    page.push(Piece::Title(title));
}

fn facts(report: &Report) -> Vec<(String, Words)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: Words| facts.push((name.to_owned(), value));
    let outcome = match report.outcome {
        Some(RunOutcome::Completed) => "completed",
        Some(RunOutcome::Failed) => "failed",
        Some(RunOutcome::Aborted) => "ended before its time",
        None => "not finished",
    };
    add("Outcome", vec![strong(outcome)]);
    if let Some(severity) = &report.severity {
        add("Severity", vec![text(severity)]);
    }
    if let Some(incident) = &report.incident {
        add("Incident", vec![text(incident)]);
    }
    add("Responder", vec![text(format!("{} on {}", report.responder, report.host))]);
    let times = Times::since(&report.started);
    let when = format!(
        "{} {} to {} UTC, {}",
        day(&report.started),
        times.time(&report.started),
        times.time(&report.ended),
        duration(report.duration_ms)
    );
    add("Time", vec![text(when)]);
    let mut runbook = vec![code(&report.runbook)];
    if let Some(anchor) = &report.anchor {
        runbook.extend([text(", section "), code(anchor)]);
    }
    if let Some(revision) = &report.revision {
        runbook.extend([text(", revision "), code(revision)]);
    }
    add("Runbook", runbook);
    if let Some(owner) = &report.owner {
        add("Owner", vec![text(owner)]);
    }
    for (name, target) in &report.connections {
        add(&format!("Connection {name}"), vec![text(target)]);
    }
    if !report.variables.is_empty() {
        let mut values = Vec::new();
        for (name, value) in &report.variables {
            values.push(text(if values.is_empty() { "" } else { ", " }));
            values.push(code(format!("{name} = {}", value.as_deref().unwrap_or("«secret»"))));
        }
        add("Variables", values);
    }
    add("Run", vec![code(&report.run)]);
    facts
}

fn milestones(report: &Report, times: &Times, page: &mut Vec<Piece>) {
    page.push(heading(2, "Milestones"));
    if report.milestones.is_empty() {
        page.push(Piece::Aside(vec![text("None was marked during the run.")]));
        return;
    }
    let rows = report.milestones.iter().map(|milestone| {
        let since = milestone.since_detected_ms.map_or_else(|| "–".to_owned(), duration);
        vec![
            vec![strong(mark_name(milestone.mark))],
            vec![text(times.time(&milestone.at))],
            vec![text(duration(milestone.since_start_ms))],
            vec![text(since)],
            vec![text(&milestone.by)],
        ]
    });
    let head = vec!["Milestone", "Time (UTC)", "After the run began", "After detection", "Said by"];
    page.push(Piece::Table { head, rows: rows.collect() });
}

fn timeline(report: &Report, times: &Times, page: &mut Vec<Piece>) {
    page.push(heading(2, "Timeline"));
    let rows = report.timeline.iter().map(|entry| vec![vec![text(times.time(&entry.at))], vec![text(&entry.what)]]);
    page.push(Piece::Table { head: vec!["Time (UTC)", "What happened"], rows: rows.collect() });
}

fn deviations(report: &Report, page: &mut Vec<Piece>) {
    page.push(heading(2, "Deviations from the runbook"));
    if report.deviations.is_empty() {
        page.push(Piece::Aside(vec![text("None: it was followed as it is written.")]));
        return;
    }
    for deviation in &report.deviations {
        let kind = match deviation.kind {
            DeviationKind::Edited => "Edited",
            DeviationKind::Skipped => "Skipped",
            DeviationKind::Accepted => "Failure accepted",
            DeviationKind::Retried => "Run again",
            DeviationKind::Jumped => "Out of order",
            DeviationKind::Chosen => "Way chosen",
            DeviationKind::RolledBack => "Rolled back",
            DeviationKind::RunbookChanged => "Runbook changed",
            DeviationKind::Mended => "Text mended",
            DeviationKind::NotReached => "Not reached",
        };
        let about = deviation.step.as_ref().map_or_else(String::new, |step| format!("{step}: "));
        page.push(Piece::List(vec![vec![strong(kind), text(format!(" – {about}{}.", deviation.what))]]));
        if let Some(diff) = &deviation.diff {
            page.push(Piece::Diff(diff.clone()));
        }
    }
}

fn database(report: &Report, times: &Times, page: &mut Vec<Piece>) {
    if report.database.is_empty() {
        return;
    }
    page.push(heading(2, "Database changes"));
    let kept = |change: &DatabaseChange| !matches!(change.fate, ChangeFate::TakenBack | ChangeFate::Refused);
    if !report.database.iter().any(kept) {
        page.push(Piece::Paragraph(vec![
            strong("Nothing was kept."),
            text(" Every change below was taken back or refused, and the data is as it was before."),
        ]));
    }
    let rows = report.database.iter().map(|change| {
        let fate = match change.fate {
            ChangeFate::Kept => "committed",
            ChangeFate::KeptAtOnce => "kept at once, without a transaction",
            ChangeFate::TakenBack => "rolled back, nothing kept",
            ChangeFate::TakenBackInPart => "rolled back, but not all of it",
            ChangeFate::Refused => "refused by the server",
            ChangeFate::Unknown => "UNKNOWN whether it was kept",
        };
        let why = change.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
        let one_line = change.sql.split_whitespace().collect::<Vec<_>>().join(" ");
        vec![
            vec![text(times.time(&change.at))],
            vec![text(&change.step)],
            vec![text(&change.target)],
            vec![code(one_line)],
            vec![text(change.affected.map_or_else(|| "–".to_owned(), super::wording::grouped))],
            vec![strong(fate), text(why)],
        ]
    });
    let head = vec!["Time (UTC)", "Step", "Where", "Statement", "Rows", "Outcome"];
    page.push(Piece::Table { head, rows: rows.collect() });
    super::rows::rows(report, times, page);
}

fn comparisons(report: &Report, times: &Times, page: &mut Vec<Piece>) {
    if report.comparisons.is_empty() {
        return;
    }
    page.push(heading(2, "Before and after"));
    for comparison in &report.comparisons {
        let (first, last) = &comparison.steps;
        let place = if first == last { first.clone() } else { format!("{first} and {last}") };
        let found = match (&comparison.diff, &comparison.problem) {
            (Some(_), _) => "what it printed changed:".to_owned(),
            (None, Some(problem)) => format!("what it printed changed ({problem})."),
            (None, None) => "it printed the same both times.".to_owned(),
        };
        let between = format!("between {} and {}", times.time(&comparison.before), times.time(&comparison.after));
        let ran = count(comparison.times as u64, "time", "times");
        page.push(Piece::Paragraph(vec![
            strong(place),
            text(format!(" – the same code ran {ran}; {between} UTC {found}")),
        ]));
        page.push(Piece::Code { language: String::new(), text: comparison.code.clone() });
        page.extend(comparison.diff.clone().map(Piece::Diff));
    }
}

fn notes(report: &Report, times: &Times, page: &mut Vec<Piece>) {
    page.push(heading(2, "Notes and decisions"));
    if report.notes.is_empty() && report.decisions.is_empty() {
        page.push(Piece::Aside(vec![text("None was written down.")]));
    }
    for note in &report.notes {
        let place = note.step.as_ref().map_or_else(String::new, |step| format!(", at “{step}”"));
        page.push(Piece::Quote {
            text: note.text.clone(),
            by: format!("{} at {} UTC{place}", note.by, times.time(&note.at)),
        });
    }
    if !report.decisions.is_empty() {
        let decisions = report.decisions.iter();
        let decisions = decisions.map(|each| vec![text(format!("{}: {}.", times.time(&each.at), each.what))]);
        page.push(Piece::List(decisions.collect()));
    }
}

fn follow_ups(report: &Report, page: &mut Vec<Piece>) {
    page.push(heading(2, "Follow-ups"));
    if report.follow_ups.is_empty() {
        page.push(Piece::Aside(vec![text("Nothing was left open.")]));
        return;
    }
    let tasks = report.follow_ups.iter();
    let tasks = tasks.map(|each| (false, vec![strong(&each.step), text(format!(": {}", each.what))]));
    page.push(Piece::Tasks(tasks.collect()));
}

/// What no record can tell.
fn for_a_person(page: &mut Vec<Piece>) {
    let prompts = [
        ("Impact", "Who was affected, how, for how long, and how many? What did they see?"),
        ("Root cause", "What was the chain of causes, and why did nothing stop it earlier?"),
        ("What went well", "What made this shorter or milder than it could have been?"),
        ("What to change", "What will be done so that this does not happen again, by whom and until when?"),
    ];
    for (title, question) in prompts {
        page.push(heading(2, title));
        page.push(Piece::Aside(vec![text(format!("To be written: {question}"))]));
    }
}

fn integrity(report: &Report, page: &mut Vec<Piece>) {
    page.push(heading(2, "Integrity"));
    let integrity = &report.integrity;
    let foreign = match integrity.foreign {
        0 => String::new(),
        number => {
            let events = count(number, "event", "events");
            format!(" {events} of a newer version of the program could not be read and are not told here.")
        }
    };
    page.push(Piece::Aside(vec![
        text(format!(
            "Written from the transcript of {} alone, kept by runbook {}. Runbook SHA-256 ",
            count(integrity.events, "event", "events"),
            report.version
        )),
        code(integrity.runbook.as_str()),
        text(", transcript head "),
        code(integrity.head.as_str()),
        text(". "),
        code(format!("runbook verify {}", report.run)),
        text(format!(" checks both.{foreign}")),
    ]));
}
