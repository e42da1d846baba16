-- 525: the lines of a settlement, side by side. A farmer's entries of a month lie among everybody's, each in a page of its own with
-- another page for its order's code: 400 lines read 800 pages, which after years come from the disk. Here they are copies of what
-- never changes (entry, posting, the order's code), in the order in which they are read; `market verify` holds them against the book.
CREATE TABLE account_line (
    account INTEGER NOT NULL REFERENCES account (id),  -- of the kinds farmer and delivery only
    entry INTEGER NOT NULL REFERENCES entry (id),
    position INTEGER NOT NULL,                         -- of the posting
    at_ms INTEGER NOT NULL,
    taxed_at INTEGER NOT NULL,                         -- when money of its order first came into the book; that decides the tax rates
    kind TEXT NOT NULL,
    code TEXT,                                         -- of its order
    words TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (account, entry, position)
) STRICT, WITHOUT ROWID;
INSERT INTO account_line (account, entry, position, at_ms, taxed_at, kind, code, words, amount)
    SELECT p.account, p.entry, p.position, e.at_ms,
        COALESCE((SELECT f.at_ms FROM entry f WHERE f.order_id = e.order_id ORDER BY f.id LIMIT 1), e.at_ms),
        e.kind, o.code, e.words, p.amount
    FROM posting p JOIN account a ON a.id = p.account AND (a.kind = 'farmer' OR a.kind = 'delivery')
        JOIN entry e ON e.id = p.entry LEFT JOIN orders o ON o.id = e.order_id
    ORDER BY p.account, p.entry, p.position;
CREATE TRIGGER account_line_kept BEFORE UPDATE ON account_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER account_line_stays BEFORE DELETE ON account_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
