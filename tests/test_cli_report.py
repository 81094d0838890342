"""`clean report`: that it says what the page says, which clusters it shows, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner.api import clean_corpus
from cleaner.cli import main
from cleaner.cli.difference import mark_changes, name_changes
from cleaner.report.largest import find_first, read_cluster, read_largest
from cleaner.report.overview import describe_overview
from cleaner.results import read_result

FERRY = (
    "The ferry reached the harbour at noon on Tuesday, two hours late, after a night in which the "
    "crew had to repair a pump."
)
BRIDGE = (
    "The council voted to keep the old wooden bridge open to buses for another winter, against the "
    "advice of its own engineers."
)
OWN = (
    "In Port Ellory the market opened early because of the storm, and most of the stalls sold out.",
    "A museum of lighthouse lamps has moved into the former school on the hill until the spring.",
    "Farmers along the coast road lost a third of their apples, said the union of the county.",
    "The orchestra plays in the swimming bath while its hall is mended, and sold every ticket.",
    "A retired pilot has drawn every buoy of the sound from memory, and the library shows them.",
    "Two herons nest on the crane of the closed shipyard, which may not be moved before August.",
    "Bakers in the lower town sell their bread by weight again, as a court told them to do.",
    "The last sailmaker of the island teaches his craft to prisoners, who mend awnings for cafés.",
    "At the school for pilots a simulator of the reef was unveiled, paid for by three insurers.",
    "For the first time since the war the lamp on the northern mole burned through the summer.",
)
LONG = " ".join((BRIDGE, *OWN[3:]))
EVIL = "Evil \x1b[2J [bold red]:smile: \u202e"
COLOURS = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "80"}
PLAIN = {"FORCE_COLOR": None, "NO_COLOR": None, "COLUMNS": "80"}
SGR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean articles that share passages; two are copies of each other, one is hostile."""
    root = tmp_path_factory.mktemp("report")
    records = [
        {"outlet": "Courier", "date": "2024-10-12", "text": f"{OWN[0]}\n\n{FERRY}"},
        {"outlet": "Ledger", "date": "2024-10-11",
         "text": f"{OWN[1]}\n\n{FERRY.replace('noon', 'midday')}"},
        {"outlet": EVIL, "title": EVIL, "date": "2024-10-13",
         "text": f"{OWN[2]}\n\n{FERRY} {EVIL}"},
        {"outlet": "Standard", "title": "The bridge", "text": LONG},
        {"outlet": "Herald", "title": "The bridge", "text": LONG},
    ]  # fmt: skip
    lines = [json.dumps({"language": "en"} | record) for record in records]
    (root / "feed.jsonl").write_text("\n".join([*lines, "{broken"]) + "\n")
    clean_corpus([root / "feed.jsonl"], root / "out", workers=1)
    return root / "out"


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """Copy the run, to be damaged."""
    return Path(shutil.copytree(run, tmp_path / "copy"))


def report(*arguments: object, env: dict[str, str | None] | None = None) -> Result:
    """Run the command; nothing is stripped that a terminal would be sent."""
    words = ["report", *map(str, arguments)]
    return CliRunner(env=env or PLAIN).invoke(main, words, color=True)


def shown(*arguments: object, env: dict[str, str | None] | None = None) -> str:
    """Return what the command shows on stdout."""
    result = report(*arguments, env=env)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def as_json(*arguments: object) -> dict[str, Any]:
    """Return what the command gives to programs."""
    found: dict[str, Any] = json.loads(shown(*arguments, "--json", env=COLOURS))
    return found


def lines_of(run: Path) -> dict[str, dict[str, Any]]:
    """Return the lines of clusters.jsonl by id."""
    text = (run / "clusters.jsonl").read_text(encoding="utf-8")
    return {row["cluster_id"]: row for row in map(json.loads, text.splitlines())}


def repeat_clusters(run: Path, sizes: Sequence[tuple[str, int]]) -> None:
    """Write clusters of the run's members anew, under other ids and with other sizes."""
    row = next(iter(lines_of(run).values()))
    rows = [row | {"cluster_id": name, "num_members": size} for name, size in sizes]
    (run / "clusters.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def squeeze(text: str) -> str:
    """Return a text without the line breaks of a narrow terminal."""
    return " ".join(text.split())


# The facts of the run.


def test_json_is_what_the_page_says(run: Path) -> None:
    """The facts are those of `describe_overview`, and the clusters those of clusters.jsonl."""
    found = as_json(run)
    assert found["overview"] == json.loads(json.dumps(describe_overview(read_result(run))))
    lines = lines_of(run)
    assert {cluster["cluster_id"] for cluster in found["clusters"]} == {*lines}
    for cluster in found["clusters"]:
        line = lines[cluster["cluster_id"]]
        assert {*cluster} - {"first"} == {*line}
        for name in {*line} - {"members"}:
            assert cluster[name] == line[name]
        key = "document_id"
        members = [
            {name: value for name, value in member.items() if name != "text"}
            for member in cluster["members"]
        ]
        assert sorted(members, key=lambda m: m[key]) == sorted(
            line["members"], key=lambda m: m[key]
        )


def test_json_is_ascii(run: Path) -> None:
    """Whatever the articles hold and the terminal can, JSON is never coloured."""
    text = shown(run, "--json", env=COLOURS)
    assert text.isascii() and "\x1b" not in text
    assert "\\u202e" in text


def test_facts_are_shown(run: Path) -> None:
    """Statement, steps, kinds, outlets, quality, inputs set aside and relations are all there."""
    overview = describe_overview(read_result(run))
    text = shown(run)
    for sentence in overview["statement"]:
        assert sentence in squeeze(text)
    for step in (*overview["documentSteps"], *overview["wordSteps"]):
        assert re.search(rf"^{step['label']} +{step['count']:,}\b", text, re.MULTILINE)
    for kind in overview["kinds"]:
        row = rf"^{kind['kind']} +{kind['words']:,} +[\d.]+% +{kind['documents']:,}$"
        assert re.search(row, text, re.MULTILINE)
    for outlet in overview["outlets"]:
        name = "Evil" if "Evil" in outlet["outlet"] else outlet["outlet"]
        assert re.search(
            rf"^{name}.* {outlet['documents']} +{outlet['keptDocuments']} +{outlet['words']} "
            rf"+{outlet['keptWords']} +[\d.]+%$",
            text,
            re.MULTILINE,
        ), text
    for row in overview["clusters"]:
        assert re.search(rf"^{row['relation']} +{row['count']} ", text, re.MULTILINE)
    assert re.search(r"^broken json +1$", text, re.MULTILINE)
    assert "Planted copies: too few documents to tell." in text
    assert "Precision: not judged; `clean judge`." in text


def test_alarms_and_quality_are_shown(copy: Path) -> None:
    """Alarms name their outlet, planted copies and precision their interval."""
    manifest = json.loads((copy / "manifest.json").read_text())
    about = {"kind": "x", "rule": None, "observed": 0.5, "expected": 0.1}
    manifest["alarms"] = [
        about | {"outlet": "Courier", "sentence": "It lost half."},
        about | {"outlet": None, "sentence": f"{EVIL} too."},
    ]
    manifest["quality"] = {
        "precision": {"judged": 40, "same": 38, "value": 0.95, "low": 0.83, "high": 0.99},
        "recall": {"words_8": {"planted": 9, "found": 7, "low": 0.45, "high": 0.94}},
    }
    (copy / "manifest.json").write_text(json.dumps(manifest))
    text = squeeze(shown(copy))
    assert "Alarm Courier: It lost half." in text
    assert "Alarm all outlets: Evil �[2J [bold red]:smile: � too." in text
    assert "words 8 7 9 45% to 94%" in text
    assert "Precision: 0.95 (0.83 to 0.99, 95 %): 38 of 40 sampled pairs are the same." in text
    del manifest["quality"]["recall"]["words_8"]
    manifest["quality"]["recall"] = "not measured; set output.quality = true"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert "Planted copies: not measured; set output.quality = true." in shown(copy)


def test_many_outlets_are_cut_and_counted(copy: Path) -> None:
    """Only the largest outlets are listed; the others are counted, and JSON has them."""
    manifest = json.loads((copy / "manifest.json").read_text())
    (first, *_) = manifest["outlets"]
    manifest["outlets"] = [
        first | {"outlet": f"outlet {at}", "num_words": 1000 - at} for at in range(25)
    ]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    text = shown(copy)
    assert re.findall(r"^outlet (\d+)", text, re.MULTILINE) == [str(at) for at in range(20)]
    assert "... and 5 more outlets; see `clean report --json`." in text
    assert len(as_json(copy)["overview"]["outlets"]) == 25


def test_run_that_removed_nothing(tmp_path: Path) -> None:
    """Where there is nothing to list there are no empty tables, and no error."""
    (tmp_path / "a.txt").write_text(FERRY)
    clean_corpus([tmp_path / "a.txt"], tmp_path / "out", workers=1)
    text = shown(tmp_path / "out")
    assert "The run read 1 document with text from 1 outlet" in text
    heads = r"^(Removed|Set aside|Clusters|All clusters|The largest|Alarm)"
    assert not re.search(heads, text, re.MULTILINE)
    assert as_json(tmp_path / "out")["clusters"] == []


# Clusters.


def test_members_come_in_order_of_time(run: Path) -> None:
    """The earliest comes first; who was first is said, and why the copy that stays was chosen."""
    (cluster,) = (c for c in as_json(run)["clusters"] if c["num_members"] == 3)
    assert [member["published"] for member in cluster["members"]] == [
        "2024-10-11", "2024-10-12", "2024-10-13"
    ]  # fmt: skip
    assert cluster["first"] == [cluster["members"][0]["document_id"]]
    assert [member["text"] for member in cluster["members"]] == [
        FERRY.replace("noon", "midday"), FERRY, FERRY
    ]  # fmt: skip
    text = shown(run)
    section = text[text.index(cluster["cluster_id"]) :]
    assert "Who was first: Ledger, 2024-10-11" in section
    places = [section.index(f"\n  {name}") for name in ("Ledger  ", "Courier  ", "Evil")]
    assert places == sorted(places)
    assert "The copy that stays: It bears the earliest date." in section
    assert "no member has a date" in text  # The two copies.


def test_differences_are_marked(run: Path) -> None:
    """Words of one side only stand in signs where there are no colours, and in colour if so."""
    (name,) = (c["cluster_id"] for c in as_json(run)["clusters"] if c["num_members"] == 3)
    plain = squeeze(shown(run, "--cluster", name))
    assert "reached the harbour at [-midday-] {+noon+} on Tuesday" in plain
    assert name_changes(has_colours=False).plain in plain
    coloured = shown(run, "--cluster", name, env=COLOURS)
    assert re.search(r"\x1b\[9;31mmidday\x1b\[0m \x1b\[32mnoon\x1b\[0m", coloured)
    assert "[-" not in coloured and "{+" not in coloured


def test_without_colour_there_are_signs(run: Path) -> None:
    """A terminal whose user wants no colours gets the signs."""
    text = shown(run, env=COLOURS | {"NO_COLOR": "1"})
    assert "[-midday-]" in text


def test_same_words_are_not_repeated(run: Path) -> None:
    """Of a member that differs in nothing, that is all that is said."""
    (name,) = (c["cluster_id"] for c in as_json(run)["clusters"] if c["level"] == "document")
    text = shown(run, "--cluster", name)
    assert "the same, word for word" in text
    assert squeeze(text).count(BRIDGE) == 1
    assert "The bridge" in text


def test_changes_are_limited_and_counted() -> None:
    """What is left out of a difference is counted; equal words are no difference."""
    same = " ".join(str(number) for number in range(100))
    marked = mark_changes(f"old {same} end", f"new {same} end", has_colours=False)
    assert marked is not None
    assert marked.plain == (
        "[-old-] {+new+} 0 1 2 3 4 5 6 7 [… 85 equal words …] 93 94 95 96 97 98 99 end"
    )
    assert mark_changes(f"{same}\n", same) is None
    marked = mark_changes("a b", "a c d e f", max_chars=6)
    assert marked is not None and marked.plain == "a b c … [… 5 more characters]"
    long = "word " * 2001
    marked = mark_changes(long, f"{long}more")
    assert marked is not None and marked.plain.endswith("[… 1 and 2 more words, not compared]")


def test_largest_come_first(copy: Path) -> None:
    """Of one level, clusters are ordered by members, then by characters, then by id."""
    repeat_clusters(copy, [("b", 2), ("a", 2), ("d", 40), ("c", 7)])
    names = [found.cluster["cluster_id"] for found in read_largest(copy, 9, 9)]
    assert names == ["d", "c", "a", "b"]
    assert [c["cluster_id"] for c in as_json(copy, "--clusters", 2)["clusters"]] == ["d", "c"]
    rows = [*lines_of(copy).values()]
    rows[0]["members"][0]["end"] += 1
    (copy / "clusters.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    names = [found.cluster["cluster_id"] for found in read_largest(copy, 9, 9)]
    assert names == ["d", "c", "b", "a"]


def test_limits(run: Path) -> None:
    """`--clusters` and `--members` cut both forms; what is left out is counted."""
    assert as_json(run, "--clusters", 0)["clusters"] == []
    text = shown(run, "--clusters", 0)
    assert "Who was first" not in text and "One cluster whole" not in text
    copies, cluster = as_json(run, "--clusters", 2, "--members", 2)["clusters"]
    assert (copies["level"], copies["num_members"]) == ("document", 2)
    assert (cluster["num_members"], len(cluster["members"])) == (3, 2)
    assert "The largest 1 of 2 clusters" in shown(run, "--clusters", 1)
    text = shown(run, "--clusters", 2, "--members", 2)
    assert "... and 1 more member, later or undated" in text
    assert f"clean report {run} --cluster {copies['cluster_id']}" in squeeze(text)
    assert "All clusters, the largest first" in shown(run, "--clusters", 2)


def test_copy_that_stays_is_always_shown(copy: Path) -> None:
    """However few members are shown, the one that the others are compared with is among them."""
    (name,) = (c["cluster_id"] for c in as_json(copy)["clusters"] if c["num_members"] == 3)
    row = lines_of(copy)[name]
    for member in row["members"]:
        member["is_representative"] = member["published"] == "2024-10-13"
    (copy / "clusters.jsonl").write_text(json.dumps(row) + "\n")
    dates = [member["published"] for member in read_cluster(copy, name, 2).members]
    assert dates == ["2024-10-11", "2024-10-13"]
    dates = [member["published"] for member in read_cluster(copy, name, 1).members]
    assert dates == ["2024-10-13"]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([], []),
        ([None, None], []),
        (["2024-10-12", None, "2024-10-11"], ["2024-10-11"]),
        (["2024-10-12T08:00:00Z", "2024-10-12"], ["2024-10-12T08:00:00Z", "2024-10-12"]),
        (["2024-10-12T09:20:00Z", "2024-10-12T08:00:00Z"], ["2024-10-12T08:00:00Z"]),
        (
            ["2024-10-12T08:10:00Z", "2024-10-12T08:00:00Z"],
            ["2024-10-12T08:00:00Z", "2024-10-12T08:10:00Z"],
        ),
        (["2024-10-12", "2024-10-11T23:59:00Z"], ["2024-10-11T23:59:00Z"]),
    ],
)
def test_who_was_first(dates: list[str | None], expected: list[str]) -> None:
    """Nobody is called the first of whom the dates do not say so."""
    members = [
        {"published": date, "outlet": f"o{at}", "document_id": f"{at}", "begin": 0,
         "is_representative": False}
        for at, date in enumerate(dates)
    ]  # fmt: skip
    assert [member["published"] for member in find_first(members)] == expected


def test_one_cluster_is_found_by_the_beginning_of_its_id(copy: Path) -> None:
    """An id, or as much of it as tells it from others, names a cluster; a whole one comes first."""
    repeat_clusters(copy, [("abc1", 2), ("abc2", 2), ("abc", 2), ("xyz", 2)])
    assert [c["cluster_id"] for c in as_json(copy, "--cluster", "x")["clusters"]] == ["xyz"]
    assert read_cluster(copy, "abc").cluster["cluster_id"] == "abc"
    text = shown(copy, "--cluster", "abc2")
    assert text.startswith("abc2  ") and "The run read" not in text
    result = report(copy, "--cluster", "ab")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == ("Error: 'ab' could be 3 clusters: abc1, abc2, abc; give more of it\n")
    result = report(copy, "--cluster", "no\x1b[2J")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: no cluster has the id 'no")
    assert "\x1b" not in result.stderr


def test_one_cluster_is_shown_whole(run: Path) -> None:
    """Long texts are cut in the list, saying so, and not where one cluster is asked for."""
    (found,) = (c for c in as_json(run)["clusters"] if c["level"] == "document")
    text = squeeze(shown(run))
    assert BRIDGE in text and OWN[-1] not in text
    assert f"[… {len(LONG) - 600} more characters]" in text
    text = squeeze(shown(run, "--cluster", found["cluster_id"]))
    assert LONG in text and "more characters]" not in text


# What it shows, and what it refuses.


@pytest.mark.parametrize("env", [PLAIN, COLOURS])
@pytest.mark.parametrize("arguments", [[], ["--clusters", "9", "--members", "9"]])
def test_hostile_text_is_shown_not_obeyed(
    run: Path, env: dict[str, str | None], arguments: list[str]
) -> None:
    """Neither markup nor what a terminal obeys gets through, from text, title or outlet."""
    text = shown(run, *arguments, env=env)
    assert "[bold red]:smile:" in text
    bare = SGR.sub("", text)
    assert {char for char in bare if not char.isprintable()} == {"\n"}
    assert (bare != text) == (env is COLOURS)


@pytest.mark.parametrize("env", [PLAIN, COLOURS])
def test_it_fits_80_columns(run: Path, env: dict[str, str | None]) -> None:
    """No line is longer than a narrow terminal, but for a command and a name in one piece."""
    lines = SGR.sub("", shown(run, env=env)).splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert [line for line in lines if line != line.rstrip() and env is PLAIN] == []


def test_page_is_opened(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--open` opens the page, and prints no data."""
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: not opened.append(url))
    result = report(run, "--open")
    assert (result.exit_code, result.stdout) == (0, "")
    assert opened == [(run / "report.html").as_uri()]
    assert result.stderr == f"Opened {run / 'report.html'}\n"


@pytest.mark.parametrize("fails", [False, True])
def test_without_a_browser_it_says_where_the_page_is(
    run: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """No browser is no failure: the file can be opened elsewhere."""

    def give_up(_url: str) -> bool:
        if fails:
            raise webbrowser.Error("no browser")
        return False

    monkeypatch.setattr(webbrowser, "open", give_up)
    result = report(run, "--open")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        f"No browser could be opened here. The page is {run / 'report.html'}\n"
    )


def test_missing_page_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the page there is nothing to open, and nothing is."""
    monkeypatch.setattr(webbrowser, "open", lambda _url: pytest.fail("opened"))
    (copy / "report.html").unlink()
    result = report(copy, "--open")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: there is no report.html in {copy}; run `clean` again\n"


@pytest.mark.parametrize("option", ["--json", "--open", "--clusters=1"])
@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "there is no run in"),
        ("{", "is not the manifest of a run; run `clean` again"),
        ('{"tool": "other", "complete": true}', "is not the manifest of a run"),
        ('{"tool": "cleaner", "complete": false}', "was broken off; run `clean` again"),
        ('{"tool": "cleaner", "complete": true}', "is of another version; run `clean` again"),
    ],
)
def test_folder_without_a_run_is_refused(
    tmp_path: Path, option: str, manifest: str | None, message: str
) -> None:
    """A folder that holds no whole run of this version is refused, with advice."""
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    result = report(tmp_path, option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("clusters.jsonl", None, "cannot be read"),
        ("clusters.jsonl", "{", "cannot be read"),
        ("clusters.jsonl", "\x00\n", "cannot be read"),
        ("clusters.jsonl", '{"cluster_id": "a", "num_members": 0, "members": []}', "cannot be"),
        ("clusters.jsonl", '{"cluster_id": "a"}', "cannot be read"),
        ("documents.parquet", None, "cannot be read"),
        ("documents.parquet", "no table", "cannot be read"),
        ("ledger.parquet", "no table", "cannot be read"),
    ],
)
def test_broken_files_are_refused(copy: Path, name: str, text: str | None, message: str) -> None:
    """Files that are damaged or missing end with status 2 and the way out."""
    if text is None:
        (copy / name).unlink()
    else:
        (copy / name).write_text(text)
    result = report(copy)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr and "run `clean` again" in result.stderr


def test_files_of_two_runs_are_refused(copy: Path) -> None:
    """A cluster with a document that is not in the tables belongs to another run."""
    text = (copy / "clusters.jsonl").read_text()
    (name,) = {member["document_id"] for row in lines_of(copy).values() if row["num_members"] == 3
               for member in row["members"] if member["outlet"] == "Courier"}  # fmt: skip
    (copy / "clusters.jsonl").write_text(text.replace(name, "0" * 20))
    result = report(copy)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: the files in {copy} are not of one run; run `clean` again\n"
