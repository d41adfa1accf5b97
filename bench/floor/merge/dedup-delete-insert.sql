-- Rows that are equal leave the stage, rows that differ leave the table; what the stage still holds is inserted.
SET LOCAL work_mem = '256MB';
DELETE FROM bench.floor_stage WHERE ctid IN (
  SELECT ctid FROM (
    SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY updated_at DESC NULLS LAST) AS n FROM bench.floor_stage
    WHERE id IN (SELECT id FROM bench.floor_stage GROUP BY id HAVING count(*) > 1)
  ) r WHERE n > 1
);
DELETE FROM bench.floor_stage s USING bench.floor_target t
WHERE t.id = s.id AND (s.updated_at < t.updated_at OR t.* IS NOT DISTINCT FROM s.*);
DELETE FROM bench.floor_target t USING bench.floor_stage s WHERE t.id = s.id;
INSERT INTO bench.floor_target SELECT * FROM bench.floor_stage ORDER BY id;
