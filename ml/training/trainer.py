"""Training, in either regime: one learning-rate cycle, the best state kept.

The learning rate rises for a tenth of the way and comes down along a cosine (Smith & Topin 2018,
"Super-Convergence"). The way is counted in steps, so that every machine goes all of it. Where
minutes are set, it is the larger share of steps done and minutes spent: a slow machine then gets a
shorter cycle, not one cut off at its height.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import fmean

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
from ml.training.regimes import (
    Lesson,
    draw_by_weight,
    independent_epoch,
    stream_epoch,
    text_epoch,
)
from ml.training.step import one_cycle, take_step

# Seconds, from any beginning.
Clock = Callable[[], float]


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


def train(
    corpus: Corpus | TextCorpus,
    recipe: Recipe,
    *,
    seed: int = 0,
    report: Report = silent,
    clock: Clock = time.monotonic,
) -> TrainingResult:
    """Train a network on `corpus.train`, judged by `corpus.valid` after every epoch.

    Returns the state with the best valid loss. The same seed gives the same model up to
    rounding, on a slow machine as on a fast one, unless the recipe's minutes run out first.

    Raises:
        ValueError: a text is to be read in another regime than in streams.
    """
    started = clock()
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    alphabet = corpus.alphabet
    network = NameNetwork(
        recipe.network,
        read=alphabet.read,
        predicted=alphabet.predicted,
        impl=recipe.impl,
        noise=recipe.noise,
    )
    if isinstance(corpus, Corpus):
        material = _names(corpus, recipe, network, generator)
    else:
        material = _text(corpus, recipe, network, generator)
    curves, cut_short = _learn(network, material, recipe, report, clock)
    alone = loss = min(curves.valid)
    mixture = None
    if isinstance(corpus, Corpus):
        report(Step("train", 99, 100, "choosing an n-gram beside it"))
        alone = calibrate(network, corpus.valid.encode(alphabet))
        loss, mixture = choose_mixture(network, corpus)
    report(Step("train", 100, 100, f"valid {loss:.4f} nats per symbol"))
    metrics = {
        "valid_nats_per_symbol": loss,
        "network_alone": {"valid_nats_per_symbol": alone},
        "mixture": mixture and {"order": mixture.ngram.order, "weight": mixture.weight},
        **material.sizes,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "recipe": asdict(recipe),
        "epochs": len(curves.valid),
        "planned_epochs": recipe.epochs,
        "cut_short_by_minutes": cut_short,
        "seconds": round(clock() - started, 1),
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
    return TrainingResult(model, curves)


@dataclass(frozen=True, slots=True)
class _Material:
    """What there is to learn: the lessons of an epoch, the loss by which to judge."""

    lessons: Callable[[], list[Lesson]]
    valid_loss: Callable[[], float]
    sizes: Mapping[str, int]


def _names(
    corpus: Corpus, recipe: Recipe, network: NameNetwork, generator: torch.Generator
) -> _Material:
    """Names in another order each epoch; those of unequal weight as often as it says."""
    names, valid = (part.encode(corpus.alphabet) for part in (corpus.train, corpus.valid))

    def lessons() -> list[Lesson]:
        order = draw_by_weight(corpus.weights, generator)
        if recipe.regime == "stream":
            return stream_epoch(
                network, names, order, recipe.streams, recipe.k1, recipe.k2, generator
            )
        return independent_epoch(network, names, order, recipe.batch_size, generator)

    return _Material(
        lessons,
        valid_loss=lambda: Scorer(network).nats_per_symbol(valid),
        sizes={"train_names": len(names), "valid_names": len(valid)},
    )


def _text(
    corpus: TextCorpus, recipe: Recipe, network: NameNetwork, generator: torch.Generator
) -> _Material:
    """A text in the order in which it stands, every epoch."""
    if recipe.regime != "stream":
        raise ValueError("the lines of a text are not independent: read it in streams")
    symbols, held_out = len(corpus.train.targets), len(corpus.valid.targets)
    return _Material(
        lambda: text_epoch(network, corpus.train, recipe.streams, recipe.k1, recipe.k2, generator),
        valid_loss=lambda: -Scorer(network).text(corpus.valid) / held_out,
        sizes={"train_symbols": symbols, "valid_symbols": held_out},
    )


def _learn(
    network: NameNetwork, material: _Material, recipe: Recipe, report: Report, clock: Clock
) -> tuple[Curves, bool]:
    """Train `network` and leave it at its best. Also says whether the minutes ran out."""
    seconds = 60 * (recipe.minutes or math.inf)
    started = clock()
    optimizer = new_optimizer(network, recipe)
    curves = Curves()
    best_loss, best_state = math.inf, dict[str, Tensor]()
    best_at = way = 0.0
    reported = -1
    for epoch in range(recipe.epochs):
        lessons = material.lessons()
        losses: list[float] = []
        for position, lesson in enumerate(lessons):
            steps = (epoch + position / len(lessons)) / recipe.epochs
            way = max(steps, (clock() - started) / seconds)
            if way >= 1 and losses:
                break
            losses.append(
                train_step(network, optimizer, lesson, recipe.learning_rate * one_cycle(way))
            )
            if int(100 * way) > reported:
                reported = int(100 * way)
                message = f"epoch {epoch + 1} of {recipe.epochs}, loss {fmean(losses):.3f}"
                if curves.valid:
                    message += f", best valid {best_loss:.3f}"
                report(Step("train", min(reported, 99), 100, message))
        curves.train.append(fmean(losses))
        curves.valid.append(material.valid_loss())
        if curves.valid[-1] < best_loss:
            best_loss, best_at = curves.valid[-1], way
            best_state = {name: value.clone() for name, value in network.state_dict().items()}
        if way >= 1 or way - best_at > recipe.patience:
            break
    network.load_state_dict(best_state)
    return curves, way >= 1


def train_step(
    network: NameNetwork, optimizer: torch.optim.Optimizer, lesson: Lesson, learning_rate: float
) -> float:
    """Take one step by the loss of `lesson`, which is returned."""
    network.train()
    with torch.autocast("cpu", torch.bfloat16, enabled=has_fast_bfloat16()):
        loss = lesson.loss()
    torch.autograd.backward(loss)
    take_step(optimizer, learning_rate)
    return float(loss.detach())


def new_optimizer(network: NameNetwork, recipe: Recipe) -> torch.optim.Optimizer:
    """The optimizer of a recipe, its learning rate at the highest."""
    return torch.optim.AdamW(
        network.parameters(),
        lr=recipe.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=recipe.weight_decay,
        fused=True,
    )


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 natively; elsewhere autocast would be slower."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
