"""What is planned: files, labels, outlets, and requests that are refused."""

import io
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.config import ReadConfig
from cleaner.errors import InputError
from cleaner.model import Document
from cleaner.reading import ReadingPlan, plan_inputs, read_documents

DEFAULT = ReadConfig()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Make a folder with two outlets, a loose file, and things that are no articles."""
    root = tmp_path / "corpus"
    for name, text in {
        "bbc/one.txt": "One", "bbc/2024/two.txt": "Two", "cnn/one.txt": "Three",
        "loose.txt": "Four", "README.md": "About", "table.csv": "a,b", ".hidden.txt": "no",
        ".git/x.txt": "no", "records.jsonl": '{"text": "Five"}\n',
    }.items():  # fmt: skip
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def plan(*paths: object, config: ReadConfig = DEFAULT) -> ReadingPlan:
    """Plan some paths."""
    return plan_inputs([str(path) for path in paths], config)


def labels(*paths: object, config: ReadConfig = DEFAULT) -> list[str]:
    """List the labels of a plan."""
    return [file.label for file in plan(*paths, config=config).files]


ALL = [
    "corpus/bbc/2024/two.txt", "corpus/bbc/one.txt", "corpus/cnn/one.txt", "corpus/loose.txt",
    "corpus/records.jsonl",
]  # fmt: skip


def test_folder(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways to name a folder give the same plan; what is no article is set aside by name."""
    found = plan(corpus)
    assert [file.label for file in found.files] == ALL
    assert [(r.source, r.reason) for r in found.rejections] == [
        ("corpus/README.md", "documentation_file"),
        ("corpus/table.csv", "unsupported_format"),
    ]
    monkeypatch.chdir(corpus.parent)
    assert labels("./corpus/") == labels("corpus") == ALL
    monkeypatch.chdir(corpus)
    assert labels(".") == labels("bbc/..") == ALL


def test_outlets_by_layout(corpus: Path) -> None:
    """The first folder below the root is the outlet, else the name of the file."""
    assert [(file.outlet, file.outlet_from) for file in plan(corpus).files] == [
        ("bbc", "folder"), ("bbc", "folder"), ("cnn", "folder"), ("loose", "file"),
        ("records", "file"),
    ]  # fmt: skip


def test_overlaps_are_read_once(corpus: Path) -> None:
    """A file in a folder that is given too counts once, as part of the folder."""
    assert labels(corpus / "loose.txt", corpus, corpus / "bbc", corpus) == ALL
    (corpus / "zlink.txt").symlink_to(corpus / "loose.txt")
    assert len(labels(corpus)) == 5


def test_equal_names_are_told_apart(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only inputs whose names would be equal get the names of folders above."""
    monkeypatch.chdir(corpus)
    assert labels("bbc/one.txt") == ["one.txt"]
    assert labels("./bbc/one.txt", "cnn/one.txt", "loose.txt") == [
        "bbc/one.txt", "cnn/one.txt", "loose.txt",
    ]  # fmt: skip


def make_files(folder: Path, *names: str) -> None:
    """Write a text under each name."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("The ferry was late.", encoding="utf-8")


def test_folders_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels hold as many folders above as differ, wherever the inputs lie, however typed."""
    wanted = ["2023/news/a.txt", "2023/news/only.txt", "2024/news/a.txt", "other/a.txt"]
    for place in ("here", "there/deeper"):
        folder = tmp_path / place
        make_files(folder, *wanted)
        inputs = [folder / "2023/news", folder / "2024/news", folder / "other"]
        assert labels(*inputs) == wanted
        monkeypatch.chdir(folder / "2023")
        assert labels("news", "../2024/news", "../2024/../other") == wanted
    far = [tmp_path / "here/2023/news", tmp_path / "there/deeper/2023/news"]
    assert labels(*far) == [
        "deeper/2023/news/a.txt", "deeper/2023/news/only.txt",
        "here/2023/news/a.txt", "here/2023/news/only.txt",
    ]  # fmt: skip


def test_new_files_rename_no_others(tmp_path: Path) -> None:
    """Folders of one name are told apart also while no file of theirs shares its name."""
    make_files(tmp_path, "2023/news/a.txt", "2024/news/b.txt")
    inputs = (tmp_path / "2023/news", tmp_path / "2024/news")
    before = labels(*inputs)
    make_files(tmp_path, "2023/news/b.txt")
    assert set(before) == set(labels(*inputs)) - {"2023/news/b.txt"}


def test_labels_of_any_depth_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with folders above may be that of a file below another input, or of standard input."""
    make_files(tmp_path, "x/a/b.txt", "y/a/b.txt", "z/c/b.txt", "z/stdin")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"The ferry was late.")))
    given_paths = ("x/a", "y/a/b.txt", "z/c/b.txt", "z/stdin")
    assert labels("-", *(tmp_path / path for path in given_paths)) == [
        "c/b.txt", "stdin", "x/a/b.txt", "y/a/b.txt", "z/stdin",
    ]  # fmt: skip


def test_globs(corpus: Path) -> None:
    """Globs that the shell did not expand work, also through folders; brackets may be a name."""
    assert labels(f"{corpus}/*.txt") == ["loose.txt"]
    assert labels(f"{corpus}/**/t*.txt") == ["two.txt"]
    (corpus / "a[1].txt").write_text("a")
    assert labels(f"{corpus}/a[1].txt") == ["a[1].txt"]
    with pytest.raises(InputError, match=r"no file matches .*\*\.xyz"):
        plan(f"{corpus}/*.xyz")


@pytest.mark.parametrize(
    ("pattern", "num_files"),
    [("*.jsonl", 4), ("bbc/*", 3), ("bbc", 3), ("bbc/", 3), ("two.txt", 4), ("x", 5)],
)
def test_exclude(corpus: Path, pattern: str, num_files: int) -> None:
    """Patterns hit the path below the root, or the name, and leave no trace."""
    found = plan(corpus, config=ReadConfig(exclude=(pattern,)))
    assert (len(found.files), len(found.rejections)) == (num_files, 2)


def test_named_readme_is_read(corpus: Path) -> None:
    """What the user names is meant, alone and beside its folder."""
    assert labels(corpus / "README.md") == ["README.md"]
    assert labels(corpus, corpus / "README.md") == ["corpus/README.md", *ALL]


def test_link_loops_end(corpus: Path) -> None:
    """A link to a folder above is not followed for ever, and real paths come first."""
    (corpus / "aaa").symlink_to(corpus)
    (corpus / "bbc" / "up").symlink_to(corpus.parent)
    (corpus / "dead.txt").symlink_to(corpus / "nowhere")
    found = plan(corpus)
    assert [file.label for file in found.files] == ALL
    assert ("corpus/dead.txt", "unreadable_file") in [
        (r.source, r.reason) for r in found.rejections
    ]


def test_links_that_cannot_be_followed(corpus: Path) -> None:
    """A link to itself, and two in a circle, are set aside; the rest is read."""
    for name, target in (("self", "self"), ("one", "other"), ("other", "one")):
        (corpus / name).symlink_to(target)
    found = plan(corpus)
    assert [file.label for file in found.files] == ALL
    reasons = {r.source: r.reason for r in found.rejections}
    assert {reasons[f"corpus/{name}"] for name in ("self", "one", "other")} == {"unreadable_file"}


def test_pipes_do_not_block(corpus: Path) -> None:
    """A named pipe is set aside without being opened."""
    os.mkfifo(corpus / "pipe.txt")
    assert "unsupported_format" in [r.reason for r in plan(corpus).rejections if "pipe" in r.source]


def test_names_that_are_no_utf8(corpus: Path) -> None:
    """A file name of any bytes has a label that every table can hold."""
    Path(os.fsdecode(os.fsencode(corpus) + b"/\xff.txt")).write_text("a")
    assert labels(corpus)[-1] != "" and r"corpus/\xff.txt" in labels(corpus)


def test_no_two_inputs_share_a_label(tmp_path: Path) -> None:
    """A name that looks like a record of another file, or like odd bytes, is told from that."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text("a")
    for name in (r"\xff.txt", "a.jsonl#1", "a#b.txt"):
        (tmp_path / name).write_text("A ferry left.")
    (tmp_path / "a.jsonl").write_text('{"text": "A ferry left."}')
    found = plan_inputs([str(tmp_path)], ReadConfig())
    documents = [item for file in found.files for item in read_documents(file, ReadConfig())]
    sources = [document.source for document in documents]
    names = [source.partition("/")[2] for source in sources]
    assert names == [r"\x5cxff.txt", r"\xff.txt", "a#b.txt", "a.jsonl#1", r"a.jsonl\x231"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.permutations(["bbc", "cnn/one.txt", ".", "bbc/one.txt", "loose.txt", "b*"]))
def test_order_of_paths_does_not_matter(corpus: Path, names: list[str]) -> None:
    """The plan is the same however the paths are ordered."""
    assert plan(*(f"{corpus}/{name}" for name in names)) == plan(
        *(f"{corpus}/{name}" for name in sorted(names))
    )


def test_standard_input(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is told apart by content and read like a file without a name."""
    raw = b'{"body": "One"}\n{"body": "Two"}\n'
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    found = plan("-", corpus)
    file = found.files[-1]
    assert (file.path, file.label, file.format, file.outlet) == (None, "stdin", "jsonl", "stdin")
    items = list(read_documents(file, DEFAULT))
    assert [item.source for item in items] == ["stdin#1", "stdin#2"]
    assert items == list(read_documents(file, DEFAULT))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("corpsu", "there is no 'corpsu'; did you mean 'corpus'?"),
        ("corpus/lose.txt", "did you mean 'corpus/loose.txt'?"),
        ("corpsu/loose.txt", "did you mean 'corpus'?"),
        ("qqqqqqqq", "there is no 'qqqqqqqq'"),
        ("https://a.org/x", "nothing is fetched here"),
    ],
)
def test_missing_paths_are_guessed(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, path: str, message: str
) -> None:
    """A path that does not exist is refused, with the nearest name that there is."""
    monkeypatch.chdir(corpus.parent)
    with pytest.raises(InputError) as caught:
        plan(path)
    assert message in str(caught.value)


def test_nothing_to_read(tmp_path: Path) -> None:
    """No path, an empty folder and a folder of other things are refused, each saying why."""
    with pytest.raises(InputError, match="no input: give files or folders with text, HTML"):
        plan()
    with pytest.raises(InputError, match="no files but hidden or excluded ones; read are text"):
        plan(tmp_path)
    (tmp_path / "a.csv").write_text("a,b")
    with pytest.raises(InputError, match=r"a\.csv: unsupported_format: a table: export it"):
        plan(tmp_path)


def test_unknown_encoding_is_refused(corpus: Path) -> None:
    """An encoding that means nothing is no reason to guess."""
    with pytest.raises(InputError, match="there is no encoding 'utf-99'"):
        plan(corpus, config=ReadConfig(encoding="utf-99"))


def test_no_text_field(corpus: Path) -> None:
    """A file without text is refused if it was named, and set aside if it was met."""
    path = corpus / "bad.jsonl"
    path.write_text('{"words": ["a"], "n": 3}\n')
    detail = "the fields are words, n; say which one does: --field text=NAME"
    with pytest.raises(InputError, match=f"bad.jsonl: no field holds text or HTML; {detail}"):
        plan(path)
    [rejection] = [r for r in plan(corpus).rejections if r.reason == "no_text_field"]
    assert (rejection.source, detail in rejection.detail) == ("corpus/bad.jsonl", True)
    with pytest.raises(InputError, match=detail):
        plan(corpus, path)


def test_given_field_that_is_not_there(corpus: Path) -> None:
    """A field that no record of any file has is refused, with those that there are."""
    with pytest.raises(InputError) as caught:
        plan(corpus, config=ReadConfig(fields={"text": "txet"}))
    assert "no record has the field 'txet' (--field text=txet)" in str(caught.value)
    assert "did you mean 'text'?; the fields are text" in str(caught.value)


def test_given_field_may_come_late_or_in_one_file(corpus: Path) -> None:
    """A rare field is looked for beyond the sample; files without it are guessed at."""
    records = [{"text": "a"}] * 100 + [{"text": "a", "by": "Ann"}]
    (corpus / "late.jsonl").write_text("\n".join(map(json.dumps, records)))
    found = plan(corpus, config=ReadConfig(fields={"author": "by"}))
    by_label = {file.label: dict(file.fields) for file in found.files}
    assert by_label["corpus/late.jsonl"] == {"text": "text", "author": "by"}
    (corpus / "other.jsonl").write_text('{"text": "a", "byline": "Bo"}')
    found = plan(corpus, config=ReadConfig(fields={"author": "by"}))
    by_label = {file.label: dict(file.fields) for file in found.files}
    assert by_label["corpus/other.jsonl"] == {"text": "text", "author": "byline"}


def test_empty_and_binary_files(corpus: Path) -> None:
    """They are set aside with their reason."""
    (corpus / "e.txt").write_bytes(b"")
    (corpus / "b.txt").write_bytes(bytes(range(256)))
    (corpus / "e.json").write_text("[1]")
    reasons = {r.source: r.reason for r in plan(corpus).rejections}
    assert reasons["corpus/e.txt"] == "empty_file"
    assert reasons["corpus/b.txt"] == "binary_file"
    assert reasons["corpus/e.json"] == "empty_file"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_text_files_keep_their_text(tmp_path: Path, text: str) -> None:
    """Text that is written comes back as it was, whatever it is, unless it is another format."""
    text = f"A {text}\r\nb"
    (tmp_path / "a.txt").write_bytes(text.encode())
    [file] = plan(tmp_path / "a.txt").files
    [document] = read_documents(file, DEFAULT)
    assert isinstance(document, Document)
    if file.format == "text" and "mojibake repaired" not in document.notes:
        assert document.payload == text.replace("\r\n", "\n")
