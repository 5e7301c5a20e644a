"""How probable a model finds what stands there already: the one scorer of names and of texts.

Everything is in nats, the end of each name included, given its start symbol.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import numpy as np
import torch
from torch import Tensor

from ml.corpora.sequences import Sequences, batches_in_order
from ml.corpora.streams import Streams, Text
from ml.models.model import Mixture, NameModel
from ml.names.alphabet import END
from ml.networks.cells import State
from ml.networks.losses import target_log_probs
from ml.networks.network import NameNetwork, network_of, taste_of

_BATCH = 1024
_WINDOW = 1024  # steps: bounds the memory that scoring a long text takes


class Scorer:
    """Scores with a network and, where there are such, the n-gram and the taste beside it.

    `Scorer.of` a model is what the model says; its `network_alone` is what the model would say
    without what stands beside it. The weights are not copied: a network under training is scored
    as it is.
    """

    def __init__(
        self,
        network: NameNetwork,
        mixture: Mixture | None = None,
        taste: NameNetwork | None = None,
    ) -> None:
        self._network = network
        self._mixture = mixture
        self._taste = taste

    @classmethod
    def of(cls, model: NameModel) -> Self:
        """The scorer of a whole model."""
        return cls(network_of(model), model.mixture, taste_of(model))

    @property
    def network_alone(self) -> "Scorer":
        """The same network without mixture and taste."""
        return Scorer(self._network)

    @torch.no_grad()
    def symbols(self, names: Sequences) -> Tensor:
        """Log-probability ``(names, longest)`` of each letter and end, 0 beyond the end."""
        if self._taste:
            return self._tasted(names, self._taste)
        log_probs = torch.zeros(len(names), names.symbols.shape[1] - 1)
        with self._evaluating():
            for indices in batches_in_order(names.lengths, _BATCH):
                inputs, targets = names.batch(indices)
                logits, _ = self._network(inputs)
                log_probs[indices, : len(targets)] = target_log_probs(logits.float(), targets).t()
        if self._mixture:
            predicted = names.predicted
            log_probs[predicted] = mix(
                log_probs[predicted],
                torch.from_numpy(self._mixture.ngram.symbol_log_probs(names.rows())).float(),
                self._mixture.weight,
            )
        return log_probs

    def _tasted(self, names: Sequences, taste: NameNetwork) -> Tensor:
        """The same where there is a taste: it asks for all that could have come next."""
        log_probs = torch.zeros(len(names), names.symbols.shape[1] - 1)
        with self._evaluating():
            for indices in batches_in_order(names.lengths, _BATCH // 4):
                inputs, targets = names.batch(indices)
                distributions = self.distributions(names, indices)
                values, _ = taste(inputs)
                tasted = target_log_probs(distributions + values, targets)
                log_probs[indices, : len(targets)] = tasted.t()
        return log_probs

    @torch.no_grad()
    def distributions(self, names: Sequences, indices: Tensor) -> Tensor:
        """Log-probabilities ``(time, batch, predicted)`` of all that could have come next in some
        of the names, by network and n-gram, whatever people like; what stands past the end of a
        name means nothing.
        """
        inputs, _ = names.batch(indices)
        logits, _ = self._network(inputs)
        by_network = torch.log_softmax(logits.float(), dim=-1)
        if self._mixture is None:
            return by_network
        ngram = self._mixture.ngram
        rows = names.symbols[indices].tolist()
        contexts = np.array(
            [[ngram.context(row[: place + 1]) for row in rows] for place in range(len(inputs))],
            dtype=np.int64,
        ).reshape(len(inputs) * len(rows), -1)
        by_ngram = torch.from_numpy(np.log(ngram.distributions(contexts))).float()
        return mix(by_network, by_ngram.view_as(by_network), self._mixture.weight)

    def names(self, names: Sequences, *, given: Tensor | None = None) -> Tensor:
        """Log-probability ``(names,)`` of whole names, or of what follows the first `given`
        ``(names,)`` letters of each."""
        log_probs = self.symbols(names)
        if given is not None:
            place = torch.arange(log_probs.shape[1])
            log_probs = log_probs.masked_fill(place < given[:, None], 0.0)
        return log_probs.sum(dim=1)

    def nats_per_symbol(self, names: Sequences) -> float:
        """Mean negative log-likelihood over every predicted symbol, each name's end included."""
        return -float(self.names(names).double().sum()) / int(names.lengths.sum())

    @torch.no_grad()
    def text(self, text: Text) -> float:
        """Log-probability of a whole text, read in order in one stream, the state carried.

        The n-gram knows no further back than the line that a symbol stands in.
        """
        state: State | None = None
        by_network: list[Tensor] = []
        stream = Streams(text.inputs[:, None], text.targets[:, None])
        with self._evaluating():
            for inputs, targets in stream.windows(_WINDOW):
                logits, state = self._network(inputs, state)  # (time, 1, predicted)
                by_network.append(target_log_probs(logits.float(), targets).flatten())
        log_probs = torch.cat(by_network)  # (symbols,)
        if self._mixture:
            by_ngram = self._mixture.ngram.symbol_log_probs(self._lines(text))[: len(log_probs)]
            log_probs = mix(log_probs, torch.from_numpy(by_ngram).float(), self._mixture.weight)
        return float(log_probs.double().sum())

    def _lines(self, text: Text) -> list[list[int]]:
        """The lines of a text as an n-gram takes names, each with its start symbol."""
        symbols = text.inputs.tolist()
        if int(text.targets[-1]) != END:
            # The last line is cut off: what is predicted last is a letter, and no end.
            symbols.append(int(text.targets[-1]))
        lines: list[list[int]] = []
        for symbol in symbols:
            if symbol >= self._network.predicted or not lines:
                lines.append([])
            lines[-1].append(symbol)
        return lines

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        was_training = self._network.training
        self._network.eval()
        try:
            yield
        finally:
            self._network.train(was_training)


def mix(by_network: Tensor, by_ngram: Tensor, weight: float) -> Tensor:
    """Log-probabilities of the mixture of two predictions, given as log-probabilities."""
    return torch.logaddexp(by_network + math.log1p(-weight), by_ngram + math.log(weight))
