import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.attack import Attack, by_rater, hated, honest_ratings, letter_likes, shares
from ml.arrays import Doubles
from ml.learning.raters import Rater, vote_weights, weigh
from ml.learning.ratings import Rating

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SYLLABLES = ("ма", "ни", "ро", "све", "ла", "ди", "ор", "ки", "ем", "ту", "лю", "жи", "е", "си")


def make_names(count: int) -> list[str]:
    rng = random.Random(0)
    made = ("".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).capitalize() for _ in range(9999))
    return list(dict.fromkeys(made))[:count]


NAMES = make_names(1200)


def votes(user: int, count: int, **fields: object) -> list[Rating]:
    """Likes and dislikes in turn, of names that nobody else rates."""
    return [
        Rating.model_validate(
            {"name": f"Ева{user}{'а' * i}", "value": 1 - 2 * (i % 2), "user": user, **fields}
        )
        for i in range(count)
    ]


def by_taste(user: int, count: int, *, turned: bool = False, letter: str = "и") -> list[Rating]:
    """A person who likes names with the letter, or all but those, one slip in ten."""
    rng = random.Random(user)
    return [
        Rating(
            name=name,
            value=1 if (letter in name.lower()) ^ turned ^ (rng.random() < 0.1) else -1,
            user=user,
        )
        for name in rng.sample(NAMES, count)
    ]


def raters(ratings: list[Rating]) -> dict[int | str, Rater]:
    return {rater.user: rater for rater in weigh(ratings, letter_likes)[1]}


def totals(ratings: list[Rating]) -> dict[int | str, float]:
    """What all ratings of each person weigh."""
    total: Counter[int | str] = Counter()
    for rating, weight in zip(ratings, vote_weights(ratings), strict=True):
        total[rating.user] += weight
    return dict(total)


def test_no_ratings_have_no_weights() -> None:
    assert vote_weights([]).shape == (0,)


def test_of_one_person_each_rating_is_one_rating() -> None:
    assert vote_weights(votes(1, 300)) == pytest.approx(1)


def test_of_equal_people_each_rating_is_one_rating() -> None:
    assert vote_weights([*votes(1, 8), *votes(2, 8), *votes(3, 8)]) == pytest.approx(1)


def test_more_votes_weigh_more_but_never_half_as_much_again_as_the_middle() -> None:
    crowd = [rating for user in range(50) for rating in votes(user, 10)]
    said = {count: totals([*crowd, *votes(99, count)]) for count in (1, 5, 10, 40, 900)}
    ratios = [total[99] / total[0] for total in said.values()]
    assert ratios == sorted(ratios)
    assert ratios[2] == pytest.approx(1)
    assert 1.3 < ratios[-1] < 1.5


def test_neither_visitors_nor_flooders_are_the_middle() -> None:
    engaged = [rating for user in range(30) for rating in votes(user, 40)]
    visitors = [rating for user in range(100, 150) for rating in votes(user, 1)]
    flooders = [rating for user in range(200, 210) for rating in votes(user, 900)]
    total = totals([*engaged, *visitors, *flooders])
    assert total[0] > 8 * total[100]
    assert total[200] < 1.5 * total[0]


def test_nobody_has_more_than_a_twentieth_beside_many_who_came_once() -> None:
    visitors = [rating for user in range(100) for rating in votes(user, 1)]
    assert weigh([*visitors, *votes(999, 2000)])[1][-1].share == pytest.approx(0.05)


def test_a_few_visitors_do_not_take_the_word_from_the_one_who_rates() -> None:
    visitors = [rating for user in range(3) for rating in votes(user, 1)]
    assert weigh([*visitors, *votes(999, 300)])[1][-1].share > 0.85


def test_many_votes_on_one_day_weigh_less_than_on_many_days() -> None:
    patient = [
        Rating(name=f"Ада{'а' * day}", value=1 - 2 * (day % 2), user=1, at=NOON + day * DAY)
        for day in range(40)
    ]
    hasty = votes(2, 40, at=NOON)
    crowd = [rating for user in range(10, 30) for rating in votes(user, 10, at=NOON)]
    total = totals([*crowd, *patient, *hasty])
    assert total[1] > 1.1 * total[2]


def test_who_came_just_now_weighs_a_quarter_and_all_after_a_week() -> None:
    known = votes(1, 10, at=NOON, since=NOON - 30 * DAY)
    new = votes(2, 10, at=NOON, since=NOON)
    of_old, unknown = votes(3, 10, at=NOON - 7 * DAY, since=NOON - 7 * DAY), votes(4, 10)
    total = totals([*known, *new, *of_old, *unknown])
    assert total[2] == pytest.approx(total[1] / 4)
    assert total[3] == pytest.approx(total[1])


def test_a_clock_that_ran_backwards_does_no_harm() -> None:
    total = totals([*votes(1, 5, at=NOON, since=NOON + DAY), *votes(2, 5, at=NOON)])
    assert total[1] == pytest.approx(total[2] / 4)


def test_names_of_earlier_versions_weigh_a_little_less() -> None:
    ratings = [*votes(1, 1, version=9), *votes(1, 2, version=4)[1:], *votes(1, 3)[2:]]
    new, old, unknown = vote_weights(ratings)
    assert old == pytest.approx(0.95 * new)
    assert unknown == new


def test_the_oldest_version_counts_too() -> None:
    ratings = [rating for user in range(40) for rating in votes(user, 1, version=user)]
    weights = vote_weights(ratings)
    assert weights[0] == pytest.approx(0.6 * weights[-1], rel=0.1)


def test_what_was_asked_for_does_not_count() -> None:
    whole, half, none = vote_weights(
        [
            Rating(name="Евлалия", value=1, user=1),
            Rating(name="Евтихия", value=-1, user=1, prefix="Евти"),
            Rating(name="Евдокия", value=1, user=1, prefix="Евдокия"),
        ]
    )
    assert half == pytest.approx(whole / 2)
    assert none == pytest.approx(whole / 8)


@pytest.mark.parametrize("value", [1, -1])
def test_one_button_under_every_name_is_hardly_believed(value: int) -> None:
    honest = [rating for user in range(20) for rating in by_taste(user, 30)]
    constant = [Rating(name=name, value=value, user=99) for name in NAMES[:90]]
    people = raters([*honest, *constant])
    assert people[99].constant > 0.7
    assert people[99].share < 0.4 * people[0].share
    assert max(people[user].constant for user in range(20)) < 0.1


def test_a_slip_now_and_then_does_not_hide_the_one_button() -> None:
    honest = [rating for user in range(20) for rating in by_taste(user, 30)]
    nearly = [Rating(name=n, value=-1 if i else 1, user=99) for i, n in enumerate(NAMES[:200])]
    assert raters([*honest, *nearly])[99].constant > 0.8


def test_four_likes_are_no_proof() -> None:
    honest = [rating for user in range(20) for rating in by_taste(user, 30)]
    assert (
        raters([*honest, *(Rating(name=n, value=1, user=99) for n in NAMES[:4])])[99].constant < 0.1
    )


def test_where_everybody_likes_everything_nobody_is_suspected() -> None:
    ratings = [Rating(name=name, value=1, user=i % 20) for i, name in enumerate(NAMES[:400])]
    people = raters(ratings)
    assert max(rater.constant for rater in people.values()) < 0.1
    assert vote_weights(ratings, letter_likes) == pytest.approx(1)


def test_one_against_all_is_found_and_hardly_believed() -> None:
    honest = [rating for user in range(30) for rating in by_taste(user, 20)]
    people = raters([*honest, *by_taste(99, 100, turned=True)])
    assert people[99].contrary > 0.95
    assert people[99].share < 0.3 * people[0].share
    assert np.mean([people[user].contrary for user in range(30)]) < 0.02


def test_a_third_of_another_taste_keeps_its_weight() -> None:
    most = [rating for user in range(10) for rating in by_taste(user, 60)]
    others = [rating for user in range(50, 55) for rating in by_taste(user, 60, turned=True)]
    people = raters([*most, *others])
    assert np.mean([people[user].contrary for user in range(50, 55)]) > 0.5
    assert sum(people[user].share for user in range(50, 55)) == pytest.approx(1 / 3, abs=0.01)


def test_a_taste_of_ones_own_is_nothing_against_others() -> None:
    honest = [rating for user in range(30) for rating in by_taste(user, 20)]
    people = raters([*honest, *by_taste(99, 100, letter="ю")])
    assert people[99].contrary < 0.05
    assert people[99].share > people[0].share


def test_a_few_votes_against_all_are_no_proof() -> None:
    honest = [rating for user in range(30) for rating in by_taste(user, 20)]
    people = raters([*honest, *by_taste(99, 4, turned=True)])
    assert people[99].contrary < 0.5


def test_two_who_disagree_are_both_heard() -> None:
    people = raters([*by_taste(1, 60), *by_taste(2, 60, turned=True)])
    assert people[1].share == pytest.approx(0.5, abs=0.01)


def test_800_ratings_of_one_do_not_outweigh_400_of_ten() -> None:
    # Found with votes that counted once a name: every retrain was refused.
    honest = [rating for user in range(10) for rating in by_taste(user, 40)]
    people = raters([*honest, *by_taste(99, 800, turned=True)])
    assert people[99].share < 0.1


@pytest.mark.parametrize(
    ("attack", "most"), [(Attack(3, 12), 0.1), (Attack(3, 600), 0.1), (Attack(1, 1200), 0.05)]
)
def test_few_who_press_a_lot_hardly_move_the_shared_model(attack: Attack, most: float) -> None:
    rng = random.Random(1)
    honest = honest_ratings(NAMES, 60 - attack.people, rng)
    before, *_ = shares(NAMES, honest, by_rater)
    after, *_ = shares(NAMES, [*honest, *attack.ratings(NAMES, rng)], by_rater)
    assert 0.2 < before < 0.9
    assert abs(after / before - 1) < most


def test_the_attack_succeeds_where_each_rating_weighs_the_same() -> None:
    rng = random.Random(1)
    honest = honest_ratings(NAMES, 57, rng)
    before, *_ = shares(NAMES, honest, lambda ratings: np.ones(len(ratings)))
    attacked = [*honest, *Attack(3, 600).ratings(NAMES, rng)]
    after, *_ = shares(NAMES, attacked, lambda ratings: np.ones(len(ratings)))
    assert after / before - 1 < -0.3
    assert any(hated(rating.name) for rating in honest)


@pytest.mark.parametrize("value", [1, -1])
def test_only_likes_or_only_dislikes_weigh_something(value: int) -> None:
    ratings = [Rating(name=n, value=value, user=i % 3) for i, n in enumerate(NAMES[:60])]
    assert vote_weights(ratings, letter_likes) == pytest.approx(1)


moments = st.none() | st.datetimes(
    datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)
)
any_rating = st.builds(
    Rating,
    name=st.sampled_from(["Ева", "John", "名字", "مريم", "a" * 900, "\u0000", "😀"]),
    value=st.sampled_from([1, -1]),
    user=st.integers(-3, 3) | st.sampled_from(["1", "кто-то"]),
    prefix=st.sampled_from(["", "е", "Jo"]),
    at=moments,
    since=moments,
    version=st.none() | st.integers(-1, 4),
)


@given(st.lists(any_rating, min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_any_ratings_have_positive_weights_whatever_their_order(
    ratings: list[Rating], rng: random.Random
) -> None:
    weights, people = weigh(ratings, likes_long_names)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(weights.sum() ** 2 / (weights @ weights))
    assert weights.sum() <= len(ratings) + 1e-9
    assert sum(rater.share for rater in people) == pytest.approx(1)
    order = rng.sample(range(len(ratings)), len(ratings))
    shuffled = vote_weights([ratings[row] for row in order])
    assert shuffled == pytest.approx(vote_weights(ratings)[order])


def likes_long_names(
    names: Sequence[str], values: Doubles, weights: Doubles
) -> Callable[[Sequence[str]], Doubles]:
    """Learns nothing, and takes no time."""
    return lambda asked: np.array([0.9 if len(name) > 3 else 0.5 for name in asked])
