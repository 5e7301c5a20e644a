"""Work in lanes: each lane in order, none at another's expense, and not too much at once."""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Hashable
from dataclasses import dataclass, field
from typing import TypeAlias, cast

logger = logging.getLogger(__name__)

Work: TypeAlias = Coroutine[object, object, object]

# What a lane may always hold, however crowded it is.
_FEWEST = 3


@dataclass(slots=True)
class _Lane:
    unfinished: int = 0
    waiting: deque["_Job"] = field(default_factory=deque)
    at_turn: "_Job | None" = None


@dataclass(slots=True, eq=False)
class _Job:
    key: Hashable
    lane: _Lane
    work: Work
    number: int
    taken_at: float


class Lanes:
    """Runs what is put in, at most ``places`` at once, of each lane one after the other.

    Work that only waits for something outside lets the next of its lane begin, see
    `let_next_begin`; it keeps its place until it has ended.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._free = asyncio.Semaphore(places)
        self._lanes: dict[Hashable, _Lane] = {}
        self._unfinished: dict[_Job, None] = {}  # in the order in which they came
        self._running: dict[asyncio.Task[None], _Job] = {}
        self._changed = asyncio.Event()
        self._closed = False
        self._cut_short: int | None = None

    def __len__(self) -> int:
        return len(self._unfinished)

    def has_room(self, key: Hashable) -> bool:
        """Whether the lane may take more: as much as half of the places that others leave.

        So however many flood, there are places for those who come later.
        """
        lane = self._lanes.get(key)
        if lane is None:
            return True
        others = len(self._unfinished) - lane.unfinished
        return lane.unfinished < max(_FEWEST, (self._places - others) // 2)

    async def put(self, key: Hashable, work: Work, number: int = 0) -> None:
        """Take work, as soon as there is a place for it; it runs when its lane comes to it."""
        try:
            await self._free.acquire()
        except asyncio.CancelledError:
            work.close()
            raise
        if self._closed:
            work.close()
            return
        lane = self._lanes.setdefault(key, _Lane())
        job = _Job(key, lane, work, number, asyncio.get_running_loop().time())
        self._unfinished[job] = None
        lane.unfinished += 1
        lane.waiting.append(job)
        self._begin_next(lane)

    def let_next_begin(self) -> None:
        """Called by work that will only wait from now on: its lane need not wait with it."""
        if job := self._running.get(cast("asyncio.Task[None]", asyncio.current_task())):
            self._pass_turn(job)

    def unfinished(self, seconds: float) -> int | None:
        """The number of the first that was taken within ``seconds`` and has not ended.

        After `close`, that of the first that was cut short.
        """
        now = asyncio.get_running_loop().time()
        young = (job.number for job in self._unfinished if now - job.taken_at < seconds)
        return next(young, self._cut_short)

    async def change(self) -> None:
        """Return when something has ended."""
        await self._changed.wait()

    async def idle(self) -> None:
        """Return when everything that was taken has ended."""
        while self._unfinished:
            await self._changed.wait()

    async def close(self) -> None:
        """Cut short whatever has not ended, and take nothing more."""
        if self._closed:
            return
        self._closed = True
        self._cut_short = next((job.number for job in self._unfinished), None)
        for job in self._unfinished:
            job.lane.waiting.clear()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for job in list(self._unfinished):
            job.work.close()  # never begun
            self._finish(job)

    def _begin_next(self, lane: _Lane) -> None:
        if lane.at_turn is None and lane.waiting:
            lane.at_turn = lane.waiting.popleft()
            task = asyncio.create_task(self._run(lane.at_turn))
            self._running[task] = lane.at_turn
            task.add_done_callback(self._running.pop)

    async def _run(self, job: _Job) -> None:
        try:
            await job.work
        except Exception:
            logger.exception("An update was not dealt with")
        finally:
            self._finish(job)

    def _finish(self, job: _Job) -> None:
        del self._unfinished[job]
        job.lane.unfinished -= 1
        if not job.lane.unfinished:
            del self._lanes[job.key]
        self._free.release()
        self._pass_turn(job)
        self._changed.set()
        self._changed = asyncio.Event()

    def _pass_turn(self, job: _Job) -> None:
        if job.lane.at_turn is job:
            job.lane.at_turn = None
            self._begin_next(job.lane)
