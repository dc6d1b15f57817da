//! What a page leaves open: its placeholders, and the shell variables that
//! nothing sets.

use super::place::place;
use super::{Disposition, Found, Plan};
use crate::runbook::{Item, Runbook, Value, Variable};
use crate::source::SourceFile;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A name that a page leaves open, and where it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    /// As its first place has it: `run-id`.
    pub name: String,
    /// Lines of its places, from 1, in order.
    pub lines: Vec<usize>,
}

impl Plan {
    /// What the blocks of these steps leave open, in the order of the steps. A
    /// name that the front matter declares a default for is not open.
    #[must_use]
    pub fn blanks(&self, file: &SourceFile, steps: &[usize]) -> Vec<Blank> {
        let mut blanks: Vec<Blank> = Vec::new();
        let mut places: BTreeMap<(bool, String), usize> = BTreeMap::new();
        for block in steps.iter().flat_map(|index| self.runbook.steps[*index].blocks()) {
            let facts = self.facts(block);
            if facts.default != Disposition::Run {
                continue;
            }
            let placeholders = facts.placeholders.iter().map(|found| (false, found));
            for (is_variable, found) in placeholders.chain(facts.unset.iter().map(|found| (true, found))) {
                // The name of a variable is exact.
                let key = if is_variable { found.name.clone() } else { plain(&found.name) };
                let at = *places.entry((is_variable, key)).or_insert_with(|| {
                    blanks.push(Blank { name: found.name.clone(), lines: Vec::new() });
                    blanks.len() - 1
                });
                let line = file.position(place(file, block, found.span).start).line;
                let lines = &mut blanks[at].lines;
                if lines.last() != Some(&line) {
                    lines.push(line);
                }
            }
        }
        blanks.retain(|blank| self.variable(&blank.name).default_text().is_none());
        blanks
    }

    /// The names of what the blocks of these steps leave open.
    #[must_use]
    pub fn open_names(&self, steps: &[usize]) -> BTreeSet<String> {
        let blocks = steps.iter().flat_map(|index| self.runbook.steps[*index].blocks());
        let facts = blocks.map(|block| self.facts(block)).filter(|facts| facts.runs());
        facts.flat_map(|facts| facts.unset.iter().chain(&facts.placeholders)).map(|found| found.name.clone()).collect()
    }

    /// The declaration of a name. One that the page only leaves open has none;
    /// what it looks like says whether it is a secret.
    #[must_use]
    pub fn variable(&self, name: &str) -> Variable {
        let declared = &self.runbook.front_matter.variables;
        let exact = declared.get(name);
        let near = || declared.iter().find(|(other, _)| is_same_name(other, name)).map(|(_, variable)| variable);
        exact.or_else(near).cloned().unwrap_or_else(|| Variable {
            secret: looks_secret(name) && self.leaves_open(name).is_some(),
            ..Variable::default()
        })
    }

    /// The name that the page leaves open, or declares, and that is meant by
    /// `name`.
    #[must_use]
    pub fn leaves_open(&self, name: &str) -> Option<&str> {
        let found = || {
            let facts = self.runbook.blocks().map(|block| self.facts(block));
            facts.flat_map(|facts| facts.unset.iter().chain(&facts.placeholders))
        };
        let exact = found().find(|found| found.name == name);
        exact.or_else(|| found().find(|found| is_same_name(&found.name, name))).map(|found| found.name.as_str())
    }
}

/// The words that the prose right before each block names as stand-ins, by the
/// block's id.
pub(super) fn named_before(file: &SourceFile, runbook: &Runbook) -> HashMap<String, Vec<String>> {
    let mut named = HashMap::new();
    for step in &runbook.steps {
        let mut before = Vec::new();
        for item in &step.items {
            match item {
                Item::Prose(span) => before.extend(crate::language::named(file.slice(*span))),
                Item::Action(action) => before.extend(crate::language::named(&action.text)),
                Item::Block(block) => {
                    let names = std::mem::take(&mut before);
                    if !names.is_empty() {
                        named.insert(block.id.clone(), names);
                    }
                }
            }
        }
    }
    named
}

/// The name under which `found` has its value: its own, or for a placeholder
/// one that differs in its spelling only.
pub(super) fn key<'v>(values: &'v BTreeMap<String, Value>, found: &Found) -> Option<&'v str> {
    if let Some((key, _)) = values.get_key_value(&found.name) {
        return Some(key);
    }
    let is_variable = found.text.starts_with('$');
    let near = |(key, _): (&'v String, _)| is_same_name(key, &found.name).then_some(key.as_str());
    if is_variable { None } else { values.iter().find_map(near) }
}

/// Whether two names differ only in case, and in `_`, `-` and spaces.
#[must_use]
pub fn is_same_name(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', ' '], "-")
}

/// Ends of names whose values nobody should read.
const SECRETS: &[&str] = &[
    "secret",
    "token",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "credential",
    "credentials",
    "database-url",
    "db-url",
    "dsn",
    "connection-string",
    "webhook-url",
];

/// Whether a name looks as if its value were a secret.
#[must_use]
pub fn looks_secret(name: &str) -> bool {
    let name = plain(name);
    let mut parts = name.rsplit('-');
    let is_key = parts.next() == Some("key") && parts.next().is_some_and(|kind| !OPEN_KEYS.contains(&kind));
    is_key
        || SECRETS.iter().any(|end| name.ends_with(end))
        || name.split('-').any(|part| part == "pass" || part == "pwd")
}

/// Kinds of keys that anybody may know.
const OPEN_KEYS: &[&str] =
    &["public", "primary", "foreign", "cache", "sort", "partition", "routing", "issue", "ticket", "host", "group"];
