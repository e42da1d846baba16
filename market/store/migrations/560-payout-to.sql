-- 560: to which of the farmer's own accounts a payout went; NULL: in cash, or paid before this was asked.
ALTER TABLE payout ADD COLUMN paid_to INTEGER REFERENCES bank_account (id);
