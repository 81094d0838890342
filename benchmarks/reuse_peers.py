"""Run a peer in its own environment: `PYTHON reuse_peers.py SYSTEM UNITS.jsonl OUT.json`.

Started by `benchmarks/reuse_systems.py`; imports nothing of the project. UNITS.jsonl holds objects
with `id` (a number, in order) and `text`; OUT.json gets `cluster` for each id that has one, the
versions, and the seconds from the first text to the clusters, imports left out.

Each peer is run as its documentation shows, with its own defaults; what it lets stand is not looked
at, only what it puts together.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

_DATASKETCH_THRESHOLD = 0.5
"""That of the example in datasketch's documentation."""


def run_datasketch(texts: Sequence[str]) -> tuple[dict[int, int], float]:
    """Put texts together that `MinHashLSH` finds, with sets of words and 128 permutations."""
    from datasketch import MinHash, MinHashLSH

    begin = time.perf_counter()
    index = MinHashLSH(threshold=_DATASKETCH_THRESHOLD, num_perm=128)
    parent: dict[int, int] = {}

    def find(at: int) -> int:
        while parent.setdefault(at, at) != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for at, text in enumerate(texts):
        signature = MinHash(num_perm=128)
        signature.update_batch([word.encode() for word in set(text.split())])
        for other in index.query(signature):
            parent[find(at)] = find(other)
        index.insert(at, signature)
    clusters = {at: find(at) for at in range(len(texts)) if at in parent}
    return clusters, time.perf_counter() - begin


def run_datatrove(texts: Sequence[str]) -> tuple[dict[int, int], float]:
    """Run the four stages of examples/minhash_deduplication.py, one task each."""
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

    config = MinhashConfig()
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "in"
        source.mkdir()
        with (source / "texts.jsonl").open("w", encoding="utf-8") as out:
            for at, text in enumerate(texts):
                out.write(json.dumps({"id": str(at), "text": text}, ensure_ascii=False) + "\n")
        begin = time.perf_counter()
        stages: list[tuple[list[Any], int]] = [
            ([JsonlReader(str(source)), MinhashDedupSignature(f"{scratch}/sig", config=config)], 1),
            (
                [MinhashDedupBuckets(f"{scratch}/sig", f"{scratch}/buckets", config=config)],
                config.num_buckets,
            ),
            (
                [
                    MinhashDedupCluster(
                        f"{scratch}/buckets", f"{scratch}/ids", config=config, save_cluster_id=True
                    )
                ],
                1,
            ),
            (
                [
                    JsonlReader(str(source)),
                    MinhashDedupFilter(
                        f"{scratch}/ids",
                        exclusion_writer=JsonlWriter(f"{scratch}/out/removed", compression=None),
                        load_cluster_ids=True,
                    ),
                    JsonlWriter(f"{scratch}/out/kept", compression=None),
                ],
                1,
            ),
        ]
        for number, (pipeline, tasks) in enumerate(stages):
            LocalPipelineExecutor(
                pipeline, tasks=tasks, workers=1, logging_dir=f"{scratch}/logs/{number}"
            ).run()
        seconds = time.perf_counter() - begin
        clusters: dict[int, int] = {}
        for path in Path(scratch).glob("out/*/*.jsonl"):
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                cluster = row["metadata"].get("minhash_cluster_id", -1)
                if cluster >= 0:
                    clusters[int(row["id"])] = cluster
    return clusters, seconds


def run_text_dedup(texts: Sequence[str]) -> tuple[dict[int, int], float]:
    """Run `python -m text_dedup.minhash` with its defaults, start-up included."""
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "texts.jsonl"
        with source.open("w", encoding="utf-8") as out:
            for at, text in enumerate(texts):
                out.write(json.dumps({"number": at, "text": text}, ensure_ascii=False) + "\n")
        command = [
            sys.executable, "-m", "text_dedup.minhash",
            "--path", "json", "--data_files", str(source), "--split", "train",
            "--cache_dir", f"{scratch}/cache", "--output", f"{scratch}/out",
            "--column", "text", "--debug", "--num_proc", "1",
        ]  # fmt: skip
        begin = time.perf_counter()
        subprocess.run(command, check=True, cwd=scratch, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begin
        with (Path(scratch) / "out" / "uf.pkl").open("rb") as file:
            found = pickle.load(file)
        return {int(at): int(found.find(at)) for at in list(found.parent)}, seconds


SYSTEMS: dict[str, tuple[Callable[[Sequence[str]], tuple[dict[int, int], float]], str]] = {
    "datasketch": (run_datasketch, "datasketch"),
    "datatrove": (run_datatrove, "datatrove"),
    "text-dedup": (run_text_dedup, "text-dedup"),
}


def main() -> None:
    """Read texts, run one system, write its clusters."""
    name, source, target = sys.argv[1:]
    run, package = SYSTEMS[name]
    with open(source, encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    clusters, seconds = run(texts)
    found = {
        "version": f"{package} {metadata.version(package)}",
        "seconds": seconds,
        "clusters": {str(at): cluster for at, cluster in sorted(clusters.items())},
    }
    Path(target).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
