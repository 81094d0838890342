"""Each rule of the boilerplate judge, on both sides of what it asks for."""

from __future__ import annotations

import pytest

from cleaner.boilerplate import judge_blocks
from cleaner.boilerplate.outlet import line_hash
from cleaner.boilerplate.rules import RULES
from cleaner.extraction.blocks import parse_page, read_page, split_lines
from cleaner.model import Block, Verdict

HEADLINE = "Council votes for the tram line after a long debate"
BODY = [
    "The council voted for the tram line on Thursday night, after a debate of nine hours.",
    "The line is to run from the station to the harbour and to open in three years, it said.",
    "Residents of the old town had asked for a bus instead, and several left the hall early.",
]


def judge(lines: list[str], **known: object) -> dict[str, Verdict]:
    """Judge lines as one English text; the last of equal lines counts."""
    text = "\n\n".join(lines)
    verdicts = judge_blocks(text, split_lines(text), language="en", **known)  # type: ignore[arg-type]
    return dict(zip(lines, verdicts, strict=True))


HITS = [
    # (lines, the line in question, kind, reason)
    (["Advertisement", HEADLINE, *BODY], "Advertisement", "advertisement", "marks_advertisement"),
    ([HEADLINE, "Oct 17, 2024 - 13:00", *BODY], "Oct 17, 2024 - 13:00", "dateline", "only_a_date"),
    (
        [HEADLINE, "By Jane Roe and John Doe", *BODY],
        "By Jane Roe and John Doe",
        "byline",
        "byline_pattern",
    ),
    (
        [HEADLINE, "5 March 2025 · 6 min read", *BODY],
        "5 March 2025 · 6 min read",
        "interface",
        "assembled_from_boilerplate",
    ),
    (
        [f"{HEADLINE} - The Daily", HEADLINE, *BODY],
        f"{HEADLINE} - The Daily",
        "repeated_title",
        "headline_with_site_name",
    ),
    ([HEADLINE, *BODY, BODY[0]], BODY[0], "repeated_text", "repeated_in_document"),
    (
        [HEADLINE, *BODY, "You can help: support our journalism and keep our reporting free."],
        "You can help: support our journalism and keep our reporting free.",
        None,
        None,
    ),
    (
        [HEADLINE, *BODY, "Related stories", "Harbour to close"],
        "Harbour to close",
        "related",
        "under_related_heading",
    ),
    (
        [HEADLINE, "By Jane Roe", *BODY, "Jane Roe covers the town hall and lives by the harbour."],
        "Jane Roe covers the town hall and lives by the harbour.",
        "author_bio",
        "begins_with_author",
    ),
    (
        [HEADLINE, BODY[0], "The hall before the vote. (Lena Ober / Ostrel)", *BODY[1:]],
        "The hall before the vote. (Lena Ober / Ostrel)",
        "caption",
        "credit_in_brackets",
    ),
    ([HEADLINE, *BODY, "All content © the authors"], "All content © the authors", "legal", None),
    (
        ["News | Port | Sport | Tides", HEADLINE, *BODY],
        "News | Port | Sport | Tides",
        "navigation",
        "row_of_labels",
    ),
    (
        [
            HEADLINE,
            BODY[0],
            "Mayor Ann Smith",
            "Mayor Ann Smith in the hall. (Lena Ober / Ostrel)",
            *BODY[1:],
        ],
        "Mayor Ann Smith",
        "caption",
        "label_of_caption",
    ),
    ([HEADLINE, "Mayor Ann Smith.", *BODY], "Mayor Ann Smith.", "caption", "name_alone"),
    (["Harbour news", HEADLINE, *BODY], "Harbour news", "navigation", "short_line_before_headline"),
    (
        [HEADLINE, *BODY, "Advertisement", "Our summer sale goes on.", "Share this article"],
        "Our summer sale goes on.",
        "advertisement",
        "between_boilerplate",
    ),
    (
        [HEADLINE, *BODY, "Advertisement", "Ten garden chairs"],
        "Ten garden chairs",
        "advertisement",
        "label_after_the_end",
    ),
]


@pytest.mark.parametrize(("lines", "line", "kind", "reason"), HITS, ids=[h[1][:30] for h in HITS])
def test_rule_hits(lines: list[str], line: str, kind: str | None, reason: str | None) -> None:
    """A rule removes what it is made for, and says why."""
    text = "\n\n".join(lines)
    found = judge_blocks(text, split_lines(text), language="en")
    verdict = [v for v, at in zip(found, lines, strict=True) if at == line][-1]
    assert verdict.kind == (kind or verdict.kind) != "main"
    assert verdict.reason == (reason or verdict.reason)


MISSES = [
    # What a rule must leave alone, one step beyond its limit.
    (
        [
            HEADLINE,
            BODY[0],
            "1 May 2024",
            BODY[1],
            "2 May 2024",
            BODY[2],
            "3 May 2024",
            BODY[0] + "!",
        ],
        "2 May 2024",
    ),
    ([HEADLINE, *BODY[:2], "By any means", BODY[2]], "By any means"),
    ([HEADLINE, BODY[0], "It was over.", *BODY[1:]], "It was over."),
    ([HEADLINE, BODY[0], "What we know so far", *BODY[1:]], "What we know so far"),
    ([HEADLINE, *BODY, "It was over."], "It was over."),
    (
        [HEADLINE, BODY[0], "• Longer platforms", "• New ticket machines", *BODY[1:]],
        "• New ticket machines",
    ),
    (
        [HEADLINE, *BODY, "He lives in the old town. (Ferrari)"],
        "He lives in the old town. (Ferrari)",
    ),
    (["It was Jane Roe who", HEADLINE, *BODY], HEADLINE),
    (
        [HEADLINE, *BODY, "“Subscribe to continue reading,” the banner says, and people close it."],
        "“Subscribe to continue reading,” the banner says, and people close it.",
    ),
    ([HEADLINE, BODY[0], BODY[0][:-1] + " again.", *BODY[1:]], BODY[0][:-1] + " again."),
    (["Yes.", "No."], "No."),
]


@pytest.mark.parametrize(("lines", "line"), MISSES, ids=[m[1][:30] for m in MISSES])
def test_rule_leaves_alone(lines: list[str], line: str) -> None:
    """What only resembles boilerplate stays."""
    assert judge(lines)[line].kind == "main"


def test_headline_stays_once() -> None:
    """Of two equal headlines the first stays, and the second is a repeated title."""
    text = "\n".join([HEADLINE, HEADLINE, *BODY])
    verdicts = judge_blocks(text, split_lines(text), language="en")
    assert [v.kind for v in verdicts[:2]] == ["main", "repeated_title"]


def test_outlet_line_needs_an_edge() -> None:
    """A sentence that the outlet repeats falls at the end of a text and stays in its middle."""
    closing = "The Standard is read in nine towns of the coast and on the islands."
    repeated = {
        line_hash("the standard is read in nine towns of the coast and on the islands"): 0.9
    }
    at_end = judge([HEADLINE, *BODY, closing], repeated=repeated)
    filler = [f"{sentence} So said speaker number {n}." for n in range(12) for sentence in BODY]
    inside = judge([HEADLINE, *filler[:18], closing, *filler[18:]], repeated=repeated)
    assert (at_end[closing].kind, at_end[closing].reason) == ("outlet_line", "outlet_repeats_line")
    assert inside[closing].kind == "main"


def test_label_with_outlet_name() -> None:
    """A label that holds the outlet's name falls at the end, whatever the name's spacing."""
    label = "Harbour Courier | Spring edition"
    assert judge([HEADLINE, *BODY, label], outlet="harbour-courier")[label].kind == "promotion"
    assert judge([HEADLINE, *BODY, label], outlet="inland-ledger")[label].kind == "main"


PAGE = """<html><body><nav>Latest pictures</nav><h1>Council votes for the tram</h1>
<p>The council voted for the tram line on Thursday night, after a debate of nine hours.</p>
<figure><img><figcaption>The hall before the vote began</figcaption></figure>
<p>Residents of the old town had asked for a bus instead, and several left the hall early.</p>
</body></html>"""


def test_elements_of_pages() -> None:
    """Captions and navigation are told by their elements where the page is there."""
    root = parse_page(PAGE)
    assert root is not None
    text, blocks = read_page(root)
    verdicts = judge_blocks(text, blocks, language="en")
    assert [(v.kind, v.reason) for v in verdicts if v.kind != "main"] == [
        ("navigation", "in_nav_element"),
        ("caption", "in_figcaption_element"),
    ]


def test_left_out_by_extraction() -> None:
    """What trafilatura left out is not main content, but for the page's only first heading."""
    text = f"{HEADLINE}\n{BODY[0]}\n{BODY[1]}"
    tags = ["h1", "p", "p"]
    blocks = [
        Block(b.begin, b.end, tag=tag, in_extraction=int(at == 1))
        for at, (b, tag) in enumerate(zip(split_lines(text), tags, strict=True))
    ]
    kinds = [verdict.kind for verdict in judge_blocks(text, blocks, language="en")]
    assert kinds == ["main", "main", "not_main_content"]


def test_every_rule_says_what_it_wrongly_hits() -> None:
    """The docstring of each rule names its false hits."""
    assert [rule.__name__ for rule in RULES if "Wrongly hits:" not in (rule.__doc__ or "")] == []
