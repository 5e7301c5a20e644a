"""Telling Russian names from the others by the packages' marks, and by their letters.

A logistic regression on the character n-grams of a name: few thousand labelled names, so a model
of a few thousand weights that trains in seconds and gives the same answer every time.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.arrays import Doubles
from ml.names.records import Origin

_WORLD_TAGS = frozenset(("germ", "polsk", "cz"))

_MAX_ORDER = 5
_STEPS = 300
_LEARNING_RATE = (
    100.0  # large, because an n-gram stands in few names and its gradient is their mean
)
_MOMENTUM = 0.9
_DECAY = 1e-5
_BLOCK = 20

Ints = npt.NDArray[np.int64]


def of_tags(tags: Set[str]) -> Origin:
    """The origin that the packages' marks speak for."""
    if "slav" in tags:
        return "russian"
    return "world" if tags & _WORLD_TAGS else "peoples"


def _ngrams(name: str) -> set[str]:
    text = f"^{name}$"
    return {
        text[i : i + order]
        for order in range(1, _MAX_ORDER + 1)
        for i in range(len(text) - order + 1)
    }


@dataclass(frozen=True)
class OriginModel:
    """The weights of the n-grams; positive ones speak for a Russian name.

    The mark of the start stands in every name, so its weight is the bias.
    """

    vocabulary: dict[str, int]
    weights: Doubles

    def russian(self, names: Sequence[str]) -> Doubles:
        """The probability that each name (folded) is Russian: shape (len(names),)."""
        return _sigmoid(_logits(_encode(names, self.vocabulary), self.weights))


@dataclass(frozen=True)
class ErrorRates:
    """The share of names given the wrong origin, among the Russian ones and among the others."""

    russian: float
    other: float


@dataclass(frozen=True)
class _Design:
    """The n-grams of all names, flat: ``columns[i]`` occurs in name ``rows[i]``.

    ``values`` makes the vector of each name one unit long, so that long names do not shout.
    """

    rows: Ints
    columns: Ints
    values: Doubles
    size: int


def _encode(names: Sequence[str], vocabulary: dict[str, int]) -> _Design:
    rows, columns, values = [], [], []
    for row, name in enumerate(names):
        known = sorted(vocabulary[gram] for gram in _ngrams(name) if gram in vocabulary)
        rows += [row] * len(known)
        columns += known
        values += [len(known) ** -0.5] * len(known)
    return _Design(
        np.array(rows, dtype=np.int64),
        np.array(columns, dtype=np.int64),
        np.array(values, dtype=np.float64),
        len(names),
    )


def _logits(design: _Design, weights: Doubles) -> Doubles:
    terms = design.values * weights[design.columns]
    return np.bincount(design.rows, terms, minlength=design.size).astype(np.float64)


def _sigmoid(logits: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float64)


def train(names: Sequence[str], russian: Sequence[bool]) -> OriginModel:
    """Fit the model to folded names and whether each is Russian.

    Raises:
        ValueError: one of the classes has no name.
    """
    labels = np.array(russian, dtype=np.float64)
    if not 0 < labels.sum() < len(labels):
        raise ValueError("both Russian and other names are needed to tell them apart")
    grams = sorted({gram for name in names for gram in _ngrams(name)})
    vocabulary = {gram: i for i, gram in enumerate(grams)}
    design = _encode(names, vocabulary)
    weights, velocity = np.zeros(len(grams)), np.zeros(len(grams))
    for _ in range(_STEPS):
        error = (_sigmoid(_logits(design, weights)) - labels) / len(labels)
        gradient = np.bincount(
            design.columns, design.values * error[design.rows], minlength=len(grams)
        )
        velocity = _MOMENTUM * velocity - _LEARNING_RATE * (gradient + _DECAY * weights)
        weights = weights + velocity
    return OriginModel(vocabulary, weights)


def cross_validate(names: Sequence[str], russian: Sequence[bool], folds: int = 5) -> ErrorRates:
    """How often models that did not see a name give it the wrong origin.

    Raises:
        ValueError: an origin has too few names for every model to see some.
    """
    labels = np.array(russian, dtype=np.bool_)
    # Neighbours in the sorted list are variants of one name, so each fold takes a whole block.
    order = np.array(sorted(range(len(names)), key=lambda i: names[i]), dtype=np.int64)
    size = max(1, min(_BLOCK, len(names) // folds))
    blocks = np.arange(len(names)) // size % folds
    wrong = np.zeros(len(names), dtype=np.bool_)
    for fold in range(folds):
        seen, unseen = order[blocks != fold], order[blocks == fold]
        model = train([names[i] for i in seen], [bool(labels[i]) for i in seen])
        guesses = model.russian([names[i] for i in unseen]) >= 0.5
        wrong[unseen] = guesses != labels[unseen]
    return ErrorRates(float(wrong[labels].mean()), float(wrong[~labels].mean()))


@dataclass(frozen=True)
class Origins:
    """The origins of some names and how they were found."""

    by_name: dict[str, Origin]
    labelled: Counter[Origin]
    """How many labels of each origin the model learned from."""
    errors: ErrorRates
    """Of the model, in cross-validation on the labels."""
    guessed: int
    """How many of the names had no label, so that the model decided."""


def assign(names: Iterable[str], labels: Mapping[str, Origin]) -> Origins:
    """Give every folded name its label or, where it has none, the origin its letters speak for.

    Letters tell a Russian name from the others. Those are then taken for names of the peoples,
    who outnumber the world seven to one: what is of the world stands in our lists.

    Raises:
        ValueError: no label is Russian, or all are.
    """
    labelled = sorted(labels)
    is_russian = [labels[name] == "russian" for name in labelled]
    model = train(labelled, is_russian)
    unknown = sorted(name for name in names if name not in labels)
    guesses: dict[str, Origin] = {
        name: "russian" if probability >= 0.5 else "peoples"
        for name, probability in zip(unknown, model.russian(unknown), strict=True)
    }
    return Origins(
        by_name={**labels, **guesses},
        labelled=Counter(labels.values()),
        errors=cross_validate(labelled, is_russian),
        guessed=len(unknown),
    )
