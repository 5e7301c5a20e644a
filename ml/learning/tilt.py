"""The model that people like best among those that still know real names: a tilt, taught.

Of all distributions with as high an expected reward r, the one that is nearest to the base p is the
exponential tilt ``q(x) = p(x) exp(a r(x)) / Z`` (Korbak et al. 2022, "RL with KL penalties is
better viewed as Bayesian inference", section 2). Here r(x) is how probable it is that people like
the name x, and `a` is as large as the drift allows.

A name is written letter by letter, so what has to be known is the value of a beginning: the mean of
``exp(a r(x))`` over the names that go on from it (Yang & Klein 2021, "FUDGE"). A small network
learns it from names that the base wrote, each a beginning more: a regression, in which it is of no
account which letter chance chose. To raise the likelihood of names that are liked instead, as is
usual, teaches a network by heart what chance chose (``python -m bench learning``).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ml.arrays import Doubles
from ml.corpora.sequences import IGNORED, Sequences, encode_sequences
from ml.models.model import NameModel, TasteNetwork
from ml.models.network_config import NetworkConfig
from ml.names.alphabet import Start
from ml.networks.network import NameNetwork, taste_of, weights_of
from ml.scoring.scorer import Scorer
from ml.training.step import one_cycle, take_step
from ml.writing.sampling import Sampler, SamplingSettings

CONFIG = NetworkConfig("gru", embedding_size=24, hidden_size=64)

# At most, and for each name that the base was trained on: a short list needs no more.
_SAMPLES, _SAMPLES_A_NAME = 20_000, 20
_EPOCHS = 10
_BATCH = 256
_LEARNING_RATE = 8e-3
_STEEPEST = 60.0
# A little louder or softer than taught, for what is taught is not exactly what was to be learnt.
_LOUDEST = 1.5
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Samples:
    """Names that a base wrote at temperature 1, with repeats."""

    names: list[str]
    starts: list[Start]
    sequences: Sequences

    @classmethod
    def of(
        cls, base: NameModel, wanted: Sequence[Start], *, seed: int, count: int | None = None
    ) -> "Samples":
        """Draw some `count` names, by default as many as the base is worth.

        Half of them come after the start symbols of the `wanted` names, as often as each stands
        there, the others after all of the model's, by their share.
        """
        alphabet, rng = base.alphabet, np.random.default_rng(seed)
        if count is None:
            count = min(max(_SAMPLES_A_NAME * len(base.fingerprints.trained), 1_000), _SAMPLES)
        shares = np.array([statistics.share for statistics in base.statistics])
        asked = np.array([wanted.count(start) for start in alphabet.starts])
        counts = count * (0.5 * asked / max(asked.sum(), 1) + 0.5 * shares / shares.sum())
        settings, sampler = SamplingSettings(temperature=1.0), Sampler(base)
        written = [
            sample
            for start, some in zip(alphabet.starts, np.ceil(counts).astype(int), strict=True)
            for sample in sampler.sample("", [start], int(some), settings, rng)
        ]
        sequences = encode_sequences(
            [alphabet.start_index(each.start) for each in written],
            [alphabet.encode(each.name) for each in written],
        )
        return cls([each.name for each in written], [each.start for each in written], sequences)

    def after(self, starts: Collection[Start]) -> Doubles:
        """1 for names after these start symbols, 0 for others, ``(names,)``."""
        return np.array([float(start in starts) for start in self.starts])


def steepest(rewards: Doubles, of_real: Doubles, symbols: float, limit: float) -> float:
    """The largest exponent under which real names lose at most `limit` nats a symbol.

    `rewards` ``(samples,)`` are those of the base's names, `of_real` ``(names,)`` those of real
    ones, of `symbols` on average.
    """
    low, high = 0.0, _STEEPEST
    for _ in range(40):
        middle = (low + high) / 2
        log_normaliser = float(np.logaddexp.reduce(middle * rewards)) - np.log(len(rewards))
        drift = (log_normaliser - middle * float(of_real.mean())) / symbols
        low, high = (middle, high) if drift <= limit else (low, middle)
    return low


def teach(
    base: NameModel,
    samples: Samples,
    log_weights: Doubles,
    *,
    seed: int,
    tell: Callable[[int, int, str], None] = lambda *_: None,
) -> TasteNetwork:
    """A network that knows of every beginning the log of the mean weight of names that go on so.

    `log_weights` ``(samples,)`` are log weights of whole names, relative to their mean. The values
    of one name are regressed on its weight by the Poisson deviance, of which the mean is what is
    looked for, whatever the distribution (Gourieroux et al. 1984, "Pseudo Maximum Likelihood
    Methods: Theory", section 3).
    """
    generator = torch.Generator().manual_seed(seed)
    alphabet = base.alphabet
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = NameNetwork(CONFIG, read=alphabet.read, predicted=alphabet.predicted)
    torch.nn.init.zeros_(network.output.weight)
    torch.nn.init.zeros_(network.output.bias)
    weights = torch.from_numpy(np.exp(log_weights)).float()
    optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
    batches = [
        rows
        for _ in range(_EPOCHS)
        for rows in torch.split(torch.randperm(len(weights), generator=generator), _BATCH)
    ]
    with _one_thread():
        for step, rows in enumerate(batches):
            inputs, targets = samples.sequences.batch(rows)
            values, _ = network(inputs)
            came = targets.masked_fill(targets == IGNORED, 0).unsqueeze(-1)
            value = values.gather(-1, came).squeeze(-1)[targets != IGNORED]
            wanted = weights[rows].expand_as(targets)[targets != IGNORED]
            loss = (value.exp() - wanted * value).mean()
            torch.autograd.backward(loss)
            take_step(optimizer, _LEARNING_RATE * one_cycle((step + 0.5) / len(batches)))
            tell(step + 1, len(batches), f"loss {float(loss.detach()):.3f}")
    of_starts = [
        log_weights[[each == start for each in samples.starts]] for start in alphabet.starts
    ]
    # Of a start that nothing was written after nothing is known: it stays as it is.
    starts = [np.log(np.exp(each).mean()) if len(each) else 0.0 for each in of_starts]
    return TasteNetwork(CONFIG, weights_of(network), np.array(starts, dtype=np.float32))


@contextmanager
def _one_thread() -> Iterator[None]:
    """So small a network is no faster on two cores, and many times slower when one is busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def louder(taste: TasteNetwork, factor: float) -> TasteNetwork:
    """The same values, each times `factor`."""
    changed = {
        name: weight * np.float32(factor) if name.startswith("output.") else weight
        for name, weight in taste.weights.items()
    }
    return replace(taste, weights=changed, starts=taste.starts * np.float32(factor))


@torch.no_grad()
def loudest(base: NameModel, taste: TasteNetwork, real: Sequences, limit: float) -> float:
    """The largest factor with which real names lose at most `limit` nats a symbol."""
    scorer, network = Scorer.of(base), taste_of(replace(base, taste=taste))
    assert network is not None  # noqa: S101
    parts = []
    for rows in torch.split(torch.arange(len(real)), _AT_ONCE):
        inputs, targets = real.batch(rows)
        said = targets != IGNORED
        values, _ = network(inputs)
        parts.append((scorer.distributions(real, rows)[said], values[said], targets[said]))
    distributions, values, came = (torch.cat(each) for each in zip(*parts, strict=True))

    first = (real.symbols[:, 0] - base.alphabet.predicted).numpy()

    def drift(factor: float) -> float:
        losses = float(_losses(distributions, factor * values, came).double().sum())
        shares = replace(base, taste=louder(taste, factor)).shares / base.shares
        return (losses - float(np.log(shares[first]).sum())) / len(came)

    low, high = 0.0, _LOUDEST
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if drift(middle) <= limit else (low, middle)
    return low


def _losses(distributions: Tensor, values: Tensor, came: Tensor) -> Tensor:
    """How many nats each symbol loses when the values are added."""
    normaliser = torch.logsumexp(distributions + values, dim=-1)
    return normaliser - values.gather(-1, came.unsqueeze(-1)).squeeze(-1)
