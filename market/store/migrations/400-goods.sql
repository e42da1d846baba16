-- 400: flash prices, lots that are not picked yet, where goods come from, what was written off, why an order moved.

-- A lower price for some of a lot and some time. taken: by orders that stand. One at a time a lot.
CREATE TABLE flash (
    id INTEGER NOT NULL PRIMARY KEY,
    lot INTEGER NOT NULL REFERENCES lot (id),
    price INTEGER NOT NULL CHECK (price BETWEEN 1 AND 100000000),
    amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000),
    taken INTEGER NOT NULL CHECK (taken BETWEEN 0 AND amount),
    buyer_limit INTEGER CHECK (buyer_limit BETWEEN 1 AND 1000000),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at > starts_at),
    made_by INTEGER,
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX flash_open ON flash (lot) WHERE ended_at IS NULL;
CREATE INDEX flash_due ON flash (ends_at) WHERE ended_at IS NULL;

-- What an order took at a flash price. back: the order was cancelled.
CREATE TABLE flash_line (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    lot INTEGER NOT NULL REFERENCES lot (id),
    flash INTEGER NOT NULL REFERENCES flash (id),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
    back INTEGER NOT NULL DEFAULT 0 CHECK (back IN (0, 1)),
    PRIMARY KEY (order_id, lot)
) STRICT, WITHOUT ROWID;

-- A lot sold before it is picked: its amount is a promise until then. shut_at: orders were closed at order_until.
CREATE TABLE harvest (
    lot INTEGER NOT NULL PRIMARY KEY REFERENCES lot (id),
    pick_at INTEGER NOT NULL,
    order_until INTEGER NOT NULL CHECK (order_until <= pick_at),
    shut_at INTEGER,
    picked_at INTEGER,
    picked INTEGER CHECK (picked BETWEEN 0 AND 1000000000),
    CHECK ((picked_at IS NULL) = (picked IS NULL))
) STRICT;
CREATE INDEX harvest_due ON harvest (order_until) WHERE shut_at IS NULL AND picked_at IS NULL;

-- Where a lot comes from. moment_at: when, by our clock, the stream showed it.
CREATE TABLE origin (
    lot INTEGER NOT NULL PRIMARY KEY REFERENCES lot (id),
    plot TEXT NOT NULL CHECK (length(plot) <= 80),
    picked_at INTEGER,
    live INTEGER REFERENCES live (id),
    moment_at INTEGER,
    CHECK ((live IS NULL) = (moment_at IS NULL))
) STRICT;

CREATE INDEX live_stall ON live (stall, id);

-- A paper about a lot: its file as base64, of a kind that was looked at and not believed.
CREATE TABLE certificate (
    id INTEGER NOT NULL PRIMARY KEY,
    lot INTEGER NOT NULL REFERENCES lot (id),
    kind TEXT NOT NULL CHECK (kind IN ('vietgap', 'ocop', 'organic', 'other')),
    type TEXT NOT NULL CHECK (type IN ('application/pdf', 'image/jpeg', 'image/png')),
    body TEXT NOT NULL CHECK (length(body) BETWEEN 4 AND 1400000),
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    actor INTEGER,
    at_ms INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE INDEX certificate_lot ON certificate (lot, id) WHERE removed_at IS NULL;

-- Goods that cannot be sold any more, and who bears it by rule. order_id: they had been sold to it.
CREATE TABLE writeoff (
    id INTEGER NOT NULL PRIMARY KEY,
    lot INTEGER NOT NULL REFERENCES lot (id),
    order_id INTEGER REFERENCES orders (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    bears TEXT NOT NULL CHECK (bears IN ('farmer', 'buyer', 'courier', 'coop', 'nobody')),
    actor INTEGER,
    key TEXT NOT NULL,
    device_at INTEGER,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX writeoff_lot ON writeoff (lot, id);

-- How an order came into a state: why, who bears it, by whom, when by the phone and by us, by which key. 'placed' has a row only
-- when the phone was without network as it was pressed: else orders and stock say all of it.
CREATE TABLE order_event (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    state TEXT NOT NULL CHECK (state IN ('placed', 'confirmed', 'cancelled')),
    why TEXT NOT NULL,
    bears TEXT NOT NULL CHECK (bears IN ('', 'farmer', 'buyer', 'courier', 'coop', 'nobody')),
    actor INTEGER,
    key TEXT NOT NULL,
    device_at INTEGER,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (order_id, state)
) STRICT, WITHOUT ROWID;

-- (SQLite's own trigger words.)
CREATE TRIGGER flash_stays BEFORE DELETE ON flash BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER flash_over BEFORE UPDATE OF price, amount, buyer_limit, ends_at ON flash BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER flash_line_stays BEFORE DELETE ON flash_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER harvest_once BEFORE UPDATE ON harvest WHEN OLD.picked_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER writeoff_kept BEFORE UPDATE ON writeoff BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER writeoff_stays BEFORE DELETE ON writeoff BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_event_kept BEFORE UPDATE ON order_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_event_stays BEFORE DELETE ON order_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
