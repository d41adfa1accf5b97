-- Repeated keys are looked for by a hash and taken out, so that MERGE needs no sort.
SET LOCAL work_mem = '256MB';
DELETE FROM bench.floor_stage WHERE ctid IN (
  SELECT ctid FROM (
    SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY updated_at DESC NULLS LAST) AS n FROM bench.floor_stage
    WHERE id IN (SELECT id FROM bench.floor_stage GROUP BY id HAVING count(*) > 1)
  ) r WHERE n > 1
);
MERGE INTO bench.floor_target t USING bench.floor_stage s ON t.id = s.id
WHEN MATCHED AND s.updated_at >= t.updated_at AND t.* IS DISTINCT FROM s.* THEN UPDATE SET
  (created_at, updated_at, customer_id, amount, status, country, note, payload, active) =
  ROW (s.created_at, s.updated_at, s.customer_id, s.amount, s.status, s.country, s.note, s.payload, s.active)
WHEN NOT MATCHED THEN INSERT VALUES
  (s.id, s.created_at, s.updated_at, s.customer_id, s.amount, s.status, s.country, s.note, s.payload, s.active);
