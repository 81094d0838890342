"""Resolution: which copy survives, what is cut, and that every character is accounted for."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.boilerplate import TRUNCATIONS
from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.extraction import split_text
from cleaner.ledger import view_text
from cleaner.model import TEXTS, VIEWS
from cleaner.passages.segment import KeptText
from cleaner.resolution import (
    KEEPERS,
    _split,
    _without_overlaps,
    explain_representative,
    rank_documents,
    resolve_document,
    resolve_documents,
)
from cleaner.words import find_words

CONFIG = Config()
ONE = "Nobody in the valley had ever seen such a crowded orchard."
TWO = "A tram line to the northern harbour will open soon."
THREE = "Teachers from five villages asked the minister for more books."
SAID = "“We will build it again, stone by stone.”"


def policy(**changes: object) -> Config:
    """Return the default configuration with another policy."""
    return CONFIG.replace(resolve=changes)


def judge(text: str, removed: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """Give every line a verdict; those of the given numbers are boilerplate."""
    verdicts = []
    for number, block in enumerate(split_text(text, "en")["blocks"]):
        kind = "share" if number in removed else "main"
        verdict = {"kind": kind, "reason": f"is_{kind}", "rule": "by_hand", "score": 0.9}
        verdicts.append({"begin": block["begin"], "end": block["end"]} | verdict)
    return verdicts


def member(
    begin: int,
    end: int,
    relation: str = "passage",
    *,
    level: str | None = None,
    is_representative: bool = False,
    partner_outlet: str = "other",
    representative_is_cut: bool = False,
) -> dict[str, Any]:
    """Make a row that `MEMBERSHIPS_SQL` gives."""
    return {
        "cluster_id": f"{relation}:{begin}-{end}",
        "level": level or {"copy": "document", "quote": "quotation"}.get(relation, "sentence"),
        "relation": relation,
        "document_id": "d",
        "begin": begin,
        "end": end,
        "is_representative": is_representative,
        "similarity": 1.0 if is_representative else 0.9,
        "partner_document": "d" if is_representative else "partner",
        "partner_begin": begin,
        "partner_end": end,
        "partner_outlet": partner_outlet,
        "representative_is_cut": representative_is_cut,
    }


def at(text: str, part: str, relation: str = "passage", **options: Any) -> dict[str, Any]:
    """Make a member of a part of a text."""
    begin = text.index(part)
    return member(begin, begin + len(part), relation, **options)


def resolve(
    text: str,
    members: list[dict[str, Any]],
    config: Config = CONFIG,
    removed: tuple[int, ...] = (),
    **about: object,
) -> list[dict[str, Any]]:
    """Resolve one document of the outlet `own`."""
    row = {"document_id": "d", "outlet": "own", "text": text, "language": "en"} | about
    spans = resolve_document(row, judge(text, removed), members, config)
    return [msgspec.structs.asdict(span) for span in spans]


def reasons(text: str, spans: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the stripped text and reason of every span."""
    return [(text[span["begin"] : span["end"]].strip(), span["reason"]) for span in spans]


def views(text: str, spans: list[dict[str, Any]]) -> dict[str, str]:
    """Return the text of every view."""
    return {view: view_text(text, spans, view) for view in VIEWS}


def test_kept_text_is_one_span_a_block() -> None:
    """Without matches every view holds all main content; edges lose their white space."""
    text = f"\n {ONE}\n\n{TWO} \n"
    spans = resolve(text, [])
    assert reasons(text, spans) == [
        ("", "space_at_a_cut"),
        (ONE, "is_main"),
        (TWO, "is_main"),
        ("", "space_at_a_cut"),
    ]
    assert views(text, spans) == dict.fromkeys(VIEWS, f"{ONE}\n\n{TWO}")


def test_boilerplate_is_in_no_view() -> None:
    """A removed line takes its white space along; the text around it closes."""
    text = f"Menu\n{ONE}\n\nShare\n\n{TWO}\nImprint\n"
    spans = resolve(text, [], removed=(0, 2, 4))
    assert views(text, spans) == dict.fromkeys(VIEWS, f"{ONE}\n\n{TWO}")
    assert ("Share", "is_share") in reasons(text, spans)


def test_repeated_passage_is_cut() -> None:
    """A passage goes from the unique view and the originals, and stays in the full one."""
    text = f"{ONE} {TWO} {THREE}"
    spans = resolve(text, [at(text, TWO)])
    assert views(text, spans) == {
        "unique": f"{ONE} {THREE}",
        "full": text,
        "originals": f"{ONE} {THREE}",
    }
    (cut,) = [span for span in spans if span["kind"] == "duplicate"]
    assert (cut["reason"], cut["rule"], cut["partner_document"], cut["similarity"]) == (
        "repeated_passage",
        "resolve.passage",
        "partner",
        0.9,
    )


PARAGRAPHS = [
    (f"{ONE}\n{TWO} {THREE}", TWO, f"{ONE}\n{THREE}"),
    (f"{ONE} {TWO}\n{THREE}", TWO, f"{ONE}\n{THREE}"),
    (f"{ONE}\n\n{TWO} {THREE}", TWO, f"{ONE}\n\n{THREE}"),
    (f"{ONE}\n{TWO}\n\n{THREE}", TWO, f"{ONE}\n\n{THREE}"),
    (f"{ONE}\n\n{TWO}\n{THREE}", TWO, f"{ONE}\n\n{THREE}"),
    (f"{ONE} {TWO}  {THREE}", TWO, f"{ONE}  {THREE}"),
    (f"{ONE}\n{TWO} {THREE}", ONE, f"{TWO} {THREE}"),
    (f"{ONE}\n{TWO} {THREE}", THREE, f"{ONE}\n{TWO}"),
]


@pytest.mark.parametrize(("text", "cut", "unique"), PARAGRAPHS)
def test_cuts_keep_paragraphs_apart(text: str, cut: str, unique: str) -> None:
    """Between what is left stands the widest white space that stood there: no paragraphs join."""
    assert views(text, resolve(text, [at(text, cut)]))["unique"] == unique


def test_representative_stays() -> None:
    """What represents its copies is in every view, and says so."""
    text = f"{ONE} {TWO}"
    spans = resolve(text, [at(text, TWO, is_representative=True)])
    assert reasons(text, spans) == [(ONE, "is_main"), (TWO, "representative")]
    assert views(text, spans) == dict.fromkeys(VIEWS, text)


def test_text_from_the_own_outlet_is_an_original() -> None:
    """What is kept although it stands elsewhere is an original if that is the same outlet's."""
    text = f"{ONE} {TWO}"
    config = policy(passages="keep")
    for outlet, originals in (("own", text), ("other", ONE)):
        spans = resolve(text, [at(text, TWO, partner_outlet=outlet)], config)
        assert views(text, spans) == {"unique": text, "full": text, "originals": originals}
        assert reasons(text, spans)[1] == (TWO, "repeated_passage")


@pytest.mark.parametrize("quotes", ["keep", "cut"])
@pytest.mark.parametrize(("copies", "unique"), [("drop", ""), ("keep", f"{ONE}\n{TWO}")])
def test_copies(copies: str, unique: str, quotes: str) -> None:
    """A copy is dropped whole or kept whole; what its passages are does not matter."""
    text = f"Menu\n{ONE}\n{TWO}"
    members = [member(5, len(text), "copy"), at(text, ONE, is_representative=True)]
    spans = resolve(text, members, policy(copies=copies, quotes=quotes), removed=(0,))
    assert views(text, spans) == {"unique": unique, "full": f"{ONE}\n{TWO}", "originals": ""}
    assert [pair for pair in reasons(text, spans) if pair[0]] == [
        ("Menu", "is_share"),
        (ONE, "copy_of_document"),
        (TWO, "copy_of_document"),
    ]


@pytest.mark.parametrize("outlet", ["own", "other"])
def test_kept_copies_lose_passages_of_others(outlet: str) -> None:
    """A kept copy is cut where its passage stands in a document that it is no copy of."""
    text = f"{ONE}\n{TWO} {TWO}\n{THREE}"
    of_copy = {"partner_outlet": outlet}
    members = [
        member(0, len(text), "copy", **of_copy) | {"partner_document": "original"},
        at(text, ONE, **of_copy) | {"partner_document": "original"},
        at(text, THREE, partner_outlet="own"),
    ]
    spans = resolve(text, members, policy(copies="keep"))
    assert reasons(text, spans) == [
        (ONE, "copy_of_document"),
        (f"{TWO} {TWO}", "copy_of_document"),
        (THREE, "repeated_passage"),
    ]
    kept = f"{ONE}\n{TWO} {TWO}"
    shown = {"unique": kept, "full": text, "originals": kept if outlet == "own" else ""}
    assert views(text, spans) == shown
    both = resolve(text, members, policy(copies="keep", passages="keep"))
    assert views(text, both)["originals"] == (text if outlet == "own" else "")


def test_kept_copies_without_a_rest_are_dropped() -> None:
    """A kept copy of which others hold all but a few words goes as any other document does."""
    text = f"Seven words of its own are left.\n{ONE}"
    copy = member(0, len(text), "copy") | {"partner_document": "original"}
    spans = resolve(text, [copy, at(text, ONE)], policy(copies="keep"))
    assert views(text, spans) == {"unique": "", "full": text, "originals": ""}


def test_representative_of_copies_is_not_marked() -> None:
    """The document that stays is resolved by its passages."""
    text = f"{ONE} {TWO} {THREE}"
    members = [member(0, len(text), "copy", is_representative=True), at(text, TWO)]
    assert [reason for _, reason in reasons(text, resolve(text, members))] == [
        "is_main",
        "repeated_passage",
        "is_main",
    ]


BY_TYPE = [
    ("passage", "sentence", {"passages": "keep"}, {"rewrites": "keep", "quotes": "keep"}),
    ("wire", "sentence", {"passages": "keep"}, {"rewrites": "keep", "copies": "keep"}),
    ("rewrite", "sentence", {"rewrites": "keep"}, {"passages": "keep"}),
    ("self", "sentence", {"passages": "keep"}, {"same_outlet": "keep"}),
    ("copy", "document", {"copies": "keep"}, {"passages": "keep", "rewrites": "keep"}),
    ("wire", "document", {"copies": "keep"}, {"passages": "keep"}),
    ("self", "document", {"copies": "keep"}, {"same_outlet": "keep"}),
]


@pytest.mark.parametrize(("relation", "level", "keeping", "others"), BY_TYPE)
def test_each_relation_has_its_policy(
    relation: str, level: str, keeping: dict[str, str], others: dict[str, str]
) -> None:
    """What another outlet has is cut by default, and kept by one key of the policy and no other."""
    text = f"{ONE}\n{TWO}\n{THREE}"
    part = text if level == "document" else TWO
    members = [at(text, part, relation, level=level)]
    without = "" if level == "document" else f"{ONE}\n{THREE}"
    for config, unique in (
        (CONFIG, without),
        (policy(**others), without),
        (policy(**keeping), text),
    ):
        spans = resolve(text, members, config)
        assert views(text, spans) == {"unique": unique, "full": text, "originals": without}
        assert {s["rule"] for s in spans if s["kind"] == "duplicate"} == {f"resolve.{relation}"}


SAME_OUTLET = [
    ({}, ""),
    ({"copies": "keep"}, "copy"),
    ({"passages": "keep"}, "passage"),
    ({"same_outlet": "keep"}, "copy passage rewrite"),
    ({"same_outlet": "drop", "copies": "keep", "passages": "keep", "rewrites": "keep"}, ""),
]


@pytest.mark.parametrize(("changes", "kept"), SAME_OUTLET)
def test_same_outlet_has_a_policy_of_its_own(changes: dict[str, str], kept: str) -> None:
    """What the outlet has from itself goes as the rest does, or always, or never."""
    text = f"{ONE}\n{TWO}\n{THREE}"
    for relation in ("copy", "passage", "rewrite"):
        part = text if relation == "copy" else TWO
        spans = resolve(text, [at(text, part, relation, partner_outlet="own")], policy(**changes))
        without = "" if relation == "copy" else f"{ONE}\n{THREE}"
        unique = text if relation in kept.split() else without
        assert views(text, spans) == {"unique": unique, "full": text, "originals": unique}


def test_reposts_that_are_kept_lose_passages_of_others() -> None:
    """A repost that stays is cut where its passage stands in another outlet."""
    text = f"{ONE}\n{TWO} {TWO}\n{THREE}"
    members = [
        member(0, len(text), "self", level="document", partner_outlet="own"),
        at(text, THREE) | {"partner_document": "elsewhere"},
    ]
    spans = resolve(text, members, policy(same_outlet="keep"))
    assert views(text, spans)["unique"] == f"{ONE}\n{TWO} {TWO}"
    assert views(text, resolve(text, members))["unique"] == ""


@pytest.mark.parametrize("level", ["sentence", "document"])
@pytest.mark.parametrize("is_representative", [True, False])
def test_templates_are_never_cut(level: str, is_representative: bool) -> None:
    """A form that recurs stays in all views, in each document that has it."""
    text = f"{ONE}\n{TWO}"
    part = text if level == "document" else TWO
    members = [at(text, part, "template", level=level, is_representative=is_representative)]
    spans = resolve(text, members)
    assert views(text, spans) == dict.fromkeys(VIEWS, text)
    both = resolve(f"{text} {THREE}", [*members, at(f"{text} {THREE}", f"{TWO} {THREE}")])
    assert views(f"{text} {THREE}", both)["unique"] == ONE


def test_templates_are_text_of_its_own() -> None:
    """A document is not dropped for having little beside a form."""
    text = f"{ONE}\n{TWO}"
    spans = resolve(text, [at(text, ONE), at(text, TWO, "template")])
    assert views(text, spans)["unique"] == TWO


@pytest.mark.parametrize(("outlet", "is_original"), [("own", False), ("Reuters", True)])
@pytest.mark.parametrize("level", ["sentence", "document"])
@pytest.mark.parametrize("relation", ["wire", "passage"])
def test_agency_copy_is_original_to_agencies(
    outlet: str, is_original: bool, level: str, relation: str
) -> None:
    """Who has it first has a report in the unique view; only an agency has it in the originals."""
    text = f"{ONE}\n{TWO}"
    part = text if level == "document" else TWO
    members = [at(text, part, relation, level=level, is_representative=True)]
    row = {"document_id": "d", "outlet": outlet, "text": text, "language": "en"}
    spans = [
        msgspec.structs.asdict(span) for span in resolve_document(row, judge(text), members, CONFIG)
    ]
    own = "" if level == "document" else ONE
    originals = text if is_original or relation == "passage" else own
    assert views(text, spans) == {"unique": text, "full": text, "originals": originals}
    reasons_ = {span["reason"] for span in spans}
    assert ("agency_copy" in reasons_) is (originals != text)


def test_agency_copy_is_never_a_remainder() -> None:
    """A document that represents an agency report is not dropped for having little beside it."""
    text = f"{ONE}\nSeven words of its own are left."
    report = at(text, "Seven words of its own are left.", "wire", is_representative=True)
    assert views(text, resolve(text, [at(text, ONE), report]))["unique"] == (
        "Seven words of its own are left."
    )


QUOTES = [
    ("kept by default", f"{ONE} {SAID} {TWO}", {}, {}, False),
    ("cut on its own", f"{ONE} {SAID} {TWO}", {"quotes": "cut"}, {}, True),
    ("not in a sentence", f"{ONE} He said: {SAID} {TWO}", {"quotes": "cut"}, {}, False),
    (
        "not without its representative",
        f"{ONE} {SAID} {TWO}",
        {"quotes": "cut"},
        {"representative_is_cut": True},
        False,
    ),
]


@pytest.mark.parametrize(
    ("text", "changes", "options", "is_cut"),
    [case[1:] for case in QUOTES],
    ids=[case[0] for case in QUOTES],
)
def test_quotes(text: str, changes: dict[str, str], options: dict[str, Any], is_cut: bool) -> None:
    """A quote is cut when asked for, where it is all its sentence says, and marked otherwise."""
    spans = resolve(text, [at(text, SAID[1:-1], "quote", **options)], policy(**changes))
    (found,) = [span for span in spans if span["reason"] == "repeated_quote"]
    assert found["unique"] is not is_cut
    assert views(text, spans)["unique"] == (text.replace(f"{SAID} ", "") if is_cut else text)
    assert views(text, spans)["full"] == text


def test_passages_go_before_quotes() -> None:
    """Text that a passage and a quote claim belongs to the passage."""
    text = f"{ONE} {SAID} {TWO}"
    members = [at(text, SAID[1:-1], "quote", is_representative=True), at(text, SAID)]
    assert reasons(text, resolve(text, members))[1] == (SAID, "repeated_passage")
    text = f"{ONE} “{TWO} {THREE}” {ONE}"
    members = [at(text, f"{TWO} {THREE}", "quote"), at(text, f"{THREE}”")]
    assert reasons(text, resolve(text, members))[1:3] == [
        (TWO, "repeated_quote"),
        (f"{THREE}”", "repeated_passage"),
    ]


LEFT = [
    ("too little", "Seven words of its own are left.", True),
    ("enough", "Eight words of its own are left here.", False),
    ("no sentence", "Eight words of its own are left here", True),
]


@pytest.mark.parametrize(
    ("own", "is_dropped"), [case[1:] for case in LEFT], ids=[case[0] for case in LEFT]
)
def test_nothing_else_left(own: str, is_dropped: bool) -> None:
    """A document that others hold all of but a headline is dropped whole; words decide."""
    text = f"{own}\n{ONE}"
    spans = resolve(text, [at(text, ONE)])
    assert reasons(text, spans)[0] == (own, "nothing_else_left" if is_dropped else "is_main")
    assert views(text, spans)["unique"] == ("" if is_dropped else own)
    assert views(text, spans)["full"] == text
    kept = resolve(text, [at(text, ONE)], is_keeper=True)
    assert views(text, kept)["unique"] == own  # Others lost it to this document before.
    if is_dropped:
        assert (spans[0]["kind"], spans[0]["rule"], spans[0]["partner_document"]) == (
            "duplicate",
            "resolve.remainder",
            "partner",
        )


def test_representatives_are_never_dropped() -> None:
    """A short rest that represents a passage stays."""
    text = f"Seven words of its own are left.\n{ONE}"
    short = at(text, "Seven words of its own are left.", is_representative=True)
    spans = resolve(text, [short, at(text, ONE)])
    assert views(text, spans)["unique"] == "Seven words of its own are left."


def test_short_documents_of_their_own_stay() -> None:
    """A document that lost nothing to others is not dropped, however short."""
    assert views("Few words.", resolve("Few words.", []))["unique"] == "Few words."
    text = f"Few words. {ONE}"
    kept = resolve(text, [at(text, ONE)], policy(passages="keep"))
    assert views(text, kept)["unique"] == text


class Counted(Sequence[Any]):
    """A sequence that counts how often an item is taken."""

    def __init__(self, items: Sequence[Any]) -> None:
        self._items = items
        self.num_taken = 0

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, at: Any) -> Any:
        self.num_taken += 1
        return self._items[at]


class Position(int):
    """A position that counts, with all others, how often it is compared."""

    num_compared = 0

    def __lt__(self, other: int) -> bool:
        Position.num_compared += 1
        return int(self) < int(other)

    def __gt__(self, other: int) -> bool:
        Position.num_compared += 1
        return int(self) > int(other)


def test_many_marks_take_no_more_time_each() -> None:
    """Four times the marks and blocks take four times the steps, and a little for the search."""
    steps = []
    for num_marks in (200, 800):
        text = f"{ONE}\n" * num_marks
        places = range(0, len(text), len(ONE) + 1)
        members = [{"begin": Position(at), "end": Position(at + 9)} for at in places]
        Position.num_compared = 0
        marks = Counted(_without_overlaps(reversed(members)))
        assert [mark["begin"] for mark in marks] == list(places)
        marks.num_taken = 0
        for at in places:
            assert [mark for *_, mark in _split(text, at, at + len(ONE), marks)][1:] == [None]
        steps.append((Position.num_compared, marks.num_taken))
    (few_compared, few_taken), (compared, taken) = steps
    assert compared < 6 * few_compared
    assert taken < 6 * few_taken


def test_first_member_has_the_text() -> None:
    """Of overlapping members the first keeps all of its text, the others what is free around it."""
    members = [
        {"begin": begin, "end": end, "name": name}
        for name, begin, end in (("a", 4, 6), ("b", 8, 9), ("c", 0, 12), ("d", 6, 8), ("e", 11, 14))
    ]
    assert [(m["name"], m["begin"], m["end"]) for m in _without_overlaps(members)] == [
        ("c", 0, 4), ("a", 4, 6), ("c", 6, 8), ("b", 8, 9), ("c", 9, 12), ("e", 12, 14),
    ]  # fmt: skip


PIECES = st.sampled_from(
    [
        ONE,
        TWO,
        THREE,
        SAID,
        "Menu",
        "汉字。",
        "é́",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\u3000",
        "…",
        "x",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]], Config]:
    """Draw a text, verdicts on its lines, members at sentence limits, and a policy."""
    text = "".join(draw(st.lists(PIECES, max_size=14)))
    blocks = split_text(text, "en")["blocks"]
    removed = tuple(number for number in range(len(blocks)) if draw(st.integers(0, 3)) == 0)
    verdicts = judge(text, removed)
    kept = KeptText(text, [(v["begin"], v["end"]) for v in verdicts if v["kind"] == "main"], "en")
    relations = st.sampled_from(["passage", "wire", "rewrite", "self", "template"])
    members = [
        member(
            unit.begin,
            unit.end,
            "quote" if level == "quotation" else draw(relations),
            level=level,
            is_representative=draw(st.booleans()),
            partner_outlet=draw(st.sampled_from(["own", "other"])),
            representative_is_cut=draw(st.booleans()),
        )
        for level, units in (("sentence", kept.sentences), ("quotation", kept.quotations))
        for unit in units
        if draw(st.booleans())
    ]
    if text.strip() and draw(st.integers(0, 4)) == 0:
        relation = draw(st.sampled_from(["copy", "wire", "self", "template"]))
        is_representative = draw(st.booleans())
        whole = member(0, len(text), relation, is_representative=is_representative)
        members.append(whole | {"level": "document"})
    config = policy(
        copies=draw(st.sampled_from(["drop", "keep"])),
        passages=draw(st.sampled_from(["cut", "keep"])),
        rewrites=draw(st.sampled_from(["cut", "keep"])),
        quotes=draw(st.sampled_from(["cut", "keep"])),
        same_outlet=draw(st.sampled_from(["as_others", "drop", "keep"])),
    )
    return text, verdicts, members, config


def resolve_drawn(
    drawn: tuple[str, list[dict[str, Any]], list[dict[str, Any]], Config],
) -> tuple[str, list[dict[str, Any]]]:
    """Resolve a drawn document."""
    text, verdicts, members, config = drawn
    row = {"document_id": "d", "outlet": "own", "text": text, "language": "en"}
    spans = resolve_document(row, verdicts, members, config)
    return text, [msgspec.structs.asdict(span) for span in spans]


@settings(max_examples=200)
@given(documents())
def test_spans_cover_the_text_once(drawn: Any) -> None:
    """Whatever is judged and matched, every character is in one span, in order."""
    text, spans = resolve_drawn(drawn)
    limits = [span["begin"] for span in spans] + [len(text)]
    assert [span["end"] for span in spans] == limits[1:]
    assert limits[0] == 0
    assert all(span["begin"] < span["end"] for span in spans)


@settings(max_examples=200)
@given(documents())
def test_white_space_of_views(drawn: Any) -> None:
    """No view begins or ends with white space, and none joins words of two spans."""
    text, spans = resolve_drawn(drawn)
    for view, shown in views(text, spans).items():
        assert shown == shown.strip()
        kept = [span for span in spans if span[view]]
        removed = [span for span in spans if not span[view]]
        words = [word for s in kept for word in text[s["begin"] : s["end"]].split()]
        assert "".join(shown.split()) == "".join(words)
        assert sum(s["end"] - s["begin"] for s in kept) == len(shown)
        assert sum(s["end"] - s["begin"] for s in removed) == len(text) - len(shown)


@settings(max_examples=200)
@given(documents())
def test_cuts_never_split_a_word(drawn: Any) -> None:
    """Span limits do not fall inside a word."""
    text, spans = resolve_drawn(drawn)
    inside = {at for begin, end in find_words(text) for at in range(begin + 1, end)}
    assert inside & {span["begin"] for span in spans} == set()


@settings(max_examples=200)
@given(documents())
def test_views_hold_each_other(drawn: Any) -> None:
    """The unique view shows only what the full one does, and so do the originals."""
    text, spans = resolve_drawn(drawn)
    for span in spans:
        if span["kind"] != "whitespace":
            assert span["unique"] <= span["full"]
            assert span["originals"] <= span["unique"]
    full = "".join(views(text, spans)["full"].split())
    main = [v for v in drawn[1] if v["kind"] == "main"]
    assert full == "".join("".join(text[v["begin"] : v["end"]].split()) for v in main)


@settings(max_examples=200)
@given(documents())
def test_paragraphs_are_never_joined(drawn: Any) -> None:
    """Kept text of two lines stands on two lines in the full and the unique view."""
    text, spans = resolve_drawn(drawn)
    for view in ("unique", "full"):
        lines = {
            text.count("\n", 0, at)
            for span in spans
            if span[view]
            for at in range(span["begin"], span["end"])
            if not text[at].isspace()
        }
        shown = view_text(text, spans, view)
        assert len([line for line in shown.split("\n") if line.strip()]) == len(lines)


@pytest.mark.parametrize("view", VIEWS)
def test_kept_is_the_view_of_the_run(view: str) -> None:
    """The kernel writes one row a span, with `kept` as the view that was asked for."""
    text = f"{ONE} {TWO} {THREE}"
    texts = [{"document_id": "d", "outlet": "own", "language": "en", "text": text}]
    rows = resolve_documents(
        pa.RecordBatch.from_pylist(texts, schema=TEXTS),
        CONFIG.replace(output={"view": view}),
        pa.Table.from_pylist([{"document_id": "d", "verdicts": judge(text)}], schema=JUDGED),
        pa.Table.from_pylist([at(text, TWO)]),
        pa.Table.from_pylist([], schema=TRUNCATIONS),
        pa.Table.from_pylist([], schema=KEEPERS),
    ).to_pylist()
    assert [row["kept"] for row in rows] == [True, view == "full", True]
    assert [row["document_id"] for row in rows] == ["d", "d", "d"]


def rank(
    documents: dict[str, tuple[str | None, int]],
    representative: str,
    cut_short: str = "",
    **resolve: object,
) -> list[str]:
    """Return document ids as they rank, from their dates and lengths of main content.

    Those whose ids are in `cut_short` are truncated.
    """
    texts = [
        {"document_id": name, "outlet": "own", "published": published}
        for name, (published, _) in documents.items()
    ]
    judged = [
        {
            "document_id": name,
            "verdicts": [
                {"begin": 0, "end": 1000, "kind": "share"},
                {"begin": 1000, "end": 1000 + size, "kind": "main"},
            ],
        }
        for name, (_, size) in documents.items()
    ]
    rows = rank_documents(
        pa.RecordBatch.from_pylist(texts, schema=TEXTS),
        policy(representative=representative, **resolve),
        pa.Table.from_pylist(judged, schema=JUDGED),
        pa.Table.from_pylist(
            [{"document_id": name, "truncated": "paywall"} for name in cut_short],
            schema=TRUNCATIONS,
        ),
    ).to_pylist()
    assert [row["num_chars"] for row in rows] == [size for _, size in documents.values()]
    return [row["document_id"] for row in sorted(rows, key=lambda row: row["rank"])]


RANKINGS = [
    (
        "earlier",
        "earliest",
        {"a": ("2024-10-18", 10), "b": ("2024-10-17", 5)},
        "ba",
    ),
    (
        "a time before its bare day",
        "earliest",
        {"a": ("2024-10-17", 10), "b": ("2024-10-17T23:59:59Z", 5)},
        "ba",
    ),
    (
        "a bare day before the next",
        "earliest",
        {"a": ("2024-10-18T00:00:00Z", 10), "b": ("2024-10-17", 5)},
        "ba",
    ),
    (
        "no date last",
        "earliest",
        {"a": (None, 10), "b": ("2999-12-31", 5), "c": (None, 11)},
        "bca",
    ),
    (
        "ties to the longer",
        "earliest",
        {"a": ("2024-10-17", 5), "b": ("2024-10-17", 10)},
        "ba",
    ),
    (
        "ties to the smaller id",
        "earliest",
        {"b": ("2024-10-17", 5), "a": ("2024-10-17", 5)},
        "ab",
    ),
    (
        "longer",
        "most_complete",
        {"a": ("2024-10-17", 9), "b": ("2024-10-18", 10)},
        "ba",
    ),
    (
        "longer ties to the smaller id",
        "most_complete",
        {"b": ("2024-10-17", 10), "a": ("2024-10-18", 10)},
        "ab",
    ),
    (
        "id",
        "smallest_id",
        {"b": ("2024-10-17", 20), "a": ("2024-10-18", 10)},
        "ab",
    ),
]


@pytest.mark.parametrize(
    ("representative", "documents", "order"),
    [case[1:] for case in RANKINGS],
    ids=[case[0] for case in RANKINGS],
)
def test_ranks(
    representative: str, documents: dict[str, tuple[str | None, int]], order: str
) -> None:
    """Each policy goes on to the next test where its own is a tie."""
    assert rank(documents, representative) == list(order)


@pytest.mark.parametrize("representative", ["earliest", "most_complete", "smallest_id"])
def test_whole_documents_rank_first(representative: str) -> None:
    """A truncated document goes behind all whole ones, unless the policy is taken by the letter.

    Where truncated documents are dropped, none of them may stand for a whole one.
    """
    documents = {"a": ("2024-10-17", 10), "b": ("2024-10-18", 5), "c": ("2024-10-19", 4)}
    assert rank(documents, representative) == ["a", "b", "c"]
    assert rank(documents, representative, "a") == ["b", "c", "a"]
    assert rank(documents, representative, "ab") == ["c", "a", "b"]
    assert rank(documents, representative, "a", prefer_whole=False) == ["a", "b", "c"]
    dropped = rank(documents, representative, "a", prefer_whole=False, truncated="drop")
    assert dropped == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("representative", "chosen", "other", "reason"),
    [
        ("earliest", ("2024-10-17", 5), ("2024-10-18", 9), "earliest_date"),
        ("earliest", ("2024-10-17", 9), ("2024-10-17", 5), "most_complete"),
        ("earliest", ("2024-10-17", 9), ("2024-10-17", 9), "smallest_id"),
        ("earliest", (None, 9), (None, 5), "most_complete"),
        ("most_complete", ("2024-10-18", 9), ("2024-10-17", 5), "most_complete"),
        ("most_complete", ("2024-10-17", 9), ("2024-10-18", 9), "smallest_id"),
        ("smallest_id", ("2024-10-17", 9), ("2024-10-18", 5), "smallest_id"),
    ],
)
def test_explanations(
    representative: str,
    chosen: tuple[str | None, int],
    other: tuple[str | None, int],
    reason: str,
) -> None:
    """The explanation names the test that decided."""
    one, two = ({"published": row[0], "num_chars": row[1]} for row in (chosen, other))
    settings_ = policy(representative=representative).resolve
    assert explain_representative(one, [two], settings_) == reason


@pytest.mark.parametrize(
    ("chosen", "others", "reason"),
    [
        ((None, "2024-10-18"), [("feed", "2024-10-17")], "others_truncated"),
        ((None, "2024-10-18"), [("feed", "2024-10-19")], "earliest_date"),
        ((None, "2024-10-18"), [("feed", "2024-10-17"), (None, "2024-10-17")], "others_truncated"),
        ((None, "2024-10-18"), [("feed", "2024-10-19"), (None, "2024-10-17")], "others_dropped"),
        (("feed", "2024-10-18"), [("feed", "2024-10-19")], "earliest_date"),
        (("feed", "2024-10-18"), [(None, "2024-10-19")], "others_dropped"),
    ],
)
def test_explanations_of_truncated_members(
    chosen: tuple[str | None, str], others: list[tuple[str | None, str]], reason: str
) -> None:
    """A better-placed member that was passed over because it was cut short is told of."""
    rows: list[dict[str, Any]] = [
        {"document_id": f"d{at}", "num_chars": 9, "truncated": kind, "published": published}
        for at, (kind, published) in enumerate([chosen, *others])
    ]
    assert explain_representative(rows[0], rows[1:], policy().resolve) == reason
    plain = policy(prefer_whole=False).resolve
    assert explain_representative(rows[0], rows[1:], plain) != "others_truncated"


def test_truncated_documents_are_dropped_from_all_views() -> None:
    """What was main content says why it is gone; boilerplate stays what it was."""
    text = f"{ONE} {TWO}\nShare"
    row = {"document_id": "d", "outlet": "own", "language": "en", "text": text}
    verdicts = judge(text, (1,))
    for truncated, config in ((None, policy(truncated="drop")), ("feed", policy())):
        spans = resolve_document(row | {"truncated": truncated}, verdicts, [], config)
        assert [span.kind for span in spans if span.full] == ["main"]
    spans = resolve_document(row | {"truncated": "feed"}, verdicts, [], policy(truncated="drop"))
    assert [span.begin for span in spans] == [0, *(span.end for span in spans[:-1])]
    assert spans[-1].end == len(text)
    assert [any(span.views) for span in spans] == [False] * len(spans)
    assert {(span.kind, span.reason, span.rule) for span in spans if span.kind != "share"} == {
        ("truncated", "document_cut_by_feed", "resolve.truncated")
    }
