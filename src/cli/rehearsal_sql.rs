//! `runbook rehearsal-sql`: how a stand-in command reads and changes a
//! rehearsal's database, on a machine that may have no client for it.

use super::args::RehearsalSqlArgs;
use super::exit::{CliError, Exit};
use super::print::Printer;
use super::rehearse::recall;
use super::runtime::on_runtime;

pub(super) fn rehearsal_sql(args: &RehearsalSqlArgs, printer: &Printer) -> Result<Exit, CliError> {
    let url = recall(&args.database)?;
    let rows = on_runtime(async {
        crate::sql::execute(&url, &args.sql).await.map_err(|error| CliError::new(Exit::Failed, error))
    })?;
    printer.out(&rows)?;
    Ok(Exit::Done)
}
