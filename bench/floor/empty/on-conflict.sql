-- The form that most people write.
SET LOCAL work_mem = '512MB';
INSERT INTO bench.floor_target AS t
SELECT DISTINCT ON (id) * FROM bench.floor_stage ORDER BY id, updated_at DESC NULLS LAST
ON CONFLICT (id) DO UPDATE SET
  (created_at, updated_at, customer_id, amount, status, country, note, payload, active) =
  (excluded.created_at, excluded.updated_at, excluded.customer_id, excluded.amount, excluded.status, excluded.country,
   excluded.note, excluded.payload, excluded.active)
WHERE excluded.updated_at >= t.updated_at AND t.* IS DISTINCT FROM excluded.*;
