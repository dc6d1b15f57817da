//! Blocks that would replace a file.

use super::fakes::{Scene, run};
use super::finished;
use crate::run::RunOutcome;
use crate::runbook::Effect;

fn block(code: &str) -> String {
    format!("```sh\n{code}\n```\n\n")
}

#[test]
fn to_replace_a_file_is_destructive_and_the_card_says_what_is_lost() {
    let page = format!("# Page\n\n{}{}", block("date > old.conf"), block("date > new.conf"));
    let outcome = Scene::new(&page).says([run(), run()]).play();
    let lost = "replaces old.conf (1.2 KB, changed just now)";
    assert_eq!(outcome.cards[0], (Effect::Destructive, vec![lost.to_owned()]));
    assert_eq!(outcome.cards[1], (Effect::Write, vec!["replaces the content of new.conf".to_owned()]));
}

#[test]
fn what_this_run_has_written_it_may_write_again() {
    let again = block("date > new.conf");
    let page = format!("# Page\n\n{again}{again}");
    let outcome = Scene::new(&page).says([run(), run()]).play();
    assert_eq!(outcome.cards.iter().map(|card| card.0).collect::<Vec<_>>(), [Effect::Write, Effect::Write]);
}

#[test]
fn what_was_replaced_with_consent_is_this_runs_own_from_then_on() {
    let again = block("date > old.conf");
    let outcome = Scene::new(&format!("# Page\n\n{again}{again}")).says([run(), run()]).play();
    assert_eq!(outcome.cards.iter().map(|card| card.0).collect::<Vec<_>>(), [Effect::Destructive, Effect::Write]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn a_page_that_calls_it_a_write_is_believed_and_the_loss_is_told() {
    let page =
        format!("---\nsteps:\n  fix: {{ effect: write }}\n---\n\n# Page\n\n## Fix\n\n{}", block("date > old.conf"));
    let outcome = Scene::new(&page).says([run()]).play();
    let (effect, reasons) = &outcome.cards[0];
    assert_eq!(*effect, Effect::Write);
    assert_eq!(reasons.last().map(String::as_str), Some("by its text it replaces old.conf (1.2 KB, changed just now)"));
}

#[test]
fn on_another_machine_nothing_is_looked_up() {
    let page = format!("# Page\n\n{}{}", block("ssh web"), block("date > old.conf"));
    let outcome = Scene::new(&page).says([run(), run()]).play();
    assert!(outcome.cards.iter().all(|card| card.0 != Effect::Destructive), "{:?}", outcome.cards);
}
