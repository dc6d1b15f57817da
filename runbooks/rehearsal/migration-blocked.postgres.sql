-- The world of migration-blocked.md on a PostgreSQL server: its sessions and its
-- locks are real. A migration waits for a table that a forgotten session has
-- read and not let go of, and an order waits behind the migration.

CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
INSERT INTO customers (id, name) VALUES (1, 'Wren & Daughters'), (2, 'Harbour Stores');

CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, total numeric(10, 2) NOT NULL);
INSERT INTO orders (id, customer_id, total) VALUES (1, 1, 120.00), (2, 2, 8.50);

CREATE TABLE alembic_version (version_num text PRIMARY KEY);
INSERT INTO alembic_version (version_num) VALUES ('6c0a1f2b9d41');

-- session: reporting
BEGIN;
SELECT sum(total) FROM orders;

-- session: migrator
ALTER TABLE orders ADD COLUMN tax_rounded numeric;

-- session: api
INSERT INTO orders (id, customer_id, total) VALUES (3, 1, 12.50);
