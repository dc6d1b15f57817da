//! A value never becomes code, whether it stands for a `{{ … }}` or for a
//! placeholder that the page left open: it arrives byte for byte in real bash,
//! SQLite, Postgres and MariaDB, or is refused, and nothing else happens.

mod bash;
mod databases;
#[path = "../servers/mod.rs"]
mod servers;

use proptest::prelude::*;
use runbook::language::{shell, sql};
use runbook::runbook::{Value, VariableKind};
use runbook::source::Span;
use runbook::template::{Form, Language, Rendered, Request, Substitution, TemplateError, substitute};
use std::collections::BTreeMap;

/// What a text says where its value belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Template,
    Placeholder,
}

const WRITINGS: [Writing; 2] = [Writing::Template, Writing::Placeholder];

/// `code` with `value` in the place of its `<v>`.
fn fill(
    code: &str,
    value: &str,
    secret: bool,
    language: Language,
    writing: Writing,
) -> Result<Rendered, Vec<TemplateError>> {
    let value = Value { text: value.to_owned(), kind: VariableKind::String, secret };
    let values = BTreeMap::from([("v".to_owned(), value)]);
    let places = |text: &str, at: &[usize]| match language {
        Language::Sql(Form::Postgres) => sql::places_at(text, at, sql::SqlDialect::Postgres),
        Language::Sql(Form::Sqlite) => sql::places_at(text, at, sql::SqlDialect::Sqlite),
        Language::Sql(Form::Mysql) => sql::places_at(text, at, sql::SqlDialect::Mysql),
        Language::Shell | Language::Plain => shell::places_at(text, at),
    };
    let request = Request { language, values: &values, now: jiff::Timestamp::UNIX_EPOCH, places: &places };
    match writing {
        Writing::Template => substitute(&code.replace("<v>", "{{ v }}"), &[], true, &request),
        Writing::Placeholder => {
            let substitution = |(at, text): (usize, &str)| Substitution {
                span: Span::new(at, at + text.len()),
                name: "v".to_owned(),
                may_be_option: false,
            };
            let substitutions: Vec<_> = code.match_indices("<v>").map(substitution).collect();
            substitute(code, &substitutions, false, &request)
        }
    }
}

/// Texts of harmless characters, and texts that attack.
fn hostile() -> impl Strategy<Value = String> {
    let attack = prop::sample::select(vec![
        "'",
        "\"",
        "`",
        "$",
        "$(touch x)",
        "`touch x`",
        "${x}",
        ";touch x;",
        "|",
        "&",
        ">x",
        "\n",
        "\ntouch x\n",
        " ",
        "\\",
        "-",
        "--",
        "-rf",
        "*",
        "?",
        "~",
        "#",
        "!",
        "!!",
        "(",
        ")",
        "{",
        "}",
        "{a,b}",
        "<",
        ">",
        "EOF",
        "\nEOF\n",
        "cat <<EOF\n",
        "a",
        "0",
        "=",
        "%",
        ",",
        "..",
        ":",
        "é",
        "\t",
        "\u{1}",
        "\u{7f}",
        "/*",
        "*/",
        "$$",
        "E'",
        "@",
        "in",
        "a[$(touch x)]",
        "'; DROP TABLE canary; --",
        "\r",
        "\u{202e}",
        "😀",
        "\0",
        "\\'",
        "$'",
        "''",
        "[",
        "]",
    ]);
    prop_oneof![
        1 => "[A-Za-z0-9_./:@%+=,-]{1,12}",
        4 => prop::collection::vec(attack, 0..6).prop_map(|pieces| pieces.concat()),
        1 => any::<String>().prop_map(|text| text.chars().take(8).collect()),
    ]
}
