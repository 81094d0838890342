"""The command `clean` as it is typed: what it prints where, and with which status it ends."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import cleaner
from cleaner.cli import main, summary

FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
COUNCIL = "The council voted on Monday to keep the old bridge open to buses for another winter."
NUMBERS = "".join(str(pow(3, number, 10**9 + 7)) for number in range(700))
"""Digits that do not compress, so that a cut falls into them."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a small seeds folder."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"courier/ferry.txt": f"Advertisement\n{FERRY}", "echo/copy.txt": FERRY,
                       "council.txt": COUNCIL}.items():  # fmt: skip
        path = tmp_path / "seeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def clean(*arguments: object, stdin: bytes | None = None) -> Result:
    """Run the command in this process; nothing is stripped that a terminal would be sent."""
    return CliRunner().invoke(main, [str(part) for part in arguments], input=stdin, color=True)


def refuse(*arguments: object) -> str:
    """Run a command that must end with status 2 and write nothing, and return its message."""
    before = sorted(Path().rglob("*"))
    result = clean(*arguments, "--workers", 1)
    assert (result.exit_code, result.stdout) == (2, ""), result.stderr
    assert sorted(Path().rglob("*")) == before
    return result.stderr


def test_profile_is_printed(here: Path) -> None:
    """`--profile` says what each stage cost, and changes nothing that is written."""
    result = clean("run", "--profile", "--quiet", "--memory", "512MB", "--output", "profiled")
    assert result.exit_code == 0, result.stderr
    rows = {line.split()[0]: line.split()[1:] for line in result.stderr.splitlines() if line}
    assert rows["stage"] == "calls wall s cpu s rows in rows out MB in MB out".split()
    assert rows["judge_documents"][3:5] == ["6", "6"]
    assert re.search(r"Peak memory: this process \d+ MB", result.stderr)
    assert clean("run", "--quiet").stderr == ""
    for name in ("corpus.jsonl", "ledger.parquet", "report.html", "manifest.json"):
        assert Path("profiled", name).read_bytes() == Path("cleaned", name).read_bytes()


def test_progress_without_a_terminal(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run says in a log how far it is, unless it is to be quiet."""
    monkeypatch.setattr(summary, "_LINE_SECONDS", 0)
    lines = clean("run").stderr.splitlines()
    for line in ("files read: 3 of 3", "reading and extracting: 3", "judging: 3 of 3"):
        assert line in lines
    assert any(line.startswith("writing the corpus: ") for line in lines)
    assert clean("run", "--quiet").stderr == ""


@pytest.mark.parametrize(
    ("size", "problem"), [("2", "'2' is no size"), ("1TB", "no size"), ("10MB", "too little")]
)
def test_sizes_that_mean_nothing_are_refused(here: Path, size: str, problem: str) -> None:
    """`--memory` takes a number with its unit, and not too small a one."""
    assert problem in refuse("run", "--memory", size)


def set_aside(output: str = "cleaned") -> dict[str, tuple[str, str]]:
    """Return reason and detail of what a run set aside, by source."""
    lines = (Path(output) / "rejected.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["source"]: (row["reason"], row["detail"]) for row in map(json.loads, lines)}


def run_beside(name: str, content: bytes) -> tuple[Result, tuple[str, str]]:
    """Run over seeds with one bad file in it: the run goes on, and the file is set aside."""
    (Path("seeds") / name).write_bytes(content)
    result = clean("run", "--workers", 1)
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    found = set_aside()
    (source,) = [source for source in found if source.startswith(f"seeds/{name}")]
    return result, found[source]


@pytest.mark.parametrize(
    ("command", "examples"),
    [
        ([], ["clean ARTICLES", "clean why harbour.txt:12"]),
        (["run"], ["clean run articles --output corpus", "zcat feed.jsonl.gz | clean run -"]),
        (["why"], ["clean why feed.jsonl#2:120-260"]),
        (["config"], ["clean config > cleaner.toml"]),
    ],
)
def test_help(command: list[str], examples: list[str]) -> None:
    """Each command explains itself with examples, on stdout, with status 0."""
    result = clean(*command, "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.strip() for line in result.stdout.splitlines()]
    for example in examples:
        assert any(line.startswith(example) for line in lines), example


def test_without_arguments(here: Path) -> None:
    """`clean` cleans seeds into cleaned, and `clean PATH` is `clean run PATH`."""
    result = clean()
    assert (result.exit_code, result.stdout) == (0, "")
    first = {path.name: path.read_bytes() for path in (here / "cleaned").iterdir()}
    assert "corpus.jsonl" in first
    for number, command in enumerate((["seeds"], ["run", "seeds"])):
        again = clean(*command, "--output", f"out{number}")
        assert again.exit_code == 0
        found = {path.name: path.read_bytes() for path in (here / f"out{number}").iterdir()}
        assert found == first
        assert again.stderr.replace(f"out{number}", "cleaned") == result.stderr


def test_summary(here: Path) -> None:
    """The summary on stderr counts documents, characters, outlets and clusters, and says where."""
    result = clean()
    total, kept = 2 * len(FERRY) + len("Advertisement\n") + len(COUNCIL), len(FERRY) + len(COUNCIL)
    assert f"2 of 3 documents and {kept:,} of {total:,} characters" in result.stderr
    assert "(view unique)" in result.stderr
    for outlet in ("courier", "echo", "council"):
        assert re.search(rf"^{outlet} +1 +[01] ", result.stderr, re.MULTILINE), outlet
    assert f"Characters removed: duplicate {len(FERRY)}, advertisement " in result.stderr
    assert "Clusters: 1 of kind copy (1 verified pairs)." in result.stderr
    assert result.stderr.endswith(
        "Corpus: cleaned/corpus.jsonl\nReport: cleaned/report.html\n"
        "In the terminal: clean report cleaned\n"
    )
    assert "Set aside" not in result.stderr


@pytest.mark.usefixtures("here")
def test_quiet() -> None:
    """With --quiet a run says nothing at all."""
    result = clean("--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_as_a_process(here: Path) -> None:
    """The command works as a process of its own: stdin in, nothing on stdout, status at the end."""
    command = [sys.executable, "-m", "cleaner"]
    feed = json.dumps({"body": FERRY, "site": "Courier"}).encode()
    done = subprocess.run(
        [*command, "run", "-", "--field", "text=body", "--field", "outlet=site"],
        input=feed, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert b"text=body" in done.stderr and b"Courier" in done.stderr
    (row,) = map(json.loads, (here / "cleaned/corpus.jsonl").read_text().splitlines())
    assert (row["text"], row["outlet"], row["source"]) == (FERRY, "Courier", "stdin#1")
    done = subprocess.run(
        [*command, "nowhere"], capture_output=True, check=False, timeout=60, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ") and "Traceback" not in done.stderr
    done = subprocess.run(
        [*command, "why", "stdin#1"], capture_output=True, check=False, timeout=60, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "kept" in done.stdout


@pytest.mark.usefixtures("here")
def test_terminal_is_not_obeyed() -> None:
    """Names in a feed, a path or a request cannot send commands to the terminal."""
    record = {"text": FERRY, "outlet": "Evil \x1b[2J\x9b2J\u202e [bold]", "x\x1b[31m": 1}
    Path("seeds/fe\x1b[31med.jsonl").write_text(json.dumps(record) + "\n")
    Path("seeds/no\x1b[31m.csv").write_text("a,b")
    for arguments in ([], ["seeds/fe\x1b[31md"], ["--field", "text=x\x1b[0m"], ["--strict"]):
        shown = clean(*arguments).stderr
        assert shown and {char for char in shown if not char.isprintable()} <= {"\n"}, arguments
    assert "Evil �[2J�2J� [bold]" in clean("--copies", "keep").stderr


@pytest.mark.usefixtures("here")
def test_refused_inputs() -> None:
    """A path with nothing to read is refused with status 2, the reasons, and a better guess."""
    Path("empty").mkdir()
    assert refuse("empty").startswith("Error: nothing to read in empty: no files but hidden or")
    assert "did you mean" in refuse("seed") and "seeds" in refuse("seed")
    assert refuse("nothing*.txt") == "Error: no file matches 'nothing*.txt'\n"
    Path("zero.txt").write_bytes(b"")
    assert "  zero.txt: empty_file: the file is empty\n" in refuse("zero.txt")
    Path("random.txt").write_bytes(bytes(range(256)) * 40)
    assert "  random.txt: binary_file: its bytes are no text" in refuse("random.txt")
    Path("page.html").write_text("<html><body><script>x</script></body></html>")
    assert refuse("page.html") == (
        "Error: no document with text was found in 1 files "
        "(page.html: no_text, there is no visible text in it)\n"
    )


@pytest.mark.usefixtures("here")
def test_parquet_without_text() -> None:
    """A table without a text column is refused if it was named, and set aside in a folder."""
    table = pa.table({"price": [1, 2], "code": ["a", "b"]})
    pq.write_table(table, "seeds/prices.parquet")
    message = "no field holds text or HTML; the fields are price, code; say which one does: "
    assert refuse("seeds/prices.parquet") == (
        f"Error: prices.parquet: {message}--field text=NAME\n"
    )
    result = clean()
    assert result.exit_code == 0
    assert set_aside() == {"seeds/prices.parquet": ("no_text_field", f"{message}--field text=NAME")}
    assert "set aside seeds/prices.parquet: no_text_field" in result.stderr
    assert "Set aside: 1 (no_text_field 1); see rejected.jsonl." in result.stderr


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("name", "content", "reason", "detail"),
    [
        ("random.txt", bytes(range(256)) * 40, "binary_file", "its bytes are no text"),
        ("b.jsonl", f'{{"text": "{COUNCIL[::-1]}"}}\n{{broken\n'.encode(), "broken_json",
         "Expecting property name"),
        ("cut.txt.gz", gzip.compress(f"{COUNCIL[::-1]}\n{NUMBERS}".encode(), mtime=0)[:-700],
         "truncated_file", "the gzip data breaks off after"),
        ("p.html", b"<html><body><img src=x></body></html>", "no_text", "no visible text"),
        ("half.warc", b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 900\r\n\r\nHTTP/1.1 200",
         "truncated_file", "the file ends after 12 of its 900 bytes"),
        ("t.parquet", b"PAR1 and no more", "broken_file", "no sound Parquet file"),
    ],
)  # fmt: skip
def test_bad_documents(name: str, content: bytes, reason: str, detail: str) -> None:
    """A bad file among good ones is set aside with a reason, counted and listed; others go on."""
    result, found = run_beside(name, content)
    assert found[0] == reason
    assert detail in found[1]
    assert f"{reason} 1" in result.stderr
    assert re.search(r"^[23] of [345] documents", result.stderr, re.MULTILINE)


@pytest.mark.usefixtures("here")
def test_unreadable_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that the system does not give is set aside; alone, it is refused."""
    real = Path.open

    def refuse_one(path: Path, *arguments: object, **options: object) -> object:
        if path.name == "ferry.txt":
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse_one)
    message = "unreadable_file: cannot be read: Permission denied"
    assert f"  ferry.txt: {message}\n" in refuse("seeds/courier/ferry.txt")
    assert clean().exit_code == 0
    assert set_aside()["seeds/courier/ferry.txt"] == tuple(message.split(": ", 1))


def test_broken_utf8(here: Path) -> None:
    """A text with a broken byte is read, and the repair is noted."""
    text = ("Überfähre " * 30 + FERRY).encode()
    (here / "broken.txt").write_bytes(text[:40] + b"\xff" + text[40:])
    assert clean("broken.txt").exit_code == 0
    (row,) = pq.read_table("cleaned/documents.parquet").to_pylist()
    assert row["text"].count("\ufffd") == 1
    assert row["notes"] != []


@pytest.mark.usefixtures("here")
def test_refused_outputs() -> None:
    """An output that cannot or must not be written is refused before any work."""
    Path("file").write_text("x")
    assert refuse("-o", "file") == "Error: file is a file; --output names a folder\n"
    assert refuse("-o", "file/below").startswith("Error: cannot write into file/below: Not a dir")
    assert refuse("-o", "seeds") == (
        "Error: seeds holds 3 files that are not from an earlier run (council.txt, courier, echo); "
        "choose another --output folder, or add --overwrite to write beside them\n"
    )
    assert clean("-o", "seeds", "--overwrite").exit_code == 0
    assert Path("seeds/council.txt").read_text() == COUNCIL


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--view", "ful"], "Invalid value for '--view': 'ful' is not one of 'unique', 'full', "),
        (["--workers", "0"], "Invalid value for '--workers': 0 is not in the range x>=1."),
        (["--veiw", "full"], "No such option"),
        (["--set", "match.num_prem=64"],
         "Error: options: there is no key 'match.num_prem'; did you mean 'match.num_perm'?\n"),
        (["--disable", "cue.adverti"], "Error: there is no rule 'cue.adverti' to disable"),
        (["--cues", "none.toml"], "none.toml"),
        (["--config", "none.toml"],
         "Error: cannot read the configuration none.toml: No such file or directory\n"),
        (["--set", "read.encoding=utf-99"],
         "Error: there is no encoding 'utf-99'; try utf-8 or windows-1252\n"),
    ],
)  # fmt: skip
def test_refused_options(arguments: list[str], message: str) -> None:
    """An option that means nothing ends with status 2 and a message, and nothing is written."""
    before = sorted(Path().rglob("*"))
    result = clean("run", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(Path().rglob("*")) == before


@pytest.mark.usefixtures("here")
def test_strict() -> None:
    """With --strict a bad document ends the run with status 2, and nothing is written."""
    assert clean("--strict", "--output", "fine").exit_code == 0
    Path("seeds/bad.jsonl").write_text(f'{{"text": "{FERRY}"}}\n{{broken\n')
    message = refuse("--strict")
    assert re.fullmatch(r"Error: seeds/bad\.jsonl#2: broken_json: .* \(strict\)\n",
                        message.splitlines(keepends=True)[-1])  # fmt: skip
    assert clean().exit_code == 0


def test_one_long_line(here: Path) -> None:
    """A document that is one line of megabytes is cleaned like any other, and kept whole."""
    text = " ".join(f"{COUNCIL} It was vote {number}." for number in range(10_000))
    assert len(text) > 1_000_000
    (here / "line.txt").write_text(text)
    result = clean("line.txt", "--passages", "keep", "--workers", 1)
    assert (result.exit_code, result.stdout) == (0, "")
    (row,) = map(json.loads, (here / "cleaned/corpus.jsonl").read_text().splitlines())
    assert row["text"] == text


ENDLESS = """
import signal
import sys
import pyarrow as pa
import cleaner.api
from cleaner.cli import main, summary

def count(engine, *rest):
    print("counting", flush=True)
    engine.sql("SELECT count(*) AS n FROM range(10000000) a, range(10000000) b "
               "WHERE (a.range * b.range) % 7 = 3",
               target="counted", schema=pa.schema([("n", pa.int64())]))

signal.signal(signal.SIGINT, signal.default_int_handler)  # A job in the background ignores it.
cleaner.api.write_outputs = count
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@pytest.mark.usefixtures("here")
def test_interrupt() -> None:
    """Ctrl-C ends a run inside a query with a word, status 130 and nothing left behind."""
    command = [sys.executable, "-c", ENDLESS, "--workers", "1"]
    package = {"PYTHONPATH": str(Path(cleaner.__file__).parent.parent)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, env=os.environ | package) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "counting\n"
        process.send_signal(signal.SIGINT)
        try:
            _, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == "Interrupted"
    assert "Traceback" not in stderr
    assert not Path("cleaned").exists()


@pytest.mark.usefixtures("here")
def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not raised on purpose is not dressed up as a message."""
    fail: Callable[..., object] = lambda *arguments, **options: 1 / 0  # noqa: E731
    monkeypatch.setattr("cleaner.api.write_outputs", fail)
    result = clean()
    assert isinstance(result.exception, ZeroDivisionError)
    assert result.exit_code == 1
    assert not Path("cleaned").exists()


def test_version() -> None:
    """The command says its version."""
    result = clean("--version")
    assert result.exit_code == 0
    assert re.fullmatch(r"clean, version \d+\.\d+\.\d+\n", result.stdout)
