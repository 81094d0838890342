"""The benchmarks count what they say they count, on sets that are made here."""

from __future__ import annotations

import doctest
import gc
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner

from benchmarks import (
    boilerplate,
    extraction,
    kinds,
    lines,
    measures,
    quality,
    sets,
    systems,
    verdicts,
)
from benchmarks.boilerplate import Tally, summarize
from benchmarks.kinds import judge_labelled, read_labelled, summarize_kinds
from benchmarks.lines import Line, label_lines
from benchmarks.measures import (
    PageCounts,
    compare_shingles,
    compare_snippets,
    difference_std,
    score_means,
    score_sums,
)
from benchmarks.sets import SetError, read_set
from benchmarks.systems import Request, System, load_systems
from benchmarks.verdicts import Verdict, judge_with_cleaner

ROOT = Path(__file__).parent.parent
ARTICLE = (
    "The ferry reached the harbour at noon on Tuesday, the captain told the waiting crowd.",
    "Repairs to the northern pier will take until autumn, the harbour office said on Monday.",
    "Until then the boats land at the old quay, where passengers wait without a roof.",
)
PAGE = (
    "<html lang='en'><head><title>Ferry is back</title></head><body><nav><a href='/'>Home</a> "
    "<a href='/sport'>Sport</a></nav><article><h1>Ferry is back</h1>"
    + "".join(f"<p>{line}</p>" for line in ARTICLE)
    + "</article><footer><a href='/legal'>Imprint</a></footer></body></html>"
)


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    """Undo what systems freeze when they are loaded: DuckDB takes it for leaks at the end."""
    yield
    gc.unfreeze()


def write_pages(folder: Path, **pages: str | bytes) -> Path:
    """Write pages as `html/ID.html.gz`; return the folder of the set."""
    (folder / "html").mkdir(parents=True)
    for name, source in pages.items():
        raw = source if isinstance(source, bytes) else source.encode("utf-8")
        (folder / "html" / f"{name}.html.gz").write_bytes(gzip.compress(raw, mtime=0))
    return folder


def write_gold(folder: Path, *rows: dict[str, Any]) -> Path:
    """Write `gold.jsonl`; return the folder of the set."""
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "gold.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A set of two pages of one outlet, with texts and snippets."""
    folder = write_pages(tmp_path / "two", a=PAGE, b=PAGE.replace("Tuesday", "Friday"))
    text = "\n".join(ARTICLE)
    snippets = {"with": ["old quay"], "without": ["Imprint"], "host": "harbour.example"}
    return write_gold(
        folder,
        {"id": "a", "text": text, **snippets},
        {"id": "b", "text": text.replace("Tuesday", "Friday"), **snippets},
    )


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """A page whose lines are labelled by hand; one line of the gold is not in it."""
    folder = tmp_path / "by-hand"
    folder.mkdir()
    page = PAGE.replace("</article>", "<p>Share on Facebook</p></article>")
    (folder / "ferry.html").write_text(page, encoding="utf-8")
    junk = [["navigation", "Sport"], ["share", "Share on Facebook"], ["legal", "Not there"]]
    about = {"language": "en", "main": ARTICLE, "junk": junk}
    gold = {"about": "A ferry.", "pages": {"ferry.html": about}}
    (folder / "gold.json").write_text(json.dumps(gold), encoding="utf-8")
    return folder


@pytest.mark.parametrize("module", [kinds, lines, measures, quality, verdicts])
def test_examples(module: ModuleType) -> None:
    """The examples in the docstrings hold."""
    results = doctest.testmod(module)
    assert (results.failed, results.attempted > 0) == (0, True)


# Measures


def test_shingles_of_a_page() -> None:
    """Hits and misses are shares of all different shingles, so every page weighs the same."""
    found = compare_shingles("one two three four five six", "two three four five zero")
    assert (found.hits, found.extra, found.missing) == (1 / 4, 1 / 4, 2 / 4)
    assert found.f1 == pytest.approx(2 / 5)


def test_shingles_count_repeats() -> None:
    """A shingle that is given twice and wanted once is a hit and an extra one."""
    found = compare_shingles("a b c d", "a b c d a b c d")
    assert found.hits == pytest.approx(1 / 5)
    assert found.missing == 0


def test_short_texts_are_one_shingle() -> None:
    """A text of fewer than four words is compared whole; the order of words counts."""
    assert compare_shingles("one two", "one, two!") == PageCounts(1, 0, 0, is_exact=True)
    assert compare_shingles("one two", "two one").hits == 0


def test_means_leave_out_pages_without_precision() -> None:
    """A page without an answer has no precision, and a recall of 0, as in evaluate.py."""
    right = compare_shingles("a b c d e", "a b c d e")
    empty = compare_shingles("a b c d e", " ")
    scores = score_means([right, empty])
    assert (scores.precision, scores.recall) == (1.0, 0.5)
    assert scores.f1 == pytest.approx(2 / 3)
    assert (scores.exact, scores.num_low, scores.num_empty) == (0.5, 1, 1)


def test_means_weigh_pages_equally() -> None:
    """F1 is that of mean precision and mean recall, not the mean of F1."""
    scores = score_means([PageCounts(0.5, 0.5, 0), PageCounts(0.25, 0, 0.75)])
    assert (scores.precision, scores.recall) == (0.75, 0.625)
    assert scores.f1 == pytest.approx(2 * 0.75 * 0.625 / 1.375)


def test_snippets_are_summed() -> None:
    """Snippets of all pages are counted together; one is found as it is written, or not."""
    pages = [
        compare_snippets(["old quay", "noon"], ["Imprint"], "At noon. Imprint"),
        compare_snippets(["roof"], ["Sport", "Home"], "no roof"),
    ]
    assert [(p.hits, p.extra, p.missing, p.is_exact) for p in pages] == [
        (1, 1, 1, False),
        (1, 0, 0, True),
    ]
    scores = score_sums(pages)
    assert (scores.precision, scores.recall) == pytest.approx((2 / 3, 2 / 3))


def test_bootstrap_is_the_same_in_every_run() -> None:
    """The standard deviation has a fixed seed, and comes near what theory says."""
    pages = [PageCounts(1, 0, 0), PageCounts(0.5, 0.5, 0)] * 50
    first, second = score_means(pages), score_means(pages)
    assert first == second
    assert first.precision_std == pytest.approx(0.25 / 10, rel=0.1)
    assert first.recall_std == 0
    assert score_means(pages[:1]).f1_std == 0


def test_difference_is_paired() -> None:
    """Both sides of a difference are resampled alike: a constant gain has no spread."""
    before = [PageCounts(0.5, 0.5, 0), PageCounts(0.5, 0.5, 0), PageCounts(0.5, 0.5, 0)]
    gain, std = difference_std(before, [PageCounts(1, 0, 0)] * 3)
    assert gain == pytest.approx(1 / 3)
    assert std == pytest.approx(0)


# Sets


def test_gold_lines(labelled: Path) -> None:
    """A folder with gold.jsonl gives texts, snippets, outlet and language."""
    found = read_set(labelled)
    assert (found.name, found.layout, found.num_pages) == ("two", "gold.jsonl", 2)
    assert found.has_texts
    page = found.pages[0]
    assert (page.id, page.language, page.outlet) == ("a", "en", "harbour.example")
    assert (page.wanted, page.unwanted) == (("old quay",), ("Imprint",))
    assert page.read() == PAGE


def test_scrapinghub_layout(tmp_path: Path) -> None:
    """ground-truth.json maps ids to texts; the URL's domain is the outlet."""
    folder = write_pages(tmp_path, x=PAGE)
    gold = {"x": {"articleBody": "Body.", "url": "https://news.harbour.example.com/1"}}
    (folder / "ground-truth.json").write_text(json.dumps(gold), encoding="utf-8")
    found = read_set(folder)
    assert found.layout == "article-extraction-benchmark"
    (page,) = found.pages
    assert (page.id, page.text, page.outlet) == ("x", "Body.", "example.com")


@pytest.mark.parametrize("as_list", [False, True])
def test_wcxb_layout(tmp_path: Path, as_list: bool) -> None:
    """A folder of JSON files, one a page, and facts of pages in metadata.json above."""
    folder = write_pages(tmp_path / "test", one=PAGE, two=PAGE)
    (folder / "ground-truth").mkdir()
    for name in ("one", "two"):
        truth = {"main_content": f"Text {name}.", "with": ["a"], "without": []}
        gold = {"url": "https://a.example/", "ground_truth": truth}
        (folder / "ground-truth" / f"{name}.json").write_text(json.dumps(gold), encoding="utf-8")
    kinds = {"one": {"page_type": {"primary": "article"}}, "two": {"page_type": {"primary": "f"}}}
    rows: Any = [{"file_id": k, **v} for k, v in kinds.items()] if as_list else kinds
    (tmp_path / "metadata.json").write_text(json.dumps({"files": rows}), encoding="utf-8")
    found = read_set(folder)
    assert [(page.text, page.wanted) for page in found.pages] == [
        ("Text one.", ("a",)),
        ("Text two.", ("a",)),
    ]
    assert [page.id for page in read_set(folder, only=["primary=article"]).pages] == ["one"]
    with pytest.raises(SetError, match="no page is left"):
        read_set(folder, only=["primary=product"])


def test_lines_labelled_by_hand_make_a_set(by_hand: Path) -> None:
    """The main lines of gold.json are the main text of the page beside it."""
    found = read_set(by_hand)
    assert found.layout == "labelled lines"
    (page,) = found.pages
    assert (page.id, page.language, page.text) == ("ferry", "en", "\n".join(ARTICLE))
    before = found.html_digest
    (by_hand / "ferry.html").write_text(f"{PAGE} ", encoding="utf-8")
    assert read_set(by_hand).html_digest != before


def test_pages_that_are_not_packed(tmp_path: Path) -> None:
    """Pages may lie as they are; they are decoded as the cleaner decodes them."""
    (tmp_path / "html").mkdir()
    source = "<meta charset=windows-1252><p>Fähre um zwölf".encode("cp1252")
    (tmp_path / "html" / "a.html").write_bytes(source)
    write_gold(tmp_path, {"id": "a", "text": "Fähre um zwölf", "language": "de-AT"})
    (page,) = read_set(tmp_path).pages
    assert page.read().endswith("Fähre um zwölf")
    assert page.language == "de"


def test_language_of_the_page_itself(tmp_path: Path) -> None:
    """Where the gold is too short to tell, the page's own word counts; else nothing is known."""
    pages = {"a": "<html lang='pl-PL'><p>Prom", "b": "<html><p>Prom"}
    rows = [{"id": name, "with": ["Prom"], "without": []} for name in pages]
    found = read_set(write_gold(write_pages(tmp_path, **pages), *rows))
    assert [page.language for page in found.pages] == ["pl", sets.UNKNOWN]


def test_digests_tell_sets_apart(labelled: Path) -> None:
    """A digest changes with a byte or a name, and covers pages outside of a sample."""
    whole, sample = read_set(labelled), read_set(labelled, num_pages=1)
    assert (sample.gold_digest, sample.html_digest) == (whole.gold_digest, whole.html_digest)
    (labelled / "html" / "b.html.gz").rename(labelled / "html" / "c.html.gz")
    write_gold(labelled, {"id": "a", "text": "Text."})
    changed = read_set(labelled)
    assert changed.gold_digest != whole.gold_digest
    assert changed.html_digest != whole.html_digest


def test_samples_are_always_the_same(tmp_path: Path) -> None:
    """A larger sample holds the smaller one, and the order of the gold does not matter."""
    names = [f"p{number}" for number in range(12)]
    folder = write_pages(tmp_path, **dict.fromkeys(names, PAGE))
    write_gold(folder, *({"id": name, "text": "Text."} for name in names))
    small = [page.id for page in read_set(folder, num_pages=4).pages]
    write_gold(folder, *({"id": name, "text": "Text."} for name in reversed(names)))
    large = [page.id for page in read_set(folder, num_pages=8).pages]
    assert set(small) < set(large)
    assert small == [page.id for page in read_set(folder, num_pages=4).pages] == sorted(small)


def test_what_is_no_set_is_refused(tmp_path: Path) -> None:
    """A folder without gold, a page that is not there, and gold that says nothing."""
    with pytest.raises(SetError, match="is no labelled set"):
        read_set(tmp_path)
    folder = write_pages(tmp_path / "set", a=PAGE)
    with pytest.raises(SetError, match=r"no page b\.html\.gz"):
        read_set(write_gold(folder, {"id": "b", "text": "Text."}))
    with pytest.raises(SetError, match="neither a text nor snippets"):
        read_set(write_gold(folder, {"id": "a"}))
    with pytest.raises(SetError, match="write NAME=VALUE"):
        read_set(write_gold(folder, {"id": "a", "text": "Text."}), only=["article"])


# Labels of lines

GOLD = "\n".join((*ARTICLE[:2], "Winners", *ARTICLE[2:]))


def labels(page: list[str], gold: str = GOLD, **about: Any) -> list[str]:
    """Return the label of each line."""
    return [line.label for line in label_lines(page, gold, **about)[0]]


def test_half_of_the_grams_make_a_line_main() -> None:
    """A line of which the gold text has half is main content; one with less is not."""
    page = [
        "the ferry reached the harbour, it is said",
        "the ferry reached the seaside, it is said",
    ]
    assert labels(page) == ["boilerplate", "boilerplate"]
    assert labels(["Ferry reached the harbour at noon, it is said"])[0] == "main"


def test_short_lines_need_more_than_their_words() -> None:
    """A word of the article is no main content by itself; as its line, or in its place, it is."""
    assert labels(["Passengers", *ARTICLE]) == ["boilerplate", "main", "main", "main"]
    assert labels([*ARTICLE[:2], "Winners", ARTICLE[2]]) == ["main"] * 4
    whole = " ".join((*ARTICLE[:2], "The quay:", ARTICLE[2]))
    assert labels([*ARTICLE[:2], "The quay:", ARTICLE[2]], whole) == ["main"] * 4
    assert labels(["The quay:", *ARTICLE], whole)[0] == "boilerplate"
    assert labels(["Note:", ARTICLE[0]], f"Note: {ARTICLE[0]}")[0] == "main"


def test_copies_have_no_label() -> None:
    """A line that the page has twice and the gold once is not scored, wherever it stands."""
    page = ["Winners", *ARTICLE[:2], "Winners", ARTICLE[2], ARTICLE[0]]
    assert labels(page) == ["copy", "copy", "main", "copy", "main", "copy"]
    assert labels([ARTICLE[0], ARTICLE[0]], f"{ARTICLE[0]}\n{ARTICLE[0]}") == ["main", "main"]


def test_headlines_and_signs_have_no_label() -> None:
    """A headline that the gold text lacks, by markup or by name, and a line without words."""
    page = ["Ferry is back", "***", *ARTICLE]
    expected = ["headline", "no_words", "main", "main", "main"]
    assert labels(page, is_headline=[True, False, False, False, False]) == expected
    assert labels(page, title="Ferry is back!") == expected
    assert labels(page)[0] == "boilerplate"
    assert labels(page, f"Ferry is back\n{GOLD}", title="Ferry is back")[0] == "main"


def test_unspaced_scripts_count_characters() -> None:
    """Half of the runs of eight characters, where a character is a word."""
    gold = "渡轮于星期二中午抵达港口，船长对等候的人群说。"
    assert labels(["渡轮于星期二中午抵达港口", "港口新闻网站首页登录注册"], gold) == [
        "main",
        "boilerplate",
    ]


def test_coverage_is_what_the_page_shows() -> None:
    """A page that lacks most of its gold text is known by it."""
    assert label_lines(list(ARTICLE), "\n".join(ARTICLE))[1] == 1.0
    coverage = label_lines([ARTICLE[0]], "\n".join(ARTICLE))[1]
    assert coverage < 0.5
    assert not lines.is_covered(coverage)


# Systems


def failing(page: Request) -> str:
    """Fail as a peer may fail on a page."""
    message = f"cannot read {page.source}"
    raise RuntimeError(message)


def not_there() -> Callable[[Request], str]:
    """Load what is not installed."""
    import no_such_library_is_installed  # type: ignore[import-not-found]

    return no_such_library_is_installed  # type: ignore[no-any-return]


def test_systems_that_are_not_installed_are_named() -> None:
    """A peer that is not there is reported with what to do about it."""
    running, missing = load_systems([System("peer", ("peer",), not_there, "a hint")])
    assert running == []
    assert missing[0].name == "peer"
    assert "no_such_library" in missing[0].reason
    assert missing[0].install == "pip install -r benchmarks/requirements.txt (a hint)"


def test_errors_count_as_no_text() -> None:
    """A system that fails on a page has no text for it, and the error is kept."""
    ((peer,), _) = load_systems([System("peer", ("peer",), lambda: failing)])
    assert peer.failures == {}
    assert peer.run("a", Request("x", None, "en")) == ""
    assert peer.failures == {"a": "RuntimeError: cannot read x"}


def test_requirements_pin_every_peer() -> None:
    """Every distribution that a version is printed of has its version pinned."""
    text = (ROOT / "benchmarks" / "requirements.txt").read_text(encoding="utf-8")
    pinned = {line.split("==")[0].split("[")[0] for line in text.splitlines() if "==" in line[:40]}
    ours = {"cleaner", "lxml"}
    assert {name for system in systems.SYSTEMS for name in system.packages} - ours <= pinned


# Commands


def run(command: click.Command, *arguments: object) -> str:
    """Run a command; return what it printed."""
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_extraction_command(labelled: Path, tmp_path: Path) -> None:
    """The command scores the cleaner by both measures, and its results carry no paths."""
    target = tmp_path / "out.json"
    output = run(extraction.main, labelled, "--system", "clean", "--json", target)
    assert "two: 2 of 2 pages" in output
    text = target.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    report = json.loads(text)
    assert report["command"] == 'python -m benchmarks.extraction two --system "clean"'
    assert report["versions"]["clean"].startswith("cleaner source ")
    (result,) = report["sets"]
    assert result["measures"]["shingles"]["all"]["clean"]["recall"] == 1.0
    assert result["measures"]["snippets"]["languages"]["en"]["clean"]["f1"] == 1.0
    assert result["systems"]["clean"]["failures"] == {}


def test_outlets_are_compared(
    labelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages together are set against each alone, page by page, with the difference."""

    def clean_together(pages: list[sets.Page], as_text: bool) -> dict[str, str]:
        """Know a line for junk as soon as there are two pages."""
        junk = "" if len(pages) > 1 else "\nRead our other stories about harbours"
        return {page.id: f"{page.text}{junk}" for page in pages}

    monkeypatch.setattr(extraction, "clean_together", clean_together)
    target = tmp_path / "out.json"
    output = run(extraction.main, labelled, "--outlets", "--json", target)
    row = json.loads(target.read_text(encoding="utf-8"))["sets"][0]["outlets"]["harbour.example"]
    assert row["together"]["f1"] == 1.0
    assert row["f1_difference"] == pytest.approx(1 - row["alone"]["f1"], abs=1e-4)
    assert (row["num_better"], row["num_worse"]) == (2, 0)
    assert "2 better, 0 worse" in output


def test_lines_are_judged_as_text() -> None:
    """A verdict comes back for each line, also for lines that are alike."""
    page = ["Advertisement", *ARTICLE, "Advertisement"]
    kinds = [verdict.kind for verdict in judge_with_cleaner(page, "en")]
    assert kinds == ["advertisement", "main", "main", "main", "advertisement"]


def test_lines_are_counted_by_kind() -> None:
    """Main content kept is a hit; lines without a label count nowhere."""
    tally = Tally()
    page = [Line("wanted", "main"), Line("lost", "main"), Line("junk", "boilerplate")]
    page += [Line("left", "boilerplate"), Line("twice", "copy")]
    verdicts = [Verdict("main"), Verdict("legal", "r"), Verdict("legal", "r"), Verdict("main")]
    tally.add("en", page, {"clean": [*verdicts, Verdict("share")]})
    result = summarize(tally)
    scores = result["all"]["lines"]["clean"]
    assert (scores["precision"], scores["recall"]) == (0.5, 0.5)
    by_chars = result["all"]["chars"]["clean"]
    assert (by_chars["precision"], by_chars["recall"]) == (0.6, 0.6)
    assert result["kinds"] == {"legal": {"removed": 2, "main": 1, "main_chars": 4}}
    assert result["rules_that_hit_main"] == {"r": 1}
    assert result["lines"] == {"boilerplate": 2, "copy": 1, "main": 2}


def test_boilerplate_command(labelled: Path, by_hand: Path, tmp_path: Path) -> None:
    """The command labels the lines of pages and scores the cleaner on them as text."""
    target = tmp_path / "out.json"
    run(boilerplate.main, labelled, by_hand, "--json", target)
    report = json.loads(target.read_text(encoding="utf-8"))
    assert report["labelled"][0]["name"] == "by-hand"
    (result,) = report["sets"]
    assert result["lines"] == {"boilerplate": 4, "headline": 2, "main": 6}
    assert result["all"]["lines"]["clean"]["recall"] == 1.0
    assert result["all"]["lines"]["keep all"]["precision"] == 0.6
    assert result["pages_without_their_gold_text"] == []
    assert result["f1_of_main_lines"] == 1.0
    snippets = write_gold(labelled, {"id": "a", "with": ["old quay"], "without": []})
    refused = CliRunner().invoke(boilerplate.main, [str(snippets)])
    assert (refused.exit_code, "labels come from main texts" in refused.output) == (1, True)


def test_kinds_of_lines(by_hand: Path) -> None:
    """Each line has its verdict; one that the document lacks is named, and counts nowhere."""
    texts = read_labelled(by_hand)
    assert [(text.name, text.is_html) for text in texts] == [("ferry.html", True)]
    result = summarize_kinds(judge_labelled(texts))
    assert result["not_found"] == [{"name": "ferry.html", "line": "Not there"}]
    assert (result["all"]["main"], result["all"]["main_lost"]) == (3, 0)
    assert (result["all"]["junk"], result["all"]["junk_removed"]) == (2, 2)
    share = {"lines": 1, "removed": 1, "right_kind": 1, "given": 1, "precision": 1, "recall": 1}
    assert result["kinds"]["share"] == share
    assert result["kinds"]["legal"]["removed"] == 0


def test_texts_labelled_by_hand(tmp_path: Path) -> None:
    """Lines of texts are labelled by their numbers."""
    (tmp_path / "a.txt").write_text(f"{ARTICLE[0]}\n\nAdvertisement\n{ARTICLE[1]}\n", "utf-8")
    kinds_by_number = {"1": "main", "3": "advertisement", "4": "main"}
    gold: dict[str, Any] = {"texts": {"a.txt": {"language": "en", "lines": kinds_by_number}}}
    (tmp_path / "gold.json").write_text(json.dumps(gold), encoding="utf-8")
    (text,) = read_labelled(tmp_path)
    assert text.lines == (
        ("main", ARTICLE[0]),
        ("advertisement", "Advertisement"),
        ("main", ARTICLE[1]),
    )
    result = summarize_kinds(judge_labelled([text]))
    assert result["all"]["lines"]["f1"] == 1.0
    assert result["kinds"]["advertisement"]["right_kind"] == 1
    assert result["confusions"] == []
    (tmp_path / "a.txt").unlink()
    with pytest.raises(click.ClickException, match="is not there"):
        read_labelled(tmp_path)
    (tmp_path / "gold.json").write_text("{}", encoding="utf-8")
    with pytest.raises(click.ClickException, match="neither pages nor texts"):
        read_labelled(tmp_path)


def test_equal_lines_are_paired_by_kind_first() -> None:
    """As many of them as are main content are to be kept, whichever they are."""
    kept, gone = Verdict("main"), Verdict("related")
    pairs = kinds.pair_kinds(["navigation", "related", "main"], [kept, gone, kept])
    assert pairs == [("navigation", kept), ("related", gone), ("main", kept)]
    assert kinds.pair_kinds(["main", "main"], [gone]) == [
        ("main", gone),
        ("main", Verdict(kinds.NOT_FOUND)),
    ]


def test_document_is_updated(labelled: Path, tmp_path: Path) -> None:
    """Tables go between their markers; the rest of the document stays as it is."""
    results = []
    for command, name in ((extraction.main, "extraction"), (boilerplate.main, "boilerplate")):
        results.append(tmp_path / f"{name}.json")
        options = ["--system", "clean"] if name == "extraction" else []
        run(command, labelled, *options, "--json", results[-1])
    document = tmp_path / "quality.md"
    text = "By hand.\n<!-- extraction -->\nOutdated.\n<!-- /extraction -->\nMore.\n"
    document.write_text(text, encoding="utf-8")
    run(quality.main, results[0], "--date", "1 May", "--write", document)
    written = document.read_text(encoding="utf-8")
    assert written.startswith("By hand.\n<!-- extraction -->\nMeasured on 1 May with `python -m ")
    assert written.endswith("\n<!-- /extraction -->\nMore.\n")
    assert "\n| clean | " in written
    assert "Outdated" not in written
    result = CliRunner().invoke(
        quality.main, [*map(str, results), "--date", "1 May", "--write", str(document)]
    )
    assert result.exit_code == 1
    assert "needs the markers <!-- boilerplate -->" in result.output
    assert document.read_text(encoding="utf-8") == written


def test_document_has_all_markers() -> None:
    """docs/quality.md has a place for the tables of every benchmark."""
    text = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    for name in quality.RENDERERS:
        assert quality.replace_section(text, name, "new") != text
