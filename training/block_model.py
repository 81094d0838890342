"""Train the block model: `python -m training.block_model DATA`, DATA the folder of labelled sets.

Needs `pip install -r training/requirements.txt`. Prints cross-validated figures (a publisher is
never on both sides), then trains on everything and writes `cleaner/block_model/weights/`.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import lightgbm
import numpy as np
import numpy.typing as npt

import cleaner.block_model
from cleaner.block_model.context import look_again, look_around
from cleaner.block_model.documents import Documents
from cleaner.block_model.model import MODEL_LIMIT, BlockModel, Judgement, probability, stack
from cleaner.block_model.text_features import Columns
from cleaner.block_model.trees import Trees, read_trees
from cleaner.extraction.page_judge import defer
from training.pages import Sample, count_grams, make_samples, read_rows

Matrix = npt.NDArray[np.float32]
Judged = list[tuple[Sample, Judgement]]

SETS = {
    "wcxb-articles": 1.0,
    "fundus": 1.0,
    "trafilatura-snippets": 1.0,
    "readability": 0.5,
    "newspaper4k-multilingual": 0.5,
}
"""The sets that weights learn from, with how much a block counts: those whose labels are the output
of a tool count half. A set without a licence (cleanportaleval) is never among them."""
HELD_OUT = ("cleanportaleval",)
_VARIANTS = {"page": 1.0, "all": 1.5, "extracted": 1.0, "gold": 1.5, "mixed": 1.0}
_MAX_WORDS = 60
_SECOND_OPINION_LIMITS = (0.0, 0.75, 0.85, 0.9, 0.93, 0.95, 0.97, 1.01)
_FOLDS, _INNER_FOLDS = 3, 3
_SIZES = {
    "page": (100, 0.08, 15),
    "page_with_extraction": (100, 0.08, 15),
    "text": (160, 0.07, 24),
}
"""Trees of a look, learning rate, leaves of a tree. Twice as many gain nothing on pages; texts have
less to go by, and larger trees gain .006 to .020 on whole pages as lines."""
_PARAMETERS = {
    "objective": "binary",
    "max_depth": 7,
    "min_child_samples": 40,
    "feature_fraction": 0.35,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
    "seed": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def base_columns(sample: Sample, name: str) -> Columns:
    """Return the features that a model may use, without the neighbours'."""
    if name == "page_with_extraction":
        return sample.columns | {"in_trafilatura": sample.extracted}
    return dict(sample.columns)


def block_weights(sample: Sample) -> npt.NDArray[np.float64]:
    """Return how much each block counts: long ones more, unknown ones not at all."""
    words = np.minimum(sample.columns["words"], _MAX_WORDS)
    scale = SETS[sample.set_name] * _VARIANTS[sample.variant]
    return np.where(sample.labels >= 0, scale * (np.sqrt(words) + 0.5), 0.0)


def fit(
    matrices: Sequence[Matrix], samples: Sequence[Sample], names: Sequence[str], model: str
) -> dict[str, Any]:
    """Fit one look of a model, and return it as a weights file holds it."""
    num_trees, rate, num_leaves = _SIZES[model]
    weights = np.concatenate([block_weights(sample) for sample in samples])
    labels = np.concatenate([sample.labels for sample in samples])
    known = weights > 0
    data = lightgbm.Dataset(
        np.concatenate(matrices)[known],
        labels[known],
        weight=weights[known],
        feature_name=[f"f{at}" for at in range(len(names))],
    )
    size = {"learning_rate": rate, "num_leaves": num_leaves}
    booster = lightgbm.train(_PARAMETERS | size, data, num_trees)
    return describe_trees(booster.dump_model(), names)


def describe_trees(dump: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return trees as a weights file holds them: only the features used, short numbers."""
    used: dict[int, int] = {}
    trees = []
    for info in dump["tree_info"]:
        nodes: list[list[float]] = []
        _add_node(info["tree_structure"], nodes, used)
        trees.append(nodes)
    return {"features": [names[at] for at in used], "trees": trees}


def _add_node(node: dict[str, Any], nodes: list[list[float]], used: dict[int, int]) -> int:
    number = len(nodes)
    nodes.append([])
    if "leaf_value" in node:
        nodes[number] = [_short(node["leaf_value"])]
        return number
    feature = used.setdefault(node["split_feature"], len(used))
    left = _add_node(node["left_child"], nodes, used)
    right = _add_node(node["right_child"], nodes, used)
    value = _short(node["internal_value"])
    nodes[number] = [feature, _short(node["threshold"]), left, right, value]
    return number


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def second_columns(columns: Columns, first: npt.NDArray[np.float32], sample: Sample) -> Columns:
    """Add what the second look knows."""
    return columns | look_again(
        first, sample.columns["words"], sample.keys, Documents([len(first)])
    )


def train(samples: Sequence[Sample], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train both looks; the second learns from what the first says of pages it has not seen."""
    columns = [base_columns(sample, name) for sample in samples]
    columns = [each | look_around(each, Documents([len(each["words"])])) for each in columns]
    names = list(columns[0])
    matrices = [stack(each, names) for each in columns]
    first: list[Any] = [None] * len(samples)
    for fold in range(_INNER_FOLDS):
        held = [at for at, s in enumerate(samples) if in_fold(s.group, fold, _INNER_FOLDS, "in")]
        rest = sorted(set(range(len(samples))) - set(held))
        trees = fit([matrices[at] for at in rest], [samples[at] for at in rest], names, name)
        for at in held:
            first[at] = look(read_trees(trees), columns[at])
    one = fit(matrices, samples, names, name)
    columns = [
        second_columns(each, p, sample)
        for each, p, sample in zip(columns, first, samples, strict=True)
    ]
    names = list(columns[0])
    two = fit([stack(each, names) for each in columns], samples, names, name)
    return one, two


def look(trees: Trees, columns: Columns) -> npt.NDArray[np.float32]:
    """Return one look's probabilities."""
    return probability(trees.log_odds(trees.find_leaves(stack(columns, trees.names))))


def in_fold(group: str, fold: int, folds: int, salt: str) -> bool:
    """Tell whether a publisher is in a fold."""
    return zlib.crc32(f"{salt}{group}".encode()) % folds == fold


def cross_validate(samples: Sequence[Sample], name: str) -> Judged:
    """Return and print what models say about publishers that they have not seen."""
    judged: Judged = []
    for fold in range(_FOLDS):
        held = [s for s in samples if in_fold(s.group, fold, _FOLDS, "out")]
        rest = [s for s in samples if not in_fold(s.group, fold, _FOLDS, "out")]
        looks = train([s for s in rest if s.set_name in SETS], name)
        model = BlockModel(*map(read_trees, looks))
        for sample in held:
            judged.append((sample, model.judge(base_columns(sample, name), sample.keys)))
    for key in sorted({(s.set_name, s.variant) for s, _ in judged}):
        part = [(s, j.main) for s, j in judged if (s.set_name, s.variant) == key]
        click.echo(f"{name:20} {'/'.join(key):34} {_figures(part)}")
    return judged


def compare_limits(alone: Judged, advised: Judged) -> None:
    """Print what it brings to ask trafilatura about pages below some expected F1.

    Args:
        alone: Pages as the model judges them by itself.
        advised: The same pages, in the same order, judged with what trafilatura kept of them.
    """
    pairs = [
        (sample, first, defer(second, sample.extracted) if sample.extracted.any() else first)
        for (sample, first), (_, second) in zip(alone, advised, strict=True)
    ]
    for name in (*SETS, *HELD_OUT):
        part = [pair for pair in pairs if pair[0].set_name == name]
        for limit in _SECOND_OPINION_LIMITS:
            is_asked = [first.expected_f1 < limit for _, first, _ in part]
            chosen = [
                (sample, (second if asked else first).main)
                for (sample, first, second), asked in zip(part, is_asked, strict=True)
            ]
            share = sum(is_asked) / max(1, len(part))
            click.echo(f"{name:25} limit {limit:.2f} asked {share:.3f} {_figures(chosen)}")


def _figures(part: Sequence[tuple[Sample, Any]]) -> str:
    hits = kept = wanted = 0.0
    char_hits = char_kept = char_wanted = 0.0
    precision = recall = 0.0
    for sample, main in part:
        is_kept = (main >= MODEL_LIMIT) & (sample.labels >= 0)
        is_main = sample.labels == 1
        chars = sample.columns["chars"]
        hits += (is_kept & is_main).sum()
        kept += is_kept.sum()
        wanted += is_main.sum()
        char_hits += chars[is_kept & is_main].sum()
        char_kept += chars[is_kept].sum()
        char_wanted += chars[is_main].sum()
        text = "\n".join(
            line for line, p in zip(sample.lines, main, strict=True) if p >= MODEL_LIMIT
        )
        found, gold = count_grams(text), count_grams(sample.gold)
        shared = sum((found & gold).values())
        precision += shared / max(1, sum(found.values())) / len(part)
        recall += shared / max(1, sum(gold.values())) / len(part)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return (
        f"n={len(part):4} blocks F1 {2 * hits / max(1, kept + wanted):.4f} "
        f"chars P {char_hits / max(1, char_kept):.4f} R {char_hits / max(1, char_wanted):.4f} "
        f"shingles P {precision:.4f} R {recall:.4f} F1 {f1:.4f}"
    )


def write_weights(
    name: str, looks: tuple[dict[str, Any], dict[str, Any]], digest: str, num: int
) -> None:
    """Write one weights file."""
    path = Path(cleaner.block_model.__file__).parent / "weights" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    parts = []
    for part, trees in zip(("first", "second"), looks, strict=True):
        lines = ",\n".join(map(json.dumps, trees["trees"]))
        features = json.dumps(trees["features"])
        parts.append(f'"{part}": {{"features": {features},\n"trees": [\n{lines}\n]}}')
    about = json.dumps(
        {
            "trained_by": "training/block_model.py",
            "lightgbm": lightgbm.__version__,
            "trees_rate_leaves": _SIZES[name],
            "parameters": _PARAMETERS,
            "sets": SETS,
            "sets_digest": digest,
            "samples": num,
            "node": "[feature, threshold, left, right, value] or [value]",
        }
    )
    path.write_text(f'{{"about": {about},\n' + ",\n".join(parts) + "}\n", encoding="utf-8")


def read_samples(data: Path, workers: int) -> tuple[list[Sample], str]:
    """Return the samples of all sets, and the digest of the files they come from."""
    digest = hashlib.sha256()
    jobs: list[tuple[Path, dict[str, Any]]] = []
    for name in (*SETS, *HELD_OUT):
        folder = data / name
        if name in SETS:
            for path in [folder / "gold.jsonl", *sorted((folder / "html").iterdir())]:
                digest.update(path.read_bytes())
        jobs += [(folder, row) for row in read_rows(folder)]
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        found = pool.map(make_samples, *zip(*jobs, strict=True), chunksize=4)
        return [sample for samples in found for sample in samples], digest.hexdigest()


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--validate/--no-validate", default=True, help="Cross-validate before training.")
@click.option("--workers", default=2)
@click.option("--models", default="page,page_with_extraction,text")
def main(data: Path, validate: bool, workers: int, models: str) -> None:
    """Train on the labelled sets below DATA."""
    samples, digest = read_samples(data, workers)
    judged: dict[str, Judged] = {}
    for name in models.split(","):
        part = [s for s in samples if (s.variant == "page") == (name != "text")]
        if validate:
            judged[name] = cross_validate(part, name)
        learnt = [s for s in part if s.set_name in SETS]
        write_weights(name, train(learnt, name), digest, len(learnt))
    if {"page", "page_with_extraction"} <= judged.keys():
        compare_limits(judged["page"], judged["page_with_extraction"])


if __name__ == "__main__":
    main()
