"""Relations: how the sides of a match belong together, which came first, and who is quoted."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model import Relation
from cleaner.passages.agency import FORMS, AgencyCredit
from cleaner.passages.relations import (
    Recurrence,
    Side,
    find_direction,
    find_relation,
    find_speaker,
)
from cleaner.passages.segment import DOCUMENT, QUOTATION, SENTENCE

COURIER = Side("courier", "2024-03-01")
LEDGER = Side("ledger", "2024-03-02")


def credit(agency: str = "Reuters", form: str = "dateline", *others: str) -> AgencyCredit:
    """Return a credit of an agency."""
    return AgencyCredit(agency, 0, 16, form, others)  # type: ignore[arg-type]


def by(side: Side, **changes: object) -> Side:
    """Return a side with something else about it."""
    return msgspec.structs.replace(side, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "aligned_ratio", "relation", "evidence"),
    [
        (DOCUMENT, None, "copy", "whole article; days_apart=1"),
        (SENTENCE, 0.8, "passage", "aligned=0.80; days_apart=1"),
        (SENTENCE, 0.79, "rewrite", "aligned=0.79; days_apart=1"),
        (SENTENCE, None, "passage", "days_apart=1"),
        (QUOTATION, 0.5, "quote", "quoted both; days_apart=1"),
    ],
)
def test_plain_relations(
    level: str, aligned_ratio: float | None, relation: str, evidence: str
) -> None:
    """Without agency, recurrence or one outlet, level and aligned share decide."""
    found = find_relation(COURIER, LEDGER, level=level, aligned_ratio=aligned_ratio)
    assert (found.relation.value, found.evidence) == (relation, evidence)


@pytest.mark.parametrize("level", [DOCUMENT, SENTENCE])
@pytest.mark.parametrize(
    ("left", "right", "is_wire", "evidence"),
    [
        (credit(), credit(), True, "agency=Reuters dateline both"),
        (credit(), None, True, "agency=Reuters dateline left"),
        (None, credit("dpa", "byline"), True, "agency=dpa byline right"),
        (credit("dpa", "credit_line", "Reuters"), credit(), True, "agency=dpa credit_line left; "),
        (credit(), credit("dpa"), False, "agency=Reuters dateline left; agency=dpa dateline right"),
        (credit("Reuters", "contributed"), None, False, "agency=Reuters contributed left"),
        (None, None, False, ""),
    ],
)
def test_agency_credit_makes_wire(
    level: str,
    left: AgencyCredit | None,
    right: AgencyCredit | None,
    is_wire: bool,
    evidence: str,
) -> None:
    """One credited side is enough, two must share an agency, and who helped does not count."""
    found = find_relation(by(COURIER, credit=left), by(LEDGER, credit=right), level=level)
    assert (found.relation is Relation.WIRE) is is_wire
    assert evidence in found.evidence


@pytest.mark.parametrize(
    ("num_outlets", "span_days", "is_wire"), [(4, 2, True), (3, 2, False), (4, 3, False)]
)
def test_many_outlets_at_once_make_wire(num_outlets: int, span_days: int, is_wire: bool) -> None:
    """Four outlets within two days have one source; three, or a longer time, do not say so."""
    seen = Recurrence(num_outlets, num_outlets, 2, span_days)
    found = find_relation(COURIER, LEDGER, level=SENTENCE, recurrence=seen)
    assert (found.relation is Relation.WIRE) is is_wire
    if is_wire:
        assert found.evidence.startswith("4 outlets in 3 days, 4 documents on 2 of them")


@pytest.mark.parametrize(
    ("seen", "relation"),
    [
        (Recurrence(num_documents=8, num_outlets=1, num_days=4, span_days=8), "template"),
        (Recurrence(num_documents=8, num_outlets=1, num_days=3, span_days=8), "passage"),
        (Recurrence(num_documents=8, num_outlets=1, num_days=4, span_days=7), "passage"),
        (Recurrence(num_documents=8, num_outlets=4, num_days=4, span_days=8), "template"),
        (Recurrence(num_documents=8, num_outlets=5, num_days=4, span_days=8), "passage"),
    ],
)
def test_what_comes_back_is_a_template(seen: Recurrence, relation: str) -> None:
    """Four days over more than a week, twice an outlet, make a form; one day less does not."""
    found = find_relation(COURIER, LEDGER, level=SENTENCE, recurrence=seen)
    assert found.relation.value == relation
    assert ("9 days" in found.evidence) is (relation == "template")


def test_famous_quotation_is_no_template() -> None:
    """A quotation stays one, however often it comes back, and from whatever outlet."""
    seen = Recurrence(num_documents=40, num_outlets=1, num_days=30, span_days=90)
    quoted = by(COURIER, is_quoted=True)
    found = find_relation(quoted, quoted, level=SENTENCE, recurrence=seen)
    assert found.relation is Relation.QUOTE
    one_sided = find_relation(quoted, COURIER, level=SENTENCE)
    assert one_sided.relation is Relation.SELF


@pytest.mark.parametrize(
    ("right", "recurrence", "relation"),
    [
        (LEDGER, None, "variant"),
        (by(LEDGER, outlet="courier"), None, "template"),
        (by(LEDGER, outlet="courier", published="2024-03-01"), None, "variant"),
        (LEDGER, Recurrence(9, 9, 5, 12), "template"),
    ],
)
@pytest.mark.parametrize("level", [DOCUMENT, SENTENCE])
def test_other_facts(right: Side, recurrence: Recurrence | None, relation: str, level: str) -> None:
    """Other figures make a variant, and a template where the frame comes back another day."""
    found = find_relation(
        by(COURIER, credit=credit()), right, level=level, differs="figures", recurrence=recurrence
    )
    assert found.relation.value == relation
    assert found.evidence.startswith("differs=figures")


@pytest.mark.parametrize(
    ("left", "right", "evidence"),
    [
        ({}, {}, "same outlet; days_apart=1"),
        ({"num_words": 100}, {"num_words": 105}, "later one longer by 5%"),
        ({"num_words": 100}, {"num_words": 80}, "later one shorter by 20%"),
        ({"num_words": 100}, {"num_words": 104}, "same outlet; days_apart=1"),
        ({"published": "2024-03-02"}, {"num_words": 80}, "same outlet; same day"),
        ({}, {"title": "UPDATE 2-Harbour closed"}, "title says update right"),
        ({"title": "Korrektur: Hafen offen"}, {}, "title says korrektur left"),
        ({}, {"title": "Updates are for sale"}, "same outlet; days_apart=1"),
        ({}, {"title": "（更正）港口关闭"}, "title says 更正 right"),
    ],
)
def test_own_articles(left: dict[str, object], right: dict[str, object], evidence: str) -> None:
    """One outlet's copy of itself says whether it grew, shrank or corrects."""
    found = find_relation(
        by(COURIER, **left), by(LEDGER, outlet="courier", **right), level=DOCUMENT
    )
    assert found.relation is Relation.SELF
    assert evidence in found.evidence


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("2024-03-01T10:00:00Z", "2024-03-01T11:01:00Z", ("left_first", "sure")),
        ("2024-03-01T10:00:00Z", "2024-03-01T11:00:00Z", ("unknown", "unknown")),
        ("2024-03-02T00:30Z", "2024-03-01T23:00:00.5Z", ("right_first", "sure")),
        ("2024-03-01", "2024-03-02", ("left_first", "likely")),
        ("2024-03-01", "2024-03-02T08:00:00Z", ("left_first", "likely")),
        ("2024-03-01", "2024-03-01T08:00:00Z", ("unknown", "unknown")),
        ("2024-03-01", None, ("unknown", "unknown")),
        ("2024-02-30", "2024-03-01", ("unknown", "unknown")),
        ("yesterday", "2024-03-01", ("unknown", "unknown")),
    ],
)
def test_direction(left: str | None, right: str | None, expected: tuple[str, str]) -> None:
    """Times more than an hour apart are sure, other days likely, the rest is not known."""
    assert find_direction(Side("a", left), Side("b", right))[:2] == expected


@pytest.mark.parametrize(
    ("left", "right", "certainty"),
    [
        (credit(), None, "from_agency"),
        (None, credit(), "from_agency"),
        (credit(), credit(), "likely"),
        (credit("Reuters", "contributed"), None, "likely"),
    ],
)
def test_agency_is_the_origin(
    left: AgencyCredit | None, right: AgencyCredit | None, certainty: str
) -> None:
    """Where one side alone credits an agency, dates only say who printed first."""
    direction, found, _ = find_direction(by(COURIER, credit=left), by(LEDGER, credit=right))
    assert (direction, found) == ("left_first", certainty)


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“Not before autumn,” said Mayor Jane Roe on Tuesday.", "Mayor Jane Roe"),
        ("“Not before autumn,” Jane Roe said.", "Jane Roe"),
        ("“Not before autumn,” said J. P. Roe, the mayor.", "J. P. Roe"),
        ("Jane Roe said: “Not before autumn.”", "Jane Roe"),
        ("„Nicht vor dem Herbst“, sagte Bürgermeisterin Jana von Meier.",
         "Bürgermeisterin Jana von Meier"),
        ("« Pas avant l'automne », a déclaré Jeanne Roux.", "Jeanne Roux"),
        ("«Не раньше осени», — заявила Анна Рощина.", "Анна Рощина"),
        ("“Not before autumn,” she said.", None),
        ("“Not before autumn,” said the mayor.", None),
        ("“Not before autumn.” Jane Roe left the hall.", None),
        ("“Not before autumn,” the report has it. Jane Roe said nothing.", None),
        ("“Not before autumn”", None),
    ],
)  # fmt: skip
def test_speaker(text: str, speaker: str | None) -> None:
    """A name beside a verb of speech, in the clause next to the quotation, is the speaker."""
    begin = min(text.index(mark) for mark in "“„«" if mark in text) + 1
    end = max(text.rindex(mark) for mark in "”“»" if text.rfind(mark) >= begin)
    assert find_speaker(text, begin, end) == speaker


@pytest.mark.parametrize(
    ("left", "right", "speaker"),
    [
        ("Mayor Jane Roe", "Roe", "Mayor Jane Roe"),
        ("Jane Roe", "Jane Roe", "Jane Roe"),
        ("Jane Roe", "John Roe", None),
        ("Jane Roe", None, None),
        ("Jane Roe", "Jane Doe", None),
    ],
)
def test_same_speaker(left: str | None, right: str | None, speaker: str | None) -> None:
    """The speaker is named when both sides name the same person, in the fuller form."""
    found = find_relation(by(COURIER, speaker=left), by(LEDGER, speaker=right), level=QUOTATION)
    assert found.speaker == speaker
    assert (f"speaker={speaker}" in found.evidence) is (speaker is not None)


CREDITS = st.none() | st.builds(credit, st.sampled_from(["Reuters", "dpa"]), st.sampled_from(FORMS))
SIDES = st.builds(
    Side,
    st.sampled_from(["courier", "ledger"]),
    st.sampled_from([None, "2024-03-01", "2024-03-01T10:00:00Z", "2024-03-20T10:00:00Z"]),
    st.sampled_from([None, "Harbour closed", "UPDATE 1"]),
    st.integers(0, 300),
    CREDITS,
    st.booleans(),
    st.sampled_from([None, "Jane Roe", "Roe"]),
)
MIRRORED = {"left": "right", "right": "left"}


@given(
    SIDES,
    SIDES,
    st.sampled_from([DOCUMENT, QUOTATION, SENTENCE]),
    st.sampled_from([None, "figures"]),
    st.none() | st.builds(Recurrence, *[st.integers(1, 12)] * 3, st.integers(0, 20)),
)
def test_sides_can_be_exchanged(
    left: Side, right: Side, level: str, differs: str | None, recurrence: Recurrence | None
) -> None:
    """The finding of exchanged sides is the mirror of the finding."""
    one = find_relation(left, right, level=level, differs=differs, recurrence=recurrence)
    other = find_relation(right, left, level=level, differs=differs, recurrence=recurrence)
    assert (one.relation, one.certainty, one.speaker) == (
        other.relation,
        other.certainty,
        other.speaker,
    )
    first, _, rest = one.direction.partition("_")
    assert other.direction == (f"{MIRRORED[first]}_{rest}" if rest else one.direction)
    facts = {
        " ".join(MIRRORED.get(word, word) for word in fact.split(" "))
        for fact in one.evidence.split("; ")
    }
    assert facts == set(other.evidence.split("; "))
