//! What a page leaves open is asked for once, and never run as it stands.

use super::fakes::{Happened, Outcome, Say, Scene, run};
use super::finished;
use crate::effect::{BlockAnswer, NoAnswer};
use crate::engine::{EngineError, Given};
use crate::run::{Event, RunOutcome};
use crate::runbook::Effect;

const TWO: &str =
    "# Page\n\n## One\n\n```sh\ngh run view <run-id>\n```\n\n## Two\n\n```sh\ngh run rerun <RUN_ID> --failed\n```\n";

fn set(outcome: &Outcome) -> Vec<(&str, Option<&str>, &str)> {
    let set = outcome.events().filter_map(|event| match event {
        Event::VariableSet { name, value, source } => Some((name.as_str(), value.as_deref(), source.as_str())),
        _ => None,
    });
    set.collect()
}

fn skip() -> Say {
    Say::Block(BlockAnswer::Skip("left open".into()))
}

#[test]
fn a_name_is_asked_for_once_and_kept_for_the_run() {
    let outcome = Scene::new(TWO).says([Say::Value("42"), run(), run()]).play();
    assert_eq!(outcome.ran(), ["gh run view 42", "gh run rerun 42 --failed"]);
    assert_eq!(set(&outcome), [("run-id", Some("42"), "prompt")]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn the_open_line_is_shown_before_it_is_asked_about_and_the_block_once_as_it_will_run() {
    let outcome = Scene::new(TWO).says([Say::Value("42"), run(), run()]).play();
    let open = outcome.shown.find("view <run-id>").expect("shown open");
    let filled = outcome.shown.find("view 42").expect("shown filled in");
    assert!(open < filled);
    let asked = outcome.place(|it| matches!(it, Happened::Asked("value")));
    let ran = outcome.place(|it| matches!(it, Happened::Ran(_)));
    assert!(asked < ran);
    assert_eq!(outcome.cards.len(), 2, "a card for each block, and none that still lacks a value");
}

#[test]
fn a_doubt_about_a_variable_ends_with_its_value() {
    let page = "# Page\n\n```sh\ncurl -s $API_URL/jobs\n```\n";
    let reasons = |value: &'static str| {
        let outcome = Scene::new(page).says([Say::Value(value), skip()]).play();
        outcome.cards.last().map(|(effect, reasons)| (*effect, reasons.concat())).expect("a card")
    };
    assert_eq!(reasons("https://api.test"), (Effect::Read, String::new()));
    assert!(reasons("https://api.test?a=b c").1.contains("may be an option"));
    // Left open, nobody knows what it will be.
    assert!(reasons("").1.contains("may be an option"));
}

#[test]
fn what_is_left_open_is_not_run_and_run_asks_again() {
    let outcome = Scene::new(TWO).says([Say::Value(""), run(), Say::Value("42"), run(), run()]).play();
    assert_eq!(outcome.ran().len(), 2);
    let left = Scene::new(TWO).says([Say::Value(""), run(), Say::Value(""), skip(), Say::Value(""), skip()]).play();
    assert!(left.ran().is_empty());
    assert!(set(&left).is_empty());
}

#[test]
fn a_value_that_cannot_stand_there_is_asked_for_again() {
    let outcome = Scene::new(TWO).says([Say::Value("4\u{1}2"), Say::Value("42"), run(), run()]).play();
    assert_eq!(outcome.ran()[0], "gh run view 42");
    assert_eq!(set(&outcome).len(), 1);
    let page = "# Page\n\n```sql\nDROP TABLE some_new_table;\n```\n";
    let outcome =
        Scene::new(page).says([Say::Value("jobs; DROP TABLE x"), Say::Value("a b"), Say::Value("old_jobs"), skip()]);
    let outcome = outcome.play();
    assert_eq!(set(&outcome), [("some_new_table", Some("old_jobs"), "prompt")]);
    assert!(outcome.shown.contains("DROP TABLE old_jobs;"), "{}", outcome.shown);
}

#[test]
fn a_value_may_look_like_what_it_stands_for() {
    let page = "# Page\n\n```sql\nSELECT * FROM some_new_table;\n```\n";
    let outcome = Scene::new(page).says([Say::Value("some_new_table"), run()]).play();
    assert!(outcome.statements().iter().any(|sql| sql.contains("FROM some_new_table")), "{:?}", outcome.statements());
}

#[test]
fn a_variable_that_nothing_sets_is_given_to_the_shell_and_its_secret_is_masked() {
    let page = "# Page\n\n```sh\ncurl -H \"X: $ADMIN_SECRET\" https://$API_HOST\n```\n";
    let outcome = Scene::new(page).says([Say::Value("hunter2hunter2"), Say::Value("db.test"), run()]).play();
    assert_eq!(outcome.ran(), ["curl -H \"X: $ADMIN_SECRET\" https://$API_HOST"]);
    assert_eq!(set(&outcome), [("ADMIN_SECRET", None, "prompt"), ("API_HOST", Some("db.test"), "prompt")]);
    assert!(!outcome.shown.contains("hunter2"), "{}", outcome.shown);
    assert!(!format!("{:?}", outcome.events().collect::<Vec<_>>()).contains("hunter2"));
}

#[test]
fn a_variable_of_a_skipped_block_is_asked_for_like_one_that_nothing_sets() {
    let page = "# Page\n\n```sh\nHOST_NAME=db-1\n```\n\n```sh\nping $HOST_NAME\n```\n";
    let set_there = Scene::new(page).says([run(), run()]).play();
    assert_eq!(set_there.ran().len(), 2);
    let skipped = Scene::new(page).says([skip(), Say::Value("db-2"), run()]).play();
    assert_eq!(set(&skipped), [("HOST_NAME", Some("db-2"), "prompt")]);
}

#[test]
fn what_was_given_before_the_run_is_not_asked_for() {
    let mut scene = Scene::new(TWO).says([run(), run()]);
    let given = Given { text: "7".into(), source: "--var".into(), recorded: false };
    scene.given.insert("run-id".into(), given);
    let outcome = scene.play();
    assert_eq!(outcome.ran(), ["gh run view 7", "gh run rerun 7 --failed"]);
    // What a resumed run has on record is not recorded again.
    let mut scene = Scene::new(TWO).says([run(), run()]);
    let given = Given { text: "7".into(), source: "prompt".into(), recorded: true };
    scene.given.insert("run-id".into(), given);
    let outcome = scene.play();
    assert_eq!(outcome.ran()[0], "gh run view 7");
    assert!(set(&outcome).is_empty());
}

#[test]
fn without_an_answer_nothing_is_run() {
    let outcome = Scene::new(TWO).says([]).play();
    assert!(matches!(outcome.ended, Err(EngineError::NoAnswer(NoAnswer::NoTerminal { .. }))));
    assert!(outcome.ran().is_empty());
}

#[test]
fn the_pages_example_is_left_out_unless_it_is_meant() {
    let page = "# Page\n\n```sh\nrepair it --done <version>\n\n# Example:\nrepair it --done 7\n```\n";
    let outcome = Scene::new(page).says([Say::Value("8"), Say::Confirm(true), run()]).play();
    assert_eq!(outcome.ran(), ["repair it --done 8\n\n# Example:"]);
    assert!(outcome.events().any(|event| matches!(event, Event::Edited { .. })));
    let kept = Scene::new(page).says([Say::Value("8"), Say::Confirm(false), skip()]).play();
    assert!(kept.ran().is_empty(), "both are not run as if that were meant");
}

#[test]
fn an_edited_text_is_filled_in_as_well() {
    let edit = Say::Block(BlockAnswer::Edit("gh run watch <run-id>\n".into()));
    let outcome = Scene::new(TWO).says([Say::Value("42"), edit, run(), run()]).play();
    assert_eq!(outcome.ran()[0], "gh run watch 42");
}

#[test]
fn a_value_is_shown_as_it_is_quoted_and_is_one_word() {
    let outcome = Scene::new(TWO).says([Say::Value("42; rm -rf /"), run(), run()]).play();
    assert_eq!(outcome.ran(), ["gh run view '42; rm -rf /'", "gh run rerun '42; rm -rf /' --failed"]);
    assert!(outcome.shown.contains("gh run view '42; rm -rf /'"), "{}", outcome.shown);
}

#[test]
fn typographic_characters_of_a_value_are_meant() {
    let outcome = Scene::new(TWO).says([Say::Value("don’t “x” – y"), run(), run()]).play();
    assert_eq!(outcome.ran()[0], "gh run view 'don’t “x” – y'");
}

#[test]
fn a_program_that_is_filled_in_is_judged_for_what_it_does() {
    let page = "# Page\n\n```sh\n<your-cli> -rf /srv/x\n```\n";
    let outcome = Scene::new(page).says([Say::Value("rm -r"), Say::Value("rm"), run()]).play();
    let effects = outcome.events().filter_map(|event| match event {
        Event::BlockStarted(started) => Some(started.effect),
        _ => None,
    });
    assert_eq!(effects.collect::<Vec<_>>(), [Effect::Destructive]);
}

#[test]
fn an_option_is_taken_for_one_only_if_that_is_meant() {
    let says = [Say::Value("-w"), Say::Confirm(false), Say::Value("--web"), Say::Confirm(true), run(), run()];
    let outcome = Scene::new(TWO).says(says).play();
    assert_eq!(outcome.ran(), ["gh run view --web", "gh run rerun --web --failed"]);
    assert_eq!(set(&outcome), [("run-id", Some("--web"), "prompt")]);
    let answers = outcome
        .events()
        .filter(|event| matches!(event, Event::Answered { question, .. } if question.contains("option")));
    assert_eq!(answers.count(), 2);
}

#[test]
fn what_another_shell_would_quote_in_its_own_way_is_asked_for_again() {
    let page = "# Page\n\n```fish\necho <name> here\n```\n";
    let outcome = Scene::new(page).says([Say::Value("it's"), Say::Value("its"), run()]).play();
    assert_eq!(outcome.ran(), ["echo its here"]);
}
