"""Measure the report at any size: `python -m benchmarks.report --clusters 100000`.

Makes the tables of a run from a seed, builds its report, opens it from disk in headless Chromium
and prints: how long it takes to build, bytes a passage beyond its text, the time to the first view
and to the list of clusters, the memory of the browser's page, and how evenly it scrolls.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, islice
from pathlib import Path
from statistics import median
from typing import Any

import click
import pyarrow as pa

from benchmarks.browser import start_chromium
from cleaner.boilerplate import TRUNCATIONS
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.model import LEDGER, TEXTS
from cleaner.passages.cluster import MEMBERS
from cleaner.passages.verify import MATCHES
from cleaner.report import REPORT, REPORT_DATA, Report, Tables
from cleaner.resolution import RANKS
from cleaner.results import OutletResult, RunResult
from cleaner.writing.outputs import prepare_report
from cleaner.writing.tables import (
    DOCUMENTS_SQL,
    MATCHES_SQL,
    WRITTEN_DOCUMENTS,
    WRITTEN_MATCHES,
    describe_clusters,
    write_parquet,
)

_NUM_OUTLETS = 400
_NUM_VOCABULARY = 40_000
_LETTERS = "abdeghiklmnoprstuvz"
_PASSAGE_WORDS = 25
_OWN_WORDS = 60
_BATCH = 500
_SCROLL_SECONDS = 3.0


@click.command()
@click.option("--clusters", "num_clusters", type=click.IntRange(min=2), default=100_000)
@click.option("--passages", "num_passages", type=click.IntRange(min=4), default=1_000_000)
@click.option(
    "--megabytes", type=click.IntRange(min=1), default=Config().output.max_report_megabytes
)
@click.option("--seed", type=int, default=0)
@click.option("--chromium", help="The browser's path, if it is not to be searched for.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the report in this folder.")
@click.option("--json", "as_json", is_flag=True)
def main(
    num_clusters: int,
    num_passages: int,
    megabytes: int,
    seed: int,
    chromium: str | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Build a report of a made-up run, open it, and print what that costs."""
    folder = keep or Path(tempfile.mkdtemp(prefix="report-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        measured = build(folder, Corpus(num_clusters, num_passages, seed), megabytes)
        measured |= browse(folder / REPORT, chromium)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        click.echo(json.dumps({"benchmark": "report", **measured}))
        return
    for name, value in measured.items():
        click.echo(
            f"{name:32}{value:>14,.1f}" if isinstance(value, float) else f"{name:32}{value:>14,}"
        )


class Corpus:
    """A made-up run: clusters of passages, spread over documents as they come.

    Words are as frequent as in real text (Zipf, Mandelbrot), so it can be compressed as well.

    Args:
        num_clusters: Clusters; their sizes fall as those of stories do, a few of them large.
        num_passages: Members of all clusters together.
        seed: Another one gives another corpus.
    """

    def __init__(self, num_clusters: int, num_passages: int, seed: int) -> None:
        self._random = random.Random(seed)
        words = (
            "".join(self._random.choices("abdeghiklmnoprstuvz", k=n))
            for n in _lengths(self._random)
        )
        self._vocabulary = list(islice(words, _NUM_VOCABULARY))
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(_NUM_VOCABULARY)))
        self.sizes = self._draw_sizes(num_clusters, num_passages)
        self.num_documents = max(2 * max(self.sizes), num_passages // 10)
        self.texts = [self._sentence(_OWN_WORDS) for _ in range(self.num_documents)]
        self.places: list[list[tuple[int, int, int]]] = [[] for _ in self.texts]
        self.text_chars = sum(map(len, self.texts))
        for cluster, size in enumerate(self.sizes):
            passage = self._sentence(_PASSAGE_WORDS)
            first = self._random.randrange(self.num_documents)
            for at in range(size):
                document = (first + at) % self.num_documents
                begin = len(self.texts[document]) + 1
                self.texts[document] += f"\n{passage}"
                self.places[document].append((cluster, begin, begin + len(passage)))

    def _sentence(self, num_words: int) -> str:
        return (
            " ".join(
                self._random.choices(self._vocabulary, cum_weights=self._weights, k=num_words)
            ).capitalize()
            + "."
        )

    def _draw_sizes(self, num_clusters: int, num_passages: int) -> list[int]:
        weights = [1 / (rank + 20) for rank in range(num_clusters)]
        room = num_passages - 2 * num_clusters
        scale = room / sum(weights)
        return [2 + int(scale * weight) for weight in weights]

    def texts_table(self) -> Iterator[pa.RecordBatch]:
        """Yield rows of `model.TEXTS`."""
        for numbers in _batches(range(self.num_documents)):
            rows = []
            for number in numbers:
                about = dict.fromkeys(TEXTS.names)
                outlet = f"outlet-{number % _NUM_OUTLETS:03}.example"
                about |= {
                    "document_id": _name("d", number, 20),
                    "source": f"crawl/{outlet}/{number:07}.html",
                    "path": f"crawl/{outlet}/{number:07}.html",
                    "record": 0,
                    "outlet": outlet,
                    "outlet_from": "folder",
                    "url": f"https://{outlet}/articles/{number:07}",
                    "title": self.texts[number][:60],
                    "published": _moment(number),
                    "language": "en",
                    "mime": "text/html",
                    "notes": [],
                    "text": self.texts[number],
                    "blocks": [],
                }
                rows.append(about)
            yield pa.RecordBatch.from_pylist(rows, schema=TEXTS)

    def ledger_table(self) -> Iterator[pa.RecordBatch]:
        """Yield rows of `model.LEDGER`: first copies are kept, later ones are cut."""
        firsts = self._firsts()
        for numbers in _batches(range(self.num_documents)):
            rows = []
            for number in numbers:
                at = 0
                for cluster, begin, end in self.places[number]:
                    if at < begin:
                        rows.append(_span(number, at, begin, "main", "running_text"))
                    keeper, keeper_begin = firsts[cluster]
                    if keeper == number:
                        row = _span(number, begin, end, "main", "representative")
                    else:
                        row = _span(number, begin, end, "duplicate", "repeated_passage")
                        row |= {"partner_document": _name("d", keeper, 20), "similarity": 1.0}
                        row |= {
                            "partner_begin": keeper_begin,
                            "partner_end": keeper_begin + end - begin,
                        }
                    rows.append(
                        row | {"relation": "passage", "cluster_id": _name("c", cluster, 16)}
                    )
                    at = end
                if at < len(self.texts[number]):
                    rows.append(_span(number, at, len(self.texts[number]), "main", "running_text"))
            yield pa.RecordBatch.from_pylist(rows, schema=LEDGER)

    def members_table(self) -> Iterator[pa.RecordBatch]:
        """Yield rows of `cluster.MEMBERS`."""
        firsts = self._firsts()
        for numbers in _batches(range(self.num_documents)):
            rows = []
            for number in numbers:
                for cluster, begin, end in self.places[number]:
                    keeper, keeper_begin = firsts[cluster]
                    rows.append(
                        {
                            "cluster_id": _name("c", cluster, 16),
                            "level": "sentence",
                            "relation": ("passage", "wire", "quote", "rewrite")[cluster % 4],
                            "document_id": _name("d", number, 20),
                            "begin": begin,
                            "end": end,
                            "is_representative": keeper == number,
                            "similarity": 1.0 if keeper == number else 0.8 + (number % 20) / 100,
                            "partner_document": _name("d", keeper, 20),
                            "partner_begin": keeper_begin,
                            "partner_end": keeper_begin + end - begin,
                        }
                    )
            yield pa.RecordBatch.from_pylist(rows, schema=MEMBERS)

    def matches_table(self) -> Iterator[pa.RecordBatch]:
        """Yield rows of `verify.MATCHES`: every member with the first of its cluster."""
        firsts = self._firsts()
        for numbers in _batches(range(self.num_documents)):
            rows = []
            for number in numbers:
                for cluster, begin, end in self.places[number]:
                    keeper, keeper_begin = firsts[cluster]
                    if keeper == number:
                        continue
                    score = 0.1 + 0.9 * ((cluster * 31 + number) % 1000) / 1000
                    rows.append(
                        dict.fromkeys(MATCHES.names)
                        | {
                            "left_document": _name("d", keeper, 20),
                            "left_begin": keeper_begin,
                            "left_end": keeper_begin + end - begin,
                            "right_document": _name("d", number, 20),
                            "right_begin": begin,
                            "right_end": end,
                            "level": "sentence",
                            "num_words": _PASSAGE_WORDS,
                            "score": score,
                            "accepted": score >= 0.6,
                            "relation": "passage",
                            "direction": "left_first",
                            "certainty": "likely",
                            "links": [],
                        }
                    )
            yield pa.RecordBatch.from_pylist(rows, schema=MATCHES)

    def truncations_table(self) -> Iterator[pa.RecordBatch]:
        """Yield rows of `boilerplate.TRUNCATIONS`: nothing is cut short."""
        for numbers in _batches(range(self.num_documents)):
            rows = [
                {"document_id": _name("d", n, 20), "truncated": None, "truncated_evidence": []}
                for n in numbers
            ]
            yield pa.RecordBatch.from_pylist(rows, schema=TRUNCATIONS)

    def _firsts(self) -> dict[int, tuple[int, int]]:
        firsts: dict[int, tuple[int, int]] = {}
        for number, places in enumerate(self.places):
            for cluster, begin, _ in places:
                firsts.setdefault(cluster, (number, begin))
        return firsts


def _lengths(generator: random.Random) -> Iterator[int]:
    while True:
        yield generator.randint(2, 11)


def _batches(numbers: range) -> Iterator[range]:
    for begin in numbers[::_BATCH]:
        yield range(begin, min(begin + _BATCH, numbers.stop))


@cache
def _name(prefix: str, number: int, length: int) -> str:
    """Return an id that is as hard to compress as a real one."""
    return random.Random(f"{prefix}{number}").randbytes(length // 2).hex()


def _moment(number: int) -> str:
    minutes = number * 7 % (28 * 24 * 60)
    day, minute = divmod(minutes, 24 * 60)
    return f"2025-03-{day + 1:02}T{minute // 60:02}:{minute % 60:02}:00Z"


def _span(number: int, begin: int, end: int, kind: str, reason: str) -> dict[str, Any]:
    is_kept = kind == "main"
    return dict.fromkeys(LEDGER.names) | {
        "document_id": _name("d", number, 20),
        "begin": begin,
        "end": end,
        "kept": is_kept,
        "kind": kind,
        "reason": reason,
        "rule": "running_text" if is_kept else "resolve.passage",
        "score": 0.97,
        "unique": is_kept,
        "full": True,
        "originals": is_kept,
    }


def build(folder: Path, corpus: Corpus, megabytes: int) -> dict[str, float]:
    """Build the report of a corpus, and measure the time it takes and its size."""
    config = Config().replace(output={"max_report_megabytes": megabytes})
    with LocalEngine(work_folder=folder) as engine:
        engine.write("texts", corpus.texts_table(), TEXTS)
        engine.write("ledger", corpus.ledger_table(), LEDGER)
        engine.write("members", corpus.members_table(), MEMBERS)
        engine.write("matches", corpus.matches_table(), MATCHES)
        engine.write("truncations", corpus.truncations_table(), TRUNCATIONS)
        engine.sql(
            "SELECT document_id, CAST(0 AS BIGINT) AS num_chars, truncated FROM truncations",
            target="first_ranks",
            schema=pa.schema(
                RANKS.field(name) for name in ("document_id", "num_chars", "truncated")
            ),
        )
        for name, query, schema in (
            ("documents", DOCUMENTS_SQL, WRITTEN_DOCUMENTS),
            ("matches", MATCHES_SQL, WRITTEN_MATCHES),
        ):
            engine.sql(query, target="written", schema=schema)
            write_parquet(engine.read("written"), folder / f"{name}.parquet", schema)
            engine.drop("written")
        write_parquet(engine.read("ledger"), folder / "ledger.parquet", LEDGER)
        begin = time.perf_counter()
        prepare_report(engine, config)
        tables = Tables(
            engine,
            folder,
            lambda batches: describe_clusters(batches, config, with_text=True),
            rejections=[],
        )
        with tempfile.TemporaryFile(dir=folder) as file:
            report = Report(file, tables, config, _result(folder, corpus), ("0", "0" * 16))
            report.write(folder / REPORT)
            if report.has_parts:
                shutil.rmtree(folder / REPORT_DATA, ignore_errors=True)
                report.write_parts(folder / REPORT_DATA)
        seconds = time.perf_counter() - begin
    parts = sorted((folder / REPORT_DATA).glob("*")) if (folder / REPORT_DATA).exists() else []
    size = (folder / REPORT).stat().st_size
    whole = size + sum(part.stat().st_size for part in parts)
    num_members = sum(corpus.sizes)
    text_bytes = sum(len(text.encode()) for text in corpus.texts)
    return {
        "clusters": len(corpus.sizes),
        "passages": num_members,
        "documents": corpus.num_documents,
        "text, MB": text_bytes / 1e6,
        "seconds to build": seconds,
        "page, MB": size / 1e6,
        "pages beside it": len(parts),
        "all pages, MB": whole / 1e6,
        "page, bytes a passage": size / num_members,
        "bytes a passage beyond its text": (whole - text_bytes) / num_members,
    }


def _result(folder: Path, corpus: Corpus) -> RunResult:
    num_chars = sum(map(len, corpus.texts))
    num_words = num_chars // 7
    outlets = tuple(
        OutletResult(
            outlet=f"outlet-{number:03}.example",
            num_documents=corpus.num_documents // _NUM_OUTLETS,
            num_kept_documents=corpus.num_documents // _NUM_OUTLETS,
            num_without_main=0,
            num_chars=num_chars // _NUM_OUTLETS,
            num_kept_chars=num_chars // _NUM_OUTLETS // 2,
            num_words=num_words // _NUM_OUTLETS,
            num_kept_words=num_words // _NUM_OUTLETS // 2,
            removed={"duplicate": num_chars // _NUM_OUTLETS // 2},
            removed_words={"duplicate": num_words // _NUM_OUTLETS // 2},
        )
        for number in range(_NUM_OUTLETS)
    )
    return RunResult(
        output=folder,
        corpus=folder / "corpus.jsonl",
        report=folder / REPORT,
        view="unique",
        outlets=outlets,
        kinds={"duplicate": corpus.num_documents},
        rejected={},
        clusters={"passage": len(corpus.sizes)},
        num_matches=sum(corpus.sizes) // 2,
        num_refused=sum(corpus.sizes) // 2,
        num_skipped_pairs=0,
        num_skipped_seeds=0,
        recall={},
    )


_SCROLL = """
(seconds) => new Promise((done) => {
  const list = document.querySelector(".list");
  const steps = [];
  const begin = performance.now();
  let last = begin;
  const step = (now) => {
    steps.push(now - last);
    last = now;
    list.scrollTop += 400;
    if (now - begin < seconds * 1000) requestAnimationFrame(step);
    else done(steps.slice(1));
  };
  requestAnimationFrame(step);
})
"""


def browse(page: Path, chromium: str | None) -> dict[str, float]:
    """Open a report from disk, and measure what a reader waits for."""
    with start_chromium(chromium) as browser:
        tab = browser.new_page()
        errors: list[str] = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        begin = time.perf_counter()
        tab.goto(page.as_uri(), wait_until="commit")
        tab.wait_for_selector("h1")
        first_view = time.perf_counter() - begin
        tab.wait_for_load_state("load")
        loaded = time.perf_counter() - begin
        begin = time.perf_counter()
        tab.evaluate("location.hash = '#/clusters'")
        tab.wait_for_selector(".list li")
        listed = time.perf_counter() - begin
        steps = tab.evaluate(_SCROLL, _SCROLL_SECONDS)
        tab.locator(".list li a").first.click()
        begin = time.perf_counter()
        tab.wait_for_selector("ins, del, .text, .note")
        opened = time.perf_counter() - begin
        memory = _memory(browser)
        for view in ("documents", "threshold", "judging", "outlets"):
            tab.evaluate(f"location.hash = '#/{view}'")
            tab.wait_for_timeout(1500)
        all_memory = _memory(browser)
    if errors:
        message = f"the page reported errors: {errors[:3]}"
        raise click.ClickException(message)
    return {
        "seconds to the first view": first_view,
        "seconds until all is loaded": loaded,
        "seconds to the list": listed,
        "seconds to a cluster": opened,
        "frame, ms, median": median(steps),
        "frame, ms, 99 %": sorted(steps)[int(0.99 * len(steps))],
        "page's memory, MB": memory,
        "the same, all views visited, MB": all_memory,
    }


def _memory(browser: Any) -> float:
    """Return the memory of the browser's largest page process, in MB.

    What it shares with other processes (the browser's own code) counts as its share of it (PSS).
    """
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    sizes = [_proportional(process["id"]) for process in processes if process["type"] == "renderer"]
    return max(sizes, default=0.0)


def _proportional(process: int) -> float:
    text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    (size,) = (line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))
    return int(size) / 1e3


if __name__ == "__main__":
    main()
