//! Markdown to the model.
//!
//! `file → outline (one pass over the Markdown) → sections, steps, blocks`,
//! beside it `front matter → YAML tree → annotations`, which the steps take
//! in at the end. Whatever is wrong becomes a diagnostic, and the runbook is
//! then as good as it can be.

mod alternatives;
mod blocks;
mod class;
mod info;
mod nearest;
mod outline;
mod sections;
mod session;
mod steps;

use crate::runbook::{FrontMatter, Runbook};
use crate::source::{Diagnostic, SourceFile};

/// A page, read: what could be understood, and all that is wrong with it.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The runbook, as good as it can be had.
    pub runbook: Runbook,
    /// Every finding, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a page.
#[must_use]
pub fn parse(file: &SourceFile) -> Parsed {
    let mut diagnostics = Vec::new();
    let contents = outline::read(file, 0);
    let sections = sections::read(file, &contents);
    let steps = steps::read(file, contents, &sections, &mut diagnostics);
    let title = String::new();
    let runbook = Runbook { title, front_matter: FrontMatter::default(), sections, steps };
    diagnostics.sort_by_key(|diagnostic| diagnostic.span);
    Parsed { runbook, diagnostics }
}
