"""Differences between two texts, word by word, in colour."""

from __future__ import annotations

from rich.text import Text

from cleaner.cli.terminal import printable

_LEFT_STYLE, _RIGHT_STYLE, _CONTEXT_STYLE = "bold red", "bold green", "dim"
_CUT_STYLE, _ADDED_STYLE = "red strike", "green"
CUT_SIGNS, ADDED_SIGNS = ("[-", "-]"), ("{+", "+}")
"""What stands around words where there are no colours, as wdiff has it."""


def name_changes(*, has_colours: bool = True) -> Text:
    """Return the legend of what `mark_changes` returns."""
    named = Text("words: ")
    for number, (words, style, signs) in enumerate(
        (
            ("only in the copy that stays", _CUT_STYLE, CUT_SIGNS),
            ("only in this one", _ADDED_STYLE, ADDED_SIGNS),
        )
    ):
        named.append(", " if number else "")
        named.append(words if has_colours else words.join(signs), style)
    return named


def mark_difference(texts: tuple[str, str], which: int) -> Text:
    """Return one of two passages, with what the other one does not say in colour."""
    from cleaner.report.difference import (
        ADDED,
        COLLAPSED,
        MAX_DIFFERENCE_WORDS,
        MISSING,
        collapse_same,
        compare_words,
        split_words,
    )

    words = [split_words(text) for text in texts]
    shown = [listed[:MAX_DIFFERENCE_WORDS] for listed in words]
    own, other, style = ((MISSING, ADDED, _LEFT_STYLE), (ADDED, MISSING, _RIGHT_STYLE))[which]
    marked = Text(style="not dim")
    for segment in collapse_same(compare_words(*shown)):
        if segment.kind == COLLAPSED:
            marked.append(f"[… {segment.num_words:,} equal words …] ", style=_CONTEXT_STYLE)
        elif segment.kind != other:
            marked.append(printable(segment.words), style=style if segment.kind == own else "")
            marked.append(printable(segment.space))
    num_hidden = len(words[which]) - len(shown[which])
    if num_hidden:
        marked.append(f" [… {num_hidden:,} more words]", style=_CONTEXT_STYLE)
    return marked


def mark_changes(
    base: str, text: str, *, max_chars: int | None = None, has_colours: bool = True
) -> Text | None:
    """Return a text with the words that it adds to another one and those that it lacks.

    Args:
        base: The other text.
        text: The text.
        max_chars: Characters to show; what is left out is counted.
        has_colours: Whether colours mark the words, or signs as wdiff sets them.

    Returns:
        None if no word differs. Long stretches without a difference are left out.
    """
    from cleaner.report.difference import (
        ADDED,
        COLLAPSED,
        MAX_DIFFERENCE_WORDS,
        MISSING,
        collapse_same,
        compare_words,
        cut_segments,
        split_words,
    )

    words = [split_words(side) for side in (base, text)]
    num_left = [max(0, len(side) - MAX_DIFFERENCE_WORDS) for side in words]
    segments = compare_words(*(side[:MAX_DIFFERENCE_WORDS] for side in words))
    if not any(num_left) and not any(one.kind in (ADDED, MISSING) for one in segments):
        return None
    shown, num_hidden = collapse_same(segments), 0
    if max_chars is not None:
        shown, num_hidden = cut_segments(shown, max_chars)
    styles = {MISSING: (_CUT_STYLE, CUT_SIGNS), ADDED: (_ADDED_STYLE, ADDED_SIGNS)}
    marked = Text()
    for segment in shown:
        if segment.kind == COLLAPSED:
            marked.append(f"[… {segment.num_words:,} equal words …] ", style=_CONTEXT_STYLE)
            continue
        style, signs = styles.get(segment.kind, ("", ("", "")))
        shown_words = printable(segment.words)
        marked.append(shown_words if has_colours else shown_words.join(signs), style)
        marked.append(printable(segment.space))
    if num_hidden:
        marked.append(f"[… {num_hidden:,} more characters]", style=_CONTEXT_STYLE)
    if any(num_left):
        more = " and ".join(f"{number:,}" for number in num_left)
        marked.append(f" [… {more} more words, not compared]", style=_CONTEXT_STYLE)
    return marked
