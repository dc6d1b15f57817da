//! `runbook plan`

use super::args::{PlanArgs, SelectionArgs};
use super::configuration::surroundings;
use super::exit::{CliError, Exit};
use super::locate::locate;
use super::print::Printer;
use crate::plan::{Plan, SelectError, Selection, plan_json, select};
use crate::runbook::{Block, Effect, Step, StepKind};
use crate::source::{Severity, SourceFile};
use crate::terminal::stake;
use std::collections::HashSet;

/// The names of the variables that blocks will find in their environment.
pub(super) fn environment() -> HashSet<String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
}

pub(super) fn selection(anchor: Option<String>, args: &SelectionArgs) -> Selection {
    Selection { anchor, from: args.from.clone(), only: args.only.clone() }
}

/// An error that lists what can be chosen instead.
pub(super) fn not_selected(file: &SourceFile, error: &SelectError) -> CliError {
    let message = format!("{}: {error}", file.name());
    match error {
        SelectError::Several { scenarios } => {
            let error = CliError::usage(message);
            scenarios
                .iter()
                .fold(error, |error, (anchor, title)| error.hint(format!("{}#{anchor}  ({title})", file.name())))
        }
        SelectError::Unknown { .. } => {
            CliError::usage(message).hint(format!("`runbook plan {}` lists the anchors", file.name()))
        }
        SelectError::Empty(_) => CliError::usage(message),
    }
}

pub(super) fn plan(args: &PlanArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut located = locate(&args.page.page, args.mend.mend)?;
    if args.mend.mend {
        located.mend();
    }
    let file = &located.file;
    let mut plan = Plan::read(file, surroundings()?);
    let selected = match select(&plan.runbook, &selection(located.anchor.clone(), &args.selection)) {
        Ok(selected) => selected,
        // With none chosen, a plan shows them all.
        Err(SelectError::Several { .. } | SelectError::Empty(_)) if located.anchor.is_none() => {
            (0..plan.runbook.steps.len()).collect()
        }
        Err(error) => return Err(not_selected(file, &error)),
    };
    plan.ask_for(&selected, args.selection.from.as_deref());
    if args.json.json {
        printer.json(&plan_json(file, &plan, &selected))?;
    } else {
        printer.lines(&text(&plan, &selected))?;
        printer.diagnostics(file, &plan.diagnostics);
    }
    let broken = plan.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    Ok(if broken { Exit::Usage } else { Exit::Done })
}

fn text(plan: &Plan, selected: &[usize]) -> String {
    let mut text = format!("{}\n", plan.runbook.title);
    let title = |anchor: &str| plan.runbook.section(anchor).map(|section| section.title.as_str()).unwrap_or_default();
    // The headings that stand over what comes next, as they have been printed.
    let (mut scenario, mut heading) = (None, None);
    for step in selected.iter().map(|index| &plan.runbook.steps[*index]) {
        let section = plan.runbook.section(&step.section).filter(|section| section.level > 2);
        let parent = section.and_then(|section| section.parent.as_deref());
        if parent.is_some() && parent != scenario && !is_way(step) {
            scenario = parent;
            text.push_str(&format!("\n{}\n", parent.map(title).unwrap_or_default()));
        }
        let is_lead_in = step.id.contains('/') && step.kind != StepKind::Choice;
        if is_lead_in && heading != Some(&step.section) {
            text.push_str(&format!("  {}\n", title(&step.section)));
        }
        heading = Some(&step.section);
        text.push_str(&step_text(plan, step, if is_lead_in || is_way(step) { "    " } else { "  " }));
    }
    text
}

/// Whether the step stands under another as one of the ways to do it.
fn is_way(step: &Step) -> bool {
    step.option_of.as_ref().is_some_and(|head| *head != step.id)
}

fn step_text(plan: &Plan, step: &Step, indent: &str) -> String {
    let kind = match step.kind {
        StepKind::Step => "",
        StepKind::Manual => "  by hand",
        StepKind::Choice => "  choose one",
    };
    let mut text = format!("{indent}{}  #{}{kind}\n", step.title, step.id);
    if let Some(condition) = &step.only_if {
        text.push_str(&format!("{indent}    only if: {condition}\n"));
    }
    if let Some(reason) = plan.aside(step) {
        text.push_str(&format!("{indent}    skipped: {reason}\n"));
    }
    for block in step.blocks() {
        text.push_str(&block_text(plan, step, block, indent));
    }
    let actions = step.actions().count();
    if actions > 0 {
        text.push_str(&format!("{indent}    {actions} to do by hand\n"));
    }
    text
}

fn block_text(plan: &Plan, step: &Step, block: &Block, indent: &str) -> String {
    let facts = plan.facts(block);
    let language = if block.language.is_empty() { "unlabelled" } else { &block.language };
    let mut text = format!("{indent}    line {:<4} {language:<8} ", block.line_start);
    if facts.aside.is_some() {
        let why = if plan.aside(step).is_some() { String::new() } else { format!(": {}", facts.why) };
        text.push_str(&format!("skipped{why}\n"));
        return text;
    }
    if !facts.runs() {
        text.push_str(&format!("not run: {}\n", facts.why));
        return text;
    }
    text.push_str(match facts.effect {
        Effect::Read => "reads",
        Effect::Write => "CHANGES",
        Effect::Unknown => "may change",
        Effect::Destructive => "DESTRUCTIVE",
    });
    if facts.effect != Effect::Read {
        text.push_str(&stake::told(&facts.reasons));
    }
    for placeholder in &facts.placeholders {
        text.push_str(&format!("; needs {}", placeholder.text));
    }
    if let Some(endless) = &facts.endless {
        text.push_str(&format!("; never ends: {endless}"));
    }
    text.push('\n');
    text
}
