-- 100: money. A double-entry ledger, the banks' notices, what became of each, refunds, settlements, cash on its way.
-- Amounts are whole đồng. A posting is + for debit and - for credit; every entry's postings add up to 0.

-- balance is the sum of the account's postings, kept beside them; lowest and highest bound it (NULL: no bound).
CREATE TABLE account (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('bank', 'carrier', 'cash', 'order', 'farmer', 'credit', 'suspense', 'fees',
                                       'delivery', 'refund', 'writeoff', 'fund', 'owned')),
    subject INTEGER NOT NULL CHECK (subject >= 0),   -- row of what it is about, 0: there is only one
    lowest INTEGER,
    highest INTEGER,
    balance INTEGER NOT NULL CHECK (balance BETWEEN -1000000000000000 AND 1000000000000000),
    CHECK (lowest IS NULL OR balance >= lowest),
    CHECK (highest IS NULL OR balance <= highest),
    UNIQUE (kind, subject)
) STRICT;

CREATE TABLE entry (
    id INTEGER NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 120),
    digest TEXT NOT NULL,                            -- of the content: the same key with other content is refused
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'adjust', 'payment', 'cash', 'suspense', 'resolve', 'credit', 'refund-grant',
                                       'refund-pay', 'payout', 'direct', 'handover', 'banked', 'bank-out', 'difference',
                                       'reverse')),
    order_id INTEGER REFERENCES orders (id),
    reverses INTEGER UNIQUE REFERENCES entry (id),
    actor INTEGER,                                   -- NULL: the system
    words TEXT NOT NULL CHECK (length(words) <= 300),
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_order ON entry (order_id, id) WHERE order_id IS NOT NULL;

CREATE TABLE posting (
    entry INTEGER NOT NULL REFERENCES entry (id),
    position INTEGER NOT NULL CHECK (position BETWEEN 1 AND 64),
    account INTEGER NOT NULL REFERENCES account (id),
    amount INTEGER NOT NULL CHECK (amount <> 0 AND amount BETWEEN -1000000000000000 AND 1000000000000000),
    PRIMARY KEY (entry, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX posting_account ON posting (account, entry);

-- An account at a bank that buyers pay into. Never changed: another number is another row.
CREATE TABLE bank_account (
    id INTEGER NOT NULL PRIMARY KEY,
    bin TEXT NOT NULL CHECK (length(bin) = 6),
    number TEXT NOT NULL CHECK (length(number) BETWEEN 6 AND 19),
    holder TEXT NOT NULL CHECK (length(holder) BETWEEN 1 AND 80),
    owner INTEGER REFERENCES person (id),            -- NULL: the co-op's
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL,
    UNIQUE (bin, number)
) STRICT;
CREATE INDEX bank_account_number ON bank_account (number);

-- Into which account a stall's buyers pay, from when on. The newest row that has begun counts.
CREATE TABLE payee (
    id INTEGER NOT NULL PRIMARY KEY,
    stall INTEGER NOT NULL REFERENCES stall (id),
    account INTEGER NOT NULL REFERENCES bank_account (id),
    fee_points INTEGER NOT NULL CHECK (fee_points BETWEEN 0 AND 5000), -- the co-op's part, in hundredths of a percent
    starts_at INTEGER NOT NULL,
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX payee_stall ON payee (stall, starts_at);

-- What a bank's messenger sent, as it came, kept before anybody looks into it.
CREATE TABLE bank_raw (
    id INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL CHECK (source IN ('sepay', 'casso', 'payos')),
    auth TEXT NOT NULL CHECK (auth IN ('genuine')),
    headers TEXT NOT NULL CHECK (length(headers) <= 8000),
    body TEXT NOT NULL,                              -- base64 when it is not text
    digest TEXT NOT NULL,
    read TEXT NOT NULL CHECK (read IN ('waiting', 'read', 'unreadable')),
    actor INTEGER,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX bank_raw_waiting ON bank_raw (id) WHERE read = 'waiting';
CREATE INDEX bank_raw_digest ON bank_raw (source, digest);

-- A movement on a bank account. (source, source_id) is unique for ever: a notice sent a thousand times is one row.
CREATE TABLE bank_event (
    id INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL CHECK (source IN ('sepay', 'casso', 'payos', 'statement')),
    source_id TEXT NOT NULL CHECK (length(source_id) BETWEEN 1 AND 1000),
    raw INTEGER REFERENCES bank_raw (id),
    number TEXT NOT NULL,                            -- the account as the source writes it
    account INTEGER REFERENCES bank_account (id),    -- NULL: none of ours
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
    memo TEXT NOT NULL,
    reference TEXT NOT NULL,
    payer TEXT NOT NULL,
    balance INTEGER,
    at_ms INTEGER NOT NULL,                          -- by the bank's clock
    heard_at INTEGER NOT NULL,
    UNIQUE (source, source_id)
) STRICT;
CREATE INDEX bank_event_same ON bank_event (account, amount, at_ms);
CREATE INDEX bank_event_raw ON bank_event (raw);

-- Each movement ends in exactly one of these. joined: it is the movement `first`, heard of in another way.
CREATE TABLE disposition (
    event INTEGER NOT NULL PRIMARY KEY REFERENCES bank_event (id),
    kind TEXT NOT NULL CHECK (kind IN ('matched', 'suspense', 'out', 'banked', 'ignored', 'joined')),
    order_id INTEGER REFERENCES orders (id),
    first INTEGER REFERENCES bank_event (id),
    entry INTEGER REFERENCES entry (id),
    reason TEXT NOT NULL CHECK (length(reason) <= 300),
    at_ms INTEGER NOT NULL,
    CHECK ((kind = 'joined') = (first IS NOT NULL)),
    CHECK (kind <> 'ignored' OR length(reason) > 0),
    CHECK (kind NOT IN ('matched', 'suspense', 'out', 'banked') OR entry IS NOT NULL)
) STRICT;
CREATE INDEX disposition_order ON disposition (order_id) WHERE order_id IS NOT NULL;

-- What a person has to decide. Closed once, by name.
CREATE TABLE pay_task (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('unmatched', 'under', 'over', 'late', 'duplicate', 'refund-due', 'out', 'unreadable')),
    event INTEGER REFERENCES bank_event (id),
    raw INTEGER REFERENCES bank_raw (id),
    order_id INTEGER REFERENCES orders (id),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    near TEXT NOT NULL,                              -- codes of orders that look close, between blanks
    made_at INTEGER NOT NULL,
    closed_at INTEGER,
    closed_by INTEGER REFERENCES person (id),
    outcome TEXT CHECK (outcome IN ('matched', 'credit', 'refund', 'ignored', 'out', 'banked', 'joined', 'seen', 'cleared')),
    reason TEXT NOT NULL CHECK (length(reason) <= 300),
    CHECK ((closed_at IS NULL) = (outcome IS NULL)),
    CHECK (closed_at IS NULL OR closed_by IS NOT NULL OR outcome = 'cleared')
) STRICT;
CREATE INDEX pay_task_open ON pay_task (id) WHERE closed_at IS NULL;
CREATE INDEX pay_task_order ON pay_task (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX pay_task_event ON pay_task (event) WHERE event IS NOT NULL;

-- Granted by one person, paid by another.
CREATE TABLE refund (
    id INTEGER NOT NULL PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    buyer INTEGER NOT NULL REFERENCES person (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 300),
    state TEXT NOT NULL CHECK (state IN ('granted', 'paid')),
    granted_by INTEGER NOT NULL REFERENCES person (id),
    granted_at INTEGER NOT NULL,
    paid_by INTEGER REFERENCES person (id),
    paid_at INTEGER,
    reference TEXT NOT NULL CHECK (length(reference) <= 80),
    CHECK (paid_by <> granted_by),
    CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
    CHECK ((paid_by IS NULL) = (paid_at IS NULL))
) STRICT;
CREATE INDEX refund_order ON refund (order_id);

-- Money paid out to a farmer; its postings are in `entry`.
CREATE TABLE payout (
    id INTEGER NOT NULL PRIMARY KEY,
    farmer INTEGER NOT NULL REFERENCES person (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    account INTEGER REFERENCES bank_account (id),    -- NULL: in cash
    reference TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 80),
    entry INTEGER NOT NULL REFERENCES entry (id),
    paid_by INTEGER NOT NULL REFERENCES person (id),
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX payout_farmer ON payout (farmer, at_ms);

-- Cash from hand to hand: one says he gives, the other counts and says what he got.
CREATE TABLE handover (
    id INTEGER NOT NULL PRIMARY KEY,
    giver INTEGER NOT NULL REFERENCES person (id),
    taker INTEGER NOT NULL REFERENCES person (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    counted INTEGER CHECK (counted >= 0),
    reason TEXT NOT NULL CHECK (length(reason) <= 300), -- of a difference
    entry INTEGER REFERENCES entry (id),
    given_at INTEGER NOT NULL,
    taken_at INTEGER,
    CHECK (giver <> taker),
    CHECK ((taken_at IS NULL) = (counted IS NULL)),
    CHECK (counted IS NULL OR counted = amount OR length(reason) > 0)
) STRICT;
CREATE INDEX handover_giver ON handover (giver, given_at);
CREATE INDEX handover_open ON handover (taker) WHERE taken_at IS NULL;
