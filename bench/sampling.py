"""Names a second: the sampler beside one that re-runs the whole prefix for each letter.

Both draw from the same model, at the same temperature, without further rules. Rounds of the two
alternate, and the ratio is of their medians, so a machine that slows down slows both.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from rich.table import Table
from torch import Tensor

from ml.alphabet import END, Start
from ml.cells import State
from ml.checkpoint import SHIPPED_MODEL, load_model
from ml.model import NameModel
from ml.sampling import DEFAULT_SETTINGS, Sampler

_ROUNDS = 7
_SECONDS_A_ROUND = 0.4
_START = Start("given", "m", "russian")
_LONGEST = 20

# Writes so many names at once and says how many symbols that took.
Writer = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians over rounds: names a second, and microseconds a symbol of the whole batch."""

    names: float
    microseconds: float


def tables() -> list[Table]:
    """A table for each batch size."""
    torch.set_num_threads(1)  # at batch 1 a second thread only has to be waited for
    model = load_model(SHIPPED_MODEL)
    writers: dict[str, Writer] = {
        "re-runs the prefix (torch)": lambda batch: _write_rerunning(model, batch),
        "carries the state (torch)": lambda batch: _write_carrying(model, batch),
        "this sampler": _our_writer(model),
    }
    return [_table(batch, writers) for batch in (1, 16, 256)]


def _table(batch: int, writers: dict[str, Writer]) -> Table:
    speeds = _measure(batch, writers)
    slowest = next(iter(speeds.values()))
    table = Table("", "names a second", "µs a symbol", "ratio", title=f"Sampling, {batch} at once")
    for name, speed in speeds.items():
        table.add_row(
            name,
            f"{speed.names:,.0f}",
            f"{speed.microseconds:.2f}",
            f"{speed.names / slowest.names:.1f}x",
        )
    return table


def _measure(batch: int, writers: dict[str, Writer]) -> dict[str, Speed]:
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in writers}
    for writer in writers.values():
        writer(batch)  # warm up
    for _ in range(_ROUNDS):
        for name, writer in writers.items():
            names = symbols = 0
            started = time.perf_counter()
            while (elapsed := time.perf_counter() - started) < _SECONDS_A_ROUND:
                symbols += writer(batch)
                names += batch
            rounds[name].append((names / elapsed, 1e6 * elapsed / symbols))
    return {
        name: Speed(median(n for n, _ in measured), median(us for _, us in measured))
        for name, measured in rounds.items()
    }


def _our_writer(model: NameModel) -> Writer:
    sampler = Sampler(model)
    rng = np.random.default_rng(0)

    def write(batch: int) -> int:
        samples = sampler.sample("", [_START], batch, DEFAULT_SETTINGS, rng)
        return sum(len(sample.name) + 1 for sample in samples)

    return write


@torch.no_grad()
def _write_rerunning(model: NameModel, batch: int) -> int:
    """What a beginner writes: the network reads everything again to choose one more letter."""
    symbols = torch.full((1, batch), model.alphabet.start_index(_START))
    ended = torch.zeros(batch, dtype=torch.bool)
    written = 0
    while not ended.all() and len(symbols) <= _LONGEST:
        logits, _ = model.network(symbols)
        chosen = _draw(logits[-1])
        written += int((~ended).sum())
        ended |= chosen == END
        symbols = torch.cat([symbols, chosen[None]])
    return written


@torch.no_grad()
def _write_carrying(model: NameModel, batch: int) -> int:
    """One symbol a step through `torch.nn`, the state handed on."""
    symbols = torch.full((batch,), model.alphabet.start_index(_START))
    ended = torch.zeros(batch, dtype=torch.bool)
    state: State | None = None
    written = 0
    for _ in range(_LONGEST):
        logits, state = model.network(symbols[None], state)
        symbols = _draw(logits[-1])
        written += int((~ended).sum())
        ended |= symbols == END
        if ended.all():
            break
    return written


def _draw(logits: Tensor) -> Tensor:
    probabilities = torch.softmax(logits / DEFAULT_SETTINGS.temperature, dim=-1)
    return torch.multinomial(probabilities, 1).squeeze(1)
