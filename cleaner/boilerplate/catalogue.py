"""What is known of each rule before any run: the one place that lists and describes them.

Code rules are described by their docstrings, cues by their files. `clean rules` and the reference
are made from this list; a rule that is made elsewhere is added in `list_code_rules`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import msgspec

from cleaner.boilerplate.cues import Cue, is_disabled, load_cues
from cleaner.boilerplate.rules import RULES, Rule

_KINDS: Mapping[str, tuple[str, ...]] = {
    "stub_of_earlier_run": ("notice",),
    "no_letter_or_digit": ("interface",),
    "only_a_date": ("dateline",),
    "byline_pattern": ("byline",),
    "assembled_from_boilerplate": ("interface",),
    "element_of_page": ("caption", "interface", "navigation"),
    "outlet_repeats": ("outlet_line",),
    "headline_in_title": ("repeated_title",),
    "left_out_by_extraction": ("not_main_content",),
    "block_model": ("not_main_content",),
    "headline_with_site_name": ("repeated_title",),
    "repeated_headline": ("repeated_title",),
    "repeated_in_document": ("repeated_text",),
    "bio_of_author": ("author_bio",),
    "credit_in_brackets": ("caption",),
    "copyright_sign": ("legal",),
    "row_of_labels": ("navigation",),
    "caption_title": ("caption",),
    "name_alone": ("byline", "caption"),
    "names_its_outlet": ("promotion",),
    "short_line_before_headline": ("navigation",),
}
"""Kinds that a code rule gives; the others take that of a cue or of a neighbour."""

_JUDGING_BY_CUES = ("cue_decides", "pleads_with_reader")


class RuleEntry(msgspec.Struct, frozen=True):
    """A rule as it is before any run.

    Attributes:
        name: As the ledger and `--disable` have it.
        description: What it takes for boilerplate; empty if nothing is known of the rule.
        details: What else is to be said of it.
        hits_wrongly: What it wrongly takes for it.
        kinds: Kinds that it gives; empty if it takes that of a cue or a neighbour.
        is_under_cues: A ledger has its verdicts under the names of the cues that it found.
        switch_off: Options of `clean run` that switch it off; empty if there are none.
        language: The language of a cue; None for a rule that knows none.
        scope: `line`, `start`, `end` or `phrase` for a cue (see `cues`), else None.
        max_words: Longer blocks are not hit by a cue of scope `start` or `end`; else None.
        is_heading: What follows it falls too, by `after_section_heading`.
        patterns: Regular expressions for a line as `cues.normalize_line` leaves it.
    """

    name: str
    description: str
    details: str = ""
    hits_wrongly: str = ""
    kinds: tuple[str, ...] = ()
    is_under_cues: bool = False
    switch_off: str = ""
    language: str | None = None
    scope: str | None = None
    max_words: int | None = None
    is_heading: bool = False
    patterns: tuple[str, ...] = ()

    def is_named(self, name: str) -> bool:
        """Tell whether a name is the rule's, one of its names in a ledger, or its family's."""
        return is_disabled(self.name, (name,))


def list_code_rules() -> tuple[RuleEntry, ...]:
    """Describe the rules that are code, in the order in which they are tried."""
    return tuple(_describe_function(rule) for rule in RULES)


def list_cues(files: tuple[str, ...] = ()) -> tuple[RuleEntry, ...]:
    """Describe the cues, by language, in the order of their files.

    Args:
        files: Paths of cue files beside the built-in ones.

    Raises:
        ConfigError: If a file cannot be read or is no cue file.
    """
    book = load_cues(files)
    return tuple(
        _describe_cue(code, cue) for code in book.codes for cue in book.language(code).cues
    )


def _describe_function(rule: Rule) -> RuleEntry:
    """Take a docstring apart: a first line, what else there is to say, and `Wrongly hits:`."""
    name = rule.__name__
    summary, _, rest = inspect.cleandoc(rule.__doc__ or "").partition("\n")
    details, _, hits_wrongly = rest.partition("Wrongly hits:")
    return RuleEntry(
        name=name,
        description=summary.strip(),
        details=" ".join(details.split()),
        hits_wrongly=" ".join(hits_wrongly.split()),
        kinds=_KINDS.get(name, ()),
        is_under_cues=name in _JUDGING_BY_CUES,
        switch_off="" if name == "cue_decides" else f"--disable {name}",
    )


def _describe_cue(language: str, cue: Cue) -> RuleEntry:
    return RuleEntry(
        name=cue.rule,
        description=cue.why,
        hits_wrongly=cue.hits_wrongly,
        kinds=(cue.kind,),
        switch_off=f"--disable {cue.rule}",
        language=language,
        scope=cue.scope,
        max_words=cue.max_words if cue.scope in ("start", "end") else None,
        is_heading=cue.heading,
        patterns=cue.patterns,
    )
