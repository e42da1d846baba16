-- 421: what an account's postings since some entry come to is read from the index alone: thousands of them in a fraction of a millisecond.
DROP INDEX posting_account;
CREATE INDEX posting_account ON posting (account, entry, amount);
