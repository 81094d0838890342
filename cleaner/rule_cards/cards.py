"""A rule card: what a rule is, and what it did in a run."""

from __future__ import annotations

import msgspec

from cleaner.boilerplate.catalogue import RuleEntry


class OutletHits(msgspec.Struct, frozen=True):
    """How much of an outlet a rule hit.

    Attributes:
        num_documents: Documents of the outlet.
        num_hit_documents: Those that the rule removed something from.
        hit_ratio: The share of them, in [0, 1].
    """

    outlet: str
    num_documents: int
    num_hit_documents: int
    hit_ratio: float


class Example(msgspec.Struct, frozen=True):
    """A stretch of text that a rule removed.

    Attributes:
        source: The document's source.
        begin, end: Its place in the document's text, without white space at its ends.
        line: The line of the text, from 1, in which it begins.
        target: What `clean why` takes to explain it: the source and the place, or the document's id
            and the place where the source cannot be typed or is not unique.
        text: The text.
    """

    source: str
    begin: int
    end: int
    line: int
    target: str
    text: str


class RuleRun(msgspec.Struct, frozen=True):
    """What a rule did in a run. A hit is a span that is not in the view that the run wrote.

    Attributes:
        num_spans, num_chars: Hits, and the characters in them.
        num_documents: Documents with a hit.
        num_kept_spans, num_kept_chars: What the rule decided on and the view nevertheless holds.
        kinds: Kinds that it gave, in alphabetical order.
        outlets: Outlets with a hit, the most hit first.
        num_run_documents, num_run_outlets: All documents and outlets of the run.
        is_switched_off: The run was made without the rule.
        examples: Hits with different texts, from several outlets where there are several.
    """

    num_spans: int
    num_chars: int
    num_documents: int
    num_kept_spans: int
    num_kept_chars: int
    kinds: tuple[str, ...]
    outlets: tuple[OutletHits, ...]
    num_run_documents: int
    num_run_outlets: int
    is_switched_off: bool
    examples: tuple[Example, ...] = ()


class RuleCard(msgspec.Struct, frozen=True):
    """A rule, and what it did in a run if one was asked about."""

    rule: RuleEntry
    run: RuleRun | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that the rule gave in the run, or else those that it can give."""
        return (self.run.kinds if self.run else ()) or self.rule.kinds
