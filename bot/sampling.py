"""The one thread in which the network works, off the event loop, and what it wrote ahead there."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from ml.writing.generator import Answer, NameGenerator, NameRequest
from ml.writing.pool import NamePool

T = TypeVar("T")
logger = logging.getLogger(__name__)

# To choose from: of what was written ahead so many for each name that is asked for, up to a limit.
_CANDIDATES = 64
_MOST_CANDIDATES = 256
# After a prefix names are written for it, at once: a batch of 16, of which four pass, takes 3 ms
# longer than the lone name would, and each further name of a list 3 ms again.
_BATCH = 4
_BATCH_A_NAME = 12
# With more requests in line a whole batch is written: it takes as long as five, and serves thirty.
_CROWD = 3


@dataclass(frozen=True, slots=True)
class _Writer:
    generator: NameGenerator
    pool: NamePool


@dataclass(frozen=True, slots=True)
class _Former(_Writer):
    """Writes the share `share` of the answers as long as the version `beside` serves."""

    beside: int
    share: float


class Sampling:
    """Names of a generator, and anything else that the network is asked, while the loop goes on.

    `dice` gives numbers from 0 to 1, by which it is decided who writes an answer.
    """

    def __init__(
        self, generator: NameGenerator, *, dice: Callable[[], float] = random.random
    ) -> None:
        self._serving = _Writer(generator, NamePool(generator))
        self._former: _Former | None = None
        self._dice = dice
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sampling")
        self._in_line = 0
        self._filling = False

    @property
    def former(self) -> int | None:
        """The version that writes a share of the answers beside the one that serves, if any."""
        former = self._beside()
        return former.generator.version if former else None

    def share_with(self, former: NameGenerator, share: float) -> None:
        """Let a former version write this share of the answers, each by a throw of the dice.

        It ends with `share_with_nobody`, or when the generator is swapped.
        """
        serving = self._serving.generator.version
        self._former = _Former(former, NamePool(former), serving, share)
        self.write_ahead()

    def share_with_nobody(self) -> None:
        """Forget the former version, if there is one."""
        self._former = None

    async def names(self, request: NameRequest) -> Answer:
        """Distinct names for a request: at once, where they were written ahead.

        Raises:
            ImpossibleRequest: no name of the model that writes them begins with the prefix.
        """
        writer = self._writer()
        answer = writer.pool.take(request)
        if answer is None:
            answer = await self.ask(lambda: self._names(writer, request))
        self.write_ahead()
        return answer

    async def candidates(self, request: NameRequest) -> Answer | None:
        """Distinct names to choose from, in random order; None if there are too few to choose.

        Raises:
            ImpossibleRequest: as `names`.
        """
        writer = self._writer()
        if writer.pool.keeps(request):
            count = min(_CANDIDATES * request.count, _MOST_CANDIDATES)
            answer = writer.pool.candidates(request, count)
            self.write_ahead()
            return answer
        if self._in_line >= _CROWD:
            return None
        batch = _BATCH + _BATCH_A_NAME * request.count
        answer = await self.ask(lambda: writer.generator.candidates(request, batch))
        return answer if len(answer.names) > request.count else None

    async def ask(self, question: Callable[[], T]) -> T:
        """The answer of anything that asks the network."""
        self._in_line += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, question)
        finally:
            self._in_line -= 1

    def write_ahead(self) -> None:
        """Begin to write what people ask for most, unless there is enough or it has begun."""
        if not self._filling and any(writer.pool.lacks() for writer in self._writers()):
            self._filling = True
            self._thread.submit(self._fill)

    def close(self) -> None:
        """Wait for what is being written, and give up what is in line."""
        self._thread.shutdown(cancel_futures=True)

    def _beside(self) -> _Former | None:
        former, serving = self._former, self._serving.generator.version
        return former if former and former.beside == serving else None

    def _writers(self) -> list[_Writer]:
        former = self._beside()
        return [self._serving, former] if former else [self._serving]

    def _writer(self) -> _Writer:
        """Who writes the next answer."""
        former = self._beside()
        return former if former and self._dice() < former.share else self._serving

    def _names(self, writer: _Writer, request: NameRequest) -> Answer:
        """In the thread: meanwhile more may have been written ahead, for all who wait."""
        answer = writer.pool.take(request)
        if answer is None and self._in_line > _CROWD and writer.pool.keeps(request):
            writer.pool.fill()
            answer = writer.pool.take(request)
        return answer or writer.generator.generate(request)

    def _fill(self) -> None:
        """Write a batch, then another one, after whoever has come into line meanwhile."""
        try:
            goes_on = any(writer.pool.fill() for writer in self._writers())
        except Exception:
            logger.exception("Names cannot be written ahead")
            goes_on = False
        if goes_on:
            with contextlib.suppress(RuntimeError):  # it was closed
                self._thread.submit(self._fill)
                return
        self._filling = False
