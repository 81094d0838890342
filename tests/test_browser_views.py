"""What readers learn from the report of the sample corpus, and how they get to it."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from browser import Reader, Run, show
from playwright.sync_api import expect

FERRY = "seeds/feed.jsonl#1"
COURIER = "seeds/harbour-courier.txt"
ASTRAL = "seeds/inland-ledger.txt"
"""A document that has an emoji before most of its text."""
FORMS = "seeds/feed.jsonl#3", "seeds/feed.jsonl#4"
"""The same bulletin on two days, with other figures."""


def find_cluster(sample: Run, level: str, *sources: str) -> dict[str, Any]:
    """Return the one cluster of a level that has these documents among its members."""
    (found,) = (
        cluster
        for cluster in sample.clusters
        if cluster["level"] == level
        and {member["source"] for member in cluster["members"]}.issuperset(sources)
    )
    return found


def count(number: int) -> str:
    """Write a number as the page does."""
    return f"{number:,}"


# What a newcomer asks


def test_how_much_was_removed_and_why(reader: Reader, sample: Run) -> None:
    """The overview's figures are those of the run: of all words, and of each kind."""
    counts = sample.manifest["counts"]
    removed = counts["removed_words"]
    reader.open()
    documents, kept = counts["documents"], counts["documents_in_corpus"]
    facts = " ".join(reader.read(".overview-facts li"))
    assert f"{kept} of {documents} documents " in facts
    (total,) = map(int, re.findall(r"of ([\d,]+) words were removed", facts.replace(",", "")))
    assert f"{100 * sum(removed.values()) / total:.1f}% of {count(total)} words" in facts
    statement = " ".join(reader.read(".overview-statement"))
    assert f"Of {count(total)} words it kept {count(total - sum(removed.values()))}" in statement
    more = reader.page.locator("section:has(.overview-kinds)").get_by_role(
        "button", name="Show more"
    )
    while more.count():
        more.click()
    table = reader.page.locator(".overview-kinds tbody tr")
    rows = table.evaluate_all(
        "all => all.map(row => [...row.cells].map(c => c.textContent.trim()))"
    )
    assert {
        row[0].replace(" ", "_"): int(row[1].split(" ")[0].replace(",", "")) for row in rows
    } == removed
    assert all(row[4] for row in rows)


def test_who_ran_the_wire_story_first(reader: Reader, sample: Run) -> None:
    """The cluster of the ferry story names its outlets in order of time, the agency first."""
    reader.open()
    reader.page.get_by_role("navigation").get_by_role("link", name="Repeated text").click()
    reader.page.locator(".list a").filter(has_text="Ferry with 245 aboard towed").first.click()
    reader.settle()
    cluster = find_cluster(sample, "document", FERRY, COURIER)
    assert reader.address == f"#/cluster/{cluster['cluster_id']}"
    assert reader.read(".cluster-members tbody th bdi") == [
        "Ostrel News Agency",
        "graylecoast.example",
        "harbour-courier",
    ]
    expect(reader.page.locator("main")).to_contain_text(
        "First of those with a date: Ostrel News Agency, 2025-03-12 05:40 UTC"
    )
    expect(reader.page.locator("main > p .cluster-badge")).to_have_text("Agency copy")


def test_what_differs_between_copies(reader: Reader, sample: Run) -> None:
    """Of an updated article, what the update added is marked, and little else."""
    sources = "seeds/crawl-2025-03.warc.gz#2", "seeds/crawl-2025-03.warc.gz#3"
    reader.open(f"#/cluster/{find_cluster(sample, 'document', *sources)['cluster_id']}")
    added = reader.read(".comparison ins:not(.typography)")
    assert any(
        text.startswith("Update, 13 March, 4.30 p.m.: Grayle Sound Ferries") for text in added
    )
    planned = sample.documents[sources[1]]["text"]
    assert all(text in " ".join(planned.split()) for text in added)
    assert not set(added) & set(sample.documents[sources[0]]["text"].split("\n"))


def test_changed_figures_are_called_so(reader: Reader, sample: Run) -> None:
    """Between bulletins of two days, the figures that changed are marked as figures."""
    pairs = sample.read_chunk("judging")["pairs"]
    ids = {sample.documents[source]["document_id"] for source in FORMS}
    (number,) = (
        at
        for at, pair in enumerate(pairs, 1)
        if {pair["line"][side]["document"] for side in ("left", "right")} == ids
    )
    reader.open(f"#/judging?pair={number}")
    days = []
    for mark, side in (("del", "left"), ("ins", "right")):
        figures = reader.read(f".judging-passage {mark}[data-fact=figure]")
        assert all(re.search(r"\d", figure) for figure in figures)
        issued = re.search(r"Issued (\d+) March", pairs[number - 1][side]["text"])
        assert issued
        assert issued[1] in figures
        days.append(issued[1])
    assert set(days) == {"10", "11"}


def test_why_a_sentence_is_gone(reader: Reader, sample: Run) -> None:
    """A press on a removed sentence gives reason, rule and its copy, which is a press away."""
    words = "Passengers described hours in the dark"
    span = sample.find_span(COURIER, words)
    reader.open(sample.link(COURIER))
    reader.page.locator(".document-text del").filter(has_text=words).last.click()
    panel = reader.page.locator(".document-panel")
    expect(panel.locator("h3")).to_contain_text("Removed")
    expect(panel).to_contain_text(span["rule"])
    assert reader.address.endswith(f"at={span['begin']}-{span['end']}")
    panel.locator("dd a").first.click()
    reader.settle()
    (partner,) = (
        document
        for document in sample.documents.values()
        if document["document_id"] == span["partner_document"]
    )
    reader.expect_heading(partner["title"])
    marked = "".join(reader.page.locator(".document-text .at").all_text_contents())
    assert partner["text"][span["partner_begin"] : span["partner_end"]].strip() == marked.strip()
    assert words in " ".join(marked.split())
    expect(reader.page.locator(".document-text .at").first).to_be_in_viewport()


# Documents


@pytest.mark.parametrize("view", ["unique", "full", "originals"])
def test_views_hold_what_the_ledger_keeps(reader: Reader, sample: Run, view: str) -> None:
    """Of every document, a view shows exactly the spans that the ledger keeps in it."""
    reader.open()
    for source, document in sample.documents.items():
        reader.go(sample.link(source, f"?view={view}"))
        spans = [span for span in sample.spans[source] if span[view]]
        expected = "".join(document["text"][span["begin"] : span["end"]] for span in spans)
        assert (source, reader.page.locator(".document-text").text_content()) == (
            source,
            show(expected),
        )


def test_marked_text_is_whole(reader: Reader, sample: Run) -> None:
    """With everything marked a document is all there, removed text in elements that say so."""
    reader.open()
    for source, document in sample.documents.items():
        reader.go(sample.link(source))
        assert (source, reader.page.locator(".document-text").text_content()) == (
            source,
            show(document["text"]),
        )
        removed = [span for span in sample.spans[source] if not span["unique"]]
        expected = "".join(document["text"][span["begin"] : span["end"]] for span in removed)
        found = "".join(reader.page.locator(".document-text del").all_text_contents())
        assert "".join(found.split()) == "".join(show(expected).split())


@pytest.mark.parametrize("source", [COURIER, ASTRAL, FERRY])
def test_every_stretch_is_explained(reader: Reader, sample: Run, source: str) -> None:
    """Key by key through what is marked: each has its own reason and rule, and its place."""
    spans = {
        f"{count(span['begin'])} to {count(span['end'])}": span
        for span in sample.spans[source]
        if span["kind"] != "whitespace"
        and not (span["unique"] and span["relation"] is None and span["cluster_id"] is None)
    }
    reader.open(sample.link(source))
    reader.page.locator(".document-text [tabindex='0']").focus()
    reader.press("p")
    seen = []
    for _ in spans:
        facts = reader.page.locator(".document-panel dl").evaluate(
            "list => Object.fromEntries([...list.querySelectorAll('dt')]"
            ".map(dt => [dt.textContent, dt.nextSibling.textContent]))"
        )
        place = facts["Place"].removeprefix("characters ")
        seen.append(place)
        span = spans[place]
        why = facts.get("Why") or facts["Reason"]
        assert span["reason"] in why or span["reason"].replace("_", " ") in why
        assert span["rule"] in facts["Rule"] or span["rule"].replace("_", " ") in facts["Rule"]
        assert ("Its copy" in facts) == (span["partner_document"] is not None)
        verdict = reader.read(".document-panel h3")[0]
        assert verdict.startswith("Kept" if span["unique"] else "Removed")
        reader.press("n")
    assert seen == list(spans)


def test_astral_characters_shift_nothing(reader: Reader, sample: Run) -> None:
    """After an emoji, the place of an address is the same characters as in the ledger."""
    text = sample.documents[ASTRAL]["text"]
    assert text.index("\U0001f50a") < 400
    begin = text.index("The Lady Corvane")
    reader.open(sample.link(ASTRAL, f"?at={begin}-{begin + 16}"))
    assert reader.read(".document-text .at") == ["The Lady Corvane"]


# Search, filters and order


def test_search_is_kept_in_the_address(reader: Reader) -> None:
    """What is typed narrows the list, survives a reload and a visit, and can be reset."""
    reader.open("#/clusters")
    search = reader.page.get_by_label("Search headings and outlets")
    search.fill("Stadtrat")
    expect(reader.page.locator(".cluster-count")).to_have_text("1 of 14 clusters")
    assert reader.address == "#/clusters?q=Stadtrat"
    reader.open(reader.address)
    expect(search).to_have_value("Stadtrat")
    reader.page.locator(".list a").first.click()
    reader.settle()
    expect(reader.page.locator(".cluster-navigation")).to_contain_text("1 of 1")
    reader.page.go_back()
    reader.settle()
    expect(search).to_have_value("Stadtrat")
    search.fill("no such words")
    note = reader.page.locator(".note")
    expect(note).to_contain_text("No cluster matches these filters.")
    note.get_by_role("button", name="Reset the filters").click()
    expect(reader.page.locator(".cluster-count")).to_have_text("14 of 14 clusters")
    expect(search).to_have_value("")
    assert reader.address == "#/clusters"


def test_clusters_are_filtered_and_sorted(reader: Reader, sample: Run) -> None:
    """Filters of relation, outlets and number leave the clusters that have them, in any order."""
    reader.open("#/clusters")
    sizes = sorted((len(c["members"]) for c in sample.clusters), reverse=True)
    reader.page.get_by_role("combobox", name="Order").select_option("members")
    reader.settle()
    rows = reader.read(".list .cluster-facts:not(.muted)")
    found = [int(re.search(r"(\d+) documents", row)[1]) for row in rows]  # type: ignore[index]
    assert found == sizes[: len(found)]
    reader.page.get_by_label("Documents at least").fill("5")
    expected = sum(size >= 5 for size in sizes)
    expect(reader.page.locator(".cluster-count")).to_have_text(f"{expected} of 14 clusters")
    reader.page.get_by_label("Documents at least").fill("")
    reader.page.get_by_role("checkbox", name="Agency copy").check()
    expected = sum(cluster["relation"] == "wire" for cluster in sample.clusters)
    expect(reader.page.locator(".cluster-count")).to_have_text(f"{expected} of 14 clusters")
    assert "relation=wire" in reader.address
    assert "sort=members" in reader.address


def test_neighbours_by_keys(reader: Reader, sample: Run) -> None:
    """On a cluster, j and k lead to the next and the previous one of the filtered list."""
    reader.open("#/clusters?relation=self%2Cquote")
    links = reader.page.locator(".list a").evaluate_all("all => all.map(a => a.hash)")
    assert len(links) == 3
    reader.go(links[0])
    reader.press("k")
    assert reader.address == links[0]
    reader.press("j")
    assert reader.address == links[1]
    reader.press("j")
    reader.press("k")
    assert reader.address == links[1]
    reader.page.get_by_label("Link to this cluster").focus()
    reader.press("j")
    assert reader.address == links[1]


def test_documents_are_filtered(reader: Reader, sample: Run) -> None:
    """By outlet, by what is left and by kind, and the address keeps all of it."""
    outlets = [document["outlet"] for document in sample.documents.values()]
    reader.open("#/documents")
    combo = lambda name: reader.page.get_by_role("combobox", name=name, exact=True)  # noqa: E731
    combo("Outlet").select_option("morgenblatt.example")
    status = reader.page.locator(".documents-count")
    expect(status).to_contain_text(f"{outlets.count('morgenblatt.example')} of {len(outlets)} doc")
    combo("What is left").select_option("nothing")
    expect(reader.page.locator(".note")).to_contain_text("No document matches")
    reader.page.get_by_role("button", name="Show all documents").click()
    expect(status).to_have_text(f"{len(outlets)} documents")
    assert reader.address == "#/documents"
    combo("What is left").select_option("nothing")
    counts = sample.manifest["counts"]
    expected = counts["documents"] - counts["documents_in_corpus"]
    expect(status).to_contain_text(f"{expected} of {len(outlets)} documents")
    reader.open("#/documents?kind=paywall")
    lost = counts["documents_that_lost"]["paywall"]
    expect(status).to_contain_text(f"{lost} of {len(outlets)} documents")
    reader.page.locator(".list a").first.click()
    reader.settle()
    assert reader.address.endswith("?kinds=paywall")
    assert reader.page.locator(".document-text .highlighted").count() > 0


def test_outlets_lead_to_what_they_share(reader: Reader) -> None:
    """A cell of the matrix leads to the clusters of its two outlets."""
    reader.open("#/outlets")
    links = reader.page.locator("main table a[href*='#/clusters']")
    address = links.first.evaluate("a => a.hash")
    links.first.focus()
    reader.press("Enter")
    assert reader.address == address
    reader.expect_heading("Repeated text")
    number, whole = reader.read(".cluster-count")[0].removesuffix(" clusters").split(" of ")
    assert 0 < int(number) < int(whole)


# Threshold


def test_threshold_changes_the_figures(reader: Reader, sample: Run) -> None:
    """The slider, moved by keys, gives the figures of its threshold and the option that sets it."""
    data = sample.read_chunk("threshold")
    curve = data["curve"]
    now = next(at for at, row in enumerate(curve) if row["threshold"] == data["threshold"])
    reader.open("#/threshold")
    slider = reader.page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "0.60, as in this run")
    slider.focus()
    figures = reader.page.locator(".threshold-table tbody tr")
    scores = [pair[0] for pair in sample.read_chunk("pairs-0")]
    assert len(scores) == data["numPairs"]
    names = ("pairs", "clusters", "documents", "dropped", "words")
    for keys, at in (
        (("ArrowRight",) * 3, now + 3),
        (("Home",), 0),
        (("End", "ArrowLeft"), len(curve) - 2),
    ):
        reader.press(*keys)
        row = curve[at]
        expected = [
            [count(data["now"][name]), count(data["now"][name] + row[name] - curve[now][name])]
            for name in names
        ]
        found = figures.evaluate_all(
            "all => all.map(row => [...row.cells].slice(1, 3).map(cell => cell.textContent))"
        )
        assert found == expected
        option = f"--set match.min_score={row['threshold']:.2f}"
        commands = [f"clean run INPUTS {option}", option]
        expect(reader.page.locator(".command code")).to_have_text(commands)
        reader.page.wait_for_function(
            "(value) => location.hash.endsWith(`threshold=${value}`)", arg=f"{row['threshold']:.2f}"
        )
        reader.settle()
        above = [score for score in scores if score >= row["threshold"]]
        near = [above[-10:], scores[len(above) : len(above) + 10]]
        for listed, body in zip(
            near, reader.page.locator(".threshold-pairs tbody").all(), strict=True
        ):
            cells = body.locator("td.number:first-child").all_text_contents()
            assert cells == [f"{math.floor(score * 1000) / 1000:.3f}" for score in listed]
    reader.open(reader.address)
    expect(slider).to_have_attribute("aria-valuetext", f"{curve[-2]['threshold']:.2f}")


def test_pairs_stand_on_their_side_of_the_line(reader: Reader, sample: Run) -> None:
    """At the highest threshold, pairs above the line stay accepted and those below it go."""
    reader.open("#/threshold?threshold=1.00")
    said = [
        body.locator("td:nth-child(2)").all_text_contents()
        for body in reader.page.locator(".threshold-pairs tbody").all()
    ]
    num_above = sample.read_chunk("threshold")["curve"][-1]["pairs"]
    assert said == [["stays accepted"] * num_above, ["− goes"] * 10]
