use super::example::{block, events, finished, header, stamp, started, step_finished, step_started};
use super::*;

fn fold(events: Vec<Event>) -> Run {
    Run::fold(stamp(events)).expect("a run")
}

fn begun(more: Vec<Event>) -> Run {
    let mut events = vec![Event::RunStarted(Box::new(header()))];
    events.extend(more);
    fold(events)
}

fn resumed() -> Event {
    Event::RunResumed {
        by: "relief".to_owned(),
        host: "ops-2".to_owned(),
        version: "0.1.0".to_owned(),
        changed: None,
        salvaged: None,
        salvaged_rows: None,
        dropped: 0,
    }
}

fn resolved(step: &str, decision: &str) -> Event {
    Event::UnknownResolved { block: block(step), decision: decision.to_owned(), reason: "the log says so".to_owned() }
}

#[test]
fn a_whole_run_is_told_by_its_events() {
    let run = fold(events());
    assert_eq!(run.state, RunState::Finished(RunOutcome::Completed));
    assert_eq!(run.unknown_block(), None);
    let restart = run.block_record(&block("restart")).expect("the restart");
    assert_eq!(restart.attempts.len(), 2);
    assert_eq!(restart.edits.len(), 1);
    let reset = run.block_record(&block("reset-locked-jobs")).expect("the reset");
    assert_eq!(reset.attempts[0].transactions[0].decision, TransactionDecision::RolledBack);
    assert_eq!(reset.attempts[1].transactions[0].decision, TransactionDecision::Committed);
    assert_eq!(run.step("tell-the-users").and_then(|step| step.outcome), Some(StepOutcome::Skipped));
    assert_eq!(run.step("find-the-cause").map(|step| step.visits), Some(2));
    assert!(run.header.steps.iter().all(|step| run.is_done(&step.id)));
    assert_eq!(run.resume_point().step, None);
}

#[test]
fn applying_one_by_one_makes_the_same_run_as_folding_all() {
    let entries = stamp(events());
    for end in 1..=entries.len() {
        let mut run = Run::begin(entries[0].clone()).expect("a start");
        for entry in &entries[1..end] {
            run.apply(entry.clone()).expect("an event");
        }
        assert_eq!(run, Run::fold(entries[..end].to_vec()).expect("a run"));
    }
}

#[test]
fn a_block_that_started_and_never_ended_is_unknown_until_it_is_resolved() {
    let mut events = vec![step_started("restart"), started("restart", 1, "x")];
    assert_eq!(begun(events.clone()).unknown_block(), Some(&block("restart")));
    events.push(resumed());
    let run = begun(events.clone());
    assert_eq!(run.unknown_block(), Some(&block("restart")));
    assert_eq!(run.resume_point().step.as_deref(), Some("restart"));

    let ran = begun([events.clone(), vec![resolved("restart", "ran")]].concat());
    assert_eq!((ran.unknown_block(), ran.resume_point().blocks_done), (None, vec![1]));

    let again = begun([events, vec![resolved("restart", "run again")]].concat());
    assert_eq!((again.unknown_block(), again.resume_point().blocks_done), (None, vec![]));
}

#[test]
fn a_lost_commit_is_unknown_until_the_responder_has_dealt_with_it() {
    let mut events =
        vec![step_started("restart"), started("restart", 1, "x"), finished("restart", 1, BlockOutcome::Unknown, None)];
    assert_eq!(begun(events.clone()).unknown_block(), Some(&block("restart")));
    events.push(Event::Accepted { block: block("restart"), part: None, reason: "seen in the table".to_owned() });
    assert_eq!(begun(events).unknown_block(), None);
}

#[test]
fn output_found_on_resuming_belongs_to_the_block_that_was_cut_off() {
    let output = OutputRef { file: "001.log".to_owned(), bytes: 1, digest: crate::source::Digest::of(b"x") };
    let Event::RunResumed { by, host, version, changed, dropped, .. } = resumed() else { unreachable!() };
    let resumed =
        Event::RunResumed { by, host, version, changed, salvaged: Some(output.clone()), salvaged_rows: None, dropped };
    let run = begun(vec![step_started("restart"), started("restart", 1, "x"), resumed]);
    assert_eq!(run.attempts().next().and_then(Attempt::output), Some(&output));
}

#[test]
fn a_run_goes_on_at_the_step_it_was_in_or_after_the_last_one_left() {
    assert_eq!(begun(vec![]).resume_point().step.as_deref(), Some("find-the-cause"));
    let at = vec![step_started("find-the-cause")];
    assert_eq!(begun(at.clone()).resume_point().step.as_deref(), Some("find-the-cause"));
    let after = [at, vec![step_finished("find-the-cause", StepOutcome::Failed, None)]].concat();
    assert_eq!(begun(after.clone()).resume_point().step.as_deref(), Some("tell-the-users"));
    let jump =
        Event::Jumped { from: "find-the-cause".to_owned(), to: "reset-locked-jobs".to_owned(), reason: String::new() };
    assert_eq!(begun([after, vec![jump]].concat()).resume_point().step.as_deref(), Some("reset-locked-jobs"));
}

#[test]
fn a_rollback_returns_to_where_the_run_was() {
    let offered =
        Event::RollbackOffered { step: "restart".to_owned(), rollback: "put-it-back".to_owned(), accepted: true };
    let mut events = vec![step_started("restart"), offered, step_started("put-it-back")];
    assert_eq!(begun(events.clone()).resume_point().step.as_deref(), Some("put-it-back"));
    events.push(step_finished("put-it-back", StepOutcome::Done, None));
    assert_eq!(begun(events).resume_point().step.as_deref(), Some("restart"));
}

#[test]
fn coming_back_to_a_step_offers_its_blocks_again() {
    let mut events = vec![
        step_started("restart"),
        started("restart", 1, "x"),
        finished("restart", 1, BlockOutcome::Succeeded, None),
    ];
    assert_eq!(begun([events.clone(), vec![resumed(), step_started("restart")]].concat()).blocks_done("restart"), [1]);
    events.push(step_finished("restart", StepOutcome::Done, None));
    events.push(step_started("restart"));
    assert!(begun(events).blocks_done("restart").is_empty());
}

#[test]
fn events_that_cannot_be_a_run_are_refused() {
    let entries = stamp(events());
    assert_eq!(Run::fold(Vec::<Entry>::new()), Err(FoldError::Empty));
    assert_eq!(Run::fold(entries[1..].to_vec()), Err(FoldError::NoStart));
    let gap: Vec<_> = [&entries[..3], &entries[4..]].concat();
    assert_eq!(Run::fold(gap), Err(FoldError::Gap { expected: 4, found: 5 }));
    let twice = stamp(vec![Event::RunStarted(Box::new(header())), Event::RunStarted(Box::new(header()))]);
    assert_eq!(Run::fold(twice), Err(FoldError::SecondStart { seq: 2 }));
    let never =
        stamp(vec![Event::RunStarted(Box::new(header())), finished("restart", 1, BlockOutcome::Succeeded, None)]);
    assert!(matches!(Run::fold(never), Err(FoldError::NotStarted { seq: 2, .. })));
}

#[test]
fn an_event_of_a_newer_version_is_counted_and_passed_over() {
    let mut run = begun(vec![]);
    let foreign = ForeignEntry { v: FORMAT, seq: 2, at: "later".to_owned(), elapsed_ms: 9, event: "paged".to_owned() };
    run.apply(Line::Foreign(foreign)).expect("passed over");
    assert_eq!((run.foreign, run.last.seq), (1, 2));
}

#[test]
fn time_is_never_negative_though_a_clock_was_set_back() {
    let moment = |at: &str, elapsed_ms, session| Moment { seq: 1, at: at.to_owned(), elapsed_ms, session };
    let first = moment("2026-11-22T03:16:00.000Z", 1_000, 0);
    let same = first.until(&moment("2026-11-21T03:16:00.000Z", 3_500, 0));
    assert_eq!(same, std::time::Duration::from_millis(2_500));
    assert_eq!(first.until(&moment("2026-11-21T03:16:00.000Z", 10, 1)), std::time::Duration::ZERO);
    assert_eq!(first.until(&moment("2026-11-22T04:16:00.000Z", 10, 1)), std::time::Duration::from_secs(3_600));
}

/// The start and the end of one command of three.
fn command(number: usize, outcome: BlockOutcome) -> [Event; 2] {
    let mut events = [started("restart", 1, "x"), finished("restart", 1, outcome, None)];
    for event in &mut events {
        match event {
            Event::BlockStarted(started) => started.part = Some(Part { number, last: number, of: 3 }),
            Event::BlockFinished(finished) => finished.part = Some(Part { number, last: number, of: 3 }),
            _ => {}
        }
    }
    events
}

#[test]
fn a_block_run_command_by_command_is_done_with_its_last_one() {
    let restart = |events: &[Event]| {
        let run = begun([&[step_started("restart")][..], events].concat());
        let record = run.block_record(&block("restart")).expect("the restart").clone();
        (record.parts.map(|parts| parts.over), record.done, run.unknown_block().cloned())
    };
    let mut events = command(1, BlockOutcome::Succeeded).to_vec();
    assert_eq!(restart(&events), (Some(1), false, None));
    events.push(command(2, BlockOutcome::Succeeded)[0].clone());
    assert_eq!(restart(&events), (Some(1), false, Some(block("restart"))), "cut off in the second");
    let resolved = |decision| restart(&[events.as_slice(), &[resolved("restart", decision)]].concat());
    assert_eq!(resolved("ran"), (Some(2), false, None));
    assert_eq!(resolved("run again"), (Some(1), false, None));
    events.push(command(2, BlockOutcome::Failed)[1].clone());
    assert_eq!(restart(&events), (Some(1), false, None));
    let part = Some(Part { number: 2, last: 3, of: 3 });
    events.push(Event::BlockSkipped { block: block("restart"), part, reason: "enough".to_owned() });
    assert_eq!(restart(&events), (Some(3), true, None));
}
