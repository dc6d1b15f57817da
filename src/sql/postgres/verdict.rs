//! What became of a transaction whose COMMIT got no answer: the server's own
//! word, or unknown.
//!
//! A transaction has a number once it has written something, and the server
//! keeps what became of it. What is asked here is asked on a connection of its
//! own, for the old one is gone. A COMMIT may still be on its way to the old
//! session, so a transaction that is in progress is asked about until it is
//! not, and its session is ended.

use super::super::report::DriverRow as _;
use super::error;
use crate::effect::CommitVerdict;
use crate::run::{ServerSession, ServerTransaction, TransactionDecision};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::time::Duration;
use tokio::time::Instant;

/// How long the server is asked, should it not answer or not know yet.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a transaction may be in progress before its session is ended.
const GRACE: Duration = Duration::from_secs(2);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(100);
/// From here on servers call these functions so; before it, otherwise.
const XACT_NAMES: u32 = 130_000;

/// What tells a server and a database from others: they were made together,
/// or restored from a copy, or have taken over from another.
const SERVER: &str = "CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE \
     (SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()) || '/' || \
     pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) || '/' || \
     (SELECT oid::pg_catalog.text FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) END";
/// The same where the role may not ask, or the server has no such functions: it
/// is then known for as long as it runs.
const SERVER_AS_STARTED: &str = "CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE \
     'started ' || (EXTRACT(epoch FROM pg_catalog.pg_postmaster_start_time()))::pg_catalog.text || '/' || \
     (SELECT oid::pg_catalog.text FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) END";
/// The server forgets its statistics when it recovers from a crash, and says
/// since when it has those it has.
const EPOCH: &str = "(SELECT (EXTRACT(epoch FROM stats_reset))::pg_catalog.text FROM pg_catalog.pg_stat_bgwriter)";

/// As what the server knows the session; `None` where it does not tell, or is
/// a standby. Not to be asked within a transaction, which it could fail.
pub(super) async fn known_as(connection: &mut PgConnection) -> Option<ServerSession> {
    for server in [SERVER, SERVER_AS_STARTED] {
        let ask = format!(
            "SELECT {server}, {EPOCH}, pid, (EXTRACT(epoch FROM backend_start))::pg_catalog.text \
             FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()"
        );
        match row(connection, ask).await {
            Ok(Some(row)) => {
                let [server, epoch, process, began] = <[Option<String>; 4]>::try_from(row).ok()?;
                let process = process?.parse().ok()?;
                return Some(ServerSession {
                    server: server?,
                    epoch: epoch.unwrap_or_default(),
                    process,
                    began: began?,
                });
            }
            Ok(None) => return None,
            Err(error) if error::ends_session(&error) => return None,
            Err(_) => {}
        }
    }
    None
}

/// The number of the open transaction, and the process that it is in. Asks for
/// nothing that could fail the transaction.
pub(super) async fn transaction(
    connection: &mut PgConnection,
    session: Option<&ServerSession>,
) -> Result<ServerTransaction, sqlx::Error> {
    let number = match names(connection) {
        Names::Xact => "pg_current_xact_id_if_assigned",
        Names::Txid => "txid_current_if_assigned",
    };
    let ask = format!("SELECT pg_catalog.{number}()::pg_catalog.text, pg_catalog.pg_backend_pid()");
    let mut row = row(connection, ask).await?.unwrap_or_default().into_iter();
    let number = row.next().flatten();
    let process = row.next().flatten().and_then(|process| process.parse::<i64>().ok());
    // Behind a connection pooler it may be another one than at first.
    let session = session.filter(|session| Some(session.process) == process).cloned();
    Ok(ServerTransaction { number, session })
}

/// What became of the transaction.
pub(super) async fn verdict(options: &PgConnectOptions, transaction: &ServerTransaction) -> CommitVerdict {
    let Some(number) = transaction.number.as_deref().filter(|number| number.bytes().all(|c| c.is_ascii_digit())) else {
        return CommitVerdict::unknown(
            "the server had given the transaction no number that it could be asked about by",
        );
    };
    let Some(session) = &transaction.session else {
        return CommitVerdict::unknown("it is not known for sure which server the transaction was on");
    };
    let deadline = Instant::now() + PATIENCE;
    let mut asked = Asked { number, session, in_progress_since: None };
    let mut problem = "the server did not answer a new connection".to_owned();
    loop {
        match tokio::time::timeout_at(deadline, asked.on_new_connection(options)).await {
            Ok(Ok(verdict)) => return verdict,
            Ok(Err(told)) => problem = told,
            Err(_) if asked.in_progress_since.is_some() => {
                problem = "the transaction is still in progress at the server".to_owned();
            }
            Err(_) => {}
        }
        if Instant::now() + PAUSE >= deadline {
            let asked = PATIENCE.as_secs();
            return CommitVerdict::unknown(format!("{problem}; it was asked for {asked} s"));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether a session of before is still there. A server notices within
/// seconds that its client is gone.
pub(super) async fn trace(options: &PgConnectOptions, session: &ServerSession) -> Option<String> {
    let deadline = Instant::now() + PATIENCE;
    let look = async {
        let mut connection = connect(options).await.ok()?;
        if !is_same(&mut connection, session).await.ok()? {
            return Some("This is not the server that it ran on, so its session was not looked for.".to_owned());
        }
        let find = format!(
            "SELECT state FROM pg_catalog.pg_stat_activity WHERE pid = {} \
             AND (backend_start IS NULL OR (EXTRACT(epoch FROM backend_start))::pg_catalog.text = '{}')",
            session.process,
            session.began.replace('\'', "''")
        );
        let patience = Instant::now() + GRACE * 3;
        let found = loop {
            let found = row(&mut connection, find.clone()).await.ok()?;
            if found.is_none() || Instant::now() >= patience {
                break found;
            }
            tokio::time::sleep(PAUSE).await;
        };
        let _ = connection.close().await;
        Some(match found {
            None => "Its session is gone from the server, and with it its locks.".to_owned(),
            Some(row) => match row.into_iter().next().flatten() {
                Some(state) => {
                    let process = session.process;
                    format!(
                        "Its session is still at the server (process {process}, {state}) and holds its locks: \
                         SELECT pg_terminate_backend({process}) ends it."
                    )
                }
                None => "Whether its session is gone from the server is not shown to this role.".to_owned(),
            },
        })
    };
    tokio::time::timeout_at(deadline, look).await.ok().flatten()
}

struct Asked<'a> {
    number: &'a str,
    session: &'a ServerSession,
    in_progress_since: Option<Instant>,
}

impl Asked<'_> {
    /// Asks until the server knows; an error where it should be asked anew.
    async fn on_new_connection(&mut self, options: &PgConnectOptions) -> Result<CommitVerdict, String> {
        let said = |error: &sqlx::Error| format!("the server could not be asked ({})", error::message(error));
        let mut connection = match connect(options).await {
            Ok(connection) => connection,
            Err(error) => return Err(said(&error)),
        };
        if !is_same(&mut connection, self.session).await.map_err(|error| said(&error))? {
            return Ok(CommitVerdict::unknown(
                "what answers a new connection is not the same server and database: it is a standby, has taken over \
                 from another, or the address leads elsewhere",
            ));
        }
        let verdict = loop {
            match self.look(&mut connection).await {
                Ok(Some(verdict)) => break verdict,
                Ok(None) => tokio::time::sleep(PAUSE).await,
                // Such as a number that this server has not got to yet.
                Err(error) if !error::ends_session(&error) => {
                    break CommitVerdict::unknown(format!("the server does not say ({})", error::message(&error)));
                }
                Err(error) => return Err(said(&error)),
            }
        };
        let _ = connection.close().await;
        Ok(verdict)
    }

    /// What the server says now; `None` while it cannot know.
    async fn look(&mut self, connection: &mut PgConnection) -> Result<Option<CommitVerdict>, sqlx::Error> {
        let number = self.number;
        let status = match names(connection) {
            Names::Xact => format!("pg_catalog.pg_xact_status('{number}'::pg_catalog.xid8)"),
            Names::Txid => format!("pg_catalog.txid_status({number})"),
        };
        let found = row(connection, format!("SELECT {status}, {EPOCH}")).await?.unwrap_or_default();
        let [status, epoch] = <[Option<String>; 2]>::try_from(found).unwrap_or_default();
        let asked = format!("asked on a new connection (pg_xact_status), the server says that transaction {number}");
        Ok(match status.as_deref() {
            Some("committed") if epoch.unwrap_or_default() != self.session.epoch => {
                // What had not reached its disk is gone, and numbers are given again.
                Some(CommitVerdict::unknown(format!(
                    "{asked} was committed, but it has recovered from a crash since and may mean a later one"
                )))
            }
            Some("committed") => Some(CommitVerdict {
                decision: TransactionDecision::Committed,
                basis: format!("{asked} was committed"),
            }),
            Some("aborted") => Some(CommitVerdict {
                decision: TransactionDecision::RolledBack,
                basis: format!("{asked} was rolled back"),
            }),
            Some("in progress") => {
                let since = *self.in_progress_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= GRACE {
                    self.end_session(connection).await?;
                }
                None
            }
            _ => Some(CommitVerdict::unknown(format!("{asked} is too old to be told about"))),
        })
    }

    /// Ends the old session, if it is still that one and still in the
    /// transaction. One that has committed, and waits for a standby only, is
    /// left to that.
    async fn end_session(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let ServerSession { process, began, .. } = self.session;
        let end = format!(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = {process} \
             AND (EXTRACT(epoch FROM backend_start))::pg_catalog.text = '{}' \
             AND backend_xid::pg_catalog.text = ({}::pg_catalog.numeric % 4294967296)::pg_catalog.text \
             AND wait_event IS DISTINCT FROM 'SyncRep'",
            began.replace('\'', "''"),
            self.number
        );
        row(connection, end).await.map(drop)
    }
}

enum Names {
    Xact,
    Txid,
}

fn names(connection: &PgConnection) -> Names {
    if connection.server_version_num().is_none_or(|version| version >= XACT_NAMES) { Names::Xact } else { Names::Txid }
}

async fn is_same(connection: &mut PgConnection, session: &ServerSession) -> Result<bool, sqlx::Error> {
    let alive = known_as(connection).await;
    if alive.is_none() {
        // Told apart: a connection that is lost again is no other server.
        row(connection, "SELECT 1".to_owned()).await?;
    }
    Ok(alive.is_some_and(|here| here.server == session.server))
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    connection.execute("SET standard_conforming_strings = on").await?;
    Ok(connection)
}

/// The first row of a query, as text.
async fn row(connection: &mut PgConnection, query: String) -> Result<Option<Vec<Option<String>>>, sqlx::Error> {
    let row = connection.fetch_optional(sqlx::raw_sql(AssertSqlSafe(query))).await?;
    Ok(row.map(|row| row.cells().into_iter().map(|cell| cell.text).collect()))
}
