//! Names in the annotations that must be found in the page: steps, blocks,
//! connections, ways.

use super::nearest;
use super::sections::slug;
use super::yaml::{Entry, Node};
use crate::runbook::{Block, Section, Step, StepKind};
use crate::source::{Diagnostic, Span};
use std::collections::{HashMap, HashSet};

/// After so many, the nearest name is no longer looked for: a page of many
/// steps and as many wrong names would take minutes.
const MOST_COMPARISONS: usize = 200_000;

/// A name that is used, and must be given somewhere.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) kind: ReferenceKind,
    pub(super) name: String,
    pub(super) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReferenceKind {
    Step,
    Connection,
}

/// Reports every name that is not found: those of the front matter `tree`,
/// and `references` from the page itself.
pub(super) fn check(
    tree: Option<&Node>,
    references: &[Reference],
    steps: &[Step],
    sections: &[Section],
    diagnostics: &mut Vec<Diagnostic>,
) {
    if tree.is_none() && references.is_empty() {
        return;
    }
    let declared = tree.and_then(|tree| tree.get("connections")).map_or(&[][..], Node::entries);
    let mut by_section: HashMap<&str, Vec<&Step>> = HashMap::new();
    for step in steps {
        by_section.entry(&step.section).or_default().push(step);
    }
    let mut names = Names {
        by_id: steps.iter().map(|step| (step.id.as_str(), step)).collect(),
        steps,
        by_section,
        sections: sections.iter().map(|section| section.anchor.as_str()).collect(),
        connections: declared.iter().map(|entry| entry.key.as_str()).collect(),
        comparisons: 0,
        diagnostics,
    };
    if let Some(tree) = tree {
        names.front_matter(tree);
    }
    for reference in references {
        match reference.kind {
            ReferenceKind::Step => names.target(&reference.name, reference.span),
            ReferenceKind::Connection => names.connection(&reference.name, reference.span),
        }
    }
}

struct Names<'a> {
    steps: &'a [Step],
    by_id: HashMap<&'a str, &'a Step>,
    by_section: HashMap<&'a str, Vec<&'a Step>>,
    sections: HashSet<&'a str>,
    connections: Vec<&'a str>,
    /// Names compared so far in search of the nearest.
    comparisons: usize,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Names<'_> {
    fn front_matter(&mut self, tree: &Node) {
        for entry in tree.get("steps").map_or(&[][..], Node::entries) {
            self.step(entry);
        }
        let rehearsal = tree.get("rehearsal").and_then(|rehearsal| rehearsal.get("connections"));
        for entry in rehearsal.map_or(&[][..], Node::entries) {
            self.connection(&entry.key, entry.key_span);
        }
    }

    fn step(&mut self, entry: &Entry) {
        // A section's annotations also reach the steps of its lead-ins.
        let has_parts = self.by_section.contains_key(entry.key.as_str());
        if !self.by_id.contains_key(entry.key.as_str()) && !has_parts {
            let error = if self.sections.contains(entry.key.as_str()) {
                let message = format!("the section `{}` holds nothing to do, so it is no step", entry.key);
                Diagnostic::error("unknown-step", entry.key_span, message)
                    .with_help("name the step in one of its subsections")
            } else {
                self.unknown_step(&entry.key, entry.key_span)
            };
            self.diagnostics.push(error);
        } else {
            self.blocks(entry, has_parts);
            self.choice(entry);
        }
        self.settings(&entry.value);
        for block in entry.value.get("blocks").map_or(&[][..], Node::entries) {
            self.settings(&block.value);
        }
    }

    /// Names that a step or a block may use.
    fn settings(&mut self, settings: &Node) {
        let jump = settings.get("on_failure").and_then(|reaction| reaction.get("jump"));
        for target in [settings.get("rollback"), jump].into_iter().flatten() {
            if let Some(name) = target.text() {
                self.target(name, target.span);
            }
        }
        if let Some(connection) = settings.get("connection")
            && let Some(name) = connection.text()
        {
            self.connection(name, connection.span);
        }
    }

    fn target(&mut self, id: &str, span: Span) {
        if !self.by_id.contains_key(id) {
            let error = self.unknown_step(id, span);
            self.diagnostics.push(error);
        }
    }

    fn unknown_step(&mut self, id: &str, span: Span) -> Diagnostic {
        let error = Diagnostic::error("unknown-step", span, format!("there is no step `{id}`"));
        self.comparisons += self.steps.len();
        if self.comparisons > MOST_COMPARISONS {
            return error;
        }
        let ids = self.steps.iter().map(|step| step.id.as_str());
        // A lead-in's step is easily named without its section.
        let part = ids.clone().find(|full| full.rsplit('/').next() == Some(id.trim_start_matches('#')));
        let help = part.map_or_else(|| nearest::suggestion(id, ids), |part| format!("did you mean `{part}`?"));
        error.with_help(help)
    }

    fn connection(&mut self, name: &str, span: Span) {
        // `default` is what `--connection URL` gives.
        if name == "default" || self.connections.contains(&name) {
            return;
        }
        let help = if self.connections.is_empty() {
            format!("declare it in the front matter: `connections: {{ {name}: {{ env: DATABASE_URL }} }}`")
        } else {
            nearest::suggestion(name, self.connections.iter().copied())
        };
        let message = format!("there is no connection `{name}`");
        self.diagnostics.push(Diagnostic::error("unknown-connection", span, message).with_help(help));
    }

    /// The keys under `blocks` must be numbers or names of the step's blocks.
    fn blocks(&mut self, entry: &Entry, has_parts: bool) {
        if entry.value.get("blocks").is_none() {
            return;
        }
        let step = self.by_id.get(entry.key.as_str());
        let blocks: Vec<&Block> = step.into_iter().copied().flat_map(Step::blocks).collect();
        for key in entry.value.get("blocks").map_or(&[][..], Node::entries) {
            let number: Option<usize> = key.key.parse().ok();
            let is_known = |block: &&Block| number == Some(block.number) || block.name.as_ref() == Some(&key.key);
            if blocks.iter().any(is_known) {
                continue;
            }
            let message = format!("the step `{}` has no block `{}`", entry.key, key.key);
            let help = if blocks.is_empty() && has_parts {
                "its blocks stand under lead-ins: annotate the lead-in's own step".to_owned()
            } else if blocks.is_empty() {
                "it has no blocks at all".to_owned()
            } else {
                let numbers: Vec<String> = blocks.iter().map(|block| block.number.to_string()).collect();
                let names = blocks.iter().filter_map(|block| block.name.as_deref());
                nearest::suggestion(&key.key, names.chain(numbers.iter().map(String::as_str)))
            };
            self.diagnostics.push(Diagnostic::error("unknown-block", key.key_span, message).with_help(help));
        }
    }

    /// `choose` must name one of the ways.
    fn choice(&mut self, entry: &Entry) {
        let Some(choose) = entry.value.get("choose") else { return };
        let Some(wanted) = choose.text() else { return };
        let own = self.by_id.get(entry.key.as_str()).filter(|step| step.kind == StepKind::Choice);
        let mut near = self.by_section.get(entry.key.as_str()).into_iter().flatten();
        let head = own.or_else(|| near.find(|step| step.kind == StepKind::Choice));
        let error = match head {
            None => {
                let message = format!("the step `{}` is no choice between several ways", entry.key);
                Diagnostic::error("not-a-choice", choose.span, message).with_help("leave `choose` out")
            }
            Some(head) => {
                let ways = || self.steps.iter().filter(|step| step.option_of.as_ref() == Some(&head.id));
                let is_meant = |way: &Step| {
                    let anchor = way.id.rsplit('/').next().unwrap_or_default();
                    way.title == wanted || way.id == wanted || anchor == slug(wanted)
                };
                if ways().any(is_meant) {
                    return;
                }
                let message = format!("`{wanted}` is none of the ways to do `{}`", entry.key);
                let titles: Vec<&str> = ways().map(|way| way.title.as_str()).collect();
                Diagnostic::error("unknown-choice", choose.span, message).with_help(nearest::suggestion(wanted, titles))
            }
        };
        self.diagnostics.push(error);
    }
}
