//! What a server or the driver says of a failure, in the words of an error.

use crate::effect::DatabaseError;
use crate::sql::place::only_place;
use crate::sql::statement::Statement;
use crate::sql::watch::Stop;
use sqlx::mysql::MySqlDatabaseError;

/// The numbers of errors, as the servers' manuals name them.
pub(super) mod code {
    /// A statement was told to end.
    pub(in crate::sql::mysql) const QUERY_INTERRUPTED: u16 = 1317;
    /// A lock was waited for too long: the server may roll the transaction back,
    /// as it is set.
    pub(in crate::sql::mysql) const LOCK_WAIT_TIMEOUT: u16 = 1205;
    /// The account may not see what others do.
    pub(in crate::sql::mysql) const NOT_ALLOWED: [u16; 2] = [1142, 1227];
    /// A deadlock was broken by rolling the transaction back.
    pub(super) const DEADLOCK: u16 = 1213;
    /// What is refused inside a transaction.
    pub(in crate::sql::mysql) const IN_A_TRANSACTION: u16 = 1568;
    /// A statement reached the limit of its session: of MariaDB, of MySQL.
    pub(super) const TIMED_OUT: [u16; 2] = [1969, 3024];
    /// After these the session is gone: the server goes down, the session was
    /// killed, or was idle for too long.
    pub(super) const ENDING: [u16; 8] = [1053, 1158, 1159, 1160, 1161, 1927, 3169, 4031];
    /// A change in a transaction that may only read.
    pub(super) const READ_ONLY: u16 = 1792;
    /// A syntax error.
    pub(super) const PARSE: u16 = 1064;
    /// A column, a table that is not there.
    pub(super) const UNKNOWN_COLUMN: u16 = 1054;
    pub(super) const NO_SUCH_TABLE: u16 = 1146;
}

fn of_server(error: &sqlx::Error) -> Option<&MySqlDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// The server's number for it.
pub(super) fn number(error: &sqlx::Error) -> Option<u16> {
    Some(of_server(error)?.number())
}

/// Whether the server may have rolled the open transaction back with it.
pub(super) fn may_roll_back(error: &sqlx::Error) -> bool {
    number(error).is_some_and(|number| [code::LOCK_WAIT_TIMEOUT, code::DEADLOCK].contains(&number))
}

/// Whether the session cannot be used any more: the server ended it, or the
/// driver lost its place in the protocol.
pub(super) fn ends_session(error: &sqlx::Error) -> bool {
    number(error).is_none_or(|number| code::ENDING.contains(&number))
}

/// The message alone.
pub(super) fn message(error: &sqlx::Error) -> String {
    match (of_server(error), error) {
        (Some(error), _) => error.message().to_owned(),
        (None, sqlx::Error::Io(error)) => error.to_string(),
        (None, error) => error.to_string(),
    }
}

/// The error of a statement. `is_limited` where the session has been given a
/// limit of time for it.
pub(super) fn of_statement(
    error: &sqlx::Error,
    statement: &str,
    stopped: Option<Stop>,
    is_limited: bool,
) -> DatabaseError {
    match (of_server(error), stopped) {
        (Some(server), Some(stop))
            if server.number() == code::QUERY_INTERRUPTED || code::TIMED_OUT.contains(&server.number()) =>
        {
            stop.into()
        }
        // Killed for good, after it would not end otherwise.
        (Some(server), Some(stop)) if code::ENDING.contains(&server.number()) => stop.into(),
        (Some(server), None) if is_limited && code::TIMED_OUT.contains(&server.number()) => DatabaseError::TimedOut,
        (Some(server), _) if server.number() == code::READ_ONLY && Statement::mysql(statement).plans_change() => {
            DatabaseError::Statement { message: NOT_EXPLAINED.to_owned(), offset: None }
        }
        (Some(server), _) if !ends_session(error) => DatabaseError::Statement {
            message: format!("{} (error {}){}", server.message(), server.number(), mend(server.number())),
            offset: offset(server.number(), server.message(), statement),
        },
        _ => DatabaseError::Lost { message: message(error) },
    }
}

/// Where the server's own words would have it that something was to be changed.
const NOT_EXPLAINED: &str = "the server explains no change where nothing may be changed (error 1792)\nHINT:  EXPLAIN a \
                             SELECT with the same WHERE";

/// What the server's words leave out.
fn mend(number: u16) -> &'static str {
    match number {
        code::DEADLOCK => {
            "\nHINT:  this and another transaction waited for each other's locks, and the server has rolled back this \
             one: run again, it may get through"
        }
        _ => "",
    }
}

/// Where in the statement the error is. The server does not tell, but its
/// message names what it is about, and where that stands once it is the place.
fn offset(number: u16, message: &str, statement: &str) -> Option<usize> {
    match number {
        code::PARSE => {
            let (_, rest) = message.split_once(" near '")?;
            let (near, _) = rest.rsplit_once("' at line ")?;
            // The text up to its end: nothing is left where the statement ends
            // too early.
            if near.is_empty() { Some(statement.len()) } else { place_of_rest(near, statement) }
        }
        code::UNKNOWN_COLUMN => only_place(quoted(message)?, statement),
        code::NO_SUCH_TABLE => {
            let name = quoted(message)?;
            only_place(name, statement).or_else(|| only_place(name.rsplit('.').next()?, statement))
        }
        _ => None,
    }
}

/// Where what is left of the statement begins with `near`, of which the server
/// shows no more than its first bytes.
fn place_of_rest(near: &str, statement: &str) -> Option<usize> {
    let mut places = statement.match_indices(near).map(|(at, _)| at);
    let place = places.next()?;
    match places.next() {
        None => Some(place),
        // All of the rest was shown.
        Some(_) => statement.ends_with(near).then(|| statement.len() - near.len()),
    }
}

/// What stands in the first quotes of a message.
fn quoted(message: &str) -> Option<&str> {
    message.split('\'').nth(1)
}

#[cfg(test)]
mod tests {
    use super::{code, offset};

    #[test]
    fn the_place_is_found_by_what_the_message_names() {
        let sql = "SELECT 'é', nonesuch FROM (SELECT 1) AS x";
        let unknown = "Unknown column 'nonesuch' in 'SELECT'";
        assert_eq!(offset(code::UNKNOWN_COLUMN, unknown, sql), sql.find("nonesuch"));
        let table = "SELECT * FROM jobs AS j";
        assert_eq!(offset(code::NO_SUCH_TABLE, "Table 'ops.jobs' doesn't exist", table), Some(14));
        let parse = |near: &str| format!("You have an error … to use near '{near}' at line 1");
        assert_eq!(offset(code::PARSE, &parse("FORM jobs"), "SELECT * FORM jobs"), Some(9));
        assert_eq!(offset(code::PARSE, &parse("b"), "b a b"), Some(4), "the rest, not the first");
        assert_eq!(offset(code::PARSE, &parse(""), "SELECT * FROM"), Some(13));
        assert_eq!(offset(code::PARSE, &parse("x' y"), "SELECT x' y"), Some(7));
        assert_eq!(offset(1062, "Duplicate entry '1' for key 'PRIMARY'", "INSERT INTO t VALUES (1)"), None);
    }
}
