//! From a run to the facts of its report.

use super::excerpt::{Outputs, excerpt};
use super::model::{
    ActionReport, BlockReport, CheckReport, Decision, Happening, Integrity, KeptReport, Milestone, NoteReport,
    OutputReport, Report, StatementReport, StepReport, TransactionReport, TryReport, UnknownBlock,
};
use super::visible::{plain_line, visible, visible_code, visible_line};
use super::{changes, compare, deviation, follow_up, summary, timeline};
use crate::run::{
    Attempt, BlockFinished, BlockRecord, BlockStarted, KeptRows, Mark, Moment, NoteRecord, OutputRef, Run, RunState,
    StatementRecord, StepOutcome, StepRecord,
};
use crate::source::Digest;

/// Version of the form of a report.
const FORMAT: u32 = 1;

/// The steps, without the ways that were not taken: the choice names those.
fn walked(run: &Run) -> impl Iterator<Item = &StepRecord> {
    run.steps.iter().filter(|step| step.outcome != Some(StepOutcome::NotChosen))
}

impl Report {
    /// Tells of `run`, whose transcript ends with the hash `head`. `outputs`
    /// opens what its blocks printed; what cannot be opened is said in its
    /// place.
    #[must_use]
    pub fn from_run(run: &Run, head: &Digest, outputs: &Outputs<'_>) -> Self {
        let header = &run.header;
        let line = |text: &Option<String>| text.as_deref().map(visible_line);
        let mut report = Self {
            format: FORMAT,
            rehearsal: header.rehearsal,
            title: visible_line(&header.title),
            about: line(&header.summary),
            summary: Vec::new(),
            run: header.run.clone(),
            incident: line(&header.incident),
            severity: line(&header.severity),
            responder: visible_line(&header.user),
            host: visible_line(&header.host),
            owner: line(&header.owner),
            runbook: visible_line(&header.path),
            anchor: line(&header.anchor),
            revision: line(&header.revision),
            version: header.version.clone(),
            started: run.first.at.clone(),
            ended: run.last.at.clone(),
            duration_ms: millis(&run.first, run.ended.as_ref().unwrap_or(&run.last)),
            outcome: match run.state {
                RunState::Finished(outcome) => Some(outcome),
                RunState::Running | RunState::Suspended => None,
            },
            reason: line(&run.reason),
            unknown: unknown(run),
            milestones: milestones(run),
            timeline: timeline::timeline(run),
            connections: run
                .connections
                .iter()
                .map(|connection| (visible_line(&connection.name), visible_line(&connection.in_full())))
                .collect(),
            variables: run
                .variables
                .iter()
                .map(|variable| (visible_line(&variable.name), variable.value.as_deref().map(visible_line)))
                .collect(),
            steps: walked(run).map(|record| step(run, record, outputs)).collect(),
            deviations: deviation::deviations(run),
            database: changes::changes(run),
            comparisons: compare::comparisons(run, outputs),
            notes: run.notes.iter().map(|record| note(run, record)).collect(),
            decisions: decisions(run),
            follow_ups: follow_up::follow_ups(run),
            integrity: Integrity {
                runbook: header.digest.clone(),
                head: head.clone(),
                events: run.last.seq,
                foreign: run.foreign,
            },
        };
        report.summary = summary::summary(run, &report);
        report
    }
}

/// The title of a step, by its id.
pub(super) fn title(run: &Run, step: &str) -> String {
    visible_line(run.step(step).map_or(step, |record| &record.outline.title))
}

pub(super) fn millis(from: &Moment, to: &Moment) -> u64 {
    u64::try_from(from.until(to).as_millis()).unwrap_or(u64::MAX)
}

/// The host that a try ran on: that of its session.
fn host<'a>(run: &'a Run, moment: &Moment) -> &'a str {
    let session = usize::try_from(moment.session).unwrap_or(usize::MAX);
    let resumption = session.checked_sub(1).and_then(|place| run.resumptions.get(place));
    resumption.map_or(&run.header.host, |resumption| &resumption.host)
}

fn unknown(run: &Run) -> Vec<UnknownBlock> {
    let of = |step: &StepRecord, attempt: &Attempt| UnknownBlock {
        step: visible_line(&step.outline.title),
        number: attempt.started.block.number,
        started: attempt.at.at.clone(),
        target: visible_line(&attempt.started.target),
        why: if attempt.finished.is_some() {
            "the connection was lost before the server said whether its changes were kept".to_owned()
        } else {
            let part = attempt.started.part.map_or_else(String::new, |part| format!("{part} of it: "));
            format!("{part}it started, and the record ends before it did")
        },
    };
    let all = run.steps.iter().flat_map(|step| step.blocks.iter().map(move |block| (step, block)));
    all.filter_map(|(step, block)| {
        let attempt = block.attempts.last().filter(|attempt| attempt.is_unknown())?;
        let accepted = attempt.finished.is_some() && block.accepted.is_some();
        (!accepted).then(|| of(step, attempt))
    })
    .collect()
}

fn milestones(run: &Run) -> Vec<Milestone> {
    let detected = run.marks.iter().find(|record| record.mark == Mark::Detected).map(|record| &record.at);
    let milestone = |record: &crate::run::MarkRecord| Milestone {
        mark: record.mark,
        at: record.at.at.clone(),
        by: visible_line(&record.by),
        since_start_ms: millis(&run.first, &record.at),
        since_detected_ms: detected.filter(|at| at.seq < record.at.seq).map(|at| millis(at, &record.at)),
    };
    run.marks.iter().map(milestone).collect()
}

fn note(run: &Run, record: &NoteRecord) -> NoteReport {
    NoteReport {
        at: record.at.at.clone(),
        step: record.step.as_deref().map(|step| title(run, step)),
        text: visible(record.text.trim()),
        by: visible_line(&record.by),
    }
}

fn decisions(run: &Run) -> Vec<Decision> {
    let chosen = run.choices.iter().map(|choice| {
        let others = choice.others.iter().map(|other| format!("“{}”", visible_line(other))).collect::<Vec<_>>();
        let instead =
            if others.is_empty() { String::new() } else { format!(" over {}", super::wording::list(&others)) };
        let why = choice.reason.as_deref().map_or_else(String::new, |why| format!(", because: {}", visible_line(why)));
        let what = format!("{}: “{}” was chosen{instead}{why}", title(run, &choice.step), visible_line(&choice.choice));
        (choice.at.seq, Decision { at: choice.at.at.clone(), what })
    });
    let within = run.within.iter().map(|record| {
        let path: Vec<_> = record.within.iter().map(|opener| format!("`{}`", visible_line(opener))).collect();
        let now = if path.is_empty() { "on this machine".to_owned() } else { format!("inside {}", path.join(" › ")) };
        let why = record.reason.as_deref().map_or_else(String::new, |why| format!(", because: {}", visible_line(why)));
        (record.at.seq, Decision { at: record.at.at.clone(), what: format!("What followed ran {now}{why}") })
    });
    let answered = run.answers.iter().map(|answer| {
        let (question, answered) = (visible_line(&answer.question), visible_line(&answer.answer));
        let what = format!("{} was asked “{question}” and answered “{answered}”", visible_line(&answer.by));
        (answer.at.seq, Decision { at: answer.at.at.clone(), what })
    });
    let mut all: Vec<_> = chosen.chain(within).chain(answered).collect();
    all.sort_by_key(|(seq, _)| *seq);
    all.into_iter().map(|(_, decision)| decision).collect()
}

fn step(run: &Run, record: &StepRecord, outputs: &Outputs<'_>) -> StepReport {
    let notes = run.notes.iter().filter(|note| note.step.as_deref() == Some(&record.outline.id));
    StepReport {
        id: record.outline.id.clone(),
        title: visible_line(&record.outline.title),
        line: record.outline.line,
        kind: record.outline.kind,
        outcome: record.outcome,
        reason: record.reason.as_deref().map(visible_line),
        started: record.started.as_ref().map(|moment| moment.at.clone()),
        visits: record.visits,
        blocks: record.blocks.iter().map(|block| self::block(run, block, outputs)).collect(),
        actions: record
            .actions
            .iter()
            .map(|action| ActionReport {
                text: plain_line(&action.text),
                done: action.done,
                task: action.task,
                note: action.note.as_deref().map(visible_line),
            })
            .collect(),
        notes: notes.map(|record| note(run, record)).collect(),
    }
}

fn block(run: &Run, record: &BlockRecord, outputs: &Outputs<'_>) -> BlockReport {
    let mut history: Vec<(u64, Happening)> = Vec::new();
    for answer in &record.answers {
        let at = answer.at.at.clone();
        let (question, by) = (visible_line(&answer.question), visible_line(&answer.by));
        let answered = Happening::Answered { at, question, answer: visible_line(&answer.answer), by };
        history.push((answer.at.seq, answered));
    }
    for edit in &record.edits {
        let diff = compare::diff(&visible_code(&edit.before), &visible_code(&edit.after), "runbook", "as edited");
        history.push((edit.at.seq, Happening::Edited { at: edit.at.at.clone(), diff }));
    }
    for attempt in &record.attempts {
        history.push((attempt.at.seq, Happening::Tried(Box::new(tried(run, attempt, outputs)))));
        if let Some(resolution) = &attempt.resolution {
            let at = resolution.at.at.clone();
            let (decision, reason) = (visible_line(&resolution.decision), visible_line(&resolution.reason));
            history.push((resolution.at.seq, Happening::Resolved { at, decision, reason }));
        }
    }
    if let Some(reason) = &record.accepted {
        let accepted = Happening::Accepted { at: reason.at.at.clone(), part: None, reason: visible_line(&reason.text) };
        history.push((reason.at.seq, accepted));
    }
    if let Some(reason) = &record.skipped {
        let skipped = Happening::Skipped { at: reason.at.at.clone(), part: None, reason: visible_line(&reason.text) };
        history.push((reason.at.seq, skipped));
    }
    for said in &record.part_reasons {
        let (at, part) = (said.reason.at.at.clone(), Some(said.part.to_string()));
        let reason = visible_line(&said.reason.text);
        let happening = match said.accepted {
            true => Happening::Accepted { at, part, reason },
            false => Happening::Skipped { at, part, reason },
        };
        history.push((said.reason.at.seq, happening));
    }
    history.sort_by_key(|(seq, _)| *seq);
    BlockReport { number: record.number, history: history.into_iter().map(|(_, what)| what).collect() }
}

fn tried(run: &Run, attempt: &Attempt, outputs: &Outputs<'_>) -> TryReport {
    let (started, end) = (&attempt.started, attempt.finished.as_ref());
    TryReport {
        part: started.part.map(|part| part.to_string()),
        attempt: started.attempt,
        at: attempt.at.at.clone(),
        line: started.line,
        language: visible_line(&started.language),
        code: visible_code(&started.code),
        effect: started.effect,
        target: visible_line(&started.target),
        host: visible_line(host(run, &attempt.at)),
        outcome: end.map(|end| end.outcome),
        exit: end.and_then(|end| end.exit),
        signal: end.and_then(|end| end.signal),
        watched: end.and_then(|end| end.watched),
        error: end.and_then(|end| end.error.as_deref()).map(visible_line),
        duration_ms: end.map(|end| end.duration_ms),
        remarks: remarks(started, end),
        output: attempt.output().map(|output| self::output(output, outputs)),
        statements: attempt
            .statements
            .iter()
            .map(|StatementRecord { end, .. }| StatementReport {
                index: end.index,
                line: end.line,
                sql: visible_code(&end.sql),
                rows: end.rows,
                affected: end.affected,
                kept: end.kept.as_ref().map(kept),
                duration_ms: end.duration_ms,
                error: end.error.as_deref().map(visible_line),
            })
            .collect(),
        transactions: attempt
            .transactions
            .iter()
            .map(|end| TransactionReport {
                decision: end.decision,
                affected: end.affected,
                uncounted: end.uncounted,
                reason: visible_line(&end.reason),
            })
            .collect(),
        checks: attempt
            .checks
            .iter()
            .map(|check| CheckReport {
                expectation: visible_line(&check.expectation),
                held: check.held,
                found: check.found.as_deref().map(visible_line),
            })
            .collect(),
        compared: attempt.compared.as_ref().map(compare::with_page),
    }
}

fn kept(kept: &KeptRows) -> KeptReport {
    KeptReport {
        file: format!("output/{}", visible_line(&kept.output.file)),
        rows: kept.rows,
        bytes: kept.output.bytes,
        digest: kept.output.digest.clone(),
    }
}

fn output(output: &OutputRef, outputs: &Outputs<'_>) -> OutputReport {
    OutputReport {
        file: format!("output/{}", visible_line(&output.file)),
        bytes: output.bytes,
        digest: output.digest.clone(),
        excerpt: excerpt(output, outputs).map_err(|error| error.to_string()),
    }
}

/// What else is to be known of a try.
fn remarks(started: &BlockStarted, end: Option<&BlockFinished>) -> Vec<String> {
    let left_out = started.left_out.iter().map(|line| {
        let line = visible_line(line);
        format!("“{line}” was left out: it only changes what the database's own client shows")
    });
    let told = end.into_iter().flat_map(|end| &end.remarks).map(|text| visible_line(text));
    left_out.chain(told).collect()
}
