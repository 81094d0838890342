"""What a comparison of two runs tells: one record a document, passage, rule, cluster or rejection.

Where there are two of a thing, `_a` is that of the first run and `_b` that of the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cleaner.comparison.causes import Cause


class Judgement(msgspec.Struct, frozen=True):
    """What a run decided about a stretch of text, as its ledger has it.

    Attributes:
        partner: The source of the document that holds the representative, for duplicates.
        partner_document: Its id.
    """

    is_kept: bool
    kind: str
    reason: str
    rule: str
    partner: str | None
    partner_document: str | None


NOW_REMOVED, NOW_KEPT, REMOVED_OTHERWISE = "now_removed", "now_kept", "removed_otherwise"


class PassageChange(msgspec.Struct, frozen=True):
    """A stretch of text that both runs have, with another fate.

    Attributes:
        change: `now_removed`, `now_kept`, or `removed_otherwise`: both runs remove it, with another
            kind, reason, rule or partner.
        begin_a, end_a, begin_b, end_b: Where it is in the document's text, in characters.
        before, after: What the two runs decided.
        text: The text.
        causes: What can have changed its fate, what is certain first; empty if the manifests name
            nothing.
    """

    change: str
    begin_a: int
    end_a: int
    begin_b: int
    end_b: int
    before: Judgement
    after: Judgement
    text: str
    causes: tuple[Cause, ...]


class TextDifference(msgspec.Struct, frozen=True):
    """A stretch in which two texts of a document differ; around it they are the same.

    Attributes:
        begin_a, end_a, begin_b, end_b: Where it is in the two texts, in characters.
        text_a, text_b: What stands there; empty where it was put in or left out.
    """

    begin_a: int
    end_a: int
    begin_b: int
    end_b: int
    text_a: str
    text_b: str


class DocumentChange(msgspec.Struct, frozen=True):
    """A document that is not the same in both runs.

    Attributes:
        source: Its source in run B, or in run A if it was removed.
        source_a, source_b, document_a, document_b: Its source and id in the two runs, None where it
            is not.
        changes: What changed: `added`, `removed`; `text`; `page`: what the text was made from, but
            not the text; `metadata`; `moved`: its source only; `into_corpus`, `out_of_corpus`;
            `truncation`; `passages`.
        set_aside: Of an added or removed document, the reason why the other run set it aside.
        num_chars_a, num_chars_b: Characters of its text.
        num_kept_chars_a, num_kept_chars_b: Those that the corpus holds.
        num_changed_chars: Characters that another text or another fate concerns: of an added or
            removed document, those that the corpus holds.
        metadata: For each field that changed, its two values.
        text: Where the texts differ, in order.
        passages: The stretches that both have and whose fate changed, in order.
        causes: What can have changed the document, what is certain first; empty if the manifests
            name nothing.
    """

    source: str
    source_a: str | None
    source_b: str | None
    document_a: str | None
    document_b: str | None
    changes: tuple[str, ...]
    set_aside: str | None
    num_chars_a: int
    num_chars_b: int
    num_kept_chars_a: int
    num_kept_chars_b: int
    num_changed_chars: int
    metadata: Mapping[str, tuple[Any, Any]]
    text: tuple[TextDifference, ...]
    passages: tuple[PassageChange, ...]
    causes: tuple[Cause, ...]


class RuleChange(msgspec.Struct, frozen=True):
    """A rule that did not remove the same amount in both runs."""

    rule: str
    num_chars_a: int
    num_chars_b: int
    num_documents_a: int
    num_documents_b: int


class ClusterChange(msgspec.Struct, frozen=True):
    """A cluster that is not the same in both runs.

    A cluster whose members changed has another id; it is paired with the one of the other run that
    it shares most members with.

    Attributes:
        changes: What changed: `added`, `removed`; `members`; `extents`: where its passages begin
            and end, the documents being the same; `representative`; `relation`.
        cluster_a, cluster_b: Its ids, None where it is not.
        level: What its members are.
        relation_a, relation_b: How they belong together.
        representative_a, representative_b: The source of the document whose copy stays.
        num_members_a, num_members_b: Members, the representative included.
        members_added, members_removed: Sources of members that only one run has.
        text: The representative's passage, or the title of copies; None if there is none.
    """

    changes: tuple[str, ...]
    cluster_a: str | None
    cluster_b: str | None
    level: str
    relation_a: str | None
    relation_b: str | None
    representative_a: str | None
    representative_b: str | None
    num_members_a: int
    num_members_b: int
    members_added: tuple[str, ...]
    members_removed: tuple[str, ...]
    text: str | None


class RejectionChange(msgspec.Struct, frozen=True):
    """An input that only one run set aside: `change` is `added` or `removed`."""

    change: str
    source: str
    reason: str
    detail: str
