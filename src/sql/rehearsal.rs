//! What a stand-in command says to a rehearsal's database.

use super::{postgres, sqlite};
use crate::effect::DatabaseError;

/// Runs the script `sql` on the throwaway database at `url` and gives its rows,
/// one a line, the columns separated by `|`.
///
/// # Errors
/// If the database cannot be opened or the script fails.
pub async fn execute(url: &str, sql: &str) -> Result<String, DatabaseError> {
    if url.starts_with("postgres:") { postgres::execute(url, sql).await } else { sqlite::execute(url, sql).await }
}
