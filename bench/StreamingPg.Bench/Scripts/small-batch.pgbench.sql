-- 10 users, 30 transactions, 100 lines: one INSERT per table, foreign keys by trigger. Keys are computed from one random
-- number, so that a child knows its parent without looking for it; that is the least work such a batch can be in SQL.
\set batch random(1, 9000000000000000000)
BEGIN;
INSERT INTO users (user_id, name, email, age, city, registration_date)
SELECT md5(:batch || 'u' || i)::uuid, 'Name Surname ' || i, 'name.surname' || :batch || i || '@example.com', 18 + i, 'City ' || i,
       now() - interval '1 year'
FROM generate_series(0, 9) AS i;
INSERT INTO transactions (transaction_id, user_id, amount, transaction_date, status)
SELECT md5(:batch || 't' || i)::uuid, md5(:batch || 'u' || i % 10)::uuid, 100.50 + i, now() - interval '1 month', 'completed'
FROM generate_series(0, 29) AS i;
INSERT INTO detailed_transactions (transaction_id, user_id, product_name, quantity, unit_price, created_at)
SELECT md5(:batch || 't' || i % 30)::uuid, md5(:batch || 'u' || i % 10)::uuid, 'Product ' || i, 1 + i % 5, 9.99 + i, now()
FROM generate_series(0, 99) AS i;
COMMIT;
