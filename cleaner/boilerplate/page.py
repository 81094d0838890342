"""A document under judgement: its blocks and its zones."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from cleaner.boilerplate.cues import normalize_line
from cleaner.boilerplate.facts import BlockFacts
from cleaner.boilerplate.outlet import OutletLine
from cleaner.model import Verdict, only_first_heading
from cleaner.words import is_unspaced, squeeze

MIN_HEADLINE_WORDS = 4
_MIN_UNSPACED_HEADLINE_WORDS = 3
_MAX_HEADLINE_WORDS = 40
_MIN_NAME_CHARS = 5


class Page:
    """A document under judgement: its blocks, what is settled about them, and its zones.

    Zones are surveyed before a rule, not for each block, so that a rule costs the same for each
    block however long the document is.

    Attributes:
        facts: The blocks of this round, in order.
        repeated: Blocks that are lines which the outlet repeats, by block index.
        verdicts: What is settled as boilerplate, by block index.
        headline: Index of the block that is the headline: the one that equals the title, else the
            first line before the running text that is long enough; None if there is none.
        first_seen: Index of the first remaining block with a line, by line.
        title: The document's title, normalised.
        heading: Index of the only `h1` of a page.
        num_dates: Number of blocks that are nothing but a date.
        authors: The names in bylines.
        outlet: The outlet's name, its letters only; empty if it is too short to be telling.
    """

    def __init__(
        self,
        facts: Sequence[BlockFacts],
        title: str = "",
        outlet: str = "",
        repeated: Mapping[int, OutletLine] | None = None,
    ) -> None:
        self.facts = facts
        self.repeated = repeated or {}
        self.outlet = _name_of(outlet)
        self.authors = {block.author for block in facts if block.author}
        self.verdicts: dict[int, Verdict] = {}
        self.headline: int | None = None
        self.first_seen: dict[str, int] = {}
        self.num_dates = sum(block.is_date for block in facts)
        heading = only_first_heading(block.block for block in facts)
        self.heading = None if heading is None else facts[heading].index
        self.title = normalize_line(title)
        self._anchors: list[int] = []

    def survey(self) -> dict[int, int]:
        """Find the zones anew, as the remaining blocks form them.

        Returns:
            Where these stand in `facts`, by block index.
        """
        left = {
            facts.index: at
            for at, facts in enumerate(self.facts)
            if facts.index not in self.verdicts
        }
        remaining = [self.facts[at] for at in left.values()]
        self._anchors = [facts.index for facts in remaining if facts.is_anchor]
        self.first_seen = {facts.line: facts.index for facts in reversed(remaining)}
        self.headline = self.first_seen.get(self.title) if self.title else None
        if self.headline is None:
            head = itertools.takewhile(lambda facts: not facts.is_anchor, remaining)
            self.headline = next((f.index for f in head if _could_be_headline(f)), None)
        return left

    def is_removed(self, facts: BlockFacts | None) -> bool:
        """Tell whether there is such a block and it is settled as boilerplate."""
        return facts is not None and facts.index in self.verdicts

    def neighbour(self, position: int, step: int) -> BlockFacts | None:
        """Return the block before (`step=-1`) or after (`step=1`) one, removed or not."""
        at = position + step
        return self.facts[at] if 0 <= at < len(self.facts) else None

    def anchors_before(self, facts: BlockFacts) -> int:
        """Count the paragraphs of running text before a block."""
        return bisect_left(self._anchors, facts.index)

    def anchors_after(self, facts: BlockFacts) -> int:
        """Count the paragraphs of running text after a block."""
        return len(self._anchors) - bisect_right(self._anchors, facts.index)

    def is_in_head(self, facts: BlockFacts) -> bool:
        """Tell whether a block stands before the running text, if there is any."""
        return self.anchors_before(facts) == 0 and self.anchors_after(facts) > 0

    def is_near_head(self, facts: BlockFacts) -> bool:
        """Tell whether at most one paragraph, a standfirst, goes before a block."""
        return self.anchors_before(facts) <= 1 and self.anchors_after(facts) > 0

    def is_in_tail(self, facts: BlockFacts) -> bool:
        """Tell whether a block stands after the running text, if there is any."""
        return self.anchors_before(facts) > 0 and self.anchors_after(facts) == 0

    def is_outside_body(self, facts: BlockFacts) -> bool:
        """Tell whether no running text goes before a block, or none follows."""
        return self.anchors_before(facts) == 0 or self.anchors_after(facts) == 0


def _name_of(outlet: str) -> str:
    """Return an outlet's name without its domain's ending, letters and digits only."""
    name = outlet.casefold()
    squeezed = squeeze(name.rpartition(".")[0] if " " not in name and "." in name else name)
    return squeezed if len(squeezed) >= _MIN_NAME_CHARS else ""


def _could_be_headline(facts: BlockFacts) -> bool:
    if not _MIN_UNSPACED_HEADLINE_WORDS <= facts.num_words <= _MAX_HEADLINE_WORDS:
        return False
    if facts.num_words < MIN_HEADLINE_WORDS and not is_unspaced(facts.text):
        return False
    return not (facts.is_date or facts.is_row_of_labels or facts.is_assembled or facts.author)
