//! What is no part of the procedure, and what depends on the steps before.

use super::fakes::{Say, Scene, run};
use super::{finished, step_outcomes};
use crate::effect::BlockAnswer;
use crate::run::{Event, RunOutcome, StepOutcome};

fn code(line: &str) -> String {
    format!("```sh\n{line}\n```\n\n")
}

fn page() -> String {
    format!("# Page\n\n## Fix\n\n{}## Root cause\n\n{}## Check\n\n{}", code("fix"), code("cause"), code("check"))
}

#[test]
fn what_only_tells_is_passed_over_with_the_reason_on_record() {
    let outcome = Scene::new(&page()).says([run(), run()]).play();
    assert_eq!(outcome.ran(), ["fix", "check"]);
    let skipped = outcome.events().find_map(|event| match event {
        Event::StepFinished { step, outcome: StepOutcome::Skipped, reason } => Some((step.clone(), reason.clone())),
        _ => None,
    });
    let reason = "stands under “Root cause”, which tells what happened".to_owned();
    assert_eq!(skipped, Some(("root-cause".to_owned(), Some(reason))));
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn a_jump_walks_through_it_and_asks() {
    let jump = Say::Block(BlockAnswer::Jump("root-cause".into()));
    let outcome = Scene::new(&page()).says([jump, run(), run()]).play();
    assert_eq!(outcome.ran(), ["cause", "check"]);
}

#[test]
fn a_page_that_is_nothing_else_is_walked() {
    let page = format!("# Page\n\n## Prevention\n\n{}### Watch\n\n{}", code("one"), code("two"));
    assert_eq!(Scene::new(&page).says([run(), run()]).play().ran(), ["one", "two"]);
}

#[test]
fn the_example_of_a_mistake_among_other_blocks_is_asked_about() {
    let page = format!("# Fix\n\n{}Do not do this:\n\n{}", code("good"), code("bad"));
    let outcome = Scene::new(&page).says([run(), Say::Block(BlockAnswer::Skip("an example".into()))]).play();
    assert_eq!(outcome.ran(), ["good"]);
    assert_eq!(step_outcomes(&outcome), [("fix", StepOutcome::Done)]);
}

#[test]
fn what_escalates_is_done_only_where_it_is_needed() {
    let page = format!("# Fix\n\n{}If that fails:\n\n{}Then:\n\n{}", code("one"), code("two"), code("three"));
    let outcome = Scene::new(&page).says([run(), Say::Confirm(false), run()]).play();
    assert_eq!(outcome.ran(), ["one", "three"]);
    assert!(step_outcomes(&outcome).contains(&("fix/if-that-fails", StepOutcome::Skipped)));
    let outcome = Scene::new(&page).says([run(), Say::Confirm(true), run(), run()]).play();
    assert_eq!(outcome.ran(), ["one", "two", "three"]);
}

#[test]
fn steps_that_share_a_condition_are_asked_about_once() {
    let page = format!(
        "# Fix\n\n{}## If it persists\n\n**Look:**\n\n{}**Mend:**\n\n{}",
        code("one"),
        code("two"),
        code("three")
    );
    let outcome = Scene::new(&page).says([run(), Say::Confirm(false)]).play();
    assert_eq!(outcome.ran(), ["one"]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}
