"""Stop words by language code: jusText's lists, which cover 99 languages."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

_NAMES = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "az": "Azerbaijani",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "bs": "Bosnian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "gl": "Galician",
    "gu": "Gujarati",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ka": "Georgian",
    "kk": "Kazakh",
    "kn": "Kannada",
    "ko": "Korean",
    "lb": "Luxembourgish",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ml": "Malayalam",
    "mr": "Marathi",
    "ms": "Malay",
    "mt": "Maltese",
    "nb": "Norwegian_Bokmal",
    "ne": "Nepali",
    "nl": "Dutch",
    "nn": "Norwegian_Nynorsk",
    "no": "Norwegian_Bokmal",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
}


@functools.lru_cache(maxsize=len(_NAMES) + 1)
def stop_words(language: str | None) -> frozenset[str]:
    """Return the stop words of a language, by its code; none for a language without a list.

    >>> "und" in stop_words("de")
    True
    """
    name = _NAMES.get(language or "")
    return frozenset(_read_list(name)) if name else frozenset()


def _read_list(name: str) -> list[str]:
    """Read a list as jusText does, without importing it: it would bring a parser of pages along."""
    found = find_spec("justext")
    if found is None or found.origin is None:
        message = "jusText is not installed"
        raise ModuleNotFoundError(message)
    file = Path(found.origin).parent / "stoplists" / f"{name}.txt"
    return file.read_text(encoding="utf-8").lower().splitlines()
