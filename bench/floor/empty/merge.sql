-- The form of the standard.
SET LOCAL work_mem = '512MB';
MERGE INTO bench.floor_target t
USING (SELECT DISTINCT ON (id) * FROM bench.floor_stage ORDER BY id, updated_at DESC NULLS LAST) s ON t.id = s.id
WHEN MATCHED AND s.updated_at >= t.updated_at AND t.* IS DISTINCT FROM s.* THEN UPDATE SET
  (created_at, updated_at, customer_id, amount, status, country, note, payload, active) =
  ROW (s.created_at, s.updated_at, s.customer_id, s.amount, s.status, s.country, s.note, s.payload, s.active)
WHEN NOT MATCHED THEN INSERT VALUES
  (s.id, s.created_at, s.updated_at, s.customer_id, s.amount, s.status, s.country, s.note, s.payload, s.active);
