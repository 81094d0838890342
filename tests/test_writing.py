"""What a run leaves in its folder: whole files of one run, the same bytes from everywhere."""

import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Callable
from importlib.metadata import requires
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.api import clean_corpus
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.errors import OutputError
from cleaner.writing import OutputFolder, outputs, tables
from cleaner.writing.corpus import COPIES_SQL, mark_cuts
from cleaner.writing.tables import CLUSTER_MEMBERS, describe_clusters

FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump.\n\nNobody on the quay would say who had last looked at the pump."
)
COUNCIL = (
    "The council voted on Monday to keep the old bridge open to buses, although its own engineers "
    "had asked for it to be closed before the winter."
)
RECORDS = [
    {"id": "../../etc/passwd", "title": "</script><b>x\"\n---\nid: 1", "text": FERRY,
     "outlet": "../outlet", "url": "https://a.example.com/../../x"},
    {"id": "CON", "title": "", "text": COUNCIL + " It was 7 to 5.", "outlet": "B: [c]"},
    {"id": "a\u0000b/c", "title": "ü" * 300, "text": FERRY.replace("noon", "midday"),
     "outlet": "zeta"},
]  # fmt: skip


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Make a folder with records whose fields are hostile, a text and a page."""
    folder = tmp_path / "articles"
    folder.mkdir()
    lines = [json.dumps(record) for record in RECORDS]
    (folder / "feed.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "harbour.txt").write_text(f"Advertisement\n{COUNCIL}\n", encoding="utf-8")
    page = f"<html><body><h1>Late</h1><article><p>{COUNCIL} So it was.</p></article></body></html>"
    (folder / "page.html").write_text(page, encoding="utf-8")
    return folder


def run(articles: Path, folder: Path, **sections: Any) -> dict[str, bytes]:
    """Clean a folder, and return what was written."""
    clean_corpus([articles], folder, config=Config().replace(**sections), workers=1)
    return snapshot(folder)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files below a folder by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


FILES = {
    "clusters.jsonl", "corpus.jsonl", "documents.parquet", "ledger.parquet", "manifest.json",
    "matches.parquet", "outlets.parquet", "rejected.jsonl", "report.html", "bridges.parquet",
}  # fmt: skip


def test_files_and_manifest(articles: Path, tmp_path: Path) -> None:
    """The folder holds what the manifest lists, with the digests that the manifest gives."""
    found = run(articles, tmp_path / "out")
    assert set(found) == FILES
    manifest = json.loads(found["manifest.json"])
    assert set(manifest["outputs"]) == FILES - {"manifest.json"}
    for name, described in manifest["outputs"].items():
        assert described["sha256"] == hashlib.sha256(found[name]).hexdigest(), name
        assert described["bytes"] == len(found[name]), name
    assert manifest["configuration_digest"] == Config().digest
    needed = {re.split("[<>=]", line)[0] for line in requires("cleaner") or [] if ";" not in line}
    assert {"click", "duckdb", "google-re2", "resiliparse", "tld"} <= needed
    assert needed <= set(manifest["libraries"]) <= needed | {"tomli", "zlib"}
    assert manifest["libraries"]["duckdb"] == duckdb.__version__
    assert manifest["libraries"]["zlib"] == zlib.ZLIB_RUNTIME_VERSION
    inputs = {entry["label"]: entry for entry in manifest["inputs"]}
    assert list(inputs) == ["articles/feed.jsonl", "articles/harbour.txt", "articles/page.html"]
    for label, entry in inputs.items():
        raw = (articles.parent / label).read_bytes()
        assert entry["sha256"] == hashlib.sha256(raw).hexdigest()
        assert entry["bytes"] == len(raw)
    assert manifest["counts"]["documents"] == 5


def test_folder_of_files_in_manifest(articles: Path, tmp_path: Path) -> None:
    """A corpus of many files has the digest of its files one after the other, by name."""
    found = run(articles, tmp_path / "out", output={"format": "txt"})
    names = sorted(name for name in found if name.startswith("corpus-txt/"))
    described = json.loads(found["manifest.json"])["outputs"]["corpus-txt"]
    whole = b"".join(found[name] for name in names)
    assert described == {
        "bytes": len(whole), "files": len(names), "sha256": hashlib.sha256(whole).hexdigest(),
    }  # fmt: skip


def test_formats_hold_the_same_texts(articles: Path, tmp_path: Path) -> None:
    """JSONL, Parquet, text and Markdown differ in their form alone."""
    view = {"view": "full"}
    lines = run(articles, tmp_path / "jsonl", output=view)["corpus.jsonl"].decode().splitlines()
    records = [json.loads(line) for line in lines]
    assert len(records) == 5
    run(articles, tmp_path / "parquet", output=view | {"format": "parquet"})
    assert pq.read_table(tmp_path / "parquet/corpus.parquet").to_pylist() == records
    texts = run(articles, tmp_path / "txt", output=view | {"format": "txt"})
    notes = run(articles, tmp_path / "md", output=view | {"format": "md"})
    for record in records:
        text, title = record.pop("text"), record["title"]
        plain = text if title is None or title in text else f"{title}\n\n{text}"
        assert texts[f"corpus-txt/{record['id']}.txt"].decode() == plain + "\n"
        head, _, body = notes[f"corpus-md/{record['id']}.md"].decode().partition("\n---\n\n")
        assert body == text + "\n"
        marker, *fields = head.split("\n")
        assert marker == "---"
        found = {key: json.loads(value) for key, _, value in (f.partition(": ") for f in fields)}
        assert found == {key: value for key, value in record.items() if value not in (None, [])}


def test_dropped_copies_list_no_outlets() -> None:
    """What is looked up of copies grows with what the corpus shows, not with copies by outlets."""
    names = [f"d{number}" for number in range(30)]
    tables = {
        "texts": [{"document_id": name, "outlet": f"outlet of {name}"} for name in names],
        "members": [{"document_id": n, "cluster_id": "c", "level": "document"} for n in names],
        "ledger": [
            {"document_id": name, "kept": name == "d0", "begin": begin}
            for name in names
            for begin in range(2)
        ],
    }
    with LocalEngine(workers=1) as engine:
        for name, rows in tables.items():
            batch = pa.RecordBatch.from_pylist(rows)
            engine.write(name, [batch], batch.schema)
        found = engine.rows(COPIES_SQL)
    assert {row["document_id"] for row in found} == {"d0"}
    assert sorted(row["outlet"] for row in found) == sorted(f"outlet of {name}" for name in names)


COPIED = [
    ("a", "Courier", "2024-10-17T23:00:00Z", 1.0),
    ("b", "Ledger", "2024-10-18", 0.9),
    ("c", "Courier", "2024-10-20", 0.7),
    ("d", "Courier", None, 0.8),
]


def describe(
    members: list[tuple[str, str, str | None, float]], level: str = "sentence"
) -> dict[str, Any]:
    """Describe a cluster of documents by id, outlet, date and similarity; the first represents."""
    rows = [
        {"cluster_id": "c", "level": level, "relation": "passage", "document_id": name}
        | {"outlet": outlet, "published": published, "similarity": similarity, "num_chars": 9}
        | {"is_representative": name == members[0][0], "text": f"text of {name}"}
        for name, outlet, published, similarity in members
    ]
    batch = pa.RecordBatch.from_pylist(rows, schema=CLUSTER_MEMBERS)
    (cluster,) = describe_clusters([batch], Config())
    return cluster


def test_clusters_say_where_and_when_they_ran() -> None:
    """Copies are counted by outlet, and days from the first date to the last, both included."""
    cluster = describe(COPIED)
    assert (cluster["num_members"], cluster["num_outlets"]) == (4, 2)
    assert cluster["copies"] == [
        {"outlet": "Courier", "num_copies": 3},
        {"outlet": "Ledger", "num_copies": 1},
    ]
    assert cluster["outlets"] == ["Courier", "Ledger"]
    assert (cluster["first_published"], cluster["last_published"], cluster["num_days"]) == (
        "2024-10-17T23:00:00Z",
        "2024-10-20",
        4,
    )
    assert describe(COPIED[:1] + COPIED[3:])["num_days"] == 1
    assert describe([(name, outlet, None, 1.0) for name, outlet, *_ in COPIED])["num_days"] is None


def test_cohesion_is_that_of_the_other_members() -> None:
    """The representative is as similar to itself as can be, which says nothing of a cluster."""
    cluster = describe(COPIED)
    assert (cluster["min_similarity"], cluster["median_similarity"]) == (0.7, 0.8)
    cluster = describe(COPIED[:3])
    assert (cluster["min_similarity"], cluster["median_similarity"]) == (0.7, 0.8)
    assert describe(COPIED[:2])["median_similarity"] == 0.9


@pytest.mark.parametrize(("level", "text"), [("sentence", "text of a"), ("document", None)])
def test_clusters_are_of_documents_or_passages(level: str, text: str | None) -> None:
    """Each says of which; the text of a passage is given."""
    cluster = describe(COPIED, level)
    assert (cluster["level"], cluster["text"]) == (level, text)


SAID = "Nobody had seen the pump. It was old."
KEPT, CUT, GONE = (True, "is_main"), (False, "repeated_passage"), (False, "is_share")
MARKED = [
    ([("One.", KEPT), (" Cut.", CUT), (" Two.", KEPT)], "One. [1] Two."),
    ([("One.", KEPT), (f" {SAID}", CUT), (" Two.", KEPT)], "One. [2] Two."),
    ([("One.", KEPT), (" Cut.", CUT), (" Cut.", CUT), ("\nTwo.", KEPT)], "One. [2]\nTwo."),
    ([("One.", KEPT), ("\n\nCut.", CUT), (" Cut.", CUT), (" Two.", KEPT)], "One.\n\n[2] Two."),
    ([("One.", KEPT), (" Cut.", CUT), ("\n\nCut.", CUT), (" Two.", KEPT)], "One. [2]\n\nTwo."),
    ([("Cut.", CUT), ("\nOne.", KEPT)], "[1]\nOne."),
    ([("One.", KEPT), ("\nCut.\n", CUT)], "One.\n[1]"),
    ([("One.", KEPT), ("\nShare", GONE), ("\nCut.", CUT)], "One.\n[1]"),
    ([("Cut.", CUT), ("\nShare", GONE), ("\nCut.", CUT), (" One.", KEPT)], "[2]\nOne."),
    ([("One.", KEPT), ("\nShare", GONE), ("\nTwo.", KEPT)], "One.\nTwo."),
    ([("一。", KEPT), ("二。", CUT), ("三。", KEPT)], "一。[1]三。"),
]


@pytest.mark.parametrize(("pieces", "shown"), MARKED)
def test_stubs_stand_where_text_was_cut(
    pieces: list[tuple[str, tuple[bool, str]]], shown: str
) -> None:
    """What follows each other is one stub, and the white space around it is what stood there."""
    text = "".join(part for part, _ in pieces)
    spans: list[dict[str, Any]] = []
    partners = {}
    for part, (is_kept, reason) in pieces:
        begin = spans[-1]["end"] if spans else 0
        spans.append({"begin": begin, "end": begin + len(part), "unique": is_kept})
        if reason == "repeated_passage":
            partners[begin] = {"outlet": "a", "published": None}
    marked = mark_cuts({"text": text, "language": "en"}, spans, "unique", partners)
    for number in (1, 2):
        sentences = "1 sentence" if number == 1 else f"{number} sentences"
        marked = marked.replace(f"[{sentences} shared with a]", f"[{number}]")
    assert marked == shown


def test_two_partners_have_two_stubs() -> None:
    """Each stub says where its own sentences stand."""
    spans = [{"begin": at, "end": at + 5, "unique": at == 0} for at in (0, 5, 10)]
    partners = {
        5: {"outlet": "a", "published": "2024-10-17"},
        10: {"outlet": "b", "published": None},
    }
    marked = mark_cuts({"text": "One. Two. Six.", "language": None}, spans, "unique", partners)
    assert marked == ("One. [1 sentence shared with a, 2024-10-17] [1 sentence shared with b]")


REPORT = (
    "Fishermen gathered at the gate before dawn and asked where their boats should lie now. "
    "Nobody in the valley had ever seen such a crowded orchard before the first frost came."
)
TAKEN = [
    {"id": "1", "outlet": "Early [x]\nCourier", "date": "2024-10-17",
     "text": f"{REPORT}\n{COUNCIL}"},
    {"id": "2", "outlet": "Ledger", "date": "2024-10-18", "text": f"{FERRY} {REPORT} It rained."},
    {"id": "3", "outlet": "Standard", "text": f"{REPORT}\n\nAfter the concert the orchestra gave "
     "its violins to the museum for safe keeping there, as the committee had hoped."},
]  # fmt: skip


@pytest.mark.parametrize("view", ["unique", "originals"])
def test_stubs_are_in_the_corpus_alone(tmp_path: Path, view: str) -> None:
    """With stubs the corpus says what was cut; all other tables stay as they are without."""
    feed = tmp_path / "feed.jsonl"
    feed.write_text("".join(f"{json.dumps(record)}\n" for record in TAKEN), encoding="utf-8")
    plain = run(feed, tmp_path / "plain", output={"view": view})
    found = run(feed, tmp_path / "marked", output={"view": view, "stubs": True})
    texts = [json.loads(line)["text"] for line in found["corpus.jsonl"].splitlines()]
    stub = "[2 sentences shared with Early (x) Courier, 2024-10-17]"
    assert [text.count(stub) for text in texts] == [0, 1, 1]
    assert f"at the pump. {stub} It rained." in texts[1]
    assert texts[2].startswith(f"{stub}\n\nAfter")
    without = [json.loads(line)["text"] for line in plain["corpus.jsonl"].splitlines()]
    assert without == [text.replace(f"{stub} ", "").removeprefix(f"{stub}\n\n") for text in texts]
    differing = {name for name in found if found[name] != plain[name]}
    assert differing == {"corpus.jsonl", "manifest.json"}


@pytest.mark.parametrize("view", ["unique", "originals"])
def test_stubs_go_in_the_next_run(tmp_path: Path, view: str) -> None:
    """A run over a corpus with stubs removes them and nothing else; the one after it nothing."""
    feed = tmp_path / "feed.jsonl"
    feed.write_text("".join(f"{json.dumps(record)}\n" for record in TAKEN), encoding="utf-8")
    plain = run(feed, tmp_path / "0", output={"view": view})
    output = {"view": view, "stubs": True}
    run(feed, tmp_path / "1", output=output)
    texts = {}
    for number in (2, 3):
        found = run(
            tmp_path / f"{number - 1}" / "corpus.jsonl", tmp_path / f"{number}", output=output
        )
        texts[number] = [json.loads(line)["text"] for line in found["corpus.jsonl"].splitlines()]
        ledger = pq.read_table(tmp_path / f"{number}" / "ledger.parquet").to_pylist()
        removed = {(row["kind"], row["rule"]) for row in ledger if not row["unique"]}
        assert removed - {("whitespace", "white_space")} == (
            {("notice", "stub_of_earlier_run")} if number == 2 else set()
        )
    without = [json.loads(line)["text"] for line in plain["corpus.jsonl"].splitlines()]
    assert texts == {2: without, 3: without}


@pytest.mark.parametrize("kind", ["txt", "md"])
def test_hostile_names_name_no_file(articles: Path, tmp_path: Path, kind: str) -> None:
    """Files are named by our ids, whatever ids, titles and outlets an input gives."""
    before = {path.name for path in tmp_path.iterdir()}
    found = run(articles, tmp_path / "out", output={"format": kind, "view": "full"})
    names = [name for name in found if name.startswith("corpus-")]
    assert len(names) == 5
    for name in names:
        stem = name.removeprefix(f"corpus-{kind}/").removesuffix(f".{kind}")
        assert len(stem) == 20 and set(stem) <= set("0123456789abcdef"), name
    assert {path.name for path in tmp_path.iterdir()} == before | {"out"}


@pytest.mark.parametrize("kind", ["jsonl", "md"])
def test_same_bytes_from_everywhere(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Twice, from another folder, in another order, elsewhere: the output is the same bytes."""
    config = Config().replace(output={"format": kind})
    files = [articles / name for name in ("feed.jsonl", "harbour.txt", "page.html")]
    clean_corpus(files, tmp_path / "one", config=config, workers=1)
    first = snapshot(tmp_path / "one")
    clean_corpus(files, tmp_path / "one", config=config, workers=2)
    assert snapshot(tmp_path / "one") == first
    clean_corpus(files[::-1], tmp_path / "x" / "two", config=config, workers=1)
    assert snapshot(tmp_path / "x" / "two") == first
    (tmp_path / "elsewhere").mkdir()
    copied = [shutil.copy(file, tmp_path / "elsewhere") for file in files]
    monkeypatch.chdir(tmp_path / "elsewhere")
    clean_corpus([Path(file).name for file in copied], "out", config=config, workers=1)
    assert snapshot(tmp_path / "elsewhere" / "out") == first


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_pool_writes_the_same_bytes(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """A run over a pool of processes, in batches of two rows, leaves the same bytes."""
    from cleaner.engines import local

    first = run(articles, tmp_path / "one", output={"format": form})
    monkeypatch.setattr(local, "_INLINE_BYTES", 0)
    monkeypatch.setattr(local, "_BATCH_ROWS", 2)
    assert run(articles, tmp_path / "two", output={"format": form}) == first


@given(st.lists(st.integers(0, 7), max_size=6))
def test_batches_do_not_matter_to_parquet(sizes: list[int]) -> None:
    """The rows of a table lie in groups of one size, however they came."""
    schema = pa.schema([("number", pa.int64())])
    rows = pa.table({"number": range(sum(sizes))}, schema)
    ends = [sum(sizes[: at + 1]) for at in range(len(sizes))]
    parts = [rows.slice(end - size, size) for end, size in zip(ends, sizes, strict=True)]
    batches = [batch for part in parts for batch in part.to_batches()]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_GROUP_ROWS", 3)
        path = Path(folder) / "t.parquet"
        tables.write_parquet(batches, path, schema)
        file = pq.ParquetFile(path)
        groups = [file.read_row_group(at) for at in range(file.num_row_groups)]
    assert [group.num_rows for group in groups[:-1]] == [3] * max(0, len(groups) - 1)
    assert all(group.num_rows for group in groups)
    assert [n for group in groups for n in group["number"].to_pylist()] == list(range(sum(sizes)))


def test_stale_outputs_go(articles: Path, tmp_path: Path) -> None:
    """What an earlier run wrote and this one does not is removed; harmless files stay."""
    out = tmp_path / "out"
    run(articles, out, output={"format": "txt"})
    (out / "README.md").write_text("about")
    (out / ".gitignore").write_text("*")
    found = run(articles, out, output={"format": "parquet"})
    assert set(found) == FILES - {"corpus.jsonl"} | {"corpus.parquet", "README.md", ".gitignore"}
    assert found["README.md"] == b"about"


def test_manifest_names_only_files_of_its_folder(articles: Path, tmp_path: Path) -> None:
    """A manifest that lists files elsewhere removes nothing there."""
    out = tmp_path / "out"
    run(articles, out)
    (tmp_path / "precious.txt").write_text("stay")
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["outputs"] |= {"../precious.txt": {}, str(tmp_path / "precious.txt"): {}, "..": {}}
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert set(run(articles, out)) == FILES
    assert (tmp_path / "precious.txt").read_text() == "stay"


def test_foreign_files(articles: Path, tmp_path: Path) -> None:
    """A folder with files of somebody else's is refused; with overwrite they stay as they were."""
    out = tmp_path / "out"
    (out / "photos").mkdir(parents=True)
    for name in ("a.doc", "b.doc", "photos/c.jpg"):
        (out / name).write_text("precious")
    with pytest.raises(OutputError) as caught:
        clean_corpus([articles], out, workers=1)
    assert str(caught.value) == (
        f"{out} holds 3 files that are not from an earlier run (a.doc, b.doc, photos); "
        "choose another --output folder, or add --overwrite to write beside them"
    )
    assert set(snapshot(out)) == {"a.doc", "b.doc", "photos/c.jpg"}
    clean_corpus([articles], out, workers=1, overwrite=True)
    found = snapshot(out)
    assert set(found) == FILES | {"a.doc", "b.doc", "photos/c.jpg"}
    assert {found[name] for name in ("a.doc", "b.doc", "photos/c.jpg")} == {b"precious"}


@pytest.mark.parametrize(
    "manifest", ['{"tool": "other", "outputs": {"a.doc": {}}}', '{"outputs": {"a.doc": {}}}',
                 "[]", "{", '{"tool": "cleaner", "outputs": 5}'],
)  # fmt: skip
def test_foreign_manifest(tmp_path: Path, manifest: str) -> None:
    """A manifest of another tool, or a broken one, makes no file ours."""
    (tmp_path / "manifest.json").write_text(manifest)
    (tmp_path / "a.doc").write_text("precious")
    with pytest.raises(OutputError, match="holds 2 files that are not from an earlier run"):
        OutputFolder(tmp_path)


def test_output_is_a_file(articles: Path, tmp_path: Path) -> None:
    """A file in place of the output folder is refused, and stays."""
    (tmp_path / "out").write_text("precious")
    with pytest.raises(OutputError, match=r"out is a file; --output names a folder$"):
        clean_corpus([articles], tmp_path / "out", workers=1)
    with pytest.raises(OutputError, match=r"^cannot write into .*: Not a directory; choose an"):
        clean_corpus([articles], tmp_path / "out" / "below", workers=1)
    assert (tmp_path / "out").read_text() == "precious"


def fail_with(error: Exception) -> Callable[..., Any]:
    """Return a function that raises."""

    def fail(*arguments: object, **options: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("step", ["Report", "write_json_lines", "write_corpus"])
def test_failure_leaves_the_old_run(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A bug in the middle of writing leaves the last run whole, and nothing beside it."""
    out = tmp_path / "out"
    before = run(articles, out)
    (articles / "more.txt").write_text("One more article that was not there before, it says.")
    monkeypatch.setattr(outputs, step, fail_with(ZeroDivisionError("bug")))
    with pytest.raises(ZeroDivisionError):
        run(articles, out)
    assert snapshot(out) == before
    assert {path.name for path in out.iterdir()} == FILES


def test_full_disk(articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the system refuses to write, that is said, and no folder is left."""
    problem = OSError(28, "No space left on device")
    monkeypatch.setattr(outputs, "write_corpus", fail_with(problem))
    with pytest.raises(OutputError) as caught:
        run(articles, tmp_path / "new" / "out")
    assert str(caught.value) == (
        f"cannot write into {tmp_path / 'new' / 'out'}: No space left on device; "
        "choose another --output folder"
    )
    assert not (tmp_path / "new").exists()


def test_folders_that_were_there_stay(tmp_path: Path) -> None:
    """A folder that was empty before a failed run is there after it; one that was made is not."""
    OutputFolder(tmp_path).discard()
    assert list(tmp_path.iterdir()) == []
    folder = OutputFolder(tmp_path / "a" / "b")
    (tmp_path / "a" / "other.txt").write_text("came in between")
    folder.discard()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["other.txt"]


def test_commit_is_last(tmp_path: Path) -> None:
    """Before the commit nothing stands under its final name; after it, nothing else does."""
    out = tmp_path / "out"
    folder = OutputFolder(out)
    folder.write("corpus.jsonl", lambda path: path.write_text("one") and None)
    assert all(path.name.startswith(".cleaner") for path in out.iterdir())
    assert len(list(out.iterdir())) == 2
    folder.commit({"tool": "cleaner"})
    assert set(snapshot(out)) == {"corpus.jsonl", "manifest.json"}
    assert len(list(out.iterdir())) == 2


def test_links_are_replaced_not_followed(tmp_path: Path) -> None:
    """A link under the name of one of our files is replaced; what it points to stays."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "a.txt").write_text("precious")
    (tmp_path / "out").mkdir()
    os.symlink(tmp_path / "theirs", tmp_path / "out" / "corpus-txt")
    folder = OutputFolder(tmp_path / "out", overwrite=True)
    folder.write("corpus-txt", lambda path: path.mkdir())
    folder.commit({"tool": "cleaner"})
    assert (tmp_path / "theirs" / "a.txt").read_text() == "precious"
    assert not (tmp_path / "out" / "corpus-txt").is_symlink()


def test_tables_say_their_version(articles: Path, tmp_path: Path) -> None:
    """The tables carry the version of their schema, and texts in them are whole."""
    run(articles, tmp_path / "out")
    for name in ("documents", "ledger", "matches", "bridges"):
        metadata = pq.read_schema(tmp_path / f"out/{name}.parquet").metadata
        assert (metadata[b"schema_version"], metadata[b"tool"]) == (b"1", b"cleaner")
    documents = pq.read_table(tmp_path / "out/documents.parquet").to_pylist()
    assert documents[0]["text"] == FERRY
    spans = pq.read_table(tmp_path / "out/ledger.parquet").to_pylist()
    for document in documents:
        mine = [row for row in spans if row["document_id"] == document["document_id"]]
        assert [row["begin"] for row in mine] == [0, *(row["end"] for row in mine[:-1])]
        assert mine[-1]["end"] == len(document["text"])


def test_clusters_name_their_members(articles: Path, tmp_path: Path) -> None:
    """Each cluster has its representative first, says why, and gives the passage itself."""
    found = run(articles, tmp_path / "out")
    clusters = [json.loads(line) for line in found["clusters.jsonl"].decode().splitlines()]
    assert {cluster["relation"] for cluster in clusters} >= {"copy"}
    for cluster in clusters:
        first, *others = cluster["members"]
        assert (first["is_representative"], first["document_id"]) == (
            True, cluster["representative"],
        )  # fmt: skip
        assert not any(member["is_representative"] for member in others)
        assert cluster["num_members"] == len(cluster["members"]) >= 2
        assert cluster["why"]
        assert (cluster["text"] is None) is (cluster["relation"] == "copy")


def test_interrupted_commit_is_known_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run killed while files are moved leaves a manifest that says so; the next one goes on."""
    folder = OutputFolder(tmp_path)
    folder.write("corpus.jsonl", lambda path: path.write_text("one") and None)
    folder.write("matches.parquet", lambda path: path.write_text("two") and None)
    replace = os.replace

    def die(source: Path, target: Path) -> None:
        if Path(target).name == "matches.parquet":
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        folder.commit({"tool": "cleaner"})
    monkeypatch.undo()
    folder.discard()
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert (manifest["complete"], sorted(manifest["outputs"])) == (
        False,
        ["corpus.jsonl", "matches.parquet"],
    )
    again = OutputFolder(tmp_path)
    again.commit({"tool": "cleaner"})
    assert set(snapshot(tmp_path)) == {"manifest.json"}


def test_one_run_writes_at_a_time(tmp_path: Path) -> None:
    """A second run into a folder is refused while the first one is at it, and not after."""
    first = OutputFolder(tmp_path)
    with pytest.raises(OutputError, match="another run is writing"):
        OutputFolder(tmp_path)
    first.discard()
    OutputFolder(tmp_path).discard()


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    """A folder that a killed run worked in goes with the next run."""
    (tmp_path / ".cleaner-left").mkdir()
    (tmp_path / ".cleaner-left" / "corpus.jsonl").write_text("half")
    OutputFolder(tmp_path).discard()
    assert list(tmp_path.iterdir()) == []
