//! What a role may do all the same where its session only reads.

use super::connect::texts;
use sqlx::Executor as _;
use sqlx::postgres::PgConnection;

/// Whether a role that the session's own can become may run programs or write
/// files on the server; and whether one may write all data, or holds a right to
/// change a table. A superuser may do either.
///
/// A role that can only read has each of its rights looked at, so that this
/// takes longest where it finds nothing.
const RIGHTS: &str = "\
    WITH own AS MATERIALIZED ( \
        SELECT oid, rolname, rolsuper FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER') \
    ) \
    SELECT \
        EXISTS (SELECT FROM own WHERE rolsuper OR rolname IN ('pg_execute_server_program', 'pg_write_server_files')), \
        CASE WHEN EXISTS (SELECT FROM own WHERE rolsuper OR rolname = 'pg_write_all_data') THEN true ELSE EXISTS ( \
            SELECT FROM pg_catalog.pg_class AS c \
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
            CROSS JOIN own \
            WHERE c.relkind IN ('r', 'p', 'f', 'v') \
            AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' \
            AND pg_catalog.has_schema_privilege(own.oid, n.oid, 'USAGE') \
            AND (pg_catalog.has_table_privilege(own.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') \
                 OR pg_catalog.has_any_column_privilege(own.oid, c.oid, 'INSERT, UPDATE')) \
        ) END";

/// What a responder should know of the rights of the role, where its session
/// is asked to read only.
pub(super) async fn remark(connection: &mut PgConnection, role: &str) -> Option<String> {
    const BEYOND: &str = "run programs or write files on the server, which read-only does not stop";
    let asked = "read-only is asked of the session, not of the role";
    match look(connection).await {
        Ok((true, true)) => Some(format!("{asked}: role {role} may write, and {BEYOND}")),
        Ok((true, false)) => Some(format!("{asked}: role {role} may {BEYOND}")),
        Ok((false, true)) => Some(format!("{asked}: role {role} may write")),
        Ok((false, false)) => None,
        Err(error) => {
            tracing::debug!(error = %super::error::message(&error), "the rights of the role are not known");
            Some(format!("{asked}: whether role {role} may write could not be found out"))
        }
    }
}

/// What is beyond a session's read-only, and what is not.
async fn look(connection: &mut PgConnection) -> Result<(bool, bool), sqlx::Error> {
    connection.execute("BEGIN READ ONLY").await?;
    let found = async {
        connection.execute("SET LOCAL statement_timeout = '5s'").await?;
        texts(connection, RIGHTS).await
    }
    .await;
    connection.execute("ROLLBACK").await?;
    let row = found?.pop().unwrap_or_default();
    let is = |column: usize| row.get(column).is_some_and(|text| text == "t");
    Ok((is(0), is(1)))
}
