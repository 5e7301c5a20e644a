from collections.abc import Sequence

import numpy as np
import pytest

from ml.arrays import Doubles
from ml.learning.diversity import compare_diversity, distinct_share


def short(names: Sequence[str]) -> Doubles:
    return np.array([0.9 if len(name) == 2 else 0.1 for name in names])


def drawn(liked: float, count: int, seed: int) -> list[str]:
    """Short names, of which there are 20, and long ones, of which there are 4,000."""
    rng = np.random.default_rng(seed)
    of_short = rng.random(count) < liked
    return [
        f"{chr(ord('а') + rng.integers(20))}а" if is_short else f"name {rng.integers(4_000)}"
        for is_short in of_short
    ]


def test_distinct_names_are_compared_folded() -> None:
    assert distinct_share(["Алёна", "алена", "Ева", "Ия"]) == 0.75


def test_a_taste_that_concentrates_may_cost_what_it_costs() -> None:
    former, new = drawn(0.3, 4_000, 0), drawn(0.6, 1_000, 1)
    plain = distinct_share(former[:1_000])
    resampled, of_new = compare_diversity(former, new, short, seed=0)
    assert of_new < 0.7 * plain
    assert of_new == pytest.approx(resampled, rel=0.05)


def test_a_model_that_repeats_itself_besides_is_seen() -> None:
    former = drawn(0.3, 4_000, 0)
    new = [name for name in drawn(0.6, 500, 1) for _ in range(2)]
    resampled, of_new = compare_diversity(former, new, short, seed=0)
    assert of_new < 0.9 * resampled


def test_where_the_ratings_say_nothing_the_former_is_taken_as_it_is() -> None:
    former = drawn(0.3, 2_000, 0)
    resampled, of_new = compare_diversity(
        former, former[:1_000], lambda names: np.full(len(names), 0.4), seed=0
    )
    assert of_new == pytest.approx(distinct_share(former[:1_000]))
    assert resampled == pytest.approx(of_new, rel=0.05)


@pytest.mark.parametrize("liked", [0.0, 1.0])
def test_what_the_former_cannot_reach_ends_all_the_same(liked: float) -> None:
    former, new = drawn(0.3, 500, 0), drawn(liked, 200, 1)
    resampled, of_new = compare_diversity(former, new, short, seed=0)
    assert 0 < resampled <= 1
    assert 0 < of_new <= 1


def test_a_former_that_is_never_as_good_is_compared_by_the_little_there_is() -> None:
    former = ["Длинное", *["Длиннее"] * 99]
    resampled, of_new = compare_diversity(former, ["Ия", "Ия"], short, seed=0)
    assert 0 < resampled <= 1
    assert of_new == 0.5
