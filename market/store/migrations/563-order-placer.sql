-- 563: orders that somebody of the office placed for a household, whose number is the order's: who did. The order's buyer is the household.
CREATE TABLE order_placer (
    order_id INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id),
    placer INTEGER NOT NULL REFERENCES person (id)
) STRICT;
CREATE INDEX order_placer_person ON order_placer (placer, order_id);
-- Has a household been given a way in?
CREATE INDEX link_person ON link (person);
