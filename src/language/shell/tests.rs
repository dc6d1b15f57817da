use super::*;
use crate::language::Context;
use proptest::prelude::*;

mod carried;
mod contexts;
mod effects;
mod hostile;
mod incidents;
mod left_open;

fn facts(code: &str) -> ShellFacts {
    analyse(code, &|_| false, &|_| false)
}

fn names(placeholders: &[Placeholder]) -> Vec<&str> {
    placeholders.iter().map(|placeholder| placeholder.name.as_str()).collect()
}

#[test]
fn what_is_left_to_fill_in_is_found() {
    for (code, expected) in [
        ("gh run view <run-id> --log", vec!["run-id"]),
        ("gh run view <run-id>", vec!["run-id"]),
        ("kill -9 <PID>", vec!["PID"]),
        ("ssh root@<vps-ip> 'systemctl restart <service>'", vec!["vps-ip", "service"]),
        ("curl http://<host>:<port>/health", vec!["host", "port"]),
        ("echo \"see <your app name>\"", vec![]),
        ("deploy \"<your app name>\" '<password>'", vec!["your app name", "password"]),
        ("grep -o '<title>' f; sed 's/<main>/x/' f; printf '<script>'; awk '/<b>/' f", vec![]),
        ("sudo grep '<title>' f", vec![]),
        ("ssh h \"grep '<title>' f\"", vec![]),
        ("python3 -c 'print(\"<p>\")'", vec![]),
        ("frob 'a <b> c'", vec![]),
        ("curl \"https://<host>/x\"", vec!["host"]),
        ("psql -c 'DELETE FROM a WHERE id = <id>'", vec!["id"]),
        ("cat < file > out", vec![]),
        ("sort <input >output", vec![]),
        ("cat <<EOF > out\n<html>\nEOF", vec![]),
        ("diff <(ls a) <(ls b)", vec![]),
        ("cat <in.txt>out.txt", vec![]),
        ("echo $((1<x)) >y", vec![]),
        ("ls # replace <name>", vec![]),
        ("tar xf backup-YYYYMMDD.tar", vec!["YYYYMMDD"]),
        ("railway logs --service your-service", vec!["your-service"]),
        ("export URL=YOUR_URL", vec!["YOUR_URL"]),
        ("call XXXX-XXXX", vec!["XXXX-XXXX"]),
        ("railway restart --service SERVICE_ID", vec!["SERVICE_ID"]),
        ("railway restart --service=SERVICE_ID", vec!["SERVICE_ID"]),
        ("alembic stamp MIGRATION_VERSION", vec!["MIGRATION_VERSION"]),
        ("echo $SERVICE_ID ${SERVICE_ID}", vec![]),
        ("export SERVICE_ID=1; foo SERVICE_ID", vec![]),
        ("cat <<END_TEXT\nhi\nEND_TEXT", vec![]),
        ("grep ERROR_CODE log; docker run -e MY_VAR x; psql -v ON_ERROR_STOP=1", vec![]),
        ("echo '$YOUR_X'", vec![]),
    ] {
        assert_eq!(names(&facts(code).placeholders), expected, "{code}");
    }
}

#[test]
fn a_placeholder_spans_its_own_text() {
    let code = "echo é <a-b> YYYYMMDD";
    for placeholder in facts(code).placeholders {
        assert_eq!(&code[placeholder.span.start..placeholder.span.end], placeholder.text);
    }
}

#[test]
fn variables_that_nothing_sets_are_found() {
    for (code, expected) in [
        ("echo $A \"${B}\" $A", vec!["A", "B"]),
        ("A=1; echo $A", vec![]),
        ("echo $A; A=1", vec!["A"]),
        ("A=$A", vec!["A"]),
        ("export A=1\nlocal B=2\ndeclare -a C\necho $A $B $C", vec![]),
        ("export A; echo $A", vec!["A"]),
        ("for i in a b; do echo $i; done", vec![]),
        ("while read -r -p '? ' l m; do echo $l $m; done", vec![]),
        ("mapfile -t A < f; echo ${A[0]} ${#A[@]}", vec![]),
        ("printf -v A x; getopts ab O; echo $A $O", vec![]),
        ("(( n = 1 )); let m=2 k++; echo $n $m $k", vec![]),
        ("for (( i = 0; i < 3; i++ )); do echo $i; done", vec![]),
        ("echo ${A:-1} ${B-1} ${C:=1} ${D+1} ${E:+1} $C", vec![]),
        ("echo ${A:?needed}", vec![]),
        ("echo $? $1 $@ $# $$ $! $RANDOM $PWD", vec![]),
        ("echo $HOME", vec!["HOME"]),
        ("echo '$A' \\$B # $C", vec![]),
        ("cat <<'EOF'\n$A\nEOF", vec![]),
        ("cat <<EOF\n$A\nEOF", vec!["A"]),
        ("ssh h \"echo $A \\$B\"", vec!["A"]),
        ("f() { echo $A; }\nA=1\nf", vec![]),
        ("if [ -z \"$A\" ]; then A=1; fi; echo $A", vec![]),
        ("[ -n \"$A\" ] && echo $A; [[ -v B ]] && echo $B", vec![]),
        (": ${A:?needed}; echo $A", vec![]),
        ("source ./env; echo $A", vec![]),
        (". venv/bin/activate; echo $A", vec!["A"]),
        ("export $(cat .env | xargs); echo $A", vec![]),
        ("eval \"$(ssh-agent)\"; echo $SSH_AGENT_PID", vec![]),
    ] {
        let unset = facts(code).unset;
        let found: Vec<_> = unset.iter().map(|unset| unset.name.as_str()).collect();
        assert_eq!(found, expected, "{code}");
    }
    assert_eq!(analyse("echo $A", &|name| name == "A", &|_| false).unset, []);
}

#[test]
fn in_what_the_grammar_cannot_parse_nothing_is_unset_that_seems_to_be_set() {
    let code =
        "for queue in a b; do\n  read -r name < f\n  last=$queue; if [ -e $name ]; then echo $last $NOBODY\ndone\n";
    assert!(facts(code).unparsed.is_some());
    let unset: Vec<String> = facts(code).unset.into_iter().map(|unset| unset.name).collect();
    assert_eq!(unset, ["NOBODY"]);
}

#[test]
fn variables_left_for_later_blocks_are_found() {
    for (code, expected) in [
        ("A=1\nexport B=2 C\nread -r D\nfor E in x; do :; done", vec!["A", "B", "D", "E"]),
        ("A=1 cmd", vec![]),
        ("(A=1); echo $(B=1); f() { local C=1; }", vec![]),
        ("a=(1 2); a+=(3); b[0]=1", vec!["a", "b"]),
    ] {
        assert_eq!(facts(code).sets, expected, "{code}");
    }
}

#[test]
fn commands_are_split_by_grammar() {
    for (code, expected) in [
        ("ls\ndf -h", vec!["ls", "df -h"]),
        ("# look\n# twice\nls # here\n\n# then\ndf", vec!["# look\n# twice\nls", "# then\ndf"]),
        ("curl \\\n  -X POST \\\n  url\nls", vec!["curl \\\n  -X POST \\\n  url", "ls"]),
        ("cat <<EOF\na\n# b\nEOF\nls", vec!["cat <<EOF\na\n# b\nEOF", "ls"]),
        ("for i in 1 2; do\n  echo $i\ndone\nls", vec!["for i in 1 2; do\n  echo $i\ndone", "ls"]),
        ("a && b ||\n c; d &", vec!["a && b ||\n c", "d &"]),
        ("echo 'a\nb'\nls", vec!["echo 'a\nb'", "ls"]),
        ("if true; then\nls", vec!["if true; then\nls"]),
        ("# only\n\n", vec![]),
        // A no-break space is a word to the shell.
        ("\u{a0};\"\"", vec!["\u{a0}", "\"\""]),
    ] {
        let found: Vec<_> = split(code).iter().map(|span| &code[span.start..span.end]).collect();
        assert_eq!(found, expected, "{code}");
    }
}

#[test]
fn what_surrounds_a_value_is_told() {
    for (code, expected) in [
        ("echo @", Context::Bare),
        ("echo a-@-b", Context::Bare),
        ("@ status", Context::Command),
        ("/opt/@/restart", Context::Command),
        ("sudo; @", Context::Command),
        ("nohup @", Context::Command),
        ("sudo @", Context::Command),
        ("sudo -u @ ls", Context::Bare),
        ("sudo -u app @", Context::Command),
        ("/usr/bin/sudo -n timeout -k 3 5 @", Context::Command),
        ("timeout 5 @", Context::Command),
        ("timeout @ ls", Context::Bare),
        ("exec @", Context::Command),
        ("command @", Context::Command),
        ("ls | xargs -n 1 @", Context::Command),
        ("xargs grep @", Context::Bare),
        ("source @", Context::Command),
        (". @", Context::Command),
        ("env @ ls", Context::Command),
        ("env A=@ ls", Context::Bare),
        ("env A=1 @", Context::Command),
        ("sudo \"@\"", Context::Command),
        ("'@' status", Context::Command),
        ("\"/opt/@\" status", Context::DoubleQuoted),
        ("ssh @ ls", Context::Bare),
        ("ssh h @", Context::Command),
        ("sudo systemctl restart @", Context::Bare),
        ("sudo -- @", Context::Command),
        ("bash @", Context::Command),
        ("eval @", Context::Evaluated),
        ("echo '@'", Context::SingleQuoted),
        ("echo 'a @ b'", Context::SingleQuoted),
        ("echo \"@\"", Context::DoubleQuoted),
        ("echo $'@'", Context::EscapeQuoted),
        ("echo \"$(cat @)\"", Context::Bare),
        ("echo \"$(cat '@')\"", Context::SingleQuoted),
        ("echo `cat @`", Context::Backticks),
        ("echo ${A:-@}", Context::Expansion),
        ("echo $((1 + @))", Context::Arithmetic),
        ("((a = @))", Context::Arithmetic),
        ("let a=@", Context::Arithmetic),
        ("let @", Context::Arithmetic),
        ("A=@", Context::Bare),
        ("A=(1 @ 2)", Context::Bare),
        ("A=(@)", Context::Bare),
        ("@=1", Context::Identifier),
        ("export @=1", Context::Identifier),
        ("export A=@", Context::Bare),
        ("a[@]=1", Context::Arithmetic),
        ("for @ in a; do :; done", Context::Identifier),
        ("for a in @; do :; done", Context::Bare),
        ("read @", Context::Identifier),
        ("eval echo @", Context::Evaluated),
        ("eval \"echo @\"", Context::DoubleQuoted),
        ("ls # @", Context::Comment),
        ("ls #@", Context::Comment),
        ("echo a#@", Context::Bare),
        ("cat <<EOF\n@\nEOF", Context::Heredoc),
        ("cat <<-'EOF'\n\t@\n\tEOF", Context::QuotedHeredoc),
        ("cat <<EOF\n$(ls @)\nEOF", Context::Expansion),
        ("cat <<EOF\n${A:-@}\nEOF", Context::Expansion),
        ("cat <<EOF\n\\$(@\nEOF", Context::Heredoc),
        ("cat <<@\nx\n", Context::HeredocDelimiter),
        ("cat <<EOF | grep @\nx\nEOF", Context::Bare),
        ("cat <<EOF\nx\nEOF\necho @", Context::Bare),
        ("cat > @", Context::Bare),
        ("> @ cat", Context::Bare),
        ("2>/dev/null ls @", Context::Bare),
        ("case $x in a) echo @;; esac", Context::Bare),
        ("x=$(case a in a) echo b;; esac); echo '@'", Context::SingleQuoted),
        ("(cd /; ls @)", Context::Bare),
        ("if grep @ f; then :; fi", Context::Bare),
        ("[[ @ == b ]]", Context::Bare),
    ] {
        let at = code.find('@').expect("a mark");
        assert_eq!(places_at(&code.replace('@', "x"), &[at])[0].context, expected, "{code}");
    }
}

/// Pieces of which hostile shell text is made.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "'",
        "\"",
        "`",
        "$(",
        "${",
        "$((",
        "((",
        "))",
        "(",
        ")",
        "}",
        "{",
        "<<EOF",
        "<<-'E'",
        "EOF",
        "\n",
        "\\",
        "#",
        ";",
        "|",
        "&",
        "<",
        ">",
        "<a>",
        " ",
        "rm -rf /",
        "case",
        "esac",
        "in",
        "for",
        "do",
        "done",
        "if",
        "eval",
        "let",
        "a=",
        "a[",
        "]",
        "$'",
        "é",
        "\t",
        "bash -c",
        "ssh h",
        "sudo",
        "=",
        "$x",
        "\0",
        "\r",
        "\u{10ffff}",
        "漢",
        "1",
        "..",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// Each of these ended the process: the grammar's scanner looked the character
/// up in a table of 384.
#[test]
fn a_character_far_up_behind_a_brace_ends_nothing() {
    for code in [
        "{\u{10ffff}",
        "echo {\u{10ffff}}",
        "echo {1\u{10ffff}",
        "echo {1..\u{10ffff}}",
        "echo {..\u{10ffff}}",
        "echo {1..23\u{10ffff}}",
        "{\u{10ffff}..{\u{10ffff}\u{10ffff}",
        "a=${\u{10ffff}",
        "echo $\\\n{\u{10ffff}",
        "[[ a =~ {\u{10ffff} ]]",
    ] {
        let _ = facts(code);
        let far = '\u{10ffff}';
        let read = syntax::in_range(code);
        assert_eq!(read.len(), code.len(), "{code}");
        assert!(
            !["{", "{1", "{1..", "{..", "{1..23"].iter().any(|before| { read.contains(&format!("{before}{far}")) }),
            "{read}"
        );
    }
    assert_eq!(facts("rm -rf /srv/{漢,字}").effect, Effect::Destructive);
    assert_eq!(facts("echo {漢}; echo '{…}' \"${…}\" {🙂..3}").effect, Effect::Read);
    let found: Vec<_> = split("echo {漢\nrm {1..字} f").iter().map(|span| span.end).collect();
    assert_eq!(found, [9, 23]);
}

proptest! {
    #[test]
    fn what_the_grammar_is_given_keeps_every_other_byte(code in prop_oneof![hostile(), any::<String>()]) {
        let read = syntax::in_range(&code);
        prop_assert_eq!(read.len(), code.len());
        let mut armed = false;
        for (at, c) in code.char_indices() {
            let given = &read[at..at + c.len_utf8()];
            let replaced = armed && c > '\u{ff}';
            prop_assert_eq!(given == code[at..at + c.len_utf8()].to_owned(), !replaced);
            armed = c == '{' || (armed && (c == '.' || c.is_ascii_digit()));
        }
    }

    #[test]
    fn any_text_is_looked_at_without_panic(code in prop_oneof![hostile(), any::<String>()], at in 0usize..200) {
        let found = facts(&code);
        for placeholder in &found.placeholders {
            prop_assert_eq!(code.get(placeholder.span.start..placeholder.span.end), Some(placeholder.text.as_str()));
        }
        let _ = places_at(&code, &[at]);
        let mut end = 0;
        for span in split(&code) {
            prop_assert!(span.start >= end && span.end > span.start && code.get(span.start..span.end).is_some());
            end = span.end;
        }
    }

    #[test]
    fn broken_syntax_never_hides_a_removal(before in "[a-z ]{0,8}", broken in prop::sample::select(vec![
        "if true; then", "for x in", "case x in", "f() {", "while", "echo )", "((", "[[ a",
    ])) {
        let code = format!("{before}\n{broken}\nrm -rf /var/lib/x\n");
        prop_assert_eq!(facts(&code).effect, Effect::Destructive, "{}", code);
    }
}
