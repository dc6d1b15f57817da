//! Why a session could not be opened, in one line with the mend.

use crate::effect::{DatabaseError, PasswordWanted};

/// Why a session could not be opened. Never holds a password.
pub(super) enum Refused {
    /// For this reason.
    Because(String),
    /// For want of a password, or of another one.
    Password {
        /// Whose.
        user: String,
        /// Which server asks for it.
        server: String,
        /// What is wrong, and the mend.
        message: String,
        /// Whether it has refused one.
        refused: bool,
        /// Why none was found, where that may surprise.
        not_found: Option<String>,
    },
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self::Because(message)
    }
}

impl Refused {
    /// The same as an error of this connection, each text as `clean` has it.
    pub(super) fn of(self, connection: &str, clean: impl Fn(String) -> String) -> DatabaseError {
        let connection = connection.to_owned();
        match self {
            Self::Because(message) => DatabaseError::Connect { connection, message: clean(message) },
            Self::Password { user, server, message, refused, not_found } => {
                let message = clean(message);
                let wanted = PasswordWanted { connection, user, server, message, refused, not_found };
                DatabaseError::Password(Box::new(wanted))
            }
        }
    }
}
