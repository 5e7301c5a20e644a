import numpy as np
import pytest

from ml.dataset import origin
from ml.names.records import Origin

RUSSIAN = ["ярослав", "мстислав", "святослав", "вячеслав", "ростислав", "изяслав", "станислав"]
OTHER = ["мухаметхан", "исламхан", "тимерхан", "алихан", "амирхан", "сабирхан", "нурихан"]
NAMES = RUSSIAN + OTHER
LABELS = [True] * len(RUSSIAN) + [False] * len(OTHER)


def test_unseen_names_follow_their_letters() -> None:
    model = origin.train(NAMES, LABELS)
    russian, other = model.russian(["владислав", "гирейхан"])
    assert russian > 0.5 > other


def test_training_is_reproducible() -> None:
    first, second = origin.train(NAMES, LABELS), origin.train(NAMES, LABELS)
    assert np.array_equal(first.weights, second.weights)


def test_no_names_no_probabilities() -> None:
    assert origin.train(NAMES, LABELS).russian([]).shape == (0,)


def test_a_name_of_unseen_letters_gets_a_probability() -> None:
    (probability,) = origin.train(NAMES, LABELS).russian(["ёё"])
    assert 0 <= probability <= 1


def test_both_origins_are_needed() -> None:
    with pytest.raises(ValueError, match="both"):
        origin.train(["иван"], [True])


def test_cross_validation_counts_errors_of_each_origin() -> None:
    names = [f"{stem}слав" for stem in "абвгдежзиклмнопрстуф"]
    others = [f"{stem}хан" for stem in "абвгдежзиклмнопрстуф"]
    # One Russian name in the other costume: a model that never saw its label must miss it.
    labels = [True] * len(names) + [True] + [False] * (len(others) - 1)
    errors = origin.cross_validate(names + others, labels, folds=2)
    assert errors.russian == pytest.approx(1 / 21)
    assert errors.other == 0


def test_labels_win_over_letters() -> None:
    labels: dict[str, Origin] = dict.fromkeys(RUSSIAN, "russian")
    labels |= dict.fromkeys(OTHER, "peoples")
    labels["ярославхан"] = "russian"
    result = origin.assign(["ярославхан", "гирейхан", "владислав"], labels)
    assert result.by_name["ярославхан"] == "russian"
    assert result.by_name["гирейхан"] == "peoples"
    assert result.by_name["владислав"] == "russian"
    assert result.guessed == 2
