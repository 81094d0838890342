"""The compiled loops give the bits of Python and NumPy, for every text."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
import xxhash
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit, types

import cleaner.compiled
from cleaner.block_model.model import MODELS, load_model
from cleaner.compiled import Spans, find_words, hash_shingles, plain, sign_ranges, sign_texts
from cleaner.compiled.deferred import compile_later
from cleaner.compiled.fold_table import APOSTROPHE, ITSELF, SEPARATOR, UNKNOWN, load_table
from cleaner.compiled.kernels import MAX_GROWTH
from cleaner.compiled.machine import load_uint64
from cleaner.compiled.make_table import classify, fold, rank
from cleaner.compiled.xxh3 import hash_1_to_8, hash_9_to_16, hash_long
from cleaner.passages.minhash import make_shingles, shingle_hash
from cleaner.words import fold_words, is_unspaced

CHARS = (
    "abYZ09 '’ʼ_-.éßﬁİŁµ…\n\u2003\u0301\u0316\u0334\u0345\u093c\u094d\u3099ｶﾞ漢がไशָ𠀀😀\ufdfa\u0378"
)
TEXTS = st.text(
    st.one_of(st.sampled_from(CHARS), st.sampled_from("abcdefg  '"), st.characters(codec="utf-8"))
)
LONG_TEXTS = st.lists(st.one_of(TEXTS, st.sampled_from(["don't ", "plain words " * 9]))).map(
    "".join
)


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the compiled loops do everything, however small."""
    monkeypatch.setattr(cleaner.compiled, "_MIN_BYTES", 0)


def cut(lengths: list[list[int]]) -> Spans:
    """Return spans from lengths: of what goes before each, and of each, in turn."""
    limits, begins, ends = [0], [], []
    for numbers in lengths:
        at = np.cumsum(numbers[: len(numbers) // 2 * 2]).tolist()
        begins += at[::2]
        ends += at[1::2]
        limits.append(len(begins))
    return Spans(*(np.array(column, dtype=np.int64) for column in (limits, begins, ends)))


@pytest.mark.parametrize("num_bytes", [*range(1, 300), 1023, 1024, 1025, 1088, 1089, 2048, 5000])
def test_hash_is_xxh3(num_bytes: int) -> None:
    """Each way to hash, by length, gives what the library gives."""
    data = np.random.default_rng(num_bytes).integers(0, 256, num_bytes + 16, dtype=np.uint8)
    expected = xxhash.xxh3_64_intdigest(data[8:-8].tobytes())
    assert int(_hash_bytes(data, 8, num_bytes)) == expected


@njit
def _hash_bytes(data, at, size):  # type: ignore[no-untyped-def]
    if size <= 8:
        return hash_1_to_8(load_uint64(data, at), size)
    return hash_9_to_16(data, at, size) if size <= 16 else hash_long(data, at, size)


def test_table_says_what_words_are() -> None:
    """For every character that the table knows, it is what the rules in Python make of it."""
    _, table = load_table()
    entries = table.chars.reshape(-1, 256)[table.page_of].reshape(-1).tolist()
    folds = table.folds.tobytes()
    longest = 0.0
    for code, entry in enumerate(entries):
        kind, num_bytes = entry & 7, entry >> 8 & 63
        if kind == UNKNOWN:
            continue
        char = chr(code)
        assert kind == classify(char), hex(code)
        if kind in (SEPARATOR, APOSTROPHE):
            continue
        offset = entry >> 14
        own = char.encode()
        folded = own if num_bytes == ITSELF else folds[offset : offset + num_bytes]
        assert folded == fold(char, kind).encode(), hex(code)
        assert (entry >> 4 & 15, bool(entry & 8)) == rank(char), hex(code)
        longest = max(longest, len(folded) / len(own))
    assert longest == MAX_GROWTH


@settings(max_examples=50)
@given(st.lists(LONG_TEXTS, min_size=1, max_size=5), st.sampled_from([1, 3, 5]))
def test_texts_are_signed_alike(texts: list[str], shingle_size: int) -> None:
    """No text makes a difference between the compiled loops and Python."""
    expected = plain.sign_texts(texts, 32, shingle_size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaner.compiled, "_THREAD_BYTES", 1)
        found = sign_texts(pa.array(texts), 32, shingle_size)
    assert found.tolist() == expected.tolist()
    hashes, limits = hash_shingles(pa.array(texts), shingle_size)
    for text, begin, end in zip(texts, limits[:-1], limits[1:], strict=True):
        assert {*hashes[begin:end].tolist()} == {*plain.hash_shingles(text, shingle_size).tolist()}


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(LONG_TEXTS, st.lists(st.integers(0, 20), max_size=8)), min_size=1, max_size=5
    )
)
def test_words_are_found_alike(cases: list[tuple[str, list[int]]]) -> None:
    """Whatever the texts and the spans in them, words, hashes and limits are the same."""
    texts = [text + "." * sum(lengths) for text, lengths in cases]
    spans = cut([lengths for _, lengths in cases])
    found = find_words(pa.array(texts), spans)
    parts = [plain.find_words_in(text, spans.of_text(row)) for row, text in enumerate(texts)]
    expected = cleaner.compiled.join_words(parts)
    for name in ("begins", "ends", "hashes", "limits", "is_unspaced"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9)), max_size=6),
)
def test_ranges_are_signed_alike(hashes: list[int], ranges: list[tuple[int, int, int]]) -> None:
    """Ranges of any length, empty ones too, have the same signatures."""
    words = np.array(hashes, dtype=np.uint64)
    rows = [(min(a, b, len(hashes)), min(max(a, b), len(hashes)), width) for a, b, width in ranges]
    firsts, lasts, widths = np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()
    expected = plain.sign_ranges(words, firsts, lasts, widths, 32)
    assert sign_ranges(words, firsts, lasts, widths, 32).tolist() == expected.tolist()


@pytest.mark.parametrize(
    "text",
    [
        "It's the dogs' owners' — naïve — café. " * 5,
        "这座旧磨坊附近的窄桥在星期五获得了港口委员会的批准。",
        "क\u094d\u093c marks out of order",
        "a" + "\u0301" * 40,
        "ʼ alone",
        "x" * 300,
        "\u0378 is not assigned",
        "",
    ],
)
def test_signatures_are_those_of_datasketch(text: str) -> None:
    """Datasketch, fed the shingles of a text hashed by `shingle_hash`, has the same values."""
    width = plain.shingle_width(5, is_unspaced=is_unspaced(text))
    shingles = make_shingles(fold_words(text), width)
    minhash = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=shingle_hash)
    minhash.update_batch([shingle.encode() for shingle in shingles])
    assert sign_texts(pa.array([text]))[0].tolist() == minhash.hashvalues.tolist()


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_any_array_of_strings_will_do(kind: pa.DataType) -> None:
    """Slices, both sizes of offsets, nulls, and arrays of nothing."""
    texts = pa.array(["left out", "one two", None, "", "Drei vier."], kind)
    expected = plain.sign_texts(["one two", "", "", "drei vier"], 16, 5)
    assert sign_texts(texts[1:], 16).tolist() == expected.tolist()
    assert sign_texts(texts[:0], 16).shape == (0, 16)


def test_text_of_small_batches_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that gets its text little by little starts the compiled loops, too."""
    monkeypatch.setattr(cleaner.compiled, "_num_bytes_seen", 0)
    monkeypatch.setattr(cleaner.compiled, "_MIN_BYTES", 12)
    is_compiled = [cleaner.compiled._find_kernels(size) is not None for size in (6, 5, 1, 0, 1)]
    assert is_compiled == [False, False, True, False, True]


def test_threads_that_call_first_at_once() -> None:
    """One of them compiles, and all get the loop."""
    calls = []

    @compile_later(types.int64(types.int64))  # type: ignore[misc]
    def double(number: int) -> int:
        return 2 * number

    def call(number: int) -> None:
        ready.wait()
        calls.append(double(number))

    ready = threading.Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, range(4)))
    assert sorted(calls) == [0, 2, 4, 6]


def test_small_inputs_do_without_numba() -> None:
    """What five articles need starts no compiler, and gives the same."""
    code = (
        "import sys, pyarrow as pa; from cleaner.compiled import sign_texts;"
        "print(sign_texts(pa.array(['one two']), 4).tolist(), 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split(" False")[0] == str(sign_texts(pa.array(["one two"]), 4).tolist())


def test_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Numba cannot be imported, Python does the work."""
    expected = sign_texts(pa.array(["one two"]), 16).tolist()
    monkeypatch.delitem(sys.modules, "cleaner.compiled.kernels")
    monkeypatch.delattr(cleaner.compiled, "kernels")
    monkeypatch.setitem(sys.modules, "numba", None)
    cleaner.compiled._load_kernels.cache_clear()
    cleaner.compiled.load.cache_clear()
    assert cleaner.compiled._load_kernels() is None
    assert sign_texts(pa.array(["one two"]), 16).tolist() == expected
    cleaner.compiled._load_kernels.cache_clear()
    cleaner.compiled.load.cache_clear()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("num_rows", [1, 700])
def test_rows_fall_into_the_same_leaves(
    name: str, num_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limits themselves, values beside them, and no number at all included."""
    trees = load_model(name).second
    random = np.random.default_rng(1)
    rows = random.choice(trees.threshold.ravel(), (num_rows, len(trees.names)))
    rows = np.nextafter(rows, random.choice([-np.inf, np.inf, np.nan], rows.shape)) * (
        random.random(rows.shape) > 0.3
    ).astype(np.float32)
    leaves = trees.find_leaves(rows.astype(np.float32))
    monkeypatch.setattr(cleaner.compiled, "_MIN_BYTES", 1 << 62)
    assert (leaves == trees.find_leaves(rows.astype(np.float32))).all()
