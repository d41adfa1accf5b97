"""Usage: python -m standin --port PORT --gcs-root FOLDER"""

import argparse
import asyncio
from pathlib import Path

import uvicorn

from bqemulator.config import Settings
from bqemulator.storage.engine import DuckDBEngine

# Not in a machine without the net, and nothing here is geography.
DuckDBEngine._load_spatial = lambda self: None

import parsed_once  # noqa: E402

from . import catalogue, jobs, loads, scripts, storage  # noqa: E402

assert catalogue and loads and parsed_once and scripts

import bqemulator.server as server  # noqa: E402

_Config = uvicorn.Config


class Config(_Config):
    def __init__(self, app, *rest, **options):
        super().__init__(jobs.Jobs(app) if callable(app) else app, *rest, **options)


server.uvicorn.Config = Config


async def main():
    given = argparse.ArgumentParser()
    given.add_argument('--port', type=int, required=True)
    given.add_argument('--gcs-root', required=True)
    given = given.parse_args()
    storage.root = Path(given.gcs_root)
    settings = Settings(
        rest_port=given.port, grpc_port=0, gcs_local_root=given.gcs_root, enable_format_extensions=False, metrics_enabled=False,
        log_level='warning', scripting_max_statements=100000, time_travel_retention_days=0,
    )
    emulator = server.EmulatorServer(settings)
    await emulator.start()
    print(f'ready on {given.port}', flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
