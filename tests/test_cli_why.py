"""`clean why --text`: the text itself, with what became of each part of it."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cleaner.api import clean_corpus
from cleaner.cli import main, stdout
from cleaner.cli import why as cli_why
from cleaner.cli.why import _COLOURS, _FATES
from cleaner.explain import explain
from cleaner.model import BOILERPLATE_KINDS, DUPLICATE, TRUNCATED
from cleaner.report.terminal_ribbon import FATES, join_spans, lay_ribbon, list_fates
from cleaner.words import find_words

FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
COUNCIL = "The council voted on Monday to keep the old bridge open to buses for another winter."
LONG = " ".join(
    f"Sentence {number} of the report says that the {noun} was moved to the {place} in spring."
    for number, (noun, place) in enumerate(
        zip("lamp bell crane rope anchor clock statue organ".split(),
            "mole hill yard school market tower park chapel".split(), strict=True)
    )
)  # fmt: skip
EVIL = "\x1b[31mred \x1b]0;title\x07 \x9b2J \u202eback \x08 [bold]:smile:"
COLOURS = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "80"}
PLAIN = {"FORCE_COLOR": None, "NO_COLOR": None, "COLUMNS": "80"}
SGR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean a few articles: a copy, boilerplate, a long one, and a hostile one."""
    root = tmp_path_factory.mktemp("why")
    records = [
        {"text": "\n\n".join(("Advertisement", FERRY, "Advertisement", "Advertisement")),
         "date": "2024-01-02"},
        {"text": FERRY, "date": "2024-01-03"},
        {"text": f"{EVIL} {COUNCIL[::-1]}", "outlet": "Evil"},
        {"text": f"Advertisement\n\n{LONG}\n\nAdvertisement"},
    ]  # fmt: skip
    text = "\n".join(json.dumps({"outlet": f"o{at}"} | row) for at, row in enumerate(records))
    (root / "feed.jsonl").write_text(f"{text}\n")
    clean_corpus([root / "feed.jsonl"], root / "out", workers=1)
    return root / "out"


def why(output: Path, *arguments: str, env: dict[str, str | None] = PLAIN) -> str:
    """Return what the command shows; nothing is stripped that a terminal would be sent."""
    words = ["why", *arguments, "--output", str(output)]
    result = CliRunner(env=env).invoke(main, words, color=True)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def bodies(text: str) -> str:
    """Return what is shown without its head and its last line."""
    return text.split("\n\n", 1)[1].rsplit("\n\n", 1)[0]


def test_text_is_shown_with_reasons(output: Path) -> None:
    """What was kept stands as it is; what was removed is marked, with kind and reason."""
    shown = bodies(why(output, "feed.jsonl#1", "--text"))
    assert re.fullmatch(
        r"\[-Advertisement-\] \[advertisement: (\w+)\]\n\n"
        rf"{re.escape(FERRY)}\n\n"
        r"\[-Advertisement\n\nAdvertisement-\] \[advertisement: \1\]",
        shown,
    ), shown


def test_reused_text_names_its_partner(output: Path) -> None:
    """A copy says where the one that stays is."""
    shown = bodies(why(output, "feed.jsonl#2", "--text"))
    assert re.fullmatch(
        rf"\[-{re.escape(FERRY)}-\] \[duplicate: copy_of_document, "
        r"also in feed\.jsonl#1:\d+-\d+, copy [0-9a-f]{16}\]",
        shown,
    ), shown


def test_text_that_stays_though_it_is_reused_says_so() -> None:
    """A quotation that is kept names what it shares its words with, and the cluster."""
    span = make_spans((0, 9, "duplicate", "repeated_quote"))[0]
    about = {"kept": True, "partner_document": "x", "partner_source": "a.txt", "relation": "quote"}
    stretch = next(join_spans([{**span, **about, "cluster_id": "0f91"}]))
    marked = cli_why._mark_stretch("“It is.” \nNo.", stretch, has_colours=True)
    note = " [kept, duplicate: repeated_quote, also in a.txt:100-109, quote 0f91]"
    assert marked.plain == f"“It is.”{note} "
    assert [marked.plain[s.start : s.end] for s in marked.spans if s.style == "green"] == [note]


def test_colours(output: Path) -> None:
    """Removed text is struck out in the colour of its kind, and no signs are needed."""
    shown = why(output, "feed.jsonl#1", "--text", env=COLOURS)
    assert "\x1b[2;9;31mAdvertisement\x1b[0m\x1b[31m [advertisement: " in shown
    assert "[-" not in shown
    shown = why(output, "feed.jsonl#2", "--text", env=COLOURS)
    assert re.search(r"\x1b\[2;9;34mThe ferry", shown)


def test_nothing_is_lost(output: Path) -> None:
    """But for the marks, the text of every document is there, character for character."""
    for row in pq.read_table(output / "documents.parquet").to_pylist():
        shown = bodies(why(output, row["document_id"], "--text"))
        bare = re.sub(r" \[(kept, )?[a-z_]+: [^\]]*\]|\[-|-\]", "", shown)
        assert bare == cli_why.printable(row["text"])


def test_ribbon_says_what_became_of_words(output: Path) -> None:
    """The ribbon is as wide as the terminal, its legend counts words."""
    head = why(output, "feed.jsonl#1", "--text").splitlines()
    assert head[0].startswith("feed.jsonl#1  ")
    num_words = len(find_words(FERRY))
    share = num_words / (num_words + 3)
    assert re.fullmatch("░+█+░+", head[1]) and len(head[1]) == 80
    assert head[2] == (f"{num_words + 3} words:  █ kept {share:.1%}  ░ boilerplate {1 - share:.1%}")
    assert why(output, "feed.jsonl#2", "--text").splitlines()[1:3] == [
        "▒" * 80, f"{num_words} words:  ▒ elsewhere 100.0%"
    ]  # fmt: skip
    assert len(why(output, "feed.jsonl#2", "--text", env=PLAIN | {"COLUMNS": "40"})
               .splitlines()[1]) == 40  # fmt: skip


def test_part_is_shown_in_its_context(output: Path) -> None:
    """The context is there, marked off; what is cut from it is counted; the ribbon is whole."""
    whole = explain(output, "feed.jsonl#4").document["text"]
    begin = whole.index("Sentence 4")
    end = begin + len("Sentence 4")
    shown = why(output, f"feed.jsonl#4:{begin}-{end}", "--text")
    assert bodies(shown) == (
        f"[… {begin - 300:,} characters before]\n"
        f"{whole[begin - 300 : begin]}>>> Sentence 4 <<<{whole[end : end + 300]}\n"
        f"[… {len(whole) - end - 300:,} characters after]"
    )
    assert shown.splitlines()[1:3] == why(output, "feed.jsonl#4", "--text").splitlines()[1:3]
    coloured = why(output, f"feed.jsonl#4:{begin}-{end}", "--text", env=COLOURS)
    assert ">>>" not in coloured
    assert "\x1b[0mSentence 4\x1b[2m" in coloured.replace("\n", "")


def test_cut_context_is_marked_too(output: Path) -> None:
    """What was removed from the context is marked there, without its reason."""
    shown = bodies(why(output, "feed.jsonl#1:3", "--text"))
    assert shown.startswith("[-Advertisement-]\n\n>>> The ferry")
    assert shown.endswith("[-Advertisement-]\n\n[-Advertisement-]")
    assert shown.count("[advertisement") == 0


def test_spans_stay_the_form_for_programs(output: Path) -> None:
    """Where stdout is no terminal the spans are listed as ever, and `--spans` says the same."""
    listed = why(output, "feed.jsonl#1")
    assert listed == why(output, "feed.jsonl#1", "--spans") != why(output, "feed.jsonl#1", "--text")
    assert re.match(r" +0-\d+ +removed advertisement: ", listed.splitlines()[1])
    assert why(output, "feed.jsonl#1", "--json", "--text") == why(output, "feed.jsonl#1", "--json")


def test_it_says_how_to_see_the_rules(output: Path) -> None:
    """The last line is the command that lists the spans."""
    last = why(output, "feed.jsonl#1:0-5", "--text").splitlines()[-1]
    assert last == f"Rules and scores: clean why 'feed.jsonl#1:0-5' --spans --output {output}"


@pytest.mark.parametrize("env", [PLAIN, COLOURS])
@pytest.mark.parametrize("target", ["feed.jsonl#3", "feed.jsonl#3:20-30"])
def test_terminal_is_not_obeyed(output: Path, target: str, env: dict[str, str | None]) -> None:
    """No control or reversing character and no markup of an article gets through."""
    shown = SGR.sub("", why(output, target, "--text", env=env))
    assert {char for char in shown if not char.isprintable()} == {"\n"}
    assert "�back � [bold]:smile:" in shown.replace("\n", " ").replace(">>> ", "").replace(
        " <<<", ""
    )


@pytest.mark.parametrize(("height", "is_paged"), [(5, True), (500, False), (None, False)])
def test_long_texts_are_paged(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    height: int | None,
    is_paged: bool,
) -> None:
    """On a terminal, what is longer than it shows goes through the pager, colours and all."""
    paged: list[tuple[str, bool]] = []
    monkeypatch.setattr(click, "echo_via_pager", lambda text, color: paged.append((text, color)))
    monkeypatch.setattr(stdout, "is_terminal", lambda: True)
    stdout.write("line  \n" * 9, height=height)
    assert paged == ([("line\n" * 9, True)] if is_paged else [])
    monkeypatch.setattr(stdout, "is_terminal", lambda: False)
    stdout.write("line\n" * 9, height=height)
    assert len(paged) == is_paged
    assert capsys.readouterr().out == "line\n" * (9 if is_paged else 18)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_at_a_real_terminal(output: Path) -> None:
    """At a terminal the text is shown in colour without being asked for."""
    import pty

    command = [sys.executable, "-m", "cleaner", "why", "feed.jsonl#4", "-o", str(output)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.pop("NO_COLOR", None)
        os.environ |= {"TERM": "xterm-256color", "PAGER": "cat"}
        os.execv(command[0], command)
    shown, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                shown += os.read(terminal, 1 << 16)
            except OSError:  # The other side is gone.
                break
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    assert status == 0
    text = shown.decode()
    assert "\x1b[2;9;31mAdvertisement\x1b[0m\x1b[31m [advertisement: " in text
    assert "Sentence 7 of the report" in " ".join(text.split())


# The ribbon itself.


def test_every_kind_and_fate_has_a_colour() -> None:
    """A new kind of boilerplate has to be given a colour."""
    assert {*_COLOURS} == {*BOILERPLATE_KINDS, DUPLICATE, TRUNCATED}
    assert [*_FATES] == [*FATES]


@given(st.lists(st.sampled_from(FATES), min_size=1, max_size=60), st.integers(1, 60))
def test_ribbon_is_in_proportion(fates: list[str], width: int) -> None:
    """A ribbon of one cell a word is the words; each other cell is one of the words it covers."""
    ribbon = lay_ribbon(fates, width)
    assert len(ribbon) == width
    assert lay_ribbon(fates, len(fates)) == fates
    for cell, fate in enumerate(ribbon):
        covered = fates[cell * len(fates) // width : -(-(cell + 1) * len(fates) // width)]
        assert fate in covered
    if len({*fates}) == 1:
        assert {*ribbon} == {*fates}


def make_spans(*spans: tuple[int, int, str, str]) -> Sequence[Mapping[str, Any]]:
    """Make spans of begin, end, kind and reason; main content is kept."""
    return [
        {"begin": begin, "end": end, "kind": kind, "reason": reason, "kept": kind == "main",
         "rule": reason, "relation": None, "cluster_id": None, "partner_document": None,
         "partner_begin": begin + 100 if kind == "duplicate" else None, "partner_end": end + 100}
        for begin, end, kind, reason in spans
    ]  # fmt: skip


def test_words_belong_to_the_span_that_they_begin_in() -> None:
    """Every word is counted once, where it begins."""
    spans = make_spans((0, 6, "main", "a"), (6, 8, "paywall", "b"), (8, 14, "truncated", "c"))
    assert list_fates("one two three!", spans) == ["kept", "kept", "cut short"]
    assert list_fates("", []) == [] == lay_ribbon([], 5)


def test_spans_of_one_reason_are_one_stretch() -> None:
    """White space goes with what stands before it; a partner is as long as all of its parts."""
    spans = make_spans(
        *((0, 1, "whitespace", "w"), (1, 3, "share", "s"), (3, 4, "whitespace", "w")),
        *((4, 6, "share", "s"), (6, 8, "share", "other")),
        *((8, 9, "duplicate", "d"), (9, 10, "whitespace", "w"), (10, 12, "duplicate", "d")),
    )
    stretches = list(join_spans(spans))
    assert [(s.begin, s.end, s.span["reason"], s.is_reused) for s in stretches] == [
        (0, 6, "s", False), (6, 8, "other", False), (8, 12, "d", True)
    ]  # fmt: skip
    partner = stretches[-1].span
    assert (partner["partner_begin"], partner["partner_end"]) == (108, 112)
    assert list(join_spans([])) == []
