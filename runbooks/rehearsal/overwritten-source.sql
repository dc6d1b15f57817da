-- The runs of overwritten-source.md: 812 was in the worker's hands when it
-- could not start any more.

CREATE TABLE runs (
    id         INTEGER PRIMARY KEY,
    issue_key  TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('queued', 'claimed', 'running', 'done', 'failed')),
    locked_by  TEXT,
    locked_at  TEXT,
    last_error TEXT
);

INSERT INTO runs (id, issue_key, status, locked_by, locked_at, last_error) VALUES
    (810, 'DOC-40', 'done',    NULL,       NULL,                            NULL),
    (811, 'DOC-42', 'failed',  NULL,       NULL,                            'the repository is gone'),
    (812, 'DOC-43', 'running', 'worker-1', datetime('now', '-10 minutes'),  NULL),
    (813, 'DOC-44', 'running', 'worker-2', datetime('now', '-20 seconds'),  NULL),
    (814, 'DOC-45', 'queued',  NULL,       NULL,                            NULL);
