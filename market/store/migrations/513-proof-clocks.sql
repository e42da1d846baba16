-- 513: the ten minutes of a proof are counted by two clocks, so that setting one back does not make them longer.

-- Milliseconds since the machine started, as the password was given; what is from before this counts as long ago.
ALTER TABLE session_proof ADD COLUMN steady_ms INTEGER NOT NULL DEFAULT 0;

-- A session that a one-time link opened, and when: for some minutes whoever has no password may set the first one there.
CREATE TABLE session_link (
    session INTEGER NOT NULL PRIMARY KEY REFERENCES session (id),
    at_ms INTEGER NOT NULL,
    steady_ms INTEGER NOT NULL
) STRICT;
