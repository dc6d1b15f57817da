//! The values of `{{ … }}`, and the names of secrets.

use super::encode::Allowed;
use super::expression;
use super::substitute::{Piece, put};
use super::{Form, Rendered, Request, TemplateError, scan};
use crate::runbook::Value;
use std::collections::BTreeMap;

/// Puts the values into `text`.
///
/// # Errors
/// All that is wrong with the template, not only the first.
pub fn render(text: &str, request: &Request<'_>) -> Result<Rendered, Vec<TemplateError>> {
    put(text, pieces(text, request)?, request)
}

/// What goes into each `{{ … }}` of `text`.
pub(super) fn pieces(text: &str, request: &Request<'_>) -> Result<Vec<Piece>, Vec<TemplateError>> {
    let fragments = scan::fragments(text).map_err(|error| vec![error])?;
    let environment = expression::environment(request.now);
    let mut errors = Vec::new();
    let mut pieces = Vec::new();
    for fragment in &fragments {
        let value = expression::evaluate(&environment, fragment, request.values);
        let value = value.map_err(|error| errors.push(error)).ok();
        pieces.push(Piece::new(fragment.span, value, Allowed::default()));
    }
    if errors.is_empty() {
        return Ok(pieces);
    }
    // One that has no value does not hide what is wrong with the others.
    errors.extend(put(text, pieces, request).err().unwrap_or_default());
    errors.sort_by_key(TemplateError::span);
    Err(errors)
}

/// The variable that carries a secret. No two secrets share one, not even
/// where case does not count.
#[must_use]
pub fn secret_variable(name: &str, values: &BTreeMap<String, Value>) -> String {
    let plain = |name: &str| -> String {
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    };
    let own = plain(name);
    let before = values.keys().take_while(|other| *other != name).filter(|other| plain(other) == own).count();
    if before == 0 { format!("RUNBOOK_SECRET_{own}") } else { format!("RUNBOOK_SECRET_{own}__{}", before + 1) }
}

/// How a statement refers to the secret of this variable.
///
/// SQLite has parameters with names. In Postgres they have only numbers, and
/// only a statement whose result comes in binary can have them: there the
/// session is given the secret as the parameter of a statement of its own, and
/// keeps it as a [setting](secret_setting) for the next; so it is in MySQL, with
/// a variable of the session.
#[must_use]
pub fn secret_parameter(variable: &str, form: Form) -> String {
    match form {
        Form::Postgres => format!("current_setting('{}')", secret_setting(variable)),
        Form::Sqlite => format!(":{variable}"),
        Form::Mysql => format!("@{}", variable.to_ascii_lowercase()),
    }
}

/// The setting of a Postgres session that carries the secret of this variable.
#[must_use]
pub fn secret_setting(variable: &str) -> String {
    variable.to_ascii_lowercase().replacen('_', ".", 1)
}
