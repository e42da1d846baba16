-- 300: from the village to the door: zones and their fees, pickup points, trips, stops, proofs.

-- What driving there costs: base up to `included` grams, then per_kg for each kilogram begun beyond. piece_grams: what a bunch
-- or piece counts as; courier_points: whose drives it gets that part of the fee, in hundredths of a percent, the co-op the rest. An order keeps the fee it was shown; a change is for later orders.
CREATE TABLE zone (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 80),
    base INTEGER NOT NULL CHECK (base BETWEEN 0 AND 10000000),
    included INTEGER NOT NULL CHECK (included BETWEEN 0 AND 1000000),
    per_kg INTEGER NOT NULL CHECK (per_kg BETWEEN 0 AND 1000000),
    piece_grams INTEGER NOT NULL CHECK (piece_grams BETWEEN 0 AND 100000),
    courier_points INTEGER NOT NULL CHECK (courier_points BETWEEN 0 AND 10000),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    made_by INTEGER NOT NULL REFERENCES person (id),
    changed_at INTEGER NOT NULL
) STRICT;

-- Where a buyer fetches the goods instead; of a zone, whose fee it has.
CREATE TABLE point (
    id INTEGER NOT NULL PRIMARY KEY,
    zone INTEGER NOT NULL REFERENCES zone (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    place TEXT NOT NULL CHECK (length(place) BETWEEN 1 AND 200),
    note TEXT NOT NULL CHECK (length(note) <= 300),      -- when it is open, whom to ask for
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    made_by INTEGER NOT NULL REFERENCES person (id),
    changed_at INTEGER NOT NULL,
    UNIQUE (zone, name)
) STRICT;

-- How an order is delivered, and what it pays for it. In orders.total, beside the lines. Never changed.
CREATE TABLE order_fee (
    order_id INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id),
    zone INTEGER NOT NULL REFERENCES zone (id),
    point INTEGER REFERENCES point (id),                 -- NULL: to the door
    grams INTEGER NOT NULL CHECK (grams >= 0),           -- that were counted
    amount INTEGER NOT NULL CHECK (amount >= 0)
) STRICT;

-- One drive of one courier.
CREATE TABLE trip (
    id INTEGER NOT NULL PRIMARY KEY,
    courier INTEGER NOT NULL REFERENCES person (id),
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    state TEXT NOT NULL CHECK (state IN ('planned', 'loaded', 'moving', 'closed')),
    planned_at INTEGER NOT NULL,
    moved_at INTEGER,
    closed_at INTEGER,
    CHECK ((closed_at IS NULL) = (state <> 'closed')),
    CHECK (moved_at IS NOT NULL OR state <> 'moving')
) STRICT;
CREATE INDEX trip_courier ON trip (courier, id);
CREATE INDEX trip_open ON trip (id) WHERE state <> 'closed';

-- An order on a trip. removed: taken off before anybody drove there. Positions count from 1; equal ones by id.
CREATE TABLE stop (
    id INTEGER NOT NULL PRIMARY KEY,
    trip INTEGER NOT NULL REFERENCES trip (id),
    order_id INTEGER NOT NULL REFERENCES orders (id),
    position INTEGER NOT NULL CHECK (position BETWEEN 1 AND 200),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'arrived', 'delivered', 'partial', 'failed', 'removed')),
    reason TEXT NOT NULL,                                -- coded; '' when there is none
    note TEXT NOT NULL CHECK (length(note) <= 300),
    collected INTEGER NOT NULL CHECK (collected >= 0),
    tries INTEGER NOT NULL CHECK (tries BETWEEN 0 AND 5), -- wrong codes
    done_at INTEGER,                                     -- when it was, by the best clock known
    UNIQUE (trip, order_id),
    CHECK ((done_at IS NOT NULL) = (state IN ('delivered', 'partial', 'failed'))),
    CHECK (state NOT IN ('partial', 'failed') OR length(reason) > 0)
) STRICT;
CREATE INDEX stop_trip ON stop (trip, position, id);
-- An order is on one trip at a time; after a failed stop it may go on another.
CREATE UNIQUE INDEX stop_once ON stop (order_id) WHERE state IN ('waiting', 'arrived', 'delivered', 'partial');

-- What the buyer reads out at the door.
CREATE TABLE door_code (
    order_id INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id),
    code TEXT NOT NULL CHECK (length(code) = 4)
) STRICT;

-- Everything that happened to trips and stops. word: the new state, or 'wrong-code', 'undone'.
CREATE TABLE trip_event (
    id INTEGER NOT NULL PRIMARY KEY,
    trip INTEGER NOT NULL REFERENCES trip (id),
    stop INTEGER REFERENCES stop (id),                   -- NULL: the trip itself
    word TEXT NOT NULL CHECK (word IN ('planned', 'loaded', 'moving', 'closed', 'waiting', 'arrived', 'delivered', 'partial',
                                       'failed', 'removed', 'wrong-code', 'undone')),
    reason TEXT NOT NULL,
    note TEXT NOT NULL CHECK (length(note) <= 300),
    collected INTEGER NOT NULL CHECK (collected >= 0),
    entry INTEGER REFERENCES entry (id),                 -- of the ledger: the cash that was taken
    proof TEXT CHECK (proof IN ('code', 'photo', 'signature')),
    actor INTEGER NOT NULL,
    key TEXT NOT NULL,
    device_at INTEGER,                                   -- by the phone's clock, often hours before at_ms
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX trip_event_trip ON trip_event (trip, id);
CREATE INDEX trip_event_stop ON trip_event (stop, id) WHERE stop IS NOT NULL;

-- What a buyer did not take at the door: quantities before and after, so that it can be undone.
CREATE TABLE stop_line (
    event INTEGER NOT NULL REFERENCES trip_event (id),
    lot INTEGER NOT NULL REFERENCES lot (id),
    before INTEGER NOT NULL,
    after INTEGER NOT NULL CHECK (after BETWEEN 0 AND before),
    PRIMARY KEY (event, lot)
) STRICT, WITHOUT ROWID;

-- A photo (JPEG, base64) or a signature (SVG path on a field of 300 × 150).
CREATE TABLE proof (
    event INTEGER NOT NULL PRIMARY KEY REFERENCES trip_event (id),
    kind TEXT NOT NULL CHECK (kind IN ('photo', 'signature')),
    body TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 300000),
    digest TEXT NOT NULL
) STRICT;

-- Where a trip is: the last place only, while it moves; gone when it ends. Millionths of a degree.
CREATE TABLE trip_spot (
    trip INTEGER NOT NULL PRIMARY KEY REFERENCES trip (id),
    lat INTEGER NOT NULL CHECK (lat BETWEEN -90000000 AND 90000000),
    lon INTEGER NOT NULL CHECK (lon BETWEEN -180000000 AND 180000000),
    at_ms INTEGER NOT NULL
) STRICT;

-- (SQLite's own trigger words.)
CREATE TRIGGER order_fee_kept BEFORE UPDATE ON order_fee BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_fee_stays BEFORE DELETE ON order_fee BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER trip_event_kept BEFORE UPDATE ON trip_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER trip_event_stays BEFORE DELETE ON trip_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER proof_kept BEFORE UPDATE ON proof BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER proof_stays BEFORE DELETE ON proof BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stop_stays BEFORE DELETE ON stop BEGIN SELECT RAISE(ABORT, 'append-only'); END;
