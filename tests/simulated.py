"""An event loop in which waiting takes no time: its clock jumps to whatever comes next."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.DefaultSelector):
    """Returns at once, and says how long it was asked to wait."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits for something that will never happen")
        self.waited += max(0.0, timeout)
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """For `asyncio.Runner(loop_factory=...)`; nothing in it may wait for threads or sockets."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.waited


def simulate(work: Coroutine[Any, Any, T]) -> T:
    """Run work from its time 0 to its end, without waiting."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(work)
