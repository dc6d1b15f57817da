//! Where a run's blocks find themselves: on this machine, or in a rehearsal.

use super::configuration::configuration;
use super::exit::{CliError, Exit};
use super::print::Printer;
use crate::effect::DatabaseError;
use crate::rehearsal::{Database, DatabaseKind, Rehearsal};
use crate::runbook::FrontMatter;
use crate::shell::Environment;
use crate::sql::{OpenSessions, Target};
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

/// A place where nothing is real, and what is open there.
pub(super) struct Rehearsed {
    /// Sessions on its databases that belong to nobody here. They end first.
    _sessions: Vec<OpenSessions>,
    /// The place itself.
    pub(super) place: Rehearsal,
}

/// Makes the place where nothing is real, and the databases in it.
pub(super) async fn rehearse(
    page: &Path,
    front_matter: &FrontMatter,
    printer: &Printer,
) -> Result<(Rehearsed, BTreeMap<String, Target>), CliError> {
    let declared = front_matter.rehearsal.clone().unwrap_or_default();
    let engine = std::env::current_exe()
        .map_err(|error| CliError::new(Exit::Failed, format!("the program cannot find itself: {error}")))?;
    let folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut place = Rehearsal::prepare(folder, &declared, &engine).map_err(CliError::usage)?;
    let version = place.awaits_server().map(str::to_owned);
    if let Some(version) = &version {
        printer.note(&format!("starting a private PostgreSQL {version} …"));
        place.start_server().map_err(CliError::usage)?;
    }
    let mut targets = BTreeMap::new();
    let mut sessions = Vec::new();
    for (name, database) in place.databases() {
        let own = format!("{name}-rehearsal");
        let filled = match (place.server_url("postgres"), place.server_url(&percent_encoded(&own))) {
            (Some(server), Some(url)) if database.kind == DatabaseKind::Postgres => {
                let seeded = crate::sql::seed_postgres(&server, &own, &url, &database.sql).await;
                seeded.map(|open| {
                    sessions.push(open);
                    (url, format!("postgres {} · rehearsal", version.as_deref().unwrap_or_default()))
                })
            }
            _ => {
                let seeded = crate::sql::seed(&database.file, &database.sql).await;
                seeded.map(|url| (url, "sqlite · rehearsal".to_owned()))
            }
        };
        let (url, label) = filled.map_err(|error| cannot_fill(name, database, &error))?;
        if database.kind == DatabaseKind::SqliteInstead {
            printer.note(&format!(
                "PostgreSQL is not installed here: `{name}` is rehearsed on SQLite (apt-get install postgresql)"
            ));
        }
        remember(&database.file, &url)?;
        targets.insert(name.clone(), Target::new(url, false).called(label));
    }
    Ok((Rehearsed { _sessions: sessions, place }, targets))
}

/// Why a database could not be filled, with the place in its seed.
fn cannot_fill(connection: &str, database: &Database, error: &DatabaseError) -> CliError {
    let place = match error {
        DatabaseError::Statement { offset: Some(offset), .. } => {
            let before = database.sql.get(..*offset).unwrap_or(&database.sql);
            format!("{}:{}", database.seed, before.matches('\n').count() + 1)
        }
        _ => database.seed.clone(),
    };
    CliError::usage(format!("{place}: the rehearsal's database `{connection}` cannot be filled: {error}"))
}

/// `name` as a part of a URL.
fn percent_encoded(name: &str) -> String {
    let encoded = name.bytes().map(|byte| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
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
