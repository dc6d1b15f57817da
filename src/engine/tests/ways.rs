//! Choices: what is offered, what is walked, and what is left out.

use super::fakes::{Outcome, Say, Scene, exit, run};
use super::step_outcomes;
use crate::effect::{BlockAnswer, FailureAnswer};
use crate::run::{Event, StepOutcome};

fn code(line: &str) -> String {
    format!("```sh\n{line}\n```\n\n")
}

/// Two ways of two steps each, the second with a choice in it.
fn page() -> String {
    format!(
        "# Fix\n\n## Option A\n\n### Stop\n\n{}### Start\n\n{}## Option B\n\n### Drain\n\n{}### Move\n\n**Via the CLI:**\n\n{}**Via the API:**\n\n{}# After\n\n{}",
        code("stop"),
        code("start"),
        code("drain"),
        code("by-cli"),
        code("by-api"),
        code("check")
    )
}

fn chosen(outcome: &Outcome) -> Vec<(&str, &str)> {
    let events = outcome.events().filter_map(|event| match event {
        Event::Chosen { step, choice, .. } => Some((step.as_str(), choice.as_str())),
        _ => None,
    });
    events.collect()
}

#[test]
fn all_steps_of_the_way_taken_are_walked_and_none_of_another() {
    let outcome = Scene::new(&page()).says([Say::Choose(0), run(), run(), run()]).play();
    assert_eq!(outcome.ran(), ["stop", "start", "check"]);
    let outcomes = step_outcomes(&outcome);
    for step in ["drain", "move", "move/via-the-cli", "move/via-the-api"] {
        assert!(outcomes.contains(&(step, StepOutcome::NotChosen)), "{step} {outcomes:?}");
    }
    assert_eq!(chosen(&outcome), [("fix", "Option A")]);
}

#[test]
fn a_choice_within_the_way_taken_is_asked_about() {
    let outcome = Scene::new(&page()).says([Say::Choose(1), run(), Say::Choose(1), run(), run()]).play();
    assert_eq!(outcome.ran(), ["drain", "by-api", "check"]);
    assert_eq!(chosen(&outcome), [("fix", "Option B"), ("move", "Via the API")]);
}

#[test]
fn after_a_failure_one_can_jump_to_another_way() {
    let jump = Say::Failure(FailureAnswer::Jump("drain".into()));
    let outcome = Scene::new(&page())
        .replies([exit(1)])
        .says([Say::Choose(0), run(), jump, run(), Say::Choose(0), run(), run()])
        .play();
    assert_eq!(outcome.ran(), ["stop", "drain", "by-cli", "check"]);
    assert_eq!(chosen(&outcome), [("fix", "Option A"), ("fix", "Option B"), ("move", "Via the CLI")]);
}

#[test]
fn a_jump_back_before_a_choice_asks_it_again() {
    let page = format!("# Look\n\n{}{}", code("look"), page());
    let jump = Say::Block(BlockAnswer::Jump("look".into()));
    let outcome = Scene::new(&page)
        .says([run(), Say::Choose(0), run(), run(), jump, run(), Say::Choose(1), run(), Say::Choose(0), run(), run()])
        .play();
    assert_eq!(outcome.ran(), ["look", "stop", "start", "look", "drain", "by-cli", "check"]);
}

#[test]
fn a_choice_made_before_the_run_was_taken_up_still_counts() {
    let mut scene = Scene::new(&page()).says([run(), run()]);
    scene.progress.chosen.insert("fix".into(), "Option A".into());
    scene.progress.steps.extend(["fix".to_owned(), "stop".to_owned()]);
    assert_eq!(scene.play().ran(), ["start", "check"]);
}

/// What the choice of this page offers as its default.
fn default_of(ways: [(&str, &str); 2]) -> String {
    let page = format!("# Fix\n\n**{}:**\n\n{}\n**{}:**\n\n{}", ways[0].0, ways[0].1, ways[1].0, ways[1].1);
    let outcome = Scene::new(&page).says([Say::ChooseDefault, run()]).play();
    outcome.ran().first().map(|ran| (*ran).to_owned()).unwrap_or_default()
}

#[test]
fn the_default_is_the_recommended_way_if_it_can_run_here_else_the_first_that_can() {
    let absent = code("absent-tool now");
    let pwsh = "```pwsh\nx\n```\n";
    assert_eq!(default_of([("Option 1", &code("one")), ("Option 2 (Recommended)", &code("two"))]), "two");
    assert_eq!(default_of([("Option 1", &code("one")), ("Option 2 (Recommended)", &absent)]), "one");
    assert_eq!(default_of([("Option 1", &absent), ("Option 2", &code("two"))]), "two");
    assert_eq!(default_of([("Option 1", pwsh), ("Option 2", &code("two"))]), "two");
    let later = format!("{}{pwsh}", code("one"));
    assert_eq!(default_of([("Option 1", &later), ("Option 2", &code("two"))]), "two");
}

#[test]
fn another_way_than_the_one_right_under_the_heading_is_walked() {
    let page = format!("# Fix\n\n{}Or:\n\n{}", code("one"), code("two"));
    assert_eq!(Scene::new(&page).says([Say::Choose(1), run()]).play().ran(), ["two"]);
    assert_eq!(Scene::new(&page).says([Say::Choose(0), run()]).play().ran(), ["one"]);
}

#[test]
fn each_way_says_what_it_is_about_and_the_worst_that_it_does() {
    let page = format!(
        "# Fix\n\n## Option A\n\nKeeps **all** the\ndata.\n\n{}## Option B\n\nRun:\n\n{}## Option C\n\n- [ ] Press [the button](https://x/y) [1].\n",
        code("systemctl restart x"),
        code("# all of it\nssh box\nrm -rf /srv/x\nexit")
    );
    let about = Scene::new(&page).says([Say::Choose(0), run()]).play().about;
    assert_eq!(about[0], ["Keeps all the data.", "changes something"]);
    assert_eq!(about[1][0], "rm -rf /srv/x");
    assert!(about[1][1].starts_with("destructive: "), "{about:?}");
    assert_eq!(about[2], ["Press the button [1]."]);
}
