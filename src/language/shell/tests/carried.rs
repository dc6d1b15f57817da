//! What lines leave set in the shells they run in.

use super::*;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

/// What is set again after `code` has run within one shell, and what is lost.
fn carried(code: &str) -> (Vec<String>, Vec<String>) {
    let found = settings(code, 1, &|_| false);
    let lost = found.iter().filter(|setting| setting.code.is_none()).flat_map(|setting| setting.sets.clone());
    (found.iter().filter_map(|setting| setting.code.clone()).collect(), lost.collect())
}

#[test]
fn lines_that_only_set_something_are_carried_along() {
    for (code, expected) in [
        ("cd /srv/app", vec!["cd /srv/app || exit"]),
        ("cd \"$HOME/my app\"  # go", vec!["cd \"$HOME/my app\" || exit"]),
        ("pushd /srv", vec!["pushd /srv >/dev/null || exit"]),
        ("cd - >/dev/null", vec!["cd - >/dev/null || exit"]),
        ("X=1", vec!["X=1"]),
        ("A=1 B=\"$A b\"", vec!["A=1 B=\"$A b\""]),
        ("export X=1 Y", vec!["export X=1 Y"]),
        ("declare -A map=([a]=1)", vec!["declare -A map=([a]=1)"]),
        ("unset X", vec!["unset X"]),
        ("set -euo pipefail", vec!["set -euo pipefail"]),
        ("shopt -s nullglob", vec!["shopt -s nullglob"]),
        ("umask 077; ulimit -n 4096", vec!["umask 077", "ulimit -n 4096"]),
        ("alias k=kubectl", vec!["alias k=kubectl"]),
        ("source venv/bin/activate", vec!["source venv/bin/activate"]),
        (". ~/.bashrc", vec![". ~/.bashrc"]),
        ("source /opt/app/deploy-env.sh prod", vec!["source /opt/app/deploy-env.sh prod"]),
        ("deactivate", vec!["deactivate"]),
        ("f() {\n  rm -rf \"$1\"\n}", vec!["f() {\n  rm -rf \"$1\"\n}"]),
        ("if [ -f .env ]; then\n  source .env\nfi", vec!["if [ -f .env ]; then\n  source .env\nfi"]),
        ("[ -f .env ] && . .env", vec!["[ -f .env ] && . .env"]),
        // Of what has succeeded, the part that sets something.
        ("cd /srv/app && git pull && export X=1", vec!["cd /srv/app || exit", "export X=1"]),
        ("mkdir -p x && cd x", vec!["cd x || exit"]),
        ("cd /srv || { echo none; exit 1; }", vec!["cd /srv || exit"]),
        ("cd /srv/app && source .env", vec!["cd /srv/app || exit", "source .env"]),
        ("cd /srv/app || cd /opt/app", vec!["cd /srv/app || cd /opt/app || exit"]),
        ("[ -d /srv ] && cd /srv && X=1", vec!["[ -d /srv ] && cd /srv && X=1"]),
        ("git clone x && cd x\nls", vec!["cd x || exit"]),
        ("X=1\ngit pull\ncd /srv", vec!["X=1", "cd /srv || exit"]),
    ] {
        assert_eq!(carried(code), (expected.into_iter().map(str::to_owned).collect(), vec![]), "{code}");
    }
}

#[test]
fn what_only_a_command_can_tell_is_lost() {
    for (code, lost) in [
        ("POD=$(kubectl get pod -o name)", vec!["POD"]),
        ("export POD=`pod`", vec!["POD"]),
        ("export $(cat .env)", vec!["*"]),
        ("read NAME", vec!["NAME"]),
        ("cd \"$(mktemp -d)\"", vec!["PWD"]),
        ("cd $(dirname x) && X=1", vec!["PWD"]),
        ("eval \"$(ssh-agent)\"", vec!["*"]),
        ("PID=$!", vec!["PID"]),
        ("N=$RANDOM", vec!["N"]),
        ("FILES=(*.log)", vec!["FILES"]),
        ("printf -v X %s y", vec!["X"]),
        ("mapfile -t LINES_OF <f", vec!["LINES_OF"]),
        // It may do work, which nobody wants done twice.
        ("source ./deploy.sh", vec!["*"]),
        ("if id; then X=1; fi", vec!["X"]),
        ("id || cd /srv", vec!["PWD"]),
        // It may have failed, as nobody has asked for.
        ("grep -q x f && MODE=a\nls", vec!["MODE"]),
        // What depends on it is as little known.
        ("A=$(id)\nB=$A/x\nC=1", vec!["A", "B"]),
        ("cd \"$(mktemp -d)\"\ncd sub\n. .env", vec!["PWD", "PWD", "*"]),
    ] {
        assert_eq!(carried(code).1, lost, "{code}");
    }
    // What is set anew is known again.
    assert_eq!(carried("A=$(id)\nA=1\nB=$A").0, ["A=1", "B=$A"]);
    let found = settings("B=$A", 1, &|name| name == "A");
    assert_eq!(found[0].code, None);
}

#[test]
fn what_sets_nothing_for_what_follows_is_left_where_it_is() {
    for code in [
        "ls",
        "X=1 make",
        "(cd /srv && make)",
        "echo y | read X",
        "env X=1 make",
        "for f in a b; do echo $f; done",
        "while read -r line; do echo $line; done <f",
        "if [ -n \"$X\" ]; then ls; fi",
        "echo \"cd /srv\"",
        "X=1 &",
        "export -p",
        "set",
        "# cd /srv",
        "cat <<EOF\ncd /srv\nEOF",
    ] {
        assert_eq!(carried(code), (vec![], vec![]), "{code}");
    }
}

#[test]
fn each_setting_belongs_to_the_shell_it_is_made_in_while_that_is_entered() {
    let depths = |code: &str, within: usize| {
        let found = settings(code, within, &|_| false);
        found.into_iter().map(|setting| (setting.depth, setting.code.unwrap_or_default())).collect::<Vec<_>>()
    };
    let owned =
        |list: &[(usize, &str)]| list.iter().map(|(depth, code)| (*depth, (*code).to_owned())).collect::<Vec<_>>();
    assert_eq!(depths("X=0\nssh h\nX=1\nsudo -u a bash\nX=2\n", 0), owned(&[(1, "X=1"), (2, "X=2")]));
    assert_eq!(depths("ssh h\nX=1\nbash\nX=2\nexit\nX=3\n", 0), owned(&[(1, "X=1"), (1, "X=3")]));
    assert_eq!(depths("ssh h\nX=1\nexit\nX=2\n", 0), []);
    assert_eq!(depths("X=2\nexit\nX=1\n", 2), owned(&[(1, "X=1")]));
    assert_eq!(depths("X=2\nexit\nX=1\nexit\nX=0\n", 2), []);
    assert_eq!(depths("X=1\nexit\nssh b\nX=2\n", 1), owned(&[(1, "X=2")]));
    assert_eq!(depths("psql\nSELECT 1;\n\\q\nX=1\n", 1), owned(&[(1, "X=1")]));
}

#[test]
fn a_text_that_is_not_understood_may_have_set_anything() {
    assert_eq!(carried("X=1\nif then\n").1, ["*"]);
}

#[test]
fn folders_that_were_only_passed_through_are_not_gone_to_again() {
    let lines = ["cd /a || exit", "X=1", "cd /b || exit", "export Y=2"];
    assert_eq!(needed(&lines, "ls"), ["X=1", "cd /b || exit", "export Y=2"]);
    // They count for what is relative to them, and for who looks back.
    let lines = ["cd /a || exit", "cd b || exit"];
    assert_eq!(needed(&lines, "ls"), lines);
    let lines = ["cd /a || exit", "source .env", "cd /b || exit"];
    assert_eq!(needed(&lines, "ls"), lines);
    let lines = ["cd /a || exit", "cd /b || exit"];
    assert_eq!(needed(&lines, "cd -"), lines);
    assert_eq!(needed(&lines, "ls"), ["cd /b || exit"]);
}

#[test]
fn lines_are_set_first_in_the_shell_that_they_belong_to() {
    let within = ["ssh h".to_owned(), "sudo -i".to_owned()];
    let first = [vec!["cd /srv || exit".to_owned()], vec!["X=1".to_owned(), "f() {\n  INSIDE\n}".to_owned()]];
    let entered = enter_with("id\n", &within, &first).expect("clear").expect("entered");
    assert_eq!(
        entered.run,
        "ssh h \"$(cat <<'INSIDE'\ncd /srv || exit\nsudo -i <<'INSIDE_2'\n{\ntrue\nX=1\nf() {\n  INSIDE\n}\nid\n\
         } </dev/null\nINSIDE_2\nINSIDE\n)\"\n"
    );
    assert_eq!(entered.lines.len(), entered.run.matches('\n').count());
}

#[test]
fn what_leaves_a_shell_is_one_with_the_command_before_it() {
    let parts = |code: &str| split(code).iter().map(|span| code[span.start..span.end].to_owned()).collect::<Vec<_>>();
    assert_eq!(parts("a\nb\nexit  # from h\nc\n"), ["a", "b\nexit", "c"]);
    assert_eq!(parts("exit\nlogout\na\nb\n"), ["exit\nlogout\na", "b"]);
    assert_eq!(parts("exit\n"), ["exit"]);
    assert_eq!(parts("a\nssh h\nb\nexit\nc\nexit\nexit\n"), ["a", "ssh h\nb\nexit", "c\nexit\nexit"]);
}

/// What bash prints for `code`.
fn printed(code: &str) -> String {
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", code]).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/").current_dir("/");
    let output = bash.stdin(Stdio::null()).output().expect("bash is there");
    assert!(output.stderr.is_empty(), "{code}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const PROBE: &str = "echo probe:\nprintf '%s|' \"$PWD\" \"${X-}\" \"${Y-}\" \"${list[*]-}\" \"$-\" \"$(umask)\"\n\
    env | grep ^Y=\ndeclare -F\nalias\nshopt -p nullglob\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_new_shell_is_set_as_the_one_shell_of_a_terminal_would_be(
        blocks in prop::collection::vec(prop::sample::select(vec![
            "cd /usr", "cd /usr/bin", "cd ..", "cd", "cd /tmp && true", "cd /usr || exit 1", "true && cd /",
            "cd /usr >/dev/null\ncd - >/dev/null", "pushd /usr/lib >/dev/null", "pushd /tmp >/dev/null\npopd >/dev/null",
            "X=1", "X=2", "X+=a", "Y=\"$X b\"", "export Y=\"${X-none}\"", "export Y", "unset X", "Y='it'\\''s'\nX=$Y",
            "list=(a 'b c')", "list+=(d)", "set -f", "set +f", "umask 027", "alias k='kubectl get'",
            "shopt -s nullglob", "shopt -u nullglob", "f() { echo \"$X\"; }", "if [ -d /usr ]; then\n  X=usr\nfi",
            "[ -n \"$X\" ] && Y=$X || true", "(cd /tmp; X=sub)", "echo a | read X", "X=here true",
            ": \"${X:=default}\"", "declare -r CONST=1 2>/dev/null",
        ]), 1..9),
    ) {
        let whole = format!("{}\n{PROBE}", blocks.join("\n"));
        let mut lines: Vec<String> = Vec::new();
        let mut lost: BTreeSet<String> = BTreeSet::new();
        for block in &blocks {
            for setting in settings(block, 1, &|name| lost.contains(name)) {
                match setting.code {
                    Some(code) => lines.push(code),
                    None => lost.extend(setting.sets),
                }
            }
        }
        prop_assert!(lost.is_empty(), "{:?}", lost);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let first = needed(&lines, PROBE).join("\n");
        let after = |output: String| output.split_once("probe:").map(|(_, after)| after.to_owned());
        prop_assert_eq!(after(printed(&format!("{first}\n{PROBE}"))), after(printed(&whole)), "{}\n---\n{}", whole, first);
    }

    #[test]
    fn any_text_leaves_something_set_without_panic(code in prop_oneof![hostile(), any::<String>()], within in 0..3_usize) {
        let code = format!("ssh h\n{code}");
        for setting in settings(&code, within, &|name| name.len() > 3) {
            prop_assert!(setting.depth > 0 && setting.span.end <= code.len());
            let _ = setting.code.as_deref().map(is_idempotent);
        }
        let _ = split(&code);
    }
}
