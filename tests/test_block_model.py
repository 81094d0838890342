"""The block model: features, trees, and what each feature adds."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from justext.utils import get_stoplist
from lxml import html

from cleaner.block_model.class_names import HINTS, find_hints
from cleaner.block_model.context import best_zone, look_again, look_around
from cleaner.block_model.documents import Documents
from cleaner.block_model.evidence import GROUPS, describe_shares, group_of, reason_of
from cleaner.block_model.model import MODELS, expected_f1, load_model
from cleaner.block_model.page_features import describe_page
from cleaner.block_model.stop_words import _NAMES, stop_words
from cleaner.block_model.text_features import TextBlocks, describe_text, number_keys
from cleaner.block_model.trees import Trees, read_trees
from cleaner.boilerplate.cues import load_cues
from cleaner.boilerplate.facts import facts_columns, find_facts
from cleaner.extraction import page_evidence
from cleaner.extraction.blocks import walk_page
from cleaner.extraction.lines import split_lines
from cleaner.extraction.metadata import read_linked_data
from cleaner.extraction.page_evidence import PageText, describe_blocks, find_headline, page_title

TREES = {
    "features": ["words", "link_ratio"],
    "trees": [
        [[0, 10.5, 1, 2, 0.1], [-1.0], [1, 0.5, 3, 4, 0.6], [2.0], [-2.0]],
        [[0.25]],
    ],
}
PAGE = """<html lang="en"><head><title>The ferry sank - The Daily</title></head><body>
<nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/s">Sport</a></li></ul></nav>
<article><h1>The ferry sank</h1>
<div class="article-body"><p>The ferry sank in the harbour on Tuesday, the police said.</p>
<p>Nobody was hurt, but the port stays closed until the wreck has been lifted, it was said.</p>
</div></article><footer><p>Copyright The Daily</p></footer></body></html>"""


def read(source: str = PAGE) -> PageText:
    """Return a page as text."""
    root = html.document_fromstring(source)
    text, blocks, owners = walk_page(root)
    return PageText(root, source, text, blocks, owners, "en", page_title(root))


@pytest.fixture
def trees() -> Trees:
    """Return two small trees."""
    return read_trees(TREES)


def test_trees_answer_by_their_nodes(trees: Trees) -> None:
    """A row falls left up to a threshold, else right; the trees' answers are summed."""
    rows = np.array([[10.5, 0.9], [11, 0.5], [11, 0.6]], dtype=np.float32)
    assert trees.log_odds(trees.find_leaves(rows)).tolist() == [-0.75, 2.25, -1.75]


def test_shares_sum_to_the_log_odds(trees: Trees) -> None:
    """What groups add, and the roots' means, make up the answer; who was asked gets the change."""
    rows = np.array([[10, 0.9], [11, 0.6]], dtype=np.float32)
    leaves = trees.find_leaves(rows)
    shares = trees.sum_shares(leaves)
    assert shares.sum(axis=1) + 0.1 + 0.25 == pytest.approx(trees.log_odds(leaves))
    of_words, of_links = shares[:, [GROUPS.index("shape"), GROUPS.index("links")]].T
    assert of_words == pytest.approx([-1.1, 0.5])
    assert of_links == pytest.approx([0, -2.6])


def walk(tree: list[list[float]], row: Sequence[float]) -> float:
    """Return a tree's answer, question by question."""
    node = tree[0]
    while len(node) > 1:
        feature, threshold, left, right, _ = node
        node = tree[int(left if row[int(feature)] <= threshold else right)]
    return node[0]


_NUMBERS = st.integers(-8, 8).map(lambda number: number / 4)
"""Few, and exact in four bytes: so that values meet thresholds."""


@st.composite
def forests(draw: st.DrawFn) -> list[list[list[float]]]:
    """Return trees of up to 32 leaves, that ask about two features."""

    def grow(nodes: list[list[float]], num_leaves: int) -> int:
        at = len(nodes)
        nodes.append([draw(_NUMBERS)])
        if num_leaves > 1:
            on_left = draw(st.integers(1, num_leaves - 1))
            below = [grow(nodes, on_left), grow(nodes, num_leaves - on_left)]
            nodes[at] = [draw(st.integers(0, 1)), draw(_NUMBERS), *below, *nodes[at]]
        return at

    trees: list[list[list[float]]] = [[] for _ in range(draw(st.integers(1, 3)))]
    for nodes in trees:
        grow(nodes, draw(st.sampled_from((1, 3, 9, 32))))
    return trees


@given(forests(), st.lists(st.tuples(_NUMBERS, _NUMBERS), min_size=1, max_size=6))
def test_asking_all_at_once_is_walking(
    forest: list[list[list[float]]], rows: list[tuple[float, float]]
) -> None:
    """Whatever the trees, a row gets the answers that it gets when it is walked through them."""
    trees = read_trees({"features": ["words", "link_ratio"], "trees": forest})
    found = trees.log_odds(trees.find_leaves(np.array(rows, dtype=np.float32)))
    assert found.tolist() == [sum(walk(tree, row) for tree in forest) for row in rows]


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_readable_and_say_where_they_come_from(name: str) -> None:
    """A weights file names its data and their digest, and every feature belongs to a group."""
    path = resources.files("cleaner.block_model") / "weights" / f"{name}.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    assert len(data["about"]["sets_digest"]) == 64
    assert "cleanportaleval" not in data["about"]["sets"]
    for part in ("first", "second"):
        assert {group_of(feature) for feature in data[part]["features"]} <= set(GROUPS)


def test_article_is_told_from_the_page_around_it() -> None:
    """Paragraphs of the article are likelier than links and the footer, and evidence says why."""
    page = read()
    columns, _ = describe_blocks(page, read_linked_data(page.root))
    judgement = load_model("page").judge(columns, page.keys)
    main = dict(zip((page.text[b.begin : b.end] for b in page.blocks), judgement.main, strict=True))
    article = [p for line, p in main.items() if line.startswith(("The ferry sank in", "Nobody"))]
    assert min(article) > 0.5 > max(main["Home"], main["Sport"], main["Copyright The Daily"])
    (evidence,) = judgement.evidence([0])
    assert evidence.split()[0] in GROUPS
    assert "-" in evidence
    assert reason_of(evidence) != "unlike_main_content"


def test_evidence_of_a_block_does_not_depend_on_the_others_asked_about() -> None:
    """Asked one by one or together, blocks have the same evidence; none for none."""
    page = read()
    columns, _ = describe_blocks(page, read_linked_data(page.root))
    judgement = load_model("page").judge(columns, page.keys)
    every = range(len(page.blocks))
    assert judgement.evidence(every) == [judgement.evidence([at])[0] for at in every]
    assert judgement.evidence([]) == []


def test_page_features_know_elements_and_class_names() -> None:
    """Ancestors, hints by distance, containers and the links in them are told apart."""
    page = read()
    columns = describe_text(page.text, page.blocks, language="en", title=page.title)
    found = describe_page(page.owners, columns, [block.link_ratio for block in page.blocks])
    lines = [page.text[block.begin : block.end] for block in page.blocks]
    home, body = lines.index("Home"), 3
    assert found["in_nav"][home] == 1
    assert found["in_nav"][body] == 0
    assert found["in_article"][body] == 1
    assert found["hint_body"][body] == 1
    assert found["hint_navigation"][home] < found["hint_navigation"][body]
    assert found["box0_linked"][home] == 1
    assert found["best_down"][body] < found["best_down"][home]


@pytest.mark.parametrize("limit", [0, 10_000])
def test_lines_that_were_seen_before_have_the_same_features(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of a line from another page is what would be found, also once it is dropped."""
    monkeypatch.setattr(page_evidence, "_MAX_KNOWN_LINES", limit)
    page_evidence._known_lines.cache_clear()
    page = read()
    first, again = (describe_blocks(page, read_linked_data(page.root))[0] for _ in range(2))
    languages = load_cues().speaking(page.language)
    facts = facts_columns(find_facts(page.text, page.blocks, languages))
    for found in (first, again):
        assert {name: found[name].tolist() for name in facts} == {
            name: column.tolist() for name, column in facts.items()
        }


_TOKENS = ("nav", "ad", "adé", "éad", "load", "more-", "ab", "tabs", "é", "Tab", "P", "p_", "字p")


@given(st.lists(st.sampled_from(_TOKENS), max_size=4), st.sampled_from((" ", "-", "_", "")))
def test_hints_are_what_their_patterns_find(tokens: list[str], joint: str) -> None:
    """RE2 finds what `re` finds in lower-case names, also beside letters that it does not know."""
    names = joint.join(tokens)
    lower = re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", names).lower()
    expected = [bool(re.search(pattern, lower)) for pattern in HINTS.values()]
    assert [bool(find_hints(names) >> at & 1) for at in range(len(HINTS))] == expected


_CLASSES = ("", "comment", "article-body", "nav menu", "teaser")
_TAGS = ("div", "section", "article", "ul", "li")
_LINES = ("Read on", "The ferry sank in the harbour on Tuesday, and nobody on it was hurt at all.")


@st.composite
def nested(draw: st.DrawFn, depth: int = 0) -> str:
    """Return the source of elements within each other, with lines among them."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        if depth < 4 and draw(st.booleans()):
            tag = draw(st.sampled_from(_TAGS))
            name = draw(st.sampled_from(_CLASSES))
            parts.append(f'<{tag} class="{name}">{draw(nested(depth + 1))}</{tag}>')
        else:
            parts.append(f"<p>{draw(st.sampled_from(_LINES))}</p>")
    return "".join(parts)


@given(nested())
def test_page_features_are_those_of_the_elements_around(source: str) -> None:
    """What is told of each block is true of its element and those around it, one by one."""
    root = html.document_fromstring(f"<body>{source}</body>")
    text, blocks, owners = walk_page(root)
    columns = describe_text(text, blocks, language="en", title="")
    found = describe_page(owners, columns, [0.0] * len(blocks))
    chains = [[owner, *owner.iterancestors()][:-1] for owner in owners]  # Without <html>.
    words, running = columns["words"], columns["words"] * (columns["words"] >= 12)
    held = {
        element: [at for at, chain in enumerate(chains) if element in chain]
        for chain in chains
        for element in chain
    }
    most = max(
        (e for e, own in held.items() if running[own].sum() >= 0.8 * max(1, running.sum())),
        key=lambda element: len(list(element.iterancestors())),
        default=None,
    )
    for at, chain in enumerate(chains):
        tags = [element.tag for element in chain]
        assert found["depth"][at] == len(chain) - 1
        assert found["in_article"][at] == ("article" in tags)
        assert found["is_li"][at] == (tags[0] == "li")
        levels = [up for up, e in enumerate(chain[:9]) if "comment" in e.get("class", "")]
        assert found["hint_comment"][at] == min(levels, default=9)
        for level in range(4):
            own = held[chain[min(level, len(chain) - 1)]]
            assert found[f"box{level}_blocks"][at] == len(own)
            assert found[f"box{level}_words"][at] == words[own].sum()
        if most is not None:
            above = [most, *most.iterancestors()][:-1]
            down = next(down for down, element in enumerate(chain) if element in above)
            assert found["most_down"][at] == down
            assert found["most_up"][at] == above.index(chain[down])
            passed = any("comment" in e.get("class", "") for e in chain[:down])
            assert found["path_comment"][at] == passed


@given(st.text(max_size=300))
def test_every_text_has_features(text: str) -> None:
    """Whatever the characters, each line has one finite number a feature."""
    blocks = split_lines(text)
    if blocks:
        columns = describe_text(text, blocks, language="en", title="")
        columns |= look_around(columns, Documents([len(blocks)]))
        assert {len(column) for column in columns.values()} == {len(blocks)}
        assert all(np.isfinite(column).all() for column in columns.values())


_DOCUMENTS = st.lists(
    st.lists(
        st.text(max_size=60)
        | st.sampled_from(["The ferry sank, they said.", "Share", "a b c d e"]),
        min_size=1,
        max_size=9,
    ),
    min_size=1,
    max_size=5,
)


@given(_DOCUMENTS)
def test_documents_are_judged_together_as_each_alone(texts: list[list[str]]) -> None:
    """To the last bit: features, both looks, and the gaps that are filled."""
    documents = Documents(list(map(len, texts)))
    lines = [line for lines in texts for line in lines]
    together = TextBlocks(lines, documents, language="en")
    model = load_model("text")
    facts = {"decisive_cue", "is_date", "ruled_out", "phrases", "addresses_reader"}
    columns = together.describe(np.arange(len(lines)), documents)
    columns |= dict.fromkeys(facts, columns["begins_lower"])
    main = model.judge(columns, [""] * len(lines), documents).main
    for lines, own in zip(texts, documents.slices(), strict=True):
        one = Documents([len(lines)])
        alone = TextBlocks(lines, one, language="en").describe(np.arange(len(lines)), one)
        alone |= dict.fromkeys(facts, alone["begins_lower"])
        again = together.describe(np.arange(own.start, own.stop), one)
        assert all(
            column.tobytes() == columns[name][own].tobytes() for name, column in alone.items()
        )
        assert all(column.tobytes() == alone[name].tobytes() for name, column in again.items())
        assert model.judge(alone, [""] * len(lines)).main.tobytes() == main[own].tobytes()


@given(st.lists(st.sampled_from(["Share it now", "share  IT now", "They share", "ferry", ""])))
def test_repeated_lines_and_words_are_counted(lines: list[str]) -> None:
    """Lines without case, their first time, and long words that another block has too."""
    documents = Documents([len(lines)])
    found = TextBlocks(lines, documents, language="en", title="The ferry").describe(
        np.arange(len(lines)), documents
    )
    folded = [" ".join(line.casefold().split()) for line in lines]
    words = [set(line.split()) for line in folded]
    for at, own in enumerate(words):
        telling = {word for word in own if len(word) > 3} - stop_words("en")
        shared = {word for word in telling if sum(word in other for other in words) > 1}
        assert found["times"][at] == folded.count(folded[at])
        assert found["first_time"][at] == (folded.index(folded[at]) == at)
        assert found["shared_words"][at] == np.float32(len(shared) / max(1, len(telling)))
        num_alike = len(own & {"The", "ferry"})
        assert found["like_title"][at] == np.float32(num_alike / (len(own) + 2 - num_alike))


def test_words_are_counted_in_every_script() -> None:
    """Words are runs of letters and digits; two characters are one in Chinese."""
    text = "Two words\n汉字四个\nC3PO's 12 droids"
    columns = describe_text(text, split_lines(text), language=None, title="")
    assert columns["words"].tolist() == [2, 2, 4]


def test_zone_is_the_best_run_of_blocks() -> None:
    """One doubtful block inside does not end a zone, far-off likely ones do not join it."""
    main = np.array([0.1, 0.9, 0.2, 0.9, 0.9, 0.0, 0.0, 0.0, 0.6], dtype=np.float32)
    words = np.array([5, 40, 3, 40, 40, 30, 30, 30, 5], dtype=np.float32)
    assert best_zone(main, words) == (1, 5)
    again = look_again(main, words, ["p"] * 9, Documents([9]))
    assert again["in_zone"].tolist() == [0, 1, 1, 1, 1, 0, 0, 0, 0]
    assert again["sure_before"].tolist() == [0, 0, 1, 1, 2, 3, 3, 3, 3]


def test_expected_f1() -> None:
    """Sure verdicts expect an F1 of one, even chances much less, and no block none."""
    words = np.array([10, 10], dtype=np.float32)
    assert expected_f1(np.array([1, 0], dtype=np.float32), words) == 1
    assert expected_f1(np.array([0.5, 0.5], dtype=np.float32), words) == pytest.approx(2 / 3)
    assert expected_f1(np.array([0, 0], dtype=np.float32), words) == 0


def test_headline_is_the_only_first_heading_with_the_titles_words() -> None:
    """A logo in `h1` is no headline, nor is one of two."""
    assert find_headline(read()) == "The ferry sank"
    assert find_headline(read(PAGE.replace("<h1>The ferry sank", "<h1>Daily news hub"))) is None
    assert find_headline(read(PAGE.replace("</article>", "<h1>Other</h1></article>"))) is None


def test_stop_words_of_unknown_languages() -> None:
    """There are none, and that is no error."""
    assert stop_words("xx") == stop_words(None) == frozenset()
    assert "und" in stop_words("de")


def test_evidence_names_the_strongest_groups() -> None:
    """Up to four against a block, the strongest first, and one for it; none that adds little."""
    adding = dict.fromkeys(GROUPS, 0.0) | {"links": -2.1, "place": -0.8, "shape": 0.4, "cues": 0.3}
    rows = [list(adding.values()), [-1.0] * len(GROUPS), [0.04, -0.04] * (len(GROUPS) // 2)]
    assert describe_shares(np.array(rows)) == [
        "links -2.1, place -0.8, shape +0.4",
        ", ".join(f"{group} -1.0" for group in GROUPS[:4]),
        "",
    ]


def test_reason_is_the_blocks_own() -> None:
    """What stands around a block is its reason only if nothing else is."""
    assert reason_of("neighbours -3.0, links -0.2") == "made_of_links"
    assert reason_of("neighbours -3.0, place -0.2, shape +0.4") == "among_boilerplate"
    assert reason_of("") == "unlike_main_content"


def test_many_blocks_are_judged_in_slices(trees: Trees) -> None:
    """Slices change nothing."""
    rows = np.tile(np.array([[10, 0.9], [11, 0.5], [11, 0.6]], dtype=np.float32), (2000, 1))
    leaves = trees.find_leaves(rows)
    assert trees.log_odds(leaves).tolist() == trees.log_odds(leaves[:, :3]).tolist() * 2000
    assert trees.sum_shares(leaves)[-3:].tolist() == trees.sum_shares(leaves[:, :3]).tolist()


def test_equal_keys_have_equal_numbers() -> None:
    """However long the keys are."""
    assert number_keys(["a" * 10_000, "b", "a" * 10_000]).tolist() == [0, 1, 0]


def test_stop_words_are_those_of_justext() -> None:
    """Every list is read as jusText reads it."""
    assert {code: stop_words(code) for code in _NAMES} == {
        code: get_stoplist(name) for code, name in _NAMES.items()
    }
