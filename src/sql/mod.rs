//! Running SQL blocks.
//!
//! One session for each connection of the runbook, opened when it is first
//! needed and then kept, so that what a statement sets is there for the next.
//! Rows are written as the server's own client writes them.
//!
//! | file | what it is |
//! |---|---|
//! | `postgres/`, `mysql/`, `sqlite/` | a session on each kind of server |
//! | `address` | the parts of a URL |
//! | `read_only` | what a connection that may only read refuses |
//! | `refused` | why a session could not be opened |
//! | `held` | a session's connection, and whether there still is one |
//! | `parameter` | secrets, which go beside a statement |
//! | `watch`, `blockers` | waiting for a statement: timeout, interrupt, notices; who is in its way |
//! | `preview` | the rows that a statement changes, before and after |
//! | `report`, `table` | what a statement prints, and its result |
//! | `value`, `sheet` | a value as it is shown, rows as they are laid out |
//! | `csv` | all rows, for the record |
//! | `statement` | what its text tells a runner |
//! | `quotes` | where quoted texts and comments end in it |
//! | `place` | where in it an error is |
//! | `sqlite/rehearsal`, `postgres/rehearsal`, `rehearsal` | throwaway databases |

mod address;
mod blockers;
mod csv;
mod held;
mod mysql;
mod notice;
mod parameter;
mod place;
mod postgres;
mod preview;
mod quotes;
mod read_only;
mod refused;
mod rehearsal;
mod report;
mod sheet;
mod sqlite;
mod statement;
mod table;
mod value;
mod watch;

pub use postgres::{OpenSessions, seed as seed_postgres};
pub use rehearsal::execute;
pub use sqlite::seed;

use crate::effect::{Database, DatabaseError, Databases, ServerKind};
use crate::runbook::Connection;
use address::percent_decoded;
use async_trait::async_trait;
use mysql::MysqlSession;
use postgres::PostgresSession;
use refused::Refused;
use sqlite::SqliteSession;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;
use zeroize::{Zeroize as _, Zeroizing};

/// Where a connection leads.
#[derive(Clone)]
pub struct Target {
    /// `postgres://…`, `mysql://…` or `sqlite:…`. May hold a password: it is
    /// never shown.
    pub url: Zeroizing<String>,
    /// Whether the session may only read.
    pub read_only: bool,
    /// What to call the server, where its own words would tell less.
    pub label: Option<String>,
    /// How long changes wait for an answer: the server ends a session that
    /// holds them for much longer.
    pub hold: Duration,
}

impl Target {
    /// Where `url` leads.
    #[must_use]
    pub fn new(url: String, read_only: bool) -> Self {
        Self { url: Zeroizing::new(url), read_only, label: None, hold: Connection::default().hold() }
    }

    /// Calls the server this, such as `sqlite · rehearsal`.
    #[must_use]
    pub fn called(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Lets changes wait this long for an answer.
    #[must_use]
    pub fn holding(mut self, hold: Duration) -> Self {
        self.hold = hold;
        self
    }

    /// The passwords that it may be opened with: the one in the URL, as it
    /// stands there and as it is meant, and the one that is found elsewhere.
    #[must_use]
    pub fn passwords(&self) -> Vec<String> {
        let written = self.written_passwords().into_iter().filter(|password| !password.is_empty());
        let mut passwords = Vec::new();
        for password in written {
            let meant = percent_decoded(password);
            if meant != password {
                passwords.push(meant);
            }
            passwords.push(password.to_owned());
        }
        if self.kind() == Some(ServerKind::Postgres) {
            let found = postgres::passwords(&self.url).into_iter().map(|password| password.to_string());
            passwords.extend(found.filter(|password| !password.is_empty()));
        }
        passwords
    }

    fn written_passwords(&self) -> Vec<&str> {
        let authority = self.url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
        let from_user = authority.and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
        let from_query = self.url.split_once("password=").and_then(|(_, rest)| rest.split('&').next());
        [from_user, from_query].into_iter().flatten().collect()
    }

    /// What kind of server it is, told from its URL alone.
    #[must_use]
    pub fn kind(&self) -> Option<ServerKind> {
        match self.url.split_once(':')?.0.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => Some(ServerKind::Postgres),
            "mysql" | "mariadb" => Some(ServerKind::Mysql),
            "sqlite" => Some(ServerKind::Sqlite),
            _ => None,
        }
    }

    /// Why no session can be opened there, as far as the URL alone tells.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.kind().is_none().then(|| self.unsupported())
    }

    /// Why there is no runner for it, and the mend. Names no more of the URL
    /// than its scheme: a password may stand anywhere else.
    fn unsupported(&self) -> String {
        match self.url.split_once("://") {
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+') => {
                format!(
                    "{scheme} is not a kind of database that can be run here: use a postgres:, mysql:, mariadb: or sqlite: URL"
                )
            }
            _ => "it is not a URL: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql://… or sqlite:PATH"
                .to_owned(),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("kind", &self.kind()).field("read_only", &self.read_only).finish_non_exhaustive()
    }
}

/// The databases of a run.
#[derive(Default)]
pub struct Connections {
    targets: HashMap<String, Target>,
    sessions: HashMap<String, Session>,
    /// Those that were typed, kept for a session that must be opened again.
    passwords: HashMap<String, Zeroizing<String>>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { targets, sessions, passwords: _ } = self;
        f.debug_struct("Connections").field("targets", targets).field("sessions", sessions).finish_non_exhaustive()
    }
}

enum Session {
    Postgres(Box<PostgresSession>),
    Mysql(Box<MysqlSession>),
    Sqlite(Box<SqliteSession>),
}

impl Connections {
    /// The connections of these names. None is opened yet.
    #[must_use]
    pub fn new(targets: impl IntoIterator<Item = (String, Target)>) -> Self {
        Self { targets: targets.into_iter().collect(), sessions: HashMap::new(), passwords: HashMap::new() }
    }
}

impl Target {
    async fn connect(&self, password: Option<&Zeroizing<String>>) -> Result<Session, Refused> {
        let mut session = match self.kind() {
            Some(ServerKind::Postgres) => {
                let session = PostgresSession::connect(self, password).await?;
                Session::Postgres(Box::new(session))
            }
            Some(ServerKind::Mysql) => Session::Mysql(Box::new(MysqlSession::connect(self, password).await?)),
            Some(ServerKind::Sqlite) => {
                Session::Sqlite(Box::new(SqliteSession::connect(&self.url, self.read_only).await?))
            }
            None => return Err(self.unsupported().into()),
        };
        if let Some(label) = &self.label {
            session.call(label);
        }
        Ok(session)
    }

    /// A driver's message does not hold the password; this makes sure of it.
    fn without_password(&self, message: String) -> String {
        let mut message = Zeroizing::new(message);
        for password in self.passwords() {
            let mut masked = message.replace(&password, "«password»");
            std::mem::swap(&mut *message, &mut masked);
            masked.zeroize();
        }
        std::mem::take(&mut *message)
    }
}

impl Session {
    /// Whether a statement's error has already told that it is of no more use.
    fn has_ended(&self) -> bool {
        match self {
            Self::Postgres(session) => session.ended().is_some(),
            Self::Mysql(session) => session.ended().is_some(),
            Self::Sqlite(session) => session.ended().is_some(),
        }
    }

    fn call(&mut self, label: &str) {
        match self {
            Self::Postgres(session) => session.call(label),
            Self::Mysql(session) => session.call(label),
            Self::Sqlite(session) => session.call(label),
        }
    }

    async fn is_alive(&mut self) -> bool {
        match self {
            Self::Postgres(session) => session.is_alive().await,
            Self::Mysql(session) => session.is_alive().await,
            Self::Sqlite(session) => session.ended().is_none(),
        }
    }

    fn as_database(&mut self) -> &mut dyn Database {
        match self {
            Self::Postgres(session) => session.as_mut(),
            Self::Mysql(session) => session.as_mut(),
            Self::Sqlite(session) => session.as_mut(),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = match self {
            Self::Postgres(session) => session.target(),
            Self::Mysql(session) => session.target(),
            Self::Sqlite(session) => session.target(),
        };
        f.write_str(target)
    }
}

#[async_trait(?Send)]
impl Databases for Connections {
    async fn open(&mut self, connection: &str) -> Result<&mut dyn Database, DatabaseError> {
        let cannot = |message: String| DatabaseError::Connect { connection: connection.to_owned(), message };
        let mut known = false;
        if let Some(session) = self.sessions.get_mut(connection)
            && !session.has_ended()
        {
            known = session.is_alive().await;
            if !known {
                // Going on silently with a new session would take the COMMIT
                // of a transaction that is gone for one that worked.
                self.sessions.remove(connection);
                return Err(cannot(
                    "the server ended the session while it was idle; what it had set and not committed is gone: \
                     run this again to go on in a new session"
                        .to_owned(),
                ));
            }
        }
        if !known {
            let target = self.targets.get(connection);
            let target = target.ok_or_else(|| cannot("no URL was given for it".to_owned()))?;
            let opened = target.connect(self.passwords.get(connection)).await;
            let session =
                opened.map_err(|refused| refused.of(connection, |message| target.without_password(message)))?;
            self.sessions.insert(connection.to_owned(), session);
        }
        let session = self.sessions.get_mut(connection).expect("it was there or has just been opened");
        Ok(session.as_database())
    }

    fn opened(&mut self, connection: &str) -> Option<&mut dyn Database> {
        Some(self.sessions.get_mut(connection).filter(|session| !session.has_ended())?.as_database())
    }

    fn take_password(&mut self, connection: &str, password: Zeroizing<String>) {
        self.passwords.insert(connection.to_owned(), password);
    }

    fn kind(&self, connection: &str) -> Option<ServerKind> {
        self.targets.get(connection)?.kind()
    }
}
