"""Values of single fields: dates, languages, authors, and the outlet that a URL names."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any
from urllib.parse import urlsplit

MIN_YEAR, MAX_YEAR = 1600, 2200
"""Newspapers begin in 1605; dates beyond these are placeholders."""

_MAX_DATE_CHARS = 100
_MAX_DEPTH = 8
_NOTHING = {"", "none", "null", "nan", "nat", "n/a", "-", "unknown"}
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)\Z", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
_FULL_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|(?<!\d)\d{8}(?!\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"\d{4}\D", re.ASCII)
_DOTTED = re.compile(r"(?<!\d)\d{1,2}\.\s?\d{1,2}\.\s?\d{4}", re.ASCII)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?\Z", re.IGNORECASE | re.ASCII)

_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2,
    "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "EST": -5, "EDT": -4,
    "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours east of UTC, for the names that news sites write."""


def parse_date(value: object) -> tuple[str | None, str | None]:
    """Return a date as `Document.published` holds it, and a note if it was not understood.

    A time without zone is UTC. What is not a whole date (`May 2024`, `10:30`), what has a year of
    two digits, and what may be day or month first (`10/11/2024`) is not understood.

    >>> parse_date("Thu, 17 Oct 2024 15:00:00 +0200")
    ('2024-10-17T13:00:00Z', None)
    >>> parse_date("May 2024")
    (None, 'date not understood: May 2024')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None, None
    text = str(value).strip()
    if text.lower() in _NOTHING:
        return None, None
    try:
        moment = _understand_date(value, text)
        if isinstance(moment, datetime) and moment.tzinfo:
            moment = moment.astimezone(timezone.utc)
    except (ValueError, ArithmeticError, TypeError, AttributeError, IndexError):
        moment = None  # The parser of dateutil raises all of these on odd text.
    if moment is None or not MIN_YEAR <= moment.year <= MAX_YEAR:
        shown = "".join(c if c.isprintable() else " " for c in text[:40])
        return None, f"date not understood: {shown}"
    if isinstance(moment, datetime):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ"), None
    return moment.isoformat(), None


def parse_language(value: object) -> str | None:
    """Return the primary subtag of a language tag, in lower case.

    >>> parse_language("en-US"), parse_language("English")
    ('en', None)
    """
    match = _LANGUAGE.match(value.strip()) if isinstance(value, str) else None
    return match[1].lower() if match else None


def join_authors(value: object, depth: int = 0) -> str | None:
    """Return authors as one line, whether they are a string, a list, or objects with a name.

    Args:
        value: What a field of authors holds.
        depth: In how many lists and objects it stands; what stands deeper than some is no author.

    >>> join_authors(["Ann Lee", {"name": "Bo Ek"}])
    'Ann Lee, Bo Ek'
    """
    if isinstance(value, str):
        return " ".join(value.split()) or None
    if isinstance(value, Mapping):
        return join_authors(value.get("name"), depth + 1) if depth < _MAX_DEPTH else None
    if isinstance(value, (list, tuple)) and depth < _MAX_DEPTH:
        names = (join_authors(part, depth + 1) for part in value)
        return ", ".join(name for name in names if name) or None
    return None


@functools.lru_cache(maxsize=4096)
def find_outlet(url: str) -> str | None:
    """Return the registrable domain of a URL, or its host if that has none (an IP address).

    >>> find_outlet("https://www.bbc.co.uk:443/news"), find_outlet("http://127.0.0.1/a")
    ('bbc.co.uk', '127.0.0.1')
    """
    from tld import get_fld

    if "://" not in url and not url.startswith("//"):
        url = f"//{url}" if "." in url.partition("/")[0] else ""
    try:
        host = urlsplit(url).hostname
        port_free = f"http://{host}/"
        domain: Any = get_fld(port_free, fail_silently=True) if host else None
    except ValueError:
        return None
    if domain:
        return str(domain).lower()
    return host.removeprefix("www.") if host else None


def _understand_date(value: object, text: str) -> date | datetime | None:
    if isinstance(value, (date, datetime)):
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if match := _COMPACT_DATE.match(text):
        return date(*map(int, match.groups()))
    if _NUMBER.match(text) or not isinstance(value, str):
        return _understand_epoch(float(text))
    if _ISO_DATE.match(text):
        return date.fromisoformat(text)
    return _understand_phrase(text)


def _understand_epoch(number: float) -> datetime | None:
    """Take seconds, milliseconds or microseconds since 1970, from 1973 on: by their size."""
    for limit, unit in ((1e8, 1.0), (1e11, 1e3), (1e14, 1e6)):
        if limit <= number < limit * 1e3:
            return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=number / unit)
    return None


def _understand_phrase(text: str) -> date | datetime | None:
    from dateutil import parser

    if len(text) > _MAX_DATE_CHARS or not _FULL_YEAR.search(text):
        return None
    if _ISO_TIME.match(text):
        try:
            moment: datetime = parser.isoparse(text)
            return moment
        except ValueError:
            pass  # "2024-10-17 13:00 GMT" is left to the parser of phrases.

    # dateutil fills what is missing from a default: two defaults show what that is.
    def parse(default: datetime, **order: bool) -> datetime:
        moment: datetime = parser.parse(text, default=default, tzinfos=_find_zone, **order)
        return moment

    first, second = datetime(1904, 1, 1), datetime(1912, 12, 28, 23, 59, 59)
    one, other, day_first = parse(first), parse(second), parse(first, dayfirst=True)
    if one.date() != day_first.date() and not _YEAR_FIRST.match(text):
        if not _DOTTED.search(text):
            return None
        one, other = day_first, parse(second, dayfirst=True)
    if one.date() != other.date():
        return None
    return one if one.hour == other.hour else one.date()


def _find_zone(name: str | None, offset: int | None) -> tzinfo | None:
    hours = _ZONES.get((name or "").upper())
    if offset is None and hours is None:
        return None
    return timezone(
        timedelta(seconds=offset) if offset is not None else timedelta(hours=hours or 0)
    )
