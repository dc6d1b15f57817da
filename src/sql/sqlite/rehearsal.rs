//! Throwaway databases for a rehearsal.
//!
//! A seed is a script of SQL, such as `sqlite3 FILE < SEED` would take. A line
//! `CREATE SCHEMA ops;` in it, which SQLite does not know, makes a file for
//! that schema, so that the page and the seed can say `ops.job_queue` as on
//! Postgres.

use super::connect::{FOREIGN_KEYS, Location, schema_file};
use super::{message, of_statement};
use crate::effect::DatabaseError;
use crate::language::sql::{SqlDialect, split};
use crate::sql::report::DriverRow as _;
use futures_util::TryStreamExt as _;
use regex::Regex;
use sqlx::{AssertSqlSafe, Connection as _, Either, Executor as _};
use std::path::Path;

/// Makes a SQLite database at `path` and runs the script `sql` in it. Gives
/// the URL to open it by.
///
/// # Errors
/// If the file is already there, or the script fails: then with the place in
/// it, where SQLite tells.
pub async fn seed(path: &Path, sql: &str) -> Result<String, DatabaseError> {
    let path = std::path::absolute(path).map_err(|error| cannot_make(path, &error.to_string()))?;
    let (script, schemas) = take_schemas(sql);
    for file in schemas.iter().map(|schema| schema_file(&path, schema)).chain([path.clone()]) {
        // New, or somebody's data would be taken for the rehearsal's.
        std::fs::File::create_new(&file).map_err(|error| cannot_make(&file, &error.to_string()))?;
    }
    let url = url(&path, &schemas);
    // One by one: what fails has a place in the script then.
    let location = Location::parse(&url).map_err(|problem| connect_error(&url, problem))?;
    let mut connection = location.connect().await.map_err(|error| connect_error(&url, message(&error)))?;
    for statement in split(&script, SqlDialect::Sqlite) {
        let start = statement.span.start;
        if let Some(refusal) = statement.refusal {
            let message = format!("it {}: {}", refusal.why, refusal.mend);
            return Err(DatabaseError::Statement { message, offset: Some(refusal.span.start) });
        }
        let text = &script[start..statement.span.end];
        let ended = connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await;
        ended.map_err(|error| match of_statement(&error, text, None) {
            DatabaseError::Statement { message, offset } => {
                DatabaseError::Statement { message, offset: Some(start + offset.unwrap_or_default()) }
            }
            other => other,
        })?;
    }
    connection.close().await.map_err(|error| connect_error(&url, message(&error)))?;
    Ok(url)
}

/// Runs the script `sql` on the database at `url`, as [`seed`] gave it, and
/// gives its rows as the sqlite3 shell prints them: one a line, the columns
/// separated by `|`.
///
/// # Errors
/// If the database cannot be opened or the script fails.
pub(in crate::sql) async fn execute(url: &str, sql: &str) -> Result<String, DatabaseError> {
    run(url, sql).await
}

async fn run(url: &str, sql: &str) -> Result<String, DatabaseError> {
    let location = Location::parse(url).map_err(|problem| connect_error(url, problem))?;
    let mut connection = location.connect().await.map_err(|error| connect_error(url, message(&error)))?;
    let mut out = String::new();
    let mut stream = connection.fetch_many(sqlx::raw_sql(AssertSqlSafe(sql)));
    while let Some(item) = stream.try_next().await.map_err(|error| of_statement(&error, sql, None))? {
        if let Either::Right(row) = item {
            let cells: Vec<String> = row.cells().into_iter().map(|cell| cell.text.unwrap_or_default()).collect();
            out.push_str(&cells.join("|"));
            out.push('\n');
        }
    }
    drop(stream);
    connection.close().await.map_err(|error| of_statement(&error, sql, None))?;
    Ok(out)
}

fn url(path: &Path, schemas: &[String]) -> String {
    let mut url = "sqlite:".to_owned();
    // What would end the path in a URL.
    for c in path.to_string_lossy().chars() {
        match c {
            '%' => url.push_str("%25"),
            '?' => url.push_str("%3F"),
            '#' => url.push_str("%23"),
            c => url.push(c),
        }
    }
    // It may stand in for a server that always enforces them.
    url.push('?');
    url.push_str(FOREIGN_KEYS[0]);
    for schema in schemas {
        url.push_str(&format!("&schema={schema}"));
    }
    url
}

/// The script with its `CREATE SCHEMA` lines blanked out, so that places in it
/// stay, and the schemas they name.
fn take_schemas(sql: &str) -> (String, Vec<String>) {
    let line =
        Regex::new(r"(?im)^[ \t]*CREATE[ \t]+SCHEMA[ \t]+(?:IF[ \t]+NOT[ \t]+EXISTS[ \t]+)?([A-Z_][A-Z0-9_]*)[ \t]*;")
            .expect("the pattern is constant");
    let mut schemas: Vec<String> = Vec::new();
    let script = line.replace_all(sql, |found: &regex::Captures<'_>| {
        let name = found[1].to_lowercase();
        if !schemas.contains(&name) {
            schemas.push(name);
        }
        " ".repeat(found[0].len())
    });
    (script.into_owned(), schemas)
}

fn cannot_make(path: &Path, problem: &str) -> DatabaseError {
    connect_error(&path.display().to_string(), format!("the database cannot be made: {problem}"))
}

fn connect_error(place: &str, message: String) -> DatabaseError {
    DatabaseError::Connect { connection: place.to_owned(), message }
}
