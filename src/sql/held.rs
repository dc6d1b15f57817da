//! A session's connection, which is taken out while it is used: where that is
//! given up in between, the connection is lost, and with it whatever it was in.

use crate::effect::DatabaseError;
use std::time::Duration;

/// How long a server has to answer one of our own questions.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How long it has for one on which more depends, such as whether a transaction
/// has changed anything. Who waits for longer than this waits for nobody.
const LONGEST: Duration = Duration::from_secs(20);

/// The connection of a session for as long as that is of use.
pub(super) struct Held<C> {
    connection: Option<C>,
    /// Why there is none any more, where the responder is to know.
    why_ended: Option<String>,
}

impl<C> Held<C> {
    pub(super) fn new(connection: C) -> Self {
        Self { connection: Some(connection), why_ended: None }
    }

    /// Takes the connection out, to be [put back](Self::put_back) where the
    /// session can still be used.
    ///
    /// # Errors
    /// If the session has ended.
    pub(super) fn take(&mut self) -> Result<C, DatabaseError> {
        self.connection.take().ok_or_else(|| DatabaseError::Closed { why: self.why_ended.clone() })
    }

    pub(super) fn put_back(&mut self, connection: C) {
        self.connection = Some(connection);
    }

    /// Says why the connection that was taken out does not come back.
    pub(super) fn ended_because(&mut self, why: String) {
        self.why_ended = Some(why);
    }

    /// Why nothing more can be sent, where that is known to be so.
    pub(super) fn ended(&self) -> Option<String> {
        let why = || self.why_ended.clone().unwrap_or_else(|| "the session has ended".to_owned());
        self.connection.is_none().then(why)
    }

    /// Puts a question of our own. After an error that `ends` the session, the
    /// connection does not come back.
    ///
    /// # Errors
    /// If the session has ended before. Inside of it, what came of the question.
    pub(super) async fn ask<T>(
        &mut self,
        ends: fn(&sqlx::Error) -> bool,
        question: impl AsyncFnOnce(&mut C) -> Result<T, sqlx::Error>,
    ) -> Result<Result<T, sqlx::Error>, DatabaseError> {
        let mut connection = self.take()?;
        let Ok(answer) = tokio::time::timeout(LONGEST, question(&mut connection)).await else {
            let message = format!("the server did not answer within {} s", LONGEST.as_secs());
            self.ended_because(message.clone());
            return Err(DatabaseError::Lost { message });
        };
        if !matches!(&answer, Err(error) if ends(error)) {
            self.put_back(connection);
        }
        Ok(answer)
    }
}

impl<C: sqlx::Connection> Held<C> {
    /// Whether the session can take another statement. Asks the server, for one
    /// that has waited long may have been cut off.
    pub(super) async fn is_alive(&mut self) -> bool {
        let Some(mut connection) = self.connection.take() else { return false };
        let alive = matches!(tokio::time::timeout(PATIENCE, connection.ping()).await, Ok(Ok(())));
        if alive {
            self.put_back(connection);
        }
        alive
    }
}
