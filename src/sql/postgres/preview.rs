//! What the open transaction has changed and what it keeps others from, on
//! PostgreSQL.
//!
//! The transaction is asked between savepoints, with limits of its own on time
//! and on waiting for locks. Who waits for it is asked on a second session,
//! which can be given up without harm to the first.

use super::{PATIENCE, PostgresSession, error};
use crate::effect::{LockStrength, Preview, Row, RowsBefore, Standing, TableLock, Tally, Waiter};
use crate::language::sql::{ChangedRows, SqlDialect};
use crate::sql::preview::{self, Answer, Asking, Failure, Locks, TOO_LARGE};
use async_trait::async_trait;
use futures_util::StreamExt as _;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Either};
use std::time::Duration;

/// Opens a place to come back to.
const SAVE: &str = "SAVEPOINT runbook_preview";
/// Limits what follows.
const LIMIT: &str = "SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = '3s'";
/// Holds what follows to reading: what a view or an operator calls may write.
const READ: &str = "SET LOCAL transaction_read_only = on";
/// Comes back, which lifts the limits too.
const BACK: &str = "ROLLBACK TO SAVEPOINT runbook_preview; RELEASE SAVEPOINT runbook_preview";
/// How long the server has for a question that it limits itself. One that has
/// not answered by then is lost.
const LONGEST: Duration = Duration::from_secs(10);

#[async_trait(?Send)]
impl Asking for PostgresSession {
    fn dialect(&self) -> SqlDialect {
        SqlDialect::Postgres
    }

    async fn ask(&mut self, question: &str, locks: Locks<'_>) -> Result<Answer, String> {
        // Taken out while asking: one that is given up in between is lost.
        let mut connection = self.connection.take().map_err(|closed| closed.to_string())?;
        let asked = async {
            let answer = match locks {
                Locks::Keep(lock) => self.ask_and_keep(&mut connection, question, lock).await,
                Locks::Drop => rows(&mut connection, &format!("{SAVE}; {LIMIT}; {READ}; {question}; {BACK}")).await,
            };
            let Err(Failure::Driver(refusal)) = answer else { return Ok(answer.map_err(words)) };
            if error::ends_session(&refusal) {
                return Err(error::message(&refusal));
            }
            match rows(&mut connection, BACK).await {
                Err(Failure::Driver(problem)) if error::ends_session(&problem) => Err(error::message(&problem)),
                _ => Ok(Err(error::message(&refusal))),
            }
        };
        match tokio::time::timeout(LONGEST, asked).await {
            Ok(Ok(answer)) => {
                self.connection.put_back(connection);
                answer
            }
            Ok(Err(lost)) => Err(lost),
            Err(_) => Err(format!("the server did not answer within {} s", LONGEST.as_secs())),
        }
    }
}

impl PostgresSession {
    /// Asks so that the rows that are read stay locked, and the limits do not
    /// stay.
    async fn ask_and_keep(&self, connection: &mut PgConnection, question: &str, lock: &str) -> Result<Answer, Failure> {
        const LIMITS: &str = "SELECT pg_catalog.current_setting('lock_timeout'), \
                              pg_catalog.current_setting('statement_timeout')";
        let limits = rows(connection, &format!("{SAVE}; {LIMITS}; {LIMIT}")).await?;
        let limit = |place: usize| {
            let limit = limits.rows.first().and_then(|row| row.get(place)).and_then(Option::as_deref);
            limit.unwrap_or("0").replace('\'', "''")
        };
        let end = format!(
            "SET LOCAL lock_timeout = '{}'; SET LOCAL statement_timeout = '{}'; RELEASE SAVEPOINT runbook_preview",
            limit(0),
            limit(1)
        );
        self.give_secrets(connection, question).await?;
        // What a view or an operator calls may write. Rows cannot be locked where
        // the server stops that, and so it is tried without locks before.
        let trial = format!(
            "SAVEPOINT runbook_trial; {READ}; {question}; \
             ROLLBACK TO SAVEPOINT runbook_trial; RELEASE SAVEPOINT runbook_trial"
        );
        let answer = match rows(connection, &trial).await {
            Ok(_) => rows(connection, &format!("{question}{lock}")).await,
            refused => refused,
        };
        if matches!(answer, Err(Failure::Driver(_))) {
            // Coming back takes the secrets away as well.
            return answer;
        }
        self.take_secrets(connection, question).await;
        rows(connection, &end).await?;
        answer
    }

    /// The locks and the waiting, asked on a second session.
    async fn look_at_locks(&self, watcher: &mut PgConnection) -> Result<Standing, Failure> {
        let locks = format!(
            "SELECT c.oid::pg_catalog.regclass, l.mode FROM pg_catalog.pg_locks l \
             JOIN pg_catalog.pg_class c ON c.oid = l.relation \
             JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database() \
             WHERE l.pid = {} AND l.granted AND c.relkind IN ('r', 'p', 'm') \
             AND c.relnamespace::pg_catalog.regnamespace::pg_catalog.text !~ '^(pg_|information_schema$)' ORDER BY c.relname",
            self.backend
        );
        let waiting = format!(
            "SELECT a.pid, a.usename, pg_catalog.left(a.query, 200) FROM pg_catalog.pg_stat_activity a \
             WHERE a.wait_event_type = 'Lock' AND {} = ANY (pg_catalog.pg_blocking_pids(a.pid)) ORDER BY a.query_start",
            self.backend
        );
        let locks = rows(watcher, &locks).await?;
        let waiting = rows(watcher, &waiting).await?;
        let text = |row: &Row, place: usize| row.get(place).cloned().flatten().unwrap_or_default();
        let mut standing = Standing::default();
        for row in &locks.rows {
            let Some((strength, mode)) = strength(&text(row, 1)) else { continue };
            let lock = TableLock { table: text(row, 0), strength, mode };
            match standing.locks.iter_mut().find(|known| known.table == lock.table) {
                Some(known) if known.strength < lock.strength => *known = lock,
                Some(_) => {}
                None => standing.locks.push(lock),
            }
        }
        let waiter = |row: &Row| Waiter { pid: text(row, 0), user: text(row, 1), query: text(row, 2) };
        standing.waiting = waiting.rows.iter().map(waiter).collect();
        Ok(standing)
    }
}

#[async_trait(?Send)]
impl Preview for PostgresSession {
    async fn rows_before(&mut self, change: &ChangedRows) -> Result<RowsBefore, String> {
        preview::rows_before(self, change).await
    }

    async fn rows_after(&mut self, change: &ChangedRows, before: &RowsBefore) -> Result<Vec<Row>, String> {
        preview::rows_after(self, change, before).await
    }

    async fn tally(&mut self, table: Option<&str>) -> Result<Tally, String> {
        preview::tally(self, table).await
    }

    async fn standing(&mut self) -> Option<Standing> {
        let look = async {
            let mut watcher = match self.watcher.take() {
                Some(watcher) => watcher,
                None => PgConnection::connect_with(&self.options).await.ok()?,
            };
            let standing = self.look_at_locks(&mut watcher).await.ok()?;
            self.watcher = Some(watcher);
            Some(standing)
        };
        tokio::time::timeout(PATIENCE, look).await.ok().flatten()
    }
}

/// What a lock of this mode keeps others from; `None` where they do not notice.
fn strength(mode: &str) -> Option<(LockStrength, String)> {
    let (strength, name) = match mode {
        "RowExclusiveLock" | "RowShareLock" => (LockStrength::Rows, "ROW EXCLUSIVE"),
        "ShareLock" => (LockStrength::Writes, "SHARE"),
        "ShareRowExclusiveLock" => (LockStrength::Writes, "SHARE ROW EXCLUSIVE"),
        "ExclusiveLock" => (LockStrength::Writes, "EXCLUSIVE"),
        "AccessExclusiveLock" => (LockStrength::Everything, "ACCESS EXCLUSIVE"),
        _ => return None,
    };
    Some((strength, name.to_owned()))
}

fn words(failure: Failure) -> String {
    match failure {
        Failure::Driver(problem) => error::message(&problem),
        Failure::TooLarge => TOO_LARGE.to_owned(),
    }
}

/// The rows that statements return, sent as one.
async fn rows(connection: &mut PgConnection, statements: &str) -> Result<Answer, Failure> {
    let items = sqlx::raw_sql(AssertSqlSafe(statements)).fetch_many(connection);
    let rows = items.filter_map(async |item| match item {
        Ok(Either::Right(row)) => Some(Ok(row)),
        Ok(Either::Left(_)) => None,
        Err(error) => Some(Err(error)),
    });
    preview::collect(std::pin::pin!(rows)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_says_what_others_cannot_do() {
        assert_eq!(strength("AccessShareLock"), None);
        assert_eq!(strength("RowExclusiveLock").map(|(strength, _)| strength), Some(LockStrength::Rows));
        assert_eq!(strength("AccessExclusiveLock"), Some((LockStrength::Everything, "ACCESS EXCLUSIVE".to_owned())));
        assert!(LockStrength::Rows < LockStrength::Writes && LockStrength::Writes < LockStrength::Everything);
    }
}
