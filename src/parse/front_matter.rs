//! Where the front matter ends and the page begins.

use super::foreign;
use crate::source::{Diagnostic, SourceFile, Span};

/// A longer one is refused unread.
pub(super) const LONGEST: usize = 256 * 1024;

/// The two parts of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The YAML between the two `---`.
    pub(super) yaml: Option<Span>,
    /// The title that front matter in another language gives.
    pub(super) title: Option<String>,
    /// Where the Markdown begins.
    pub(super) body: usize,
}

/// Cuts the front matter off. A byte order mark before it is passed over.
///
/// A page may also begin with `---` for a rule across it; it is front matter
/// only if it reads like YAML.
pub(super) fn cut(file: &SourceFile, diagnostics: &mut Vec<Diagnostic>) -> Cut {
    let text = file.text();
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    if let Some(head) = foreign::head(&text[start..]) {
        return Cut { yaml: None, title: head.title, body: start + head.length };
    }
    let none = Cut { yaml: None, title: None, body: start };
    let mut lines = Lines { text, at: start };
    let Some((opening, "---")) = lines.next() else { return none };
    let yaml_start = lines.at;
    let after_opening = Lines { text, at: yaml_start }.next().map_or("", |(_, line)| line);
    let directly = !after_opening.trim().is_empty();
    let mut first = None;
    let mut closing = None;
    for (span, line) in lines.by_ref() {
        if matches!(line, "---" | "...") {
            closing = Some(span);
            break;
        }
        // No YAML has it there: this is the page, and nothing of it may be lost.
        if line.starts_with("```") || line.starts_with("~~~") {
            break;
        }
        // Below an empty line `#` is a heading rather than a comment.
        let is_comment = directly && line.starts_with('#');
        if first.is_none() && !line.is_empty() && !is_comment {
            first = Some(line);
        }
    }
    let is_mapping = first.is_some_and(is_key);
    match closing {
        // Nothing between them, or nothing but comments.
        Some(closing) if first.is_none() && (directly || closing.start == yaml_start) => {
            Cut { yaml: Some(Span::new(yaml_start, closing.start)), title: None, body: lines.at }
        }
        Some(closing) if is_mapping || (directly && !after_opening.starts_with("# ") && first.is_some()) => {
            Cut { yaml: Some(Span::new(yaml_start, closing.start)), title: None, body: lines.at }
        }
        None if is_mapping && directly => {
            // Its keys end where the page's own text begins.
            let keys = text[yaml_start..].split("\n#").next().unwrap_or_default();
            let message = "this front matter is never closed";
            let found = if foreign::is_own_text(keys) {
                Diagnostic::error("unclosed-front-matter", opening, message)
            } else {
                Diagnostic::warning("unclosed-front-matter", opening, message)
            };
            diagnostics.push(found.with_help("write `---` on a line of its own where it ends"));
            none
        }
        _ => none,
    }
}

/// Whether `line` looks like `key: value`, or begins a mapping in braces.
fn is_key(line: &str) -> bool {
    let line = line.trim_start();
    let key = |key: &str| !key.is_empty() && !key.starts_with(['-', '>', '|', '*', '!', '[']);
    line.starts_with('{')
        || line.split_once(": ").or_else(|| line.strip_suffix(':').map(|key| (key, ""))).is_some_and(|(k, _)| key(k))
}

/// Lines with their spans, without line ends and white space at the end.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (Span, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').map_or(rest.len(), |line_end| line_end + 1);
        let line = rest[..length].trim_end();
        let span = Span::new(self.at, self.at + line.len());
        self.at += length;
        Some((span, line))
    }
}
