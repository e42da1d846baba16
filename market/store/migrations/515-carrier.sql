-- 515: delivery companies that collect at the door: what was handed to them, what they say they collected, in the account carrier:<id>.

CREATE TABLE carrier (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 80),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    made_by INTEGER NOT NULL REFERENCES person (id),
    changed_at INTEGER NOT NULL
) STRICT;

-- An order handed to a carrier. cod: what was due then, which it is to collect. 'returned': it came back, and may go another way.
CREATE TABLE parcel (
    id INTEGER NOT NULL PRIMARY KEY,
    carrier INTEGER NOT NULL REFERENCES carrier (id),
    order_id INTEGER NOT NULL REFERENCES orders (id),
    tracking TEXT NOT NULL CHECK (length(tracking) BETWEEN 4 AND 40), -- letters and digits, upper case
    cod INTEGER NOT NULL CHECK (cod BETWEEN 0 AND 1000000000000),
    state TEXT NOT NULL CHECK (state IN ('handed', 'collected', 'returned')),
    handed_by INTEGER NOT NULL REFERENCES person (id),
    handed_at INTEGER NOT NULL,
    UNIQUE (carrier, tracking)
) STRICT;
CREATE UNIQUE INDEX parcel_once ON parcel (order_id) WHERE state IN ('handed', 'collected');
CREATE INDEX parcel_open ON parcel (carrier, id) WHERE state = 'handed';
CREATE INDEX parcel_day ON parcel (carrier, handed_at);

-- A line of a carrier's list, once for ever. parcel NULL: no order was handed over under this number (yet).
CREATE TABLE remit (
    id INTEGER NOT NULL PRIMARY KEY,
    carrier INTEGER NOT NULL REFERENCES carrier (id),
    tracking TEXT NOT NULL CHECK (length(tracking) BETWEEN 4 AND 40),
    cod INTEGER NOT NULL CHECK (cod BETWEEN 0 AND 1000000000000),
    fee INTEGER NOT NULL CHECK (fee BETWEEN 0 AND 1000000000000),
    parcel INTEGER UNIQUE REFERENCES parcel (id),
    day_ms INTEGER NOT NULL,                          -- by the list, else when it was brought in
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL,
    UNIQUE (carrier, tracking)
) STRICT;
CREATE INDEX remit_day ON remit (carrier, day_ms);
CREATE INDEX remit_lost ON remit (carrier, id) WHERE parcel IS NULL;

-- (SQLite's own trigger words.)
CREATE TRIGGER parcel_kept BEFORE UPDATE OF carrier, order_id, tracking, cod, handed_at ON parcel BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER parcel_stays BEFORE DELETE ON parcel BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER remit_kept BEFORE UPDATE OF carrier, tracking, cod, fee, day_ms ON remit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER remit_once BEFORE UPDATE OF parcel ON remit WHEN OLD.parcel IS NOT NULL BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER remit_stays BEFORE DELETE ON remit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
-- With a carrier it waits for no trip; when it came back it does again.
CREATE TRIGGER trip_wait_handed AFTER INSERT ON parcel BEGIN DELETE FROM trip_wait WHERE order_id = NEW.order_id; END;
CREATE TRIGGER trip_wait_back AFTER UPDATE OF state ON parcel WHEN NEW.state = 'returned' AND OLD.state = 'handed' BEGIN
    INSERT INTO trip_wait (order_id) SELECT o.id FROM orders o WHERE o.id = NEW.order_id AND o.state = 'confirmed'
        AND NOT EXISTS (SELECT 1 FROM order_end e WHERE e.order_id = o.id);
END;
