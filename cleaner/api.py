"""What the package does, as functions: clean a corpus, clean one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa

from cleaner.alarms import Alarm, look_at_outlets
from cleaner.boilerplate import (
    JUDGED,
    OUTLET_LENGTHS,
    REPEATED_LINES,
    check_rules,
    find_truncated,
    judge_documents,
    list_text_facts,
)
from cleaner.boilerplate.learned import list_learned_lines, read_learned
from cleaner.config import Config
from cleaner.engines import Advance, LocalEngine, Profile, read_rows
from cleaner.errors import InputError, OutputError, StrictRunError
from cleaner.extraction import extract_documents
from cleaner.ledger import view_text
from cleaner.model import DOCUMENTS, Document, Rejection, as_row
from cleaner.pipeline import clean, match, name_document
from cleaner.quality.recall import Recall, count_found, list_planted, plant_in_run
from cleaner.quality.verdicts import list_judgements, read_verdicts
from cleaner.reading import (
    InputState,
    ReadingPlan,
    plan_inputs,
    read_documents,
    reject_changed,
    take_state,
)
from cleaner.resolution import resolve_document
from cleaner.results import RunResult
from cleaner.writing import OutputFolder, write_outputs

_EXPECTED = frozenset({"documentation_file", "earlier_output", "not_an_article_record"})
"""Set aside without a complaint, even by `strict`: no article was expected there."""
_OUTPUTS = frozenset(
    "corpus.jsonl corpus.parquet documents.parquet ledger.parquet matches.parquet clusters.jsonl "
    "bridges.parquet rejected.jsonl outlets.parquet report.html manifest.json "
    "corpus-txt corpus-md report-data".split()
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def plan_corpus(paths: str | Path | Sequence[str | Path], config: Config) -> ReadingPlan:
    """Look for inputs and say how each will be read, without reading them.

    Args:
        paths: Folders, files, globs, or `-` for standard input.
        config: The run's configuration.

    Raises:
        InputError: If a path does not exist, or there is nothing to read.
        ConfigError: If the configuration names rules or files that do not exist.
    """
    check_rules(config.boilerplate)
    read_learned(config.boilerplate.learned)
    read_verdicts(config.match.verdicts)
    listed = [paths] if isinstance(paths, (str, Path)) else paths
    return plan_inputs([str(path) for path in listed], config.read)


def clean_corpus(
    paths: str | Path | Sequence[str | Path] = "seeds",
    output: str | Path = "cleaned",
    *,
    config: Config | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    strict: bool = False,
    plan: ReadingPlan | None = None,
    advance: Advance | None = None,
    memory_bytes: int | None = None,
    profile: Profile | None = None,
) -> RunResult:
    """Clean the articles at some paths into an output folder.

    Args:
        paths: Folders, files, globs, or `-` for standard input.
        output: The folder to write; see docs/formats.md for what is in it.
        config: The configuration; by default all defaults.
        workers: Number of processes; by default one a core. It does not change the output.
        overwrite: Write into a folder that holds files of somebody else's; those of other names
            stay.
        strict: Stop at the first input that would be set aside, unless it never was to be an
            article: a README, a record of an archive's own. Stop also at an alarm.
        plan: The inputs as `plan_corpus` found them, if that was done before.
        advance: `advance(stage, done, total)`, told of progress: a total of 0 is not known yet.
        memory_bytes: What may be held in memory, beside 0.2 to 0.3 GB a worker; what does not fit
            goes to the disk. By default 2.5 GB, or half of what the machine has. It does not change
            the output.
        profile: Told what each stage costs.

    Returns:
        What was found, and where it lies.

    Raises:
        CleanerError: If the request cannot be carried out; nothing is written then.
    """
    config = config or Config()
    plan = plan or plan_corpus(paths, config)
    learned = read_learned(config.boilerplate.learned)
    verdicts = read_verdicts(config.match.verdicts)
    _protect_inputs(plan, Path(output))
    folder = OutputFolder(Path(output), overwrite=overwrite)
    inputs: list[InputState] = []
    try:
        profile = profile or Profile()
        start = partial(
            LocalEngine, workers=workers, work_folder=folder.staging, memory_bytes=memory_bytes
        )
        with start(advance=advance, profile=profile) as engine:
            found = _read_all(plan, inputs, config, strict, advance)
            clean(found, config, engine, list_learned_lines(learned), list_judgements(verdicts))
            _check_read(engine, plan, strict)
            with profile.stage("look at outlets"):
                findings = look_at_outlets(engine, config, learned)
            if strict:
                _check_alarms(findings.alarms)
            with profile.stage("plant copies and find them") as cost:
                before = engine.pool.cpu_seconds
                recall = _measure_recall(engine, config, partial(start, pool=engine.pool))
                cost.cpu_seconds += engine.pool.cpu_seconds - before
            with profile.stage("write the rest"):
                return write_outputs(engine, config, folder, inputs, findings, verdicts, recall)
    finally:
        folder.discard()


def _check_alarms(alarms: Sequence[Alarm]) -> None:
    """Refuse to write a corpus that a person should look at first."""
    if alarms:
        shown = "\n".join(
            f"  {alarm.outlet or 'all outlets'}: {alarm.sentence}" for alarm in alarms
        )
        are = "is an alarm" if len(alarms) == 1 else f"are {len(alarms)} alarms"
        message = f"nothing was written, as there {are} (strict):\n{shown}"
        raise StrictRunError(message)


def _protect_inputs(plan: ReadingPlan, output: Path) -> None:
    """Refuse to write over what is read.

    Raises:
        OutputError: If an input lies in the output folder under the name of an output, or in a
            folder that has such a name.
    """
    folder = output.resolve()
    for file in plan.files:
        path = file.path.resolve() if file.path is not None else folder
        if folder in path.parents and path.relative_to(folder).parts[0] in _OUTPUTS:
            message = (
                f"{file.label} is an input and lies in {output}; choose another --output folder"
            )
            raise OutputError(message)


def _read_all(
    plan: ReadingPlan,
    inputs: list[InputState],
    config: Config,
    strict: bool,
    advance: Advance | None,
) -> Iterator[Document | Rejection]:
    """Yield what was set aside while planning, then all documents, file by file.

    What the inputs were when they were read is put into `inputs`.
    """
    for item in _found(plan, inputs, config, advance):
        if strict and isinstance(item, Rejection) and item.reason not in _EXPECTED:
            message = f"{item.source}: {item.reason}: {item.detail} (strict)"
            raise StrictRunError(message)
        yield item


def _found(
    plan: ReadingPlan, inputs: list[InputState], config: Config, advance: Advance | None
) -> Iterator[Document | Rejection]:
    yield from plan.rejections
    for number, file in enumerate(plan.files):
        if advance is not None:
            advance("read", number, len(plan.files))
        inputs.append(take_state(file))
        yield from read_documents(file, config.read)
        if changed := reject_changed(inputs[-1]):
            yield changed
    if advance is not None:
        advance("read", len(plan.files), len(plan.files))


def _check_read(engine: LocalEngine, plan: ReadingPlan, strict: bool) -> None:
    """Refuse to write a corpus of nothing; silence would be taken for success."""
    rejections = list(read_rows(engine, "rejections"))
    if engine.count("ledger") == 0:
        reasons = "; ".join(f"{r['source']}: {r['reason']}, {r['detail']}" for r in rejections[:5])
        message = f"no document with text was found in {len(plan.files)} files ({reasons})"
        raise InputError(message)
    serious = [row for row in rejections if row["reason"] not in _EXPECTED]
    if strict and serious:
        first = serious[0]
        message = f"{first['source']}: {first['reason']}: {first['detail']} (strict)"
        raise StrictRunError(message)


def _measure_recall(
    engine: LocalEngine, config: Config, start: Callable[[], LocalEngine]
) -> dict[str, Recall] | None:
    """Plant copies in a sample of what was kept, and count those that the same matching finds.

    That happens in an engine of its own: nothing of it is in the run's tables.
    """
    if not config.output.quality:
        return None
    planted = plant_in_run(engine)
    if not planted.pairs:
        return {}
    with start() as other:
        match(list_planted(planted), config, other)
        return count_found(planted, other)


_SPAN_FIELDS = ("begin", "end", "kind", "reason", "rule", "score", "evidence")


class TextSpan(msgspec.Struct, frozen=True):
    """A stretch of a text: what it is, and why. See `model.Verdict` for the fields."""

    begin: int
    end: int
    kept: bool
    kind: str
    reason: str
    rule: str
    score: float | None
    evidence: str = ""


class CleanedText(msgspec.Struct, frozen=True):
    """One text after cleaning.

    Attributes:
        original: The text that positions refer to; for a page, its visible text.
        text: The main content.
        spans: All of the original, in order, each stretch once.
        title, author, published, url, language: What is known of it.
        truncated: What cut it short (`paywall`, `feed`, `unknown`); None if it is whole, as far as
            can be told.
        truncated_evidence: The facts that say so.
    """

    original: str
    text: str
    spans: tuple[TextSpan, ...]
    title: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    truncated: str | None = None
    truncated_evidence: tuple[str, ...] = ()


def clean_text(
    text: str,
    *,
    html: bool = False,
    url: str | None = None,
    title: str | None = None,
    language: str | None = None,
    config: Config | None = None,
) -> CleanedText:
    r"""Remove the boilerplate of one text or page, and say why each part went.

    What an outlet repeats over its pages, how long its articles usually are, and what other outlets
    have too, only `clean_corpus` can know.

    Args:
        text: The text, or the source of a page. Lone surrogates become U+FFFD: no file holds them.
        html: Whether it is the source of a page.
        url: Where it was found.
        title: Its headline, if known.
        language: Its language, if known.
        config: The configuration; by default all defaults.

    Raises:
        ConfigError: If the configuration names rules or cue files that do not exist.

    >>> clean_text("Advertisement\nThe ferry reached the harbour at noon on Tuesday, he said.").text
    'The ferry reached the harbour at noon on Tuesday, he said.'
    """
    config = config or Config()
    check_rules(config.boilerplate)
    document = Document(
        source="text",
        path="text",
        record=0,
        outlet="text",
        outlet_from="file",
        mime="text/html" if html else "text/plain",
        payload=_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text),
        url=url,
        title=title,
        language=language,
    )
    row = {"document_id": name_document(document), **as_row(document)}
    texts = extract_documents(pa.RecordBatch.from_pylist([row], schema=DOCUMENTS), config)
    no_lines, no_verdicts = REPEATED_LINES.empty_table(), JUDGED.empty_table()
    judged = judge_documents(texts, config, no_lines, no_verdicts)
    (row,) = texts.to_pylist()
    (verdicts,) = judged.to_pylist()
    facts = list_text_facts(texts, config, judged)
    no_outlets = OUTLET_LENGTHS.empty_table()
    (truncation,) = find_truncated(facts, config, no_outlets).to_pylist()
    row["truncated"] = truncation["truncated"]
    spans = [
        {name: getattr(span, name) for name in _SPAN_FIELDS} | {"unique": span.unique}
        for span in resolve_document(row, verdicts["verdicts"], [], config)
    ]
    return CleanedText(
        original=row["text"],
        text=view_text(row["text"], spans, "unique"),
        spans=tuple(TextSpan(kept=span.pop("unique"), **span) for span in spans),
        **{name: row[name] for name in ("title", "author", "published", "url", "language")},
        truncated=truncation["truncated"],
        truncated_evidence=tuple(truncation["truncated_evidence"]),
    )
