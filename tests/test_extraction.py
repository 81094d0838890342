"""From a payload to a text and its blocks: lines, wrapped paragraphs, pages, and what pages say."""

import json
import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trafilatura.metadata import extract_author, extract_metadata
from trafilatura.xpaths import AUTHOR_XPATHS

from cleaner.config import Config
from cleaner.extraction import extract_documents, reject_documents
from cleaner.extraction import language as language_module
from cleaner.extraction.blocks import parse_page, read_page, walk_page
from cleaner.extraction.language import detect_language
from cleaner.extraction.lines import split_lines
from cleaner.extraction.main_content import (
    _CONTROL,
    has_control,
    mark_extraction,
    may_name_author,
    read_facts,
)
from cleaner.extraction.metadata import (
    article_body,
    page_language,
    published_candidates,
    read_access,
    read_linked_data,
)
from cleaner.extraction.page_evidence import PageText, find_headline
from cleaner.model import DOCUMENTS, TEXTS, Block
from cleaner.words import squeeze_all

ARTICLE = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump and the passengers slept on the floor of the saloon. "
)
ALWAYS_ASK = Config().replace(extract={"second_opinion": 1.0})


def page_blocks(source: str) -> list[str]:
    """Return the text of each block of a page."""
    return [text for text, _ in page_facts(source)]


def page_facts(source: str) -> list[tuple[str, Block]]:
    """Return each block of a page with its text."""
    root = parse_page(source)
    assert root is not None
    text, blocks = read_page(root)
    return [(text[block.begin : block.end], block) for block in blocks]


def page_text(source: str) -> str:
    """Return the text of a page."""
    root = parse_page(source)
    assert root is not None
    return read_page(root)[0]


def extract(payload: str, mime: str = "text/html", **fields: Any) -> dict[str, Any]:
    """Extract one document."""
    row = {
        "document_id": "d",
        "source": "s",
        "path": "s",
        "record": 0,
        "outlet": "folder",
        "outlet_from": "folder",
        "mime": mime,
        "payload": payload,
        "notes": ["read"],
    }
    config = fields.pop("config", Config())
    batch = pa.RecordBatch.from_pylist([row | fields], schema=DOCUMENTS)
    found = extract_documents(batch, config)
    assert found.schema == TEXTS
    return dict(found.to_pylist()[0])


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        (" \n\t\n", []),
        ("One.\nTwo.", ["One.", "Two."]),
        ("\n\n One. \n\nTwo.\n", [" One. ", "Two."]),
        ("a\u2028b\x0bc\nd", ["a\u2028b\x0bc", "d"]),
        ("\x00", ["\x00"]),
        ("a\r\nb", ["a\r", "b"]),
    ],
)
def test_split_lines(text: str, lines: list[str]) -> None:
    """Blocks of a text are its lines that are not blank, with the blanks at their edges."""
    assert [text[block.begin : block.end] for block in split_lines(text)] == lines


def test_blank_line_of_any_length() -> None:
    """A million blanks between two lines cost no more than other lines."""
    text = "One.\n" + " " * 1_000_000 + "\nTwo."
    assert [text[block.begin : block.end] for block in split_lines(text)] == ["One.", "Two."]


def wrapped(width: int, num_lines: int, last: int = 20) -> str:
    """Make a paragraph of lines of one width and a short last line."""
    return "\n".join(["x" * width] * num_lines + ["y" * last])


@pytest.mark.parametrize(
    ("text", "num_blocks"),
    [
        ("\n\n".join([wrapped(70, 6), wrapped(70, 6)]), 2),  # Wrapped mail.
        (wrapped(70, 6), 1),  # Six lines are followed by another: enough.
        (wrapped(70, 5), 6),  # Five are not.
        (wrapped(40, 6), 1),
        (wrapped(39, 6), 7),  # Too narrow for prose.
        (wrapped(100, 6), 1),
        (wrapped(101, 6), 7),  # Too wide to have been wrapped.
        ("\n".join([*["x" * 70] * 8, *["x" * 53] * 2, "y"]), 1),  # 80 % reach 75 % of the width.
        ("\n".join([*["x" * 70] * 7, *["x" * 52] * 3, "y"]), 11),  # 70 % do.
        ("\n\n".join([*["x" * 70] * 5, wrapped(70, 6)]), 6),  # Half of the 12 lines are followed.
        ("\n\n".join([*["x" * 70] * 6, wrapped(70, 6)]), 13),  # Less than half.
        ("\n\n".join(["x" * 70] * 20), 20),  # Each line is a paragraph.
    ],
)  # fmt: skip
def test_wrapped_text(text: str, num_blocks: int) -> None:
    """Lines of one width count as a paragraph, on either side of each limit."""
    assert len(split_lines(text)) == num_blocks


@given(st.text(alphabet=st.sampled_from("ab \n\t\u00a0\u2003\r"), max_size=200))
def test_lines_are_sound(text: str) -> None:
    """Blocks are in order, apart, not blank, and leave out nothing but white space."""
    check_blocks(text, split_lines(text))


def check_blocks(text: str, blocks: list[Block]) -> None:
    """See that blocks lie in a text in order and that only white space lies outside of them."""
    at = 0
    for block in blocks:
        assert at <= block.begin < block.end <= len(text)
        assert not text[at : block.begin].strip()
        assert text[block.begin : block.end].strip()
        assert 0.0 <= block.link_ratio <= 1.0
        at = block.end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("<div><article><p>One</p></article></div>", ["One"]),
        ("<div>a<p>b</p>c</div>d", ["a", "b", "c", "d"]),
        ("<p>One <b>bold</b> <a href=x>link</a>, end.</p>", ["One bold link, end."]),
        ("<p>One<br>two<br/><br>three", ["One", "two", "three"]),
        ("<p>a<script>x</script>b<style>y</style>c<noscript>z</noscript>d", ["abcd"]),
        ("<svg><text>x</text></svg><select><option>o</select><textarea>t</textarea>seen", ["seen"]),
        ("<head><title>T</title></head><p>x", ["x"]),
        ("<p>x<!-- not <b>this</b> -->y<?php echo 1 ?>z", ["xyz"]),
        ("<p>\n  One\n\t two  \f</p>\n<p> &nbsp; </p>", ["One two"]),
        ("<p hidden style='display:none'>behind a paywall", ["behind a paywall"]),
        ("<unknown-element>a</unknown-element>b", ["a", "b"]),
        ("<p>One<p>Two</div></span><li>Three", ["One", "Two", "Three"]),
        ("<p>open <b>never closed <div>next", ["open never closed", "next"]),
        ("<body>a</body><body>b", ["ab"]),
        ("<html><body><p>a</body></html><p>after", ["a", "after"]),
        ("<p>a</p></BODY ></html>\n<!DOCTYPE html><html><head><title>T</title></head><body><p>b",
         ["a", "b"]),
        ("<p>a\x00b &#0; &#27;", ["a\ufffdb \ufffd \x1b"]),
        ("<p>&lt;b&gt; &amp; &euro; &#x1F600;", ["<b> & € 😀"]),
        ("<p>ends in the mid", ["ends in the mid"]),
        ("<p>a<", ["a<"]),
        ("plain", ["plain"]),
    ],
)  # fmt: skip
def test_page_blocks(source: str, blocks: list[str]) -> None:
    """A block is the visible text between two block-level tags, whatever nests or is broken."""
    assert page_blocks(source) == blocks


def test_distance_between_blocks() -> None:
    """Blocks are a newline apart at a line break and an empty line apart elsewhere."""
    assert page_text("<p>a<br>b</p><p>c<br></p><p>d") == "a\nb\n\nc\n\nd"


def test_tags_of_blocks() -> None:
    """A block knows the innermost six elements around it."""
    found = page_facts("<article><figure><figcaption>Photo</figcaption></figure><p>x</article>")
    assert [block.tag for _, block in found] == [
        "body/article/figure/figcaption", "body/article/p",
    ]  # fmt: skip
    deep = "<div>" * 8 + "<aside>x"
    assert [block.tag for _, block in page_facts(deep)] == ["div/div/div/div/div/aside"]


@pytest.mark.parametrize(
    ("source", "ratio"),
    [
        ("<p>abcd", 0.0),
        ("<p><a href=x>abcd</a>", 1.0),
        ("<p><a href=x>ab <b>cd</b></a> efgh", 0.5),
        ("<a href=x><p>abcd</p></a>", 1.0),
        ("<p>abc <a href=x> </a>", 0.0),
    ],
)
def test_link_ratio(source: str, ratio: float) -> None:
    """The link ratio is the share of characters but blanks that are link text."""
    assert [block.link_ratio for _, block in page_facts(source)] == [ratio]


@pytest.mark.parametrize("depth", [200, 2000, 2100, 5000])
def test_deep_nesting(depth: int) -> None:
    """No text is lost on either side of the depth at which the parser gives up."""
    source = f"<p>one</p>{'<div>' * depth}two <b>bold</b><p>three</p>{'</div>' * depth}<p>four"
    assert page_blocks(source) == ["one", "two bold", "three", "four"]


def test_deep_nesting_keeps_links_and_leaves_scripts_out() -> None:
    """A page that is nested too deeply loses its elements, not its links or what is unseen."""
    source = "<font>" * 3000 + "<p><a href=x>link</a><script>var x = '<p>no'</script></p>end"
    assert [(text, block.link_ratio) for text, block in page_facts(source)] == [
        ("link", 1.0), ("end", 0.0),
    ]  # fmt: skip


@pytest.mark.parametrize("tail", ["<" + "a" * 100_000, "<a" * 100_000, "</p " * 100_000])
def test_tags_without_an_end(tail: str) -> None:
    """What never becomes a tag is looked at once in a page that is nested too deeply."""
    assert page_blocks("<div>" * 3000 + "one<p>two" + tail)[:2] == ["one", "two"]


HTML = st.lists(
    st.sampled_from(
        "<p> </p> <div> </div> <a\thref=x> </a> <b> </b> <br> <script> </script> <table> <td> <li> "
        "<body> </html> <!-- --> <svg> </svg> <pre> &nbsp; &lt; &#0; <h1> <head> <title> </title> "
        "<textarea> <frameset> <template> </template> <![CDATA[ <p < > </ <a\thref=\" news \u2028 "
        "\x1b \x0b \u00a0 ,".split(" ")
    )
    | st.sampled_from([" ", "\n", "\t", "\x00", "The council met. "])
    | st.text(max_size=5),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=300)
@given(HTML)
def test_pages_are_sound(source: str) -> None:
    """Whatever the page, blocks are in order, apart, not blank, and without line ends."""
    root = parse_page(source)
    if root is None:
        return
    text, blocks = read_page(root)
    check_blocks(text, blocks)
    for block in blocks:
        shown = text[block.begin : block.end]
        assert not set(shown) & set("\n\r\t\f\x00")
        assert shown == shown.strip(" ") and "  " not in shown


@settings(max_examples=60)
@given(HTML)
def test_no_page_breaks_the_stage(source: str) -> None:
    """Each page becomes text with blocks in it, or is set aside; none raises."""
    row = extract(source, url="https://example.com/a")
    check_blocks(row["text"], [Block(**block) for block in row["blocks"]])
    assert (row["rejection"] == "no_text") is (row["blocks"] == [])
    assert {block["in_extraction"] for block in row["blocks"]} <= {-1, 0, 1}


def mark(lines: list[str], extracted: str) -> list[int]:
    """Mark blocks that stand in lines."""
    return list(map(int, mark_extraction(squeeze_all(lines), extracted)))


LONG = "The ferry reached the harbour at noon"
OTHER = "Nobody on the quay would answer him"


@pytest.mark.parametrize(
    ("lines", "extracted", "marks"),
    [
        ([LONG, "Share", OTHER], f"{LONG}\n{OTHER}", [1, 0, 1]),
        ([LONG, OTHER], "", [0, 0]),
        ([LONG], f"- *{LONG.upper()}*", [1]),  # Markup, case and spaces do not matter.
        ([LONG, OTHER], f"{LONG} {OTHER}", [1, 1]),  # Two blocks merged into one line.
        ([f"{LONG}, and {OTHER}"], f"{LONG}\n{OTHER}", [1]),  # One block split into two lines.
        (["Share", LONG, "Share"], f"{LONG}\nShare", [0, 1, 1]),  # Aligned in order.
        (["x" * 20], f"begin {'x' * 20} end", [1]),
        (["x" * 19], f"begin {'x' * 19} end", [0]),  # Too short to be looked for inside.
        (["x" * 20 + "y" * 20], "x" * 20, [1]),  # Half of it was extracted.
        (["x" * 20 + "y" * 21], "x" * 20, [0]),  # Less than half.
        (["x" * 19 + "y" * 19], "x" * 19, [0]),
        (["—"], "—", [0]),  # Nothing to compare.
    ],
)
def test_mark_extraction(lines: list[str], extracted: str, marks: list[int]) -> None:
    """Blocks are found among extracted lines in order, merged or split."""
    assert mark(lines, extracted) == marks


def page(body: str, head: str = "") -> str:
    """Make a page."""
    return f"<html lang='en-GB'><head>{head}</head><body>{body}</body></html>"


JSON_LD = "<script type='application/ld+json'>{}</script>"


@pytest.mark.parametrize(
    ("head", "body", "dates"),
    [
        ("", "x", []),
        ("<meta property='article:published_time' content='2024-10-17T13:00:00Z'>", "x",
         ["2024-10-17T13:00:00Z"]),
        ("<meta name='date' content='2024-10-17'><meta name='pubdate' content='2024-10-18'>", "x",
         ["2024-10-17", "2024-10-18"]),
        ("", "<article><time datetime='2024-10-17T13:00'>17</time></article>",
         ["2024-10-17T13:00"]),
        ("", "<time datetime='2024-10-17T13:00'>not in the article</time>", []),
        (JSON_LD.format('{"@graph": [{"a": 1}, {"datePublished": "2024-01-02"}]}'), "x",
         ["2024-01-02"]),
        (JSON_LD.format('{"datePublished": 5}'), "x", []),
        (JSON_LD.format('{"datePublished": broken'), "x", []),
        (JSON_LD.format('{"datePublished": ' + "[" * 50_000), "x", []),
        (JSON_LD.format('{"datePublished": "2024-01-02"}')
         + "<meta name='date' content='2024-01-03'>", "x", ["2024-01-02", "2024-01-03"]),
    ],
)  # fmt: skip
def test_published_candidates(head: str, body: str, dates: list[str]) -> None:
    """Dates come from JSON-LD, then meta elements, then the article's first time element."""
    root = parse_page(page(body, head))
    assert root is not None
    assert list(published_candidates(root)) == dates


def head_root(*scripts: str, body: str = "x") -> Any:
    """Return a page with scripts of JSON-LD."""
    head = "".join(f"<script type='application/ld+json'>{script}</script>" for script in scripts)
    root = parse_page(page(body, f"<title>Ferry late</title>{head}"))
    assert root is not None
    return root


@pytest.mark.parametrize(
    ("script", "types"),
    [
        ('{"@type": "A"}', ["A"]),
        ('[{"@type": "A"}, {"@type": "B"}]', ["A", "B"]),
        ('{"@graph": [{"@type": "A", "author": {"@type": "C"}}, {"@type": "B"}]}', ["A", "B", "C"]),
        ('<!-- {"@type": "A"} -->', ["A"]),
        ('//<![CDATA[\n{"@type": "A"}\n//]]>', ["A"]),
        ('/*<![CDATA[*/{"@type": "A"}/*]]>*/', ["A"]),
        ('{"@type": "A", "name": "two\nlines"};', ["A"]),
        ('\ufeff{"@type": "A"}', ["A"]),
        ('{"@type": "A", }', []),
        ("", []),
        ("[" * 100_000, []),
        ('"text"', []),
    ],
)
def test_linked_data(script: str, types: list[str]) -> None:
    """JSON-LD is read level by level, with the usual things around it; broken scripts give none."""
    objects = read_linked_data(head_root(script)).objects
    assert [item["@type"] for item in objects if "@type" in item] == types


def test_linked_data_of_others() -> None:
    """Objects about other articles are told from the page's own."""
    data = read_linked_data(
        head_root('{"@type": "A", "mentions": {"@type": "B", "image": {"@type": "C"}}}')
    )
    assert [item["@type"] for item in data.objects] == ["A", "B", "C"]
    assert [item["@type"] for item in data.own] == ["A"]


def test_linked_data_is_read_in_linear_time() -> None:
    """A wide list and a page of many scripts are bounded by the number of objects."""
    wide = json.dumps([{"@type": "A"}] * 30_000)
    assert len(read_linked_data(head_root(wide)).objects) == 20_000
    assert len(read_linked_data(head_root(wide, wide)).objects) == 20_000


@pytest.mark.parametrize(
    ("articles", "body"),
    [
        ([{"articleBody": "One."}], "One."),
        ([{"articleBody": "<p>One &amp; two.</p><p>Three.</p>"}], "One & two.\n\nThree."),
        ([{"articleBody": "&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;It&amp;#39;s.&lt;/p&gt;"}],
         "One.\n\nIt's."),
        ([{"articleBody": "One <b>bold</b> word.\nTwo."}], "One bold word.\nTwo."),
        ([{"articleBody": "a < b & c &quot;d&quot;"}], 'a < b & c "d"'),
        ([{"articleBody": "<p>One \ud83d</p>"}], "One ?"),
        ([{"articleBody": " "}], None),
        ([{"articleBody": ["One."]}], None),
        ([{"@type": "Product", "articleBody": "One."}], None),
        ([{"@type": ["Thing", "http://schema.org/BlogPosting"], "articleBody": "One."}], "One."),
        ([{"headline": "Tram", "articleBody": "One."},
          {"headline": "Ferry late", "articleBody": "Two."}], "Two."),
        ([{"headline": "Tram", "articleBody": "One."}, {"headline": "Ferry late"}], None),
        ([{"@type": "ItemList", "itemListElement": [{"@type": "Article", "articleBody": "One."}]}],
         None),
        ([{"@type": "WebPage", "mainEntity": {"@type": "Article", "articleBody": "One."}}], "One."),
    ],
)  # fmt: skip
def test_article_body(articles: list[dict[str, Any]], body: str | None) -> None:
    """The body is that of the page's own article, as plain text."""
    items = [{"@type": "NewsArticle"} | item for item in articles]
    root = head_root(*(json.dumps(item) for item in items))
    assert article_body(root) == body
    assert article_body(root, read_linked_data(root)) == body


ARTICLE_ITEM = {"@type": "NewsArticle", "headline": "Ferry late"}


@pytest.mark.parametrize(
    ("item", "is_free"),
    [
        ({}, None),
        ({"isAccessibleForFree": False}, False),
        ({"isAccessibleForFree": "False"}, False),
        ({"isAccessibleForFree": "http://schema.org/False"}, False),
        ({"isAccessibleForFree": "https://schema.org/True"}, True),
        ({"isAccessibleForFree": "perhaps"}, None),
        ({"hasPart": {"isAccessibleForFree": False, "cssSelector": ".x"}}, False),
        ({"hasPart": [{"isAccessibleForFree": "true"}, "text"]}, None),
        ({"isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": False}}, True),
    ],
)
def test_declared_free(item: dict[str, Any], is_free: bool | None) -> None:
    """A page says in many ways that its article is free, or is not."""
    assert read_access(head_root(json.dumps(ARTICLE_ITEM | item))).is_free is is_free
    inside = json.dumps({"@graph": [{"@type": "Organization"}, ARTICLE_ITEM | item]})
    assert read_access(head_root(inside)).is_free is is_free


def test_declared_free_elsewhere() -> None:
    """Microdata, the page's own object and a broken script say it too; another article does not."""
    marked = "<meta itemprop='isAccessibleForFree' content='false'><p>x"
    assert read_access(head_root(body=marked)).is_free is False
    shown = "<span itemprop='isAccessibleForFree'>True</span>"
    assert read_access(head_root(body=shown)).is_free is True
    whole = {"@type": "WebPage", "isAccessibleForFree": False}
    assert read_access(head_root(json.dumps(whole))).is_free is False
    broken = '{"@type": "NewsArticle", "x": "<a href="y">", "isAccessibleForFree" : "False"}'
    assert read_access(head_root(broken)).is_free is False
    other = ARTICLE_ITEM | {"headline": "Tram", "isAccessibleForFree": False}
    assert read_access(head_root(json.dumps([ARTICLE_ITEM, other]))).is_free is None


@pytest.mark.parametrize(
    ("meta", "tier"),
    [
        ("property='article:content_tier' content='Metered'", "metered"),
        ("name='article:content-tier' content=' locked '", "locked"),
        ("property='og:article:content_tier' content='free'", "free"),
        ("property='article:content_tier' content='gold'", None),
        ("property='article:section' content='free'", None),
    ],
)
def test_content_tier(meta: str, tier: str | None) -> None:
    """The tier comes from meta elements under their several names, if it is one of three."""
    root = parse_page(page("x", f"<meta {meta}>"))
    assert root is not None
    assert read_access(root).tier == tier


@pytest.mark.parametrize(
    ("selector", "num_paragraphs"),
    [
        (".wall", 2), ("#wall", 2), ("div.wall", 2), (".wall.deep", 2), ("article .wall", 2),
        (".other, .wall", 2), ([".other", ".wall"], 2), (".wall, #wall", 2), ("article", None),
        (".wal", 0), (".wall.flat", 0), ("div > p:first-child", None), ("", None), ([7], None),
    ],
)  # fmt: skip
def test_gated_part(selector: object, num_paragraphs: int | None) -> None:
    """Running text in the elements that are not free is counted, once; boxes and links are not."""
    body = (
        f"<article><p>{ARTICLE}</p><div class='big wall deep' id='wall'><p>{ARTICLE}</p>"
        f"<p class='wall'>{ARTICLE}</p><p>Subscribe now</p><p><a>{ARTICLE}</a></p></div>"
        f"<p>{ARTICLE}</p></article>"
    )
    part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": selector}
    access = read_access(head_root(json.dumps(ARTICLE_ITEM | {"hasPart": part}), body=body))
    assert access.is_free is False
    expected = None if num_paragraphs is None else num_paragraphs * len(ARTICLE.strip())
    assert access.gated_chars == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (500, 500),
        ("500", 500),
        (" 500 ", 500),
        ("5.0", None),
        (True, None),
        (-1, None),
        (None, None),
    ],
)
def test_word_count(count: object, expected: int | None) -> None:
    """The declared number of words is a whole number, however it is written."""
    assert (
        read_access(head_root(json.dumps(ARTICLE_ITEM | {"wordCount": count}))).num_words
        == expected
    )


def test_access_of_a_page() -> None:
    """What a page declares goes with its text; what is no page declares nothing."""
    item = ARTICLE_ITEM | {"articleBody": f"<p>{ARTICLE}</p>The End, it said.", "wordCount": 40}
    head = f"<script type='application/ld+json'>{json.dumps(item)}</script>"
    found = extract(page(f"<h1>Ferry late</h1><p>{ARTICLE}</p>", head))["access"]
    assert found["num_words"] == 40
    assert found["body_words"] == len(ARTICLE.split()) + 4
    assert found["body_end"].endswith("ofthesaloontheenditsaid")
    assert (found["is_free"], found["tier"], found["gated_chars"]) == (None, None, None)
    assert extract(ARTICLE, "text/plain")["access"] is None


@pytest.mark.parametrize(
    ("attributes", "language"),
    [
        ("lang='en-GB'", "en"), ("lang=' DE_at '", "de"), ("lang='gsw'", "gsw"), ("", None),
        ("lang='english'", None), ("lang='x'", None), ("lang=''", None), ("xml:lang='fr'", "fr"),
    ],
)  # fmt: skip
def test_page_language(attributes: str, language: str | None) -> None:
    """A page's language is the code before the region, if it is one."""
    root = parse_page(f"<html {attributes}><p>x")
    assert root is not None
    assert page_language(root) == language


def test_detect_language() -> None:
    """Languages are told apart, and what has no words has none."""
    german = (
        "Der Minister hat gesagt, dass die Regierung in diesem Jahr keine Schulden machen will."
    )
    assert detect_language(german * 2) == "de"
    assert detect_language(ARTICLE) == "en"
    assert detect_language("xq zv " * 100) is None
    assert detect_language("12345 " * 100) is None


def test_shortest_text_with_a_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """From sixty letters on a language is looked for; blanks and digits do not count."""
    monkeypatch.setattr(language_module, "_MAX_SHORT_DISTANCE", 10_000)
    letters = [at for at, char in enumerate(ARTICLE) if char.isalpha()]
    assert detect_language(ARTICLE[: letters[59] + 1] + " 1 2 3") == "en"
    assert detect_language(ARTICLE[: letters[58] + 1] + " 1 2 3") is None


def test_page_metadata() -> None:
    """What the input says of a document comes before what its page says."""
    source = page(
        f"<article><h1>Ferry late</h1><p>{ARTICLE * 3}</p></article>",
        "<title>Ferry late</title><meta name='author' content='Ann Lee'>"
        "<link rel='canonical' href='https://www.harbour.example.com/ferry'>"
        "<meta property='article:published_time' content='2024-10-17T13:00:00+02:00'>",
    )
    row = extract(source)
    assert (row["title"], row["author"], row["language"]) == ("Ferry late", "Ann Lee", "en")
    assert row["published"] == "2024-10-17T11:00:00Z"
    assert row["url"] == "https://www.harbour.example.com/ferry"
    assert (row["outlet_from"], row["rejection"]) == ("url", None)
    known = {"title": "T", "author": "A", "language": "de", "published": "2020-01-01"}
    known |= {"url": "https://other.example.org/x", "outlet": "O", "outlet_from": "field"}
    row = extract(source, **known)
    assert {name: row[name] for name in known} == known


def test_main_content_is_marked() -> None:
    """The article's blocks are marked as extracted, those of the menu as left out."""
    menu = "".join(f"<li><a href=/{n}>Section {n}</a>" for n in range(20))
    body = f"<nav><ul>{menu}</ul></nav><article>"
    body += "".join(f"<p>{ARTICLE} No {number}." for number in "abcd") + "</article>"
    row = extract(page(body), config=ALWAYS_ASK)
    marks = {row["text"][b["begin"] : b["end"]][:7]: b for b in row["blocks"]}
    assert marks["Section"]["in_extraction"] == 0
    assert marks["The fer"]["in_extraction"] == 1
    assert marks["Section"]["main"] < 0.5 < marks["The fer"]["main"]
    assert marks["Section"]["evidence"] and not marks["The fer"]["evidence"]


def test_trafilatura_is_asked_about_doubtful_pages_only() -> None:
    """A plain article needs no second opinion; it is asked for when that is the setting."""
    source = page("".join(f"<p>{ARTICLE} No {number}." for number in "abcdefgh"))
    never = Config().replace(extract={"second_opinion": 0.0})
    for config, marks in ((never, {-1}), (ALWAYS_ASK, {1})):
        blocks = extract(source, config=config)["blocks"]
        assert {block["in_extraction"] for block in blocks} == marks
        assert min(block["main"] for block in blocks) > 0.5


def test_what_follows_a_false_end_is_marked_too() -> None:
    """An article that goes on after `</body>` is given to trafilatura as a whole."""
    one, two = ("".join(f"<p>{ARTICLE} No {number}." for number in part) for part in ("ab", "cd"))
    row = extract(page(f"<article>{one}</body></html>{two}</article>"), config=ALWAYS_ASK)
    assert [block["in_extraction"] for block in row["blocks"]] == [1, 1, 1, 1]


def test_long_page_is_not_given_to_trafilatura() -> None:
    """A page beyond the limit has blocks that nobody looked at, and a note."""
    source = page(f"<p>{ARTICLE}</p>" * 3)
    limit = ALWAYS_ASK.replace(extract={"max_page_chars": len(source)})
    below = ALWAYS_ASK.replace(extract={"max_page_chars": len(source) - 1})
    inside, outside = extract(source, config=limit), extract(source, config=below)
    assert inside["notes"] == ["read"]
    assert {block["in_extraction"] for block in inside["blocks"]} == {1}
    assert outside["notes"] == ["read", "page too long to be judged"]
    assert {(b["in_extraction"], b["main"]) for b in outside["blocks"]} == {(-1, -1)}
    assert outside["text"] == inside["text"]


@pytest.mark.parametrize(
    ("payload", "mime", "detail"),
    [
        ("", "text/html", "there is no element in the page"),
        ("<!-- nothing -->", "text/html", "there is no element in the page"),
        ("<html><body><script>x</script></body></html>", "text/html",
         "there is no visible text in it"),
        (" \n ", "text/plain", "there is no visible text in it"),
    ],
)  # fmt: skip
def test_no_text(payload: str, mime: str, detail: str) -> None:
    """A document without visible text is set aside, with the reason."""
    row = extract(payload, mime)
    assert (row["rejection"], row["detail"], row["blocks"]) == ("no_text", detail, [])


def test_plain_text_is_kept_as_it_is() -> None:
    """The text of a document of plain text is its payload, and its language is found."""
    text = "  " + ARTICLE + "\n\n\tEnd.\n"
    row = extract(text, "text/plain")
    assert (row["text"], row["language"], row["notes"]) == (text, "en", ["read"])
    assert [text[block["begin"] : block["end"]] for block in row["blocks"]] == [
        "  " + ARTICLE, "\tEnd.",
    ]  # fmt: skip
    assert extract(text, "text/plain", language="de")["language"] == "de"


def test_batches_do_not_matter() -> None:
    """A page is read the same alone and after others."""
    sources = [page(f"<article><p>{ARTICLE * n}</p><p>{ARTICLE}</p></article>") for n in (1, 2, 3)]
    base = {"source": "s", "path": "s", "outlet": "o", "outlet_from": "file", "mime": "text/html"}
    rows = [
        base | {"document_id": str(at), "record": at, "payload": source, "notes": []}
        for at, source in enumerate(sources)
    ]
    batch = pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS)
    alone = [extract_documents(batch.slice(at, 1), Config()).to_pylist()[0] for at in range(3)]
    assert extract_documents(batch, Config()).to_pylist() == alone


def test_a_failure_costs_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """What extraction cannot do with a page sets the page aside, and no other."""

    def fail(row: dict[str, Any], config: Config) -> dict[str, Any]:
        message = f"no \ud83d in {row['document_id']}"
        raise LookupError(message)

    monkeypatch.setattr("cleaner.extraction.page.extract_page", fail)
    failed, sound = extract("<p>One</p>"), extract("Two words", "text/plain")
    assert (failed["rejection"], failed["text"]) == ("extraction_failed", "")
    assert failed["detail"].startswith("LookupError: no \ufffd in ")
    assert (sound["rejection"], sound["text"]) == (None, "Two words")


def test_reject_documents() -> None:
    """A document that a worker could not finish keeps its names and is set aside with a reason."""
    row = {"document_id": "d", "source": "s#1", "path": "s", "record": 1, "outlet": "o"}
    row |= {"outlet_from": "file", "mime": "text/html", "payload": "<p>x", "notes": ["n"]}
    batch = pa.RecordBatch.from_pylist([row], schema=DOCUMENTS)
    (found,) = reject_documents(batch, "timeout", "too long").to_pylist()
    assert (found["source"], found["rejection"], found["detail"]) == ("s#1", "timeout", "too long")
    assert (found["text"], found["blocks"], found["notes"]) == ("", [], ["n"])


def test_page_that_trafilatura_fails_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that makes trafilatura raise is cut into blocks all the same, and says so."""

    def fail(*_: object, **__: object) -> None:
        message = "as lxml does for <svg><p><p>"
        raise AssertionError(message)

    monkeypatch.setattr("trafilatura.bare_extraction", fail)
    source = page(f"<p>{ARTICLE}</p>")
    row = extract(source, url="https://example.com/a", config=ALWAYS_ASK)
    assert ARTICLE.strip() in row["text"]
    assert row["notes"][-1] == "trafilatura failed with AssertionError"
    assert {block["in_extraction"] for block in row["blocks"]} == {-1}


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(["", "é", "\ufffe", "\x0b"]))
def test_control_characters_are_seen(text: str, added: str) -> None:
    """Bytes tell of any text whether it holds a character that may not be written into a tree."""
    assert has_control(text + added) == bool(_CONTROL.search(text + added))


def test_control_characters_reach_trafilatura_without_harm() -> None:
    """A page with characters that lxml refuses to write is judged, and keeps them."""
    strange = f"{ARTICLE}\x0b No\x08 \ufffemore. \x1f"
    row = extract(page(f"<article><p>{strange}<p>{ARTICLE}</article>"), config=ALWAYS_ASK)
    assert strange.rstrip("\x1f ") in row["text"]
    assert row["notes"] == ["read"]
    assert {block["in_extraction"] for block in row["blocks"]} == {1}


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", ""),
        ("<title>Ferry late - The Quay</title>", "<h1>A ferry</h1><p class=byline>By Ann Lee"),
        ("<title>Ferry late</title><meta name=author content='Ann Lee'>", "<time>May 4, 2021"),
        ("<link rel=canonical href='https://quay.example/2020/03/04/ferry'>", "<h2>Late"),
        (f"<meta property=og:title content='{'Late ' * 3000}'>", "<p>Posted on 5 June 2019"),
        ("<meta property=og:url content='https://quay.example/a'>", "<a rel=author>Bo Ek</a>"),
        (
            "<script type='application/ld+json'>"
            '{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Late &amp; '
            'later", "author": {"@type": "Person", "name": "Ann Lee"}, "datePublished": '
            '"2021-05-04T10:00:00Z"}</script>',
            "<p>Text",
        ),
        (
            "<meta name=author content='Ann Lee'><script type='application/ld+json'>"
            '{"@context": "https://schema.org", "@type": {"no": "type"}}</script>',
            "<h1>A ferry</h1>",
        ),
    ],
)
def test_facts_are_those_of_trafilatura(head: str, body: str) -> None:
    """What is read fact by fact is what trafilatura reads at once, whichever facts are wanted."""
    source = page(f"{body}<p>{ARTICLE}</p>", head)
    url = "https://quay.example/b"
    expected = extract_metadata(
        source, default_url=url, date_config={"original_date": True, "max_date": "2100-01-01"}
    )
    facts = {
        "title": expected.title,
        "author": expected.author,
        "url": expected.url,
        "published": expected.date,
    }
    root = parse_page(source)
    assert read_facts(root, url, list(facts)) == {k: v or None for k, v in facts.items()}
    for name, value in facts.items():
        assert read_facts(root, url, [name]) == {name: value or None}
    assert read_facts(root, url, []) == {}


def _author_marks() -> list[str]:
    """Return a piece of a page for each word by which trafilatura looks for an author."""
    marks = ["<author>Ann Lee</author>", "<p><rel>me</rel>Ann Lee</p>"]
    for expression in AUTHOR_XPATHS:
        for name, words in re.findall(r"@([\w-]+)(?:=|, )'([^']+)'", expression.path):
            for word in (
                words.replace("-?", "").replace("[Aa]", "A").replace("[Bb]", "B").split("|")
            ):
                marks.append(f'<p {name}="{word}">Ann Lee</p>')
    return marks


@pytest.mark.parametrize("mark", _author_marks())
def test_may_name_author(mark: str) -> None:
    """Whatever trafilatura finds an author by is seen beforehand."""
    root = parse_page(page(mark))
    assert extract_author(root) == "Ann Lee" or "<rel>" in mark
    assert may_name_author(root)


def test_may_name_no_author() -> None:
    """A page without any such mark is not searched, whatever its text and links say."""
    root = parse_page(page("<p class=text>The author, by the <a href=/author/1>writer</a>"))
    assert extract_author(root) is None
    assert not may_name_author(root)


def test_without_the_block_model_trafilatura_decides() -> None:
    """Where the model is switched off, no block has its probability and all have the other's."""
    config = Config().replace(boilerplate={"disabled_rules": ["block_model"]})
    menu = "".join(f"<li><a href=/{n}>Section {n}</a>" for n in range(20))
    row = extract(page(f"<nav><ul>{menu}</ul></nav><article><p>{ARTICLE}</article>"), config=config)
    assert {(b["main"], b["in_extraction"]) for b in row["blocks"]} == {(-1, 0), (-1, 1)}


def test_page_that_resiliparse_fails_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that makes resiliparse raise is judged without it, and says so."""

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("resiliparse.extract.html2text.extract_plain_text", fail)
    row = extract(page(f"<p>{ARTICLE}</p>"))
    assert ARTICLE.strip() in row["text"]
    assert row["notes"][1] == "resiliparse failed with MemoryError"


def test_deeply_nested_page_is_not_given_to_resiliparse(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take minutes; the page is judged all the same."""
    asked = []
    monkeypatch.setattr(
        "resiliparse.extract.html2text.extract_plain_text",
        lambda source, **_: asked.append(source) or "",
    )
    shallow, deep = (extract(page("<div>" * n + ARTICLE + "</div>" * n)) for n in (20, 600))
    assert len(asked) == 1
    assert shallow["text"] == deep["text"]
    assert deep["blocks"][0]["main"] >= 0


@pytest.mark.parametrize(
    ("heading", "title", "headline"),
    [
        ("<h1>Gazette</h1>", "Council votes on the tram - Gazette", None),
        ("<h1>Jan's Blog</h1>", "Bread - Jan's Blog", None),
        ("<h1>Council votes</h1>", "Council votes | The Daily", "Council votes"),
        ("<h1><a>Council</a> votes</h1>", "Council votes", "Council votes"),
        ("<h1><div>Council votes</div></h1>", "Council votes", "Council votes"),
        ("<h1>Council votes on the new tram line</h1>", "Tram line: council votes on new line",
         "Council votes on the new tram line"),
        ("<h1>Council<br>votes</h1>", "Council votes", None),
        ("<h1>One</h1><h1>One</h1>", "One", None),
        ("<p>One</p>", "One", None),
    ],
)  # fmt: skip
def test_headline(heading: str, title: str, headline: str | None) -> None:
    """The headline is the only `h1` with the title's words, if it is not the site's name."""
    source = f"<html><head><title>{title}</title></head><body>{heading}<p>{ARTICLE}"
    root = parse_page(source)
    text, blocks, owners = walk_page(root)
    assert find_headline(PageText(root, source, text, blocks, owners, "en", title)) == headline
