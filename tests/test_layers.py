"""Imports point one way, from the command line down to plain data, and few files know a library."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import cleaner

ROOT = Path(cleaner.__file__).parent

LAYERS: list[tuple[str, ...]] = [
    ("__main__",),
    ("cli",),
    ("api",),
    ("writing", "explain", "rule_cards", "comparison"),
    ("report",),
    ("results",),
    ("alarms",),
    ("pipeline",),
    ("quality",),
    ("tallies",),
    ("resolution", "ledger"),
    ("extraction",),
    ("passages", "boilerplate"),
    ("block_model",),
    ("reading",),
    ("engines",),
    ("compiled",),
    ("config", "model", "words", "run_folder"),
    ("errors", "patterns", "process"),
]
"""From the top down. A file imports from its own room and from lower layers only; rooms that stand
in one layer do not know each other."""

PURE = (
    "block_model",
    "boilerplate",
    "passages",
    "resolution",
    "ledger",
    "extraction",
    "compiled",
    "words",
    "model",
)
IMPURE = {"os", "time", "random", "datetime", "socket", "subprocess", "tempfile", "threading"}
ONLY_IN = {
    "click": "cli/",
    "click_default_group": "cli/",
    "rich": "cli/",
    "trafilatura": "extraction/main_content.py",
    "numba": "compiled/",
    "rapidfuzz": "passages/align.py",
    "Stemmer": "passages/terms.py",
    "llvmlite": "compiled/",
    "duckdb": "engines/",
    "pebble": "engines/",
    "multiprocessing": "engines/",
}


def files() -> list[Path]:
    """List the files of the package."""
    return sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    """Name the module or package of the layer list that a file belongs to."""
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[str]:
    """Yield the full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            yield node.module
            if node.module == "cleaner":
                yield from (f"cleaner.{alias.name}" for alias in node.names)


def names(path: Path) -> Iterator[ast.Name]:
    """Yield the names that a file uses."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            yield node


def upward(importer: str, imported: str) -> bool:
    """Tell whether an import points up, or sideways into another room."""
    level = {name: at for at, layer in enumerate(LAYERS) for name in layer}
    return importer != imported and level[imported] <= level[importer]


def test_every_room_has_a_layer() -> None:
    """A new file or package must be given its place in the order."""
    listed = [name for layer in LAYERS for name in layer]
    assert sorted(listed) == sorted({room(path) for path in files()} - {"__init__"})


@pytest.mark.parametrize(
    ("importer", "imported", "is_upward"),
    [
        ("cli", "api", False), ("api", "cli", True), ("boilerplate", "passages", True),
        ("passages", "passages", False), ("engines", "errors", False), ("errors", "model", True),
        ("writing", "results", False), ("results", "report", True),
    ],
)  # fmt: skip
def test_direction(importer: str, imported: str, is_upward: bool) -> None:
    """The check itself tells up from down, and sideways counts as up."""
    assert upward(importer, imported) is is_upward


@pytest.mark.parametrize(
    "path",
    [path for path in files() if path != ROOT / "__init__.py"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_imports_point_down(path: Path) -> None:
    """No file imports from a higher layer, or from another room of its own.

    But for the package itself: it names the public objects, and imports them on their first use.
    """
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("cleaner.")}
    assert [name for name in sorted(ours) if upward(room(path), name)] == []


def test_engines_know_no_stage() -> None:
    """Engines import no stage and no data of ours: stages describe the work, engines execute it."""
    ours = {
        name
        for path in (ROOT / "engines").glob("*.py")
        for name in imports(path)
        if name.startswith("cleaner.") and not name.startswith("cleaner.engines")
    }
    assert ours == {"cleaner.compiled", "cleaner.errors", "cleaner.process"}


def test_records_are_structs() -> None:
    """A dataclass takes a millisecond to define, a struct a tenth, and a run imports a hundred."""
    assert [path for path in files() if "dataclasses" in imports(path)] == []


@pytest.mark.parametrize(("library", "place"), ONLY_IN.items())
def test_library_has_one_home(library: str, place: str) -> None:
    """A library that others must be able to do without is imported in one place only."""
    users = [
        path.relative_to(ROOT).as_posix()
        for path in files()
        if any(name.split(".")[0] == library for name in imports(path))
    ]
    assert users
    assert [user for user in users if not user.startswith(place)] == []


def test_heavy_libraries_wait() -> None:
    """What the command line imports at the top of its files is small: help must come at once."""
    heavy = {"numpy", "pyarrow", "duckdb", "trafilatura", "lxml", "msgspec"}
    for path in (ROOT / "cli").glob("*.py"):
        top = ast.parse(path.read_text(encoding="utf-8")).body
        found = {
            name.split(".")[0]
            for node in top
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in ([a.name for a in node.names] if isinstance(node, ast.Import)
                         else [node.module or ""])
        }  # fmt: skip
        assert found & heavy == set(), path


@pytest.mark.parametrize(
    "path",
    [path for path in files() if room(path) in PURE],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_kernels_are_pure(path: Path) -> None:
    """A stage looks at no clock, no chance, no system: any engine may map it, anywhere."""
    assert {name.split(".")[0] for name in imports(path)} & IMPURE == set()
    assert [name.id for name in names(path) if name.id in ("open", "input", "hash")] == []


@pytest.mark.parametrize(
    "path",
    [path for path in files() if room(path) not in ("cli", "__main__")],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_nothing_below_the_command_prints_or_exits(path: Path) -> None:
    """Only the command line prints and sets an exit status; no input is checked by an assert."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [name.id for name in names(path) if name.id in ("print", "exit", "quit")] == []
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), f"{path}:{node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used = (node.value.id, node.attr)
            assert used not in {("sys", "exit"), ("sys", "stdout"), ("sys", "stderr")}, path
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{path}:{node.lineno}: bare except"
