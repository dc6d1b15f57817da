//! `runbook schema`

use super::args::{SchemaArgs, SchemaOf};
use super::exit::{CliError, Exit};
use super::print::Printer;
use schemars::schema_for;

pub(super) fn schema(args: &SchemaArgs, printer: &Printer) -> Result<Exit, CliError> {
    printer.json(&match args.which {
        SchemaOf::Runbook => schema_for!(crate::runbook::FrontMatter),
        SchemaOf::Transcript => schema_for!(crate::run::Entry),
        SchemaOf::Config => schema_for!(crate::runbook::Configuration),
        SchemaOf::Plan => schema_for!(crate::plan::PlanJson),
    })?;
    Ok(Exit::Done)
}
