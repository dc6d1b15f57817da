//! The few styles in use, and text painted with them.

use anstyle::{AnsiColor, Effects, Style};

pub(super) const PLAIN: Style = Style::new();
pub(super) const STRONG: Style = Style::new().effects(Effects::BOLD);
pub(super) const QUIET: Style = Style::new().effects(Effects::DIMMED);
pub(super) const CODE: Style = AnsiColor::Cyan.on_default();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
pub(super) const CAUTION: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
pub(super) const DANGER: Style = AnsiColor::Red.on_default().effects(Effects::BOLD.insert(Effects::INVERT));
/// Characters that stand for others which could not be seen.
pub(super) const UNSEEN: Style = AnsiColor::Magenta.on_default().effects(Effects::INVERT);

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
}

impl Span {
    pub(super) fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }

    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, PLAIN)
    }
}

/// `spans` in one string; without `color` only their text.
pub(super) fn paint(spans: &[Span], color: bool) -> String {
    let mut out = String::new();
    for span in spans {
        if !color || span.style == PLAIN || span.text.is_empty() {
            out.push_str(&span.text);
        } else {
            out.push_str(&format!("{}{}{}", span.style.render(), span.text, span.style.render_reset()));
        }
    }
    out
}
