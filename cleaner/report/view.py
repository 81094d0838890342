"""What the page shows, as plain data: the template prints it and decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleaner.model import DUPLICATE, WHITESPACE
from cleaner.report import wording
from cleaner.report.difference import (
    MAX_DIFFERENCE_WORDS,
    SAME,
    Segment,
    collapse_same,
    compare_words,
    cut_segments,
    split_words,
)
from cleaner.report.text import (
    find_link,
    format_count,
    format_percent,
    format_quantity,
    show_line,
    show_text,
)

if TYPE_CHECKING:
    from cleaner.results import OutletResult, RunResult

MAX_TEXT_CHARS = 2000
"""Characters of a member that the page shows; about 330 words (by hand)."""
MAX_CONTEXT_CHARS = 200
"""Characters around a passage that the page shows; context this long counts as cut off."""
_MAX_CUT_CHARS = 20
"""A longer rest of a word is shown, because it is none (scripts without spaces)."""
MAX_MEMBERS = 24
"""Members of a cluster that the page shows (by hand)."""
MAX_OUTLETS = 4
"""Outlets that the summary line of a cluster names (by hand)."""
MAX_TOP_KINDS = 3
NUM_OPEN_CLUSTERS = 5
_HEADING_WORDS = 12
_NOT_AMONG_LARGEST = "None of them is among the largest clusters of the run."

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z)?")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel: what is left, its share of the first step, and what went."""

    label: str
    count: str
    percent: str
    width: float
    note: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of the table of removed characters."""

    label: str
    about: str
    num_chars: str
    of_removed: str
    of_all: str
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar that is 100 wide."""

    name: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class OutletRow:
    """A row of the table of outlets."""

    outlet: str
    num_documents: str
    num_kept_documents: str
    num_without_main: str
    num_chars: str
    num_kept_chars: str
    kept_percent: str
    num_removed_chars: str
    bars: tuple[Bar, ...]
    top_kinds: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of a cluster: whence it comes, and its text against the representative's."""

    outlet: str
    is_representative: bool
    published: str
    moment: str | None
    similarity: str
    source: str
    title: str
    url: str
    link: str | None
    before: str
    segments: tuple[Segment, ...]
    after: str
    hidden: str
    note: str


@dataclass(frozen=True, slots=True)
class ClusterView:
    """A cluster under its summary line."""

    anchor: str
    heading: str
    facts: str
    outlets: str
    why: str
    is_open: bool
    members: tuple[MemberView, ...]
    hidden: str


@dataclass(frozen=True, slots=True)
class RelationView:
    """The clusters of one relation under their heading."""

    anchor: str
    name: str
    heading: str
    explanation: str
    count: str
    clusters: tuple[ClusterView, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A row of the table of inputs that were set aside."""

    source: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template prints."""

    statement: tuple[str, ...]
    document_steps: tuple[Step, ...]
    char_steps: tuple[Step, ...]
    kinds: tuple[KindRow, ...]
    kinds_not_found: str
    outlets: tuple[OutletRow, ...]
    clusters_note: str
    relations: tuple[RelationView, ...]
    rejection_counts: str
    rejections: tuple[RejectionRow, ...]
    rejections_note: str
    files: tuple[tuple[str, str], ...]


def build_page(
    result: RunResult,
    clusters: Sequence[Mapping[str, Any]],
    rejections: Sequence[Mapping[str, str]],
    *,
    num_hidden_clusters: int,
    num_hidden_rejections: int,
) -> Page:
    """Compute everything that the page shows; see `render_report` for the arguments."""
    removed = result.removed
    missing = [_label(kind) for kind in wording.KINDS if not removed.get(kind)]
    return Page(
        statement=state_run(result),
        document_steps=list_document_steps(result),
        char_steps=list_char_steps(result),
        kinds=list_kinds(removed, result.num_chars),
        kinds_not_found=", ".join(missing) if removed else "",
        outlets=tuple(show_outlet(outlet) for outlet in result.outlets),
        clusters_note=note_hidden(num_hidden_clusters, "cluster", "clusters.jsonl"),
        relations=group_clusters(clusters, result.clusters),
        rejection_counts=", ".join(
            f"{format_count(n)} {_label(reason)}" for reason, n in result.rejected.items()
        ),
        rejections=tuple(
            RejectionRow(show_line(r["source"]), _label(r["reason"]), _detail(r))
            for r in rejections
        ),
        rejections_note=note_hidden(num_hidden_rejections, "input", "rejected.jsonl"),
        files=(
            (
                show_line(result.corpus.name),
                f"The corpus: {_view(result.view)}.",
            ),
            *wording.FILES.items(),
        ),
    )


def _detail(rejection: Mapping[str, str]) -> str:
    return show_line(rejection["detail"], 2 * MAX_CONTEXT_CHARS)


def _label(name: str) -> str:
    """Write a name in snake_case as words."""
    return "white space" if name == WHITESPACE else show_line(name.replace("_", " "))


def _view(name: str) -> str:
    about = wording.VIEWS.get(name)
    return f"the {name} view ({about})" if about else f"the view {_label(name)}"


def _width(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def state_run(result: RunResult) -> tuple[str, ...]:
    """Say in sentences what the run did."""
    if not result.num_documents:
        first = "The run found no document with text, so the corpus is empty."
        if result.num_rejected:
            were = "was" if result.num_rejected == 1 else "were"
            first += (
                f" {format_quantity(result.num_rejected, 'input')} {were} set aside, for the "
                "reasons given below."
            )
        return (first,)
    documents, kept = result.num_documents, result.num_kept_documents
    chars, kept_chars = result.num_chars, result.num_kept_chars
    num_clusters = sum(result.clusters.values())
    sentences = [
        f"The run read {format_quantity(documents, 'document')} with text from "
        f"{format_quantity(len(result.outlets), 'outlet')}; {format_count(kept)} "
        f"({format_percent(kept, documents)}) still have text in the corpus.",
        f"Of {format_quantity(chars, 'character')} it kept {format_count(kept_chars)} "
        f"({format_percent(kept_chars, chars)}) and removed {format_count(chars - kept_chars)} "
        f"({format_percent(chars - kept_chars, chars)}).",
        f"It compared the documents with each other and found "
        f"{format_quantity(result.num_matches, 'verified pair')}. Repeated text forms "
        f"{format_quantity(num_clusters, 'cluster')}.",
        f"The corpus holds {_view(result.view)}.",
    ]
    if result.num_skipped_pairs:
        sentences.append(
            f"{format_quantity(result.num_skipped_pairs, 'pair')} of very common passages "
            f"{'was' if result.num_skipped_pairs == 1 else 'were'} not compared, so some "
            "repetition may remain."
        )
    return tuple(sentences)


def list_document_steps(result: RunResult) -> tuple[Step, ...]:
    """List what is left of the inputs, step by step."""
    inputs = result.num_documents + result.num_rejected
    num_without_main = sum(outlet.num_without_main for outlet in result.outlets)
    num_main = result.num_documents - num_without_main
    return _steps(
        ("Inputs found", inputs, ""),
        ("With text", result.num_documents, "set aside"),
        ("With main content", num_main, "with nothing but boilerplate"),
        ("In the corpus", result.num_kept_documents, "with nothing left but copies"),
    )


def list_char_steps(result: RunResult) -> tuple[Step, ...]:
    """List what is left of the characters, step by step."""
    removed = result.removed
    num_duplicate = removed.get(DUPLICATE, 0)
    num_other = sum(removed.values()) - num_duplicate
    return _steps(
        ("Characters of text", result.num_chars, ""),
        ("Without boilerplate", result.num_chars - num_other, "boilerplate and white space"),
        ("In the corpus", result.num_chars - num_other - num_duplicate, "repeated elsewhere"),
    )


def _steps(*steps: tuple[str, int, str]) -> tuple[Step, ...]:
    whole = previous = steps[0][1]
    rows = []
    for label, count, lost in steps:
        gone = previous - count
        rows.append(
            Step(
                label,
                format_count(count),
                format_percent(count, whole),
                _width(count, whole),
                f"−{format_count(gone)} {lost}" if gone else "",
            )
        )
        previous = count
    return tuple(rows)


def list_kinds(removed: Mapping[str, int], num_chars: int) -> tuple[KindRow, ...]:
    """List removed characters by kind, in the order given; kinds with none are left out."""
    total = sum(removed.values())
    return tuple(
        KindRow(
            label=_label(kind),
            about=wording.KINDS.get(kind, ""),
            num_chars=format_count(n),
            of_removed=format_percent(n, total),
            of_all=format_percent(n, num_chars),
            width=_width(n, total),
        )
        for kind, n in removed.items()
        if n
    )


def show_outlet(outlet: OutletResult) -> OutletRow:
    """Describe what became of one outlet's documents."""
    num_removed = outlet.num_chars - outlet.num_kept_chars
    kept = _width(outlet.num_kept_chars, outlet.num_chars)
    duplicate = _width(outlet.removed.get(DUPLICATE, 0), outlet.num_chars)
    rest = round(max(0.0, 100 - kept - duplicate), 2) if outlet.num_chars else 0.0
    top = sorted(outlet.removed.items(), key=lambda item: (-item[1], item[0]))[:MAX_TOP_KINDS]
    return OutletRow(
        outlet=show_line(outlet.outlet),
        num_documents=format_count(outlet.num_documents),
        num_kept_documents=format_count(outlet.num_kept_documents),
        num_without_main=format_count(outlet.num_without_main),
        num_chars=format_count(outlet.num_chars),
        num_kept_chars=format_count(outlet.num_kept_chars),
        kept_percent=format_percent(outlet.num_kept_chars, outlet.num_chars),
        num_removed_chars=format_count(num_removed),
        bars=(
            Bar("kept", 0.0, kept),
            Bar("repeated", kept, duplicate),
            Bar("rest", round(kept + duplicate, 2), rest),
        ),
        top_kinds=", ".join(f"{_label(kind)} {format_count(n)}" for kind, n in top if n),
    )


def note_hidden(number: int, noun: str, file: str) -> str:
    """Say how many more there are in a file, or nothing if there are none.

    >>> note_hidden(1, "cluster", "clusters.jsonl"), note_hidden(0, "cluster", "clusters.jsonl")
    ('1 more cluster is not shown here; all are in clusters.jsonl.', '')
    """
    if number <= 0:
        return ""
    are = "is" if number == 1 else "are"
    return f"{format_quantity(number, f'more {noun}')} {are} not shown here; all are in {file}."


def group_clusters(
    clusters: Sequence[Mapping[str, Any]], totals: Mapping[str, int]
) -> tuple[RelationView, ...]:
    """Group clusters by relation, in the order of `wording.RELATIONS`.

    Args:
        clusters: The clusters to show; those of one relation keep their order.
        totals: Clusters of the whole run, by relation.
    """
    shown: dict[str, list[Mapping[str, Any]]] = {relation: [] for relation in wording.RELATIONS}
    for cluster in clusters:
        shown.setdefault(cluster["relation"], []).append(cluster)
    views = []
    num_before = 0
    for relation, group in shown.items():
        words = wording.RELATIONS.get(relation) or _word_relation(relation)
        total = max(totals.get(relation, 0), len(group))
        count = format_quantity(total, "cluster")
        if len(group) < total:
            largest = "largest" if len(group) == 1 else f"largest {format_count(len(group))}"
            count += f", the {largest} shown here" if group else ""
        views.append(
            RelationView(
                anchor=show_line(f"relation-{relation}"),
                name=words.name,
                heading=words.heading,
                explanation=words.explanation,
                count=count if total else "",
                clusters=tuple(
                    show_cluster(cluster, is_open=num_before + i < NUM_OPEN_CLUSTERS)
                    for i, cluster in enumerate(group)
                ),
                empty="" if group else words.empty if not total else _NOT_AMONG_LARGEST,
            )
        )
        num_before += len(group)
    return tuple(views)


def _word_relation(relation: str) -> wording.RelationWording:
    """Name a relation that this page knows nothing about."""
    name = _label(relation).capitalize()
    return wording.RelationWording(name, name, "", "")


def show_cluster(cluster: Mapping[str, Any], *, is_open: bool) -> ClusterView:
    """Describe a cluster and its members in order of time."""
    members: Sequence[Mapping[str, Any]] = cluster["members"]
    chosen = next(member for member in members if member["is_representative"])
    shown = [chosen, *(member for member in members if member is not chosen)][:MAX_MEMBERS]
    facts = [format_quantity(cluster["num_members"], "member")]
    facts.append(_period(cluster["first_published"], cluster["last_published"]))
    if len(members) > 1:
        facts.append(f"at least {format_percent(cluster['min_similarity'])} similar")
    is_short = cluster["relation"] == "copy"
    base = show_text(chosen["text"])
    return ClusterView(
        anchor=f"cluster-{cluster['cluster_id']}",
        heading=head_cluster(cluster["title"] if is_short else None, base),
        facts=" · ".join(facts),
        outlets=list_outlets(cluster["outlets"]),
        why=explain_choice(cluster["why"], chosen, members),
        is_open=is_open,
        members=tuple(
            show_member(member, base, is_short=is_short)
            for member in sorted(shown, key=order_in_time)
        ),
        hidden=note_hidden(cluster["num_members"] - len(shown), "member", "clusters.jsonl"),
    )


def head_cluster(title: str | None, text: str) -> str:
    """Name a cluster: by its title, else by its first words.

    >>> head_cluster(None, "It was a dark and stormy night; the rain fell in torrents, except")
    'It was a dark and stormy night; the rain fell in torrents,…'
    """
    words = text[: 10 * MAX_TEXT_CHARS].split(None, _HEADING_WORDS)
    first_words = " ".join(words[:_HEADING_WORDS]) + ("…" if len(words) > _HEADING_WORDS else "")
    return show_line(title or "") or show_line(first_words) or "(no title)"


def _period(first: str | None, last: str | None) -> str:
    if not first or not last:
        return "undated"
    days = show_line(first[:10]), show_line(last[:10])
    return days[0] if days[0] == days[1] else f"{days[0]} to {days[1]}"


def list_outlets(outlets: Sequence[str]) -> str:
    """Name the first outlets, and say how many more there are."""
    names = ", ".join(show_line(outlet, 60) for outlet in outlets[:MAX_OUTLETS])
    num_more = len(outlets) - MAX_OUTLETS
    return f"{names} and {format_count(num_more)} more" if num_more > 0 else names


def explain_choice(
    why: str, chosen: Mapping[str, Any], members: Sequence[Mapping[str, Any]]
) -> str:
    """Say in words why a representative was chosen."""
    if why == "earliest_date" and any(_time(member) < _time(chosen) for member in members):
        return wording.DROPPED_IS_EARLIER
    return wording.REPRESENTATIVES.get(why) or f"Chosen by {_label(why)}."


def order_in_time(member: Mapping[str, Any]) -> tuple[str, bool, str]:
    """Return a sort key: by date, a day without a time after its times, undated last."""
    return _time(member), not member["is_representative"], member["document_id"]


def _time(member: Mapping[str, Any]) -> str:
    published = member["published"] or "9999-99-99"
    return published if "T" in published else f"{published}T99"


def show_member(member: Mapping[str, Any], base: str, *, is_short: bool) -> MemberView:
    """Describe a member.

    Args:
        member: A member of a cluster, with its text and the text around it.
        base: The representative's text, as `show_text` gives it.
        is_short: Whether unchanged stretches are collapsed and the context is left out, as in
            copies.
    """
    is_representative = bool(member["is_representative"])
    segments, note = show_difference(
        show_text(member["text"]), None if is_representative else base, is_short=is_short
    )
    segments, num_hidden = cut_segments(segments, MAX_TEXT_CHARS)
    published = member["published"] or ""
    match = _MOMENT.fullmatch(published)
    day_and_time = f"{match[1]} {match[2]} UTC" if match and match[2] else show_line(published)
    before, after = ("", "") if is_short else (member["before"], member["after"])
    return MemberView(
        outlet=show_line(member["outlet"]),
        is_representative=is_representative,
        published=day_and_time or "undated",
        moment=published if match else None,
        similarity=format_percent(member["similarity"]),
        source=show_line(member["source"]),
        title=show_line(member["title"] or ""),
        url=show_line(member["url"] or ""),
        link=find_link(member["url"]),
        before=show_before(before),
        segments=tuple(segments),
        after="" if num_hidden else show_after(after),
        hidden=(
            f"… {format_quantity(num_hidden, 'more character')}; clusters.jsonl says where the "
            "text stands"
            if num_hidden
            else ""
        ),
        note=note,
    )


def show_before(text: str) -> str:
    """Show the text before a passage; one that is cut begins with a whole word.

    >>> show_before("Short. "), show_before("ing " + 49 * "word " + "end. ")[:10]
    ('Short. ', '…word word')
    """
    if len(text) < MAX_CONTEXT_CHARS:
        return show_text(text).lstrip()
    rest = text[-MAX_CONTEXT_CHARS:]
    head, space, tail = rest.partition(" ")
    return "…" + show_text(tail if space and len(head) <= _MAX_CUT_CHARS else rest)


def show_after(text: str) -> str:
    """Show the text after a passage; one that is cut ends with a whole word.

    >>> show_after(" Short."), show_after(49 * " word" + " beginni")[-10:]
    (' Short.', 'word word…')
    """
    if len(text) < MAX_CONTEXT_CHARS:
        return show_text(text).rstrip()
    rest = text[:MAX_CONTEXT_CHARS]
    head, space, tail = rest.rpartition(" ")
    return show_text(head if space and len(tail) <= _MAX_CUT_CHARS else rest) + "…"


def show_difference(text: str, base: str | None, *, is_short: bool) -> tuple[list[Segment], str]:
    """Compare a text with the representative's.

    Args:
        text: The member's text.
        base: The representative's text; None if the member is the representative.
        is_short: Whether unchanged stretches are collapsed whatever the length.

    Returns:
        The segments, and a sentence about the comparison.
    """
    if base is None:
        return [Segment(SAME, text, len(text.split()))], ""
    words, base_words = split_words(text), split_words(base)
    if max(len(words), len(base_words)) > MAX_DIFFERENCE_WORDS and text != base:
        return [Segment(SAME, text, len(words))], (
            f"Differences are not marked: one of the texts has more than "
            f"{format_count(MAX_DIFFERENCE_WORDS)} words."
        )
    segments = compare_words(base_words, words)
    is_same = all(segment.kind == SAME for segment in segments)
    if is_short or len(text) > MAX_TEXT_CHARS:
        segments = collapse_same(segments)
    return segments, "Word for word the same as the representative." if is_same else ""
