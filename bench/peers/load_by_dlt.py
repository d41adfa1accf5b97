"""Merges one CSV or Parquet file into bench_peer.events by dlt: `load_by_dlt.py FILE STATE_FOLDER`."""

import os
import sys

import dlt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

path, state = sys.argv[1:]
rows = 100_000
micros = pa.timestamp("us", tz="UTC")
types = {
    "id": pa.string(),
    "created_at": micros,
    "updated_at": micros,
    "customer_id": pa.int32(),
    "amount": pa.decimal128(12, 2),
    "status": pa.string(),
    "country": pa.string(),
    "note": pa.string(),
    "payload": pa.string(),
    "active": pa.bool_(),
}


def from_csv():
    # NULL is empty, an empty text is quoted.
    convert = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True, quoted_strings_can_be_null=False)
    read = pa.csv.ReadOptions(block_size=16 << 20)
    yield from pa.csv.open_csv(path, read, pa.csv.ParseOptions(newlines_in_values=True), convert)


def from_parquet():
    for batch in pa.parquet.ParquetFile(path).iter_batches(rows):
        table = pa.Table.from_batches([batch])
        for index, field in enumerate(table.schema):
            if field.name == "id" and types["id"] != field.type:
                keys = pa.array([key.hex() if isinstance(key, bytes) else str(key) for key in table["id"].to_pylist()])
                table = table.set_column(index, "id", keys)
        yield table.cast(pa.schema(list(types.items())))


is_csv = path.endswith(".csv")
resource = dlt.resource(
    from_csv if is_csv else from_parquet,
    name="events",
    primary_key="id",
    write_disposition={"disposition": "merge", "strategy": "delete-insert"},
    columns={"updated_at": {"dedup_sort": "desc"}},
)
pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.postgres(os.environ["BENCH_DATABASE_URL"]),
    dataset_name="bench_peer",
    pipelines_dir=state,
)
pipeline.run(resource(), loader_file_format="csv" if is_csv else "parquet").raise_on_failed_jobs()
