//! Blocks that escalate, blocks that only tell what to do by hand, and values
//! that a step captures.

use super::fakes::{Outcome, Say, Scene, prints, run};
use super::{finished, step_outcomes};
use crate::effect::{ActionAnswer, BlockAnswer};
use crate::run::{BlockRef, Event, Part, Parts, RunOutcome, StepOutcome};

const PAGE: &str = "# Page\n\n```sh\n# Often enough\na\nb\n# If it persists\nc\n# Nuclear option\nrm -rf d\n```\n";

fn left_out(outcome: &Outcome) -> Vec<(Option<Part>, &str)> {
    let skipped = outcome.events().filter_map(|event| match event {
        Event::BlockSkipped { part, reason, .. } => Some((*part, reason.as_str())),
        _ => None,
    });
    skipped.collect()
}

fn part(number: usize, last: usize, of: usize) -> Option<Part> {
    Some(Part { number, last, of })
}

#[test]
fn what_escalates_within_a_block_is_asked_about_and_left_out_unless_it_is_needed() {
    let outcome = Scene::new(PAGE).says([run(), Say::Confirm(false), Say::Confirm(false)]).play();
    assert_eq!(outcome.ran(), ["# Often enough\na\nb"]);
    assert_eq!(
        left_out(&outcome),
        [
            (part(3, 3, 4), "only if: it persists; it was not needed"),
            (part(4, 4, 4), "only if: nothing else has helped; it was not needed"),
        ]
    );
    assert_eq!(step_outcomes(&outcome), [("page", StepOutcome::Done)]);

    let outcome = Scene::new(PAGE).says([run(), Say::Confirm(true), run(), Say::Confirm(false)]).play();
    assert_eq!(outcome.ran(), ["# Often enough\na\nb", "# If it persists\nc"]);
}

#[test]
fn all_stages_can_be_taken_at_once() {
    let outcome = Scene::new(PAGE).says([Say::Block(BlockAnswer::Rest), run()]).play();
    assert_eq!(outcome.ran().len(), 1);
    assert!(outcome.ran()[0].ends_with("rm -rf d"));
    assert_eq!(left_out(&outcome), []);
}

#[test]
fn a_run_taken_up_again_asks_about_the_stages_that_are_left() {
    let mut scene = Scene::new(PAGE).says([Say::Confirm(false), Say::Confirm(true), run()]);
    scene.progress.parts.insert(BlockRef { step: "page".into(), number: 1 }, Parts { over: 2, of: 4 });
    assert_eq!(scene.play().ran(), ["# Nuclear option\nrm -rf d"]);
}

#[test]
fn a_block_that_is_all_conditional_is_asked_about_first() {
    let page = "# Page\n\n```sh\n# Only if the disk is full\nrm -rf x\n```\n";
    let outcome = Scene::new(page).says([Say::Confirm(false)]).play();
    assert_eq!((outcome.ran(), step_outcomes(&outcome)), (vec![], vec![("page", StepOutcome::Skipped)]));
    assert_eq!(left_out(&outcome), [(None, "only if: the disk is full; it was not needed")]);
    assert_eq!(Scene::new(page).says([Say::Confirm(true), run()]).play().ran().len(), 1);
}

#[test]
fn what_comments_tell_somebody_to_do_is_ticked() {
    let page = "# Page\n\n```sh\n# In the console, set the job to pending\n```\n\n```sh\n# TBD\n```\n";
    let outcome = Scene::new(page).says([Say::Action(ActionAnswer::Done)]).play();
    let done = outcome.events().find_map(|event| match event {
        Event::ActionDone { text, line, done, .. } => Some((text.as_str(), *line, *done)),
        _ => None,
    });
    assert_eq!(done, Some(("In the console, set the job to pending", 3, true)));
    assert_eq!(step_outcomes(&outcome), [("page", StepOutcome::Done)]);
    let outcome = Scene::new(page).says([Say::Action(ActionAnswer::Skip("no".into()))]).play();
    assert_eq!(step_outcomes(&outcome), [("page", StepOutcome::Skipped)]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn what_the_last_comments_tell_to_do_is_ticked_once_the_block_has_run() {
    let page = "# Page\n\n```sh\na\n\n# Increase the disk in the console\n```\n";
    let outcome = Scene::new(page).says([run(), Say::Action(ActionAnswer::Done)]).play();
    let told = outcome.events().any(
        |event| matches!(event, Event::ActionDone { text, line: 7, .. } if text == "Increase the disk in the console"),
    );
    assert!(told);
    let skip = Say::Block(BlockAnswer::Skip("known".into()));
    assert_eq!(step_outcomes(&Scene::new(page).says([skip]).play()), [("page", StepOutcome::Skipped)]);
}

const CAPTURES: &str = "---\nvariables: { id: { prompt: Which? } }\nsteps:\n  look: { capture: { id: stdout } }\n---\n\n## Look\n\n```sh\nlook\n```\n\n## Use\n\n```sh\nuse {{ id }}\n```\n";

#[test]
fn a_variable_that_a_step_captures_is_not_asked_for() {
    let outcome = Scene::new(CAPTURES).replies([prints("seven\n")]).says([run(), run()]).play();
    assert_eq!(outcome.ran(), ["look", "use seven"]);
}

#[test]
fn a_variable_whose_capture_was_left_out_is_asked_for_where_it_is_used() {
    let skip = Say::Block(BlockAnswer::Skip("known".into()));
    let outcome = Scene::new(CAPTURES).says([skip, Say::Value("eight"), run()]).play();
    assert_eq!(outcome.ran(), ["use eight"]);
}
