//! YAML as a small tree that remembers where everything stands.
//!
//! `serde_yaml` gives no places for values, so the text is read into this
//! tree, checked here, and only then handed on as values.

use crate::source::{Diagnostic, Span};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use std::collections::HashMap;

/// Deeper nesting is refused: nothing in the front matter needs it, and the
/// tree is walked by recursion.
const DEEPEST: usize = 32;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key of a mapping, with its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Entry {
    /// The key and the value.
    pub(super) fn span(&self) -> Span {
        Span::new(self.key_span.start, self.value.span.end.max(self.key_span.end))
    }
}

impl Node {
    /// The entries, if this is a mapping.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The value under `key`, if this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same value as `serde_yaml` has it.
    pub(super) fn to_serde(&self) -> serde_yaml::Value {
        match &self.value {
            Value::Null => serde_yaml::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) => number.into(),
                _ => number.to_string().into(),
            },
            Value::Float(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Sequence(items) => items.iter().map(Self::to_serde).collect::<Vec<_>>().into(),
            Value::Mapping(entries) => to_mapping(entries).into(),
        }
    }
}

/// Entries as `serde_yaml` has them.
pub(super) fn to_mapping<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> serde_yaml::Mapping {
    entries.into_iter().map(|entry| (entry.key.as_str().into(), entry.value.to_serde())).collect()
}

/// Reads front matter, which stands at byte `base` of the file. `None` where it
/// is not YAML at all.
pub(super) fn read(text: &str, base: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    read_as("front matter", text, base, diagnostics)
}

/// Reads `text`, which is what `subject` says.
pub(super) fn read_as(
    subject: &'static str,
    text: &str,
    base: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Node> {
    let mut tree = Tree { subject, places: Places::new(text, base), open: Vec::new(), root: None, diagnostics };
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(parsed) => parsed,
            Err(error) => {
                let at = tree.places.byte(error.marker());
                let span = Span::new(at.min(base + text.trim_end().len()), at);
                let message = format!("the {subject} is not valid YAML: {}", error.info());
                let span = Span::new(span.start, span.start);
                tree.diagnostics.push(Diagnostic::error("yaml-syntax", span, message));
                return None;
            }
        };
        let span = Span::new(tree.places.byte(&span.start), tree.places.byte(&span.end));
        let written = &text[span.start - base..span.end.max(span.start) - base];
        let span = Span::new(span.start, span.start + written.trim_end().len());
        if !tree.take(event, span) {
            return None;
        }
    }
    Some(tree.root.unwrap_or(Node { span: Span::new(base, base), value: Value::Null }))
}

/// A collection that is open.
enum Open {
    Sequence { start: usize, items: Vec<Node> },
    Mapping { start: usize, entries: Vec<Entry>, key: Option<(String, Span)>, seen: HashMap<String, Span> },
}

struct Tree<'a> {
    /// What the text is, for messages.
    subject: &'static str,
    places: Places<'a>,
    open: Vec<Open>,
    root: Option<Node>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Tree<'_> {
    /// Takes one event in; `false` ends the reading.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), span);
                self.put(Node { span, value });
            }
            Event::SequenceStart(..) => self.open.push(Open::Sequence { start: span.start, items: Vec::new() }),
            Event::MappingStart(..) => self.open.push(Open::Mapping {
                start: span.start,
                entries: Vec::new(),
                key: None,
                seen: HashMap::new(),
            }),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(_) => {
                let error =
                    Diagnostic::error("yaml-alias", span, format!("{} cannot refer to an anchor", self.subject))
                        .with_help("write the value out");
                self.diagnostics.push(error);
                self.put(Node { span, value: Value::Null });
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                let message = format!("{} is a single YAML document", self.subject);
                self.diagnostics.push(Diagnostic::error("yaml-syntax", span, message));
                return false;
            }
            _ => {}
        }
        if self.open.len() > DEEPEST {
            let message = format!("{} cannot be nested deeper than {DEEPEST}", self.subject);
            self.diagnostics.push(Diagnostic::error("yaml-depth", span, message));
            return false;
        }
        true
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Value {
        match tag {
            None if style == ScalarStyle::Plain => resolve(text),
            None => Value::Text(text.to_owned()),
            Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => Value::Text(text.to_owned()),
            Some(tag) => {
                let message = format!("{} cannot use the tag `{}{}`", self.subject, tag.handle, tag.suffix);
                self.diagnostics.push(Diagnostic::error("yaml-tag", span, message).with_help("write the plain value"));
                Value::Null
            }
        }
    }

    fn close(&mut self, end: Span) {
        // A block collection has no closing mark; its end is its last value's.
        let node = |start: usize, last: Option<usize>, value| {
            let end = if end.start < end.end { end.end } else { last.unwrap_or(start) };
            Node { span: Span::new(start, end.max(start)), value }
        };
        let node = match self.open.pop() {
            Some(Open::Sequence { start, items }) => {
                node(start, items.last().map(|item| item.span.end), Value::Sequence(items))
            }
            Some(Open::Mapping { start, entries, .. }) => {
                node(start, entries.last().map(|entry| entry.span().end), Value::Mapping(entries))
            }
            None => return,
        };
        self.put(node);
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { entries, key, seen, .. }) => match key.take() {
                Some((key, key_span)) => {
                    if let Some(first) = seen.get(&key) {
                        let line = self.places.line(first.start);
                        let message = format!("`{key}` is given twice");
                        let error = Diagnostic::error("duplicate-key", key_span, message)
                            .with_label(format!("first given on line {line}"))
                            .with_help("keep one of them");
                        self.diagnostics.push(error);
                        return;
                    }
                    seen.insert(key.clone(), key_span);
                    entries.push(Entry { key, key_span, value: node });
                }
                None => {
                    let name = match &node.value {
                        Value::Null => "null".to_owned(),
                        Value::Bool(flag) => flag.to_string(),
                        Value::Integer(number) => number.to_string(),
                        Value::Float(number) => number.to_string(),
                        Value::Text(text) => text.clone(),
                        Value::Sequence(_) | Value::Mapping(_) => {
                            let message = "a key must be a word, not a list or a mapping";
                            let error = Diagnostic::error("wrong-type", node.span, message)
                                .with_help("put it in quotes if the brackets belong to it");
                            self.diagnostics.push(error);
                            String::new()
                        }
                    };
                    *key = Some((name, node.span));
                }
            },
        }
    }
}

/// What a plain scalar means, by the core schema of YAML 1.2.
fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | "+.inf" | ".Inf" | ".INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Value::Float(f64::NAN),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let radix = |prefix, radix| digits.strip_prefix(prefix).and_then(|digits| i128::from_str_radix(digits, radix).ok());
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Value::Integer(if text.starts_with('-') { -number } else { number });
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Value::Text(text.to_owned());
    }
    // `007` is a name rather than a number.
    let padded = digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    if !padded && let Ok(number) = text.parse::<i128>() {
        return Value::Integer(number);
    }
    let numeric = digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    match text.parse::<f64>() {
        Ok(number) if numeric && !padded => Value::Float(number),
        _ => Value::Text(text.to_owned()),
    }
}

/// From the scanner's lines and columns, in characters, to bytes of the file.
struct Places<'a> {
    text: &'a str,
    base: usize,
    lines: Vec<usize>,
    /// Line, column and byte that were looked up last. The next are near: a
    /// search from the line's start each time would be quadratic in the line.
    last: (usize, usize, usize),
}

impl<'a> Places<'a> {
    fn new(text: &'a str, base: usize) -> Self {
        let bytes = text.as_bytes();
        let is_break = |at: &usize| bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        let lines = std::iter::once(0).chain((0..bytes.len()).filter(is_break).map(|at| at + 1)).collect();
        Self { text, base, lines, last: (1, 0, 0) }
    }

    fn byte(&mut self, marker: &Marker) -> usize {
        let (line, column) = (marker.line().max(1), marker.col());
        let Some(&start) = self.lines.get(line - 1) else { return self.base + self.text.len() };
        let (from_column, from) = if self.last.0 == line { (self.last.1, self.last.2) } else { (0, start) };
        let found = if column >= from_column {
            self.text[from..].char_indices().nth(column - from_column).map(|(at, _)| from + at)
        } else {
            self.text[start..from].char_indices().nth_back(from_column - column - 1).map(|(at, _)| start + at)
        };
        let Some(byte) = found else { return self.base + self.text.len() };
        self.last = (line, column, byte);
        self.base + byte
    }

    /// Line of the file, for front matter stands below one line of its own.
    fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte - self.base) + 1
    }
}
