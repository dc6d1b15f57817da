-- The queue of worker-incidents.md: two jobs whose lease ran out long ago, one
-- that is really being worked on, and three that could not be cloned.

CREATE TABLE jobs (
    id          INTEGER PRIMARY KEY,
    repository  TEXT NOT NULL,
    stage       TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('pending', 'running', 'done', 'failed')),
    claimed_by  TEXT,
    lease_until TEXT,
    attempts    INTEGER NOT NULL DEFAULT 0,
    last_error  TEXT,
    updated_at  TEXT NOT NULL
);

INSERT INTO jobs (id, repository, stage, status, claimed_by, lease_until, attempts, last_error, updated_at) VALUES
    (206, 'handbook',   'report',  'done',    NULL,       NULL,                              1, NULL, datetime('now', '-2 hours')),
    (208, 'billing',    'survey',  'running', 'survey-1', datetime('now', '-44 minutes'),    1, NULL, datetime('now', '-54 minutes')),
    (209, 'storefront', 'survey',  'running', 'survey-1', datetime('now', '-41 minutes'),    2, NULL, datetime('now', '-51 minutes')),
    (210, 'search',     'survey',  'running', 'survey-2', datetime('now', '+8 minutes'),     1, NULL, datetime('now', '-2 minutes')),
    (211, 'handbook',   'cloning', 'failed',  NULL,       NULL,                              3, 'Authentication failed', datetime('now', '-35 minutes')),
    (212, 'billing',    'cloning', 'failed',  NULL,       NULL,                              3, 'Authentication failed', datetime('now', '-33 minutes')),
    (213, 'payments',   'cloning', 'failed',  NULL,       NULL,                              3, 'Authentication failed', datetime('now', '-30 minutes')),
    (214, 'search',     'survey',  'failed',  NULL,       NULL,                              5, 'the report is empty', datetime('now', '-3 hours')),
    (215, 'handbook',   'queued',  'pending', NULL,       NULL,                              0, NULL, datetime('now', '-12 minutes'));

-- Who has reported lately: the standby has not been started yet.
CREATE TABLE workers (worker_id TEXT PRIMARY KEY, last_seen_at TEXT NOT NULL);
INSERT INTO workers (worker_id, last_seen_at) VALUES ('survey-1', datetime('now', '-19 minutes'));
