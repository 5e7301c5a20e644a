"""Names written ahead of the requests for them, so that most need not wait for the network.

Each was drawn as a request of one name draws it, independently of the others, and is given out
once. What a request passes over, because the person has seen it or it came twice, is gone: were it
kept for the next one, people would get each other's leavings. So what comes out is distributed as
it is without the pool; invented and known names come in the same shares.

Who chooses by a taste of their own has many of them to choose from, and they stay: taken off, what
many people like would be missing for everybody else.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np

from ml.errors import ImpossibleRequest
from ml.names.records import fold
from ml.writing.generator import DEFAULT_SETTINGS, Answer, NameGenerator, NameRequest, SampledName

# Of each kind of request: a crowd of so many at once. Telegram lets a bot send thirty messages a
# second, for which it is written several times as fast as it is used up.
_SIZE = 1024
# At once, of which some thirty are passed: a request that is drawn from the network waits for one
# batch at most, as long as for five names drawn alone. A quarter as many would take half as long
# again a name.
_BATCH = 256
# So many more than a request asks for must be there: most were not seen lately.
_SPARE = 8


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What was written for one kind of request by one version, and what goes on writing it."""

    version: int
    writing: Iterator[Answer]
    names: deque[SampledName] = field(default_factory=deque)


class NamePool:
    """Names of a generator's current version, for what most people ask for: without a prefix.

    Safe to share between threads; `fill` writes, `take` and `candidates` never do.
    """

    def __init__(
        self,
        generator: NameGenerator,
        *,
        size: int = _SIZE,
        batch: int = _BATCH,
        seed: int | None = None,
    ) -> None:
        self._generator = generator
        self._size = size
        self._batch = batch
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._lock = Lock()
        self._shelves: dict[NameRequest, _Shelf] = {}
        self._shelf(NameRequest())

    def take(self, request: NameRequest) -> Answer | None:
        """Distinct names for a request, out of those written ahead; None if there are too few.

        What is asked for is written ahead from now on.
        """
        if not self.keeps(request):
            return None
        exclude = {fold(name) for name in request.exclude}
        found: dict[str, SampledName] = {}
        with self._lock:
            shelf = self._shelf(replace(request, count=1, exclude=frozenset()))
            if len(shelf.names) < request.count + _SPARE:
                return None
            while shelf.names and len(found) < request.count:
                sampled = shelf.names.popleft()
                folded = fold(sampled.name)
                if folded not in exclude:
                    found.setdefault(folded, sampled)
        if len(found) < request.count:
            return None
        return Answer(list(found.values()), shelf.version)

    def candidates(self, request: NameRequest, count: int) -> Answer | None:
        """Up to `count` distinct names, by chance and in random order, out of those written ahead.

        None if there are too few for the request. They stay there; but as many of the oldest go as
        it asks for, for else one who asks alone would choose among the same ones for ever.
        """
        if not self.keeps(request):
            return None
        exclude = {fold(name) for name in request.exclude}
        with self._lock:
            shelf = self._shelf(replace(request, count=1, exclude=frozenset()))
            if len(shelf.names) < request.count + _SPARE:
                return None
            for _ in range(request.count):
                shelf.names.popleft()
            names, version = [*shelf.names], shelf.version
            order = self._rng.permutation(len(names))
        found: dict[str, SampledName] = {}
        for place in order:
            folded = fold(names[place].name)
            if folded not in exclude:
                found.setdefault(folded, names[place])
            if len(found) == count:
                break
        return Answer([*found.values()], version) if len(found) >= request.count else None

    def keeps(self, request: NameRequest) -> bool:
        """Whether so many ask for the same that it is written ahead: a few dozen requests."""
        return (
            not (request.prefix or request.novel_only or request.uncensored)
            and request.judged
            and request.settings == DEFAULT_SETTINGS
        )

    def lacks(self) -> bool:
        """Whether to begin to write: half is gone of what was written for some request.

        To write a name costs more than all else that answers a request; so a crowd is served first.
        """
        with self._lock:
            return self._lacking(self._size // 2) is not None

    def fill(self) -> bool:
        """Write one batch of what lacks most; whether it is worth going on.

        One thread at a time.
        """
        with self._lock:
            request = self._lacking(self._size)
            if request is None:
                return False
            shelf = self._shelf(request)
        try:
            answer = next(shelf.writing)
        except ImpossibleRequest:  # as whoever asked is told
            with self._lock:
                self._shelves.pop(request, None)
            return True
        if answer.version == shelf.version:  # or it was swapped between the two
            with self._lock:
                shelf.names.extend(answer.names)
        return bool(answer.names)

    def _lacking(self, enough: int) -> NameRequest | None:
        """The request of which fewest names are there, unless there are enough of each."""
        stock = {request: len(self._shelf(request).names) for request in [*self._shelves]}
        lacking = min(stock, key=stock.__getitem__, default=None)
        return None if lacking is None or stock[lacking] >= enough else lacking

    def _shelf(self, request: NameRequest) -> _Shelf:
        """That of the current version; what another version wrote is dropped."""
        version = self._generator.version
        shelf = self._shelves.get(request)
        if shelf is None or shelf.version != version:
            writing = self._generator.stream(request, self._batch, seed=self._seed)
            shelf = self._shelves[request] = _Shelf(version, writing)
        return shelf
