-- The world in which worker-death.md is rehearsed: one worker died twelve
-- minutes ago with three jobs in its hands, the other lives and works on two.

CREATE SCHEMA ops;

CREATE TABLE ops.job_queue (
    id          INTEGER PRIMARY KEY,
    job_type    TEXT    NOT NULL,
    status      TEXT    NOT NULL CHECK (status IN ('pending', 'processing', 'done', 'failed')),
    locked_at   TEXT,
    attempts    INTEGER NOT NULL DEFAULT 0,
    last_error  TEXT,
    created_at  TEXT    NOT NULL,
    updated_at  TEXT    NOT NULL
);

INSERT INTO ops.job_queue (id, job_type, status, locked_at, attempts, last_error, created_at, updated_at) VALUES
    -- finished before it happened
    (4101, 'notice',  'done',       NULL,                                 1, NULL, datetime('now', '-55 minutes'), datetime('now', '-50 minutes')),
    (4102, 'bundle',  'done',       NULL,                                 1, NULL, datetime('now', '-48 minutes'), datetime('now', '-41 minutes')),
    (4103, 'import',  'done',       NULL,                                 2, NULL, datetime('now', '-44 minutes'), datetime('now', '-37 minutes')),
    -- held by the dead worker
    (4104, 'notice',  'processing', datetime('now', '-14 minutes'),       1, NULL, datetime('now', '-31 minutes'), datetime('now', '-14 minutes')),
    (4105, 'bundle',  'processing', datetime('now', '-13 minutes'),       3, 'worker stopped without an answer', datetime('now', '-30 minutes'), datetime('now', '-13 minutes')),
    (4106, 'notice',  'processing', datetime('now', '-12 minutes'),       1, NULL, datetime('now', '-26 minutes'), datetime('now', '-12 minutes')),
    -- held by the living one
    (4107, 'import',  'processing', datetime('now', '-45 seconds'),       1, NULL, datetime('now', '-9 minutes'),  datetime('now', '-45 seconds')),
    (4108, 'import',  'processing', datetime('now', '-20 seconds'),       1, NULL, datetime('now', '-8 minutes'),  datetime('now', '-20 seconds')),
    -- waiting for a worker
    (4109, 'notice',  'pending',    NULL,                                 0, NULL, datetime('now', '-11 minutes'), datetime('now', '-11 minutes')),
    (4110, 'notice',  'pending',    NULL,                                 0, NULL, datetime('now', '-7 minutes'),  datetime('now', '-7 minutes')),
    (4111, 'import',  'pending',    NULL,                                 0, NULL, datetime('now', '-2 minutes'),  datetime('now', '-2 minutes')),
    (4112, 'bundle',  'failed',     NULL,                                 5, 'gave up after 5 attempts', datetime('now', '-3 hours'), datetime('now', '-2 hours'));

-- What runs, and what ran: the stand-in for `railway` restarts a worker here.
CREATE TABLE ops.workers (
    worker_id   TEXT PRIMARY KEY,
    worker_type TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    died_at     TEXT
);

INSERT INTO ops.workers (worker_id, worker_type, started_at, died_at) VALUES
    ('enforcement-worker-7f3a', 'enforcement-worker', datetime('now', '-3 hours'),   datetime('now', '-12 minutes')),
    ('ingest-worker-b21c',      'ingest-worker',      datetime('now', '-26 hours'),  NULL);

-- A worker beats every ten seconds for as long as it lives. A dead one cannot
-- say that it is dead, so its row stays as its last heartbeat left it.
CREATE VIEW ops.worker_heartbeats AS
SELECT worker_id,
       worker_type,
       'running' AS status,
       COALESCE(
           died_at,
           datetime('now', '-' || ((strftime('%s', 'now') - strftime('%s', started_at)) % 10) || ' seconds')
       ) AS last_seen_at
FROM workers
WHERE started_at <= datetime('now');
