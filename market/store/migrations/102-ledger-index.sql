-- 102: whether a movement was told by another source is asked for every new one.
CREATE INDEX disposition_first ON disposition (first) WHERE first IS NOT NULL;
