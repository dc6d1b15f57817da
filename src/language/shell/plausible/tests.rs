//! What is told without the grammar is what the grammar would say.

use super::*;
use proptest::prelude::*;

#[test]
fn no_word_of_sentences_is_longer_than_is_looked_for() {
    let words = || OF_SENTENCES.split(' ').chain(OF_BOTH.split_whitespace());
    assert_eq!(words().map(str::len).max(), Some(LONGEST_OF_SENTENCES));
}

/// What plain commands are made of, and what stands between and in them
/// that is not plain.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        " ",
        " ",
        " ",
        " ",
        "\n",
        "\n",
        "ls",
        "kubectl",
        "get",
        "pods",
        "-n",
        "--all=x",
        "5",
        "/srv/a.log",
        "./run.sh",
        "A",
        "=",
        "$B",
        "$HOME/x",
        "\"a b\"",
        "\"$C d\"",
        "'e  f'",
        "\"ü — !\"",
        "'*[{('",
        " | ",
        "|",
        " && ",
        "; ",
        ";",
        " || ",
        " > f",
        " 2>/dev/null",
        " 2>&1",
        ">> g",
        "2",
        "# note",
        " # it's",
        " \\\n  ",
        "*.txt",
        "?",
        "~",
        "%",
        "@",
        ",",
        ":",
        "+",
        ".",
        "-",
        "in",
        "do",
        "done",
        "if",
        "then",
        "fi",
        "time",
        "test",
        "select",
        "case",
        "export",
        "let",
        "eval",
        "exec",
        "[",
        "]",
        "{}",
        "!",
        "\\",
        "&",
        "<",
        "<<E",
        "`",
        "$(",
        ")",
        "$1",
        "$?",
        "${D}",
        "\t",
        "é",
        "\"",
        "'",
        "==",
        "=~",
        "the",
        "it",
        "Run",
        "1a",
        "_",
        "true",
    ])
}

/// What data and statements are made of, and what may be a command in them.
fn piece_of_data() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        " ",
        " ",
        " ",
        "\n",
        "\n",
        "SELECT",
        "id,",
        "*",
        "FROM",
        "jobs",
        "WHERE",
        "=",
        "<>",
        "'done'",
        ";",
        "(",
        ")",
        "--",
        "1",
        "-1",
        "count",
        "\"a\"",
        "\"",
        "'",
        ":",
        "{",
        "}",
        "[",
        "]",
        ",",
        "key",
        "key:",
        "ERROR",
        "2024-01-01",
        "12:00:00",
        "ls",
        "rm",
        "service",
        "status",
        "-l",
        "--x",
        "\\\n",
        "\\",
        "A=1",
        "A=",
        "$B",
        "$(",
        "`",
        "|",
        "&&",
        "&",
        "if",
        "then",
        "fi",
        "for",
        "in",
        "do",
        "done",
        "()",
        "f()",
        "./a",
        "a.sh",
        "declare",
        "unset",
        "time",
        "!",
        "{ ",
        "<",
        ">",
        "<<E",
        "E",
        "[[",
        "]]",
        "test",
        "\r",
        "\t",
        "#",
        "é",
        "coproc",
        "select",
        "while",
        "case",
        "esac",
        "A+=(",
        "((",
        "))",
        "function",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn nothing_is_known_where_no_command_may_stand(pieces in prop::collection::vec(piece_of_data(), 1..12)) {
        let code = pieces.concat();
        if !may_hold_commands(&code) {
            prop_assert_eq!(plausibility(&code).known, 0, "{:?}", code);
        }
    }

    #[test]
    fn plain_commands_are_what_the_grammar_says_they_are(pieces in prop::collection::vec(piece(), 1..14)) {
        let code = pieces.concat();
        if let Some(found) = of_plain_commands(&code) {
            prop_assert_eq!(found, by_grammar(&code), "{:?}", code);
        }
    }
}
