-- 002: what happened cannot be changed afterwards. (SQLite's own trigger words; PostgreSQL has its own file for this.)
CREATE TRIGGER journal_kept BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_kept BEFORE UPDATE ON stock BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_stays BEFORE DELETE ON stock BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER answer_kept BEFORE UPDATE ON answer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER answer_stays BEFORE DELETE ON answer BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_line_kept BEFORE UPDATE ON order_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER order_line_stays BEFORE DELETE ON order_line BEGIN SELECT RAISE(ABORT, 'append-only'); END;
