//! The engine in a world of fakes: what it asks, in which order, and what it
//! puts on record.

mod carried;
mod fakes;
mod fill_in;
mod following;
mod inside;
mod lines;
mod polling;
mod procedure;
mod replaced;
mod sql;
mod stages;
mod ways;

use super::{Ended, EngineError, Given, Unfinished};
use crate::effect::{ActionAnswer, BlockAnswer, Ending, FailureAnswer, NoAnswer, UnknownAnswer};
use crate::run::{BlockOutcome, BlockRef, Event, RunOutcome, StepOutcome};
use fakes::{Happened, Outcome, Reply, Say, Scene, exit, prints, run};

const TWO_STEPS: &str = "# Page\n\n## One\n\n```sh\necho one\n```\n\n## Two\n\n```sh\necho two\n```\n";

fn finished(outcome: &Outcome) -> RunOutcome {
    match &outcome.ended {
        Ok(Ended::Finished(outcome)) => *outcome,
        other => panic!("the run did not finish: {other:?}"),
    }
}

fn step_outcomes(outcome: &Outcome) -> Vec<(&str, StepOutcome)> {
    let steps = outcome.events().filter_map(|event| match event {
        Event::StepFinished { step, outcome, .. } => Some((step.as_str(), *outcome)),
        _ => None,
    });
    steps.collect()
}

#[test]
fn the_start_of_a_block_is_on_disk_before_the_block_starts() {
    let outcome = Scene::new(TWO_STEPS).says([run(), run()]).play();
    let started = outcome.place(|it| matches!(it, Happened::Recorded(Event::BlockStarted(_))));
    let ran = outcome.place(|it| matches!(it, Happened::Ran(_)));
    assert!(started < ran);
    assert_eq!(outcome.log[started + 1], Happened::Synced);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn no_block_starts_once_the_record_cannot_be_kept() {
    let all = Scene::new(TWO_STEPS).says([run(), run()]).play().events().count();
    for kept in 0..all {
        let outcome = Scene::new(TWO_STEPS).says([run(), run()]).record_fails_after(kept).play();
        assert!(matches!(outcome.ended, Err(EngineError::Journal(_))), "after {kept} events");
        let started = outcome.events().filter(|event| matches!(event, Event::BlockStarted(_))).count();
        assert_eq!(outcome.ran().len(), started, "after {kept} events");
    }
}

#[test]
fn a_skipped_block_is_not_run_and_its_reason_is_on_record() {
    let skip = Say::Block(BlockAnswer::Skip("known already".into()));
    let outcome = Scene::new(TWO_STEPS).says([skip, run()]).play();
    assert_eq!(outcome.ran(), ["echo two"]);
    assert_eq!(step_outcomes(&outcome), [("one", StepOutcome::Skipped), ("two", StepOutcome::Done)]);
    let reason = outcome.events().find_map(|event| match event {
        Event::BlockSkipped { reason, .. } => Some(reason.as_str()),
        _ => None,
    });
    assert_eq!(reason, Some("known already"));
}

#[test]
fn what_was_typed_is_what_runs_and_both_texts_are_on_record() {
    let edit = Say::Block(BlockAnswer::Edit("echo other\n".into()));
    let outcome = Scene::new(TWO_STEPS).says([edit, run(), run()]).play();
    assert_eq!(outcome.ran(), ["echo other", "echo two"]);
    let edited = outcome.events().any(|event| {
        matches!(event, Event::Edited { before, after, .. } if before == "echo one\n" && after == "echo other\n")
    });
    assert!(edited);
}

#[test]
fn after_a_failure_the_responder_decides() {
    let retried = Scene::new(TWO_STEPS)
        .replies([exit(1), exit(0)])
        .says([run(), Say::Failure(FailureAnswer::Retry), run()])
        .play();
    assert_eq!(retried.ran(), ["echo one", "echo one", "echo two"]);
    assert_eq!(finished(&retried), RunOutcome::Completed);

    let accepted = Scene::new(TWO_STEPS)
        .replies([exit(1)])
        .says([run(), Say::Failure(FailureAnswer::Accept("good enough".into())), run()])
        .play();
    assert_eq!(step_outcomes(&accepted)[0], ("one", StepOutcome::Accepted));
    assert_eq!(finished(&accepted), RunOutcome::Completed);

    let left = Scene::new(TWO_STEPS)
        .replies([exit(1)])
        .says([run(), Say::Failure(FailureAnswer::Skip("later".into())), run()])
        .play();
    assert_eq!(finished(&left), RunOutcome::Failed);

    let aborted = Scene::new(TWO_STEPS).replies([exit(1)]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(aborted.ran(), ["echo one"]);
    assert_eq!(finished(&aborted), RunOutcome::Aborted);
}

#[test]
fn without_an_answer_the_run_is_suspended_on_record() {
    let outcome = Scene::new(TWO_STEPS).says([run()]).play();
    assert!(matches!(outcome.ended, Err(EngineError::NoAnswer(NoAnswer::NoTerminal { .. }))));
    assert!(matches!(outcome.events().last(), Some(Event::RunSuspended { .. })));

    let outcome = Scene::new(TWO_STEPS).says([Say::Nothing(NoAnswer::Interrupted)]).play();
    assert_eq!(outcome.ended.expect("suspended"), Ended::Interrupted);
}

#[test]
fn nothing_is_begun_once_the_session_has_ended() {
    let outcome = Scene::new(TWO_STEPS).session_has_ended().play();
    let ended = outcome.ended.as_ref().expect("suspended");
    assert_eq!(ended, &Ended::Interrupted, "whoever waits for this is not told that all is done");
    assert!(outcome.ran().is_empty());
    assert!(matches!(outcome.events().last(), Some(Event::RunSuspended { .. })));
}

#[test]
fn a_block_that_does_not_parse_is_not_run() {
    let page = "# Page\n\n```sh\nrm -rf x\nif then\n```\n";
    let outcome = Scene::new(page).says([Say::Block(BlockAnswer::Skip("broken".into()))]).play();
    assert!(outcome.ran().is_empty());
}

#[test]
fn until_tries_again_until_the_expectation_holds() {
    let page = "---\nsteps:\n  wait:\n    until: { every: 5s, for: 1m }\n    expect: { stdout: { contains: online } }\n---\n\n# Page\n\n## Wait\n\n```sh\nstatus\n```\n";
    let outcome =
        Scene::new(page).replies([prints("offline"), prints("offline"), prints("online")]).says([run()]).play();
    assert_eq!(outcome.ran().len(), 3);
    assert_eq!(finished(&outcome), RunOutcome::Completed);

    let never = Scene::new(page)
        .replies(std::iter::repeat_n(prints("offline"), 20))
        .says([run(), Say::Failure(FailureAnswer::Abort)])
        .play();
    assert_eq!(never.ran().len(), 13, "once, and every five seconds of a minute");
}

#[test]
fn annotations_say_what_a_failure_leads_to() {
    let page = |reaction: &str| {
        format!(
            "---\nsteps:\n  one: {{ on_failure: {reaction} }}\n---\n\n{TWO_STEPS}\n## Three\n\n```sh\necho three\n```\n"
        )
    };
    let goes_on = Scene::new(&page("continue")).replies([exit(1)]).says([run(), run(), run()]).play();
    assert_eq!(goes_on.ran(), ["echo one", "echo two", "echo three"]);
    assert_eq!(finished(&goes_on), RunOutcome::Failed);

    let jumps = Scene::new(&page("{ jump: three }")).replies([exit(1)]).says([run(), run()]).play();
    assert_eq!(jumps.ran(), ["echo one", "echo three"]);

    let ends = Scene::new(&page("abort")).replies([exit(1)]).says([run()]).play();
    assert_eq!(finished(&ends), RunOutcome::Failed);
}

#[test]
fn a_false_condition_leaves_its_step_out() {
    let page = format!(
        "---\nvariables: {{ role: {{ default: replica }} }}\nsteps:\n  one: {{ when: role == 'primary' }}\n---\n\n{TWO_STEPS}"
    );
    let outcome = Scene::new(&page).says([run()]).play();
    assert_eq!(outcome.ran(), ["echo two"]);
    assert_eq!(step_outcomes(&outcome)[0], ("one", StepOutcome::Skipped));
}

#[test]
fn a_captured_value_fills_later_blocks() {
    let page = "---\nvariables: { unused: { default: x } }\nsteps:\n  one: { capture: { host: stdout } }\n---\n\n# Page\n\n## One\n\n```sh\nhostname\n```\n\n## Two\n\n```sh\nping {{ host }}\n```\n";
    let outcome = Scene::new(page).replies([prints("db-1\n")]).says([run(), run()]).play();
    assert_eq!(outcome.ran(), ["hostname", "ping db-1"]);
}

#[test]
fn on_abort_what_was_done_is_offered_to_be_taken_back_the_last_first() {
    let page = "---\nsteps:\n  one: { rollback: undo-one }\n  two: { rollback: undo-two }\n---\n\n# Page\n\n## One\n\n```sh\necho one\n```\n\n## Two\n\n```sh\necho two\n```\n\n## Three\n\n```sh\necho three\n```\n\n## Undo one\n\n```sh\necho undo one\n```\n\n## Undo two\n\n```sh\necho undo two\n```\n";
    let outcome = Scene::new(page)
        .says([run(), run(), Say::Block(BlockAnswer::Abort), Say::Confirm(true), run(), Say::Confirm(true), run()])
        .play();
    assert_eq!(outcome.ran(), ["echo one", "echo two", "echo undo two", "echo undo one"]);
    assert_eq!(finished(&outcome), RunOutcome::Aborted);
}

#[test]
fn of_several_ways_only_the_chosen_one_is_walked() {
    let page = "# Page\n\n## Restart\n\n**Railway CLI:**\n\n```sh\nrailway restart\n```\n\n**Web UI:**\n\n1. Press the button\n";
    let by_hand = Scene::new(page).says([Say::Choose(1), Say::Action(ActionAnswer::Done)]).play();
    assert!(by_hand.ran().is_empty());
    let by_command = Scene::new(page).says([Say::Choose(0), run()]).play();
    assert_eq!(by_command.ran(), ["railway restart"]);
    assert!(by_command.events().any(|event| matches!(event, Event::Chosen { .. })));
}

#[test]
fn a_secret_is_in_nothing_that_is_recorded_or_shown() {
    let page = "---\nvariables: { token: { secret: true } }\n---\n\n# Page\n\n```sh\ncurl -H \"X: {{ token }}\"\n```\n";
    let outcome = Scene::new(page)
        .replies([prints("the token is hunter2hunter2.\n")])
        .says([Say::Value("hunter2hunter2"), run()])
        .play();
    assert_eq!(outcome.ran().len(), 1);
    assert!(!outcome.shown.contains("hunter2hunter2"), "{}", outcome.shown);
    assert!(outcome.shown.contains("«token»"), "{}", outcome.shown);
    let recorded = format!("{:?}", outcome.events().collect::<Vec<_>>());
    assert!(!recorded.contains("hunter2hunter2"), "{recorded}");
    assert!(!outcome.ran()[0].contains("hunter2hunter2"));
}

#[test]
fn a_value_that_does_not_fit_is_asked_for_again() {
    let page = "---\nvariables: { n: { type: int } }\n---\n\n# Page\n\n```sh\necho {{ n }}\n```\n";
    let outcome = Scene::new(page).says([Say::Value("three"), Say::Value("3"), run()]).play();
    assert_eq!(outcome.ran(), ["echo 3"]);
}

#[test]
fn an_unknown_outcome_is_asked_about_and_never_run_again_unasked() {
    let block = BlockRef { step: "one".into(), number: 1 };
    let unfinished =
        Unfinished { block, part: None, code: "echo one".into(), started: "then".into(), hint: None, cut_off: None };
    let mut ran = Scene::new(TWO_STEPS).says([Say::Unknown(UnknownAnswer::Ran("it is there".into())), run()]);
    ran.progress.unknown = Some(unfinished.clone());
    assert_eq!(ran.play().ran(), ["echo two"]);

    let mut again =
        Scene::new(TWO_STEPS).says([Say::Unknown(UnknownAnswer::Again("it is not there".into())), run(), run()]);
    again.progress.unknown = Some(unfinished.clone());
    let again = again.play();
    let asked = again.place(|it| *it == Happened::Asked("block"));
    let first = again.place(|it| matches!(it, Happened::Ran(_)));
    assert!(asked < first, "it is asked about like any other block");

    let mut suspended = Scene::new(TWO_STEPS).says([Say::Unknown(UnknownAnswer::Suspend)]);
    suspended.progress.unknown = Some(unfinished);
    let suspended = suspended.play();
    assert!(suspended.ran().is_empty());
    assert_eq!(suspended.ended.expect("suspended"), Ended::Suspended);
}

#[test]
fn what_is_done_is_not_done_again_after_a_resumption() {
    let mut scene = Scene::new(TWO_STEPS).says([run()]);
    scene.progress.steps.insert("one".into());
    assert_eq!(scene.play().ran(), ["echo two"]);
}

#[test]
fn ctrl_c_is_success_for_what_never_ends_and_failure_for_the_rest() {
    let interrupted = || [Reply { ending: Ending::Interrupted, stdout: "", stays: false }];
    let endless = Scene::new("# Page\n\n```sh\ntail -f log\n```\n").replies(interrupted()).says([run()]).play();
    assert_eq!(finished(&endless), RunOutcome::Completed);
    let other = Scene::new("# Page\n\n```sh\nmake\n```\n")
        .replies(interrupted())
        .says([run(), Say::Failure(FailureAnswer::Abort)])
        .play();
    let outcome = other.events().find_map(|event| match event {
        Event::BlockFinished(finished) => Some(finished.outcome),
        _ => None,
    });
    assert_eq!(outcome, Some(BlockOutcome::Interrupted));
}

#[test]
fn a_block_of_comments_is_nothing_to_do() {
    let outcome = Scene::new("# Page\n\n```bash\n# to be written\n```\n").play();
    assert!(outcome.ran().is_empty());
    assert_eq!(step_outcomes(&outcome), [("page", StepOutcome::NothingToDo)]);
}

#[test]
fn given_values_go_before_defaults_and_fill_the_block() {
    let page = "---\nvariables: { service: { default: web } }\n---\n\n# Page\n\n```sh\nrestart {{ service }}\n```\n";
    assert_eq!(Scene::new(page).says([run()]).play().ran(), ["restart web"]);
    let mut scene = Scene::new(page).says([run()]);
    let given = Given { text: "worker".into(), source: "--var".into(), recorded: false, kind: None };
    scene.given.insert("service".into(), given);
    assert_eq!(scene.play().ran(), ["restart worker"]);
}

#[test]
fn a_search_that_finds_nothing_has_not_failed() {
    let page = "# Page\n\n```sh\nlogs | grep -i killed\n```\n";
    let nothing = Scene::new(page).replies([exit(1)]).says([run()]).play();
    assert_eq!(finished(&nothing), RunOutcome::Completed);
    let broken = Scene::new(page).replies([exit(2)]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(finished(&broken), RunOutcome::Aborted);
    let expected = format!("---\nsteps: {{ page: {{ expect: {{ exit: 0 }} }} }}\n---\n\n{page}");
    let expected = Scene::new(&expected).replies([exit(1)]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(finished(&expected), RunOutcome::Aborted, "what the page expects goes before");
}

#[test]
fn what_was_not_read_to_its_end_has_not_failed() {
    let page = "# Page\n\n```sh\ngit log\n```\n";
    let left = Scene::new(page).replies([exit(141)]).says([run()]).play();
    assert_eq!(finished(&left), RunOutcome::Completed);
    let expected = format!("---\nsteps: {{ page: {{ expect: {{ exit: 0 }} }} }}\n---\n\n{page}");
    let expected = Scene::new(&expected).replies([exit(141)]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(finished(&expected), RunOutcome::Aborted, "what the page expects goes before");
}
