//! What a page leaves open, listed before anything runs.

use super::print::Printer;
use crate::engine::Given;
use crate::plan::{Blank, Plan, is_same_name};
use crate::source::SourceFile;
use std::collections::BTreeMap;

/// Says what the blocks of these steps leave open and nobody has given.
pub(super) fn list(
    file: &SourceFile,
    plan: &Plan,
    steps: &[usize],
    given: &BTreeMap<String, Given>,
    printer: &Printer,
) {
    if let Some(line) = line(file, plan, steps, given) {
        printer.note(&line);
    }
}

/// The same as a line, if there is anything to say.
pub(super) fn line(file: &SourceFile, plan: &Plan, steps: &[usize], given: &BTreeMap<String, Given>) -> Option<String> {
    let mut open = plan.blanks(file, steps);
    open.retain(|blank| !given.keys().any(|name| is_same_name(name, &blank.name)));
    let places: Vec<_> = open.iter().map(place).collect();
    (!places.is_empty()).then(|| format!("This page leaves open: {}", places.join(", ")))
}

/// `run-id (lines 48, 52)`.
fn place(blank: &Blank) -> String {
    let lines: Vec<_> = blank.lines.iter().map(usize::to_string).collect();
    let word = if lines.len() == 1 { "line" } else { "lines" };
    format!("{} ({word} {})", blank.name, lines.join(", "))
}
