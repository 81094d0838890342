"""Stubs: what a corpus holds, if asked to, where a repeated passage was cut.

They are written in one form only, so that a later run knows them for what they are. They stand
inside paragraphs too; a paragraph is judged as if they were not in it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from cleaner.model import Block

_MAX_OUTLET_CHARS = 80
_UNNAMED = "another outlet"
_STUB = re.compile(
    r"\[(?:1 sentence|(?:[2-9]|[1-9][0-9]+) sentences) shared with "
    rf"[^\[\]\s](?:[^\[\]\n\r]{{0,{_MAX_OUTLET_CHARS + 20}}}[^\[\]\s])?\]"
)
_BRACKETS = str.maketrans("[]", "()")
_DAY_CHARS = 10


def write_stub(num_sentences: int, outlet: str, published: str | None) -> str:
    r"""Say how much was cut and where it stands.

    Args:
        num_sentences: How many sentences were cut.
        outlet: Where they stand: a name that nobody checked.
        published: Date of the document that has them, as `Document.published` holds it.

    >>> write_stub(1, "Harbour\nCourier [x]", None)
    '[1 sentence shared with Harbour Courier (x)]'
    >>> write_stub(2, "harbour.example", "2024-10-17T13:00:00Z")
    '[2 sentences shared with harbour.example, 2024-10-17]'
    """
    sentences = "1 sentence" if num_sentences == 1 else f"{num_sentences} sentences"
    date = f", {published[:_DAY_CHARS]}" if published else ""
    return f"[{sentences} shared with {_show_outlet(outlet)}{date}]"


def _show_outlet(outlet: str) -> str:
    """Return an outlet's name on one line, without brackets and without what cannot be seen."""
    seen = "".join(
        char if unicodedata.category(char)[0] != "C" else " "
        for char in outlet.translate(_BRACKETS)
    )
    return " ".join(seen.split())[:_MAX_OUTLET_CHARS].rstrip() or _UNNAMED


def find_stubs(text: str) -> list[tuple[int, int]]:
    """Return where the stubs of a text begin and end.

    >>> find_stubs("One. [2 sentences shared with Courier] Two. [1 sentences shared with it]")
    [(5, 38)]
    """
    return [match.span() for match in _STUB.finditer(text)] if " shared with " in text else []


def is_stub(line: str) -> bool:
    """Tell whether a line is a stub and nothing else."""
    return _STUB.fullmatch(line.strip()) is not None


class WithoutStubs:
    """A text as it would be without its stubs, to be judged.

    Args:
        text: A document's text.
        blocks: Its blocks, in order and apart.

    Attributes:
        text: The text without stubs and the blanks beside them.
        blocks: Its blocks, without those in which nothing else is.
        stubs: Where the stubs stand in the document's text, by the position of their block.
    """

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._whole, self._blocks = text, blocks
        begins = [block.begin for block in blocks]
        self.stubs: dict[int, list[tuple[int, int]]] = {}
        cuts: list[tuple[int, int]] = []
        for begin, end in find_stubs(text):
            at = bisect_right(begins, begin) - 1
            if at >= 0 and end <= blocks[at].end:
                self.stubs.setdefault(at, []).append((begin, end))
                cuts.append(_widen(text, begin, end, blocks[at], cuts[-1][1] if cuts else 0))
        kept = zip([0, *(e for _, e in cuts)], [*(b for b, _ in cuts), len(text)], strict=True)
        self.text = "".join(text[begin:end] for begin, end in kept)
        placed = _place([n for block in blocks for n in (block.begin, block.end)], cuts)
        extents = list(zip(placed[::2], placed[1::2], strict=True))
        self._left = [at for at, (begin, end) in enumerate(extents) if begin < end]
        self.blocks = [
            msgspec.structs.replace(blocks[at], begin=extents[at][0], end=extents[at][1])
            for at in self._left
        ]

    def spread(
        self, verdicts: Sequence[Mapping[str, Any]], of_stub: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Bring verdicts back to the document's text.

        Args:
            verdicts: The verdict on each of `blocks`, with or without `begin` and `end`.
            of_stub: The verdict on a stub.

        Returns:
            Verdicts with `begin` and `end`, in order, on the document's blocks; of a block with
            stubs in it, on them and on the parts between them.
        """
        verdict_on = dict(zip(self._left, verdicts, strict=True))
        rows: list[dict[str, Any]] = []
        for number, block in enumerate(self._blocks):
            at = block.begin
            for begin, end in (*self.stubs.get(number, ()), (block.end, block.end)):
                raw = self._whole[at:begin]
                if number in verdict_on and raw.strip():
                    first, last = at + len(raw) - len(raw.lstrip()), at + len(raw.rstrip())
                    rows.append({**verdict_on[number], "begin": first, "end": last})
                if begin < end:
                    rows.append({**of_stub, "begin": begin, "end": end})
                at = end
        return rows


def _widen(text: str, begin: int, end: int, block: Block, before: int) -> tuple[int, int]:
    """Return a stub with the blanks after it, or with those before it if it ends its block.

    What stands before `before` belongs to another one.
    """
    while end < block.end and text[end].isspace():
        end += 1
    least = max(block.begin, before)
    while end == block.end and begin > least and text[begin - 1].isspace():
        begin -= 1
    return begin, end


def _place(positions: Sequence[int], cuts: Sequence[tuple[int, int]]) -> list[int]:
    """Return where ascending positions of a text are when some of it is cut out."""
    placed = []
    removed = at = 0
    for position in positions:
        while at < len(cuts) and cuts[at][1] <= position:
            removed += cuts[at][1] - cuts[at][0]
            at += 1
        inside = max(0, position - cuts[at][0]) if at < len(cuts) else 0
        placed.append(position - removed - inside)
    return placed
