-- 511: the tax rates an admin has set, from which day on. The newest row that has begun by a transaction's time counts; before the first
-- one those of Decree 117/2025. A day that has begun is never set again, so what was settled stays as it was.
CREATE TABLE tax_rate (
    id INTEGER NOT NULL PRIMARY KEY,
    starts_at INTEGER NOT NULL,                      -- a midnight in Vietnam
    goods_vat INTEGER NOT NULL CHECK (goods_vat BETWEEN 0 AND 5000),         -- all in hundredths of a percent
    goods_income INTEGER NOT NULL CHECK (goods_income BETWEEN 0 AND 5000),
    transport_vat INTEGER NOT NULL CHECK (transport_vat BETWEEN 0 AND 5000),
    transport_income INTEGER NOT NULL CHECK (transport_income BETWEEN 0 AND 5000),
    made_by INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL,
    CHECK (starts_at > made_at)
) STRICT;
CREATE INDEX tax_rate_start ON tax_rate (starts_at, id);
CREATE TRIGGER tax_rate_kept BEFORE UPDATE ON tax_rate BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER tax_rate_stays BEFORE DELETE ON tax_rate BEGIN SELECT RAISE(ABORT, 'append-only'); END;
