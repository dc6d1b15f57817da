//! Putting values into a text: those of its `{{ … }}`, and those that a reader
//! would write over its placeholders.

use super::encode::{Refusal, Surroundings, encode};
use super::expression::Evaluated;
use super::{Language, Place, Rendered, Request, TemplateError, render};
use crate::runbook::Value;
use crate::source::Span;

/// Stands for a value while its place is looked up.
const PROBE: &str = "x";

/// A placeholder of a text, and what goes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// All of it.
    pub span: Span,
    /// The name of its value among those of the [`Request`].
    pub name: String,
}

/// Puts values over the placeholders of `text`, each in the form that its place
/// allows, and into its `{{ … }}` if it `is_template`. The placeholders are in
/// order, and overlap nothing.
///
/// # Errors
/// With every value that cannot stand where it would have to, and all that is
/// wrong with the template.
pub fn substitute(
    text: &str,
    substitutions: &[Substitution],
    is_template: bool,
    request: &Request<'_>,
) -> Result<Rendered, Vec<TemplateError>> {
    let mut pieces = if is_template { render::pieces(text, request)? } else { Vec::new() };
    pieces.sort_by_key(|piece| piece.span);
    let expressions: Vec<Span> = pieces.iter().map(|piece| piece.span).collect();
    for substitution in substitutions {
        // A placeholder inside `{{ … }}` is part of an expression.
        let next = expressions.partition_point(|expression| expression.end <= substitution.span.start);
        if expressions.get(next).is_some_and(|expression| expression.contains(substitution.span)) {
            continue;
        }
        let value = request.values.get(&substitution.name);
        let value = value.map(|value| as_written(&substitution.name, value, request.language));
        pieces.push(Piece { span: substitution.span, value, may_name: true });
    }
    pieces.sort_by_key(|piece| piece.span);
    put(text, pieces, request)
}

/// A value as its reader would write it. In SQL what is a number stands there
/// as one.
fn as_written(name: &str, value: &Value, language: Language) -> Evaluated {
    if value.secret {
        return Evaluated::Secret(name.to_owned());
    }
    let digits = value.text.strip_prefix('-').unwrap_or(&value.text);
    let is_number = !digits.is_empty()
        && digits.len() <= 18
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == "0" || !digits.starts_with('0'));
    if is_number && matches!(language, Language::Sql(_)) {
        Evaluated::Number(value.text.clone())
    } else {
        Evaluated::Text(value.text.clone())
    }
}

/// What goes into one place of a text.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) span: Span,
    /// `None` leaves the text as it is there.
    pub(super) value: Option<Evaluated>,
    /// Whether it may name a table or a column, where it can be no more than a
    /// name.
    pub(super) may_name: bool,
}

/// Puts the pieces, which are in order, into `text`.
pub(super) fn put(text: &str, mut pieces: Vec<Piece>, request: &Request<'_>) -> Result<Rendered, Vec<TemplateError>> {
    pieces.retain(|piece| piece.value.is_some());
    let values: Vec<&Evaluated> = pieces.iter().filter_map(|piece| piece.value.as_ref()).collect();
    // What is raw belongs to the text, and may decide what the rest stands in.
    let probes: Vec<&str> =
        values.iter().map(|value| if let Evaluated::Raw(raw) = value { raw.as_str() } else { PROBE }).collect();
    let probe = Filled::new(text, &pieces, &probes);
    let mut errors = Vec::new();
    let mut encoded = Vec::new();
    let places = probe.places(request);
    for (((piece, value), at), (place, _)) in pieces.iter().zip(&values).zip(&probe.spans).zip(&places) {
        let around = Surroundings { place: *place, before: &probe.text[..at.start], after: &probe.text[at.end..] };
        let written = match name_of_table(piece, value, request.language, &around) {
            Some(name) => Ok(name),
            None => {
                let secret = match value {
                    Evaluated::Secret(name) => render::secret_variable(name, request.values),
                    _ => String::new(),
                };
                encode(value, request.language, &around, &secret)
            }
        };
        encoded.push(written.unwrap_or_else(|refusal| {
            errors.push(refused(piece, refusal));
            String::new()
        }));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let encoded: Vec<&str> = encoded.iter().map(String::as_str).collect();
    let filled = Filled::new(text, &pieces, &encoded);
    check_structure(&pieces, &places, &filled.places(request))?;
    let mut rendered = Rendered { text: filled.text, secrets: Vec::new(), raw: Vec::new() };
    for (value, span) in values.iter().zip(&filled.spans) {
        match value {
            Evaluated::Raw(_) => rendered.raw.push(*span),
            Evaluated::Secret(name) => {
                let variable = render::secret_variable(name, request.values);
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

/// What stands for a placeholder in the place of a name of SQL: a plain name,
/// with that of its schema at most.
fn name_of_table(piece: &Piece, value: &Evaluated, language: Language, around: &Surroundings<'_>) -> Option<String> {
    let (Evaluated::Text(text) | Evaluated::Number(text)) = value else { return None };
    let names = piece.may_name && matches!(language, Language::Sql(_)) && around.place == Place::Name;
    let glued = |c: char| c.is_alphanumeric() || c == '_';
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let starts = |part: &str| !part.starts_with(|c: char| c.is_ascii_digit());
    let fits = if around.before.ends_with(glued) || around.after.starts_with(glued) {
        is_part(text) && (around.before.ends_with(glued) || starts(text))
    } else {
        text.split('.').all(|part| is_part(part) && starts(part))
            && text.split('.').count() <= if around.before.ends_with('"') { 1 } else { 2 }
    };
    (names && fits).then(|| text.clone())
}

/// A text with something in the place of each piece.
struct Filled {
    text: String,
    spans: Vec<Span>,
}

impl Filled {
    fn new(text: &str, pieces: &[Piece], fillings: &[&str]) -> Self {
        let mut filled = Self { text: String::with_capacity(text.len()), spans: Vec::with_capacity(pieces.len()) };
        let mut at = 0;
        for (piece, filling) in pieces.iter().zip(fillings) {
            filled.text.push_str(&text[at..piece.span.start]);
            let start = filled.text.len();
            filled.text.push_str(filling);
            filled.spans.push(Span::new(start, filled.text.len()));
            at = piece.span.end;
        }
        filled.text.push_str(&text[at..]);
        filled
    }

    /// What each filling stands in where it begins, and where it ends.
    fn places(&self, request: &Request<'_>) -> Vec<(Place, Place)> {
        if request.language == Language::Plain {
            return vec![(Place::Bare, Place::Bare); self.spans.len()];
        }
        let offsets: Vec<usize> = self.spans.iter().flat_map(|span| [span.start, span.end]).collect();
        (request.places)(&self.text, &offsets).chunks_exact(2).map(|places| (places[0], places[1])).collect()
    }
}

/// Compares the places before, and after, each value with those of the text
/// without the values.
fn check_structure(
    pieces: &[Piece],
    before: &[(Place, Place)],
    after: &[(Place, Place)],
) -> Result<(), Vec<TemplateError>> {
    let errors: Vec<_> = pieces
        .iter()
        .zip(before.iter().zip(after))
        .filter(|(_, (before, after))| before != after)
        .map(|(piece, _)| {
            refused(
                piece,
                Refusal {
                    reason: "the value would change what the text around it means".to_owned(),
                    help: "use another value, or put it where it stands by itself".to_owned(),
                },
            )
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn refused(piece: &Piece, refusal: Refusal) -> TemplateError {
    TemplateError::Refused { span: piece.span, reason: refusal.reason, help: refusal.help }
}
