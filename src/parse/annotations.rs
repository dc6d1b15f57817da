//! The front matter read, and given to the steps it speaks of.

use super::front_matter::LONGEST;
use super::yaml::{self, Entry, Node, Value};
use super::{foreign, schema_check};
use crate::runbook::{BlockKey, FrontMatter, HumanDuration, Item, Settings, Step, StepKind, Value as VariableValue};
use crate::source::{Diagnostic, Severity, SourceFile, Span};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Keys that site generators read from the same front matter. They mean
/// nothing here, and a page that has them runs as it stands.
const FOREIGN: &[&str] = &[
    "aliases",
    "author",
    "authors",
    "categories",
    "category",
    "date",
    "description",
    "draft",
    "has_children",
    "hide",
    "hide_title",
    "id",
    "image",
    "keywords",
    "lang",
    "last_modified_at",
    "lastmod",
    "layout",
    "linkTitle",
    "nav_order",
    "parent",
    "permalink",
    "sidebar_label",
    "sidebar_position",
    "slug",
    "tags",
    "toc",
    "updated",
    "weight",
];

/// The front matter, and where everything in it stands.
pub(super) struct Annotations {
    /// Its values; what is wrong in it is left out.
    pub(super) front_matter: FrontMatter,
    /// The same with places, without the keys of other tools. `None` where
    /// there is none that can be read.
    pub(super) tree: Option<Node>,
}

/// Reads the YAML at `span`, and reports all that is wrong with it.
pub(super) fn read(file: &SourceFile, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Annotations {
    let mut found = Vec::new();
    let (annotations, is_own) = read_entries(file, span, &mut found);
    if is_own {
        diagnostics.append(&mut found);
    } else {
        diagnostics.extend(found.into_iter().filter_map(foreign::soften));
    }
    annotations
}

/// The annotations, and whether they were written for this tool.
fn read_entries(file: &SourceFile, span: Span, diagnostics: &mut Vec<Diagnostic>) -> (Annotations, bool) {
    let none = Annotations { front_matter: FrontMatter::default(), tree: None };
    let text = file.slice(span);
    if text.len() > LONGEST {
        let message = format!("front matter cannot be longer than {} KB", LONGEST / 1024);
        diagnostics.push(Diagnostic::error("front-matter-too-long", Span::new(span.start, span.start), message));
        return (none, foreign::is_own_text(text));
    }
    let Some(mut tree) = yaml::read(text, span.start, diagnostics) else {
        return (none, foreign::is_own_text(text));
    };
    let is_own = foreign::is_own(tree.entries());
    match &mut tree.value {
        Value::Mapping(entries) if is_own => entries.retain(|entry| !FOREIGN.contains(&entry.key.as_str())),
        Value::Mapping(entries) => foreign::keep_shared(entries, FOREIGN, diagnostics),
        // Nothing but comments.
        Value::Null => return (none, false),
        _ => {}
    }
    schema_check::check(&tree, diagnostics);
    check_variables(&tree, diagnostics);
    check_expressions(&tree, diagnostics);
    check_holds(&tree, diagnostics);
    let front_matter = values(tree.entries(), diagnostics);
    check_defaults(&tree, &front_matter, diagnostics);
    (Annotations { front_matter, tree: Some(tree) }, is_own)
}

/// The values of all entries that nothing is wrong with.
fn values(entries: &[Entry], diagnostics: &mut Vec<Diagnostic>) -> FrontMatter {
    let mut errors: Vec<Span> =
        diagnostics.iter().filter(|found| found.severity == Severity::Error).map(|found| found.span).collect();
    errors.sort_unstable();
    let is_sound = |entry: &&Entry| {
        let first = errors.partition_point(|error| error.start < entry.key_span.start);
        errors.get(first).is_none_or(|error| error.start >= entry.span().end)
    };
    let mut sound: Vec<&Entry> = entries.iter().filter(is_sound).collect();
    let read =
        |entries: &[&Entry]| serde_yaml::from_value::<FrontMatter>(yaml::to_mapping(entries.iter().copied()).into());
    if let Ok(front_matter) = read(&sound) {
        return front_matter;
    }
    // What the schema cannot say, such as a number with too many digits.
    sound.retain(|entry| match read(&[entry]) {
        Ok(_) => true,
        Err(error) => {
            diagnostics.push(Diagnostic::error("bad-value", entry.key_span, format!("`{}`: {error}", entry.key)));
            false
        }
    });
    read(&sound).unwrap_or_default()
}

/// Names of variables must be words that a template can name.
fn check_variables(tree: &Node, diagnostics: &mut Vec<Diagnostic>) {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    for entry in tree.get("variables").map_or(&[][..], Node::entries) {
        if !is_name(&entry.key) {
            let better: String = entry.key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            let message = format!("`{}` cannot be the name of a variable", entry.key);
            let error = Diagnostic::error("bad-name", entry.key_span, message).with_help(format!(
                "use letters, digits and `_`, such as `{}`",
                better.trim_start_matches(char::is_numeric)
            ));
            diagnostics.push(error);
        }
    }
}

/// The shortest time in which somebody can read a change and answer.
const SHORTEST_HOLD: HumanDuration = HumanDuration(Duration::from_secs(5));

/// Changes must wait long enough for somebody to look at them.
fn check_holds(tree: &Node, diagnostics: &mut Vec<Diagnostic>) {
    for connection in tree.get("connections").map_or(&[][..], Node::entries) {
        let Some(hold) = connection.value.get("hold") else { continue };
        let time = hold.text().and_then(|text| text.parse::<HumanDuration>().ok());
        if time.is_some_and(|time| time < SHORTEST_HOLD) {
            let message = format!("nobody can look at a change and answer in less than {SHORTEST_HOLD}");
            diagnostics.push(
                Diagnostic::error("bad-value", hold.span, message).with_help(
                    "`hold` is how long a change waits for an answer before it is rolled back, such as `60s`",
                ),
            );
        }
    }
}

/// Regular expressions must compile.
fn check_expressions(tree: &Node, diagnostics: &mut Vec<Diagnostic>) {
    for variable in tree.get("variables").map_or(&[][..], Node::entries) {
        diagnostics.extend(variable.value.get("pattern").and_then(bad_expression));
    }
    for step in tree.get("steps").map_or(&[][..], Node::entries) {
        let blocks = step.value.get("blocks").map_or(&[][..], Node::entries);
        for settings in std::iter::once(&step.value).chain(blocks.iter().map(|entry| &entry.value)) {
            let expect = settings.get("expect");
            for stream in ["stdout", "stderr"] {
                let matches = expect.and_then(|expect| expect.get(stream)).and_then(|text| text.get("matches"));
                diagnostics.extend(matches.and_then(bad_expression));
            }
            for capture in settings.get("capture").map_or(&[][..], Node::entries) {
                diagnostics.extend(capture.value.get("matches").and_then(bad_expression));
            }
        }
    }
}

fn bad_expression(node: &Node) -> Option<Diagnostic> {
    let error = regex::Regex::new(node.text()?).err()?;
    let text = error.to_string();
    // The last line says what is wrong; those before it draw the expression.
    let problem = text.lines().next_back().unwrap_or_default().trim_start_matches("error: ");
    Some(Diagnostic::error("bad-pattern", node.span, format!("this is not a regular expression: {problem}")))
}

/// A default must be a value that its variable allows.
fn check_defaults(tree: &Node, front_matter: &FrontMatter, diagnostics: &mut Vec<Diagnostic>) {
    for (name, variable) in &front_matter.variables {
        let place = tree.get("variables").and_then(|all| all.get(name)).and_then(|one| one.get("default"));
        if let (Some(text), Some(place)) = (variable.default_text(), place)
            && let Err(error) = VariableValue::check(name, variable, &text)
        {
            diagnostics.push(Diagnostic::error("bad-default", place.span, error.to_string()));
        }
    }
}

/// Gives each step and block its settings.
pub(super) fn apply(front_matter: &FrontMatter, steps: &mut [Step]) {
    for step in steps {
        // Of most steps nothing is said.
        let Some(settings) = of_step(front_matter, step) else { continue };
        for item in &mut step.items {
            let Item::Block(block) = item else { continue };
            let entry = |key: Option<BlockKey>| key.and_then(|key| settings.blocks.get(&key));
            let numbered = entry(Some(BlockKey::Number(block.number)));
            let named = entry(block.name.clone().map(BlockKey::Name));
            let mut merged = Settings::clone(&block.settings);
            for base in named.into_iter().chain(numbered) {
                merged = merged.over(base);
            }
            // Whether the step is run at all is asked once, for the step.
            let when = merged.when.take();
            let merged = Settings { when, choose: None, blocks: BTreeMap::new(), ..merged.over(&settings) };
            block.settings = Arc::new(merged);
        }
        step.settings = Arc::new(settings);
    }
}

/// A step's own settings, over those of the section it hangs under.
fn of_step(front_matter: &FrontMatter, step: &Step) -> Option<Settings> {
    let own = front_matter.steps.get(&step.id);
    match front_matter.steps.get(&step.section) {
        Some(section) if step.id != step.section => {
            let own = own.cloned().unwrap_or_default();
            // Which way to take is asked once, by the head of the ways; where
            // the section's own step is not the head, it may still say it.
            let choose =
                own.choose.clone().or_else(|| section.choose.clone().filter(|_| step.kind == StepKind::Choice));
            Some(Settings { choose, ..own.over(section) })
        }
        _ => own.cloned(),
    }
}
