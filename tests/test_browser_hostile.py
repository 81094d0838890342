"""Hostile articles in the report: their text is shown, and is nothing but text."""

from __future__ import annotations

import html
import json
import random

import pytest
from browser import Reader, Run, open_reader, show
from playwright.sync_api import Browser, expect

from cleaner import Config, clean_corpus

MARKUP = [
    "<script>window.__pwned = 1</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "</script><script>window.__pwned = 2</script>",
    "</ScRiPt ><img src=x onerror=window.__pwned=3>",
    "<!--<script>window.__pwned = 4</script>",
    "--><script>window.__pwned = 5</script><!--",
    "<![CDATA[<script>window.__pwned = 6</script>]]>",
    "</style><script>window.__pwned = 7</script>",
    "</title><script>window.__pwned = 8</script>",
    "</textarea><script>window.__pwned = 9</script>",
    "</noscript><script>window.__pwned = 10</script>",
    '<img src=x onerror="window.__pwned = 11">',
    "<img src=`x` onerror='window.__pwned = 12'>",
    "<svg onload=window.__pwned=13>",
    "<svg><script>window.__pwned = 14</script></svg>",
    "<svg><animate onbegin=window.__pwned=15 attributeName=x dur=1s>",
    "<math><mtext></mtext><mglyph><style><img src onerror=window.__pwned=16>",
    '<iframe src="javascript:parent.__pwned=17"></iframe>',
    '<iframe srcdoc="<script>parent.__pwned=18</script>"></iframe>',
    '<object data="data:text/html,<script>parent.__pwned=19</script>"></object>',
    '<embed src="javascript:window.__pwned=20">',
    '<form action="https://evil.example"><input autofocus onfocus=window.__pwned=21></form>',
    "<button formaction=javascript:window.__pwned=22>press</button>",
    '<a href="javascript:window.__pwned=23">read on</a>',
    '<a href="&#x6A;avascript:window.__pwned=24">read on</a>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '<base href="https://evil.example/">',
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<body onload=window.__pwned=25>",
    "<details open ontoggle=window.__pwned=26><summary>x</summary></details>",
    "<video><source onerror=window.__pwned=27></video>",
    "<template><script>window.__pwned = 28</script></template>",
    "<x contenteditable onblur=window.__pwned=29 tabindex=1>focus</x>",
    '"><script>window.__pwned = 30</script>',
    "' onmouseover='window.__pwned = 31' x='",
    '" style="position:fixed;inset:0" onclick="window.__pwned=32" x="',
    "&lt;script&gt;window.__pwned = 33&lt;/script&gt;",
    "&#60;script&#62;window.__pwned = 34&#60;/script&#62;",
    "&amp;lt;b&amp;gt; is not bold",
    "{{ 7 * 7 }} {% for x in y %} {{ config.__class__ }}",
    "${window.__pwned = 35} #{7*7} <%= 7*7 %>",
    '{"__html": "<b>x</b>", "dangerouslySetInnerHTML": 1}',
    "[[constructor]] __proto__[polluted]=1",
]
"""What would run or be shown as markup if any of it were taken for more than text."""
ADDRESSES = [
    "javascript:window.__pwned=40",
    "JaVaScRiPt:window.__pwned=41//https://a.example/",
    "data:text/html,<script>window.__pwned=42</script>",
    "vbscript:window.__pwned=43",
    "file:///etc/passwd",
    "//evil.example/x",
    "https://user:password@evil.example/",
    'https://a.example/" onclick="window.__pwned=44',
    "https://a.example/<script>window.__pwned=45</script>",
    "https://a.example/\u202etxt.exe",
    " https://a.example/blank before",
    "blob:https://a.example/1",
    "https://fine.example/story?a=1&b=2#top",
]
ODD = [
    "a\u202egnp.exe\u202c is turned round",
    "\u2066isolated\u2069 and \u202aembedded\u202c",
    "zero\u200bwidth\u200cjoiners\u200d here\ufeff",
    "a control\x01character\x1band\x07a bell\x7f",
    "a next\x85line and\u2028separators\u2029here",
    '=HYPERLINK("https://evil.example","press")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
    "Z" + "a\u0301\u0323" * 200,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f600 astral \U00010348",
    "مقال عن الميناء القديم في المدينة",
    "כתבה על הנמל הישן בעיר",
    "Donaudampfschifffahrtsgesellschaft" * 20,
    "%s %n %x ../../../../etc/passwd $(reboot) `reboot` ; reboot",
]
NAMES = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    "null",
    "undefined",
    "NaN",
    "0",
    "main",
    "duplicate",
    "overview",
    "page",
]
"""What is taken for more than a name where objects are used as tables."""
STRINGS = [*MARKUP, *ODD, *NAMES]
WORDS = (
    "ferry harbour captain pier autumn office boats quay passengers roof fog night council mayor "
    "bridge river school teacher budget winter road tunnel market baker garden museum painter "
    "letter judge witness farmer valley orchard frost doctor village road hill station train"
).split()
LONG_LINE = f"<b>{96 * 'x'} " * 10_500
"""A line of a megabyte."""
_FOUND = """
() => {
  const all = [...document.querySelectorAll("*")];
  const allowed = /^(https?:\\/\\/|#|\\.\\.\\/|report)/;
  return {
    handlers: all.flatMap((e) => e.getAttributeNames().filter((name) => name.startsWith("on"))),
    links: all
      .flatMap((e) => ["href", "src", "action", "formaction", "data", "xlink:href", "srcdoc"]
        .map((name) => e.getAttribute(name)).filter((value) => value !== null))
      .filter((value) => !allowed.test(value) && value !== "data:,"),
    unsafe: [...document.querySelectorAll("a[href^=http]")]
      .filter((a) => a.rel !== "noopener noreferrer nofollow").map((a) => a.href),
    elements: [...document.querySelectorAll(
      "#page :is(script, style, iframe, img, object, embed, base, link, meta, video, template, x)"
    )].map((e) => e.outerHTML.slice(0, 80)),
    scripts: document.scripts.length,
    pwned: window.__pwned ?? null,
    polluted: {}.polluted ?? null,
  };
}
"""
NOTHING = {"handlers": [], "links": [], "unsafe": [], "elements": [], "pwned": None}


def make_sentence(seed: str) -> str:
    """Return a sentence that no other seed has."""
    words = random.Random(seed).choices(WORDS, k=18)
    return f"The {' and the '.join(words[:3])} {' '.join(words[3:])} on that day."


def make_records() -> list[dict[str, object]]:
    """Return a record for each string, with it in all fields, and some with a copy elsewhere."""
    records: list[dict[str, object]] = []
    for number, string in enumerate(STRINGS):
        shared = f"{make_sentence(f'shared {number}')} They call it {string} for short, he said."
        text = [make_sentence(f"own {number}"), string, f"Then came {string} again.", shared]
        about = {"title": string, "author": string, "url": ADDRESSES[number % len(ADDRESSES)]}
        records.append({"id": f"a{number}", "outlet": string, "text": "\n\n".join(text), **about})
        if number % 3 == 0:
            again = f"{make_sentence(f'other {number}')}\n\n{shared}"
            outlet = STRINGS[(number + 1) % len(STRINGS)]
            records.append({"id": f"b{number}", "outlet": outlet, "text": again, "title": "Copy"})
    for name, string in (("long", LONG_LINE), ("lone", "\ud800 a \udfff"), ("nul", "\x00 a \x00")):
        text = f"{make_sentence(name)}\n\n{string}"
        records.append({"id": name, "outlet": name, "title": name + string[:9], "text": text})
    return records


def make_page(string: str) -> str:
    """Return a page whose text, title and facts are a string, escaped as text has to be."""
    escaped = html.escape(string)
    lines = [make_sentence(f"{part} {string}") for part in "abc"]
    paragraphs = "".join(f"<p>{line}</p>" for line in (*lines, escaped))
    return (
        f"<html><head><title>{escaped}</title><meta name='author' content='{escaped}'>"
        f"<meta property='og:site_name' content='{escaped}'>"
        f"<link rel='canonical' href='{escaped}'></head>"
        f"<body><article><h1>{escaped}</h1>{paragraphs}{string}</article></body></html>"
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over hostile articles, as records and as pages, some in files with hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    inputs = folder / "in <b onload=alert(1)>"
    inputs.mkdir()
    lines = [json.dumps(record) for record in make_records()]
    (inputs / "<img src=x onerror=window.__pwned=50>.jsonl").write_text("\n".join(lines), "utf-8")
    for number, string in enumerate(MARKUP[::3]):
        name = f"{number} '\"><svg onload=window.__pwned=51>" if number % 2 else str(number)
        path = inputs / f"{name}.example" / "page.html"
        path.parent.mkdir()
        path.write_text(make_page(string), "utf-8")
    config = Config().replace(output={"quality": False})
    clean_corpus([inputs], folder / "cleaned", config=config, workers=1)
    return Run(folder / "cleaned")


def check(reader: Reader, where: str) -> None:
    """Assert that nothing of a view is markup, and that nothing ran."""
    found = reader.page.evaluate(_FOUND)
    assert {name: found[name] for name in NOTHING} == NOTHING, where
    assert found["polluted"] is None, where
    assert reader.problems == [], where


def test_strings_are_many() -> None:
    """There are enough of them, all different."""
    assert len(set(STRINGS + ADDRESSES)) == len(STRINGS + ADDRESSES)
    assert len(STRINGS + ADDRESSES) >= 50


def test_hostile_views_are_text(chromium: Browser, hostile: Run) -> None:
    """Every view of a hostile run is shown, and nothing in it is more than text."""
    with open_reader(chromium, hostile.page) as reader:
        reader.open()
        num_scripts = reader.page.evaluate("document.scripts.length")
        for view in ("overview", "clusters", "outlets", "documents", "threshold", "judging"):
            reader.go(f"#/{view}")
            expect(reader.page.locator("h1")).to_be_visible()
            assert reader.read("[role=alert]") == []
            check(reader, view)
        for cluster in hostile.clusters:
            reader.go(f"#/cluster/{cluster['cluster_id']}")
            check(reader, cluster["cluster_id"])
            assert len(reader.read(".comparison")) > 0
        assert reader.page.evaluate("document.scripts.length") == num_scripts


def test_hostile_documents_are_text(chromium: Browser, hostile: Run) -> None:
    """Each document shows its whole text, letter by letter, and its title."""
    with open_reader(chromium, hostile.page) as reader:
        reader.open()
        for source, document in hostile.documents.items():
            reader.go(hostile.link(source))
            check(reader, source)
            text = "".join(reader.page.locator(".document-text").all_text_contents())
            expected = show(document["text"])[: len(text)]
            assert text.replace("\n", "") == expected.replace("\n", ""), source
            assert text or not document["text"].strip(), source
            title = (document["title"] or source).replace("\ufeff", " ")
            if len(title) < 250:
                assert reader.read("h1") == [show(" ".join(title.split()))], source


def test_hostile_names_are_found(chromium: Browser, hostile: Run) -> None:
    """Outlets with names that mean something to the browser are listed, and can be chosen."""
    with open_reader(chromium, hostile.page) as reader:
        reader.open("#/documents")
        for name in (*NAMES, MARKUP[0], MARKUP[3], MARKUP[35]):
            ids = {d["document_id"] for d in hostile.documents.values() if d["outlet"] == name}
            assert ids
            outlets = reader.page.get_by_role("combobox", name="Outlet", exact=True)
            outlets.select_option(name)
            expected = f"{len(ids)} of {len(hostile.documents)} documents"
            expect(reader.page.locator(".documents-count")).to_contain_text(expected)
            links = reader.page.locator(".list a").evaluate_all("all => all.map(a => a.hash)")
            assert {link.removeprefix("#/document/") for link in links} == ids
            reader.open(reader.address)
            expect(outlets).to_have_value(name)


def test_only_addresses_of_the_web_are_links(chromium: Browser, hostile: Run) -> None:
    """An address that hides something, or is none of the web, is shown and leads nowhere."""
    seen = set()
    with open_reader(chromium, hostile.page) as reader:
        reader.open()
        for source, document in hostile.documents.items():
            if document["url"] in seen or document["url"] is None:
                continue
            seen.add(document["url"])
            reader.go(hostile.link(source))
            links = reader.page.locator(".document-facts a[rel]").evaluate_all(
                "all => all.map(a => a.getAttribute('href'))"
            )
            is_fine = document["url"] == "https://fine.example/story?a=1&b=2#top"
            assert links == ([document["url"]] if is_fine else []), document["url"]
    assert "https://fine.example/story?a=1&b=2#top" in seen


def test_page_stays_usable(chromium: Browser, hostile: Run) -> None:
    """A megabyte in one line opens in parts, and a search finds a script by its text."""
    with open_reader(chromium, hostile.page) as reader:
        reader.open("#/documents")
        reader.page.get_by_label("Search in source").fill("<script>window.__pwned = 1</script>")
        expect(reader.page.locator(".list li").first).to_contain_text(MARKUP[0])
        (source,) = (s for s, document in hostile.documents.items() if document["outlet"] == "long")
        reader.go(hostile.link(source))
        more = reader.page.get_by_role("button", name="Show more of the text")
        before = len(reader.page.locator(".document-text").inner_text())
        more.click()
        reader.settle()
        assert len(reader.page.locator(".document-text").inner_text()) > before
        width = reader.page.evaluate("document.documentElement.scrollWidth")
        assert width == 1280
        check(reader, source)
