"""Invented news in any number: English-like articles of several outlets, and their copies.

Words are drawn from a chain: one may bring one of its usual followers, or a word of its article's
topic, else any word by Zipf's law; the commonest are the function words of English. Of a thousand
articles 100 are exact copies of another one and 150 edited ones, told by other outlets and under
other headlines; 40 paragraphs of an agency stand in several. Shares are the same for any number.

The same seed gives the same articles, and the first thousands of many are those of few.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

ROUND = 1000
"""Articles are invented in rounds of so many; copies and originals are of one round."""
_COPIES, _EDITED = 0.10, 0.15
_WIRES, _WIRE_OUTLETS = 0.04, 4
"""Paragraphs of an agency a round, and in how many articles each stands on average."""
_NUM_OUTLETS = 24
_VOCABULARY = 40_000
_NAMES = 0.07
_FOLLOWERS = 6
_FOLLOW, _TOPIC = 0.35, 0.12
"""How likely the next word is a usual follower of the last one, or one of the topic's."""
_TOPIC_WORDS, _ARTICLES_A_TOPIC = 40, 5
_DEFAULT_WORDS = 500
_FIRST_DAY = datetime.date(2024, 1, 1)
_DAYS = 365

_FUNCTION_WORDS = (
    "the of to and a in that is for it was on with as he be at by his had not are but from or "
    "have an they which one you were her all she there would their we him been has when who "
    "will more no if out so said what up its about into than them can only other new some could "
    "time these two may then do first any my now such like our over man me even most made after "
    "also did many before must through back years where much your way well down should because "
    "each just those people how too little state good very make world still own see men work "
    "long get here between both life being under never day same another know while last might "
    "us great old year off come since against go came right used take three states himself few "
    "house use during without again place american around however home small found thought went "
    "say part once general high upon school every don't does got united left number course war "
    "until always away something"
).split()
_ONSETS = (
    "b c d f g h l m n p r s t v w br ch cl cr dr fl fr gr pl pr sh sl sp st str th tr".split()
)
_NUCLEI = "a e i o u ai ea ee ie oa ou".split()
_CODAS = ["", "n", "r", "s", "t", "l", "m", "ck", "nd", "st"]
_ENDINGS = ["", "", "", "", "", "ed", "ing", "s", "er", "ly", "tion", "al", "ity"]
_STOCK_LINES = (
    "Sign up for the {name} newsletter and get the morning's stories by email",
    "Read more: the latest from {name}",
    "Follow {name} on social media for updates",
    "Subscribe to {name} from £1 a week",
    "© 2024 {name}. All rights reserved.",
    "Have you got a story? Write to newsdesk@{domain}",
    "Advertisement",
    "Share this article",
    "Support our journalism: become a member of {name} today",
    "Comments are open to subscribers only",
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """An invented newspaper.

    Attributes:
        lines: What stands on each of its articles, before and after.
    """

    name: str
    domain: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """An invented article.

    Attributes:
        number: Its place among all.
    """

    number: int
    outlet: Outlet
    date: str
    title: str
    author: str
    paragraphs: tuple[str, ...]

    @property
    def name(self) -> str:
        """A name that no other article has."""
        return f"{self.number:07}"

    @property
    def url(self) -> str:
        """Where it would stand."""
        return f"https://{self.outlet.domain}/{self.date.replace('-', '/')}/{self.name}"

    @property
    def text(self) -> str:
        """All of it as a crawler without extraction brings it, with lines of its outlet."""
        first, *others = self.outlet.lines
        return "\n".join([self.title, self.author, first, *self.paragraphs, *others])


class Newsroom:
    """What all articles of a seed have in common: words, their followers, outlets."""

    def __init__(self, seed: int, words: int = _DEFAULT_WORDS) -> None:
        """Invent the language.

        Args:
            seed: The same one gives the same articles.
            words: So many has an article, in the mean.
        """
        draw = np.random.default_rng([seed])
        self.seed = seed
        self._mean_words = words
        self._names = _invent_words(draw, round(_VOCABULARY * _NAMES), names=True)
        others = _invent_words(draw, _VOCABULARY - len(self._names), names=False)
        self._words: list[str] = [*_FUNCTION_WORDS, *_mix(draw, others, self._names)]
        weights = 1 / (np.arange(len(self._words)) + 2.7)
        self._cumulated = np.cumsum(weights) / weights.sum()
        self._followers = self._draw_words(draw, len(self._words) * _FOLLOWERS).reshape(
            -1, _FOLLOWERS
        )
        self.outlets = [self._found_outlet(draw) for _ in range(_NUM_OUTLETS)]

    def articles(self, number: int) -> Iterator[Article]:
        """Yield articles in a fixed order."""
        for begin in range(0, number, ROUND):
            yield from self._invent_round(begin, min(ROUND, number - begin))

    def _invent_round(self, begin: int, number: int) -> Iterator[Article]:
        draw = np.random.default_rng([self.seed, begin, number])
        num_edited, num_copies = round(number * _EDITED), round(number * _COPIES)
        stories = self._write_stories(draw, number - num_edited - num_copies)
        self._add_wires(draw, stories, round(number * _WIRES))
        originals = len(stories)
        for at in range(num_edited + num_copies):
            story = stories[int(originals * draw.random() ** 2)]
            stories.append(self._edit(draw, story) if at < num_edited else list(story))
        order = draw.permutation(len(stories))
        for place, at in enumerate(order.tolist()):
            day = _FIRST_DAY + datetime.timedelta(int(draw.integers(_DAYS)))
            yield Article(
                begin + place,
                self.outlets[int(_NUM_OUTLETS * draw.random() ** 2)],
                day.isoformat(),
                self._write_title(draw),
                f"By {self._name(draw)} {self._name(draw)}",
                tuple(stories[at]),
            )

    def _write_stories(self, draw: np.random.Generator, number: int) -> list[list[str]]:
        lengths = draw.lognormal(np.log(self._mean_words) - 0.125, 0.5, number)
        lengths = np.clip(lengths, 0.2 * self._mean_words, 4 * self._mean_words).astype(np.int64)
        topics = self._draw_words(draw, (number // _ARTICLES_A_TOPIC + 1) * _TOPIC_WORDS)
        topics = topics.reshape(-1, _TOPIC_WORDS)
        about = draw.integers(len(topics), size=number)
        chains = self._walk(draw, int(lengths.max()), topics[about])
        return [
            self._tell(draw, chain[:length]) for chain, length in zip(chains, lengths, strict=True)
        ]

    def _walk(self, draw: np.random.Generator, length: int, topics: Ids) -> Ids:
        """Draw chains of words: (number of topics, length), one for each row of topics."""
        number = len(topics)
        chains = np.empty((length, number), np.int64)
        last = self._draw_words(draw, number)
        for at in range(length):
            kind = draw.random(number)
            follower = self._followers[last, draw.integers(_FOLLOWERS, size=number)]
            of_topic = topics[np.arange(number), draw.integers(_TOPIC_WORDS, size=number)]
            last = np.where(
                kind < _FOLLOW,
                follower,
                np.where(kind < _FOLLOW + _TOPIC, of_topic, self._draw_words(draw, number)),
            )
            chains[at] = last
        return np.ascontiguousarray(chains.T)

    def _draw_words(self, draw: np.random.Generator, number: int) -> Ids:
        return np.searchsorted(self._cumulated, draw.random(number))

    def _tell(self, draw: np.random.Generator, chain: Ids) -> list[str]:
        """Cut a chain into sentences, and these into paragraphs."""
        words = [self._words[at] for at in chain.tolist()]
        paragraphs: list[str] = []
        sentences: list[str] = []
        begin = 0
        for length, kind in zip(
            draw.integers(8, 29, size=len(words) // 8 + 1).tolist(),
            draw.random(len(words) // 8 + 1).tolist(),
            strict=True,
        ):
            sentence = " ".join(words[begin : begin + length])
            if not sentence:
                break
            begin += length
            sentence = sentence[0].upper() + sentence[1:]
            if kind < 0.1:
                sentences.append(f"“{sentence},” {self._name(draw)} said.")
            else:
                sentences.append(f"{sentence}.")
            if kind > 0.6:
                paragraphs.append(" ".join(sentences))
                sentences = []
        return [*paragraphs, " ".join(sentences)] if sentences else paragraphs

    def _add_wires(
        self, draw: np.random.Generator, stories: Sequence[list[str]], number: int
    ) -> None:
        topics = self._draw_words(draw, number * _TOPIC_WORDS).reshape(-1, _TOPIC_WORDS)
        for chain in self._walk(draw, 60, topics):
            paragraph = " ".join(self._tell(draw, chain))
            for _ in range(1 + int(draw.poisson(_WIRE_OUTLETS - 1))):
                story = stories[int(draw.integers(len(stories)))]
                story.insert(int(draw.integers(len(story) + 1)), paragraph)

    def _edit(self, draw: np.random.Generator, story: Sequence[str]) -> list[str]:
        """Change 1 to 8 % of the words; a third of the copies lose a paragraph, a third the end."""
        rate, kind = draw.uniform(0.01, 0.08), draw.random()
        edited = []
        for paragraph in story:
            words = paragraph.split(" ")
            for at in np.flatnonzero(draw.random(len(words)) < rate).tolist():
                words[at] = self._words[int(self._draw_words(draw, 1)[0])]
            edited.append(" ".join(words))
        if kind < 1 / 3 and len(edited) > 2:
            del edited[int(draw.integers(len(edited)))]
        elif kind < 2 / 3:
            edited = edited[: max(1, round(len(edited) * draw.uniform(0.6, 0.9)))]
        return edited

    def _write_title(self, draw: np.random.Generator) -> str:
        words = [self._words[at] for at in self._draw_words(draw, int(draw.integers(6, 12)))]
        title = " ".join([self._name(draw), *words])
        return title[0].upper() + title[1:]

    def _name(self, draw: np.random.Generator) -> str:
        return self._names[int(draw.integers(len(self._names)))]

    def _found_outlet(self, draw: np.random.Generator) -> Outlet:
        name = f"{self._name(draw)} {draw.choice(['Post', 'Courier', 'Herald', 'Ledger', 'Star'])}"
        domain = f"{name.lower().replace(' ', '-')}.example"
        chosen = draw.permutation(len(_STOCK_LINES))[: int(draw.integers(3, 6))]
        lines = tuple(_STOCK_LINES[at].format(name=name, domain=domain) for at in chosen)
        return Outlet(name, domain, lines)


def _mix(draw: np.random.Generator, *lists: Sequence[str]) -> list[str]:
    """Return all words of the lists, each list in its order and evenly spread."""
    places = np.concatenate([np.sort(draw.random(len(words))) for words in lists])
    words = [word for of in lists for word in of]
    return [words[at] for at in np.argsort(places, kind="stable").tolist()]


def _invent_words(draw: np.random.Generator, number: int, *, names: bool) -> list[str]:
    """Return words of one to three syllables, no two the same, short ones mostly first."""
    syllables = [onset + nucleus for onset in _ONSETS for nucleus in _NUCLEI]
    endings = _CODAS if names else [coda + ending for coda in _CODAS for ending in _ENDINGS]
    words: dict[str, None] = {}
    while len(words) < number:
        drawn = draw.integers(len(syllables), size=(number, 3)).tolist()
        lengths = np.searchsorted([0.3, 0.8], draw.random(number)).tolist()
        ended = draw.integers(len(endings), size=number).tolist()
        for parts, length, end in zip(drawn, lengths, ended, strict=True):
            word = "".join(syllables[at] for at in parts[: length + 1]) + endings[end]
            words[word.capitalize() if names else word] = None
    listed = list(words)[:number]
    order = np.array([len(word) for word in listed]) + draw.normal(0, 2, number)
    return [listed[at] for at in np.argsort(order, kind="stable").tolist()]
