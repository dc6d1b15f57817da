-- The world of migration-blocked.md. The names that begin with `pg_` are
-- PostgreSQL's own views, as far as the page reads them: a migration waits for
-- a lock on `orders` that a forgotten session has held for 47 minutes.

CREATE TABLE pg_class (oid INTEGER PRIMARY KEY, relname TEXT NOT NULL);
INSERT INTO pg_class (oid, relname) VALUES (16385, 'orders'), (16390, 'customers');

CREATE TABLE pg_stat_activity (
    pid              INTEGER PRIMARY KEY,
    usename          TEXT NOT NULL,
    application_name TEXT NOT NULL,
    client_addr      TEXT,
    state            TEXT NOT NULL,
    xact_start       TEXT,
    state_change     TEXT NOT NULL,
    wait_event_type  TEXT,
    query            TEXT NOT NULL
);
INSERT INTO pg_stat_activity VALUES
    (4711, 'reporting', 'psql',     '10.0.4.17', 'idle in transaction', datetime('now', '-47 minutes'), datetime('now', '-46 minutes'), 'Client', 'SELECT sum(total) FROM orders'),
    (4790, 'app',       'api',      '10.0.2.11', 'active',              datetime('now', '-20 seconds'), datetime('now', '-20 seconds'), 'Lock',   'INSERT INTO orders (customer_id, total) VALUES ($1, $2)'),
    (4802, 'app',       'api',      '10.0.2.12', 'active',              datetime('now', '-1 seconds'),  datetime('now', '-1 seconds'),  NULL,     'SELECT name FROM customers WHERE id = $1'),
    (4788, 'deploy',    'migrator', '10.0.9.3',  'active',              datetime('now', '-6 minutes'),  datetime('now', '-6 minutes'),  'Lock',   'ALTER TABLE orders ADD COLUMN tax_rounded numeric');

CREATE TABLE pg_locks (
    pid      INTEGER NOT NULL,
    locktype TEXT    NOT NULL,
    database INTEGER,
    relation INTEGER,
    classid  INTEGER,
    objid    INTEGER,
    mode     TEXT    NOT NULL,
    granted  INTEGER NOT NULL
);
INSERT INTO pg_locks VALUES
    (4711, 'relation', 16384, 16385, NULL, NULL, 'AccessShareLock',     1),
    (4802, 'relation', 16384, 16390, NULL, NULL, 'AccessShareLock',     1),
    (4788, 'advisory', 16384, NULL,  0,    7141, 'ExclusiveLock',       1),
    (4788, 'relation', 16384, 16385, NULL, NULL, 'AccessExclusiveLock', 0),
    (4790, 'relation', 16384, 16385, NULL, NULL, 'RowExclusiveLock',    0);

CREATE TABLE alembic_version (version_num TEXT PRIMARY KEY);
INSERT INTO alembic_version (version_num) VALUES ('6c0a1f2b9d41');
