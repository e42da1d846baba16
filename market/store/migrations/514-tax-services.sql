-- 514: services have rates an admin sets, too; rows from before this kept those of Decree 117/2025.
ALTER TABLE tax_rate ADD COLUMN services_vat INTEGER NOT NULL DEFAULT 500 CHECK (services_vat BETWEEN 0 AND 5000);
ALTER TABLE tax_rate ADD COLUMN services_income INTEGER NOT NULL DEFAULT 200 CHECK (services_income BETWEEN 0 AND 5000);
