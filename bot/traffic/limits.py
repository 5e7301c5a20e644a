"""How much one person and one group may ask for, and who is told that it was too much."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from enum import Enum

_MINUTE = 60.0
# Of those who asked within the last minute; the longest silent are forgotten first.
_REMEMBERED = 20_000


class Answer(Enum):
    """What someone who asks for something gets."""

    GIVEN = "given"
    # Once; after that nothing, until they have been slower.
    PERSON_TOLD = "told that this person asks too often"
    GROUP_TOLD = "told that this group asks too often"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Asked:
    """That somebody wants something: who and, if in a group, where.

    ``price`` is what it costs the person, in tenths of a request, and ``group_price`` the group.
    """

    person: int | None
    group: int | None
    price: int
    group_price: int


@dataclass(slots=True)
class _Allowance:
    left: float
    at: float
    silent: bool = False


class Limits:
    """At most so many requests a minute of each ``person`` and each ``group``; 0 for no limit.

    All of them may come at once. One person has at most half of what a group may ask for. Who
    asked for more hears nothing until half of the minute's requests are theirs again.
    """

    def __init__(
        self, person: int, group: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._person = 10 * person
        self._group = 10 * group
        self._clock = clock
        self._allowances: OrderedDict[Hashable, _Allowance] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._person or self._group)

    def ask(self, asked: Asked) -> Answer:
        """Whether they may have it; if so it counts."""
        prices = list(self._prices(asked))
        for allowance, price, told in prices:
            if allowance.silent:
                return Answer.NOTHING
            if allowance.left < price:
                allowance.silent = True
                return told
        for allowance, price, _ in prices:
            allowance.left -= price
        return Answer.GIVEN

    def is_silent(self, person: int, group: int | None) -> bool:
        """Whether whatever they ask for would get no answer."""
        asked = Asked(person, group, price=1, group_price=1)
        return any(allowance.silent for allowance, _, _ in self._prices(asked))

    def refuse(self, asked: Asked) -> Answer:
        """Treat it as too much, whatever is left.

        A request that no limit is set for is given all the same: there is nobody to be told.
        """
        for allowance, _, told in self._prices(asked):
            if allowance.silent:
                return Answer.NOTHING
            allowance.silent, allowance.left = True, 0.0
            return told
        return Answer.GIVEN if asked.price else Answer.NOTHING

    def _prices(self, asked: Asked) -> Iterator[tuple[_Allowance, int, Answer]]:
        now = self._clock()
        person, group = asked.person, asked.group
        if self._person and person is not None and asked.price:
            yield self._now(person, self._person, now), asked.price, Answer.PERSON_TOLD
        if self._group and group is not None and asked.group_price:
            if person is not None:
                half = max(10, self._group // 2)
                of_member = self._now((person, group), half, now)
                yield of_member, asked.group_price, Answer.PERSON_TOLD
            yield self._now(group, self._group, now), asked.group_price, Answer.GROUP_TOLD

    def _now(self, key: Hashable, most: int, now: float) -> _Allowance:
        allowance = self._allowances.setdefault(key, _Allowance(most, now))
        self._allowances.move_to_end(key)
        allowance.left = min(most, allowance.left + (now - allowance.at) * most / _MINUTE)
        allowance.at = now
        if 2 * allowance.left >= most:
            allowance.silent = False
        self._forget(now)
        return allowance

    def _forget(self, now: float) -> None:
        """Those who have their whole minute again, and of too many the longest silent."""
        while self._allowances:
            oldest = next(iter(self._allowances.values()))
            if now - oldest.at < _MINUTE and len(self._allowances) <= _REMEMBERED:
                return
            self._allowances.popitem(last=False)
