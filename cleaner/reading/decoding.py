"""Bytes to text, and the few repairs of text that reading makes; each leaves a note.

1. A byte order mark, 2. the encoding that was asked for, 3. strict UTF-8, 4. UTF-8 with a few bad
bytes, 5. for HTML the declared charset, 6. charset_normalizer on a bounded sample, 7. windows-1252
with replacement characters.
"""

from __future__ import annotations

import codecs
import re

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16: the mark of the latter begins that of the former."""

SAMPLE_BYTES = 32 * 1024
"""What charset_normalizer sees, from the first byte that is not ASCII on; it takes 0.1 s."""

MAX_BAD_RATIO = 0.1
"""Text that is UTF-8 but for this share of its characters beyond ASCII counts as damaged UTF-8
(chosen by hand: of legacy text next to nothing is valid UTF-8)."""

PIECE_CHARS = 100_000
"""Mojibake is repaired in pieces of this size, so that one long line stays affordable."""

MAX_MOJIBAKE_CHARS = 10_000_000
"""Longer texts are not looked at for mojibake: ftfy tests 3.5 million characters a second."""

_GUESSED = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "iso8859_2", "koi8_r", "koi8_u", "cp932", "euc_jp", "gb18030", "big5", "cp949",
)  # fmt: skip
"""What the web has used (Source: WHATWG Encoding Standard). Thai is missing: short Chinese texts
were taken for it."""

_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""What a browser takes for a declared charset; Source: WHATWG Encoding Standard."""

_NOT_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
_DECLARED = re.compile(
    rb"""<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*(?P<meta>[\w:.-]+)"""
    rb"""|^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["'](?P<xml>[\w:.-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 16 * 1024
_SURROGATE = re.compile("[\ud800-\udfff]")
_NON_ASCII = re.compile(rb"[\x80-\xff]")
_MAYBE_MOJIBAKE = re.compile(
    "[^\x00-\x7f](?:[^\x00-\x7f]|(?<=[\x80-\x9f])"
    "|(?<=[\xc2-\xf4\u0102-\u0163\u0391-\u03c9\u0402-\u045f])[ ])"
)
"""What all mojibake has: a control character, two characters beyond ASCII in a row, or a letter
and a blank that was a no-break space. It looks 100 times as fast as ftfy's own test, as all of it
begins with a character beyond ASCII."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""Not `splitlines`: U+0085 is a part of some mojibake."""
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def decode_bytes(
    raw: bytes, *, encoding: str | None = None, html: bool = False, declared: str | None = None
) -> tuple[str, tuple[str, ...]]:
    """Decode a document, and say in notes where it departed from plain UTF-8.

    Args:
        raw: The bytes of one whole document.
        encoding: The encoding that the user asked for, if any; only a byte order mark beats it.
        html: Whether the bytes may declare their charset in a `meta` element.
        declared: The charset of an HTTP header, which beats the element.

    >>> decode_bytes("Müller – heute".encode("cp1252"), encoding="windows-1252")
    ('Müller – heute', ('decoded as windows-1252',))
    """
    marked = next(((mark, name) for mark, name in BYTE_ORDER_MARKS if raw.startswith(mark)), None)
    if marked:
        mark, name = marked
        return _decode(raw[len(mark) :] if name == "utf-8" else raw, name)
    if encoding and (codec := _find_codec(encoding)):
        return _decode(raw, codec)
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    text, notes = _decode(raw, "utf-8")
    num_foreign = sum(map(len, re.findall(r"[^\x00-\x7f]+", text)))
    if text.count(_REPLACEMENT) <= MAX_BAD_RATIO * num_foreign:
        return text, notes
    if html and (codec := _find_codec(declared) or _find_codec(_declared_charset(raw))):
        return _decode(raw, codec)
    return _decode(raw, _guess_charset(raw) or "cp1252")


def repair_text(text: str, *, html: bool = False) -> tuple[str, tuple[str, ...]]:
    r"""Make line ends and characters sound, and undo mojibake in plain text; nothing else changes.

    >>> repair_text("eins\r\nzwei")
    ('eins\nzwei', ('line ends normalised',))
    """
    notes = []
    if not text.isascii():
        try:
            text.encode("utf-8")  # A fifth of the time that looking for them takes.
        except UnicodeEncodeError:
            # Pairs of escapes are joined by the JSON parser; what is left here means nothing.
            text, num = _SURROGATE.subn(_REPLACEMENT, text)
            notes.append(f"{num} lone surrogates replaced")
        if text.startswith("\ufeff"):
            text = text[1:]
            notes.append("byte order mark removed")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        notes.append("line ends normalised")
    if html or text.isascii():
        return text, tuple(notes)
    if len(text) > MAX_MOJIBAKE_CHARS:
        notes.append("too long to look for mojibake")
    elif (repaired := _undo_mojibake(text)) != text:
        text = repaired
        notes.append("mojibake repaired")
    return text, tuple(notes)


def find_byte_order_mark(head: bytes) -> str | None:
    """Name the encoding of a text that begins with a byte order mark."""
    return next((name for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), None)


def is_known_encoding(name: str) -> bool:
    """Whether a name means an encoding of text here."""
    return _find_codec(name) is not None


def _decode(raw: bytes, codec: str) -> tuple[str, tuple[str, ...]]:
    text = raw.decode(codec, errors="replace")
    notes = []
    if codec != "utf-8":
        name = codec.replace("_", "-").replace("cp125", "windows-125")
        notes.append(f"decoded as {name.replace('iso8859', 'iso-8859')}")
    num_lost = text.count(_REPLACEMENT)
    if codec == "utf-8":
        num_lost -= raw.count(_REPLACEMENT.encode())
    if num_lost:
        notes.append(f"{num_lost} undecodable bytes replaced")
    return text, tuple(notes)


def _find_codec(name: str | None) -> str | None:
    """Return Python's name for a charset, in its widest form, or None if it is none."""
    try:
        found = codecs.lookup((name or "").strip())
        b"x".decode(found.name, "replace")  # Refuses codecs of bytes, such as hex and zip.
    except (LookupError, ValueError):
        return None
    return None if found.name in _NOT_CHARSETS else _SUPERSETS.get(found.name, found.name)


def _declared_charset(raw: bytes) -> str | None:
    match = _DECLARED.search(raw[:_DECLARED_WITHIN])
    return (match["meta"] or match["xml"]).decode("ascii", "replace") if match else None


def _guess_charset(raw: bytes) -> str | None:
    """Guess from the part of the bytes that tells charsets apart."""
    from charset_normalizer import from_bytes

    first = _NON_ASCII.search(raw)
    begin = max(0, first.start() - 200) if first else 0
    sample = raw[begin : begin + SAMPLE_BYTES]
    best = from_bytes(sample, threshold=0.3, cp_isolation=list(_GUESSED)).best()
    if best is None:
        return None
    if raw.decode(best.encoding, "replace") == raw.decode("cp1252", "replace"):
        return "cp1252"  # The likelier name for the same text.
    return _find_codec(best.encoding)


def _undo_mojibake(text: str) -> str:
    """Apply `ftfy.fix_encoding` to the lines that look broken, each for itself.

    Source: ftfy, which works by lines too, so that one broken line in a sound text is found. It
    wrongly hits a word that is meant to look so, as in an article about mojibake.
    """
    if not _MAYBE_MOJIBAKE.search(text):
        return text
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    pieces = (
        line[at : at + PIECE_CHARS]
        for line in _LINE.findall(text)
        for at in range(0, len(line), PIECE_CHARS)
    )
    return "".join(
        fix_encoding(piece) if _MAYBE_MOJIBAKE.search(piece) and is_bad(piece) else piece
        for piece in pieces
    )
