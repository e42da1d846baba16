-- 540: orders that were made one had said different ways to pay. The newest counts until somebody says it anew.
ALTER TABLE pay_wish ADD COLUMN differed INTEGER NOT NULL DEFAULT 0 CHECK (differed IN (0, 1));
