"""What comes next, by a whole model: its network, stepped in NumPy, the n-gram mixed in, and what
people like.

Here logits become log-probabilities, for the sampler and all that is built on it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.arrays import Doubles, Floats, Symbols
from ml.models.model import Mixture, NameModel
from ml.models.ngram import NO_SYMBOL
from ml.writing.stepper import Batch, Rows, Stepper, StepState, select

# Probabilities after contexts met before, in all: 8 MB, 20,000 contexts of 50 symbols.
_REMEMBERED = 1_000_000


@dataclass(frozen=True, slots=True)
class PredictionState:
    """Where names stand: the hidden state, and the contexts of `ml.models.ngram.KneserNey`.

    `hidden` has the layers of the network, then those of the taste, if the model has one.
    `contexts` ``(batch, order - 1)``, or ``(order - 1,)`` of one name; without an n-gram 0 wide.
    """

    hidden: StepState
    contexts: Symbols

    def select(self, rows: Rows | int) -> "PredictionState":
        """That of some names of the batch, by index or mask; by a number that of one."""
        return PredictionState(select(self.hidden, rows), self.contexts[rows])


class Predictor:
    """A model laid out for stepping; what it remembers is safe to share between threads."""

    def __init__(self, model: NameModel) -> None:
        self.stepper = Stepper(model.config, model.weights)
        self.taste = Stepper(model.taste.config, model.taste.weights) if model.taste else None
        self._predicted = model.alphabet.predicted
        self._ngram = _Ngram(model.mixture) if model.mixture else None

    def initial(self, batch: int) -> PredictionState:
        """The state before the first symbol."""
        width = self._ngram.context_size if self._ngram else 0
        hidden = self.stepper.initial(batch)
        if self.taste:
            hidden += self.taste.initial(batch)
        return PredictionState(hidden, np.full((batch, width), NO_SYMBOL))

    def start(self, state: PredictionState, room: int | None = None) -> "Names":
        """Names that go on from `state`, which is left as it is, with `room` for so many."""
        layers = len(self.stepper.layers)
        batch = self.stepper.start(state.hidden[:layers], room)
        taste = self.taste.start(state.hidden[layers:], room) if self.taste else None
        return Names(self, batch, taste, state.contexts.copy())

    def shift(self, contexts: Symbols, symbols: Symbols | int) -> None:
        """Put the symbols just read at the end of their contexts, in place.

        They are all start symbols, or none is: before a start there is nothing that an n-gram
        knows, not even the line before it in a text.
        """
        if self._ngram is None:
            return
        started = self.begins(symbols)
        if started:
            contexts.fill(NO_SYMBOL)
        latest = contexts
        if self._ngram.by_start:  # the last place is that of the start symbol
            latest = contexts[..., :-1]
            if started:
                contexts[..., -1] = symbols
        if latest.shape[-1]:
            latest[..., :-1] = latest[..., 1:]
            latest[..., -1] = symbols

    def begins(self, symbols: Symbols | int) -> bool:
        """Whether these are start symbols: they all are, or none is."""
        return bool(np.max(symbols) >= self._predicted)

    def log_probs(self, logits: Floats, contexts: Symbols) -> Floats:
        """Log p ``(..., predicted)`` of what comes next, in nats, by the network's logits; whatever
        people like.
        """
        if self._ngram is None:
            return log_softmax(logits)
        probabilities = np.exp(logits - logits.max(axis=-1, keepdims=True))
        share = np.float32(1 - self._ngram.weight)
        probabilities *= share / probabilities.sum(axis=-1, keepdims=True)
        probabilities += self._ngram.share(contexts)
        return np.asarray(np.log(probabilities, out=probabilities))


class Names:
    """Names under way, one a row, with the memory that all their steps share."""

    def __init__(
        self, predictor: Predictor, batch: Batch, taste: Batch | None, contexts: Symbols
    ) -> None:
        self._predictor = predictor
        self._batch = batch
        self._taste = taste
        self._contexts = contexts

    @property
    def state(self) -> PredictionState:
        """Where the names stand now; later steps leave it as it is."""
        hidden = self._batch.state + (self._taste.state if self._taste else [])
        return PredictionState(hidden, self._contexts.copy())

    def step(self, symbols: Symbols | int) -> Floats:
        """Feed one symbol a name, ``(batch,)``; to a single name without a batch, just a number.

        Returns log p ``(batch, predicted)`` or ``(predicted,)`` of the next one, in nats.
        """
        self._predictor.shift(self._contexts, symbols)
        log_probs = self._predictor.log_probs(self._batch.step(symbols), self._contexts)
        if self._taste is None:
            return log_probs
        if self._predictor.begins(symbols):
            self._taste.forget()  # the name before it is nothing to this one
        return log_softmax(log_probs + self._taste.step(symbols))

    def branch(self, rows: npt.NDArray[np.intp]) -> None:
        """Go on with these rows: one can be left out, or go on as several."""
        self._batch.branch(rows)
        if self._taste:
            self._taste.branch(rows)
        self._contexts = self._contexts[rows]


class _Ngram:
    """The n-gram's share of the probabilities."""

    def __init__(self, mixture: Mixture) -> None:
        self.weight = mixture.weight
        self.context_size = mixture.ngram.order - 1
        self.by_start = mixture.ngram.by_start
        self._ngram = mixture.ngram
        self._uniform = np.full(mixture.ngram.predicted, 1.0 / mixture.ngram.predicted)
        # What comes after contexts met before, by their length and number.
        self._remembered: dict[tuple[int, int], Doubles] = {}

    def share(self, contexts: Symbols) -> Floats:
        """What it adds to p ``(..., predicted)`` of what comes next."""
        if contexts.ndim == 1:
            probabilities = self._after_one(contexts.tolist())
        else:
            probabilities = self._ngram.distributions(contexts)
        return np.asarray(self.weight * probabilities, dtype=np.float32)

    def _after_one(self, context: list[int]) -> Doubles:
        """From the shortest context to the longest: but for the last ones all were met before."""
        if len(self._remembered) * len(self._uniform) > _REMEMBERED:
            self._remembered.clear()
        probabilities, number, place = self._uniform, 0, 1
        for length, level in enumerate(self._ngram.levels):
            if length:
                if context[-length] == NO_SYMBOL:
                    break
                number += context[-length] * place
                place *= self._ngram.read
            known = self._remembered.get((length, number))
            if known is None:
                known = level.blend_one(number, probabilities)
                self._remembered[length, number] = known
            probabilities = known
        return probabilities


def log_softmax(logits: Floats) -> Floats:
    """Log-probabilities ``(..., symbols)`` of logits of the same shape."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
