//! Putting values into a text: those of its `{{ … }}`, and those that a reader
//! would write over its placeholders.

use super::encode::{Allowed, Refusal, Secret, Surroundings, encode, refuse};
use super::expression::Evaluated;
use super::{Form, Language, Rendered, Request, TemplateError, render};
use crate::runbook::Value;
use crate::source::{Context, Place, Span};

/// Stands for a value while its place is looked up.
const PROBE: &str = "x";

/// A placeholder of a text, and what goes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// All of it.
    pub span: Span,
    /// The name of its value among those of the [`Request`].
    pub name: String,
    /// Whether somebody has said that the value is meant to be read as an
    /// option.
    pub may_be_option: bool,
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
    let mut empty = Vec::new();
    for substitution in substitutions {
        // A placeholder inside `{{ … }}` is part of an expression.
        let next = expressions.partition_point(|expression| expression.end <= substitution.span.start);
        if expressions.get(next).is_some_and(|expression| expression.contains(substitution.span)) {
            continue;
        }
        let value = request.values.get(&substitution.name);
        let value = value.map(|value| as_written(&substitution.name, value, request.language));
        let piece = Piece::new(substitution.span, value, Allowed { name: true, option: substitution.may_be_option });
        if matches!(&piece.value, Some(Evaluated::Text(text)) if text.is_empty()) {
            empty.push(refused(&piece, refuse("the value is empty", "give what the placeholder stands for")));
        }
        pieces.push(piece);
    }
    if !empty.is_empty() {
        return Err(empty);
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
        && (value.text == "0" || !digits.starts_with('0'));
    if is_number && matches!(language, Language::Sql(_)) {
        Evaluated::Number(value.text.clone())
    } else {
        Evaluated::Text(value.text.clone())
    }
}

/// What goes into one place of a text.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// What the author wrote.
    span: Span,
    /// What is replaced: the quotes around it as well, where what stands in
    /// their place is no quoted text.
    over: Span,
    /// `None` leaves the text as it is there.
    value: Option<Evaluated>,
    allowed: Allowed,
}

impl Piece {
    pub(super) fn new(span: Span, value: Option<Evaluated>, allowed: Allowed) -> Self {
        Self { span, over: span, value, allowed }
    }

    fn evaluated(&self) -> &Evaluated {
        const NOTHING: &Evaluated = &Evaluated::Raw(String::new());
        self.value.as_ref().unwrap_or(NOTHING)
    }
}

/// Puts the pieces, which are in order, into `text`.
pub(super) fn put(text: &str, mut pieces: Vec<Piece>, request: &Request<'_>) -> Result<Rendered, Vec<TemplateError>> {
    pieces.retain(|piece| piece.value.is_some());
    take_quotes_along(text, &mut pieces, request);
    let probe = Filled::of_probes(text, &pieces);
    let places = probe.places(request);
    let strips_tabs = text.contains("<<-");
    let mut errors = Vec::new();
    let mut encoded = Vec::new();
    let mut secrets: Vec<(String, String)> = Vec::new();
    for ((piece, at), (place, _)) in pieces.iter().zip(&probe.spans).zip(&places) {
        let (before, after) = (&probe.text[..at.start], &probe.text[at.end..]);
        let around = Surroundings { place, before, after, strips_tabs };
        let written = match piece.evaluated() {
            Evaluated::Secret(name) => {
                let variable = render::secret_variable(name, request.values);
                let text = request.values.get(name).map(|value| value.text.as_str()).unwrap_or_default();
                if !secrets.iter().any(|(other, _)| *other == variable) {
                    secrets.push((variable.clone(), text.to_owned()));
                }
                let secret = Secret { name, variable: &variable, text };
                encode(piece.evaluated(), request.language, &around, Some(&secret), piece.allowed)
            }
            value => encode(value, request.language, &around, None, piece.allowed),
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
    check_structure(&pieces, &places, &filled, request)?;
    let raw = pieces.iter().zip(&filled.spans).filter(|(piece, _)| matches!(piece.evaluated(), Evaluated::Raw(_)));
    let raw = raw.map(|(_, span)| *span).collect();
    Ok(Rendered { text: filled.text, secrets, raw })
}

/// Where the whole of a quoted text of SQL is a value that cannot be quoted
/// there, the quotes go with it: a secret becomes a parameter, a literal that
/// holds a backslash is of another kind, a moment is computed.
fn take_quotes_along(text: &str, pieces: &mut [Piece], request: &Request<'_>) {
    let Language::Sql(form) = request.language else { return };
    let wants = |piece: &Piece| match piece.evaluated() {
        Evaluated::Secret(_) => true,
        Evaluated::Text(value) => form == Form::Postgres && value.contains('\\'),
        Evaluated::Moment(_) => form == Form::Mysql,
        _ => false,
    };
    let quotes: &[char] = if form == Form::Mysql { &['\'', '"'] } else { &['\''] };
    let quote = |piece: &Piece| text[..piece.span.start].chars().next_back().filter(|c| quotes.contains(c));
    let is_quoted = |piece: &Piece| quote(piece).is_some_and(|quote| text[piece.span.end..].starts_with(quote));
    if !pieces.iter().any(|piece| wants(piece) && is_quoted(piece)) {
        return;
    }
    let probe = Filled::of_probes(text, pieces);
    let around = |span: &Span| [span.start.saturating_sub(1), (span.end + 1).min(probe.text.len())];
    let offsets: Vec<usize> = probe.spans.iter().flat_map(around).collect();
    let contexts = (request.places)(&probe.text, &offsets);
    for ((piece, at), outside) in pieces.iter_mut().zip(&probe.spans).zip(contexts.chunks_exact(2)) {
        // A doubled quote is one character of a longer text.
        let is_doubled = ["''", "\"\""].iter().any(|doubled| probe.text[at.end..].starts_with(doubled));
        let is_whole = outside.iter().all(|place| place.context == Context::Bare) && !is_doubled;
        if wants(piece) && is_quoted(piece) && is_whole {
            piece.over = Span::new(piece.span.start - 1, piece.span.end + 1);
        }
    }
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
            filled.text.push_str(&text[at..piece.over.start]);
            let start = filled.text.len();
            filled.text.push_str(filling);
            filled.spans.push(Span::new(start, filled.text.len()));
            at = piece.over.end;
        }
        filled.text.push_str(&text[at..]);
        filled
    }

    /// What is raw belongs to the text, and may decide what the rest stands in.
    fn of_probes(text: &str, pieces: &[Piece]) -> Self {
        let probe = |piece| if let Evaluated::Raw(raw) = Piece::evaluated(piece) { raw.as_str() } else { PROBE };
        let probes: Vec<&str> = pieces.iter().map(probe).collect();
        Self::new(text, pieces, &probes)
    }

    /// What each filling stands in where it begins, and where it ends.
    fn places(&self, request: &Request<'_>) -> Vec<(Place, Place)> {
        let offsets: Vec<usize> = self.spans.iter().flat_map(|span| [span.start, span.end]).collect();
        let mut places = self.places_at(&offsets, request).into_iter();
        std::iter::from_fn(|| Some((places.next()?, places.next()?))).collect()
    }

    fn places_at(&self, offsets: &[usize], request: &Request<'_>) -> Vec<Place> {
        if request.language == Language::Plain {
            return vec![Context::Bare.into(); offsets.len()];
        }
        (request.places)(&self.text, offsets)
    }
}

/// Compares the places before, and after, each value with those of the text
/// without the values; and those of each line of a value in a here-document,
/// which a line of it could end.
fn check_structure(
    pieces: &[Piece],
    before: &[(Place, Place)],
    filled: &Filled,
    request: &Request<'_>,
) -> Result<(), Vec<TemplateError>> {
    let is_document = |place: &Place| matches!(place.context, Context::Heredoc | Context::QuotedHeredoc);
    let mut offsets = Vec::new();
    let mut counts = Vec::new();
    for (span, (place, _)) in filled.spans.iter().zip(before) {
        let from = offsets.len();
        offsets.extend([span.start, span.end]);
        if is_document(place) {
            let lines = filled.text[span.start..span.end].match_indices('\n');
            offsets.extend(lines.map(|(at, _)| span.start + at + 1));
        }
        counts.push(offsets.len() - from);
    }
    let mut after = filled.places_at(&offsets, request).into_iter();
    let mut errors = Vec::new();
    for ((piece, (start, end)), count) in pieces.iter().zip(before).zip(counts) {
        let here: Vec<Place> = after.by_ref().take(count).collect();
        let is_same =
            here.first() == Some(start) && here.get(1) == Some(end) && here[2..].iter().all(|line| line == start);
        if !is_same {
            let reason = "the value would change what the text around it means";
            errors.push(refused(piece, refuse(reason, "use another value, or put it where it stands by itself")));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn refused(piece: &Piece, refusal: Refusal) -> TemplateError {
    let Refusal { reason, help, is_option } = refusal;
    TemplateError::Refused { span: piece.span, reason, help, is_option }
}
