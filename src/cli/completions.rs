//! `runbook completions`

use super::args::{Cli, CompletionsArgs};
use super::exit::{CliError, Exit};
use super::print::Printer;
use clap::CommandFactory;

pub(super) fn completions(args: &CompletionsArgs, printer: &Printer) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "runbook", &mut script);
    printer.out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
