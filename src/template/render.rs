//! The values of `{{ … }}`, and the names of secrets.

use super::expression;
use super::substitute::{Piece, put};
use super::{Rendered, Request, TemplateError, scan};
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
        pieces.push(Piece { span: fragment.span, value, may_name: false });
    }
    if errors.is_empty() {
        return Ok(pieces);
    }
    // One that has no value does not hide what is wrong with the others.
    errors.extend(put(text, pieces, request).err().unwrap_or_default());
    errors.sort_by_key(TemplateError::span);
    Err(errors)
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
