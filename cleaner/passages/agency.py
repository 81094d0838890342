"""Find the news agency that a document gives as its writer: dateline, byline, credit line.

1. Only blocks around the running text are looked at: what comes before it and opens it, its last
   paragraphs and what follows. Of a long block, that is its beginning and its end; so no line,
   however hostile, takes more than a short one.
2. Agencies' names are masked (`agency_names`).
3. A block is a credit when it has the form of one as a whole, or begins or ends with one. That an
   agency *is named* says nothing: `Reuters reported` is no credit, `WASHINGTON (Reuters) -` is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from cleaner.passages.agency_names import (
    AGENCIES,
    AMBIGUOUS,
    CLEAR,
    OTHER,
    SIGN,
    Agency,
    AgencyBook,
    Mention,
    Stretch,
    load_agencies,
)
from cleaner.patterns import compile_late
from cleaner.words import count_words

Form = Literal["dateline", "credit_line", "byline", "author_field", "contributed"]
FORMS: tuple[Form, ...] = ("dateline", "credit_line", "byline", "author_field", "contributed")
"""Where a credit stands, the strongest evidence first. `contributed`: an agency added something to
what the outlet wrote itself."""

Block = tuple[int, int, str]
"""Begin and end of a block in the document's text, and what kind it was judged to be."""

_OTHERS_KINDS = frozenset({"related", "comments"})
_SKIPPED_KINDS = _OTHERS_KINDS | {"caption", "advertisement", "cookie_notice", "newsletter"}
"""What names agencies for other reasons: pictures, other stories, readers."""
_BYLINE_KINDS = frozenset({"byline", "dateline", "credit"})
_MAX_CAPTIONS_BEFORE = 2
"""Paragraphs that may stand before a byline: captions, as long as paragraphs, that nobody knew."""
_MAX_BARE_DISTANCE = 4
"""Blocks after the text among which an agency alone on its line is a credit; further away it is
the source of another story."""
_MIN_SENTENCE_WORDS = 5
_MIN_RUNNING_WORDS, _LONG_RUNNING_WORDS, _RUNNING_CHARS = 12, 30, 400
"""A paragraph has as many words and ends as a sentence does, or is long; its first characters
tell."""
_NUM_OPENING, _NUM_CLOSING = 6, 2
_NUM_BEFORE, _NUM_AFTER = 30, 12
"""How many paragraphs open and close a text, and how many blocks before and after it may hold a
credit. These limits are by hand, on labelled news pages."""
_HEAD_CHARS, _TAIL_CHARS, _LINE_CHARS = 600, 240, 400
"""How much of a block is looked at: of its beginning, of its end, and of one as a whole."""
_MAX_CREDIT_CHARS, _MAX_AUTHOR_CHARS = 200, 300
_MIN_PARAGRAPHS_BEFORE_BARE = 3
_MAX_PLACE_WORDS, _MAX_PLACE_CHARS, _MAX_PARTICLE_LETTERS = 12, 80, 3
_MAX_UNCASED_PLACE_CHARS, _MAX_UNCASED_PLACE_WORDS = 30, 5
_MAX_NAME_WORDS, _MAX_REST_WORDS = 12, 3
_WITH = frozenset("with avec mit con com med met".split())
_MAX_SIGN_CHARS = 40
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।](?:[\s\"'”’»)\]」』(（—–-]|$)|[:;]\s*$")
_DATE = compile_late(
    r"\b(?:19|20)\d\d\b|\d{1,2}[:.h]\d{2}|\d{1,2}[./-]\d{1,2}\b|\d月|\d+ (?:min|hour|day|heure|Std)"
)
_NO_PLACE = compile_late(
    r"[!?;\"…:]|(?i:press|news|nachricht|agen[ctzs]|агентств|wire\b|photo|foto)"
    r"|^(?i:on|in|at|by|from|since|the|am|im|laut|nach|seit|selon|según|secondo|segundo|according|"
    r"по|как|в|на|с|за|згідно|як)\b"
)
_UNCASED = compile_late(r"[\u0590-\u08ff\u0900-\u0fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ARABIC = compile_late(r"[\u0600-\u06ff]")
_EAST = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_NUMBER = r"[\d一二三四五六七八九十]{1,3}"
_UPPER = "A-ZÀ-ÖØ-ÞŁŚŻŹĆČŠŽĐİĞŞА-ЯЁІЇЄΑ-Ω"
_DATELINE = compile_late(
    r"[ *_#>\"'-]*(?P<place>[^()\[\]]{0,90}?(?:\[[^()\[\]]{2,30}\][^()\[\]]{0,30}?)?)"
    r" ?[,.:-]{0,2} ?[(\[/] ?"
    rf"(?:[{_EAST}\d・ -]{{1,16}}[= ]?|[A-Z][a-z]{{1,14}}=|(?i:корр\. ?|agency ))?"
    rf"(?P<agencies>{AGENCIES})"
    rf"(?:(?:記者|记者)[{_EAST}\d ]{{0,24}}|[, ] ?[^\W\d_]{{0,10}}\.? ?\d{{1,2}}\.?)?"
    r" ?[)\]/](?P<after> ?[.,]? ?-{1,3}| ?[:=.,]?)"
)
"""`LONDON, March 3 (Reuters) -`, `(서울=연합뉴스)`, `Минск /Корр. БЕЛТА/`."""
_DATED = compile_late(
    rf"(?P<place>[^()\[\]]{{3,70}}?)(?: ?[-./]| - ) ?(?P<agencies>{AGENCIES}) ?[-.:/](?: |$)"
)
"""`МОСКВА, 3 мар - РИА Новости.`"""
_SPANISH = compile_late(rf"(?P<place>[^()\[\]]{{2,60}}?),? (?P<agencies>{AGENCIES}) ?\.-")
"""`Madrid, 3 mar, EFE.-`"""
_CHINESE = compile_late(
    rf"[(\"]?[据據]?(?P<agencies>{AGENCIES})[\u3400-\u9fff]{{0,10}}?"
    rf"(?:{_NUMBER}月)?{_NUMBER}日[专專]?[电電讯訊]"
    rf"|[(\"]?[据據](?P<first>{AGENCIES})[\u3400-\u9fff]{{0,6}}?[电電讯訊](?!\w)"
)
"""`新华社北京3月5日电`, `据新华社电`"""
_ARABIAN = compile_late(
    r" *(?P<place>[\u0600-\u06ff][\u0600-\u06ff \d]{1,30}?) ?[-/] ?"
    rf"(?P<agencies>{AGENCIES}) ?[-/:]"
    rf"| *(?P<first>{AGENCIES}) ?- ?[\u0600-\u06ff][\u0600-\u06ff ]{{1,25}}:"
)
"""`جدة - واس:`, `واس - جدة:`"""
_WITHIN = compile_late(
    rf"(?:^|[ .)])(?P<place>[{_UPPER}][{_UPPER}.' -]{{2,30}}(?:, [^\W\d_][^\W\d_.]{{1,14}}"
    rf"(?: \d{{1,2}})?){{0,2}}(?:,? \d{{4}})?) ?\((?P<agencies>{AGENCIES})\) ?-{{1,3}}(?=[ \w])"
)
"""`NEW YORK (AP) -`, which can be nothing else, wherever it stands."""
_NAMES = compile_late(rf"{SIGN}(?P<names>{OTHER}{{5,90}}?) ?[,|] ?(?P<agencies>{AGENCIES})[ .)|]*$")
"""`Jane Doe, Associated Press`"""
_ENDING = compile_late(
    rf"[.!?…。”\"'»)] ?(?:\( ?(?P<bracket>{AGENCIES})[^()]{{0,12}}\)?|/ ?(?P<slash>{AGENCIES}) ?/"
    rf"|-{{1,3}} ?(?P<dash>{AGENCIES})|(?P<bare> {AGENCIES}))[. \]]*$"
    rf"|[\u0e00-\u0e7f] ?-+ ?(?P<thai>{AGENCIES}) *$"
)
"""`... he said. (dpa/afp)`, `... he said. - Reuters`"""
_COPYRIGHT = compile_late(
    r"(?P<mark>copyright|©|ⓒ|\(c\)) ?(?:©|\(c\)|:)? ?"
    r"(?P<year>(?:(?:19|20)\d\d(?: ?[-/] ?(?:19|20)?\d\d)?)?),? ?(?:- ?)?"
    rf"(?:by |bei |par |por |von )?(?P<agencies>{AGENCIES})"
    r"(?P<after>,? ?(?:(?:19|20)\d\d)?)[^/]*$",
    re.IGNORECASE,
)
"""`Copyright 2023 The Associated Press. All rights reserved.`"""
_LINE = re.compile(r"^[^\n]*\S[^\n]*", re.MULTILINE)
_AUTHOR_PARTS = compile_late(r"\s*[;,|/&•·\n]\s*|\s+-\s+|\s+(?:and|und|et|y|e|with|für|for)\s+")


class AgencyCredit(msgspec.Struct, frozen=True):
    """An agency that a document names as its writer.

    Attributes:
        agency: The agency's name, as `agencies.toml` has it; the first one of several.
        begin: Where the credit begins in the document's text, and `end` where it ends; both 0 for
            an `author_field`, which is no part of the text.
        form: Where it stands, one of `FORMS`.
        others: Further agencies in the same credit (`dpa/AFP`).
        is_press_release: The agency distributes what others write.
    """

    agency: str
    begin: int
    end: int
    form: Form
    others: tuple[str, ...] = ()
    is_press_release: bool = False


def find_agency(
    text: str,
    blocks: Sequence[Block] = (),
    *,
    author: str | None = None,
    language: str | None = None,
) -> AgencyCredit | None:
    """Find the agency that a document gives as its writer.

    Wrongly hits: the credit of a picture that stands alone on a line right before the text
    (`Reuters`) and was not judged a caption. Misses: an ambiguous short form alone on a line
    (`AP`), a byline within a text that has no line breaks.

    Args:
        text: The document's whole text, with what was judged boilerplate.
        blocks: Its blocks in order; without them, each line is one and counts as main content.
        author: What the document's metadata names as its author.
        language: Its language, a lower-case ISO 639 code, if it is known.

    Returns:
        The strongest credit in the order of `FORMS`, of equal ones the first; None if there is
        none.

    >>> find_agency("WASHINGTON (AP) — The harbour was closed.")
    AgencyCredit(agency='Associated Press', begin=0, end=17, form='dateline', others=(), \
is_press_release=False)
    >>> find_agency("The harbour was closed, Reuters reported.") is None
    True
    """
    book = load_agencies()
    found = list(_find_in_text(book, text, blocks or _lines(text), language))
    by_author = _find_in_author(book, author, language) if author else None
    if by_author is not None:
        found.append(by_author)
    return min(found, key=lambda credit: (FORMS.index(credit.form), credit.begin), default=None)


def _lines(text: str) -> list[Block]:
    return [(*match.span(), "main") for match in _LINE.finditer(text)]


class _Place(msgspec.Struct, frozen=True):
    """Where in its document a block stands.

    Attributes:
        is_running: It is a paragraph of main content.
        num_before: How many of the opening paragraphs come before it.
        num_after: How many of the closing paragraphs come after it.
        is_after_caption: The block before it tells of a picture.
        is_after_sentence: The block before it is one: a caption or the text under a headline.
        is_byline: It was judged to say who wrote the text, or when.
        is_far: Other blocks stand between it and the end of the running text.
    """

    is_running: bool
    num_before: int
    num_after: int
    is_after_caption: bool
    is_after_sentence: bool
    is_byline: bool
    is_far: bool


def _find_in_text(
    book: AgencyBook, text: str, blocks: Sequence[Block], language: str | None
) -> Iterator[AgencyCredit]:
    """Yield the credits in the blocks at the beginning and at the end of the running text."""
    opening = _find_running(text, blocks, range(len(blocks)), _NUM_OPENING)
    closing = _find_running(text, blocks, range(len(blocks) - 1, -1, -1), _NUM_CLOSING)
    first = opening[0] if opening else len(blocks)
    last = closing[0] if closing else len(blocks) - 1
    chosen = {
        *range(max(0, first - _NUM_BEFORE), opening[-1] + 1 if opening else first),
        *_after(blocks, last + 1),
        *closing,
    }
    for position in sorted(chosen):
        begin, end, kind = blocks[position]
        if kind in _SKIPPED_KINDS:
            continue
        place = _Place(
            is_running=position in opening or position in closing,
            num_before=sum(at < position for at in opening),
            num_after=sum(at > position for at in closing),
            is_after_caption=position > 0 and blocks[position - 1][2] == "caption",
            is_after_sentence=position > 0 and _is_sentence(text, *blocks[position - 1][:2]),
            is_byline=kind in _BYLINE_KINDS,
            is_far=position > last + _MAX_BARE_DISTANCE,
        )
        yield from _find_in_block(book, text, begin, end, place, language)


def _after(blocks: Sequence[Block], begin: int) -> Iterator[int]:
    """Yield the positions after the running text, up to where other stories or readers begin."""
    for position in range(begin, min(len(blocks), begin + _NUM_AFTER)):
        if blocks[position][2] in _OTHERS_KINDS:
            return
        yield position


def _find_running(text: str, blocks: Sequence[Block], order: Iterable[int], most: int) -> list[int]:
    """Return the positions of the first paragraphs of main content, in the given order."""
    found: list[int] = []
    for position in order:
        begin, end, kind = blocks[position]
        if kind == "main" and _is_running(text, begin, end):
            found.append(position)
            if len(found) == most:
                break
    return found


def _is_running(text: str, begin: int, end: int) -> bool:
    """Tell whether a block has the length of a paragraph, and the end of one but for a sign."""
    end_of_sample = min(end, begin + _RUNNING_CHARS)
    num_words = text.count(" ", begin, end_of_sample) + 1
    if num_words < _MIN_RUNNING_WORDS:
        num_words = count_words(text[begin:end_of_sample])
    if num_words < _MIN_RUNNING_WORDS:
        return False
    is_long = num_words >= _LONG_RUNNING_WORDS
    return is_long or bool(_SENTENCE_END.search(text, max(begin, end - _MAX_SIGN_CHARS), end))


def _is_sentence(text: str, begin: int, end: int) -> bool:
    """Tell whether a block ends as a sentence does."""
    num_spaces = text.count(" ", begin, end)
    return num_spaces + 1 >= _MIN_SENTENCE_WORDS and bool(
        _SENTENCE_END.search(text, max(begin, end - 2), end)
    )


def _find_in_block(
    book: AgencyBook, text: str, begin: int, end: int, place: _Place, language: str | None
) -> Iterator[AgencyCredit]:
    """Yield the credits in one block."""
    is_line = end - begin <= _LINE_CHARS
    head = None
    if is_line or place.num_before < _NUM_OPENING:
        head = book.read(text, begin, min(end, begin + _HEAD_CHARS), language)
    if head is not None and head.mentions and place.num_before < _NUM_OPENING:
        yield from _find_dateline(head, place)
    tail = head if is_line else book.read(text, max(begin, end - _TAIL_CHARS), end, language)
    if tail is None:
        return
    signature = None if place.num_after else book.find_signature(tail.plain)
    if signature is not None:
        yield _credit(tail, signature[1], "credit_line", [signature[0]])
    if not tail.mentions:
        return
    if end - begin <= _MAX_CREDIT_CHARS and not place.is_running:
        yield from _find_line(book, tail, place)
    is_picture = book.is_picture(tail)
    if place.is_running and not place.num_after:
        yield from _find_ending(tail, place, can_be_caption=is_line and is_picture)
    if is_picture and not place.is_running:
        return
    contributed = book.contributed.search(tail.masked)
    if contributed is not None:
        yield from _credit_of(tail, contributed.span(), "contributed")
    yield from _find_copyright(tail)


def _credit(
    stretch: Stretch, span: tuple[int, int], form: Form, agencies: Sequence[Agency]
) -> AgencyCredit:
    names = list(dict.fromkeys(agency.name for agency in agencies))
    return AgencyCredit(
        agency=names[0],
        begin=stretch.begin + span[0],
        end=stretch.begin + span[1],
        form=form,
        others=tuple(names[1:]),
        is_press_release=agencies[0].press_release,
    )


def _within(stretch: Stretch, span: tuple[int, int]) -> list[Mention]:
    return [m for m in stretch.mentions if span[0] <= m.begin and m.end <= span[1]]


def _credit_of(
    stretch: Stretch, span: tuple[int, int], form: Form, within: tuple[int, int] | None = None
) -> Iterator[AgencyCredit]:
    """Yield the credit of the agencies in a part of a stretch, if there are any."""
    mentions = _within(stretch, within or span)
    if mentions:
        yield _credit(stretch, span, form, [mention.agency for mention in mentions])


def _find_dateline(head: Stretch, place: _Place) -> Iterator[AgencyCredit]:
    """Yield the dateline that a block begins with."""
    match = _DATELINE.match(head.masked)
    if match is not None and _is_dateline(head, match):
        yield from _credit_of(head, _trim(head, match.span()), "dateline", match.span("agencies"))
        return
    match = _DATED.match(head.masked)
    dated = match if match is not None and _is_dated(head, match) else None
    for found in (dated, _SPANISH.match(head.masked)):
        if found is not None and _is_place(found["place"]):
            yield from _credit_of(head, _trim(head, found.span()), "dateline")
            return
    match = _ARABIAN.match(head.masked)
    if match is None or not _is_arabic(head, match):
        match = _CHINESE.match(head.masked)
    if match is None and place.is_running:
        match = _WITHIN.search(head.masked)
    if match is not None:
        yield from _credit_of(head, _trim(head, match.span()), "dateline")


def _is_dated(head: Stretch, match: re.Match[str]) -> bool:
    """Tell whether what stands before an agency holds a date, and means the agency."""
    place = match["place"]
    is_certain = _is_clear(head, match) or place.split()[0].isupper()
    return is_certain and any(map(str.isdigit, place))


def _is_arabic(head: Stretch, match: re.Match[str]) -> bool:
    """Tell whether both the agency and the place are written in Arabic letters."""
    begin = match.start("first" if match["first"] else "agencies")
    num_words = len((match["place"] or "").split())
    return bool(_ARABIC.match(head.plain, begin)) and num_words <= _MAX_UNCASED_PLACE_WORDS


def _trim(stretch: Stretch, span: tuple[int, int]) -> tuple[int, int]:
    """Leave out the spaces and list signs at the edges of a match."""
    begin, end = span
    while begin < end and stretch.plain[begin] in " *_#>\"'-.":
        begin += 1
    while end > begin and stretch.plain[end - 1] == " ":
        end -= 1
    return begin, end


def _is_dateline(head: Stretch, match: re.Match[str]) -> bool:
    """Tell whether a place, an agency in brackets and what follows make a dateline."""
    place, after = match["place"].strip(), match["after"]
    mentions = _within(head, match.span("agencies"))
    if not mentions or (place and not _is_place(place)):
        return False
    is_clear = mentions[0].is_clear or len(mentions) > 1
    if not is_clear and _defines(place, head.plain[mentions[0].begin : mentions[0].end]):
        return False
    if "-" in after:
        return True
    following = head.plain[match.end() :].lstrip(" \"'")[:1]
    if following and (following.islower() or following in ",;)/"):
        return False
    if not place:
        is_uncased = bool(_UNCASED.match(head.plain, mentions[0].begin))
        return bool(following) and (is_clear or is_uncased)
    if any(map(str.isdigit, place)) or place.isupper() or _UNCASED.search(place):
        return True
    return not following and is_clear


def _is_place(place: str) -> bool:
    """Tell whether what stands before an agency can be a place and a date.

    Words are capitalised or numbers; small ones are particles, or month names beside a number.

    >>> _is_place("Rio de Janeiro, 3 mar"), _is_place("The company said")
    (True, False)
    """
    words = re.sub(r"[][,-]", " ", place).split()
    if not 0 < len(words) <= _MAX_PLACE_WORDS or len(place) > _MAX_PLACE_CHARS:
        return False
    if _NO_PLACE.search(place) or CLEAR in place or AMBIGUOUS in place:
        return False
    if not any(map(str.isalpha, place)):
        return False
    if place.lower() == place.upper():
        return len(place) <= _MAX_UNCASED_PLACE_CHARS and len(words) <= _MAX_UNCASED_PLACE_WORDS
    if words[0][0].islower():
        return False
    numbers = [at for at, word in enumerate(words) if word[0].isdigit()]
    return all(
        not word[0].islower()
        or len(word.rstrip(".")) <= _MAX_PARTICLE_LETTERS
        or any(abs(at - number) <= 2 for number in numbers)
        for at, word in enumerate(words)
    )


def _defines(place: str, written: str) -> bool:
    """Tell whether words spell out the short form that follows: `Palestinian Authority (PA)`."""
    if "," in place or place.isupper():
        return False
    initials = "".join(word[0] for word in place.replace("-", " ").split() if word[0].isupper())
    return len(written) >= 2 and initials.casefold().endswith(written.casefold())


def _find_line(book: AgencyBook, line: Stretch, place: _Place) -> Iterator[AgencyCredit]:
    """Yield the credit that a whole line is: a byline before the text, a source after it."""
    is_before = place.num_before <= (_MAX_CAPTIONS_BEFORE if place.is_byline else 0)
    is_after = not place.num_after
    if not (is_before or is_after) or book.is_picture(line):
        return
    match = book.by.match(line.masked)
    if match is not None:
        is_clear = _is_clear(line, match)
        if is_clear and _are_names(match["names"]) and _is_rest(match["rest"], is_byline=True):
            yield from _credit_of(line, _trim(line, match.span()), "byline", match.span("agencies"))
            return
    match = book.line.match(line.masked)
    if match is not None and _is_rest(match["rest"], is_byline=False):
        has_source = bool(match["source"])
        is_picture = place.is_after_caption or (has_source and place.is_after_sentence)
        is_certain = has_source or (_is_clear(line, match) and not place.is_far)
        if is_certain and not (is_before and is_picture):
            form: Form = "byline" if is_before and not has_source else "credit_line"
            yield from _credit_of(line, _trim(line, match.span()), form, match.span("agencies"))
            return
    match = _NAMES.match(line.masked) if is_before else None
    if (
        match is not None
        and _is_clear(line, match)
        and _are_names(match["names"])
        and not place.is_after_caption
    ):
        yield from _credit_of(line, _trim(line, match.span()), "byline", match.span("agencies"))


def _is_clear(stretch: Stretch, match: re.Match[str]) -> bool:
    """Tell whether one of the agencies in a match can mean nothing else."""
    return any(mention.is_clear for mention in _within(stretch, match.span("agencies")))


def _are_names(names: str) -> bool:
    """Tell whether words are names of persons or desks: none, or all capitalised but particles."""
    words = re.findall(r"[^\W_][\w.'-]*", names)
    return len(words) <= _MAX_NAME_WORDS and not any(
        word[0].isdigit()
        or word in _WITH
        or (word[0].islower() and len(word) > _MAX_PARTICLE_LETTERS)
        for word in words
    )


def _is_rest(raw: str, *, is_byline: bool) -> bool:
    """Tell whether what follows an agency on its line is a date or a place, if anything."""
    rest = raw.strip()
    inner = rest.strip(" |,/·•:()-")
    if not inner or _DATE.search(inner):
        return not inner or not re.search(r"[.!?]\s+\w+\s+\w+\s+\w", inner)
    words = inner.split()
    if len(words) > _MAX_REST_WORDS or not all(word[0].isupper() for word in words):
        return False
    is_apart = rest[0] in ",-" or raw.startswith(" / ")
    return rest[0] == "|" or is_byline or (len(words) == 1 and is_apart)


def _find_ending(tail: Stretch, place: _Place, *, can_be_caption: bool) -> Iterator[AgencyCredit]:
    """Yield the credit that the last paragraph of a text ends with."""
    match = _ENDING.search(tail.masked)
    if match is None or can_be_caption:
        return
    name = next(key for key, value in match.groupdict().items() if value)
    span = match.span(name)
    is_clear = any(mention.is_clear for mention in _within(tail, span))
    if name != "bracket" and not is_clear:
        return
    if name == "bare" and place.num_before < _MIN_PARAGRAPHS_BEFORE_BARE:
        return
    yield from _credit_of(tail, _trim(tail, (match.start() + 1, match.end())), "credit_line", span)


def _find_copyright(tail: Stretch) -> Iterator[AgencyCredit]:
    """Yield the agency whose copyright a block claims; a sign and a name alone are of a picture."""
    match = _COPYRIGHT.search(tail.masked)
    if match is None:
        return
    has_year = bool(match["year"]) or any(map(str.isdigit, match["after"]))
    if has_year or match["mark"].isalpha():
        yield from _credit_of(tail, match.span(), "credit_line", match.span("agencies"))


def _find_in_author(book: AgencyBook, author: str, language: str | None) -> AgencyCredit | None:
    """Return the agency that is, as a whole, one of the names in the metadata's author."""
    if len(author) > _MAX_AUTHOR_CHARS:
        return None
    stretch = book.read(author, 0, len(author), language)
    if stretch is None:
        return None
    agencies = []
    at = 0
    for end, following in _parts(stretch.masked):
        part = stretch.masked[at:end]
        match = book.by.match(part) or book.line.match(part)
        names = match.groupdict().get("names") if match is not None else None
        if match is not None and not match["rest"].strip() and _are_names(names or ""):
            first, last = match.span("agencies")
            within = _within(stretch, (at + first, at + last))
            agencies += [mention.agency for mention in within if mention.is_clear]
        at = following
    return _credit(stretch, (0, 0), "author_field", agencies) if agencies else None


def _parts(authors: str) -> Iterator[tuple[int, int]]:
    """Yield where each of several authors ends, and where the next one begins."""
    yield from (match.span() for match in _AUTHOR_PARTS.finditer(authors))
    yield len(authors), len(authors)
