"""Who may ask how often, who is told, and how little of it is remembered."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.traffic.limits import Answer, Asked, Limits

GROUP = -100


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def name(person: int | None = 1, group: int | None = None) -> Asked:
    return Asked(person, group, price=10, group_price=10)


def press(person: int = 1, group: int | None = None) -> Asked:
    return Asked(person, group, price=1, group_price=0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> Limits:
    return Limits(person=6, group=8, clock=clock)


def test_one_who_asks_too_often_is_told_once_and_then_not_heard(limits: Limits) -> None:
    answers = [limits.ask(name()) for _ in range(100)]
    assert answers == [Answer.GIVEN] * 6 + [Answer.PERSON_TOLD] + [Answer.NOTHING] * 93


def test_half_a_minute_later_they_are_heard_again(limits: Limits, clock: Clock) -> None:
    for _ in range(10):
        limits.ask(name())
    clock.now = 29
    assert limits.ask(name()) is Answer.NOTHING
    clock.now = 31
    answers = [limits.ask(name()) for _ in range(5)]
    assert answers == [Answer.GIVEN] * 3 + [Answer.PERSON_TOLD] + [Answer.NOTHING]


def test_somebody_else_is_not_concerned(limits: Limits) -> None:
    for _ in range(100):
        limits.ask(name(person=1))
    assert limits.ask(name(person=2)) is Answer.GIVEN


def test_a_press_costs_a_tenth(limits: Limits) -> None:
    answers = [limits.ask(press()) for _ in range(61)]
    assert answers == [Answer.GIVEN] * 60 + [Answer.PERSON_TOLD]


def test_one_person_leaves_half_of_the_group_to_others(limits: Limits) -> None:
    answers = [limits.ask(name(1, GROUP)) for _ in range(5)]
    assert answers == [Answer.GIVEN] * 4 + [Answer.PERSON_TOLD]
    assert limits.ask(name(2, GROUP)) is Answer.GIVEN
    assert limits.ask(name(1)) is Answer.GIVEN  # in private


def test_a_group_has_a_limit_of_its_own(limits: Limits) -> None:
    answers = [limits.ask(name(person, GROUP)) for person in range(10)]
    assert answers == [Answer.GIVEN] * 8 + [Answer.GROUP_TOLD, Answer.NOTHING]
    assert limits.ask(press(20, GROUP)) is Answer.GIVEN  # ratings are no messages
    assert limits.ask(name(9)) is Answer.GIVEN
    assert limits.ask(name(9, GROUP - 1)) is Answer.GIVEN


def test_nobody_in_particular_counts_for_the_group(limits: Limits) -> None:
    answers = [limits.ask(name(None, GROUP)) for _ in range(9)]
    assert answers == [Answer.GIVEN] * 8 + [Answer.GROUP_TOLD]


def test_what_is_refused_for_another_reason_is_told_once_too(limits: Limits) -> None:
    assert [limits.refuse(name()) for _ in range(2)] == [Answer.PERSON_TOLD, Answer.NOTHING]
    assert limits.ask(name()) is Answer.NOTHING


def test_whom_no_limit_is_set_for_is_not_refused() -> None:
    limits = Limits(person=0, group=8)
    assert [limits.refuse(name()) for _ in range(2)] == [Answer.GIVEN] * 2
    assert limits.refuse(press(1, GROUP)) is Answer.GIVEN
    assert limits.refuse(Asked(1, GROUP, price=0, group_price=0)) is Answer.NOTHING
    assert limits.refuse(name(1, GROUP)) is Answer.PERSON_TOLD


def test_zero_is_no_limit() -> None:
    limits = Limits(person=0, group=0)
    assert not limits
    assert {limits.ask(name(1, GROUP)) for _ in range(1000)} == {Answer.GIVEN}


def test_in_a_crowd_the_longest_silent_are_forgotten(limits: Limits) -> None:
    """So it takes bounded memory."""
    limits.refuse(name(0))
    for person in range(1, 20_000):
        assert limits.ask(name(person)) is Answer.GIVEN
    assert limits.ask(name(0)) is Answer.NOTHING
    for person in range(1, 20_001):
        assert limits.ask(name(person)) is Answer.GIVEN
    assert limits.ask(name(0)) is Answer.GIVEN


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30)), max_size=200))
def test_in_no_minute_does_anybody_get_more_than_twice_the_limit(
    asked: Sequence[tuple[int, int]],
) -> None:
    """All of a minute at once, and what comes back within it."""
    clock = Clock()
    limits = Limits(person=6, group=0, clock=clock)
    given_at: dict[int, list[float]] = {}
    for person, pause in asked:
        clock.now += pause
        if limits.ask(name(person)) is Answer.GIVEN:
            given_at.setdefault(person, []).append(clock.now)
    for times in given_at.values():
        assert all(sum(start <= time < start + 60 for time in times) <= 12 for start in times)
