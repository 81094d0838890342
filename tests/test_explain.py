"""`clean why`: what became of a part of an input, asked in every way, from the output alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner.api import clean_corpus
from cleaner.cli import main
from cleaner.errors import LookupFailedError
from cleaner.explain import explain, find_rejections

FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
COUNCIL = "The council voted on Monday to keep the old bridge open to buses for another winter."
URL = "https://news.example.com/ferry"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean a few articles; one has sequences that a terminal would obey."""
    root = tmp_path_factory.mktemp("why")
    articles = root / "in"
    for outlet in ("a", "b"):
        (articles / outlet).mkdir(parents=True)
        (articles / outlet / "same.txt").write_text(f"{COUNCIL} Said paper {outlet} of its own.")
    evil = "\x1b[31mred \x1b]0;title\x07 \x9b2J \u202eback \x08"
    records = [
        {"id": "1", "text": f"Advertisement\n\n{FERRY}", "url": URL, "date": "2024-01-02"},
        {"id": "2", "text": FERRY, "outlet": "Other \x1b[2J", "date": "2024-01-03"},
        {"id": "3", "text": f"{evil} {COUNCIL[::-1]}", "outlet": "Evil"},
    ]
    lines = "\n".join(json.dumps(record) for record in records)
    (articles / "feed.jsonl").write_text(lines + "\n")
    (articles / "empty.txt").write_text("")
    (articles / "na\x1b[31mme.txt").write_text(FERRY.replace("Tuesday", "Friday") + " It rained.")
    clean_corpus([articles], root / "out", workers=1)
    return root / "out"


def why(output: Path, *arguments: str) -> Result:
    """Run the command as if on a terminal: click would strip some sequences for a pipe."""
    return CliRunner().invoke(main, ["why", *arguments, "--output", str(output)], color=True)


def test_by_every_name(output: Path) -> None:
    """The beginning of an id, a source, the end of one and a URL all name the document."""
    expected = explain(output, "in/feed.jsonl#1")
    document_id = expected.document["document_id"]
    for name in (document_id, document_id[:4], "feed.jsonl#1", URL):
        assert explain(output, name) == expected
    assert (expected.begin, expected.end) == (0, len(f"Advertisement\n\n{FERRY}"))
    assert expected.spans[0]["kind"] == "advertisement"
    with pytest.raises(LookupFailedError, match="no document is called"):
        explain(output, document_id[:3])  # Too short to be meant as an id.


def test_spans_cover_the_part(output: Path) -> None:
    """The spans of a part cover it exactly once, cut to it."""
    whole = explain(output, "feed.jsonl#1")
    assert whole.spans[0]["begin"] == 0 and whole.spans[-1]["end"] == whole.end
    part = explain(output, "feed.jsonl#1:5-30")
    assert (part.begin, part.end) == (5, 30)
    assert [span["begin"] for span in part.spans] == [5, *(s["end"] for s in part.spans[:-1])]
    assert part.spans[-1]["end"] == 30
    line = explain(output, "feed.jsonl#1:3")
    assert whole.document["text"][line.begin : line.end] == FERRY
    assert {span["kind"] for span in explain(output, "feed.jsonl#1:1").spans} == {"advertisement"}
    blank = explain(output, "feed.jsonl#1:2")
    assert (blank.begin, blank.end) == (14, 15)


def test_url_with_a_place(output: Path) -> None:
    """A colon in a name is not taken for a place, and a place may follow it."""
    assert explain(output, f"{URL}:0-13").end == 13


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("same.txt", "'same.txt' could be 2 documents: in/a/same.txt, in/b/same.txt; give more of "
         "it"),
        ("feed.jsonl", "'feed.jsonl' could be 3 documents: in/feed.jsonl#1, in/feed.jsonl#2, "
         "in/feed.jsonl#3; give more of it"),
        ("in/fed.jsonl#2", "no document is called 'in/fed.jsonl#2', by id, source or URL; did you "
         "mean in/feed.jsonl#2?"),
        ("zzzzzzzz:4", "no document is called 'zzzzzzzz', by id, source or URL"),
        ("feed.jsonl#1:0-9999", "feed.jsonl#1:0-9999: the text has 134 characters; begin must be "
         "below end"),
        ("feed.jsonl#1:5-5", "feed.jsonl#1:5-5: the text has 134 characters; begin must be below "
         "end"),
        ("feed.jsonl#1:0", "feed.jsonl#1:0: the text has lines 1 to 3"),
        ("feed.jsonl#1:4", "feed.jsonl#1:4: the text has lines 1 to 3"),
    ],
)  # fmt: skip
def test_not_found(output: Path, target: str, message: str) -> None:
    """A name or place that is not there ends with status 2 and says what there is."""
    message = message.replace("134", str(len(f"Advertisement\n\n{FERRY}")))
    result = why(output, target)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: {message}\n"


def test_last_position_and_line(output: Path) -> None:
    """The last line and the last character can be asked for."""
    end = len(f"Advertisement\n\n{FERRY}")
    assert explain(output, f"feed.jsonl#1:{end - 1}-{end}").spans[0]["end"] == end
    assert explain(output, "feed.jsonl#1:3").end == end


def test_no_run(tmp_path: Path) -> None:
    """A folder without a run is refused with the way out."""
    result = why(tmp_path, "x")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"Error: there is no run in {tmp_path}; run `clean` first, or say where with --output\n"
    )


def test_text_output(output: Path) -> None:
    """Each span is shown with its fate, kind, reason, rule and beginning, and its partner."""
    result = why(output, "feed.jsonl#2")
    assert (result.exit_code, result.stderr) == (0, "")
    head, span, partner, excerpt = result.stdout.splitlines()
    assert head.startswith("in/feed.jsonl#2  ")
    assert span == (
        f"{0:>7}-{len(FERRY):<7} removed duplicate: copy_of_document (rule resolve.copy score 1.00)"
    )
    assert partner.strip().startswith("also in in/feed.jsonl#1:")
    assert partner.endswith("similarity 1.00")
    assert excerpt.strip() == f"| {FERRY[:75]}…"


@pytest.mark.parametrize("target", ["feed.jsonl#3", "na\x1b[31mme.txt", "nothing \x1b[31m"])
def test_terminal_is_not_obeyed(output: Path, target: str) -> None:
    """No control or reversing character of an article, a name or a request is printed."""
    result = why(output, target)
    shown = result.stdout + result.stderr
    assert shown and {char for char in shown if not char.isprintable()} <= {"\n"}
    if target == "feed.jsonl#3":
        assert "�[31mred �]0;title� ›2J �back" in shown  # Reading repairs the mojibake.


def test_json_output(output: Path) -> None:
    """JSON has the source and each span with its text; it is plain ASCII."""
    result = why(output, "feed.jsonl#1:0-40", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.isascii()
    found = json.loads(result.stdout)
    assert found["source"] == "in/feed.jsonl#1"
    assert "".join(span["text"] for span in found["spans"]) == f"Advertisement\n\n{FERRY}"[:40]
    assert found["spans"][0]["reason"] and found["spans"][0]["rule"]
    assert "\x1b" not in why(output, "feed.jsonl#3", "--json").stdout


def test_input_that_was_set_aside(output: Path) -> None:
    """Of an input that was set aside the command says why, and a name in use comes first."""
    result = why(output, "empty.txt")
    assert (result.exit_code, result.stdout) == (
        0,
        "in/empty.txt  set aside: empty_file, the file is empty\n",
    )
    assert json.loads(why(output, "empty.txt", "--json").stdout)["reason"] == "empty_file"
    assert why(output, "feed.jsonl").exit_code == 2


def test_rejections_of_odd_names(tmp_path: Path) -> None:
    """A line of the file is one, though the name in it holds what Unicode calls a line's end."""
    rows = [
        {"source": name, "reason": "unsupported_format", "detail": ""}
        for name in ("corpus/u\u2028x.pdf", "corpus/b\x85.pdf", "corpus/c.pdf")
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "rejected.jsonl").write_text(lines, encoding="utf-8")
    assert find_rejections(tmp_path, "c.pdf") == rows[2:]
    assert find_rejections(tmp_path, "nosuch") == []
