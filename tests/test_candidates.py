"""Candidate pairs: from kept text over signatures and buckets to nominations."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from datasketch import MinHash

from cleaner.boilerplate.judge import JUDGED
from cleaner.compiled.plain import shingle_width
from cleaner.config import Config
from cleaner.engines import LocalEngine, Lookup
from cleaner.extraction import split_text
from cleaner.model import TEXTS
from cleaner.passages.candidates import (
    CANDIDATE_PAIRS,
    CANDIDATES,
    COPIES,
    ECHOED,
    ECHOES,
    EXACT_COPIES,
    bands_schema,
    list_bands,
    name_bands,
    passages_schema,
    sign_passages,
)
from cleaner.passages.minhash import choose_bands, make_shingles, shingle_hash
from cleaner.passages.seeding import SEED_PAIRS
from cleaner.resolution import RANKS
from cleaner.words import fold_words, is_unspaced

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
        width = shingle_width(CONFIG.match.shingle_size, is_unspaced=is_unspaced(text))
        shingles = make_shingles(words, width)
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


NO_COPIES = pa.table({"document_id": pa.array([], pa.string())})
NO_ECHOES = pa.table({"left_passage": pa.array([], pa.string())})


def test_bands_of_documents_and_passages_never_meet() -> None:
    """Each has the number of bands that its similarity asks for, and no band hash in common."""
    config = CONFIG.replace(match={"document_similarity": 0.6})
    bands = list_bands(sign_texts({"d": A}, config), config, NO_COPIES, NO_ECHOES)
    document, paragraph = (
        [row[name] for name in name_bands(config.match) if row[name] is not None]
        for row in bands.to_pylist()
    )
    assert set(document) & set(paragraph) == set()
    assert len(document) == choose_bands(128, 0.6, 0.9)[0]
    assert len(paragraph) == choose_bands(128, 0.5, 0.9)[0]
    assert bands.schema == bands_schema(config.match)


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
    assert list_bands(batch, CONFIG, NO_COPIES, NO_ECHOES).num_rows == 0
    filled = pa.RecordBatch.from_pylist([empty | {"num_words": 1}], schema=schema)
    assert list_bands(filled, CONFIG, NO_COPIES, NO_ECHOES).num_rows == 1


def write_passages(engine: LocalEngine, signed: pa.RecordBatch, order: str = "") -> None:
    """Store passages, and ranks: documents in `order` first, the others by name."""
    names = sorted(set(signed.column("document_id").to_pylist()))
    rows = [
        {"document_id": name, "rank": f"{order.find(name) if name in order else 9} {name}"}
        for name in names
    ]
    engine.write("passages", [signed], signed.schema)
    engine.write("ranks", [pa.RecordBatch.from_pylist(rows, schema=RANKS)], RANKS)
    engine.sql(EXACT_COPIES, target="exact_copies", schema=COPIES)
    engine.sql(ECHOES, target="echoes", schema=ECHOED)


def write_bands(engine: LocalEngine, config: Config = CONFIG) -> None:
    """Store the bands of the passages that enter any."""
    engine.map_batches(
        list_bands,
        config,
        source="passages",
        target="bands",
        schema=bands_schema(config.match),
        lookups=[
            Lookup("exact_copies", "document_id", ("document_id",)),
            Lookup("echoes", "left_document", ("document_id",)),
        ],
    )


def find_candidates(
    texts: dict[str, str],
    config: Config = CONFIG,
    order: str = "",
    seed_pairs: Sequence[dict[str, str]] = (),
) -> tuple[list[dict[str, Any]], int]:
    """Run all steps to candidate pairs; return them and the number of pairs skipped."""
    with LocalEngine(workers=1) as engine:
        write_passages(engine, sign_texts(texts, config), order)
        write_bands(engine, config)
        num_skipped = engine.pairs(
            "bands",
            name_bands(config.match),
            order_by="passage",
            max_bucket=config.match.max_bucket,
            target="bucket_pairs",
        )
        by_seeds = pa.RecordBatch.from_pylist(list(seed_pairs), schema=SEED_PAIRS)
        engine.write("seed_pairs", [by_seeds], SEED_PAIRS)
        engine.sql(CANDIDATE_PAIRS, target="candidates", schema=CANDIDATES)
        return [row for part in engine.read("candidates") for row in part.to_pylist()], num_skipped


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


def test_crowded_buckets_are_counted() -> None:
    """What a large bucket leaves uncompared is counted in each band."""
    texts = {name: f"{A} {name * 3}" for name in "abcdefgh"}
    rows, num_skipped = find_candidates(texts)
    assert num_skipped == 0
    assert len(extents(rows)) == 28
    few_rows, num_skipped = find_candidates(texts, CONFIG.replace(match={"max_bucket": 7}))
    assert num_skipped > 0
    assert extents(few_rows) <= extents(rows)


def test_left_document_is_the_smaller_one() -> None:
    """Sides are ordered by document, whichever the hub is and whichever was read first."""
    for order in ("ab", "ba"):
        rows, _ = find_candidates({"b": f"{A}\n{NEAR_A}", "a": f"{NEAR_A} {B}\n{A}"}, order=order)
        assert len(rows) > 1
        assert {(row["left_document"], row["right_document"]) for row in rows} == {("a", "b")}
        assert all(row["left_passage"].startswith("a:") for row in rows)


@pytest.mark.parametrize("best", ["a", "b", "c"])
def test_passages_of_exact_copies_are_left_out(best: str) -> None:
    """Of three documents of one wording, the best placed alone enters bands, its paragraphs too."""
    passages = sign_texts({"a": f"{A}\n{B}", "b": f"{A}\n{B}", "c": f"{A}\n{B}", "d": f"{A}\n!"})
    with LocalEngine(workers=1) as engine:
        write_passages(engine, passages, best)
        write_bands(engine)
        found = {
            name: [row for part in engine.read(name) for row in part.to_pylist()]
            for name in ("exact_copies", "echoes", "bands")
        }
    assert sorted((row["document"], row["level"]) for row in found["bands"]) == [
        (best, "document"), (best, "paragraph"), (best, "paragraph"), ("d", "document")
    ]  # fmt: skip
    others = [name for name in "abc" if name != best]
    assert {row["document_id"]: row["hub"] for row in found["exact_copies"]} == dict.fromkeys(
        others, best
    )
    echoes = sorted((row["left_document"], row["left_level"]) for row in found["echoes"])
    assert echoes == [*((name, "document") for name in others), ("d", "paragraph")]
    assert {row["right_document"] for row in found["echoes"]} == {best}
