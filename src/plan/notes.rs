//! What a page's author wants to know before a responder does, beside what is
//! wrong: what is asked about, what is passed over, what does not return.

use super::place::place;
use super::{Facts, Plan};
use crate::runbook::{Block, Effect};
use crate::source::{Diagnostic, SourceFile, Span};

/// A block that may not be one that its interpreter can parse.
#[derive(Debug, Clone)]
pub struct Unparsed<'p> {
    /// The block.
    pub block: &'p Block,
    /// Its text with something in the place of what is still to be filled in,
    /// line for line.
    pub text: String,
    /// Where in the page the grammar gives up.
    pub place: Span,
}

/// The findings of `runbook check` beside [`Plan::diagnostics`], in page order.
#[must_use]
pub fn notes(file: &SourceFile, plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for block in plan.runbook.blocks() {
        note_block(file, plan, block, &mut found);
    }
    found.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
    found
}

/// The shell blocks that the grammar cannot make sense of. It knows most of
/// bash, not all of it: the interpreter has the last word.
#[must_use]
pub fn unparsed<'p>(file: &SourceFile, plan: &'p Plan) -> Vec<Unparsed<'p>> {
    let of_block = |block: &'p Block| {
        let facts = plan.facts(block);
        let span = facts.unparsed.filter(|_| facts.runs())?;
        Some(Unparsed { block, text: filled_in(plan, block, facts), place: place(file, block, span) })
    };
    plan.runbook.blocks().filter_map(of_block).collect()
}

fn filled_in(plan: &Plan, block: &Block, facts: &Facts) -> String {
    let mut text = plan.without_values(block, &block.run).into_owned();
    for found in facts.placeholders.iter().filter(|found| !found.text.contains('\n')) {
        let range = found.span.start..found.span.end;
        if text.get(range.clone()).is_some() {
            text.replace_range(range, &"x".repeat(found.text.len()));
        }
    }
    text
}

fn note_block(file: &SourceFile, plan: &Plan, block: &Block, found: &mut Vec<Diagnostic>) {
    let facts = plan.facts(block);
    let opening = file.line_span(block.line_start).unwrap_or(block.span);
    let opening = Span::new(opening.start.max(block.span.start), opening.end);
    let note = |code, message: String| Diagnostic::note(code, opening, message);
    if is_mislabelled(block) {
        let help = "label it as what it is, or leave the label out";
        found.push(note("mislabelled", format!("this is {}", block.why)).with_help(help));
    }
    if !facts.runs() {
        if block.class.is_executable() {
            found.push(note("skipped", format!("this block is not run by itself: {}", facts.why)));
        }
        return;
    }
    if facts.effect == Effect::Destructive {
        let reasons = if facts.reasons.is_empty() { "cannot be undone".to_owned() } else { facts.reasons.join("; ") };
        found.push(
            note("destructive", format!("this block is destructive: {reasons}")).with_help("a typed word is asked for"),
        );
    }
    if !facts.conditions.is_empty() {
        let conditions = facts.conditions.join("; ");
        found.push(
            note("escalates", format!("some of this block is needed only if: {conditions}"))
                .with_help("it is asked about before, and left out where nobody says that it is needed"),
        );
    }
    if let Some(command) = &facts.endless {
        found.push(
            note("endless", format!("`{command}` does not end by itself"))
                .with_help("Ctrl-C ends it, which counts as success"),
        );
    }
    if let Some(command) = &facts.interactive {
        found.push(note("interactive", format!("`{command}` takes over the terminal: it cannot run unattended")));
    }
    if let Some(command) = facts.opens.as_ref().filter(|_| !leaves(block)) {
        found.push(
            note("context-left-open", format!("`{command}` opens a shell that this block does not leave"))
                .with_help("write `exit` where it is left, or what follows is meant to run there too"),
        );
    }
    if plan.is_template(block) {
        let raw = crate::template::raw_values(&block.run).into_iter().map(|span| {
            Diagnostic::warning("raw-value", place(file, block, span), "this value is taken as code, not as a value")
                .with_help("without `| raw` it can be nothing but a value")
        });
        found.extend(raw);
    }
}

/// Whether a line leaves the shell that the block opens.
fn leaves(block: &Block) -> bool {
    block.run.lines().any(|line| matches!(line.split_whitespace().next(), Some("exit" | "logout")))
}

/// Whether the block is read as something else than its label says, which is
/// how its reason then begins.
fn is_mislabelled(block: &Block) -> bool {
    !block.label.is_empty() && block.why.starts_with(&format!("labelled `{}`, but ", block.label))
}
