//! Running SQL.

use super::{CommitVerdict, Control, Output, Preview};
use crate::run::{DatabaseSession, ServerSession, ServerTransaction};
use async_trait::async_trait;
use std::time::Duration;
use zeroize::Zeroizing;

/// What kind of server a connection leads to; the rules of its SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerKind {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
    /// MySQL or MariaDB.
    Mysql,
}

/// What came of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementResult {
    /// The names of the result's columns; empty where it has none.
    pub columns: Vec<String>,
    /// The first row as text; `None` is NULL.
    pub first_row: Option<Vec<Option<String>>>,
    /// Which of its columns hold numbers, by their types.
    pub numeric: Vec<bool>,
    /// Rows it returned, where it returns rows.
    pub rows: Option<u64>,
    /// Rows it changed, where it changes rows.
    pub affected: Option<u64>,
    /// How long it took.
    pub duration: Duration,
    /// It was told to end, and had come to its end by itself before that.
    pub interrupted: bool,
    /// It ended the open transaction, which no statement of that kind does.
    pub ended_transaction: Option<SelfEnded>,
}

/// How a statement ended a transaction by what it did besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfEnded {
    /// It kept what was done in it: a procedure with a COMMIT of its own.
    Kept,
    /// Something was rolled back, and the server does not tell what: by a
    /// procedure, or to break a deadlock that a procedure has passed over.
    Unclear,
}

/// A password that a server wants, and does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordWanted {
    /// The connection's name.
    pub connection: String,
    /// Whose password.
    pub user: String,
    /// The server that asks for it.
    pub server: String,
    /// What is wrong, and the mend, where nobody can be asked.
    pub message: String,
    /// Whether the server has refused one.
    pub refused: bool,
    /// Why none was found, where that may surprise.
    pub not_found: Option<String>,
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
    /// The connection could not be opened for want of a password.
    #[error("{}: {}", .0.connection, .0.message)]
    Password(Box<PasswordWanted>),
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
    /// The session has ended before: the statement was not sent.
    #[error("{}: this was not sent", .why.as_deref().unwrap_or("the session has ended"))]
    Closed {
        /// Why it has, where that is known.
        why: Option<String>,
    },
    /// Ended by the engine for running too long.
    #[error("it ran longer than its timeout")]
    TimedOut,
    /// Ended after the responder asked for it.
    #[error("it was interrupted")]
    Interrupted,
}

impl DatabaseError {
    /// The session has ended, nobody knows why.
    #[must_use]
    pub fn closed() -> Self {
        Self::Closed { why: None }
    }
}

/// The databases of a run, each opened when it is first needed and then kept.
#[async_trait(?Send)]
pub trait Databases {
    /// The session of this connection, opened now if it was not.
    ///
    /// # Errors
    /// If it cannot be opened.
    async fn open(&mut self, connection: &str) -> Result<&mut dyn Database, DatabaseError>;

    /// The session as [`open`](Self::open) has left it, without another look at
    /// the server; `None` where it is not open.
    fn opened(&mut self, connection: &str) -> Option<&mut dyn Database>;

    /// Opens the connection with this password from now on, before any other.
    fn take_password(&mut self, connection: &str, password: Zeroizing<String>);

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

    /// What is known of the session since it was opened, for the record.
    fn about(&self) -> DatabaseSession {
        DatabaseSession::default()
    }

    /// Why the session would not send this statement, where that can be told
    /// beforehand.
    fn refuses(&self, statement: &str) -> Option<String> {
        let _ = statement;
        None
    }

    /// What the parameters in the statements that follow stand for, each by the
    /// name of its [variable](crate::template::secret_variable). They go to the
    /// server beside a statement, not inside it.
    fn bind(&mut self, parameters: &[(String, String)]);

    /// Told of all the statements that come, before the first: then a session
    /// does not disturb between two of them what the second asks of the first,
    /// such as the count of its rows.
    fn prepare_for(&mut self, _statements: &str) {}

    /// The tables named in the statement that keep what is changed at once,
    /// whatever becomes of the transaction, each with the reason:
    /// `shop.audit (MyISAM)`.
    ///
    /// # Errors
    /// If the server cannot be asked.
    async fn keeps_at_once(&mut self, _statement: &str) -> Result<Vec<String>, DatabaseError> {
        Ok(Vec::new())
    }

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

    /// Why nothing more can be sent on the session, where it has ended.
    fn ended(&self) -> Option<String> {
        None
    }

    /// Whether a transaction is open on the session.
    ///
    /// # Errors
    /// If the server cannot be asked.
    async fn in_transaction(&mut self) -> Result<bool, DatabaseError>;

    /// Whether a statement has opened a transaction that nobody asked for, as
    /// any does on MySQL where autocommit is off.
    async fn has_begun_unasked(&mut self) -> bool {
        false
    }

    /// What can tell what the open transaction has changed, where the session
    /// can.
    fn preview(&mut self) -> Option<&mut dyn Preview> {
        None
    }

    /// As what the server knows the session, where it can be told.
    fn session(&self) -> Option<ServerSession> {
        None
    }

    /// What the server can be asked about the open transaction by, should its
    /// COMMIT get no answer. Asked for right before COMMIT is sent.
    ///
    /// # Errors
    /// If the transaction has failed, or the connection is lost: then there is
    /// nothing to commit.
    async fn transaction(&mut self) -> Result<ServerTransaction, DatabaseError> {
        Ok(ServerTransaction { number: None, session: self.session() })
    }

    /// What became of a transaction of this server whose COMMIT got no answer,
    /// asked for on a connection of its own. It is the server's own word, or
    /// unknown. What still runs of the transaction is ended.
    async fn verdict(&mut self, _transaction: &ServerTransaction) -> CommitVerdict {
        CommitVerdict::unknown("this kind of server cannot be asked what became of a transaction")
    }

    /// Whether a session of before is still at the server, in a sentence;
    /// `None` where that cannot be told.
    async fn trace(&mut self, _session: &ServerSession) -> Option<String> {
        None
    }
}
