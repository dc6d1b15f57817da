//! What a server or the driver says of a failure, in the words of an error.

use crate::effect::DatabaseError;
use crate::sql::watch::Stop;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

fn of_server(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// The server's five-character code.
pub(super) fn code(error: &sqlx::Error) -> Option<&str> {
    Some(of_server(error)?.code())
}

/// Whether the session cannot be used any more: the server ended it, or the
/// driver lost its place in the protocol.
pub(super) fn ends_session(error: &sqlx::Error) -> bool {
    of_server(error).is_none_or(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

/// The message alone; the driver's own display of a server's error ends in a
/// line number of the server's source.
pub(super) fn message(error: &sqlx::Error) -> String {
    match (of_server(error), error) {
        (Some(error), _) => error.message().to_owned(),
        (None, sqlx::Error::Io(error)) => error.to_string(),
        (None, error) => error.to_string(),
    }
}

/// The error of a statement.
pub(super) fn of_statement(error: &sqlx::Error, statement: &str, stopped: Option<Stop>) -> DatabaseError {
    const QUERY_CANCELED: &str = "57014";
    const ADMIN_SHUTDOWN: &str = "57P01";
    match (of_server(error), stopped) {
        (Some(server), Some(stop)) if [QUERY_CANCELED, ADMIN_SHUTDOWN].contains(&server.code()) => stop.into(),
        (Some(server), _) if !ends_session(error) => {
            DatabaseError::Statement { message: in_full(server), offset: offset(server, statement) }
        }
        _ => DatabaseError::Lost { message: message(error) },
    }
}

/// Message, detail, hint and context, as psql lays them out.
fn in_full(error: &PgDatabaseError) -> String {
    let mut text = error.message().to_owned();
    let query = match error.position() {
        Some(PgErrorPosition::Internal { query, .. }) => Some(query),
        _ => None,
    };
    for (label, more) in
        [("DETAIL", error.detail()), ("HINT", error.hint()), ("QUERY", query), ("CONTEXT", error.r#where())]
    {
        if let Some(more) = more {
            text.push_str(&format!("\n{label}:  {more}"));
        }
    }
    if error.code() == ENDS_TRANSACTION {
        text.push_str(
            "\nIt ends transactions itself, which it cannot in the one that its changes are shown in here: run it \
             with psql in a shell block",
        );
    }
    text
}

/// What a procedure is told that commits inside of a transaction.
const ENDS_TRANSACTION: &str = "2D000";

/// The server counts characters from 1.
fn offset(error: &PgDatabaseError, statement: &str) -> Option<usize> {
    let Some(PgErrorPosition::Original(position)) = error.position() else { return None };
    let ends = std::iter::once(statement.len());
    statement.char_indices().map(|(at, _)| at).chain(ends).nth(position.checked_sub(1)?)
}
