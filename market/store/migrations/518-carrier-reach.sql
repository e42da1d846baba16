-- 518: how a buyer reaches the delivery company that has the order: its telephone, and its page about a parcel ("{}" stands for the number).
ALTER TABLE carrier ADD COLUMN phone TEXT NOT NULL DEFAULT '' CHECK (length(phone) <= 20);
ALTER TABLE carrier ADD COLUMN link TEXT NOT NULL DEFAULT '' CHECK (link = '' OR link LIKE 'https://%');
-- The order's page asks for its last parcel, also one that came back.
CREATE INDEX parcel_order ON parcel (order_id, id);
