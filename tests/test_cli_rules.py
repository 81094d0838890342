"""`clean rules`: what rules are, what they did in a run, and that both are told truly."""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from cleaner import resolution
from cleaner.api import clean_corpus
from cleaner.boilerplate import known_rules, rules
from cleaner.boilerplate.catalogue import list_code_rules, list_cues
from cleaner.cli import main
from cleaner.config import BoilerplateConfig, Config
from cleaner.explain import explain
from cleaner.model import Relation
from cleaner.rule_cards import Example, add_examples, list_rule_cards

ROOT = Path(__file__).parent.parent
FERRY = (
    "The ferry reached the harbour at noon on {}, two hours late, after a night in which the crew "
    "had to repair a pump."
)
COUNCIL = "The council voted on Monday to keep the old bridge open to buses for another winter."
ID_PLACE = re.compile(r"[0-9a-f]{20}:\d+-\d+")
EVIL = "Evil \x1b[2J [bold]:smile:\nfalse line \u202e"
CUES = """
language = "en"
[[cue]]
id = "harbour_club"
kind = "promotion"
scope = "start"
max_words = 9
heading = false
patterns = ['join the harbour club\\b', '[bold]clubs?']
why = "it asks the reader to join the club"
hits_wrongly = "a report on the club"
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean a few articles of outlets of different size."""
    root = tmp_path_factory.mktemp("rules")
    records = [
        {"outlet": "Half", "text": f"Advertisement\n\n{FERRY.format('Tuesday')}"},
        {"outlet": "Half", "text": FERRY.format("Friday") + " It had rained since the morning."},
        {"outlet": "Whole", "text": f"{COUNCIL}\n\nOct 17, 2024\n\nadvertisement"},
        {"outlet": EVIL, "text": f"ADVERTISEMENT\n\n{COUNCIL[::-1]}\n\nShare this article"},
    ]
    lines = [json.dumps(record | {"language": "en"}) + "\n" for record in records]
    folder = root / "in"
    (folder / "a").mkdir(parents=True)
    (folder / "feed.jsonl").write_text("".join(lines))
    page = "<html><body><p>{} It was vote {}.</p><figure><figcaption>Hall {}</figcaption></figure>"
    for number, name in enumerate(("one.html", "tw\no.html")):
        (folder / "a" / name).write_text(page.format(COUNCIL, number, number))
    config = Config().replace(resolve={"passages": "keep"})
    clean_corpus([folder], root / "out", config=config, workers=1)
    return root / "out"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean the sample corpus into a folder `cleaned`, and return the one that it is in."""
    root = tmp_path_factory.mktemp("sample")
    clean_corpus([ROOT / "seeds"], root / "cleaned", workers=1)
    return root


def show(*arguments: object) -> Result:
    """Run the command as if on a terminal: click would strip some sequences for a pipe."""
    return CliRunner().invoke(main, ["rules", *map(str, arguments)], color=True)


def lines_of(*arguments: object) -> list[str]:
    """Return the lines that the command prints on stdout, without a trace on a bad end."""
    result = show(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def first_words(*arguments: object) -> list[str]:
    """Return the names in the table that the command prints."""
    head, *rows = lines_of(*arguments)
    assert head.split()[:2] == ["rule", "kind"]
    return [row.split()[0] for row in rows]


def rewrite(output: Path, to: Path, name: str, change: Any) -> Path:
    """Copy the tables of a run, one of them changed."""
    to.mkdir()
    for file in ("documents", "ledger"):
        table = pq.read_table(output / f"{file}.parquet")
        pq.write_table(change(table) if file == name else table, to / f"{file}.parquet")
    return to


def rename_rules(table: pa.Table, names: dict[str, str]) -> pa.Table:
    """Give rules in a ledger other names."""
    renamed = [names.get(name, name) for name in table["rule"].to_pylist()]
    return table.set_column(table.schema.get_field_index("rule"), "rule", pa.array(renamed))


# What is known without a run.


def written_kinds() -> dict[str, list[str]]:
    """Read from the code of the rules which kinds they give."""
    found: dict[str, list[str]] = {}
    for function in ast.parse(inspect.getsource(rules)).body:
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
            calls = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_verdict", "Verdict")
            ]
            kinds = [node.args[0] for node in calls]
            found[function.name] = [
                str(kind.value) for kind in kinds if isinstance(kind, ast.Constant)
            ]
    return found


def test_catalogue_knows_what_rules_write() -> None:
    """The kinds that a rule's code gives are those of its entry."""
    written = written_kinds()
    assert sum(map(len, written.values())) >= 15
    for entry in list_code_rules():
        assert set(written[entry.name]) <= set(entry.kinds), entry.name


def test_every_rule_is_described() -> None:
    """Each rule and cue says what it is and what it wrongly hits, and neither is in the other."""
    entries = [*list_code_rules(), *list_cues()]
    assert len({entry.name for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.description and entry.hits_wrongly, entry.name
        assert "Wrongly hits" not in f"{entry.description} {entry.details} {entry.hits_wrongly}"
    (bracket,) = [entry for entry in entries if entry.name == "credit_in_brackets"]
    assert bracket.details == "`(Lenka Obrist / Ostrel)`, or the name from the byline alone."
    assert bracket.hits_wrongly == "a short paragraph that ends with two teams in brackets."


def test_switches_exist() -> None:
    """What is said to switch a rule off is taken by `--disable`, and nothing is left out."""
    entries = [*list_code_rules(), *list_cues()]
    switches = {e.switch_off.removeprefix("--disable ") for e in entries if e.switch_off}
    known = known_rules(BoilerplateConfig())
    families = {name for name in known if any(other.startswith(f"{name}.") for other in known)}
    assert switches == known - families


def test_lists_every_rule() -> None:
    """Without arguments every rule stands in a table, with kind, language and description."""
    names = first_words()
    assert set(names) > {entry.name for entry in [*list_code_rules(), *list_cues()]}
    assert len(set(names)) == len(names)
    table = show().stdout
    assert re.search(r"^only_a_date +dateline +all +A line that holds a date or a t", table, re.M)
    assert re.search(r"^element_of_page +caption \+2 +all +A block in an", table, re.M)
    assert re.search(r"^en\.paywall\.\w+ +paywall +en +\S", table, re.M)


def test_filters() -> None:
    """Names, families, languages and kinds narrow the list, each its own way."""
    family = first_words("en.paywall")
    assert family and all(name.startswith("en.paywall.") for name in family)
    assert first_words("en.paywall", "byline_pattern")[0] == "byline_pattern"
    german = first_words("--language", "de", "--kind", "share")
    assert german and all(name.startswith("de.share.") for name in german)
    captions = first_words("--kind", "caption")
    assert {"caption_title", "element_of_page", "between_boilerplate"} < set(captions)
    assert "byline_pattern" not in captions
    assert show("only_a_dat").exit_code == 2  # The beginning of a name is no family.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["only_a_dat"], "there is no rule 'only_a_dat'; did you mean 'only_a_date'?"),
        (["en.paywal"], "there is no rule 'en.paywal'; did you mean 'en.paywall'?"),
        (["paywall"], "there is no rule 'paywall'; did you mean --kind paywall?"),
        (["qqq \x1b[31m"], "there is no rule 'qqq \\x1b[31m'"),
        (["--kind", "paywal"], "there is no kind 'paywal'; did you mean 'paywall'?"),
        (["--kind", "q"], "there is no kind 'q'; there are advertisement, author_bio, byline, "),
        (["--language", "xx"], "there is no language with cues 'xx'; there are ar, de, en, es, "),
        (["only_a_date", "--language", "en"], "no rule has the name, language and kind that were "
         "asked for; leave one out"),
        (["--cues", "none.toml"], "cannot read the cue file none.toml: "),
        (["--output", "nothing"], "there is no run in nothing; run `clean` first, or say where "
         "with --output"),
    ],
)  # fmt: skip
def test_refused(arguments: list[str], message: str) -> None:
    """What does not exist is refused with status 2 and a way out, and nothing is printed."""
    result = show(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {message}")
    assert result.stderr.count("\n") == 1


def test_card(tmp_path: Path) -> None:
    """One rule is shown with all that its file says of it, patterns as they are."""
    path = tmp_path / "cues.toml"
    path.write_text(CUES)
    name = "en.promotion.harbour_club"
    assert show(name).exit_code == 2
    assert name in first_words("en.promotion", "--cues", path)
    result = show(name, "--cues", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (
        result.stdout
        == f"""{name}
  it asks the reader to join the club
  wrongly hits    a report on the club
  kind            promotion
  language        en
  where           the block begins with it and has 9 words at most
  switch off      clean run --disable {name} (or with its family: en.promotion,
                  en)
  patterns        for lines in lower case, with straight quotation marks and without bullets and
                  full stops:
                  join the harbour club\\b
                  [bold]clubs?
"""
    )


def test_card_of_code() -> None:
    """A code rule is found by its name, which is also what switches it off."""
    card = lines_of("element_of_page")
    assert card[0] == "element_of_page"
    assert "  switch off      clean run --disable element_of_page" in card
    assert not any("patterns" in line for line in card)
    assert "  switch off      no option does that" in lines_of("cue_decides")


def test_lines_are_cut_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is as wide as the terminal; in a pipe nothing is lost."""
    from cleaner.cli.rules import _make_table

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    cards = list_rule_cards(["en.paywall", "zh.paywall"])
    whole = _make_table(cards).splitlines()
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", "60")
    cut = _make_table(cards).splitlines()
    assert max(map(len, whole)) > 60 >= max(map(len, cut))
    assert [line.endswith("…") for line in cut] == [len(line) > 60 for line in whole]
    assert all(card.rule.description in whole[at + 1] for at, card in enumerate(cards))


def test_json_without_a_run() -> None:
    """Each rule is one line of plain ASCII with the facts of its card."""
    lines = lines_of("ja.paywall", "only_a_date", "--json")
    assert all(line.isascii() for line in lines)
    rows = {row["name"]: row for row in map(json.loads, lines)}
    date = rows.pop("only_a_date")
    assert (date["kinds"], date["language"], date["patterns"]) == (["dateline"], None, [])
    assert "run" not in date
    assert rows and all(row["patterns"] and row["language"] == "ja" for row in rows.values())
    assert all(row["switch_off"] == f"--disable {name}" for name, row in rows.items())


# What rules did in a run.


def test_counts_are_those_of_the_ledger(sample: Path) -> None:
    """Spans, characters, documents and outlets of every rule are what the ledger adds up to."""
    output = sample / "cleaned"
    cards = list_rule_cards(output=output)
    outlets = {row["document_id"]: row["outlet"] for row in
               pq.read_table(output / "documents.parquet").to_pylist()}  # fmt: skip
    spans, chars, kept = Counter[str](), Counter[str](), Counter[str]()
    hit: dict[str, set[str]] = {}
    for row in pq.read_table(output / "ledger.parquet").to_pylist():
        rule = row["rule"]
        if row["kept"]:
            kept[rule] += 1
            continue
        spans[rule] += 1
        chars[rule] += row["end"] - row["begin"]
        hit.setdefault(rule, set()).add(row["document_id"])
    assert len(spans) > 40
    sizes = Counter(outlets.values())
    for card in cards:
        name, run = card.rule.name, card.run
        assert run is not None
        assert (run.num_spans, run.num_chars, run.num_kept_spans, run.num_documents) == (
            spans[name], chars[name], kept[name], len(hit.get(name, ()))
        )  # fmt: skip
        assert {o.outlet: o.num_hit_documents for o in run.outlets} == Counter(
            outlets[document] for document in hit.get(name, ())
        )
        assert all(o.num_documents == sizes[o.outlet] for o in run.outlets)
        ratios = [o.hit_ratio for o in run.outlets]
        assert ratios == sorted(ratios, reverse=True)
        assert (run.num_run_documents, run.num_run_outlets) == (len(outlets), len(sizes))
    most = [card.run.num_documents for card in cards if card.run]
    assert most == sorted(most, reverse=True)


def test_a_sample_run_holds_no_strange_rule(sample: Path) -> None:
    """Every rule in a ledger of ours is described."""
    cards = list_rule_cards(output=sample / "cleaned")
    assert [card.rule.name for card in cards if not card.rule.description] == []


def test_what_resolution_writes_is_described() -> None:
    """The names that resolution writes for rules are among those that are listed."""
    written = set(re.findall(r'"(resolve\.\w+)"', inspect.getsource(resolution)))
    written |= {f"resolve.{relation.value}" for relation in Relation} - {"resolve.variant"}
    listed = {card.rule.name for card in list_rule_cards(["resolve"]) if card.rule.description}
    assert listed == written


def test_hits_by_outlet(output: Path) -> None:
    """A rule's share of each outlet's documents is given, the most hit outlet first."""
    name = "en.advertisement.marks_advertisement"
    (card,) = list_rule_cards([name], output=output)
    assert card.run is not None
    assert card.run.num_documents == 3
    found = {hit.outlet: hit for hit in card.run.outlets}
    assert (found["Half"].num_documents, found["Half"].num_hit_documents) == (2, 1)
    assert (found["Half"].hit_ratio, found["Whole"].hit_ratio) == (0.5, 1.0)
    assert card.run.outlets[-1].outlet == "Half"
    card_lines = lines_of(name, "-o", output)
    assert any(line.endswith(" 50%  1 of 2  Half") for line in card_lines)


def test_table_of_a_run(output: Path) -> None:
    """Rules that removed nothing are left out and counted, unless --all asks for them."""
    result = show("--output", output)
    names = first_words("--output", output)
    assert names[0] == "en.advertisement.marks_advertisement"
    assert "only_a_date" in names and "running_text" not in names
    left_out = int(re.search(r"^([\d,]+) rules that removed nothing", result.stderr, re.M)[1])  # type: ignore[index]
    everything = first_words("--output", output, "--all")
    assert len(everything) == len(names) + left_out
    assert everything[: len(names)] == names
    assert re.search(r"^only_a_date +dateline +1 +1 +14 +1 of 1 Whole$", result.stdout, re.M)
    assert first_words("-o", output, "--kind", "dateline") == ["only_a_date"]


def test_rule_that_removed_nothing(output: Path, tmp_path: Path) -> None:
    """A card says so, and that the run was made without the rule where it was."""
    assert "  removed         nothing" in lines_of("byline_pattern", "-o", output)
    (tmp_path / "a.txt").write_text(f"Advertisement\n\n{COUNCIL}")
    config = Config().replace(boilerplate={"disabled_rules": ("en.advertisement",)})
    clean_corpus([tmp_path / "a.txt"], tmp_path / "out", config=config, workers=1)
    card = lines_of("en.advertisement.marks_advertisement", "-o", tmp_path / "out")
    assert "  removed         nothing; the run was made without it" in card
    assert any(line.startswith("  kept            1 span")
               for line in lines_of("running_text", "-o", tmp_path / "out"))  # fmt: skip


def test_unknown_rule_of_a_ledger(output: Path, tmp_path: Path) -> None:
    """A rule that only the ledger knows stands in the table, and has a card of what is known."""
    names = {"only_a_date": "old_rule"}
    changed = rewrite(output, tmp_path / "out", "ledger", lambda t: rename_rules(t, names))
    assert "old_rule" in first_words("-o", changed)
    card = lines_of("old_rule", "-o", changed, "--examples", 1)
    assert card[0] == "old_rule"
    assert card[1].startswith("  Nothing more is known of this rule than what it did in the run: ")
    assert "  kind            dateline" in card
    assert any("removed         1 spans in 1 of 6 documents, 14 char" in line for line in card)
    assert card[-1].strip() == "| Oct 17, 2024"
    assert show("old_rule").exit_code == 2


def example_texts(output: Path, name: str, number: int) -> tuple[Example, ...]:
    """Return the examples of a rule."""
    (card,) = add_examples(list_rule_cards([name], output=output), output, number)
    assert card.run is not None
    return card.run.examples


def test_examples_can_be_explained(sample: Path) -> None:
    """The place of each example of each rule leads `clean why` to its text and its rule."""
    output = sample / "cleaned"
    cards = add_examples(list_rule_cards(output=output), output, 2)
    num_examples = 0
    for card in cards:
        assert card.run is not None
        assert bool(card.run.examples) == bool(card.run.num_spans)
        assert len(card.run.examples) <= 2
        for example in card.run.examples:
            found = explain(output, example.target)
            assert found.document["text"][found.begin : found.end] == example.text
            rules_there = {span["rule"] for span in found.spans}
            assert len(rules_there) == 1
            assert card.rule.is_named(rules_there.pop())
            lines = found.document["text"].split("\n")
            assert lines[example.line - 1].strip() in example.text or (
                example.text.split("\n")[0] in lines[example.line - 1]
            )
            num_examples += 1
    assert num_examples > 50


def test_examples_differ(output: Path) -> None:
    """The same line is shown once, however it is written, and hits of several outlets first."""
    name = "en.advertisement.marks_advertisement"
    assert [e.text.casefold() for e in example_texts(output, name, 3)] == ["advertisement"]
    assert example_texts(output, "only_a_date", 0) == ()
    shown = lines_of("only_a_date", "-o", output, "--examples", 1)
    (place,) = [line for line in shown if "clean why" in line]
    command = shlex.split(place.replace("examples", "").split("(line")[0])
    assert command[:2] == ["clean", "why"] and command[3:] == ["--output", str(output)]
    result = CliRunner().invoke(main, command[1:])
    assert (result.exit_code, result.stdout.splitlines()[-1].strip()) == (0, "| Oct 17, 2024")
    assert place.endswith("  (line 3)")


def test_sources_that_cannot_be_typed(output: Path, tmp_path: Path) -> None:
    """A document is named by its id where its source holds a control, is an option or twofold."""
    pages = example_texts(output, "element_of_page", 9)
    assert sorted(page.source for page in pages) == ["in/a/one.html", "in/a/tw\no.html"]
    is_id = {page.source: bool(ID_PLACE.fullmatch(page.target)) for page in pages}
    assert is_id == {"in/a/one.html": False, "in/a/tw\no.html": True}

    def rename(table: pa.Table) -> pa.Table:
        names = {"in/a/one.html": "same", "in/a/tw\no.html": "same", "in/feed.jsonl#3": "-x"}
        sources = [names.get(name, name) for name in table["source"].to_pylist()]
        return table.set_column(table.schema.get_field_index("source"), "source", [sources])

    changed = rewrite(output, tmp_path / "out", "documents", rename)
    found = [e for name in ("only_a_date", "element_of_page")
             for e in example_texts(changed, name, 9)]  # fmt: skip
    assert sorted(example.source for example in found) == ["-x", "same", "same"]
    for example in found:
        assert ID_PLACE.fullmatch(example.target)
        spans = explain(changed, example.target).spans
        assert spans[0]["begin"] == example.begin


def test_terminal_is_not_obeyed(output: Path, tmp_path: Path) -> None:
    """Texts and names from outside print as they are, but for what a terminal would obey."""

    def spoil(table: pa.Table) -> pa.Table:
        names = [EVIL if name.startswith("Evil") else name for name in table["outlet"].to_pylist()]
        return table.set_column(table.schema.get_field_index("outlet"), "outlet", [names])

    changed = rewrite(output, tmp_path / "out", "documents", spoil)
    for arguments in ([], ["en.share"], ["en.advertisement.marks_advertisement"], ["--json"]):
        shown = lines_of("-o", changed, *arguments)
        assert shown and all(line.isprintable() for line in shown), arguments
        assert not any(line.startswith("false line") for line in shown)
    for arguments in (["en.share.share_buttons"], ["en.share"]):
        shown = lines_of("-o", changed, *arguments)
        assert any("Evil �[2J [bold]:smile: false line �" in line for line in shown)


def test_json_of_a_run(output: Path) -> None:
    """JSON has what the card has, of the rules that removed something."""
    rows = {row["name"]: row for row in map(json.loads, lines_of("-o", output, "--json"))}
    assert list(rows) == first_words("-o", output)
    run = rows["only_a_date"]["run"]
    assert (run["num_spans"], run["num_documents"], run["num_chars"]) == (1, 1, 14)
    assert run["outlets"] == [
        {"outlet": "Whole", "num_documents": 1, "num_hit_documents": 1, "hit_ratio": 1.0}
    ]
    (example,) = run["examples"]
    assert (example["text"], example["line"]) == ("Oct 17, 2024", 3)
    assert example["target"] == f"in/feed.jsonl#3:{example['begin']}-{example['end']}"
    assert show("-o", output, "--json").stdout.isascii()


def test_broken_runs(output: Path, tmp_path: Path) -> None:
    """Tables that are missing, broken, of two runs or of half a run are refused."""
    first = pq.read_table(output / "documents.parquet").slice(0, 1)
    cases = {
        "two": ("documents", lambda _: first, "are not of one run"),
        "column": ("ledger", lambda t: t.drop_columns(["rule"]), "has no column 'rule'"),
        "outlet": ("documents", lambda t: t.drop_columns(["outlet"]), "cannot be read"),
    }
    for name, (table, change, message) in cases.items():
        folder = rewrite(output, tmp_path / name, table, change)
        result = show("-o", folder)
        assert (result.exit_code, result.stdout) == (2, "")
        assert message in result.stderr and str(folder) in result.stderr
        assert result.stderr.endswith("; run `clean` again\n")
    folder = tmp_path / "two"
    (folder / "ledger.parquet").write_bytes(b"PAR1 and no more")
    assert "cannot be read" in show("-o", folder).stderr
    (folder / "documents.parquet").unlink()
    assert "there is no run in" in show("-o", folder).stderr
    folder = rewrite(output, tmp_path / "half", "ledger", lambda t: t)
    assert show("-o", folder).exit_code == 0
    (folder / "manifest.json").write_text('{"complete": false}')
    assert show("-o", folder).stderr == (
        f"Error: the run in {folder} was broken off; run `clean` again\n"
    )


def test_readme_example(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card in the README is what the command prints for the sample corpus."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"^\$ clean rules (.+)\n((?:.*\n)*?)```", readme, re.M)
    assert block is not None
    monkeypatch.chdir(sample)
    assert lines_of(*shlex.split(block[1])) == block[2].splitlines()


def test_help() -> None:
    """The command explains itself with examples."""
    result = show("--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "  clean rules only_a_date --output cleaned\n" in result.stdout
