from collections.abc import Sequence

import numpy as np
import pytest

from ml.arrays import Doubles, Symbols
from ml.learning.chance import Evidence, further_ratings, seek_taste

LETTERS = "абвгдежзиклмнопрст"


def letters_in_common(names: Sequence[str]) -> Doubles:
    has = np.array([[letter in name for letter in LETTERS] for name in names], dtype=float)
    return np.asarray(has @ has.T)


def invented(count: int, rng: np.random.Generator) -> list[str]:
    return ["".join(rng.choice(list(LETTERS), 5)) for _ in range(count)]


def seek(
    names: Sequence[str],
    values: Doubles,
    *,
    votes: Doubles | None = None,
    raters: Symbols | None = None,
    seed: int = 0,
    shuffles: int = 199,
) -> Evidence:
    return seek_taste(
        names,
        values,
        np.ones(len(names)) if votes is None else votes,
        np.arange(len(names)) if raters is None else raters,
        letters_in_common,
        seed=seed,
        shuffles=shuffles,
    )


def likes_r(names: Sequence[str]) -> Doubles:
    return np.array([float("р" in name) for name in names])


def test_a_taste_is_found() -> None:
    rng = np.random.default_rng(1)
    names = invented(80, rng)
    values = np.where(rng.random(80) < 0.1, 1 - likes_r(names), likes_r(names))
    found = seek(names, values)
    assert found.found
    assert found.probability == pytest.approx(1 - 1 / 200)
    assert found.z > 3


def test_random_ratings_pass_at_most_once_in_twenty_times() -> None:
    passed = 0
    for number in range(300):
        rng = np.random.default_rng(number)
        names = invented(30, rng)
        # Seven people, some of whom like nearly everything, and who count differently.
        raters = rng.integers(0, 7, 30)
        values = (rng.random(30) < raters / 7).astype(float)
        votes = 1 / (1 + raters)
        found = seek(names, values, votes=votes, raters=raters, seed=number, shuffles=99)
        passed += found.found
    # Of 300 with one in twenty: more than 26 come once in a hundred times.
    assert passed <= 26


def test_who_likes_everything_that_they_asked_for_shows_no_taste() -> None:
    rng = np.random.default_rng(2)
    names = [f"р{name[1:]}" for name in invented(30, rng)] + invented(30, rng)
    raters = np.repeat([1, 2], 30)
    values = np.concatenate([np.ones(30), np.zeros(30)])
    assert not seek(names, values, raters=raters).found


def test_one_person_against_many_is_weighed_by_votes() -> None:
    rng = np.random.default_rng(3)
    names = invented(300, rng)
    raters = np.where(np.arange(300) < 100, np.arange(300) % 10, 99)
    values = np.where(raters == 99, 1 - likes_r(names), likes_r(names))
    by_rating = seek(names, values, raters=raters)
    votes = np.where(raters == 99, 1 / np.sqrt(200), 1 / np.sqrt(10))
    by_vote = seek(names, values, votes=votes, raters=raters)
    assert by_vote.z > by_rating.z
    assert by_vote.found


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_ratings_that_are_all_the_same_show_no_taste(value: float) -> None:
    found = seek(invented(20, np.random.default_rng(0)), np.full(20, value))
    assert not found.found
    assert found.z == 0


@pytest.mark.parametrize("count", [0, 1, 2])
def test_next_to_nothing_shows_no_taste(count: int) -> None:
    names = ["Ева", "Ада"][:count]
    assert not seek(names, np.array([1.0, 0.0][:count])).found


def test_the_same_name_alone_shows_no_taste() -> None:
    assert not seek(["Ева"] * 20, np.repeat([1.0, 0.0], 10)).found


def test_a_name_is_not_foretold_by_its_own_other_ratings() -> None:
    rng = np.random.default_rng(5)
    names = [name for name in invented(20, rng) for _ in range(4)]
    values = np.repeat((rng.random(20) < 0.5).astype(float), 4)

    def nothing_in_common(different: Sequence[str]) -> Doubles:
        return np.eye(len(different))

    found = seek_taste(
        names, values, np.ones(80), np.arange(80), nothing_in_common, seed=0, shuffles=199
    )
    assert not found.found


def test_votes_of_nothing_are_not_heard_and_the_scale_of_votes_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    names = invented(60, rng)
    values = likes_r(names)
    votes = np.repeat([1.0, 0.0], [40, 20])
    heard = seek(names[:40], values[:40])
    assert seek(names, values, votes=votes).z == pytest.approx(heard.z)
    assert seek(names[:40], values[:40], votes=np.full(40, 7.0)).z == pytest.approx(heard.z)


def test_the_same_seed_says_the_same() -> None:
    names = invented(40, np.random.default_rng(6))
    assert seek(names, likes_r(names), seed=9) == seek(names, likes_r(names), seed=9)


def test_very_many_ratings_are_looked_at_in_part() -> None:
    rng = np.random.default_rng(7)
    names = invented(30_000, rng)
    asked: list[int] = []

    def covariance(different: Sequence[str]) -> Doubles:
        asked.append(len(different))
        return letters_in_common(different)

    found = seek_taste(
        names, likes_r(names), np.ones(30_000), np.arange(30_000), covariance, seed=0, shuffles=19
    )
    assert found.found
    assert asked == [1_500]


@pytest.mark.parametrize(
    ("z", "more"),
    [(2.4, 10), (2.0, 30), (1.5, 70), (0.5, 100), (0.0, 100), (-2.0, 100)],
)
def test_the_clearer_the_ratings_the_fewer_more_are_asked_for(z: float, more: int) -> None:
    assert further_ratings(100, Evidence(0.5, z)) == more
