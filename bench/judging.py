"""What readers believe: the weights of ``ml/writing/judge.py``, fitted to what they marked.

``python -m bench judging`` prints how well marks that were left out are foretold, and writes
``ml/data/judge.csv``. ``bench/readings/labelled.csv`` holds the marks: invented names of the
shipped model, by default settings and after prefixes, read blind among rare real ones, a reader a
sheet. Some readers are milder than others, so each has a bias of their own, and the judge the mean.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from rich.table import Table
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from ml.arrays import Doubles
from ml.corpora.sequences import encode_sequences
from ml.models.checkpoint import SHIPPED_MODEL, load_model, write_whole
from ml.models.model import NameModel
from ml.names.alphabet import Start
from ml.scoring.scorer import Scorer
from ml.writing.judge import FIGURES, KIN, MARGINS, SHIPPED_WEIGHTS, Judge, grams, kin
from ml.writing.prediction import Predictor
from ml.writing.sampling import Sample

LABELLED = Path(__file__).parent / "readings" / "labelled.csv"
_FEATURES = (*FIGURES, *KIN, *MARGINS)
_FOLDS = 10
# What made the marks that were left out most probable, with grams that came three times at least.
_STRENGTH = 0.3
_GRAM_SCALE = 0.5
_FEWEST = 3
_PASSING = (0.05, 0.1, 0.15, 0.2, 0.3)


@dataclass(frozen=True, slots=True)
class Marked:
    """An invented name as the model wrote it, on which sheet, and whether it was believed."""

    sample: Sample
    sheet: str
    accepted: bool


def read_marks(model: NameModel, path: Path = LABELLED) -> list[Marked]:
    """The marks of every sheet."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    alphabet = model.alphabet
    starts = [Start("given", "m" if row["gender"] == "m" else "f", "russian") for row in rows]
    letters = [alphabet.encode(row["name"]) for row in rows]
    names = encode_sequences([alphabet.start_index(start) for start in starts], letters)
    log_probs = Scorer.of(model).symbols(names).double().numpy()
    return [
        Marked(
            Sample(
                row["name"],
                start,
                float(each[: len(name) + 1].sum()),
                float(each[len(row["prefix"]) : len(name) + 1].min()),
            ),
            row["sheet"],
            row["accepted"] == "1",
        )
        for row, start, name, each in zip(rows, starts, letters, log_probs, strict=True)
    ]


def fit(figures: Doubles, marks: list[Marked], *, of_grams: bool = True) -> dict[str, float]:
    """The weights that make the marks most probable; ``figures`` are `_features` of the names."""
    middle, spread = figures.mean(axis=0), figures.std(axis=0)
    sheets = sorted({mark.sheet for mark in marks})
    of_sheet = np.array([[mark.sheet == sheet for sheet in sheets] for mark in marks], dtype=float)
    parts = [sparse.csr_array(np.hstack([of_sheet, (figures - middle) / spread]))]
    names = [*_FEATURES] if of_grams else [*FIGURES, *MARGINS]
    if of_grams:
        vectorizer = CountVectorizer(analyzer=grams, binary=True, min_df=_FEWEST)
        counted = vectorizer.fit_transform([mark.sample.name for mark in marks])
        parts.append(counted * _GRAM_SCALE)
        names.extend(vectorizer.get_feature_names_out())
    fitted = LogisticRegression(C=_STRENGTH, max_iter=5000)
    fitted.fit(sparse.hstack(parts, format="csr"), [mark.accepted for mark in marks])
    weights = fitted.coef_[0]
    of_figures = weights[len(sheets) :][: len(spread)] / spread
    bias = fitted.intercept_[0] + weights[: len(sheets)].mean() - of_figures @ middle
    values = [*of_figures, *(weights[len(sheets) + len(spread) :] * _GRAM_SCALE)]
    return {"bias": float(bias), **dict(zip(names, map(float, values), strict=True))}


def tables() -> list[Table]:
    """Foretell the marks of each tenth by the others; then fit to all and write the weights."""
    model = load_model(SHIPPED_MODEL)
    if model.mixture is None:
        raise ValueError("the shipped model has no n-gram")
    marks = read_marks(model)
    judge = Judge(model, Predictor(model).stepper, model.mixture.ngram)
    samples = [mark.sample for mark in marks]
    of_kin = np.array([kin(sample.name) for sample in samples], dtype=float)
    figures = np.hstack([judge.figures(samples), of_kin, judge.margins(samples)])
    foretold = _foretell(figures, marks)
    russian = fit(figures, marks)
    without_kin = [_FEATURES.index(name) for name in (*FIGURES, *MARGINS)]
    elsewhere = fit(figures[:, without_kin], marks, of_grams=False)
    lines = [
        f"{name},{weight:.4g},{f'{elsewhere[name]:.4g}' if name in elsewhere else ''}"
        for name, weight in russian.items()
    ]
    write_whole("\n".join(["feature,russian,elsewhere", *lines, ""]).encode(), SHIPPED_WEIGHTS)
    return [_table(foretold, marks)]


def _foretell(figures: Doubles, marks: list[Marked]) -> Doubles:
    """The score of each name by a judge that was fitted to others."""
    scores = np.empty(len(marks))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    for seen, unseen in folds.split(figures, [mark.accepted for mark in marks]):
        weights = fit(figures[seen], [marks[row] for row in seen])
        scores[unseen] = figures[unseen] @ [weights[name] for name in _FEATURES]
        scores[unseen] += weights["bias"]
        scores[unseen] += [
            sum(weights.get(gram, 0.0) for gram in grams(marks[row].sample.name)) for row in unseen
        ]
    return scores


def _table(scores: Doubles, marks: list[Marked]) -> Table:
    accepted = np.array([mark.accepted for mark in marks])
    by_sheet = [
        roc_auc_score(accepted[rows], scores[rows])
        for sheet in sorted({mark.sheet for mark in marks})
        if (rows := [row for row, mark in enumerate(marks) if mark.sheet == sheet])
    ]
    table = Table("passing", "threshold", "believed", title=f"{len(marks)} names that were marked")
    for share in (*_PASSING, 1.0):
        threshold = np.quantile(scores, 1 - share)
        believed = accepted[scores >= threshold].mean()
        table.add_row(f"{share:.0%}", f"{threshold:+.2f}", f"{believed:.1%}")
    table.caption = f"AUC on a sheet {np.mean(by_sheet):.3f}"
    return table
