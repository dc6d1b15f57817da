//! Opening a session, with the settings that psql would find.

use super::super::parameter::Parameters;
use super::{PostgresSession, error};
use crate::sql::report::DriverRow as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use std::str::FromStr as _;
use std::time::Duration;
use tracing::subscriber::NoSubscriber;

/// How long a server has to accept a connection.
const PATIENCE: Duration = Duration::from_secs(15);

impl PostgresSession {
    /// Opens a session.
    ///
    /// # Errors
    /// What went wrong and the mend, in one line.
    pub(in crate::sql) async fn connect(url: &str, read_only: bool) -> Result<Self, String> {
        let options = options(url)?;
        let mut connection = match tokio::time::timeout(PATIENCE, options.connect()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(refusal(&options, &error)),
            Err(_) => {
                return Err(format!(
                    "{} did not answer within {} s: is the host right, and reachable from here?",
                    server(&options),
                    PATIENCE.as_secs()
                ));
            }
        };
        let prepared = prepare(&mut connection, read_only).await;
        let (target, backend) = prepared.map_err(|error| refusal(&options, &error))?;
        Ok(Self {
            connection: Some(connection),
            options,
            target,
            backend,
            read_only,
            reading: false,
            parameters: Parameters::default(),
        })
    }
}

fn options(url: &str) -> Result<PgConnectOptions, String> {
    // The driver logs the parameters it does not know, with their values.
    let parsed = tracing::subscriber::with_default(NoSubscriber::default(), || PgConnectOptions::from_str(url));
    let options = parsed.map_err(|error| {
        let problem = match error {
            sqlx::Error::Configuration(problem) => problem.to_string(),
            error => error.to_string(),
        };
        format!("the URL cannot be read ({problem}): write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with % signs for special characters in the password")
    })?;
    Ok(options.application_name("runbook").extra_float_digits(None).disable_statement_logging())
}

/// Makes the session what psql's would be, but for a limit on waiting for
/// locks; says what it leads to and its server process.
async fn prepare(connection: &mut PgConnection, read_only: bool) -> Result<(String, i32), sqlx::Error> {
    restore_server_settings(connection).await?;
    connection
        .execute(
            "SELECT pg_catalog.set_config('lock_timeout', '10s', false) \
             WHERE pg_catalog.current_setting('lock_timeout') = '0'",
        )
        .await?;
    // Statements are split, and values put into quotes, by this rule.
    connection.execute("SET standard_conforming_strings = on").await?;
    // So that a statement does not outlive a client that was killed. Not every
    // server can.
    let _ = connection
        .execute(
            "SELECT pg_catalog.set_config(name, '5s', false) FROM pg_catalog.pg_settings \
             WHERE name = 'client_connection_check_interval' AND setting = '0'",
        )
        .await;
    if read_only {
        connection.execute("SET default_transaction_read_only = on").await?;
    }
    let about = texts(
        connection,
        "SELECT pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1), \
         pg_catalog.current_database(), current_user, pg_catalog.current_setting('transaction_read_only'), \
         pg_catalog.pg_backend_pid()",
    )
    .await?;
    let about = about.first().map(Vec::as_slice);
    let Some([version, database, role, writes_not, backend]) = about else {
        return Err(sqlx::Error::Protocol("the server does not say what it is".to_owned()));
    };
    let mut target = format!("postgres {version} · {database} · role {role}");
    if writes_not == "on" {
        target.push_str(" · READ-ONLY");
    }
    Ok((target, backend.parse().unwrap_or_default()))
}

/// The driver sets the time zone to UTC and the order of dates to
/// month-day-year, and the server then has no other default to reset them to.
/// This finds what they would have been: in the environment, in the settings
/// of role and database, in the server's file where the role may read it, and
/// else in the time zone of the server's log, which is set up as the same.
async fn restore_server_settings(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    const OF_ROLE_AND_DATABASE: &str = "SELECT pg_catalog.split_part(c, '=', 1), \
         pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1) \
         FROM pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) AS c \
         WHERE setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database \
                                   WHERE datname = pg_catalog.current_database())) \
         AND setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user)) \
         ORDER BY setrole <> 0 DESC, setdatabase <> 0 DESC";
    const FILE_IS_READABLE: &str = "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_file_settings', 'SELECT') \
         AND pg_catalog.has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE')";
    const OF_FILE: &str = "SELECT name, setting FROM pg_catalog.pg_file_settings WHERE applied ORDER BY seqno DESC";
    const OF_LOG: &str = "SELECT 'TimeZone', pg_catalog.current_setting('log_timezone')";

    let mut known: Vec<Vec<String>> = Vec::new();
    for (variable, name) in [("PGTZ", "TimeZone"), ("PGDATESTYLE", "DateStyle")] {
        known.extend(std::env::var(variable).ok().map(|value| vec![name.to_owned(), value]));
    }
    // A server that has not these tables keeps the driver's settings.
    known.extend(texts(connection, OF_ROLE_AND_DATABASE).await.unwrap_or_default());
    let readable = texts(connection, FILE_IS_READABLE).await.unwrap_or_default();
    if readable.concat() == ["t"] {
        known.extend(texts(connection, OF_FILE).await.unwrap_or_default());
    }
    known.extend(texts(connection, OF_LOG).await.unwrap_or_default());

    for name in ["TimeZone", "DateStyle"] {
        let value = known.iter().find(|setting| setting[0].eq_ignore_ascii_case(name)).map(|setting| &setting[1]);
        if let Some(value) = value {
            let value = value.replace('\'', "''");
            let set = format!("SELECT pg_catalog.set_config('{name}', '{value}', false)");
            if let Err(problem) = connection.execute(sqlx::raw_sql(AssertSqlSafe(set))).await {
                if error::ends_session(&problem) {
                    return Err(problem);
                }
                tracing::warn!(error = %error::message(&problem), "{name} of the server was not taken");
            }
        }
    }
    Ok(())
}

/// The rows of a query as text; NULL is empty.
async fn texts(connection: &mut PgConnection, query: &'static str) -> Result<Vec<Vec<String>>, sqlx::Error> {
    let rows = connection.fetch_all(sqlx::raw_sql(query)).await?;
    Ok(rows.iter().map(|row| row.cells().into_iter().map(|cell| cell.text.unwrap_or_default()).collect()).collect())
}

/// `HOST:PORT`, or the socket.
fn server(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("the server at {}", socket.display()),
        None => format!("the server at {}:{}", options.get_host(), options.get_port()),
    }
}

/// Why the server cannot be used, and the mend.
fn refusal(options: &PgConnectOptions, error: &sqlx::Error) -> String {
    let said = error::message(error).replace('\n', " ");
    let server = server(options);
    let user = options.get_username();
    match (error::code(error), error) {
        (Some("28P01"), _) => {
            format!("{server} refuses the password of {user}: mend it in the connection's URL, or in ~/.pgpass")
        }
        (Some("28000"), _) => format!("{server} refuses {user} ({said}): mend the user, or the server's pg_hba.conf"),
        (Some("3D000"), _) => {
            let database = options.get_database().unwrap_or(user);
            format!("{server} has no database {database}: mend the name at the end of the connection's URL")
        }
        (Some("53300"), _) => format!("{server} has no connection left ({said}): end an idle one, or wait"),
        (Some(_), _) => format!("{server} says: {said}"),
        (None, sqlx::Error::Io(problem)) => match problem.kind() {
            std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound => {
                format!("nothing answers for {server} ({said}): is it running, and are host and port right?")
            }
            _ => format!("{server} cannot be reached ({said}): are host and port right, and open from here?"),
        },
        (None, sqlx::Error::Tls(_)) => {
            format!("no secure connection to {server} ({said}): mend sslmode or sslrootcert in the URL")
        }
        (None, _) => format!("{server} cannot be used: {said}"),
    }
}
