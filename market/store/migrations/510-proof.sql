-- 510: when whoever holds a session last gave the password. What moves money asks for it again after a few minutes.
CREATE TABLE session_proof (
    session INTEGER NOT NULL PRIMARY KEY REFERENCES session (id),
    at_ms INTEGER NOT NULL
) STRICT;
