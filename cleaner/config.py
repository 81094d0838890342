"""The one frozen configuration of a run: its sections, its TOML form, its digest.

A value that changes the output stands here and nowhere else. What only changes how the output is
made (number of workers, memory, progress) does not: the same configuration and input give the same
bytes, however they were computed.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec

from cleaner.errors import ConfigError

FIELD_ROLES = (
    "text",
    "html",
    "id",
    "url",
    "outlet",
    "title",
    "author",
    "date",
    "language",
)
"""What a field of a JSONL or Parquet record can be mapped to."""

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
_MANY = 10**9
"""More than any count here can mean; tables hold counts in 64 bits, arrays in less."""
Count = Annotated[int, msgspec.Meta(ge=1, le=_MANY)]


class ReadConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How inputs are found and understood."""

    fields: Annotated[
        dict[str, str],
        msgspec.Meta(description="Fields of JSONL and Parquet records by role: text = 'body'."),
    ] = {}
    exclude: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="Globs of files inside input folders that are left alone."),
    ] = ()
    encoding: Annotated[
        str | None,
        msgspec.Meta(description="Encoding of all text files; empty: detected for each."),
    ] = None


class ExtractConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a page becomes text."""

    max_page_chars: Annotated[
        Count,
        msgspec.Meta(
            description="Longer pages, and those of more than 20,000 blocks, are cut into blocks "
            "and judged as text: trafilatura takes over 40 s for 20 MB (measured)."
        ),
    ] = 5_000_000
    second_opinion: Annotated[
        Share,
        msgspec.Meta(
            description="trafilatura is asked about pages of which the block model expects a lower "
            "F1: 0 never asks it, 1 nearly always. docs/quality.md has the figures of some limits."
        ),
    ] = 0.95
    timeout_seconds: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=86_400)],
        msgspec.Meta(description="A page that takes longer in a worker is set aside."),
    ] = 60


class BoilerplateConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How blocks are judged."""

    disabled_rules: Annotated[
        tuple[str, ...], msgspec.Meta(description="Rules that are switched off, by name.")
    ] = ()
    cue_files: Annotated[
        tuple[str, ...], msgspec.Meta(description="Further cue files (TOML), beside the built-in.")
    ] = ()
    learned: Annotated[
        str | None,
        msgspec.Meta(
            description="What an earlier run learnt of its outlets: its output folder, or the "
            "outlets.parquet in it."
        ),
    ] = None
    min_outlet_documents: Annotated[
        Annotated[int, msgspec.Meta(ge=2, le=_MANY)],
        msgspec.Meta(
            description="A line is the outlet's own when this many of its documents carry it."
        ),
    ] = 5
    min_outlet_ratio: Annotated[
        Share,
        msgspec.Meta(description="... and at least this share of the outlet's documents."),
    ] = 0.03


class MatchConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How passages are compared."""

    verdicts: Annotated[
        str | None,
        msgspec.Meta(
            description="What a person judged of pairs of passages: a file that `clean judge` "
            "wrote."
        ),
    ] = None
    min_score: Annotated[
        Share,
        msgspec.Meta(
            description="A pair of passages is a match when the acceptance model gives at least "
            "this probability that a reader would call it reuse."
        ),
    ] = 0.6
    score_floor: Annotated[
        Share,
        msgspec.Meta(
            description="Pairs below min_score, down to this, are listed but not accepted."
        ),
    ] = 0.1
    verbatim_ratio: Annotated[
        Share,
        msgspec.Meta(
            description="Words are aligned in runs of which this share of both sides is equal "
            "(Dice); with less, a match is a rewrite."
        ),
    ] = 0.7
    sentence_coverage: Annotated[
        Share,
        msgspec.Meta(description="A sentence is repeated when this share of its words is aligned."),
    ] = 0.8
    document_similarity: Annotated[
        Share,
        msgspec.Meta(description="Two documents are copies from this Jaccard similarity on."),
    ] = 0.7
    candidate_similarity: Annotated[
        Share,
        msgspec.Meta(description="Paragraphs this similar are to be found as candidates ..."),
    ] = 0.5
    candidate_recall: Annotated[
        Share,
        msgspec.Meta(description="... with at least this probability; sets bands and rows."),
    ] = 0.9
    min_passage_words: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=1000)],
        msgspec.Meta(description="Fewer words are never a passage."),
    ] = 8
    shingle_size: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100)],
        msgspec.Meta(description="Words a shingle (characters in Chinese, Japanese, Thai)."),
    ] = 3
    num_perm: Annotated[
        Annotated[int, msgspec.Meta(ge=16, le=1024)],
        msgspec.Meta(description="Length of a signature."),
    ] = 128
    max_bucket: Annotated[
        Annotated[int, msgspec.Meta(ge=2, le=10_000)],
        msgspec.Meta(
            description="Larger buckets are compared with their first and next member only; "
            "what is not compared is counted."
        ),
    ] = 32
    seed_sampling: Annotated[
        Share,
        msgspec.Meta(
            description="Share of the pairs of terms that are looked for in other documents, "
            "beside those of neighbours."
        ),
    ] = 0.25
    min_seeds: Annotated[
        Annotated[int, msgspec.Meta(ge=2, le=4)],
        msgspec.Meta(
            description="Documents with this many seeds close together are compared; one that many "
            "documents have counts down to a third."
        ),
    ] = 2
    max_seed_documents: Annotated[
        Annotated[int, msgspec.Meta(ge=2, le=10_000)],
        msgspec.Meta(
            description="Where more documents have a seed, each meets the first one and those next "
            "to it in time only; what is not compared is counted."
        ),
    ] = 20
    seed_neighbours: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=10_000)],
        msgspec.Meta(description="How many of those next to it in time a document meets then."),
    ] = 4


class ResolveConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which copy survives, and what happens to the others."""

    representative: Annotated[
        Literal["earliest", "most_complete", "smallest_id"],
        msgspec.Meta(description="The copy that stays; ties go on to the next in this order."),
    ] = "earliest"
    copies: Annotated[
        Literal["drop", "keep"],
        msgspec.Meta(description="Near-duplicate documents in the unique view."),
    ] = "drop"
    passages: Annotated[
        Literal["cut", "keep"],
        msgspec.Meta(description="Passages that stand in another document, in the unique view."),
    ] = "cut"
    rewrites: Annotated[
        Literal["cut", "keep"],
        msgspec.Meta(
            description="Sentences of a rewritten passage, in the unique view; only those are cut "
            "that the document which stays really has (`match.sentence_coverage`)."
        ),
    ] = "cut"
    quotes: Annotated[
        Literal["cut", "keep"],
        msgspec.Meta(description="Quotations that stand in another document, in the unique view."),
    ] = "keep"
    same_outlet: Annotated[
        Literal["as_others", "drop", "keep"],
        msgspec.Meta(
            description="Copies and passages that the outlet has from a document of its own "
            "(updates, reposts): as `copies`, `passages` and `rewrites` say, or all of them gone, "
            "or all of them kept."
        ),
    ] = "as_others"
    truncated: Annotated[
        Literal["keep", "drop"],
        msgspec.Meta(
            description="Documents that a paywall or a feed cut short, in all views; they are "
            "marked in either case."
        ),
    ] = "keep"
    prefer_whole: Annotated[
        bool,
        msgspec.Meta(
            description="A whole copy stays rather than a truncated one, whatever the date; false: "
            "`representative` alone decides."
        ),
    ] = True


class OutputConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is written."""

    format: Annotated[
        Literal["jsonl", "parquet", "txt", "md"],
        msgspec.Meta(description="Format of the corpus; the tables beside it never change."),
    ] = "jsonl"
    view: Annotated[
        Literal["unique", "full", "originals"],
        msgspec.Meta(description="The text that the corpus holds."),
    ] = "unique"
    stubs: Annotated[
        bool,
        msgspec.Meta(
            description="Where a repeated passage was cut, the corpus says how much of it, and who "
            "has it: `[2 sentences shared with OUTLET, DATE]`."
        ),
    ] = False
    quality: Annotated[
        bool,
        msgspec.Meta(
            description="Near-copies are planted in a sample of the articles, outside the corpus, "
            "and how many of them the run would find is told."
        ),
    ] = True
    max_report_clusters: Annotated[
        Count, msgspec.Meta(description="The report shows the largest clusters up to this number.")
    ] = 100_000
    max_report_documents: Annotated[
        Count,
        msgspec.Meta(
            description="The report shows documents up to this number, and those of its clusters."
        ),
    ] = 200_000
    max_report_megabytes: Annotated[
        Count,
        msgspec.Meta(
            description="Texts, members and pairs that the report has beyond this size are in "
            "pages in `report-data`, beside it."
        ),
    ] = 24


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that decides what a run writes, apart from its input."""

    read: ReadConfig = ReadConfig()
    extract: ExtractConfig = ExtractConfig()
    boilerplate: BoilerplateConfig = BoilerplateConfig()
    match: MatchConfig = MatchConfig()
    resolve: ResolveConfig = ResolveConfig()
    output: OutputConfig = OutputConfig()

    @property
    def digest(self) -> str:
        """SHA-256 of the configuration, 64 hexadecimal digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    def replace(self, **sections: Mapping[str, object]) -> Config:
        """Return a configuration with some keys changed, checked like a file's.

        Args:
            **sections: Changed keys by section, e.g. `match={"num_perm": 64}`.

        Raises:
            ConfigError: If a key or value means nothing.

        >>> Config().replace(match={"num_perm": 64}).match.num_perm
        64
        """
        values = msgspec.to_builtins(self)
        for section, changes in sections.items():
            values.setdefault(section, {}).update(changes)
        return parse_config(values, where="options")


def load_config(path: Path) -> Config:
    """Read a configuration from a TOML file; keys that are not there keep their defaults.

    Raises:
        ConfigError: If the file cannot be read, or holds a key or value that means nothing.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        values = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except OSError as cause:
        message = f"cannot read the configuration {path}: {cause.strerror}"
        raise ConfigError(message) from cause
    except (TOMLKitError, UnicodeDecodeError) as cause:
        message = f"{path} is no TOML file: {cause}"
        raise ConfigError(message) from cause
    return parse_config(values, where=str(path))


def parse_config(values: Mapping[str, Any], *, where: str) -> Config:
    """Check values as they come from TOML or from options, and freeze them.

    Raises:
        ConfigError: Naming the key, what is wrong with it, and the likeliest right one.
    """
    try:
        config = msgspec.convert(values, Config)
    except msgspec.ValidationError as cause:
        message = f"{where}: {_explain(str(cause))}"
        raise ConfigError(message) from cause
    for role in config.read.fields:
        if role not in FIELD_ROLES:
            message = f"{where}: no field role {role!r}{_suggest(role, FIELD_ROLES)}"
            raise ConfigError(message)
    return config


def render_config(config: Config) -> str:
    """Write a configuration as TOML, each key under a comment that says what it does."""
    import tomlkit

    document = tomlkit.document()
    for name in config.__struct_fields__:
        section = getattr(config, name)
        table = tomlkit.table()
        table.add(tomlkit.comment(f"{type(section).__doc__}"))
        for field in msgspec.structs.fields(section):
            value = msgspec.to_builtins(getattr(section, field.name))
            table.add(tomlkit.nl())
            for line in textwrap.wrap(_description(type(section), field.name), 96):
                table.add(tomlkit.comment(line))
            if value is None:
                table.add(tomlkit.comment(f"{field.name} = "))
            elif isinstance(value, dict):
                inline = tomlkit.inline_table()
                inline.update(value)
                table.add(field.name, inline)
            else:
                table.add(field.name, value)
        document.add(name, table)
    return tomlkit.dumps(document)


def _annotation(section: type[msgspec.Struct], name: str) -> tuple[Any, ...]:
    """Return the type of a key and what is said about it."""
    return get_args(get_type_hints(section, include_extras=True)[name])


def _description(section: type[msgspec.Struct], name: str) -> str:
    for meta in _annotation(section, name)[1:]:
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""


_UNKNOWN_KEY = re.compile(
    r"Object contains unknown field `(?P<key>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?"
)
_BAD_VALUE = re.compile(r"(?P<what>.*) - at `\$\.(?P<at>[^`]*)`")


def _explain(problem: str) -> str:
    """Turn msgspec's message into one that says what to write instead."""
    if match := _UNKNOWN_KEY.match(problem):
        key, at = match["key"], match["at"] or ""
        name = f"{at}.{key}" if at else key
        elsewhere = [f"{s}.{key}" for s in Config.__struct_fields__ if key in _keys(s)]
        guess = f"; did you mean {elsewhere[0]!r}?" if elsewhere else _suggest(name, _names(at))
        return f"there is no key {name!r}{guess}"
    if match := _BAD_VALUE.match(problem):
        return f"{match['at']}: {match['what']}{_choices(match['at'])}"
    return problem


def _keys(section: str) -> tuple[str, ...]:
    if section in Config.__struct_fields__:
        return tuple(getattr(Config(), section).__struct_fields__)
    return Config.__struct_fields__


def _names(section: str) -> tuple[str, ...]:
    """Return the full names of a section's keys, or of the sections."""
    known = section in Config.__struct_fields__
    return tuple(f"{section}.{key}" if known else key for key in _keys(section))


def _choices(at: str) -> str:
    """List the values that a key takes, where they can be listed."""
    section, _, name = at.partition(".")
    if section not in Config.__struct_fields__ or name not in _keys(section):
        return ""
    values = get_args(_annotation(type(getattr(Config(), section)), name)[0])
    is_choice = bool(values) and all(isinstance(value, str) for value in values)
    return f" (one of {', '.join(values)})" if is_choice else ""


def _suggest(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f" (there are {', '.join(known)})"
