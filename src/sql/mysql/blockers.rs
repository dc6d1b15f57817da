//! Who holds the lock that a statement waits for, through the chain of those
//! who wait themselves.
//!
//! The lock of a row is told by the server with its holder. Of the lock of a
//! table as such (`Waiting for table metadata lock`) it tells only that it is
//! waited for; whoever has a transaction open may be the one who holds it.

use super::value::texts;
use super::{Flavour, code, error};
use crate::effect::DatabaseError;
use crate::sql::blockers::{self, Beside, Blocker, Found, shortened};
use crate::sql::quotes::Rules;
use crate::sql::watch::Blocked;
use async_trait::async_trait;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::collections::HashSet;
use tokio::sync::mpsc::UnboundedReceiver;

/// How many of those who wait for each other are followed.
const MOST: usize = 20;

/// Said where the account may not know.
const HIDDEN: &str =
    "somebody who is shown to accounts with the PROCESS privilege only (`GRANT PROCESS ON *.* TO …` gives it)";

/// Looks after the session `id`; what it waits for comes whenever it has
/// changed. It ends when nobody listens any more.
pub(super) fn watch(options: &MySqlConnectOptions, id: u64, flavour: Flavour) -> UnboundedReceiver<Option<Blocked>> {
    let options = options.clone();
    blockers::watch(async move {
        let mut connection = MySqlConnection::connect_with(&options).await?;
        // The zone in which the server says when a transaction began.
        connection.execute("SET time_zone = 'SYSTEM'").await?;
        Ok(Box::new(Looker { connection, id, flavour, may_look: true }) as Box<dyn Beside>)
    })
}

/// Adds to the error of a statement that has waited in vain who was in its way,
/// and how to give it longer.
pub(super) fn explain(error: &sqlx::Error, blocked: Option<&Blocked>, problem: DatabaseError) -> DatabaseError {
    match problem {
        DatabaseError::Statement { mut message, offset } if error::number(error) == Some(code::LOCK_WAIT_TIMEOUT) => {
            if let Some(blocked) = blocked {
                blocked.explain(&mut message);
            }
            message.push_str(
                "\nHINT:  end what is in the way, or wait longer with `SET innodb_lock_wait_timeout = 60;` (for a change \
                 of schema `SET lock_wait_timeout = 60;`) before the statement",
            );
            DatabaseError::Statement { message, offset }
        }
        problem => problem,
    }
}

/// A second session, and whom it looks after.
struct Looker {
    connection: MySqlConnection,
    id: u64,
    flavour: Flavour,
    /// Whether the account may see what others do.
    may_look: bool,
}

#[async_trait]
impl Beside for Looker {
    async fn look(&mut self) -> Result<Found, sqlx::Error> {
        let waits_for_table = self.waits_for_table().await?;
        if self.may_look {
            let looked =
                if waits_for_table { self.who_may_hold_a_table().await } else { self.who_holds_the_rows().await };
            match looked {
                Err(refusal) if error::number(&refusal).is_some_and(|n| code::NOT_ALLOWED.contains(&n)) => {
                    self.may_look = false;
                }
                looked => return looked,
            }
        }
        let somebody_waits = waits_for_table || self.somebody_waits_for_a_row().await?;
        Ok(Found {
            doubt: if waits_for_table { "" } else { "perhaps " },
            hidden: somebody_waits.then(|| HIDDEN.to_owned()),
            ..Found::default()
        })
    }

    async fn close(self: Box<Self>) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!(error = %error::message(&error), "a second session was not closed in good order");
        }
    }
}

impl Looker {
    async fn rows(&mut self, question: String) -> Result<Vec<Vec<String>>, sqlx::Error> {
        let rows = self.connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(question))).await?;
        Ok(rows.iter().map(texts).collect())
    }

    /// Whoever the account is, it may see its own sessions.
    async fn waits_for_table(&mut self) -> Result<bool, sqlx::Error> {
        let look = format!(
            "SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = {} AND STATE LIKE 'Waiting for % lock'",
            self.id
        );
        Ok(!self.rows(look).await?.is_empty())
    }

    /// Whether any statement on the server waits for the lock of a row.
    async fn somebody_waits_for_a_row(&mut self) -> Result<bool, sqlx::Error> {
        let status = self.rows("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'".to_owned()).await?;
        Ok(status.iter().any(|row| row.last().is_some_and(|waits| waits != "0")))
    }

    async fn who_holds_the_rows(&mut self) -> Result<Found, sqlx::Error> {
        let waits = match self.flavour {
            Flavour::Mariadb => "information_schema.INNODB_LOCK_WAITS",
            Flavour::Mysql => {
                "(SELECT REQUESTING_ENGINE_TRANSACTION_ID AS requesting_trx_id, BLOCKING_ENGINE_TRANSACTION_ID AS \
                 blocking_trx_id FROM performance_schema.data_lock_waits)"
            }
        };
        let mut found: Vec<Blocker> = Vec::new();
        let mut waiting = vec![self.id.to_string()];
        let mut seen: HashSet<String> = waiting.iter().cloned().collect();
        while !waiting.is_empty() && found.len() < MOST {
            let look = format!(
                "SELECT DISTINCT waiter.trx_mysql_thread_id, {BLOCKER} FROM {waits} AS w \
                 JOIN information_schema.INNODB_TRX AS waiter ON waiter.trx_id = w.requesting_trx_id \
                 JOIN information_schema.INNODB_TRX AS b ON b.trx_id = w.blocking_trx_id \
                 LEFT JOIN information_schema.PROCESSLIST AS p ON p.ID = b.trx_mysql_thread_id \
                 WHERE waiter.trx_mysql_thread_id IN ({}) ORDER BY 2",
                waiting.join(", ")
            );
            let level = self.rows(look).await?;
            waiting.clear();
            for row in level {
                let Some((waiter, row)) = row.split_first() else { continue };
                let blocker =
                    Blocker { keeps: (*waiter != self.id.to_string()).then(|| waiter.clone()), ..blocker(row) };
                if seen.insert(blocker.process.clone()) && found.len() < MOST {
                    waiting.extend(blocker.instead.is_none().then(|| blocker.process.clone()));
                    found.push(blocker);
                }
            }
        }
        self.add_last_statements(&mut found).await;
        Ok(Found { blockers: found, ..Found::default() })
    }

    /// What those did last who do nothing now, where the server keeps that.
    async fn add_last_statements(&mut self, blockers: &mut [Blocker]) {
        let idle = blockers.iter().filter(|blocker| blocker.query.is_none() && blocker.instead.is_none());
        let processes: Vec<_> = idle.map(|blocker| blocker.process.clone()).collect();
        if processes.is_empty() {
            return;
        }
        let look = format!(
            "SELECT t.PROCESSLIST_ID, LEFT(s.SQL_TEXT, 1000) FROM performance_schema.threads AS t \
             JOIN performance_schema.events_statements_current AS s ON s.THREAD_ID = t.THREAD_ID \
             WHERE t.PROCESSLIST_ID IN ({})",
            processes.join(", ")
        );
        for row in self.rows(look).await.unwrap_or_default() {
            let [process, query] = row.as_slice() else { continue };
            let blocker = blockers.iter_mut().find(|blocker| blocker.process == *process);
            if let Some(blocker) = blocker.filter(|_| !query.is_empty()) {
                blocker.query = Some(shortened(query, Rules::Mysql));
            }
        }
    }

    async fn who_may_hold_a_table(&mut self) -> Result<Found, sqlx::Error> {
        let look = format!(
            "SELECT {BLOCKER} FROM information_schema.INNODB_TRX AS b \
             LEFT JOIN information_schema.PROCESSLIST AS p ON p.ID = b.trx_mysql_thread_id \
             WHERE b.trx_mysql_thread_id <> {} ORDER BY b.trx_started LIMIT {MOST}",
            self.id
        );
        let blockers = self.rows(look).await?.iter().map(|row| blocker(row)).collect();
        Ok(Found { blockers, doubt: "perhaps ", hidden: Some(OF_A_TABLE.to_owned()) })
    }
}

/// Said where a table is held, and nobody has a transaction open.
const OF_A_TABLE: &str = "somebody whom this server does not tell: SHOW FULL PROCESSLIST shows who is at the table";

/// What is asked of somebody in the way.
const BLOCKER: &str = "b.trx_mysql_thread_id, p.USER, p.HOST, p.COMMAND, p.TIME, LEFT(COALESCE(p.INFO, b.trx_query), 1000), \
                       TIMESTAMPDIFF(SECOND, b.trx_started, NOW()), b.trx_rows_modified";

/// A row of what [`BLOCKER`] asks; NULL is empty.
fn blocker(row: &[String]) -> Blocker {
    let text = |place: usize| row.get(place).filter(|text| !text.is_empty()).cloned();
    let process = text(0).unwrap_or_default();
    if process == "0" {
        let instead = Some("a prepared XA transaction, which XA RECOVER shows until somebody ends it");
        return Blocker { process, instead, ..Blocker::default() };
    }
    let is_idle = text(3).is_some_and(|command| command == "Sleep");
    let open_for = text(6).map(|seconds| format!("its transaction open for {seconds} s"));
    let changed = text(7).filter(|rows| rows != "0").map(|rows| format!("rows changed in it: {rows}"));
    let transaction: Vec<_> = [open_for, changed].into_iter().flatten().collect();
    let state = if is_idle { "idle in transaction" } else { "active" };
    Blocker {
        process,
        user: text(1),
        address: text(2).map(|host| host.rsplit_once(':').map_or(host.clone(), |(host, _)| host.to_owned())),
        role: Some(transaction.join(", ")).filter(|role| !role.is_empty()),
        state: Some(state.to_owned()),
        state_for: text(4),
        query: text(5).map(|query| shortened(&query, Rules::Mysql)),
        unseen: if is_idle { "the server does not tell its last statement" } else { "" },
        ..Blocker::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocker_is_told_by_what_the_server_knows() {
        let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let idle = blocker(&row(&["12", "app", "10.0.0.7:3412", "Sleep", "185", "", "190", "2"]));
        assert_eq!((idle.user.as_deref(), idle.address.as_deref()), (Some("app"), Some("10.0.0.7")));
        assert_eq!(idle.role.as_deref(), Some("its transaction open for 190 s, rows changed in it: 2"));
        assert_eq!((idle.state.as_deref(), idle.query), (Some("idle in transaction"), None));
        let active = blocker(&row(&["13", "app", "localhost", "Query", "3", "UPDATE t SET a = \"hunter2\"", "3", "0"]));
        assert_eq!(active.query.as_deref(), Some("UPDATE t SET a = '…'"));
        assert!(blocker(&row(&["0", "", "", "", "", "", "9", "1"])).instead.is_some());
    }
}
