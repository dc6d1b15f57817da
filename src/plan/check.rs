//! What would hurt, found before anything runs.

use super::Plan;
use super::obstacle::first_line;
use super::place::Places;
use crate::runbook::Block;
use crate::source::{Diagnostic, SourceFile, Span};
use std::cell::LazyCell;
use std::collections::HashSet;

/// Adds what the blocks' own texts show to the page's diagnostics.
pub(super) fn check(file: &SourceFile, plan: &mut Plan) {
    let steps = plan.runbook.steps.iter();
    let settings = steps.flat_map(|step| std::iter::once(&step.settings).chain(step.blocks().map(|b| &b.settings)));
    let captured: HashSet<&str> = settings.flat_map(|settings| settings.capture.keys().map(String::as_str)).collect();
    let mut found: Vec<_> = plan.garbled.iter().map(crate::source::Garbled::diagnostic).collect();
    for block in plan.runbook.blocks() {
        check_block(file, plan, block, &captured, &mut found);
    }
    plan.diagnostics.extend(found);
}

fn check_block(file: &SourceFile, plan: &Plan, block: &Block, captured: &HashSet<&str>, found: &mut Vec<Diagnostic>) {
    let facts = plan.facts(block);
    if !facts.runs_by_default() {
        return;
    }
    let places = LazyCell::new(|| Places::new(file, block));
    let place = |span: Span| places.of(span);
    super::mending::check(file, block, facts, found);
    for placeholder in &facts.placeholders {
        found.push(
            Diagnostic::warning(
                "placeholder",
                place(placeholder.span),
                format!("`{}` is a placeholder", placeholder.text),
            )
            .with_help(format!("a run asks for it; `--var '{}=VALUE'` gives it", placeholder.name)),
        );
    }
    for example in &facts.examples {
        let open = facts.placeholders.first().map(|found| found.text.as_str()).unwrap_or_default();
        found.push(
            Diagnostic::warning(
                "worked-example",
                place(example.span),
                format!("`{}` is the page's example of `{open}`, and would be run as well", example.text),
            )
            .with_help("a run offers to leave it out; keep it in the text before the block"),
        );
    }
    for unset in &facts.unset {
        found.push(Diagnostic::warning(
            "unset-variable",
            place(unset.span),
            format!("nothing sets {} before this block", unset.text),
        ));
    }
    for never in &facts.never_sent {
        let message = format!("`{}` {}, and is never sent", first_line(&never.found.text), never.why);
        found.push(Diagnostic::warning("client-command", place(never.found.span), message).with_help(&never.mend));
    }
    for left_out in &facts.left_out {
        let message = format!("`{}` only changes what the database's own client shows", left_out.text);
        found.push(Diagnostic::note("left-out", place(left_out.span), message).with_help("a run leaves it out"));
    }
    if plan.is_template(block) {
        check_references(plan, block, &place, captured, found);
    }
}

fn check_references(
    plan: &Plan,
    block: &Block,
    place: &dyn Fn(Span) -> Span,
    captured: &HashSet<&str>,
    found: &mut Vec<Diagnostic>,
) {
    let references = match crate::template::references(&block.run) {
        Ok(references) => references,
        Err(error) => {
            found.push(Diagnostic { span: place(error.span()), ..error.diagnostic(0) });
            return;
        }
    };
    let declared = &plan.runbook.front_matter.variables;
    for (name, span) in references {
        if declared.contains_key(&name) || captured.contains(name.as_str()) {
            continue;
        }
        let nearest = declared
            .keys()
            .map(|known| (strsim::jaro_winkler(known, &name), known))
            .filter(|(score, _)| *score > 0.7)
            .max_by(|(a, _), (b, _)| a.total_cmp(b));
        let help = match nearest {
            Some((_, known)) => format!("did you mean `{known}`?"),
            None => format!("declare it in the front matter: variables: {{ {name}: {{ prompt: … }} }}"),
        };
        let message = format!("`{name}` is not a variable of this runbook");
        found.push(Diagnostic::error("unknown-variable", place(span), message).with_help(help));
    }
}
