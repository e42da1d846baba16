-- 517: how far a telephone number is driven to for cash at the door, as an admin has set it. The newest row counts from when it was made;
-- before the first one three refused doors in ninety days, and five million đồng owed at once.
CREATE TABLE cod_rule (
    id INTEGER NOT NULL PRIMARY KEY,
    refusals INTEGER NOT NULL CHECK (refusals BETWEEN 1 AND 50),
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 730),
    owed_max INTEGER NOT NULL CHECK (owed_max BETWEEN 0 AND 100000000),      -- 0: all is paid before it is driven
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER cod_rule_kept BEFORE UPDATE ON cod_rule BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER cod_rule_stays BEFORE DELETE ON cod_rule BEGIN SELECT RAISE(ABORT, 'append-only'); END;
