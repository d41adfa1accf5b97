-- Two statements: what is known and differs, then what is new in the order of the key.
SET LOCAL work_mem = '256MB';
DELETE FROM bench.floor_stage WHERE ctid IN (
  SELECT ctid FROM (
    SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY updated_at DESC NULLS LAST) AS n FROM bench.floor_stage
    WHERE id IN (SELECT id FROM bench.floor_stage GROUP BY id HAVING count(*) > 1)
  ) r WHERE n > 1
);
UPDATE bench.floor_target t SET
  (created_at, updated_at, customer_id, amount, status, country, note, payload, active) =
  ROW (s.created_at, s.updated_at, s.customer_id, s.amount, s.status, s.country, s.note, s.payload, s.active)
FROM bench.floor_stage s WHERE t.id = s.id AND s.updated_at >= t.updated_at AND t.* IS DISTINCT FROM s.*;
INSERT INTO bench.floor_target SELECT * FROM bench.floor_stage s
WHERE NOT EXISTS (SELECT FROM bench.floor_target t WHERE t.id = s.id) ORDER BY id;
