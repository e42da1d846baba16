-- 001: people, stalls, lots, live sessions, orders, stock, journal, answers.
-- Times are ms since 1970 UTC, money is whole đồng, quantities are grams or pieces. PostgreSQL reads INTEGER as BIGINT and
-- knows no STRICT and WITHOUT ROWID: store_postgres takes those words out. Words in CHECK lists are stored: never renamed.

-- Somebody. Who logs in has `login`, the phone number as a unique name; who only ordered once has a phone for the courier.
CREATE TABLE person (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    phone TEXT NOT NULL CHECK (length(phone) BETWEEN 8 AND 16),
    place TEXT NOT NULL CHECK (length(place) <= 200),
    roles INTEGER NOT NULL CHECK (roles BETWEEN 1 AND 31),
    login TEXT UNIQUE,
    password TEXT,                                   -- Argon2id in its own text form; NULL: no password yet, links only
    made_at INTEGER NOT NULL
) STRICT;

-- A browser that is logged in. The cookie's secret is not here, only its SHA-256.
CREATE TABLE session (
    id INTEGER NOT NULL PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    hash TEXT NOT NULL UNIQUE,
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,                        -- to the hour; idle time counts from here
    idle_ms INTEGER NOT NULL CHECK (idle_ms > 0),
    ends_at INTEGER NOT NULL,                        -- at the latest
    address TEXT NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX session_person ON session (person);

-- A one-time log-in link that a cadre shows as a QR code.
CREATE TABLE link (
    id INTEGER NOT NULL PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    hash TEXT NOT NULL UNIQUE,
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE stall (
    id INTEGER NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 32),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    village TEXT NOT NULL CHECK (length(village) <= 80),
    about TEXT NOT NULL CHECK (length(about) <= 1000),
    farmer INTEGER NOT NULL REFERENCES person (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX stall_farmer ON stall (farmer);

-- A bearer token for programs: to publish to a stall, to watch it, or to use the API as its person (`api`).
CREATE TABLE token (
    id INTEGER NOT NULL PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    stall INTEGER REFERENCES stall (id),
    kind TEXT NOT NULL CHECK (kind IN ('publish', 'watch', 'api')),
    name TEXT NOT NULL CHECK (length(name) <= 80),
    hash TEXT NOT NULL UNIQUE,
    made_at INTEGER NOT NULL,
    revoked_at INTEGER,
    CHECK ((stall IS NULL) = (kind = 'api'))
) STRICT;
CREATE INDEX token_stall ON token (stall);

-- Something on sale. available + held + sold = total, always; only lot.c writes these four, together with a row in stock.
CREATE TABLE lot (
    id INTEGER NOT NULL PRIMARY KEY,
    stall INTEGER NOT NULL REFERENCES stall (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    unit TEXT NOT NULL CHECK (unit IN ('kg', 'bunch', 'piece')),
    price INTEGER NOT NULL CHECK (price BETWEEN 1 AND 100000000),
    total INTEGER NOT NULL CHECK (total BETWEEN 0 AND 1000000000),
    available INTEGER NOT NULL CHECK (available >= 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    sold INTEGER NOT NULL CHECK (sold >= 0),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    picture TEXT,
    note TEXT NOT NULL CHECK (length(note) <= 300),
    made_at INTEGER NOT NULL,
    CHECK (available + held + sold = total)
) STRICT;
CREATE INDEX lot_stall ON lot (stall);

CREATE TABLE live (
    id INTEGER NOT NULL PRIMARY KEY,
    stall INTEGER NOT NULL REFERENCES stall (id),
    title TEXT NOT NULL CHECK (length(title) <= 120),
    state TEXT NOT NULL CHECK (state IN ('planned', 'live', 'paused', 'ended')),
    approved INTEGER NOT NULL CHECK (approved IN (0, 1)),
    planned_at INTEGER,
    started_at INTEGER,
    ended_at INTEGER,
    reason TEXT NOT NULL CHECK (length(reason) <= 300),
    made_at INTEGER NOT NULL,
    CHECK (approved = 1 OR state IN ('planned', 'ended')),
    CHECK ((ended_at IS NULL) = (state <> 'ended'))
) STRICT;
CREATE UNIQUE INDEX live_open ON live (stall) WHERE state <> 'ended';

CREATE TABLE orders (
    id INTEGER NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE CHECK (length(code) = 10),
    stall INTEGER NOT NULL REFERENCES stall (id),
    buyer INTEGER NOT NULL REFERENCES person (id),
    state TEXT NOT NULL CHECK (state IN ('placed', 'confirmed', 'cancelled')),
    total INTEGER NOT NULL CHECK (total >= 0),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    phone TEXT NOT NULL CHECK (length(phone) BETWEEN 8 AND 16),
    place TEXT NOT NULL CHECK (length(place) <= 200),
    note TEXT NOT NULL CHECK (length(note) <= 300),
    reason TEXT NOT NULL CHECK (length(reason) <= 300),
    placed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_stall ON orders (stall, id);
CREATE INDEX orders_buyer ON orders (buyer, id);

-- Name, unit and price are as they were when the order was placed.
CREATE TABLE order_line (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    position INTEGER NOT NULL CHECK (position BETWEEN 1 AND 20),
    lot INTEGER NOT NULL REFERENCES lot (id),
    name TEXT NOT NULL,
    unit TEXT NOT NULL CHECK (unit IN ('kg', 'bunch', 'piece')),
    quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
    price INTEGER NOT NULL CHECK (price BETWEEN 1 AND 100000000),
    amount INTEGER NOT NULL,
    PRIMARY KEY (order_id, position),
    CHECK (amount = CASE unit WHEN 'kg' THEN (price * quantity + 500) / 1000 ELSE price * quantity END)
) STRICT, WITHOUT ROWID;

-- Every movement of goods. put: +n total (n may be negative: spoiled); hold: available → held; commit: held → sold;
-- release: held → available; return: sold → available.
CREATE TABLE stock (
    id INTEGER NOT NULL PRIMARY KEY,
    lot INTEGER NOT NULL REFERENCES lot (id),
    order_id INTEGER REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('put', 'hold', 'commit', 'release', 'return')),
    amount INTEGER NOT NULL CHECK (amount <> 0 AND (kind = 'put' OR amount > 0)),
    actor INTEGER,
    at_ms INTEGER NOT NULL,
    CHECK ((order_id IS NULL) = (kind = 'put'))
) STRICT;
-- What was held is resolved once.
CREATE UNIQUE INDEX stock_once ON stock (order_id, lot, kind) WHERE kind IN ('commit', 'release', 'return');

-- What happened, in the order of commits. The live push, the catch-up, the audit trail. hash covers the row and the hash before it.
CREATE TABLE journal (
    id INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    stall INTEGER REFERENCES stall (id),
    person INTEGER REFERENCES person (id),           -- the buyer it concerns
    actor INTEGER,                                   -- who did it; NULL: the system
    kind TEXT NOT NULL,
    open_body TEXT,                                  -- for everybody; NULL: nothing
    full_body TEXT,                                  -- for the farmer, cadres and `person`; NULL: the same as open_body
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX journal_stall ON journal (stall, id);

-- What a client's key was answered, kept with the effect. person 0: nobody logged in then; maker is who the effect made.
CREATE TABLE answer (
    key TEXT NOT NULL CHECK (length(key) BETWEEN 16 AND 64),
    person INTEGER NOT NULL,
    maker INTEGER NOT NULL,
    digest TEXT NOT NULL,                            -- of command and content
    status INTEGER NOT NULL,
    body TEXT,
    at_ms INTEGER NOT NULL,
    UNIQUE (key, person)
) STRICT;
