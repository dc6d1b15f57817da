//! Who holds the lock that a statement waits for, through the chain of those
//! who wait themselves.

use super::super::blockers::{self, Beside, Blocker, Found, shortened};
use super::super::quotes::Rules;
use super::super::report::DriverRow as _;
use super::super::watch::Blocked;
use super::error;
use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::collections::HashSet;
use tokio::sync::mpsc::UnboundedReceiver;

/// Looks after the server process `backend`; what it waits for comes whenever
/// it has changed. It ends when nobody listens any more.
pub(super) fn watch(options: &PgConnectOptions, backend: i32) -> UnboundedReceiver<Option<Blocked>> {
    let options = options.clone();
    blockers::watch(async move {
        let connection = PgConnection::connect_with(&options).await?;
        Ok(Box::new(Looker { connection, backend }) as Box<dyn Beside>)
    })
}

/// A second session, and whom it looks after.
struct Looker {
    connection: PgConnection,
    backend: i32,
}

#[async_trait]
impl Beside for Looker {
    async fn look(&mut self) -> Result<Found, sqlx::Error> {
        let ask = format!(
            "WITH RECURSIVE chain (pid, keeps, path) AS (
               SELECT b.pid, NULL::pg_catalog.int4, ARRAY[w.pid, b.pid]
               FROM pg_catalog.pg_stat_activity AS w,
                    LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS b (pid)
               WHERE w.pid = {} AND w.wait_event_type = 'Lock'
               UNION ALL
               SELECT b.pid, c.pid, c.path || b.pid
               FROM chain AS c, LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(c.pid)) AS b (pid)
               WHERE c.pid <> 0 AND b.pid <> ALL (c.path) AND pg_catalog.cardinality(c.path) < 10)
             SELECT c.pid, c.keeps, a.usename, a.application_name, pg_catalog.host(a.client_addr), a.backend_type, a.state,
                    pg_catalog.floor(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - a.state_change))::pg_catalog.int8,
                    pg_catalog.left(a.query, 1000)
             FROM chain AS c LEFT JOIN pg_catalog.pg_stat_activity AS a USING (pid)
             ORDER BY pg_catalog.cardinality(c.path), c.pid LIMIT 20",
            self.backend
        );
        let rows = self.connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(ask))).await?;
        let mut seen = HashSet::new();
        let blockers = rows.iter().map(|row| {
            let mut cells = row.cells().into_iter().map(|cell| cell.text.filter(|text| !text.is_empty()));
            let mut next = || cells.next().flatten();
            let process = next().unwrap_or_default();
            let prepared = "a prepared transaction, which is in pg_prepared_xacts until somebody ends it";
            let blocker = Blocker {
                instead: (process == "0").then_some(prepared),
                process,
                keeps: next(),
                user: next(),
                application: next(),
                address: next(),
                role: next().filter(|kind| kind != "client backend"),
                state: next(),
                state_for: next(),
                query: next().map(|query| shortened(&query, Rules::Standard)),
                unseen: "what it does is shown to members of pg_read_all_stats only",
            };
            // To others it is shown that they may not see it.
            Blocker { query: blocker.query.filter(|_| blocker.state.is_some()), ..blocker }
        });
        let blockers = blockers.filter(|blocker| seen.insert(blocker.process.clone())).collect();
        Ok(Found { blockers, ..Found::default() })
    }

    async fn close(self: Box<Self>) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!(error = %error::message(&error), "a second session was not closed in good order");
        }
    }
}
