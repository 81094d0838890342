"""The report in a browser: every view opens from disk, and none does what a page must not."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import NARROW, SETTLED, VIEWS, WIDE, Reader, Run, open_reader, show
from playwright.sync_api import Browser, expect

HEADINGS = {"overview": "What was removed, and why", "clusters": "Repeated text"}
"""Headings of views that are not what the bar calls them."""
FERRY = "seeds/feed.jsonl#1"


def find_ferry(sample: Run) -> str:
    """Return the id of the cluster of the ferry story's whole articles."""
    (found,) = (
        cluster["cluster_id"]
        for cluster in sample.clusters
        if cluster["level"] == "document"
        and FERRY in {member["source"] for member in cluster["members"]}
    )
    return str(found)


def list_places(sample: Run) -> dict[str, str]:
    """Return the address of every kind of view."""
    places = {name: f"#/{name}" for name in VIEWS}
    places["cluster"] = f"#/cluster/{find_ferry(sample)}"
    return places | {"document": sample.link("seeds/harbour-courier.txt")}


@pytest.mark.parametrize("view", VIEWS)
def test_view_opens(reader: Reader, view: str) -> None:
    """A view opens by its address and by the bar, which says where the reader is."""
    heading = HEADINGS.get(view, VIEWS[view])
    for way in ("address", "bar"):
        if way == "address":
            reader.open(f"#/{view}")
        else:
            reader.go("#/clusters" if view == "overview" else "#/overview")
            reader.page.get_by_role("navigation").get_by_role("link", name=VIEWS[view]).click()
            reader.settle()
        reader.expect_heading(heading)
        assert reader.page.title() == f"{VIEWS[view]} · What was removed, and why"
        assert reader.address.partition("?")[0] == f"#/{view}"
        assert reader.read("nav [aria-current=page]") == [VIEWS[view]]
        assert reader.read("[role=alert]") == []


def test_without_an_address_the_overview_opens(reader: Reader) -> None:
    """The file itself shows what was removed."""
    reader.open("")
    reader.expect_heading(HEADINGS["overview"])


def test_chunk_is_whole_before_it_is_decoded(chromium: Browser, sample: Run) -> None:
    """A view that is asked for in the middle of reading its data waits for the rest of them."""
    html = sample.page.read_text(encoding="utf-8")
    middle = html.index('id="documents">') + 500
    page = chromium.new_page()
    page.goto("about:blank")
    page.evaluate("html => { document.open(); document.write(html); }", html[:middle])
    page.evaluate(SETTLED)
    page.evaluate("location.hash = '#/documents'")
    expect(page.get_by_text("Reading…")).to_be_visible()
    page.evaluate("html => { document.write(html); document.close(); }", html[middle:])
    expect(page.locator(".list li").first).to_be_visible()
    page.close()


def test_every_cluster_and_document_opens(reader: Reader, sample: Run) -> None:
    """Each has an address of its own, and its heading and its title are right."""
    reader.open()
    for cluster in sample.clusters:
        reader.go(f"#/cluster/{cluster['cluster_id']}")
        assert reader.page.title() == "Cluster · What was removed, and why"
        assert len(reader.read(".cluster-members tbody tr")) == len(cluster["members"])
        assert len(reader.read(".comparison")) == len(cluster["members"]) - 1
    for source, document in sample.documents.items():
        reader.go(sample.link(source))
        expected = show(" ".join((document["title"] or source).split()))
        reader.expect_heading(expected)
        assert reader.page.title() == "Document · What was removed, and why"
        assert reader.read("nav [aria-current=true]") == ["Documents"]


@pytest.mark.parametrize(
    ("address", "said", "way"),
    [
        ("#/nowhere", "There is no view called “nowhere”.", "Go to the overview"),
        ("#/constructor", "There is no view called “constructor”.", "Go to the overview"),
        ("#/cluster/0000", "There is no cluster “0000” in this page.", "Go to all clusters"),
        ("#/cluster/__proto__", "There is no cluster “__proto__” in this", "Go to all clusters"),
        ("#/document/%E0%A4", "The run has no document “%E0%A4”.", "All documents"),
        (
            "#/document/<img src=x onerror=alert(1)>",
            "<img src=x onerror=alert(1)>",
            "All documents",
        ),
    ],
)
def test_what_is_not_there_is_said(reader: Reader, address: str, said: str, way: str) -> None:
    """An address of nothing says so, and offers a way on."""
    reader.open(address)
    alert = reader.page.get_by_role("alert")
    expect(alert).to_contain_text(said)
    alert.get_by_role("link", name=way).click()
    reader.settle()
    assert reader.read("[role=alert]") == []
    assert len(reader.read("h1")) == 1


def test_reader_goes_back_and_on(reader: Reader, sample: Run) -> None:
    """The browser's own buttons lead through the views in the order of reading."""
    reader.open("#/clusters")
    reader.page.locator(".list a").first.click()
    reader.settle()
    cluster = reader.address
    reader.page.locator(".cluster-members a").first.click()
    reader.settle()
    assert reader.address.startswith("#/document/")
    reader.page.go_back()
    reader.settle()
    assert reader.address == cluster
    expect(reader.page.locator(".cluster-members")).to_be_visible()
    reader.page.go_back()
    reader.expect_heading("Repeated text")
    reader.page.go_forward()
    expect(reader.page.locator(".cluster-members")).to_be_visible()


def test_report_needs_no_network(reader: Reader, sample: Run) -> None:
    """Nothing is asked for but the file itself, whatever is opened."""
    requests: list[str] = []
    reader.page.on("request", lambda request: requests.append(request.url.partition("#")[0]))
    reader.open()
    for address in list_places(sample).values():
        reader.go(address)
    assert set(requests) == {sample.page.as_uri()}


def test_watch_sees_what_is_forbidden(chromium: Browser, sample: Run) -> None:
    """What the tests watch for would be seen: they are not green because nobody looks."""
    with pytest.raises(AssertionError), open_reader(chromium, sample.page) as reader:
        reader.open()
        reader.page.evaluate("fetch('https://example.org/').catch(() => 0)")
        reader.page.evaluate("console.error('said')")
        reader.page.evaluate("alert('asked')")
        reader.page.evaluate("document.body.append(document.createElement('style'))")
        reader.page.evaluate(
            "document.body.appendChild(document.createElement('script')).text = 'window.ran = 1'"
        )
        assert reader.page.evaluate("window.ran") is None
        said = "\n".join(reader.problems)
        assert "error: said" in said
        assert "asked: asked" in said
        assert "script-src" in said
        assert "connect" in said


# Accessibility


OPEN_ALL = "document.querySelectorAll('main details').forEach((part) => { part.open = true; })"


@pytest.mark.parametrize(
    ("size", "is_dark"), [(WIDE, False), (NARROW, True)], ids=["wide, light", "narrow, dark"]
)
def test_nothing_keeps_readers_out(
    chromium: Browser, sample: Run, size: tuple[int, int], is_dark: bool
) -> None:
    """By axe-core, no view has a serious violation; no view is wider than its window."""
    found = []
    with open_reader(chromium, sample.page, size, is_dark=is_dark) as reader:
        reader.open()
        for view, address in list_places(sample).items():
            reader.go(address)
            reader.page.evaluate(OPEN_ALL)
            width = reader.page.evaluate("document.documentElement.scrollWidth")
            assert (view, width) == (view, size[0])
            options = {"resultTypes": ["violations"]}
            for violation in Axe().run(reader.page, options=options).response["violations"]:
                nodes = [node["html"][:120] for node in violation["nodes"][:3]]
                if violation["impact"] in ("serious", "critical"):
                    found.append((view, violation["id"], nodes))
    assert found == []


def test_views_print(chromium: Browser, sample: Run) -> None:
    """On paper there is the content without the bar of views."""
    with open_reader(chromium, sample.page) as reader:
        reader.page.emulate_media(media="print")
        reader.open()
        for address in list_places(sample).values():
            reader.go(address)
            expect(reader.page.get_by_role("navigation", name="Views")).to_be_hidden()
            expect(reader.page.locator("h1")).to_be_visible()
        reader.go(sample.link("seeds/harbour-courier.txt"))
        expect(reader.page.locator(".document-text")).to_be_visible()


def test_keyboard_alone_reaches_everything(reader: Reader) -> None:
    """The tab key leads from the skip link through the bar to the content, and Enter opens."""
    reader.open("#/clusters")
    focused = "document.activeElement.textContent.trim()"
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate(focused) == "Skip to the content"
    for label in VIEWS.values():
        reader.page.keyboard.press("Tab")
        assert reader.page.evaluate(focused) == label
    reader.page.locator(".skip").focus()
    reader.press("Enter")
    assert reader.page.evaluate("document.activeElement.id") == "content"
    for _ in range(40):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate("document.activeElement.className") == "cluster-row":
            break
    reader.press("Enter")
    assert re.match(r"#/cluster/[0-9a-f]+", reader.address)
    assert reader.page.evaluate("document.activeElement.id") == "content"
