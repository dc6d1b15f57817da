//! A session on a MySQL or MariaDB server.
//!
//! Statements go by the text protocol, one at a time: then every value comes
//! as the server's own text, as in its client.

mod aside;
mod at_once;
mod blockers;
mod connect;
mod error;
mod explain;
mod preview;
mod results;
mod rights;
mod stop;
mod value;

use super::held::{Held, PATIENCE};
use super::parameter::Parameters;
use super::read_only;
use super::statement::Statement;
use super::watch::{Stop, Turn, Watch, write};
use crate::effect::{
    Control, Database, DatabaseError, Output, Preview, SelfEnded, ServerKind, StatementResult, Stream,
};
use crate::language::sql::SqlDialect;
use crate::run::DatabaseSession;
use async_trait::async_trait;
use error::code;
use results::Results;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection as _, Either, Executor as _};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// Makes whatever begins after it a transaction that only reads.
const READ_ONLY: &str = "SET SESSION TRANSACTION READ ONLY";
/// The opposite.
const READ_WRITE: &str = "SET SESSION TRANSACTION READ WRITE";

/// Which of the two servers it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Mariadb,
    Mysql,
}

/// One session on one server.
pub(super) struct MysqlSession {
    connection: Held<MySqlConnection>,
    options: MySqlConnectOptions,
    target: String,
    /// What is known of the session.
    about: DatabaseSession,
    /// Whether a statement may have taken it elsewhere since.
    moved: bool,
    flavour: Flavour,
    /// The server's number of the session.
    id: u64,
    read_only: bool,
    /// What the session is to be set to again, where it reads only for as long
    /// as it is told to.
    reading: Option<&'static str>,
    /// Whether a transaction was open when that was last looked at.
    is_open: bool,
    /// Whether one was opened to have a change explained.
    is_explaining: bool,
    /// How often something had been rolled back before the statement at hand,
    /// where that may end the transaction.
    rollbacks: Option<u64>,
    /// Whether a LOCK TABLES is in force.
    has_locked: bool,
    /// Whether the server still has something to say of an earlier statement.
    has_warned: bool,
    /// Whether the block at hand asks how many rows its statements changed:
    /// then no question of ours comes between two of them that can wait.
    counts_matter: bool,
    /// Such a block's text, as long as it is not known that the server reads it
    /// as it was read here.
    unchecked: Option<String>,
    /// How long the session's statements may take, where it was told so here.
    limit: Option<Duration>,
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

impl MysqlSession {
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
        question: impl AsyncFnOnce(&mut MySqlConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DatabaseError> {
        let answer = self.connection.ask(error::ends_session, question).await?;
        answer.map_err(|error| error::of_statement(&error, "", None, false))
    }

    /// What has to be so before a statement is sent. Says what the responder
    /// should know of it.
    async fn make_ready(
        &mut self,
        connection: &mut MySqlConnection,
        text: &str,
        statement: &Statement,
        timeout: Option<Duration>,
    ) -> Result<Option<String>, DatabaseError> {
        let failed = |error: sqlx::Error| error::of_statement(&error, "", None, false);
        if statement.commits()
            && let Err(error) = connection.ping().await
        {
            let message = format!(
                "the connection was lost before this was sent ({}): the server rolls the transaction back",
                error::message(&error)
            );
            return Err(DatabaseError::Statement { message, offset: None });
        }
        if self.has_locked && statement.begins() {
            connect::execute(connection, "UNLOCK TABLES".to_owned()).await.map_err(failed)?;
            self.has_locked = false;
            let message = "the transaction in which a change is counted would release what LOCK TABLES has locked: \
                           the tables were unlocked, and nothing was changed\nHINT:  SELECT … FOR UPDATE locks rows \
                           in a transaction; or run it in a shell block with the server's own client";
            return Err(DatabaseError::Statement { message: message.to_owned(), offset: None });
        }
        if self.read_only {
            // A procedure may have lifted it.
            connection.execute(READ_ONLY).await.map_err(failed)?;
        }
        if self.has_warned && !self.counts_matter && !statement.asks_for_warnings() {
            aside::forget_warnings(connection).await.map_err(failed)?;
            self.has_warned = false;
        }
        if !self.counts_matter {
            aside::check_reading(connection, text).await?;
        } else if let Some(block) = self.unchecked.take() {
            aside::check_reading(connection, &block).await?;
        }
        let may_end = self.is_open && statement.may_end_transaction() && !statement.ends_transaction();
        self.rollbacks = if may_end && statement.verb() != "SET" && !asks_for_counts(text) {
            Some(aside::rollbacks(connection).await.map_err(failed)?)
        } else {
            None
        };
        self.limit_time(connection, timeout).await.map_err(failed)?;
        aside::give_secrets(connection, &self.parameters, text).await.map_err(failed)
    }

    /// Has the server end what takes longer by itself, should nobody be here to
    /// tell it to.
    async fn limit_time(
        &mut self,
        connection: &mut MySqlConnection,
        timeout: Option<Duration>,
    ) -> Result<(), sqlx::Error> {
        /// The server's clock is not the first to end a statement.
        const LATER: Duration = Duration::from_secs(5);
        let limit = timeout.map(|timeout| timeout.saturating_add(LATER));
        if limit == self.limit {
            return Ok(());
        }
        let set = match (self.flavour, limit) {
            (Flavour::Mariadb, Some(limit)) => format!("SET SESSION max_statement_time = {}", limit.as_secs_f64()),
            (Flavour::Mariadb, None) => "SET SESSION max_statement_time = @@GLOBAL.max_statement_time".to_owned(),
            (Flavour::Mysql, Some(limit)) => format!("SET SESSION max_execution_time = {}", limit.as_millis()),
            (Flavour::Mysql, None) => "SET SESSION max_execution_time = @@GLOBAL.max_execution_time".to_owned(),
        };
        connect::execute(connection, set).await?;
        self.limit = limit;
        Ok(())
    }

    /// Runs the statement to its end, however it comes.
    async fn execute(
        &self,
        connection: &mut MySqlConnection,
        (text, statement): (&str, &Statement),
        results: &mut Results<'_>,
        watch: &mut Watch<'_>,
        output: &mut dyn Output,
    ) -> Ending {
        let mut stopped = None;
        let mut signals = stop::SIGNALS.iter();
        let mut stray_signal = false;
        let mut stream = sqlx::raw_sql(AssertSqlSafe(text)).fetch_many(&mut *connection);
        let finish = loop {
            match watch.next(&mut stream, output).await {
                Turn::Item(Some(Ok(Either::Right(row)))) => results.row(&row, output),
                Turn::Item(Some(Ok(Either::Left(done)))) => results.complete(done.rows_affected(), output),
                Turn::Item(Some(Err(error))) => break Finish::Failed(error),
                Turn::Item(None) => break Finish::Done,
                Turn::Stop(stop) => {
                    stopped.get_or_insert(stop);
                    let Some(signal) = signals.next() else { break Finish::Unstoppable };
                    // The session has the signal when this returns, and gets
                    // the next statement only afterwards.
                    stray_signal |= !self.signal(*signal, text, statement).await;
                    watch.only_for(stop::GRACE);
                }
            }
        };
        drop(stream);
        if stopped.is_some() && !matches!(finish, Finish::Unstoppable) {
            stray_signal |= stop::absorb(connection).await.is_err();
        }
        Ending { finish, stopped, stray_signal }
    }

    /// What is to do after a statement that ran to its end. The session is kept
    /// where it is sound.
    async fn conclude(
        &mut self,
        mut connection: MySqlConnection,
        (text, statement): (&str, &Statement),
        results: &mut Results<'_>,
        is_sound: bool,
        output: &mut dyn Output,
    ) -> After {
        let looked = self.look_after(&mut connection, statement, output).await;
        aside::take_secrets(&mut connection, &self.parameters, text).await;
        let names = match &looked {
            Ok(_) if results.wants_columns() => aside::columns(&mut connection, text).await,
            _ => Ok(Vec::new()),
        };
        if let Ok(names) = &names
            && !names.is_empty()
        {
            results.columns(names.clone());
        }
        match looked.and_then(|after| names.map(|_| after)) {
            Ok(after) => {
                if is_sound {
                    self.connection.put_back(connection);
                }
                after
            }
            Err(error) => {
                tracing::warn!(error = %error::message(&error), "the session ended after a statement");
                After::default()
            }
        }
    }

    /// Says what the server has to say of the statement, and looks whether the
    /// transaction is still open.
    async fn look_after(
        &mut self,
        connection: &mut MySqlConnection,
        statement: &Statement,
        output: &mut dyn Output,
    ) -> Result<After, sqlx::Error> {
        let mut after = After::default();
        if (!self.counts_matter || statement.ends_transaction()) && !statement.asks_for_warnings() {
            for line in aside::warnings(connection).await? {
                self.has_warned = true;
                after.kept_all_the_same |= statement.verb() == "ROLLBACK" && line.contains(NOT_ROLLED_BACK);
                write(output, Stream::Err, &format!("{line}\n"));
            }
        }
        self.has_locked = match statement.verb() {
            "LOCK" => true,
            "UNLOCK" => false,
            _ => self.has_locked,
        };
        self.end_explaining(connection).await?;
        let was_open = self.is_open;
        if !self.counts_matter || statement.may_end_transaction() {
            self.is_open = aside::in_transaction(connection, self.flavour).await?;
        }
        if was_open && !self.is_open && !statement.ends_transaction() {
            let has_rolled_back = match self.rollbacks {
                Some(before) => aside::rollbacks(connection).await? > before,
                None => false,
            };
            after.ended_transaction = Some(if has_rolled_back { SelfEnded::Unclear } else { SelfEnded::Kept });
        }
        Ok(after)
    }
}

/// The number of the warning that a ROLLBACK has not taken everything back.
const NOT_ROLLED_BACK: &str = "(Code 1196)";

/// What is found after a statement.
#[derive(Default)]
struct After {
    /// It ended the transaction.
    ended_transaction: Option<SelfEnded>,
    /// It was to roll back, and something stays.
    kept_all_the_same: bool,
}

/// Whether it asks how many rows the statement before it changed or found.
fn asks_for_counts(text: &str) -> bool {
    let words = text.to_ascii_uppercase();
    ["ROW_COUNT", "FOUND_ROWS"].iter().any(|asked| words.contains(asked))
}

/// Why a statement cannot be sent on any connection, where it cannot.
fn refusal(statement: &Statement) -> Option<&'static str> {
    if statement.loads_file_of_client() {
        return Some(
            "LOAD … LOCAL would read a file of this machine, and is not possible here\nHINT:  run it in a shell \
             block with the server's own client and --local-infile",
        );
    }
    None
}

#[async_trait(?Send)]
impl Database for MysqlSession {
    fn kind(&self) -> ServerKind {
        ServerKind::Mysql
    }

    fn target(&self) -> &str {
        &self.target
    }

    fn about(&self) -> DatabaseSession {
        self.about.clone()
    }

    fn bind(&mut self, parameters: &[(String, String)]) {
        self.parameters = Parameters::new(parameters);
    }

    fn prepare_for(&mut self, statements: &str) {
        self.counts_matter = asks_for_counts(statements);
        self.unchecked = self.counts_matter.then(|| statements.to_owned());
    }

    async fn run(
        &mut self,
        text: &str,
        timeout: Option<Duration>,
        output: &mut dyn Output,
        control: &mut UnboundedReceiver<Control>,
    ) -> Result<StatementResult, DatabaseError> {
        Statement::refuse_nul(text)?;
        let statement = Statement::mysql(text);
        let is_refused = if self.read_only { read_only::refusal(text, SqlDialect::Mysql) } else { None };
        if let Some(message) = refusal(&statement).map(str::to_owned).or(is_refused) {
            return Err(DatabaseError::Statement { message, offset: None });
        }
        // Taken out while the statement runs: if this future is dropped, the
        // connection goes with it, and with it whatever it was in.
        let mut connection = self.connection.take()?;
        self.moved |= statement.moves_session();
        let blockers = blockers::watch(&self.options, self.id, self.flavour);
        let mut watch = Watch::new(timeout, control).with_blockers(blockers);
        if let Some(stop) = watch.stopped_before() {
            self.connection.put_back(connection);
            return Err(stop.into());
        }
        match self.make_ready(&mut connection, text, &statement, timeout).await {
            Ok(note) => {
                if let Some(note) = note {
                    write(output, Stream::Err, &format!("{note}\n"));
                }
            }
            Err(refusal) => {
                aside::take_secrets(&mut connection, &self.parameters, text).await;
                if !matches!(refusal, DatabaseError::Lost { .. }) && connection.ping().await.is_ok() {
                    self.connection.put_back(connection);
                }
                return Err(refusal);
            }
        }
        if let Some(stop) = watch.stopped_before() {
            aside::take_secrets(&mut connection, &self.parameters, text).await;
            self.connection.put_back(connection);
            return Err(stop.into());
        }
        self.begin_explaining(&mut connection, &statement).await;
        let mut results = Results::new(&statement);
        let abandoned = stop::Abandoned::new(&self.options, self.id);
        let ending = self.execute(&mut connection, (text, &statement), &mut results, &mut watch, output).await;
        abandoned.disarm();
        let duration = watch.elapsed();
        match ending.finish {
            Finish::Done => {
                let is_sound = !ending.stray_signal;
                let after = self.conclude(connection, (text, &statement), &mut results, is_sound, output).await;
                let mut result = results.finish(duration, output);
                result.ended_transaction = after.ended_transaction;
                result.interrupted = ending.stopped == Some(Stop::Interrupted) || watch.was_asked();
                match ending.stopped {
                    // Waiting for time or for a lock ends as if it were over.
                    Some(stop) if statement.only_asks() => Err(stop.into()),
                    _ if after.kept_all_the_same => {
                        let message = "not all of it was taken back: some tables keep what is changed at once";
                        Err(DatabaseError::Statement { message: message.to_owned(), offset: None })
                    }
                    _ => Ok(result),
                }
            }
            Finish::Failed(error) => {
                self.has_warned = true;
                results.fail(output);
                let is_back = self.end_explaining(&mut connection).await.is_ok();
                let keep = is_back && !error::ends_session(&error) && !ending.stray_signal;
                if keep {
                    aside::take_secrets(&mut connection, &self.parameters, text).await;
                    self.connection.put_back(connection);
                }
                let problem = error::of_statement(&error, text, ending.stopped, self.limit.is_some());
                Err(blockers::explain(&error, watch.blocked(), problem))
            }
            Finish::Unstoppable => {
                results.fail(output);
                let message = format!(
                    "the statement did not end when told to; it may still be running in the server's session {}",
                    self.id
                );
                Err(DatabaseError::Lost { message })
            }
        }
    }

    async fn set_reading(&mut self, reading: bool) -> Result<(), DatabaseError> {
        if self.read_only || self.reading.is_some() == reading {
            return Ok(());
        }
        if let Some(back) = self.reading {
            self.ask(async |connection| connection.execute(back).await).await?;
            self.reading = None;
            return Ok(());
        }
        // The server, or the page, may have made it read-only before.
        let flavour = self.flavour;
        let is_read_only = async |connection: &mut MySqlConnection| {
            let is_read_only = aside::is_read_only(connection, flavour).await?;
            connection.execute(READ_ONLY).await?;
            Ok(is_read_only)
        };
        self.reading = Some(if self.ask(is_read_only).await? { READ_ONLY } else { READ_WRITE });
        Ok(())
    }

    fn ended(&self) -> Option<String> {
        self.connection.ended()
    }

    async fn in_transaction(&mut self) -> Result<bool, DatabaseError> {
        let flavour = self.flavour;
        let open = self.ask(async |connection| aside::in_transaction(connection, flavour).await).await;
        self.is_open = *open.as_ref().unwrap_or(&false);
        open
    }

    async fn has_begun_unasked(&mut self) -> bool {
        if self.counts_matter { self.in_transaction().await.unwrap_or(false) } else { self.is_open }
    }

    fn preview(&mut self) -> Option<&mut dyn Preview> {
        Some(self)
    }

    async fn keeps_at_once(&mut self, statement: &str) -> Result<Vec<String>, DatabaseError> {
        self.ask(async |connection| at_once::tables(connection, statement).await).await
    }
}
