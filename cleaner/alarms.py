"""What a run warns of: an outlet that lost an unusual share of its text, and where to look.

A rule that goes wrong does not do so evenly: it eats one outlet whole while the average looks fine.
So each outlet is compared with the other outlets of the run, and with what an earlier run made of
it. Only like is compared with like: of a page, furniture is always a large part, so shares are of
what was taken of pages before any rule, and of whole texts. Nothing is changed by an alarm;
`strict` makes it stop the run.

An outlet counts from `_MIN_DOCUMENTS` documents and `_MIN_CHARS` characters on; all limits are by
hand, so that no corpus that the project is measured on raises an alarm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.boilerplate.learned import Learned
from cleaner.boilerplate.lines import ends_as_sentence, is_left_out, is_running_text
from cleaner.config import Config
from cleaner.engines import Engine, Lookup
from cleaner.ledger import spans_by_document
from cleaner.model import BOILERPLATE_KINDS, DUPLICATE, MAIN, TRUNCATED, Block
from cleaner.passages.judgements import RULE as JUDGED_BY_HAND
from cleaner.words import count_groups

_MIN_DOCUMENTS = 5
_MIN_CHARS = 3_000
_MIN_OTHERS = 4
_MAX_LOST_RATIO = 0.5
_MAX_LOST_ANYWHERE = 0.8
_MAX_DEVIATIONS = 3.5
_MAD_SCALE = 1.4826
"""Makes the median absolute deviation of a normal distribution its standard deviation."""
_MIN_DEVIATION = 0.05
_MAX_RUNNING_RATIO = 0.2
_MAX_EMPTY_RATIO = 0.5
_MAX_DRIFT = 0.25
_MIN_OFTEN = 0.5
_MAX_GONE_RATIO = 0.1
_MIN_GONE_LINES = 2

MEASURED = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("document_id", pa.string()),
        pa.field("is_taken", pa.int64()),
        pa.field("kind", pa.string()),
        pa.field("rule", pa.string()),
        pa.field("num_chars", pa.int64()),
        pa.field("num_running_chars", pa.int64()),
    ]
)
"""Characters of each document by what became of them, white space between blocks left out.
`is_taken` is 0 for what was left out of a page before any rule, else 1; `num_running_chars` counts
those in paragraphs of sentences."""

_BY_RULE_SQL = """
    SELECT outlet, is_taken, kind, rule, CAST(sum(num_chars) AS BIGINT) AS num_chars,
        CAST(sum(num_running_chars) AS BIGINT) AS num_running_chars
    FROM measured GROUP BY outlet, is_taken, kind, rule
"""
_DOCUMENTS_SQL = f"""
    WITH documents AS (
        SELECT outlet, document_id,
            -min(CASE WHEN kind IN ('{MAIN}', '{DUPLICATE}', '{TRUNCATED}') THEN -1 ELSE 0 END)
                AS has_main
        FROM measured GROUP BY outlet, document_id
    )
    SELECT outlet, CAST(count(*) AS BIGINT) AS num_documents,
        CAST(sum(1 - has_main) AS BIGINT) AS num_without_main
    FROM documents GROUP BY outlet
"""
_PRESENT_SQL = """
    SELECT outlet, line_hash, CAST(count(*) AS BIGINT) AS num_documents
    FROM first_outlet_lines GROUP BY outlet, line_hash
"""


class Alarm(msgspec.Struct, frozen=True):
    """Something that a person should look at before trusting the corpus.

    Attributes:
        kind: `outlet_lost_text`, `rule_hits_running_text`, `documents_without_main`,
            `removal_drifted` or `learned_lines_vanished`.
        outlet: The outlet; None if it is about the run as a whole.
        rule: The rule, as `--disable` takes it; None if it is about no single one.
        observed: The share that was found, from 0 to 1.
        expected: The share that would have been usual: the median of the other outlets, that of
            the run before, or the limit where there is nothing to compare with.
        sentence: What was found, and what to do.
    """

    kind: str
    outlet: str | None
    rule: str | None
    observed: float
    expected: float
    sentence: str


class OutletFigures(msgspec.Struct):
    """What became of the characters of an outlet.

    Attributes:
        num_documents: Documents with text, and `num_without_main` those in which nothing was taken
            for main content.
        num_taken, num_taken_removed: Characters in texts and in what was taken of pages, and those
            of them that are boilerplate.
        num_running: Characters of paragraphs among them, and `running_removed` those that went, by
            rule.
        num_chars: All characters, and `removed` those that are boilerplate, by kind.
    """

    num_documents: int
    num_without_main: int
    num_taken: int
    num_taken_removed: int
    num_running: int
    running_removed: dict[str, int]
    num_chars: int
    removed: dict[str, int]

    @property
    def lost_ratio(self) -> float:
        """Share of the text that went as boilerplate, without what was left out of pages."""
        return self.num_taken_removed / max(1, self.num_taken)

    @property
    def is_telling(self) -> bool:
        """Whether there is enough of it to judge by."""
        return self.num_documents >= _MIN_DOCUMENTS and self.num_taken >= _MIN_CHARS


class Findings(msgspec.Struct, frozen=True):
    """What a run knows about its outlets when it is done.

    Attributes:
        figures: What became of the characters of each outlet, by name.
        learned: What the run started from.
        alarms: What a person should look at.
    """

    figures: Mapping[str, OutletFigures]
    learned: Learned | None
    alarms: tuple[Alarm, ...]


def look_at_outlets(engine: Engine, config: Config, learned: Learned | None) -> Findings:
    """Measure what became of each outlet, and find what a person should look at.

    Args:
        engine: The engine after `pipeline.clean`.
        config: The run's configuration.
        learned: What the run started from.
    """
    figures = measure_outlets(engine, config)
    return Findings(figures, learned, find_alarms(engine, figures, learned))


def measure_documents(batch: pa.RecordBatch, config: Config, ledger: pa.Table) -> pa.RecordBatch:
    """Count the characters of documents by what became of them.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.
        ledger: The same documents' rows of `model.LEDGER`.

    Returns:
        Rows of `MEASURED`.
    """
    spans = spans_by_document(ledger.select(["document_id", "begin", "end", "kind", "rule"]))
    rows: list[dict[str, Any]] = []
    documents = batch.select(["document_id", "outlet", "text", "blocks"]).to_pylist()
    raws = [[row["text"][b["begin"] : b["end"]] for b in row["blocks"]] for row in documents]
    for row, own, sizes in zip(documents, raws, count_groups(raws), strict=True):
        counts: dict[tuple[int, str, str], list[int]] = {}
        rest = iter(spans.get(row["document_id"], []))
        span = next(rest, None)
        blocks = [Block(**block) for block in row["blocks"]]
        for block, raw, num_words in zip(blocks, own, sizes, strict=True):
            is_running = is_running_text(num_words, ends_as_sentence(raw), block.link_ratio)
            while span is not None and span["begin"] < block.end:
                shared = min(span["end"], block.end) - max(span["begin"], block.begin)
                if shared > 0:
                    key = (int(not is_left_out(block)), span["kind"], span["rule"])
                    found = counts.setdefault(key, [0, 0])
                    found[0] += shared
                    found[1] += shared * is_running
                if span["end"] > block.end:
                    break
                span = next(rest, None)
        about = {"outlet": row["outlet"], "document_id": row["document_id"]}
        rows.extend(
            about
            | {"is_taken": is_taken, "kind": kind, "rule": rule}
            | {"num_chars": num_chars, "num_running_chars": num_running_chars}
            for (is_taken, kind, rule), (num_chars, num_running_chars) in counts.items()
        )
    return pa.RecordBatch.from_pylist(rows, schema=MEASURED)


def measure_outlets(engine: Engine, config: Config) -> dict[str, OutletFigures]:
    """Return what became of the characters of each outlet, by name.

    Args:
        engine: The engine after `pipeline.clean`.
        config: The run's configuration.
    """
    engine.map_batches(
        measure_documents,
        config,
        source="texts",
        target="measured",
        schema=MEASURED,
        lookups=[Lookup("ledger", "document_id", ("document_id",))],
    )
    figures = {
        row["outlet"]: OutletFigures(
            row["num_documents"], row["num_without_main"], 0, 0, 0, {}, 0, {}
        )
        for row in sorted(engine.rows(_DOCUMENTS_SQL), key=lambda row: str(row["outlet"]))
    }
    for row in engine.rows(_BY_RULE_SQL):
        outlet, kind, rule, num_chars = (
            figures[row["outlet"]],
            *(row[name] for name in ("kind", "rule", "num_chars")),
        )
        outlet.num_chars += num_chars
        is_boilerplate = kind in BOILERPLATE_KINDS
        if is_boilerplate:
            outlet.removed[kind] = outlet.removed.get(kind, 0) + num_chars
        if row["is_taken"]:
            outlet.num_taken += num_chars
            outlet.num_running += row["num_running_chars"]
            if is_boilerplate:
                outlet.num_taken_removed += num_chars
                if rule != JUDGED_BY_HAND:
                    number = outlet.running_removed.get(rule, 0) + row["num_running_chars"]
                    outlet.running_removed[rule] = number
    engine.drop("measured")
    return figures


def find_alarms(
    engine: Engine, figures: Mapping[str, OutletFigures], learned: Learned | None
) -> tuple[Alarm, ...]:
    """Find what a person should look at.

    Args:
        engine: The engine after `pipeline.clean`.
        figures: What `measure_outlets` gives.
        learned: What the run started from.

    Returns:
        The alarms, those of the whole run first, then by outlet.
    """
    alarms = [*_find_greedy_rules(figures), *_find_losses(figures), *_find_empty(figures)]
    if learned is not None:
        present: dict[str, dict[int, int]] = {}
        for row in engine.rows(_PRESENT_SQL):
            present.setdefault(row["outlet"], {})[row["line_hash"]] = row["num_documents"]
        for state in learned.outlets.drop_columns(["sample"]).to_pylist():
            now = figures.get(state["outlet"])
            if now is not None and now.is_telling and state["num_documents"] >= _MIN_DOCUMENTS:
                alarms += _find_drift(state, now)
                alarms += _find_vanished(state, now, present.get(state["outlet"], {}))
    return tuple(
        sorted(alarms, key=lambda a: (a.outlet or "", a.outlet is not None, a.kind, a.sentence))
    )


def _find_greedy_rules(figures: Mapping[str, OutletFigures]) -> Iterator[Alarm]:
    """Find rules that remove much of the running text, of the whole run or of an outlet."""
    whole = OutletFigures(0, 0, 0, 0, 0, {}, 0, {})
    for outlet in figures.values():
        whole.num_documents += outlet.num_documents
        whole.num_taken += outlet.num_taken
        whole.num_running += outlet.num_running
        for rule, number in outlet.running_removed.items():
            whole.running_removed[rule] = whole.running_removed.get(rule, 0) + number
    everywhere: set[str] = set()
    for name, outlet in [(None, whole), *figures.items()]:
        if not outlet.is_telling:
            continue
        for rule, number in sorted(outlet.running_removed.items()):
            share = number / max(1, outlet.num_running)
            if share < _MAX_RUNNING_RATIO or rule in everywhere:
                continue
            if name is None:
                everywhere.add(rule)
            sentence = (
                f"{rule} removed {share:.0%} of the paragraphs of "
                f"{'all outlets together' if name is None else 'this outlet'}: look at what it is "
                f"with `clean rules {rule}`, at a document with `clean why`, and switch it off "
                f"with `--disable {rule}` if it is wrong."
            )
            yield Alarm(
                "rule_hits_running_text",
                name,
                rule,
                round(share, 4),
                _MAX_RUNNING_RATIO,
                sentence,
            )


def _find_losses(figures: Mapping[str, OutletFigures]) -> Iterator[Alarm]:
    """Find outlets that lost much more to boilerplate rules than the others."""
    telling = {name: outlet for name, outlet in figures.items() if outlet.is_telling}
    for name, outlet in telling.items():
        others = [other.lost_ratio for key, other in telling.items() if key != name]
        share = outlet.lost_ratio
        if share < _MAX_LOST_RATIO:
            continue
        usual = median(others) if len(others) >= _MIN_OTHERS else _MAX_LOST_RATIO
        if len(others) >= _MIN_OTHERS and share < _MAX_LOST_ANYWHERE:
            deviation = _MAD_SCALE * median(abs(other - usual) for other in others)
            if share < usual + _MAX_DEVIATIONS * max(_MIN_DEVIATION, deviation):
                continue
        sentence = (
            f"{share:.0%} of the text of {outlet.num_documents:,} documents went as boilerplate, "
            f"where {usual:.0%} would be much: look at some of them with `clean why`, and switch "
            "off the rule that it names with `--disable RULE` if it is wrong."
        )
        yield Alarm("outlet_lost_text", name, None, round(share, 4), round(usual, 4), sentence)


def _find_empty(figures: Mapping[str, OutletFigures]) -> Iterator[Alarm]:
    """Find outlets most of whose documents have no main content."""
    for name, outlet in figures.items():
        share = outlet.num_without_main / max(1, outlet.num_documents)
        if outlet.num_without_main >= _MIN_DOCUMENTS and share >= _MAX_EMPTY_RATIO:
            sentence = (
                f"Nothing was taken for main content in {outlet.num_without_main:,} of "
                f"{outlet.num_documents:,} documents: see with `clean why` whether they hold "
                "articles at all, and leave them out with `--exclude GLOB` if they do not."
            )
            yield Alarm(
                "documents_without_main",
                name,
                None,
                round(share, 4),
                _MAX_EMPTY_RATIO,
                sentence,
            )


def _find_drift(state: Mapping[str, Any], now: OutletFigures) -> Iterator[Alarm]:
    """Find kinds of boilerplate whose share of an outlet's characters is far from before."""
    before = {entry["kind"]: entry["num_chars"] for entry in state["removed"]}
    for kind in sorted({*before, *now.removed}):
        usual = before.get(kind, 0) / max(1, state["num_chars"])
        share = now.removed.get(kind, 0) / max(1, now.num_chars)
        if abs(share - usual) >= _MAX_DRIFT:
            sentence = (
                f"{share:.0%} of the characters went as {kind}, and {usual:.0%} in the run that "
                "this one learnt from: the outlet may have a new layout; look at a document with "
                "`clean why`."
            )
            yield Alarm(
                "removal_drifted", state["outlet"], None, round(share, 4), round(usual, 4), sentence
            )


def _find_vanished(
    state: Mapping[str, Any], now: OutletFigures, present: Mapping[int, int]
) -> Iterator[Alarm]:
    """Find outlets whose usual lines are gone."""
    usual = [line for line in state["repeated"] if line["strength"] >= _MIN_OFTEN]
    gone = [
        line
        for line in usual
        if present.get(line["line_hash"], 0) < _MAX_GONE_RATIO * now.num_documents
    ]
    if len(gone) >= _MIN_GONE_LINES and 2 * len(gone) >= len(usual):
        sentence = (
            f"Of {len(usual)} lines that stood in most documents before, {len(gone)} are gone: the "
            "outlet has a new layout, or its texts were cleaned before; look at a document with "
            "`clean why`, and start anew without `--learned` if it is so."
        )
        share = 1 - len(gone) / len(usual)
        yield Alarm("learned_lines_vanished", state["outlet"], None, round(share, 4), 1.0, sentence)
