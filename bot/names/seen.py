"""What the bot remembers of the people who wrote lately, so that it need not read it every time.

Whether that is still so is checked where it matters: a name is stored only if the person is known
and has seen nothing since (`db.generations.add`).
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# How many of the names that a person saw last are avoided.
REMEMBERED_NAMES = 50
# Some 5 KB each.
_PEOPLE = 1000
# Until then the database does not learn that somebody is here again.
_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Seen:
    """The names that a person saw last, newest first, and the id of the last generation or 0."""

    names: tuple[str, ...]
    latest: int


class SeenNames:
    """What people saw last, for as long as they need not be noted in the database again."""

    def __init__(
        self,
        *,
        people: int = _PEOPLE,
        seconds: float = _SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._people = people
        self._seconds = seconds
        self._clock = clock
        # By user id, in the order in which they were noted: when, with which language, what.
        self._known: OrderedDict[int, tuple[float, str | None, Seen]] = OrderedDict()

    def of(self, user_id: int, language_code: str | None) -> Seen | None:
        """What the person saw last; None if that is not known, or they must be noted again."""
        known = self._known.get(user_id)
        if known is None:
            return None
        noted, language_then, seen = known
        fresh = self._clock() - noted < self._seconds
        return seen if fresh and language_then == language_code else None

    def note(self, user_id: int, language_code: str | None, seen: Seen) -> None:
        """Remember a person who was noted in the database just now, and what they saw last."""
        self.forget(user_id)
        self._known[user_id] = (self._clock(), language_code, seen)
        if len(self._known) > self._people:
            self._known.popitem(last=False)

    def add(self, user_id: int, names: Iterable[str], latest: int) -> None:
        """Add to what is remembered, if anything is: an answer just stored, in its order."""
        if user_id in self._known:
            noted, language_code, seen = self._known[user_id]
            newest = (*reversed(tuple(names)), *seen.names)[:REMEMBERED_NAMES]
            self._known[user_id] = (noted, language_code, Seen(newest, latest))

    def forget(self, user_id: int) -> None:
        """Remember nothing of a person."""
        self._known.pop(user_id, None)
