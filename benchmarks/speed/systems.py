"""What is measured: for each job the cleaner and its peers, as commands, and what we ask of them.

Every system is started in its own environment with its own form of the same articles. A *bar* is
what the cleaner is meant to reach beside a peer; `part` says which figures it is about: `whole` are
those of all processes from start to end, `work` those that `peers.py` takes inside one, without
imports and reading.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.corpora import PAGES, TEXTS, Corpus
from benchmarks.speed.environments import OURS
from benchmarks.speed.measuring import Command

WHOLE, WORK = "whole", "work"
_PEERS = Path(__file__).with_name("peers.py")
_WORKERS = str(os.cpu_count() or 1)
Commands = Callable[[Path, Corpus, Path], list[Command]]
"""`commands(bin folder, corpus, output folder)`: what is run, one after another."""


@dataclass(frozen=True, slots=True)
class System:
    """A way to do a job.

    Attributes:
        environment: Where it runs; empty for a command of the machine.
        about: What it does, in a few words.
    """

    name: str
    environment: str
    commands: Commands
    about: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How many times as much CPU time a peer is to take as one of our systems, at the least."""

    ours: str
    peer: str
    ratio: float
    part: str


@dataclass(frozen=True, slots=True)
class Job:
    """What all its systems do with one corpus, of this kind."""

    name: str
    title: str
    kind: str
    systems: tuple[System, ...]
    bars: tuple[Bar, ...]


def _task(name: str, *, folder: bool = False) -> Commands:
    def commands(binaries: Path, corpus: Corpus, output: Path) -> list[Command]:
        source = corpus.articles.parent if folder else corpus.articles
        return [[binaries / "python", "-I", _PEERS, name, source, output]]

    return commands


def _clean_pages(binaries: Path, corpus: Corpus, output: Path) -> list[Command]:
    return [[binaries / "clean", "run", corpus.html, "--output", output]]


def clean_texts(binaries: Path, corpus: Corpus, output: Path) -> list[Command]:
    """Return the command that cleans a corpus of texts."""
    return [[binaries / "clean", "run", corpus.articles, "--output", output]]


def _extract_then_cluster(binaries: Path, corpus: Corpus, output: Path) -> list[Command]:
    texts = output / "texts"
    return [
        [
            *(binaries / "trafilatura", "--input-dir", corpus.html),
            *("--output-dir", texts, "--parallel", _WORKERS),
        ],
        [binaries / "python", "-I", _PEERS, "cluster-extracted", texts, output],
    ]


def _count_words(*command: str) -> Commands:
    def commands(binaries: Path, corpus: Corpus, output: Path) -> list[Command]:
        if not shutil.which(command[0]):
            message = f"{command[0]} is not installed"
            raise FileNotFoundError(message)
        return [["env", "LC_ALL=C", *command, corpus.plain]]

    return commands


CLUSTER_TEXTS = System(
    "cluster_texts",
    OURS,
    _task("cluster-cleaner"),
    "the function: signatures, bands, exact verification, components",
)
CLEAN_TEXTS = System("clean run", OURS, clean_texts, "the command, all its outputs and the report")
DATATROVE = System(
    "datatrove",
    "datatrove",
    _task("cluster-datatrove", folder=True),
    "four MinHash stages, local executor; words split by white space",
)
JOBS = (
    Job(
        "pages",
        "Pages to a clean, deduplicated corpus",
        PAGES,
        (
            System("clean run", OURS, _clean_pages, "the command, all its outputs and the report"),
            System(
                "trafilatura + datasketch",
                "trafilatura",
                _extract_then_cluster,
                f"the trafilatura command with --parallel {_WORKERS}, then a datasketch script",
            ),
            System(
                "datatrove",
                "datatrove",
                _task("pages-datatrove", folder=True),
                "its trafilatura block, then four MinHash stages; words split by white space",
            ),
        ),
        (
            Bar("clean run", "trafilatura + datasketch", 3, WHOLE),
            Bar("clean run", "datatrove", 4, WHOLE),
        ),
    ),
    Job(
        "text",
        "Texts to a deduplicated corpus",
        TEXTS,
        (
            CLUSTER_TEXTS,
            CLEAN_TEXTS,
            DATATROVE,
            System(
                "datatrove, spaCy",
                "datatrove",
                _task("cluster-datatrove-spacy", folder=True),
                "the same with its own tokenizer of English",
            ),
            System("text-dedup", "text-dedup", _task("cluster-text-dedup"), "its minhash command"),
            System(
                "datasketch",
                "trafilatura",
                _task("cluster-datasketch"),
                "MinHash.bulk with xxh32, MinHashLSH, estimates as verification",
            ),
            System(
                "rensa",
                "rensa",
                _task("cluster-rensa"),
                "a matrix of R-MinHash, one query: says who has copies, not of what",
            ),
        ),
        (
            Bar("cluster_texts", "datatrove", 60, WORK),
            Bar("cluster_texts", "datatrove, spaCy", 60, WORK),
            Bar("cluster_texts", "text-dedup", 50, WORK),
            Bar("cluster_texts", "datasketch", 40, WORK),
            Bar("cluster_texts", "rensa", 10, WORK),
            Bar("clean run", "datatrove", 15, WHOLE),
            Bar("clean run", "datatrove, spaCy", 15, WHOLE),
        ),
    ),
    Job(
        "kernel",
        "Texts to signatures of 128 values, one core",
        TEXTS,
        (
            System("sign_texts", OURS, _task("sign-cleaner"), "folded words, 5-word shingles"),
            System(
                "datasketch",
                "trafilatura",
                _task("sign-datasketch"),
                "MinHash.bulk with xxh32; shingles made by re",
            ),
            System("rensa", "rensa", _task("sign-rensa"), "R-MinHash; shingles made by re"),
            System("wc -w", "", _count_words("wc", "-w"), "counts words"),
            System(
                "mawk",
                "",
                _count_words("mawk", "{n += NF} END {print n}"),
                "counts words",
            ),
            System("xxh3", "trafilatura", _task("hash-xxh3"), "one hash a text"),
            System("memcpy", "trafilatura", _task("copy-bytes"), "copies the bytes"),
        ),
        (
            Bar("sign_texts", "wc -w", 2.5, WORK),
            Bar("sign_texts", "datasketch", 80, WORK),
            Bar("sign_texts", "rensa", 40, WORK),
        ),
    ),
)
