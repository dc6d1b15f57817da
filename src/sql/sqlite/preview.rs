//! What the open transaction has changed and what it keeps others from, in
//! SQLite.

use super::{STEPS_BETWEEN_LOOKS, SqliteSession, ends_session, message};
use crate::effect::{LockStrength, Preview, Row, RowsBefore, Standing, TableLock, Tally};
use crate::language::sql::{ChangedRows, SqlDialect};
use crate::sql::preview::{self, Answer, Asking, Failure, Locks, TOO_LARGE};
use async_trait::async_trait;
use sqlx::{AssertSqlSafe, Executor as _};
use std::time::{Duration, Instant};

/// How long a question may take.
const LONGEST: Duration = Duration::from_secs(3);

#[async_trait(?Send)]
impl Asking for SqliteSession {
    fn dialect(&self) -> SqlDialect {
        SqlDialect::Sqlite
    }

    /// A statement that fails to read leaves a transaction as it was.
    async fn ask(&mut self, question: &str, _: Locks<'_>) -> Result<Answer, String> {
        let mut connection = self.connection.take().map_err(|closed| closed.to_string())?;
        let deadline = Instant::now() + LONGEST;
        match connection.lock_handle().await {
            Ok(mut handle) => handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || Instant::now() < deadline),
            Err(error) => return Err(error.to_string()),
        }
        let (numbered, values) = self.parameters.numbered(question);
        let query = sqlx::query(AssertSqlSafe(numbered)).persistent(false);
        let query = values.iter().fold(query, |query, value| query.bind(value.text.to_string()));
        let collected = preview::collect((&mut connection).fetch(query)).await;
        if !matches!(&collected, Err(Failure::Driver(error)) if ends_session(error)) {
            self.connection.put_back(connection);
        }
        collected.map_err(|failure| match failure {
            Failure::Driver(error) => message(&error),
            Failure::TooLarge => TOO_LARGE.to_owned(),
        })
    }
}

#[async_trait(?Send)]
impl Preview for SqliteSession {
    async fn rows_before(&mut self, change: &ChangedRows) -> Result<RowsBefore, String> {
        preview::rows_before(self, change).await
    }

    async fn rows_after(&mut self, change: &ChangedRows, before: &RowsBefore) -> Result<Vec<Row>, String> {
        preview::rows_after(self, change, before).await
    }

    async fn tally(&mut self, table: Option<&str>) -> Result<Tally, String> {
        preview::tally(self, table).await
    }

    /// One lock for all of it, and nobody can say who waits.
    async fn standing(&mut self) -> Option<Standing> {
        let table = "the whole database".to_owned();
        let lock = TableLock { table, strength: LockStrength::Writes, mode: "the write lock".to_owned() };
        Some(Standing { locks: vec![lock], waiting: Vec::new() })
    }
}
