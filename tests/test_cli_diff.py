"""`clean diff`: what differs between two runs is found, told, and put down to its cause."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from cleaner.api import clean_corpus
from cleaner.cli import main
from cleaner.config import Config

FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
COUNCIL = "The council voted on Monday to keep the old bridge open to buses for another winter."
MARKET = (
    "In Port Ellory the market opened early because of the storm, and most stalls were sold out.\n"
    "\nA museum of lighthouse lamps has moved into the former school on the hill until the spring."
)
EVIL = "Evil \x1b[2J [bold]:smile: \u202e"
MARK = "en.advertisement.marks_advertisement"
RECORDS = [
    {"id": "1", "outlet": "Courier", "date": "2024-10-01", "title": "Ferry",
     "text": f"Advertisement\n\n{FERRY}\n\nMany had waited on the quay since the early morning."},
    {"id": "2", "outlet": EVIL, "date": "2024-10-02", "title": EVIL,
     "text": f"Advertisement\n\n{EVIL} {COUNCIL}\n\n{EVIL}\n\n{FERRY}"},
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where all runs of this file lie."""
    return tmp_path_factory.mktemp("diff")


@pytest.fixture(scope="module")
def make_run(root: Path) -> Callable[..., Path]:
    """Return what cleans the articles, some of them changed; the folder is always called `in`."""

    def make(
        name: str,
        files: dict[str, str | None] | None = None,
        records: list[dict[str, Any]] | None = None,
        **config: Any,
    ) -> Path:
        articles = root / name / "in"
        (articles / "gazette").mkdir(parents=True)
        lines = "".join(
            json.dumps(record | {"language": "en"}) + "\n" for record in records or RECORDS
        )
        written = {"feed.jsonl": lines, "gazette/market.txt": MARKET} | (files or {})
        for file, text in written.items():
            if text is not None:
                (articles / file).write_text(text, encoding="utf-8")
        sections = {"output": {"quality": False}} | config
        output = root / name / "out"
        clean_corpus([articles], output, config=Config().replace(**sections), workers=1)
        return output

    return make


@pytest.fixture(scope="module")
def base(make_run: Callable[..., Path]) -> Path:
    """Clean the articles as they are."""
    return make_run("base")


@pytest.fixture(scope="module")
def disabled(make_run: Callable[..., Path]) -> Path:
    """Clean them without a rule."""
    return make_run("disabled", boilerplate={"disabled_rules": ["en.advertisement"]})


@pytest.fixture(scope="module")
def changed(make_run: Callable[..., Path]) -> Path:
    """Clean other articles: one file changed, one came, and a title is another one."""
    records = [RECORDS[0] | {"title": "Boats"}, RECORDS[1]]
    files = {
        "gazette/market.txt": MARKET.replace("storm", "rain"),
        "gazette/new.txt": COUNCIL[::-1],
    }
    return make_run("changed", files, records)


def diff(*arguments: object) -> Result:
    """Run the command as if on a terminal: click would strip some sequences for a pipe."""
    return CliRunner().invoke(main, ["diff", *map(str, arguments)], color=True)


def summary(*arguments: object, status: int = 1) -> str:
    """Return what the command prints, without a trace on a bad end."""
    result = diff(*arguments)
    assert (result.exit_code, result.stderr) == (status, "")
    return result.stdout


def listed(*arguments: object, status: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of `--json`, by what they are about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in summary(*arguments, "--json", status=status).splitlines():
        row = json.loads(line)
        found.setdefault(row.pop("what"), []).append(row)
    return found


def copy(run: Path, to: Path, **manifest: Any) -> Path:
    """Copy a run; some entries of its manifest are other ones, or gone if they are None."""
    shutil.copytree(run, to)
    path = to / "manifest.json"
    found = json.loads(path.read_text()) | manifest
    path.write_text(json.dumps({key: value for key, value in found.items() if value is not None}))
    return to


def cut(run: Path, to: Path, name: str) -> Path:
    """Copy a run and leave out the second half of a file of it."""
    file = copy(run, to) / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return to


# The same outcome.


def test_same_articles_have_the_same_outcome(make_run: Callable[..., Path], base: Path) -> None:
    """Another run over the same articles is no difference, and neither is anything in it."""
    again = make_run("again")
    printed = summary(base, again, status=0)
    assert "  the same in both\n" in printed
    assert printed.endswith("The outcome is the same.\n")
    assert [*listed(base, again, status=0)] == ["runs"]
    assert diff(base, again, "--quiet").output == ""


def test_other_versions_alone_are_no_other_outcome(base: Path, tmp_path: Path) -> None:
    """What the manifests say of versions is printed; the status is that of the outcome."""
    manifest = json.loads((base / "manifest.json").read_text())
    libraries = manifest["libraries"] | {"lxml": "1.0"}
    other = copy(base, tmp_path / "run", version="99.0", python="2.7.1", libraries=libraries)
    printed = summary(base, other, status=0)
    assert f"version         cleaner {manifest['version']} -> 99.0\n" in printed
    assert f"version         python {manifest['python']} -> 2.7.1\n" in printed
    assert f"version         lxml {manifest['libraries']['lxml']} -> 1.0\n" in printed
    assert printed.endswith("The outcome is the same.\n")


# Configuration.


def test_disabled_rule(base: Path, disabled: Path) -> None:
    """A rule that one run was made without is the certain cause of what only the other removes."""
    found = listed(base, disabled)
    (runs,) = found["runs"]
    assert runs["differences"]["configuration"] == [
        {"name": "boilerplate.disabled_rules", "a": [], "b": ["en.advertisement"]}
    ]
    fates = {}
    for document in found["document"]:
        assert document["changes"] == ["passages"]
        (passage,) = [p for p in document["passages"] if p["text"].strip()]
        assert passage["text"].strip() == "Advertisement"
        assert (passage["before"]["is_kept"], passage["before"]["rule"]) == (False, MARK)
        fates[document["source"]] = (passage["change"], passage["after"]["rule"])
        cause = {"cause": "configuration", "name": "boilerplate.disabled_rules", "detail": MARK,
                 "is_certain": True}  # fmt: skip
        assert (passage["causes"], document["causes"]) == ([cause], [cause])
    assert fates == {
        "in/feed.jsonl#1": ("now_kept", "no_rule_hit"),
        "in/feed.jsonl#2": ("removed_otherwise", "short_line_before_headline"),
    }
    (rule,) = [rule for rule in found["rule"] if rule["rule"] == MARK]
    assert (rule["num_documents_a"], rule["num_documents_b"], rule["num_chars_b"]) == (2, 0, 0)
    assert rule["num_chars_a"] == 2 * len("Advertisement\n\n")
    printed = summary(base, disabled)
    assert 'configuration   boilerplate.disabled_rules: [] -> ["en.advertisement"]' in printed
    assert "caused by       boilerplate.disabled_rules: 2 documents" in printed
    assert f"caused by boilerplate.disabled_rules ({MARK})" in printed
    assert f"A advertisement: marks_advertisement (rule {MARK})" in printed
    assert "B main: no_rule_hit (rule no_rule_hit)" in printed
    assert "                    | Advertisement\n" in printed


def test_directions_are_opposite(base: Path, disabled: Path) -> None:
    """What is now kept one way round is now removed the other way round, at the same places."""
    forth, back = (
        {
            (document["source"], p["begin_a"], p["end_a"], p["text"], p["change"])
            for document in listed(*runs)["document"]
            for p in document["passages"]
        }
        for runs in ((base, disabled), (disabled, base))
    )
    turned = {"now_kept": "now_removed", "removed_otherwise": "removed_otherwise"}
    assert {(*place, turned[change]) for *place, change in forth} == back


def test_policy(make_run: Callable[..., Path], base: Path) -> None:
    """A passage that stays by another policy names the key of the policy, and its partner."""
    kept = make_run("kept", resolve={"passages": "keep", "quotes": "cut"})
    (document,) = listed(base, kept)["document"]
    (passage,) = document["passages"]
    assert passage["text"].strip() == FERRY
    assert passage["before"]["partner"] == "in/feed.jsonl#1"
    assert [cause["name"] for cause in passage["causes"]] == ["resolve.passages"]
    assert passage["causes"][0]["is_certain"]


def test_views(make_run: Callable[..., Path], base: Path) -> None:
    """Two views are a difference of configuration, and compared all the same."""
    full = make_run("full", output={"quality": False, "view": "full"})
    found = listed(base, full)
    (document,) = found["document"]
    assert [passage["text"].strip() for passage in document["passages"]] == [FERRY]
    assert [cause["name"] for cause in document["causes"]] == ["output.view"]
    assert document["causes"][0]["is_certain"]


def test_only_the_corpus_file_differs(make_run: Callable[..., Path], base: Path) -> None:
    """Stubs are in no table, but the corpus has other bytes; another format has another name."""
    stubs = make_run("stubs", output={"quality": False, "stubs": True})
    printed = summary(base, stubs)
    assert "corpus          the file has other bytes, though the tables say the same" in printed
    assert "WARNING" not in printed
    text = make_run("text", output={"quality": False, "format": "txt"})
    assert '"jsonl" -> "txt"' in summary(base, text, status=0)


# Inputs.


def test_inputs(base: Path, changed: Path) -> None:
    """Documents that came, went or changed are put down to their own inputs."""
    found = listed(base, changed)
    (runs,) = found["runs"]
    assert {row["label"]: row["change"] for row in runs["differences"]["inputs"]} == {
        "in/feed.jsonl": "changed",
        "in/gazette/market.txt": "changed",
        "in/gazette/new.txt": "added",
    }
    documents = {document["source"]: document for document in found["document"]}
    assert {name: document["changes"] for name, document in documents.items()} == {
        "in/feed.jsonl#1": ["metadata"],
        "in/gazette/market.txt": ["text"],
        "in/gazette/new.txt": ["added"],
    }
    assert documents["in/feed.jsonl#1"]["metadata"] == {"title": ["Ferry", "Boats"]}
    (text,) = documents["in/gazette/market.txt"]["text"]
    assert (text["text_a"], text["text_b"]) == ("storm,", "rain,")
    assert MARKET[text["begin_a"] : text["end_a"]] == "storm,"
    for name, document in documents.items():
        assert document["causes"] == [
            {"cause": "input", "name": name.partition("#")[0], "detail": "", "is_certain": True}
        ]
    assert documents["in/gazette/new.txt"]["document_a"] is None
    printed = summary(base, changed)
    assert "input added     in/gazette/new.txt" in printed
    assert 'title: "Ferry" -> "Boats"' in printed
    assert re.search(r"A \| storm,\n.*B \| rain,\n", printed)


def test_removed_input_concerns_others(make_run: Callable[..., Path], base: Path) -> None:
    """A copy that is the only one left is kept, because of other inputs; its cluster is gone."""
    alone = make_run("alone", records=[RECORDS[1]])
    found = listed(base, alone)
    documents = {document["document_b"]: document for document in found["document"]}
    assert documents[None]["changes"] == ["removed"]
    (other,) = [document for name, document in documents.items() if name]
    assert (other["source_a"], other["source_b"]) == ("in/feed.jsonl#2", "in/feed.jsonl#1")
    assert other["changes"] == ["moved", "passages"]
    (passage,) = other["passages"]
    assert (passage["text"].strip(), passage["change"]) == (FERRY, "now_kept")
    assert {cause["cause"] for cause in passage["causes"]} == {"input", "other_inputs"}
    (cluster,) = found["cluster"]
    assert (cluster["changes"], cluster["cluster_b"]) == (["removed"], None)
    assert cluster["members_removed"] == ["in/feed.jsonl#1", "in/feed.jsonl#2"]


def test_records_that_moved(make_run: Callable[..., Path]) -> None:
    """Records without identifiers are found again behind a new one, and so are their partners."""
    records = [{key: value for key, value in record.items() if key != "id"} for record in RECORDS]
    new = {"outlet": "Post", "date": "2024-09-09", "text": COUNCIL[::-1], "title": "New"}
    found = listed(
        make_run("unnumbered", records=records), make_run("inserted", records=[new, *records])
    )
    documents = {document["source"]: document for document in found["document"]}
    assert {name: document["changes"] for name, document in documents.items()} == {
        "in/feed.jsonl#1": ["added"],
        "in/feed.jsonl#2": ["moved"],
        "in/feed.jsonl#3": ["moved"],
    }
    assert documents["in/feed.jsonl#2"]["source_a"] == "in/feed.jsonl#1"


def test_set_aside(make_run: Callable[..., Path], base: Path) -> None:
    """An input that only one run set aside is listed, and named where its document went."""
    broken = make_run("broken", files={"gazette/market.txt": "\x00\x01\x02" * 50})
    found = listed(base, broken)
    (row,) = found["rejection"]
    assert (row["change"], row["source"]) == ("added", "in/gazette/market.txt")
    (document,) = [d for d in found["document"] if d["source"] == row["source"]]
    assert (document["changes"], document["set_aside"]) == (["removed"], row["reason"])
    assert f"in/gazette/market.txt  removed (set aside: {row['reason']})" in summary(base, broken)


def test_renamed_folder(root: Path, base: Path) -> None:
    """The same files under another name are the same documents, and nothing of them changed."""
    shutil.copytree(root / "base" / "in", root / "renamed" / "articles")
    output = root / "renamed" / "out"
    config = Config().replace(output={"quality": False})
    clean_corpus([root / "renamed" / "articles"], output, config=config, workers=1)
    found = listed(base, output)
    assert [document["changes"] for document in found["document"]] == [["moved"]] * 3
    assert {row["change"] for row in found["runs"][0]["differences"]["inputs"]} == {"renamed"}
    assert "cluster" not in found and "rule" not in found


# What is not explained, and what cannot be compared.


def test_broken_promise_is_told(base: Path, disabled: Path, tmp_path: Path) -> None:
    """An outcome that differs without any reason is not passed over."""
    manifest = json.loads((base / "manifest.json").read_text())
    other = copy(disabled, tmp_path / "run", configuration=manifest["configuration"])
    printed = summary(base, other)
    assert (
        "WARNING: 2 documents differ, and nothing that the manifests record can be why." in printed
    )
    assert "cause not known" in printed
    found = listed(base, other)
    assert found["runs"][0]["is_unexplained"]
    assert [document["causes"] for document in found["document"]] == [[], []]
    unused = manifest["configuration"] | {"output": {"view": "unique", "max_report_clusters": 3}}
    other = copy(disabled, tmp_path / "other", configuration=unused)
    assert "WARNING" in summary(base, other)  # What concerns the report explains nothing.
    configuration = json.loads((base / "manifest.json").read_text())["configuration"]
    configuration["resolve"]["copies"] = "keep"
    other = copy(disabled, tmp_path / "resolved", configuration=configuration)
    assert "WARNING" in summary(base, other)  # Neither does how copies are resolved, here.


def test_candidates_are_all_named(base: Path, disabled: Path, tmp_path: Path) -> None:
    """Where nothing is certain, each difference that could have had the consequence is named."""
    configuration = json.loads((base / "manifest.json").read_text())["configuration"]
    configuration["boilerplate"]["min_outlet_documents"] = 9
    configuration["resolve"]["copies"] = "keep"
    other = copy(disabled, tmp_path / "run", configuration=configuration, version="99.0")
    for document in listed(base, other)["document"]:
        assert {(cause["cause"], cause["name"]) for cause in document["causes"]} == {
            ("configuration", "boilerplate.min_outlet_documents"),
            ("version", "cleaner"),
        }
        assert not any(cause["is_certain"] for cause in document["causes"])
    printed = summary(base, other)
    assert "perhaps by boilerplate.min_outlet_documents, version of cleaner" in printed


def test_cue_files_are_known_by_what_they_hold(base: Path, disabled: Path, tmp_path: Path) -> None:
    """A cue file of the same name is a cause if it held something else, and none if it did not."""
    configuration = json.loads((base / "manifest.json").read_text())["configuration"]
    configuration["boilerplate"]["cue_files"] = ["my.toml"]
    runs = [
        copy(
            run,
            tmp_path / name,
            configuration=configuration,
            cue_files={"my.toml": {"sha256": digest}},
        )
        for name, run, digest in (("a", base, "1"), ("b", disabled, "2"), ("c", disabled, "1"))
    ]
    printed = summary(*runs[:2])
    assert "file            boilerplate.cue_files: what it held, by checksum" in printed
    assert "perhaps by boilerplate.cue_files" in printed
    assert "boilerplate.cue_files" not in summary(runs[0], runs[2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda run, to: to, "there is no run in "),
        (lambda run, to: copy(run, to, complete=False), "the run in .* was broken off"),
        (lambda run, to: copy(run, to, tool="other"), "is not the manifest of a run"),
        (lambda run, to: copy(run, to, schema_version=0), "are of schema version 0, and this"),
        (lambda run, to: copy(run, to, schema_version=None), "are of schema version None"),
        (lambda run, to: copy(run, to, inputs=[{}]), "the manifest in .* cannot be read"),
        (lambda run, to: cut(run, to, "manifest.json"), "is not the manifest of a run"),
        (lambda run, to: cut(run, to, "ledger.parquet"), "the files in .* cannot be read"),
        (lambda run, to: cut(run, to, "documents.parquet"), "the files in .* cannot be read"),
        (lambda run, to: cut(run, to, "clusters.jsonl"), "clusters.jsonl in .* cannot be read"),
    ],
)
def test_no_run_to_compare(
    base: Path, tmp_path: Path, make: Callable[[Path, Path], Path], message: str
) -> None:
    """A folder without a whole run of this kind is trouble, on either side: status 2."""
    broken = make(base, tmp_path / "run")
    for runs in ((base, broken), (broken, base)):
        result = diff(*runs)
        assert (result.exit_code, result.stdout) == (2, "")
        assert re.match(rf"Error: .*{message}", result.stderr)
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("column", ["document_id", "end", "kept"])
def test_tables_of_several_runs(base: Path, tmp_path: Path, column: str) -> None:
    """Tables that do not belong together are refused: other documents, other texts, no column."""
    broken = copy(base, tmp_path / "run")
    table = pq.read_table(broken / "ledger.parquet")
    if column == "document_id":
        table = table.slice(1)
    elif column == "end":
        table = table.slice(0, table.num_rows - 1)
    else:
        table = table.drop_columns([column])
    pq.write_table(table, broken / "ledger.parquet")
    result = diff(base, broken)
    assert result.exit_code == 2
    assert "are not of one run" in result.stderr or "no column 'kept'" in result.stderr


# What is printed.


def test_hostile_text_is_shown(make_run: Callable[..., Path], base: Path) -> None:
    """Nothing that a document or an input says is obeyed by a terminal, or taken for markup."""
    text = RECORDS[1]["text"].replace("council", "parish")
    other = make_run("hostile", {"gazette/\x1b[31mred.txt": COUNCIL[::-1]}, [
        RECORDS[0], RECORDS[1] | {"text": f"{text}\n\n{EVIL}", "outlet": "Other \u202e"},
    ])  # fmt: skip
    printed = summary(base, other)
    assert "\x1b" not in printed and "\u202e" not in printed
    assert "[bold]:smile:" in printed and "�[31mred.txt" in printed
    assert all(
        line.isascii() and line.isprintable()
        for line in diff(base, other, "--json").stdout.splitlines()
    )


def test_limit(base: Path, changed: Path) -> None:
    """The summary shows so many of each, the largest first, and says how many it leaves out."""
    printed = summary(base, changed, "--limit", "1")
    assert "  ... and 2 more documents; see --limit.\n" in printed
    assert "  ... and 2 more inputs; see --limit.\n" in printed
    documents = printed.partition("Documents, the largest change first\n")[2]
    assert documents.startswith("  in/gazette/new.txt  added\n")
    assert "more" not in summary(base, changed, "--limit", "0")
