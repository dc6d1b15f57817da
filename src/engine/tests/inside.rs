//! Blocks that run inside what another has entered.

use super::fakes::{Outcome, Say, Scene, exit, run};
use super::{finished, step_outcomes};
use crate::effect::{BlockAnswer, FailureAnswer};
use crate::engine::Stay;
use crate::run::{Event, RunOutcome, StepOutcome};

fn targets(outcome: &Outcome) -> Vec<&str> {
    let targets = outcome.events().filter_map(|event| match event {
        Event::BlockStarted(started) => Some(started.target.as_str()),
        _ => None,
    });
    targets.collect()
}

fn left(outcome: &Outcome) -> Vec<(&[String], &str)> {
    let left = outcome.events().filter_map(|event| match event {
        Event::Left { within, reason } => Some((within.as_slice(), reason.as_str())),
        _ => None,
    });
    left.collect()
}

fn block(code: &str) -> String {
    format!("```sh\n{code}\n```\n\n")
}

#[test]
fn the_lines_inside_are_what_is_shown_recorded_and_run() {
    let page = format!("# Page\n\n{}", block("ssh web\ncd /srv\nexit\nls"));
    let outcome = Scene::new(&page).says([run()]).play();
    let wrapped = "ssh web \"$(cat <<'INSIDE'\ncd /srv\nINSIDE\n)\"  # exit\nls\n";
    assert_eq!(outcome.ran(), [wrapped.trim_end()]);
    assert!(outcome.shown.contains(wrapped), "{}", outcome.shown);
    let recorded =
        outcome.events().any(|event| matches!(event, Event::BlockStarted(started) if started.code == wrapped));
    assert!(recorded);
    assert!(!outcome.events().any(|event| matches!(event, Event::Entered { .. })), "it was left again");
}

#[test]
fn what_follows_an_open_shell_runs_inside_it_until_a_block_leaves_it() {
    let page = format!("# Page\n\n{}{}{}{}", block("ssh web"), block("uptime"), block("exit"), block("uptime"));
    let outcome = Scene::new(&page).says([run(), run(), run()]).play();
    assert_eq!(outcome.ran(), ["ssh web true", "ssh web \"$(cat <<'INSIDE'\nuptime\nINSIDE\n)\"", "uptime"]);
    assert_eq!(targets(&outcome), ["bash", "bash inside `ssh web`", "bash"]);
    assert!(outcome.shown.contains("that follow run inside `ssh web`"), "{}", outcome.shown);
    assert_eq!(left(&outcome), [(&[][..], "the page leaves it")]);
    assert_eq!(finished(&outcome), RunOutcome::Completed);
}

#[test]
fn what_was_entered_is_left_with_its_section() {
    let page = format!(
        "# Page\n\n## Fix\n\n### Connect\n\n{}### Look\n\n{}## After\n\n{}",
        block("ssh web"),
        block("uptime"),
        block("uptime")
    );
    let outcome = Scene::new(&page).says([run(), run(), run()]).play();
    assert_eq!(targets(&outcome), ["bash", "bash inside `ssh web`", "bash"]);
    assert_eq!(left(&outcome), [(&[][..], "its section has ended")]);
}

#[test]
fn how_long_it_stays_is_told_by_what_follows_under_the_headings() {
    let (ssh, look) = (block("ssh web"), block("uptime"));
    let (settle, work) = (block("ssh web\ncd /srv && X=1"), block("ssh web\nuptime"));
    let inside = "bash inside `ssh web`";
    for (page, expected) in [
        // What stands beside the heading under which it is entered.
        (format!("# Page\n\n## Fix\n\n### Connect\n\n{ssh}### Look\n\n{look}## After\n\n{look}"), vec![inside, "bash"]),
        // The procedure it is entered in ends it.
        (format!("# Page\n\n## Fix\n\n{ssh}{look}## After\n\n{look}"), vec![inside, "bash"]),
        (format!("# Page\n\n## Fix\n\nConnect:\n\n{ssh}**Look:**\n\n{look}## After\n\n{look}"), vec![inside, "bash"]),
        // A procedure that is no more than to connect, does it for the others.
        (format!("# Page\n\n## Connect\n\n{ssh}## Fix\n\n{look}## After\n\n{look}"), vec![inside, inside]),
        (format!("# Page\n\n## Prepare\n\n### Connect\n\n{ssh}## Fix\n\n{look}"), vec![inside]),
        // One that settles there does no more either; one that works there does.
        (format!("# Page\n\n## Connect\n\n{settle}## Fix\n\n{look}"), vec![inside]),
        (format!("# Page\n\n## Check\n\n{work}## Take back\n\n{look}"), vec!["bash"]),
        // The nearest heading: that of its own part of the procedure.
        (
            format!(
                "# Page\n\n## Fix\n\n### On the host\n\n#### Connect\n\n{ssh}#### Look\n\n{look}### Here\n\n{look}"
            ),
            vec![inside, "bash"],
        ),
        (format!("{ssh}{look}# Page\n\n{look}"), vec![inside, inside]),
    ] {
        let outcome = Scene::new(&page).says((0..=expected.len()).map(|_| run())).play();
        assert_eq!(targets(&outcome)[1..], expected, "{page}");
    }
}

#[test]
fn what_a_block_reads_inside_is_not_asked_for() {
    let page = format!("# Page\n\n{}{}{}", block("ssh web"), block("ls $DATA_DIR"), block("ls $B\nexit\nls $A"));
    let outcome = Scene::new(&page).says([run(), run(), Say::Value("/srv"), run()]).play();
    assert_eq!(
        outcome.ran(),
        [
            "ssh web true",
            "ssh web \"$(cat <<'INSIDE'\nls $DATA_DIR\nINSIDE\n)\"",
            "ssh web \"$(cat <<'INSIDE'\nls $B\nINSIDE\n)\"  # exit\nls $A"
        ]
    );
}

#[test]
fn what_is_left_open_inside_is_filled_in_before_it_is_wrapped() {
    let code = "ssh root@<node-ip>\nkubectl describe pod <pod> -n '<namespace>' > /tmp/<pod>.txt\nexit\nls";
    let values = [Say::Value("10.0.0.7"), Say::Value("web-1"), Say::Value("a,b")];
    let outcome = Scene::new(&format!("# Page\n\n{}", block(code))).says(values).says([run()]).play();
    assert_eq!(
        outcome.ran(),
        [
            "ssh root@10.0.0.7 \"$(cat <<'INSIDE'\nkubectl describe pod web-1 -n 'a,b' > /tmp/web-1.txt\nINSIDE\n)\"  # exit\nls"
        ]
    );
}

#[test]
fn a_value_at_the_prompt_of_a_database_is_no_word_of_a_shell() {
    let code = "psql app\nSELECT name FROM <table> WHERE id = <id> AND name = '<name>';\n\\q\nls";
    let refused = [Say::Value("jobs;"), Say::Value("jobs"), Say::Value("id"), Say::Value("id=1"), Say::Value("7")];
    let outcome =
        Scene::new(&format!("# Page\n\n{}", block(code))).says(refused).says([Say::Value("old"), run()]).play();
    let statement = "SELECT name FROM jobs WHERE id = 7 AND name = 'old';";
    assert_eq!(outcome.ran(), [format!("psql app <<'INSIDE'\n{statement}\nINSIDE\nls")]);
}

#[test]
fn a_placeholder_of_what_is_entered_is_asked_for_once() {
    let page = format!("# Page\n\n{}{}{}", block("ssh root@<vps-ip>"), block("uptime"), block("df"));
    let outcome = Scene::new(&page).says([Say::Value("10.0.0.7"), run(), run(), run()]).play();
    assert_eq!(targets(&outcome), ["bash", "bash inside `ssh root@10.0.0.7`", "bash inside `ssh root@10.0.0.7`"]);
}

#[test]
fn the_responder_may_stay_on_this_machine() {
    let page = format!("# Page\n\n{}{}{}", block("ssh web"), block("uptime"), block("ls"));
    let outcome = Scene::new(&page).says([run(), Say::Block(BlockAnswer::Here), run(), run()]).play();
    assert_eq!(outcome.ran(), ["ssh web true", "uptime", "ls"]);
    assert_eq!(left(&outcome), [(&[][..], "the responder chose to")]);
}

#[test]
fn shells_in_shells_are_left_one_by_one() {
    let page = format!(
        "# Page\n\n{}{}{}{}",
        block("ssh web\nsudo -u app bash"),
        block("a"),
        block("exit"),
        block("b\nexit\nc")
    );
    let outcome = Scene::new(&page).says([run(), run(), run()]).play();
    assert_eq!(targets(&outcome)[1..], ["bash inside `ssh web` › `sudo -u app bash`", "bash inside `ssh web`"]);
    assert_eq!(outcome.ran()[2], "ssh web \"$(cat <<'INSIDE'\nb\nINSIDE\n)\"  # exit\nc");
    assert_eq!(left(&outcome).len(), 2);
}

#[test]
fn a_failure_inside_does_not_bring_what_follows_to_this_machine() {
    let page = format!("# Page\n\n{}{}", block("ssh web\nfalse"), block("rm -rf x"));
    let leave = Say::Failure(FailureAnswer::Skip("later".into()));
    let outcome = Scene::new(&page).replies([exit(255)]).says([run(), leave, run()]).play();
    assert!(outcome.ran()[1].starts_with("ssh web "), "{:?}", outcome.ran());
}

#[test]
fn a_resumed_run_goes_on_inside() {
    let page = format!("# Page\n\n{}", block("uptime"));
    let mut scene = Scene::new(&page).says([run()]);
    scene.progress.inside = Some(Stay { within: vec!["ssh web".into()], section: String::new(), carried: Vec::new() });
    assert_eq!(targets(&scene.play()), ["bash inside `ssh web`"]);
}

#[test]
fn an_exit_with_nothing_to_leave_is_nothing_to_do() {
    let outcome = Scene::new(&format!("# Page\n\n{}", block("exit  # from the server"))).play();
    assert!(outcome.ran().is_empty());
    assert_eq!(step_outcomes(&outcome), [("page", StepOutcome::NothingToDo)]);
}

#[test]
fn a_broken_text_inside_is_found_before_anything_runs() {
    let page = format!("# Page\n\n{}", block("ls\nssh web\nif then\nexit"));
    let outcome = Scene::new(&page).says([Say::Block(BlockAnswer::Skip("broken".into()))]).play();
    assert!(outcome.ran().is_empty());
}

#[test]
fn a_secret_is_not_lost_on_the_way_inside() {
    let page =
        "---\nvariables: { token: { secret: true } }\n---\n\n# Page\n\n```sh\nssh web\ncurl -H {{ token }}\n```\n";
    let outcome =
        Scene::new(page).says([Say::Value("hunter2hunter2"), Say::Block(BlockAnswer::Skip("so".into()))]).play();
    assert!(outcome.ran().is_empty());
}

#[test]
fn an_editor_gets_the_text_as_the_page_has_it() {
    let page = format!("# Page\n\n{}", block("ssh web\nls\nexit"));
    let outcome = Scene::new(&page).says([Say::Block(BlockAnswer::Edit("ls\n".into())), run()]).play();
    assert_eq!(outcome.ran(), ["ls"]);
    let before = outcome.events().find_map(|event| match event {
        Event::Edited { before, .. } => Some(before.as_str()),
        _ => None,
    });
    assert_eq!(before, Some("ssh web\nls\nexit\n"));
}
