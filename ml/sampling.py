"""Sampling names: feed the prefix once, then one symbol at a time with the state carried along.

Many names are written at once; each stops at its own end and leaves the batch. Choices are made
on log-probabilities, by the Gumbel-max trick (Maddison et al. 2014, "A* Sampling", section 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from ml.alphabet import END, UNKNOWN, Start
from ml.model import NameModel
from ml.stepper import Floats, Stepper, StepState, Symbols, select


class ImpossiblePrefix(ValueError):
    """No name of this model begins so; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How symbols are chosen.

    `temperature` divides the logits (below 1: safer, above 1: stranger); `top_k` keeps the k most
    probable symbols; `top_p` keeps the fewest that together reach probability p (Holtzman et al.
    2020, "The Curious Case of Neural Text Degeneration", section 3.1).
    """

    temperature: float = 0.7
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        if not 0.01 <= self.temperature <= 10:
            raise ValueError("temperature must lie between 0.01 and 10")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError("top-k must be at least 1")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError("top-p must be above 0 and at most 1")


DEFAULT_SETTINGS = SamplingSettings()


@dataclass(frozen=True, slots=True)
class Sample:
    """One name from the network.

    `log_prob` is the model's own, in nats, of the whole name and its end given its start symbol:
    temperature and the other settings do not change it.
    """

    name: str
    start: Start
    log_prob: float


class Sampler:
    """Writes names with one model."""

    def __init__(self, model: NameModel) -> None:
        self._model = model
        self._stepper = Stepper(model)
        # A step is a small matrix product: a second thread hardly speeds it up, and when the other
        # core is busy, as during a retrain, waiting for it makes a step ten times as long.
        self._threads = ThreadpoolController()
        alphabet = model.alphabet
        self._may_end = np.zeros((len(alphabet.starts), alphabet.predicted), dtype=bool)
        for row, statistics in enumerate(model.statistics):
            for symbol in alphabet.encode(statistics.finals):
                self._may_end[row, symbol] = symbol != UNKNOWN
        self._shortest = np.array([s.shortest for s in model.statistics])
        self._longest = np.array([s.longest for s in model.statistics])

    def prefix_log_probs(self, prefix: str, starts: Sequence[Start]) -> list[float]:
        """log p(prefix | start) of each start symbol, in nats.

        Raises:
            ImpossiblePrefix: it has letters that the model has never seen, or is too long.
        """
        return [float(x) for x in self._read_prefix(prefix, starts).log_probs]

    def sample(
        self,
        prefix: str,
        starts: Sequence[Start],
        count: int,
        settings: SamplingSettings,
        rng: np.random.Generator,
        *,
        least_log_prob: float = -np.inf,
    ) -> list[Sample]:
        """Up to `count` names that begin with `prefix`.

        Among several `starts` each name gets one by chance: by its share of the training names
        times how probable it makes the prefix. A name that would outgrow the longest training
        name is dropped rather than cut, so there can be fewer than `count`.

        Raises:
            ImpossiblePrefix: see `prefix_log_probs`; or a prefix of several letters has less than
                `least_log_prob`, in nats a letter, after each start.
        """
        with self._threads.limit(limits=1, user_api="blas"):
            return self._sample(prefix, starts, count, settings, rng, least_log_prob)

    def _sample(
        self,
        prefix: str,
        starts: Sequence[Start],
        count: int,
        settings: SamplingSettings,
        rng: np.random.Generator,
        least_log_prob: float,
    ) -> list[Sample]:
        read = self._read_prefix(prefix, starts)
        if len(prefix) > 1 and read.log_probs.max() < least_log_prob * len(prefix):
            raise ImpossiblePrefix("hardly any name of this model begins so")
        shares = np.array([self._model.statistics[row].share for row in read.rows])
        log_weights = read.log_probs + np.log(shares)
        weights = np.exp(log_weights - log_weights.max())
        chosen = rng.choice(len(starts), size=count, p=weights / weights.sum())
        return self._write(read, chosen, settings, rng)

    def _read_prefix(self, prefix: str, starts: Sequence[Start]) -> "_Prefix":
        alphabet = self._model.alphabet
        letters = alphabet.encode(prefix)
        rows = np.array([alphabet.starts.index(start) for start in starts])
        if UNKNOWN in letters:
            strange = prefix[letters.index(UNKNOWN)]
            raise ImpossiblePrefix(f"no name of this model has the letter {strange!r}")
        if len(letters) > self._longest[rows].max():
            raise ImpossiblePrefix("the prefix is longer than any name of this model")
        symbols = np.array([alphabet.start_index(start) for start in starts])
        logits, state = self._stepper.step(symbols, self._stepper.initial(len(starts)))
        log_probs = np.zeros(len(starts))
        for letter in letters:
            log_probs += _log_softmax(logits)[:, letter]
            logits, state = self._stepper.step(np.full(len(starts), letter), state)
        return _Prefix(letters, rows, log_probs, logits, state)

    def _write(
        self,
        read: "_Prefix",
        chosen: npt.NDArray[np.int64],
        settings: SamplingSettings,
        rng: np.random.Generator,
    ) -> list[Sample]:
        alphabet = self._model.alphabet
        letters = [list(read.letters) for _ in chosen]
        finished = np.zeros(len(chosen), dtype=bool)
        log_probs = read.log_probs[chosen]
        # `names` are the places in `letters` of the rows still being written.
        names = np.arange(len(chosen))
        rows, logits, state = read.rows[chosen], read.logits[chosen], select(read.state, chosen)
        length = len(read.letters)
        last = read.letters[-1] if read.letters else END
        previous = np.full(len(chosen), last)
        while len(names):
            conditional = _log_softmax(logits)
            allowed = conditional.copy()
            allowed[:, UNKNOWN] = -np.inf
            unfinished = (length < self._shortest[rows]) | ~self._may_end[rows, previous]
            allowed[unfinished, END] = -np.inf
            symbols = choose(allowed, settings, rng)
            log_probs[names] += conditional[np.arange(len(names)), symbols]
            ended = symbols == END
            finished[names[ended]] = True
            length += 1
            going_on = ~ended & (length <= self._longest[rows])
            names, rows, symbols = names[going_on], rows[going_on], symbols[going_on]
            for name, symbol in zip(names, symbols, strict=True):
                letters[name].append(int(symbol))
            if len(names):
                logits, state = self._stepper.step(symbols, select(state, going_on))
            previous = symbols
        # In the order of the rows: in the order of their ends short names would come first, and
        # whoever takes the first few would get too many of them.
        return [
            Sample(
                alphabet.decode(letters[name]),
                alphabet.starts[read.rows[chosen[name]]],
                float(log_probs[name]),
            )
            for name in np.flatnonzero(finished)
        ]


@dataclass(frozen=True, slots=True)
class _Prefix:
    """A prefix after each of some start symbols (rows of `Alphabet.starts`)."""

    letters: list[int]
    rows: npt.NDArray[np.int64]
    log_probs: npt.NDArray[np.float64]  # (starts,)
    logits: Floats  # (starts, predicted)
    state: StepState


def choose(log_probs: Floats, settings: SamplingSettings, rng: np.random.Generator) -> Symbols:
    """One symbol a row of `log_probs` ``(batch, predicted)``; -inf is never chosen."""
    scores = log_probs / np.float32(settings.temperature)
    if settings.top_k is not None and settings.top_k < scores.shape[1]:
        kth = -np.partition(-scores, settings.top_k - 1, axis=1)[:, settings.top_k - 1, None]
        scores = np.where(scores >= kth, scores, -np.inf)
    if settings.top_p is not None:
        scores = _keep_top_p(scores, settings.top_p)
    # In float64: float32 uniforms are sometimes exactly 0, and the noise then infinite.
    noise = -np.log(-np.log(rng.uniform(np.finfo(np.float64).tiny, 1.0, scores.shape)))
    return np.asarray((scores + noise).argmax(axis=1))


def _keep_top_p(scores: Floats, top_p: float) -> Floats:
    order = np.argsort(-scores, axis=1, kind="stable")
    probabilities = np.exp(_log_softmax(np.take_along_axis(scores, order, axis=1)))
    before = np.cumsum(probabilities, axis=1) - probabilities
    kept = np.empty_like(before, dtype=bool)
    np.put_along_axis(kept, order, before < top_p, axis=1)
    return np.where(kept, scores, np.float32(-np.inf))


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
