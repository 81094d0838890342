"""The rules: each a documented function from a block in its document to a verdict, or None.

They are tried in the order of `RULES`; the first that speaks decides. A rule states something true
of news pages in general, and says what it wrongly hits. What a phrase means is data (`cues/`), not
code. The limits are by hand, on the labelled articles that `benchmarks/seeds.py` scores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from cleaner.block_model.evidence import reason_of
from cleaner.block_model.model import MODEL_LIMIT
from cleaner.boilerplate.cues import normalize_line
from cleaner.boilerplate.facts import BlockFacts
from cleaner.boilerplate.page import MIN_HEADLINE_WORDS, Page
from cleaner.boilerplate.stubs import is_stub
from cleaner.model import Verdict
from cleaner.words import count_words, fold_words, is_unspaced, squeeze

_PLEA_KINDS = frozenset(
    "promotion paywall newsletter donation advertisement cookie_notice share comments legal "
    "interface author_bio notice related".split()
)
_AFTER_TEXT_KINDS = frozenset({"comments", "author_bio"})
_MAX_SHORT_WORDS = 8
_LONE_KINDS = frozenset({"byline", "dateline", "caption", "credit", "author_bio"})
_STARS = frozenset("★☆⭐✭✮")
_MAX_PLEA_WORDS = 150
_MAX_SHORT_PLEA_WORDS = 30
_MAX_HEAD_WORDS = 5
_MIN_TITLE_WORDS = 2
_MIN_REPEAT_WORDS = 8
_MAX_BIO_PARAGRAPHS = 2
_MAX_SECTION_BLOCKS = 40
_MAX_DATE_LINES = 2
_MAX_CLOCK_WORDS = 2
_MAX_CAPTION_WORDS = 45
_TITLE_SEPARATORS = (" - ", " | ", " : ")
_BRACKETS = re.compile(r"\(([^()]{3,60})\)\.?\s*$")
_MIN_CAPTION_OVERLAP = 0.5
_MAX_SANDWICH_WORDS = 30
_MAX_TAIL_WORDS = 14


Rule = Callable[[Page, int], Verdict | None]
_Condition = Callable[[BlockFacts], bool]
_CONDITIONS: dict[Rule, _Condition] = {}


def _only_if(condition: _Condition) -> Callable[[Rule], Rule]:
    """Declare what must be true of a block by itself for a rule to be asked about it."""

    def declare(rule: Rule) -> Rule:
        _CONDITIONS[rule] = condition
        return rule

    return declare


def choose_blocks(rule: Rule, facts: Sequence[BlockFacts]) -> list[int]:
    """Return the indexes of the blocks that a rule is to be asked about, wherever they stand."""
    condition = _CONDITIONS.get(rule)
    return [each.index for each in facts if condition is None or condition(each)]


def _is_of_page(facts: BlockFacts) -> bool:
    return bool(facts.block.tag)


def _is_short_label(facts: BlockFacts) -> bool:
    return facts.num_words <= _MAX_TAIL_WORDS and not facts.is_sentence


def _verdict(kind: str, reason: str, score: float) -> Verdict:
    """Return a verdict whose rule is the function that gives it; `judge` fills it in."""
    return Verdict(kind, reason, "", score)


def doubt(main: float, evidence: str) -> Verdict:
    """Return the verdict on a block that the block model takes for no main content."""
    score = round(1 - main, 4)
    return Verdict("not_main_content", reason_of(evidence), "block_model", score, evidence)


@_only_if(lambda facts: facts.decisive is not None)
def cue_decides(page: Page, position: int) -> Verdict | None:
    """A block that is, begins or ends with what only boilerplate says.

    A document cannot open with the heading over comments or over its author: it is its own.

    Wrongly hits: what each cue's `hits_wrongly` says.
    """
    facts = page.facts[position]
    cue = facts.decisive
    if cue is not None and cue.heading and cue.kind in _AFTER_TEXT_KINDS and facts.index == 0:
        return None
    return Verdict(cue.kind, cue.reason, cue.rule, 0.95) if cue else None


@_only_if(lambda facts: facts.is_date)
def only_a_date(page: Page, position: int) -> Verdict | None:
    """A line that holds a date or a time, and only words of date lines beside it.

    Wrongly hits: date headings of chronicles and live blogs. So a page with many such lines only
    loses those that stand outside the running text, hold more than a time of day and are followed
    by no sentence.
    """
    facts = page.facts[position]
    is_chronicle = page.num_dates > _MAX_DATE_LINES
    after = page.neighbour(position, 1)
    heads_entry = after is not None and after.is_sentence and not page.is_removed(after)
    if is_chronicle:
        is_long = facts.num_words > _MAX_CLOCK_WORDS
        is_loose = page.is_outside_body(facts) and is_long and not heads_entry
    else:
        is_loose = page.is_outside_body(facts) or page.is_near_head(facts)
    return _verdict("dateline", "only_a_date", 0.9) if is_loose else None


STUB_VERDICT = Verdict("notice", "stub_of_earlier_run", "stub_of_earlier_run", 0.99)


@_only_if(lambda facts: is_stub(facts.text))
def stub_of_earlier_run(page: Page, position: int) -> Verdict | None:
    """What an earlier run wrote, with `--stubs`, where it cut a repeated passage.

    `[2 sentences shared with OUTLET, DATE]`, in this form only. Inside a paragraph it is taken out
    before the paragraph is judged.
    Wrongly hits: the same words in square brackets in an article.
    """
    return STUB_VERDICT


@_only_if(_is_of_page)
def no_letter_or_digit(page: Page, position: int) -> Verdict | None:
    """A block of signs alone on a page: arrows, bars and closing crosses; stars are a rating.

    Wrongly hits: the asterisks between two parts of a text.
    """
    facts = page.facts[position]
    if facts.block.tag and not squeeze(facts.text) and _STARS.isdisjoint(facts.text):
        return _verdict("interface", "no_letter_or_digit", 0.8)
    return None


@_only_if(lambda facts: bool(facts.author))
def byline_pattern(page: Page, position: int) -> Verdict | None:
    """`By` and capitalised names, before the running text or after it.

    Wrongly hits: a subheading of this form (`By Any Means`) above the first paragraph.
    """
    facts = page.facts[position]
    if page.is_outside_body(facts) or page.is_near_head(facts):
        return _verdict("byline", "byline_pattern", 0.9)
    return None


@_only_if(lambda facts: facts.is_assembled)
def assembled_from_boilerplate(page: Page, position: int) -> Verdict | None:
    """A line whose parts, between `|` or `·`, are each boilerplate: date and reading time, buttons.

    Wrongly hits: nothing known.
    """
    return _verdict("interface", "assembled_from_boilerplate", 0.9)


@_only_if(lambda facts: facts.is_row_of_labels)
def row_of_labels(page: Page, position: int) -> Verdict | None:
    """Three or more short labels in a row, outside the running text.

    Wrongly hits: a row of keywords that a text ends with, the head of a table.
    """
    facts = page.facts[position]
    if facts.index != page.headline and page.is_outside_body(facts):
        return _verdict("navigation", "row_of_labels", 0.8)
    return None


@_only_if(_is_of_page)
def element_of_page(page: Page, position: int) -> Verdict | None:
    """A block in an element that is made for what is no text: captions, buttons, navigation.

    Buttons and navigation that trafilatura takes for main content are left to it: some pages open
    their questions with buttons, or stand in navigation as a whole.
    Wrongly hits: pages that wrap their paragraphs in `figcaption`.
    """
    block = page.facts[position].block
    path = block.tag.split("/")
    if "figcaption" in path:
        return _verdict("caption", "in_figcaption_element", 0.9)
    for element, kind in (("button", "interface"), ("nav", "navigation")):
        if element in path and block.in_extraction != 1:
            return _verdict(kind, f"in_{element}_element", 0.9)
    return None


@_only_if(lambda facts: "©" in facts.text and facts.num_words <= _MAX_SHORT_PLEA_WORDS)
def copyright_sign(page: Page, position: int) -> Verdict | None:
    """A short line with a copyright sign, outside the running text.

    Wrongly hits: a closing paragraph that explains the sign.
    """
    facts = page.facts[position]
    if page.is_outside_body(facts):
        return _verdict("legal", "copyright_sign", 0.9)
    return None


@_only_if(_is_short_label)
def names_its_outlet(page: Page, position: int) -> Verdict | None:
    """A label at head or tail that holds the outlet's whole name.

    Wrongly hits: a subheading or list item that is about the outlet itself.
    """
    facts = page.facts[position]
    if (
        page.outlet
        and facts.index != page.headline
        and (page.is_in_head(facts) or page.is_in_tail(facts))
        and page.outlet in squeeze(facts.line)
    ):
        return _verdict("promotion", "names_its_outlet", 0.7)
    return None


@_only_if(lambda facts: any(map(facts.line.__contains__, _TITLE_SEPARATORS)))
def headline_with_site_name(page: Page, position: int) -> Verdict | None:
    """A line that is another line and the name of the site, as the title of a window is.

    Wrongly hits: a subheading that repeats a line with a remark after a dash.
    """
    line = page.facts[position].line
    for separator in _TITLE_SEPARATORS:
        head, found, site = line.rpartition(separator)
        is_headline = found and count_words(head) >= MIN_HEADLINE_WORDS
        if is_headline and head in page.first_seen and count_words(site) <= _MAX_HEAD_WORDS:
            return _verdict("repeated_title", "headline_with_site_name", 0.9)
    return None


def bio_of_author(page: Page, position: int) -> Verdict | None:
    """A closing paragraph that begins with the name in the byline.

    Wrongly hits: an article that its subject signed.
    """
    facts = page.facts[position]
    if not any(facts.line.startswith(author) for author in page.authors):
        return None
    if page.anchors_after(facts) <= 1 and page.anchors_before(facts) >= _MAX_BIO_PARAGRAPHS:
        return _verdict("author_bio", "begins_with_author", 0.8)
    return None


@_only_if(
    lambda facts: (
        facts.num_words <= _MAX_CAPTION_WORDS and not facts.is_bullet and ")" in facts.text
    )
)
def credit_in_brackets(page: Page, position: int) -> Verdict | None:
    """A short block that ends with names in brackets, one a photographer's, one an agency's.

    `(Lenka Obrist / Ostrel)`, or the name from the byline alone. Wrongly hits: a short paragraph
    that ends with two teams in brackets.
    """
    facts = page.facts[position]
    found = _BRACKETS.search(facts.text)
    if found is None:
        return None
    parts = [part.strip() for part in found[1].split("/")]
    are_names = all(part and all(w[0].isupper() for w in part.split()) for part in parts)
    if are_names and (len(parts) == 2 or normalize_line(found[1]) in page.authors):
        return _verdict("caption", "credit_in_brackets", 0.8)
    return None


@_only_if(_is_of_page)
def headline_in_title(page: Page, position: int) -> Verdict | None:
    """The headline of a page: it stands in the document's title, and is no part of the text.

    Wrongly hits: a first heading that repeats the title and opens the text all the same.
    """
    facts = page.facts[position]
    is_title = bool(page.title) and facts.line == page.title
    if is_title and facts.block.tag and facts.index == page.heading:
        return _verdict("repeated_title", "headline_in_title", 0.9)
    return None


@_only_if(lambda facts: facts.block.in_extraction == 0)
def left_out_by_extraction(page: Page, position: int) -> Verdict | None:
    """A block of a page that trafilatura did not take for main content, if no model looked at it.

    Wrongly hits: what trafilatura wrongly drops (about 2 % of main text on labelled news pages).
    """
    block = page.facts[position].block
    if block.in_extraction == 0 and block.main < 0:
        return _verdict("not_main_content", "left_out_by_extraction", 0.8)
    return None


@_only_if(lambda facts: facts.block.main >= 0)
def block_model(page: Page, position: int) -> Verdict | None:
    """A block that the trained model takes for no main content, all features of it together.

    Wrongly hits: 2 to 4 % of the main text of labelled news pages, most of it lists, subheadings
    and closing notes; `clean why` shows what spoke against a block.
    """
    block = page.facts[position].block
    return doubt(block.main, block.evidence) if 0 <= block.main < MODEL_LIMIT else None


@_only_if(lambda facts: facts.num_words >= _MIN_TITLE_WORDS)
def repeated_headline(page: Page, position: int) -> Verdict | None:
    """A headline that stands a second time.

    The first one stays. Wrongly hits: a closing line that is the headline word for word.
    """
    facts = page.facts[position]
    first = page.first_seen[facts.line]
    if first < facts.index and first == page.headline:
        return _verdict("repeated_title", "repeated_headline", 0.9)
    return None


@_only_if(lambda facts: facts.num_words >= _MIN_REPEAT_WORDS)
def repeated_in_document(page: Page, position: int) -> Verdict | None:
    """A longer block that stands in the same document before: a layout printed it twice.

    Wrongly hits: refrains of eight words and more.
    """
    facts = page.facts[position]
    if page.first_seen[facts.line] == facts.index:
        return None
    if facts.num_words >= _MIN_REPEAT_WORDS * (2 if is_unspaced(facts.text) else 1):
        return _verdict("repeated_text", "repeated_in_document", 0.9)
    return None


def outlet_repeats(page: Page, position: int) -> Verdict | None:
    """A line that this outlet puts into many of its documents, before or after their text or short.

    Names and dates may differ; the document's title stays, as series have one for all.
    Wrongly hits: a column's fixed subheading; a fixed closing sentence of a series.
    """
    facts = page.facts[position]
    line = page.repeated.get(facts.index)
    is_title = bool(page.title) and facts.line == page.title and facts.index == page.headline
    if line is None or is_title:
        return None
    reason = "outlet_repeats_pattern" if line.is_mask else "outlet_repeats_line"
    score = round(0.7 + 0.3 * line.strength, 4)
    return _verdict("outlet_line", reason, score)


@_only_if(lambda facts: bool(facts.phrases) and facts.num_words <= _MAX_PLEA_WORDS)
def pleads_with_reader(page: Page, position: int) -> Verdict | None:
    """A block that speaks to the reader and has two different phrases of pleas and notices.

    One phrase is enough for a short block outside the running text; inside it, and for the
    paragraph that begins it, three are needed.
    Quotation marks shield: what an article quotes is not the page speaking.
    Wrongly hits: an editorial that itself asks for support.
    """
    facts = page.facts[position]
    found = {cue.reason: cue for cue in facts.phrases if cue.kind in _PLEA_KINDS}
    if not found:
        return None
    outside = page.is_outside_body(facts) and not (facts.is_anchor and page.is_in_head(facts))
    needed = (1 if facts.num_words <= _MAX_SHORT_PLEA_WORDS else 2) if outside else 3
    if len(found) < needed or not (facts.addresses_reader or len(found) > needed):
        return None
    cue = next(iter(found.values()))
    return Verdict(cue.kind, cue.reason, cue.rule, round(min(0.9, 0.6 + 0.1 * len(found)), 4))


def after_section_heading(page: Page, position: int) -> Verdict | None:
    """A block under a heading such as `Related stories` or `About the author`.

    Headings reach as far as the next paragraph of running text; under an author heading, a
    paragraph at the very end belongs to it too. Wrongly hits: a list that follows such a heading
    and belongs to the article again.
    """
    facts = page.facts[position]
    if facts.is_anchor and page.anchors_after(facts) >= _MAX_BIO_PARAGRAPHS:
        return None
    for before in range(position - 1, max(-1, position - 1 - _MAX_SECTION_BLOCKS), -1):
        earlier = page.facts[before]
        cue = earlier.decisive
        if cue is not None and cue.heading and page.is_removed(earlier):
            is_bio = cue.kind == "author_bio" and page.anchors_before(earlier) > 0
            if is_bio or not (facts.is_anchor or facts.is_sentence):
                reason = f"under_{cue.kind}_heading"
                return Verdict(cue.kind, reason, "after_section_heading", 0.8)
            return None
        if earlier.is_anchor and not page.is_removed(earlier):
            return None
    return None


@_only_if(_is_short_label)
def caption_title(page: Page, position: int) -> Verdict | None:
    """A short label right before a caption, most of whose words are in the caption.

    Wrongly hits: a subheading above a picture whose caption repeats its words.
    """
    facts, after = page.facts[position], page.neighbour(position, 1)
    if after is None:
        return None
    verdict = page.verdicts.get(after.index)
    if verdict is None or verdict.kind != "caption" or facts.index == page.headline:
        return None
    words, caption = set(fold_words(facts.text)), set(fold_words(after.text))
    content = {word for word in words if len(word) > 2}
    if content and len(content & caption) >= _MIN_CAPTION_OVERLAP * len(content):
        return _verdict("caption", "label_of_caption", 0.8)
    return None


@_only_if(lambda facts: facts.is_name)
def name_alone(page: Page, position: int) -> Verdict | None:
    """Nothing but capitalised words between headline and text: who wrote it or who is pictured.

    Wrongly hits: a subheading in title case above the first paragraph.
    """
    facts = page.facts[position]
    if facts.index == page.headline:
        return None
    is_next_to_removed = page.is_removed(page.neighbour(position, -1)) or page.is_removed(
        page.neighbour(position, 1)
    )
    if page.is_in_head(facts) or (page.is_near_head(facts) and is_next_to_removed):
        return _verdict("caption" if facts.is_sentence else "byline", "name_alone", 0.7)
    return None


@_only_if(lambda facts: facts.num_words <= 2 * _MAX_HEAD_WORDS and not facts.is_bullet)
def short_line_before_headline(page: Page, position: int) -> Verdict | None:
    """A few words above the headline: section, label, button.

    Wrongly hits: a kicker that belongs to the headline.
    """
    facts = page.facts[position]
    if (
        page.headline is not None
        and facts.index < page.headline
        and facts.num_words <= (2 if facts.text.isupper() else 1) * _MAX_HEAD_WORDS
        and page.is_in_head(facts)
    ):
        return _verdict("navigation", "short_line_before_headline", 0.7)
    return None


@_only_if(lambda facts: facts.num_words <= _MAX_SANDWICH_WORDS and not facts.is_bullet)
def between_boilerplate(page: Page, position: int) -> Verdict | None:
    """A short block after the running text with boilerplate right before and right after it.

    Wrongly hits: a sign-off between a correction and a copyright line.
    """
    facts = page.facts[position]
    if not page.is_in_tail(facts):
        return None
    before, after = page.neighbour(position, -1), page.neighbour(position, 1)
    kind = _kind_after(page, before, is_short=facts.num_words <= _MAX_SHORT_WORDS)
    if kind and page.is_removed(after):
        return _verdict(kind, "between_boilerplate", 0.6)
    return None


def _kind_after(page: Page, before: BlockFacts | None, *, is_short: bool = False) -> str | None:
    """Return the kind that a block has by the removed one before it; None if there is none.

    An advertisement interrupts, and what follows it may be the article again, unless it is short
    and enclosed; a byline or a caption is a line of its own.
    """
    verdict = page.verdicts.get(before.index) if before is not None else None
    if verdict is None or (verdict.kind == "advertisement" and not is_short):
        return None
    return verdict.kind if verdict.kind not in _LONE_KINDS else "not_main_content"


@_only_if(lambda facts: _is_short_label(facts) and not facts.is_bullet)
def label_after_the_end(page: Page, position: int) -> Verdict | None:
    """A short line that is no sentence, after the running text and right next to boilerplate.

    Wrongly hits: the last line of a poem or list that is followed by a share bar.
    """
    facts = page.facts[position]
    if not page.is_in_tail(facts):
        return None
    kind = _kind_after(page, page.neighbour(position, -1))
    return _verdict(kind, "label_after_the_end", 0.6) if kind else None


RULES: tuple[Rule, ...] = (
    stub_of_earlier_run,
    cue_decides,
    no_letter_or_digit,
    only_a_date,
    byline_pattern,
    assembled_from_boilerplate,
    element_of_page,
    outlet_repeats,
    headline_in_title,
    left_out_by_extraction,
    block_model,
    headline_with_site_name,
    repeated_headline,
    repeated_in_document,
    pleads_with_reader,
    after_section_heading,
    bio_of_author,
    credit_in_brackets,
    copyright_sign,
    row_of_labels,
    caption_title,
    name_alone,
    names_its_outlet,
    short_line_before_headline,
    between_boilerplate,
    label_after_the_end,
)
"""All rules, in the order in which they are tried."""
RULES_BY_PLACE = frozenset(
    {
        row_of_labels,
        after_section_heading,
        caption_title,
        name_alone,
        names_its_outlet,
        short_line_before_headline,
        between_boilerplate,
        label_after_the_end,
    }
)
"""Rules that go by what stands around a block. They are for lines: where the block model has seen
the page and takes a block for main content, they do not overrule it."""
