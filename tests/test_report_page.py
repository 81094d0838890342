"""The page: articles stay data whatever they say, nothing is loaded, every chunk is somewhere."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from report_pages import (
    COUNCIL,
    INERT,
    RECORDS,
    Page,
    decode,
    read_page,
    read_table,
    run,
    write_records,
    write_text,
)

from cleaner.api import clean_corpus
from cleaner.config import Config
from cleaner.engines import local
from cleaner.report import REPORT, REPORT_DATA, chunks, page
from cleaner.report.chunks import distribute

FRONTEND = Path(page.__file__).parent / "frontend"
BUILT = Path(page.__file__).parent / "built"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style></noscript></textarea></template><script>alert(1)</script>",
    "</script></div></body></html><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "<!--<script>",
    "]]><svg/onload=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=//evil.example'>",
    "javascript:alert(1)",
    "{{7*7}}{% include '/etc/passwd' %}{{ self.__init__.__globals__ }}{# gone #}${7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#60;script&#62;",
    "\u202egnp.exe\u2066 \u202a",
    "\x00\x08\x0c\x1b[31m\x7f\x85",
    "\ud800 lone \udfff",
    "\u2028\u2029\ufeff\ufffe\uffff",
    "\U0001d11e\U0010ffff e\u0301",
]
INDEXES = {"documents", "clusters"}
MAIN_ONLY = {"overview", "outlets", "threshold", "judging"}


def name_chunks(main: Page) -> set[str]:
    """Return the names of all chunks of a report, as its indexes have them."""
    firsts = {
        "texts": main.decode("documents")["chunks"],
        "members": main.decode("clusters")["chunks"],
        "pairs": main.decode("threshold")["chunks"],
    }
    details = {f"{kind}-{at}" for kind, found in firsts.items() for at in range(len(found))}
    return details | INDEXES | MAIN_ONLY


def frame(of: Page) -> list[Any]:
    """Return what of a page is not a chunk."""
    elements = [
        (element.tag, element.attributes, element.text.strip())
        for element in of.elements
        if element.attributes.get("type") != INERT
    ]
    return [*elements, "".join(of.others)]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over articles that have something of all."""
    return run(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def main(output: Path) -> Page:
    """Its page."""
    return read_page(output / REPORT)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over articles every field of which wants to be more than text."""
    records: list[dict[str, str | None]] = [
        dict.fromkeys(("id", "title", "outlet", "author", "url", "date", "language"), text)
        | {"text": f"{text} {write_text(at)} {text}\n{COUNCIL}\n{write_text(50 + at)}{text}"}
        for at, text in enumerate(HOSTILE)
    ]
    folder = tmp_path_factory.mktemp("hostile") / '"><svg onload=alert(1)>'
    folder.mkdir()
    feed = write_records(folder / "<img src=x onerror=alert(1)>.jsonl", records)
    with feed.open("a", encoding="utf-8") as file:
        file.write('{"text": "</script><script>alert(1)</script>"\n')
    config = Config().replace(output={"quality": False})
    return clean_corpus([folder], folder.parent / "out", config=config, workers=1).output


def test_chunks_are_all_there(main: Page) -> None:
    """Every chunk that the indexes speak of is in the page, and can be decoded."""
    assert set(main.chunks) == name_chunks(main)
    texts = main.decode("texts-0")
    assert len(main.decode("documents")["id"]) == len(texts) == len(RECORDS) - 1
    assert len(main.decode("clusters")["id"]) == len(main.decode("members-0")) == 3
    assert main.decode("threshold")["numPairs"] == len(main.decode("pairs-0")) == 4
    overview = main.decode("overview")
    assert (overview["elsewhere"], overview["mainPage"]) == ({}, None)
    assert overview["sizes"] == {"clustersElsewhere": 0, "documentsElsewhere": 0}


def test_only_our_script_runs(main: Page) -> None:
    """The policy names the digests of the one script and the one style sheet, and no more."""
    (style,) = main.find("style")
    scripts = [element for element in main.find("script") if not element.attributes]
    inert = [element for element in main.find("script") if element.attributes]
    assert [script.text for script in scripts] == [(BUILT / "report.js").read_text("utf-8")]
    assert style.text == (BUILT / "report.css").read_text("utf-8")
    assert {element.attributes["type"] for element in inert} == {INERT}
    assert {frozenset(element.attributes) for element in inert} == {frozenset({"type", "id"})}
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (scripts[0].text, style.text)
    ]
    (policy,) = (
        element.attributes["content"]
        for element in main.find("meta")
        if element.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digests[0]}'; style-src 'sha256-{digests[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_loaded(main: Page) -> None:
    """No element and no style names an address, and the script cannot end early."""
    assert [element.attributes["href"] for element in main.find("link")] == ["data:,"]
    for element in main.elements:
        assert not {"src", "srcset", "style", "action", "srcdoc"} & set(element.attributes)
        assert not [name for name in element.attributes if name.startswith("on")]
    style, script = ((BUILT / name).read_text("utf-8") for name in ("report.css", "report.js"))
    assert not re.search(r"@import|url\(|</style", style, re.IGNORECASE)
    assert not re.search(r"</script|<script|<!--", script, re.IGNORECASE)
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|importScripts)\b", script)


def test_hostile_articles(main: Page, hostile: Path) -> None:
    """Whatever articles say, nothing but chunks of base64 differs in the page."""
    found = read_page(hostile / REPORT)
    assert frame(found) == frame(main)
    assert set(found.chunks) == name_chunks(found)
    for chunk in found.chunks.values():
        assert re.fullmatch("[A-Za-z0-9+/]+={0,2}", chunk)
    raw = (hostile / REPORT).read_bytes()
    assert not [
        text for text in HOSTILE if text.encode(errors="replace") in raw.split(b"<body>")[1]
    ]


def test_hostile_articles_are_whole(hostile: Path) -> None:
    """What the page holds of each article is what the tables hold, to the character."""
    found = read_page(hostile / REPORT)
    index, details = found.decode("documents"), found.decode("texts-0")
    rows = {row["document_id"]: row for row in read_table(hostile, "documents")}
    assert len(rows) == len(HOSTILE)
    assert set(index["id"]) == set(rows)
    for number, name in enumerate(index["id"]):
        assert details[number]["text"] == rows[name]["text"]
        for column in ("title", "source", "url", "published", "language"):
            assert index[column][number] == rows[name][column]
    overview = found.decode("overview")
    outlets = [overview["outlets"][number]["outlet"] for number in index["outlet"]]
    assert outlets == [rows[name]["outlet"] for name in index["id"]]
    assert [row["reason"] for row in overview["rejections"]] == ["broken_json"]


def set_sizes(patch: pytest.MonkeyPatch, chunk_bytes: int, page_bytes: int) -> list[int]:
    """Make chunks and pages small; return a list of what sizes are then asked for."""
    asked: list[int] = []

    def distribute_little(details: Any, max_bytes: int, folder: str) -> chunks.Distribution:
        asked.append(max_bytes)
        return distribute(details, page_bytes, folder)

    patch.setattr(chunks, "CHUNK_BYTES", chunk_bytes)
    patch.setattr(chunks, "PART_RATIO", 1)
    patch.setattr(page, "distribute", distribute_little)
    return asked


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """A run of which a page holds few chunks, each of one thing; and the size asked for."""
    with pytest.MonkeyPatch.context() as patch:
        asked = set_sizes(patch, 1, 3000)
        folder = run(tmp_path_factory.mktemp("parts"), output={"max_report_megabytes": 7})
    return folder, asked


def test_parts_hold_what_the_page_does_not(parts: tuple[Path, list[int]], main: Page) -> None:
    """Every page says of every chunk that it does not hold where it is, and there it is."""
    folder, asked = parts
    paths = [folder / REPORT, *sorted((folder / REPORT_DATA).iterdir())]
    pages = {path.resolve(): read_page(path) for path in paths}
    first = pages[paths[0].resolve()]
    names = name_chunks(first)
    assert asked == [7_000_000]
    assert len(pages) > 3
    assert {name for name in names if name.startswith("texts")} == {
        f"texts-{number}" for number in range(len(RECORDS) - 1)
    }
    for path, found in pages.items():
        elsewhere = found.decode("overview")["elsewhere"]
        assert set(found.chunks) & set(elsewhere) == set()
        assert set(found.chunks) | set(elsewhere) == names
        assert set(found.chunks) >= INDEXES
        for name, place in elsewhere.items():
            assert name in pages[(path.parent / place).resolve()].chunks
        details = set(found.chunks) - INDEXES - MAIN_ONLY
        size = sum(len(found.chunks[name]) for name in details)
        assert size <= 3000 or len(details) == 1
    for path, found in list(pages.items())[1:]:
        overview = found.decode("overview")
        assert (path.parent / overview["mainPage"]).resolve() == paths[0].resolve()
        assert set(found.chunks) & MAIN_ONLY == {"overview"}
    assert first.decode("overview")["mainPage"] is None


def test_parts_are_in_the_manifest(parts: tuple[Path, list[int]], output: Path) -> None:
    """The pages beside the page are outputs of the run; where there are none, so is no folder."""
    outputs = json.loads((parts[0] / "manifest.json").read_text())["outputs"]
    files = sorted((parts[0] / REPORT_DATA).iterdir())
    whole = b"".join(file.read_bytes() for file in files)
    assert outputs[REPORT_DATA] == {
        "bytes": len(whole), "files": len(files), "sha256": hashlib.sha256(whole).hexdigest(),
    }  # fmt: skip
    assert not (output / REPORT_DATA).exists()
    assert REPORT_DATA not in json.loads((output / "manifest.json").read_text())["outputs"]


def test_parts_say_the_same(parts: tuple[Path, list[int]], main: Page) -> None:
    """Pages put together hold what the one page holds, and say how much of it is in others."""
    first = read_page(parts[0] / REPORT)
    found = dict(first.chunks)
    for path in sorted((parts[0] / REPORT_DATA).iterdir()):
        found |= {n: chunk for n, chunk in read_page(path).chunks.items() if n not in MAIN_ONLY}
    for kind in ("texts", "members", "pairs"):
        numbers = sorted(int(name.split("-")[1]) for name in found if name.startswith(f"{kind}-"))
        listed = [chunks_of for at in numbers for chunks_of in decode_chunk(found, kind, at)]
        assert listed == main.decode(f"{kind}-0")
    held = [name.split("-")[0] for name in first.chunks]
    assert first.decode("overview")["sizes"] == {
        "clustersElsewhere": 3 - held.count("members"),
        "documentsElsewhere": len(RECORDS) - 1 - held.count("texts"),
    }
    assert 0 < held.count("texts") < len(RECORDS) - 1


def decode_chunk(found: dict[str, str], kind: str, at: int) -> Any:
    """Return what a chunk of details says."""
    return decode(found[f"{kind}-{at}"])


def test_same_bytes_whatever_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inputs in another order, in batches of two rows, for more workers, give the same pages."""
    set_sizes(monkeypatch, 1, 3000)
    files = [
        write_records(tmp_path / name, records)
        for name, records in (("a.jsonl", RECORDS[:5]), ("b.jsonl", RECORDS[5:]))
    ]
    config = Config().replace(output={"quality": False})
    found = []
    for inputs, workers in ((files, 1), (files[::-1], 2)):
        result = clean_corpus(inputs, tmp_path / f"{workers}", config=config, workers=workers)
        paths = [result.report, *sorted((result.output / REPORT_DATA).iterdir())]
        found.append({path.name: path.read_bytes() for path in paths})
        monkeypatch.setattr(local, "_BATCH_ROWS", 2)
    assert len(found[0]) > 2
    assert found[0] == found[1]


def test_limits(tmp_path: Path, main: Page) -> None:
    """Of more clusters than are asked for the largest are shown, with the documents they need."""
    limits = {"max_report_clusters": 2, "max_report_documents": 6}
    found = read_page(run(tmp_path, output=limits) / REPORT)
    whole, listed = main.decode("clusters"), found.decode("clusters")
    assert listed["id"] == whole["id"][:2]
    index = found.decode("documents")
    needed = {
        main.decode("documents")["id"][row[0]]
        for rows in main.decode("members-0")[:2]
        for row in rows
    }
    assert len(index["id"]) == 6
    assert needed < set(index["id"])
    members = found.decode("members-0")
    assert {index["id"][row[0]] for rows in members for row in rows} == needed
    overview = found.decode("overview")
    assert (overview["numClusters"], overview["numDocuments"]) == (3, len(RECORDS) - 1)
    assert found.decode("outlets") == main.decode("outlets")
    assert found.decode("threshold")["curve"] == main.decode("threshold")["curve"]


def test_limit_below_what_clusters_need(tmp_path: Path) -> None:
    """The documents of shown clusters are there whatever the limit; pairs of others are not."""
    limits = {"max_report_clusters": 1, "max_report_documents": 1}
    found = read_page(run(tmp_path, output=limits) / REPORT)
    assert found.decode("documents")["source"] == ["feed.jsonl#1", "feed.jsonl#2"]
    assert [row[2:6] for row in found.decode("pairs-0")] == [["copy", "document", 84, 1]]
    assert [pair["why"] for pair in found.decode("judging")["pairs"]] == ["sample"]
    assert found.decode("threshold")["curve"][0]["pairs"] == 4


def test_next_to_nothing(tmp_path: Path, main: Page) -> None:
    """A run that keeps nothing, without clusters and pairs, has a page too."""
    found = read_page(run(tmp_path, [{"text": "Advertisement"}]) / REPORT)
    assert frame(found) == frame(main)
    assert set(found.chunks) == INDEXES | MAIN_ONLY | {"texts-0"}
    assert found.decode("clusters")["id"] == found.decode("threshold")["chunks"] == []
    assert found.decode("judging")["pairs"] == []
    assert [step["count"] for step in found.decode("overview")["documentSteps"]] == [1, 1, 0, 0]


def test_files_are_there(output: Path, main: Page, parts: tuple[Path, list[int]]) -> None:
    """The page names every file of the run but itself."""
    for folder, found in ((output, main), (parts[0], read_page(parts[0] / REPORT))):
        names = [file["name"] for file in found.decode("overview")["files"]]
        assert sorted(names) == sorted({path.name for path in folder.iterdir()} - {REPORT})


def test_words_for_rules(output: Path, main: Page) -> None:
    """Every rule in the ledger is explained, and no rule of another run is."""
    rules = {row["rule"] for row in read_table(output, "ledger")}
    words = main.decode("overview")["wording"]["rules"]
    assert set(words) <= rules
    assert {rule for rule in rules if not rule.startswith("resolve.")} - set(words) == {
        "running_text"
    }
    assert all(words.values())


def digest_sources() -> str:
    """Return the digest of the front end's sources, as its build makes it."""
    names = sorted(
        path.relative_to(FRONTEND).as_posix()
        for path in FRONTEND.rglob("*")
        if path.is_file()
        and not {"node_modules", ".gitignore"} & set(path.relative_to(FRONTEND).parts)
    )
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (FRONTEND / name).read_bytes() + b"\0")
    return digest.hexdigest()


@pytest.mark.parametrize("name", ["report.js", "report.css"])
def test_build_is_current(name: str) -> None:
    """What is in the page was built from the sources beside it (`npm run build`)."""
    banner, _, rest = (BUILT / name).read_text("utf-8").partition("\n")
    assert banner == f"/* {digest_sources()} */"
    assert len(rest) > 1000


def test_licences() -> None:
    """Every package in the bundle comes with its licence, in the version that is locked."""
    texts = (BUILT / "LICENSES.txt").read_text("utf-8").split(f"\n{'-' * 80}\n\n")
    heads = [text.partition("\n\n") for text in texts]
    found = {head.rpartition(" (")[0] for head, _, _ in heads}
    packages = json.loads((FRONTEND / "package.json").read_text("utf-8"))
    locked = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))["packages"]
    needed = {f"{name} {version}" for name, version in packages["dependencies"].items()}
    assert needed - found == set()
    known = {
        f"{path.rpartition('node_modules/')[2]} {package['version']}"
        for path, package in locked.items()
        if path and not package.get("dev")
    }
    assert found - known == set()
    assert all(re.search(r"\bcopyright\b", text, re.IGNORECASE) for _, _, text in heads)
