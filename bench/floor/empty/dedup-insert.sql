-- Repeated keys are looked for by a hash and taken out; then an insert in the order of the file.
SET LOCAL work_mem = '256MB';
DELETE FROM bench.floor_stage WHERE ctid IN (
  SELECT ctid FROM (
    SELECT ctid, row_number() OVER (PARTITION BY id ORDER BY updated_at DESC NULLS LAST) AS n FROM bench.floor_stage
    WHERE id IN (SELECT id FROM bench.floor_stage GROUP BY id HAVING count(*) > 1)
  ) r WHERE n > 1
);
INSERT INTO bench.floor_target SELECT * FROM bench.floor_stage;
