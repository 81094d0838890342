"""Bytes to text: encodings, line ends, surrogates, mojibake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.reading import decoding
from cleaner.reading.decoding import decode_bytes, repair_text

GERMAN = "Die Prüfung für Müller läuft – schöne Grüße aus Köln."
RUSSIAN = "Президент заявил, что переговоры продолжатся на следующей неделе. " * 5


def test_utf8_leaves_no_note() -> None:
    """The usual case is silent."""
    assert decode_bytes(GERMAN.encode()) == (GERMAN, ())


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_mark_decides_and_goes(codec: str) -> None:
    """A mark beats even the encoding that was asked for."""
    text, notes = decode_bytes(GERMAN.encode(codec), encoding="cp1251")
    assert (text, notes) == (GERMAN, () if codec == "utf-8-sig" else (f"decoded as {codec}",))


def test_asked_encoding_beats_utf8() -> None:
    """The user knows better than the bytes."""
    assert decode_bytes("Ð".encode(), encoding="latin-1")[0] == "Ã\x90".replace("\x90", "\ufffd")


@pytest.mark.parametrize(
    ("text", "codec", "note"),
    [(GERMAN, "cp1252", "windows-1252"), (RUSSIAN, "cp1251", "windows-1251")],
)
def test_legacy_text_is_guessed(text: str, codec: str, note: str) -> None:
    """Text of an unknown encoding is decoded, and the note says as what."""
    assert decode_bytes(text.encode(codec)) == (text, (f"decoded as {note}",))


def test_declared_charset_of_a_page() -> None:
    """A page says what it is, in a header or in itself; the header wins; plain text cannot."""
    raw = b'<meta charset="windows-1251"><p>' + "Президент".encode("cp1251")
    text, notes = decode_bytes(raw, html=True)
    assert (text[-9:], notes) == ("Президент", ("decoded as windows-1251",))
    assert decode_bytes(raw, html=True, declared="koi8-r")[1] == ("decoded as koi8-r",)
    assert decode_bytes(raw, html=True, declared="no-such")[0] == text
    for name in ("punycode", "hex", "rot13", "base64", "zlib", "quopri", "undefined"):
        assert decode_bytes(raw, html=True, declared=name)[0] == text


def test_some_bad_bytes_stay_utf8() -> None:
    """One bad byte in ten foreign characters is damage, one in nine is another encoding."""
    text, notes = decode_bytes(("ж" * 9).encode() + b"\xff")
    assert (text, notes) == ("ж" * 9 + "\ufffd", ("1 undecodable bytes replaced",))
    assert "\ufffd" not in decode_bytes(("ж" * 8).encode() + b"\xff")[0]


def test_line_ends_become_newlines() -> None:
    """CRLF and CR go; the separators of Unicode stay, for they are text."""
    assert repair_text("a\r\nb\rc\u2028d\x85") == ("a\nb\nc\u2028d…", (
        "line ends normalised", "mojibake repaired"))  # fmt: skip
    assert repair_text("a\u2028b") == ("a\u2028b", ())


def test_lone_surrogates_are_replaced() -> None:
    """Half a character, from a JSON escape, would break every output."""
    assert repair_text("a\ud800b") == ("a\ufffdb", ("1 lone surrogates replaced",))


def test_mojibake_is_repaired_by_line() -> None:
    """A broken line is repaired though another one holds what its encoding does not have."""
    text = "JurnalTV - MeriÅ£i tot\nПрезидент 東京"
    assert repair_text(text) == ("JurnalTV - Meriţi tot\nПрезидент 東京", ("mojibake repaired",))


@pytest.mark.parametrize(
    "text", [GERMAN, RUSSIAN, "“It’s ‘fine’…”", "ﬁne ½ ﾊﾝｶｸ ", "Ａ & &amp; \x1b"]
)
def test_sound_text_does_not_change(text: str) -> None:
    """No other repair of ftfy happens: quotes, ligatures, widths and entities stay."""
    assert repair_text(text) == (text, ())


def test_html_is_not_searched_for_mojibake() -> None:
    """The source of a page is left alone."""
    assert repair_text("<p>MeriÅ£i", html=True) == ("<p>MeriÅ£i", ())


def test_long_text_is_not_searched_for_mojibake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above a size the search is left out, and a note says so."""
    monkeypatch.setattr(decoding, "MAX_MOJIBAKE_CHARS", 8)
    assert repair_text("MeriÅ£i!")[1] == ("mojibake repaired",)
    assert repair_text("MeriÅ£i!!") == ("MeriÅ£i!!", ("too long to look for mojibake",))


@given(st.text())
def test_text_survives(text: str) -> None:
    """Text comes back as it was but for line ends, where no mojibake was repaired."""
    decoded, notes = decode_bytes(text.encode())
    payload, repairs = repair_text(decoded)
    if not text.startswith("\ufeff") and "mojibake repaired" not in repairs:
        assert payload == text.replace("\r\n", "\n").replace("\r", "\n")
        assert notes == ()


@given(st.text())
def test_repairing_twice_is_repairing_once(text: str) -> None:
    """What is repaired needs no repair of line ends again."""
    once, _ = repair_text(text, html=True)
    assert "\r" not in repair_text(once, html=True)[0] and not any(
        "\ud800" <= c <= "\udfff" for c in once
    )
