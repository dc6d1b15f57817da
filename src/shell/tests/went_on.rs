//! Commands that fail before the block's end: told, and nothing else.

use super::{Bench, bash};
use crate::effect::{Ending, Shell};

async fn lines(code: &str) -> Vec<(usize, i32)> {
    let mut bench = Bench::new();
    let result = bench.result(code).await;
    assert!(result.state_kept, "{code}");
    result.went_on_after.iter().map(|failed| (failed.line, failed.code)).collect()
}

#[tokio::test]
async fn what_failed_at_the_blocks_own_level_is_told_by_line() {
    for (code, expected) in [
        ("true\nfalse\necho", &[(2, 1)][..]),
        ("(exit 3); (exit 4)\ntrue", &[(1, 4)]),
        ("false |\n  (exit 7)\nx=$(exit 8)\ntrue", &[(2, 7), (3, 8)]),
        ("ls /no/such \\\n  2>/dev/null\ntrue", &[(1, 2)]),
        ("for i in 1 2 3; do\n  (exit $i)\ndone\ntrue", &[(2, 3)]),
        ("f() {\n  false\n  (exit 6)\n}\nf\ntrue", &[(5, 6)]),
        ("{ false; true; }\n. /dev/stdin <<<'false'\ntrue", &[(1, 1), (2, 1)]),
    ] {
        assert_eq!(lines(code).await, expected, "{code}");
    }
}

#[tokio::test]
async fn what_the_text_deals_with_is_not_told() {
    for code in [
        "if false; then :; fi\ntrue",
        "false || true\nfalse && true\n! true\ntrue",
        "while false; do :; done\nuntil true; do :; done\ntrue",
        "f() { false; true; }\nf\ntrue",
        "(false; true)\ntrue",
        "false &\nwait\ntrue",
    ] {
        assert_eq!(lines(code).await, [], "{code}");
    }
}

#[tokio::test]
async fn the_command_that_the_block_ends_with_is_its_own_outcome() {
    assert_eq!(lines("true\nfalse").await, []);
    assert_eq!(lines("set -e\nfalse\ntrue").await, []);
    assert_eq!(lines("(exit 2)\n(exit 3)").await, [(1, 2)]);
    assert_eq!(lines("(exit 2)\nexit 0").await, [(1, 2)]);
}

/// Prints whatever a block can see of a trap without looking for one.
const PRINTS_ALL: &str = "f() { echo \"in f\"; false; return 4; }
ls /no/such 2>/dev/null a 'b c'; echo \"$? [$_] ${PIPESTATUS[*]} $BASH_COMMAND $#\"
false | true | (exit 3); echo \"$? ${PIPESTATUS[*]}\"
[[ abc =~ b(.) ]]; false; echo \"${BASH_REMATCH[1]} $?\"
f x y; echo \"$? [$_]\"
x=$(false; echo $?); echo \"$? $x\"
set -x; false; (exit 5) | true; set +x
set -u; set -o pipefail; false | true; echo $?; set +u
set -E; f; (f; echo $?); echo $(f; echo $?); set +E
shopt -s lastpipe; false | read y; echo \"$? $- $SHLVL ${#FUNCNAME[@]} ${BASH_LINENO[0]-}\"
alias false='echo hijacked'; let() { echo hijacked; }; echo() { command echo mine; }; IFS=1; set -f
eval false; nosuch 2>/dev/null; echo $?
(exit 9)";

#[tokio::test]
async fn the_block_sees_nothing_of_it() {
    let mut watched = Bench::new();
    let result = watched.result(PRINTS_ALL).await;
    assert!(result.went_on_after.len() > 5, "{:?}", result.went_on_after);
    // A word in a comment is enough for it not to be watched.
    let mut unwatched = Bench::new();
    let plain = unwatched.result(&format!("{PRINTS_ALL} # no trap")).await;
    assert_eq!(plain.went_on_after, []);
    assert_eq!((watched.out(), result.ending), (unwatched.out(), plain.ending));
    assert_eq!(result.ending, Ending::Exit(9));
    let said = |bench: &Bench| {
        // Each has a folder of its own, which stands before bash's messages.
        let text = bench.err().replace(" # no trap", "").replace(&*bench.scratch.path().to_string_lossy(), "");
        text.lines().map(|line| line.trim_start_matches(|c| c != ':').to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(said(&watched), said(&unwatched));
    let kept = |bench: &Bench| String::from_utf8_lossy(&bench.runner.state(&[]).unwrap()).into_owned();
    assert!(!kept(&watched).contains("runbook"), "{}", kept(&watched));
}

#[tokio::test]
async fn a_block_that_shows_what_is_read_is_let_be() {
    for code in ["set -v\nfalse\ntrue", "set -o verbose\nfalse\ntrue", "set -xv; false; true"] {
        let mut bench = Bench::new();
        assert_eq!(bench.result(code).await.went_on_after, [], "{code}");
        bench.result("false\ntrue").await;
        assert!(!bench.err().contains("runbook_"), "{}", bench.err());
    }
}

#[tokio::test]
async fn a_block_that_deals_with_traps_finds_only_its_own() {
    let mut bench = Bench::new();
    assert_eq!(bench.run("false\ntrap -p ERR\ntrue").await, "");
    assert_eq!(bench.run("trap 'echo mine' ERR\nfalse\ntrue").await, "mine\n");
    bench.run("shows() { trap -p ERR; }; alias quietly='trap : ERR'").await;
    assert_eq!(bench.run("false\nshows\ntrue").await, "");
}

#[tokio::test]
async fn what_fails_all_the_time_is_let_be() {
    assert_eq!(lines("i=0; while ((i++ < 20000)); do\n  [[ $i == x ]]\ndone\ntrue").await, [(2, 1)]);
}

#[tokio::test]
async fn errexit_and_an_exit_in_a_function_end_the_block_as_ever() {
    let mut bench = Bench::new();
    let result = bench.request(&bash("a=1\nset -e\nf() { false; echo no; }\nf\necho no")).await;
    assert_eq!((result.ending, bench.out().as_str()), (Ending::Exit(1), ""));
    bench.result("set +e; a=2; f() { exit 7; }\nfalse\nf\necho no").await;
    assert_eq!(bench.run("echo $a").await, "2\n");
}
