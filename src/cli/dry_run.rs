//! `runbook run --dry-run`

use super::exit::{CliError, Exit};
use super::print::Printer;
use crate::effect::Databases;
use crate::engine::{Given, dialect};
use crate::plan::{Filler, Plan};
use crate::runbook::{Class, Value};
use crate::source::SourceFile;
use crate::sql::{Connections, Target};
use std::collections::BTreeMap;

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
    let filler = Filler { file, plan, values: &values, now: jiff::Timestamp::now() };
    let mut broken = Vec::new();
    let mut text = String::new();
    for step in steps.iter().map(|index| &plan.runbook.steps[*index]) {
        text.push_str(&format!("# {} ({}:{})\n", step.title, file.name(), step.line));
        for block in step.blocks().filter(|block| plan.facts(block).runs()) {
            let is_sql = block.class == Class::Sql;
            let connection = plan.connection_of(&block.settings);
            let target = if is_sql { connection.clone() } else { plan.facts(block).interpreter_name() };
            text.push_str(&format!("\n## line {}, {target}\n", block.line_start));
            let server = if is_sql { connections.kind(&connection) } else { None };
            match filler.fill(block, server.map(dialect)) {
                Ok(filled) => match plan.enter(block, &filled.text, &[]) {
                    Ok(Some(entered)) => text.push_str(&entered.run),
                    Ok(None) | Err(_) => text.push_str(&filled.text),
                },
                Err(diagnostics) => {
                    text.push_str(&block.run);
                    broken.extend(diagnostics);
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
    Ok(if broken.is_empty() { Exit::Done } else { Exit::Usage })
}

/// The values that are given or have a default. Nobody is asked.
fn values(plan: &Plan, given: &BTreeMap<String, Given>) -> Result<BTreeMap<String, Value>, CliError> {
    let mut values = BTreeMap::new();
    for (name, variable) in &plan.runbook.front_matter.variables {
        let text = given.get(name).map(|given| given.text.clone()).or_else(|| variable.default_text());
        if let Some(text) = text {
            values.insert(name.clone(), Value::check(name, variable, &text).map_err(CliError::usage)?);
        }
    }
    Ok(values)
}
