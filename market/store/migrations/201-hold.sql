-- 201: goods are not kept for ever for an order that waits for its transfer.

-- Minutes; 0: for ever.
ALTER TABLE stall ADD COLUMN hold_minutes INTEGER NOT NULL DEFAULT 10 CHECK (hold_minutes BETWEEN 0 AND 1440);

-- open: goods are kept until ends_at; over: paid, confirmed or cancelled before; expired: the goods went back on sale.
CREATE TABLE hold (
    order_id INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id),
    ends_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'over', 'expired')),
    ended_at INTEGER,
    CHECK ((state = 'open') = (ended_at IS NULL))
) STRICT;
CREATE INDEX hold_open ON hold (ends_at) WHERE state = 'open';

-- (SQLite's own trigger words.)
CREATE TRIGGER hold_once BEFORE UPDATE ON hold WHEN OLD.state <> 'open' BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER hold_stays BEFORE DELETE ON hold BEGIN SELECT RAISE(ABORT, 'append-only'); END;
