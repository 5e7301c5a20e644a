"""A reward model finds out what people like, and says how sure it may be."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.names.records import read_records
from ml.taste.letters import COLUMNS, letters_of
from ml.taste.reward import Votes, cross_fit, fit_reward

NAMES = sorted({record.name for record in read_records() if record.kind == "given"})[::5]


def votes(names: list[str], likes: list[bool], people: list[int] | None = None) -> Votes:
    return Votes(
        names,
        np.where(likes, 1.0, -1.0),
        np.ones(len(names)),
        np.array(people if people else [0] * len(names)),
    )


def folds(names: list[str]) -> np.ndarray:
    return np.array([zlib.crc32(name.encode()) % 5 for name in names])


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_text_has_features(names: list[str]) -> None:
    letters = letters_of(names)
    assert letters.columns.shape == letters.values.shape
    assert letters.columns.min(initial=0) >= 0
    assert letters.columns.max(initial=0) < COLUMNS
    assert np.isfinite(letters.values).all()


def test_the_case_of_letters_says_nothing() -> None:
    alike = letters_of(["АННА", "анна"]).kernel()
    assert alike == pytest.approx(np.full((2, 2), alike[0, 0]))


def test_dot_and_its_transpose_belong_together() -> None:
    letters = letters_of(NAMES[:20])
    rng = np.random.default_rng(0)
    weights, said = rng.normal(size=COLUMNS), rng.normal(size=20)
    assert letters.dot(weights) @ said == pytest.approx(weights @ letters.transposed_dot(said))


def test_a_kernel_is_the_inner_product_of_features() -> None:
    some = letters_of(NAMES[:9])
    columns = [some.transposed_dot(np.eye(9)[row]) for row in range(9)]
    expected = np.stack([some.dot(column) for column in columns], axis=1)
    assert some.kernel() == pytest.approx(expected, rel=1e-5)


def test_what_is_liked_is_found_out() -> None:
    rated, fresh = NAMES[::2][:200], NAMES[1::2]
    model = fit_reward(votes(rated, ["р" in name.lower() for name in rated]), scale=1.0)
    rates = model.like_rates(fresh)
    liked = np.array(["р" in name.lower() for name in fresh])
    assert rates[liked].mean() > rates[~liked].mean() + 0.3


def test_a_person_who_likes_everything_does_not_make_their_names_liked() -> None:
    rated = NAMES[:200]
    people = [int(name < rated[100]) for name in rated]
    likes = [bool(person) or number % 2 == 0 for number, person in enumerate(people)]
    one = fit_reward(votes(rated, likes, people), scale=0.3)
    nobody = fit_reward(votes(rated, likes), scale=0.3)
    gap = one.log_odds(rated)[:100].mean() - one.log_odds(rated)[100:].mean()
    assert gap < nobody.log_odds(rated)[:100].mean() - nobody.log_odds(rated)[100:].mean()


def test_ratings_by_chance_say_nothing_about_what_was_left_out() -> None:
    rng = np.random.default_rng(1)
    rated = NAMES[:150]
    likes = list(rng.random(len(rated)) < 0.5)
    rates = cross_fit(votes(rated, likes), folds(rated)).like_rates
    liked = np.array(likes)
    assert abs(rates[liked].mean() - rates[~liked].mean()) < 0.08


def test_left_out_names_are_foreseen_where_there_is_a_taste() -> None:
    rated = NAMES[:150]
    likes = [len(name) <= 6 for name in rated]
    fitted = cross_fit(votes(rated, likes), folds(rated))
    liked = np.array(likes)
    assert fitted.like_rates[liked].mean() > fitted.like_rates[~liked].mean() + 0.3


@pytest.mark.parametrize("value", [True, False])
def test_only_likes_or_only_dislikes_are_no_trouble(value: bool) -> None:
    rated = NAMES[:20]
    rates = cross_fit(votes(rated, [value] * 20), folds(rated)).model.like_rates(rated)
    assert ((rates > 0.5) == value).all()
