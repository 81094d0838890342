"""What two passages can have in common besides the order of their words: terms and seeds.

A *term* is a word that says something: stop words are left out, the others are stemmed. In scripts
without spaces it is a few characters in a row. A *seed* is two terms that stand close together, in
either order: small enough to survive a rewrite that leaves no shingle whole, and rare enough that
documents which share several of them, close to each other, are worth a look.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
import pyarrow as pa
import Stemmer
import xxhash

from cleaner.block_model.stop_words import stop_words
from cleaner.compiled import Words
from cleaner.passages.minhash import Int64s, UInt64s
from cleaner.passages.segment import KeptText
from cleaner.words import fold_word, is_unspaced

REACH = 4
"""How many terms apart the two of a seed may stand (sorted skip pairs; at 1 only neighbours)."""

_STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""Snowball's stemmers by language code."""
_CHARS_PER_TERM = 2
_CHARS_PER_LONG_TERM = 4
"""Characters a term: ideographs say more than letters (Thai, Lao, Khmer, Burmese)."""
_FIRST_IDEOGRAPH = "\u3041"
_HIRAGANA = frozenset(map(chr, range(0x3041, 0x30A0)))
"""Japanese function words and endings are written in it: a term of nothing else is left out."""
_KATAKANA = frozenset(map(chr, (*range(0x30A1, 0x30FB), 0x30FC)))
_MAX_STEMMED_CHARS = 64
_MAX_KNOWN_STEMS = 1 << 17
_STOP = 0
"""In place of a stop word's stem; no stem has this hash."""
_UNSPACED = -1
"""In place of a language's number."""

_LOW, _HIGH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)


class Terms(msgspec.Struct, frozen=True):
    """The terms of a kept text, in order.

    Attributes:
        at: Position of each among the kept words, `(num_terms,) int64`, ascending.
        stems: Hash of each, `(num_terms,) uint64`.
        width: Kept words that a term takes: 1, or some characters.
    """

    at: Int64s
    stems: UInt64s
    width: int


class Seeds(msgspec.Struct, frozen=True):
    """The seeds of a kept text, sorted by key, then place.

    Attributes:
        keys: Hash of the two stems in either order, `(num_seeds,) uint64`.
        firsts, seconds: Positions of its two among the terms, `(num_seeds,) int64`.
    """

    keys: UInt64s
    firsts: Int64s
    seconds: Int64s


class BatchSeeds(msgspec.Struct, frozen=True):
    """The seeds of several kept texts, sorted by text, key, then place.

    Attributes:
        texts: Which text each is of, `(num_seeds,) int64`.
        keys, firsts, seconds: As in `Seeds`; positions are among the terms of all texts.
    """

    texts: Int64s
    keys: UInt64s
    firsts: Int64s
    seconds: Int64s


def find_terms(kept: KeptText) -> Terms:
    """Return the terms of a kept text."""
    words = kept.fold()
    if is_unspaced(kept.text):
        return _find_unspaced_terms(words)
    stops = _folded_stop_words(kept.language)
    at = [index for index, word in enumerate(words) if word not in stops]
    stems = [_hash_stem(kept.language, words[index]) for index in at]
    return Terms(np.array(at, dtype=np.int64), np.array(stems, dtype=np.uint64), 1)


def find_batch_terms(
    texts: Sequence[str], languages: Sequence[str | None], words: Words, limits: Int64s
) -> list[Terms]:
    """Return the terms of several texts: of each, what `find_terms` gives.

    Args:
        texts: The texts.
        languages: Their languages.
        words: Their kept words. Each different one is folded and stemmed once a language.
        limits: Where in them those of each text begin, `(num_texts + 1,) int64`.
    """
    row_of = np.repeat(np.arange(len(texts)), np.diff(limits))
    codes = {language: code for code, language in enumerate(dict.fromkeys(languages))}
    code_of = np.array([codes[language] for language in languages], dtype=np.int64)
    code_of[words.is_unspaced] = _UNSPACED
    is_term = np.zeros(len(row_of), dtype=bool)
    stems = np.zeros(len(row_of), dtype=np.uint64)

    def fold(at: int) -> str:
        return fold_word(texts[row_of[at]][words.begins[at] : words.ends[at]])

    for language, code in codes.items():
        places = np.flatnonzero(code_of[row_of] == code)
        encoded = pa.array(words.hashes[places]).dictionary_encode()
        numbers = encoded.indices.to_numpy()
        examples = np.empty(len(encoded.dictionary), dtype=np.int64)
        examples[numbers] = places
        known = _known_stems(language)
        hashes = encoded.dictionary.to_pylist()
        if len(known) + len(hashes) > _MAX_KNOWN_STEMS:
            known.clear()
        stops = _folded_stop_words(language)
        for word_hash, example in zip(hashes, examples.tolist(), strict=True):
            if word_hash not in known:
                word = fold(example)
                known[word_hash] = _STOP if word in stops else _hash_stem(language, word)
        of_word = np.array([known[word_hash] for word_hash in hashes], dtype=np.uint64)
        stems[places] = of_word[numbers]
        is_term[places] = stems[places] != _STOP
    found = []
    for row, (first, last) in enumerate(pairwise(limits.tolist())):
        if words.is_unspaced[row]:
            found.append(_find_unspaced_terms([fold(at) for at in range(first, last)]))
        else:
            at = np.flatnonzero(is_term[first:last])
            found.append(Terms(at, stems[first:last][at], 1))
    return found


def _find_unspaced_terms(words: list[str]) -> Terms:
    """Return every few characters in a row; a run of katakana is one word, so one term."""
    is_ideographic = any(word >= _FIRST_IDEOGRAPH for word in words)
    width = _CHARS_PER_TERM if is_ideographic else _CHARS_PER_LONG_TERM
    at: list[int] = []
    stems: list[int] = []
    last_katakana = -2
    for index in range(len(words) - width + 1):
        if words[index][0] in _KATAKANA:
            is_begun = last_katakana == index - 1
            last_katakana = index
            if is_begun:
                continue
            end = index + 1
            while end < len(words) and words[end][0] in _KATAKANA:
                end += 1
            term = "".join(words[index : max(end, index + width)])
        else:
            term = "".join(words[index : index + width])
        if not _HIRAGANA.issuperset(term):
            at.append(index)
            stems.append(xxhash.xxh3_64_intdigest(term.encode()))
    return Terms(np.array(at, dtype=np.int64), np.array(stems, dtype=np.uint64), width)


@functools.lru_cache(maxsize=128)
def _folded_stop_words(language: str | None) -> frozenset[str]:
    return frozenset(fold_word(word) for word in stop_words(language))


@functools.lru_cache(maxsize=128)
def _known_stems(language: str | None) -> dict[int, int]:
    """Return the hash of the stem of words of a language by the hash of the word; filled by use."""
    return {}


@functools.lru_cache(maxsize=len(_STEMMERS))
def _stemmer(name: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(name)


def stem_word(language: str | None, word: str) -> str:
    """Reduce a folded word to its stem; unchanged in a language without a stemmer.

    >>> stem_word("en", "ministers"), stem_word(None, "ministers")
    ('minist', 'ministers')
    """
    name = _STEMMERS.get(language or "")
    return str(_stemmer(name).stemWord(word)) if name and len(word) <= _MAX_STEMMED_CHARS else word


@functools.lru_cache(maxsize=1 << 14)
def _hash_stem(language: str | None, word: str) -> int:
    return xxhash.xxh3_64_intdigest(stem_word(language, word).encode())


def list_seeds(terms: Terms, reach: int = REACH, rate: float = 1.0) -> Seeds:
    """Return the seeds of a text: every two different terms up to `reach` terms apart.

    Args:
        terms: The terms of the text.
        reach: Characters that two terms of an unspaced script share do not count as distance.
        rate: Share of the seeds to list that are not of neighbouring terms, in [0, 1], the same in
            every text: those with the smallest hashes, as a bottom sketch does (MinHash: which are
            kept depends on the seed alone).
    """
    seeds = list_batch_seeds([terms], reach, rate)
    return Seeds(seeds.keys, seeds.firsts, seeds.seconds)


def list_batch_seeds(found: Sequence[Terms], reach: int = REACH, rate: float = 1.0) -> BatchSeeds:
    """Return the seeds of several texts, at least one: of each, what `list_seeds` gives."""
    sizes = [len(terms.stems) for terms in found]
    texts = np.repeat(np.arange(len(found)), sizes)[:, None]
    widths = np.array([terms.width for terms in found])[texts]
    stems = np.concatenate([terms.stems for terms in found])[:, None]
    seconds = np.arange(len(stems))[:, None] + widths + np.arange(reach)
    is_seed = seconds < np.cumsum(sizes)[texts]
    others = stems[np.where(is_seed, seconds, 0), 0]
    mixed = np.minimum(stems, others) * _LOW + np.maximum(stems, others)
    mixed = (mixed ^ (mixed >> _SHIFT)) * _HIGH
    keys = mixed ^ (mixed >> _SHIFT)
    is_seed &= stems != others
    is_seed[:, 1:] &= (keys[:, 1:] >> _SHIFT).astype(np.float64) < rate * 2.0**32
    at = np.flatnonzero(is_seed)
    at = at[_sort_stably(keys.ravel()[at])]
    text = texts[at // reach, 0]
    order = np.argsort(text.astype(np.min_scalar_type(len(found))), kind="stable")
    at = at[order]
    return BatchSeeds(text[order], keys.ravel()[at], at // reach, seconds.ravel()[at])


def split_seeds(found: Sequence[Terms]) -> list[Seeds]:
    """Return what `list_seeds` gives for each of several texts."""
    if not found:
        return []
    seeds = list_batch_seeds(found)
    befores = np.cumsum([0, *(len(terms.stems) for terms in found)])
    firsts, seconds = (places - befores[seeds.texts] for places in (seeds.firsts, seeds.seconds))
    limits = np.searchsorted(seeds.texts, np.arange(len(found) + 1)).tolist()
    return [
        Seeds(seeds.keys[begin:end], firsts[begin:end], seconds[begin:end])
        for begin, end in pairwise(limits)
    ]


def _sort_stably(keys: UInt64s) -> Int64s:
    """Return the order that sorts keys; equal ones stay as they are.

    Their first bits are sorted with their places, five times as fast as an order is found; keys
    that only differ in the other bits are rare.
    """
    places = np.uint64((1 << len(keys).bit_length()) - 1)
    packed = np.sort(keys & ~places | np.arange(len(keys), dtype=np.uint64))
    order = (packed & places).astype(np.int64)
    ordered = keys[order]
    return order if (ordered[1:] >= ordered[:-1]).all() else np.argsort(keys, kind="stable")
