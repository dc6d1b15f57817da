//! Values for a runbook's variables, from flags, a file and the environment.

use super::args::ValueArgs;
use super::exit::CliError;
use crate::engine::Given;
use crate::plan::Plan;
use crate::runbook::{Value, Variable};
use std::collections::BTreeMap;

/// The values given before the run; the first source that has one wins. All of
/// them fit their variables. What the page leaves open can be given like a
/// variable that it declares.
pub(super) fn given(args: &ValueArgs, plan: &Plan) -> Result<BTreeMap<String, Given>, CliError> {
    let mut given = BTreeMap::new();
    for assignment in &args.vars {
        let (name, text) = assignment
            .split_once('=')
            .ok_or_else(|| CliError::usage(format!("--var {assignment}: write it as NAME=VALUE")))?;
        let (name, variable) = known(plan, name)?;
        if variable.secret && plan.runbook.front_matter.variables.contains_key(&name) {
            let instead = variable.env.as_ref().map_or_else(
                || "leave it out: it is asked for, and typed without echo".to_owned(),
                |env| format!("set the environment variable {env}, or leave it out to be asked"),
            );
            let message = format!("{name} is a secret: on a command line every user of this machine can read it");
            return Err(CliError::usage(message).hint(instead));
        }
        set(&mut given, &name, &variable, text, "--var")?;
    }
    if let Some(path) = &args.vars_file {
        let failed = |problem: String| CliError::usage(format!("{}: {problem}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let values: BTreeMap<String, serde_yaml::Value> =
            serde_yaml::from_str(&text).map_err(|error| failed(error.to_string()))?;
        for (name, value) in values {
            let (name, variable) = known(plan, &name)?;
            let text = scalar(&value).ok_or_else(|| failed(format!("{name} must be one value")))?;
            set(&mut given, &name, &variable, &text, "file")?;
        }
    }
    for (name, variable) in &plan.runbook.front_matter.variables {
        if let Some(text) = variable.env.as_ref().and_then(|env| std::env::var(env).ok()) {
            set(&mut given, name, variable, &text, "environment")?;
        }
    }
    Ok(given)
}

/// The variable that is meant, and the name it goes by.
fn known(plan: &Plan, name: &str) -> Result<(String, Variable), CliError> {
    let declared = &plan.runbook.front_matter.variables;
    if let Some(variable) = declared.get(name) {
        return Ok((name.to_owned(), variable.clone()));
    }
    if let Some(name) = plan.leaves_open(name) {
        return Ok((name.to_owned(), plan.variable(name)));
    }
    let error = CliError::usage(format!("the runbook has no variable `{name}`"));
    let everything: Vec<_> = (0..plan.runbook.steps.len()).collect();
    let mut known: Vec<_> = declared.keys().cloned().collect();
    known.extend(plan.open_names(&everything));
    Err(match nearest(&known, name) {
        Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
        None if known.is_empty() => error,
        None => error.hint(format!("it has {}", known.join(", "))),
    })
}

fn nearest<'a>(known: &'a [String], name: &str) -> Option<&'a String> {
    let alike = known.iter().map(|other| (strsim::jaro_winkler(&other.to_lowercase(), &name.to_lowercase()), other));
    alike.filter(|(score, _)| *score > 0.8).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, other)| other)
}

fn set(
    given: &mut BTreeMap<String, Given>,
    name: &str,
    variable: &Variable,
    text: &str,
    source: &str,
) -> Result<(), CliError> {
    if given.contains_key(name) {
        return Ok(());
    }
    Value::check(name, variable, text).map_err(|error| CliError::usage(format!("{error} (from {source})")))?;
    given.insert(
        name.to_owned(),
        Given { text: text.to_owned(), source: source.to_owned(), recorded: false, kind: None },
    );
    Ok(())
}

fn scalar(value: &serde_yaml::Value) -> Option<String> {
    match value {
        serde_yaml::Value::String(text) => Some(text.clone()),
        serde_yaml::Value::Bool(flag) => Some(flag.to_string()),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
