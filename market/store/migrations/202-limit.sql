-- 202: how much of a lot one buyer may have; NULL: as much as there is.
ALTER TABLE lot ADD COLUMN buyer_limit INTEGER CHECK (buyer_limit BETWEEN 1 AND 1000000);
-- A buyer without a log-in is a new person each time: the phone number joins them.
CREATE INDEX person_phone ON person (phone);
