//! Statements labelled by hand.

use super::*;

/// What only looks.
pub(super) const READS: &[&str] = &[
    "SELECT 1",
    "select * from job_queue where locked_at < now() - interval '5 minutes'",
    "SELECT count(*), max(created_at) FROM jobs GROUP BY state HAVING count(*) > 1 ORDER BY 2 LIMIT 10",
    "SELECT pid, state, left(query, 80) FROM pg_stat_activity WHERE state <> 'idle'",
    "SELECT pid, pg_blocking_pids(pid) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0",
    "SELECT pg_size_pretty(pg_database_size(current_database()))",
    "SELECT pg_catalog.now()",
    "SELECT 'DELETE FROM jobs'",
    "SELECT 1 -- DROP TABLE jobs",
    "SELECT /* UPDATE */ 1",
    "SELECT \"delete\", a.update FROM a",
    "SELECT extract(epoch FROM now() - started_at)::int FROM runs",
    "SELECT CAST(a AS numeric(10, 2)) FROM b WHERE c IN (1, 2) AND EXISTS (SELECT 1 FROM d)",
    "WITH stuck AS (SELECT * FROM jobs WHERE locked) SELECT count(*) FROM stuck",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5), u(a) AS MATERIALIZED (SELECT 1) SELECT * FROM t",
    "WITH a AS (SELECT 1) (SELECT * FROM a)",
    "VALUES (1, 'a'), (2, 'b')",
    "TABLE jobs",
    "(SELECT 1) UNION (SELECT 2)",
    "EXPLAIN SELECT * FROM jobs",
    "EXPLAIN DELETE FROM jobs",
    "EXPLAIN (VERBOSE, COSTS off) UPDATE jobs SET a = 1",
    "EXPLAIN ANALYZE SELECT * FROM jobs",
    "EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM jobs",
    "EXPLAIN QUERY PLAN SELECT 1",
    "SHOW statement_timeout",
    "PRAGMA table_info(jobs)",
    "PRAGMA main.journal_mode",
    "PRAGMA integrity_check",
    "COPY jobs TO STDOUT",
    "COPY jobs (id, state) TO STDOUT WITH (FORMAT csv)",
    "COPY (SELECT * FROM jobs) TO STDOUT",
    "\\d jobs",
    "\\dt+ ops.*",
    "\\timing on",
    "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM c",
    "SELECT sum(a) FILTER (WHERE b > 1) FROM c",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM b GROUP BY GROUPING SETS ((a), ())",
    "SELECT a::character varying(10), b FROM c ORDER BY (a), lower(b)",
    "SELECT date_trunc('hour', t) FROM generate_series(now() - interval '1 day', now(), '1 hour') AS g(t)",
    "SELECT array(SELECT 1), ARRAY[1, 2]",
    "SELECT CASE WHEN (a) THEN (b) ELSE (c) END FROM d",
    "SELECT current_setting('server_version')",
    "SELECT * FROM a JOIN b USING (id) LEFT JOIN LATERAL (SELECT 1) c ON (true)",
];

/// What changes something that can be told, and loses nothing.
pub(super) const WRITES: &[&str] = &[
    "DECLARE c CURSOR FOR SELECT 1",
    "UPDATE jobs SET locked_at = NULL WHERE locked_at < now() - interval '5 minutes'",
    "DELETE FROM jobs WHERE id = 5",
    "DELETE FROM a USING b WHERE a.id = b.id",
    "UPDATE a SET b = 1 FROM c WHERE a.id = c.id RETURNING a.id",
    "INSERT INTO jobs (id) VALUES (1)",
    "INSERT INTO jobs SELECT * FROM old_jobs",
    "INSERT INTO jobs (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET state = 'x'",
    "WITH x AS (SELECT 1 AS id) DELETE FROM jobs WHERE id IN (SELECT id FROM x)",
    "WITH moved AS (DELETE FROM jobs WHERE done RETURNING *) SELECT count(*) FROM moved",
    "WITH x AS (INSERT INTO log VALUES (1) RETURNING id) SELECT * FROM x",
    "WITH x AS NOT MATERIALIZED (UPDATE a SET b = 1 WHERE id = 2 RETURNING *) TABLE x",
    "SELECT * FROM (WITH x AS (DELETE FROM a WHERE b = 1 RETURNING 1) SELECT * FROM x) y",
    "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET c = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)",
    "EXPLAIN ANALYZE UPDATE jobs SET a = 1 WHERE id = 2",
    "EXPLAIN (\"analyze\") DELETE FROM jobs WHERE id = 1",
    "EXPLAIN (verbose, \"ANALYZE\" on) DELETE FROM jobs WHERE id = 1",
    "EXPLAIN (ANALYZE, VERBOSE) DELETE FROM jobs WHERE id = 1",
    "EXPLAIN (VERBOSE, ANALYZE true) INSERT INTO a VALUES (1)",
    "SELECT * INTO backup FROM jobs",
    "SELECT * FROM jobs FOR UPDATE",
    "SELECT * FROM jobs WHERE id = 1 FOR NO KEY UPDATE SKIP LOCKED",
    "SELECT * FROM jobs FOR SHARE",
    "SELECT nextval('jobs_id_seq')",
    "SELECT setval('jobs_id_seq', 1)",
    "SELECT pg_catalog.setval('jobs_id_seq', 1)",
    "SELECT pg_cancel_backend(123)",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1)",
    "SELECT set_config('a.b', 'c', false)",
    "SELECT pg_reload_conf()",
    "SELECT lo_import('/etc/passwd')",
    "SELECT dblink_exec('db', 'DELETE FROM a')",
    "SELECT * FROM dblink('db', 'SELECT 1') AS t(a int)",
    "SELECT pg_notify('a', 'b')",
    "VALUES (nextval('a'))",
    "SELECT CASE WHEN true THEN nextval('a') END",
    "CREATE TABLE a (id int)",
    "CREATE TABLE a AS SELECT 1",
    "CREATE INDEX i ON a (b)",
    "CREATE UNIQUE INDEX CONCURRENTLY i ON a (b)",
    "CREATE OR REPLACE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql",
    "CREATE DATABASE a",
    "ALTER TABLE a ADD COLUMN b int",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "ALTER ROLE a SET statement_timeout = '5s'",
    "COMMENT ON TABLE a IS 'DROP'",
    "GRANT SELECT ON a TO b",
    "REVOKE ALL ON a FROM b",
    "VACUUM (ANALYZE) jobs",
    "ANALYZE jobs",
    "REINDEX TABLE jobs",
    "REINDEX INDEX CONCURRENTLY i",
    "CLUSTER jobs",
    "REFRESH MATERIALIZED VIEW v",
    "LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE",
    "NOTIFY a",
    "LISTEN a",
    "SET statement_timeout = '5s'",
    "SET LOCAL lock_timeout = '1s'",
    "RESET ALL",
    "DISCARD ALL",
    "BEGIN",
    "START TRANSACTION READ ONLY",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT a",
    "ROLLBACK TO SAVEPOINT a",
    "RELEASE a",
    "PREPARE TRANSACTION 'a'",
    "COMMIT PREPARED 'a'",
    "COPY jobs FROM STDIN",
    "COPY jobs FROM '/tmp/a.csv'",
    "COPY jobs TO '/tmp/a.csv'",
    "PRAGMA journal_mode = WAL",
    "PRAGMA journal_mode(WAL)",
    "PRAGMA writable_schema = ON",
    "ATTACH DATABASE 'a.db' AS a",
];

/// What loses something.
pub(super) const DESTRUCTIVE: &[&str] = &[
    "PREPARE p AS DELETE FROM a",
    "DELETE FROM jobs",
    "DELETE FROM jobs -- WHERE id = 1",
    "DELETE FROM jobs /* WHERE id = 1 */",
    "UPDATE jobs SET state = 'WHERE'",
    "UPDATE jobs SET a = (SELECT b FROM c WHERE d = 1)",
    "UPDATE jobs SET state = 'x' WHERE true",
    "DELETE FROM jobs WHERE 1 = 1",
    "DELETE FROM jobs WHERE id = id",
    "TRUNCATE jobs",
    "TRUNCATE TABLE a, b CASCADE",
    "DROP TABLE IF EXISTS jobs CASCADE",
    "DROP INDEX CONCURRENTLY i",
    "DROP DATABASE a",
    "DROP OWNED BY a",
    "ALTER TABLE a DROP COLUMN b",
    "ALTER TABLE a ADD COLUMN b int, DROP CONSTRAINT c",
    "SELECT pg_terminate_backend(123)",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle'",
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity",
    "SELECT * FROM pg_stat_activity WHERE pg_terminate_backend(pid)",
    "WITH x AS (SELECT pg_catalog.pg_terminate_backend(1)) SELECT 1",
    "WITH d AS (DELETE FROM jobs RETURNING *) SELECT * FROM d",
    "WITH d AS (DELETE FROM jobs RETURNING *) INSERT INTO archive SELECT * FROM d",
    "EXPLAIN ANALYZE DELETE FROM jobs",
    "INSERT INTO a SELECT pg_terminate_backend(1)",
    "SELECT pg_drop_replication_slot('a')",
    "SELECT lo_unlink(1)",
];

/// What cannot be told.
pub(super) const UNKNOWN: &[&str] = &[
    "SELECT reset_stuck_jobs()",
    "SELECT ops.reset_stuck_jobs(5)",
    "SELECT ops.delete(5)",
    "SELECT ops.fetch()",
    "SELECT app.copy(1)",
    "SELECT app.update(1)",
    "SELECT app.like(1)",
    "SELECT app.insert(1), app.in(2)",
    "SELECT \"app\".\"delete\"(1)",
    "SELECT total(1)",
    "SELECT year(d), quote(a) FROM b",
    "SELECT date_add(a, b) FROM c",
    "SELECT * FROM ops . values (1)",
    "SELECT reset/**/(1)",
    "SELECT filter(1)",
    "SELECT copy(1)",
    "SELECT public.now()",
    "SELECT \"now\"()",
    "SELECT * FROM ops.purge()",
    "WITH x AS (SELECT f(1)) SELECT * FROM x",
    "DO $$ BEGIN DELETE FROM jobs; END $$",
    "CALL cleanup()",
    "EXECUTE plan",
    "EXPLAIN ANALYZE EXECUTE p",
    "COPY jobs FROM PROGRAM 'curl x'",
    "COPY (SELECT 1) TO PROGRAM 'sh'",
    "FROBNICATE THE TABLE",
    "12",
    "'a'",
    "\\i script.sql",
    "\\! rm -rf /",
    "\\gexec",
    "\\g |sh",
    "\\dt \\! rm",
    "PRAGMA wal_checkpoint",
];

#[test]
fn every_statement_has_the_effect_a_person_gave_it() {
    let mut count = 0;
    for (statements, effect) in
        [(READS, Effect::Read), (WRITES, Effect::Write), (DESTRUCTIVE, Effect::Destructive), (UNKNOWN, Effect::Unknown)]
    {
        for code in statements {
            let found = split(code, Postgres);
            assert_eq!(found.len(), 1, "{code}");
            assert_eq!(found[0].effect, effect, "{code}: {:?}", found[0]);
            assert_eq!(found[0].reasons.is_empty(), effect == Effect::Read, "{code}: {:?}", found[0].reasons);
            count += 1;
        }
    }
    assert!(count >= 120, "{count} statements");
}

#[test]
fn functions_of_another_dialect_are_no_reads() {
    for code in [
        "SELECT strftime('%s', 'now') - strftime('%s', last_heartbeat) AS age FROM workers",
        "SELECT json_extract(payload, '$.id'), payload->>'a' FROM jobs",
    ] {
        assert_eq!(split(code, Sqlite)[0].effect, Effect::Read, "{code}");
        assert_eq!(split(code, Postgres)[0].effect, Effect::Unknown, "{code}");
    }
}

#[test]
fn no_dialect_takes_what_writes_for_a_read() {
    for code in WRITES.iter().chain(DESTRUCTIVE).chain(UNKNOWN) {
        // What Postgres does not have, others do.
        let foreign = ["total(", "year(", "date_add("].iter().any(|call| code.contains(call));
        for dialect in DIALECTS.into_iter().filter(|dialect| !foreign || *dialect == Postgres) {
            let worst = split(code, dialect).iter().map(|s| s.effect).max();
            assert!(worst > Some(Effect::Read), "{dialect:?}: {code}");
        }
    }
}

#[test]
fn every_statement_has_the_kind_that_decides_how_it_runs() {
    use StatementKind as Kind;
    for (code, kind) in [
        ("SELECT 1", Kind::Query),
        ("SELECT pg_terminate_backend(1)", Kind::Query),
        ("WITH a AS (SELECT 1) UPDATE b SET c = 1 WHERE d = 2", Kind::Write),
        ("WITH a AS (DELETE FROM b RETURNING 1) SELECT 1", Kind::Write),
        ("EXPLAIN ANALYZE DELETE FROM a WHERE b = 1", Kind::Write),
        ("TRUNCATE a", Kind::Write),
        ("CREATE TABLE a (b int)", Kind::Schema),
        ("DROP TABLE a", Kind::Schema),
        ("CREATE INDEX CONCURRENTLY i ON a (b)", Kind::OutsideTransaction),
        ("DROP INDEX CONCURRENTLY i", Kind::OutsideTransaction),
        ("REINDEX INDEX CONCURRENTLY i", Kind::OutsideTransaction),
        ("REINDEX (VERBOSE) TABLE CONCURRENTLY t", Kind::OutsideTransaction),
        ("REINDEX DATABASE a", Kind::OutsideTransaction),
        ("VACUUM FULL a", Kind::OutsideTransaction),
        ("ALTER SYSTEM RESET ALL", Kind::OutsideTransaction),
        ("CREATE DATABASE a", Kind::OutsideTransaction),
        ("DROP DATABASE a", Kind::OutsideTransaction),
        ("SET a = 1", Kind::Session),
        ("SHOW ALL", Kind::Session),
        ("PRAGMA user_version", Kind::Session),
        ("BEGIN; ", Kind::Begin),
        ("START TRANSACTION", Kind::Begin),
        ("COMMIT", Kind::Commit),
        ("END TRANSACTION", Kind::Commit),
        ("ROLLBACK", Kind::Rollback),
        ("ABORT", Kind::Rollback),
        ("SAVEPOINT a", Kind::Savepoint),
        ("ROLLBACK TO a", Kind::Savepoint),
        ("COPY a FROM STDIN WITH (FORMAT csv)", Kind::CopyStdin),
        ("COPY a TO STDOUT", Kind::Query),
        ("\\d", Kind::ClientCommand),
        ("\\x on", Kind::LeftOut),
        ("\\set ON_ERROR_STOP on", Kind::LeftOut),
        ("\\set id 5", Kind::ClientCommand),
        ("DO $$ $$", Kind::Unknown),
    ] {
        assert_eq!(split(code, Postgres)[0].kind, kind, "{code}");
    }
    assert_eq!(split("CREATE TABLE a (b int)", Mysql)[0].kind, Kind::OutsideTransaction);
}

#[test]
fn what_mariadb_runs_at_once_or_only_for_the_session_is_known() {
    use StatementKind as Kind;
    for (code, kind, effect) in [
        ("ANALYZE FORMAT=JSON DELETE FROM a", Kind::Write, Effect::Destructive),
        ("ANALYZE UPDATE a SET b = 1 WHERE c = 2", Kind::Write, Effect::Write),
        ("ANALYZE SELECT * FROM a", Kind::Query, Effect::Read),
        ("ANALYZE TABLE a", Kind::OutsideTransaction, Effect::Write),
        ("ANALYZE LOCAL TABLE a", Kind::OutsideTransaction, Effect::Write),
        ("DESC a", Kind::Query, Effect::Read),
        ("DESCRIBE ANALYZE SELECT sleep_and_delete()", Kind::Query, Effect::Unknown),
        ("CREATE TEMPORARY TABLE a (b int)", Kind::Session, Effect::Write),
        ("CREATE OR REPLACE TEMPORARY TABLE a (b int)", Kind::Session, Effect::Write),
        ("CREATE TEMPORARY TABLE a SELECT my_own() FROM b", Kind::Write, Effect::Unknown),
        ("DROP TEMPORARY TABLE IF EXISTS a", Kind::Session, Effect::Write),
        ("CREATE OR REPLACE TABLE a (b int)", Kind::OutsideTransaction, Effect::Destructive),
        ("CREATE OR REPLACE DATABASE a", Kind::OutsideTransaction, Effect::Destructive),
        ("CREATE OR REPLACE VIEW a AS SELECT 1", Kind::OutsideTransaction, Effect::Write),
        ("SELECT NEXT VALUE FOR tickets", Kind::Query, Effect::Write),
        ("XA RECOVER", Kind::Query, Effect::Read),
        ("XA COMMIT 'a'", Kind::OutsideTransaction, Effect::Write),
        ("XA ROLLBACK 'a'", Kind::OutsideTransaction, Effect::Write),
    ] {
        let statement = split(code, Mysql).remove(0);
        assert_eq!((statement.kind, statement.effect), (kind, effect), "{code}: {statement:?}");
    }
    let lost = |code| split(code, Mysql).remove(0).table;
    assert_eq!(lost("CREATE OR REPLACE TABLE shop.a (b int)").as_deref(), Some("shop.a"));
    for code in ["XA START 'a'", "XA PREPARE 'a'"] {
        assert!(split(code, Mysql)[0].refusal.is_some(), "{code}");
    }
    assert!(split("PREPARE TRANSACTION 'a'", Postgres)[0].refusal.is_some());
    assert!(split("PREPARE a FROM 'SELECT 1'", Mysql)[0].refusal.is_none());
}

#[test]
fn what_a_statement_does_to_rows_and_tables_it_does_not_name_is_said() {
    for (code, reason) in [
        ("TRUNCATE a CASCADE", "empties a, and every table that refers to it"),
        ("DROP TABLE a CASCADE", "drops the table a, and what depends on it"),
        (
            "INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET c = 1",
            "adds rows to a, and changes those that are there",
        ),
        ("INSERT INTO a SELECT 1 ON CONFLICT DO NOTHING", "adds rows to a"),
    ] {
        assert_eq!(split(code, Postgres)[0].reasons.first().map(String::as_str), Some(reason), "{code}");
    }
}

#[test]
fn the_worst_that_a_statement_may_do_is_said_first() {
    let statement = split("UPDATE \"A\" SET b = 1 WHERE \"Key\" IN (1, 2)", Unknown).remove(0);
    assert_eq!(statement.effect, Effect::Destructive);
    assert!(statement.reasons[0].contains("its WHERE is the same for all rows"), "{:?}", statement.reasons);
}

#[test]
fn what_is_run_inside_or_later_is_looked_into() {
    for (code, dialect, kind, effect) in [
        ("SET STATEMENT max_statement_time = 10 FOR DELETE FROM a", Mysql, StatementKind::Write, Effect::Destructive),
        ("SET STATEMENT max_statement_time = 10 FOR SELECT 1", Mysql, StatementKind::Query, Effect::Read),
        ("BEGIN NOT ATOMIC DELETE FROM a; END", Mysql, StatementKind::Unknown, Effect::Destructive),
        ("PREPARE k AS SELECT pg_terminate_backend(1)", Postgres, StatementKind::Session, Effect::Destructive),
        ("PREPARE k (int) AS SELECT $1", Postgres, StatementKind::Session, Effect::Read),
        ("DECLARE c CURSOR FOR SELECT 1", Postgres, StatementKind::Unknown, Effect::Write),
        ("DECLARE c CURSOR FOR SELECT lo_unlink(1)", Postgres, StatementKind::Unknown, Effect::Destructive),
        ("REINDEX (VERBOSE, CONCURRENTLY) TABLE a", Postgres, StatementKind::OutsideTransaction, Effect::Write),
        ("CLUSTER", Postgres, StatementKind::OutsideTransaction, Effect::Write),
    ] {
        let all = split(code, dialect);
        assert_eq!(all.len(), 1, "{code}");
        assert_eq!((all[0].kind, all[0].effect), (kind, effect), "{code}: {all:?}");
    }
}

#[test]
fn a_condition_that_says_nothing_of_the_changed_table_is_none() {
    for code in [
        "UPDATE jobs SET a = 1 FROM other o WHERE o.id = 5",
        "UPDATE ops.jobs AS j SET a = 1 FROM jobs k WHERE k.id = 5 AND k.b IS NULL",
        "DELETE FROM jobs USING other WHERE other.id = 5",
        "DELETE FROM jobs WHERE EXISTS (SELECT 1 FROM other)",
        "MERGE INTO jobs USING other ON true WHEN MATCHED THEN DELETE",
    ] {
        let statement = split(code, Postgres).remove(0);
        assert_eq!(statement.effect, Effect::Destructive, "{code}: {statement:?}");
        assert!(statement.table.is_some(), "{code}");
    }
    for code in [
        "UPDATE jobs SET a = 1 FROM other o WHERE o.id = jobs.id",
        "UPDATE jobs j SET a = 1 FROM other o WHERE o.id = J.id AND o.b = 5",
        "UPDATE jobs SET a = 1 FROM other o WHERE o.id = 5 AND state = 'x'",
        "DELETE FROM ops.jobs USING other WHERE other.id = jobs.id",
        "DELETE FROM jobs WHERE EXISTS (SELECT 1 FROM other WHERE other.id = jobs.id)",
        "MERGE INTO jobs j USING other o ON j.id = o.id WHEN MATCHED THEN DELETE",
    ] {
        assert_eq!(split(code, Postgres)[0].effect, Effect::Write, "{code}");
    }
}

#[test]
fn what_only_mysqls_client_does_is_never_sent() {
    for code in ["source fix.sql", "SOURCE fix.sql;", "tee /tmp/a;", "SELECT 1;\nsource fix.sql;"] {
        for dialect in [Mysql, Unknown] {
            let refused = split(code, dialect).into_iter().filter_map(|statement| statement.refusal).next();
            assert!(refused.is_some_and(|refusal| refusal.why.contains("MySQL's client")), "{dialect:?}: {code}");
        }
    }
}
