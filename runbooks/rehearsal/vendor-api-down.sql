-- The world of vendor-api-down.md: the vendor's API has answered with errors
-- for half an hour, and every import that was tried since has failed.

CREATE SCHEMA ops;

CREATE TABLE ops.job_queue (
    id          INTEGER PRIMARY KEY,
    job_type    TEXT    NOT NULL,
    status      TEXT    NOT NULL CHECK (status IN ('pending', 'processing', 'done', 'failed', 'paused')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    last_error  TEXT,
    created_at  TEXT    NOT NULL,
    updated_at  TEXT    NOT NULL
);

INSERT INTO ops.job_queue (id, job_type, status, attempts, last_error, created_at, updated_at) VALUES
    (5201, 'ingest', 'done',    1, NULL,                     datetime('now', '-70 minutes'), datetime('now', '-66 minutes')),
    (5202, 'notice', 'done',    1, NULL,                     datetime('now', '-50 minutes'), datetime('now', '-49 minutes')),
    (5203, 'ingest', 'failed',  5, 'the vendor answered 503', datetime('now', '-34 minutes'), datetime('now', '-21 minutes')),
    (5204, 'ingest', 'failed',  5, 'the vendor answered 503', datetime('now', '-31 minutes'), datetime('now', '-12 minutes')),
    (5205, 'ingest', 'pending', 3, 'the vendor answered 503', datetime('now', '-28 minutes'), datetime('now', '-4 minutes')),
    (5206, 'ingest', 'pending', 2, 'the vendor answered 503', datetime('now', '-19 minutes'), datetime('now', '-2 minutes')),
    (5207, 'ingest', 'pending', 0, NULL,                      datetime('now', '-6 minutes'),  datetime('now', '-6 minutes')),
    (5208, 'notice', 'pending', 0, NULL,                      datetime('now', '-1 minutes'),  datetime('now', '-1 minutes')),
    -- put aside by somebody else, for another reason
    (5190, 'ingest', 'paused',  1, 'waits for the customer',  datetime('now', '-2 days'),     datetime('now', '-2 days'));

-- The stand-in for curl says here when the vendor is well again.
CREATE TABLE ops.vendor (is_up INTEGER NOT NULL);
INSERT INTO ops.vendor (is_up) VALUES (0);

-- The worker of the rehearsal: an import that comes back into the queue is
-- done at once, if the vendor is up.
CREATE TRIGGER ops.worker AFTER UPDATE OF status ON job_queue
WHEN NEW.status = 'pending' AND OLD.status IN ('paused', 'failed') AND (SELECT max(is_up) FROM vendor) = 1
BEGIN
    UPDATE job_queue SET status = 'done', last_error = NULL WHERE id = NEW.id;
END;
