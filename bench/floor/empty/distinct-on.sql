-- One sort by key does the dedup and fills the index from left to right.
INSERT INTO bench.floor_target
SELECT DISTINCT ON (id) * FROM bench.floor_stage ORDER BY id, updated_at DESC NULLS LAST;
