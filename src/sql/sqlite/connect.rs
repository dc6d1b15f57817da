//! Opening a SQLite file.
//!
//! A URL is `sqlite:PATH` or `sqlite://PATH`, with SQLite's own parameters
//! (`?mode=ro`). Two are ours: `?schema=ops` makes names like `ops.job_queue`
//! work, as on Postgres. The tables of the schema `ops` are in a file of their
//! own, `PATH-ops`, which is attached under that name. Several may be given.
//! And `?foreign_keys=on` has foreign keys enforced, which SQLite's own shell
//! does only where it is told to.

use super::super::parameter::Parameters;
use super::SqliteSession;
use super::message;
use crate::run::DatabaseSession;
use crate::sql::held::Held;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

/// How long a statement waits for another process's lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How to say whether foreign keys are enforced.
pub(super) const FOREIGN_KEYS: [&str; 2] = ["foreign_keys=on", "foreign_keys=off"];

/// Where a session leads.
pub(super) struct Location {
    pub(super) options: SqliteConnectOptions,
    pub(super) schemas: Vec<String>,
}

impl Location {
    /// # Errors
    /// What is wrong with the URL, in one line.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let is_schema = |parameter: &&str| parameter.starts_with("schema=");
        let (schemas, others): (Vec<&str>, Vec<&str>) =
            query.split('&').filter(|parameter| !parameter.is_empty()).partition(is_schema);
        let schemas: Vec<String> = schemas.iter().map(|parameter| parameter["schema=".len()..].to_owned()).collect();
        if let Some(name) = schemas.iter().find(|name| !is_schema_name(name)) {
            return Err(format!("schema={name}: a schema's name has letters, digits and underscores only"));
        }
        let (foreign_keys, others): (Vec<&str>, Vec<&str>) =
            others.into_iter().partition(|parameter| parameter.starts_with("foreign_keys="));
        if let Some(odd) = foreign_keys.iter().find(|parameter| !FOREIGN_KEYS.contains(parameter)) {
            return Err(format!("{odd}: write {} or {}", FOREIGN_KEYS[0], FOREIGN_KEYS[1]));
        }
        let rest = if others.is_empty() { path.to_owned() } else { format!("{path}?{}", others.join("&")) };
        let options = SqliteConnectOptions::from_str(&rest).map_err(|error| match error {
            sqlx::Error::Configuration(problem) => problem.to_string(),
            error => error.to_string(),
        })?;
        let options = options.foreign_keys(foreign_keys.last() == Some(&FOREIGN_KEYS[0]));
        let options = options.busy_timeout(PATIENCE).disable_statement_logging();
        Ok(Self { options, schemas })
    }

    pub(super) fn path(&self) -> &Path {
        self.options.get_filename()
    }

    /// Opens the file and attaches those of the schemas.
    pub(super) async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        for schema in &self.schemas {
            let file = schema_file(self.path(), schema);
            let file = file.to_string_lossy().replace('\'', "''");
            let attach = format!("ATTACH DATABASE '{file}' AS \"{schema}\"");
            connection.execute(sqlx::raw_sql(AssertSqlSafe(attach))).await?;
        }
        Ok(connection)
    }
}

/// The file of a schema.
pub(super) fn schema_file(main: &Path, schema: &str) -> PathBuf {
    let mut file = main.as_os_str().to_owned();
    file.push("-");
    file.push(schema);
    PathBuf::from(file)
}

fn is_schema_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl SqliteSession {
    /// Opens a session.
    ///
    /// # Errors
    /// What went wrong and the mend, in one line.
    pub(in crate::sql) async fn connect(url: &str, read_only: bool) -> Result<Self, String> {
        let mut location = Location::parse(url)
            .map_err(|problem| format!("the URL cannot be read ({problem}): write sqlite:PATH or sqlite:///PATH"))?;
        if read_only {
            location.options = location.options.read_only(true).create_if_missing(false).pragma("query_only", "ON");
        }
        let path = location.path().display().to_string();
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let mut connection = location.connect().await.map_err(|error| refusal(&location, &error))?;
        // SQLite looks into the file no sooner than it must.
        connection.execute("PRAGMA schema_version").await.map_err(|error| refusal(&location, &error))?;
        let version = "SELECT sqlite_version()";
        let version: Option<String> =
            sqlx::query_scalar(version).persistent(false).fetch_one(&mut connection).await.ok();
        let about = DatabaseSession {
            server: "sqlite".to_owned(),
            version,
            database: Some(if in_memory { "in memory".to_owned() } else { path }),
            read_only: read_only || url.contains("mode=ro"),
            ..DatabaseSession::default()
        };
        Ok(Self {
            connection: Held::new(connection),
            target: about.target(),
            read_only: about.read_only,
            about,
            reading: false,
            parameters: Parameters::default(),
        })
    }
}

fn refusal(location: &Location, error: &sqlx::Error) -> String {
    let path = location.path();
    let said = message(error);
    let schemas = location.schemas.iter().map(|schema| schema_file(path, schema));
    let missing = std::iter::once(path.to_owned()).chain(schemas).find(|file| !file.exists());
    match missing {
        Some(file) => format!("there is no file {}: mend the connection's URL", file.display()),
        None => format!("{} cannot be opened ({said}): is it a SQLite database, and may you read it?", path.display()),
    }
}
