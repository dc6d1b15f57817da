//! Values in shell text, run by real bash.

use crate::{WRITINGS, Writing, fill, hostile};
use proptest::prelude::*;
use runbook::template::Language;
use std::process::Command;

/// What bash prints that runs the text in an empty folder, in which nothing is
/// left behind.
fn run(text: &str, secrets: &[(String, String)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", text])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .envs(secrets.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("bash runs");
    assert!(output.stderr.is_empty(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let left = std::fs::read_dir(folder.path()).expect("the folder is there").count();
    assert_eq!(left, 0, "{text} has left something behind");
    String::from_utf8(output.stdout).expect("what was given is text")
}

/// Texts that print their value, and what stands around it in what is printed.
const SHELL: &[(&str, &str, &str)] = &[
    ("printf '%s\\0' <v>", "", "\0"),
    ("printf '%s\\0' a<v>b", "a", "b\0"),
    ("printf '%s\\0' \"<v>\"", "", "\0"),
    ("printf '%s\\0' \"a <v> b\"", "a ", " b\0"),
    ("printf '%s\\0' '<v>'", "", "\0"),
    ("printf '%s\\0' 'a <v> b'", "a ", " b\0"),
    ("printf '%s\\0' 'a'\\''<v>'\"'\"", "a'", "'\0"),
    ("printf '%s\\0' --option=<v>", "--option=", "\0"),
    ("x=<v>; printf '%s\\0' \"$x\"", "", "\0"),
    ("x=\"<v>\"; printf '%s\\0' \"$x\"", "", "\0"),
    ("export x=<v>; printf '%s\\0' \"$x\"", "", "\0"),
    ("x=(1 <v>); printf '%s\\0' \"${x[1]}\"", "", "\0"),
    ("printf '%s\\0' \"$(printf %s. <v>)\"", "", ".\0"),
    ("printf '%s\\0' \"$(printf %s. '<v>')\"", "", ".\0"),
    ("printf '%s\\0' \"$(printf %s. \"<v>\")\"", "", ".\0"),
    ("cat <<EOF\n<v>\nEOF\n", "", "\n"),
    ("cat <<'EOF'\na <v>\nEOF\n", "a ", "\n"),
    ("cat <<-EOF\n\t<v> b\n\tEOF\n", "", " b\n"),
    ("cat <<-'EOF'\n\ta<v>\n\tEOF\n", "a", "\n"),
    ("case a in a) printf '%s\\0' <v>;; esac", "", "\0"),
    ("for x in <v>; do printf '%s\\0' \"$x\"; done", "", "\0"),
    ("if true; then printf '%s\\0' \"<v>\"; fi", "", "\0"),
    ("[[ <v> == \"<v>\" ]] && printf '%s\\0' '<v>'", "", "\0"),
    ("printf '%s\\0' <v> | cat", "", "\0"),
    ("printf '%s\\0' {a,<v>}", "a\0", "\0"),
    ("(cat <<EOF; printf '%s\\0' '<v>') | tail -z -n 1\nEOF\n", "", "\0"),
    ("cat <<< '<v>'", "", "\n"),
    // What takes characters beside it, or is read again.
    ("printf '%s\\0' $'<v>'", "", "\0"),
    ("printf '%s\\0' $x<v>", "", "\0"),
    ("printf '%s\\0' \\<v>", "", "\0"),
    ("printf '%s\\0' \\\\$<v>", "", "\0"),
    ("bash -c \"printf '%s\\\\0' '<v>'\"", "", "\0"),
    ("bash -c 'printf \"%s\\0\" <v>'", "", "\0"),
    ("eval \"printf '%s\\\\0' '<v>'\"", "", "\0"),
    ("printf '%s' \"printf '%s\\\\0' <v>\" | bash", "", "\0"),
    ("bash <<EOF\nprintf '%s\\0' <v>\nEOF\n", "", "\0"),
    ("cat <<'EOF' | bash\nprintf '%s\\0' <v>\nEOF\n", "", "\0"),
    ("bash <<< \"printf '%s\\\\0' <v>\"", "", "\0"),
    ("bash -c \"$(printf '%s' 'printf \"%s\\0\" <v>')\"", "", "\0"),
    ("echo a | xargs -I{} printf '%s\\0' <v>", "", "\0"),
    ("trap \"printf '%s\\\\0' <v>\" EXIT; (exit); trap - EXIT; printf '%s\\0' '<v>'", "", "\0"),
    ("f() { bash -c \"printf '%s\\\\0' $1\"; }; f <v>", "", "\0"),
    ("find . -maxdepth 0 -exec printf '%s\\0' <v> \\;", "", "\0"),
];

/// Texts in which a value could run without being printed.
const SILENT: &[&str] = &[
    "[[ 1 -eq <v> ]] || true",
    "[[ -v <v> ]] || true",
    "test -v <v> || true",
    "printf -v <v> x || true",
    "declare -i n=<v> || true",
    "declare -i n; n=<v> || true",
    "x=([<v>]=1) || true",
    "RANDOM=<v> || true",
    "echo $((<v>)) || true",
    "x=${y:<v>} || true",
    "PS4='<v>'; set -x",
];

/// Texts where no ordinary value is refused.
const ORDINARY: usize = 27;

proptest! {
    #![proptest_config(ProptestConfig { cases: 130, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each case is forty values, and one bash that runs them all, for each of
    /// the two ways to write them: more than ten thousand together.
    #[test]
    fn a_value_reaches_bash_byte_for_byte_or_is_refused(
        values in prop::collection::vec((hostile(), 0..SHELL.len()), 1..80),
    ) {
        for writing in WRITINGS {
            let (mut text, mut expected) = (String::new(), String::new());
            for (value, at) in &values {
                let (code, before, after) = SHELL[*at];
                if let Ok(rendered) = fill(code, value, false, Language::Shell, writing) {
                    prop_assert!(!value.contains('\0'));
                    text += &(rendered.text + "\n");
                    expected += &format!("{before}{value}{after}");
                }
            }
            prop_assert_eq!(run(&text, &[]), expected, "{}", text);
        }
    }

    #[test]
    fn a_value_that_is_not_printed_runs_nothing_either(value in hostile(), at in 0..SILENT.len()) {
        for writing in WRITINGS {
            if let Ok(rendered) = fill(SILENT[at], &value, false, Language::Shell, writing) {
                run(&format!("{{ {}\n}} 2>/dev/null", rendered.text), &[]);
            }
        }
    }

    #[test]
    fn a_secret_reaches_bash_byte_for_byte_and_stands_in_no_text(value in hostile(), at in 0..SHELL.len()) {
        let (code, before, after) = SHELL[at];
        // Long enough to stand in no text by chance.
        let value = format!("{value}-s3cr3t");
        for writing in WRITINGS {
            match fill(code, &value, true, Language::Shell, writing) {
                Ok(rendered) => {
                    prop_assert!(!rendered.text.contains("s3cr3t"), "{}", rendered.text);
                    let printed = run(&rendered.text, &rendered.secrets);
                    prop_assert_eq!(printed, format!("{before}{value}{after}"));
                }
                Err(errors) => prop_assert!(!format!("{errors:?}").contains("s3cr3t"), "{errors:?}"),
            }
        }
    }
}

#[test]
fn ordinary_values_are_not_refused_in_ordinary_places() {
    for writing in WRITINGS {
        for (code, _, _) in SHELL {
            fill(code, "ingest-worker.2", false, Language::Shell, writing)
                .map_or_else(|errors| assert!(code.contains(['$', '\\']), "{code}: {errors:?}"), drop);
        }
        for (code, before, after) in &SHELL[..ORDINARY] {
            for value in ["2026-01-02 03:04", "it's \"5\" $ & more", "a\nb", "😀 *"] {
                let rendered = fill(code, value, false, Language::Shell, writing).expect(code);
                let printed = run(&rendered.text, &[]);
                assert_eq!(printed, format!("{before}{value}{after}"), "{code}");
            }
        }
    }
}

#[test]
fn a_secret_can_stand_in_every_quote_but_those_in_which_nothing_is_expanded() {
    for (code, _, _) in &SHELL[..ORDINARY] {
        let rendered = fill(code, "it's $5", true, Language::Shell, Writing::Placeholder);
        assert_eq!(rendered.is_ok(), !code.contains("'EOF'"), "{code}");
    }
    let errors = fill("cat <<'EOF'\n<v>\nEOF\n", "it's $5", true, Language::Shell, Writing::Placeholder);
    let errors = errors.expect_err("nothing is expanded there");
    assert!(errors[0].help().expect("the safe form").contains("<<EOF"), "{errors:?}");
}

#[test]
fn what_reads_its_arguments_again_gets_plain_values_only() {
    for code in [
        "ssh web \"kill <v>\"",
        "ssh web kill <v>",
        "sudo -u app sh -c 'ls <v>'",
        "kubectl exec -it pod -- sh -c \"ls <v>\"",
        "docker exec db psql -c \"SELECT '<v>'\"",
        "psql <<EOF\nSELECT '<v>';\nEOF\n",
        "echo \"SELECT '<v>'\" | sudo -u postgres psql",
        "cat <<EOF | ssh web\nkill <v>\nEOF\n",
        "x=$(ssh web \"cat <v>\")",
        "awk '/<v>/ { print }' f",
        "jq '.a == \"<v>\"' f",
        "echo <v> | xargs rm",
        "echo 'print(<v>)' | python3 -",
        "aws ec2 describe-instances --query \"x[?a=='<v>']\"",
        "f() { ssh web \"$1\"; }; f <v>",
        "psql\nSELECT '<v>';\n\\q\n",
        "A=1 sh -c \"PGPASSWORD='<v>' psql\"",
        "psql <<< \"SELECT '<v>'\"",
        "sudo -u x bash -s 2>/dev/null <<< 'ls <v>'",
        "bash 2>/dev/null <<EOF\nls <v>\nEOF\n",
        "cat <<EOF >f | bash\nls <v>\nEOF\n",
        "{ echo 'ls <v>'; } | sh",
        "while read -r x; do bash -c \"$x\"; done <<< '<v>'",
        "mysql -p'x' -e 'SELECT \"<v>\"'",
        "psql -h db -c \"SELECT 'http://<v>'\"",
        "sh -c \"$(mysql -p'<v>')\"",
    ] {
        fill(code, "ingest-worker.2", false, Language::Shell, Writing::Placeholder).expect(code);
        for value in ["1; touch x", "it's", "$(touch x)"] {
            assert!(fill(code, value, false, Language::Shell, Writing::Placeholder).is_err(), "{code}");
        }
        assert!(fill(code, "s3cr3t $x", true, Language::Shell, Writing::Placeholder).is_err(), "{code}");
    }
    for code in [
        "journalctl -u web --since \"<v>\" | awk '{ print $1 }'",
        "curl -s \"$URL\" -H 'X: <v>' | jq .items | python3 -m json.tool",
        "grep <v> f | python3 report.py",
        "kubectl -n <v> get pods -o json | jq .",
        "ssh web uptime; echo <v>",
        "sshpass -p '<v>' ssh web uptime",
        "PGPASSWORD='<v>' psql -c 'SELECT 1'",
        "mysql -u root -p'<v>' -e 'SHOW TABLES'",
        "redis-cli -a <v> ping",
        "docker exec -u <v> db sh -c uptime",
        "find . -name <v>",
    ] {
        fill(code, "two words", false, Language::Shell, Writing::Placeholder).expect(code);
    }
}

#[test]
fn a_value_cannot_end_the_here_document_it_stands_in() {
    for (code, value) in [
        ("cat <<EOF\n<v>\nrm x\nEOF", "EOF"),
        ("cat <<'EOF'\nE<v>\nrm x\nEOF", "OF"),
        ("cat <<'EOF'\n<v>\nEOF\n", "a\nEOF\ntouch x\ncat <<'EOF'\nb"),
    ] {
        assert!(fill(code, value, false, Language::Shell, Writing::Template).is_err(), "{code}");
    }
}

#[test]
fn places_that_are_read_again_by_the_shell_itself_are_refused() {
    for code in [
        "echo `ls <v>`",
        "echo $((1 + <v>))",
        "echo ${x:-<v>}",
        "echo ${ <v> }",
        "eval echo <v>",
        "# <v>",
        "<v>=1",
        "export <v>=1",
        "cat <<<v>\na\n",
        "cat <<EOF\n$(ls <v>)\nEOF",
        "a[<v>]=1",
    ] {
        assert!(fill(code, "a", false, Language::Shell, Writing::Template).is_err(), "{code}");
    }
    assert!(fill("<v> status", "a", false, Language::Shell, Writing::Template).is_err());
}
