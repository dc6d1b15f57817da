//! What a block leaves to those after it.

use super::{Bench, bash};
use crate::effect::{Ending, Shell};
use proptest::prelude::*;
use std::os::unix::ffi::OsStringExt;

/// Runs `first` and then `second`, which must print `expected`.
pub(super) async fn carries(first: &str, second: &str, expected: &str) {
    let mut bench = Bench::new();
    bench.run(first).await;
    let state = bench.runner.state(&[]).unwrap_or_default();
    assert_eq!(bench.run(second).await, expected, "{first}");
    // And once more, through the record of the run.
    let mut resumed = Bench::with(|environment| environment.cwd = bench.path().canonicalize().unwrap());
    resumed.runner.restore(&state);
    if !state.is_empty() {
        assert_eq!(resumed.run(second).await, expected, "resumed: {first}");
    }
}

#[tokio::test]
async fn the_directory() {
    carries("mkdir \"a 'b'\"; cd \"a 'b'\"", "echo \"${PWD##*/}\"; cd - >/dev/null; ls", "a 'b'\na 'b'\n").await;
}

#[tokio::test]
async fn the_directory_stack() {
    carries(
        "cd /; pushd /usr >/dev/null; pushd /tmp >/dev/null",
        "popd >/dev/null; pwd; popd >/dev/null; pwd",
        "/usr\n/\n",
    )
    .await;
}

#[tokio::test]
async fn variables_exported_and_not() {
    carries("a=1; export b=2", "echo $a $b; bash -c 'echo $a $b'", "1 2\n2\n").await;
}

#[tokio::test]
async fn a_variable_that_is_no_longer_exported() {
    carries("declare +x HOME", "bash -c 'echo ${HOME-none}'", "none\n").await;
}

#[tokio::test]
async fn a_variable_that_was_unset_although_the_engine_has_it() {
    carries("unset HOME; unset -v PATH", "echo ${HOME-none} ${PATH-none}", "none none\n").await;
}

#[tokio::test]
async fn arrays_and_associative_arrays() {
    carries(
        "a=([3]='x y' [5]=$'1\\n2'); declare -A m=([k v]='w\"' [\"'\"]='$(no)')",
        "printf '<%s>' \"${!a[@]}\" \"${a[@]}\" \"${m[k v]}\" \"${m[\"'\"]}\"",
        "<3><5><x y><1\n2><w\"><$(no)>",
    )
    .await;
}

#[tokio::test]
async fn an_associative_array_that_is_still_empty() {
    carries("declare -A m", "m[x]=1 m[y]=2; echo ${#m[@]}", "2\n").await;
}

#[tokio::test]
async fn integer_readonly_and_case_attributes() {
    carries(
        "declare -i n=1; readonly r=2; declare -u up; declare -r -a ra=(1 2)",
        "n=n+2; up=abc; (r=3) 2>/dev/null || echo readonly; (ra=()) 2>/dev/null || echo readonly; echo $n $r $up",
        "readonly\nreadonly\n3 2 ABC\n",
    )
    .await;
}

#[tokio::test]
async fn namerefs() {
    carries("v=old; declare -n ref=v", "ref=new; echo $v", "new\n").await;
}

#[tokio::test]
async fn values_of_several_lines_that_look_like_declarations() {
    carries(
        "v=$'declare -- x=\"1\"\\ndeclare -A m\\n)\\nend '",
        "printf '%s' \"$v\"; echo; echo ${x-unset}",
        "declare -- x=\"1\"\ndeclare -A m\n)\nend \nunset\n",
    )
    .await;
}

#[tokio::test]
async fn functions() {
    carries("f() { cat <<EOF\n$1 ${#1}\nEOF\n}", "f abc", "abc 3\n").await;
}

#[tokio::test]
async fn exported_functions_and_functions_with_odd_names() {
    carries(
        "f() { echo f; }; export -f f; kube-get() { echo dash; }; a.b::c/d() { echo odd; }",
        "bash -c f; kube-get; a.b::c/d",
        "f\ndash\nodd\n",
    )
    .await;
}

#[tokio::test]
async fn functions_with_extended_patterns() {
    carries(
        "shopt -s extglob\nf() { case $1 in +(a|b)) echo yes;; esac; }\nshopt -u extglob",
        "f abab; shopt -s extglob; f abab",
        "yes\n",
    )
    .await;
}

#[tokio::test]
async fn a_function_that_was_removed() {
    let mut bench = Bench::with(|environment| {
        environment.variables.push(("BASH_FUNC_g%%".into(), "() {  echo g\n}".into()));
    });
    assert_eq!(bench.run("g; unset -f g").await, "g\n");
    assert_eq!(bench.run("type -t g || echo none").await, "none\n");
}

#[tokio::test]
async fn aliases() {
    carries("alias hi='echo \"it'\\''s\"\necho two'", "hi", "it's\ntwo\n").await;
    carries("alias hi=:; unalias hi", "alias", "").await;
}

#[tokio::test]
async fn an_alias_with_the_name_of_a_function() {
    carries("f() { echo function; }\nalias f='echo alias'", "f; \\f", "alias\nfunction\n").await;
}

#[tokio::test]
async fn set_and_shopt_options() {
    carries(
        "set -o pipefail -o noglob; set +o braceexpand; shopt -s nullglob extglob; shopt -u expand_aliases sourcepath",
        "for o in pipefail noglob braceexpand; do [[ -o $o ]] && echo $o; done; shopt -q nullglob && shopt -q extglob && echo on
         shopt -q expand_aliases || shopt -q sourcepath || echo off",
        "pipefail\nnoglob\non\noff\n",
    )
    .await;
}

#[tokio::test]
async fn errexit_and_nounset_work_in_the_next_block() {
    let mut bench = Bench::new();
    bench.run("set -eu").await;
    assert_eq!(bench.result("a=1; false; a=2").await.ending, Ending::Exit(1));
    assert_eq!(bench.result("a=3; echo $nothing; a=4").await.ending, Ending::Exit(1));
    assert_eq!(bench.run("echo $a").await, "3\n");
}

#[tokio::test]
async fn xtrace_and_verbose_show_the_block_and_nothing_of_the_engines() {
    let mut bench = Bench::new();
    bench.run("set -xv").await;
    bench.run("echo a").await;
    assert_eq!(bench.err(), "echo a\n++ echo a\n");
}

#[tokio::test]
async fn noclobber_noglob_ifs_and_positional_parameters() {
    carries(
        "set -C -f; IFS=,; set -- 'a b' '*'; x=1,2",
        "printf '<%s>' \"$@\" $x; set +f; printf '%q' \"$IFS\"",
        "<a b><*><1><2>\\,",
    )
    .await;
    // A second time, for the state was saved with these in force.
    let mut bench = Bench::new();
    bench.run("set -C -f; IFS=adeo").await;
    bench.run("b=1").await;
    assert_eq!(bench.run("echo \"$b$IFS\"").await, "1adeo\n");
}

#[tokio::test]
async fn posix_mode() {
    carries("x-y() { echo odd; }; alias p='echo p'\nset -o posix", "p; [[ -o posix ]] && echo posix", "p\nposix\n")
        .await;
}

#[tokio::test]
async fn the_umask() {
    carries("umask 027", "umask", "0027\n").await;
}

#[tokio::test]
async fn all_this_under_commands_named_like_those_that_save_it() {
    carries(
        "for name in declare printf set shopt alias source trap cd umask pwd exit test unset compgen true; do
           eval \"$name() { echo hijacked; }\"
         done
         alias declare='echo hijacked' printf='echo hijacked' case='echo'
         a=1; f() { echo f; }",
        "echo $a; f; declare; \\declare; printf",
        "1\nf\nhijacked\nhijacked\nhijacked\n",
    )
    .await;
}

#[tokio::test]
async fn local_variables_stay_local_and_hide_no_global_one_when_a_function_exits() {
    let mut bench = Bench::new();
    let block =
        "g=global; declare -a l=(1 2); main() { local g=local l=3 only=4; g() { local g=5; exit 6; }; g; }; main";
    assert_eq!(bench.result(block).await.ending, Ending::Exit(6));
    assert_eq!(bench.run("echo $g ${l[@]} ${only-none}").await, "global 1 2 none\n");
}

#[tokio::test]
async fn a_block_with_a_folder_of_its_own_leaves_the_others_where_they_were() {
    let mut bench = Bench::new();
    bench.run("mkdir a b; cd a").await;
    let mut request = bash("pwd; x=1");
    request.cwd = Some("/usr".into());
    bench.request(&request).await;
    assert_eq!(bench.out(), "/usr\n");
    assert_eq!(bench.run("echo ${PWD##*/} $x").await, "a 1\n");
    request.code = "cd /".to_owned();
    bench.request(&request).await;
    assert_eq!(bench.run("pwd").await, "/\n");
}

#[tokio::test]
async fn a_folder_that_is_gone_is_said_and_nothing_happens_elsewhere() {
    let mut bench = Bench::new();
    bench.run("touch keep; mkdir gone; cd gone; rmdir ../gone").await;
    assert_eq!(bench.run("ls -A; echo *").await, "*\n");
    assert!(bench.err().contains("/gone is gone; this runs in an empty folder instead"), "{}", bench.err());
}

#[tokio::test]
async fn no_secret_is_in_the_state_in_whatever_form() {
    let secret = "it's \"50$\" \\ `x`\tü";
    let mut bench = Bench::new();
    let mut request = bash(
        "kept=1; copy=$RUNBOOK_SECRET_TOKEN; list=(\"x${copy}y\"); declare -A m=([\"$copy\"]=1)
         alias a=\"echo '$copy'\"; set -- \"$copy\"; cd \"$(mktemp -d)\"",
    );
    request.variables.push(("RUNBOOK_SECRET_TOKEN".to_owned(), secret.to_owned()));
    let result = bench.request(&request).await;
    assert!(result.state_kept, "{}", bench.err());
    assert_eq!(
        bench.run("echo ${RUNBOOK_SECRET_TOKEN-unset}; [[ $1 = \"$copy\" ]] && echo same").await,
        "unset\nsame\n"
    );

    let state = bench.runner.state(&[secret.to_owned()]).unwrap();
    let text = String::from_utf8_lossy(&state);
    assert!(text.contains("variable kept\n"), "{text}");
    for name in ["variable copy", "variable list", "variable m\n", "alias a", "arguments", "50"] {
        assert!(!text.contains(name), "{name} in {text}");
    }
}

#[tokio::test]
async fn a_secret_is_in_no_command_line_and_no_environment() {
    let mut bench = Bench::new();
    // The word itself is not in the block, for its text is no secret.
    let mut request = bash(
        "n=hunter2; echo ${#RUNBOOK_SECRET_TOKEN}
         cat /proc/$$/environ /proc/$$/cmdline /proc/self/environ | grep -a -c $n$n; [ $RUNBOOK_SECRET_TOKEN = $n$n ]",
    );
    request.variables.push(("RUNBOOK_SECRET_TOKEN".to_owned(), "hunter2hunter2".to_owned()));
    let result = bench.request(&request).await;
    assert_eq!((bench.out().as_str(), result.ending), ("14\n0\n", Ending::Exit(0)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_the_same_in_the_next_block(
        value in prop::collection::vec(1..=255_u8, 0..40),
        locale in prop::sample::select(vec!["C", "C.UTF-8"]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let out = runtime.block_on(async {
            let given = std::ffi::OsString::from_vec(value.clone());
            let mut bench = Bench::with(|environment| {
                environment.variables.push(("LC_ALL".into(), locale.into()));
                environment.variables.push(("GIVEN".into(), given));
            });
            bench.run("plain=$GIVEN; array=(x \"$GIVEN\"); declare -A map=([k]=\"$GIVEN\"); export GIVEN2=$GIVEN; set -- \"$GIVEN\"").await;
            bench.run("unset GIVEN").await;
            bench.run("printf '%s\\0' \"$plain\" \"${array[1]}\" \"${map[k]}\" \"$GIVEN2\" \"$1\"").await;
            bench.seen.out
        });
        let expected: Vec<u8> = std::iter::repeat_n([&value[..], b"\0"].concat(), 5).flatten().collect();
        prop_assert_eq!(out, expected);
    }
}

#[tokio::test]
async fn what_is_unset_again_does_not_come_back_when_the_run_is_resumed() {
    let mut bench = Bench::new();
    bench.run("a=1").await;
    bench.run("unset a; cd .").await;
    let state = bench.runner.state(&[]).expect("something was left once");
    let mut resumed = Bench::with(|environment| environment.cwd = bench.path().canonicalize().unwrap());
    resumed.runner.restore(&state);
    assert_eq!(resumed.run("echo ${a-none}").await, "none\n");
}

#[tokio::test]
async fn a_readonly_secret_is_not_carried_and_everything_else_is() {
    let mut bench = Bench::new();
    let mut request = bash("readonly RUNBOOK_SECRET_TOKEN; a=1; f() { echo f; }");
    request.variables = vec![("RUNBOOK_SECRET_TOKEN".to_owned(), "hunter2hunter2".to_owned())];
    assert!(bench.request(&request).await.state_kept);
    assert!(!String::from_utf8_lossy(&bench.runner.state(&[]).unwrap()).contains("hunter2"));
    assert_eq!(bench.run("echo $a ${RUNBOOK_SECRET_TOKEN-none}; f").await, "1 none\nf\n");
}
