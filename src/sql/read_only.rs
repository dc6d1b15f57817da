//! What is refused on a connection that may only read, before it is sent.
//!
//! A server's own read-only transaction keeps rows and tables as they are. It
//! lets through what changes something else: `COPY … TO PROGRAM`, the end of
//! another session, a large object, a notification, a lock. And it can be
//! lifted by whoever words it well. So what is known to be no read is not sent
//! at all, and the server's own refusal is the second line behind this.

use super::statement::Statement;
use crate::language::sql::{SqlDialect, StatementKind, beyond_reading, split};
use crate::runbook::Effect;

/// Why `text` is not sent on such a connection; `None` where it is.
pub(super) fn refusal(text: &str, dialect: SqlDialect) -> Option<String> {
    let statement = if dialect == SqlDialect::Mysql { Statement::mysql(text) } else { Statement::new(text) };
    if statement.lifts_read_only() {
        return Some("the connection is read-only, and this would lift that".to_owned());
    }
    let statements = split(text, dialect);
    let what = statements.iter().find_map(|statement| {
        let reason = || statement.reasons.first().map_or("changes something", String::as_str).to_owned();
        let changes = is_change(statement.kind, statement.effect);
        changes.then(reason).or_else(|| beyond_reading(text, statement, dialect))
    })?;
    Some(format!("the connection is read-only, and this is no read: {what}; `access: write` would allow it"))
}

/// What is not understood is left to the server, which holds it to reading.
fn is_change(kind: StatementKind, effect: Effect) -> bool {
    match kind {
        StatementKind::Begin
        | StatementKind::Commit
        | StatementKind::Rollback
        | StatementKind::Savepoint
        | StatementKind::Session
        | StatementKind::ClientCommand
        | StatementKind::LeftOut => false,
        StatementKind::Write | StatementKind::Schema | StatementKind::OutsideTransaction | StatementKind::CopyStdin => {
            true
        }
        StatementKind::Query | StatementKind::Unknown => matches!(effect, Effect::Write | Effect::Destructive),
    }
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use crate::language::sql::SqlDialect::{Mysql, Postgres, Sqlite};

    #[test]
    fn what_a_read_only_transaction_lets_through_is_refused() {
        for text in [
            "COPY (SELECT 1) TO PROGRAM 'sh'",
            "COPY t TO '/tmp/x'",
            "copy t from program 'sh'",
            "SELECT pg_terminate_backend(7)",
            "SELECT pg_catalog.pg_cancel_backend(7)",
            "SELECT \"pg_terminate_backend\"(7)",
            "SELECT lo_create(0)",
            "SELECT lo_unlink(7)",
            "SELECT lo_export(7, '/tmp/x')",
            "SELECT pg_notify('a', 'b')",
            "NOTIFY a",
            "SELECT pg_advisory_lock(1)",
            "SELECT pg_try_advisory_xact_lock(1)",
            "SELECT * FROM dblink('dbname=x', 'DELETE FROM t') AS t(a int)",
            "SELECT dblink_exec('dbname=x', 'DELETE FROM t')",
            "SELECT nextval('s')",
            "SELECT setval('s', 1)",
            "SELECT set_config('default_transaction_read_only', 'off', false)",
            "SELECT pg_file_write('x', 'y', true)",
            "SELECT pg_reload_conf()",
            "SELECT pg_switch_wal()",
            "SELECT pg_promote()",
            "SELECT pg_logical_emit_message(true, 'a', 'b')",
            "SELECT pg_logical_slot_get_changes('s', NULL, NULL)",
            "SELECT pg_replication_origin_create('o')",
            "SELECT pg_drop_replication_slot('s')",
            "SELECT pg_stat_reset()",
            "ALTER SYSTEM SET work_mem = '1GB'",
            "VACUUM t",
            "REINDEX TABLE t",
            "CLUSTER t",
            "CHECKPOINT",
            "LOCK TABLE t",
            "LOAD 'x'",
            "COMMIT PREPARED 'x'",
            "ROLLBACK PREPARED 'x'",
            "PREPARE TRANSACTION 'x'",
            "EXPLAIN ANALYZE DELETE FROM t",
            "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
            "SELECT 1; COMMIT; DELETE FROM t",
            "DO $$ BEGIN PERFORM pg_reload_conf(); END $$",
            "CALL p()",
            "PREPARE p AS SELECT pg_terminate_backend(7)",
        ] {
            assert!(refusal(text, Postgres).is_some(), "{text}");
        }
        for text in ["VACUUM INTO '/tmp/x'", "ATTACH 'x' AS y", "SELECT load_extension('x')", "PRAGMA wal_checkpoint"] {
            assert!(refusal(text, Sqlite).is_some(), "{text}");
        }
        for text in ["SET GLOBAL read_only = 0", "ANALYZE DELETE FROM t", "SET STATEMENT a = 1 FOR DELETE FROM t"] {
            assert!(refusal(text, Mysql).is_some(), "{text}");
        }
    }

    #[test]
    fn what_would_lift_it_is_refused_however_it_is_quoted() {
        for text in [
            "SET \"default_transaction_read_only\" = off",
            "SET \"TRANSACTION_READ_ONLY\" TO 'off'",
            "SET U&\"transaction_read\\005fonly\" = off",
            "SET LOCAL /* a */ transaction_read_only = off",
            "RESET \"transaction_read_only\"",
            "BEGIN ISOLATION LEVEL SERIALIZABLE, READ /**/ WRITE",
            "SET standard_conforming_strings = off",
            "SET \"standard_conforming_strings\" = off",
            "PRAGMA \"query_only\" = 0",
            "PRAGMA main.[query_only] = 0",
            "PRAGMA 'query_only' = 0",
        ] {
            assert!(refusal(text, Postgres).is_some(), "{text}");
        }
    }

    #[test]
    fn what_reads_is_sent_and_so_is_what_is_not_understood() {
        for text in [
            "SELECT * FROM t",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "EXPLAIN ANALYZE SELECT 1",
            "SELECT pg_read_file('pg_hba.conf')",
            "SHOW work_mem",
            "SET work_mem = '1GB'",
            "SET search_path = ops",
            "BEGIN",
            "BEGIN READ ONLY",
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT a",
            "COPY t TO STDOUT",
            "SELECT ours(1)",
        ] {
            assert_eq!(refusal(text, Postgres), None, "{text}");
        }
    }
}
