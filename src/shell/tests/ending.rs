//! How blocks end, and what becomes of their processes.

use super::{Bench, bash, lives, until};
use crate::effect::{Control, Ending, Shell};
use std::path::Path;
use std::time::Duration;

#[tokio::test]
async fn the_exit_code_is_that_of_the_last_command() {
    let mut bench = Bench::new();
    for (code, exit) in [("true", 0), ("echo a | grep b", 1), ("(exit 9)", 9), ("return 4", 4), ("nosuch", 127)] {
        let result = bench.result(code).await;
        assert_eq!((result.ending, result.state_kept), (Ending::Exit(exit), true), "{code}");
    }
}

#[tokio::test]
async fn the_state_survives_every_way_out_that_leaves_a_shell_to_save_it() {
    for (code, ending) in [
        ("exit 3", Ending::Exit(3)),
        ("set -e; false", Ending::Exit(1)),
        ("set -u; echo $nothing", Ending::Exit(1)),
        ("return 2", Ending::Exit(2)),
        ("kill -TERM $$", Ending::Signal(15)),
        ("eval 'if'", Ending::Exit(2)),
        ("trap 'echo bye' EXIT", Ending::Exit(0)),
        ("set -e; trap 'echo \"failed: $?\"' ERR; false", Ending::Exit(1)),
        ("f() { exit 5; }; f", Ending::Exit(5)),
        ("set -o posix; exit 3", Ending::Exit(3)),
        ("exec 1>&- 2>&-; exit 3", Ending::Exit(3)),
    ] {
        let mut bench = Bench::new();
        let result = bench.result(&format!("a=1; {code}\necho not reached")).await;
        let reached = matches!(code, "eval 'if'" | "trap 'echo bye' EXIT");
        assert_eq!(result.ending, if reached { Ending::Exit(0) } else { ending }, "{code}");
        assert!(result.state_kept, "{code}");
        assert_eq!(bench.result("set +eu; echo $a").await.ending, Ending::Exit(0));
        assert_eq!(bench.out(), "1\n", "{code}");
    }
}

#[tokio::test]
async fn a_trap_of_the_blocks_own_runs() {
    let mut bench = Bench::new();
    assert_eq!(bench.run("a=1; trap 'echo bye $a' EXIT; echo hi").await, "hi\nbye 1\n");
    assert_eq!(bench.run("echo $a").await, "1\n");
}

#[tokio::test]
async fn where_no_shell_is_left_to_save_it_the_state_before_stands() {
    let mut bench = Bench::new();
    bench.run("a=1").await;
    for (code, ending) in [
        ("a=2; exec true", Ending::Exit(0)),
        ("a=2; kill -9 $$", Ending::Signal(9)),
        ("a=2; trap : EXIT; exit 3", Ending::Exit(3)),
    ] {
        let result = bench.result(code).await;
        assert_eq!((result.ending, result.state_kept), (ending, false), "{code}");
        assert_eq!(bench.run("echo $a").await, "1\n", "{code}");
    }
}

#[tokio::test]
async fn a_process_left_in_the_background_is_named_and_lives_on() {
    let mut bench = Bench::new();
    let result = bench.result("sleep 600 & echo $!").await;
    let id = bench.out().trim().to_owned();
    assert_eq!(result.ending, Ending::Exit(0));
    assert_eq!(result.left_behind, [(id.parse().unwrap(), "sleep".to_owned())]);
    assert!(lives(&id));
    bench.run(&format!("kill {id}")).await;
}

#[tokio::test]
async fn a_process_left_in_the_background_can_go_on_writing() {
    let mut bench = Bench::new();
    let writer = "{ until [ -e go ]; do sleep 0.01; done; echo more && echo oops >&2 && touch written; } & echo $! >id";
    bench.run(writer).await;
    bench.run("touch go").await;
    let id = std::fs::read_to_string(bench.path().join("id")).unwrap();
    until(|| !lives(&id)).await;
    assert!(bench.path().join("written").exists());
}

#[tokio::test]
async fn a_noisy_process_in_the_background_does_not_hold_the_run() {
    let mut bench = Bench::new();
    let result = bench.result("yes & echo $! >id").await;
    assert_eq!(result.left_behind.len(), 1);
    let id = std::fs::read_to_string(bench.path().join("id")).unwrap();
    bench.run(&format!("kill {id}")).await;
}

#[tokio::test]
async fn output_that_a_process_substitution_still_writes_is_waited_for() {
    let mut bench = Bench::new();
    let result = bench.result("exec > >(cat); echo through cat").await;
    assert_eq!(bench.out(), "through cat\n");
    assert_eq!(result.left_behind, []);
}

/// A grandchild in another session, which ignores what is asked of it.
const STUBBORN: &str =
    "trap '' TERM INT; setsid bash -c 'trap \"\" TERM INT; echo $$ >\"$0\"; while :; do sleep 1; done' id &
    while ! [ -s id ]; do sleep 0.01; done; echo ready; while :; do sleep 1; done";

#[tokio::test]
async fn a_timeout_ends_the_whole_tree_even_what_ignores_it() {
    let mut bench = Bench::new();
    bench.run("a=1").await;
    let mut request = bash(&format!("a=2; {STUBBORN}"));
    request.timeout = Some(Duration::from_millis(700));
    let result = bench.request(&request).await;
    assert_eq!((result.ending, result.state_kept), (Ending::TimedOut, false));
    assert_eq!(result.left_behind, []);
    let id = std::fs::read_to_string(bench.path().join("id")).unwrap();
    until(|| !lives(&id)).await;
    assert_eq!(bench.run("echo $a").await, "1\n");
    assert!(bench.seen.waited.iter().any(|waiting| waiting.left.is_some_and(|left| !left.is_zero())));
}

#[tokio::test]
async fn a_request_to_end_ends_the_whole_tree_even_what_ignores_it() {
    let mut bench = Bench::new();
    bench.when("ready", Control::Terminate);
    let result = bench.result(STUBBORN).await;
    assert_eq!((result.ending, result.left_behind), (Ending::Interrupted, vec![]));
    let id = std::fs::read_to_string(bench.path().join("id")).unwrap();
    until(|| !lives(&id)).await;
}

#[tokio::test]
async fn a_block_that_ends_in_its_grace_is_not_killed() {
    let mut bench = Bench::with(|environment| environment.grace = Duration::from_secs(60));
    bench.when("ready", Control::Terminate);
    let result = bench.result("trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.01; done").await;
    assert_eq!((result.ending, bench.out().as_str()), (Ending::Interrupted, "ready\ncleaned\n"));
}

#[tokio::test]
async fn an_interrupt_ends_the_block_and_keeps_what_it_did_before() {
    let mut bench = Bench::new();
    bench.when("ready", Control::Interrupt);
    let result = bench.result("a=1; sh -c 'echo ready; exec sleep 600'; echo not reached").await;
    assert_eq!(result.ending, Ending::Interrupted);
    assert_eq!(bench.out(), "ready\n");
    assert_eq!(bench.run("echo $a").await, "1\n");
}

#[tokio::test]
async fn an_interrupt_that_the_block_takes_for_its_end_is_success() {
    let mut bench = Bench::new();
    bench.when("ready", Control::Interrupt);
    let result = bench.result("trap 'exit 0' INT; echo ready; while :; do sleep 0.01; done").await;
    assert_eq!(result.ending, Ending::Exit(0));
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_no_process() {
    let mut bench = Bench::new();
    bench.run(":").await;
    let id = bench.path().join("id");
    let request = bash(STUBBORN);
    let run = bench.runner.run(&request, &mut bench.seen, &mut bench.receiver);
    let started = until(|| std::fs::read_to_string(&id).is_ok_and(|id| id.ends_with('\n')));
    tokio::select! {
        _ = run => panic!("it does not end by itself"),
        () = started => {}
    }
    let id = std::fs::read_to_string(&id).unwrap();
    until(|| !lives(&id)).await;
}

#[tokio::test]
async fn nothing_of_the_engines_is_left_on_disk() {
    let mut bench = Bench::new();
    bench.run("a=1; cat \"${BASH_SOURCE[0]}\" >/dev/null").await;
    let files =
        |folder: &Path| -> Vec<_> { std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let workplace = files(bench.scratch.path()).remove(0);
    let mut scripts = files(&workplace);
    scripts.sort();
    assert_eq!(scripts, ["driver", "replace", "variables"].map(|name| workplace.join(name)));
    let Bench { runner, scratch, .. } = bench;
    drop(runner);
    assert!(files(scratch.path()).is_empty());
}
