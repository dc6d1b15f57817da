//! What ends a statement or a session that takes too long, where the server
//! has no stricter limit of its own.

use super::super::report::DriverRow as _;
use super::super::statement::Statement;
use super::super::watch::Blocked;
use super::error;
use crate::effect::DatabaseError;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor as _};
use std::time::Duration;

/// A statement that has no time limit of its own is ended after this long.
const STATEMENT: Duration = Duration::from_secs(300);
/// How much later than the engine the server ends a statement: it is only to
/// where the engine is gone.
const LATER: Duration = Duration::from_secs(10);
/// Nobody waits longer than this behind a statement that itself waits for a lock.
const LOCK: Duration = Duration::from_secs(10);
/// How much longer than changes wait for an answer a transaction may be idle:
/// it is only ended where the engine is gone.
const IDLE: Duration = Duration::from_secs(60);
/// How a server notices that its client is gone, with a statement running and
/// without. Not every server can.
const CLIENT: &str = "('client_connection_check_interval', 5000), ('tcp_keepalives_idle', 30), \
     ('tcp_keepalives_interval', 10), ('tcp_keepalives_count', 3)";

/// Sets the limits of a session in which changes wait for an answer as long as
/// `hold`, but for those that the responder has given with the connection.
pub(super) async fn set(connection: &mut PgConnection, hold: Duration) -> Result<(), sqlx::Error> {
    let limits = [("statement_timeout", STATEMENT), ("lock_timeout", LOCK)];
    let idle = ("idle_in_transaction_session_timeout", hold.saturating_add(IDLE));
    let limit = |(name, most): (&str, Duration)| format!("('{name}', {})", most.as_millis().min(i32::MAX as u128));
    let session: Vec<String> = limits.into_iter().chain([idle]).map(limit).collect();
    for (limits, needed) in [(session.join(", ").as_str(), true), (CLIENT, false)] {
        let set = format!(
            "SELECT pg_catalog.set_config(name, most::pg_catalog.text, false) \
             FROM (VALUES {limits}) AS limits (name, most) JOIN pg_catalog.pg_settings USING (name) \
             WHERE source <> 'client' AND setting::pg_catalog.int8 NOT BETWEEN 1 AND most"
        );
        match connection.execute(sqlx::raw_sql(AssertSqlSafe(set))).await {
            Err(error) if needed || error::ends_session(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A time limit that was lifted for one statement.
pub(super) struct Lifted(String);

/// Lifts the session's time limit where the statement may take longer: because
/// its block says so, or because ending it half-way does harm or wastes hours.
/// One that the page or the server has set stays.
pub(super) async fn lift(
    connection: &mut PgConnection,
    timeout: Option<Duration>,
    statement: &Statement,
) -> Result<Option<Lifted>, sqlx::Error> {
    let wanted = match timeout {
        Some(timeout) if timeout + LATER > STATEMENT => (timeout + LATER).as_millis().min(i32::MAX as u128).to_string(),
        None if statement.takes_its_time() => "0".to_owned(),
        _ => return Ok(None),
    };
    let changed = change(connection, &milliseconds(STATEMENT), &wanted).await?;
    Ok(changed.then_some(Lifted(wanted)))
}

/// Puts the session's limit back. In a transaction that has failed that cannot
/// be done, and its end does it.
pub(super) async fn put_back(connection: &mut PgConnection, lifted: Option<Lifted>) {
    if let Some(Lifted(lifted)) = lifted {
        let _ = change(connection, &lifted, &milliseconds(STATEMENT)).await;
    }
}

async fn change(connection: &mut PgConnection, from: &str, to: &str) -> Result<bool, sqlx::Error> {
    let set = format!(
        "SELECT pg_catalog.set_config('statement_timeout', '{to}', false) FROM pg_catalog.pg_settings \
         WHERE name = 'statement_timeout' AND setting = '{from}'"
    );
    Ok(!connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(set))).await?.is_empty())
}

fn milliseconds(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// Adds to the error of a statement which limit has struck, who was in the way,
/// and how to give it longer.
pub(super) async fn explain(
    connection: &mut PgConnection,
    error: &sqlx::Error,
    blocked: Option<&Blocked>,
    problem: DatabaseError,
) -> DatabaseError {
    const LOCK_NOT_AVAILABLE: &str = "55P03";
    const QUERY_CANCELED: &str = "57014";
    let DatabaseError::Statement { mut message, offset } = problem else { return problem };
    match error::code(error) {
        Some(LOCK_NOT_AVAILABLE) => {
            if let Some(blocked) = blocked {
                blocked.explain(&mut message);
            }
            message.push_str(
                "\nHINT:  end what is in the way, or wait longer with `SET lock_timeout = '60s';` before the statement",
            );
        }
        Some(QUERY_CANCELED) => {
            let limit = limit(connection).await;
            let limit = limit.map(|limit| format!(" (the session's statement_timeout is {limit})")).unwrap_or_default();
            message.push_str(&format!(
                "\nHINT:  the server ended it{limit}: `timeout: 1h` for the step, or `SET statement_timeout` before the \
                 statement, gives it longer"
            ));
        }
        _ => {}
    }
    DatabaseError::Statement { message, offset }
}

/// The session's limit, in the server's own words; `None` in a transaction that
/// has failed, and where there is none.
async fn limit(connection: &mut PgConnection) -> Option<String> {
    let ask = "SELECT pg_catalog.current_setting('statement_timeout')";
    let row = connection.fetch_one(sqlx::raw_sql(ask)).await.ok()?;
    row.cells().into_iter().next()?.text.filter(|limit| limit != "0")
}
