//! What is wrong with a file, where, and how to mend it.

use std::ops::Range;

use super::{SourceFile, Span};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
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

    /// A finding that is only good to know.
    #[must_use]
    pub fn note(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, span, message)
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
///
/// The page is not trusted: control characters and characters that reorder or
/// hide text are drawn as visible stand-ins.
#[must_use]
pub fn render(file: &SourceFile, diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut drawn = String::new();
    for diagnostic in diagnostics {
        if !drawn.is_empty() {
            drawn.push_str("\n\n");
        }
        drawn.push_str(&draw(file, diagnostic, &renderer));
    }
    if !drawn.is_empty() {
        drawn.push('\n');
    }
    drawn
}

fn draw(file: &SourceFile, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let (level, kind) = match diagnostic.severity {
        Severity::Error => (Level::ERROR, AnnotationKind::Primary),
        Severity::Warning => (Level::WARNING, AnnotationKind::Primary),
        Severity::Note => (Level::NOTE, AnnotationKind::Primary),
    };
    let excerpt = Excerpt::of(file, diagnostic.span);
    let annotation = kind.span(excerpt.marked).label(diagnostic.label.as_deref().map(visible));
    let snippet =
        Snippet::source(excerpt.text).path(visible(file.name())).line_start(excerpt.line).annotation(annotation);
    let mut group = level.primary_title(visible(&diagnostic.message)).id(diagnostic.code).element(snippet);
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    renderer.render(&[group])
}

/// The lines that a span touches, made safe to show.
///
/// Cut out before they are drawn, because the renderer walks the whole source
/// it is given, once for each diagnostic.
struct Excerpt {
    text: String,
    /// Number of its first line.
    line: usize,
    /// The span within `text`.
    marked: Range<usize>,
}

impl Excerpt {
    fn of(file: &SourceFile, span: Span) -> Self {
        let text = file.text();
        let start = text.floor_char_boundary(span.start);
        let end = text.ceil_char_boundary(span.end.max(start));
        let line = file.line(start);
        // A span that ends with a line's end does not touch the next line.
        let last = file.line(if end > start { end - 1 } else { end });
        let first_byte = file.line_span(line).map_or(start, |line| line.start);
        let end_byte = file.line_span(last).map_or(end, |line| line.end).max(start);
        let mut shown = String::with_capacity(end_byte - first_byte);
        shown.extend(text[first_byte..start].chars().map(within_lines));
        let marked_start = shown.len();
        let marked_end = end.min(end_byte);
        // CRLF: the renderer counts lines by their line feeds alone.
        shown.extend(text[start..marked_end].replace("\r\n", "\n").chars().map(within_lines));
        let marked = marked_start..shown.len();
        shown.extend(text[marked_end..end_byte].chars().map(within_lines));
        Self { text: shown, line, marked }
    }
}

/// `text` as one line that does to a terminal nothing but show characters.
fn visible(text: &str) -> String {
    text.chars().map(stand_in).collect()
}

fn within_lines(c: char) -> char {
    if matches!(c, '\n' | '\t') { c } else { stand_in(c) }
}

/// What to show for `c`: one character for one, so that columns stay true.
fn stand_in(c: char) -> char {
    match c {
        // The pictures of the control characters stand in their own order.
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '␡',
        // C1 controls, bidi marks, embeddings and isolates, zero-width and
        // invisible characters, line separators, language tags.
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(text: &str, span: (usize, usize)) -> String {
        let file = SourceFile::new("page.md", text);
        let diagnostic = Diagnostic::error("some-code", Span::new(span.0, span.1), "it is wrong")
            .with_label("here")
            .with_help("mend it");
        render(&file, &[diagnostic], false)
    }

    #[test]
    fn a_diagnostic_shows_code_place_line_carets_and_help() {
        assert_eq!(
            drawn("one\ntwo three\n", (8, 13)),
            "error[some-code]: it is wrong\n --> page.md:2:5\n  |\n2 | two three\n  |     ^^^^^ here\n  |\n  = help: mend it\n"
        );
    }

    #[test]
    fn columns_count_characters_and_carets_stand_below_them() {
        let text = "é → \tx\n";
        let at = text.find('x').expect("x");
        let shown = drawn(text, (at, at + 1));
        assert!(shown.contains("page.md:1:6\n"), "{shown}");
        let lines: Vec<&str> = shown.lines().collect();
        let column = |line: &str, c| line.chars().position(|other| other == c);
        assert_eq!(column(lines[3], 'x'), column(lines[4], '^'), "{shown}");
    }

    #[test]
    fn spans_at_the_end_empty_or_beyond_are_drawn() {
        for (text, span, place) in [
            ("abc", (3, 3), ":1:4"),
            ("abc\n", (4, 4), ":2:1"),
            ("", (0, 0), ":1:1"),
            ("abc", (90, 99), ":1:4"),
            ("abc\r\ndef", (3, 5), ":1:4"),
            ("a\r\nb\r\nc", (0, 4), ":1:1"),
        ] {
            let shown = drawn(text, span);
            assert!(shown.contains(place) && shown.contains('^'), "{text:?} {span:?}\n{shown}");
        }
    }

    #[test]
    fn several_diagnostics_stand_apart_and_none_is_nothing() {
        let file = SourceFile::new("page.md", "a\nb\n");
        let warning = Diagnostic::warning("w", Span::new(0, 1), "first");
        let error = Diagnostic::error("e", Span::new(2, 3), "second");
        let shown = render(&file, &[warning, error], false);
        assert!(shown.starts_with("warning[w]: first\n") && shown.contains("\n\nerror[e]: second\n"), "{shown}");
        assert_eq!(render(&file, &[], false), "");
    }

    #[test]
    fn colour_is_added_only_when_asked_for() {
        let file = SourceFile::new("page.md", "a\n");
        let error = [Diagnostic::error("e", Span::new(0, 1), "second")];
        assert!(render(&file, &error, true).contains('\x1b'));
        assert!(!render(&file, &error, false).contains('\x1b'));
    }

    proptest! {
        #[test]
        fn nothing_of_the_page_reaches_the_terminal_as_a_control(
            text in "(\\PC|[\\x00-\\x1f\\x7f-\\u{9f}\\u{61c}\\u{200b}-\\u{200f}\\u{2028}-\\u{202e}\\u{2066}-\\u{2069}é\r\n\t]){0,40}",
            start in 0..200usize,
            length in 0..20usize,
        ) {
            let file = SourceFile::new(text.clone(), text.clone());
            let diagnostic = Diagnostic::error("e", Span::new(start, start + length), text.clone())
                .with_label(text.clone())
                .with_help(text.clone());
            let shown = render(&file, &[diagnostic], false);
            let raw = shown.chars().find(|c| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            });
            prop_assert_eq!(raw, None);
        }
    }
}
