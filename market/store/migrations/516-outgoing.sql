-- 516: which refund or payout a movement out of a bank account was: each has at most one, and is one's.
CREATE TABLE bank_paid (
    event INTEGER NOT NULL PRIMARY KEY REFERENCES bank_event (id),
    refund INTEGER UNIQUE REFERENCES refund (id),
    payout INTEGER UNIQUE REFERENCES payout (id),
    at_ms INTEGER NOT NULL,
    CHECK ((refund IS NULL) <> (payout IS NULL))
) STRICT;
CREATE INDEX refund_paid ON refund (amount, paid_at) WHERE state = 'paid';
CREATE INDEX payout_amount ON payout (amount, at_ms);
CREATE INDEX pay_task_out ON pay_task (amount) WHERE kind = 'out' AND closed_at IS NULL;

-- (SQLite's own trigger words.)
CREATE TRIGGER bank_paid_kept BEFORE UPDATE ON bank_paid BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_paid_stays BEFORE DELETE ON bank_paid BEGIN SELECT RAISE(ABORT, 'append-only'); END;
