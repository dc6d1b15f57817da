//! A session on a PostgreSQL server.
//!
//! Statements go by the simple protocol, one at a time: then every value comes
//! as the server's own text, as in psql.

mod blockers;
mod cancel;
mod connect;
mod error;
mod limits;
mod logging;
mod preview;
mod refusal;
mod rehearsal;
mod rights;
mod settings;
mod value;
mod verdict;

pub(in crate::sql) use connect::passwords;
pub(super) use rehearsal::execute;
pub use rehearsal::{OpenSessions, seed};

use super::held::{Held, PATIENCE};
use super::parameter::Parameters;
use super::read_only;
use super::report::{DriverRow as _, Report};
use super::statement::Statement;
use super::watch::{Stop, Turn, Watch, write};
use crate::effect::{
    CommitVerdict, Control, Database, DatabaseError, Output, Preview, ServerKind, StatementResult, Stream,
};
use crate::language::sql::SqlDialect;
use crate::run::{DatabaseSession, ServerSession, ServerTransaction};
use async_trait::async_trait;
use cancel::Cancel;
use limits::Lifted;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Either, Executor as _, SqlSafeStr as _};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use value::names;

/// One session on one server.
pub(super) struct PostgresSession {
    connection: Held<PgConnection>,
    options: PgConnectOptions,
    target: String,
    /// What is known of the session.
    about: DatabaseSession,
    /// Whether a statement may have taken it elsewhere since.
    moved: bool,
    /// Process id of the session's server process.
    backend: i32,
    known_as: Option<ServerSession>,
    read_only: bool,
    /// How long changes wait for an answer.
    hold: Duration,
    /// What the session is set to besides, where it reads only for as long as it
    /// is told to.
    pub(super) reading: Option<String>,
    parameters: Parameters,
    /// Whether it is known, and was said, that the server's log holds secrets.
    knows_of_log: bool,
    /// A second session, which looks at what this one keeps others from.
    watcher: Option<PgConnection>,
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
    /// It was told to end before it was sent.
    NotSent,
    /// It did not end although it was told to.
    Unstoppable,
}

impl PostgresSession {
    /// Gives the server another name than its own words.
    pub(in crate::sql) fn call(&mut self, label: &str) {
        label.clone_into(&mut self.target);
    }

    /// Whether the session can take another statement.
    pub(super) async fn is_alive(&mut self) -> bool {
        let is_alive = self.connection.is_alive().await;
        if is_alive && std::mem::take(&mut self.moved) {
            self.look_around().await;
        }
        is_alive
    }

    /// Puts a question of our own.
    async fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DatabaseError> {
        let answer = self.connection.ask(error::ends_session, question).await?;
        answer.map_err(|error| error::of_statement(&error, "", None))
    }

    /// Why the statement is not sent at all.
    fn refuse(&self, text: &str, statement: &Statement) -> Option<String> {
        if statement.copies_through_client() {
            return Some(
                "COPY through the client is not possible here\nHINT:  run it in a shell block with psql's \\copy, or \
                 SELECT the rows"
                    .to_owned(),
            );
        }
        self.refuses(text)
    }

    /// Makes sure that nothing before this has lifted read-only, and that the
    /// server reads a statement's strings as they were read here. Where this
    /// fails, nothing can be written: the transaction has failed, or the session
    /// has ended.
    async fn hold_to_reading(connection: &mut PgConnection) {
        let hold = "SET standard_conforming_strings = on; SET default_transaction_read_only = on; \
                    SET transaction_read_only = on";
        let _ = connection.execute(sqlx::raw_sql(hold)).await;
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
        let mut cancel = Cancel::new(&self.options, self.backend, text);
        let mut stream = sqlx::raw_sql(AssertSqlSafe(text)).fetch_many(connection);
        let finish = loop {
            match watch.next(&mut stream, output).await {
                Turn::Item(Some(Ok(Either::Right(row)))) => report.row(&row, output),
                Turn::Item(Some(Ok(Either::Left(done)))) => report.complete(done.rows_affected()),
                Turn::Item(Some(Err(error))) => break Finish::Failed(error),
                Turn::Item(None) => break Finish::Done,
                Turn::Stop(stop) => {
                    stopped.get_or_insert(stop);
                    if !watch.is_sent() {
                        break Finish::NotSent;
                    }
                    match cancel.ask().await {
                        Some(grace) => watch.only_for(grace),
                        None => break Finish::Unstoppable,
                    }
                }
            }
        };
        let stray_signal = cancel.is_stray;
        cancel.close().await;
        Ending { finish, stopped, stray_signal }
    }

    /// Gives the session what the statement needs, and it alone: the secrets
    /// that it refers to, and the time that it may take.
    async fn make_ready(
        &self,
        connection: &mut PgConnection,
        text: &str,
        statement: &Statement,
        timeout: Option<Duration>,
    ) -> Result<Option<Lifted>, sqlx::Error> {
        let lifted = match limits::lift(connection, timeout, statement).await {
            // In a transaction that has failed, nothing runs long.
            Err(error) if !error::ends_session(&error) => None,
            lifted => lifted?,
        };
        if let Err(error) = self.give_secrets(connection, text).await {
            limits::put_back(connection, lifted).await;
            return Err(error);
        }
        Ok(lifted)
    }

    /// Gives the session the secrets that the statement refers to. They are
    /// parameters here; in the statement itself its result would come in binary.
    async fn give_secrets(&self, connection: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
        for parameter in self.parameters.settings_in(statement) {
            set(connection, parameter.setting(), parameter.text.to_string()).await?;
        }
        Ok(())
    }

    /// Says once that the server's log holds what the statement is given.
    async fn tell_of_log(&mut self, connection: &mut PgConnection, statement: &str, output: &mut dyn Output) {
        if self.knows_of_log || self.parameters.settings_in(statement).next().is_none() {
            return;
        }
        let logged = logging::holds_parameters(connection).await;
        self.knows_of_log = logged.is_some();
        if logged == Some(true) {
            write(output, Stream::Err, &format!("{}\n", logging::HOLDS_SECRETS));
        }
    }

    /// Makes the session what it was before the statement, which had a
    /// transaction of ours around it where it was `wrapped`.
    async fn tidy_up(
        &self,
        connection: &mut PgConnection,
        (statement, resets): (&str, bool),
        wrapped: bool,
        lifted: Option<Lifted>,
    ) {
        if wrapped {
            // Of a transaction that has failed this is the end, too.
            let _ = connection.execute("COMMIT").await;
        }
        self.take_secrets(connection, statement).await;
        limits::put_back(connection, lifted).await;
        if resets && let Err(error) = connect::settle(connection, self.hold).await {
            tracing::warn!(error = %error::message(&error), "the session's limits could not be set again");
        }
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

    fn about(&self) -> DatabaseSession {
        self.about.clone()
    }

    fn refuses(&self, statement: &str) -> Option<String> {
        if self.read_only { read_only::refusal(statement, SqlDialect::Postgres) } else { None }
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
        if let Some(message) = self.refuse(statement, &parsed) {
            return Err(DatabaseError::Statement { message, offset: None });
        }
        // Whoever was looking at this session's locks has seen enough.
        self.watcher = None;
        // Taken out while the statement runs: if this future is dropped, the
        // connection goes with it, and with it whatever it was in.
        let mut connection = self.connection.take()?;
        self.moved |= parsed.moves_session();
        if self.read_only {
            Self::hold_to_reading(&mut connection).await;
        }
        if parsed.commits()
            && let Some(refusal) = self.refuse_commit(&mut connection).await
        {
            if !matches!(refusal, DatabaseError::Lost { .. }) {
                self.connection.put_back(connection);
            }
            return Err(refusal);
        }

        let blockers = blockers::watch(&self.options, self.backend);
        let mut watch = Watch::new(timeout, control).with_notices().with_blockers(blockers);
        if let Some(stop) = watch.stopped_before() {
            self.connection.put_back(connection);
            return Err(stop.into());
        }
        let lifted = match self.make_ready(&mut connection, statement, &parsed, timeout).await {
            Ok(lifted) => lifted,
            Err(error) => {
                if !error::ends_session(&error) {
                    self.connection.put_back(connection);
                }
                return Err(error::of_statement(&error, "", None));
            }
        };
        self.tell_of_log(&mut connection, statement, output).await;
        // By itself, code could commit, and have a transaction that writes.
        let wrapped = (self.read_only || self.reading.is_some())
            && parsed.runs_code()
            && matches!(transaction_status(&mut connection).await, Ok(Transaction::None))
            && connection.execute("BEGIN READ ONLY").await.is_ok();
        let mut report = Report::new(&parsed);
        let ending = self.execute(&mut connection, statement, &mut report, &mut watch, output).await;
        let duration = watch.elapsed();
        // What the statement came to is known: no answer to this keeps it back.
        let is_tidy = !matches!(ending.finish, Finish::Unstoppable)
            && tokio::time::timeout(
                PATIENCE,
                self.tidy_up(&mut connection, (statement, parsed.resets_all()), wrapped, lifted),
            )
            .await
            .is_ok()
            && !ending.stray_signal;
        match ending.finish {
            Finish::Done => {
                let columns = if is_tidy && report.wants_columns() {
                    Self::columns(&mut connection, statement).await
                } else {
                    Ok(Vec::new())
                };
                match columns {
                    Ok(names) => {
                        if !names.is_empty() {
                            report.columns(names);
                        }
                        if is_tidy {
                            self.connection.put_back(connection);
                        }
                    }
                    Err(error) => {
                        tracing::warn!(error = %error::message(&error), "the session ended after a statement");
                    }
                }
                let interrupted = ending.stopped == Some(Stop::Interrupted) || watch.was_asked();
                Ok(StatementResult { interrupted, ..report.finish(duration, output) })
            }
            Finish::Failed(error) => {
                report.fail(output);
                let mut problem = error::of_statement(&error, statement, ending.stopped);
                if !error::ends_session(&error) && is_tidy {
                    problem = limits::explain(&mut connection, &error, watch.blocked(), problem).await;
                    self.connection.put_back(connection);
                }
                Err(problem)
            }
            Finish::NotSent => {
                self.connection.put_back(connection);
                Err(ending.stopped.unwrap_or(Stop::Interrupted).into())
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
        if self.read_only || self.reading.is_some() == reading {
            return Ok(());
        }
        if let Some(before) = self.reading.clone() {
            let back = format!("SET default_transaction_read_only = '{}'", before.replace('\'', "''"));
            self.ask(async |connection| connection.execute(AssertSqlSafe(back)).await).await?;
            self.reading = None;
            return Ok(());
        }
        // A role, or the page, may have made it read-only before.
        const SET: &str = "SELECT pg_catalog.current_setting('default_transaction_read_only'), \
                           pg_catalog.set_config('default_transaction_read_only', 'on', false)";
        let row = self.ask(async |connection| connection.fetch_one(sqlx::raw_sql(SET)).await).await?;
        self.reading = row.cells().into_iter().next().and_then(|cell| cell.text);
        Ok(())
    }

    fn ended(&self) -> Option<String> {
        self.connection.ended()
    }

    async fn in_transaction(&mut self) -> Result<bool, DatabaseError> {
        let status = self.ask(async |connection| transaction_status(connection).await).await?;
        Ok(status != Transaction::None)
    }

    fn preview(&mut self) -> Option<&mut dyn Preview> {
        Some(self)
    }

    fn session(&self) -> Option<ServerSession> {
        self.known_as.clone()
    }

    async fn transaction(&mut self) -> Result<ServerTransaction, DatabaseError> {
        let known_as = self.known_as.clone();
        self.ask(async |connection| verdict::transaction(connection, known_as.as_ref()).await).await
    }

    async fn verdict(&mut self, transaction: &ServerTransaction) -> CommitVerdict {
        verdict::verdict(&self.options, transaction).await
    }

    async fn trace(&mut self, session: &ServerSession) -> Option<String> {
        verdict::trace(&self.options, session).await
    }
}
