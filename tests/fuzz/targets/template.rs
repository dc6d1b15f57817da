//! Any text as a template: nothing panics, what is refused has its place, and
//! a secret stands in no text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use runbook::language::{shell, sql};
use runbook::runbook::{Value, VariableKind};
use runbook::source::{Context, Place};
use runbook::template::{Form, Language, Request, references, render, without_values};
use runbook_fuzz::{assert_in_order, assert_within};
use std::collections::BTreeMap;

const SECRET: &str = "correct-horse-battery";

fuzz_target!(|input: (&str, &str)| {
    let (text, value) = input;
    if text.contains(SECRET) || value.contains(SECRET) {
        return;
    }
    match references(text) {
        Ok(found) => assert_in_order(text, found.iter().map(|(_, span)| *span)),
        Err(error) => assert_within(text, error.span()),
    }
    let values = BTreeMap::from([
        ("a".to_owned(), Value { text: value.to_owned(), kind: VariableKind::String, secret: false }),
        ("n".to_owned(), Value { text: "-7".to_owned(), kind: VariableKind::Int, secret: false }),
        ("s".to_owned(), Value { text: SECRET.to_owned(), kind: VariableKind::String, secret: true }),
    ]);
    let shell = |text: &str, at: &[usize]| shell::places_at(text, at);
    let sql = |text: &str, at: &[usize]| sql::places_at(text, at, sql::SqlDialect::Postgres);
    let plain = |_: &str, at: &[usize]| vec![Context::Bare.into(); at.len()];
    let languages: [(Language, &dyn Fn(&str, &[usize]) -> Vec<Place>); 3] =
        [(Language::Shell, &shell), (Language::Sql(Form::Postgres), &sql), (Language::Plain, &plain)];
    for (language, places) in languages {
        assert_eq!(without_values(text, language).len(), text.len());
        let request = Request { language, values: &values, now: jiff::Timestamp::UNIX_EPOCH, places };
        match render(text, &request) {
            Ok(rendered) => {
                assert!(!rendered.text.contains(SECRET));
                for raw in rendered.raw {
                    assert_within(&rendered.text, raw);
                }
            }
            Err(errors) => errors.iter().for_each(|error| assert_within(text, error.span())),
        }
    }
});
