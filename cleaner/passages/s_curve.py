"""How likely two documents or paragraphs of some similarity become candidates."""

from __future__ import annotations

from cleaner.config import MatchConfig
from cleaner.passages.candidates import choose_level_bands
from cleaner.passages.minhash import meet_probability

SIMILARITIES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def render_s_curve(config: MatchConfig) -> str:
    """Return a table: for each level its bands and rows, and the probability by similarity.

    It is of signatures alone: passages of equal wording always meet, and pairs are found by their
    seeds too.
    """
    head = f"{'Jaccard similarity':20}{'bands x rows':>12}"
    lines = [head + "".join(f"{similarity:8.1f}" for similarity in SIMILARITIES)]
    for level, (bands, rows) in choose_level_bands(config).items():
        chances = [meet_probability(similarity, bands, rows) for similarity in SIMILARITIES]
        lines.append(f"{level:20}{f'{bands} x {rows}':>12}" + "".join(f"{c:8.1%}" for c in chances))
    return "\n".join(lines) + "\n"
