//! The value of a variable, checked against what its declaration allows.

use super::{HumanDuration, Variable, VariableKind};
use crate::redact::Redactor;
use std::fmt;

/// A value that fits its variable.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    /// The value as text; what is not a string is in one canonical spelling.
    pub text: String,
    /// Its type.
    pub kind: VariableKind,
    /// Never to be shown or written.
    pub secret: bool,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.secret { "«secret»" } else { &self.text };
        f.debug_struct("Value").field("text", &text).field("kind", &self.kind).finish()
    }
}

/// Why a text cannot be the value of a variable. Never holds the text of a
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not of the declared type.
    #[error("{name} must be {wanted}, not `{text}`")]
    Type {
        /// The variable.
        name: String,
        /// The type, with its article.
        wanted: &'static str,
        /// What was given.
        text: String,
    },
    /// Not one of the declared choices.
    #[error("{name} must be one of {}, not `{text}`", choices.join(", "))]
    Choice {
        /// The variable.
        name: String,
        /// What is allowed.
        choices: Vec<String>,
        /// What was given.
        text: String,
    },
    /// Does not match the declared pattern.
    #[error("{name} must match {pattern}, and `{text}` does not")]
    Pattern {
        /// The variable.
        name: String,
        /// The regular expression, which must match the whole value.
        pattern: String,
        /// What was given.
        text: String,
    },
    /// A secret too short to be masked without masking half the output.
    #[error("{name} is a secret of fewer than {minimum} bytes: it could not be masked in the output")]
    ShortSecret {
        /// The variable.
        name: String,
        /// Fewest bytes allowed.
        minimum: usize,
    },
    /// The declared pattern itself is broken.
    #[error("the pattern of {name} is not a regular expression: {problem}")]
    BadPattern {
        /// The variable.
        name: String,
        /// What the regular expression parser says.
        problem: String,
    },
}

impl Value {
    /// Checks `text` against what `variable` allows.
    ///
    /// # Errors
    /// If the text is not of the variable's type, not among its choices, or
    /// does not match its pattern.
    pub fn check(name: &str, variable: &Variable, text: &str) -> Result<Self, ValueError> {
        let shown = if variable.secret { "«secret»" } else { text };
        let wrong = |wanted| ValueError::Type { name: name.to_owned(), wanted, text: shown.to_owned() };
        let kind = variable.kind();
        let canonical = match kind {
            VariableKind::String | VariableKind::Path | VariableKind::Choice => text.to_owned(),
            VariableKind::Int => text.trim().parse::<i64>().map_err(|_| wrong("a whole number"))?.to_string(),
            VariableKind::Bool => match text.trim() {
                "true" | "yes" => "true".to_owned(),
                "false" | "no" => "false".to_owned(),
                _ => return Err(wrong("true or false")),
            },
            VariableKind::Duration => {
                text.parse::<HumanDuration>().map_err(|_| wrong("a duration such as 30s or 5m"))?.to_string()
            }
        };
        if !variable.choices.is_empty() && !variable.choices.contains(&canonical) {
            return Err(ValueError::Choice {
                name: name.to_owned(),
                choices: variable.choices.clone(),
                text: shown.to_owned(),
            });
        }
        if let Some(pattern) = &variable.pattern {
            let whole = regex::Regex::new(&format!("^(?:{pattern})$"))
                .map_err(|error| ValueError::BadPattern { name: name.to_owned(), problem: error.to_string() })?;
            if !whole.is_match(&canonical) {
                return Err(ValueError::Pattern {
                    name: name.to_owned(),
                    pattern: pattern.clone(),
                    text: shown.to_owned(),
                });
            }
        }
        if variable.secret && canonical.len() < Redactor::SHORTEST {
            return Err(ValueError::ShortSecret { name: name.to_owned(), minimum: Redactor::SHORTEST });
        }
        Ok(Self { text: canonical, kind, secret: variable.secret })
    }
}
