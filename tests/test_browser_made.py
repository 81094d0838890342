"""Clusters made by hand in a browser: what is marked as different, and what is in other pages."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import Reader, open_reader
from playwright.sync_api import Browser, expect

from benchmarks import report

CLOSING = "What stands above was printed by more than one outlet, and this is how the text ends."
SAME = "Word for word the same."
NOT_MARKED = "A part that differs too much, or is not here as a whole, is not marked."


class Made(report.Corpus):
    """A corpus of clusters that are given, each passage in a document of its own.

    Args:
        clusters: Of each cluster, the passages of its members; the first one is kept.
    """

    def __init__(self, clusters: Iterable[Iterable[str]]) -> None:
        self.texts: list[str] = []
        self.places: list[list[tuple[int, int, int]]] = []
        self.sizes: list[int] = []
        for number, passages in enumerate(clusters):
            self.sizes.append(0)
            for passage in passages:
                self.texts.append(f"{passage}\n\n{CLOSING}")
                self.places.append([(number, 0, len(passage))])
                self.sizes[-1] += 1
        self.num_documents = len(self.texts)
        self.text_chars = sum(map(len, self.texts))

    @staticmethod
    def link(cluster: int) -> str:
        """Return the address of a cluster."""
        return f"#/cluster/{report._name('c', cluster, 16)}"


@dataclass(frozen=True, slots=True)
class Case:
    """Two texts, and what a reader is to see of how they differ.

    Attributes:
        cut, added: What is marked in the base, and in the other text: changes of more than
            punctuation, in order.
        typography: What is marked as only written otherwise, of both texts.
        labels: What is said to differ.
    """

    name: str
    base: str
    text: str
    cut: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    typography: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


_WORDS = [left + right for left in string.ascii_lowercase for right in string.ascii_lowercase]
_LONG = random.Random(0).choices(_WORDS, k=5000)
_MOVED = (
    "The ferry reached the harbour at noon on a rainy day. ",
    "Repairs to the northern pier will take until autumn. ",
    "Boats land at the old quay, where passengers wait without a roof.",
)

CASES = [
    Case("identical", "The bridge is open again.", "The bridge is open again."),
    Case("white space", "The bridge is\nopen  again.", "The bridge is open again."),
    Case(
        "changed figure",
        "The ship left with 214 passengers and a crew on board.",
        "The ship left with 241 passengers and a crew on board.",
        cut=("214",),
        added=("241",),
        labels=("figure",),
    ),
    Case(
        "changed name",
        "On Monday the minister Angela Merkel said that it was so.",
        "On Monday the minister Olaf Scholz said that it was so.",
        cut=("Angela Merkel",),
        added=("Olaf Scholz",),
        labels=("name",),
    ),
    Case(
        "negation added",
        "The new plan for the old harbour was approved by the council.",
        "The new plan for the old harbour was not approved by the council.",
        added=("not",),
        labels=("negation",),
    ),
    Case(
        "quotation marks",
        'He said "we go" and went to the ship\'s bridge.',
        "He said “we go” and went to the ship’s bridge.",
        typography=('"we go"', "ship's", "“we go”", "ship’s"),
    ),
    Case(
        "sentence added",
        "The bridge is open again. Cars may pass it from Monday on.",
        "The bridge is open again. Nobody was hurt in the works. Cars may pass it from Monday on.",
        added=("Nobody was hurt in the works.",),
    ),
    Case(
        "sentence moved",
        "".join(_MOVED),
        f"{_MOVED[1]}{_MOVED[0]}{_MOVED[2]}",
        cut=(_MOVED[1].strip(),),
        added=(_MOVED[1].strip(),),
    ),
    Case(
        "nothing in common",
        "alpha beta gamma delta epsilon",
        "un deux trois quatre cinq",
        cut=("alpha beta gamma delta epsilon",),
        added=("un deux trois quatre cinq",),
    ),
    Case(
        "5,000 words",
        " ".join(_LONG),
        " ".join([*_LONG[:2500], "otherwise", *_LONG[2501:]]),
        cut=(_LONG[2500],),
        added=("otherwise",),
    ),
    Case(
        "Chinese",
        "市政府星期一宣布，老码头的维修工程将在秋天完成，乘客可以使用北码头。",
        "市政府星期二宣布，老码头的维修工程将在秋天完成，乘客可以使用北码头。",
        cut=("星期一",),
        added=("星期二",),
    ),
    Case(
        "Thai",
        "เรือข้ามฟากเข้าเทียบท่าเรือตอนเที่ยงวันอังคาร",
        "เรือข้ามฟากเข้าเทียบท่าเรือตอนเที่ยงวันพุธ",
        cut=("อังคาร",),
        added=("พุธ",),
    ),
    Case(
        "Arabic",
        "وصلت العبارة إلى الميناء القديم ظهر يوم الثلاثاء مع ركابها",
        "وصلت العبارة إلى الميناء الجديد ظهر يوم الثلاثاء مع ركابها",
        cut=("القديم",),
        added=("الجديد",),
    ),
    Case(
        "Hebrew",
        "המעבורת הגיעה לנמל הישן בצהרי יום שלישי עם נוסעיה",
        "המעבורת הגיעה לנמל החדש בצהרי יום שלישי עם נוסעיה",
        cut=("הישן",),
        added=("החדש",),
    ),
    Case(
        "astral characters",
        "Everyone 🎉 danced on the quay until the lights went out.",
        "Everyone 🎊 danced on the quay until the lights went out.",
        cut=("🎉",),
        added=("🎊",),
    ),
]
RIGHT_TO_LEFT = [at for at, case in enumerate(CASES) if case.name in ("Arabic", "Hebrew")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the cases, a cluster each."""
    folder = tmp_path_factory.mktemp("made")
    report.build(folder, Made([case.base, case.text] for case in CASES), megabytes=24)
    return folder / report.REPORT


def list_marks(reader: Reader, selector: str) -> tuple[str, ...]:
    """Return what is marked, in the order of the page."""
    return tuple(reader.page.locator(f".comparison {selector}").all_text_contents())


def test_differences_are_marked(chromium: Browser, made: Path) -> None:
    """Of each case, exactly the planned words are marked, on the side that has them."""
    with open_reader(chromium, made) as reader:
        reader.open()
        for number, case in enumerate(CASES):
            reader.go(Made.link(number))
            found = Case(
                case.name,
                case.base,
                case.text,
                cut=list_marks(reader, "del:not(.typography)"),
                added=list_marks(reader, "ins:not(.typography)"),
                typography=list_marks(reader, ".typography"),
                labels=tuple(
                    dict.fromkeys(
                        reader.page.locator(".comparison [data-fact]").evaluate_all(
                            "all => all.map(e => e.dataset.fact)"
                        )
                    )
                ),
            )
            assert found == case
            is_same = not (case.cut or case.added or case.typography)
            assert (SAME in reader.read(".comparison > p")) == is_same, case.name
            facts = reader.read(".comparison-facts")
            assert len(facts) == (1 if case.labels else 0)
            assert all(label in facts[0] for label in case.labels)
            assert NOT_MARKED not in " ".join(reader.read(".comparison")), case.name


def test_one_layout_has_both_texts(chromium: Browser, made: Path) -> None:
    """In one text, what is cut stands before what is added, and the address keeps the choice."""
    number = next(at for at, case in enumerate(CASES) if case.name == "changed figure")
    with open_reader(chromium, made) as reader:
        reader.open(Made.link(number))
        reader.page.get_by_label("in one").check()
        expect(reader.page.locator(".comparison .text")).to_contain_text(
            "left with 214 241 passengers"
        )
        reader.open(reader.address)
        expect(reader.page.get_by_label("in one")).to_be_checked()
        assert list_marks(reader, "ins") == ("241",)


def test_long_text_that_is_the_same_is_collapsed(chromium: Browser, made: Path) -> None:
    """Of 5,000 words those around the change are shown; a button shows the others."""
    number = next(at for at, case in enumerate(CASES) if case.name == "5,000 words")
    with open_reader(chromium, made) as reader:
        reader.open(Made.link(number))
        (base, _) = reader.page.locator(".comparison .text").all()
        before = len(base.inner_text().split())
        assert before < 100
        base.get_by_role("button").first.click()
        reader.settle()
        assert len(base.inner_text().split()) > before + 2000


@pytest.mark.parametrize("number", RIGHT_TO_LEFT)
def test_right_to_left(chromium: Browser, made: Path, number: int) -> None:
    """Passages in Arabic and Hebrew run from the right, and those in Latin from the left."""
    direction = "all => all.map((e) => getComputedStyle(e).direction)"
    with open_reader(chromium, made) as reader:
        reader.open(Made.link(number))
        assert reader.page.locator(".comparison .text").evaluate_all(direction) == ["rtl", "rtl"]
        reader.page.locator(".cluster-members a").first.click()
        reader.settle()
        assert reader.page.locator(".document-text").evaluate_all(direction) == ["rtl"]
        reader.go(Made.link(0))
        assert reader.page.locator(".comparison .text").evaluate_all(direction) == ["ltr"]


# Pages beside the page

NUM_LARGE, LARGE_WORDS = 80, 2500


def make_large(number: int) -> str:
    """Return a text that no compression makes small."""
    letters = random.Random(number).choices(string.ascii_letters + string.digits, k=LARGE_WORDS * 7)
    return " ".join("".join(letters[at : at + 7]) for at in range(0, len(letters), 7))


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of which most texts are in pages beside it."""
    folder = tmp_path_factory.mktemp("parts")
    texts = map(make_large, range(NUM_LARGE))
    report.build(folder, Made([text, text] for text in texts), megabytes=1)
    return folder / report.REPORT


def follow(reader: Reader) -> None:
    """Follow the link to the page that has what this one has not."""
    link = reader.page.get_by_role("link", name=re.compile(r"\.html$"))
    target = str(link.evaluate("link => link.href"))
    assert "/report-data/" in target
    link.click()
    reader.page.wait_for_url(target)
    reader.settle()


def test_parts_lead_to_each_other(chromium: Browser, parts: Path) -> None:
    """A cluster and a document of another page are one link away, and so is the way back."""
    assert len(list((parts.parent / report.REPORT_DATA).glob("*.html"))) > 1
    cluster = Made.link(NUM_LARGE - 1)
    with open_reader(chromium, parts) as reader:
        reader.open()
        assert "report-data/" in " ".join(reader.read(".note"))
        reader.go(cluster)
        assert reader.read(".comparison") == []
        follow(reader)
        assert reader.address == cluster
        assert reader.read(".comparison > p") == [SAME]
        reader.page.locator(".cluster-members a").first.click()
        reader.settle()
        address = reader.address
        if not reader.page.locator(".document-text").count():
            follow(reader)
        assert reader.address == address
        expected = make_large(NUM_LARGE - 1)[:40]
        assert reader.page.locator(".document-text .at").first.inner_text()[:40] == expected
        reader.page.get_by_role("link", name="The whole report").click()
        reader.page.wait_for_url(re.compile(r"/report\.html#"))
        reader.expect_heading("What was removed, and why")


def test_parts_know_all_views(chromium: Browser, parts: Path) -> None:
    """In a page beside the page the lists are whole, and what only the main page has is named."""
    part = min((parts.parent / report.REPORT_DATA).glob("*.html"))
    with open_reader(chromium, parts) as reader:
        reader.page.goto(f"{part.as_uri()}#/clusters")
        reader.settle()
        expect(reader.page.locator(".cluster-count")).to_have_text(
            f"{NUM_LARGE} of {NUM_LARGE} clusters"
        )
        for view in ("outlets", "threshold", "judging"):
            reader.go(f"#/{view}")
            there = reader.page.locator(".note a[href^='../report.html']").last
            expect(there).to_have_attribute("href", f"../report.html#/{view}")
        there.click()
        reader.page.wait_for_url(re.compile(r"/report\.html#/judging"))
        reader.expect_heading("Judging")
