//! Ending a statement, from a session beside it.
//!
//! The driver does not give out the key that the protocol's own request takes.
//! So the server is asked by its functions. Only the statement at hand is ever
//! hit: the session is at it when the function is called, for the next one is
//! sent only after the answer, and a server process drops a request that
//! reaches it between two statements.

use super::super::report::DriverRow as _;
use super::error;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::time::Duration;
use tokio::time::Instant;

/// How long a statement has to end once the server process has the request.
const GRACE: Duration = Duration::from_secs(2);
/// How soon it is asked again where the process was not at the statement yet.
const SOON: Duration = Duration::from_millis(10);
/// How long it is asked to cancel before its session is ended.
const CANCELLING: Duration = Duration::from_secs(8);
/// How long the server has to answer the request.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ends one statement.
pub(super) struct Cancel<'a> {
    options: &'a PgConnectOptions,
    /// Which process is at which statement, as the server is asked for it.
    target: String,
    beside: Option<PgConnection>,
    /// When it was first asked for.
    began: Option<Instant>,
    pause: Duration,
    terminated: bool,
    /// A request may still be under way, and hit the next statement.
    pub(super) is_stray: bool,
}

enum Answer {
    /// The server process has the request.
    Taken,
    /// It is not at the statement.
    Missed,
    /// There is no session to ask from, or none any more.
    NotAsked,
}

impl<'a> Cancel<'a> {
    /// Of `statement`, at which the server process `backend` is.
    pub(super) fn new(options: &'a PgConnectOptions, backend: i32, statement: &str) -> Self {
        // The server keeps only the beginning of a statement's text.
        let beginning: String = statement.chars().take(60).collect();
        // Behind a connection pooler the process may serve somebody else by now.
        let target = format!(
            "pid = {backend} AND (state = 'disabled' OR (state <> 'idle' AND pg_catalog.left(query, 60) = '{}'))",
            beginning.replace('\'', "''")
        );
        Self { options, target, beside: None, began: None, pause: SOON, terminated: false, is_stray: false }
    }

    /// Asks for the end of the statement, and says how long to wait for it
    /// before asking again; `None` once there is nothing left to try.
    pub(super) async fn ask(&mut self) -> Option<Duration> {
        if self.terminated {
            return None;
        }
        self.terminated = self.began.get_or_insert_with(Instant::now).elapsed() >= CANCELLING;
        let function = if self.terminated { "pg_terminate_backend" } else { "pg_cancel_backend" };
        let answer = match tokio::time::timeout(PATIENCE, self.call(function)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tracing::warn!(error = %error::message(&error), "{function} failed");
                Answer::NotAsked
            }
            Err(_) => {
                self.beside = None;
                Answer::NotAsked
            }
        };
        Some(match answer {
            Answer::Taken => GRACE,
            Answer::Missed if self.terminated => GRACE,
            Answer::Missed => {
                self.pause = (self.pause * 2).min(GRACE);
                self.pause
            }
            Answer::NotAsked => GRACE / 2,
        })
    }

    async fn call(&mut self, function: &str) -> Result<Answer, sqlx::Error> {
        // Taken out while it is used: one that failed is not used again.
        let mut beside = match self.beside.take() {
            Some(beside) => beside,
            None => {
                let mut beside = PgConnection::connect_with(self.options).await?;
                beside.execute("SET standard_conforming_strings = on").await?;
                beside
            }
        };
        let call = format!("SELECT pg_catalog.{function}(pid) FROM pg_catalog.pg_stat_activity WHERE {}", self.target);
        // Should the answer not come, the request may all the same.
        self.is_stray = true;
        let rows = beside.fetch_all(sqlx::raw_sql(AssertSqlSafe(call))).await?;
        self.is_stray = false;
        self.beside = Some(beside);
        let taken = rows.first().and_then(|row| row.cells().into_iter().next()?.text).is_some_and(|text| text == "t");
        Ok(if taken { Answer::Taken } else { Answer::Missed })
    }

    /// Leaves no session behind.
    pub(super) async fn close(self) {
        if let Some(beside) = self.beside {
            let _ = tokio::time::timeout(PATIENCE, beside.close()).await;
        }
    }
}
