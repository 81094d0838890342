"""The package as a library: one text, a corpus, the names that it offers."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cleaner
from cleaner import CleanedText, CleanerError, Config, clean_corpus, clean_text, plan_corpus
from cleaner.config import ReadConfig
from cleaner.errors import ConfigError, InputError, StrictRunError
from cleaner.model import Document, Rejection
from cleaner.reading import InputFile, read_documents

PROSE = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
LINES = st.lists(
    st.sampled_from(
        [PROSE, "Advertisement", "Share this article", "By Ann Lee", "", "  ", "Read more: Ferry",
         "Subscribe to our newsletter", "© 2024 Harbour Courier", "\t", "\r"]
    )
    | st.text(max_size=30),
    max_size=12,
).map("\n".join)  # fmt: skip


def check_spans(found: CleanedText) -> None:
    """See that spans cover the original exactly once, in order, and give the text."""
    at = 0
    for span in found.spans:
        assert span.begin == at < span.end
        assert span.kind and span.reason and span.rule
        at = span.end
    assert at == len(found.original)
    assert found.text == "".join(found.original[s.begin : s.end] for s in found.spans if s.kept)


@settings(max_examples=150)
@given(LINES)
def test_spans_cover_any_text(text: str) -> None:
    """Every character of a text is in exactly one span, and the kept ones are the result."""
    found = clean_text(text)
    assert found.original == text
    check_spans(found)
    assert found.text == found.text.strip("\n") or found.text.strip() == found.text


@settings(max_examples=40)
@given(LINES)
def test_spans_cover_any_page(text: str) -> None:
    """The spans of a page cover its visible text exactly once."""
    check_spans(clean_text(f"<article><p>{PROSE}</p>{text}</article>", html=True))


def test_clean_text() -> None:
    """Boilerplate of a text goes, and each span says what it is and by which rule."""
    found = clean_text(f"Advertisement\n{PROSE}\nShare this article", language="en")
    assert found.text == PROSE
    assert [span.kind for span in found.spans if span.kept] == ["main"]
    removed = {found.original[s.begin : s.end].strip(): s.kind for s in found.spans if not s.kept}
    assert removed["Advertisement"] == "advertisement"
    assert removed["Share this article"] == "share"


def test_clean_page() -> None:
    """A page gives its visible text as the original, and what it says of itself."""
    source = (
        "<html lang=en><head><title>Ferry late</title></head><body><nav><a href=/>Home</a></nav>"
        f"<article><h1>Ferry late</h1><p>{PROSE}</p></article></body></html>"
    )
    found = clean_text(source, html=True, url="https://news.example.com/a")
    assert "<p>" not in found.original and PROSE in found.original
    assert PROSE in found.text and "Home" not in found.text
    assert (found.title, found.language) == ("Ferry late", "en")
    assert found.url == "https://news.example.com/a"


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\n"])
def test_clean_nothing(text: str) -> None:
    """A text without a word has no main content and is covered all the same."""
    found = clean_text(text)
    assert (found.text, found.original) == ("", text)
    check_spans(found)
    assert clean_text(text, html=True) == CleanedText(original="", text="", spans=())


def test_lone_surrogates() -> None:
    """Half a character, which no file can hold, is replaced and no position moves."""
    found = clean_text(f"\ud83d{PROSE}")
    assert found.original == f"\ufffd{PROSE}"
    assert clean_text(f"<p>\udc00{PROSE}", html=True).original == f"\ufffd{PROSE}"


def test_switched_off_rule() -> None:
    """A rule that is switched off leaves its lines, and one that does not exist is refused."""
    text = f"Advertisement\n{PROSE}"
    (first, *_) = clean_text(text, language="en").spans
    assert (first.kept, first.kind) == (False, "advertisement")
    off = Config().replace(boilerplate={"disabled_rules": [first.rule]})
    assert all(span.rule != first.rule for span in clean_text(text, config=off).spans)
    wrong = Config().replace(boilerplate={"disabled_rules": [first.rule + "x"]})
    with pytest.raises(ConfigError) as caught:
        clean_text(text, config=wrong)
    assert str(caught.value) == (
        f"there is no rule {first.rule + 'x'!r} to disable; did you mean {first.rule!r}?"
    )


def test_clean_corpus(tmp_path: Path) -> None:
    """A run counts what it found, names what it wrote, and tells how far it is."""
    (tmp_path / "in" / "courier").mkdir(parents=True)
    (tmp_path / "in" / "courier" / "a.txt").write_text(f"Advertisement\n{PROSE}")
    (tmp_path / "in" / "b.txt").write_text(PROSE)
    (tmp_path / "in" / "table.csv").write_text("a,b")
    steps: list[tuple[str, int, int]] = []
    result = clean_corpus(
        [tmp_path / "in"], tmp_path / "out", workers=1, advance=lambda *step: steps.append(step)
    )
    assert (result.num_documents, result.num_kept_documents) == (2, 1)
    assert result.num_chars == 2 * len(PROSE) + len("Advertisement\n")
    assert result.num_kept_chars == len(PROSE)
    assert sum(result.removed.values()) == result.num_chars - result.num_kept_chars
    assert result.removed["duplicate"] == len(PROSE)
    assert dict(result.rejected) == {"unsupported_format": 1}
    assert dict(result.clusters) == {"copy": 1}
    assert [outlet.outlet for outlet in result.outlets] == ["b", "courier"]
    assert result.corpus == tmp_path / "out" / "corpus.jsonl"
    assert result.corpus.is_file() and result.report.is_file()
    assert steps[0] == ("read", 0, 2) and ("read", 2, 2) in steps
    assert ("texts", 2, 0) in steps and ("read corpus", 1, 1) in steps
    assert all(done <= total for stage, done, total in steps if stage != "texts")


def test_plan_is_used(tmp_path: Path) -> None:
    """A plan that was made before is carried out, whatever else is in the folder by then."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(PROSE)
    plan = plan_corpus([tmp_path / "in"], Config())
    (tmp_path / "in" / "b.txt").write_text("Another article, which came later than the plan did.")
    result = clean_corpus(["nowhere"], tmp_path / "out", workers=1, plan=plan)
    assert result.num_documents == 1


def test_inputs_that_vanish_or_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is gone, goes, or changes during a run is recorded; the others are cleaned."""
    folder = tmp_path / "in"
    folder.mkdir()
    text = "The council number {} voted for the tram line after a debate of nine long hours.\n"
    for number in range(4):
        (folder / f"a{number}.txt").write_text(text.format(number), encoding="utf-8")
    plan = plan_corpus(folder, Config())
    (folder / "a0.txt").unlink()

    def read(file: InputFile, config: ReadConfig) -> Iterator[Document | Rejection]:
        yield from read_documents(file, config)
        if file.label == "in/a1.txt":
            (folder / "a1.txt").unlink()
        if file.label == "in/a2.txt":
            (folder / "a2.txt").write_text("Something else.\n", encoding="utf-8")

    monkeypatch.setattr("cleaner.api.read_documents", read)
    result = clean_corpus(output=tmp_path / "out", workers=1, plan=plan)
    assert result.num_kept_documents == 3
    assert result.rejected == {"unreadable_file": 1, "changed_while_reading": 1}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    digests = {entry["label"]: entry.get("sha256") for entry in manifest["inputs"]}
    assert digests == {
        "in/a0.txt": None,
        **{
            f"in/a{number}.txt": hashlib.sha256(text.format(number).encode()).hexdigest()
            for number in range(1, 4)
        },
    }


def test_nothing_to_read(tmp_path: Path) -> None:
    """A corpus of nothing is refused with the reasons, and no folder is left."""
    (tmp_path / "page.html").write_text("<html><body><script>x</script></body></html>")
    with pytest.raises(InputError) as caught:
        clean_corpus([tmp_path / "page.html"], tmp_path / "out", workers=1)
    assert str(caught.value) == (
        "no document with text was found in 1 files "
        "(page.html: no_text, there is no visible text in it)"
    )
    assert not (tmp_path / "out").exists()


def warc_record(kind: str, head: str, body: str) -> str:
    """Make a record of an archive."""
    fields = f"WARC-Type: {kind}\r\n{head}Content-Length: {len(body.encode())}"
    return f"WARC/1.0\r\n{fields}\r\n\r\n{body}\r\n\r\n"


def test_strict(tmp_path: Path) -> None:
    """Strict stops at what was to be an article, not at a README or an archive's own records."""
    folder = tmp_path / "in"
    folder.mkdir()
    page = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>{PROSE}</p></html>"
    archive = warc_record("warcinfo", "", "software: x")
    archive += warc_record("response", "WARC-Target-URI: http://a.example.com/x\r\n", page)
    (folder / "a.warc").write_bytes(archive.encode())
    (folder / "README.md").write_text("about")
    result = clean_corpus([folder], tmp_path / "out", workers=1, strict=True)
    assert dict(result.rejected) == {"documentation_file": 1, "not_an_article_record": 1}
    (folder / "empty.html").write_text("<html><body></body></html>")
    with pytest.raises(StrictRunError) as caught:
        clean_corpus([folder], tmp_path / "new", workers=1, strict=True)
    assert str(caught.value) == "in/empty.html: no_text: there is no visible text in it (strict)"
    (folder / "broken.jsonl").write_text(f'{{"text": "{PROSE}"}}\n{{broken\n')
    with pytest.raises(StrictRunError, match=r"^in/broken\.jsonl#2: broken_json: .* \(strict\)$"):
        clean_corpus([folder], tmp_path / "new", workers=1, strict=True)
    assert not (tmp_path / "new").exists()
    assert clean_corpus([folder], tmp_path / "new", workers=1).num_rejected == 4


def test_all_requests_fail_alike(tmp_path: Path) -> None:
    """Whatever cannot be carried out raises the one error that callers catch."""
    with pytest.raises(CleanerError, match="nowhere"):
        clean_corpus([tmp_path / "nowhere"], tmp_path / "out")
    with pytest.raises(CleanerError, match="there is no rule 'x' to disable"):
        plan_corpus([tmp_path], Config().replace(boilerplate={"disabled_rules": ["x"]}))
    with pytest.raises(CleanerError, match=r"none\.toml"):
        plan_corpus([tmp_path], Config().replace(boilerplate={"cue_files": ["none.toml"]}))


def test_public_names() -> None:
    """`from cleaner import *` gives the public names, and no other name is there."""
    found: dict[str, object] = {}
    exec("from cleaner import *", found)
    assert sorted(name for name in found if not name.startswith("__")) == [
        "CleanedText", "CleanerError", "Config", "OutletResult", "RunResult", "TextSpan",
        "clean_corpus", "clean_text", "cluster_texts", "load_config", "plan_corpus",
    ]  # fmt: skip
    assert sorted(cleaner.__all__) == sorted(cleaner._HOMES)
    with pytest.raises(AttributeError, match="module 'cleaner' has no attribute 'nothing'"):
        _ = cleaner.nothing


def test_types_are_packaged() -> None:
    """The package says that it is typed, and the marker is among its data."""
    assert (resources.files("cleaner") / "py.typed").is_file()
    setup = (Path(__file__).parent.parent / "setup.cfg").read_text(encoding="utf-8")
    data = setup.partition("[options.package_data]")[2].partition("\n[")[0]
    assert "py.typed" in data.split()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["why", "--help"]])
def test_help_waits_for_no_library(arguments: list[str]) -> None:
    """Help is printed without numpy, Arrow, DuckDB or trafilatura."""
    code = (
        "import sys\nfrom cleaner.cli import main\n"
        f"try:\n    main({arguments!r}, prog_name='clean')\nexcept SystemExit as end:\n"
        "    heavy = {'numpy', 'pyarrow', 'duckdb', 'trafilatura', 'lxml'} & set(sys.modules)\n"
        "    print('heavy:', sorted(heavy), end.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[0].startswith("Usage: clean")
    assert done.stdout.splitlines()[-1] == "heavy: [] 0"


def test_an_input_is_never_written_over(tmp_path: Path) -> None:
    """A run into the folder that its input lies in is refused, whatever is asked for."""
    source = tmp_path / "corpus.jsonl"
    source.write_text('{"text": "The ferry reached the harbour at noon."}\n')
    with pytest.raises(CleanerError, match="is an input and lies in"):
        clean_corpus([tmp_path], tmp_path, overwrite=True, workers=1)
    assert source.read_text() == '{"text": "The ferry reached the harbour at noon."}\n'


@pytest.mark.parametrize("name", ["corpus-txt", "corpus-md", "report-data"])
def test_no_folder_of_inputs_is_replaced(tmp_path: Path, name: str) -> None:
    """A run that would put an output in place of a folder that holds inputs is refused."""
    (tmp_path / name / "bbc").mkdir(parents=True)
    source = tmp_path / name / "bbc" / "a.txt"
    source.write_text("The ferry reached the harbour at noon.\n")
    with pytest.raises(CleanerError, match="is an input and lies in"):
        clean_corpus([tmp_path / name], tmp_path, overwrite=True, workers=1)
    assert source.is_file()
