//! A session on a SQLite file.

mod connect;
mod preview;
mod rehearsal;

pub(super) use rehearsal::execute;
pub use rehearsal::seed;

use super::held::Held;
use super::parameter::Parameters;
use super::place::only_place;
use super::read_only;
use super::report::{DriverRow, Report};
use super::statement::Statement;
use super::table::Cell;
use super::value::Value;
use super::watch::{Stop, Turn, Watch};
use crate::effect::{Control, Database, DatabaseError, Output, Preview, ServerKind, StatementResult};
use crate::language::sql::SqlDialect;
use crate::run::DatabaseSession;
use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column as _, Decode, Either, Executor as _, Row as _, SqlSafeStr as _, Sqlite};
use sqlx::{TypeInfo as _, ValueRef as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// Steps of SQLite's virtual machine between two looks at the flag that ends a
/// statement.
const STEPS_BETWEEN_LOOKS: i32 = 1000;
/// How long a statement has to end once it is told to. It looks at the flag
/// all the time, but while it waits for another process's lock.
const GRACE: Duration = Duration::from_secs(15);

/// One session on one file.
pub(super) struct SqliteSession {
    connection: Held<SqliteConnection>,
    target: String,
    /// What is known of the session since it was opened.
    about: DatabaseSession,
    read_only: bool,
    /// Whether the session reads only for as long as it is told to.
    reading: bool,
    parameters: Parameters,
}

/// Ends the statement it belongs to when it is dropped, so that none runs on
/// whose future was given up.
struct Running(Arc<AtomicBool>);

impl Running {
    fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

impl SqliteSession {
    /// Gives the server another name than its own words.
    pub(in crate::sql) fn call(&mut self, label: &str) {
        label.clone_into(&mut self.target);
    }

    /// The names of the columns of a statement that returned no rows.
    async fn columns(connection: &mut SqliteConnection, text: &str) -> Result<Vec<String>, sqlx::Error> {
        let statement = connection.prepare(AssertSqlSafe(text).into_sql_str()).await?;
        Ok(sqlx::Statement::columns(&statement).iter().map(|column| column.name().to_owned()).collect())
    }
}

#[async_trait(?Send)]
impl Database for SqliteSession {
    fn kind(&self) -> ServerKind {
        ServerKind::Sqlite
    }

    fn target(&self) -> &str {
        &self.target
    }

    fn about(&self) -> DatabaseSession {
        self.about.clone()
    }

    fn refuses(&self, statement: &str) -> Option<String> {
        if self.read_only { read_only::refusal(statement, SqlDialect::Sqlite) } else { None }
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
        if let Some(message) = self.refuses(statement) {
            return Err(DatabaseError::Statement { message, offset: None });
        }
        // Taken out while the statement runs: if this future is dropped, the
        // connection goes with it, and whatever it was in is rolled back.
        let mut connection = self.connection.take()?;
        let running = Running(Arc::new(AtomicBool::new(false)));
        let stopped_flag = Arc::clone(&running.0);
        match connection.lock_handle().await {
            Ok(mut handle) => {
                handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || !stopped_flag.load(Ordering::Relaxed));
            }
            Err(error) => return Err(DatabaseError::Lost { message: error.to_string() }),
        }

        let mut watch = Watch::new(timeout, control);
        if let Some(stop) = watch.stopped_before() {
            self.connection.put_back(connection);
            return Err(stop.into());
        }
        let mut report = Report::new(&parsed);
        let mut stopped = None;
        let (numbered, values) = self.parameters.numbered(statement);
        let mut stream = if values.is_empty() {
            sqlx::raw_sql(AssertSqlSafe(statement)).fetch_many(&mut connection)
        } else {
            let query = sqlx::query(AssertSqlSafe(numbered)).persistent(false);
            let query = values.iter().fold(query, |query, value| query.bind(value.text.to_string()));
            // One statement, which may still have rows and a completion.
            (&mut connection).fetch_many(query)
        };
        let failure = loop {
            match watch.next(&mut stream, output).await {
                Turn::Item(Some(Ok(Either::Right(row)))) => report.row(&row, output),
                Turn::Item(Some(Ok(Either::Left(done)))) => report.complete(done.rows_affected()),
                Turn::Item(Some(Err(error))) => break Some(error),
                Turn::Item(None) => break None,
                Turn::Stop(stop) if stopped.is_none() => {
                    stopped = Some(stop);
                    running.stop();
                    watch.only_for(GRACE);
                }
                Turn::Stop(_) => {
                    let message = "the statement did not end when told to".to_owned();
                    return Err(DatabaseError::Lost { message });
                }
            }
        };
        drop(stream);
        let duration = watch.elapsed();
        if let Some(error) = failure {
            report.fail(output);
            if !ends_session(&error) {
                self.connection.put_back(connection);
            }
            return Err(of_statement(&error, statement, stopped));
        }
        if report.wants_columns() {
            match Self::columns(&mut connection, statement).await {
                Ok(names) if !names.is_empty() => report.columns(names),
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "a statement that ran cannot be described"),
            }
        }
        self.connection.put_back(connection);
        let interrupted = stopped == Some(Stop::Interrupted) || watch.was_asked();
        Ok(StatementResult { interrupted, ..report.finish(duration, output) })
    }

    /// SQLite has no word for it in SQL; it refuses to begin a transaction
    /// within one, and one that was just begun holds nothing.
    async fn set_reading(&mut self, reading: bool) -> Result<(), DatabaseError> {
        if self.read_only || self.reading == reading {
            return Ok(());
        }
        let set = if reading { "PRAGMA query_only = ON" } else { "PRAGMA query_only = OFF" };
        let done = async |connection: &mut SqliteConnection| {
            // The handler of the last statement ends whatever comes after it.
            connection.lock_handle().await?.remove_progress_handler();
            connection.execute(set).await
        };
        self.connection.ask(ends_session, done).await?.map_err(|error| of_statement(&error, set, None))?;
        self.reading = reading;
        Ok(())
    }

    fn ended(&self) -> Option<String> {
        self.connection.ended()
    }

    async fn in_transaction(&mut self) -> Result<bool, DatabaseError> {
        let inside = async |connection: &mut SqliteConnection| {
            // The handler of the last statement ends whatever comes after it.
            connection.lock_handle().await?.remove_progress_handler();
            match connection.execute("BEGIN DEFERRED").await {
                Ok(_) => connection.execute("ROLLBACK").await.map(|_| false),
                Err(error) if message(&error).contains("within a transaction") => Ok(true),
                Err(error) => Err(error),
            }
        };
        self.connection.ask(ends_session, inside).await?.map_err(|error| of_statement(&error, "", None))
    }

    fn preview(&mut self) -> Option<&mut dyn Preview> {
        Some(self)
    }
}

/// SQLite's message alone, without the number of its code.
fn message(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// Whether the session cannot be used any more: it is no error of SQLite's.
fn ends_session(error: &sqlx::Error) -> bool {
    error.as_database_error().is_none()
}

fn of_statement(error: &sqlx::Error, statement: &str, stopped: Option<Stop>) -> DatabaseError {
    const INTERRUPT: &str = "9";
    const BUSY: u32 = 5;
    match (error.as_database_error(), stopped) {
        (Some(database), Some(stop)) if database.code().as_deref() == Some(INTERRUPT) => stop.into(),
        (Some(database), _) => {
            let mut message = database.message().to_owned();
            let offset = offset(&message, statement);
            // The extended codes hold it in their last byte.
            if database.code().and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xFF == BUSY) {
                message.push_str(&format!(
                    "\nHINT:  another process has the file locked; that was waited for up to {} s. `fuser` or `lsof` \
                     with the file's name tells which",
                    connect::PATIENCE.as_secs()
                ));
            }
            DatabaseError::Statement { message, offset }
        }
        (None, _) => DatabaseError::Lost { message: error.to_string() },
    }
}

/// Where in the statement the error is. SQLite's driver does not tell, but the
/// message names the word, and where that stands once it is the place.
fn offset(message: &str, statement: &str) -> Option<usize> {
    let quoted = message.strip_prefix("near \"").and_then(|rest| rest.split_once("\": ")).map(|(word, _)| word);
    let named = ["no such table: ", "no such column: ", "no such function: ", "ambiguous column name: "]
        .iter()
        .find_map(|prefix| message.strip_prefix(prefix));
    let word = quoted.or(named)?;
    only_place(word, statement)
}

impl DriverRow for SqliteRow {
    fn names(&self) -> Vec<String> {
        self.columns().iter().map(|column| column.name().to_owned()).collect()
    }

    fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.each(&mut |value| cells.push(Cell { text: value.bytes.map(text), numeric: value.numeric }));
        cells
    }

    /// Each as the sqlite3 shell prints it, but blobs as literals.
    fn each(&self, take: &mut dyn FnMut(Value<'_>)) {
        for index in 0..self.columns().len() {
            let value = self.try_get_raw(index).expect("the column is one of this row");
            // Asked for first: NULL decodes to an empty text.
            if value.is_null() {
                take(Value { bytes: None, numeric: false });
                continue;
            }
            let kind = value.type_info();
            let (is_blob, numeric) = (kind.name() == "BLOB", matches!(kind.name(), "INTEGER" | "REAL"));
            // SQLite itself turns a number into text when its bytes are asked for.
            let bytes = <&[u8] as Decode<'_, Sqlite>>::decode(value).unwrap_or_default();
            if is_blob {
                take(Value { bytes: Some(literal(bytes).as_bytes()), numeric });
            } else {
                take(Value { bytes: Some(bytes), numeric });
            }
        }
    }
}

/// `X'00FF'`.
fn literal(blob: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = String::with_capacity(blob.len() * 2 + 3);
    text.push_str("X'");
    for byte in blob {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)])));
    }
    text.push('\'');
    text
}
