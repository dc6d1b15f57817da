//! `runbook rehearsal-sql`: how a stand-in command reads and changes a
//! rehearsal's database, on a machine that may have no client for it.

use super::args::RehearsalSqlArgs;
use super::exit::{CliError, Exit};
use super::print::Printer;
use super::run::on_runtime;
use std::path::{Path, PathBuf};

pub(super) fn rehearsal_sql(args: &RehearsalSqlArgs, printer: &Printer) -> Result<Exit, CliError> {
    let url = std::fs::read_to_string(url_file(&args.database))
        .map_err(|error| CliError::usage(format!("{} is no rehearsal's database: {error}", args.database.display())))?;
    let rows = on_runtime(async {
        crate::sql::execute(&url, &args.sql).await.map_err(|error| CliError::new(Exit::Failed, error))
    })?;
    printer.out(&rows)?;
    Ok(Exit::Done)
}

/// Writes down how the rehearsal's own session opens the database, so that a
/// stand-in finds the same schemas in it.
pub(super) fn remember(database: &Path, url: &str) -> Result<(), CliError> {
    let file = url_file(database);
    std::fs::write(&file, url)
        .map_err(|error| CliError::new(Exit::Failed, format!("{} cannot be written: {error}", file.display())))
}

fn url_file(database: &Path) -> PathBuf {
    database.with_extension("url")
}
