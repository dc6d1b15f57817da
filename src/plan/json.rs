//! `plan --json`: the parser's whole truth.

use super::{Disposition, Plan};
use crate::runbook::{Class, Effect, StepKind};
use crate::source::{Position, Severity, SourceFile};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashSet;

/// A page, as `plan --json` prints it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Runbook plan")]
pub struct PlanJson {
    /// The runbook's path as it was given.
    pub path: String,
    /// The runbook's title.
    pub title: String,
    /// SHA-256 of the page's bytes.
    pub digest: String,
    /// The steps, in the page's order.
    pub steps: Vec<StepJson>,
    /// What was found wrong.
    pub diagnostics: Vec<DiagnosticJson>,
}

/// A step of the plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepJson {
    /// Its address in the page.
    pub id: String,
    /// Its heading or lead-in.
    pub title: String,
    /// Line of that, from 1.
    pub line: usize,
    /// Anchor of the section it stands in.
    pub section: String,
    /// What kind of work it is.
    pub kind: StepKind,
    /// The step of kind `choice` that it is one of the ways of.
    pub option_of: Option<String>,
    /// The first step of the way that it is a part of.
    pub way: Option<String>,
    /// Why a run passes over it, unless it is asked for.
    pub aside: Option<String>,
    /// What must be so for it to be needed; the responder is asked.
    pub only_if: Option<String>,
    /// Whether a run of the selection walks through it.
    pub selected: bool,
    /// Its tasks and numbered actions.
    pub actions: Vec<ActionJson>,
    /// Its blocks, in the page's order.
    pub blocks: Vec<BlockJson>,
}

/// Something to do by hand.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActionJson {
    /// What, as Markdown.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    /// Whether it is a task (`- [ ]`).
    pub task: bool,
}

/// A block of the plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockJson {
    /// Unique in the page.
    pub id: String,
    /// What kind of code it is.
    pub class: Class,
    /// Its language.
    pub language: String,
    /// The fence's own line, from 1.
    pub line_start: usize,
    /// The closing fence's line, from 1.
    pub line_end: usize,
    /// The fence's content, as CommonMark gives it.
    pub code: String,
    /// What would be executed.
    pub run: String,
    /// What is done with it when nobody says otherwise.
    pub default: Disposition,
    /// Why it has this class and default.
    pub why: String,
    /// Texts to be replaced before it can run.
    pub placeholders: Vec<String>,
    /// Shell variables that nothing sets.
    pub unset: Vec<String>,
    /// What running it does.
    pub effect: Effect,
    /// Why it is thought to do that.
    pub reasons: Vec<String>,
    /// Whether it never ends by itself.
    pub endless: bool,
    /// Whether it talks with the responder.
    pub interactive: bool,
    /// The other place (a host, a container, a user) that it opens a shell in.
    pub opens: Option<String>,
    /// What the page shows as its output.
    pub expects: Option<String>,
    /// What the page says must not come.
    pub expects_not: Option<String>,
}

/// A finding about the page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiagnosticJson {
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// A stable name.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How to mend it.
    pub help: Option<String>,
}

/// The plan of a page; `selected` holds the indices of the steps that a run
/// would walk through.
#[must_use]
pub fn plan_json(file: &SourceFile, plan: &Plan, selected: &[usize]) -> PlanJson {
    let selected: HashSet<usize> = selected.iter().copied().collect();
    let steps = plan.runbook.steps.iter().enumerate().map(|(index, step)| StepJson {
        id: step.id.clone(),
        title: step.title.clone(),
        line: step.line,
        section: step.section.clone(),
        kind: step.kind,
        option_of: step.option_of.clone(),
        way: step.way.as_ref().map(|way| way.first.clone()),
        aside: plan.aside(step).map(str::to_owned),
        only_if: step.only_if.clone(),
        selected: selected.contains(&index),
        actions: step
            .actions()
            .map(|action| ActionJson { text: action.text.clone(), line: action.line, task: action.task.is_some() })
            .collect(),
        blocks: step.blocks().map(|block| block_json(plan, block)).collect(),
    });
    PlanJson {
        path: file.name().to_owned(),
        title: plan.runbook.title.clone(),
        digest: file.digest().to_string(),
        steps: steps.collect(),
        diagnostics: diagnostics_json(file, &plan.diagnostics),
    }
}

/// Findings with their places counted as people count them.
#[must_use]
pub fn diagnostics_json(file: &SourceFile, diagnostics: &[crate::source::Diagnostic]) -> Vec<DiagnosticJson> {
    let places = file.positions(diagnostics.iter().map(|diagnostic| diagnostic.span.start));
    let finding = |(diagnostic, position): (&crate::source::Diagnostic, Position)| DiagnosticJson {
        severity: match diagnostic.severity {
            Severity::Error => "error".to_owned(),
            Severity::Warning => "warning".to_owned(),
            Severity::Note => "note".to_owned(),
        },
        code: diagnostic.code.to_owned(),
        message: diagnostic.message.clone(),
        line: position.line,
        column: position.column,
        help: diagnostic.help.clone(),
    };
    diagnostics.iter().zip(places).map(finding).collect()
}

fn block_json(plan: &Plan, block: &crate::runbook::Block) -> BlockJson {
    let facts = plan.facts(block);
    BlockJson {
        id: block.id.clone(),
        class: block.class,
        language: block.language.clone(),
        line_start: block.line_start,
        line_end: block.line_end,
        code: block.code.clone(),
        run: plan.run_text(block),
        default: facts.default,
        why: facts.why.clone(),
        placeholders: facts.placeholders.iter().map(|found| found.text.clone()).collect(),
        unset: facts.unset.iter().map(|found| found.name.clone()).collect(),
        effect: facts.effect,
        reasons: facts.reasons.clone(),
        endless: facts.endless.is_some(),
        interactive: facts.interactive.is_some(),
        opens: facts.opens.clone(),
        expects: block.expects.clone(),
        expects_not: block.expects_not.clone(),
    }
}
