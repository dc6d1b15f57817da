//! What blocks set in a shell that was entered, for those after them.

use super::fakes::{Outcome, Say, Scene, exit, run};
use super::{finished, step_outcomes};
use crate::effect::{BlockAnswer, FailureAnswer};
use crate::engine::Stay;
use crate::run::{BlockRef, Carried, Event, Part, Parts, RunOutcome, StepOutcome};
use crate::runbook::Effect;

fn page(blocks: &[&str]) -> String {
    let blocks: String = blocks.iter().map(|code| format!("```sh\n{code}\n```\n\n")).collect();
    format!("# Page\n\n{blocks}")
}

/// What ran inside `ssh web`, block by block.
fn inside(outcome: &Outcome) -> Vec<String> {
    let ran = outcome.ran();
    let bodies =
        ran.iter().filter_map(|code| code.strip_prefix("ssh web \"$(cat <<'INSIDE'\n")?.split_once("\nINSIDE\n)\""));
    bodies.map(|(body, _)| body.to_owned()).collect()
}

fn settings(outcome: &Outcome) -> Vec<(usize, usize, Option<&str>)> {
    let events = outcome.events().filter_map(|event| match event {
        Event::Carried { settings, .. } => Some(settings),
        _ => None,
    });
    events.flatten().map(|setting| (setting.depth, setting.line, setting.code.as_deref())).collect()
}

fn skip() -> Say {
    Say::Block(BlockAnswer::Skip("no".into()))
}

#[test]
fn a_block_inside_finds_what_those_before_it_have_set() {
    let page = page(&["ssh web\ncd /srv/app", "export X=1\nls", "make && Y=2", "exit", "echo here"]);
    let outcome = Scene::new(&page).says((0..4).map(|_| run())).play();
    assert_eq!(
        inside(&outcome),
        ["cd /srv/app", "cd /srv/app || exit\nexport X=1\nls", "cd /srv/app || exit\nexport X=1\nmake && Y=2"]
    );
    assert_eq!(outcome.ran()[3], "echo here");
    assert_eq!(
        settings(&outcome),
        [(1, 5, Some("cd /srv/app || exit")), (1, 9, Some("export X=1")), (1, 14, Some("Y=2"))]
    );
    assert!(outcome.shown.contains("lines 5, 9 of the page come first"), "{}", outcome.shown);
}

#[test]
fn each_shell_gets_what_was_set_in_it_and_loses_it_when_it_is_left() {
    let page = page(&["ssh web\nX=1\nsudo -u app bash\nX=2", "id", "exit", "id", "exit\nssh web", "id"]);
    let outcome = Scene::new(&page).says((0..5).map(|_| run())).play();
    let ran = outcome.ran();
    assert_eq!(
        ran[1],
        "ssh web \"$(cat <<'INSIDE'\nX=1\nsudo -u app bash -c \"$(cat <<'INSIDE_2'\nX=2\nid\nINSIDE_2\n)\"\nINSIDE\n)\""
    );
    assert_eq!(inside(&outcome)[2..], ["X=1\nid", "id"], "{ran:?}");
}

#[test]
fn what_is_set_once_more_is_carried_along_once() {
    let page = page(&["ssh web", "cd /srv\nX=1\nls", "cd /srv\nX=1\nls", "X=2\nid", "X=1\nid", "id"]);
    let outcome = Scene::new(&page).says((0..6).map(|_| run())).play();
    assert_eq!(inside(&outcome).last().map(String::as_str), Some("cd /srv || exit\nX=1\nX=2\nX=1\nid"));
}

#[test]
fn what_a_command_gave_inside_is_asked_for_where_it_is_read() {
    let page = page(&["ssh web", "POD=$(pods | head -1)\nX=1", "uptime", "logs \"$POD\"", "describe $POD"]);
    let outcome = Scene::new(&page).says([run(), run(), run(), Say::Value("it's web"), run(), run()]).play();
    let pod = "X=1\nPOD='it'\\''s web'\n";
    assert_eq!(
        inside(&outcome)[1..],
        ["X=1\nuptime".to_owned(), format!("{pod}logs \"$POD\""), format!("{pod}describe $POD")]
    );
    assert!(outcome.shown.contains("Not set for the blocks that follow inside: $POD (line 8)"), "{}", outcome.shown);
}

#[test]
fn what_is_left_open_inside_does_not_run() {
    let page = page(&["ssh web", "POD=$(pods)", "logs $POD"]);
    let outcome = Scene::new(&page).says([run(), run(), Say::Value(""), skip()]).play();
    assert_eq!(outcome.ran().len(), 2);
}

#[test]
fn a_secret_that_a_command_gave_inside_is_not_asked_for_and_not_run_without() {
    let page = page(&["ssh web", "API_TOKEN=$(vault read x)", "curl -H \"$API_TOKEN\"", "echo ${API_TOKEN:-none}"]);
    let outcome = Scene::new(&page).says([run(), run(), skip(), run()]).play();
    assert_eq!(outcome.ran().len(), 3, "{:?}", outcome.ran());
}

#[test]
fn a_block_that_failed_leaves_nothing_set_and_that_is_said() {
    let page = page(&["ssh web", "cd /srv\nX=1\nfalse", "echo $X"]);
    let leave = Say::Failure(FailureAnswer::Skip("later".into()));
    let outcome =
        Scene::new(&page).replies([exit(0), exit(1)]).says([run(), run(), leave, Say::Value("2"), run()]).play();
    assert_eq!(inside(&outcome)[1], "X=2\necho $X");
    assert!(outcome.shown.contains("the folder (line 8), $X (line 9): the block failed"), "{}", outcome.shown);

    let accept = Say::Failure(FailureAnswer::Accept("meant to".into()));
    let outcome = Scene::new(&page).replies([exit(0), exit(1)]).says([run(), run(), accept, run()]).play();
    assert_eq!(inside(&outcome)[1], "cd /srv || exit\nX=1\necho $X");
}

#[test]
fn a_block_inside_is_run_line_by_line_with_what_its_lines_set() {
    let page = page(&["ssh web", "cd /srv\nX=$(id)\nrm -rf \"$X\"\nexit  # from web\nls"]);
    let lines = Say::Block(BlockAnswer::Lines);
    let outcome = Scene::new(&page).says([run(), lines, run(), run(), Say::Value("x"), run(), run()]).play();
    assert_eq!(inside(&outcome), ["cd /srv", "cd /srv || exit\nX=$(id)", "cd /srv || exit\nX=x\nrm -rf \"$X\""]);
    assert_eq!(outcome.ran().last(), Some(&"ls"));
    let finished: Vec<_> = outcome
        .events()
        .filter_map(|event| match event {
            Event::BlockFinished(finished) => finished.part.map(|part| (part.number, part.of)),
            _ => None,
        })
        .collect();
    assert_eq!(finished, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    assert_eq!(super::finished(&outcome), RunOutcome::Completed);
}

#[test]
fn a_command_that_is_left_out_line_by_line_leaves_the_shell_all_the_same() {
    let page = page(&["ssh web", "id\nreboot\nexit\nls", "uptime"]);
    let lines = Say::Block(BlockAnswer::Lines);
    let outcome = Scene::new(&page).says([run(), lines, run(), skip(), run(), run()]).play();
    assert_eq!(outcome.ran()[2..], ["ls", "uptime"]);
    let stop = Say::Block(BlockAnswer::Stop("enough".into()));
    let outcome = Scene::new(&page).says([run(), Say::Block(BlockAnswer::Lines), run(), stop, run()]).play();
    assert_eq!(outcome.ran()[2..], ["uptime"]);
}

#[test]
fn a_block_that_is_left_out_leaves_what_it_would_have_left_and_enters_nothing() {
    let page = page(&["ssh web", "reboot\nexit", "uptime"]);
    let outcome = Scene::new(&page).says([run(), skip(), run()]).play();
    assert_eq!(outcome.ran(), ["ssh web true", "uptime"]);
    let outcome = Scene::new(&super::carried::page(&["ssh web", "uptime"])).says([skip(), run()]).play();
    assert_eq!(outcome.ran(), ["uptime"]);
    let said = "`ssh web` is not entered: the shell blocks that follow run on this machine.";
    assert!(outcome.shown.contains(said), "{}", outcome.shown);
}

#[test]
fn what_is_left_before_anything_runs_in_it_is_not_entered() {
    let page = page(&["ssh web", "exit\nrm -rf x"]);
    let outcome = Scene::new(&page).says([run(), run()]).play();
    assert_eq!(outcome.ran()[1], ": exit\nrm -rf x");
    let started = outcome.events().filter_map(|event| match event {
        Event::BlockStarted(started) => Some(started.target.as_str()),
        _ => None,
    });
    assert_eq!(started.last(), Some("bash"));
}

#[test]
fn a_run_that_is_taken_up_again_has_what_was_set() {
    let carried = Carried { depth: 1, line: 5, code: Some("cd /srv || exit".into()), sets: vec!["PWD".into()] };
    let lost = Carried { depth: 1, line: 6, code: None, sets: vec!["POD".into()] };
    let mut scene = Scene::new(&page(&["ls $POD"])).says([Say::Value("x"), run()]);
    let stay = Stay { within: vec!["ssh web".into()], section: String::new(), carried: vec![carried, lost] };
    scene.progress.inside = Some(stay);
    assert_eq!(inside(&scene.play()), ["cd /srv || exit\nPOD=x\nls $POD"]);
}

#[test]
fn commands_of_a_block_that_has_left_its_shell_are_still_counted_as_before() {
    let block = BlockRef { step: "page".into(), number: 1 };
    let mut scene = Scene::new(&page(&["a\nb\nexit\nc"])).says([run()]);
    scene.progress.parts.insert(block, Parts { over: 2, of: 3 });
    assert_eq!(scene.play().ran(), ["c"]);
    assert_eq!(Part { number: 3, last: 3, of: 3 }.to_string(), "command 3 of 3");
}

#[test]
fn where_nothing_follows_inside_only_the_place_of_what_follows_is_said() {
    let page = "# Page\n\n## Fix\n\n### Connect\n\n```sh\nssh web\nuptime\n```\n\n### Tell\n\n1. Call them.\n\n## After\n\n```sh\nls\n```\n";
    let outcome = Scene::new(page).says([run(), Say::Action(crate::effect::ActionAnswer::Done), run()]).play();
    assert_eq!(outcome.ran()[1], "ls");
    assert!(!outcome.events().any(|event| matches!(event, Event::Entered { .. } | Event::Left { .. })));
    let said = "Nothing more runs inside `ssh web`: what follows runs on this machine.";
    assert_eq!(outcome.shown.matches("`ssh web`").count(), outcome.shown.matches(said).count(), "{}", outcome.shown);
    // Where no shell block follows at all, nothing has to be said.
    let alone = Scene::new("# Page\n\n```sh\nssh web\nuptime\n```\n").says([run()]).play();
    assert!(!alone.shown.contains("runs on this machine") && !alone.shown.contains("run inside"), "{}", alone.shown);
    assert_eq!(step_outcomes(&alone), [("page", StepOutcome::Done)]);
}

#[test]
fn only_what_a_block_that_ran_has_defined_anew_is_doubted() {
    let page = page(&["ls() { rm -rf /srv; }", "ls"]);
    let effect = |first: Say| {
        let outcome = Scene::new(&page).says([first, run()]).play();
        assert_eq!(finished(&outcome), RunOutcome::Completed);
        let last = outcome.events().filter_map(|event| match event {
            Event::BlockStarted(started) => Some(started.effect),
            _ => None,
        });
        last.last()
    };
    assert_eq!(effect(skip()), Some(Effect::Read));
    assert_eq!(effect(run()), Some(Effect::Unknown));
    let mut scene = Scene::new("# Page\n\n```sh\nls\n```\n").says([run()]);
    scene.progress.defined.insert("ls".into());
    let outcome = scene.play();
    let doubted =
        outcome.events().any(|event| matches!(event, Event::BlockStarted(it) if it.effect == Effect::Unknown));
    assert!(doubted, "what an earlier process has defined counts");
}
