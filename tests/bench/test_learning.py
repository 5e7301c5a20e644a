from dataclasses import replace

import pytest

from bench.learning import TASTES, Run, tabulate
from bench.rivals import RIVALS, tune
from ml.learning.ratings import Rating
from ml.models.model import NameModel
from tests.ml.conftest import slavic_records
from tests.tiny_model import tiny_model

RECORDS = slavic_records()
RATINGS = [
    Rating(name=record.name, value=1 if record.name.endswith("мир") else -1, user=row % 3)
    for row, record in enumerate(each for each in RECORDS if each.split == "train")
]
PASSED = Run("tilt", "short", 300, 0.15, 0, 0.2, 0.7, 0.6, 0.6, 0.02, 1.0, (), 30.0)
REFUSED = replace(PASSED, seed=1, rate=0.2, drift=0.04, failed=("likelihood",))


@pytest.fixture(scope="module")
def model() -> NameModel:
    return tiny_model()


def test_what_was_refused_does_not_serve() -> None:
    table = tabulate("", [PASSED, REFUSED], lambda run: (run.taste, run.ratings))
    row = [next(iter(column.cells)) for column in table.columns]
    assert row[:5] == ["short, 300", "2", "0.200", "0.700", "0.600"]
    assert row[5:8] == ["0.80", "0.400", "0.40"]
    assert row[9] == "+0.0400"
    assert row[12] == "1 of 2"


def test_each_group_has_a_row() -> None:
    runs = [replace(PASSED, ratings=size) for size in (2_000, 50, 50)]
    table = tabulate("", runs, lambda run: (run.ratings,))
    assert list(table.columns[0].cells) == ["50", "2000"]


@pytest.mark.parametrize(
    ("taste", "liked", "disliked"),
    [
        ("м or в in the second half", "любовь", "михаил"),
        ("6 or 7 letters, no а", "георгий", "галина"),
        ("ends in ий or ей", "андрей", "майя"),
        ("first and last letter vowels", "ольга", "иван"),
        ("а or я once, 6 letters or more", "матвей", "анна"),
        ("has ст, рт, нд or лк", "степан", "пелагея"),
    ],
)
def test_tastes_are_what_they_are_called(taste: str, liked: str, disliked: str) -> None:
    assert TASTES[taste](liked)
    assert not TASTES[taste](disliked)


@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_learns_and_leaves_the_base_as_it_is(model: NameModel, rival: str) -> None:
    before = {name: weight.copy() for name, weight in model.weights.items()}
    tuned = tune(model, RATINGS, RIVALS[rival], RECORDS, seed=0, steps=2)
    assert any((tuned.weights[name] != weight).any() for name, weight in before.items())
    assert all((model.weights[name] == weight).all() for name, weight in before.items())
