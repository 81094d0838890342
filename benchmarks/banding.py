"""What it costs to find, measure and connect alike passages: `python -m benchmarks.banding`.

Passages are made from a seed: sets of random shingle hashes, of which a tenth are edited copies of
others, a twentieth are equal, and 30,000 are one boilerplate passage with small edits. They and
their signatures are not counted. Then the pipeline's own step gives pairs (`pair_by_bands`), their
sets are compared exactly, and what is similar enough is connected.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import numpy as np
import numpy.typing as npt
import psutil
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.compiled.plain import sign
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.engines.components import label_components
from cleaner.passages.candidates import passages_schema
from cleaner.passages.jaccard import HashSets, measure_pairs
from cleaner.pipeline import pair_by_bands

_SET_SIZE = 58
_CHUNK = 20_000
_PASSAGES_A_DOCUMENT = 8
_BOILERPLATE = 30_000
_SIMILARITY = 0.7

Sets = npt.NDArray[np.uint32]


def make_sets(num_passages: int, seed: int = 1) -> Sets:
    """Make sets of shingle hashes, `(num_passages, 58) uint32`."""
    random = np.random.default_rng(seed)
    sets = random.integers(0, 1 << 32, (num_passages, _SET_SIZE), dtype=np.uint32)
    num_copies = num_passages // 10
    edited = sets[random.integers(0, num_passages, num_copies)]
    is_edited = random.random(edited.shape) < random.uniform(0, 0.5, (num_copies, 1))
    sets[-num_copies:] = np.where(is_edited, sets[-num_copies:], edited)
    sets[: num_passages // 20] = sets[num_passages // 20 : 2 * (num_passages // 20)]
    common = slice(num_passages // 5, num_passages // 5 + min(_BOILERPLATE, num_passages // 10))
    is_edited = random.random(sets[common].shape) < 0.03
    sets[common] = np.where(is_edited, sets[common], sets[0])
    return random.permutation(sets)


def list_passages(sets: Sets, config: Config) -> Iterator[pa.RecordBatch]:
    """Yield the passages of sets; a passage's id is its number."""
    schema = passages_schema(config.match)
    for begin in range(0, len(sets), _CHUNK):
        part = sets[begin : begin + _CHUNK]
        numbers = np.arange(begin, begin + len(part))
        columns = {
            "passage_id": [f"{number:032}" for number in numbers],
            "document_id": [f"{number // _PASSAGES_A_DOCUMENT:020}" for number in numbers],
            "level": ["paragraph"] * len(part),
            "begin": numbers,
            "end": numbers + 300,
            "num_words": np.full(len(part), _SET_SIZE + 2),
            "text_hash": part.astype(np.int64) @ (np.arange(_SET_SIZE) * 2 + 1),
            "signature": list(sign(list(part), config.match.num_perm)),
        }
        arrays = [pa.array(columns[field.name], field.type) for field in schema]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def cpu_seconds() -> float:
    """Return what this process and its workers took so far."""
    process = psutil.Process()
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


@contextmanager
def measured(step: str) -> Iterator[None]:
    """Print what a step took, and the most memory that this process had so far."""
    begin, cpu_begin = time.perf_counter(), cpu_seconds()
    yield
    wall, cpu = time.perf_counter() - begin, cpu_seconds() - cpu_begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"{step:12} {cpu:7.2f} CPU-s {wall:7.2f} s  peak {peak:6,.0f} MB")


def number(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return the numbers that passage ids are."""
    return pc.cast(column, pa.int64()).to_numpy()


@click.command()
@click.option("--passages", default=1_000_000, show_default=True)
@click.option("--workers", default=1, show_default=True)
def main(passages: int, workers: int) -> None:
    """Make passages, and say what each step takes."""
    config = Config()
    with LocalEngine(workers=workers) as engine:
        with measured("input"):
            sets = make_sets(passages)
            schema = passages_schema(config.match)
            engine.write("passages", list_passages(sets, config), schema)
            documents = [f"{at:020}" for at in range(passages // _PASSAGES_A_DOCUMENT + 1)]
            ranks = pa.table({"document_id": documents, "rank": documents})
            engine.write("ranks", ranks.to_batches(), ranks.schema)
        with measured("pairs"):
            num_skipped = pair_by_bands(engine, config)
        with measured("similarity"):
            found = pa.Table.from_batches(engine.read("bucket_pairs"))
            pairs = np.stack([number(found[f"{side}_passage"]) for side in ("left", "right")], 1)
            chosen, places = np.unique(pairs, return_inverse=True)
            wanted = list(sets[chosen])
            limits = np.cumsum([0, *map(len, wanted)])
            similar = measure_pairs(
                HashSets.sort(np.concatenate(wanted), limits),
                places.reshape(pairs.shape),
                _SIMILARITY,
            )
        with measured("components"):
            links = pairs[similar > 0]
            labels = label_components(links[:, 0], links[:, 1], passages)
        click.echo(
            f"{len(pairs):,} candidate pairs, {num_skipped:,} left out; {len(links):,} similar"
        )
        click.echo(f"{engine.count('echoes'):,} equal; {len(np.unique(labels)):,} components")


if __name__ == "__main__":
    main()
