"""Each rule of the boilerplate judge, on both sides of what it asks for."""

from __future__ import annotations

import pytest

from cleaner.boilerplate import judge_blocks
from cleaner.boilerplate.lines import line_hash
from cleaner.boilerplate.outlet import OutletLine
from cleaner.boilerplate.rules import RULES, block_model
from cleaner.extraction.blocks import parse_page, read_page
from cleaner.extraction.lines import split_lines
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
        [HEADLINE, *BODY, "Share this article", "Ten garden chairs"],
        "Ten garden chairs",
        "share",
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
    key = line_hash("the standard is read in nine towns of the coast and on the islands")
    repeated = {key: OutletLine(0.9, in_tail=True)}
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
    """What trafilatura left out is not main content, where no model looked at the page."""
    text = f"{BODY[0]}\n{BODY[1]}"
    for main, kinds in ((-1.0, ["main", "not_main_content"]), (0.9, ["main", "main"])):
        blocks = [
            Block(b.begin, b.end, tag="p", in_extraction=int(at == 0), main=main)
            for at, b in enumerate(split_lines(text))
        ]
        assert [v.kind for v in judge_blocks(text, blocks, language="en")] == kinds


def test_block_model_on_a_page() -> None:
    """A block that the model doubts goes with its evidence; one that it vouches for stays."""
    text = f"{BODY[0]}\nShare this\nMore of it"
    evidence = "links -2.0, place -0.5"
    blocks = [
        Block(b.begin, b.end, tag="p", main=main, evidence=evidence if main < 0.5 else "")
        for b, main in zip(split_lines(text), (0.9, 0.2, 0.6), strict=True)
    ]
    verdicts = judge_blocks(text, blocks, language="de")
    assert [v.kind for v in verdicts][::2] == ["main", "main"]
    doubted = judge_blocks(text, blocks, language="de", rules=(block_model,))[1]
    assert (doubted.kind, doubted.rule) == ("not_main_content", "block_model")
    assert (doubted.reason, doubted.score) == ("made_of_links", 0.8)
    assert doubted.evidence == evidence


def test_headline_of_a_page_is_its_title() -> None:
    """The only first heading that is the title goes; a text's first line stays."""
    text = f"{HEADLINE}\n{BODY[0]}"
    lines = split_lines(text)
    on_page = [Block(b.begin, b.end, tag=t) for b, t in zip(lines, ("h1", "p"), strict=True)]
    (verdict, _) = judge_blocks(text, on_page, language="en", title=HEADLINE)
    assert (verdict.kind, verdict.rule) == ("repeated_title", "headline_in_title")
    assert judge_blocks(text, on_page, language="en", title="Another")[0].kind == "main"
    assert judge_blocks(text, lines, language="en", title=HEADLINE)[0].kind == "main"


def test_every_rule_says_what_it_wrongly_hits() -> None:
    """The docstring of each rule names its false hits."""
    assert [rule.__name__ for rule in RULES if "Wrongly hits:" not in (rule.__doc__ or "")] == []
