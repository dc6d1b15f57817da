//! Blocks that are run command by command, and blocks of which one way is taken.

use super::fakes::{Happened, Outcome, Say, Scene, exit, prints, run};
use super::{finished, step_outcomes};
use crate::effect::{BlockAnswer, FailureAnswer, UnknownAnswer};
use crate::engine::Unfinished;
use crate::run::{BlockRef, Event, Part, Parts, RunOutcome, StepOutcome};
use crate::runbook::Effect;

const THREE: &str = "# Page\n\n```sh\na() {\n  :\n}\n# look\ncat x\nrm -rf y\n```\n\n## Two\n\n```sh\necho two\n```\n";

fn lines() -> Say {
    Say::Block(BlockAnswer::Lines)
}

fn parts(outcome: &Outcome) -> Vec<(usize, usize)> {
    let parts = outcome.events().filter_map(|event| match event {
        Event::BlockFinished(finished) => finished.part.map(|part| (part.number, part.last)),
        _ => None,
    });
    parts.collect()
}

fn block() -> BlockRef {
    BlockRef { step: "page".into(), number: 1 }
}

#[test]
fn each_command_is_asked_about_and_has_its_own_effect_and_outcome() {
    let outcome = Scene::new(THREE).says([lines(), run(), run(), run(), run()]).play();
    assert_eq!(outcome.ran(), ["a() {\n  :\n}", "# look\ncat x", "rm -rf y", "echo two"]);
    assert_eq!(parts(&outcome), [(1, 1), (2, 2), (3, 3)]);
    let started: Vec<_> = outcome
        .events()
        .filter_map(|event| match event {
            Event::BlockStarted(started) => Some((started.effect, started.line, started.attempt)),
            _ => None,
        })
        .collect();
    assert_eq!(started[1..3], [(Effect::Read, 7, 1), (Effect::Destructive, 9, 1)]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
    // Each on disk before it starts.
    for (at, happened) in outcome.log.iter().enumerate() {
        if matches!(happened, Happened::Ran(_)) {
            assert_eq!(outcome.log[at - 1], Happened::Synced);
        }
    }
}

#[test]
fn commands_are_skipped_edited_taken_at_once_or_left() {
    let skip = Say::Block(BlockAnswer::Skip("known".into()));
    let edit = Say::Block(BlockAnswer::Edit("cat z\n".into()));
    let outcome = Scene::new(THREE).says([lines(), skip, edit, run(), run(), run()]).play();
    assert_eq!(outcome.ran(), ["cat z", "rm -rf y", "echo two"]);

    let outcome = Scene::new(THREE).says([lines(), run(), Say::Block(BlockAnswer::Rest), run(), run()]).play();
    assert_eq!(outcome.ran(), ["a() {\n  :\n}", "# look\ncat x\nrm -rf y", "echo two"]);
    assert_eq!(parts(&outcome), [(1, 1), (2, 3)]);

    let stop = Say::Block(BlockAnswer::Stop("enough".into()));
    let outcome = Scene::new(THREE).says([lines(), run(), stop, run()]).play();
    assert_eq!(outcome.ran(), ["a() {\n  :\n}", "echo two"]);
    let left_out = outcome.events().find_map(|event| match event {
        Event::BlockSkipped { part, reason, .. } => Some((*part, reason.as_str())),
        _ => None,
    });
    assert_eq!(left_out, Some((Some(Part { number: 2, last: 3, of: 3 }), "enough")));
    assert_eq!(step_outcomes(&outcome)[0], ("page", StepOutcome::Done));
}

#[test]
fn a_command_that_fails_is_asked_about_like_a_block() {
    let outcome = Scene::new(THREE)
        .replies([exit(0), exit(1), exit(0)])
        .says([lines(), run(), run(), Say::Failure(FailureAnswer::Retry), run(), run()])
        .play();
    assert_eq!(outcome.ran()[1..3], ["# look\ncat x", "# look\ncat x"]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);

    let accept = Say::Failure(FailureAnswer::Accept("so be it".into()));
    let outcome =
        Scene::new(THREE).replies([exit(0), exit(1)]).says([lines(), run(), run(), accept, run(), run()]).play();
    assert_eq!(step_outcomes(&outcome)[0], ("page", StepOutcome::Accepted));

    let leave = Say::Failure(FailureAnswer::Skip("later".into()));
    let outcome =
        Scene::new(THREE).replies([exit(0), exit(1)]).says([lines(), run(), run(), leave, run(), run()]).play();
    assert_eq!(outcome.ran().len(), 4, "the rest is still asked about");
    assert_eq!(step_outcomes(&outcome)[0], ("page", StepOutcome::Failed));
}

#[test]
fn an_expectation_is_about_what_all_commands_print() {
    let page =
        "---\nsteps:\n  page: { expect: { stdout: { contains: \"one\\ntwo\" } } }\n---\n\n# Page\n\n```sh\na\nb\n```\n";
    let outcome = Scene::new(page).replies([prints("one\n"), prints("two\n")]).says([lines(), run(), run()]).play();
    assert_eq!(finished(&outcome), RunOutcome::Completed);
    assert_eq!(outcome.events().filter(|event| matches!(event, Event::Checked { .. })).count(), 1);
}

#[test]
fn a_run_goes_on_after_the_last_command_that_is_over() {
    let mut scene = Scene::new(THREE).says([run(), run()]);
    scene.progress.parts.insert(block(), Parts { over: 2, of: 3 });
    assert_eq!(scene.play().ran(), ["rm -rf y", "echo two"]);

    for (answer, ran) in [
        (UnknownAnswer::Ran("seen".into()), vec!["rm -rf y", "echo two"]),
        (UnknownAnswer::Again("not there".into()), vec!["# look\ncat x", "rm -rf y", "echo two"]),
    ] {
        let runs = ran.iter().map(|_| run());
        let mut scene = Scene::new(THREE).says(std::iter::once(Say::Unknown(answer)).chain(runs));
        scene.progress.parts.insert(block(), Parts { over: 1, of: 3 });
        scene.progress.unknown = Some(Unfinished {
            block: block(),
            part: Some(Part { number: 2, last: 2, of: 3 }),
            code: "cat x".into(),
            started: "then".into(),
            hint: None,
            cut_off: None,
        });
        assert_eq!(scene.play().ran(), ran);
    }
}

#[test]
fn a_block_that_has_other_commands_now_is_asked_about_as_a_whole() {
    let mut scene = Scene::new(THREE).says([run(), run()]);
    scene.progress.parts.insert(block(), Parts { over: 2, of: 7 });
    assert_eq!(scene.play().ran().len(), 2);
}

const WAYS: &str = "# Page\n\n```sh\ncd /x\n# macOS\nbrew install a\n# Linux\napt-get install a\n```\n";

#[test]
fn of_the_ways_in_a_block_only_the_chosen_one_is_shown_and_run() {
    let outcome = Scene::new(WAYS).says([Say::Choose(1), run()]).play();
    assert_eq!(outcome.ran(), ["cd /x\n\n\n# Linux\napt-get install a"]);
    let chosen = outcome.events().find_map(|event| match event {
        Event::Chosen { block, choice, others, .. } => Some((*block, choice.as_str(), others.clone())),
        _ => None,
    });
    assert_eq!(chosen, Some((Some(1), "Linux", vec!["macOS".to_owned()])));
}

#[test]
fn a_way_that_was_chosen_is_not_asked_for_again() {
    let mut scene = Scene::new(WAYS).says([run()]);
    scene.progress.variants.insert(block(), "macOS".into());
    assert_eq!(scene.play().ran(), ["cd /x\n# macOS\nbrew install a"]);
}
