"""Judge the blocks of a document: rules over it and over again, until nothing more falls.

Removing a block changes what its neighbours see, so the rules run to a fixed point. From the second
round on only the remaining text is looked at, not the page that it came from: the verdict on a
cleaned text is then the verdict that this text would get if it were the input.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cleaner.block_model.model import MODEL_LIMIT, BlockModel, load_model
from cleaner.boilerplate.cues import CueBook, is_disabled, load_cues
from cleaner.boilerplate.doubts import doubt_blocks
from cleaner.boilerplate.facts import BlockFacts, find_facts
from cleaner.boilerplate.outlet import OutletLine, find_repeats, gather_repeated
from cleaner.boilerplate.page import Page
from cleaner.boilerplate.rules import (
    RULES,
    RULES_BY_PLACE,
    STUB_VERDICT,
    Rule,
    block_model,
    stub_of_earlier_run,
)
from cleaner.boilerplate.stubs import WithoutStubs, find_stubs
from cleaner.config import BoilerplateConfig, Config
from cleaner.errors import ConfigError
from cleaner.model import MAIN, Block, Verdict, as_row

_KEPT_ANCHOR = Verdict(MAIN, "running_text", "running_text", 0.9)
_KEPT_OTHER = Verdict(MAIN, "no_rule_hit", "no_rule_hit", 0.6)

_BASIS = ["document_id", "outlet", "title", "language", "text", "blocks"]
VERDICTS = pa.list_(
    pa.struct(
        [
            pa.field("begin", pa.int64()),
            pa.field("end", pa.int64()),
            pa.field("kind", pa.string()),
            pa.field("reason", pa.string()),
            pa.field("rule", pa.string()),
            pa.field("score", pa.float64()),
            pa.field("evidence", pa.string()),
        ]
    )
)
JUDGED = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("verdicts", VERDICTS),
        pa.field("basis", pa.int64()),
    ]
)
"""The verdict on every block of each document, in order. `basis` is a digest of all that the
verdicts rest on; null if a person changed them."""


def known_rules(config: BoilerplateConfig) -> frozenset[str]:
    """Return every name that `disabled_rules` may hold."""
    cues = load_cues(config.cue_files).rule_names()
    return cues | {rule.__name__ for rule in RULES if rule.__name__ != "cue_decides"}


def check_rules(config: BoilerplateConfig) -> None:
    """Refuse disabled rules that do not exist, and cue files that cannot be read.

    Raises:
        ConfigError: With the likeliest right name.
    """
    load_cues(config.cue_files)
    if not config.disabled_rules:
        return
    known = known_rules(config)
    for name in config.disabled_rules:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f"; did you mean {close[0]!r}?" if close else ""
            message = f"there is no rule {name!r} to disable{guess}"
            raise ConfigError(message)


def judge_documents(
    batch: pa.RecordBatch, config: Config, repeated_lines: pa.Table, earlier: pa.Table
) -> pa.RecordBatch:
    """Give every block of each document a verdict.

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration.
        repeated_lines: The outlets' own lines, rows of `outlet.REPEATED_LINES`.
        earlier: The rows of `JUDGED` that the pass before gave the same documents, if any: what
            rests on the same is not judged again.

    Returns:
        Rows of `JUDGED`, in the same order.
    """
    settings = config.boilerplate
    book = load_cues(settings.cue_files, settings.disabled_rules)
    rules = _enabled(settings.disabled_rules)
    model = load_model("text") if block_model in rules else None
    here = pc.is_in(repeated_lines.column("outlet"), pc.unique(batch.column("outlet")))
    repeated = gather_repeated(repeated_lines.filter(here))
    of_outlets = {outlet: _digest(sorted(lines.items())) for outlet, lines in repeated.items()}
    known = {row["document_id"]: row for row in earlier.to_pylist()}
    rows = []
    for row in batch.select(_BASIS).to_pylist():
        name, outlet = row["document_id"], row["outlet"]
        basis = _digest((row, of_outlets.get(outlet)))
        if name in known and known[name]["basis"] == basis:
            rows.append(known[name])
            continue
        blocks = [Block(**block) for block in row["blocks"]]
        text = row["text"]
        has_stubs = stub_of_earlier_run in rules and bool(find_stubs(text))
        stubs = WithoutStubs(text, blocks) if has_stubs else None
        if stubs is not None:
            text, blocks = stubs.text, stubs.blocks
        verdicts = judge_blocks(
            text,
            blocks,
            language=row["language"],
            title=row["title"],
            outlet=outlet,
            book=book,
            rules=rules,
            repeated=repeated.get(outlet, {}),
            model=model,
        )
        judged = [
            {"begin": block.begin, "end": block.end} | as_row(verdict)
            for block, verdict in zip(blocks, verdicts, strict=True)
        ]
        if stubs is not None:
            judged = stubs.spread(judged, as_row(STUB_VERDICT))
        rows.append({"document_id": name, "verdicts": judged, "basis": basis})
    return pa.RecordBatch.from_pylist(rows, schema=JUDGED)


def keep_all(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Take every block for main content.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.

    Returns:
        Rows of `JUDGED`, in the same order.
    """
    kept = as_row(_KEPT_OTHER)
    rows = []
    for row in batch.select(["document_id", "blocks"]).to_pylist():
        extents = [{"begin": block["begin"], "end": block["end"]} for block in row["blocks"]]
        verdicts = [extent | kept for extent in extents]
        rows.append({"document_id": row["document_id"], "verdicts": verdicts})
    return pa.RecordBatch.from_pylist(rows, schema=JUDGED)


def _digest(basis: object) -> int:
    """Return a digest of what verdicts rest on, as a signed 64-bit integer."""
    return xxhash.xxh3_64_intdigest(repr(basis).encode("utf-8", "surrogatepass")) - (1 << 63)


def _enabled(disabled: Sequence[str]) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if not is_disabled(rule.__name__, disabled))


def judge_blocks(
    text: str,
    blocks: Sequence[Block],
    *,
    language: str | None = None,
    title: str | None = None,
    outlet: str = "",
    book: CueBook | None = None,
    rules: Sequence[Rule] = RULES,
    repeated: Mapping[int, OutletLine] | None = None,
    model: BlockModel | None = None,
) -> list[Verdict]:
    r"""Judge the blocks of one text.

    Args:
        text: The document's text.
        blocks: Its blocks, in order.
        language: Its language, to choose cues by; None tries the cues of all languages.
        title: The headline, where it is known from elsewhere.
        outlet: The outlet's name or domain.
        book: The cues; by default the built-in ones.
        rules: The rules to try, in order.
        repeated: Lines that the outlet repeats, by line hash.
        model: The block model for text; None judges by rules alone.

    Returns:
        A verdict for each block, in order.

    >>> text = "Advertisement\nThe council voted for the tram line after a debate of nine hours."
    >>> from cleaner.extraction.blocks import split_lines
    >>> [v.kind for v in judge_blocks(text, split_lines(text), language="en")]
    ['advertisement', 'main']
    """
    languages = (book or load_cues()).speaking(language)
    facts = find_facts(text, blocks, languages)
    hits = find_repeats(facts, repeated or {}, languages, language)
    settled: dict[int, Verdict] = {}
    remaining = facts
    seen = facts
    while True:
        while True:
            page = Page(remaining, title or "", outlet, hits)
            _apply(page, rules)
            if not page.verdicts:
                break
            settled |= page.verdicts
            remaining = [_as_text(f) for f in remaining if f.index not in page.verdicts]
        if model is None:
            break
        if any(f.block.main >= 0 for f in seen):  # The model has seen the page itself.
            seen = remaining
        doubted = doubt_blocks(text, seen, page, language, model)
        if not doubted:
            if len(seen) == len(remaining):
                break
            seen = remaining  # As the text would be judged if it were the input.
            continue
        settled |= doubted
        seen = remaining = [f for f in remaining if f.index not in doubted]
    return [settled.get(f.index) or (_KEPT_ANCHOR if f.is_anchor else _KEPT_OTHER) for f in facts]


def _apply(page: Page, rules: Sequence[Rule]) -> None:
    """Try each rule on each block that is left, rule by rule."""
    left = page.survey()
    for rule in rules:
        num_settled = len(page.verdicts)
        is_by_place = rule in RULES_BY_PLACE
        for position in left:
            facts = page.facts[position]
            if is_by_place and facts.block.main >= MODEL_LIMIT:
                continue  # The model vouches for it.
            verdict = rule(page, position)
            if verdict is not None:
                name = verdict.rule or rule.__name__
                page.verdicts[facts.index] = dataclasses.replace(verdict, rule=name)
        if len(page.verdicts) > num_settled:
            left = page.survey()


def _as_text(facts: BlockFacts) -> BlockFacts:
    """Forget what is known of a block from the page that it came from."""
    block = facts.block
    if block == Block(block.begin, block.end):
        return facts
    return dataclasses.replace(facts, block=Block(block.begin, block.end))
