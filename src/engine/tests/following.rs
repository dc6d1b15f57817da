//! Blocks that never end by themselves.

use super::fakes::{Outcome, Reply, Say, Scene, run, stays};
use super::finished;
use crate::effect::{Ending, FailureAnswer};
use crate::run::{BlockOutcome, Event, RunOutcome, Watched};

fn page(settings: &str) -> String {
    format!("---\nsteps:\n  look: {{ {settings} }}\n---\n\n# Page\n\n## Look\n\n```sh\ntail -f log\n```\n")
}

fn ends(outcome: &Outcome) -> Vec<(BlockOutcome, Option<Watched>)> {
    let ends = outcome.events().filter_map(|event| match event {
        Event::BlockFinished(end) => Some((end.outcome, end.watched)),
        _ => None,
    });
    ends.collect()
}

fn errors(outcome: &Outcome) -> Vec<&str> {
    let ends = outcome.events().filter_map(|event| match event {
        Event::BlockFinished(end) => end.error.as_deref(),
        _ => None,
    });
    ends.collect()
}

#[test]
fn it_ends_as_soon_as_what_is_expected_is_seen_and_is_a_success() {
    let expects = page("expect: { stdout: { contains: online, matches: 'id=\\d' } }");
    let outcome = Scene::new(&expects).replies([stays("id=7\nworker online\n")]).says([run()]).play();
    assert_eq!(ends(&outcome), [(BlockOutcome::Succeeded, Some(Watched::Seen))]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn its_timeout_ends_it_and_is_a_success() {
    let outcome = Scene::new(&page("timeout: 30s")).replies([stays("a line\n")]).says([run()]).play();
    assert_eq!(ends(&outcome), [(BlockOutcome::Succeeded, Some(Watched::TimeUp))]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn without_what_is_expected_it_fails_and_says_so() {
    let expects = page("timeout: 30s, expect: { stdout: { contains: online } }");
    let abort = Say::Failure(FailureAnswer::Abort);
    let outcome = Scene::new(&expects).replies([stays("worker offline")]).says([run(), abort.clone()]).play();
    assert_eq!(ends(&outcome), [(BlockOutcome::Failed, Some(Watched::TimeUp))]);
    assert_eq!(errors(&outcome), ["expected stdout contains `online`; found worker offline"]);

    let stopped = Reply { stays: false, ..stays("worker offline") };
    let outcome = Scene::new(&expects).replies([stopped]).says([run(), abort]).play();
    assert_eq!(ends(&outcome), [(BlockOutcome::Failed, Some(Watched::Responder))]);
}

#[test]
fn what_the_pages_prose_expects_neither_ends_nor_fails_it() {
    let page = "---\nsteps:\n  look: { timeout: 30s }\n---\n\n# Page\n\n## Look\n\n```sh\ntail -f log\n```\n\n\
                Expected output:\n\n```\nonline\n```\n";
    for printed in ["online\n", "offline\n"] {
        let outcome = Scene::new(page).replies([stays(printed)]).says([run()]).play();
        assert_eq!(ends(&outcome), [(BlockOutcome::Succeeded, Some(Watched::TimeUp))], "{printed}");
        assert!(outcome.events().any(|event| matches!(event, Event::Compared(_))));
    }
}

#[test]
fn what_ends_by_itself_is_judged_by_its_exit() {
    let failed = Reply { ending: Ending::Exit(1), stdout: "", stays: false };
    let outcome =
        Scene::new(&page("timeout: 30s")).replies([failed]).says([run(), Say::Failure(FailureAnswer::Abort)]).play();
    assert_eq!(ends(&outcome), [(BlockOutcome::Failed, None)]);
}
