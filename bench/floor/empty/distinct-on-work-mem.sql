-- As distinct-on, with the sort in memory.
SET LOCAL work_mem = '512MB';
INSERT INTO bench.floor_target
SELECT DISTINCT ON (id) * FROM bench.floor_stage ORDER BY id, updated_at DESC NULLS LAST;
