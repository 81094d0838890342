"""Truncated articles: what decides together, what does not, and what becomes of them in a run."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from cleaner import Config, clean_corpus, clean_text
from cleaner.boilerplate import OUTLET_LENGTHS, TEXT_FACTS, find_truncated
from cleaner.boilerplate.cues import load_cues
from cleaner.boilerplate.truncation import EVIDENCE, find_facts_of_end, weigh_evidence
from cleaner.cli import main
from cleaner.words import count_all

HARD_NEGATIVES = json.loads(
    (Path(__file__).parent / "data" / "hard_negatives.json").read_text(encoding="utf-8")
)["articles"]

PARAGRAPHS = [
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night of repairs.",
    "Passengers slept on the floor of the saloon while the crew looked for a spare part on board.",
    "The company said that it would pay for the hotel of everyone who missed a train that evening.",
    "A spokesman for the port added that no other ship had been held up by the slow arrival there.",
    "It was the third breakdown of the vessel since spring, and an old captain had warned of it.",
    "An inquiry will now ask why the pump was not replaced when the yard had offered a cheap one.",
    "Families on the quay brought soup and blankets, and a baker opened his shop in the afternoon.",
    "The next crossing is planned for Thursday, if the coast guard agrees to it after a sea trial.",
]
LONG = [f"{first} {second}" for first in PARAGRAPHS for second in PARAGRAPHS[:3]]
NOTICE = "This article is for subscribers only."
CUT = "Engineers had told the ministry about it in a letter that was sent to the"


def text(*paragraphs: str) -> str:
    """Put paragraphs together to a text."""
    return "\n\n".join(paragraphs)


def page(paragraphs: list[str], *, head: str = "", after: str = "", gated: int = 0) -> str:
    """Make a page; the last `gated` of its paragraphs stand in an element of that class."""
    free, rest = paragraphs[: len(paragraphs) - gated], paragraphs[len(paragraphs) - gated :]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in free)
    body += f"<div class='gated'>{''.join(f'<p>{p}</p>' for p in rest)}</div>" if rest else ""
    return (
        f"<html lang='en'><head><title>Ferry late again</title>{head}</head><body><article>"
        f"<h1>Ferry late again</h1>{body}</article>{after}</body></html>"
    )


def declare(**values: Any) -> str:
    """Make the JSON-LD of an article."""
    article = {"@type": "NewsArticle", "headline": "Ferry late again"} | values
    return f"<script type='application/ld+json'>{json.dumps(article)}</script>"


NOT_FREE = declare(isAccessibleForFree=False)
GATED = declare(
    isAccessibleForFree="False",
    hasPart={"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".gated"},
)
BOX = f"<div><p>{NOTICE}</p><p>Subscribe</p></div>"

ROWS = [
    ("feed", "ends_mid_sentence ends_with_char_count"),
    ("feed", "ends_with_ellipsis ends_with_char_count"),
    ("feed", "ends_with_ellipsis is_summary"),
    ("feed", "few_paragraphs is_summary"),
    ("feed", "short_for_outlet is_summary"),
    ("feed", "few_paragraphs ends_with_ellipsis links_to_rest"),
    ("feed", "few_paragraphs ends_mid_sentence feed_footer"),
    ("feed", "few_paragraphs ends_with_ellipsis is_plain_text"),
    ("paywall", "notice_follows ends_mid_sentence"),
    ("paywall", "notice_follows ends_with_ellipsis"),
    ("paywall", "notice_follows ends_with_colon"),
    ("paywall", "declared_not_free notice_follows"),
    ("paywall", "content_tier_locked notice_follows"),
    ("paywall", "declared_not_free shorter_than_declared"),
    ("paywall", "declared_not_free ends_mid_sentence"),
    ("paywall", "declared_not_free gated_part_missing few_paragraphs"),
    ("paywall", "notice_follows few_paragraphs"),
    ("paywall", "notice_follows short_for_outlet"),
    ("unknown", "shorter_than_declared ends_with_ellipsis"),
    ("unknown", "cut_by_crawler nothing_follows"),
    ("unknown", "is_plain_text nothing_follows ends_mid_sentence others_end_whole"),
]
"""Decisions, each with the facts that are just enough for it."""


@pytest.mark.parametrize(("kind", "facts"), ROWS)
def test_facts_decide_together(kind: str, facts: str) -> None:
    """All facts of a row decide; without any one of them nothing is decided."""
    names = facts.split()
    assert weigh_evidence(names).kind == kind
    for name in names:
        assert weigh_evidence([n for n in names if n != name]).kind is None


@pytest.mark.parametrize("fact", EVIDENCE)
def test_no_fact_decides_alone(fact: str) -> None:
    """Whatever is true of a document, it takes a second fact."""
    assert weigh_evidence([fact]).kind is None


@pytest.mark.parametrize(
    ("facts", "against", "kind"),
    [
        ("declared_not_free notice_follows", "declared_length_reached", None),
        ("declared_not_free notice_follows", "gated_part_present", None),
        ("declared_not_free ends_mid_sentence", "declared_body_reached", None),
        ("declared_not_free notice_follows", "declared_body_reached", "paywall"),
        ("notice_follows few_paragraphs", "declared_free", None),
        ("notice_follows ends_mid_sentence", "declared_free", "paywall"),
        ("notice_follows few_paragraphs", "notice_is_general", None),
        ("notice_follows ends_mid_sentence", "notice_is_general", "paywall"),
    ],
)
def test_facts_against(facts: str, against: str, kind: str | None) -> None:
    """What speaks for a whole text outweighs, but for a teaser that is declared as the body."""
    assert weigh_evidence(facts.split()).kind == "paywall"
    assert weigh_evidence([*facts.split(), against]).kind == kind


def test_evidence_is_given_in_order() -> None:
    """A decision gives the facts for it, in a fixed order; without a decision there are none."""
    facts = ["few_paragraphs", "notice_follows", "declared_not_free", "others_end_whole"]
    found = weigh_evidence(facts)
    assert found.evidence == ("declared_not_free", "notice_follows", "few_paragraphs")
    assert weigh_evidence(["few_paragraphs"]).evidence == ()


TEXTS = [
    ("newsapi", "feed", text(PARAGRAPHS[0], f"{CUT}… [+2345 chars]")),
    ("count after a word", "feed", text(PARAGRAPHS[0], f"{CUT} [+2345 chars]")),
    ("count after a whole sentence", None, text(*PARAGRAPHS[:2], "It was late. [+2345 chars]")),
    ("wordpress excerpt", "feed", text(f"{PARAGRAPHS[0]} {CUT} […]")),
    ("excerpt with link", "feed", text(*PARAGRAPHS[:2], f"{CUT}… Read more")),
    ("excerpt with link in brackets", "feed", text(*PARAGRAPHS[:2], f"{CUT} [...] (Read more)")),
    ("link on its own line", "feed", text(*PARAGRAPHS[:2], f"{CUT} ...", "Continue reading")),
    (
        "feed with footer",
        "feed",
        text(PARAGRAPHS[0], f"{CUT} […]", "The post Ferry late appeared first on The Courier."),
    ),
    (
        "footer on the same line",
        "feed",
        f"{PARAGRAPHS[0]} {CUT} […] The post Ferry late appeared first on The Courier.",
    ),
    (
        "whole feed with footer",
        None,
        text(*PARAGRAPHS, "The post Ferry late appeared first on The Courier."),
    ),
    ("link that no cue knows", "feed", text(f"{PARAGRAPHS[0]} {CUT}...", "To Read the Full Story")),
    ("author after an ellipsis", None, text(f"{PARAGRAPHS[0]} {CUT}...", "Marina Timotina")),
    ("button after a text on one line", None, " ".join([*PARAGRAPHS, "show chapters"])),
    ("text on one line, cut at a length", "unknown", " ".join([*LONG, CUT])),
    ("cut at a length", "unknown", text(*PARAGRAPHS, *LONG[:4], CUT)),
    ("cut after a comma", "unknown", text(*PARAGRAPHS, *LONG[:4], f"{CUT} minister,")),
    ("notice after a cut", "paywall", text(*LONG[:9], CUT, NOTICE, "Subscribe")),
    ("notice after few paragraphs", "paywall", text(*PARAGRAPHS[:3], NOTICE)),
    ("notice after a colon", "paywall", text(*LONG[:9], "Here is what she wrote to us:", NOTICE)),
    ("notice after a whole article", None, text(*LONG, NOTICE)),
    ("notice before the article", None, text(NOTICE, *PARAGRAPHS)),
    ("notice in the middle", None, text(*PARAGRAPHS[:4], NOTICE, *PARAGRAPHS[4:])),
    ("a button after few paragraphs", None, text(*PARAGRAPHS[:3], "Subscribe now")),
    (
        "a footer far below",
        None,
        text(
            *PARAGRAPHS[:3],
            "Most read",
            *(f"Seven things to know about tram line number {n}" for n in range(6)),
            NOTICE,
        ),
    ),
    ("long and thoughtful", None, text(*LONG, "And perhaps, one day, the ferry will be on time…")),
    ("pull quote at the end", None, text(*PARAGRAPHS, "“We will build it again, stone by stone”")),
    ("list at the end", None, text(*PARAGRAPHS, "What to bring:", "- warm clothes for the crossing"
      " and a lamp for every one of the children on the deck at night")),
    ("byline at the end", None, text(*PARAGRAPHS, "Additional reporting from the harbour by our "
      "staff writers and photographers Ann Lee and Bo Ek")),
    ("address at the end", None, text(*PARAGRAPHS, "The whole report of the inquiry on the ferry "
      "can be read by everybody at www.harbour.example/inquiry/ferry")),
    ("headlines only", None, text("Ferry late", "Tram line opens", "New bridge for the old mill")),
    ("nothing but an ellipsis", None, "…"),
    ("empty of letters", None, "* * *"),
]  # fmt: skip
"""Texts, what cut them short, and how."""


@pytest.mark.parametrize(("kind", "source"), [row[1:] for row in TEXTS], ids=[r[0] for r in TEXTS])
def test_texts(kind: str | None, source: str) -> None:
    """The end of a text and what stands below it decide."""
    assert clean_text(source, language="en").truncated == kind


TEASER = PARAGRAPHS[:3]
LAST = "Nobody on the pier believed it, and nobody said so before the lights of the town went out."
FULL_BODY = " ".join([*LONG, LAST])
PAGES = [
    ("declared and closed", "paywall", page(LONG[:6], head=NOT_FREE, after=BOX)),
    ("closed, not declared", None, page(LONG, after=BOX)),
    ("few paragraphs and closed", "paywall", page(TEASER, after=BOX)),
    ("declared, nothing missing", None, page(LONG, head=NOT_FREE)),
    ("declared, cut in a sentence", "paywall", page([*LONG[:4], CUT], head=NOT_FREE)),
    ("cut in a sentence, not declared", None, page([*LONG[:4], CUT])),
    (
        "declared free",
        None,
        page(TEASER, head=declare(isAccessibleForFree="http://schema.org/True"), after=BOX),
    ),
    ("metered with all its text", None, page(LONG, head=GATED, after=BOX, gated=20)),
    ("the part that is not free is missing", "paywall", page(TEASER, head=GATED)),
    ("the part is missing, but much is there", None, page(LONG, head=GATED)),
    (
        "much shorter than declared",
        "paywall",
        page(LONG[:4], head=declare(isAccessibleForFree=False, wordCount="900")),
    ),
    (
        "as long as declared",
        None,
        page(LONG, head=declare(isAccessibleForFree=False, wordCount=850), after=BOX),
    ),
    (
        "body goes on",
        "paywall",
        page(LONG[:4], head=declare(isAccessibleForFree=False, articleBody=FULL_BODY)),
    ),
    (
        "body ends with the text",
        None,
        page([*LONG[12:], LAST], head=declare(isAccessibleForFree=False, articleBody=FULL_BODY)),
    ),
    (
        "body is the teaser",
        "paywall",
        page(LONG[:6], head=declare(isAccessibleForFree=False, articleBody=" ".join(LONG[:6])),
             after=BOX),
    ),
    (
        "locked by a meta element",
        "paywall",
        page(LONG[:6], head="<meta property='article:content_tier' content='locked'>", after=BOX),
    ),
    (
        "metered by a meta element",
        None,
        page(LONG, head="<meta property='article:content_tier' content='metered'>", after=BOX),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "source"), [row[1:] for row in PAGES], ids=[r[0] for r in PAGES])
def test_pages(kind: str | None, source: str) -> None:
    """What a page declares is held against what is there."""
    assert clean_text(source, html=True).truncated == kind


@pytest.mark.parametrize("article", HARD_NEGATIVES, ids=[row["name"] for row in HARD_NEGATIVES])
def test_whole_articles(article: dict[str, Any]) -> None:
    """Articles about paywalls, with lists, verse and quotations are whole."""
    source = text(*article["lines"])
    assert clean_text(source, language=article["language"]).truncated is None


def decide(facts: list[str], num_words: int, **outlet: Any) -> str | None:
    """Decide on a document of an outlet."""
    known = {"num_documents": 8, "usual_words": 500.0, "num_notices": 0, "num_long_notices": 0}
    document = {"document_id": "d", "outlet": "o", "num_words": num_words, "facts": facts}
    (row,) = find_truncated(
        pa.RecordBatch.from_pylist([document], schema=TEXT_FACTS),
        Config(),
        pa.Table.from_pylist([{"outlet": "o"} | known | outlet], schema=OUTLET_LENGTHS),
    ).to_pylist()
    return row["truncated"] and str(row["truncated"])


def test_short_for_the_outlet() -> None:
    """Below half of what an outlet usually has, a text is short, if enough of it is known."""
    notice = ["notice_follows"]
    assert decide(notice, 249) == "paywall"
    assert decide(notice, 250) is None
    assert decide(notice, 249, num_documents=7) is None
    assert decide(notice, 249, outlet="another") is None


def test_notice_that_an_outlet_has_everywhere() -> None:
    """A notice under a third of the long articles or more says nothing of a short one."""
    short = ["notice_follows", "few_paragraphs"]
    assert decide(short, 400, num_notices=9, num_long_notices=2) == "paywall"
    assert decide(short, 400, num_notices=9, num_long_notices=3) is None
    assert decide(short, 400, num_notices=10, num_long_notices=3) == "paywall"


@pytest.mark.parametrize(
    ("num_others", "num_notices", "truncated"), [(8, 0, {"paywall": 1}), (6, 0, {}), (8, 3, {})]
)
def test_outlets_are_compared(
    tmp_path: Path, num_others: int, num_notices: int, truncated: dict[str, int]
) -> None:
    """A run knows how long an outlet's documents are, and under which of them a notice stands."""
    whole = [text(*LONG, *([NOTICE] if n < num_notices else [])) for n in range(num_others)]
    records = [
        {"outlet": "Courier", "text": source} for source in (text(*LONG[:9], NOTICE), *whole)
    ]
    feed = write_feed(tmp_path / "feed.jsonl", *records)
    assert clean_corpus(feed, tmp_path / "out", workers=1).truncated == truncated


def corpus(folder: Path) -> list[dict[str, Any]]:
    """Return the records of a corpus."""
    lines = (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def write_feed(path: Path, *records: dict[str, Any]) -> Path:
    """Write records as JSON lines."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


STUB = {
    "outlet": "Courier",
    "published": "2024-10-17T08:00:00Z",
    "text": text(*PARAGRAPHS[:3], NOTICE),
}
WHOLE = {"outlet": "Herald", "published": "2024-10-18T08:00:00Z", "text": text(*PARAGRAPHS)}


def test_a_stub_cuts_nothing_out_of_a_whole_article(tmp_path: Path) -> None:
    """The whole article stays whole though the stub ran first; the policy can be told otherwise."""
    feed = write_feed(tmp_path / "feed.jsonl", STUB, WHOLE)
    clean_corpus(feed, tmp_path / "out", workers=1)
    assert [row["text"] for row in corpus(tmp_path / "out")] == [WHOLE["text"]]
    (cluster,) = [
        json.loads(line)
        for line in (tmp_path / "out" / "clusters.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert cluster["why"] == "others_truncated"
    assert cluster["first_published"] == STUB["published"]
    config = Config().replace(resolve={"prefer_whole": False})
    clean_corpus(feed, tmp_path / "strict", workers=1, config=config)
    stub, rest = corpus(tmp_path / "strict")
    assert (stub["outlet"], stub["truncated"]) == ("Courier", "paywall")
    assert rest["text"] == text(*PARAGRAPHS[3:])


def test_run_marks_and_drops(tmp_path: Path) -> None:
    """Corpus, tables, counts, `clean why` and the summary tell of a truncated document."""
    other = {"outlet": "Herald", "text": text(*PARAGRAPHS[4:])}
    feed = write_feed(tmp_path / "feed.jsonl", STUB, other)
    out = tmp_path / "out"
    done = CliRunner().invoke(main, [str(feed), "--output", str(out)])
    assert "Cut short: 1 documents (paywall 1); marked in the corpus." in done.stderr
    evidence = ["notice_follows", "few_paragraphs"]
    found = [(row["truncated"], row["truncated_evidence"]) for row in corpus(out)]
    assert found == [("paywall", evidence), (None, [])]
    table = pq.read_table(out / "documents.parquet").to_pylist()
    assert [(row["truncated"], row["truncated_evidence"]) for row in table] == found
    told = CliRunner().invoke(main, ["why", "feed.jsonl#1", "--output", str(out)])
    assert told.stdout.splitlines()[1] == "truncated: paywall (notice_follows, few_paragraphs)"
    told = CliRunner().invoke(main, ["why", "feed.jsonl#2", "--output", str(out)])
    assert "truncated" not in told.stdout
    told = CliRunner().invoke(main, ["why", "feed.jsonl#1", "--json", "--output", str(out)])
    assert json.loads(told.stdout)["truncated_evidence"] == evidence

    done = CliRunner().invoke(main, [str(feed), "--output", str(out), "--truncated", "drop"])
    assert "Cut short: 1 documents (paywall 1); left out." in done.stderr
    assert "nothing was taken for main content" not in done.stderr
    assert [row["outlet"] for row in corpus(out)] == ["Herald"]
    spans = pq.read_table(out / "ledger.parquet").to_pylist()
    stub = [row for row in spans if row["document_id"] == table[0]["document_id"]]
    assert {row["kind"] for row in stub if row["kept"] or row["full"] or row["originals"]} == set()
    assert "document_cut_by_paywall" in {row["reason"] for row in stub}


def test_dropping_leaves_other_copies(tmp_path: Path) -> None:
    """What a dropped document shares with a whole one stays there."""
    feed = write_feed(tmp_path / "feed.jsonl", STUB, WHOLE)
    config = Config().replace(resolve={"truncated": "drop", "prefer_whole": False})
    clean_corpus(feed, tmp_path / "out", workers=1, config=config)
    assert [row["text"] for row in corpus(tmp_path / "out")] == [WHOLE["text"]]


def test_summary_field(tmp_path: Path) -> None:
    """A text that was read from a summary is one, if it is short."""
    feed = write_feed(
        tmp_path / "feed.jsonl",
        {"title": "Night on the pier", "description": LAST},
        {"title": "Tram line", "description": text(*LONG)},
    )
    config = Config().replace(read={"fields": {"text": "description"}})
    result = clean_corpus(feed, tmp_path / "out", workers=1, config=config)
    assert [row["truncated"] for row in corpus(tmp_path / "out")] == ["feed", None]
    assert result.truncated == {"feed": 1}


@pytest.mark.parametrize(
    ("field", "end", "kind"),
    [
        ("WARC-Truncated: length\r\n", "", "unknown"),
        ("", "", None),
        ("WARC-Truncated: length\r\n", "<footer>Imprint and contact</footer>", None),
    ],
)
def test_page_that_the_crawler_cut(tmp_path: Path, field: str, end: str, kind: str | None) -> None:
    """A page that the crawler cut is truncated if it ends with the article's text."""
    body = f"<html lang='en'><body><article><p>{'</p><p>'.join(LONG)}</p></article>{end}"
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/x\r\n{field}"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    file = tmp_path / "crawl.warc.gz"
    file.write_bytes(gzip.compress(head.encode() + block + b"\r\n\r\n"))
    result = clean_corpus(file, tmp_path / "out", workers=1)
    assert dict(result.truncated) == ({kind: 1} if kind else {})


def test_evidence_is_documented() -> None:
    """Every fact that a decision may give is explained in docs/formats.md."""
    formats = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    section = formats.split("## Evidence of a truncation")[1].split("\n## ")[0]
    assert [name for name in EVIDENCE if f"`{name}`" not in section] == []


def words(num: int, end: str = ".") -> str:
    """Return a paragraph of so many words."""
    return " ".join(["Word", *["word"] * (num - 1)]) + end


def find(*blocks: tuple[str, str], **row: Any) -> frozenset[str]:
    """Find the facts of a text whose blocks have the given kinds."""
    source = "\n".join(line for _, line in blocks)
    judged = [(line.strip(), *count_all([line]), kind) for kind, line in blocks]
    known = {"mime": "text/html", "language": "en", "notes": [], "access": None}
    return find_facts_of_end(known | row | {"text": source}, judged, load_cues())[0]


def main_blocks(*sizes: int) -> list[tuple[str, str]]:
    """Make blocks of main content of so many words each."""
    return [("main", words(size)) for size in sizes]


def share_blocks(*sizes: int) -> list[tuple[str, str]]:
    """Make removed blocks of so many words each."""
    return [("share", words(size)) for size in sizes]


NAG = ("paywall", words(4))
LIMITS = [
    ("notice_follows", [*main_blocks(20), NAG], [*main_blocks(19), NAG]),
    ("notice_follows", [*main_blocks(20), NAG], [*main_blocks(20), ("paywall", words(3))]),
    ("notice_follows", [*main_blocks(20), ("paywall", words(60))],
     [*main_blocks(20), ("paywall", words(61))]),
    ("notice_follows", [*main_blocks(20), NAG], [*main_blocks(20), ("main", words(4))]),
    ("notice_follows", [*main_blocks(20), NAG], [*main_blocks(20), ("paywall", "“Word word word")]),
    ("notice_follows", [*main_blocks(20), ("legal", NOTICE)], [*main_blocks(20), *share_blocks(6)]),
    ("notice_follows", [*main_blocks(20), *share_blocks(*[1] * 6), NAG],
     [*main_blocks(20), *share_blocks(*[1] * 7), NAG]),
    ("notice_follows", [*main_blocks(20), *share_blocks(25), NAG],
     [*main_blocks(20), *share_blocks(26), NAG]),
    ("notice_follows", [*main_blocks(40), NAG, *main_blocks(20)],
     [*main_blocks(40), NAG, *main_blocks(21)]),
    ("notice_follows", [*main_blocks(300), NAG, *main_blocks(60)],
     [*main_blocks(300), NAG, *main_blocks(61)]),
    ("few_paragraphs", main_blocks(*[12] * 6), main_blocks(*[12] * 7)),
    ("few_paragraphs", main_blocks(*[11] * 7), main_blocks(*[12] * 7)),
    ("few_paragraphs", main_blocks(200, 50), main_blocks(200, 51)),
    ("nothing_follows", main_blocks(20), [*main_blocks(20), *share_blocks(1)]),
    ("ends_mid_sentence", [("main", words(12, ""))], [("main", words(11, ""))]),
    ("ends_mid_sentence", [("main", words(12, ","))], [("main", words(12, " Word"))]),
    ("ends_mid_sentence", [("main", words(12, ""))], [("main", "- " + words(12, ""))]),
    ("ends_mid_sentence", [("main", words(12, ""))], [("main", words(12, " www.a.example/word"))]),
    ("ends_mid_sentence", [("main", words(12, ""))], [("main", words(11, " mのパター"))]),
    ("ends_with_ellipsis", [("main", words(3, "…"))], [("main", words(3, "…”"))]),
    ("ends_with_ellipsis", [("main", words(3, "..."))], [("main", words(3, ".."))]),
    ("ends_with_ellipsis", [("main", words(3, " (…)"))], [("main", words(3, " (…) word"))]),
    ("ends_with_colon", [("main", words(3, ":"))], [("main", words(3, ";"))]),
    ("links_to_rest", [("main", words(9, "… Read more"))], [("main", words(9, ". Read more"))]),
    ("links_to_rest", [("main", words(9, "…")), ("interface", "Read more")],
     [("main", words(9, "…")), ("interface", "Word")]),
    ("others_end_whole", [*main_blocks(*[12] * 4), *[("main", words(12, ""))] * 2],
     [*main_blocks(*[12] * 3), *[("main", words(12, ""))] * 2]),
    ("others_end_whole", [("main", words(6, ". ") + words(12, ""))], [("main", words(18, ""))]),
    ("others_end_whole", [("main", words(9, ". ") + words(8, ""))],
     [("main", words(9, ". ") + words(7, ""))]),
    ("ends_with_ellipsis", [("main", words(9, "…")), ("main", words(6, ""))],
     [("main", words(9, "…")), ("main", words(7, ""))]),
    ("ends_with_ellipsis", [("main", words(9, "…")), ("main", words(6, ""))],
     [("main", words(9, "…")), ("main", words(6))]),
    ("feed_footer", [*main_blocks(20), ("legal", "The post Word first appeared on Word.")],
     [*main_blocks(20), ("legal", "The post Word appeared on Word.")]),
]  # fmt: skip
"""A fact, blocks that have it, and blocks that just do not."""


@pytest.mark.parametrize(("fact", "with_it", "without"), LIMITS)
def test_limits(fact: str, with_it: list[tuple[str, str]], without: list[tuple[str, str]]) -> None:
    """Each fact has a limit, and is told on both sides of it."""
    assert fact in find(*with_it)
    assert fact not in find(*without)


LONG_BLOCK = "".join(chr(ord("a") + at % 26) for at in range(1999)) + "."
"""A block of 2,000 characters, one word."""


@pytest.mark.parametrize(
    ("fact", "with_it", "without", "block"),
    [
        ("gated_part_present", {"gated_chars": 600}, {"gated_chars": 599}, LONG_BLOCK),
        ("gated_part_present", {"gated_chars": 600}, {"gated_chars": 599}, words(20)),
        ("gated_part_present", {"gated_chars": 750}, {"gated_chars": 749}, words(500, "." * 1)),
        ("gated_part_missing", {"gated_chars": 199}, {"gated_chars": 200}, words(20)),
        ("gated_part_missing", {"gated_chars": 0}, {}, words(20)),
        ("declared_length_reached", {"num_words": 400}, {"num_words": 401}, words(300)),
        ("declared_length_reached", {"num_words": 80}, {"num_words": 79}, words(60)),
        ("shorter_than_declared", {"num_words": 501}, {"num_words": 500}, words(300)),
        ("shorter_than_declared", {"body_words": 501, "body_end": "z" * 30},
         {"body_words": 500, "body_end": "z" * 30}, words(300)),
        ("shorter_than_declared", {"body_words": 501, "body_end": "z" * 30},
         {"body_words": 501, "body_end": "z" * 29}, words(300)),
        ("declared_body_reached", {"body_words": 80, "body_end": "word" * 8},
         {"body_words": 79, "body_end": "word" * 8}, words(300)),
        ("declared_body_reached", {"body_words": 600, "body_end": "word" * 8},
         {"body_words": 600, "body_end": "wore" * 8}, words(300)),
        ("declared_not_free", {"is_free": False}, {"is_free": None}, words(20)),
        ("declared_free", {"is_free": True}, {"is_free": None}, words(20)),
        ("declared_free", {"tier": "free"}, {"tier": "free", "is_free": False}, words(20)),
        ("content_tier_locked", {"tier": "locked"}, {"tier": "metered"}, words(20)),
    ],
)  # fmt: skip
def test_limits_of_what_a_page_declares(
    fact: str, with_it: dict[str, Any], without: dict[str, Any], block: str
) -> None:
    """What a page declares is compared with its main content, on both sides of each limit."""
    assert fact in find(("main", block), access=with_it)
    assert fact not in find(("main", block), access=without)


def test_no_word_count_in_scripts_without_spaces() -> None:
    """What publishers count as words in Japanese or Chinese is not comparable."""
    block = ("main", "港町の青浜新聞は去年、記事の半分を有料にした。" * 4)
    assert "shorter_than_declared" not in find(block, access={"num_words": 900}, language="ja")


def test_end_in_the_last_main_content() -> None:
    """Marks without a word at the end are looked over; so is the footer of a feed."""
    cut = ("main", words(20, "…"))
    assert "ends_with_ellipsis" in find(cut, ("main", "* * *"))
    assert "ends_with_ellipsis" in find(cut, ("main", "The post Word appeared first on Word."))
    assert find(("share", words(20))) == frozenset()
    assert find(("main", "…")) == frozenset()
    counted = find(*main_blocks(20), ("share", "Word word [+99 chars]"))
    assert "ends_with_char_count" in counted
