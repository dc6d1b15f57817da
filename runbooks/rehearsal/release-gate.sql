-- The world of release-gate.md: the ingest worker has been silent for eleven
-- minutes, and one migration has not been run.

CREATE SCHEMA ops;

CREATE TABLE ops.worker_heartbeats (
    worker_id    TEXT PRIMARY KEY,
    worker_type  TEXT NOT NULL,
    status       TEXT NOT NULL,
    last_seen_at TEXT NOT NULL
);
INSERT INTO ops.worker_heartbeats (worker_id, worker_type, status, last_seen_at) VALUES
    ('notice-worker-41c0', 'notice-worker', 'running', datetime('now')),
    ('ingest-worker-b21c', 'ingest-worker', 'running', datetime('now', '-11 minutes'));

CREATE TABLE alembic_version (version_num TEXT PRIMARY KEY);
INSERT INTO alembic_version (version_num) VALUES ('6c0a1f2b9d41');
