"""`clean judge`: have a person judge a run's matches, the least sure ones and a sample."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cleaner.cli.difference import mark_difference
from cleaner.cli.terminal import printable
from cleaner.errors import InputError

if TYPE_CHECKING:
    from cleaner.quality.judging import Offer, Pair
    from cleaner.quality.verdicts import Precision, VerdictLine

_VERDICT_KEYS = {"s": "same", "d": "different", "b": "boilerplate"}
_SKIP, _UNDO, _QUIT = " ", "u", "q"
_KEYS = "[s] same  [d] different  [b] boilerplate  [space] skip  [u] undo  [q] quit"
_LAST = "That was the last pair.  [u] undo  [q] quit"
_MEANINGS = (
    "same: one text is a copy or a rewrite of the other, or both of a third; different: it is not, "
    "whatever words they share; boilerplate: neither belongs to an article."
)
_WHY = {"borderline": "least sure first", "sample": "sample of the accepted ones"}
_MIN_COLUMNS_WIDTH = 110
"""Narrower terminals show the two passages under each other."""
_CONTEXT_STYLE = "dim"


@click.command()
@click.argument("output", type=click.Path(path_type=Path), default=Path("cleaned"))
@click.option(
    "--verdicts",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write verdicts to.  [default: verdicts.jsonl beside OUTPUT]",
)
@click.option(
    "--borderline",
    "num_borderline",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Pairs of which the run was least sure.",
)
@click.option(
    "--sample",
    "num_sample",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Pairs drawn from all accepted ones, to measure precision.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws another sample.")
@click.option("--list", "as_list", is_flag=True, help="Print the pairs as JSON lines; ask nothing.")
@click.option(
    "--precision", "as_precision", is_flag=True, help="Print what the sample says so far."
)
def judge(
    output: Path,
    file: Path | None,
    num_borderline: int,
    num_sample: int,
    seed: int,
    as_list: bool,
    as_precision: bool,
) -> None:
    """Judge pairs of passages that a run took for the same, one key a pair.

    OUTPUT is the output folder of the run. Pairs that were judged before are not asked about again.
    Each answer is written at once, to a file that holds no text and can be edited and shared. A run
    applies it with `--verdicts`.

    \b
    clean judge
    clean judge corpus --borderline 0 --sample 200
    clean judge --precision
    clean run --verdicts verdicts.jsonl
    """
    from cleaner.quality.judging import choose_pairs, default_verdicts, list_documents
    from cleaner.quality.verdicts import count_sample, read_verdicts

    path = file or default_verdicts(output)
    found = read_verdicts(path) if path.exists() else None
    known = {line.pair: line for line in found.lines} if found else {}
    if as_precision:
        click.echo(_say_precision(count_sample(known.values(), list_documents(output))))
        return
    offer = choose_pairs(output, num_borderline=num_borderline, num_sample=num_sample, seed=seed)
    if as_list:
        pairs = {pair.pair: pair for pair in _offered(output, offer) if pair.pair not in known}
        for pair in pairs.values():
            click.echo(_to_json(pair))
        return
    if not _is_terminal():
        message = (
            "`clean judge` asks at a terminal; `--list` prints the pairs as JSON for other tools, "
            f"and verdicts can be written into {path} by hand"
        )
        raise InputError(message)
    _Session(path, offer, list(_offered(output, offer))).run(output)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _offered(output: Path, offer: Offer) -> Iterator[Pair]:
    """Yield all pairs to judge: of those that are in both lists, both."""
    from cleaner.quality.judging import BORDERLINE, SAMPLE, describe_pairs

    yield from describe_pairs(output, offer.borderline, BORDERLINE)
    yield from describe_pairs(output, offer.sample, SAMPLE)


def _say_precision(precision: Precision | None) -> str:
    from cleaner.quality.verdicts import NOT_JUDGED

    if precision is None:
        return NOT_JUDGED
    return (
        f"precision {precision.value:.2f}: {precision.same:,} of {precision.judged:,} sampled "
        f"pairs are the same (95 % interval {precision.low:.2f} to {precision.high:.2f})"
    )


def _to_json(pair: Pair) -> str:
    """Return a verdict that is still to be given, and beside it what to judge by."""
    import json

    import msgspec

    about = {key: pair.match[key] for key in _SHOWN if key in pair.match}
    sides = zip(("left", "right"), pair.texts, pair.titles, strict=True)
    for side, text, title in sides:
        about |= {f"{side}_title": title, f"{side}_text": text}
    line = msgspec.to_builtins(pair.judge("same")) | {"verdict": None}
    return json.dumps(line | {"why": pair.why, "about": about})


_SHOWN = (
    *("relation", "score", "accepted", "differs", "direction", "evidence"),
    *("left_outlet", "left_published", "right_outlet", "right_published"),
)


class _Session:
    """The questions of one call, and the answers to them.

    Args:
        path: The file of verdicts.
        offer: What there is to judge.
        pairs: The same, described; first the borderline ones.
    """

    def __init__(self, path: Path, offer: Offer, pairs: Sequence[Pair]) -> None:
        self._path, self._offer, self._pairs = path, offer, pairs
        self._lines: dict[object, VerdictLine] = {}
        self._asked: list[tuple[int, VerdictLine | None]] = []
        """What was asked about in this session, and the verdict that was there before."""
        self._console = Console(stderr=True, highlight=False)

    def run(self, output: Path) -> None:
        """Ask about one pair after the other until there are no more, or the user quits."""
        self._change({})
        self._say(_MEANINGS)
        at = 0
        while True:
            if at == len(self._pairs):
                if not self._asked:
                    break
                self._say(_LAST)
                if self._read_key() != _UNDO:
                    break
                at = self._undo(at)
            pair = self._pairs[at]
            known = self._lines.get(pair.pair)
            if known is not None:
                self._count_as_sample(pair, known)
                at += 1
                continue
            self._show(at)
            key = self._read_key()
            if key == _QUIT:
                break
            if key == _UNDO:
                at = self._undo(at)
                continue
            self._asked.append((at, None))
            if key in _VERDICT_KEYS:
                self._change({pair.pair: pair.judge(_VERDICT_KEYS[key])})
            at += 1
        self._close(output, is_done=at == len(self._pairs))

    def _change(self, changes: dict[object, VerdictLine | None]) -> None:
        """Write verdicts at once; None takes one back."""
        from cleaner.quality.verdicts import change_verdicts, read_verdicts

        def change(lines: dict[object, VerdictLine]) -> None:
            for name, line in changes.items():
                if line is None:
                    lines.pop(name, None)
                else:
                    lines[name] = line

        if changes:
            found = change_verdicts(self._path, change)
        else:
            read = read_verdicts(self._path) if self._path.exists() else None
            found = read.lines if read else ()
        self._lines = {line.pair: line for line in found}

    def _count_as_sample(self, pair: Pair, known: VerdictLine) -> None:
        """Have a pair that was judged before count for precision now that it is drawn."""
        import msgspec

        if pair.judge(known.verdict).sample and not known.sample:
            self._change({pair.pair: msgspec.structs.replace(known, sample=True)})

    def _undo(self, at: int) -> int:
        """Take the last answer back, and return the number of the pair to ask about again."""
        if not self._asked:
            self._say("There is nothing to undo in this session.")
            return at
        last, before = self._asked.pop()
        self._change({self._pairs[last].pair: before})
        return last

    def _read_key(self) -> str:
        while True:
            try:
                key = click.getchar().lower()
            except EOFError:
                key = ""
            if not key:  # Nobody is there any more.
                return _QUIT
            if key in (*_VERDICT_KEYS, _SKIP, _UNDO, _QUIT):
                return key
            self._say(_KEYS)

    def _say(self, text: str) -> None:
        self._console.print(Text(printable(text)), soft_wrap=True)

    def _show(self, at: int) -> None:
        """Print a pair."""
        pair = self._pairs[at]
        num_left = sum(
            other.pair not in self._lines and other.why == pair.why for other in self._pairs[at:]
        )
        self._console.rule(Text(f"{_WHY[pair.why]}: {num_left:,} to go"), align="left")
        self._say(_describe_match(pair, self._offer.threshold))
        sides = [_describe_side(pair, which) for which in (0, 1)]
        if self._console.width >= _MIN_COLUMNS_WIDTH:
            table = Table(box=None, padding=(0, 2, 0, 0), expand=True, show_header=False)
            table.add_column(ratio=1)
            table.add_column(ratio=1)
            for row in zip(*sides, strict=True):
                table.add_row(*row)
            self._console.print(table)
        else:
            for side in sides:
                self._console.print(*side, sep="\n")
                self._console.print()
        self._say(_KEYS)

    def _close(self, output: Path, *, is_done: bool) -> None:
        """Say what was judged, and what to do with it."""
        from cleaner.quality.judging import list_documents
        from cleaner.quality.verdicts import count_sample

        if is_done:
            more = self._offer.num_accepted - len(self._offer.sample)
            hint = f"; {more:,} accepted ones were not drawn, see --sample" if more > 0 else ""
            self._say(f"All pairs that were offered are judged or skipped{hint}.")
        if not self._lines:
            self._say("No verdicts were given.")
            return
        num_lines = len(self._lines)
        self._say(f"{num_lines:,} verdict{'s' * (num_lines != 1)} in {self._path}.")
        precision = count_sample(self._lines.values(), list_documents(output))
        self._say(f"Of this run: {_say_precision(precision)}.")
        self._say(f"Apply them: clean run ... --verdicts {self._path}")


def _describe_match(pair: Pair, threshold: float) -> str:
    match = pair.match
    parts = [
        f"{match['relation']} ({match['level']})",
        f"score {match['score']:.2f}, {'' if match['accepted'] else 'not '}accepted "
        f"(from {threshold:.2f})",
    ]
    if match["differs"]:
        parts.append(f"differs in {match['differs']}")
    parts += [str(match[name]) for name in ("evidence", "score_evidence") if match.get(name)]
    return _one_line("; ".join(parts))


def _describe_side(pair: Pair, which: int) -> list[Text]:
    """Return what to show of one passage: where it stands, and what it says."""
    side = (pair.left, pair.right)[which]
    name = ("left", "right")[which]
    published = pair.match[f"{name}_published"] or "no date"
    about = f"{pair.match[f'{name}_outlet']}, {published}"
    place = f"{side.source}:{side.begin}-{side.end}"
    head = Text(_one_line(about), style="bold")
    title = pair.titles[which]
    if title:
        head.append(f"\n{_one_line(title)}", style="italic not bold")
    head.append(f"\n{_one_line(place)}", style=f"{_CONTEXT_STYLE} not bold")
    body = Text(_squeeze(pair.before[which]), style=_CONTEXT_STYLE)
    body.append_text(mark_difference(pair.texts, which))
    body.append(_squeeze(pair.after[which]))
    return [head, body]


def _one_line(text: str) -> str:
    return printable(text).replace("\n", " ")


def _squeeze(text: str) -> str:
    """Return text around a passage as one line."""
    return " ".join(printable(f"|{text}|").split()).strip("|")
