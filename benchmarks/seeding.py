"""What it costs to find documents that share seeds: `python -m benchmarks.seeding`.

Seeds are made from a seed: of each document 147, of which a fifth are its own and the others are
drawn from so many that seven documents have each, which is what invented articles of 160 words have
where there are a million. Nearly all pairs that these give meet once, by chance.
"""

from __future__ import annotations

from collections.abc import Iterator

import click
import numpy as np
import pyarrow as pa

from benchmarks.banding import measured
from cleaner.config import Config
from cleaner.engines import LocalEngine, Profile
from cleaner.passages.seeding import DATED, SEEDS
from cleaner.pipeline import pair_by_seeds

_SEEDS_A_DOCUMENT = 147
_DOCUMENTS_A_SEED = 7
_OWN_SHARE = 0.2
_CHUNK = 10_000
_DAYS, _OUTLETS = 300, 200


def make_seeds(num_documents: int, random: np.random.Generator) -> Iterator[pa.RecordBatch]:
    """Yield rows of `SEEDS`, by document."""
    num_shared = int((1 - _OWN_SHARE) * num_documents * _SEEDS_A_DOCUMENT / _DOCUMENTS_A_SEED)
    for begin in range(0, num_documents, _CHUNK):
        numbers = np.arange(begin, min(begin + _CHUNK, num_documents), dtype=np.int32)
        num_rows = len(numbers) * _SEEDS_A_DOCUMENT
        own = random.integers(num_shared, 1 << 62, num_rows)
        shared = random.integers(0, num_shared, num_rows)
        columns = (
            np.where(random.random(num_rows) < _OWN_SHARE, own, shared),
            np.repeat(numbers, _SEEDS_A_DOCUMENT),
            np.tile(np.arange(_SEEDS_A_DOCUMENT, dtype=np.int32), len(numbers)),
            np.ones(num_rows, dtype=np.bool_),
        )
        yield pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=SEEDS)


def date_documents(num_documents: int, random: np.random.Generator) -> pa.RecordBatch:
    """Return rows of `DATED`."""
    days = random.integers(0, _DAYS, num_documents)
    ranks = np.empty(num_documents, dtype=np.int32)
    ranks[np.argsort(days, kind="stable")] = np.arange(num_documents)
    columns = {
        "document_id": [f"{number:020}" for number in range(num_documents)],
        "outlet_number": random.integers(0, _OUTLETS, num_documents),
        "day": days,
        "day_order": (days << 32) | np.arange(num_documents),
        "rank": ranks,
    }
    arrays = [pa.array(columns[field.name]).cast(field.type) for field in DATED]
    return pa.RecordBatch.from_arrays(arrays, schema=DATED)


@click.command()
@click.option("--documents", default=300_000, show_default=True)
@click.option("--workers", default=2, show_default=True)
def main(documents: int, workers: int) -> None:
    """Make seeds, and say what each stage takes."""
    config, random, profile = Config(), np.random.default_rng(1), Profile()
    with LocalEngine(workers=workers, profile=profile) as engine:
        engine.write("seeds", make_seeds(documents, random), SEEDS)
        engine.write("dated", [date_documents(documents, random)], DATED)
        with measured("seeds"):
            pair_by_seeds(engine, config)
        for cost in profile.stages:
            click.echo(
                f"{cost.name:20} {cost.cpu_seconds:7.2f} CPU-s {cost.wall_seconds:7.2f} s"
                f"  rows {cost.rows_in:,} to {cost.rows_out:,}"
            )


if __name__ == "__main__":
    main()
