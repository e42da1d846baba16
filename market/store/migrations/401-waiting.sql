-- 401: who waits for goods that are sold out, and orders that became one.

-- A place in the line of a lot. offered: `order_id` keeps goods for them until its hold ends, and waits for their yes.
CREATE TABLE wait (
    id INTEGER NOT NULL PRIMARY KEY,
    lot INTEGER NOT NULL REFERENCES lot (id),
    person INTEGER NOT NULL REFERENCES person (id),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
    least INTEGER NOT NULL CHECK (least BETWEEN 1 AND quantity),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    phone TEXT NOT NULL CHECK (length(phone) BETWEEN 8 AND 16),
    place TEXT NOT NULL CHECK (length(place) <= 200),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'offered', 'taken', 'declined', 'expired', 'left')),
    order_id INTEGER REFERENCES orders (id),
    made_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'offered'))),
    CHECK ((order_id IS NULL) = (state IN ('waiting', 'left')))
) STRICT;
CREATE INDEX wait_line ON wait (lot, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX wait_once ON wait (lot, person) WHERE state IN ('waiting', 'offered');
CREATE UNIQUE INDEX wait_order ON wait (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX wait_person ON wait (person, id);

-- The order `old` went on as `new`.
CREATE TABLE order_merge (
    old INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id),
    new INTEGER NOT NULL REFERENCES orders (id),
    actor INTEGER,
    key TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;

-- (SQLite's own trigger words.)
CREATE TRIGGER wait_stays BEFORE DELETE ON wait BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER wait_over BEFORE UPDATE ON wait WHEN OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_merge_kept BEFORE UPDATE ON order_merge BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_merge_stays BEFORE DELETE ON order_merge BEGIN SELECT RAISE(ABORT, 'append-only'); END;
