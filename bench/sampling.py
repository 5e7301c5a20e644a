"""Names a second: the sampler beside one that re-runs the whole prefix for each letter.

All draw from the same model, at the same temperature, on one thread; only our sampler also keeps to
the lengths and endings of names, reports log-probabilities and spells what it wrote. It writes with
the network alone, like the others, and as the bot does, with the n-gram of the model. The bound is
the two products alone of one step a symbol, hidden to hidden and hidden to output, in the memory
layout that is fastest; a batch comes in below it when names that begin alike share their steps.
oneDNN, which torch runs an `nn.LSTM` with, packs the weights anew at each call; for a lone name
that is most of the time, so what torch does without it is there as well.
Rounds alternate, and ratios are of medians, so a machine that slows down slows all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import numpy as np
import torch
from rich.table import Table
from threadpoolctl import threadpool_limits
from torch import Tensor

from bench.sampling_runtimes import Begin, onnx_steps, torch_steps
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.alphabet import END, Start
from ml.networks.cells import State
from ml.networks.network import NameNetwork, network_of
from ml.writing.sampling import DEFAULT_SETTINGS, Sampler, choose

_ROUNDS = 7
_SECONDS_A_ROUND = 0.3
_START = Start("given", "m", "russian")
_LONGEST = 20

_RERUNNING = "re-runs the prefix (torch)"
_BOUND = "bound: the bare products"


@dataclass(frozen=True, slots=True)
class Written:
    """What one call wrote, ends of names counted as symbols; the bound writes no names."""

    names: int
    symbols: int


# Writes so many names at once.
Writer = Callable[[int], Written]


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians over rounds: names a second, and microseconds a symbol of the whole batch."""

    names: float
    microseconds: float


def tables() -> list[Table]:
    """A table for each batch size."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # at batch 1 a second thread only has to be waited for
    model = load_model(SHIPPED_MODEL)
    network = network_of(model)
    rerunning = partial(_write_rerunning, network, model)
    carrying = partial(_write_carrying, network, model)
    writers: dict[str, Writer] = {
        _RERUNNING: rerunning,
        "re-runs, without oneDNN": _without_onednn(rerunning),
        "nn.LSTM, state carried (torch)": carrying,
        "carried, without oneDNN": _without_onednn(carrying),
        "folded table (torch)": _stepping_writer(torch_steps(model), model),
    }
    onnx = onnx_steps(model)
    if onnx is not None:
        writers["folded table (ONNX Runtime)"] = _stepping_writer(onnx, model)
    writers["this sampler, network alone"] = _our_writer(replace(model, mixture=None))
    writers["this sampler, with its n-gram"] = _our_writer(model)
    writers[_BOUND] = _bound(model)
    caption = None if onnx else "ONNX Runtime, with onnx, is not installed"
    with threadpool_limits(1, user_api="blas"):
        tables = [_table(batch, writers, caption) for batch in (1, 16, 256)]
    torch.set_num_threads(threads)
    return tables


def _table(batch: int, writers: dict[str, Writer], caption: str | None) -> Table:
    speeds = _measure(batch, writers)
    table = Table(
        *("", "names a second", "ratio", "µs a symbol", "of the bound"),
        title=f"Sampling, {batch} at once",
        caption=caption,
    )
    for name, speed in speeds.items():
        table.add_row(
            name,
            f"{speed.names:,.0f}" if speed.names else "",
            f"{speed.names / speeds[_RERUNNING].names:.1f}x" if speed.names else "",
            f"{speed.microseconds:.1f}",
            f"{speed.microseconds / speeds[_BOUND].microseconds:.2f}x",
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
                written = writer(batch)
                names += written.names
                symbols += written.symbols
            rounds[name].append((names / elapsed, 1e6 * elapsed / symbols))
    return {
        name: Speed(median(n for n, _ in measured), median(us for _, us in measured))
        for name, measured in rounds.items()
    }


def _our_writer(model: NameModel) -> Writer:
    sampler = Sampler(model)
    rng = np.random.default_rng(0)

    def write(batch: int) -> Written:
        samples = sampler.sample("", [_START], batch, DEFAULT_SETTINGS, rng)
        return Written(len(samples), sum(len(sample.name) + 1 for sample in samples))

    return write


def _without_onednn(write: Writer) -> Writer:
    def write_without(batch: int) -> Written:
        with torch.backends.mkldnn.flags(enabled=False):
            return write(batch)

    return write_without


def _bound(model: NameModel) -> Writer:
    weights = model.weights
    w_hh = np.ascontiguousarray(weights["cell.weight_hh_l0"].T)
    w_out = np.ascontiguousarray(weights["output.weight"].T)
    steps = 8

    def multiply(batch: int) -> Written:
        # A product with a vector, not with a matrix of one row, which is slower.
        shape = (batch,) if batch > 1 else ()
        h = np.full((*shape, len(w_hh)), 0.1, dtype=np.float32)
        gates = np.empty((*shape, w_hh.shape[1]), dtype=np.float32)
        logits = np.empty((*shape, w_out.shape[1]), dtype=np.float32)
        for _ in range(steps):
            np.matmul(h, w_hh, out=gates)
            np.matmul(h, w_out, out=logits)
        return Written(0, steps * batch)

    return multiply


def _stepping_writer(begin: Begin, model: NameModel) -> Writer:
    """Our way of writing many names, around another step."""
    rng = np.random.default_rng(0)
    start = model.alphabet.start_index(_START)

    def write(batch: int) -> Written:
        symbols, steps = np.full(batch, start), begin(batch)
        written = 0
        for _ in range(_LONGEST):
            symbols = choose(steps.step(symbols), DEFAULT_SETTINGS, rng)
            written += len(symbols)
            going_on = symbols != END
            if not going_on.any():
                break
            if not going_on.all():
                symbols = symbols[going_on]
                steps.keep(going_on)
        return Written(batch, written)

    return write


@torch.no_grad()
def _write_rerunning(network: NameNetwork, model: NameModel, batch: int) -> Written:
    """What a beginner writes: the network reads everything again to choose one more letter."""
    symbols = torch.full((1, batch), model.alphabet.start_index(_START))
    ended = torch.zeros(batch, dtype=torch.bool)
    written = 0
    while not ended.all() and len(symbols) <= _LONGEST:
        logits, _ = network(symbols)
        chosen = _draw(logits[-1])
        written += int((~ended).sum())
        ended |= chosen == END
        symbols = torch.cat([symbols, chosen[None]])
    return Written(batch, written)


@torch.no_grad()
def _write_carrying(network: NameNetwork, model: NameModel, batch: int) -> Written:
    """One symbol a step through `torch.nn`, the state handed on."""
    symbols = torch.full((batch,), model.alphabet.start_index(_START))
    ended = torch.zeros(batch, dtype=torch.bool)
    state: State | None = None
    written = 0
    for _ in range(_LONGEST):
        logits, state = network(symbols[None], state)
        symbols = _draw(logits[-1])
        written += int((~ended).sum())
        ended |= symbols == END
        if ended.all():
            break
    return Written(batch, written)


def _draw(logits: Tensor) -> Tensor:
    probabilities = torch.softmax(logits / DEFAULT_SETTINGS.temperature, dim=-1)
    return torch.multinomial(probabilities, 1).squeeze(1)
