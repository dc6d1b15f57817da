//! What happened when, in the order of the record.

use super::build::title;
use super::model::TimelineEntry;
use super::visible::{plain_line, visible_line};
use super::wording::{changed_rows, clause, count, duration};
use crate::run::{
    Attempt, BlockOutcome, Mark, Moment, Run, RunOutcome, StepOutcome, StepRecord, TransactionDecision, Watched,
};
use crate::runbook::Effect;

/// The timeline of `run`.
pub(super) fn timeline(run: &Run) -> Vec<TimelineEntry> {
    let mut entries = Entries(Vec::new());
    of_run(run, &mut entries);
    for step in &run.steps {
        of_step(run, step, &mut entries);
    }
    for mark in &run.marks {
        let what = format!("{} (said {})", mark_name(mark.mark), visible_line(&mark.by));
        entries.add(&mark.at, what);
    }
    for note in &run.notes {
        entries.add(&note.at, format!("Note by {}: {}", visible_line(&note.by), visible_line(&note.text)));
    }
    for choice in &run.choices {
        entries.add(&choice.at, format!("{}: chose “{}”", title(run, &choice.step), visible_line(&choice.choice)));
    }
    for record in &run.within {
        let path: Vec<_> = record.within.iter().map(|opener| format!("`{}`", visible_line(opener))).collect();
        let what = match (&record.reason, path.is_empty()) {
            (None, _) => format!("Entered {}", path.join(" › ")),
            (Some(reason), true) => format!("Back on this machine: {}", clause(reason)),
            (Some(reason), false) => format!("Back inside {}: {}", path.join(" › "), clause(reason)),
        };
        entries.add(&record.at, what);
    }
    for jump in &run.jumps {
        entries.add(&jump.at, format!("Jumped to “{}”: {}", title(run, &jump.to), clause(&jump.reason)));
    }
    for rollback in &run.rollbacks {
        let answer = if rollback.accepted { "accepted" } else { "declined" };
        let (step, with) = (title(run, &rollback.step), title(run, &rollback.rollback));
        entries.add(&rollback.at, format!("Rollback of “{step}” with “{with}” offered and {answer}"));
    }
    entries.0.sort_by_key(|entry| entry.seq);
    entries.0
}

struct Entries(Vec<TimelineEntry>);

impl Entries {
    fn add(&mut self, at: &Moment, what: String) {
        self.0.push(TimelineEntry { seq: at.seq, at: at.at.clone(), what });
    }
}

fn of_run(run: &Run, entries: &mut Entries) {
    let header = &run.header;
    let kind = if header.rehearsal { "Rehearsal" } else { "Run" };
    entries
        .add(&run.first, format!("{kind} started by {} on {}", visible_line(&header.user), visible_line(&header.host)));
    for connection in &run.connections {
        let (name, target) = (visible_line(&connection.name), visible_line(&connection.target));
        entries.add(&connection.at, format!("Connected to {name} ({target})"));
    }
    for suspension in &run.suspensions {
        entries.add(&suspension.at, format!("{kind} suspended: {}", clause(&suspension.reason)));
    }
    for resumption in &run.resumptions {
        let torn = match resumption.dropped {
            0 => String::new(),
            bytes => format!("; a torn last line of {} was dropped", count(bytes, "byte", "bytes")),
        };
        let (by, host) = (visible_line(&resumption.by), visible_line(&resumption.host));
        entries.add(&resumption.at, format!("{kind} resumed by {by} on {host}{torn}"));
    }
    if let (crate::run::RunState::Finished(outcome), Some(at)) = (run.state, &run.ended) {
        let how = match outcome {
            RunOutcome::Completed => "completed",
            RunOutcome::Failed => "ended with a failure",
            RunOutcome::Aborted => "ended by the responder",
        };
        let why = run.reason.as_deref().map_or_else(String::new, |reason| format!(": {}", clause(reason)));
        entries.add(at, format!("{kind} {how}{why}"));
    }
}

fn of_step(run: &Run, step: &StepRecord, entries: &mut Entries) {
    let name = title(run, &step.outline.id);
    let end = step
        .finished
        .as_ref()
        .zip(step.outcome)
        .filter(|(_, outcome)| !matches!(outcome, StepOutcome::Done | StepOutcome::NotChosen));
    if let Some((at, outcome)) = end {
        let why = step.reason.as_deref().map_or_else(String::new, |reason| format!(": {}", clause(reason)));
        entries.add(at, format!("{name}: {}{why}", step_outcome(outcome)));
    }
    let actions = step.actions.iter().map(|action| {
        let done = if action.done { "done" } else { "not done" };
        (&action.at, format!("{name}: {done}: {}", plain_line(&action.text)))
    });
    actions.for_each(|(at, what)| entries.add(at, what));
    for block in &step.blocks {
        let name = if step.outline.blocks > 1 { format!("{name}, block {}", block.number) } else { name.clone() };
        for edit in &block.edits {
            entries.add(&edit.at, format!("{name}: edited"));
        }
        of_attempts(&name, &block.attempts, entries);
        for said in &block.part_reasons {
            let how = if said.accepted { "failure accepted" } else { "skipped" };
            let what = format!("{name}, {}: {how}: {}", said.part, clause(&said.reason.text));
            entries.add(&said.reason.at, what);
        }
        if let Some(reason) = &block.accepted {
            entries.add(&reason.at, format!("{name}: failure accepted: {}", clause(&reason.text)));
        }
        // A step that was skipped says so itself.
        if let Some(reason) = block.skipped.as_ref().filter(|_| step.outcome != Some(StepOutcome::Skipped)) {
            entries.add(&reason.at, format!("{name}: skipped: {}", clause(&reason.text)));
        }
    }
}

/// Tells the tries of a block; of many that went alike, such as those of a
/// wait, the first and the last, and how many there were between.
fn of_attempts(name: &str, attempts: &[Attempt], entries: &mut Entries) {
    let alike = |a: &Attempt, b: &Attempt| {
        let outcome = |attempt: &Attempt| attempt.finished.as_ref().map(|end| end.outcome);
        let plain = |attempt: &Attempt| attempt.transactions.is_empty() && attempt.resolution.is_none();
        a.started.code == b.started.code && outcome(a) == outcome(b) && plain(a) && plain(b)
    };
    for group in attempts.chunk_by(alike) {
        match group {
            [first, second, _, .., last] => {
                of_attempt(name, first, entries);
                let how = second.finished.as_ref().map_or("cut off", |end| block_outcome(end.outcome));
                entries.add(&second.at, format!("{name}: tried {} more times, each time {how}", group.len() - 2));
                of_attempt(name, last, entries);
            }
            few => few.iter().for_each(|attempt| of_attempt(name, attempt, entries)),
        }
    }
}

/// Shorter than a reader of the timeline cares for.
const AT_ONCE_MS: u64 = 5_000;

fn of_attempt(name: &str, attempt: &Attempt, entries: &mut Entries) {
    let again = if attempt.started.attempt > 1 { " again" } else { "" };
    let on_try = match attempt.started.attempt {
        1 => String::new(),
        number => format!(" on try {number}"),
    };
    let name = match attempt.started.part {
        Some(part) => format!("{name}, {part}"),
        None => name.to_owned(),
    };
    match (&attempt.finished, &attempt.ended) {
        (Some(end), Some(ended)) => {
            // What was over at once needs no line for its start.
            if end.duration_ms >= AT_ONCE_MS || !attempt.transactions.is_empty() {
                entries.add(&attempt.at, format!("{name}: started{again}"));
            }
            let error = match &end.error {
                Some(error) if end.outcome != BlockOutcome::Succeeded => format!(": {}", clause(error)),
                _ => String::new(),
            };
            let (how, took) = (block_outcome(end.outcome), duration(end.duration_ms));
            entries.add(ended, format!("{name}: {how}{on_try} after {took}{error}"));
        }
        _ => entries.add(&attempt.at, format!("{name}: started{again}; its end is not on record")),
    }
    let mut first = 0;
    for end in &attempt.transactions {
        let rows = changed_rows(end.affected, end.uncounted);
        let how = transaction(end.decision);
        let mut own = attempt.statements.get(first..end.statements).unwrap_or_default().iter();
        let change = own.find(|statement| statement.end.effect != Effect::Read);
        let who = match (&end.by, change) {
            (Some(by), Some(change)) => {
                let after = u64::try_from(change.at.until(&end.at).as_millis()).unwrap_or(u64::MAX);
                format!(" by {}, {} after the first change", visible_line(by), duration(after))
            }
            _ => String::new(),
        };
        entries.add(&end.at, format!("{name}: {rows} {how}{who} ({})", clause(&end.reason)));
        first = end.statements;
    }
    if let Some(resolution) = &attempt.resolution {
        let (decision, reason) = (clause(&resolution.decision), clause(&resolution.reason));
        entries.add(&resolution.at, format!("{name}: unknown outcome settled as “{decision}”: {reason}"));
    }
}

/// What a milestone is called.
pub(super) fn mark_name(mark: Mark) -> &'static str {
    match mark {
        Mark::Detected => "Detected",
        Mark::Mitigated => "Mitigated",
        Mark::Resolved => "Resolved",
    }
}

/// How a step ended, in words.
pub(super) fn step_outcome(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Done => "done",
        StepOutcome::Failed => "failed",
        StepOutcome::Accepted => "failed, accepted",
        StepOutcome::Skipped => "skipped",
        StepOutcome::NotChosen => "another way was taken",
        StepOutcome::NothingToDo => "nothing to do",
        StepOutcome::Aborted => "run ended here",
    }
}

/// How a try ended, in words.
pub(super) fn block_outcome(outcome: BlockOutcome) -> &'static str {
    match outcome {
        BlockOutcome::Succeeded => "succeeded",
        BlockOutcome::Failed => "failed",
        BlockOutcome::TimedOut => "timed out",
        BlockOutcome::Interrupted => "interrupted",
        BlockOutcome::RolledBack => "rolled back",
        BlockOutcome::Unknown => "outcome unknown",
    }
}

/// What ended a block that was watched, in words.
pub(super) fn watched(why: Watched) -> &'static str {
    match why {
        Watched::Seen => "watched until what was expected came",
        Watched::TimeUp => "watched until its time was up",
        Watched::Responder => "watched until the responder ended it",
    }
}

/// What became of a transaction's changes, in words.
pub(super) fn transaction(decision: TransactionDecision) -> &'static str {
    match decision {
        TransactionDecision::Committed => "committed",
        TransactionDecision::RolledBack => "rolled back",
        TransactionDecision::Unknown => "with an unknown outcome: the connection was lost around COMMIT",
    }
}
