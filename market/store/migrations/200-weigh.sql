-- 200: the scale. Goods are ordered by a guess and paid by what the farmer's scale shows.

-- Percent above what was ordered that a buyer of this lot takes without being asked. Never changed afterwards.
ALTER TABLE lot ADD COLUMN tolerance INTEGER NOT NULL DEFAULT 10 CHECK (tolerance BETWEEN 0 AND 100);
UPDATE lot SET tolerance = 0 WHERE unit <> 'kg';

-- Which weighing moved the goods (a row of line_event); 0: the order as a whole.
ALTER TABLE stock ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
DROP INDEX stock_once;
CREATE UNIQUE INDEX stock_once ON stock (order_id, lot, kind, step) WHERE kind IN ('commit', 'release', 'return');

-- What became of a line. A line without a row is as it was ordered. quantity and amount: what the buyer gets and pays now;
-- weighed: what the scale showed. extra: more than was agreed, and the buyer has not answered yet.
CREATE TABLE line_state (
    order_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('weighed', 'extra', 'accepted', 'declined')),
    weighed INTEGER NOT NULL CHECK (weighed BETWEEN 0 AND 1000000),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 0 AND 1000000),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (order_id, position),
    FOREIGN KEY (order_id, position) REFERENCES order_line (order_id, position),
    CHECK (CASE WHEN state IN ('extra', 'declined') THEN quantity < weighed ELSE quantity = weighed END)
) STRICT, WITHOUT ROWID;
CREATE INDEX line_extra ON line_state (order_id) WHERE state = 'extra';

-- Each change of a line, as it happened. device_at: by the clock of the phone that was used, often hours before at_ms.
CREATE TABLE line_event (
    id INTEGER NOT NULL PRIMARY KEY,
    order_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('weighed', 'extra', 'accepted', 'declined')),
    weighed INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    actor INTEGER,
    key TEXT NOT NULL,
    device_at INTEGER,
    at_ms INTEGER NOT NULL,
    FOREIGN KEY (order_id, position) REFERENCES order_line (order_id, position)
) STRICT;
CREATE INDEX line_event_line ON line_event (order_id, position, id);

-- The order is done: handed over, weighed, paid, nothing open. Once.
CREATE TABLE order_end (
    order_id INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id),
    actor INTEGER,
    key TEXT NOT NULL,
    device_at INTEGER,
    at_ms INTEGER NOT NULL
) STRICT;

-- (SQLite's own trigger words.)
CREATE TRIGGER line_event_kept BEFORE UPDATE ON line_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER line_event_stays BEFORE DELETE ON line_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER line_state_stays BEFORE DELETE ON line_state BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_end_kept BEFORE UPDATE ON order_end BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_end_stays BEFORE DELETE ON order_end BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER lot_tolerance_kept BEFORE UPDATE OF tolerance ON lot BEGIN SELECT RAISE(ABORT, 'append-only'); END;
