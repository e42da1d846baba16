-- 561: the latest time that was written. The market's clock goes on from it, however the machine's clock was set meanwhile.
CREATE TABLE highwater (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO highwater (one, at_ms) VALUES (1, COALESCE((SELECT at_ms FROM journal ORDER BY id DESC LIMIT 1), 0));
