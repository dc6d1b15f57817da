//! The session's own questions, beside the statements of the page.
//!
//! None of them changes what `LAST_INSERT_ID()` says. `ROW_COUNT()` and
//! `FOUND_ROWS()` tell of the last statement whoever sent it.

use super::connect::execute;
use super::value::{self, texts};
use super::{Flavour, code, error};
use crate::effect::DatabaseError;
use crate::sql::parameter::Parameters;
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};

/// Whether a transaction is open.
pub(super) async fn in_transaction(connection: &mut MySqlConnection, flavour: Flavour) -> Result<bool, sqlx::Error> {
    match flavour {
        Flavour::Mariadb => {
            let row = connection.fetch_one(sqlx::raw_sql("SELECT @@in_transaction")).await?;
            Ok(texts(&row).concat() == "1")
        }
        // MySQL has no word for it, but refuses this inside of one. Outside,
        // the next one gets the level that it would have had.
        Flavour::Mysql => {
            let level = "SELECT REPLACE(@@SESSION.transaction_isolation, '-', ' ')";
            let row = connection.fetch_one(sqlx::raw_sql(level)).await?;
            let set = format!("SET TRANSACTION ISOLATION LEVEL {}", texts(&row).concat());
            match execute(connection, set).await {
                Ok(()) => Ok(false),
                Err(error) if error::number(&error) == Some(code::IN_A_TRANSACTION) => Ok(true),
                Err(error) => Err(error),
            }
        }
    }
}

/// The names of the columns of a statement that returned no rows, if it
/// returns any. The statement is described, not run.
pub(super) async fn columns(connection: &mut MySqlConnection, text: &str) -> Result<Vec<String>, sqlx::Error> {
    match connection.prepare(AssertSqlSafe(text).into_sql_str()).await {
        Ok(statement) => Ok(value::names(sqlx::Statement::columns(&statement))),
        Err(error) if error::ends_session(&error) => Err(error),
        Err(_) => Ok(Vec::new()),
    }
}

/// Whether the next transaction may only read.
pub(super) async fn is_read_only(connection: &mut MySqlConnection, flavour: Flavour) -> Result<bool, sqlx::Error> {
    let ask = match flavour {
        Flavour::Mariadb => "SELECT @@SESSION.tx_read_only",
        Flavour::Mysql => "SELECT @@SESSION.transaction_read_only",
    };
    Ok(texts(&connection.fetch_one(sqlx::raw_sql(ask)).await?).concat() == "1")
}

/// How often the session has rolled something back. The server counts what it
/// does itself to break a deadlock, too.
pub(super) async fn rollbacks(connection: &mut MySqlConnection) -> Result<u64, sqlx::Error> {
    let row = connection.fetch_one(sqlx::raw_sql("SHOW SESSION STATUS LIKE 'Handler_rollback'")).await?;
    Ok(texts(&row).last().and_then(|count| count.parse().ok()).unwrap_or_default())
}

/// What the server has to say of the statement before, a line each, as its
/// client shows it: `Warning (Code 1365): Division by 0`.
pub(super) async fn warnings(connection: &mut MySqlConnection) -> Result<Vec<String>, sqlx::Error> {
    let rows = connection.fetch_all(sqlx::raw_sql("SHOW WARNINGS")).await?;
    let line = |row| match texts(row).as_slice() {
        [level, number, message] => format!("{level} (Code {number}): {message}"),
        other => other.join(" "),
    };
    Ok(rows.iter().map(line).collect())
}

/// Has the server forget what it had to say of an earlier statement. One that
/// uses no table would leave it standing, as if it were about that one.
pub(super) async fn forget_warnings(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    connection.execute("DO (SELECT 1 FROM (SELECT 1) AS x)").await.map(drop)
}

/// Whether the server would read this text otherwise than it was read here, by
/// the rules that hold where nobody has changed them: then what runs is not
/// what was shown.
///
/// # Errors
/// With what has been changed, and the mend.
pub(super) async fn check_reading(connection: &mut MySqlConnection, statement: &str) -> Result<(), DatabaseError> {
    let escapes = ["\\'", "\\\"", "\\\\"].iter().any(|escape| statement.contains(escape));
    if statement.is_ascii() && !escapes {
        return Ok(());
    }
    const RULES: &str = "SELECT @@SESSION.sql_mode, @@SESSION.character_set_client";
    let rules = connection.fetch_one(sqlx::raw_sql(RULES)).await;
    let rules = rules.map_err(|error| error::of_statement(&error, "", None, false))?;
    let rules = texts(&rules);
    let [mode, characters] = rules.as_slice() else { return Ok(()) };
    let has = |name: &str| mode.split(',').any(|mode| mode == name);
    let refuse = |message: String| Err(DatabaseError::Statement { message, offset: None });
    if !statement.is_ascii() && !characters.starts_with("utf8") {
        return refuse(format!(
            "the session takes what it is sent for {characters}, and this is UTF-8: SET NAMES utf8mb4 before it"
        ));
    }
    let by_another_rule = has("NO_BACKSLASH_ESCAPES") || (has("ANSI_QUOTES") && statement.contains('"'));
    if escapes && by_another_rule {
        return refuse(
            "in this session's sql_mode a backslash does not escape as it was read here \
             (NO_BACKSLASH_ESCAPES, ANSI_QUOTES): write the text without backslashes before quotes and backslashes"
                .to_owned(),
        );
    }
    Ok(())
}

/// Gives the session the secrets that the statement refers to, each as the
/// parameter of a statement of its own. Says so where the server's log holds
/// what parameters are given.
pub(super) async fn give_secrets(
    connection: &mut MySqlConnection,
    parameters: &Parameters,
    statement: &str,
) -> Result<Option<String>, sqlx::Error> {
    let mut is_logged = false;
    for (at, parameter) in parameters.variables_in(statement).enumerate() {
        if at == 0 {
            let row = connection.fetch_one(sqlx::raw_sql("SELECT @@GLOBAL.general_log")).await?;
            is_logged = texts(&row).concat() != "0";
        }
        let set = format!("SET {} := ?", parameter.session_variable());
        let query = sqlx::query(AssertSqlSafe(set)).persistent(false);
        connection.execute(query.bind(parameter.text.to_string())).await?;
    }
    Ok(is_logged.then(|| "Note: the server's general log is on, and holds the secret that this refers to".to_owned()))
}

/// Takes them away again.
pub(super) async fn take_secrets(connection: &mut MySqlConnection, parameters: &Parameters, statement: &str) {
    for parameter in parameters.variables_in(statement) {
        let _ = execute(connection, format!("SET {} = NULL", parameter.session_variable())).await;
    }
}
