-- 550: a second factor of who works in the office: one-time codes of an authenticator app, and recovery codes for a lost telephone.

CREATE TABLE factor (
    person INTEGER NOT NULL PRIMARY KEY REFERENCES person (id),
    sealed TEXT NOT NULL,                            -- the app's secret; only with DATA/factor-key it can be read
    made_at INTEGER NOT NULL,
    on_at INTEGER,                                   -- NULL: no code of it was given yet, so it counts for nothing
    step INTEGER NOT NULL CHECK (step >= 0),         -- of the newest code that was taken: it and those before it count for nothing any more
    salt TEXT NOT NULL                               -- of the recovery codes
) STRICT;

-- One row a recovery code that has not been used.
CREATE TABLE recovery_code (
    person INTEGER NOT NULL REFERENCES person (id),
    print TEXT NOT NULL,                             -- Argon2id
    PRIMARY KEY (person, print)
) STRICT, WITHOUT ROWID;

-- Must the office have one? The newest row counts; before the first one: no.
CREATE TABLE factor_rule (
    id INTEGER NOT NULL PRIMARY KEY,
    required INTEGER NOT NULL CHECK (required IN (0, 1)),
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER factor_rule_kept BEFORE UPDATE ON factor_rule BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER factor_rule_stays BEFORE DELETE ON factor_rule BEGIN SELECT RAISE(ABORT, 'append-only'); END;
