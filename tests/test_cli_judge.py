"""`clean judge`: what it offers, what it shows, what each key does, and that nothing is lost."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner.api import clean_corpus
from cleaner.cli import judge as cli_judge
from cleaner.cli import main
from cleaner.cli.difference import mark_difference
from cleaner.quality.judging import choose_pairs
from cleaner.quality.verdicts import VerdictLine, read_verdicts

FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
BRIDGE = (
    "The council voted to keep the old wooden bridge open to buses for another winter, against the "
    "advice of its own engineers."
)
OWN = (
    "In Port Ellory the market opened early because of the storm, and most of the stalls sold out.",
    "A museum of lighthouse lamps has moved into the former school on the hill until the spring.",
    "Farmers along the coast road lost a third of their apples, said the union of the county.",
    "The orchestra plays in the swimming bath while its hall is mended, and sold every ticket.",
)
EVIL = "Evil \x1b[2J [bold red]:smile: \u202e"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean four articles that share two passages in pairs; one of them is hostile."""
    root = tmp_path_factory.mktemp("judge")
    shared = (FERRY, FERRY.replace("noon", "midday"), BRIDGE, f"{EVIL} {BRIDGE} {EVIL}")
    records = [
        {"outlet": outlet, "title": title, "language": "en", "date": f"2024-10-1{at}",
         "text": f"{own}\n\n{text}"}
        for at, (outlet, title, own, text) in enumerate(
            zip(("Courier", "Ledger", "Standard", EVIL), ("Ferry", "Boats", "Bridge", EVIL), OWN,
                shared, strict=True)
        )
    ]  # fmt: skip
    (root / "feed.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    clean_corpus([root / "feed.jsonl"], root / "out", workers=1)
    return root / "out"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a file for verdicts that is not there yet."""
    return tmp_path / "verdicts.jsonl"


def judge(*arguments: object, keys: str = "") -> Result:
    """Run the command; nothing is stripped that a terminal would be sent."""
    words = ["judge", *map(str, arguments)]
    return CliRunner().invoke(main, words, input=keys, color=True)


@pytest.fixture
def press(
    run: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[list[VerdictLine], str]]:
    """Return what presses keys at a terminal, and gives the verdicts and what was shown."""
    monkeypatch.setattr(cli_judge, "_is_terminal", lambda: True)

    def answer(keys: str, *arguments: object) -> tuple[list[VerdictLine], str]:
        result = judge(run, "--verdicts", file, *arguments, keys=keys)
        assert (result.exit_code, result.stdout) == (0, ""), result.output
        found = read_verdicts(file) if file.exists() else None
        return list(found.lines) if found else [], result.stderr

    return answer


def listed(run: Path, *arguments: object) -> list[dict[str, Any]]:
    """Return the pairs that `--list` prints."""
    result = judge(run, "--list", *arguments)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_pairs_are_listed_for_other_tools(run: Path, file: Path) -> None:
    """Each pair comes once, as a verdict that is still to be given and what to judge by."""
    pairs = listed(run, "--verdicts", file)
    assert len(pairs) == 2
    (name,) = {
        outlet
        for pair in pairs
        for outlet in (pair["about"]["left_outlet"], pair["about"]["right_outlet"])
        if "Evil" in outlet
    }
    for pair in pairs:
        about = pair.pop("about")
        assert (pair.pop("why"), pair.pop("verdict"), pair["sample"]) == ("sample", None, True)
        assert {*pair} == {"left", "right", "level", "sample", "note"}
        texts = [about["left_text"], about["right_text"]]
        (word,) = [word for word in ("harbour", "bridge") if word in texts[0]]
        assert word in texts[1]
        outlets = {"harbour": {"Courier", "Ledger"}, "bridge": {"Standard", name}}
        assert {about["left_outlet"], about["right_outlet"]} == outlets[word]
    assert not file.exists()


def test_least_sure_comes_first(run: Path) -> None:
    """Borderline pairs are ordered by how far the score is from the threshold."""
    offer = choose_pairs(run, num_borderline=9, num_sample=0)
    distances = [abs(row["score"] - offer.threshold) for row in offer.borderline]
    assert len(distances) == 2
    assert distances == sorted(distances)
    assert offer.sample == []


def test_sample_depends_on_the_seed_only(run: Path) -> None:
    """A smaller sample is the beginning of the larger one; another seed draws another one."""

    def draw(size: int, seed: int = 0) -> list[tuple[str, str]]:
        rows = choose_pairs(run, num_borderline=0, num_sample=size, seed=seed).sample
        return [(row["left_document"], row["right_document"]) for row in rows]

    assert draw(2) == draw(9)
    assert draw(1) == draw(2)[:1]
    assert {tuple(draw(2, seed)) for seed in range(9)} == {tuple(draw(2)), tuple(draw(2)[::-1])}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("sd", ["different", "same"]),
        ("SB", ["boilerplate", "same"]),
        (" b", ["boilerplate"]),
        ("q", []),
        ("sq", ["same"]),
        ("suq", []),
        ("susd", ["different", "same"]),
        ("s us", ["same", "same"]),
        ("u\x1b[Axsq", ["same"]),
        ("s", ["same"]),
        ("ssuq", ["same"]),
        ("ss", ["same", "same"]),
    ],
)
def test_keys(
    press: Callable[..., tuple[list[VerdictLine], str]], keys: str, expected: list[str]
) -> None:
    """Each key does what is said of it; what no key is said to do does nothing."""
    lines, _ = press(keys, "--borderline", 0)
    assert sorted(line.verdict for line in lines) == expected
    assert all(line.sample for line in lines)


def test_nothing_is_asked_twice(press: Callable[..., tuple[list[VerdictLine], str]]) -> None:
    """A later call goes on where the one before was left; what is left out is not written."""
    lines, shown = press("sq", "--sample", 0)
    assert "least sure first: 2 to go" in shown
    lines, shown = press("d", "--sample", 0)
    assert "least sure first: 1 to go" in shown
    assert sorted(line.verdict for line in lines) == ["different", "same"]
    again, shown = press("", "--sample", 0)
    assert again == lines
    assert "All pairs that were offered are judged or skipped" in shown


def test_judged_pairs_count_once_they_are_drawn(
    press: Callable[..., tuple[list[VerdictLine], str]],
) -> None:
    """Doubtful pairs count for precision only when the sample reaches them."""
    lines, shown = press("ss", "--sample", 0)
    assert [line.sample for line in lines] == [False, False]
    assert "Of this run: not judged; `clean judge`" in shown
    lines, shown = press("", "--borderline", 0, "--sample", 1)
    assert sorted(line.sample for line in lines) == [False, True]
    lines, shown = press("", "--borderline", 0)
    assert "precision 1.00: 2 of 2 sampled pairs are the same (95 % interval 0.34 to" in shown


def test_undo_takes_back_what_was_written(
    press: Callable[..., tuple[list[VerdictLine], str]], file: Path
) -> None:
    """After an undo the pair is asked about again; without an answer the file has none."""
    _, shown = press("suq", "--borderline", 0)
    assert shown.count("sample of the accepted ones: 2 to go") == 2
    assert file.read_text().splitlines() == ['{"format": "cleaner verdicts", "version": 1}']
    _, shown = press("uq", "--borderline", 0)
    assert "nothing to undo" in shown


def test_pair_is_shown_to_judge_by(press: Callable[..., tuple[list[VerdictLine], str]]) -> None:
    """Outlets, dates, places, relation, score and both texts, with what differs in colour."""
    _, shown = press(" ", "--borderline", 0)
    for part in ("Courier, 2024-10-10", "Ledger, 2024-10-11", "feed.jsonl#1:", "Boats", "score",
                 "accepted", "sentence", "noon", "midday", "In Port Ellory"):  # fmt: skip
        assert part in shown


def test_difference_is_in_colour() -> None:
    """The words that only one side has are marked on it, and on no other side."""
    texts = ("one two three four", "one 2 three four")
    marked = [mark_difference(texts, which) for which in (0, 1)]
    assert [text.plain for text in marked] == list(texts)
    for text, word, style in zip(marked, ("two", "2"), ("bold red", "bold green"), strict=True):
        spans = [text.plain[s.start : s.end] for s in text.spans if s.style == style]
        assert spans == [word]


def test_hostile_text_is_shown_not_obeyed(
    press: Callable[..., tuple[list[VerdictLine], str]],
) -> None:
    """Neither markup nor what a terminal obeys gets through, from text, title or outlet."""
    _, shown = press("  ", "--borderline", 0)
    assert "[bold red]:smile:" in shown
    assert "\u202e" not in shown
    assert set(re.findall(r"\x1b\[[\d;]*[A-Za-z]", shown)) <= set(
        re.findall(r"\x1b\[[\d;]*m", shown)
    )


def test_without_a_terminal_it_refuses(run: Path) -> None:
    """The message says what to do instead, and nothing is written."""
    result = judge(run)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "asks at a terminal; `--list` prints the pairs" in result.stderr
    assert not (run.parent / "verdicts.jsonl").exists()
    assert str(run.parent / "verdicts.jsonl") in result.stderr


def test_precision_is_printed(
    run: Path, press: Callable[..., tuple[list[VerdictLine], str]], file: Path
) -> None:
    """`--precision` prints what the sample says so far, and asks nothing."""
    assert judge(run, "--precision", "--verdicts", file).stdout == "not judged; `clean judge`\n"
    press("sd", "--borderline", 0)
    assert judge(run, "--precision", "--verdicts", file).stdout == (
        "precision 0.50: 1 of 2 sampled pairs are the same (95 % interval 0.09 to 0.91)\n"
    )


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "there is no run in"),
        ([("manifest.json", "{}")], "is not the manifest of a run; run `clean` again"),
        ([("manifest.json", '{"complete": false, "tool": "cleaner"}')], "run `clean` again"),
    ],
)
def test_folder_without_a_run_is_refused(
    tmp_path: Path, files: Sequence[tuple[str, str]], message: str
) -> None:
    """A folder that holds no whole run is refused, with advice."""
    for name, text in files:
        (tmp_path / name).write_text(text)
    result = judge(tmp_path, "--list")
    assert result.exit_code == 2
    assert message in result.stderr


def test_broken_tables_are_refused(run: Path, tmp_path: Path) -> None:
    """Tables that cannot be read are named."""
    (tmp_path / "manifest.json").write_bytes((run / "manifest.json").read_bytes())
    (tmp_path / "matches.parquet").write_text("no table")
    result = judge(tmp_path, "--list")
    assert result.exit_code == 2
    assert f"the files in {tmp_path} cannot be read" in result.stderr


def test_run_tells_what_it_applied(
    run: Path, press: Callable[..., tuple[list[VerdictLine], str]], file: Path
) -> None:
    """`clean run --verdicts` applies them, and says what it applied and how precise it is."""
    press("sd", "--borderline", 0)
    words = ["run", run.parent / "feed.jsonl", "--output", run.parent / "judged", "--workers", 1,
             "--verdicts", file]  # fmt: skip
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.stderr
    assert "Verdicts: 2 of 2 applied." in result.stderr
    assert "Precision without them: 0.50 (0.09 to 0.91, 95 %), by 2 pairs" in result.stderr
    later = judge(run.parent / "judged", "--list", "--verdicts", file.with_name("none.jsonl"))
    assert len(later.stdout.splitlines()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_at_a_real_terminal(run: Path, file: Path) -> None:
    """Keys work without a return, at a terminal of its own."""
    import pty
    import termios

    command = [sys.executable, "-m", "cleaner", "judge", str(run), "--verdicts", str(file)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    shown, keys, end = b"", list("qds"), time.monotonic() + 60
    try:
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.05)[0]:
                try:
                    shown += os.read(terminal, 1 << 16)
                except OSError:  # The other side is gone.
                    break
            elif keys and shown.endswith(b"quit\r\n"):
                is_waiting = not termios.tcgetattr(terminal)[3] & termios.ICANON
                if is_waiting:  # What is typed before is thrown away.
                    os.write(terminal, keys.pop().encode())
                    shown += b"\r\n"
        else:
            os.kill(pid, signal.SIGKILL)
    finally:
        status = os.waitpid(pid, 0)[1]
        os.close(terminal)
    assert (status, keys) == (0, [])
    found = read_verdicts(file)
    assert found is not None
    assert sorted(line.verdict for line in found.lines) == ["different", "same"]
    assert b"Apply them: clean run" in shown
