//! `runbook report`

use super::args::{Global, ReportArgs, ReportFormat};
use super::exit::{CliError, Exit};
use super::print::Printer;
use super::runs::store;
use crate::report::{Format, Report};
use crate::transcript::Folder;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

pub(super) fn report(global: &Global, args: &ReportArgs, printer: &Printer) -> Result<Exit, CliError> {
    let store = store(global)?;
    let id = store.find(&args.run.run)?;
    let folder = store.open(&id)?;
    let format = match args.format {
        ReportFormat::Md => Format::Markdown,
        ReportFormat::Html => Format::Html,
        ReportFormat::Json => Format::Json,
    };
    let text = build(&folder)?.render(format);
    match &args.output {
        Some(path) => {
            write(path, &text)?;
            printer.note(&format!("wrote {}", path.display()));
        }
        None => printer.out(&text)?,
    }
    Ok(Exit::Done)
}

/// The report of the run in `folder`.
pub(super) fn build(folder: &Folder) -> Result<Report, CliError> {
    let failed = |error: &dyn std::fmt::Display| {
        CliError::new(Exit::Failed, format!("{}: {error}", folder.path().display()))
            .hint("`runbook verify` says what is no longer as it was written")
    };
    let loaded = folder.load().map_err(|error| failed(&error))?;
    let outputs = |name: &str| folder.output(name).map(|file| Box::new(file) as Box<dyn std::io::Read>);
    Ok(Report::from_run(&loaded.run, &loaded.head, &outputs))
}

/// Writes a report for its owner alone: it says what was done in production.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let mut options = std::fs::OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CliError::new(Exit::Failed, format!("{} cannot be written: {error}", path.display())))
}
