"""The page of a run and the pages beside it, as files."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import IO, TYPE_CHECKING

from cleaner.config import Config
from cleaner.report import wording
from cleaner.report.chunks import ChunkFile, Details, distribute
from cleaner.report.gather import CHARTS, INDEXES, TITLE, Tables, describe_run, gather_chunks

if TYPE_CHECKING:
    from cleaner.results import RunResult

REPORT, REPORT_DATA = "report.html", "report-data"
_TEMPLATE = "page.html"
_CHUNKS = "$chunks\n"
"""Where in the template the chunks stand, one after the other."""
_CHUNK = '<script type="application/octet-stream" id="{}">{}</script>\n'
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})
"""What the template prints is escaped, but for the page's own script and style sheet; chunks are
base64, and so are all names and texts of documents."""


class Report:
    """The page of a run and the pages beside it, ready to be written.

    Args:
        file: Where the data wait, opened for reading and writing in binary mode.
        tables: Where the data come from.
        config: The run's configuration.
        result: What the run found, in numbers.
        identity: The program's version, and a digest of the run's inputs.
    """

    def __init__(
        self,
        file: IO[bytes],
        tables: Tables,
        config: Config,
        result: RunResult,
        identity: tuple[str, str],
    ) -> None:
        self._chunks = ChunkFile(file)
        details = gather_chunks(self._chunks, tables, config, result)
        self._distribution = distribute(
            details, config.output.max_report_megabytes * 1_000_000, REPORT_DATA
        )
        self._overview = describe_run(tables, config, result, identity)
        self._overview |= {
            "files": _list_files(result, has_parts=self.has_parts),
            "sizes": self._count_elsewhere(details),
        }

    @property
    def has_parts(self) -> bool:
        """Whether there are pages beside the page."""
        return bool(self._distribution.parts)

    def write(self, path: Path) -> None:
        """Write the page."""
        names = (*INDEXES, *CHARTS, *self._distribution.inside)
        self._write(path, self._distribution.find_elsewhere(None, REPORT), names, None)

    def write_parts(self, folder: Path) -> None:
        """Write the pages beside it into a folder."""
        folder.mkdir()
        for page, names in self._distribution.parts.items():
            elsewhere = self._distribution.find_elsewhere(page, REPORT)
            elsewhere |= dict.fromkeys(CHARTS, f"../{REPORT}")
            path = folder / page.rpartition("/")[2]
            self._write(path, elsewhere, (*INDEXES, *names), f"../{REPORT}")

    def _count_elsewhere(self, details: Iterable[Details]) -> dict[str, int]:
        """Count what is in other pages."""
        inside = set(self._distribution.inside)
        names = {"members": "clustersElsewhere", "texts": "documentsElsewhere"}
        return {
            names[kind.name]: sum(
                num_items
                for number, num_items in enumerate(kind.counts)
                if kind.chunk(number) not in inside
            )
            for kind in details
            if kind.name in names
        }

    def _write(
        self,
        path: Path,
        elsewhere: Mapping[str, str],
        names: Iterable[str],
        main_page: str | None,
    ) -> None:
        overview = self._overview | {"elsewhere": dict(elsewhere), "mainPage": main_page}
        self._chunks.add("overview", overview)
        folder = files("cleaner.report")
        template = (folder / _TEMPLATE).read_text(encoding="utf-8")
        style, script = (
            (folder / "built" / name).read_text(encoding="utf-8")
            for name in ("report.css", "report.js")
        )
        begin, end = template.split(_CHUNKS)
        filled = Template(begin).substitute(
            title=TITLE.translate(_ESCAPED),
            policy=_security_policy(style, script).translate(_ESCAPED),
            style=style,
            script=script,
            overview=self._chunks.read("overview"),
        )
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(filled)
            file.writelines(_CHUNK.format(name, self._chunks.read(name)) for name in names)
            file.write(end)


def _security_policy(style: str, script: str) -> str:
    """Forbid everything but the page's own script and style sheet, named by their digests."""
    digests = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, script)
    )
    style_digest, script_digest = digests
    return (
        f"default-src 'none'; script-src 'sha256-{script_digest}'; "
        f"style-src 'sha256-{style_digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _list_files(result: RunResult, *, has_parts: bool) -> list[dict[str, str]]:
    """List the files beside the page, and what is in them."""
    listed = {result.corpus.name: wording.CORPUS, **wording.FILES}
    return [
        {"name": name, "about": about}
        for name, about in listed.items()
        if has_parts or name != REPORT_DATA
    ]
