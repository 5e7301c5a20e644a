"""The one thread in which the network works, off the event loop, and what it wrote ahead there."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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


class Sampling:
    """Names of a generator, and anything else that the network is asked, while the loop goes on."""

    def __init__(self, generator: NameGenerator) -> None:
        self._generator = generator
        self._pool = NamePool(generator)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sampling")
        self._in_line = 0
        self._filling = False

    async def names(self, request: NameRequest) -> Answer:
        """Distinct names for a request: at once, where they were written ahead.

        Raises:
            ImpossibleRequest: no name of the current model begins with the prefix.
        """
        answer = self._pool.take(request)
        if answer is None:
            answer = await self.ask(lambda: self._names(request))
        self.write_ahead()
        return answer

    async def candidates(self, request: NameRequest) -> Answer | None:
        """Distinct names to choose from, in random order; None if there are too few to choose.

        Raises:
            ImpossibleRequest: as `names`.
        """
        if self._pool.keeps(request):
            count = min(_CANDIDATES * request.count, _MOST_CANDIDATES)
            answer = self._pool.candidates(request, count)
            self.write_ahead()
            return answer
        if self._in_line >= _CROWD:
            return None
        batch = _BATCH + _BATCH_A_NAME * request.count
        answer = await self.ask(lambda: self._generator.candidates(request, batch))
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
        if not self._filling and self._pool.lacks():
            self._filling = True
            self._thread.submit(self._fill)

    def close(self) -> None:
        """Wait for what is being written, and give up what is in line."""
        self._thread.shutdown(cancel_futures=True)

    def _names(self, request: NameRequest) -> Answer:
        """In the thread: meanwhile more may have been written ahead, for all who wait."""
        answer = self._pool.take(request)
        if answer is None and self._in_line > _CROWD and self._pool.keeps(request):
            self._pool.fill()
            answer = self._pool.take(request)
        return answer or self._generator.generate(request)

    def _fill(self) -> None:
        """Write a batch, then another one, after whoever has come into line meanwhile."""
        try:
            goes_on = self._pool.fill()
        except Exception:
            logger.exception("Names cannot be written ahead")
            goes_on = False
        if goes_on:
            with contextlib.suppress(RuntimeError):  # it was closed
                self._thread.submit(self._fill)
                return
        self._filling = False
