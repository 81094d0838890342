"""Say how the two sides of a verified match belong together, and which came first.

In words, in the order in which it is asked:

1. The same words with other facts: a `template` when the frame recurs, else a `variant`.
2. Between quotation marks on both sides: a `quote`, whoever reports it and however often.
3. Words that come back over many days, mostly in the same outlets: a `template`.
4. One outlet on both sides: `self`.
5. An agency stands behind one side's document, or many outlets have it at once: `wire`.
6. A whole article: a `copy`; a part of one: a `passage`, or a `rewrite` when much is worded anew.

What decided is given as evidence, short facts with `; ` between them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np

from cleaner.model import Relation
from cleaner.passages.agency import AgencyCredit
from cleaner.passages.segment import DOCUMENT, QUOTATION
from cleaner.patterns import compile_late
from cleaner.words import fold_word

Direction = Literal["left_first", "right_first", "unknown"]
Certainty = Literal["sure", "likely", "unknown", "from_agency"]

MIN_VERBATIM_RATIO = 0.8
"""Below it a passage is a rewrite: a word in five is another one, on both sides (by hand)."""
_MIN_WIRE_OUTLETS, _MAX_WIRE_DAYS = 4, 2
"""Outlets that print the same words within these days have them from one source. By hand: two or
three may copy each other; agency reports are printed on the day and on the day after."""
_MIN_TEMPLATE_DAYS, _MIN_TEMPLATE_SPAN = 4, 8
"""Days on which a frame is seen, and from the first to the last of them. By hand: a story is told
again for a few days; what comes back for more than a week is a form."""
_MIN_TEMPLATE_DOCUMENTS = 5
_MIN_DOCUMENTS_PER_OUTLET = 2
_MIN_SURE_MINUTES = 60
"""Feeds and time zones move clocks by up to an hour (by hand)."""
_MIN_LENGTH_CHANGE = 0.05
_WIRE_FORMS = frozenset({"dateline", "credit_line", "byline", "author_field"})

_PUBLISHED = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00)?)?")
_REVISED = compile_late(
    r"\b(update|updated|upd|correction|corrected|clarification|korrektur|korrigiert|aktualisiert|"
    r"berichtigung|mise à jour|actualización|actualizado|corrección|atualização|correção|"
    r"aggiornamento|aggiornato|rettifica|rectificatie|rättelse|rettelse|sprostowanie|aktualizacja|"
    r"обновлено|исправлено|оновлено|виправлено|güncellendi|düzeltme)\b|(更新|更正|訂正|수정|정정)",
    re.IGNORECASE,
)

_SPEECH_VERBS = frozenset(
    "said says say told tells added adds explained explains stated states declared announced "
    "argued argues insisted warned warns asked asks wrote writes tweeted noted notes stressed "
    "admitted recalled replied continued concluded according "
    "sagte sagt sagten erklärte erklärt betonte betont teilte warnte schrieb fügte meinte meint "
    "forderte fragte ergänzte "
    "dit déclaré déclare affirmé affirme expliqué explique ajouté ajoute estime estimé assuré "
    "assure indiqué souligné souligne selon lance "
    "dijo dice afirmó afirma explicó explica señaló aseguró declaró añadió indicó según "
    "disse afirmou explicou declarou acrescentou ressaltou segundo "
    "detto dice spiega spiegato afferma affermato dichiarato aggiunto aggiunge secondo "
    "zei zegt verklaarde aldus sa säger sagde sier sanoi "
    "powiedział powiedziała mówi dodał dodała podkreślił podkreśliła řekl řekla uvedl uvedla "
    "сказал сказала заявил заявила сообщил сообщила отметил отметила подчеркнул подчеркнула "
    "добавил добавила рассказал рассказала сказав заявив заявила повідомив повідомила "
    "dedi söyledi belirtti ifade rekao rekla izjavio izjavila kazao kazala spus declarat".split()
)
_SPEAKER_CHARS = 160
_MAX_SPEAKER_WORDS = 6
_CLAUSE_END = re.compile(
    r"[\n!?…;]|(?<=\w\w)(?<!\b(?:Mr|Ms|Dr|St|Lt|Jr|Sr))(?<!\b(?:Mrs|Sen|Gov|Rep|Col|Gen))\.(?=\s|$)"
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_NAME_GAP = re.compile(r" |\. ")
_PARTICLES = frozenset("al bin da de del della den der di do dos du el la le van von".split())
_NO_NAMES = frozenset(
    "he she they it we you i who the a an in on at but and as that this mr mrs ms dr er sie es wir "
    "ich der die das ein eine und il elle ils elles on nous je le la les un une et él ella lo el "
    "ele ela o os lei lui он она они мы я он вона вони ми monday tuesday wednesday thursday friday "
    "saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
)


class Side(msgspec.Struct, frozen=True):
    """What is known of one side of a match.

    Attributes:
        outlet: The outlet of the document.
        published: As in `model.Document`: ISO 8601 in UTC, a date or a date and time, or None.
        title: The document's headline.
        num_words: Words of the document's main content.
        credit: The agency that the document gives as its writer.
        is_quoted: The shared words stand between quotation marks.
        speaker: Who says them, as `find_speaker` found.
    """

    outlet: str
    published: str | None = None
    title: str | None = None
    num_words: int = 0
    credit: AgencyCredit | None = None
    is_quoted: bool = False
    speaker: str | None = None


class Recurrence(msgspec.Struct, frozen=True):
    """Where in the corpus the shared words occur, as far as their seeds tell.

    Attributes:
        num_documents: Documents that have them, both sides among them.
        num_outlets: Outlets of these documents.
        num_days: Distinct days on which these documents were published; undated ones do not count.
        span_days: Days from the first to the last of them, 0 if all are of one day.
    """

    num_documents: int = 2
    num_outlets: int = 2
    num_days: int = 1
    span_days: int = 0


class Finding(msgspec.Struct, frozen=True):
    """How the two sides of a match belong together.

    Attributes:
        relation: What the match is.
        direction: Which side was published first.
        certainty: How sure that direction makes where the words come from. `sure`: both times are
            known and more than an hour apart; `likely`: the days differ; `from_agency`: one side
            names an agency, which is the origin, whoever printed first.
        evidence: The facts that decided.
        speaker: Who is quoted, if both sides name the same.
    """

    relation: Relation
    direction: Direction
    certainty: Certainty
    evidence: str
    speaker: str | None = None


def find_relation(
    left: Side,
    right: Side,
    *,
    level: str,
    aligned_ratio: float | None = None,
    differs: str | None = None,
    recurrence: Recurrence | None = None,
) -> Finding:
    """Name the relation of a verified match, and its direction.

    Wrongly hits: a `wire` where two outlets share a sentence of their own in a report that one of
    them took from an agency otherwise; a `template` for a standing paragraph of background that an
    outlet repeats word for word while a story lasts.

    Args:
        left: One side.
        right: The other one.
        level: `document`, `quotation` or `sentence`.
        aligned_ratio: Share of the words of both sides that are aligned, in [0, 1]; None where it
            was not measured.
        differs: The kind of facts that differ between the same words (`figures`), if any do.
        recurrence: Where the shared words occur; None if it is not known.

    Returns:
        The relation and the direction. The same finding, mirrored, for exchanged sides.

    >>> courier = Side("courier", "2024-03-01", credit=AgencyCredit("Reuters", 0, 16, "dateline"))
    >>> found = find_relation(courier, Side("ledger", "2024-03-02"), level="document")
    >>> found.relation.value, found.direction, found.certainty, found.evidence
    ('wire', 'left_first', 'from_agency', 'agency=Reuters dateline left; days_apart=1')
    """
    seen = recurrence or Recurrence(num_outlets=len({left.outlet, right.outlet}))
    direction, certainty, apart = find_direction(left, right)
    facts: list[str] = []
    relation = _name(left, right, level, aligned_ratio, differs, seen, apart, facts)
    speaker = None
    if relation is Relation.QUOTE:
        speaker = _same_speaker(left.speaker, right.speaker)
        if speaker:
            facts.append(f"speaker={speaker}")
    facts += [fact for fact in _describe_credits(left, right) if fact not in facts]
    if apart:
        facts.append(apart)
    return Finding(relation, direction, certainty, "; ".join(facts), speaker)


def _name(
    left: Side,
    right: Side,
    level: str,
    aligned_ratio: float | None,
    differs: str | None,
    seen: Recurrence,
    apart: str,
    facts: list[str],
) -> Relation:
    """Return the relation, and add what decided to the facts."""
    is_same_outlet = left.outlet == right.outlet
    recurs = _recurs(seen)
    if differs:
        facts.append(f"differs={differs}")
        is_form = recurs or (is_same_outlet and apart.startswith("days_apart"))
        if recurs:
            facts.append(_describe_recurrence(seen))
        return Relation.TEMPLATE if is_form else Relation.VARIANT
    if level == QUOTATION or (level != DOCUMENT and left.is_quoted and right.is_quoted):
        facts.append("quoted both")
        return Relation.QUOTE
    if recurs and seen.num_documents >= _MIN_DOCUMENTS_PER_OUTLET * seen.num_outlets:
        facts.append(_describe_recurrence(seen))
        return Relation.TEMPLATE
    if is_same_outlet:
        facts += _describe_repost(left, right, level)
        return Relation.SELF
    credited = list(_describe_credits(left, right, _WIRE_FORMS))
    if credited and not _disagree(left, right):
        facts += credited
        return Relation.WIRE
    if seen.num_outlets >= _MIN_WIRE_OUTLETS and seen.span_days <= _MAX_WIRE_DAYS:
        facts.append(_describe_recurrence(seen))
        return Relation.WIRE
    if level == DOCUMENT:
        facts.append("whole article")
        return Relation.COPY
    if aligned_ratio is not None:
        facts.append(f"aligned={aligned_ratio:.2f}")
        if aligned_ratio < MIN_VERBATIM_RATIO:
            return Relation.REWRITE
    return Relation.PASSAGE


def _recurs(seen: Recurrence) -> bool:
    """Tell whether words come back over many days; without dates, in many documents."""
    if not seen.num_days:
        return seen.num_documents >= _MIN_TEMPLATE_DOCUMENTS
    return seen.num_days >= _MIN_TEMPLATE_DAYS and seen.span_days >= _MIN_TEMPLATE_SPAN


def _describe_recurrence(seen: Recurrence) -> str:
    days = seen.span_days + 1
    outlets = "outlet" if seen.num_outlets == 1 else "outlets"
    within = f"{days} day" if days == 1 else f"{days} days"
    return (
        f"{seen.num_outlets} {outlets} in {within}, {seen.num_documents} documents on "
        f"{seen.num_days} of them"
    )


def _describe_credits(
    left: Side, right: Side, forms: frozenset[str] | None = None
) -> Iterator[str]:
    """Yield what the sides say of agencies, together where they say the same."""
    said = [
        (side.credit.agency, side.credit.form)
        if side.credit is not None and (forms is None or side.credit.form in forms)
        else None
        for side in (left, right)
    ]
    places = ("both",) if said[0] == said[1] else ("left", "right")
    for credit, place in zip(said, places, strict=False):
        if credit is not None:
            yield f"agency={credit[0]} {credit[1]} {place}"


def _disagree(left: Side, right: Side) -> bool:
    """Tell whether the two sides name agencies, and not one of them is the same."""
    if not (_is_wire(left) and _is_wire(right)):
        return False
    return _agencies(left).isdisjoint(_agencies(right))


def _is_wire(side: Side) -> bool:
    return side.credit is not None and side.credit.form in _WIRE_FORMS


def _agencies(side: Side) -> frozenset[str]:
    if side.credit is None:
        return frozenset()
    return frozenset({side.credit.agency, *side.credit.others})


def _describe_repost(left: Side, right: Side, level: str) -> Iterator[str]:
    """Yield how one outlet's later article differs from its earlier one."""
    yield "same outlet"
    if level != DOCUMENT:
        return
    direction, _, _ = find_direction(left, right)
    first, second = (right, left) if direction == "right_first" else (left, right)
    if direction != "unknown" and min(first.num_words, second.num_words) > 0:
        change = second.num_words / first.num_words - 1
        if abs(change) >= _MIN_LENGTH_CHANGE:
            yield f"later one {'longer' if change > 0 else 'shorter'} by {abs(change):.0%}"
    for side, place in ((left, "left"), (right, "right")):
        revised = _REVISED.search(side.title or "")
        if revised is not None:
            yield f"title says {revised[0].casefold()} {place}"


def find_direction(left: Side, right: Side) -> tuple[Direction, Certainty, str]:
    """Say which side was published first, how sure that is, and how far apart they are.

    >>> find_direction(Side("a", "2024-03-02"), Side("b", "2024-02-28T10:00:00Z"))
    ('right_first', 'likely', 'days_apart=3')
    """
    direction, certainty = compare_dates(left.published, right.published)
    a, b = _read_published(left.published), _read_published(right.published)
    apart = ""
    if a is not None and b is not None:
        days = abs(b[0] - a[0])
        apart = f"days_apart={days}" if days else "same day"
    if _is_wire(left) != _is_wire(right):
        certainty = "from_agency"
    return direction, certainty, apart


def compare_dates(left: str | None, right: str | None) -> tuple[Direction, Certainty]:
    """Say which of two sides was published first, by their dates alone, and how sure that is.

    >>> compare_dates("2024-03-02", "2024-02-28T10:00:00Z")
    ('right_first', 'likely')
    """
    a, b = _read_published(left), _read_published(right)
    if a is None or b is None:
        return "unknown", "unknown"
    certainty: Certainty
    if a[1] is not None and b[1] is not None:
        later, least, certainty = b[1] - a[1], _MIN_SURE_MINUTES, "sure"
    else:
        later, least, certainty = b[0] - a[0], 0, "likely"
    if abs(later) <= least:
        return "unknown", "unknown"
    return "left_first" if later > 0 else "right_first", certainty


@functools.lru_cache(maxsize=1 << 16)
def _read_published(published: str | None) -> tuple[int, int | None] | None:
    """Return a date in days since 1970, and in minutes where the time is known too."""
    match = _PUBLISHED.fullmatch(published) if published else None
    if match is None:
        return None
    try:
        day = np.datetime64(match[1], "D").astype(int)
        minute = np.datetime64(f"{match[1]}T{match[2]}", "m").astype(int) if match[2] else None
    except ValueError:
        return None
    return int(day), None if minute is None else int(minute)


def find_speaker(text: str, begin: int, end: int) -> str | None:
    """Find who says what stands between quotation marks: a name beside a verb of speech.

    Looked for in the clause after the quotation, then in the one before it. Scripts without
    capitals have no answer.

    Args:
        text: The document's text.
        begin: Where the quotation begins.
        end: Where it ends.

    >>> text = '“Not before autumn,” said Mayor Jane Roe on Tuesday.'
    >>> find_speaker(text, 1, 19)
    'Mayor Jane Roe'
    """
    after = text[end : end + _SPEAKER_CHARS].lstrip("\"'”’»“,.!? ")
    closed = _CLAUSE_END.search(after)
    before = text[max(0, begin - _SPEAKER_CHARS) : begin].rstrip("\"'“„«‘:, ")
    opened = list(_CLAUSE_END.finditer(before))
    return _speaker_in(after[: closed.start()] if closed else after, is_before=False) or (
        _speaker_in(before[opened[-1].end() :] if opened else before, is_before=True)
    )


def _speaker_in(clause: str, *, is_before: bool) -> str | None:
    """Return the name nearest to a verb of speech in a clause; the nearer to the quote, the first.

    Args:
        clause: What stands next to a quotation.
        is_before: The quotation follows; the words that are nearest to it are the last ones.
    """
    words = [match.span() for match in _WORD.finditer(clause)]
    verbs = [
        at for at, (begin, end) in enumerate(words) if clause[begin:end].lower() in _SPEECH_VERBS
    ]
    verb = (verbs[-1] if is_before else verbs[0]) if verbs else None
    if verb is None:
        return None
    names = list(_find_names(clause, words))
    near = [
        (max(first - verb, verb - last, 0), first, last)
        for first, last in names
        if max(first - verb, verb - last) <= _MAX_SPEAKER_WORDS
    ]
    if not near:
        return None
    _, first, last = min(near)
    return clause[words[first][0] : words[last][1]]


def _find_names(clause: str, words: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last word of each run of capitalised words."""
    at = 0
    while at < len(words):
        last = at - 1
        for following in range(at, len(words)):
            begin, end = words[following]
            word = clause[begin:end]
            is_joined = following == at or _NAME_GAP.fullmatch(
                clause, words[following - 1][1], begin
            )
            if not is_joined:
                break
            if word[0].isupper() and word.lower() not in _NO_NAMES:
                last = following
            elif following == at or word.lower() not in _PARTICLES:
                break
        if last >= at:
            yield at, last
        at = max(last, at) + 1


def _same_speaker(left: str | None, right: str | None) -> str | None:
    """Return the fuller of two names of one person: the same last word, and no other first name.

    >>> _same_speaker("Mayor Jane Roe", "Roe"), _same_speaker("Jane Roe", "John Roe")
    ('Mayor Jane Roe', None)
    """
    if not left or not right:
        return None
    one, other = ([fold_word(word) for word in _WORD.findall(name)] for name in (left, right))
    if one[-1] != other[-1]:
        return None
    shorter, longer = sorted((one, other), key=len)
    if not set(shorter) <= set(longer):
        return None
    return max(left, right, key=lambda name: (len(name), name))
