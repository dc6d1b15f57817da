//! The expression of a `{{ … }}`, and what it gives.

use super::TemplateError;
use super::scan::{self, Fragment};
use crate::runbook::{HumanDuration, Value, VariableKind};
use crate::source::Span;
use jiff::{SignedDuration, Timestamp};
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Steps that one expression may take; a real one takes a few dozen.
const FUEL: u64 = 20_000;

/// What an expression gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Evaluated {
    /// Text of any kind.
    Text(String),
    /// A number, in digits.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// A moment, to be written in the form of the place.
    Moment(Timestamp),
    /// The secret of this name.
    Secret(String),
    /// What is to be put into the text as it is.
    Raw(String),
}

/// What `now()` and `ago()` give.
#[derive(Debug)]
struct Moment(Timestamp);

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What the `raw` filter gives.
#[derive(Debug)]
struct Raw(String);

impl Object for Raw {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The functions and filters that expressions may use.
pub(super) fn environment(now: Timestamp) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // These promise an escaping that this module does by place.
    for filter in ["safe", "escape", "e"] {
        environment.remove_filter(filter);
    }
    for function in ["debug", "namespace"] {
        environment.remove_global(function);
    }
    environment.add_function("now", move || minijinja::Value::from_object(Moment(now)));
    environment.add_function("ago", move |duration: String| {
        let failed = |problem: String| Error::new(ErrorKind::InvalidOperation, problem);
        let duration: HumanDuration =
            duration.parse().map_err(|error: <HumanDuration as std::str::FromStr>::Err| failed(error.to_string()))?;
        let before = SignedDuration::try_from(duration.0).ok().and_then(|length| now.checked_sub(length).ok());
        let before = before.ok_or_else(|| failed(format!("{duration} ago is before all calendars")))?;
        Ok(minijinja::Value::from_object(Moment(before)))
    });
    environment.add_filter("raw", |value: minijinja::Value| {
        if value.is_undefined() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        Ok(minijinja::Value::from_object(Raw(value.to_string())))
    });
    environment
}

/// The variables that the expression refers to, in its order.
pub(super) fn references(
    environment: &Environment<'_>,
    fragment: &Fragment<'_>,
) -> Result<Vec<(String, Span)>, TemplateError> {
    let expression = compile(environment, fragment)?;
    Ok(names(environment, fragment, &expression))
}

/// Evaluates the expression with `values`.
pub(super) fn evaluate(
    environment: &Environment<'_>,
    fragment: &Fragment<'_>,
    values: &BTreeMap<String, Value>,
) -> Result<Evaluated, TemplateError> {
    let expression = compile(environment, fragment)?;
    let names = names(environment, fragment, &expression);
    if let Some((name, _)) = names.iter().find(|(name, _)| values.get(name).is_some_and(|value| value.secret)) {
        if fragment.expression == name {
            return Ok(Evaluated::Secret(name.clone()));
        }
        return Err(TemplateError::Refused {
            span: fragment.span,
            reason: format!("`{name}` is a secret, and nothing can be computed from it"),
            help: format!("write `{{{{ {name} }}}}` alone"),
            is_option: false,
        });
    }
    let says_raw = check_raw(fragment)?;
    let result = eval(fragment, &expression, &names, values)?;
    let evaluated = to_evaluated(fragment, &result)?;
    if says_raw && !matches!(evaluated, Evaluated::Raw(_)) {
        let problem = "`| raw` applies to its last part only: put the rest in parentheses".to_owned();
        return Err(TemplateError::Syntax { span: fragment.span, problem });
    }
    Ok(evaluated)
}

/// Whether the expression is true.
pub(super) fn truth(
    environment: &Environment<'_>,
    fragment: &Fragment<'_>,
    values: &BTreeMap<String, Value>,
) -> Result<bool, TemplateError> {
    let expression = compile(environment, fragment)?;
    let names = names(environment, fragment, &expression);
    if let Some((name, span)) = names.iter().find(|(name, _)| values.get(name).is_some_and(|value| value.secret)) {
        return Err(TemplateError::Refused {
            span: *span,
            reason: format!("`{name}` is a secret, and no decision may show what it is"),
            help: "decide by another variable".to_owned(),
            is_option: false,
        });
    }
    Ok(eval(fragment, &expression, &names, values)?.is_true())
}

fn compile<'env, 'source>(
    environment: &'env Environment<'source>,
    fragment: &Fragment<'source>,
) -> Result<Expression<'env, 'source>, TemplateError> {
    environment.compile_expression(fragment.expression).map_err(|error| TemplateError::Syntax {
        span: span_of(fragment, &error),
        problem: format!("`{}` is no expression: {}", fragment.expression, words_of(&error)),
    })
}

fn names(
    environment: &Environment<'_>,
    fragment: &Fragment<'_>,
    expression: &Expression<'_, '_>,
) -> Vec<(String, Span)> {
    let functions: Vec<&str> = environment.globals().map(|(name, _)| name).collect();
    let mut names: Vec<_> = expression
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| !functions.contains(&name.as_str()))
        .map(|name| {
            let at = scan::words(fragment.expression).into_iter().find(|(_, word)| *word == name);
            let span = at.map_or(fragment.span, |(at, word)| {
                Span::new(fragment.expression_start + at, fragment.expression_start + at + word.len())
            });
            (name, span)
        })
        .collect();
    names.sort_by_key(|(_, span)| *span);
    names
}

fn eval(
    fragment: &Fragment<'_>,
    expression: &Expression<'_, '_>,
    names: &[(String, Span)],
    values: &BTreeMap<String, Value>,
) -> Result<minijinja::Value, TemplateError> {
    let known: BTreeMap<&str, minijinja::Value> =
        values.iter().filter(|(_, value)| !value.secret).map(|(name, value)| (name.as_str(), bound(value))).collect();
    let undefined = || {
        let (name, span) = names.iter().find(|(name, _)| !values.contains_key(name))?;
        let nearest = values
            .keys()
            .map(|key| (strsim::damerau_levenshtein(key, name), key))
            .filter(|(distance, key)| *distance <= 1 + key.len().max(name.len()) / 4)
            .min()
            .map(|(_, key)| key.clone());
        Some(TemplateError::Undefined { span: *span, name: name.clone(), nearest })
    };
    match expression.eval(&known) {
        Ok(value) if value.is_undefined() => Err(undefined().unwrap_or_else(|| TemplateError::Failed {
            span: fragment.span,
            problem: format!("`{}` gives nothing", fragment.expression),
        })),
        Ok(value) => Ok(value),
        Err(error) => Err(Some(&error)
            .filter(|error| error.kind() == ErrorKind::UndefinedError)
            .and_then(|_| undefined())
            .unwrap_or_else(|| TemplateError::Failed { span: span_of(fragment, &error), problem: words_of(&error) })),
    }
}

/// The value as expressions see it.
fn bound(value: &Value) -> minijinja::Value {
    match value.kind {
        VariableKind::Int => {
            value.text.parse::<i64>().map_or_else(|_| value.text.as_str().into(), minijinja::Value::from)
        }
        VariableKind::Bool => minijinja::Value::from(value.text == "true"),
        VariableKind::String | VariableKind::Duration | VariableKind::Path | VariableKind::Choice => {
            value.text.as_str().into()
        }
    }
}

fn to_evaluated(fragment: &Fragment<'_>, value: &minijinja::Value) -> Result<Evaluated, TemplateError> {
    use minijinja::value::ValueKind;
    if let Some(moment) = value.downcast_object_ref::<Moment>() {
        return Ok(Evaluated::Moment(moment.0));
    }
    if let Some(raw) = value.downcast_object_ref::<Raw>() {
        return Ok(Evaluated::Raw(raw.0.clone()));
    }
    match value.kind() {
        ValueKind::String => Ok(Evaluated::Text(value.as_str().unwrap_or_default().to_owned())),
        ValueKind::Bool => Ok(Evaluated::Bool(value.is_true())),
        ValueKind::Number => {
            let text = value.to_string();
            let digits = text.strip_prefix('-').unwrap_or(&text);
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            Ok(if plain && digits.starts_with(|c: char| c.is_ascii_digit()) {
                Evaluated::Number(text)
            } else {
                Evaluated::Text(text)
            })
        }
        other => Err(TemplateError::Failed {
            span: fragment.span,
            problem: format!("`{}` gives a {other}, which is no text", fragment.expression),
        }),
    }
}

/// Whether the expression ends in `| raw`. Anywhere else the filter would
/// promise what it does not do.
fn check_raw(fragment: &Fragment<'_>) -> Result<bool, TemplateError> {
    let words = scan::words(fragment.expression);
    let is_filter = |at: usize| fragment.expression[..at].trim_end().ends_with('|');
    let mut filters = words.iter().filter(|(at, word)| *word == "raw" && is_filter(*at));
    let Some((at, word)) = filters.next() else { return Ok(false) };
    if at + word.len() == fragment.expression.len() {
        return Ok(true);
    }
    let start = fragment.expression_start + at;
    Err(TemplateError::Syntax {
        span: Span::new(start, start + word.len()),
        problem: "`| raw` can only stand at the end".to_owned(),
    })
}

fn span_of(fragment: &Fragment<'_>, error: &Error) -> Span {
    error
        .range()
        .filter(|range| range.start < range.end && fragment.expression.get(range.clone()).is_some())
        .map_or(fragment.span, |range| Span::from(range).shifted(fragment.expression_start))
}

fn words_of(error: &Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    }
}
