//! A run for the tests of whatever reads runs: a rehearsal with one of each.

use super::*;
use crate::runbook::{Class, Effect, StepKind};
use crate::source::Digest;

pub(crate) const RUNBOOK: &str = "# Worker death\n\nFind the cause, then restart.\n";

/// What the blocks print: file name and text.
pub(crate) const OUTPUTS: [(&str, &str); 5] = [
    ("001.log", "03:14:09 ingest-worker killed: out of memory\n03:14:09 heartbeat 94 s old\n"),
    ("002.log", "railway: no such service: ingest\n"),
    ("003.log", "restarting ingest-worker … online\n"),
    ("004.log", "UPDATE 3\n"),
    ("005.log", "03:14:09 ingest-worker killed: out of memory\n03:19:30 heartbeat 2 s old\n"),
];

const LOGS: &str = "railway logs --service ingest-worker\n";

pub(crate) fn header() -> RunStarted {
    let step = |id: &str, title: &str, line, kind, blocks| StepOutline {
        id: id.to_owned(),
        title: title.to_owned(),
        line,
        kind,
        blocks,
        option_of: None,
    };
    RunStarted {
        run: "2026-11-22-0316-worker-death-7f3a".to_owned(),
        path: "runbooks/worker-death.md".to_owned(),
        title: "Worker death".to_owned(),
        summary: Some("A queue worker stopped sending heartbeats.".to_owned()),
        severity: Some("P1".to_owned()),
        owner: Some("platform on-call".to_owned()),
        incident: Some("INC-42".to_owned()),
        digest: Digest::of(RUNBOOK.as_bytes()),
        mended: None,
        revision: Some("4f2a91c".to_owned()),
        anchor: None,
        steps: vec![
            step("find-the-cause", "Find the cause", 12, StepKind::Step, 1),
            step("tell-the-users", "Tell the users", 20, StepKind::Step, 1),
            step("restart", "Restart the worker", 26, StepKind::Step, 1),
            step("reset-locked-jobs", "Reset locked jobs", 34, StepKind::Step, 1),
            step("follow-up", "Follow up", 50, StepKind::Manual, 0),
        ],
        user: "oncall".to_owned(),
        host: "ops-1".to_owned(),
        cwd: "/srv/ops".to_owned(),
        version: "0.1.0".to_owned(),
        rehearsal: true,
        unattended: None,
    }
}

pub(crate) fn block(step: &str) -> BlockRef {
    BlockRef { step: step.to_owned(), number: 1 }
}

pub(crate) fn started(step: &str, attempt: u32, code: &str) -> Event {
    let sql = code.starts_with("UPDATE");
    Event::BlockStarted(Box::new(BlockStarted {
        block: block(step),
        part: None,
        attempt,
        class: if sql { Class::Sql } else { Class::Shell },
        language: if sql { "sql" } else { "bash" }.to_owned(),
        line: 14,
        code: code.to_owned(),
        digest: Digest::of(code.as_bytes()),
        effect: if sql { Effect::Write } else { Effect::Read },
        target: if sql { "ops · sqlite 3.46" } else { "bash" }.to_owned(),
        timeout_ms: Some(30_000),
        left_out: Vec::new(),
    }))
}

pub(crate) fn finished(step: &str, attempt: u32, outcome: BlockOutcome, output: Option<&str>) -> Event {
    let text = |file: &str| OUTPUTS.iter().find(|(name, _)| *name == file).map_or("", |(_, text)| *text);
    Event::BlockFinished(Box::new(BlockFinished {
        block: block(step),
        part: None,
        attempt,
        outcome,
        exit: Some(i32::from(outcome == BlockOutcome::Failed)),
        signal: None,
        watched: None,
        error: (outcome == BlockOutcome::Failed).then(|| "exit code 1".to_owned()),
        duration_ms: 1_240,
        output: output.map(|file| OutputRef {
            file: file.to_owned(),
            bytes: text(file).len() as u64,
            digest: Digest::of(text(file).as_bytes()),
        }),
        remarks: Vec::new(),
    }))
}

pub(crate) fn step_started(step: &str) -> Event {
    Event::StepStarted { step: step.to_owned() }
}

pub(crate) fn step_finished(step: &str, outcome: StepOutcome, reason: Option<&str>) -> Event {
    Event::StepFinished { step: step.to_owned(), outcome, reason: reason.map(str::to_owned) }
}

fn answered(step: &str, question: &str, answer: &str) -> Event {
    Event::Answered {
        block: Some(block(step)),
        question: question.to_owned(),
        answer: answer.to_owned(),
        by: "oncall".to_owned(),
    }
}

fn reset(attempt: u32, decision: TransactionDecision, reason: &str, output: Option<&str>) -> Vec<Event> {
    let step = "reset-locked-jobs";
    let sql = "UPDATE job_queue SET locked_at = NULL WHERE locked_at < now() - 300;";
    let kept = decision == TransactionDecision::Committed;
    let outcome = if kept { BlockOutcome::Succeeded } else { BlockOutcome::RolledBack };
    vec![
        started(step, attempt, sql),
        Event::StatementFinished(Box::new(StatementFinished {
            block: block(step),
            index: 1,
            line: 37,
            sql: sql.to_owned(),
            effect: Effect::Write,
            rows: None,
            affected: Some(3),
            kept: None,
            duration_ms: 8,
            error: None,
            changes: None,
            others: None,
            in_transaction: true,
            at_once: Vec::new(),
            takes_back_from: None,
        })),
        answered(step, "keep 3 changed rows?", if kept { "yes" } else { "no" }),
        Event::TransactionEnded {
            block: block(step),
            decision,
            affected: 3,
            uncounted: false,
            reason: reason.to_owned(),
            stays: Vec::new(),
        },
        finished(step, attempt, outcome, output),
    ]
}

/// The events of the run, from its start to its end.
pub(crate) fn events() -> Vec<Event> {
    let oncall = || "oncall".to_owned();
    let mut events = vec![
        Event::RunStarted(Box::new(header())),
        Event::VariableSet {
            name: "service".to_owned(),
            value: Some("ingest-worker".to_owned()),
            source: "--var".to_owned(),
            kind: None,
        },
        Event::Marked { mark: Mark::Detected, by: oncall() },
        step_started("find-the-cause"),
        answered("find-the-cause", "run this block?", "run"),
        started("find-the-cause", 1, LOGS),
        finished("find-the-cause", 1, BlockOutcome::Succeeded, Some("001.log")),
        Event::Checked {
            block: block("find-the-cause"),
            expectation: "standard output contains `heartbeat`".to_owned(),
            held: true,
            found: None,
        },
        Event::Note {
            step: Some("find-the-cause".to_owned()),
            text: "Memory grew since the 14:00 deploy.\nSee the <graph> | #ops".to_owned(),
            by: oncall(),
        },
        step_finished("find-the-cause", StepOutcome::Done, None),
        step_started("tell-the-users"),
        Event::BlockSkipped {
            block: block("tell-the-users"),
            part: None,
            reason: "support did it at 03:10".to_owned(),
        },
        step_finished("tell-the-users", StepOutcome::Skipped, Some("support did it at 03:10")),
        step_started("restart"),
        started("restart", 1, "railway restart ingest\n"),
        finished("restart", 1, BlockOutcome::Failed, Some("002.log")),
        answered("restart", "it failed: exit code 1", "edit and retry"),
        Event::Edited {
            block: block("restart"),
            before: "railway restart ingest\n".to_owned(),
            after: "railway restart ingest-worker\n".to_owned(),
        },
        started("restart", 2, "railway restart ingest-worker\n"),
        finished("restart", 2, BlockOutcome::Succeeded, Some("003.log")),
        Event::Marked { mark: Mark::Mitigated, by: oncall() },
        step_finished("restart", StepOutcome::Done, None),
        Event::Connected { connection: "ops".to_owned(), target: "sqlite 3.46".to_owned(), session: None },
        step_started("reset-locked-jobs"),
    ];
    events.extend(reset(1, TransactionDecision::RolledBack, "oncall said no", None));
    events.push(answered("reset-locked-jobs", "its changes were taken back", "retry"));
    events.extend(reset(2, TransactionDecision::Committed, "oncall said yes", Some("004.log")));
    events.extend([
        step_finished("reset-locked-jobs", StepOutcome::Done, None),
        Event::Jumped {
            from: "follow-up".to_owned(),
            to: "find-the-cause".to_owned(),
            reason: "to see that the heartbeat is back".to_owned(),
        },
        step_started("find-the-cause"),
        started("find-the-cause", 2, LOGS),
        finished("find-the-cause", 2, BlockOutcome::Succeeded, Some("005.log")),
        step_finished("find-the-cause", StepOutcome::Done, None),
        step_started("follow-up"),
        Event::ActionDone {
            step: "follow-up".to_owned(),
            text: "Raise the memory limit".to_owned(),
            line: 52,
            done: false,
            task: true,
            note: Some("needs a budget".to_owned()),
        },
        Event::Marked { mark: Mark::Resolved, by: oncall() },
        step_finished("follow-up", StepOutcome::Done, None),
        Event::RunFinished { outcome: RunOutcome::Completed, reason: None },
    ]);
    events
}

/// `events` with numbers and times, seven seconds apart.
pub(crate) fn stamp(events: Vec<Event>) -> Vec<Entry> {
    let start: jiff::Timestamp = "2026-11-22T03:16:02.000Z".parse().expect("a time");
    let entry = |(place, event): (usize, Event)| {
        let elapsed_ms = 7_000 * place as u64;
        let at = start + jiff::SignedDuration::from_millis(elapsed_ms.cast_signed());
        Entry { v: FORMAT, seq: place as u64 + 1, at: format!("{at:.3}"), elapsed_ms, event }
    };
    events.into_iter().enumerate().map(entry).collect()
}
