"""Cue files: what is in them, how they are matched, what they must never hit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.boilerplate import check_rules
from cleaner.boilerplate.cues import Cue, CueBook, load_cues, normalize_line
from cleaner.boilerplate.prefilter import Prefilter, widen
from cleaner.config import BoilerplateConfig
from cleaner.errors import ConfigError

BOOK = load_cues()
CUES = [cue for code in BOOK.codes for cue in BOOK.language(code).cues]


def test_languages() -> None:
    """There are cues for thirteen languages."""
    assert BOOK.codes == (
        "ar", "de", "en", "es", "fr", "it", "ja", "pl", "pt", "ru", "tr", "uk", "zh",
    )  # fmt: skip


def test_rule_names_are_unique() -> None:
    """No two cues share a name."""
    assert len({cue.rule for cue in CUES}) == len(CUES)


@pytest.mark.parametrize("cue", CUES, ids=[cue.rule for cue in CUES])
def test_cue_is_sound(cue: Cue) -> None:
    """A built-in cue compiles, does not hit an empty line, and a heading is a whole line."""
    assert not any(re.search(pattern, "") for pattern in cue.framed)
    assert not cue.heading or cue.scope == "line"


HITS = [
    ("en", "Sign up to read this article", "paywall"),
    ("en", "▶ Advertisement", "advertisement"),
    ("en", "Related stories:", "related"),
    ("en", "The Associated Press contributed to this report.", "credit"),
    ("de", "Lesen Sie auch: Rat vertagt Entscheidung", "related"),
    ("fr", "Publicité", "advertisement"),
    ("es", "Inicia sesión", None),
    ("ru", "Читайте также", "related"),
    ("ja", "関連記事", "related"),
    ("zh", "责任编辑：王小明", "byline"),
    ("ar", "اقرأ أيضا", "related"),
    ("tr", "İlgili haberler", "related"),
    ("pl", "Czytaj też: Rada przyjęła uchwałę", "related"),
]


@pytest.mark.parametrize(("language", "line", "kind"), HITS, ids=[f"{h[0]} {h[1]}" for h in HITS])
def test_cue_hits(language: str, line: str, kind: str | None) -> None:
    """Typical furniture of each language is known by a decisive cue."""
    found = BOOK.language(language).find(normalize_line(line), 5)
    decisive = [cue.kind for cue in found if cue.scope != "phrase"]
    assert decisive
    assert kind is None or kind in decisive


NEVER = [
    "It was over",
    "Share prices fell",
    "Home prices rose",
    "Close relatives were informed",
    "What we know so far",
    "Background",
    "The verdict",
    "Comments by the minister drew criticism",
    "Photographer Jane Roe's picture won",
    "Menu prices are up",
]


@pytest.mark.parametrize("line", NEVER)
def test_no_cue_decides_against(line: str) -> None:
    """Sentences and subheadings with telling words in them are hit by no decisive cue."""
    for code in BOOK.codes:
        found = BOOK.language(code).find(normalize_line(line), 5)
        assert [cue.rule for cue in found if cue.scope != "phrase"] == []


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("  ▶ Read  More… ", "read more"),
        ("“Quoted”", '"quoted"'),
        ("A – B", "a - b"),
        ("© 2024 Name.", "© 2024 name"),
        ("ＦＵＬＬ　ＷＩＤＴＨ", "full width"),
        ("• Item", "item"),
        ("", ""),
    ],
)
def test_normalize_line(raw: str, line: str) -> None:
    """Lines are brought to the form that patterns are written for."""
    assert normalize_line(raw) == line


@pytest.mark.parametrize("marks", ["\u0300\u0316", "\u0344", "\uff9e\u0316"])
def test_endless_marks_are_cut(marks: str) -> None:
    """A line of marks is normalised to a line with few, and stays as it is then."""
    line = normalize_line(f"Re{marks * 4000}ad {marks * 900}")
    assert len(line) < 100
    assert normalize_line(line) == line


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    """The form of a line is its own form."""
    once = normalize_line(text)
    assert normalize_line(once) == once


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_folded_like_other_text(text: str) -> None:
    """One sign beyond it changes nothing else."""
    assert normalize_line(f"a{text}b") == normalize_line(f"éa{text}bé")[1:-1]


@given(
    st.sampled_from([p for cue in CUES if cue.rule.startswith("en.") for p in cue.framed]),
    st.data(),
)
def test_prefilter_lets_every_hit_through(pattern: str, data: st.DataObject) -> None:
    """What `re` would hit, RE2's widened pattern hits too, also as one line of many."""
    found = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=False))
    line = found.replace("\n", " ")  # No normalised line holds one.
    if re.search(pattern, line):
        opening = pattern.startswith(r"\A")
        prefilter = Prefilter({0: pattern}, opening=opening)
        assert [at for at, _ in prefilter.candidates(line.encode())] == [0]
        if not opening:
            assert [at for at, _ in prefilter.candidates(f"first\n{line}\nlast".encode())] == [0]


@pytest.mark.parametrize(
    ("pattern", "wide"),
    [
        (r"a\bb", "ab"),
        (r"(?<!x)a(?=b(?:c|d))e", "ae"),
        (r"[\w-]+", r"[\w\x{80}-\x{10FFFF}-]+"),
        (r"\(a\)", r"\(a\)"),
        (r"[(?!]a", "[(?!]a"),
        ("\\u4e00", r"\x{4e00}"),
    ],
)
def test_widen(pattern: str, wide: str) -> None:
    """Assertions go, classes grow, everything else stays."""
    assert widen(pattern) == wide


def test_pattern_beyond_re2_is_always_a_candidate() -> None:
    """A pattern that RE2 cannot take is left to `re`."""
    assert Prefilter({3: r"(a)\1"}).candidates(b"zzz") == [(3, False)]


CUE_FILE = """
language = "nl"
byline_words = ["door"]

[[cue]]
id = "reads_on"
kind = "related"
scope = "start"
patterns = ['lees ook']
why = "It points elsewhere."
hits_wrongly = "Nothing known."
"""


def test_further_file_adds_a_language(tmp_path: Path) -> None:
    """A user's cue file is used like a built-in one, and can be disabled by family."""
    file = tmp_path / "nl.toml"
    file.write_text(CUE_FILE, encoding="utf-8")
    book = CueBook([str(file)])
    assert [c.rule for c in book.language("nl").find("lees ook: meer", 3)] == [
        "nl.related.reads_on"
    ]
    assert CueBook([str(file)], ["nl.related"]).language("nl").cues == ()


BROKEN = [
    ("patterns = ['lees ook']", "patterns = ['(lees']", "broken pattern"),
    ("patterns = ['lees ook']", "patterns = ['x*']", "empty line"),
    ('kind = "related"', 'kind = "relatd"', "no cue file"),
    ('scope = "start"', 'scop = "start"', "no cue file"),
    ("[[cue]]", "[[cue", "no cue file"),
]


@pytest.mark.parametrize(("good", "bad", "message"), BROKEN, ids=[b[1] for b in BROKEN])
def test_broken_file_is_refused(tmp_path: Path, good: str, bad: str, message: str) -> None:
    """A cue file that means nothing is refused before any work, by name."""
    file = tmp_path / "nl.toml"
    file.write_text(CUE_FILE.replace(good, bad), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        CueBook([str(file)])
    assert str(file) in str(caught.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """A cue file that is not there is refused."""
    with pytest.raises(ConfigError, match="cannot read the cue file"):
        CueBook([str(tmp_path / "none.toml")])


def test_unknown_rule_is_refused() -> None:
    """A disabled rule that does not exist is refused with the likeliest one."""
    with pytest.raises(ConfigError, match=r"did you mean 'en\.paywall'"):
        check_rules(BoilerplateConfig(disabled_rules=("en.paywal",)))
    check_rules(BoilerplateConfig(disabled_rules=("en.paywall", "name_alone")))


def test_documents_are_judged_by_their_language_and_english() -> None:
    """A known language brings English along; an unknown one brings all."""
    assert [language.code for language in BOOK.speaking("de")] == ["de", "en"]
    assert [language.code for language in BOOK.speaking("en")] == ["en"]
    assert [language.code for language in BOOK.speaking("nl")] == ["en"]
    assert tuple(language.code for language in BOOK.speaking(None)) == BOOK.codes
