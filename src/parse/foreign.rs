//! Front matter that another tool reads: a site generator, a catalogue.
//!
//! It is no mistake, whatever stands in it. What it shares with this tool is
//! taken where it can be, and nothing in it keeps the page from running.

use super::nearest;
use super::yaml::{Entry, Value};
use crate::source::{Diagnostic, Severity};
use serde_json::Value as Json;

/// Keys that only this tool has: one of them says whose front matter it is.
const OWN: &[&str] = &["variables", "connections", "rehearsal", "steps", "timeout"];

/// Keys that other tools have too, and that mean the same there.
const SHARED: &[&str] = &["title", "summary", "severity", "owner"];

/// Whether front matter with these entries was written for this tool. A
/// misspelled key of its own with a mapping below it is one as well: no other
/// tool's is so near.
pub(super) fn is_own(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| {
        let misspelled = || matches!(entry.value.value, Value::Mapping(_)) && is_near_own(&entry.key);
        OWN.contains(&entry.key.as_str()) || misspelled()
    })
}

fn is_near_own(key: &str) -> bool {
    OWN.iter().any(|own| strsim::damerau_levenshtein(key, own) <= own.len() / 4)
}

/// The same of a text that cannot be read as YAML: by the keys that begin its
/// lines.
pub(super) fn is_own_text(text: &str) -> bool {
    text.lines().any(|line| line.split_once(':').is_some_and(|(key, _)| OWN.contains(&key.trim_end())))
}

/// Keeps the entries that mean something here too. Of the others, one that
/// looks like a slip is worth a note.
pub(super) fn keep_shared(entries: &mut Vec<Entry>, known: &[&str], diagnostics: &mut Vec<Diagnostic>) {
    for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        let slip = |name: &&&str| strsim::damerau_levenshtein(&entry.key, name) == 1;
        if !SHARED.contains(&entry.key.as_str())
            && let Some(near) = SHARED.iter().chain(OWN).find(slip)
        {
            let message = format!("`{}` is no key of the front matter, and means nothing here", entry.key);
            let note = Diagnostic::note("unknown-key", entry.key_span, message);
            diagnostics.push(note.with_help(nearest::suggestion(&entry.key, [*near])));
        }
    }
    entries.retain(|entry| SHARED.contains(&entry.key.as_str()));
}

/// What is wrong with another tool's front matter, as far as it matters here:
/// the page runs without it. What that tool may well understand is nothing.
pub(super) fn soften(found: Diagnostic) -> Option<Diagnostic> {
    if found.severity != Severity::Error {
        return Some(found);
    }
    match found.code {
        "yaml-alias" | "yaml-tag" | "duplicate-key" => None,
        "wrong-type" => {
            let message = format!("{}: it is passed over", found.message);
            Some(Diagnostic { severity: Severity::Warning, message, ..found })
        }
        _ => {
            let message = format!("{}: the page is read without it", found.message);
            Some(Diagnostic { severity: Severity::Warning, message, ..found })
        }
    }
}

/// Front matter that is not YAML: where it ends, and the title in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Its length in bytes, with the end of its last line.
    pub(super) length: usize,
    pub(super) title: Option<String>,
}

/// The TOML (between two `+++`) or JSON that `text` begins with.
pub(super) fn head(text: &str) -> Option<Head> {
    toml(text).or_else(|| json(text))
}

fn toml(text: &str) -> Option<Head> {
    let mut title = None;
    let mut in_table = false;
    let mut length = 0;
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        length += whole.len();
        let line = whole.trim_end();
        if number == 0 {
            if line != "+++" {
                return None;
            }
            continue;
        }
        if line == "+++" {
            return Some(Head { length, title });
        }
        in_table |= line.starts_with('[');
        if let Some(("title", value)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim()))
            && !in_table
            && title.is_none()
        {
            title = toml_text(value);
        }
    }
    None
}

/// A string of one line, as TOML writes it: `"a \"b\""` or `'a'`.
fn toml_text(value: &str) -> Option<String> {
    match value.strip_prefix('\'').and_then(|value| value.split_once('\'')) {
        Some((text, _)) => Some(text.to_owned()),
        None => serde_json::Deserializer::from_str(value).into_iter::<String>().next()?.ok(),
    }
}

fn json(text: &str) -> Option<Head> {
    if !text.starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Map<String, Json>>();
    let object = values.next()?.ok()?;
    let end = values.byte_offset();
    let rest = &text[end..];
    let line_end = rest.find('\n').map_or(rest.len(), |line_end| line_end + 1);
    let stands_alone = rest[..line_end].trim().is_empty();
    let title = object.get("title").and_then(Json::as_str).map(str::to_owned);
    stands_alone.then_some(Head { length: end + line_end, title })
}
