"""Clusters on the page: grouped, in order of time, each member against the representative."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    note_hidden,
    show_line,
    show_name,
    show_text,
)

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
NUM_OPEN_CLUSTERS = 5
_HEADING_WORDS = 12
_NOT_AMONG_LARGEST = "None of them is among the largest clusters of the run."
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z)?")


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
    name = show_name(relation).capitalize()
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
    is_short = cluster["level"] == "document"
    base = show_text(chosen["text"])
    return ClusterView(
        anchor=f"cluster-{cluster['cluster_id']}",
        heading=head_cluster(cluster["title"] if is_short else None, base),
        facts=" · ".join(facts),
        outlets=list_outlets(cluster["outlets"]),
        why=explain_choice(cluster["why"]),
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


def explain_choice(why: str) -> str:
    """Say in words why a representative was chosen."""
    return wording.REPRESENTATIVES.get(why) or f"Chosen by {show_name(why)}."


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
