//! Ending a statement that runs, from a second session.

use super::connect::execute;
use super::value::texts;
use super::{MysqlSession, PATIENCE, code, error};
use crate::sql::statement::Statement;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::time::Duration;
use tokio::runtime::Handle;

/// What the server is asked for, one after the other, to end a statement, and
/// whether it must be seen to be at the statement's own text. It is asked more
/// than once: a statement may not have begun the first time.
pub(super) const SIGNALS: [(&str, Look); 5] = [
    ("KILL QUERY", Look::Text),
    ("KILL QUERY", Look::Text),
    ("KILL QUERY", Look::TextOrInner),
    ("KILL QUERY", Look::TextOrInner),
    ("KILL CONNECTION", Look::TextOrInner),
];

/// What of a session is looked at before it is told to end what it runs.
/// Behind a proxy it may serve somebody else by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// It runs the statement's text.
    Text,
    /// The same, but for statements that may run others: while a procedure or
    /// a function runs, the server shows the statement inside it.
    TextOrInner,
}

/// How long a statement has to end after each of them.
pub(super) const GRACE: Duration = Duration::from_secs(2);

impl MysqlSession {
    /// Asks the server to end what our session runs, if that is this
    /// statement. Says whether the request is known to be over.
    pub(super) async fn signal(&self, (signal, look): (&str, Look), text: &str, statement: &Statement) -> bool {
        let runs_others = matches!(statement.verb(), "CALL" | "EXECUTE");
        let any_text = runs_others || (look == Look::TextOrInner && text.contains('('));
        let look = format!(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {} AND COMMAND NOT IN ('Sleep', 'Killed') \
             AND LEFT(USER(), CHAR_LENGTH(USER) + 1) = CONCAT(USER, '@') AND {}",
            self.id,
            if any_text { "TRUE".to_owned() } else { is_at(text) }
        );
        let send = async {
            let mut second = MySqlConnection::connect_with(&self.options).await?;
            let row = second.fetch_one(sqlx::raw_sql(AssertSqlSafe(look))).await?;
            if texts(&row).concat() != "0" {
                execute(&mut second, format!("{signal} {}", self.id)).await?;
            }
            second.close().await
        };
        match tokio::time::timeout(PATIENCE, send).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(error = %error::message(&error), "{signal} failed");
                false
            }
            Err(_) => false,
        }
    }
}

/// Whether what a session runs begins as `text` does. Beyond ASCII the server
/// may show a character as another.
fn is_at(text: &str) -> String {
    const COMPARED: usize = 60;
    let beginning: String = text.chars().take_while(char::is_ascii).take(COMPARED).collect();
    let hex: String = beginning.bytes().map(|byte| format!("{byte:02X}")).collect();
    format!("CAST(LEFT(INFO, {}) AS BINARY) = X'{hex}'", beginning.len())
}

/// A statement whose future may be given up. The server would not notice that
/// nobody waits for it, and so is told.
pub(super) struct Abandoned(Option<(MySqlConnectOptions, u64)>);

impl Abandoned {
    pub(super) fn new(options: &MySqlConnectOptions, id: u64) -> Self {
        Self(Some((options.clone(), id)))
    }

    /// The statement has ended, or was told to.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Abandoned {
    fn drop(&mut self) {
        let Some((options, id)) = self.0.take() else { return };
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            let end = async {
                let mut second = MySqlConnection::connect_with(&options).await?;
                execute(&mut second, format!("KILL CONNECTION {id}")).await?;
                second.close().await
            };
            if let Ok(Err(error)) = tokio::time::timeout(PATIENCE, end).await {
                tracing::warn!(error = %error::message(&error), "a statement that was given up may still be running");
            }
        });
    }
}

/// After a request to end a statement, the next one may be hit by it: this one
/// takes the blow.
pub(super) async fn absorb(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    match connection.execute("DO 0").await {
        Err(error) if error::number(&error) == Some(code::QUERY_INTERRUPTED) => {
            connection.execute("DO 0").await.map(drop)
        }
        done => done.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn a_statement_is_known_by_its_beginning() {
        assert_eq!(is_at("SELECT 'é'"), "CAST(LEFT(INFO, 8) AS BINARY) = X'53454C4543542027'");
        assert_eq!(is_at(&"x".repeat(100)), format!("CAST(LEFT(INFO, 60) AS BINARY) = X'{}'", "78".repeat(60)));
    }
}
