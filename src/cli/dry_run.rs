//! `runbook run --dry-run`

use super::blanks;
use super::exit::{CliError, Exit};
use super::print::Printer;
use crate::effect::Databases;
use crate::engine::{Given, dialect};
use crate::plan::{Filled, Filler, Plan};
use crate::runbook::Value;
use crate::source::SourceFile;
use crate::sql::{Connections, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Prints every block of the steps as it would run.
pub(super) fn dry_run(
    file: &SourceFile,
    plan: &Plan,
    steps: &[usize],
    given: &BTreeMap<String, Given>,
    targets: BTreeMap<String, Target>,
    printer: &Printer,
) -> Result<Exit, CliError> {
    let values = values(plan, given)?;
    let connections = Connections::new(targets);
    let options = BTreeSet::new();
    let filler = Filler { file, plan, values: &values, options: &options, now: jiff::Timestamp::now() };
    let mut broken = Vec::new();
    let mut text = String::new();
    for step in steps.iter().map(|index| &plan.runbook.steps[*index]) {
        text.push_str(&format!("# {} ({}:{})\n", step.title, file.name(), step.line));
        for block in step.blocks().filter(|block| plan.facts(block).runs_by_default()) {
            let is_sql = block.is_sql();
            let connection = plan.connection_of(&block.settings);
            let target = if is_sql { connection.clone() } else { plan.facts(block).interpreter_name() };
            text.push_str(&format!("\n## line {}, {target}\n", block.line_start));
            let server = if is_sql { connections.kind(&connection) } else { None };
            match filler.fill(block, server.map(dialect)) {
                Ok(filled) => {
                    text.push_str(&variables(&filled, &values));
                    match plan.enter(block, &filled.text, &[], &[]) {
                        Ok(Some(entered)) => text.push_str(&entered.run),
                        Ok(None) | Err(_) => text.push_str(&filled.text),
                    }
                }
                Err(unfilled) => {
                    text.push_str(&block.run);
                    broken.extend(unfilled.findings);
                }
            }
            if !text.ends_with('\n') {
                text.push('\n');
            }
        }
        text.push('\n');
    }
    printer.lines(&text)?;
    printer.diagnostics(file, &broken);
    blanks::list(file, plan, steps, given, printer);
    Ok(if broken.is_empty() { Exit::Done } else { Exit::Usage })
}

/// The variables that the block is given because nothing sets them. The
/// references to secrets say themselves what they are.
fn variables(filled: &Filled, values: &BTreeMap<String, Value>) -> String {
    let shown = |name: &String| {
        let value = values.get(name)?;
        let text = if value.secret { format!("«{name}»") } else { value.text.clone() };
        Some(format!("{name} = {text}"))
    };
    let given = filled.variables.iter().filter_map(|(name, _)| shown(name)).collect::<Vec<_>>();
    if given.is_empty() { String::new() } else { format!("## with {}\n", given.join(", ")) }
}

/// The values that are given or have a default. Nobody is asked.
fn values(plan: &Plan, given: &BTreeMap<String, Given>) -> Result<BTreeMap<String, Value>, CliError> {
    let mut values = BTreeMap::new();
    for (name, given) in given {
        let value = Value::check(name, &plan.variable(name), &given.text).map_err(CliError::usage)?;
        values.insert(name.clone(), value);
    }
    for (name, variable) in &plan.runbook.front_matter.variables {
        if let Some(text) = variable.default_text().filter(|_| !given.contains_key(name)) {
            values.insert(name.clone(), Value::check(name, variable, &text).map_err(CliError::usage)?);
        }
    }
    Ok(values)
}
