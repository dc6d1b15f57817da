//! Running SQL.

use super::{Control, Output, Preview};
use async_trait::async_trait;
use std::time::Duration;

/// What kind of server a connection leads to; the rules of its SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerKind {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

/// What came of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementResult {
    /// The names of the result's columns; empty where it has none.
    pub columns: Vec<String>,
    /// The first row as text; `None` is NULL.
    pub first_row: Option<Vec<Option<String>>>,
    /// Rows it returned, where it returns rows.
    pub rows: Option<u64>,
    /// Rows it changed, where it changes rows.
    pub affected: Option<u64>,
    /// How long it took.
    pub duration: Duration,
}

/// Why a connection or a statement failed. Never holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// The connection could not be opened.
    #[error("{connection}: {message}")]
    Connect {
        /// The connection's name.
        connection: String,
        /// What went wrong, and the mend.
        message: String,
    },
    /// The server refused the statement.
    #[error("{message}")]
    Statement {
        /// What the server says: message, detail, hint.
        message: String,
        /// Where in the statement, in bytes from its start.
        offset: Option<usize>,
    },
    /// The connection was lost; what the statement did is not known.
    #[error("the connection was lost: {message}")]
    Lost {
        /// What the driver says.
        message: String,
    },
    /// Ended by the engine for running too long.
    #[error("it ran longer than its timeout")]
    TimedOut,
    /// Ended after the responder asked for it.
    #[error("it was interrupted")]
    Interrupted,
}

/// The databases of a run, each opened when it is first needed and then kept.
#[async_trait(?Send)]
pub trait Databases {
    /// The session of this connection, opened now if it was not.
    ///
    /// # Errors
    /// If it cannot be opened.
    async fn open(&mut self, connection: &str) -> Result<&mut dyn Database, DatabaseError>;

    /// What kind of server it leads to, told from its URL alone; `None` where
    /// the connection is not known.
    fn kind(&self, connection: &str) -> Option<ServerKind>;
}

/// One session on one server. What a statement sets (`SET`, temporary tables)
/// is there for the next.
#[async_trait(?Send)]
pub trait Database {
    /// What kind of server it is.
    fn kind(&self) -> ServerKind;

    /// Server, version, database and role, for a person:
    /// `postgres 15 · prod-db · role app`. No password.
    fn target(&self) -> &str;

    /// What the parameters in the statements that follow stand for, each by the
    /// name of its [variable](crate::template::secret_variable). They go to the
    /// server beside a statement, not inside it.
    fn bind(&mut self, parameters: &[(String, String)]);

    /// Runs one statement and writes its rows, as an aligned table, and the
    /// server's notices to `output`.
    ///
    /// # Errors
    /// If the server refuses it, the connection is lost, or it is ended.
    async fn run(
        &mut self,
        statement: &str,
        timeout: Option<Duration>,
        output: &mut dyn Output,
        control: &mut tokio::sync::mpsc::UnboundedReceiver<Control>,
    ) -> Result<StatementResult, DatabaseError>;

    /// Makes the server refuse, or no longer refuse, whatever changes
    /// something outside a transaction that is already open: the second line
    /// behind a parser that called a statement a read.
    ///
    /// # Errors
    /// If the server cannot be told.
    async fn set_reading(&mut self, reading: bool) -> Result<(), DatabaseError>;

    /// Whether a transaction is open on the session.
    ///
    /// # Errors
    /// If the server cannot be asked.
    async fn in_transaction(&mut self) -> Result<bool, DatabaseError>;

    /// What can tell what the open transaction has changed, where the session
    /// can.
    fn preview(&mut self) -> Option<&mut dyn Preview> {
        None
    }
}
