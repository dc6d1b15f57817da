//! Throwaway databases on a private server.
//!
//! A seed is a script of SQL. What follows a line `-- session: NAME` in it runs
//! in a session of its own under that application name, which stays open as
//! long as the rehearsal: one that has forgotten to commit, one that waits for
//! a lock.

use super::error;
use crate::effect::DatabaseError;
use crate::language::sql::{SqlDialect, split};
use crate::sql::report::DriverRow as _;
use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Either, Executor as _};
use std::str::FromStr as _;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What begins the part of a seed that runs in a session of its own.
const SESSION: &str = "-- session:";

/// How long a session of a seed has to come to its end, or to a lock that it
/// waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(10);

/// The sessions that a seed has left open; they end with this.
#[derive(Debug, Default)]
pub struct OpenSessions(Vec<JoinHandle<()>>);

impl Drop for OpenSessions {
    fn drop(&mut self) {
        for session in &self.0 {
            session.abort();
        }
    }
}

/// Makes the database `name` on the server at `server`, whose address by itself
/// leads to another one, and runs the script `sql` in it at `url`.
///
/// # Errors
/// If it cannot be made, or the script fails: then with the place in it.
pub async fn seed(server: &str, name: &str, url: &str, sql: &str) -> Result<OpenSessions, DatabaseError> {
    let mut connection = open(server, "rehearsal").await?;
    let create = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
    run(&mut connection, &create).await?;
    let _ = connection.close().await;
    let mut connection = open(url, "rehearsal").await?;
    let mut sessions = OpenSessions::default();
    for part in parts(sql) {
        match part.session.clone() {
            None => run_part(&mut connection, &part).await?,
            Some(name) => sessions.0.push(begin(&mut connection, url, name, part).await?),
        }
    }
    let _ = connection.close().await;
    Ok(sessions)
}

/// Runs the script `sql` on the database at `url`, and gives its rows as `psql
/// -At` prints them.
///
/// # Errors
/// If the database cannot be opened or the script fails.
pub(in crate::sql) async fn execute(url: &str, sql: &str) -> Result<String, DatabaseError> {
    let mut connection = open(url, "rehearsal").await?;
    let out = run(&mut connection, sql).await?;
    let _ = connection.close().await;
    Ok(out)
}

async fn open(url: &str, application: &str) -> Result<PgConnection, DatabaseError> {
    let cannot = |error: sqlx::Error| DatabaseError::Connect {
        connection: "the rehearsal's server".to_owned(),
        message: error::message(&error),
    };
    let options = PgConnectOptions::from_str(url).map_err(cannot)?;
    let options = options.application_name(application).extra_float_digits(None).disable_statement_logging();
    options.connect().await.map_err(cannot)
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<String, DatabaseError> {
    let mut out = String::new();
    let mut stream = connection.fetch_many(sqlx::raw_sql(AssertSqlSafe(sql)));
    while let Some(item) = stream.try_next().await.map_err(|error| error::of_statement(&error, sql, None))? {
        if let Either::Right(row) = item {
            let cells: Vec<String> = row.cells().into_iter().map(|cell| cell.text.unwrap_or_default()).collect();
            out.push_str(&cells.join("|"));
            out.push('\n');
        }
    }
    Ok(out)
}

/// A part of a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// The session of its own that it runs in.
    session: Option<String>,
    /// Where it begins in the seed.
    start: usize,
    sql: String,
}

fn parts(sql: &str) -> Vec<Part> {
    let mut parts = vec![Part { session: None, start: 0, sql: String::new() }];
    let mut at = 0;
    for line in sql.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix(SESSION) {
            parts.push(Part { session: Some(name.trim().to_owned()), start: at, sql: String::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.sql.push_str(line);
        }
        at += line.len();
    }
    parts
}

async fn run_part(connection: &mut PgConnection, part: &Part) -> Result<(), DatabaseError> {
    for statement in split(&part.sql, SqlDialect::Postgres) {
        let start = part.start + statement.span.start;
        if let Some(refusal) = statement.refusal {
            let message = format!("it {}: {}", refusal.why, refusal.mend);
            return Err(DatabaseError::Statement { message, offset: Some(part.start + refusal.span.start) });
        }
        let text = &part.sql[statement.span.start..statement.span.end];
        run(connection, text).await.map_err(|error| moved(error, start))?;
    }
    Ok(())
}

/// The error of a statement that begins at `start`, with its place in the seed.
fn moved(error: DatabaseError, start: usize) -> DatabaseError {
    match error {
        DatabaseError::Statement { message, offset } => {
            DatabaseError::Statement { message, offset: Some(start + offset.unwrap_or_default()) }
        }
        other => other,
    }
}

/// Begins a session of the seed, and gives it back once it has run its part or
/// waits for somebody else's lock. `beside` is another one, to look from.
async fn begin(
    beside: &mut PgConnection,
    url: &str,
    name: String,
    part: Part,
) -> Result<JoinHandle<()>, DatabaseError> {
    let mut connection = open(url, &name).await?;
    let process = run(&mut connection, "SELECT pg_catalog.pg_backend_pid()").await?;
    let (done, mut is_done) = oneshot::channel();
    let start = part.start;
    let session = tokio::spawn(async move {
        let ended = run_part(&mut connection, &part).await;
        let stays = ended.is_ok();
        // After the seeding nobody asks any more.
        let _ = done.send(ended);
        if stays {
            std::future::pending::<()>().await;
        }
    });
    let waits = format!(
        "SELECT wait_event_type = 'Lock' OR wait_event = 'PgSleep' FROM pg_catalog.pg_stat_activity WHERE pid = {}",
        process.trim()
    );
    let begun = Instant::now();
    loop {
        match is_done.try_recv() {
            Ok(ended) => return ended.map(|()| session),
            Err(oneshot::error::TryRecvError::Empty) => {}
            Err(oneshot::error::TryRecvError::Closed) => {
                return Err(DatabaseError::Lost { message: format!("the session `{name}` has ended") });
            }
        }
        if run(beside, &waits).await?.trim() == "t" {
            return Ok(session);
        }
        if begun.elapsed() > PATIENCE {
            session.abort();
            let message = format!("the session `{name}` has not come to its end, and waits for no lock");
            return Err(DatabaseError::Statement { message, offset: Some(start) });
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_of_a_seed_has_its_own_part_and_its_place() {
        let sql = "CREATE TABLE t (a int);\n-- session: one\nBEGIN;\n-- session: two \nSELECT 1;";
        let parts = parts(sql);
        let names: Vec<_> = parts.iter().map(|part| part.session.as_deref()).collect();
        assert_eq!(names, [None, Some("one"), Some("two")]);
        for part in &parts {
            assert!(sql[part.start..].starts_with(&part.sql), "{part:?}");
        }
        assert_eq!(parts.iter().map(|part| part.sql.as_str()).collect::<String>(), sql);
    }
}
