"""What the cleaner and its peers make of single lines.

jusText and trafilatura see lines as paragraphs of a bare page. They were made for pages with
markup, so their figures here say what is lost without it, not how good they are.
"""

from __future__ import annotations

import html
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.lines import BOILERPLATE
from benchmarks.systems import INSTALL, Missing, stop_words
from cleaner import CleanedText, clean_text
from cleaner.words import squeeze

KEPT = "main"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a system made of a line: `main`, or a kind of boilerplate, and by which rule."""

    kind: str
    rule: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether the line stays."""
        return self.kind == KEPT


Judge = Callable[[Sequence[str], str], list[Verdict]]
"""Judge the lines of a document in a language; one verdict a line."""


def load_judges() -> tuple[dict[str, Judge], list[Missing]]:
    """Return the systems that judge lines, by name, and those that are not there."""
    judges: dict[str, Judge] = {"clean": judge_with_cleaner, "keep all": keep_all}
    missing: list[Missing] = []
    for name, load in (("trafilatura", _load_trafilatura), ("jusText", _load_justext)):
        try:
            judges[name] = load()
        except ImportError as problem:
            missing.append(Missing(name, str(problem), INSTALL))
    return judges, missing


def keep_all(lines: Sequence[str], language: str) -> list[Verdict]:
    """Keep every line: what doing nothing scores."""
    return [Verdict(KEPT)] * len(lines)


def judge_with_cleaner(lines: Sequence[str], language: str) -> list[Verdict]:
    r"""Give the lines to the cleaner as one text; a line goes if most of its characters go.

    The language is not told.

    >>> text = ["Advertisement", "The ferry reached the harbour at noon on Tuesday, he said."]
    >>> [verdict.kind for verdict in judge_with_cleaner(text, "en")]
    ['advertisement', 'main']
    """
    cleaned = clean_text("\n".join(lines))
    verdicts = []
    begin = 0
    for line in lines:
        verdicts.append(find_verdict(cleaned, begin, begin + len(line)))
        begin += len(line) + 1
    return verdicts


def find_verdict(cleaned: CleanedText, begin: int, end: int) -> Verdict:
    """Return what became of most characters of a stretch of a text; of a tie, that it was kept."""
    first = bisect_right(cleaned.spans, begin, key=lambda span: span.end)
    shares: Counter[Verdict] = Counter()
    for span in cleaned.spans[first:]:
        if span.begin >= end:
            break
        shared = min(end, span.end) - max(begin, span.begin)
        shares[Verdict(KEPT if span.kept else span.kind, span.rule)] += shared
    num_kept = sum(number for verdict, number in shares.items() if verdict.is_kept)
    is_kept = 2 * num_kept >= shares.total()
    return next((v for v, _ in shares.most_common() if v.is_kept == is_kept), Verdict(KEPT))


def _as_page(lines: Sequence[str]) -> str:
    paragraphs = "\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines)
    return f"<html><head><title></title></head><body>\n{paragraphs}\n</body></html>"


def _load_trafilatura() -> Judge:
    import trafilatura

    def judge(lines: Sequence[str], language: str) -> list[Verdict]:
        """Its answer is text: a line is kept as often as the text has a line of its letters."""
        text = trafilatura.extract(_as_page(lines), include_comments=False) or ""
        found = Counter(squeeze(line) for line in text.split("\n"))
        verdicts = []
        for line in lines:
            key = squeeze(line)
            is_kept = found[key] > 0
            found[key] -= is_kept
            verdicts.append(Verdict(KEPT if is_kept else BOILERPLATE))
        return verdicts

    return judge


def _load_justext() -> Judge:
    import justext

    def judge(lines: Sequence[str], language: str) -> list[Verdict]:
        """It names the paragraph by its XPath, `/html[1]/body[1]/p[N]`."""
        verdicts = [Verdict(BOILERPLATE)] * len(lines)
        for paragraph in justext.justext(_as_page(lines), stop_words(language)):
            if not paragraph.is_boilerplate:
                number = int(paragraph.xpath.rpartition("[")[2].rstrip("]"))
                verdicts[number - 1] = Verdict(KEPT)
        return verdicts

    return judge
