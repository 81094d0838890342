"""What speaks against a block, in words: groups of features, and what each adds."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

GROUPS = (
    "repeats",
    "links",
    "wording",
    "shape",
    "cues",
    "extractors",
    "class_names",
    "container",
    "elements",
    "neighbours",
    "place",
    "first_look",
)
"""Groups of features, as evidence is shown."""
_REASONS = {
    "repeats": "repeated_on_the_page",
    "links": "made_of_links",
    "wording": "not_worded_as_running_text",
    "shape": "not_shaped_as_running_text",
    "cues": "phrases_of_boilerplate",
    "extractors": "left_out_by_extractors",
    "class_names": "class_names_of_boilerplate",
    "container": "outside_the_container_of_the_article",
    "elements": "element_of_boilerplate",
    "neighbours": "among_boilerplate",
    "place": "outside_the_zone_of_the_article",
}
_AROUND = ("neighbours", "place")
_MIN_SHARE = 0.05
_MAX_SHOWN = 4
_SHOWN_AS = tuple(f"{group} %+.1f" for group in GROUPS)
_NAMES = {
    "repeats": ("times", "first_time", "shared_words"),
    "links": ("link_ratio",),
    "wording": ("stop_word_share", "like_title"),
    "cues": (
        "decisive_cue",
        "phrases",
        "is_date",
        "names_author",
        "row_of_labels",
        "addresses_reader",
        "section_heading",
        "assembled",
        "only_names",
        "ruled_out",
    ),
    "extractors": ("in_trafilatura", "in_resiliparse", "in_article_body"),
    "neighbours": ("in_zone",),
    "first_look": ("first",),
}
_PREFIXES = {
    "neighbours": ("first_", "since_sure", "until_sure", "sure_", "since_zone", "until_zone"),
    "class_names": ("hint_", "path_"),
    "container": ("box", "best_", "half_", "most_", "like_"),
    "elements": ("is_", "in_", "depth", "num_headings"),
    "place": ("from_", "place", "text_", "running_", "paragraphs_", "since_", "until_", "page_"),
}


@functools.cache
def group_of(name: str) -> str:
    """Return the group that a feature is shown under.

    >>> group_of("hint_comment"), group_of("words"), group_of("words~4")
    ('class_names', 'shape', 'neighbours')
    """
    if any(mark in name for mark in "+-~"):
        return "neighbours"
    for group, names in _NAMES.items():
        if name in names:
            return group
    for group, prefixes in _PREFIXES.items():
        if name.startswith(prefixes):
            return group
    return "shape"


def reason_of(evidence: str) -> str:
    """Return the strongest reason in evidence that is the block's own, else the strongest.

    >>> reason_of("neighbours -2.1, links -0.8")
    'made_of_links'
    """
    against = [part.split()[0] for part in evidence.split(", ") if " -" in part]
    own = [group for group in against if group not in _AROUND]
    return _REASONS.get((own or against or [""])[0], "unlike_main_content")


def describe_shares(shares: npt.NDArray[np.float64]) -> list[str]:
    """Say what groups add to the log-odds of each block: the strongest against it first.

    Groups that add less than `_MIN_SHARE` either way are left out, and of those in favour all but
    the strongest.

    Args:
        shares: Shape (blocks, groups).

    >>> describe_shares(np.array([[-0.8, -2.1, 0.01, 0.4]]))
    ['links -2.1, repeats -0.8, shape +0.4']
    """
    orders = np.argsort(shares, axis=1, kind="stable").tolist()
    found = []
    for order, row in zip(orders, shares.tolist(), strict=True):
        shown = [at for at in order[:_MAX_SHOWN] if row[at] <= -_MIN_SHARE]
        if row[order[-1]] >= _MIN_SHARE:
            shown.append(order[-1])
        found.append(", ".join([_SHOWN_AS[at] % row[at] for at in shown]))
    return found
