-- 420: what a database of a million orders needs so that no statement reads a table from end to end. None of it costs anything
-- when an order is placed: the indexes are small ones of what is still open, or of rows that are rare.
CREATE INDEX live_going ON live (id) WHERE state <> 'ended';
CREATE INDEX person_staff ON person (id) WHERE login IS NOT NULL;
CREATE INDEX handover_waiting ON handover (id) WHERE taken_at IS NULL;
CREATE INDEX refund_granted ON refund (id) WHERE state = 'granted';
CREATE INDEX trip_planned ON trip (planned_at);
CREATE INDEX stop_order ON stop (order_id, id);

-- Is this movement known from another source, or from the same one under another number? The first index did not know the source.
DROP INDEX bank_event_same;
CREATE INDEX bank_event_same ON bank_event (account, amount, source, at_ms);
CREATE INDEX bank_event_reference ON bank_event (source, reference) WHERE reference <> '';

-- Confirmed orders that nobody drives yet: a queue that is asked for often and stays short, while confirmed orders are nearly all
-- there are. Kept right by what changes it. (SQLite's own trigger words.)
CREATE TABLE trip_wait (
    order_id INTEGER NOT NULL PRIMARY KEY REFERENCES orders (id)
) STRICT;
INSERT INTO trip_wait (order_id) SELECT o.id FROM orders o WHERE o.state = 'confirmed'
    AND NOT EXISTS (SELECT 1 FROM order_end e WHERE e.order_id = o.id)
    AND NOT EXISTS (SELECT 1 FROM stop s WHERE s.order_id = o.id AND s.state IN ('waiting', 'arrived', 'delivered', 'partial'));
CREATE TRIGGER trip_wait_confirmed AFTER UPDATE OF state ON orders WHEN NEW.state = 'confirmed' AND OLD.state <> 'confirmed'
    BEGIN INSERT INTO trip_wait (order_id) VALUES (NEW.id); END;
CREATE TRIGGER trip_wait_cancelled AFTER UPDATE OF state ON orders WHEN NEW.state <> 'confirmed' AND OLD.state = 'confirmed'
    BEGIN DELETE FROM trip_wait WHERE order_id = NEW.id; END;
CREATE TRIGGER trip_wait_ended AFTER INSERT ON order_end BEGIN DELETE FROM trip_wait WHERE order_id = NEW.order_id; END;
CREATE TRIGGER trip_wait_taken AFTER INSERT ON stop WHEN NEW.state IN ('waiting', 'arrived', 'delivered', 'partial')
    BEGIN DELETE FROM trip_wait WHERE order_id = NEW.order_id; END;
CREATE TRIGGER trip_wait_again AFTER UPDATE OF state ON stop WHEN NEW.state <> OLD.state BEGIN
    DELETE FROM trip_wait WHERE order_id = NEW.order_id;
    INSERT INTO trip_wait (order_id) SELECT o.id FROM orders o WHERE o.id = NEW.order_id AND o.state = 'confirmed'
        AND NOT EXISTS (SELECT 1 FROM order_end e WHERE e.order_id = o.id)
        AND NOT EXISTS (SELECT 1 FROM stop s WHERE s.order_id = o.id AND s.state IN ('waiting', 'arrived', 'delivered', 'partial'));
END;
