"""Training, in either regime: one learning-rate cycle, the best state kept.

The learning rate rises for a tenth of the way and comes down along a cosine (Smith & Topin 2018,
"Super-Convergence"). How far the way has come is the larger of steps done and minutes spent, so a
slow machine gets a shorter cycle, not one cut off at its height.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

import torch
from torch import Tensor

from ml.corpora.corpus import Corpus
from ml.corpora.text import TextCorpus
from ml.models.model import NameModel
from ml.networks.network import NameNetwork, weights_of
from ml.progress import Report, Step, silent
from ml.scoring.scorer import Scorer
from ml.training.calibration import calibrate
from ml.training.mixing import choose_mixture
from ml.training.recipes import Recipe
from ml.training.regimes import Lesson, independent_epoch, stream_epoch, text_epoch

_WARM_UP = 0.1
_LARGEST_GRADIENT = 1.0


@dataclass(slots=True)
class Curves:
    """Loss along the way, in nats per symbol: one point an epoch."""

    train: list[float] = field(default_factory=list)
    valid: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A trained model and how training went."""

    model: NameModel
    curves: Curves
    seconds: float


def train(
    corpus: Corpus | TextCorpus, recipe: Recipe, *, seed: int = 0, report: Report = silent
) -> TrainingResult:
    """Train a network on `corpus.train`, judged by `corpus.valid` after every epoch.

    Returns the state with the best valid loss. The same seed gives the same model up to
    rounding, unless the minutes run out first.

    Raises:
        ValueError: a text is to be read in another regime than in streams.
    """
    started = time.monotonic()
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    alphabet = corpus.alphabet
    material = _names(corpus, recipe) if isinstance(corpus, Corpus) else _text(corpus, recipe)
    network = NameNetwork(
        recipe.network, read=alphabet.read, predicted=alphabet.predicted, impl=recipe.impl
    )
    optimizer = new_optimizer(network, recipe)
    curves = Curves()
    best_loss = math.inf
    best_state: dict[str, Tensor] = {}
    best_at = way = 0.0
    message = ""
    reported = -1
    for epoch in range(recipe.epochs):
        lessons = material.draw(network, generator)
        losses: list[float] = []
        for position, lesson in enumerate(lessons):
            steps = (epoch + position / len(lessons)) / recipe.epochs
            way = max(steps, (time.monotonic() - started) / (60 * recipe.minutes))
            if way >= 1 and losses:
                break
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * one_cycle(way)
            losses.append(train_step(network, optimizer, lesson))
            if int(100 * way) > reported:
                reported = int(100 * way)
                report(Step("train", min(reported, 99), 100, message))
        curves.train.append(sum(losses) / len(losses))
        curves.valid.append(material.judge(network))
        if curves.valid[-1] < best_loss:
            best_loss, best_at = curves.valid[-1], way
            best_state = {name: value.clone() for name, value in network.state_dict().items()}
        message = f"valid {curves.valid[-1]:.4f}, best {best_loss:.4f} nats per symbol"
        if way >= 1 or way - best_at > recipe.patience:
            break
    network.load_state_dict(best_state)
    alone = loss = best_loss
    mixture = None
    if isinstance(corpus, Corpus):
        alone = calibrate(network, corpus.valid.encode(alphabet))
        loss, mixture = choose_mixture(network, corpus)
    report(Step("train", 100, 100, f"valid {loss:.4f} nats per symbol"))
    seconds = time.monotonic() - started
    metrics = {
        "valid_nats_per_symbol": loss,
        "network_alone": {"valid_nats_per_symbol": alone},
        "mixture": mixture and {"order": mixture.ngram.order, "weight": mixture.weight},
        **material.sizes,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "recipe": asdict(recipe),
        "epochs": len(curves.valid),
        "seconds": round(seconds, 1),
        "seed": seed,
    }
    model = NameModel(
        recipe.network,
        weights_of(network),
        alphabet,
        corpus.statistics,
        corpus.fingerprints,
        metrics,
        mixture,
    )
    return TrainingResult(model, curves, seconds)


def one_cycle(way: float) -> float:
    """Share of the highest learning rate at `way`, from 0 to 1: up a line, down a cosine."""
    if way < _WARM_UP:
        return 0.04 + 0.96 * way / _WARM_UP
    return max(0.5 * (1 + math.cos(math.pi * (way - _WARM_UP) / (1 - _WARM_UP))), 1e-3)


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 natively; elsewhere autocast would be slower."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


@dataclass(frozen=True, slots=True)
class _Material:
    """What the trainer needs of a corpus: epochs to learn from, and nats per symbol of `valid`."""

    draw: Callable[[NameNetwork, torch.Generator], list[Lesson]]
    judge: Callable[[NameNetwork], float]
    sizes: Mapping[str, int]


def _names(corpus: Corpus, recipe: Recipe) -> _Material:
    """Names in another order each epoch; those of unequal weight as often as it says."""
    names, weights = corpus.train.encode(corpus.alphabet), corpus.weights
    valid = corpus.valid.encode(corpus.alphabet)

    def draw(network: NameNetwork, generator: torch.Generator) -> list[Lesson]:
        order = draw_by_weight(weights, generator)
        if recipe.regime == "stream":
            return stream_epoch(
                network, names, order, recipe.streams, recipe.k1, recipe.k2, generator
            )
        return independent_epoch(
            network, names, order, recipe.batch_size, generator, masks=recipe.masks
        )

    return _Material(
        draw,
        judge=lambda network: Scorer(network).nats_per_symbol(valid),
        sizes={"train_names": len(names), "valid_names": len(valid)},
    )


def draw_by_weight(weights: Tensor, generator: torch.Generator) -> Tensor:
    """As many indices into `weights` ``(n,)``, in random order, for one epoch.

    Of n draws an index gets its share by weight, rounded up or down by chance: independent draws
    would leave out a third of the names in every epoch (systematic resampling; Kitagawa 1996,
    "Monte Carlo Filter and Smoother", appendix). Of equal weights each index comes once.
    """
    shuffled = torch.randperm(len(weights), generator=generator)
    edges = weights[shuffled].double().cumsum(dim=0)
    points = torch.arange(len(weights)) + torch.rand(1, generator=generator).double()
    # Never the very last edge: rounding may put it just below the last point.
    drawn = torch.searchsorted(edges[:-1], points * (edges[-1] / len(weights)), right=True)
    return shuffled[drawn][torch.randperm(len(weights), generator=generator)]


def _text(corpus: TextCorpus, recipe: Recipe) -> _Material:
    """A text in the order in which it stands, every epoch."""
    if recipe.regime != "stream":
        raise ValueError("the lines of a text are not independent: read it in streams")
    symbols, held_out = len(corpus.train.targets), len(corpus.valid.targets)
    return _Material(
        draw=lambda network, generator: text_epoch(
            network, corpus.train, recipe.streams, recipe.k1, recipe.k2, generator
        ),
        judge=lambda network: -Scorer(network).text(corpus.valid) / held_out,
        sizes={"train_symbols": symbols, "valid_symbols": held_out},
    )


def new_optimizer(network: NameNetwork, recipe: Recipe) -> torch.optim.Optimizer:
    """The optimizer of a recipe, its learning rate at the highest."""
    return torch.optim.AdamW(
        network.parameters(),
        lr=recipe.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=recipe.weight_decay,
        fused=True,
    )


def train_step(network: NameNetwork, optimizer: torch.optim.Optimizer, lesson: Lesson) -> float:
    """Take one step by the loss of `lesson`, which is returned."""
    network.train()
    with torch.autocast("cpu", torch.bfloat16, enabled=has_fast_bfloat16()):
        loss = lesson.loss()
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
    optimizer.step()
    return float(loss.detach())
