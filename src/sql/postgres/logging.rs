//! What the server writes into its own log.

use super::super::report::DriverRow as _;
use sqlx::Executor as _;
use sqlx::postgres::PgConnection;

/// Said where the log holds what is given to statements as parameters.
pub(super) const HOLDS_SECRETS: &str =
    "Note: the server logs statements with their parameters, and its log holds the secrets that are used here";

/// Whether the log holds the parameters of a short statement; `None` where the
/// server cannot be asked now.
pub(super) async fn holds_parameters(connection: &mut PgConnection) -> Option<bool> {
    // A secret is given within some milliseconds.
    const ASK: &str = "SELECT pg_catalog.bool_or(CASE name WHEN 'log_statement' THEN setting = 'all' \
         WHEN 'log_min_duration_statement' THEN setting::pg_catalog.int4 BETWEEN 0 AND 100 \
         WHEN 'log_min_duration_sample' THEN setting::pg_catalog.int4 BETWEEN 0 AND 100 \
         WHEN 'log_transaction_sample_rate' THEN setting::pg_catalog.float8 > 0 END) \
         AND NOT pg_catalog.bool_or(name = 'log_parameter_max_length' AND setting = '0') FROM pg_catalog.pg_settings";
    let row = connection.fetch_one(sqlx::raw_sql(ASK)).await.ok()?;
    Some(row.cells().into_iter().next()?.text? == "t")
}
