//! What can be wrong with a template.

use crate::source::{Diagnostic, Span};

/// What is wrong with a template, and where in its text. No message ever holds
/// the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is not a template.
    #[error("{problem}")]
    Syntax {
        /// The bytes concerned.
        span: Span,
        /// What is wrong.
        problem: String,
    },
    /// It refers to a variable that has no value.
    #[error("`{name}` has no value")]
    Undefined {
        /// Where the name stands.
        span: Span,
        /// The name.
        name: String,
        /// The nearest name that has a value.
        nearest: Option<String>,
    },
    /// Its expression cannot be computed.
    #[error("{problem}")]
    Failed {
        /// The bytes concerned.
        span: Span,
        /// Why not.
        problem: String,
    },
    /// Its value cannot stand there safely.
    #[error("{reason}")]
    Refused {
        /// The whole `{{ … }}`.
        span: Span,
        /// Why not.
        reason: String,
        /// How to mend it.
        help: String,
        /// It could stand there, and would be read as an option.
        is_option: bool,
    },
}

impl TemplateError {
    /// The bytes of the template concerned.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Syntax { span, .. }
            | Self::Undefined { span, .. }
            | Self::Failed { span, .. }
            | Self::Refused { span, .. } => *span,
        }
    }

    /// How to mend it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Syntax { .. } => {
                Some("write `{{ name }}`; where `{{` is ordinary text, set `template: off` for the step".to_owned())
            }
            Self::Undefined { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::Undefined { name, .. } => Some(format!("declare `{name}` under `variables` in the front matter")),
            Self::Failed { .. } => None,
            Self::Refused { help, .. } => Some(help.clone()),
        }
    }

    /// As a finding about the file in which the template's text begins at
    /// `offset`.
    #[must_use]
    pub fn diagnostic(&self, offset: usize) -> Diagnostic {
        let code = match self {
            Self::Syntax { .. } => "template-syntax",
            Self::Undefined { .. } => "template-undefined",
            Self::Failed { .. } => "template-failed",
            Self::Refused { .. } => "template-refused",
        };
        let diagnostic = Diagnostic::error(code, self.span().shifted(offset), self.to_string());
        match self.help() {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}
