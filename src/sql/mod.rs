//! Running SQL blocks.
//!
//! One session for each connection of the runbook, opened when it is first
//! needed and then kept, so that what a statement sets is there for the next.
//! Rows are written as the server's own client writes them.
//!
//! | file | what it is |
//! |---|---|
//! | `postgres/`, `sqlite/` | a session on each kind of server |
//! | `parameter` | secrets, which go beside a statement |
//! | `watch` | waiting for a statement: timeout, interrupt, notices |
//! | `report`, `table` | what a statement prints, and its result |
//! | `statement` | what its text tells a runner |
//! | `sqlite/rehearsal`, `postgres/rehearsal`, `rehearsal` | throwaway databases |

mod notice;
mod parameter;
mod postgres;
mod rehearsal;
mod report;
mod sqlite;
mod statement;
mod table;
mod watch;

pub use postgres::{OpenSessions, seed as seed_postgres};
pub use rehearsal::execute;
pub use sqlite::seed;

use crate::effect::{Database, DatabaseError, Databases, ServerKind};
use async_trait::async_trait;
use postgres::PostgresSession;
use sqlite::SqliteSession;
use std::collections::HashMap;
use std::fmt;
use zeroize::{Zeroize as _, Zeroizing};

/// Where a connection leads.
#[derive(Clone)]
pub struct Target {
    /// `postgres://…` or `sqlite:…`. May hold a password: it is never shown.
    pub url: Zeroizing<String>,
    /// Whether the session may only read.
    pub read_only: bool,
    /// What to call the server, where its own words would tell less.
    pub label: Option<String>,
}

impl Target {
    /// Where `url` leads.
    #[must_use]
    pub fn new(url: String, read_only: bool) -> Self {
        Self { url: Zeroizing::new(url), read_only, label: None }
    }

    /// Calls the server this, such as `sqlite · rehearsal`.
    #[must_use]
    pub fn called(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The password in the URL, as it stands there and as it is meant.
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
        passwords
    }

    fn written_passwords(&self) -> Vec<&str> {
        let authority = self.url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
        let from_user = authority.and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
        let from_query = self.url.split_once("password=").and_then(|(_, rest)| rest.split('&').next());
        [from_user, from_query].into_iter().flatten().collect()
    }

    fn kind(&self) -> Option<ServerKind> {
        match self.url.split_once(':')?.0.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => Some(ServerKind::Postgres),
            "sqlite" => Some(ServerKind::Sqlite),
            _ => None,
        }
    }

    /// Why there is no runner for it, and the mend. Names no more of the URL
    /// than its scheme: a password may stand anywhere else.
    fn unsupported(&self) -> String {
        match self.url.split_once("://") {
            Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '+') => {
                format!("{scheme} is not a kind of database that can be run here: use a postgres: or sqlite: URL")
            }
            _ => "it is not a URL: write postgres://USER:PASSWORD@HOST:PORT/DATABASE or sqlite:PATH".to_owned(),
        }
    }
}

/// `text` with each `%41` as the byte that it stands for.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("kind", &self.kind()).field("read_only", &self.read_only).finish_non_exhaustive()
    }
}

/// The databases of a run.
#[derive(Debug, Default)]
pub struct Connections {
    targets: HashMap<String, Target>,
    sessions: HashMap<String, Session>,
}

enum Session {
    Postgres(Box<PostgresSession>),
    Sqlite(SqliteSession),
}

impl Connections {
    /// The connections of these names. None is opened yet.
    #[must_use]
    pub fn new(targets: impl IntoIterator<Item = (String, Target)>) -> Self {
        Self { targets: targets.into_iter().collect(), sessions: HashMap::new() }
    }
}

impl Target {
    async fn connect(&self) -> Result<Session, String> {
        let opened = match self.kind() {
            Some(ServerKind::Postgres) => PostgresSession::connect(&self.url, self.read_only)
                .await
                .map(|session| Session::Postgres(Box::new(session))),
            Some(ServerKind::Sqlite) => SqliteSession::connect(&self.url, self.read_only).await.map(Session::Sqlite),
            None => Err(self.unsupported()),
        };
        let mut session = opened.map_err(|message| self.without_password(message))?;
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
            Self::Postgres(session) => session.has_ended(),
            Self::Sqlite(session) => session.has_ended(),
        }
    }

    fn call(&mut self, label: &str) {
        match self {
            Self::Postgres(session) => session.call(label),
            Self::Sqlite(session) => session.call(label),
        }
    }

    async fn is_alive(&mut self) -> bool {
        match self {
            Self::Postgres(session) => session.is_alive().await,
            Self::Sqlite(session) => !session.has_ended(),
        }
    }

    fn as_database(&mut self) -> &mut dyn Database {
        match self {
            Self::Postgres(session) => session.as_mut(),
            Self::Sqlite(session) => session,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = match self {
            Self::Postgres(session) => session.target(),
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
            let session = target.connect().await.map_err(cannot)?;
            self.sessions.insert(connection.to_owned(), session);
        }
        let session = self.sessions.get_mut(connection).expect("it was there or has just been opened");
        Ok(session.as_database())
    }

    fn kind(&self, connection: &str) -> Option<ServerKind> {
        self.targets.get(connection)?.kind()
    }
}
