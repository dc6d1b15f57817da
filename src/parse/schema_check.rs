//! The front matter held against the JSON Schema of its types.
//!
//! `serde` stops at the first error and knows no places; this finds all of
//! them, each with its place. The types stay the only truth: the schema is
//! made from them.

use super::nearest;
use super::yaml::{Entry, Node, Value};
use crate::runbook::FrontMatter;
use crate::source::{Diagnostic, Span};
use serde_json::Value as Schema;
use std::sync::LazyLock;

/// Made once, and only when a page has front matter.
static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schemars::schema_for!(FrontMatter).to_value());

/// Reports everything in `root` that the schema does not allow.
pub(super) fn check(root: &Node, diagnostics: &mut Vec<Diagnostic>) {
    check_against(&SCHEMA, "the front matter", root, diagnostics);
}

/// Reports everything in `root`, which is what `subject` says, that `schema`
/// does not allow.
pub(super) fn check_against(schema: &'static Schema, subject: &str, root: &Node, diagnostics: &mut Vec<Diagnostic>) {
    Checker { diagnostics, whole: schema }.node(root, schema, subject, root.span);
}

struct Checker<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
    /// What references in a schema point into.
    whole: &'static Schema,
}

impl Checker<'_> {
    /// Checks `node`, which stands under the key `name` at `key`.
    fn node(&mut self, node: &Node, schema: &'static Schema, name: &str, key: Span) {
        let leaves = leaves(schema, self.whole);
        if leaves.iter().any(|leaf| allows_all(leaf)) {
            return;
        }
        let of_type = |name| leaves.iter().copied().filter(|leaf| has_type(leaf, name)).collect::<Vec<_>>();
        match &node.value {
            Value::Mapping(entries) => match of_type("object").as_slice() {
                [] => self.wrong_type(node, &leaves, name, key),
                objects => self.object(entries, objects, name, key),
            },
            Value::Sequence(items) => match of_type("array").first() {
                None => self.wrong_type(node, &leaves, name, key),
                Some(array) => {
                    let least = array.get("minItems").and_then(Schema::as_u64).unwrap_or_default();
                    if (items.len() as u64) < least {
                        let message = format!("{} cannot be empty", quoted(name));
                        self.diagnostics.push(Diagnostic::error("bad-value", key, message));
                    }
                    if let Some(schema) = array.get("items") {
                        items.iter().for_each(|item| self.node(item, schema, name, item.span));
                    }
                }
            },
            _ => self.scalar(node, schema, &leaves, name, key),
        }
    }

    fn object(&mut self, entries: &[Entry], objects: &[&'static Schema], name: &str, key: Span) {
        let properties = |object: &'static Schema| object.get("properties").and_then(Schema::as_object);
        let has = |object: &'static Schema, key: &str| properties(object).is_some_and(|all| all.contains_key(key));
        // Of several shapes, the one whose keys are used is the one meant.
        let meant = objects.iter().copied().find(|object| entries.iter().any(|entry| has(object, &entry.key)));
        let shapes: Vec<&'static Schema> = meant.map_or_else(|| objects.to_vec(), |meant| vec![meant]);
        let object = shapes[0];
        for entry in entries {
            if let Some(schema) = properties(object).and_then(|all| all.get(&entry.key)) {
                self.node(&entry.value, schema, &entry.key, entry.key_span);
                continue;
            }
            match object.get("additionalProperties") {
                Some(Schema::Bool(true)) => {}
                Some(schema @ Schema::Object(_)) => self.node(&entry.value, schema, &entry.key, entry.key_span),
                _ => {
                    let names = shapes.iter().filter_map(|shape| properties(shape)).flat_map(|all| all.keys());
                    let names: Vec<&str> = names.map(String::as_str).collect();
                    let message = format!("`{}` is no key of {}", entry.key, quoted(name));
                    let error = Diagnostic::error("unknown-key", entry.key_span, message)
                        .with_help(nearest::suggestion(&entry.key, names));
                    self.diagnostics.push(error);
                }
            }
        }
        let least = object.get("minProperties").and_then(Schema::as_u64).unwrap_or_default();
        if (entries.len() as u64) < least {
            let message = format!("{} cannot be empty", quoted(name));
            self.diagnostics.push(Diagnostic::error("bad-value", key, message));
        }
        let required = object.get("required").and_then(Schema::as_array).into_iter().flatten();
        for missing in required.filter_map(Schema::as_str) {
            // One unknown key instead of the required one is told already.
            let mistaken = meant.is_none() && !entries.is_empty() && shapes.len() > 1;
            if !mistaken && !entries.iter().any(|entry| entry.key == missing) {
                let message = format!("{} needs the key `{missing}`", quoted(name));
                self.diagnostics.push(Diagnostic::error("missing-key", key, message));
            }
        }
    }

    fn scalar(&mut self, node: &Node, schema: &'static Schema, leaves: &[&'static Schema], name: &str, key: Span) {
        if leaves.iter().any(|leaf| accepts(leaf, &node.value)) {
            return;
        }
        let text = node.text();
        let words: Vec<&str> = leaves.iter().flat_map(|leaf| words(leaf)).collect();
        let pattern = leaves.iter().find(|leaf| leaf.get("pattern").is_some() && text.is_some());
        let bounded = leaves.iter().find(|leaf| leaf.get("minimum").is_some() || leaf.get("format").is_some());
        if let Some(text) = text
            && !words.is_empty()
        {
            let message = format!("`{text}` is no value of {}", quoted(name));
            let error = Diagnostic::error("bad-value", node.span, message).with_help(nearest::suggestion(text, words));
            self.diagnostics.push(error);
        } else if let (Some(text), Some(pattern)) = (text, pattern) {
            let message = format!("`{text}` is no value of {}", quoted(name));
            let error = Diagnostic::error("bad-value", node.span, message);
            self.diagnostics.push(match description(pattern).or_else(|| meaning(schema, self.whole)) {
                Some(wanted) => error.with_help(wanted),
                None => error,
            });
        } else if matches!(node.value, Value::Integer(_)) && bounded.is_some() {
            let message = format!("{} cannot be so large or small a number", quoted(name));
            self.diagnostics.push(Diagnostic::error("bad-value", node.span, message));
        } else {
            self.wrong_type(node, leaves, name, key);
        }
    }

    fn wrong_type(&mut self, node: &Node, leaves: &[&'static Schema], name: &str, key: Span) {
        let mut wanted: Vec<String> = Vec::new();
        for kind in leaves.iter().flat_map(|leaf| kinds(leaf)) {
            if !wanted.contains(&kind) {
                wanted.push(kind);
            }
        }
        let (found, help) = match &node.value {
            Value::Null => ("nothing", Some("give it a value, or leave the key out".to_owned())),
            Value::Bool(_) => ("true or false", None),
            Value::Integer(_) | Value::Float(_) => ("a number", None),
            Value::Text(_) => ("text", None),
            Value::Sequence(_) => ("a list", None),
            Value::Mapping(_) => ("a mapping", None),
        };
        let is_word = matches!(node.value, Value::Bool(_) | Value::Integer(_) | Value::Float(_));
        let help = help
            .or_else(|| leaves.iter().find_map(|leaf| leaf.get("pattern").and_then(|_| description(leaf))))
            .or_else(|| (is_word && wanted.iter().any(|kind| kind == "text")).then(|| "put it in quotes".to_owned()))
            .or_else(|| flag_for(node.text()?, &wanted));
        // A collection's own place is all of its lines.
        let is_large = matches!(node.value, Value::Sequence(_) | Value::Mapping(_) | Value::Null);
        let span = if is_large { key } else { node.span };
        let message = format!("{} must be {}, not {found}", quoted(name), wanted.join(" or "));
        let error = Diagnostic::error("wrong-type", span, message);
        self.diagnostics.push(match help {
            Some(help) => error.with_help(help),
            None => error,
        });
    }
}

/// Help for the words that YAML 1.1 took for flags.
fn flag_for(text: &str, wanted: &[String]) -> Option<String> {
    let flag = match text.to_lowercase().as_str() {
        "yes" | "on" | "true" => true,
        "no" | "off" | "false" => false,
        _ => return None,
    };
    wanted.iter().any(|kind| kind == "true or false").then(|| format!("write `{flag}`, without quotes"))
}

fn quoted(name: &str) -> String {
    if name.contains(' ') { name.to_owned() } else { format!("`{name}`") }
}

/// The schemas of which one must hold, references followed.
fn leaves(schema: &'static Schema, whole: &'static Schema) -> Vec<&'static Schema> {
    if let Some(target) = schema.get("$ref").and_then(Schema::as_str) {
        let target = target.strip_prefix('#').and_then(|pointer| whole.pointer(pointer));
        return target.map_or_else(Vec::new, |target| leaves(target, whole));
    }
    match schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Schema::as_array) {
        Some(any) => any.iter().flat_map(|one| leaves(one, whole)).collect(),
        None => vec![schema],
    }
}

fn allows_all(leaf: &Schema) -> bool {
    leaf == &Schema::Bool(true) || ["type", "const", "enum", "properties"].iter().all(|key| leaf.get(*key).is_none())
}

fn types(leaf: &Schema) -> impl Iterator<Item = &str> {
    let types = leaf.get("type");
    types.and_then(Schema::as_array).into_iter().flatten().chain(types).filter_map(Schema::as_str)
}

fn has_type(leaf: &Schema, name: &str) -> bool {
    types(leaf).any(|kind| kind == name)
}

/// The words that `leaf` allows, if it allows only certain words.
fn words(leaf: &Schema) -> impl Iterator<Item = &str> {
    leaf.get("enum")
        .and_then(Schema::as_array)
        .into_iter()
        .flatten()
        .chain(leaf.get("const"))
        .filter_map(Schema::as_str)
}

fn accepts(leaf: &Schema, value: &Value) -> bool {
    match value {
        Value::Null => has_type(leaf, "null"),
        Value::Bool(_) => has_type(leaf, "boolean"),
        Value::Integer(number) => has_type(leaf, "number") || (has_type(leaf, "integer") && in_bounds(leaf, *number)),
        Value::Float(_) => has_type(leaf, "number"),
        Value::Text(text) => {
            let mut words = words(leaf).peekable();
            let is_word = words.peek().is_none() || words.any(|word| word == text);
            has_type(leaf, "string") && is_word && matches_pattern(leaf, text)
        }
        Value::Sequence(_) | Value::Mapping(_) => false,
    }
}

fn in_bounds(leaf: &Schema, number: i128) -> bool {
    let (lowest, highest) = match leaf.get("format").and_then(Schema::as_str) {
        Some("int32") => (i32::MIN.into(), i32::MAX.into()),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint64") => (0, u64::MAX.into()),
        _ => (i64::MIN.into(), i128::from(u64::MAX)),
    };
    let minimum = leaf.get("minimum").and_then(Schema::as_i64).map_or(lowest, i128::from);
    (lowest.max(minimum)..=highest).contains(&number)
}

fn matches_pattern(leaf: &Schema, text: &str) -> bool {
    let long_enough =
        leaf.get("minLength").and_then(Schema::as_u64).is_none_or(|least| text.chars().count() as u64 >= least);
    let pattern = leaf.get("pattern").and_then(Schema::as_str);
    // An expression that does not compile is a mistake in the types, and
    // reading the values tells it.
    let matches = pattern.and_then(|pattern| regex::Regex::new(pattern).ok()).is_none_or(|regex| regex.is_match(text));
    long_enough && matches
}

/// What `leaf` allows, for a person.
fn kinds(leaf: &Schema) -> Vec<String> {
    if words(leaf).next().is_some() {
        return words(leaf).map(|word| format!("`{word}`")).collect();
    }
    let kind = |name| match name {
        "string" => Some("text"),
        "integer" => Some("a whole number"),
        "number" => Some("a number"),
        "boolean" => Some("true or false"),
        "array" => Some("a list"),
        "object" => Some("a mapping"),
        _ => None,
    };
    types(leaf).filter_map(kind).map(str::to_owned).collect()
}

/// What the type behind a key is, where the key refers to one.
fn meaning(schema: &'static Schema, whole: &'static Schema) -> Option<String> {
    let any = schema.get("anyOf").and_then(Schema::as_array).into_iter().flatten();
    let mut targets = any.chain([schema]).filter_map(|one| one.get("$ref")?.as_str()?.strip_prefix('#'));
    let text = targets.find_map(|pointer| whole.pointer(pointer)?.get("description")?.as_str());
    text.map(|text| text.trim_end_matches('.').to_owned())
}

/// What a text with a form of its own must look like.
fn description(leaf: &Schema) -> Option<String> {
    let text = leaf.get("description").and_then(Schema::as_str);
    let examples = leaf.get("examples").and_then(Schema::as_array);
    let examples =
        examples.map(|all| all.iter().filter_map(Schema::as_str).map(|one| format!("`{one}`")).collect::<Vec<_>>());
    match (text, examples) {
        (_, Some(examples)) if !examples.is_empty() => Some(format!("write it like {}", examples.join(", "))),
        (Some(text), _) => Some(text.trim_end_matches('.').to_owned()),
        _ => None,
    }
}
