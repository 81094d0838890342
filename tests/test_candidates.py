"""Candidate pairs: from kept text over signatures and buckets to nominations."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from datasketch import MinHash

from cleaner.boilerplate.judge import JUDGED
from cleaner.config import Config
from cleaner.engines import LocalEngine
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages.candidates import (
    BANDS,
    CANDIDATE_PAIRS,
    CANDIDATES,
    CROWDED_BANDS,
    EXACT_COPIES,
    EXACT_PAIRS,
    HUBS,
    PAIRS,
    leave_out_copies,
    list_bands,
    nominate_pairs,
    passages_schema,
    sign_passages,
    skipped_pairs_sql,
)
from cleaner.passages.minhash import choose_bands, make_shingles, shingle_hash, shingle_width
from cleaner.passages.seeding import SEED_PAIRS
from cleaner.resolution import RANKS
from cleaner.words import fold_words

CONFIG = Config()
A = "The harbour council approved the narrow bridge near the old mill on Friday."
B = "Nobody in the valley had ever seen such a crowded orchard before the frost."
NEAR_A = "The harbour council approved the narrow bridge near the old mill last Friday."


def make_tables(texts: dict[str, str]) -> tuple[pa.RecordBatch, pa.Table]:
    """Make rows of texts, every line of which is main content, and their verdicts."""
    rows: list[dict[str, Any]] = []
    verdicts: list[dict[str, Any]] = []
    for name, text in texts.items():
        rows.append({"document_id": name} | split_text(text, "en"))
        judged = [
            {"begin": b["begin"], "end": b["end"], "kind": "main", "reason": "r", "rule": "r"}
            for b in rows[-1]["blocks"]
        ]
        verdicts.append({"document_id": name, "verdicts": judged})
    return (
        pa.RecordBatch.from_pylist(rows, schema=TEXTS),
        pa.Table.from_pylist(verdicts, schema=JUDGED),
    )


def sign_texts(texts: dict[str, str], config: Config = CONFIG) -> pa.RecordBatch:
    """Cut texts into passages and sign them."""
    batch, judged = make_tables(texts)
    return sign_passages(batch, config, judged)


def test_passages_of_a_document() -> None:
    """A document comes first, then its paragraphs; sentences are found by their seeds."""
    rows = sign_texts({"d": f"{A} {B}\n{B}"}).to_pylist()
    first, second = len(A) + 1 + len(B), len(A) + 2 + len(B)
    assert [(row["passage_id"], row["level"], row["num_words"]) for row in rows] == [
        (f"d:0-{second + len(B) - 1}:document", "document", 41),
        (f"d:0-{first}", "paragraph", 27),
        (f"d:{second}-{second + len(B)}", "paragraph", 14),
    ]


@pytest.mark.parametrize(
    "text", [f"{A} {B}", "Only two.", "这座旧磨坊附近的窄桥在星期五获得了港口委员会的批准。"]
)
def test_stored_signatures_are_those_of_datasketch(text: str) -> None:
    """The rows of passages are bit by bit what datasketch makes of their shingles."""
    for row in sign_texts({"d": text}).to_pylist():
        words = fold_words(text[row["begin"] : row["end"]])
        shingles = make_shingles(words, shingle_width(text, CONFIG.match.shingle_size))
        minhash = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=shingle_hash)
        minhash.update_batch([shingle.encode("utf-8") for shingle in shingles])
        assert minhash.hashvalues.tolist() == row["signature"]


def test_boilerplate_is_not_signed() -> None:
    """A block that is no main content changes nothing but positions."""
    batch, judged = make_tables({"d": f"Subscribe now and read on for one whole year!\n{A}"})
    verdicts = judged.to_pylist()
    verdicts[0]["verdicts"][0]["kind"] = "promotion"
    signed = sign_passages(batch, CONFIG, pa.Table.from_pylist(verdicts, schema=JUDGED))
    alone = sign_texts({"d": A})
    for name in ("level", "num_words", "text_hash", "signature"):
        assert alone.column(name).to_pylist() == signed.column(name).to_pylist()


def test_batch_limits_do_not_matter() -> None:
    """Documents are signed the same one by one or together."""
    texts = {"a": A, "b": f"{A} {B}", "c": "", "d": B}
    together = sign_texts(texts).to_pylist()
    apart = [row for name in texts for row in sign_texts({name: texts[name]}).to_pylist()]
    assert apart == together


@pytest.mark.parametrize(("num_words", "levels"), [(7, 1), (8, 2), (1500, 2), (1501, 1)])
def test_short_and_endless_paragraphs_are_not_signed(num_words: int, levels: int) -> None:
    """Below the least and above the largest number of words there is only the document itself."""
    text = " ".join(f"word{number}" for number in range(num_words))
    assert sign_texts({"d": text}).num_rows == levels


def test_documents_and_passages_never_share_a_wording() -> None:
    """A document of one paragraph and that paragraph elsewhere are no exact duplicates."""
    document, paragraph = sign_texts({"d": A}).to_pylist()
    assert document["signature"] == paragraph["signature"]
    assert document["text_hash"] != paragraph["text_hash"]


def test_bands_of_documents_and_passages_never_meet() -> None:
    """Each has the number of bands that its similarity asks for, and no band hash in common."""
    config = CONFIG.replace(match={"document_similarity": 0.5})
    signed = sign_texts({"d": A}, config)
    bands = list_bands(signed, config).to_pylist()
    document, paragraph = (
        {row["band_hash"] for row in bands if row["passage_id"] == name}
        for name in signed.column("passage_id").to_pylist()
    )
    assert document & paragraph == set()
    assert len(document) == len(paragraph) == choose_bands(128, 0.5, 0.9)[0]


def test_passages_without_words_enter_no_band() -> None:
    """Two empty sets are not alike."""
    schema = passages_schema(CONFIG.match)
    empty = {
        "passage_id": "p",
        "document_id": "d",
        "level": "paragraph",
        "begin": 0,
        "end": 1,
        "num_words": 0,
        "text_hash": 1,
        "signature": [0xFFFFFFFF] * 128,
    }
    batch = pa.RecordBatch.from_pylist([empty], schema=schema)
    assert list_bands(batch, CONFIG).num_rows == 0
    filled = pa.RecordBatch.from_pylist([empty | {"num_words": 1}], schema=schema)
    assert list_bands(filled, CONFIG).num_rows > 0


def write_passages(engine: LocalEngine, signed: pa.RecordBatch, order: str = "") -> None:
    """Store passages, and ranks: documents in `order` first, the others by name."""
    names = sorted(set(signed.column("document_id").to_pylist()))
    rows = [
        {"document_id": name, "rank": f"{order.find(name) if name in order else 9} {name}"}
        for name in names
    ]
    engine.write("passages", [signed], signed.schema)
    engine.write("ranks", [pa.RecordBatch.from_pylist(rows, schema=RANKS)], RANKS)


def find_candidates(
    texts: dict[str, str],
    config: Config = CONFIG,
    order: str = "",
    seed_pairs: Sequence[dict[str, str]] = (),
) -> tuple[list[dict[str, Any]], int]:
    """Run all steps to candidate pairs; return them and the number of pairs skipped."""
    signed = sign_texts(texts, config)
    with LocalEngine(workers=1) as engine:
        write_passages(engine, signed, order)
        engine.write("bands", [list_bands(signed, config)], BANDS)
        engine.sql(HUBS, target="hubs")
        engine.sql(EXACT_PAIRS, target="exact_pairs", schema=PAIRS)
        engine.sql(CROWDED_BANDS, target="crowded_bands", schema=BANDS)
        engine.sql(skipped_pairs_sql(config.match), target="skipped")
        engine.map_batches(
            nominate_pairs,
            config,
            source="crowded_bands",
            target="bucket_pairs",
            schema=PAIRS,
            group_by=["band_hash"],
            order_by=["passage_id"],
        )
        by_seeds = pa.RecordBatch.from_pylist(list(seed_pairs), schema=SEED_PAIRS)
        engine.write("seed_pairs", [by_seeds], SEED_PAIRS)
        engine.sql(CANDIDATE_PAIRS, target="candidates", schema=CANDIDATES)
        rows = [row for batch in engine.read("candidates") for row in batch.to_pylist()]
        (skipped,) = engine.read("skipped")
        return rows, skipped.column("num_skipped_pairs")[0].as_py()


def extents(rows: Sequence[dict[str, Any]]) -> set[tuple[str, int, int, str, int, int]]:
    """Return what candidate pairs are about."""
    return {
        (
            row["left_document"],
            row["left_begin"],
            row["left_end"],
            row["right_document"],
            row["right_begin"],
            row["right_end"],
        )
        for row in rows
        if row["level"] != "document"
    }


def test_exact_duplicates_are_candidates() -> None:
    """A copied paragraph is paired with that of the best placed document, in every other one."""
    texts = {"b": f"{B}\n{A}", "a": A, "c": f"{A}\n{B}"}
    places = {"a": (0, len(A)), "b": (len(B) + 1, len(B) + 1 + len(A)), "c": (0, len(A))}
    for best in "abc":
        rows, skipped = find_candidates(texts, order=best)
        equal = {(a, b) for a, *left, b in (r[:4] for r in extents(rows)) if (*left,) == places[a]}
        assert equal == {(min(best, o), max(best, o)) for o in "abc" if o != best}
        assert skipped == 0


def test_near_duplicates_are_candidates() -> None:
    """One word of thirteen may be another."""
    rows, _ = find_candidates({"a": A, "b": NEAR_A})
    assert extents(rows) == {("a", 0, len(A), "b", 0, len(NEAR_A))}


def test_other_paragraphs_are_none() -> None:
    """Paragraphs that share nothing do not meet."""
    assert find_candidates({"a": A, "b": B}) == ([], 0)


def test_documents_that_share_seeds_are_candidates() -> None:
    """A pair found by its seeds is a candidate of its own level, without an extent."""
    rows, _ = find_candidates(
        {"a": A, "b": B}, seed_pairs=[{"left_document": "a", "right_document": "b"}]
    )
    (row,) = rows
    names = ("left_document", "right_document", "level", "left_begin", "left_end", "right_end")
    assert [row[name] for name in names] == ["a", "b", "seeds", 0, 0, 0]


def test_no_pairs_inside_a_document() -> None:
    """A document that says a thing twice is no pair of documents."""
    assert find_candidates({"a": f"{A}\n{A}\n{NEAR_A}"}) == ([], 0)


def bucket(documents: Sequence[str], band_hash: int = 1) -> list[dict[str, Any]]:
    """Make a bucket of passages of these documents, in order."""
    return [
        {"band_hash": band_hash, "passage_id": f"p{at:03d}", "document_id": document}
        for at, document in enumerate(documents)
    ]


def nominate(rows: list[dict[str, Any]], max_bucket: int = 4) -> set[tuple[str, str]]:
    """Nominate the pairs of buckets."""
    config = CONFIG.replace(match={"max_bucket": max_bucket})
    found = nominate_pairs(pa.RecordBatch.from_pylist(rows, schema=BANDS), config).to_pylist()
    return {(row["left_passage"], row["right_passage"]) for row in found}


def test_small_buckets_nominate_all_pairs() -> None:
    """Up to the limit every two passages are candidates."""
    names = [f"p{at:03d}" for at in range(4)]
    assert nominate(bucket("abcd")) == set(combinations(names, 2))


def test_large_buckets_nominate_star_and_chain() -> None:
    """Over the limit each passage meets the first and the next one."""
    assert nominate(bucket("abcde")) == {
        *(("p000", f"p00{at}") for at in range(1, 5)),
        *((f"p00{at}", f"p00{at + 1}") for at in range(1, 4)),
    }


def test_left_document_is_the_smaller_one() -> None:
    """Sides are ordered by document, whatever the passages are called."""
    assert nominate(bucket("ba")) == {("p001", "p000")}


@pytest.mark.parametrize("num_passages", [3, 4, 5, 9, 40])
def test_skipped_pairs_are_those_not_nominated(num_passages: int) -> None:
    """What is counted as skipped is what a large bucket leaves out."""
    config = CONFIG.replace(match={"max_bucket": 4})
    rows = bucket([f"d{at:03d}" for at in range(num_passages)])
    nominated = nominate(rows)
    with LocalEngine(workers=1) as engine:
        batch = pa.RecordBatch.from_pylist(rows, schema=BANDS)
        engine.write("crowded_bands", [batch], BANDS)
        engine.sql(skipped_pairs_sql(config.match), target="skipped")
        (skipped,) = engine.read("skipped")
    all_pairs = num_passages * (num_passages - 1) // 2
    assert skipped.column("num_skipped_pairs")[0].as_py() == all_pairs - len(nominated)


def test_buckets_do_not_mix() -> None:
    """Passages of two buckets do not meet; one that is in both is nominated in both."""
    rows = [*bucket("ab"), *bucket("ab", band_hash=2)[:1], *bucket("abc", band_hash=2)[2:]]
    assert nominate(rows) == {("p000", "p001"), ("p000", "p002")}
    assert nominate(rows[:2]) | nominate(rows[2:]) == nominate(rows)


def test_no_bucket_no_pair() -> None:
    """An empty batch gives an empty batch."""
    assert nominate([]) == set()


@pytest.mark.parametrize("best", ["a", "b", "c"])
def test_passages_of_exact_copies_are_left_out(best: str) -> None:
    """Of three documents of one wording, the best placed keeps its passages, all their whole."""
    passages = sign_texts({"a": f"{A}\n{B}", "b": f"{A}\n{B}", "c": f"{A}\n{B}", "d": A})
    with LocalEngine(workers=1) as engine:
        write_passages(engine, passages, best)
        engine.sql(EXACT_COPIES, target="copies")
        copies = pa.Table.from_batches(engine.read("copies"))
    kept = leave_out_copies(passages, CONFIG, copies).to_pylist()
    assert {row["document_id"] for row in kept if row["level"] != "document"} == {best, "d"}
    assert sorted(row["document_id"] for row in kept if row["level"] == "document") == list("abcd")
    hubs = {row["document_id"]: row["hub"] for row in copies.to_pylist()}
    assert hubs == {name: best for name in "abc" if name != best}
