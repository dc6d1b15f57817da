//! Putting the values in.

use super::encode::{Refusal, Surroundings, encode};
use super::expression::{self, Evaluated};
use super::scan::{self, Fragment};
use super::{Language, Place, Rendered, Request, TemplateError};
use crate::runbook::Value;
use crate::source::Span;
use std::collections::BTreeMap;

/// Stands for a value while its place is looked up.
const PROBE: &str = "x";

/// Puts the values into `text`.
///
/// # Errors
/// All that is wrong with the template, not only the first.
pub fn render(text: &str, request: &Request<'_>) -> Result<Rendered, Vec<TemplateError>> {
    let fragments = scan::fragments(text).map_err(|error| vec![error])?;
    let environment = expression::environment(request.now);
    let mut errors = Vec::new();
    let mut evaluated = Vec::new();
    for fragment in &fragments {
        match expression::evaluate(&environment, fragment, request.values) {
            Ok(value) => evaluated.push(Some(value)),
            Err(error) => {
                errors.push(error);
                evaluated.push(None);
            }
        }
    }
    // What is raw belongs to the text, and may decide what the rest stands in.
    let probes: Vec<&str> = evaluated
        .iter()
        .map(|value| if let Some(Evaluated::Raw(raw)) = value { raw.as_str() } else { PROBE })
        .collect();
    let probe = Filled::new(text, &fragments, &probes);
    let mut encoded = Vec::new();
    for ((fragment, value), at) in fragments.iter().zip(&evaluated).zip(&probe.spans) {
        let Some(value) = value else {
            encoded.push(String::new());
            continue;
        };
        let around = Surroundings {
            place: place_of(request, &probe.text, at.start),
            before: &probe.text[..at.start],
            after: &probe.text[at.end..],
        };
        let secret = match value {
            Evaluated::Secret(name) => secret_variable(name, request.values),
            _ => String::new(),
        };
        encoded.push(encode(value, request.language, &around, &secret).unwrap_or_else(|refusal| {
            errors.push(refused(fragment, refusal));
            String::new()
        }));
    }
    if !errors.is_empty() {
        errors.sort_by_key(TemplateError::span);
        return Err(errors);
    }
    let encoded: Vec<&str> = encoded.iter().map(String::as_str).collect();
    let filled = Filled::new(text, &fragments, &encoded);
    check_structure(request, &fragments, &probe, &filled)?;
    let mut rendered = Rendered { text: filled.text, secrets: Vec::new(), raw: Vec::new() };
    for (value, span) in evaluated.iter().flatten().zip(&filled.spans) {
        match value {
            Evaluated::Raw(_) => rendered.raw.push(*span),
            Evaluated::Secret(name) => {
                let variable = secret_variable(name, request.values);
                let known = rendered.secrets.iter().any(|(other, _)| *other == variable);
                if let Some(secret) = request.values.get(name).filter(|_| !known) {
                    rendered.secrets.push((variable, secret.text.clone()));
                }
            }
            _ => {}
        }
    }
    Ok(rendered)
}

/// A text with something in the place of each `{{ … }}`.
struct Filled {
    text: String,
    spans: Vec<Span>,
}

impl Filled {
    fn new(text: &str, fragments: &[Fragment<'_>], fillings: &[&str]) -> Self {
        let mut filled = Self { text: String::with_capacity(text.len()), spans: Vec::with_capacity(fragments.len()) };
        let mut at = 0;
        for (fragment, filling) in fragments.iter().zip(fillings) {
            filled.text.push_str(&text[at..fragment.span.start]);
            let start = filled.text.len();
            filled.text.push_str(filling);
            filled.spans.push(Span::new(start, filled.text.len()));
            at = fragment.span.end;
        }
        filled.text.push_str(&text[at..]);
        filled
    }
}

/// Compares the places before, and after, each value with those of the text
/// without the values.
fn check_structure(
    request: &Request<'_>,
    fragments: &[Fragment<'_>],
    probe: &Filled,
    filled: &Filled,
) -> Result<(), Vec<TemplateError>> {
    let changed = |(before, after): (&Span, &Span)| {
        place_of(request, &probe.text, before.start) != place_of(request, &filled.text, after.start)
            || place_of(request, &probe.text, before.end) != place_of(request, &filled.text, after.end)
    };
    let errors: Vec<_> = fragments
        .iter()
        .zip(probe.spans.iter().zip(&filled.spans))
        .filter(|(_, spans)| changed(*spans))
        .map(|(fragment, _)| {
            refused(
                fragment,
                Refusal {
                    reason: "the value would change what the text around it means".to_owned(),
                    help: "use another value, or put it where it stands by itself".to_owned(),
                },
            )
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn place_of(request: &Request<'_>, text: &str, at: usize) -> Place {
    match request.language {
        Language::Plain => Place::Bare,
        Language::Shell | Language::Sql(_) => (request.place)(text, at),
    }
}

fn refused(fragment: &Fragment<'_>, refusal: Refusal) -> TemplateError {
    TemplateError::Refused { span: fragment.span, reason: refusal.reason, help: refusal.help }
}

/// The environment variable that carries a secret. Two names that differ only
/// in case keep theirs.
#[must_use]
pub fn secret_variable(name: &str, values: &BTreeMap<String, Value>) -> String {
    let upper = name.to_ascii_uppercase();
    let alone = values.keys().filter(|other| other.eq_ignore_ascii_case(name)).count() == 1;
    let own = if alone { upper.as_str() } else { name };
    let own: String = own.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("RUNBOOK_SECRET_{own}")
}
