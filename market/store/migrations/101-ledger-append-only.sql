-- 101: what was booked stays booked; a mistake is put right by another entry. (SQLite's own trigger words.)
CREATE TRIGGER entry_kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER posting_kept BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER posting_stays BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER account_named BEFORE UPDATE OF id, kind, subject, lowest, highest ON account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER account_stays BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_account_kept BEFORE UPDATE ON bank_account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_account_stays BEFORE DELETE ON bank_account BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payee_kept BEFORE UPDATE ON payee BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payee_stays BEFORE DELETE ON payee BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_raw_kept BEFORE UPDATE OF id, source, auth, headers, body, digest, actor, at_ms ON bank_raw
    BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_raw_once BEFORE UPDATE OF read ON bank_raw WHEN OLD.read <> 'waiting' BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_raw_stays BEFORE DELETE ON bank_raw BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_event_kept BEFORE UPDATE ON bank_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER bank_event_stays BEFORE DELETE ON bank_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER disposition_kept BEFORE UPDATE ON disposition BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER disposition_stays BEFORE DELETE ON disposition BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER pay_task_once BEFORE UPDATE ON pay_task WHEN OLD.closed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER pay_task_stays BEFORE DELETE ON pay_task BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER refund_once BEFORE UPDATE ON refund WHEN OLD.state <> 'granted' BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER refund_stays BEFORE DELETE ON refund BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payout_kept BEFORE UPDATE ON payout BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER payout_stays BEFORE DELETE ON payout BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER handover_once BEFORE UPDATE ON handover WHEN OLD.taken_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER handover_stays BEFORE DELETE ON handover BEGIN SELECT RAISE(ABORT, 'append-only'); END;
