-- 562: a part of an order's money has come by transfer: when the first did. Its hold was made longer then, once.
ALTER TABLE hold ADD COLUMN part_at INTEGER;
