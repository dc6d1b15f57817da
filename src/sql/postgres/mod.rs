//! A session on a PostgreSQL server.
//!
//! Statements go by the simple protocol, one at a time: then every value comes
//! as the server's own text, as in psql.

mod connect;
mod error;
mod rehearsal;

pub(super) use rehearsal::execute;
pub use rehearsal::{OpenSessions, seed};

use super::parameter::Parameters;
use super::report::{DriverRow, Report};
use super::statement::Statement;
use super::table::Cell;
use super::watch::{Stop, Turn, Watch};
use crate::effect::{Control, Database, DatabaseError, Output, ServerKind, StatementResult};
use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Column as _, Connection as _, Either, Executor as _, Row as _, SqlSafeStr as _};
use sqlx::{TypeInfo as _, ValueRef as _};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// What the server is asked for, one after the other, to end a statement. It
/// is asked to cancel more than once: a statement may not have reached the
/// server process the first time.
const SIGNALS: [&str; 5] =
    ["pg_cancel_backend", "pg_cancel_backend", "pg_cancel_backend", "pg_cancel_backend", "pg_terminate_backend"];
/// How long a statement has to end after each of them.
const GRACE: Duration = Duration::from_secs(2);
/// How long the server has to answer one of our own questions.
const PATIENCE: Duration = Duration::from_secs(5);

/// One session on one server.
pub(super) struct PostgresSession {
    /// `None` once it is of no more use.
    connection: Option<PgConnection>,
    options: PgConnectOptions,
    target: String,
    /// Process id of the session's server process.
    backend: i32,
    read_only: bool,
    /// Whether the session reads only for as long as it is told to.
    pub(super) reading: bool,
    parameters: Parameters,
}

/// How a statement ended.
struct Ending {
    finish: Finish,
    /// Why it was told to end, if it was.
    stopped: Option<Stop>,
    /// Whether a request to end it may still be under way, and hit the next.
    stray_signal: bool,
}

/// What a statement came to, before its error is put into words.
enum Finish {
    Done,
    Failed(sqlx::Error),
    /// It did not end although it was told to.
    Unstoppable,
}

impl PostgresSession {
    /// Gives the server another name than its own words.
    pub(in crate::sql) fn call(&mut self, label: &str) {
        label.clone_into(&mut self.target);
    }

    /// Whether the session is of no more use, as far as is known here.
    pub(super) fn has_ended(&self) -> bool {
        self.connection.is_none()
    }

    /// Whether the session can take another statement. Asks the server, for
    /// one that has waited long may have been cut off.
    pub(super) async fn is_alive(&mut self) -> bool {
        let Some(mut connection) = self.connection.take() else { return false };
        // Taken out while waiting: one that is given up in between is lost.
        let alive = matches!(tokio::time::timeout(PATIENCE, connection.ping()).await, Ok(Ok(())));
        if alive {
            self.connection = Some(connection);
        }
        alive
    }

    fn refuse(&self, statement: &Statement) -> Option<&'static str> {
        if statement.copies_through_client() {
            return Some(
                "COPY through the client is not possible here\nHINT:  run it in a shell block with psql's \\copy, or \
                 SELECT the rows",
            );
        }
        (self.read_only && statement.lifts_read_only())
            .then_some("the connection is read-only, and this statement would lift that")
    }

    /// Runs the statement to its end, however it comes.
    async fn execute(
        &self,
        connection: &mut PgConnection,
        text: &str,
        report: &mut Report<'_>,
        watch: &mut Watch<'_>,
        output: &mut dyn Output,
    ) -> Ending {
        let mut stopped = None;
        let mut signals = SIGNALS.iter();
        let mut stray_signal = false;
        let mut stream = sqlx::raw_sql(AssertSqlSafe(text)).fetch_many(connection);
        let finish = loop {
            match watch.next(&mut stream, output).await {
                Turn::Item(Some(Ok(Either::Right(row)))) => report.row(&row, output),
                Turn::Item(Some(Ok(Either::Left(done)))) => report.complete(done.rows_affected()),
                Turn::Item(Some(Err(error))) => break Finish::Failed(error),
                Turn::Item(None) => break Finish::Done,
                Turn::Stop(stop) => {
                    stopped.get_or_insert(stop);
                    let Some(signal) = signals.next() else { break Finish::Unstoppable };
                    // The server process has the signal when this returns, and
                    // gets the next statement only afterwards.
                    stray_signal |= !self.signal(signal, text).await;
                    watch.only_for(GRACE);
                }
            }
        };
        Ending { finish, stopped, stray_signal }
    }

    /// Calls this function on our server process, from another session, if it
    /// is at this statement: behind a connection pooler it may serve somebody
    /// else by now. Says whether the request is known to be over.
    async fn signal(&self, function: &str, statement: &str) -> bool {
        // The server keeps only the beginning of a statement's text.
        let beginning: String = statement.chars().take(60).collect();
        let call = format!(
            "SELECT pg_catalog.{function}(pid) FROM pg_catalog.pg_stat_activity WHERE pid = {} \
             AND (state = 'disabled' OR (state <> 'idle' AND pg_catalog.left(query, 60) = '{}'))",
            self.backend,
            beginning.replace('\'', "''")
        );
        let send = async {
            let mut second = PgConnection::connect_with(&self.options).await?;
            second.execute("SET standard_conforming_strings = on").await?;
            second.execute(sqlx::raw_sql(AssertSqlSafe(call))).await?;
            second.close().await
        };
        match tokio::time::timeout(PATIENCE, send).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(error = %error::message(&error), "{function} failed");
                false
            }
            Err(_) => false,
        }
    }

    /// Gives the session the secrets that the statement refers to. They are
    /// parameters here; in the statement itself its result would come in binary.
    async fn give_secrets(&self, connection: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
        for parameter in self.parameters.settings_in(statement) {
            set(connection, parameter.setting(), parameter.text.to_string()).await?;
        }
        Ok(())
    }

    /// Takes them away again. In a transaction that has failed that cannot be
    /// done, and its end does it.
    async fn take_secrets(&self, connection: &mut PgConnection, statement: &str) {
        for parameter in self.parameters.settings_in(statement) {
            let _ = set(connection, parameter.setting(), String::new()).await;
        }
    }

    /// A `COMMIT` of a transaction that has failed rolls it back, and the
    /// server does not call that an error; the driver does not tell it from a
    /// commit either. So it is asked beforehand.
    async fn refuse_commit(&mut self, connection: &mut PgConnection) -> Option<DatabaseError> {
        let message = match transaction_status(connection).await {
            Ok(Transaction::Failed) => match connection.execute("ROLLBACK").await {
                Ok(_) => "the transaction had failed before: it was rolled back, nothing of it is kept".to_owned(),
                Err(error) => return Some(error::of_statement(&error, "", None)),
            },
            Ok(_) => return None,
            Err(error) => format!(
                "the connection was lost before this was sent ({}): the server rolls the transaction back",
                error::message(&error)
            ),
        };
        Some(DatabaseError::Statement { message, offset: None })
    }

    /// The names of the columns of a statement that returned no rows, if it
    /// returns any.
    ///
    /// The statement is described, not run. Inside a transaction a savepoint
    /// keeps a failure of that from failing the transaction.
    async fn columns(connection: &mut PgConnection, text: &str) -> Result<Vec<String>, sqlx::Error> {
        let inside = transaction_status(connection).await? == Transaction::Open;
        if inside {
            connection.execute("SAVEPOINT runbook_describe").await?;
        }
        let described = (&mut *connection).prepare(AssertSqlSafe(text).into_sql_str()).await;
        let names = described.map(|statement| names(sqlx::Statement::columns(&statement)));
        if inside {
            connection.execute("ROLLBACK TO SAVEPOINT runbook_describe").await?;
            connection.execute("RELEASE SAVEPOINT runbook_describe").await?;
        }
        // Described statements are kept on the server otherwise.
        connection.clear_cached_statements().await?;
        match names {
            Err(error) if error::ends_session(&error) => Err(error),
            names => Ok(names.unwrap_or_default()),
        }
    }
}

/// Sets a setting of the session by the parameters of a statement.
async fn set(connection: &mut PgConnection, setting: String, value: String) -> Result<(), sqlx::Error> {
    let query = sqlx::query("SELECT pg_catalog.set_config($1, $2, false)").persistent(false);
    connection.execute(query.bind(setting).bind(value)).await.map(drop)
}

/// The state of a session's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
    Failed,
}

/// Asks the server for the state of the transaction.
///
/// Outside of one, a statement is its own transaction: that began when the
/// statement did, and has written nothing yet.
async fn transaction_status(connection: &mut PgConnection) -> Result<Transaction, sqlx::Error> {
    const ASK: &str = "SELECT pg_catalog.now() <> pg_catalog.statement_timestamp() \
                       OR pg_catalog.txid_current_if_assigned() IS NOT NULL";
    match connection.fetch_one(sqlx::raw_sql(ASK)).await {
        Ok(row) => {
            let open = row.cells().first().and_then(|cell| cell.text.as_deref()) == Some("t");
            Ok(if open { Transaction::Open } else { Transaction::None })
        }
        Err(error) if error::code(&error).is_some_and(|code| code == "25P02") => Ok(Transaction::Failed),
        Err(error) => Err(error),
    }
}

#[async_trait(?Send)]
impl Database for PostgresSession {
    fn kind(&self) -> ServerKind {
        ServerKind::Postgres
    }

    fn target(&self) -> &str {
        &self.target
    }

    fn bind(&mut self, parameters: &[(String, String)]) {
        self.parameters = Parameters::new(parameters);
    }

    async fn run(
        &mut self,
        statement: &str,
        timeout: Option<Duration>,
        output: &mut dyn Output,
        control: &mut UnboundedReceiver<Control>,
    ) -> Result<StatementResult, DatabaseError> {
        Statement::refuse_nul(statement)?;
        let parsed = Statement::new(statement);
        if let Some(refusal) = self.refuse(&parsed) {
            return Err(DatabaseError::Statement { message: refusal.to_owned(), offset: None });
        }
        // Taken out while the statement runs: if this future is dropped, the
        // connection goes with it, and with it whatever it was in.
        let Some(mut connection) = self.connection.take() else { return Err(error::closed()) };
        if self.read_only {
            // A function may have lifted it. Where this fails, nothing can be
            // written: the transaction has failed, or the session has ended.
            let _ = connection.execute("SET default_transaction_read_only = on").await;
        }
        if parsed.commits()
            && let Some(refusal) = self.refuse_commit(&mut connection).await
        {
            let ended = matches!(refusal, DatabaseError::Lost { .. });
            self.connection = (!ended).then_some(connection);
            return Err(refusal);
        }

        let mut watch = Watch::new(timeout, control).with_notices();
        if let Some(stop) = watch.stopped_before() {
            self.connection = Some(connection);
            return Err(stop.into());
        }
        if let Err(error) = self.give_secrets(&mut connection, statement).await {
            self.connection = (!error::ends_session(&error)).then_some(connection);
            return Err(error::of_statement(&error, "", None));
        }
        let mut report = Report::new(&parsed);
        let ending = self.execute(&mut connection, statement, &mut report, &mut watch, output).await;
        let duration = watch.elapsed();
        if !matches!(ending.finish, Finish::Unstoppable) {
            self.take_secrets(&mut connection, statement).await;
        }
        match ending.finish {
            Finish::Done => {
                let columns = if report.wants_columns() {
                    Self::columns(&mut connection, statement).await
                } else {
                    Ok(Vec::new())
                };
                match columns {
                    Ok(names) => {
                        if !names.is_empty() {
                            report.columns(names);
                        }
                        self.connection = (!ending.stray_signal).then_some(connection);
                    }
                    Err(error) => {
                        tracing::warn!(error = %error::message(&error), "the session ended after a statement");
                    }
                }
                Ok(report.finish(duration, output))
            }
            Finish::Failed(error) => {
                report.fail(output);
                let keep = !error::ends_session(&error) && !ending.stray_signal;
                self.connection = keep.then_some(connection);
                Err(error::of_statement(&error, statement, ending.stopped))
            }
            Finish::Unstoppable => {
                report.fail(output);
                let message = format!(
                    "the statement did not end when told to; it may still be running in the server's process {}",
                    self.backend
                );
                Err(DatabaseError::Lost { message })
            }
        }
    }

    async fn set_reading(&mut self, reading: bool) -> Result<(), DatabaseError> {
        if self.read_only || self.reading == reading {
            return Ok(());
        }
        let Some(mut connection) = self.connection.take() else { return Err(error::closed()) };
        let setting = if reading { "on" } else { "off" };
        let set = format!("SET default_transaction_read_only = {setting}");
        match connection.execute(AssertSqlSafe(set)).await {
            Ok(_) => {
                self.connection = Some(connection);
                self.reading = reading;
                Ok(())
            }
            Err(error) => Err(error::of_statement(&error, "", None)),
        }
    }

    async fn in_transaction(&mut self) -> Result<bool, DatabaseError> {
        let Some(mut connection) = self.connection.take() else { return Err(error::closed()) };
        match transaction_status(&mut connection).await {
            Ok(status) => {
                self.connection = Some(connection);
                Ok(status != Transaction::None)
            }
            Err(error) => {
                if !error::ends_session(&error) {
                    self.connection = Some(connection);
                }
                Err(error::of_statement(&error, "", None))
            }
        }
    }
}

fn names(columns: &[sqlx::postgres::PgColumn]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

impl DriverRow for PgRow {
    fn names(&self) -> Vec<String> {
        names(self.columns())
    }

    fn cells(&self) -> Vec<Cell> {
        self.columns().iter().map(|column| cell(self, column)).collect()
    }
}

fn cell(row: &PgRow, column: &sqlx::postgres::PgColumn) -> Cell {
    let numeric = matches!(
        column.type_info().name(),
        "INT2" | "INT4" | "INT8" | "FLOAT4" | "FLOAT8" | "NUMERIC" | "OID" | "MONEY" | "XID" | "CID"
    );
    let value = row.try_get_raw(column.ordinal()).expect("the column is one of this row");
    let text = if value.is_null() {
        None
    } else {
        // A session may have been set to another encoding than UTF-8.
        Some(String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned())
    };
    Cell { text, numeric }
}
