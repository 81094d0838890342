"""Do one job with one library: `PYTHON -I peers.py TASK INPUT OUTPUT`, in its own environment.

Started by `benchmarks/speed/systems.py`; imports nothing of `benchmarks`. Each task is written as
the documentation of its library shows it, with 5-word shingles, 128 permutations and a similarity
of 0.7 where it can be told. What it does from texts in memory (or, where a library reads files
itself, from its files) to the result is the *work*: imports, reading and, for compiled code, a
first call are left out of it. The last line of standard output is an object with `work` (CPU and
wall seconds), `result` (what came out, in numbers) and `versions`.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

NUM_PERM, SHINGLE_SIZE, SIMILARITY = 128, 5, 0.7
_WORDS = re.compile(r"\w+")
_WARM_UP = ["The ferry reached the harbour at noon on Tuesday. " * 50_000] * 2
"""Enough for compiled code to be loaded: small inputs do without."""
_MIN_KERNEL_SECONDS = 1.0
"""A kernel is called again until its calls have taken so long; the fastest call counts."""


class Work:
    """The CPU and wall time between `with` and its end, child processes included."""

    cpu = wall = 0.0

    def __enter__(self) -> Work:
        """Begin."""
        self.cpu, self.wall = -_cpu_seconds(), -time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.cpu += _cpu_seconds()
        self.wall += time.perf_counter()


Outcome = tuple[Work, dict[str, Any]]


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _read_texts(source: Path) -> list[str]:
    with source.open(encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def _read_array(source: Path) -> Any:
    """Return the same texts as an Arrow array."""
    import pyarrow as pa
    from pyarrow import json as arrow_json

    table = arrow_json.read_json(
        source,
        arrow_json.ReadOptions(block_size=1 << 24),
        arrow_json.ParseOptions(
            explicit_schema=pa.schema([("text", pa.large_string())]),
            unexpected_field_behavior="ignore",
        ),
    )
    texts = table["text"].combine_chunks()
    del table
    pa.default_memory_pool().release_unused()  # What reading took would count as the function's.
    return texts


def _read_folder(source: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(source.rglob("*.txt"))]


def _shingle(text: str) -> list[str]:
    words = _WORDS.findall(text.lower())
    last = max(1, len(words) - SHINGLE_SIZE + 1)
    return [" ".join(words[at : at + SHINGLE_SIZE]) for at in range(last)]


def _fastest(call: Callable[[], Any]) -> Work:
    fastest = Work()
    total = 0.0
    while not total or total < _MIN_KERNEL_SECONDS:
        with Work() as work:
            call()
        total += work.cpu
        if not fastest.cpu or work.cpu < fastest.cpu:
            fastest = work
    return fastest


def cluster_cleaner(source: Path, output: Path) -> Outcome:
    """Put texts together with the cleaner's function."""
    import numpy as np
    import pyarrow as pa

    from cleaner import cluster_texts

    texts = _read_array(source)
    cluster_texts(pa.array(_WARM_UP))
    with Work() as work:
        labels = np.asarray(cluster_texts(texts, similarity=SIMILARITY))
    return work, {"kept": len(np.unique(labels))}


def cluster_datasketch(source: Path, output: Path) -> Outcome:
    """Put texts together with `MinHash.bulk` and `MinHashLSH`."""
    return _cluster_datasketch(_read_texts(source), output)


def cluster_extracted(source: Path, output: Path) -> Outcome:
    """Do the same with the files that the trafilatura command wrote; write those that stay."""
    return _cluster_datasketch(_read_folder(source), output)


def _cluster_datasketch(texts: Sequence[str], output: Path) -> Outcome:
    import xxhash
    from datasketch import MinHash, MinHashLSH

    parent = list(range(len(texts)))

    def find(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    with Work() as work:
        sets = ([shingle.encode() for shingle in set(_shingle(text))] for text in texts)
        signatures = MinHash.bulk(sets, num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest)
        index = MinHashLSH(threshold=SIMILARITY, num_perm=NUM_PERM)
        with index.insertion_session() as session:
            for at, signature in enumerate(signatures):
                session.insert(at, signature)
        for at, signature in enumerate(signatures):
            for other in index.query(signature):
                if other < at and signature.jaccard(signatures[other]) >= SIMILARITY:
                    parent[find(at)] = find(other)
        kept = [at for at in range(len(texts)) if find(at) == at]
        _write(output, (texts[at] for at in kept))
    return work, {"kept": len(kept)}


def cluster_rensa(source: Path, output: Path) -> Outcome:
    """Say of each text whether another one is like it: a matrix of signatures and one query."""
    from rensa import RMinHash, RMinHashLSH

    texts = _read_texts(source)
    with Work() as work:
        matrix = RMinHash.digest_matrix_from_token_sets(
            (_shingle(text) for text in texts), num_perm=NUM_PERM, seed=42
        )
        index = RMinHashLSH(threshold=SIMILARITY, num_perm=NUM_PERM, num_bands=16)
        flags = index.query_duplicate_flags_matrix_one_shot(matrix)
        _write(output, (text for text, again in zip(texts, flags, strict=True) if not again))
    return work, {"alone": sum(not flag for flag in flags)}


def cluster_text_dedup(source: Path, output: Path) -> Outcome:
    """Run `python -m text_dedup.minhash` in this process, so that imports can be left out."""
    from text_dedup.minhash import main

    with Work() as work:
        main(
            [
                *("--path", "json", "--data_files", str(source), "--split", "train"),
                *("--cache_dir", str(output / "cache"), "--output", str(output / "kept")),
                *("--column", "text", "--num_proc", str(os.cpu_count())),
                *("--num_perm", str(NUM_PERM), "--ngram", str(SHINGLE_SIZE)),
                *("--threshold", str(SIMILARITY), "--hash_func", "xxh3", "--hash_bits", "32"),
            ],
            standalone_mode=False,
        )
    import datasets

    return work, {"kept": len(datasets.load_from_disk(str(output / "kept")))}


def cluster_datatrove(source: Path, output: Path) -> Outcome:
    """Run datatrove's four MinHash stages, words split by white space.

    Its own tokenizer of English is spaCy's, which is slower.
    """
    return _run_datatrove(source, output)


def cluster_datatrove_spacy(source: Path, output: Path) -> Outcome:
    """Run the four stages as they come, with spaCy's tokenizer of English."""
    return _run_datatrove(source, output, language="en")


def clean_datatrove(source: Path, output: Path) -> Outcome:
    """Run datatrove's trafilatura block over pages, then the four stages."""
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter

    with Work() as extraction:
        LocalPipelineExecutor(
            [
                JsonlReader(str(source)),
                Trafilatura(timeout=30),
                JsonlWriter(str(output / "extracted"), compression=None),
            ],
            tasks=os.cpu_count() or 1,
            start_method="fork",
            logging_dir=str(output / "logs" / "extraction"),
        ).run()
    work, result = _run_datatrove(output / "extracted", output)
    work.cpu += extraction.cpu
    work.wall += extraction.wall
    return work, result


def _run_datatrove(source: Path, output: Path, language: str | None = None) -> Outcome:
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter
    from datatrove.utils import word_tokenizers

    class SplitTokenizer(word_tokenizers.WordTokenizer):
        def word_tokenize(self, text: str) -> list[str]:
            return text.split()

        sent_tokenize = span_tokenize = word_tokenize

    config = MinhashConfig(n_grams=SHINGLE_SIZE)
    folders = {name: str(output / name) for name in ("signatures", "buckets", "remove")}
    with Work() as work:
        signing = MinhashDedupSignature(
            folders["signatures"], config=config, language=language or SplitTokenizer()
        )
        stages: list[tuple[list[Any], int]] = [
            ([JsonlReader(str(source)), signing], os.cpu_count() or 1),
            (
                [MinhashDedupBuckets(folders["signatures"], folders["buckets"], config=config)],
                config.num_buckets,
            ),
            ([MinhashDedupCluster(folders["buckets"], folders["remove"], config=config)], 1),
            (
                [
                    JsonlReader(str(source)),
                    MinhashDedupFilter(folders["remove"]),
                    JsonlWriter(str(output / "kept"), compression=None),
                ],
                os.cpu_count() or 1,
            ),
        ]
        for number, (pipeline, tasks) in enumerate(stages):
            LocalPipelineExecutor(
                pipeline,
                tasks=tasks,
                workers=min(tasks, os.cpu_count() or 1),
                start_method="fork",
                logging_dir=str(output / "logs" / str(number)),
            ).run()
    lines = (line for path in (output / "kept").glob("*.jsonl") for line in path.open("rb"))
    return work, {"kept": sum(1 for _ in lines)}


def sign_cleaner(source: Path, output: Path) -> Outcome:
    """Sign texts with the cleaner's compiled kernel."""
    import pyarrow as pa

    from cleaner.compiled import sign_texts

    texts = _read_array(source)
    sign_texts(pa.array(_WARM_UP))
    return _fastest(lambda: sign_texts(texts, num_perm=NUM_PERM, shingle_size=SHINGLE_SIZE)), {}


def sign_datasketch(source: Path, output: Path) -> Outcome:
    """Sign texts with `MinHash.bulk` and the fastest hash that goes with it."""
    import xxhash
    from datasketch import MinHash

    texts = _read_texts(source)

    def sign() -> list[MinHash]:
        sets = ([shingle.encode() for shingle in _shingle(text)] for text in texts)
        return MinHash.bulk(sets, num_perm=NUM_PERM, hashfunc=xxhash.xxh32_intdigest)

    return _fastest(sign), {}


def sign_rensa(source: Path, output: Path) -> Outcome:
    """Sign texts with the fastest way that rensa has for sets of words."""
    from rensa import RMinHash

    texts = _read_texts(source)

    def sign() -> Any:
        sets = (_shingle(text) for text in texts)
        return RMinHash.digest_matrix_from_token_sets(sets, num_perm=NUM_PERM, seed=42)

    return _fastest(sign), {}


def hash_xxh3(source: Path, output: Path) -> Outcome:
    """Hash each text with xxh3 (64 bits): the least that reading every byte costs."""
    import xxhash

    texts = [text.encode() for text in _read_texts(source)]
    return _fastest(lambda: [xxhash.xxh3_64_intdigest(text) for text in texts]), {}


def copy_bytes(source: Path, output: Path) -> Outcome:
    """Copy all bytes into an array that exists."""
    import numpy as np

    data = np.frombuffer("".join(_read_texts(source)).encode(), np.uint8)
    target = np.zeros_like(data)
    return _fastest(lambda: np.copyto(target, data)), {}


def _write(output: Path, texts: Iterator[str]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    with (output / "kept.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)


TASKS: dict[str, tuple[Callable[[Path, Path], Outcome], tuple[str, ...]]] = {
    "cluster-cleaner": (cluster_cleaner, ("cleaner", "numba", "numpy")),
    "cluster-datasketch": (cluster_datasketch, ("datasketch", "xxhash", "numpy")),
    "cluster-extracted": (cluster_extracted, ("trafilatura", "lxml", "datasketch", "xxhash")),
    "cluster-datatrove": (cluster_datatrove, ("datatrove", "xxhash", "numpy")),
    "cluster-datatrove-spacy": (cluster_datatrove_spacy, ("datatrove", "spacy", "xxhash")),
    "cluster-rensa": (cluster_rensa, ("rensa",)),
    "cluster-text-dedup": (cluster_text_dedup, ("text-dedup", "datasets", "xxhash", "numpy")),
    "pages-datatrove": (clean_datatrove, ("datatrove", "trafilatura", "lxml", "xxhash")),
    "sign-cleaner": (sign_cleaner, ("cleaner", "numba", "numpy")),
    "sign-datasketch": (sign_datasketch, ("datasketch", "xxhash", "numpy")),
    "sign-rensa": (sign_rensa, ("rensa",)),
    "hash-xxh3": (hash_xxh3, ("xxhash",)),
    "copy-bytes": (copy_bytes, ("numpy",)),
}


def main() -> None:
    """Do a task and print what it took."""
    task, source, output = sys.argv[1:]
    run, packages = TASKS[task]
    work, result = run(Path(source), Path(output))
    found = {
        "work": {"cpu": work.cpu, "wall": work.wall},
        "result": result,
        "versions": {package: metadata.version(package) for package in packages},
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
