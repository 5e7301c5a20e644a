"""How a model writes one name: what could have come at each place, and what the network recalled.

The name is read once, a symbol at a time, as it was written. The letters of a prefix and its own
are alike here: nothing is drawn.
"""

from dataclasses import dataclass

import numpy as np

from ml.arrays import Floats, Symbols
from ml.errors import ImpossiblePrefix
from ml.names.alphabet import END, UNKNOWN, Alphabet, Start
from ml.writing.prediction import log_softmax
from ml.writing.sampling import Sampler, SamplingSettings, scores


@dataclass(frozen=True, slots=True)
class Trace:
    """A step a row, one for every letter of a name and one for its end.

    `symbols` ``(steps,)`` are what was written; `log_probs` ``(steps, predicted)`` the model's own,
    in nats, of all that could be; `hidden` ``(steps, hidden)`` is the uppermost hidden state that
    they were computed from. `rules` ``(steps, predicted)`` are -inf where the sampler lets nothing
    stand, else 0.
    """

    alphabet: Alphabet
    symbols: Symbols
    log_probs: Floats
    rules: Floats
    hidden: Floats

    def drawn_from(self, settings: SamplingSettings) -> Floats:
        """Log p ``(steps, predicted)`` from which a sampler with these settings draws."""
        return log_softmax(scores(self.log_probs + self.rules, settings))

    def of_chosen(self, log_probs: Floats) -> Floats:
        """Those of ``(steps, predicted)`` that belong to what was written, ``(steps,)``."""
        return np.asarray(log_probs[np.arange(len(self.symbols)), self.symbols])


def trace(sampler: Sampler, name: str, start: Start) -> Trace:
    """Let the model of a sampler write `name` after `start`.

    Raises:
        ImpossiblePrefix: the name has a letter that the model has never seen.
    """
    alphabet = sampler.alphabet
    symbols = [*alphabet.encode(name), END]
    if UNKNOWN in symbols:
        raise ImpossiblePrefix("the name has a letter that this model has never seen")
    predictor = sampler.predictor
    written = predictor.start(predictor.initial(1).select(0))
    log_probs, hidden = [], []
    with sampler.blas.limit(limits=1):
        for symbol in [alphabet.start_index(start), *symbols[:-1]]:
            log_probs.append(written.step(symbol).copy())
            hidden.append(written.state.hidden[-1][0])
    return Trace(
        alphabet=alphabet,
        symbols=np.array(symbols),
        log_probs=np.stack(log_probs),
        rules=sampler.rules(start, symbols),
        hidden=np.stack(hidden),
    )
