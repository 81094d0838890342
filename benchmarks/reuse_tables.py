"""Tables of figures, for the terminal and for docs/quality.md alike; lists of passages to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MAX_WIDTH = 60
"""Wider cells are cut in the terminal."""
Place = tuple[str, int, int]
"""An article's name, and where a passage of it begins and ends."""


@dataclass(slots=True)
class Table:
    """Rows of cells under a caption; floats are shown with three digits."""

    caption: str
    header: Sequence[str]
    rows: list[Sequence[object]] = field(default_factory=list)

    def as_text(self) -> str:
        """Return the table for a terminal.

        >>> print(Table("Boats:", ["name", "length"], [["Gull", 7.25]]).as_text())
        Boats:
          name  length
          Gull   7.250
        """
        lines = [[_cell(cell)[:MAX_WIDTH] for cell in row] for row in (self.header, *self.rows)]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.header))]
        return "\n".join([self.caption, *(f"  {_align(line, widths)}" for line in lines)])

    def as_markdown(self) -> str:
        """Return the table for a document.

        >>> print(Table("Boats:", ["name", "length"], [["Gull", 7.25]]).as_markdown())
        Boats:
        <BLANKLINE>
        | name | length |
        | --- | --- |
        | Gull | 7.250 |
        """
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join([self.caption, "", *map(_markdown_row, lines)])


@dataclass(slots=True)
class Listing:
    """Pairs of passages for a reader: a label, and the place of both sides.

    A listing is for the terminal only: texts belong to their publishers.
    """

    caption: str
    rows: list[tuple[str, Sequence[Place], Sequence[Place]]] = field(default_factory=list)

    def as_text(self, texts: Mapping[str, str]) -> str:
        """Return the pairs with what stands in the articles, by name.

        >>> listing = Listing("Missed:", [("cut", [("a", 0, 4)], [("b", 1, 5)])])
        >>> print(listing.as_text({"a": "Ahoy there", "b": " Ahoy"}))
        Missed:
          cut
            a:0-4  Ahoy
            b:1-5  Ahoy
        """
        lines = [self.caption]
        for label, *sides in self.rows:
            lines.append(f"  {label}")
            lines += [
                f"    {name}:{begin}-{end}  {' '.join(texts[name][begin:end].split())}"
                for side in sides
                for name, begin, end in side
            ]
        return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else str(value)


def _align(line: Sequence[str], widths: Iterable[int]) -> str:
    first, *rest = zip(line, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)])


def _markdown_row(row: Sequence[object]) -> str:
    joined = " | ".join(_cell(cell).replace("|", "\\|") for cell in row)
    return re.sub(r"\|  (?=\|)", "| ", f"| {joined} |")
