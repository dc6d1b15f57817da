//! Where a run's blocks find themselves: on this machine, or in a rehearsal.

use super::configuration::configuration;
use super::exit::{CliError, Exit};
use crate::rehearsal::Rehearsal;
use crate::runbook::FrontMatter;
use crate::shell::Environment;
use crate::sql::Target;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What blocks find in their environment. The user's own interpreters are real
/// programs, and none of them is in a rehearsal.
pub(super) fn shell_environment(rehearsal: Option<&Rehearsal>) -> Result<Environment, CliError> {
    match rehearsal {
        Some(rehearsal) => Ok(Environment::isolated(rehearsal.environment(), rehearsal.dir().to_owned())),
        None => {
            let mut environment = Environment::inherited()
                .map_err(|error| CliError::new(Exit::Usage, format!("the current folder cannot be used: {error}")))?;
            environment.interpreters = configuration()?.interpreters;
            Ok(environment)
        }
    }
}

/// Makes the place where nothing is real, and the databases in it.
pub(super) async fn rehearse(
    page: &Path,
    front_matter: &FrontMatter,
) -> Result<(Rehearsal, BTreeMap<String, Target>), CliError> {
    let declared = front_matter.rehearsal.clone().unwrap_or_default();
    let engine = std::env::current_exe()
        .map_err(|error| CliError::new(Exit::Failed, format!("the program cannot find itself: {error}")))?;
    let folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let rehearsal = Rehearsal::prepare(folder, &declared, &engine).map_err(CliError::usage)?;
    let mut targets = BTreeMap::new();
    for name in declared.connections.keys() {
        let Some((database, seed)) = rehearsal.database(name) else { continue };
        let url = crate::sql::seed(&database, &seed)
            .await
            .map_err(|error| CliError::usage(format!("the rehearsal's database `{name}` cannot be filled: {error}")))?;
        remember(&database, &url)?;
        targets.insert(name.clone(), Target::new(url, false).called("sqlite · rehearsal"));
    }
    Ok((rehearsal, targets))
}

/// Writes down how the rehearsal's own session opens the database, so that a
/// stand-in finds the same schemas in it.
fn remember(database: &Path, url: &str) -> Result<(), CliError> {
    let file = url_file(database);
    std::fs::write(&file, url)
        .map_err(|error| CliError::new(Exit::Failed, format!("{} cannot be written: {error}", file.display())))
}

fn url_file(database: &Path) -> PathBuf {
    database.with_extension("url")
}

/// How a rehearsal's own session opens the database.
pub(super) fn recall(database: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(url_file(database))
        .map_err(|error| CliError::usage(format!("{} is no rehearsal's database: {error}", database.display())))
}
