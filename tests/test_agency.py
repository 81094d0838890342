"""Agency credits: what counts as one, in which form, and what only names an agency."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cleaner.passages.agency_names as agency_names
from cleaner.passages.agency import FORMS, AgencyCredit, find_agency

DATA = json.loads(
    (Path(__file__).parent / "data" / "agency_credits.json").read_text(encoding="utf-8")
)
AGENCIES = agency_names.tomllib.loads(
    Path(agency_names.__file__).with_name("agencies.toml").read_text(encoding="utf-8")
)
PARAGRAPHS = DATA["body"]["body"]
BODY = "\n".join(PARAGRAPHS)
NEEDS_LANGUAGE = {"SID", "TT"}
"""Agencies whose cases are bare short forms that are clear in one language only."""


def text_of(case: dict[str, str]) -> str:
    """Return the text of a case, with paragraphs where it only names them."""
    text = case["text"]
    for name, lines in DATA["body"].items():
        text = text.replace(f"{{{name}}}", "\n".join(lines))
    return text


def name_of(case: dict[str, str]) -> str:
    """Name a case by its language and its text."""
    return f"{case['language']} {case['text'][:50]}"


def blocks_of(*lines: tuple[str, str]) -> tuple[str, list[tuple[int, int, str]]]:
    """Return a text of lines, and its blocks with the kinds that stand before the lines."""
    blocks: list[tuple[int, int, str]] = []
    at = 0
    for kind, line in lines:
        blocks.append((at, at + len(line), kind))
        at += len(line) + 1
    return "\n".join(line for _, line in lines), blocks


MAIN = [("main", paragraph) for paragraph in PARAGRAPHS]


@pytest.mark.parametrize("case", DATA["credits"], ids=name_of)
def test_credit_is_found(case: dict[str, str]) -> None:
    """Agency and form are those that the case names, and the credit lies in the text."""
    text = text_of(case)
    credit = find_agency(text, language=case["language"])
    assert credit is not None
    assert (credit.form, credit.agency) == (case["form"], case["agency"])
    assert 0 <= credit.begin < credit.end <= len(text)
    assert "\n" not in text[credit.begin : credit.end]


@pytest.mark.parametrize("case", DATA["credits"], ids=name_of)
def test_unknown_language_finds_unambiguous_credits(case: dict[str, str]) -> None:
    """Only a short form that is clear in one language alone needs the language to be known."""
    credit = find_agency(text_of(case))
    if credit is None:
        assert case["agency"] in NEEDS_LANGUAGE
    else:
        assert (credit.form, credit.agency) == (case["form"], case["agency"])


@pytest.mark.parametrize("case", DATA["not_credits"], ids=name_of)
def test_mention_is_no_credit(case: dict[str, str]) -> None:
    """What only names an agency, or means something else, is no credit."""
    assert find_agency(text_of(case), language=case["language"]) is None
    assert find_agency(text_of(case)) is None


def test_there_are_enough_cases() -> None:
    """The data hold many languages, and hard negatives beside the credits."""
    assert len(DATA["credits"]) >= 80
    assert len(DATA["not_credits"]) >= 40
    assert len({case["language"] for case in DATA["credits"]}) >= 20
    assert {case["form"] for case in DATA["credits"]} == set(FORMS) - {"author_field"}


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("AFP", "Agence France-Presse"),
        ("By The Associated Press", "Associated Press"),
        ("Jane Roe, Associated Press", "Associated Press"),
        ("Reuters; Jane Roe", "Reuters"),
        ("Reuters Staff", "Reuters"),
        ("dpa/lno", "dpa"),
        ("Det; Dpa", "dpa"),
        ("Press Trust of India", "Press Trust of India"),
        ("新华社", "Xinhua"),
    ],
)
def test_author_field(author: str, agency: str) -> None:
    """A name in the metadata that is an agency's as a whole is a credit outside the text."""
    assert find_agency(BODY, author=author) == AgencyCredit(agency, 0, 0, "author_field")


@pytest.mark.parametrize(
    "author", ["Jane Roe", "Michael Bloomberg", "AP", "PA", "Reuters fan", "", "x, " * 200 + "AFP"]
)
def test_author_is_no_agency(author: str) -> None:
    """Persons, initials and lists of hundreds are no agency."""
    assert find_agency(BODY, author=author) is None


def test_stronger_form_wins() -> None:
    """A dateline says more than a closing line, and that more than who helped."""
    closing = "\nCopyright 2023 The Associated Press. All rights reserved."
    helped = "\nReuters contributed to this report."
    forms = [
        credit.form
        for text in (
            f"PARIS (AFP) - {BODY}{closing}{helped}",
            BODY + closing + helped,
            BODY + helped,
        )
        if (credit := find_agency(text)) is not None
    ]
    assert forms == ["dateline", "credit_line", "contributed"]


def test_further_agencies() -> None:
    """The first agency of a list is the credit's, the others are kept."""
    credit = find_agency(BODY + "\nQuelle: dpa/afp")
    assert credit is not None
    assert (credit.agency, credit.others) == ("dpa", ("Agence France-Presse",))


@pytest.mark.parametrize(("agency", "is_release"), [("PRNewswire", True), ("AFP", False)])
def test_press_release(agency: str, is_release: bool) -> None:
    """Who distributes what others write is told from an agency."""
    credit = find_agency(f"PARIS, March 3, 2024 ({agency}) -- {BODY}")
    assert credit is not None
    assert credit.is_press_release is is_release


@pytest.mark.parametrize(("language", "is_found"), [("sv", True), ("en", False), (None, False)])
def test_short_form_is_clear_in_its_language(language: str | None, is_found: bool) -> None:
    """`TT` alone on a line is the Swedish agency in Swedish only."""
    assert (find_agency("TT\n" + BODY, language=language) is not None) is is_found


@pytest.mark.parametrize(
    ("kind", "is_found"), [("main", True), ("byline", True), ("caption", False)]
)
def test_captions_are_skipped(kind: str, is_found: bool) -> None:
    """What was judged a caption gives the credit of a picture."""
    text, blocks = blocks_of((kind, "Reuters"), *MAIN)
    assert (find_agency(text, blocks) is not None) is is_found


def test_line_after_caption_is_of_the_picture() -> None:
    """An agency alone below a caption, before the text, took the picture."""
    caption = ("caption", "The old ferry terminal, seen from the lower town.")
    text, blocks = blocks_of(caption, ("main", "Reuters"), *MAIN)
    assert find_agency(text, blocks) is None


def test_byline_after_paragraphs_of_captions() -> None:
    """What was judged a byline may follow two long captions that nobody knew, and no more."""
    byline = ("byline", "The Associated Press")
    for num_before, is_found in ((2, True), (3, False)):
        text, blocks = blocks_of(*MAIN[:num_before], byline, *MAIN)
        assert (find_agency(text, blocks) is not None) is is_found


def test_other_stories_end_the_search() -> None:
    """A teaser below the heading of other stories has its own source."""
    for kind, is_found in (("interface", True), ("related", False)):
        text, blocks = blocks_of(*MAIN, (kind, "What to read next"), ("main", "Source: Reuters"))
        assert (find_agency(text, blocks) is not None) is is_found


def test_dateline_deep_in_the_text_is_quoted() -> None:
    """A dateline opens a text: the seventh paragraph that has one is about another report."""
    dateline = "PARIS (AFP) - " + PARAGRAPHS[0]
    for num_before, is_found in ((5, True), (6, False)):
        before = (PARAGRAPHS * 2)[:num_before]
        assert (find_agency("\n".join([*before, dateline, BODY])) is not None) is is_found


@pytest.mark.parametrize("agency", AGENCIES["agency"], ids=lambda agency: agency["name"])
def test_every_spelling_is_known(agency: dict[str, list[str]]) -> None:
    """Each name and short form is found between the brackets of a dateline, as its agency."""
    for field in ("names", "abbreviations", "ambiguous"):
        for written in agency.get(field, []):
            credit = find_agency(f"OSTREL, 3.3. ({written}) - {BODY}")
            assert credit is not None, written
            assert credit.agency == agency["name"], written


def test_no_spelling_has_two_agencies() -> None:
    """A spelling stands in the data once."""
    spelled = [
        written
        for agency in AGENCIES["agency"]
        for written in (
            *(name.casefold() for name in agency.get("names", [])),
            *agency.get("abbreviations", []),
            *agency.get("ambiguous", []),
        )
    ]
    assert sorted(spelled) == sorted(set(spelled))


@pytest.mark.parametrize(
    "text",
    [
        "AP " * 300_000,
        "(AP) " * 200_000,
        "Reporting by " * 80_000,
        "copyright " * 100_000,
        "Anna, " * 160_000,
        "WASHINGTON, " * 80_000 + "(AP",
        "新华社" * 300_000,
    ],
    ids=lambda text: text[:12],
)
def test_long_line_is_read_at_its_ends(text: str) -> None:
    """Of a line of a megabyte, the same is looked at as of one of a few thousand characters."""
    line = text[:2_000] + text[-2_000:]
    long, short = find_agency(text), find_agency(line)
    assert (long and (long.agency, long.form)) == (short and (short.agency, short.form))


@given(st.lists(st.sampled_from("AFP|(AP)|By |dpa/| - |\n|Reuters|. |PARIS|© 2024 |x".split("|"))))
def test_credit_lies_in_the_text(parts: list[str]) -> None:
    """Whatever the text, a credit is a stretch of it, and the same text gives the same credit."""
    text = "".join(parts)
    credit = find_agency(text)
    assert credit == find_agency(text)
    if credit is not None:
        assert 0 <= credit.begin < credit.end <= len(text)
