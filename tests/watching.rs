//! Waiting for something: what never ends by itself, and what is tried again.

mod support;

use serde_json::Value;
use support::{Sandbox, Terminal};

fn unattended(page: &str) -> (Sandbox, i32, String) {
    let sandbox = Sandbox::new();
    sandbox.write("page.md", page);
    let output = sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    (sandbox, output.status.code().expect("it ends"), shown)
}

fn ends(sandbox: &Sandbox) -> Vec<(Value, Value)> {
    sandbox
        .events_of("block_finished")
        .into_iter()
        .map(|end| (end["outcome"].clone(), end["watched"].clone()))
        .collect()
}

const FOLLOW: &str = "---\nsteps:\n  look: { SETTINGS }\n---\n\n# Page\n\n## Look\n\n\
    ```sh\nhere=kept\necho 'worker online' > log\ntail -n +1 -f log\n```\n\n## After\n\n```sh\necho \"still $here\"\n```\n";

#[test]
fn what_is_followed_ends_when_what_is_expected_is_seen_and_leaves_nothing_running() {
    let (sandbox, code, shown) =
        unattended(&FOLLOW.replace("SETTINGS", "timeout: 10m, expect: { stdout: { contains: online } }"));
    assert_eq!(code, 0, "{shown}");
    assert_eq!(ends(&sandbox)[0], ("succeeded".into(), "seen".into()));
    assert!(shown.contains("until what was expected came"), "{shown}");
    assert!(shown.contains("still kept"), "what it had set is there for the next block: {shown}");
    assert!(!shown.contains("left running"), "{shown}");
    assert!(sandbox.report().contains("until what was expected came"), "{}", sandbox.report());
}

#[test]
fn what_is_followed_is_a_success_when_its_time_is_up_and_a_failure_without_what_is_expected() {
    let (sandbox, code, shown) = unattended(&FOLLOW.replace("SETTINGS", "timeout: 300ms"));
    assert_eq!(code, 0, "{shown}");
    assert_eq!(ends(&sandbox)[0], ("succeeded".into(), "time_up".into()));

    let expects = "timeout: 300ms, expect: { stdout: { contains: offline } }";
    let (sandbox, code, shown) = unattended(&FOLLOW.replace("SETTINGS", expects));
    assert_eq!(code, 1, "{shown}");
    assert_eq!(ends(&sandbox)[0], ("failed".into(), "time_up".into()));
    assert!(shown.contains("expected: stdout contains `offline`; found worker online"), "{shown}");
}

const POLL: &str = "---\nsteps:\n  wait:\n    until: { every: EVERY, for: 10m }\n    \
    expect: { stdout: { contains: online } }\n---\n\n# Page\n\n## Wait\n\n\
    ```sh\necho x >> tries\necho the same\ncase $(wc -l < tries) in 1|2) echo offline;; 3) echo starting;; *) echo online;; esac\n```\n";

#[test]
fn of_many_tries_only_the_first_the_changes_and_the_last_are_shown_and_all_are_on_record() {
    let (sandbox, code, shown) = unattended(&POLL.replace("EVERY", "10ms"));
    assert_eq!(code, 0, "{shown}");
    let (_, output) = shown.split_once("esac\n").expect("the card");
    assert_eq!(output.matches("│ the same").count(), 2, "{output}");
    assert!(output.contains("· try 3 is different:\n  − offline\n  + starting\n"), "{output}");
    assert_eq!(output.matches("trying again").count(), 1, "{output}");
    assert!(!output.contains("so far"), "nobody waits without a terminal: {output}");
    assert_eq!(sandbox.events_of("block_finished").len(), 4);
    let kept = support::files(&sandbox.only_run().join("output"));
    assert_eq!(kept.values().filter(|bytes| bytes.starts_with(b"the same\n")).count(), 4);
}

#[test]
fn the_wait_for_the_next_try_is_shown_in_one_line_that_fits_and_ctrl_c_ends_it() {
    for (columns, told) in
        [(40, "try 1 · 1s · next in 9m5"), (200, "step 1 of 1 · try 1 · 1 s so far · next try in 9 min 5")]
    {
        let sandbox = Sandbox::new();
        sandbox.write("page.md", &POLL.replace("EVERY", "10m").replace("for: 10m", "for: 2h"));
        let mut command = sandbox.runbook(["run", "page.md"]);
        command.env("NO_COLOR", "1");
        let mut terminal = Terminal::spawn_sized(&command, columns, 24);
        terminal.answer("Run this?", "r");
        terminal.expect(told);
        terminal.send_ctrl_c();
        terminal.expect("[r]etry");
        let events = sandbox.events();
        let record = format!("{events:?}");
        assert!(!record.contains("next try") && !record.contains("next in"), "{record}");
        assert!(terminal.screen().contains("the responder stopped"), "{}", terminal.screen());
    }
}
