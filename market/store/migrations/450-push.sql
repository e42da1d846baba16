-- 450: who wants to be told of an order on a sleeping phone (web push), and how a buyer means to pay.

-- told: the word for the order's state that this phone was told last; a message is due while the order's word differs. So nothing
-- is queued, nothing is lost by a crash, and a phone that was away hears the newest state only. over_at: the order was done when it
-- was told; the row goes soon after (a delivery can be undone for ten minutes).
CREATE TABLE push_sub (
    id INTEGER NOT NULL PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    order_id INTEGER NOT NULL REFERENCES orders (id),
    endpoint TEXT NOT NULL CHECK (length(endpoint) BETWEEN 12 AND 1000),
    p256dh TEXT NOT NULL CHECK (length(p256dh) = 87),    -- the browser's public key, base64url
    auth TEXT NOT NULL CHECK (length(auth) = 22),        -- its secret for us
    lang TEXT NOT NULL CHECK (lang IN ('vi', 'en', 'fr')),
    told TEXT NOT NULL,
    tries INTEGER NOT NULL CHECK (tries >= 0),           -- of the message that is due
    next_at INTEGER NOT NULL,                            -- not before; 0: at once
    over_at INTEGER,
    made_at INTEGER NOT NULL,
    UNIQUE (order_id, endpoint)
) STRICT;
CREATE INDEX push_sub_person ON push_sub (person);
CREATE INDEX push_sub_made ON push_sub (made_at);
CREATE INDEX push_sub_over ON push_sub (over_at) WHERE over_at IS NOT NULL;

-- How the buyer means to pay. A wish, not a payment: the ledger knows what was paid.
CREATE TABLE pay_wish (
    order_id INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id),
    way TEXT NOT NULL CHECK (way IN ('bank', 'cash')),
    actor INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
