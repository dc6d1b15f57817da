//! Where the `{{ … }}` of a text stand.

use super::TemplateError;
use crate::source::Span;

/// One `{{ … }}`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fragment<'a> {
    /// All of it, braces included.
    pub(super) span: Span,
    /// What stands between the braces, without the white space around it.
    pub(super) expression: &'a str,
    /// Where in the text that begins.
    pub(super) expression_start: usize,
}

/// Every `{{ … }}` of `text`, in order.
pub(super) fn fragments(text: &str) -> Result<Vec<Fragment<'_>>, TemplateError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|offset| at + offset) {
        let inner_start = start + 2;
        let syntax =
            |problem: &str| TemplateError::Syntax { span: Span::new(start, inner_start), problem: problem.to_owned() };
        let length = end_of_expression(&text[inner_start..]).ok_or_else(|| syntax("`{{` is never closed by `}}`"))?;
        let inner = &text[inner_start..inner_start + length];
        let span = Span::new(start, inner_start + length + 2);
        if inner.trim().is_empty() {
            return Err(TemplateError::Syntax { span, problem: "nothing stands between the braces".to_owned() });
        }
        if inner.starts_with('-') || (inner.ends_with('-') && inner.len() > 1) {
            let problem = "`{{-` and `-}}` do not take white space away here".to_owned();
            return Err(TemplateError::Syntax { span, problem });
        }
        let expression_start = inner_start + (inner.len() - inner.trim_start().len());
        found.push(Fragment { span, expression: inner.trim(), expression_start });
        at = span.end;
    }
    Ok(found)
}

/// The length of the expression up to its `}}`, which does not count inside a
/// string or a map.
fn end_of_expression(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth: usize = 0;
    let mut quote = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The words of an expression outside its strings, with their offsets; a word
/// after a `.` is an attribute and left out.
pub(super) fn words(expression: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut chars = expression.char_indices();
    let mut start = None;
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let in_word = quote.is_none() && (c.is_alphanumeric() || c == '_');
        if let Some(begin) = start.filter(|_| !in_word) {
            found.push((begin, &expression[begin..at]));
            start = None;
        } else if in_word && start.is_none() && before != '.' {
            start = Some(at);
        }
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        // The rest of an attribute is no new word.
        if !(in_word && before == '.') {
            before = c;
        }
    }
    found.extend(start.map(|begin| (begin, &expression[begin..])));
    found
}
