//! Opening a session, with the settings that psql would find.

use super::super::parameter::Parameters;
use super::refusal::{self, NOT_AUTHORIZED, refusal};
use super::settings::{Password, Place, Settings, TlsMode};
use super::{PostgresSession, error, limits, rights, verdict};
use crate::run::{DatabaseSession, Encryption, ServerSession};
use crate::sql::Target;
use crate::sql::held::Held;
use crate::sql::refused::Refused;
use crate::sql::report::DriverRow as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use std::io::ErrorKind;
use std::time::Duration;
use zeroize::Zeroizing;

impl PostgresSession {
    /// Opens a session; `password` goes before any that is found.
    ///
    /// # Errors
    /// What went wrong and the mend, in one line.
    pub(in crate::sql) async fn connect(
        target: &Target,
        password: Option<&Zeroizing<String>>,
    ) -> Result<Self, Refused> {
        let read_only = target.read_only;
        let mut settings = Settings::find(&target.url)?;
        if let Some(text) = password {
            settings.password = Some(Password { text: text.clone(), from: None });
        }
        let opened = tokio::time::timeout(settings.patience, open(&settings)).await;
        let (mut connection, options, encryption) = match opened {
            Ok(opened) => opened?,
            Err(_) => return Err(refusal::too_slow(&settings).into()),
        };
        let prepared = prepare(&mut connection, read_only, target.hold).await;
        let (mut about, known_as) = prepared.map_err(|error| refusal(&settings, &error))?;
        about.host = Some(settings.server());
        about.encryption = Some(encryption);
        about.remarks = remarks(&settings, encryption);
        if read_only && let Some(role) = &about.role {
            about.remarks.extend(rights::remark(&mut connection, role).await);
        }
        let backend = about.process.and_then(|process| i32::try_from(process).ok()).unwrap_or_default();
        Ok(Self {
            connection: Held::new(connection),
            options,
            target: about.target(),
            about,
            moved: false,
            backend,
            known_as,
            read_only,
            hold: target.hold,
            reading: None,
            parameters: Parameters::default(),
            knows_of_log: false,
            watcher: None,
        })
    }
}

/// The passwords that a connection of this URL may be opened with.
pub(in crate::sql) fn passwords(url: &str) -> Vec<Zeroizing<String>> {
    let settings = Settings::find(url).ok();
    settings.and_then(|settings| settings.password).map(|password| password.text).into_iter().collect()
}

/// Opens a connection, and says how it is kept from others. The driver does
/// not tell whether it has found TLS: so it is never left a choice.
async fn open(settings: &Settings) -> Result<(PgConnection, PgConnectOptions, Encryption), Refused> {
    if let Place::Host(host) = &settings.place
        && tokio::net::lookup_host((host.as_str(), settings.port)).await.is_err()
    {
        return Err(refusal::unknown_host(host).into());
    }
    let options = settings.driver_options().application_name("runbook");
    let options = options.extra_float_digits(None).disable_statement_logging();
    let (first, second) = ways(settings);
    let mut last = None;
    for way in [Some(first), second].into_iter().flatten() {
        let options = options.clone().ssl_mode(driver_mode(way));
        match options.connect().await {
            Ok(connection) => return Ok((connection, options, way)),
            Err(error) => {
                if !may_go_otherwise(&error) {
                    return Err(refusal(settings, &error));
                }
                // What TLS lacks says less than what the server itself says.
                if last.as_ref().is_none_or(|last| error::code(last).is_none()) {
                    last = Some(error);
                }
            }
        }
    }
    Err(last.map_or_else(|| refusal::too_slow(settings).into(), |error| refusal(settings, &error)))
}

/// Whether a server that refuses so may still take the connection with TLS, or
/// without it.
fn may_go_otherwise(error: &sqlx::Error) -> bool {
    match (error::code(error), error) {
        (Some(code), _) => code == NOT_AUTHORIZED,
        (None, sqlx::Error::Io(problem)) => problem.kind() == ErrorKind::InvalidData,
        (None, error) => matches!(error, sqlx::Error::Tls(_)),
    }
}

/// How to connect, and how else where the server refuses that.
fn ways(settings: &Settings) -> (Encryption, Option<Encryption>) {
    match (&settings.place, settings.tls) {
        (Place::Socket(_), _) => (Encryption::Local, None),
        (_, TlsMode::Disable) => (Encryption::None, None),
        (_, TlsMode::Allow) => (Encryption::None, Some(Encryption::Unverified)),
        (_, TlsMode::Prefer) => (Encryption::Unverified, Some(Encryption::None)),
        (_, TlsMode::Require) => (Encryption::Unverified, None),
        (_, TlsMode::VerifyCa) => (Encryption::Authority, None),
        (_, TlsMode::VerifyFull) => (Encryption::Verified, None),
    }
}

impl PostgresSession {
    /// Finds out where the session is, which its own statements may have changed.
    pub(super) async fn look_around(&mut self) {
        const WHERE: &str = "SELECT pg_catalog.current_database(), current_user";
        let found = self.ask(async |connection| texts(connection, WHERE).await).await.unwrap_or_default();
        let Some([database, role]) = found.first().map(Vec::as_slice) else { return };
        let has_own_name = self.target == self.about.target();
        (self.about.database, self.about.role) = (Some(database.clone()), Some(role.clone()));
        if has_own_name {
            self.target = self.about.target();
        }
    }
}

/// The driver's word for it.
fn driver_mode(encryption: Encryption) -> PgSslMode {
    match encryption {
        Encryption::None | Encryption::Local => PgSslMode::Disable,
        Encryption::Unverified => PgSslMode::Require,
        Encryption::Authority => PgSslMode::VerifyCa,
        Encryption::Verified => PgSslMode::VerifyFull,
    }
}

/// What a responder should know of how the connection was opened.
fn remarks(settings: &Settings, encryption: Encryption) -> Vec<String> {
    let mut remarks = settings.remarks.clone();
    if encryption == Encryption::None && !settings.is_here() {
        remarks.push(format!(
            "the connection to {} is not encrypted: whoever is on the way can read it",
            settings.server()
        ));
    }
    remarks
}

/// Gives the session the settings that it has from here, as they were when it
/// was opened.
pub(super) async fn settle(connection: &mut PgConnection, hold: Duration) -> Result<(), sqlx::Error> {
    restore_server_settings(connection).await?;
    // Statements are split, and values put into quotes, by this rule.
    connection.execute("SET standard_conforming_strings = on").await?;
    limits::set(connection, hold).await
}

/// Makes the session what psql's would be, but for limits on its time; says
/// what it leads to, and as what the server knows it.
async fn prepare(
    connection: &mut PgConnection,
    read_only: bool,
    hold: Duration,
) -> Result<(DatabaseSession, Option<ServerSession>), sqlx::Error> {
    settle(connection, hold).await?;
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
    let about = DatabaseSession {
        server: "postgres".to_owned(),
        version: Some(version.clone()),
        database: Some(database.clone()),
        role: Some(role.clone()),
        read_only: writes_not == "on",
        process: backend.parse().ok(),
        ..DatabaseSession::default()
    };
    Ok((about, verdict::known_as(connection).await))
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
pub(super) async fn texts(connection: &mut PgConnection, query: &'static str) -> Result<Vec<Vec<String>>, sqlx::Error> {
    let rows = connection.fetch_all(sqlx::raw_sql(query)).await?;
    Ok(rows.iter().map(|row| row.cells().into_iter().map(|cell| cell.text.unwrap_or_default()).collect()).collect())
}
