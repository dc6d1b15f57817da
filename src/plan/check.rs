//! What would hurt, found before anything runs.

use super::Plan;
use super::place::place;
use crate::runbook::Block;
use crate::source::{Diagnostic, SourceFile};

/// Adds what the blocks' own texts show to the page's diagnostics.
pub(super) fn check(file: &SourceFile, plan: &mut Plan) {
    let mut found = Vec::new();
    for block in plan.runbook.blocks() {
        check_block(file, plan, block, &mut found);
    }
    plan.diagnostics.extend(found);
}

fn check_block(file: &SourceFile, plan: &Plan, block: &Block, found: &mut Vec<Diagnostic>) {
    let facts = plan.facts(block);
    if !facts.runs() {
        return;
    }
    for placeholder in &facts.placeholders {
        found.push(
            Diagnostic::warning(
                "placeholder",
                place(file, block, placeholder.span),
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
                place(file, block, example.span),
                format!("`{}` is the page's example of `{open}`, and would be run as well", example.text),
            )
            .with_help("a run offers to leave it out; keep it in the text before the block"),
        );
    }
    for unset in &facts.unset {
        found.push(Diagnostic::warning(
            "unset-variable",
            place(file, block, unset.span),
            format!("nothing sets {} before this block", unset.text),
        ));
    }
    for statement in &facts.client_only {
        found.push(
            Diagnostic::warning(
                "client-command",
                place(file, block, statement.span),
                format!("`{}` is for the database's own client", statement.text),
            )
            .with_help("it is never sent to the server; write the query it stands for"),
        );
    }
    if plan.is_template(block) {
        check_references(file, plan, block, found);
    }
}

fn check_references(file: &SourceFile, plan: &Plan, block: &Block, found: &mut Vec<Diagnostic>) {
    let references = match crate::template::references(&block.run) {
        Ok(references) => references,
        Err(error) => {
            found.push(Diagnostic { span: place(file, block, error.span()), ..error.diagnostic(0) });
            return;
        }
    };
    let declared = &plan.runbook.front_matter.variables;
    let captured = |name: &str| {
        let settings = plan
            .runbook
            .steps
            .iter()
            .flat_map(|step| std::iter::once(&step.settings).chain(step.blocks().map(|block| &block.settings)));
        settings.into_iter().any(|settings| settings.capture.contains_key(name))
    };
    for (name, span) in references {
        if declared.contains_key(&name) || captured(&name) {
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
        found.push(Diagnostic::error("unknown-variable", place(file, block, span), message).with_help(help));
    }
}
