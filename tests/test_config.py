"""The configuration: what it refuses and how it says so, its TOML form, its digest, its options."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cleaner.cli import main
from cleaner.config import FIELD_ROLES, Config, load_config, parse_config, render_config
from cleaner.errors import CleanerError, ConfigError

WORDS = st.text(max_size=20)
SHARES = st.floats(min_value=0.0, max_value=1.0, allow_nan=False)
SECTIONS = {
    "read": st.fixed_dictionaries(
        {
            "fields": st.dictionaries(st.sampled_from(FIELD_ROLES), WORDS),
            "exclude": st.lists(WORDS, max_size=3),
            "encoding": st.none() | WORDS,
        }
    ),
    "boilerplate": st.fixed_dictionaries(
        {"disabled_rules": st.lists(WORDS, max_size=3), "min_outlet_ratio": SHARES}
    ),
    "match": st.fixed_dictionaries(
        {"min_score": SHARES, "seed_sampling": SHARES, "max_bucket": st.integers(2, 10_000)}
    ),
    "output": st.fixed_dictionaries({"view": st.sampled_from(["unique", "full", "originals"])}),
}


def load(folder: Path, text: str) -> Config:
    """Load a configuration file with some text."""
    path = folder / "cleaner.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def refuse(**sections: Any) -> str:
    """Return the message with which values are refused."""
    with pytest.raises(ConfigError) as caught:
        parse_config(sections, where="here")
    return str(caught.value)


@given(st.fixed_dictionaries({}, optional=SECTIONS))
def test_toml_round_trip(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> None:
    """What is written of any configuration is read as the same one."""
    config = parse_config(values, where="test")
    assert load(tmp_path_factory.mktemp("config"), render_config(config)) == config


def test_every_key_is_described() -> None:
    """Each section and each key of the printed configuration stands under a comment."""
    lines = render_config(Config()).splitlines()
    for name in Config.__struct_fields__:
        at = lines.index(f"[{name}]")
        assert lines[at + 1] == f"# {type(getattr(Config(), name)).__doc__}"
        for key in getattr(Config(), name).__struct_fields__:
            found = [n for n, line in enumerate(lines) if line.lstrip("# ").startswith(f"{key} =")]
            assert len(found) == 1, key
            assert lines[found[0] - 1].startswith("# "), key


def test_missing_keys_keep_their_defaults(tmp_path: Path) -> None:
    """A file says only what differs from the defaults."""
    assert load(tmp_path, "") == Config()
    config = load(tmp_path, "[match]\nnum_perm = 64\n")
    assert config.match.num_perm == 64
    assert config.match.max_bucket == Config().match.max_bucket
    assert config.read == Config().read


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"macth": {}}, "here: there is no key 'macth'; did you mean 'match'?"),
        ({"zzz": {}}, "here: there is no key 'zzz' (there are read, extract, boilerplate, match, "
         "resolve, output)"),
        ({"match": {"num_prem": 64}},
         "here: there is no key 'match.num_prem'; did you mean 'match.num_perm'?"),
        ({"match": {"view": "full"}},
         "here: there is no key 'match.view'; did you mean 'output.view'?"),
        ({"view": "full"}, "here: there is no key 'view'; did you mean 'output.view'?"),
        ({"match": 3}, "here: match: Expected `object`, got `int`"),
        ({"match": {"num_perm": "64"}}, "here: match.num_perm: Expected `int`, got `str`"),
        ({"match": {"num_perm": True}}, "here: match.num_perm: Expected `int`, got `bool`"),
        ({"match": {"num_perm": 64.5}}, "here: match.num_perm: Expected `int`, got `float`"),
        ({"read": {"exclude": "*.md"}}, "here: read.exclude: Expected `array`, got `str`"),
        ({"read": {"encoding": 8}}, "here: read.encoding: Expected `str | null`, got `int`"),
        ({"output": {"view": "ful"}}, "here: output.view: Invalid enum value 'ful' "
         "(one of unique, full, originals)"),
        ({"resolve": {"quotes": "drop"}}, "here: resolve.quotes: Invalid enum value 'drop' "
         "(one of cut, keep)"),
        ({"read": {"fields": {"txt": "b"}}}, "here: no field role 'txt'; did you mean 'text'?"),
        ({"read": {"fields": {"q": "b"}}},
         f"here: no field role 'q' (there are {', '.join(FIELD_ROLES)})"),
    ],
)  # fmt: skip
def test_refused(values: dict[str, Any], message: str) -> None:
    """A key or value that means nothing is refused with where it stands and a better guess."""
    assert refuse(**values) == message


@pytest.mark.parametrize(
    ("key", "inside", "outside"),
    [
        ("match.min_score", 0.0, -0.001),
        ("match.min_score", 1.0, 1.001),
        ("match.score_floor", 1.0, float("nan")),
        ("match.seed_sampling", 0.0, -0.001),
        ("match.seed_sampling", 1.0, 1.001),
        ("match.min_seeds", 2, 1),
        ("match.min_seeds", 4, 5),
        ("match.max_seed_documents", 2, 1),
        ("match.max_seed_documents", 10_000, 10_001),
        ("match.seed_neighbours", 1, 0),
        ("match.seed_neighbours", 10_000, 10_001),
        ("match.candidate_recall", 1.0, float("nan")),
        ("match.num_perm", 16, 15),
        ("match.num_perm", 1024, 1025),
        ("match.max_bucket", 2, 1),
        ("match.max_bucket", 10_000, 10_001),
        ("match.shingle_size", 1, 0),
        ("match.shingle_size", 100, 101),
        ("match.min_passage_words", 1, 0),
        ("match.min_passage_words", 1000, 1001),
        ("match.min_passage_words", 8, 10**22),
        ("boilerplate.min_outlet_documents", 2, 1),
        ("boilerplate.min_outlet_documents", 10**9, 10**9 + 1),
        ("boilerplate.min_outlet_ratio", 1, 1.5),
        ("extract.timeout_seconds", 1, 0),
        ("extract.timeout_seconds", 86_400, 86_401),
        ("extract.max_page_chars", 1, 0),
        ("extract.max_page_chars", 10**9, 10**9 + 1),
        ("output.max_report_clusters", 1, 0),
        ("output.max_report_clusters", 10**9, 10**9 + 1),
    ],
)
def test_bounds(key: str, inside: float, outside: float) -> None:
    """The last value inside each limit is taken, the first outside is refused by name."""
    section, name = key.split(".")
    config = parse_config({section: {name: inside}}, where="here")
    assert getattr(getattr(config, section), name) == inside
    assert refuse(**{section: {name: outside}}).startswith(f"here: {key}: Expected `")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[match\n", "is no TOML file: Unexpected character"),
        ("[match]\nnum_perm = 64\nnum_perm = 65\n", 'Key "num_perm" already exists'),
        ("[match]\n[match]\n", 'Key "match" already exists'),
        ("[match]\nnum_perm = 1979-13-01\n", "is no TOML file"),
        ("[match]\nnum_prem = 1\n", "there is no key 'match.num_prem'; did you mean"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, problem: str) -> None:
    """A file that is no TOML, or holds something unknown, is refused with its path."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "cleaner.toml"))
    assert problem in str(caught.value)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text are refused as requests."""
    with pytest.raises(ConfigError, match=r"cannot read the configuration .*none\.toml: No such"):
        load_config(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"cannot read the configuration .*: Is a directory"):
        load_config(tmp_path)
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CleanerError, match=r"b\.toml is no TOML file: 'utf-8' codec"):
        load_config(tmp_path / "b.toml")


def changed_values() -> list[tuple[str, str, object]]:
    """List for every key another value than its default."""
    other: dict[str, object] = {"encoding": "utf-16", "fields": {"text": "body"}}
    found = []
    for section in Config.__struct_fields__:
        for key, value in msgspec.to_builtins(getattr(Config(), section)).items():
            if isinstance(value, bool):
                new: object = not value
            elif isinstance(value, (int, float)):
                new = value / 2 if isinstance(value, float) else value + 1
            elif isinstance(value, (list, tuple)):
                new = ["other"]
            else:
                new = other.get(key)
            choices = ("full", "md", "keep", "drop", "cut", "smallest_id")
            for choice in choices if new is None else ():
                try:
                    parse_config({section: {key: choice}}, where="")
                except ConfigError:
                    continue
                if choice != value:
                    new = choice
            found.append((section, key, new))
    return found


@pytest.mark.parametrize(("section", "key", "value"), changed_values())
def test_digest_changes_with_each_value(section: str, key: str, value: object) -> None:
    """Another value of any key gives another digest, and so does nothing else."""
    config = Config().replace(**{section: {key: value}})
    assert config.digest != Config().digest
    assert config.digest == Config().replace(**{section: {key: value}}).digest
    default = msgspec.to_builtins(Config())[section][key]
    assert config.replace(**{section: {key: default}}).digest == Config().digest


def test_digest_does_not_depend_on_order() -> None:
    """The order in which fields are named is no part of the configuration."""
    one = Config().replace(read={"fields": {"text": "a", "url": "b"}})
    two = Config().replace(read={"fields": {"url": "b", "text": "a"}})
    assert one.digest == two.digest
    assert len(one.digest) == 64


def test_replace_is_checked() -> None:
    """Changed keys are checked as a file's are; the old configuration stays as it was."""
    config = Config()
    assert config.replace(match={"num_perm": 64}, output={"view": "full"}).output.view == "full"
    assert config.match.num_perm == 128
    with pytest.raises(ConfigError, match=r"options: match\.num_perm: Expected `int` >= 16"):
        config.replace(match={"num_perm": 3})


def print_config(*options: str) -> str:
    """Run `clean config`, and return what it prints."""
    result = CliRunner().invoke(main, ["config", *options])
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def test_options_override_the_file(tmp_path: Path) -> None:
    """Defaults come first, then the file, then options, then --set; lists are added to."""
    path = tmp_path / "cleaner.toml"
    path.write_text(
        '[output]\nview = "full"\nformat = "md"\n[read]\nexclude = ["a"]\n'
        'fields = {text = "body", url = "link"}\n[resolve]\ncopies = "keep"\n'
        '[boilerplate]\ndisabled_rules = ["x"]\n'
    )
    options = ["--config", str(path), "--view", "originals", "--exclude", "b", "--field", "url=u"]
    options += ["--disable", "y", "--set", "match.num_perm=64", "--set", "output.format=txt"]
    options += ["--format", "parquet", "--set", 'boilerplate.cue_files=["z.toml"]']
    config = load(tmp_path, print_config(*options))
    assert (config.output.view, config.output.format) == ("originals", "txt")
    assert config.read.exclude == ("a", "b")
    assert config.read.fields == {"text": "body", "url": "u"}
    assert config.resolve.copies == "keep"
    assert config.boilerplate.disabled_rules == ("x", "y")
    assert config.boilerplate.cue_files == ("z.toml",)
    assert config.match.num_perm == 64


def test_printed_config_is_a_start(tmp_path: Path) -> None:
    """`clean config` prints the defaults, and reading that changes nothing."""
    assert load(tmp_path, print_config()) == Config()
    first = print_config("--view", "full")
    (tmp_path / "cleaner.toml").write_text(first)
    assert print_config("--config", str(tmp_path / "cleaner.toml")) == first


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--set", "num_perm=64"],
         "--set num_perm: a key is written SECTION.NAME, e.g. match.num_perm=64"),
        (["--set", "match.num_perm"], "--set match.num_perm: expected NAME=VALUE"),
        (["--set", "match.num_perm="], "--set match.num_perm=: expected NAME=VALUE"),
        (["--field", "body"], "--field body: expected NAME=VALUE"),
        (["--field", "txt=body"], "options: no field role 'txt'; did you mean 'text'?"),
        (["--set", "match.num_prem=64"],
         "options: there is no key 'match.num_prem'; did you mean 'match.num_perm'?"),
        (["--set", "mtach.num_perm=64"], "options: there is no key 'mtach'; did you mean 'match'?"),
        (["--set", "match.num_perm=many"], "options: match.num_perm: Expected `int`, got `str`"),
        (["--set", "match.min_passage_words=10000000000000000000000"],
         "options: match.min_passage_words: Expected `int` <= 1000"),
        (["--set", "match.candidate_recall=NaN"],
         "options: match.candidate_recall: Expected `float` >= 0.0"),
    ],
)  # fmt: skip
def test_bad_options(option: list[str], message: str) -> None:
    """An option that means nothing ends with status 2 and one line that says why."""
    result = CliRunner().invoke(main, ["config", *option])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: {message}\n"


def test_digest_is_of_all_values() -> None:
    """The digest is that of the sorted JSON of the configuration, so that others can check it."""
    import hashlib

    text = json.dumps(msgspec.to_builtins(Config()), sort_keys=True, separators=(",", ":"))
    assert Config().digest == hashlib.sha256(text.encode()).hexdigest()
