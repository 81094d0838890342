"""Whether an outlet is a news agency itself: what it writes is its own, and no agency copy."""

from __future__ import annotations

import functools

from cleaner.passages.agency_names import read_agencies
from cleaner.words import squeeze

_ENDINGS = ("news", "net", "agency", "press")
"""What agencies put behind their names in domains."""
_MIN_CLEAR_CHARS = 3


@functools.lru_cache(maxsize=4096)
def is_agency(outlet: str) -> bool:
    """Tell whether an outlet's name or domain is that of an agency in `agencies.toml`.

    A short form that has other meanings counts as a name and not as a domain: `tt.com` is a
    newspaper. A domain without its agency's name (`yna.co.kr`) is not known.
    Wrongly hits: newspapers whose domain is an agency's short form (`app.com`).

    >>> is_agency("Reuters"), is_agency("AP"), is_agency("tt.com"), is_agency("xinhuanet.com")
    (True, True, False, True)
    """
    clear, ambiguous = _list_names()
    if " " not in outlet and "." in outlet:
        label = squeeze(outlet.split(".")[0])
        return bool(clear & {label, *(label.removesuffix(ending) for ending in _ENDINGS)})
    return squeeze(outlet) in clear | ambiguous


@functools.cache
def _list_names() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of agencies, and short forms with other meanings: letters and digits."""
    agencies = read_agencies().agency
    clear = {
        squeeze(name)
        for agency in agencies
        for name in (agency.name, *agency.names, *agency.abbreviations)
    }
    short = {name for name in clear if name.isascii() and len(name) < _MIN_CLEAR_CHARS}
    ambiguous = {squeeze(name) for agency in agencies for name in agency.ambiguous}
    return frozenset(clear - short), frozenset(ambiguous | short)
