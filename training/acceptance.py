"""Train the acceptance model: `python -m training.acceptance DATA`, a folder of labelled sets.

Needs `pip install -r training/requirements.txt`. Prints cross-validated figures (an article is
never on both sides), then trains on everything and writes `cleaner/passages/acceptance.json`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

import cleaner.passages
from cleaner.passages.acceptance import FEATURES
from training.reuse import UNSEEN, Example, all_examples, judged_examples, scale

_TOTALS = {"judged": 800.0, "pan": 300.0, "planted": 300.0}
"""How much the kinds of examples count together: what was read in news counts most."""
_REGULARIZATION = 1.0
_FOLDS = 5
_THRESHOLDS = (0.3, 0.5, 0.6, 0.7)

Matrix = npt.NDArray[np.float64]


def _matrix(examples: Sequence[Example]) -> Matrix:
    return np.array([[example.features[name] for name in FEATURES] for example in examples])


def fit(examples: Sequence[Example]) -> LogisticRegression:
    """Fit the model to weighted examples."""
    model = LogisticRegression(C=_REGULARIZATION, max_iter=5000)
    labels = [example.is_reuse for example in examples]
    return model.fit(_matrix(examples), labels, [example.weight for example in examples])


def validate(examples: Sequence[tuple[str, Example]]) -> dict[str, Matrix]:
    """Return what models say of examples that they did not learn from, by kind."""
    kinds = np.array([kind for kind, _ in examples])
    rows = [example for _, example in examples]
    groups = [example.group for example in rows]
    said = np.zeros(len(rows))
    for seen, unseen in GroupKFold(_FOLDS).split(rows, groups=groups):
        model = fit([rows[at] for at in seen])
        said[unseen] = model.predict_proba(_matrix([rows[at] for at in unseen]))[:, 1]
    return {kind: said[kinds == kind] for kind in _TOTALS}


def _print_figures(name: str, examples: Sequence[Example], said: Matrix) -> None:
    is_reuse = np.array([example.is_reuse for example in examples])
    weights = np.array([example.weight for example in examples])
    for threshold in _THRESHOLDS:
        taken = said >= threshold
        right = (taken & is_reuse) @ weights
        click.echo(
            f"{name:8} {threshold:.1f}  precision {right / max(1e-9, taken @ weights):.3f}  "
            f"recall {right / (is_reuse @ weights):.3f}  "
            f"({int((taken & ~is_reuse).sum())} false, {int((~taken & is_reuse).sum())} missed of "
            f"{int(is_reuse.sum())} and {int((~is_reuse).sum())})"
        )


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(data: Path) -> None:
    """Print cross-validated figures, then write the weights."""
    by_kind = {kind: scale(rows, _TOTALS[kind]) for kind, rows in all_examples(data).items()}
    said = validate([(kind, row) for kind, rows in by_kind.items() for row in rows])
    for kind, rows in by_kind.items():
        _print_figures(kind, rows, said[kind])
    model = fit([row for rows in by_kind.values() for row in rows])
    unseen = list(judged_examples(data, UNSEEN))
    _print_figures("unseen", unseen, model.predict_proba(_matrix(unseen))[:, 1])
    weights = {name: round(float(w), 4) for name, w in zip(FEATURES, model.coef_[0], strict=True)}
    counts = ", ".join(f"{len(rows)} {kind}" for kind, rows in by_kind.items())
    about = f"logistic regression, L2, C={_REGULARIZATION}; examples: {counts}"
    content = {
        "about": about,
        "bias": round(float(model.intercept_[0]), 4),
        "weights": weights,
    }
    path = Path(cleaner.passages.__file__).with_name("acceptance.json")
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    click.echo(json.dumps(content, indent=2))


if __name__ == "__main__":
    main()
