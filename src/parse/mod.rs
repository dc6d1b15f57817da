//! Markdown to the model.
//!
//! `file → outline (one pass over the Markdown) → sections, steps, blocks`,
//! beside it `front matter → YAML tree → annotations`, which the steps take
//! in at the end. Whatever is wrong becomes a diagnostic, and the runbook is
//! then as good as it can be.

mod alternatives;
mod annotations;
mod announce;
mod answers;
mod blocks;
mod class;
mod condition;
mod configuration;
mod expectation;
mod first_line;
mod foreign;
mod form;
mod front_matter;
mod info;
mod labels;
mod manner;
mod manual;
mod nearest;
mod outline;
mod paragraph;
mod parts;
mod printed;
mod procedure;
mod prompt;
mod references;
mod scenario;
mod schema_check;
mod sections;
mod session;
mod steps;
mod tabs;
mod topic;
mod unfinished;
mod unread;
mod yaml;

use crate::runbook::{FrontMatter, Reading, Runbook, Section};
use crate::source::{Diagnostic, SourceFile};
use annotations::Annotations;
use references::Reference;
use std::path::Path;

pub use configuration::configuration;
pub use labels::is_for_shell_or_sql;

/// A page, read: what could be understood, and all that is wrong with it.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The runbook, as good as it can be had.
    pub runbook: Runbook,
    /// Every finding, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// Where the page begins behind its front matter, in bytes.
    pub body: usize,
}

/// What a page says of itself before its first step.
#[derive(Debug, Clone)]
pub struct Head {
    /// The runbook's title, as in [`Runbook`].
    pub title: String,
    /// The page's own front matter, as far as it could be understood.
    pub front_matter: FrontMatter,
}

/// What comes up while the page is read.
#[derive(Debug, Default)]
struct Findings {
    diagnostics: Vec<Diagnostic>,
    /// Names used in info strings, to be looked up when all steps are known.
    references: Vec<Reference>,
}

/// Reads a page. `recognise` tells what a text is from its content alone, and
/// has a say in what a block holds beside its label.
#[must_use]
pub fn parse(file: &SourceFile, recognise: &dyn Fn(&str) -> Option<Reading>) -> Parsed {
    let mut findings = Findings::default();
    let cut = front_matter::cut(file, &mut findings.diagnostics);
    let annotations = cut.yaml.map(|yaml| annotations::read(file, yaml, &mut findings.diagnostics));
    let contents = outline::read(file, cut.body);
    let sections = sections::read(file, &contents);
    let mut steps = steps::read(file, contents, &sections, recognise, &mut findings);
    unread::are_of_files(file, &mut steps);
    let Findings { mut diagnostics, references } = findings;
    let (front_matter, tree) = match annotations {
        Some(Annotations { front_matter, tree }) => (front_matter, tree),
        None => (FrontMatter { title: cut.title, ..FrontMatter::default() }, None),
    };
    scenario::name(&mut steps, &sections);
    annotations::apply(&front_matter, &mut steps);
    references::check(tree.as_ref(), &references, &steps, &sections, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    let title = title(file, &front_matter, || Some(heading(&sections)?.to_owned()));
    Parsed { runbook: Runbook { title, front_matter, sections, steps }, diagnostics, body: cut.body }
}

/// Reads what stands at the head of a page, and of the rest no more than up to
/// its first heading.
#[must_use]
pub fn head(file: &SourceFile) -> Head {
    let mut diagnostics = Vec::new();
    let cut = front_matter::cut(file, &mut diagnostics);
    let annotations = cut.yaml.map(|yaml| annotations::read(file, yaml, &mut diagnostics));
    let front_matter = match annotations {
        Some(annotations) => annotations.front_matter,
        None => FrontMatter { title: cut.title, ..FrontMatter::default() },
    };
    let title = title(file, &front_matter, || outline::first_heading(file, cut.body));
    Head { title, front_matter }
}

/// The text of the first heading that has any.
fn heading(sections: &[Section]) -> Option<&str> {
    sections.iter().map(|section| section.title.trim()).find(|title| !title.is_empty())
}

/// The front matter's title, else the first heading, else the file's name.
fn title(file: &SourceFile, front_matter: &FrontMatter, heading: impl FnOnce() -> Option<String>) -> String {
    let name = || Path::new(file.name()).file_stem().map_or_else(|| file.name().into(), |stem| stem.to_string_lossy());
    front_matter.title.clone().or_else(heading).unwrap_or_else(|| name().into_owned())
}

#[cfg(test)]
mod tests;
