"""Sampling names: feed the prefix once, then one symbol at a time with the state carried along.

Many names are written at once; each stops at its own end and leaves the batch. Choices are made
on log-probabilities, by the Gumbel-max trick (Maddison et al. 2014, "A* Sampling", section 2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from ml.arrays import Floats, Symbols
from ml.errors import ImpossiblePrefix
from ml.models.model import NameModel
from ml.names.alphabet import END, UNKNOWN, Alphabet, Start
from ml.writing.prediction import PredictionState, Predictor, log_softmax


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

# So few names are written one after the other: that is less work than keeping track of many.
_FEW = 2
# More at once would be no faster and take more memory.
_MANY = 512
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, slots=True)
class Sample:
    """One name from the network.

    `log_prob` is the model's own, in nats, of the whole name and its end given its start symbol:
    temperature and the other settings do not change it. `least` is that of the least probable
    symbol among those that the model chose.
    """

    name: str
    start: Start
    log_prob: float
    least: float


class Sampler:
    """Writes names with one model, whose weights it lays out anew: the model itself may go."""

    def __init__(self, model: NameModel) -> None:
        self.predictor = Predictor(model)
        # A step is a small matrix product: a second thread hardly speeds it up, and when the other
        # core is busy, as during a retrain, waiting for it makes a step ten times as long.
        self.blas = ThreadpoolController().select(user_api="blas")
        self.alphabet = model.alphabet
        self._rules = np.stack([_rules(self.alphabet, s.finals) for s in model.statistics])
        self._shares = model.shares
        self._shortest = np.array([s.shortest for s in model.statistics])
        self._longest = np.array([s.longest for s in model.statistics])
        # Every name begins with the reading of a start symbol, so they are read once and for all.
        names = self.predictor.start(self.predictor.initial(len(self.alphabet.starts)))
        symbols = np.arange(self.alphabet.predicted, self.alphabet.read)
        conditional = names.step(symbols)
        self._after_start = conditional, names.state

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
            ImpossiblePrefix: the prefix has letters that the model has never seen, or is too long;
                or one of several letters has less than `least_log_prob`, in nats a letter, after
                each start.
        """
        with self.blas.limit(limits=1):
            return self._sample(prefix, starts, count, settings, rng, least_log_prob)

    def prefix_log_prob(self, prefix: str, starts: Sequence[Start]) -> float:
        """How probable it is, in nats, that a name after one of `starts` begins with `prefix`.

        The starts count by their share of the training names.

        Raises:
            ImpossiblePrefix: the prefix has letters that the model has never seen, or is too long.
        """
        letters, rows = self._symbols(prefix, starts)
        with self.blas.limit(limits=1):
            log_probs = [self._log_prob(letters, int(row)) for row in rows]
        shares = self._shares[rows]
        return float(np.logaddexp.reduce(log_probs + np.log(shares / shares.sum())))

    def rules(self, start: Start, symbols: Sequence[int]) -> Floats:
        """What is added to log p, ``(symbols, predicted)``, where a name of these is written.

        It is -inf for what may not stand there, else 0.
        """
        row = self.alphabet.starts.index(start)
        before = [END, *symbols[:-1]]
        shortest = self._shortest[row]
        return self._rules[row, [b if n >= shortest else END for n, b in enumerate(before)]]

    def _log_prob(self, letters: list[int], row: int) -> float:
        """Log p of `letters` after one start: alone it is read faster than beside others."""
        conditionals, state = self._after_start
        conditional, name = conditionals[row], self.predictor.start(state.select(row))
        log_prob = 0.0
        for place, letter in enumerate(letters):
            if place:
                conditional = name.step(letters[place - 1])
            log_prob += float(conditional[letter])
        return log_prob

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
        log_weights = read.log_probs + np.log(self._shares[read.rows])
        chosen = _draw(np.tile(log_weights, (count, 1)), rng)
        if count <= _FEW:
            written = [self._write_one(read, int(which), settings, rng) for which in chosen]
            return [sample for sample in written if sample is not None]
        batches = [chosen[first : first + _MANY] for first in range(0, count, _MANY)]
        return [x for batch in batches for x in self._write_many(read, batch, settings, rng)]

    def _symbols(
        self, prefix: str, starts: Sequence[Start]
    ) -> tuple[list[int], npt.NDArray[np.intp]]:
        """The letters of a prefix, and the rows of the starts, unless no name can begin so."""
        letters = self.alphabet.encode(prefix)
        rows = np.array([self.alphabet.starts.index(start) for start in starts])
        if UNKNOWN in letters:
            strange = prefix[letters.index(UNKNOWN)]
            raise ImpossiblePrefix(f"no name of this model has the letter {strange!r}")
        if len(letters) > self._longest[rows].max():
            raise ImpossiblePrefix("the prefix is longer than any name of this model")
        return letters, rows

    def _read_prefix(self, prefix: str, starts: Sequence[Start]) -> "_Prefix":
        letters, rows = self._symbols(prefix, starts)
        conditional, state = self._after_start
        conditional, state = conditional[rows], state.select(rows)
        log_probs = np.zeros(len(starts))
        if letters:
            names = self.predictor.start(state)
            for letter in letters:
                log_probs += conditional[:, letter]
                conditional = names.step(np.full(len(starts), letter))
            state = names.state
        return _Prefix(letters, rows, log_probs, conditional, state)

    def _write_one(
        self, read: "_Prefix", which: int, settings: SamplingSettings, rng: np.random.Generator
    ) -> Sample | None:
        """A name after row `which` of `read`; nothing if it outgrew the longest training name."""
        row = int(read.rows[which])
        shortest, longest = int(self._shortest[row]), int(self._longest[row])
        rules = self._rules[row]
        name = self.predictor.start(read.state.select(which))
        conditional = read.conditional[which]
        log_prob, least = float(read.log_probs[which]), 0.0
        symbols = list(read.letters)
        last = symbols[-1] if symbols else END
        while len(symbols) <= longest:
            after = last if len(symbols) >= shortest else END
            last = int(choose(conditional + rules[after], settings, rng))
            chosen = float(conditional[last])
            log_prob, least = log_prob + chosen, min(least, chosen)
            if last == END:
                alphabet = self.alphabet
                return Sample(alphabet.decode(symbols), alphabet.starts[row], log_prob, least)
            symbols.append(last)
            conditional = name.step(last)
        return None

    def _write_many(
        self,
        read: "_Prefix",
        chosen: npt.NDArray[np.int64],
        settings: SamplingSettings,
        rng: np.random.Generator,
    ) -> list[Sample]:
        """The same for many of `read`'s rows at once.

        Those that began alike are one row of the batch until they part; each leaves at its end.
        """
        alphabet = self.alphabet
        batch = self.predictor.start(read.state, room=max(len(chosen), len(read.rows)))
        conditional = read.conditional
        log_probs, least = read.log_probs[chosen], np.zeros(len(chosen))
        # A column a name, a row a letter; `END` stands where a name ended and nowhere else.
        longest = int(self._longest[read.rows].max())
        symbols = np.full((longest + 1, len(chosen)), UNKNOWN)
        symbols[: len(read.letters)] = np.reshape(read.letters, (-1, 1))
        # Of each name that is still being written: its column, its row of the batch, its start.
        names, places, rows = np.arange(len(chosen)), chosen, read.rows[chosen]
        last = np.full(len(chosen), read.letters[-1] if read.letters else END)
        for length in range(len(read.letters), longest + 1):
            after = np.where(length < self._shortest[rows], END, last)
            last = choose(conditional[places] + self._rules[rows, after], settings, rng)
            symbols[length, names] = last
            came = conditional[places, last]
            log_probs[names] += came
            least[names] = np.minimum(least[names], came)
            going_on = np.flatnonzero((last != END) & (length < self._longest[rows]))
            if not len(going_on):
                break
            names, places, rows, last = (x[going_on] for x in (names, places, rows, last))
            prefixes, places = np.unique(places * alphabet.predicted + last, return_inverse=True)
            grown, letters = np.divmod(prefixes, alphabet.predicted)
            batch.branch(grown)
            conditional = batch.step(letters)
        # In the order of the rows: in the order of their ends short names would come first, and
        # whoever takes the first few would get too many of them.
        written = zip(symbols.T.tolist(), read.rows[chosen], log_probs, least, strict=True)
        return [
            Sample(
                alphabet.decode(name[: name.index(END)]),
                alphabet.starts[row],
                float(log_prob),
                float(lowest),
            )
            for name, row, log_prob, lowest in written
            if END in name
        ]


@dataclass(frozen=True, slots=True)
class _Prefix:
    """A prefix after each of some start symbols (rows of `Alphabet.starts`)."""

    letters: list[int]
    rows: npt.NDArray[np.int64]
    log_probs: npt.NDArray[np.float64]  # (starts,)
    conditional: Floats  # (starts, predicted): log p of each symbol that can come next
    state: PredictionState


def _rules(alphabet: Alphabet, finals: str) -> Floats:
    """What is added to log p of what comes next, ``(last symbol, next symbol)``: 0 or -inf.

    A name may end after the letters `finals`, and never in a row `END`: before there is a letter,
    and as long as a name is too short.
    """
    rules = np.zeros((alphabet.predicted, alphabet.predicted), dtype=np.float32)
    rules[:, [END, UNKNOWN]] = -np.inf
    rules[[symbol for symbol in alphabet.encode(finals) if symbol != UNKNOWN], END] = 0
    return rules


def choose(log_probs: Floats, settings: SamplingSettings, rng: np.random.Generator) -> Symbols:
    """One symbol a row of `log_probs` ``(..., predicted)``; -inf is never chosen."""
    return _draw(scores(log_probs, settings), rng)


def scores(log_probs: Floats, settings: SamplingSettings) -> Floats:
    """What the settings make of `log_probs`, of the same shape: their softmax is drawn from."""
    scaled = log_probs / np.float32(settings.temperature)
    if settings.top_k is not None and settings.top_k < scaled.shape[-1]:
        kth = -np.partition(-scaled, settings.top_k - 1)[..., settings.top_k - 1, None]
        scaled = np.where(scaled >= kth, scaled, np.float32(-np.inf))
    if settings.top_p is not None:
        scaled = _keep_top_p(scaled, settings.top_p)
    return scaled


def _draw(scores: npt.NDArray[np.floating], rng: np.random.Generator) -> Symbols:
    """One column a row of `scores` ``(..., columns)``, with the probabilities of a softmax."""
    # -log of an exponential variable is the noise of Gumbel. Of float32 exponentials some are
    # exactly 0, of float64 ones hardly any, and the tiny number sees to those.
    exponentials = rng.standard_exponential(scores.shape) + _TINY
    return np.asarray((scores - np.log(exponentials)).argmax(axis=-1))


def _keep_top_p(scores: Floats, top_p: float) -> Floats:
    order = np.argsort(-scores, axis=-1, kind="stable")
    probabilities = np.exp(log_softmax(np.take_along_axis(scores, order, axis=-1)))
    before = np.cumsum(probabilities, axis=-1) - probabilities
    kept = np.empty_like(before, dtype=bool)
    np.put_along_axis(kept, order, before < top_p, axis=-1)
    return np.where(kept, scores, np.float32(-np.inf))
