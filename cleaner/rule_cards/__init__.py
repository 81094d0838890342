"""What `clean rules` tells: what a rule is, and what it did in a run, from its output folder alone.

`listing` chooses rules, `hits` counts what each did, `examples` finds texts that it removed, and
`tables` reads the folder; `cards` is what they give.
"""

from cleaner.rule_cards.cards import Example, OutletHits, RuleCard, RuleRun
from cleaner.rule_cards.examples import add_examples
from cleaner.rule_cards.listing import list_rule_cards

__all__ = [
    "Example",
    "OutletHits",
    "RuleCard",
    "RuleRun",
    "add_examples",
    "list_rule_cards",
]
