//! The info string of a fence: its label, and annotations after it.

use super::references::{Reference, ReferenceKind};
use super::{Findings, nearest};
use crate::runbook::{Confirm, Effect, HumanDuration, Settings};
use crate::source::{Diagnostic, SourceFile, Span};

/// An info string, read.
#[derive(Debug, Default)]
pub(super) struct Info {
    /// The first word, lower-case.
    pub(super) label: String,
    /// The block's name.
    pub(super) name: Option<String>,
    /// The annotations, where there are any.
    pub(super) settings: Option<Settings>,
}

/// The keys that mean something here. Other tools put keys of their own into
/// info strings, so others pass.
const KEYS: [&str; 10] =
    ["name", "connection", "confirm", "effect", "shell", "cwd", "timeout", "when", "rollback", "template"];

impl Info {
    /// Reads the info string at `span`.
    pub(super) fn read(file: &SourceFile, span: Span, findings: &mut Findings) -> Self {
        let text = file.slice(span);
        let (label, rest) = split_label(text);
        let mut info = Self { label: label.to_lowercase(), ..Self::default() };
        if rest.contains('=') {
            let start = span.end - rest.len();
            let attributes = Attributes { text: rest, at: 0 };
            for attribute in attributes {
                info.take(&attribute, attribute.span.shifted(start), findings);
            }
        }
        info
    }

    fn take(&mut self, attribute: &Attribute<'_>, span: Span, findings: &mut Findings) {
        let value = attribute.value;
        let text = || Some(value.to_owned());
        let settings = &mut self.settings;
        match attribute.key {
            "name" => self.name = text(),
            "connection" => {
                findings.references.push(Reference { kind: ReferenceKind::Connection, name: value.to_owned(), span });
                settings.get_or_insert_default().connection = text();
            }
            "shell" => settings.get_or_insert_default().shell = text(),
            "cwd" => settings.get_or_insert_default().cwd = text(),
            "when" => settings.get_or_insert_default().when = text(),
            "rollback" => {
                findings.references.push(Reference { kind: ReferenceKind::Step, name: value.to_owned(), span });
                settings.get_or_insert_default().rollback = text();
            }
            "confirm" => {
                let words = [("always", Confirm::Always), ("never", Confirm::Never), ("typed", Confirm::Typed)];
                settings.get_or_insert_default().confirm = one_of(attribute, span, &words, findings);
            }
            "effect" => {
                let words = [
                    ("read", Effect::Read),
                    ("write", Effect::Write),
                    ("destructive", Effect::Destructive),
                    ("unknown", Effect::Unknown),
                ];
                settings.get_or_insert_default().effect = one_of(attribute, span, &words, findings);
            }
            "template" => {
                let words = [("on", true), ("off", false), ("true", true), ("false", false)];
                settings.get_or_insert_default().template = one_of(attribute, span, &words, findings);
            }
            "timeout" => match value.parse::<HumanDuration>() {
                Ok(timeout) => settings.get_or_insert_default().timeout = Some(timeout),
                Err(error) => findings.diagnostics.push(Diagnostic::error("bad-duration", span, error.to_string())),
            },
            other => {
                let near = KEYS.iter().find(|key| is_slip_of(other, key));
                if let Some(key) = near {
                    let message = format!("`{other}` means nothing here, so it is ignored");
                    let help = format!("did you mean `{key}`?");
                    findings.diagnostics.push(Diagnostic::warning("unknown-attribute", span, message).with_help(help));
                }
            }
        }
    }
}

fn one_of<T: Copy>(attribute: &Attribute<'_>, span: Span, words: &[(&str, T)], findings: &mut Findings) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == attribute.value);
    if found.is_none() {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` is no value of `{}`", attribute.value, attribute.key);
        let help = nearest::suggestion(attribute.value, names);
        findings.diagnostics.push(Diagnostic::error("bad-value", span, message).with_help(help));
    }
    found.map(|(_, value)| *value)
}

/// Whether `word` looks like `key` typed wrong. Short words are too near to
/// everything.
fn is_slip_of(word: &str, key: &str) -> bool {
    word.len() > 3 && strsim::damerau_levenshtein(&word.to_lowercase(), key) <= if key.len() > 5 { 2 } else { 1 }
}

/// The label, and what follows it. Understands `bash`, `bash,x`, `yaml:a.yml`,
/// `bash {x}`, `{.bash x}`, `{code-block} bash`, `$ bash`, `"bash"`, and an
/// info string without a label.
fn split_label(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let inner = text.strip_prefix("$ ").unwrap_or(text).trim_start_matches(['{', '.', ' ', '"', '\'']);
    let end = inner.find(|c: char| {
        c.is_whitespace() || matches!(c, '{' | '}' | ',' | ':' | '=' | '"' | '\'' | ';' | '|' | '(' | '[')
    });
    let end = end.unwrap_or(inner.len());
    let is_directive = matches!(&inner[..end], "code" | "code-block" | "code-cell" | "sourcecode");
    if is_directive && let Some(named) = inner[end..].strip_prefix("} ").filter(|named| !named.trim().is_empty()) {
        return split_label(named);
    }
    if inner[end..].starts_with('=') { ("", inner) } else { (&inner[..end], &inner[end..]) }
}

/// One `key=value`.
struct Attribute<'a> {
    key: &'a str,
    value: &'a str,
    span: Span,
}

/// Goes through the `key=value` pairs of a text and passes over all else.
struct Attributes<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let is_gap = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | ',');
        loop {
            let rest = &self.text[self.at..];
            let start = self.at + (rest.len() - rest.trim_start_matches(is_gap).len());
            let rest = &self.text[start..];
            if rest.is_empty() {
                return None;
            }
            let key = &rest[..rest.find(|c: char| c == '=' || is_gap(c)).unwrap_or(rest.len())];
            let after = start + key.len();
            let Some(value) = self.text[after..].strip_prefix('=') else {
                self.at = after;
                continue;
            };
            let (value, end) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) if value[1..].contains(quote) => {
                    let length = value[1..].find(quote).unwrap_or(0);
                    (&value[1..=length], after + 1 + length + 2)
                }
                _ => {
                    let length = value.find(is_gap).unwrap_or(value.len());
                    (&value[..length], after + 1 + length)
                }
            };
            self.at = end;
            return Some(Attribute { key, value, span: Span::new(start, end) });
        }
    }
}
