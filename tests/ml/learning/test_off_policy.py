import math
import random
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.arrays import Doubles
from ml.learning.off_policy import (
    Estimate,
    clipped_weights,
    effective_size,
    estimate_like_rate,
)

rows = st.lists(
    st.tuples(
        st.floats(-5, 5), st.sampled_from([0.0, 1.0]), st.floats(0.01, 10), st.integers(0, 4)
    ),
    min_size=1,
    max_size=40,
)
Row = tuple[float, float, float, int]


def estimate(ratings: Sequence[Row], *, shift: float = 0.0, scale: float = 1.0) -> Estimate:
    log_weights, values, votes, raters = (np.array(column) for column in zip(*ratings, strict=True))
    return estimate_like_rate(log_weights + shift, values, votes * scale, raters)


def alone(log_weights: Doubles, values: Doubles, *, raters: int | None = None) -> Estimate:
    """Everybody's vote the same; `raters` people in turn, or each rating of somebody else."""
    who = np.arange(len(values)) % (raters or len(values))
    return estimate_like_rate(log_weights, values, np.ones(len(values)), who)


def assert_same(one: Estimate, other: Estimate) -> None:
    for name in ("rate", "low", "high", "logged", "probability"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-6, abs=1e-9)


def test_equal_weights_give_the_share_of_likes_with_the_interval_of_a_mean() -> None:
    values = np.repeat([1.0, 0.0], [30, 70])
    found = alone(np.zeros(100), values)
    assert (found.rate, found.logged) == pytest.approx((0.3, 0.3))
    assert found.effective == pytest.approx(100)
    # Of log-odds: 1.96 standard errors of the mean over p (1 - p).
    spread = 1.959964 * math.sqrt(0.3 * 0.7 / 99) / (0.3 * 0.7)
    middle = math.log(0.3 / 0.7)
    assert found.low == pytest.approx(1 / (1 + math.exp(spread - middle)))
    assert found.high == pytest.approx(1 / (1 + math.exp(-spread - middle)))
    assert found.probability == 0.5


def test_a_rating_counts_by_its_weight_and_its_vote() -> None:
    log_weights = np.log([1.0, 2.0, 3.0, 3.0])
    values, votes = np.array([1.0, 0.0, 1.0, 0.0]), np.array([2.0, 1.0, 1.0, 1.0])
    found = estimate_like_rate(log_weights, values, votes, np.arange(4))
    assert found.rate == pytest.approx((2 * 1 + 3) / (2 * 1 + 2 + 3 + 3))
    assert found.logged == pytest.approx(3 / 5)
    assert found.lift == pytest.approx(0.5 - 0.6)
    assert found.probability < 0.5


def test_the_standard_error_is_that_of_the_delta_method() -> None:
    log_weights, values = np.log([1.0, 2.0, 3.0, 2.0]), np.array([1.0, 0.0, 1.0, 0.0])
    weights = np.array([1, 2, 3, 2]) / 8
    rate = 0.5
    error = math.sqrt(4 / 3 * float((weights**2 * (values - rate) ** 2).sum()))
    found = alone(log_weights, values)
    assert found.rate == pytest.approx(rate)
    log_odds = math.log(found.high / (1 - found.high))
    assert log_odds == pytest.approx(1.959964 * error / 0.25)


def test_the_effective_size_is_kongs() -> None:
    assert effective_size(np.array([1.0, 1.0, 2.0])) == pytest.approx(16 / 6)
    assert effective_size(np.array([0.0, 0.0, 5.0])) == 1


def test_weights_are_clipped_at_the_root_of_their_number() -> None:
    log_weights = np.array([10.0, *np.zeros(99)])
    clipped = clipped_weights(log_weights, np.ones(100))
    assert clipped[0] == pytest.approx(10)
    assert np.all(clipped[1:] < 1)
    mild = clipped_weights(np.log([1.0, 2.0, 3.0, 2.0]), np.ones(4))
    np.testing.assert_allclose(mild, [0.5, 1.0, 1.5, 1.0])


def test_one_persons_ratings_are_not_as_many_peoples() -> None:
    values = np.repeat([1.0, 0.0], 50)
    weights = np.log(np.repeat([2.0, 1.0], 50))
    many = alone(weights, values)
    opposed = estimate_like_rate(weights, values, np.ones(100), np.repeat(np.arange(4), 25))
    assert opposed.rate == pytest.approx(many.rate)
    assert opposed.low < many.low
    assert opposed.high > many.high


def test_one_person_alone_has_an_interval_too() -> None:
    values = np.repeat([1.0, 0.0], 20)
    one = alone(np.zeros(40), values, raters=1)
    assert_same(one, alone(np.zeros(40), values))
    assert one.low < 0.5 < one.high


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_what_everybody_agrees_on_is_no_division_by_zero(value: float) -> None:
    found = alone(np.linspace(-1, 1, 5), np.full(5, value))
    assert (found.rate, found.low, found.high) == (value, value, value)
    assert found.probability == 0.5


def test_no_rating_that_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="no rating counts"):
        estimate_like_rate(np.zeros(2), np.ones(2), np.zeros(2), np.arange(2))


@given(rows)
def test_the_estimate_is_a_mean_of_ratings(ratings: list[Row]) -> None:
    found = estimate(ratings)
    assert 0 <= found.low <= found.rate + 1e-9
    assert found.rate - 1e-9 <= found.high <= 1
    assert 0 <= found.probability <= 1
    assert 1 - 1e-9 <= found.effective <= len(ratings) + 1e-9


@given(rows, st.floats(-50, 50), st.floats(0.1, 10))
def test_factors_of_weights_and_votes_do_not_matter(
    ratings: list[Row], shift: float, scale: float
) -> None:
    assert_same(estimate(ratings), estimate(ratings, shift=shift, scale=scale))


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_ratings_does_not_matter(ratings: list[Row], rng: random.Random) -> None:
    shuffled = ratings.copy()
    rng.shuffle(shuffled)
    assert_same(estimate(ratings), estimate(shuffled))


@given(rows)
def test_names_that_are_liked_gain_by_their_weight(ratings: list[Row]) -> None:
    by_value = [(value, value, vote, rater) for _, value, vote, rater in ratings]
    found = estimate(by_value)
    assert found.lift >= -1e-9
    assert found.probability >= 0.5


def test_the_truth_lies_in_nineteen_of_twenty_intervals_and_the_estimate_is_right_on_average() -> (
    None
):
    # Six names, what each policy writes and how much each is liked, so the truth is known.
    logging = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])
    target = np.array([0.1, 0.2, 0.2, 0.2, 0.2, 0.1])
    liked = np.array([0.1, 0.3, 0.5, 0.6, 0.7, 0.9])
    truth, rng = float(target @ liked), np.random.default_rng(0)
    found = []
    for _ in range(400):
        names = rng.choice(6, 300, p=logging)
        values = (rng.random(300) < liked[names]).astype(float)
        found.append(alone(np.log(target / logging)[names], values))
    inside = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.92 < inside < 0.98
    assert np.mean([each.rate for each in found]) == pytest.approx(truth, abs=0.01)
    assert all(each.probability > 0.99 for each in found)


def test_the_probability_is_that_of_the_normal_distribution_of_the_lift() -> None:
    values = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
    weights = np.array([3.0, 1.0, 1.0, 1.0, 1.0, 2.0])
    share = weights / weights.sum()
    rate, logged = float(share @ values), 0.5
    influence = share * (values - rate) - (values - logged) / 6
    error = math.sqrt(6 / 5 * float((influence**2).sum()))
    found = alone(np.log(weights), values)
    assert found.probability == pytest.approx(1 - NormalDist(found.lift, error).cdf(0))
