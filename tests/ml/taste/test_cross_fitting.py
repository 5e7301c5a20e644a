import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.arrays import Doubles, Symbols
from ml.names.records import fold
from ml.taste.cross_fitting import folds_of, out_of_fold

NAMES = st.lists(st.text("аёеБбВв", min_size=1, max_size=4), min_size=1, max_size=30)


@given(NAMES, st.integers(2, 6))
def test_a_name_is_in_one_fold_whole_and_folds_are_of_a_size(names: list[str], count: int) -> None:
    folds = folds_of(names, count)
    of_name: dict[str, set[int]] = {}
    for name, number in zip(names, folds.tolist(), strict=True):
        of_name.setdefault(fold(name), set()).add(number)
    assert all(len(numbers) == 1 for numbers in of_name.values())
    sizes = np.bincount([numbers.pop() for numbers in of_name.values()], minlength=count)
    assert sizes.max() - sizes.min() <= 1


@given(NAMES, st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_matter(names: list[str], rng: random.Random) -> None:
    shuffled = names.copy()
    rng.shuffle(shuffled)
    one = dict(zip(names, folds_of(names), strict=True))
    assert one == dict(zip(shuffled, folds_of(shuffled), strict=True))


def test_nothing_is_foretold_by_its_own_fold() -> None:
    folds = np.array([0, 1, 2, 0, 1, 2, 2])
    seen: list[tuple[list[int], list[int]]] = []

    def foretell(learnt: Symbols, asked: Symbols) -> Doubles:
        seen.append((learnt.tolist(), asked.tolist()))
        return asked.astype(np.float64) * 10

    assert out_of_fold(folds, foretell).tolist() == [0, 10, 20, 30, 40, 50, 60]
    assert seen == [
        ([1, 2, 4, 5, 6], [0, 3]),
        ([0, 2, 3, 5, 6], [1, 4]),
        ([0, 1, 3, 4], [2, 5, 6]),
    ]


def test_a_single_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="only fold"):
        out_of_fold(np.zeros(3, dtype=np.int64), lambda _, asked: np.zeros(len(asked)))
