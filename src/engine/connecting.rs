//! Opening a connection: the password that it may want, and its place on
//! record.

use super::{Engine, EngineError};
use crate::effect::{Database, DatabaseError, PasswordQuestion, PasswordWanted};
use crate::redact::Redactor;
use crate::run::Event;
use zeroize::Zeroizing;

/// How often a password is asked for before the block is left without its
/// connection.
const TRIES: usize = 3;

impl Engine<'_> {
    /// Opens a connection if it is not open, asking for its password where the
    /// server wants one, and gives where it leads. Each new session goes on
    /// record.
    pub(super) async fn connect(&mut self, connection: &str) -> Result<Result<String, DatabaseError>, EngineError> {
        let mut tries = 0..TRIES;
        loop {
            let wanted = match self.databases.open(connection).await {
                Ok(database) => {
                    let (target, session) = (database.target().to_owned(), database.about());
                    if self.connected.get(connection) != Some(&session) {
                        let event = Event::Connected {
                            connection: connection.to_owned(),
                            target: target.clone(),
                            session: (!session.server.is_empty()).then(|| Box::new(session.clone())),
                        };
                        self.recorder.record(&event)?;
                        self.connected.insert(connection.to_owned(), session);
                        self.tell_what_is_not_set(connection);
                    }
                    return Ok(Ok(target));
                }
                Err(DatabaseError::Password(wanted)) if tries.next().is_some() => wanted,
                Err(error) => return Ok(Err(error)),
            };
            let Some(password) = self.ask_for_password(&wanted).await? else {
                return Ok(Err(DatabaseError::Password(wanted)));
            };
            self.databases.take_password(connection, password);
        }
    }

    /// Says what an earlier session on the connection had set, before this run
    /// was taken up again.
    fn tell_what_is_not_set(&mut self, connection: &str) {
        let settings = self.progress.session_settings.remove(connection).unwrap_or_default();
        if settings.is_empty() {
            return;
        }
        let settings: Vec<String> = settings.iter().map(|statement| format!("  {statement}")).collect();
        self.recorder.view.warn(&format!(
            "This is a new session on {connection}. What earlier blocks had set in theirs is not in force in it; set it \
             again before what relies on it:\n{}",
            settings.join("\n")
        ));
    }

    /// A connection's session, opened if it is not open.
    pub(super) async fn session(
        &mut self,
        connection: &str,
    ) -> Result<Result<&mut dyn Database, DatabaseError>, EngineError> {
        let opened = self.connect(connection).await?;
        let session = opened.map(|_| self.databases.opened(connection));
        Ok(session.and_then(|session| session.ok_or_else(DatabaseError::closed)))
    }

    /// The password that the responder types. It is masked from now on, and on
    /// record only as asked for.
    async fn ask_for_password(&mut self, wanted: &PasswordWanted) -> Result<Option<Zeroizing<String>>, EngineError> {
        let question = PasswordQuestion {
            connection: wanted.connection.clone(),
            user: wanted.user.clone(),
            server: wanted.server.clone(),
            problem: if wanted.refused { Some(self.recorder.mask(&wanted.message)) } else { wanted.not_found.clone() },
        };
        let password = self.prompter.password(&question).await?;
        if let Some(password) = &password {
            // One too short to be told from other text is left alone.
            if password.len() >= Redactor::SHORTEST {
                self.recorder.add_secret(&format!("password of {}", wanted.connection), password);
            }
            let event = Event::Answered {
                block: None,
                question: format!("the password of {} for {}?", wanted.user, wanted.connection),
                answer: "typed, and not kept".to_owned(),
                by: self.prompter.who(),
            };
            self.recorder.record(&event)?;
        }
        Ok(password)
    }
}
