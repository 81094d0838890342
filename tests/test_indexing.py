"""Documents of a batch are prepared as each of them is alone."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from cleaner.boilerplate.judge import JUDGED
from cleaner.model import TEXTS
from cleaner.passages.indexing import index_text, index_texts, keep_texts
from cleaner.passages.segment import KeptText

LINES = st.lists(
    st.tuples(st.text("ab É’'的ミル .,", max_size=24), st.booleans()), min_size=0, max_size=5
)


@given(st.lists(st.tuples(LINES, st.sampled_from(["en", "ja", None])), max_size=4))
def test_a_batch_is_its_documents(documents: list[tuple[list[tuple[str, bool]], str]]) -> None:
    """Words, zones, terms and seeds are those of the document by itself."""
    texts, judged, expected = [], [], {}
    for number, (lines, language) in enumerate(documents):
        name, text, verdicts = f"d{number}", "\n".join(line for line, _ in lines), []
        begin = 0
        for line, is_main in lines:
            end = begin + len(line)
            kind = "main" if is_main else "share"
            verdicts.append({"begin": begin, "end": end, "kind": kind})
            begin = end + 1
        texts.append({"document_id": name, "text": text, "language": language})
        judged.append({"document_id": name, "verdicts": verdicts})
        blocks = [(v["begin"], v["end"]) for v in verdicts if v["kind"] == "main"]
        expected[name] = KeptText(text, blocks, language)
    tables = pa.Table.from_pylist(texts, TEXTS), pa.Table.from_pylist(judged[::-1], JUDGED)
    kept, found = keep_texts(*tables), index_texts(*tables)
    assert list(kept) == list(found) == list(expected)
    for name, alone in expected.items():
        for one in (kept[name], found[name].kept):
            assert one.fold() == alone.fold()
            assert one.codes == alone.codes
            assert one.zones == alone.zones
            assert one.paragraphs == alone.paragraphs
        terms, seeds = index_text(alone).terms, index_text(alone).seeds
        assert np.array_equal(found[name].terms.at, terms.at)
        assert np.array_equal(found[name].terms.stems, terms.stems)
        assert found[name].terms.width == terms.width
        assert np.array_equal(found[name].seeds.keys, seeds.keys)
        assert np.array_equal(found[name].seeds.firsts, seeds.firsts)
