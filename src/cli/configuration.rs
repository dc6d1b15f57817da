//! The user's own settings: where they are, and reading them.

use super::exit::CliError;
use super::plan::environment;
use super::print::Printer;
use crate::parse;
use crate::plan::Surroundings;
use crate::runbook::Configuration;
use crate::source::SourceFile;
use std::path::PathBuf;

/// Names the file with the settings in place of the usual one.
const VARIABLE: &str = "RUNBOOK_CONFIG";

/// The user's settings; their defaults where there is no file of them. What is
/// wrong in it is told, with its place, before the error is given.
pub(super) fn configuration() -> Result<Configuration, CliError> {
    let named = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let must_be = named.is_some();
    let Some(path) = named.or_else(usual_place) else { return Ok(Configuration::default()) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_be => return Ok(Configuration::default()),
        Err(error) => return Err(CliError::usage(format!("{} cannot be read: {error}", path.display()))),
    };
    let file = SourceFile::new(path.display().to_string(), text);
    let (configuration, diagnostics) = parse::configuration(&file);
    if diagnostics.is_empty() {
        return Ok(configuration);
    }
    Printer::new().diagnostics(&file, &diagnostics);
    Err(CliError::usage(format!("{} cannot be used until this is mended", path.display())))
}

/// What blocks will find where they run.
pub(super) fn surroundings() -> Result<Surroundings, CliError> {
    let interpreters = configuration()?.interpreters.into_keys().collect();
    Ok(Surroundings { environment: environment(), interpreters })
}

fn usual_place() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    etcetera::choose_base_strategy().ok().map(|strategy| strategy.config_dir().join("runbook/config.yaml"))
}
