//! `plan --json`: the parser's whole truth.

use super::{Disposition, Plan};
use crate::runbook::{Block, Class, Effect, StepKind};
use crate::source::{Diagnostic, Position, Severity, SourceFile};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashSet;

/// A page, as `plan --json` prints it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Runbook plan")]
pub struct PlanJson<'p> {
    /// The runbook's path as it was given.
    pub path: &'p str,
    /// The runbook's title.
    pub title: &'p str,
    /// SHA-256 of the page's bytes.
    pub digest: String,
    /// The steps, in the page's order.
    pub steps: Vec<StepJson<'p>>,
    /// What was found wrong.
    pub diagnostics: Vec<DiagnosticJson>,
}

/// A step of the plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepJson<'p> {
    /// Its address in the page.
    pub id: &'p str,
    /// Its heading or lead-in.
    pub title: &'p str,
    /// Line of that, from 1.
    pub line: usize,
    /// Anchor of the section it stands in.
    pub section: &'p str,
    /// What kind of work it is.
    pub kind: StepKind,
    /// The step of kind `choice` that it is one of the ways of.
    pub option_of: Option<&'p str>,
    /// The first step of the way that it is a part of.
    pub way: Option<&'p str>,
    /// Why a run passes over it, unless it is asked for.
    pub aside: Option<&'p str>,
    /// What must be so for it to be needed; the responder is asked.
    pub only_if: Option<&'p str>,
    /// Whether a run of the selection walks through it.
    pub selected: bool,
    /// Its tasks and numbered actions.
    pub actions: Vec<ActionJson<'p>>,
    /// Its blocks, in the page's order.
    pub blocks: Vec<BlockJson<'p>>,
}

/// Something to do by hand.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActionJson<'p> {
    /// What, as Markdown.
    pub text: &'p str,
    /// Line, from 1.
    pub line: usize,
    /// Whether it is a task (`- [ ]`).
    pub task: bool,
}

/// A block of the plan.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockJson<'p> {
    /// Unique in the page.
    pub id: &'p str,
    /// What kind of code it is.
    pub class: Class,
    /// Its language.
    pub language: &'p str,
    /// The fence's own line, from 1.
    pub line_start: usize,
    /// The closing fence's line, from 1.
    pub line_end: usize,
    /// The fence's content, as CommonMark gives it.
    pub code: &'p str,
    /// What would be executed.
    pub run: Cow<'p, str>,
    /// What is done with it when nobody says otherwise.
    pub default: Disposition,
    /// Why it has this class and default.
    pub why: &'p str,
    /// Texts to be replaced before it can run.
    pub placeholders: Vec<&'p str>,
    /// Shell variables that nothing sets.
    pub unset: Vec<&'p str>,
    /// What running it does.
    pub effect: Effect,
    /// Why it is thought to do that.
    pub reasons: &'p [String],
    /// Whether it never ends by itself.
    pub endless: bool,
    /// Whether it talks with the responder.
    pub interactive: bool,
    /// The other place (a host, a container, a user) that it opens a shell in.
    pub opens: Option<&'p str>,
    /// What the page shows as its output.
    pub expects: Option<&'p str>,
    /// What the page says must not come.
    pub expects_not: Option<&'p str>,
}

/// A finding about the page.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DiagnosticJson {
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// A stable name.
    pub code: &'static str,
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
pub fn plan_json<'p>(file: &'p SourceFile, plan: &'p Plan, selected: &[usize]) -> PlanJson<'p> {
    let selected: HashSet<usize> = selected.iter().copied().collect();
    let steps = plan.runbook.steps.iter().enumerate().map(|(index, step)| StepJson {
        id: &step.id,
        title: &step.title,
        line: step.line,
        section: &step.section,
        kind: step.kind,
        option_of: step.option_of.as_deref(),
        way: step.way.as_ref().map(|way| way.first.as_str()),
        aside: plan.aside(step),
        only_if: step.only_if.as_deref(),
        selected: selected.contains(&index),
        actions: step
            .actions()
            .map(|action| ActionJson { text: &action.text, line: action.line, task: action.task.is_some() })
            .collect(),
        blocks: step.blocks().map(|block| block_json(plan, block)).collect(),
    });
    PlanJson {
        path: file.name(),
        title: &plan.runbook.title,
        digest: file.digest().to_string(),
        steps: steps.collect(),
        diagnostics: diagnostics_json(file, &plan.diagnostics),
    }
}

/// Findings with their places counted as people count them.
#[must_use]
pub fn diagnostics_json(file: &SourceFile, diagnostics: &[Diagnostic]) -> Vec<DiagnosticJson> {
    let places = file.positions(diagnostics.iter().map(|diagnostic| diagnostic.span.start));
    let finding = |(diagnostic, position): (&Diagnostic, Position)| DiagnosticJson {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        code: diagnostic.code,
        message: diagnostic.message.clone(),
        line: position.line,
        column: position.column,
        help: diagnostic.help.clone(),
    };
    diagnostics.iter().zip(places).map(finding).collect()
}

fn block_json<'p>(plan: &'p Plan, block: &'p Block) -> BlockJson<'p> {
    let facts = plan.facts(block);
    BlockJson {
        id: &block.id,
        class: block.class,
        language: &block.language,
        line_start: block.line_start,
        line_end: block.line_end,
        code: &block.code,
        run: plan.run_text(block),
        default: facts.default,
        why: &facts.why,
        placeholders: facts.placeholders.iter().map(|found| found.text.as_str()).collect(),
        unset: facts.unset.iter().map(|found| found.name.as_str()).collect(),
        effect: facts.effect,
        reasons: &facts.reasons,
        endless: facts.endless.is_some(),
        interactive: facts.interactive.is_some(),
        opens: facts.opens.as_deref(),
        expects: block.expects.as_deref(),
        expects_not: block.expects_not.as_deref(),
    }
}
