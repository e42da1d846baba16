-- 480: who waits in line and wants to be told of the turn on a sleeping phone. When there is an offer, the rows go over to push_sub:
-- from then on the phone is told of that order.
CREATE TABLE wait_push (
    wait INTEGER NOT NULL REFERENCES wait (id),
    endpoint TEXT NOT NULL CHECK (length(endpoint) BETWEEN 12 AND 1000),
    p256dh TEXT NOT NULL CHECK (length(p256dh) = 87),
    auth TEXT NOT NULL CHECK (length(auth) = 22),
    lang TEXT NOT NULL CHECK (lang IN ('vi', 'en', 'fr')),
    made_at INTEGER NOT NULL,
    PRIMARY KEY (wait, endpoint)
) STRICT;
CREATE INDEX wait_push_made ON wait_push (made_at);
