//! State that is hard to keep, and what cannot be kept.

use super::carried::carries;
use super::{Bench, bash};
use crate::effect::Ending;

#[tokio::test]
async fn functions_with_names_that_other_commands_and_words_have() {
    for name in ["a,b", "f!", "@x", "-x", "é", "f.g-h:i", "123", "~x", "x+y", "main", "source", "f[1]"] {
        let define = format!("function {name} {{ echo called; }}");
        carries(&define, &format!("\\{name} 2>/dev/null || '{name}'"), "called\n").await;
    }
}

#[tokio::test]
async fn readonly_variables_of_every_kind() {
    carries(
        "readonly -a list=('a b' c); declare -rA map=([k v]=w); declare -rix number=7; readonly unset; export number",
        "echo \"${list[0]} ${map[k v]} ${unset-none}\"; bash -c 'echo $number'
         for name in list map number unset; do (eval \"$name=1\") 2>/dev/null || echo no; done",
        "a b w none\n7\nno\nno\nno\nno\n",
    )
    .await;
}

#[tokio::test]
async fn readonly_variables_that_the_engine_and_the_driver_set_too() {
    carries("readonly IFS=' ' HOME PATH SHELL; cd /", "pwd; (HOME=x) 2>/dev/null || echo no", "/\nno\n").await;
    let mut bench = Bench::new();
    bench.run("readonly PATH IFS=:").await;
    bench.run("a=1").await;
    assert_eq!(bench.run("echo \"$a$IFS\"").await, "1:\n");
}

#[tokio::test]
async fn lowercase_and_combined_attributes() {
    carries(
        "declare -l low; declare -ix n=1; declare -lx both=A; declare -ai sums=(1+1); declare -Au words=([k]=v)",
        "low=ABC n+=4 both=ABC sums[1]=2+3 words[x]=y; echo $low $n $both ${sums[@]} ${words[x]}${words[k]}; declare -p both",
        "abc 5 abc 2 5 YV\ndeclare -xl both=\"abc\"\n",
    )
    .await;
}

#[tokio::test]
async fn namerefs_to_elements_to_nothing_and_to_each_other() {
    carries(
        "a=(1 2); declare -n element='a[1]' empty target=later chain=element; x=1",
        "element=9; later=5; echo ${a[1]} $target $chain; declare -n empty=x; echo $empty",
        "9 5 9\n1\n",
    )
    .await;
}

#[tokio::test]
async fn values_that_end_in_line_ends_and_an_unset_ifs() {
    carries("v=$'a\\n\\n'; unset IFS; w='1 2'", "printf '<%s>' \"$v\" $w; echo ${IFS-none}", "<a\n\n><1><2>none\n")
        .await;
}

#[tokio::test]
async fn a_locale_that_cannot_hold_the_values() {
    carries(
        "LC_ALL=C; v=$'\\xc3\\xa9\\xff'; f() { echo é; }; unset LC_ALL; LANG=no_SUCH.locale",
        "printf %s \"$v\" | od -An -tx1; f",
        " c3 a9 ff\né\n",
    )
    .await;
}

#[tokio::test]
async fn a_variable_of_a_megabyte_and_a_thousand_functions() {
    carries(
        "printf -v big '%01000000d' 7; for i in {1..1000}; do eval \"f$i() { echo $i; }\"; done",
        "echo ${#big}; f1; f1000",
        "1000000\n1\n1000\n",
    )
    .await;
}

#[tokio::test]
async fn options_that_change_how_code_is_read() {
    carries(
        "shopt -s extglob; set -k; f() { [[ $1 == @(a|b) ]] && echo $x; }",
        "f a x=1; shopt -q extglob && echo on",
        "1\non\n",
    )
    .await;
    carries(
        "set -o posix; set -o noclobber; a=1; readonly r=2",
        "echo $a $r; set +o posix; [[ -o noclobber ]] && echo on",
        "1 2\non\n",
    )
    .await;
    carries("shopt -s extdebug; set -T -E -h -P; a=1", "echo $a$-; shopt -q extdebug && echo on", "1hBEPT\non\n").await;
    carries(
        "shopt -s nocasematch nullglob dotglob failglob lastpipe; GLOBIGNORE=x; a=1",
        "echo $a $GLOBIGNORE; [[ A == a ]] && echo on",
        "1 x\non\n",
    )
    .await;
}

#[tokio::test]
async fn a_closed_standard_error_and_a_failing_exec() {
    let mut bench = Bench::new();
    bench.run("exec 2>&-; a=3").await;
    assert_eq!(bench.run("echo $a").await, "3\n");
    let result = bench.result("a=4; exec no-such-program").await;
    assert_eq!((result.ending, result.state_kept), (Ending::Exit(127), true));
    assert_eq!(bench.run("echo $a").await, "4\n");
}

#[tokio::test]
async fn a_directory_with_a_line_end_at_its_end() {
    carries("mkdir $'odd \\n'; cd $'odd \\n'", "printf '%q' \"${PWD##*/}\"", "$'odd \\n'").await;
}

#[tokio::test]
async fn an_exit_trap_sees_the_block_and_what_it_does_itself_is_not_kept() {
    let mut bench = Bench::new();
    assert_eq!(bench.run("a=1; trap 'a=2; echo bye' EXIT; a=3").await, "bye\n");
    assert_eq!(bench.run("echo $a").await, "3\n");
}

#[tokio::test]
async fn what_cannot_be_kept_is_said_and_the_state_before_stands() {
    for (code, ending) in [
        ("exec sleep 0", Ending::Exit(0)),
        // Bash reads on and does nothing, not even what would leave the state.
        ("set -n", Ending::Exit(0)),
        ("trap 'echo bye' EXIT; exit 4", Ending::Exit(4)),
        ("trap - EXIT; exit 5", Ending::Exit(5)),
        ("trap 'exit 6' EXIT; set -e; false", Ending::Exit(6)),
        ("kill -KILL $$", Ending::Signal(9)),
    ] {
        let mut bench = Bench::new();
        bench.run("a=1").await;
        let result = bench.result(&format!("a=2; {code}")).await;
        assert_eq!((result.ending, result.state_kept), (ending, false), "{code}");
        assert_eq!(bench.run("echo $a").await, "1\n", "{code}");
    }
}

#[tokio::test]
async fn an_alias_of_any_word_while_variables_are_written_one_by_one() {
    let words = ["if", "for", "case", "while", "__runbook_text", "__runbook_variable"];
    let aliases: String = words.iter().map(|word| format!("alias {word}='echo hijacked'\n")).collect();
    let mut bench = Bench::new();
    let result = bench.result(&format!("a=1; f() {{ local a=2 b=3; exit 4; }}\n{aliases}\nf")).await;
    assert_eq!((result.ending, result.state_kept, bench.out().as_str()), (Ending::Exit(4), true, ""));
    assert_eq!(bench.run("echo $a ${b-none}; alias if").await, "1 none\nalias if='echo hijacked'\n");
}

#[tokio::test]
async fn the_saving_of_the_state_takes_no_trap_from_a_block_that_is_still_to_run_one() {
    let mut bench = Bench::new();
    let block = "a=1; trap 'echo failed' ERR; trap 'echo asked' USR1; trap 'kill -USR1 $$; false; echo bye' EXIT";
    assert_eq!(bench.run(block).await, "asked\nfailed\nbye\n");
    assert_eq!(bench.run("echo $a").await, "1\n");
}

#[tokio::test]
async fn a_limit_that_the_state_does_not_fit_in_changes_nothing_of_how_the_block_ends() {
    for (code, ending) in [("true", Ending::Exit(0)), ("exit 3", Ending::Exit(3)), ("false", Ending::Exit(1))] {
        let mut bench = Bench::new();
        bench.run("a=1").await;
        let result = bench.result(&format!("a=2; printf -v big %09999d 0; ulimit -f 1\n{code}")).await;
        assert_eq!((result.ending, result.state_kept), (ending, false), "{code}");
        assert_eq!(bench.run("echo $a").await, "1\n", "{code}");
    }
}

#[tokio::test]
async fn the_arguments_of_a_block_are_not_the_command_of_another_interpreter() {
    let mut bench = Bench::new();
    bench.run("set -- echo hijacked").await;
    let mut request = bash("echo $#");
    request.interpreter = "sh".to_owned();
    bench.request(&request).await;
    assert_eq!(bench.out(), "0\n", "{}", bench.err());
}
