"""Judge the blocks of a document: rules over it and over again, until nothing more falls.

Removing a block changes what its neighbours see, so the rules run to a fixed point. From the second
round on only the remaining text is looked at, not the page that it came from: the verdict on a
cleaned text is then the verdict that this text would get if it were the input.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cleaner.block_model.model import MODEL_LIMIT, BlockModel, load_model
from cleaner.boilerplate.cues import CueBook, is_disabled, load_cues
from cleaner.boilerplate.doubts import Doubter, Look
from cleaner.boilerplate.facts import BlockFacts, find_all_facts
from cleaner.boilerplate.lines import is_running_text
from cleaner.boilerplate.outlet import OutletLine, find_repeats, gather_repeated
from cleaner.boilerplate.page import Page
from cleaner.boilerplate.rules import (
    RULES,
    RULES_BY_PLACE,
    STUB_VERDICT,
    Rule,
    block_model,
    choose_blocks,
    stub_of_earlier_run,
)
from cleaner.boilerplate.stubs import WithoutStubs, find_stubs
from cleaner.config import BoilerplateConfig, Config
from cleaner.engines.digests import combine, digest_rows
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
        pa.field("rest", pa.int64()),
    ]
)
"""The verdict on every block of each document, in order. `basis` is a digest of all that the
verdicts rest on; null if a person changed them. `rest` is a digest of what is left without
boilerplate: as the input it would be left as it is, if its outlet repeats none of it; null if that
is not known."""


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
    inputs = digest_rows(pa.Table.from_batches([batch.select(_BASIS)]))
    others = [of_outlets.get(outlet, 0) for outlet in batch.column("outlet").to_pylist()]
    bases = combine([inputs, np.array(others, dtype=np.int64).view(np.uint64)]).view(np.int64)
    known = {row["document_id"]: row for row in earlier.to_pylist()}
    judged: dict[str, dict[str, Any]] = {}
    texts: dict[str | None, dict[str, Text]] = {}
    stubs: dict[str, WithoutStubs] = {}
    rows = batch.select(_BASIS).to_pylist()
    for row, basis in zip(rows, bases.tolist(), strict=True):
        name, outlet, text = row["document_id"], row["outlet"], row["text"]
        before = known.get(name)
        if before and before["basis"] == basis:
            judged[name] = before
            continue
        blocks = [Block(**block) for block in row["blocks"]]
        lines = repeated.get(outlet, {})
        judged[name] = {"document_id": name, "basis": basis}
        if (
            before
            and not lines
            and all(map(_is_plain, blocks))
            and before["rest"] == _digest_rest(row, row["blocks"])
        ):
            kept = [verdict for verdict in before["verdicts"] if verdict["kind"] == MAIN]
            verdicts = [
                verdict | {"begin": block.begin, "end": block.end}
                for block, verdict in zip(blocks, kept, strict=True)
            ]
            judged[name] |= {"verdicts": verdicts, "rest": before["rest"]}
            continue
        if stub_of_earlier_run in rules and find_stubs(text):
            without = stubs[name] = WithoutStubs(text, blocks)
            text, blocks = without.text, without.blocks
        texts.setdefault(row["language"], {})[name] = Text(
            text, blocks, row["title"], outlet, lines
        )
    by_name = {row["document_id"]: row for row in rows}
    for language, own in texts.items():
        found = judge_texts(
            list(own.values()), language=language, book=book, rules=rules, model=model
        )
        for (name, text), outcome in zip(own.items(), found, strict=True):
            verdicts = [
                {"begin": block.begin, "end": block.end} | as_row(verdict)
                for block, verdict in zip(text.blocks, outcome.verdicts, strict=True)
            ]
            if name in stubs:
                verdicts = stubs[name].spread(verdicts, as_row(STUB_VERDICT))
            elif outcome.is_settled:
                rest = [verdict for verdict in verdicts if verdict["kind"] == MAIN]
                judged[name]["rest"] = _digest_rest(by_name[name], rest)
            judged[name]["verdicts"] = verdicts
    return pa.RecordBatch.from_pylist([judged[row["document_id"]] for row in rows], schema=JUDGED)


def _digest_rest(row: Mapping[str, Any], blocks: Iterable[Mapping[str, Any]]) -> int:
    """Return a digest of some blocks, as a text, and of what verdicts rest on beside them."""
    raws = [row["text"][block["begin"] : block["end"]] for block in blocks]
    return _digest((row["title"], row["outlet"], row["language"], raws))


def _is_plain(block: Block) -> bool:
    """Tell whether nothing is known of a block from a page."""
    return block == Block(block.begin, block.end)


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


class Text(msgspec.Struct, frozen=True):
    """A text to be judged.

    Attributes:
        text: The document's text.
        blocks: Its blocks, in order.
        title: The headline, where it is known from elsewhere.
        outlet: The outlet's name or domain.
        repeated: Lines that the outlet repeats, by line hash.
    """

    text: str
    blocks: Sequence[Block]
    title: str | None = None
    outlet: str = ""
    repeated: Mapping[int, OutletLine] = msgspec.field(default_factory=dict)


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
    r"""Judge the blocks of one text; arguments are those of `Text` and `judge_texts`.

    Returns:
        A verdict for each block, in order.

    >>> text = "Advertisement\nThe council voted for the tram line after a debate of nine hours."
    >>> from cleaner.extraction.lines import split_lines
    >>> [v.kind for v in judge_blocks(text, split_lines(text), language="en")]
    ['advertisement', 'main']
    """
    one = Text(text, blocks, title, outlet, repeated or {})
    outcomes = judge_texts([one], language=language, book=book, rules=rules, model=model)
    return outcomes[0].verdicts


class Outcome(msgspec.Struct, frozen=True):
    """What became of a text.

    Attributes:
        verdicts: A verdict for each block, in order.
        is_settled: What is left would be left as it is, were it the input, as long as the outlet
            repeats none of it.
    """

    verdicts: list[Verdict]
    is_settled: bool


def judge_texts(
    texts: Sequence[Text],
    *,
    language: str | None = None,
    book: CueBook | None = None,
    rules: Sequence[Rule] = RULES,
    model: BlockModel | None = None,
) -> list[Outcome]:
    """Judge the blocks of texts of one language, each text for itself.

    The block model looks at all of them at once: to ask it takes as long for one text as for fifty.

    Args:
        texts: The texts.
        language: Their language, to choose cues by; None tries the cues of all languages.
        book: The cues; by default the built-in ones.
        rules: The rules to try, in order.
        model: The block model for text; None judges by rules alone.

    Returns:
        What became of each.
    """
    languages = (book or load_cues()).speaking(language)
    all_facts = find_all_facts([(each.text, each.blocks) for each in texts], languages)
    cases = []
    for number, (text, facts) in enumerate(zip(texts, all_facts, strict=True)):
        repeats = find_repeats(facts, text.repeated, languages, language)
        cases.append(_Case(number, text, facts, repeats, rules))
    if model is not None:
        doubter = Doubter([case.facts for case in cases], language, model)
        looks = [case.look() for case in cases if case.remaining]
        while looks:
            doubted = zip(looks, doubter.doubt(looks), strict=True)
            open_cases = [
                cases[look.number] for look, found in doubted if cases[look.number].take(found)
            ]
            looks = [case.look() for case in open_cases]
    return [case.outcome() for case in cases]


class _Case:
    """A text under judgement.

    Args:
        number: Its number among the texts.
        text: The text.
        facts: Its blocks.
        repeats: Those that are lines which the outlet repeats, by block index.
        rules: The rules to try, in order.

    Attributes:
        remaining: The blocks that are not settled.
    """

    def __init__(
        self,
        number: int,
        text: Text,
        facts: Sequence[BlockFacts],
        repeats: Mapping[int, OutletLine],
        rules: Sequence[Rule],
    ) -> None:
        self.facts = self.remaining = self._seen = facts
        self._number, self._text, self._repeats = number, text, repeats
        self._asked = {rule: indexes for rule in rules if (indexes := choose_blocks(rule, facts))}
        self._settled: dict[int, Verdict] = {}
        self._try_rules()

    def _try_rules(self) -> None:
        """Try all rules until nothing more falls."""
        while True:
            self._page = Page(
                self.remaining, self._text.title or "", self._text.outlet, self._repeats
            )
            _apply(self._page, self._asked)
            found = self._page.verdicts
            if not found:
                break
            self._settled |= found
            self.remaining = [_as_text(f) for f in self.remaining if f.index not in found]
        if any(f.block.main >= 0 for f in self._seen):  # The model has seen the page itself.
            self._seen = self.remaining

    def look(self) -> Look:
        """Return what the model is to look at."""
        return Look(self._number, self._seen, self._page)

    def take(self, doubted: Mapping[int, Verdict]) -> bool:
        """Take the model's verdicts; tell whether it is to look again.

        If it has none, it looks at what is left as if that were the input.
        """
        before = self._seen
        self._settled |= doubted
        self._seen = self.remaining = [f for f in self.remaining if f.index not in doubted]
        if doubted:
            self._try_rules()
        return bool(self.remaining) and len(self.remaining) < len(before)

    def outcome(self) -> Outcome:
        """Return what became of the text."""
        verdicts = [
            self._settled.get(f.index) or (_KEPT_ANCHOR if f.is_anchor else _KEPT_OTHER)
            for f in self.facts
        ]
        return Outcome(verdicts, all(map(_is_settled, self.remaining)))


def _apply(page: Page, asked: Mapping[Rule, Sequence[int]]) -> None:
    """Try each rule on each block that is left, rule by rule.

    Args:
        page: The document.
        asked: The blocks that each rule may hit, by index, in order.
    """
    left = page.survey()
    for rule, indexes in asked.items():
        num_settled = len(page.verdicts)
        is_by_place = rule in RULES_BY_PLACE
        for index in indexes:
            position = left.get(index)
            if position is None:
                continue
            if is_by_place and page.facts[position].block.main >= MODEL_LIMIT:
                continue  # The model vouches for it.
            verdict = rule(page, position)
            if verdict is not None:
                name = verdict.rule or rule.__name__
                page.verdicts[index] = msgspec.structs.replace(verdict, rule=name)
        if len(page.verdicts) > num_settled:
            left = page.survey()


def _is_settled(facts: BlockFacts) -> bool:
    """Tell whether a block would be seen as it is if there had never been a page."""
    is_anchor = facts.decisive is None and is_running_text(facts.num_words, facts.is_sentence)
    return _is_plain(facts.block) and facts.is_anchor == is_anchor


def _as_text(facts: BlockFacts) -> BlockFacts:
    """Forget what is known of a block from the page that it came from."""
    block = facts.block
    if _is_plain(block):
        return facts
    return msgspec.structs.replace(facts, block=Block(block.begin, block.end))
