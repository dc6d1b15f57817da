//! Waiting for processes, servers and people.

use super::exit::{CliError, Exit};

/// Runs a command that waits for processes, servers and people.
pub(super) fn on_runtime<T>(command: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::new(Exit::Failed, format!("the runtime could not be started: {error}")))?;
    let result = runtime.block_on(command);
    // A prompt that nobody will answer any more must not hold the program.
    runtime.shutdown_background();
    result
}
