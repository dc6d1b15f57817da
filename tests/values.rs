//! A value never becomes code: it arrives byte for byte, or is refused.

use proptest::prelude::*;
use runbook::language::{Context, shell, sql};
use runbook::runbook::{Value, VariableKind};
use runbook::template::{Form, Language, Place, Rendered, Request, TemplateError, render};
use std::collections::BTreeMap;
use std::process::Command;

fn place(context: Context) -> Place {
    match context {
        Context::Bare => Place::Bare,
        Context::Command => Place::Command,
        Context::SingleQuoted => Place::SingleQuoted,
        Context::DoubleQuoted => Place::DoubleQuoted,
        Context::EscapeQuoted => Place::EscapeQuoted,
        Context::Heredoc => Place::Heredoc,
        Context::QuotedHeredoc => Place::QuotedHeredoc,
        Context::Identifier => Place::Name,
        Context::HeredocDelimiter
        | Context::Comment
        | Context::Backticks
        | Context::Evaluated
        | Context::Arithmetic
        | Context::Expansion
        | Context::DollarQuoted
        | Context::ClientCommand => Place::Elsewhere("something that reads it again"),
    }
}

fn fill(template: &str, value: &str, secret: bool, language: Language) -> Result<Rendered, Vec<TemplateError>> {
    let value = Value { text: value.to_owned(), kind: VariableKind::String, secret };
    let values = BTreeMap::from([("v".to_owned(), value)]);
    let look_up = |text: &str, at: &[usize]| {
        let contexts = match language {
            Language::Sql(Form::Postgres) => sql::contexts_at(text, at, sql::SqlDialect::Postgres),
            Language::Sql(Form::Sqlite) => sql::contexts_at(text, at, sql::SqlDialect::Sqlite),
            Language::Shell | Language::Plain => shell::contexts_at(text, at),
        };
        contexts.into_iter().map(place).collect()
    };
    render(template, &Request { language, values: &values, now: jiff::Timestamp::UNIX_EPOCH, places: &look_up })
}

/// What bash passes on when it runs the filled-in template.
fn run(rendered: &Rendered) -> Vec<u8> {
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &rendered.text])
        .envs(rendered.secrets.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}: {}", rendered.text, String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}: {}", rendered.text, String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Texts of harmless characters, and texts that attack.
fn hostile() -> impl Strategy<Value = String> {
    let attack = prop::sample::select(vec![
        "'", "\"", "`", "$", "$(id)", "${x}", ";", "|", "&", "\n", " ", "\\", "-", "--", "*", "?", "~", "#", "!", "(",
        ")", "{", "}", "<", ">", "EOF", "a", "0", "=", "%", ",", "..", ":", "é", "\t", "\u{1}", "/*", "*/", "$$", "E'",
        "@", "in",
    ]);
    prop_oneof![
        "[A-Za-z0-9_./:@%+=,-]{1,12}",
        prop::collection::vec(attack, 0..6).prop_map(|pieces| pieces.concat()),
        "[^\0]{0,8}",
    ]
}

/// Templates that print one argument, and what stands around the value in it.
const SHELL: &[(&str, &str, &str)] = &[
    ("printf '%s\\0' {{ v }}", "", ""),
    ("printf '%s\\0' a{{ v }}b", "a", "b"),
    ("printf '%s\\0' \"{{ v }}\"", "", ""),
    ("printf '%s\\0' \"a {{ v }} b\"", "a ", " b"),
    ("printf '%s\\0' '{{ v }}'", "", ""),
    ("printf '%s\\0' 'a {{ v }} b'", "a ", " b"),
    ("printf '%s\\0' --option={{ v }}", "--option=", ""),
    ("x={{ v }}; printf '%s\\0' \"$x\"", "", ""),
    ("x=\"{{ v }}\"; printf '%s\\0' \"$x\"", "", ""),
    ("x=(1 {{ v }}); printf '%s\\0' \"${x[1]}\"", "", ""),
    ("printf '%s\\0' \"$(printf %s {{ v }})\"", "", ""),
    ("printf '%s\\0' \"$(printf %s '{{ v }}')\"", "", ""),
    ("printf '%s\\0' \"$(cat <<EOF\n{{ v }}\nEOF\n)\"", "", ""),
    ("printf '%s\\0' \"$(cat <<'EOF'\na {{ v }}\nEOF\n)\"", "a ", ""),
    ("case a in a) printf '%s\\0' {{ v }};; esac", "", ""),
    ("for x in {{ v }}; do printf '%s\\0' \"$x\"; done", "", ""),
    ("printf '%s\\0' $'{{ v }}'", "", ""),
    ("printf '%s\\0' $x{{ v }}", "", ""),
    ("printf '%s\\0' \\{{ v }}", "", ""),
    ("printf '%s\\0' {a,{{ v }}}", "a\0", ""),
];

const SQL: &[&str] = &[
    "SELECT * FROM jobs WHERE w = {{ v }}; SELECT 2",
    "SELECT * FROM jobs WHERE w = '{{ v }}'; SELECT 2",
    "SELECT * FROM jobs WHERE w LIKE 'a {{ v }} b' -- c\n; SELECT 2",
    "SELECT a-{{ v }}, E'{{ v }}'; SELECT 2",
    "SELECT 'a'{{ v }}; SELECT 2",
    "SELECT {{ v }}'a'; SELECT 2",
    "SELECT E{{ v }}, $${{ v }}$$; SELECT 2",
    "SELECT 1 -- {{ v }}\n; SELECT 2",
    "SELECT 1 /* {{ v }} */; SELECT 2",
    "SELECT \"{{ v }}\" FROM {{ v }}; SELECT 2",
    "SELECT 1 AS a\n{{ v }}; SELECT 2",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn a_value_reaches_bash_byte_for_byte_or_is_refused(value in hostile(), at in 0..SHELL.len()) {
        let (template, before, after) = SHELL[at];
        if let Ok(rendered) = fill(template, &value, false, Language::Shell) {
            let expected = format!("{before}{value}{after}\0");
            prop_assert_eq!(run(&rendered), expected.into_bytes(), "{}", rendered.text);
        }
    }

    #[test]
    fn a_secret_reaches_bash_byte_for_byte_and_stands_in_no_text(value in hostile(), at in 0..SHELL.len()) {
        let (template, before, after) = SHELL[at];
        // Long enough to stand in no text by chance.
        let value = format!("{value}-s3cr3t");
        if let Ok(rendered) = fill(template, &value, true, Language::Shell) {
            prop_assert!(!rendered.text.contains("s3cr3t"), "{}", rendered.text);
            let expected = format!("{before}{value}{after}\0");
            prop_assert_eq!(run(&rendered), expected.into_bytes(), "{}", rendered.text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_value_never_changes_how_many_statements_there_are(value in hostile(), at in 0..SQL.len()) {
        for (form, dialect) in [(Form::Postgres, sql::SqlDialect::Postgres), (Form::Sqlite, sql::SqlDialect::Sqlite)] {
            if let Ok(rendered) = fill(SQL[at], &value, false, Language::Sql(form)) {
                prop_assert_eq!(sql::split(&rendered.text, dialect).len(), 2, "{}", rendered.text);
            }
        }
    }
}

#[test]
fn harmless_values_are_not_refused_in_ordinary_places() {
    for (template, _, _) in &SHELL[..15] {
        fill(template, "ingest-worker.2", false, Language::Shell).expect(template);
    }
    for template in &SQL[..3] {
        fill(template, "ingest-worker.2", false, Language::Sql(Form::Postgres)).expect(template);
    }
}

#[test]
fn a_value_cannot_end_the_here_document_it_stands_in() {
    assert!(fill("cat <<EOF\n{{ v }}\nrm x\nEOF", "EOF", false, Language::Shell).is_err());
    assert!(fill("cat <<'EOF'\nE{{ v }}\nrm x\nEOF", "OF", false, Language::Shell).is_err());
}

#[test]
fn places_that_are_read_again_are_refused() {
    for template in [
        "echo `ls {{ v }}`",
        "echo $((1 + {{ v }}))",
        "echo ${x:-{{ v }}}",
        "echo ${ {{ v }} }",
        "eval echo {{ v }}",
        "# {{ v }}",
        "{{ v }}=1",
        "export {{ v }}=1",
        "{{ v }} status",
        "cat <<{{ v }}\na\n",
        "cat <<EOF\n$(ls {{ v }})\nEOF",
        "a[{{ v }}]=1",
    ] {
        assert!(fill(template, "a", false, Language::Shell).is_err(), "{template}");
    }
}
