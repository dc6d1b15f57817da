//! Statements labelled by hand whose first word does not tell what they do:
//! changes behind WITH, EXPLAIN, COPY, SET and LOCK, behind functions, and
//! words that only look like changes.

use super::labelled::{DESTRUCTIVE, READS, UNKNOWN, WRITES};
use super::*;

/// Only looks, though a word in it may say otherwise.
const LOOKS: &[&str] = &[
    "SELECT 'UPDATE jobs SET a = 1; DELETE FROM jobs' AS advice",
    "SELECT $$ DROP TABLE jobs $$",
    "SELECT \"update\", \"delete\" FROM \"insert\"",
    "SELECT a AS \"for\", b AS \"into\" FROM c",
    "SELECT lower('TRUNCATE'), replace(a, 'DROP', '') FROM b",
    "WITH a AS (SELECT 1), b AS (SELECT 2) SELECT * FROM a, b",
    "WITH a AS (VALUES (1)) TABLE a",
    "SELECT * FROM a WHERE b IN (WITH c AS (SELECT 1) SELECT * FROM c)",
    "SELECT count(*) FILTER (WHERE state = 'deleted') FROM jobs",
    "SELECT deleted_at, updated_at FROM jobs WHERE deleted_at IS NULL",
    "EXPLAIN UPDATE jobs SET a = 1 WHERE id = 2",
    "EXPLAIN INSERT INTO jobs VALUES (1)",
    "EXPLAIN (COSTS off, FORMAT json) DELETE FROM jobs",
    "EXPLAIN (ANALYZE, TIMING off) SELECT 1",
    "EXPLAIN ANALYZE WITH a AS (SELECT 1) SELECT * FROM a",
    "EXPLAIN VERBOSE SELECT * FROM jobs",
    "SHOW ALL",
    "SHOW lock_timeout",
    "COPY jobs TO STDOUT (FORMAT csv, HEADER)",
    "COPY (SELECT id FROM jobs WHERE state = 'x') TO STDOUT",
    "SELECT pg_blocking_pids(pg_backend_pid())",
    "SELECT * FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted",
    "SELECT now() - query_start AS age, query FROM pg_stat_activity ORDER BY 1 DESC",
    "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()",
    "SELECT currval('s'), lastval()",
];

/// Changes something.
const CHANGES: &[&str] = &[
    "SELECT pg_logical_emit_message(true, 'a', 'b')",
    "WITH a AS (UPDATE jobs SET b = 1 WHERE id = 2 RETURNING *) SELECT * FROM a",
    "WITH a AS (INSERT INTO log SELECT 1 RETURNING *) TABLE a",
    "WITH a AS MATERIALIZED (DELETE FROM jobs WHERE id = 1 RETURNING *) SELECT 1",
    "WITH a AS (SELECT 1), b AS (DELETE FROM jobs WHERE id = 1) SELECT * FROM a",
    "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 3) INSERT INTO b SELECT n FROM a",
    "WITH a AS (SELECT 1 AS id) UPDATE jobs SET b = 1 FROM a WHERE jobs.id = a.id",
    "WITH a AS (SELECT 1) MERGE INTO b USING a ON true WHEN MATCHED THEN DO NOTHING",
    "/* only a look */ WITH a AS (DELETE FROM jobs WHERE id = 1 RETURNING 1) SELECT 1",
    "(WITH a AS (DELETE FROM jobs WHERE id = 1 RETURNING 1) SELECT * FROM a)",
    "SELECT (SELECT count(*) FROM (SELECT nextval('s')) x)",
    "SELECT coalesce(1, setval('s', 5))",
    "SELECT * FROM generate_series(1, nextval('s'))",
    "SELECT 1 WHERE pg_try_advisory_lock(1)",
    "SELECT pg_advisory_unlock_all()",
    "SELECT pg_catalog.pg_advisory_xact_lock(1)",
    "SELECT 1 ORDER BY pg_notify('a', 'b')",
    "SELECT 1, 'a', nextval('s')",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT pg_switch_wal()",
    "SELECT pg_rotate_logfile()",
    "SELECT pg_create_restore_point('before')",
    "SELECT pg_create_physical_replication_slot('a')",
    "SELECT pg_wal_replay_pause()",
    "SELECT pg_backup_start('a')",
    "SELECT dblink_connect('c', 'dbname=x')",
    "SELECT set_config('search_path', 'ops', true)",
    "SELECT txid_current()",
    "SELECT * FROM jobs WHERE id = 1 FOR UPDATE NOWAIT",
    "SELECT * FROM jobs FOR KEY SHARE",
    "SELECT * FROM (SELECT * FROM jobs FOR SHARE) x",
    "SELECT id INTO TEMP picked FROM jobs",
    "VALUES (1), (setval('s', 2))",
    "EXPLAIN ANALYZE INSERT INTO jobs VALUES (1)",
    "EXPLAIN (ANALYZE) WITH a AS (DELETE FROM jobs WHERE id = 1 RETURNING 1) SELECT 1",
    "EXPLAIN (BUFFERS, ANALYZE) UPDATE jobs SET a = 1 WHERE id = 1",
    "EXPLAIN ANALYZE CREATE TABLE a AS SELECT 1",
    "EXPLAIN ANALYZE SELECT nextval('s')",
    "EXPLAIN ANALYZE SELECT * FROM jobs FOR UPDATE",
    "COPY jobs (id, state) FROM STDIN",
    "COPY (SELECT nextval('s')) TO STDOUT",
    "COPY (DELETE FROM jobs WHERE id = 1 RETURNING *) TO STDOUT",
    "COPY jobs TO '/tmp/out.csv' WITH (FORMAT csv)",
    "SET ROLE admin",
    "SET SESSION AUTHORIZATION admin",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    "SET CONSTRAINTS ALL DEFERRED",
    "SET LOCAL statement_timeout = 0",
    "LOCK TABLE ONLY jobs IN SHARE MODE NOWAIT",
    "LOCK jobs",
    "INSERT INTO jobs SELECT * FROM old ON CONFLICT DO NOTHING RETURNING id",
    "INSERT INTO jobs DEFAULT VALUES",
    "UPDATE jobs SET a = (SELECT max(b) FROM c) WHERE id IN (1, 2)",
    "DELETE FROM jobs AS j USING runs r WHERE r.id = j.run AND r.done",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
    "ALTER TABLE jobs DISABLE TRIGGER ALL",
    "ALTER TABLE jobs ALTER COLUMN a SET DEFAULT 1",
    "ALTER DATABASE prod SET statement_timeout = 0",
    "CREATE TRIGGER t AFTER UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION f()",
    "CREATE EXTENSION IF NOT EXISTS dblink",
    "CREATE TEMP TABLE picked AS SELECT id FROM jobs",
    "CREATE VIEW v AS SELECT 1",
    "UNLISTEN *",
    "ROLLBACK AND CHAIN",
    "COMMIT AND CHAIN",
    "END TRANSACTION",
    "ROLLBACK PREPARED 'a'",
];

/// Loses something.
const LOSES: &[&str] = &[
    "WITH a AS (DELETE FROM jobs) SELECT 1",
    "WITH a AS (UPDATE jobs SET b = 1 RETURNING *) SELECT * FROM a",
    "WITH a AS (SELECT 1) DELETE FROM jobs",
    "WITH a AS (SELECT 1) UPDATE jobs SET b = 1",
    "EXPLAIN (ANALYZE) UPDATE jobs SET a = 1",
    "EXPLAIN ANALYZE DELETE FROM jobs WHERE true",
    "DELETE FROM jobs WHERE id IN (id)",
    "DELETE FROM jobs WHERE id BETWEEN id AND id",
    "DELETE FROM jobs WHERE name LIKE '%'",
    "DELETE FROM jobs WHERE done OR NOT done",
    "DELETE FROM jobs WHERE note IS NULL OR note IS NOT NULL",
    "DELETE FROM jobs WHERE NOT (id <> id)",
    "DELETE FROM jobs WHERE (id) = id",
    "DELETE FROM jobs WHERE id = 5 OR true",
    "UPDATE jobs SET a = 1 WHERE NOT false",
    "DELETE FROM ONLY jobs",
    "TRUNCATE ONLY jobs RESTART IDENTITY CASCADE",
    "DROP SCHEMA ops CASCADE",
    "DROP VIEW v",
    "ALTER TABLE jobs DROP CONSTRAINT c",
    "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity) x",
    "SELECT 1 FROM a WHERE EXISTS (SELECT pg_terminate_backend(1))",
    "COPY (SELECT pg_terminate_backend(1)) TO STDOUT",
    "EXPLAIN ANALYZE SELECT pg_terminate_backend(1)",
    "SELECT pg_stat_reset()",
    "SELECT pg_stat_statements_reset()",
];

/// Cannot be told.
const OPEN: &[&str] = &[
    "DO $$ BEGIN PERFORM 1; END $$",
    "DO LANGUAGE plpgsql $body$ BEGIN END $body$",
    "CALL ops.reset_jobs(5)",
    "EXECUTE purge(1)",
    "SELECT * FROM ops.reset_jobs()",
    "SELECT id, mend(id) FROM jobs",
    "SELECT (ops.f(1)).*",
    "SELECT 1 WHERE ops.is_free(1)",
    "WITH a AS (SELECT ops.f(1)) SELECT 1",
    "VALUES (ops.f(1))",
    "EXPLAIN ANALYZE SELECT ops.f(1)",
    "COPY (SELECT ops.f(1)) TO STDOUT",
    "SELECT query_to_xml('DELETE FROM jobs', true, true, '')",
    "\\copy jobs FROM 'a.csv'",
];

#[test]
fn no_statement_hides_what_it_does() {
    let mut wrong = Vec::new();
    for (statements, effect) in
        [(LOOKS, Effect::Read), (CHANGES, Effect::Write), (LOSES, Effect::Destructive), (OPEN, Effect::Unknown)]
    {
        for code in statements {
            let found = split(code, Postgres);
            if found.len() != 1 || found[0].effect != effect {
                let told: Vec<_> = found.iter().map(|statement| (statement.effect, &statement.reasons)).collect();
                wrong.push(format!("{code}\n    by hand {effect:?}, told {told:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn far_more_than_two_hundred_statements_are_labelled() {
    let lists = [READS, WRITES, DESTRUCTIVE, UNKNOWN, LOOKS, CHANGES, LOSES, OPEN];
    let mut all: Vec<&str> = lists.concat();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "one is there twice");
    assert!(count >= 300, "{count} statements");
}
