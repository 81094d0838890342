"""The report: hostile text stays text, and every number, cut and difference is shown as it is."""

import base64
import doctest
import hashlib
import importlib
import itertools
import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model import BOILERPLATE_KINDS, DUPLICATE, TRUNCATED, WHITESPACE
from cleaner.report import render_report, wording
from cleaner.report.clusters import (
    MAX_CONTEXT_CHARS,
    MAX_MEMBERS,
    MAX_OUTLETS,
    MAX_TEXT_CHARS,
    NUM_OPEN_CLUSTERS,
    explain_choice,
    group_clusters,
    list_outlets,
    order_in_time,
    show_after,
    show_before,
    show_cluster,
    show_difference,
    show_member,
)
from cleaner.report.difference import (
    MAX_DIFFERENCE_WORDS,
    MAX_SAME_WORDS,
    Segment,
    collapse_same,
    compare_words,
    cut_segments,
    split_words,
)
from cleaner.report.text import (
    MAX_URL_CHARS,
    find_link,
    format_percent,
    show_line,
    show_text,
)
from cleaner.report.view import (
    MAX_TOP_KINDS,
    build_page,
    list_char_steps,
    list_document_steps,
    list_kinds,
    show_outlet,
    state_run,
)
from cleaner.results import OutletResult, RunResult

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" onfocus="alert(1)" autofocus="',
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea></template></noscript><script>alert(1)</script>",
    "</details></section></main></body></html><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<!--",
    "]]><svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src='https://evil.example'></iframe>",
    "<object data=x></object><embed src=x>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<form action=https://evil.example><input name=q></form>",
    "<a href=javascript:alert(1)>click</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
    "{{7*7}}",
    "{% include '/etc/passwd' %}{{ self.__init__.__globals__ }}",
    "{# gone #}${7*7}#{7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#60;script&#62;",
    "\u202egnp.exe\u2066 \u202a",
    "\x00\x08\x0c\x1b[31m\x7f\x85",
    "\ud800 lone \udfff",
    "<\x00script>alert(1)</script>",
    "\u2028\u2029\ufeff\ufffe\uffff",
]
FORBIDDEN = {
    "script", "img", "iframe", "object", "embed", "form", "link", "base", "input", "textarea",
    "video", "audio", "template", "noscript", "math", "foreignobject", "frame", "button",
}  # fmt: skip
BAD_URLS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " https://a.example", "java\nscript:alert(1)",
    "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//a.example/x", "/x", "ftp://a.example",
    "https://", "https:///x", "https://a.example/ x", 'https://a.example/"x', "https://a.example/<x>",
    "https://[::1", "https://bbc.example@evil.example/", "https://a.example/\u202egnp",
    "https://a.example/\x00", "https://a.example/\ud800", "", None,
]  # fmt: skip


def make_member(name: str = "a", **values: Any) -> dict[str, Any]:
    """Make a member of a cluster."""
    member = {
        "document_id": f"id-{name}",
        "source": f"folder/{name}.txt",
        "outlet": f"outlet {name}",
        "url": f"https://{name}.example/article",
        "title": f"Title {name}",
        "published": "2024-10-17T13:00:00Z",
        "begin": 100,
        "end": 200,
        "similarity": 1.0,
        "is_representative": name == "a",
        "text": "The same sentence stands here.",
        "before": "Before. ",
        "after": " After.",
    }
    return member | values


def make_cluster(
    *members: dict[str, Any], name: str = "0123", relation: str = "passage", **values: Any
) -> dict[str, Any]:
    """Make a cluster as `describe_clusters` yields it."""
    found = list(members) or [make_member("a"), make_member("b")]
    dates = sorted(member["published"] for member in found if member["published"])
    cluster = {
        "cluster_id": name,
        "level": "document" if relation == "copy" else "sentence",
        "relation": relation,
        "representative": "id-a",
        "why": "earliest_date",
        "num_members": len(found),
        "outlets": sorted({member["outlet"] for member in found}),
        "first_published": dates[0] if dates else None,
        "last_published": dates[-1] if dates else None,
        "min_similarity": min(member["similarity"] for member in found),
        "title": "The title of the cluster",
        "text": None,
        "members": found,
    }
    return cluster | values


def make_outlet(name: str = "outlet a", **values: Any) -> OutletResult:
    """Make what became of an outlet."""
    fields: dict[str, Any] = {
        "outlet": name,
        "num_documents": 1200,
        "num_kept_documents": 900,
        "num_without_main": 100,
        "num_chars": 10_000,
        "num_kept_chars": 6_000,
        "removed": {"duplicate": 2_500, "related": 1_000, "share": 400, "whitespace": 100},
    }
    return OutletResult(**fields | values)


def make_result(*outlets: OutletResult, **values: Any) -> RunResult:
    """Make what a run found."""
    fields: dict[str, Any] = {
        "output": Path("/home/someone/out"),
        "corpus": Path("/home/someone/out/corpus.jsonl"),
        "report": Path("/home/someone/out/report.html"),
        "view": "unique",
        "outlets": outlets,
        "rejected": {},
        "clusters": {},
        "num_matches": 0,
        "num_skipped_pairs": 0,
        "num_skipped_seeds": 0,
        "num_refused": 0,
    }
    return RunResult(**fields | values)


def render(
    result: RunResult | None = None,
    clusters: Any = (),
    rejections: Any = (),
    *,
    num_hidden_clusters: int = 0,
    num_hidden_rejections: int = 0,
) -> str:
    """Render a page; by default of a run with one outlet."""
    return render_report(
        result or make_result(make_outlet()),
        clusters,
        rejections,
        num_hidden_clusters=num_hidden_clusters,
        num_hidden_rejections=num_hidden_rejections,
    )


def read(page: str) -> Any:
    """Parse a page."""
    return lxml.html.document_fromstring(page.encode("utf-8"))


def text_of(page: str) -> str:
    """Return the text of a page, with single blanks."""
    body = read(page).body
    return " ".join(body.text_content().split())


def assert_harmless(page: str) -> None:
    """Check that a page holds nothing that could run, load, or lead astray."""
    tree = read(page)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            pytest.fail(f"a comment or instruction got into the page: {element!r}")
        assert element.tag not in FORBIDDEN
        for attribute, value in element.attrib.items():
            assert not attribute.lower().startswith("on")
            assert attribute not in {"style", "src", "srcset", "srcdoc", "action", "formaction"}
            if attribute.endswith("href"):
                assert re.match(r"https?://[^/]|#.", value)
    assert {meta.get("http-equiv") for meta in tree.iter("meta")} == {
        None,
        "Content-Security-Policy",
    }
    assert len(list(tree.iter("style"))) == 1
    assert len(list(tree.iter("title"))) == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    """Whatever stands in a field, it is shown as text and nothing more."""
    keys = ("source", "outlet", "url", "title", "published", "text", "before", "after")
    member = dict.fromkeys(keys, text)
    clusters = [
        make_cluster(
            make_member("a", **member),
            make_member("b", **member | {"text": f"other {text} words"}),
            name=f"{i}",
            relation=relation,
            title=text,
            why=why,
        )
        for i, (relation, why) in enumerate(
            [("copy", "earliest_date"), ("passage", text), ("quote", "smallest_id"), (text, "x")]
        )
    ]
    page = render(
        make_result(make_outlet(text, removed={text: 4_000}), rejected={text: 1}, view=text),
        clusters,
        [{"source": text, "reason": text, "detail": text}],
    )
    page.encode("utf-8")
    assert_harmless(page)
    shown = show_line(text)
    assert shown in text_of(page)
    assert "49" not in text_of(render(clusters=[make_cluster(make_member(text="{{7*7}}"))]))


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text(text: str) -> None:
    """No text that Unicode can write gets out of its element."""
    clusters = [make_cluster(make_member("a"), make_member("b", text=text, outlet=text))]
    page = render(clusters=clusters)
    page.encode("utf-8")
    assert_harmless(page)


def test_policy() -> None:
    """The page allows its own style sheet, by digest, and nothing else."""
    page = render()
    tree = read(page)
    style = re.search("<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        == policy
    )
    assert not re.search(r"@import|url\(|https?:", style[1])


def test_structure() -> None:
    """Headings do not skip a level, tables have captions, anchors lead somewhere."""
    clusters = [
        make_cluster(name=f"{relation}{i}", relation=relation)
        for relation in ("copy", "passage", "quote")
        for i in range(3)
    ]
    rejections = [{"source": "s", "reason": "no_text", "detail": "d"}]
    tree = read(render(make_result(make_outlet(), rejected={"no_text": 1}), clusters, rejections))
    assert tree.get("lang") == "en"
    levels = [int(h.tag[1]) for h in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(now <= before + 1 for before, now in itertools.pairwise(levels))
    assert all(table.find("caption") is not None for table in tree.iter("table"))
    ids = tree.xpath("//@id")
    assert len(set(ids)) == len(ids)
    targets = {href[1:] for href in tree.xpath("//@href") if href.startswith("#")}
    assert targets <= set(ids)
    assert "cluster-copy0" in ids
    assert tree.xpath("//body/a[1]/@href") == ["#content"]


def test_same_page_twice() -> None:
    """The same run gives the same page, and the folder's path is not in it."""
    clusters = [make_cluster()]
    assert render(clusters=clusters) == render(clusters=clusters)
    assert "someone" not in render(clusters=clusters)


def test_empty_run() -> None:
    """A run that found nothing says so, everywhere."""
    page = render(make_result())
    assert_harmless(page)
    for sentence in (
        "The run found no document with text, so the corpus is empty.",
        "Nothing was removed.",
        "No outlet has a document with text.",
        "No document is a copy of another one.",
        "No passage stands in two documents.",
        "No quotation stands in two documents.",
        "No input was set aside.",
    ):
        assert sentence in text_of(page)


def test_only_rejections() -> None:
    """A run of which all inputs were set aside says how many."""
    result = make_result(rejected={"no_text": 2, "broken_json": 1})
    assert state_run(result) == (
        "The run found no document with text, so the corpus is empty. 3 inputs were set aside, "
        "for the reasons given below.",
    )
    one = make_result(rejected={"no_text": 1})
    assert "1 input was set aside" in state_run(one)[0]
    assert "By reason: 2 no text, 1 broken json." in text_of(render(result))


def test_hidden_counts() -> None:
    """What the page leaves out is counted on it; nothing is said if nothing is left out."""
    page = render(num_hidden_clusters=1234, num_hidden_rejections=1)
    assert "1,234 more clusters are not shown here; all are in clusters.jsonl." in text_of(page)
    assert "1 more input is not shown here; all are in rejected.jsonl." in text_of(page)
    assert "No input was set aside" not in text_of(page)
    assert "not shown here" not in text_of(render())


def test_statement() -> None:
    """The first paragraph gives documents, characters, pairs, clusters and the view."""
    result = make_result(make_outlet(), clusters={"copy": 2, "quote": 1}, num_matches=1)
    assert state_run(result) == (
        "The run read 1,200 documents with text from 1 outlet; 900 (75.0%) still have text in the "
        "corpus.",
        "Of 10,000 characters it kept 6,000 (60.0%) and removed 4,000 (40.0%).",
        "It compared the documents with each other and found 1 verified pair. Repeated text forms "
        "3 clusters.",
        "The corpus holds the unique view (one copy of everything repeated).",
    )


@pytest.mark.parametrize(
    ("num_skipped", "expected"),
    [(0, None), (1, "1 pair of very common passages was not"), (2, "2 pairs of very common")],
)
def test_skipped_pairs(num_skipped: int, expected: str | None) -> None:
    """Pairs that were not compared are owned up to."""
    last = state_run(make_result(make_outlet(), num_skipped_pairs=num_skipped))[-1]
    assert last.startswith(expected or "The corpus holds")


@pytest.mark.parametrize(
    ("truncated", "num_dropped", "expected"),
    [
        ({}, 0, None),
        (
            {"feed": 1},
            0,
            "1 document holds only the beginning of its article, cut short by a feed; it is marked "
            "in the corpus.",
        ),
        (
            {"paywall": 3, "unknown": 1},
            4,
            "4 documents hold only the beginning of their articles, cut short (3 by a paywall, 1 "
            "by something unknown); they are left out of the corpus.",
        ),
    ],
)
def test_truncated(truncated: dict[str, int], num_dropped: int, expected: str | None) -> None:
    """Articles that were cut short are counted, and it is said what became of them."""
    result = make_result(make_outlet(), truncated=truncated, num_dropped_truncated=num_dropped)
    last = state_run(result)[-1]
    assert last == expected or (expected is None and last.startswith("The corpus holds"))
    labels = [step.label for step in list_document_steps(result)]
    assert ("Not cut short" in labels) == (num_dropped > 0)


def test_truncated_characters() -> None:
    """Characters of articles that were left out are a step of their own."""
    removed = {"share": 1000, DUPLICATE: 2500, TRUNCATED: 500}
    steps = list_char_steps(make_result(make_outlet(removed=removed, num_kept_chars=6000)))
    assert [(step.label, step.note) for step in steps[1:]] == [
        ("Without boilerplate", "−1,000 boilerplate and white space"),
        ("Not cut short", "−500 of articles of which only a part is there"),
        ("In the corpus", "−2,500 repeated elsewhere"),
    ]


def test_document_steps() -> None:
    """The funnel begins with all inputs; every step says what went."""
    steps = list_document_steps(make_result(make_outlet(), rejected={"no_text": 300}))
    assert [(s.label, s.count, s.percent, s.note) for s in steps] == [
        ("Inputs found", "1,500", "100.0%", ""),
        ("With text", "1,200", "80.0%", "−300 set aside"),
        ("With main content", "1,100", "73.3%", "−100 with nothing but boilerplate"),
        ("In the corpus", "900", "60.0%", "−200 with nothing left but copies"),
    ]
    assert [s.count for s in list_document_steps(make_result())] == ["0"] * 4


def test_char_steps() -> None:
    """Boilerplate and white space go first, repetition second; the rest is the corpus."""
    steps = list_char_steps(make_result(make_outlet()))
    assert [(s.count, s.width, s.note) for s in steps] == [
        ("10,000", 100.0, ""),
        ("8,500", 85.0, "−1,500 boilerplate and white space"),
        ("6,000", 60.0, "−2,500 repeated elsewhere"),
    ]


def test_kinds() -> None:
    """Kinds come with words, shares of both wholes, and only if there is something of them."""
    rows = list_kinds({"cookie_notice": 75, "whitespace": 25, "share": 0}, 1000)
    assert [(r.label, r.num_chars, r.of_removed, r.of_all, r.width) for r in rows] == [
        ("cookie notice", "75", "75.0%", "7.5%", 75.0),
        ("white space", "25", "25.0%", "2.5%", 25.0),
    ]
    assert rows[0].about == wording.KINDS["cookie_notice"]


def test_kinds_all_described() -> None:
    """Every kind of removed text is described, and nothing else."""
    assert {*BOILERPLATE_KINDS, DUPLICATE, TRUNCATED, WHITESPACE} == set(wording.KINDS)


def test_outlet() -> None:
    """An outlet's bar adds up, and names its most removed kinds up to the limit."""
    row = show_outlet(make_outlet())
    assert [(bar.name, bar.x, bar.width) for bar in row.bars] == [
        ("kept", 0.0, 60.0),
        ("repeated", 60.0, 25.0),
        ("rest", 85.0, 15.0),
    ]
    assert MAX_TOP_KINDS == 3
    assert row.top_kinds == "duplicate 2,500, related 1,000, share 400"
    assert row.kept_percent == "60.0%"
    empty = show_outlet(make_outlet(num_chars=0, num_kept_chars=0, removed={}))
    assert [bar.width for bar in empty.bars] == [0.0, 0.0, 0.0]
    assert empty.top_kinds == ""


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, "0.0%"), (0, 10, "0.0%"), (10, 10, "100.0%"), (1, 3, "33.3%"), (1, 10_000, "<0.1%"),
        (4, 10_000, "<0.1%"), (6, 10_000, "0.1%"), (9_994, 10_000, "99.9%"),
        (9_996, 10_000, ">99.9%"),
    ],
)  # fmt: skip
def test_percent(part: int, whole: int, expected: str) -> None:
    """A share never looks like all or nothing unless it is."""
    assert format_percent(part, whole) == expected


@pytest.mark.parametrize("url", BAD_URLS)
def test_no_link(url: str | None) -> None:
    """An address that is not plainly http or https is no link, but is shown."""
    assert find_link(url) is None
    page = render(clusters=[make_cluster(make_member(url=url))])
    assert not [href for href in read(page).xpath("//main//@href") if not href.startswith("#")]
    if url:
        assert show_line(url) in text_of(page)


def test_link() -> None:
    """An http or https address is a link that tells nothing about its reader, up to a length."""
    longest = "https://a.example/".ljust(MAX_URL_CHARS, "x")
    assert [find_link(url) for url in ("HTTP://a.example:8080/?q=ä#x", longest)] == [
        "HTTP://a.example:8080/?q=ä#x",
        longest,
    ]
    assert find_link(longest + "x") is None
    (link,) = read(render(clusters=[make_cluster(make_member())])).xpath("//main//ol//a")
    assert link.get("rel") == "noopener noreferrer nofollow"
    assert link.get("href") == "https://a.example/article"


def test_bidi() -> None:
    """Controls of direction are shown, and each piece of article text is isolated."""
    assert show_text("a\u202eb\u2069\u200fc") == "a[U+202E]b[U+2069]\u200fc"
    page = render(clusters=[make_cluster(make_member(text="שלום \u202eabc", title="مرحبا"))])
    assert "[U+202E]abc" in text_of(page)
    (box,) = read(page).find_class("text")
    assert (box.get("dir"), box.get("lang")) == ("auto", "")
    (title,) = read(page).xpath("//bdi[.='مرحبا']")
    assert title.get("lang") == ""


def test_long_line() -> None:
    """A line of a million characters is cut, and the page says how much is left out."""
    line = "x" * 1_000_000
    page = render(clusters=[make_cluster(make_member(text=line, title=line, source=line))])
    assert len(page) < 60_000
    more = 1_000_000 - MAX_TEXT_CHARS
    assert f"… {more:,} more characters; clusters.jsonl says where the text stands" in text_of(page)


def test_long_line_limit() -> None:
    """A text is cut only if it is longer than the limit."""
    whole = show_member(make_member(text="y" * MAX_TEXT_CHARS), "", is_short=False)
    assert (whole.hidden, whole.after) == ("", " After.")
    cut = show_member(make_member(text="y" * (MAX_TEXT_CHARS + 1)), "", is_short=False)
    assert cut.hidden == "… 1 more character; clusters.jsonl says where the text stands"
    assert cut.after == ""


def test_line_limit() -> None:
    """A line is cut only if it is longer than the limit, and then ends with an ellipsis."""
    assert show_line("abcd", 4) == "abcd"
    assert show_line("abcde", 4) == "abc…"
    assert show_line(" " * 100 + "ab", 4) == "…"
    assert show_line("a\tb\u2028c") == "a b c"


DIFFERENCES = [
    ("a b c", "a b c", [("same", "a b c")]),
    ("a b c", "a  b\nc", [("same", "a  b\nc")]),
    ("a b c", "a x c", [("same", "a "), ("missing", "b "), ("added", "x "), ("same", "c")]),
    ("a b", "a", [("same", "a"), ("missing", "b ")]),
    ("a", "a b", [("same", "a "), ("added", "b")]),
    ("a b", "c d", [("missing", "a b "), ("added", "c d")]),
    ("", "a", [("added", "a")]),
    ("a", "", [("missing", "a ")]),
    ("", "", []),
    ("x a a y", "x a y", [("same", "x a "), ("missing", "a "), ("same", "y")]),
    ("他说好。", "他说不好。", [("same", "他说"), ("added", "不"), ("same", "好。")]),
]


@pytest.mark.parametrize(("base", "text", "expected"), DIFFERENCES)
def test_difference(base: str, text: str, expected: list[tuple[str, str]]) -> None:
    """Words that only one side has are marked; white space is not compared."""
    found = compare_words(split_words(base), split_words(text))
    assert [(segment.kind, segment.text) for segment in found] == expected


_TEXTS = st.text(alphabet="ab \n好。", max_size=40)


@given(_TEXTS, _TEXTS)
def test_difference_covers_both(base: str, text: str) -> None:
    """Without what is missing, a comparison is the text; without what is added, the other one."""
    assert "".join(split_words(text)) == text
    found = compare_words(split_words(base), split_words(text))
    assert "".join(s.text for s in found if s.kind != "missing") == text
    rest = "".join("".join(s.text for s in found if s.kind != "added").split())
    assert rest == "".join(base.split())


def test_difference_marks() -> None:
    """Added and missing words are elements of their own, without the blank after them."""
    other = make_member("b", text="The very same sentence here.")
    (box,) = read(render(clusters=[make_cluster(make_member("a"), other)])).xpath(
        "//li[@class='member']/div[@class='text']"
    )
    assert [(mark.tag, mark.text) for mark in box.iter("ins", "del")] == [
        ("ins", "very"),
        ("del", "stands"),
    ]
    assert box.text_content() == "Before. The very same sentence stands here. After."


def test_difference_word_limit() -> None:
    """Texts over the word limit are not compared, and the page says so."""
    text = "word " * MAX_DIFFERENCE_WORDS
    compared, note = show_difference(text + "", "other " + text[5:], is_short=True)
    assert "added" in {segment.kind for segment in compared}
    assert note == ""
    for one, other in ((text + "end", text), (text, text + "end")):
        segments, note = show_difference(one, other, is_short=True)
        assert [segment.kind for segment in segments] == ["same"]
        assert note == "Differences are not marked: one of the texts has more than 2,000 words."


def test_same_text_noted() -> None:
    """A member that equals the representative is said to, whatever its length or line breaks."""
    note = "Word for word the same as the representative."
    assert show_difference("a\nb", "a b", is_short=False)[1] == note
    text = "word " * (MAX_DIFFERENCE_WORDS + 1)
    assert show_difference(text, text, is_short=True)[1] == note
    assert show_difference("a", None, is_short=True)[1] == ""


@pytest.mark.parametrize(
    ("num_words", "expected"), [(MAX_SAME_WORDS, []), (MAX_SAME_WORDS + 1, [25])]
)
def test_collapse(num_words: int, expected: list[int]) -> None:
    """A stretch without a change is collapsed if it is longer than the limit."""
    words = [f"w{i} " for i in range(num_words)]
    segments = collapse_same([Segment("same", "".join(words), num_words)])
    assert [s.num_words for s in segments if s.kind == "collapsed"] == expected
    assert sum(s.num_words for s in segments) == num_words
    added = [Segment("added", "".join(words), num_words)]
    assert collapse_same(added) == added


@pytest.mark.parametrize(("relation", "is_collapsed"), [("copy", True), ("passage", False)])
def test_collapse_relation(relation: str, is_collapsed: bool) -> None:
    """Copies show a shortened difference and no context; passages are shown whole."""
    text = " ".join(f"word{i}" for i in range(100))
    members = [make_member("a", text=text), make_member("b", text=text)]
    shown = text_of(render(clusters=[make_cluster(*members, relation=relation)]))
    assert is_collapsed == ("… 84 words the same …" in shown)
    assert is_collapsed == ("Before." not in shown)


def test_collapse_long_passage() -> None:
    """A passage is shortened as copies are if it is too long to be shown whole."""
    fits, long = ("a " * (n // 2) for n in (MAX_TEXT_CHARS, MAX_TEXT_CHARS + 2))
    assert [s.kind for s in show_difference(fits, fits, is_short=False)[0]] == ["same"]
    kinds = [s.kind for s in show_difference(long, long, is_short=False)[0]]
    assert kinds == ["same", "collapsed", "same"]


def test_cut_segments() -> None:
    """The cut falls inside a segment; what follows is counted and not shown."""
    segments = [Segment("same", "abc", 1), Segment("collapsed", "", 50), Segment("added", "de", 1)]
    assert cut_segments(segments, 5) == (segments, 0)
    assert cut_segments(segments, 3) == (segments[:1], 2)
    assert cut_segments(segments, 4)[0] == [*segments[:2], Segment("added", "d… ", 1)]
    assert cut_segments(segments, 2) == ([Segment("same", "ab… ", 1)], 3)


def test_cut_missing() -> None:
    """A long stretch that is missing never crowds out the member's own text."""
    own = Segment("added", "own words", 2)
    short, long = (Segment("missing", "x" * n, 1) for n in (400, 401))
    assert cut_segments([short, own], 1000) == ([short, own], 0)
    assert cut_segments([long, own], 1000) == ([Segment("missing", "x" * 400 + "… ", 1), own], 1)


def test_context() -> None:
    """Context begins and ends with whole words, and shows where it is cut."""
    whole = "w" * (MAX_CONTEXT_CHARS - 1)
    assert (show_before(whole), show_after(whole)) == (whole, whole)
    assert show_before("x" + whole) == "…x" + whole
    assert show_before("ing then " + "y" * (MAX_CONTEXT_CHARS - 9)).startswith("…then yy")
    assert show_after("y" * (MAX_CONTEXT_CHARS - 9) + " then beg").endswith("yy then…")
    assert show_before("字" * 300) == "…" + "字" * MAX_CONTEXT_CHARS


def test_open_clusters() -> None:
    """The first clusters of the page are open, the others closed."""
    clusters = [
        make_cluster(name=f"{i}", relation="copy" if i > 2 else "quote")
        for i in range(NUM_OPEN_CLUSTERS + 1)
    ]
    tree = read(render(clusters=clusters))
    found = [(d.get("id"), d.get("open") is not None) for d in tree.iter("details")]
    assert found == [
        ("cluster-3", True), ("cluster-4", True), ("cluster-5", True),
        ("cluster-0", True), ("cluster-1", True), ("cluster-2", False),
    ]  # fmt: skip


def test_relation_counts() -> None:
    """Each relation says how many clusters the run has, and how many of them are shown."""
    clusters = [make_cluster(name="1", relation="copy"), make_cluster(name="2", relation="odd_one")]
    views = group_clusters(clusters, {"copy": 2, "passage": 3})
    assert [(v.name, v.count, len(v.clusters), v.empty) for v in views] == [
        ("Copies", "2 clusters, the largest shown here", 1, ""),
        ("Passages", "3 clusters", 0, "None of them is among the largest clusters of the run."),
        ("Quotations", "", 0, "No quotation stands in two documents."),
        ("Agency copy", "", 0, "Nothing was found to come from an agency."),
        ("Rewrites", "", 0, "No rewritten passage was found."),
        ("Same outlet", "", 0, "No outlet repeats itself."),
        ("Forms", "", 0, "No form was found."),
        ("Odd one", "1 cluster", 1, ""),
    ]
    three = [make_cluster(name=f"{i}", relation="copy") for i in range(3)]
    assert group_clusters(three, {"copy": 3})[0].count == "3 clusters"
    assert group_clusters(three, {"copy": 4})[0].count == "4 clusters, the largest 3 shown here"


def test_cluster_summary() -> None:
    """The summary line has a heading, size, dates, similarity and outlets."""
    members = [make_member("a"), make_member("b", published="2024-10-19", similarity=0.876)]
    view = show_cluster(make_cluster(*members, relation="copy"), is_open=False)
    assert view.heading == "The title of the cluster"
    assert view.facts == "2 members · 2024-10-17 to 2024-10-19 · at least 87.6% similar"
    assert view.outlets == "outlet a, outlet b"
    assert view.anchor == "cluster-0123"
    undated = [make_member("a", published=None, text=""), make_member("b", published=None)]
    bare = show_cluster(make_cluster(*undated, relation="copy", title=None), is_open=False)
    assert bare.heading == "(no title)"
    assert bare.facts == "2 members · undated · at least 100.0% similar"


def test_cluster_heading() -> None:
    """Passages are named by their first words: one article may have many passages."""
    text = " ".join("abcdefghijklm")
    cluster = make_cluster(make_member(text=text))
    assert show_cluster(cluster, is_open=False).heading == "a b c d e f g h i j k l…"
    cluster = make_cluster(make_member(text=text[:-2]))
    assert show_cluster(cluster, is_open=False).heading == "a b c d e f g h i j k l"


def test_outlet_limit() -> None:
    """Outlets are named up to the limit and counted beyond it."""
    names = [f"o{i}" for i in range(MAX_OUTLETS + 1)]
    assert list_outlets(names[:-1]) == "o0, o1, o2, o3"
    assert list_outlets(names) == "o0, o1, o2, o3 and 1 more"


def test_member_limit() -> None:
    """Members are shown up to the limit, the representative always; the others are counted."""
    members = [make_member(f"m{i:02}", published=f"2024-01-{i + 1:02}") for i in range(MAX_MEMBERS)]
    last = make_member("a", published=None)
    full = show_cluster(make_cluster(*members[:-1], last), is_open=False)
    assert (len(full.members), full.hidden) == (MAX_MEMBERS, "")
    view = show_cluster(make_cluster(*members, last), is_open=False)
    assert len(view.members) == MAX_MEMBERS
    assert view.members[-1].is_representative
    assert view.hidden == "1 more member is not shown here; all are in clusters.jsonl."


def test_time_order() -> None:
    """Members stand by date; a day without a time after its times, undated last."""
    dates = [None, "2024-10-17", "2024-10-17T23:00:00Z", "2024-10-16"]
    members = [make_member(f"b{i}", published=date) for i, date in enumerate(dates)]
    members.append(make_member("a", published="2024-10-17"))
    assert [m["document_id"] for m in sorted(members, key=order_in_time)] == [
        "id-b3", "id-b2", "id-a", "id-b1", "id-b0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("published", "shown", "moment"),
    [
        ("2024-10-17", "2024-10-17", "2024-10-17"),
        ("2024-10-17T13:05:09Z", "2024-10-17 13:05 UTC", "2024-10-17T13:05:09Z"),
        ("2024-10-17T13:05Z", "2024-10-17 13:05 UTC", "2024-10-17T13:05Z"),
        ("yesterday", "yesterday", None),
        (None, "undated", None),
    ],
)
def test_published(published: str | None, shown: str, moment: str | None) -> None:
    """A date is shown as exactly as it is known."""
    view = show_member(make_member(published=published), "", is_short=False)
    assert (view.published, view.moment) == (shown, moment)


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("earliest_date", "It bears the earliest date."),
        ("most_complete", "It has the most main content."),
        ("smallest_id", wording.REPRESENTATIVES["smallest_id"]),
        ("others_dropped", wording.REPRESENTATIVES["others_dropped"]),
        ("by_lot", "Chosen by by lot."),
    ],
)
def test_why(why: str, expected: str) -> None:
    """The choice of the representative is told in words."""
    assert explain_choice(why) == expected


def test_files() -> None:
    """The page names the corpus and every file beside it."""
    page = build_page(
        make_result(make_outlet()), [], [], num_hidden_clusters=0, num_hidden_rejections=0
    )
    assert [name for name, _ in page.files] == [
        "corpus.jsonl", "documents.parquet", "ledger.parquet", "matches.parquet", "clusters.jsonl",
        "bridges.parquet", "outlets.parquet", "rejected.jsonl", "manifest.json",
    ]  # fmt: skip
    assert all(name in text_of(render()) for name, _ in page.files)


@pytest.mark.parametrize("name", ["text", "difference", "clusters"])
def test_examples(name: str) -> None:
    """The examples in the docstrings are true."""
    outcome = doctest.testmod(importlib.import_module(f"cleaner.report.{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0
