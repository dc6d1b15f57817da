//! Values for a runbook's variables, from flags, a file and the environment.

use super::args::ValueArgs;
use super::exit::CliError;
use crate::engine::Given;
use crate::runbook::{FrontMatter, Value, Variable};
use std::collections::BTreeMap;

/// The values given before the run; the first source that has one wins. All of
/// them fit their variables.
pub(super) fn given(args: &ValueArgs, front_matter: &FrontMatter) -> Result<BTreeMap<String, Given>, CliError> {
    let mut given = BTreeMap::new();
    for assignment in &args.vars {
        let (name, text) = assignment
            .split_once('=')
            .ok_or_else(|| CliError::usage(format!("--var {assignment}: write it as NAME=VALUE")))?;
        let variable = declared(front_matter, name)?;
        if variable.secret {
            let instead = variable.env.as_ref().map_or_else(
                || "leave it out: it is asked for, and typed without echo".to_owned(),
                |env| format!("set the environment variable {env}, or leave it out to be asked"),
            );
            let message = format!("{name} is a secret: on a command line every user of this machine can read it");
            return Err(CliError::usage(message).hint(instead));
        }
        set(&mut given, name, variable, text, "--var")?;
    }
    if let Some(path) = &args.vars_file {
        let failed = |problem: String| CliError::usage(format!("{}: {problem}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let values: BTreeMap<String, serde_yaml::Value> =
            serde_yaml::from_str(&text).map_err(|error| failed(error.to_string()))?;
        for (name, value) in values {
            let variable = declared(front_matter, &name)?;
            let text = scalar(&value).ok_or_else(|| failed(format!("{name} must be one value")))?;
            set(&mut given, &name, variable, &text, "file")?;
        }
    }
    for (name, variable) in &front_matter.variables {
        if let Some(text) = variable.env.as_ref().and_then(|env| std::env::var(env).ok()) {
            set(&mut given, name, variable, &text, "environment")?;
        }
    }
    Ok(given)
}

fn declared<'a>(front_matter: &'a FrontMatter, name: &str) -> Result<&'a Variable, CliError> {
    front_matter.variables.get(name).ok_or_else(|| {
        let error = CliError::usage(format!("the runbook has no variable `{name}`"));
        let known: Vec<_> = front_matter.variables.keys().map(String::as_str).collect();
        if known.is_empty() { error } else { error.hint(format!("it has {}", known.join(", "))) }
    })
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
    given.insert(name.to_owned(), Given { text: text.to_owned(), source: source.to_owned(), recorded: false });
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
