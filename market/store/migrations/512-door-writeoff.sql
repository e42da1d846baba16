-- 512: goods that come back from a door because of what they are, or whose order is cancelled as bad, are written off.

-- Of a put that takes goods away: the coded reason it was written off for.
ALTER TABLE stock ADD COLUMN why TEXT;

-- The write-off of what was not taken at the door, so that the undo finds it.
ALTER TABLE stop_line ADD COLUMN writeoff INTEGER REFERENCES writeoff (id);

-- A write-off that was a mistake (a door's mark taken back in its ten minutes): the goods are there again.
CREATE TABLE writeoff_back (
    writeoff INTEGER NOT NULL PRIMARY KEY REFERENCES writeoff (id),
    actor INTEGER,
    key TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

-- Why an order's last door failed is asked when it is cancelled.
CREATE INDEX stop_failed ON stop (order_id) WHERE state = 'failed';

-- (SQLite's own trigger words.)
CREATE TRIGGER writeoff_back_kept BEFORE UPDATE ON writeoff_back BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER writeoff_back_stays BEFORE DELETE ON writeoff_back BEGIN SELECT RAISE(ABORT, 'append-only'); END;
