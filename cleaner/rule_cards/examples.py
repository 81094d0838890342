"""Find examples of what rules removed in a run: different texts, from different outlets."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import replace

from cleaner.rule_cards.cards import Example, RuleCard
from cleaner.rule_cards.tables import check_run, read_documents, read_ledger, read_texts

_MAX_CANDIDATES_PER_OUTLET = 4
_CANDIDATES_PER_EXAMPLE = 8
"""Many hits of a rule are the same line; examples are chosen among so many that some differ."""

_Place = tuple[int, int, int]
"""A document, by its row in `documents.parquet`, and where a span begins and ends in it."""


def add_examples(
    cards: Sequence[RuleCard], output: Path, num_examples: int
) -> tuple[RuleCard, ...]:
    """Add examples of what each rule removed to its card.

    Args:
        cards: Cards with what the rules did in the run.
        output: The run's output folder.
        num_examples: Examples a rule, at most.

    Raises:
        LookupFailedError: If the folder holds no run.
    """
    hit = [card for card in cards if card.run and card.run.num_spans]
    if not hit or not num_examples:
        return tuple(cards)
    check_run(output)
    documents = read_documents(output)
    chosen = _choose_candidates(hit, output, documents, num_examples)
    found = _read_examples(chosen, output, documents, num_examples)
    return tuple(
        replace(card, run=replace(card.run, examples=found.get(card.rule.name, ())))
        if card.run
        else card
        for card in cards
    )


def _choose_candidates(
    cards: Sequence[RuleCard], output: Path, documents: pa.Table, num_examples: int
) -> dict[str, list[_Place]]:
    """Choose hits of each rule that may become examples, the best first.

    Outlets take turns, the most hit first, and no document has a second one as long as there are
    others.
    """
    ids = documents["document_id"].combine_chunks()
    outlets = documents["outlet"].to_pylist()
    wanted = pa.array(sorted(card.rule.name for card in cards), pa.string())
    # By rule, by how many hits the document has before, and by outlet.
    found: dict[str, dict[int, dict[str, list[_Place]]]] = {}
    num_before: Counter[str] = Counter()
    current = -1
    for batch in read_ledger(output):
        table = pa.Table.from_batches([batch])
        is_hit = pc.and_(pc.is_in(table["rule"], value_set=wanted), pc.invert(table["kept"]))
        hits = table.filter(is_hit)
        rows = zip(
            hits["rule"].to_pylist(),
            pc.index_in(hits["document_id"], value_set=ids).to_pylist(),
            hits["begin"].to_pylist(),
            hits["end"].to_pylist(),
            strict=True,
        )
        for name, document, begin, end in rows:
            if document != current:
                current = document
                num_before.clear()
            turn = num_before[name]
            if turn < num_examples:
                num_before[name] += 1
                at = found.setdefault(name, {}).setdefault(turn, {})
                places = at.setdefault(outlets[document], [])
                if len(places) < _MAX_CANDIDATES_PER_OUTLET:
                    places.append((document, begin, end))
    limit = num_examples * _CANDIDATES_PER_EXAMPLE
    return {
        card.rule.name: list(itertools.islice(_take_turns(card, found[card.rule.name]), limit))
        for card in cards
        if card.rule.name in found
    }


def _take_turns(
    card: RuleCard, found: Mapping[int, Mapping[str, Sequence[_Place]]]
) -> Iterator[_Place]:
    outlets = [hits.outlet for hits in card.run.outlets] if card.run else []
    for _, by_outlet in sorted(found.items()):
        for place in range(_MAX_CANDIDATES_PER_OUTLET):
            for outlet in outlets:
                yield from by_outlet.get(outlet, ())[place : place + 1]


def _read_examples(
    chosen: Mapping[str, Sequence[_Place]], output: Path, documents: pa.Table, num_examples: int
) -> dict[str, tuple[Example, ...]]:
    """Read the texts of candidates, and keep those that say different things."""
    wanted = sorted({document for places in chosen.values() for document, _, _ in places})
    names = documents.take(pa.array(wanted, pa.int64())).to_pylist()
    texts = read_texts(output, [row["document_id"] for row in names])
    by_document = dict(zip(wanted, names, strict=True))
    num_sources = Counter(documents["source"].to_pylist())
    found: dict[str, tuple[Example, ...]] = {}
    for rule, places in chosen.items():
        different: dict[str, Example] = {}
        for document, begin, end in places:
            name = by_document[document]
            is_typable = _is_typable(name["source"]) and num_sources[name["source"]] == 1
            called = name["source"] if is_typable else name["document_id"]
            example = _make_example(texts[name["document_id"]], begin, end, name["source"], called)
            different.setdefault(" ".join(example.text.casefold().split()), example)
        found[rule] = tuple(different.values())[:num_examples]
    return found


def _is_typable(source: str) -> bool:
    """Tell whether a source can be given to `clean why` as it is printed."""
    return source.isprintable() and not source.startswith("-")


def _make_example(text: str, begin: int, end: int, source: str, called: str) -> Example:
    raw = text[begin:end]
    if raw.strip():
        begin, end = begin + len(raw) - len(raw.lstrip()), end - len(raw) + len(raw.rstrip())
    line = text.count("\n", 0, begin) + 1
    return Example(source, begin, end, line, f"{called}:{begin}-{end}", text[begin:end])
