"""List the rules there are, and choose among them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from pathlib import Path

from cleaner.boilerplate.catalogue import RuleEntry, list_code_rules, list_cues
from cleaner.errors import LookupFailedError
from cleaner.model import BOILERPLATE_KINDS, DUPLICATE, MAIN, TRUNCATED, WHITESPACE
from cleaner.rule_cards.cards import RuleCard
from cleaner.rule_cards.hits import count_rules

_LEDGER_RULES = (
    RuleEntry(
        "resolve.copy",
        "A document whose whole text another one has too, the same or nearly so.",
        details="The policy's representative stays.",
        hits_wrongly="a new edition of an article that adds a little to it.",
        kinds=(DUPLICATE,),
        switch_off="--copies keep",
    ),
    RuleEntry(
        "resolve.passage",
        "Sentences that stand in another document too.",
        details="They stay where the policy's representative has them.",
        hits_wrongly="a set phrase that two newsrooms wrote on their own.",
        kinds=(DUPLICATE,),
        switch_off="--passages keep",
    ),
    RuleEntry(
        "resolve.wire",
        "An agency report that stands in another document too, as a whole or in part.",
        details="It stays where the policy's representative has it; from the view `originals` it "
        "goes also there, unless the outlet is an agency.",
        hits_wrongly="what several outlets took from one of them on the same day.",
        kinds=(DUPLICATE,),
        switch_off="--copies keep --passages keep",
    ),
    RuleEntry(
        "resolve.rewrite",
        "Sentences of a rewritten passage that stand in another document too.",
        details="Those whose words differ too much stay.",
        hits_wrongly="a statement that two newsrooms put in nearly the same words.",
        kinds=(DUPLICATE,),
        switch_off="--set resolve.rewrites=keep",
    ),
    RuleEntry(
        "resolve.self",
        "Text that another document of the same outlet has too.",
        details="They go as copies and passages of other outlets do, unless "
        "`resolve.same_outlet` says otherwise.",
        hits_wrongly="a series whose parts begin with the same paragraph.",
        kinds=(DUPLICATE,),
        switch_off="--set resolve.same_outlet=keep",
    ),
    RuleEntry(
        "resolve.template",
        "A form that recurs with other names and figures.",
        details="It is marked, and never cut.",
    ),
    RuleEntry(
        "resolve.quote",
        "A quotation that stands in another document too.",
        details="It is marked, and cut only with `--quotes cut` or from the view `originals`.",
        hits_wrongly="a statement that each of two outlets was given itself.",
        kinds=(DUPLICATE,),
        switch_off="--quotes keep",
    ),
    RuleEntry(
        "resolve.remainder",
        "A headline or a few words that are all that a document has left of its own.",
        hits_wrongly="a short note beside a passage that was taken over.",
        kinds=(DUPLICATE,),
        switch_off="--copies keep --passages keep",
    ),
    RuleEntry(
        "resolve.truncated",
        "A document that a paywall or a feed cut short.",
        details="It is dropped only with `--truncated drop`.",
        hits_wrongly="a whole article whose end looks like a cut.",
        kinds=(TRUNCATED,),
        switch_off="--truncated keep",
    ),
    RuleEntry(
        "verdicts",
        "A passage that a person judged to be boilerplate, in both documents that share it.",
        details="The file that was given with `--verdicts` says so; take the line out to keep it.",
        hits_wrongly="what the person was wrong about.",
        kinds=("not_main_content",),
    ),
    RuleEntry(
        "white_space",
        "White space that a cut would leave at the edge of a text or twice between two paragraphs.",
        kinds=(WHITESPACE,),
    ),
    RuleEntry("running_text", "A block that is kept as a paragraph of the article.", kinds=(MAIN,)),
    RuleEntry("no_rule_hit", "A block that is kept since no rule hit it.", kinds=(MAIN,)),
)
"""What stands in a ledger as a rule and is none for blocks."""


def list_rule_cards(
    names: Sequence[str] = (),
    *,
    languages: Sequence[str] = (),
    kinds: Sequence[str] = (),
    cue_files: Sequence[str] = (),
    output: Path | None = None,
) -> tuple[RuleCard, ...]:
    """List rules, with what they did in a run; examples are what `add_examples` adds.

    Args:
        names: Rules, by name, by a name that a ledger has for them, or by family (`en.paywall`).
        languages: Languages of cues; rules that are no cues have none.
        kinds: Kinds that a rule can give. A rule that takes its kind from a neighbour can give all,
            and in a run it is counted for those that it gave.
        cue_files: Paths of cue files beside the built-in ones.
        output: The output folder of a run.

    Returns:
        Without a run code rules in the order in which they are tried, then what else stands in
        ledgers, then cues; with one, those first that hit most documents.

    Raises:
        ConfigError: If a cue file cannot be read or is none.
        LookupFailedError: If a name, language or kind does not exist, no rule has all that is asked
            for, or the folder holds no run.
    """
    entries = (*list_code_rules(), *_LEDGER_RULES, *list_cues(tuple(cue_files)))
    if output is None:
        cards = tuple(RuleCard(entry) for entry in entries)
    else:
        cards = count_rules(entries, output)
    _check_filters(cards, names, languages, kinds)
    chosen = tuple(
        card
        for card in cards
        if (not names or any(card.rule.is_named(name) for name in names))
        and (not languages or card.rule.language in languages)
        and (not kinds or _has_kind(card, kinds))
    )
    if not chosen:
        message = "no rule has the name, language and kind that were asked for; leave one out"
        raise LookupFailedError(message)
    return chosen


def _has_kind(card: RuleCard, kinds: Collection[str]) -> bool:
    own = {*card.rule.kinds, *(card.run.kinds if card.run else ())}
    return not own.isdisjoint(kinds) or (not own and card.run is None)


def _check_filters(
    cards: Sequence[RuleCard],
    names: Sequence[str],
    languages: Sequence[str],
    kinds: Sequence[str],
) -> None:
    """Refuse a filter that nothing can pass, with the likeliest right one."""
    there: set[str] = set()
    for card in cards:
        parts = card.rule.name.split(".")
        there.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
    there_kinds = {*BOILERPLATE_KINDS, *(kind for card in cards for kind in card.kinds)}
    there_languages = {card.rule.language for card in cards if card.rule.language}
    for what, asked, known in (
        ("rule", names, there),
        ("kind", kinds, there_kinds),
        ("language with cues", languages, there_languages),
    ):
        for value in asked:
            if value not in known:
                close = difflib.get_close_matches(value, sorted(known), n=1)
                if what == "rule" and value in there_kinds:
                    guess = f"; did you mean --kind {value}?"
                elif close:
                    guess = f"; did you mean {close[0]!r}?"
                else:
                    guess = "" if what == "rule" else f"; there are {', '.join(sorted(known))}"
                message = f"there is no {what} {value!r}{guess}"
                raise LookupFailedError(message)
