//! Tries of the same block, until it does what it should.

use super::fakes::{Happened, Reply, Say, Scene, prints, run};
use crate::effect::FailureAnswer;
use crate::run::Event;

const PAGE: &str = "---\nsteps:\n  wait:\n    until: { every: 5s, for: 20s }\n    \
                    expect: { stdout: { contains: online } }\n---\n\n# Page\n\n## Wait\n\n```sh\nstatus\n```\n";

fn shown(replies: &[&'static str], says: &[Say]) -> String {
    let replies: Vec<Reply> = replies.iter().map(|text| prints(text)).collect();
    let outcome = Scene::new(PAGE).replies(replies.clone()).says(says.iter().cloned()).play();
    let tries = outcome.log.iter().filter(|it| matches!(it, Happened::Recorded(Event::BlockFinished(_)))).count();
    assert_eq!(tries, replies.len(), "every try is on record");
    outcome.shown.split_once("status\n").expect("the card").1.to_owned()
}

#[test]
fn the_first_output_is_shown_whole_then_what_changed_then_the_last_one() {
    let text = shown(&["a\noffline\n", "a\noffline\n", "a\nstarting\n", "a\nonline\n"], &[run()]);
    let expected = "a\noffline\n<not held>trying again every 5s, for 20s in all\
                    3-offline\n3+starting\na\nonline\n<held>";
    assert_eq!(text, expected);
}

#[test]
fn the_last_output_is_shown_whole_as_well_when_it_is_given_up() {
    let text = shown(&["offline\n"; 5], &[run(), Say::Failure(FailureAnswer::Abort)]);
    let expected = "offline\n<not held>trying again every 5s, for 20s in alloffline\n<not held>";
    assert_eq!(text, expected);
}

#[test]
fn what_succeeds_at_once_is_shown_once() {
    assert_eq!(shown(&["online\n"], &[run()]), "online\n<held>");
}

#[test]
fn output_that_is_too_long_to_be_compared_is_shown_as_it_comes() {
    let long: &'static str = Box::leak("x\n".repeat(70_000).into_boxed_str());
    let text = shown(&[long, long, "online\n"], &[run()]);
    assert_eq!(text.matches(long).count(), 2);
    assert_eq!(text.matches("trying again").count(), 1);
    assert!(text.ends_with("online\n<held>"));
}
