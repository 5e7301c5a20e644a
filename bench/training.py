"""Symbols a second in training, and seconds to a loss, beside the loop that one writes first.

All train the same network on the same names, with the same batch size and learning rate and as many
threads. Our trainer's step: names of like length, some units sitting out, in bfloat16 where the
processor has it; with the cells of torch and with those of `ml/networks/cells.py`, and with all
units at work, the noise on their weights instead. The plain loop: names in random order, padded to
the longest of all, batch-first float32 `nn.LSTM`, `nn.CrossEntropyLoss`, Adam.

Each goes on until it predicts the valid names, which are given names, better than a bigram table of
given names, by the clock of its own steps. Their steps alternate, so a machine that slows down
slows all. Speeds are medians of steps, for a machine that others use too; seconds those of seeds.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from statistics import median

import torch
from rich.table import Table
from torch import Tensor, nn

from ml.corpora.corpus import Corpus, corpus_of_records
from ml.corpora.sequences import IGNORED, Sequences
from ml.names.records import read_records
from ml.networks.network import NameNetwork
from ml.scoring.bigrams import BigramTable
from ml.scoring.scorer import Scorer
from ml.training.recipes import Recipe, choose_recipe
from ml.training.regimes import independent_epoch
from ml.training.trainer import has_fast_bfloat16, new_optimizer, train_step

_SEEDS = (0, 1, 2)
_LEARNING_RATE = 3e-3  # constant: a cycle would have to know beforehand when the loss is reached
_STEPS_BETWEEN_LOOKS = 5
_MOST_SECONDS = 60.0  # of one seed
# As torch chose them: a benchmark that ran before this one may have set others.
_THREADS = torch.get_num_threads()

PLAIN = "plain loop"


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that trains: `steps` yields the real symbols of a batch that it has just learnt.

    `valid_loss` is in nats per symbol, judged on the same names as every other's.
    """

    steps: Iterator[int]
    valid_loss: Callable[[], float]


@dataclass(slots=True)
class Run:
    """How far one has come: real symbols and seconds of each of its steps; whether it is there."""

    symbols: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    there: bool = False


def tables() -> list[Table]:
    """One table: the plain loop, and our trainer's step in its variants."""
    threads = torch.get_num_threads()
    torch.set_num_threads(_THREADS)
    records = read_records()
    corpus = corpus_of_records(records)
    goal = bigram_loss(corpus_of_records([name for name in records if name.kind == "given"]))
    races = [race(contestants(corpus, seed), goal) for seed in _SEEDS]
    torch.set_num_threads(threads)
    table = Table(
        *("", "symbols a second", "ratio", f"seconds to {goal:.2f}", "ratio"),
        title=f"Training, {_THREADS} threads, until it beats a bigram table",
        caption="ours in bfloat16" if has_fast_bfloat16() else "all in float32",
    )
    plain_speed, plain_seconds = _medians(races, PLAIN)
    for title in races[0]:
        speed, seconds = _medians(races, title)
        reached = math.isfinite(seconds)
        table.add_row(
            title,
            f"{speed:,.0f}",
            f"{speed / plain_speed:.2f}x",
            f"{seconds:.1f}" if reached else f"over {_MOST_SECONDS:.0f}",
            f"{plain_seconds / seconds:.2f}x" if reached else "",
        )
    return [table]


def contestants(corpus: Corpus, seed: int) -> dict[str, Contestant]:
    """All by title, each with a network of its own that has learnt nothing yet."""
    recipe = choose_recipe(corpus)
    on_weights = replace(recipe.noise, falls_on="weights")
    return {
        PLAIN: plain_loop(corpus, recipe, seed),
        "this trainer, all units at work": our_trainer(
            corpus, replace(recipe, noise=on_weights), seed
        ),
        "this trainer, cells from scratch": our_trainer(
            corpus, replace(recipe, impl="scratch"), seed
        ),
        "this trainer": our_trainer(corpus, recipe, seed),
    }


def race(runners: dict[str, Contestant], goal: float) -> dict[str, Run]:
    """Let each train, a step in turn, until its valid loss is below `goal` or its time is up."""
    runs = {title: Run() for title in runners}
    step = 0
    while under_way := [
        title for title, run in runs.items() if not run.there and sum(run.seconds) < _MOST_SECONDS
    ]:
        step += 1
        for title in under_way:
            runner, run = runners[title], runs[title]
            started = time.perf_counter()
            run.symbols.append(next(runner.steps))
            run.seconds.append(time.perf_counter() - started)
            if step % _STEPS_BETWEEN_LOOKS == 0:
                run.there = runner.valid_loss() < goal
    return runs


def our_trainer(corpus: Corpus, recipe: Recipe, seed: int) -> Contestant:
    """The steps of `ml.training.trainer.train`, every name once an epoch."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    names, valid = corpus.train.encode(corpus.alphabet), corpus.valid.encode(corpus.alphabet)
    alphabet = corpus.alphabet
    network = NameNetwork(
        recipe.network,
        read=alphabet.read,
        predicted=alphabet.predicted,
        impl=recipe.impl,
        noise=recipe.noise,
    )
    optimizer = new_optimizer(network, recipe)

    def steps() -> Iterator[int]:
        while True:
            order = torch.randperm(len(names), generator=generator)
            for lesson in independent_epoch(network, names, order, recipe.batch_size, generator):
                train_step(network, optimizer, lesson, _LEARNING_RATE)
                yield lesson.symbols

    return Contestant(steps(), lambda: Scorer(network).nats_per_symbol(valid))


class PlainNetwork(nn.Module):
    """The same layers of the same size as `torch.nn` has them, batch-first, without dropout."""

    def __init__(self, recipe: Recipe, *, read: int, predicted: int) -> None:
        super().__init__()
        config = recipe.network
        self.embedding = nn.Embedding(read, config.embedding_size)
        self.lstm = nn.LSTM(
            config.embedding_size, config.hidden_size, config.num_layers, batch_first=True
        )
        self.output = nn.Linear(config.hidden_size, predicted)

    def forward(self, symbols: Tensor) -> Tensor:
        """Logits ``(batch, predicted, time)``, as the loss wants them, of ``(batch, time)``."""
        hidden, _ = self.lstm(self.embedding(symbols))
        logits: Tensor = self.output(hidden)
        return logits.transpose(1, 2)


def plain_loop(corpus: Corpus, recipe: Recipe, seed: int) -> Contestant:
    """What one writes first: all names in one padded tensor, shuffled and sliced."""
    torch.manual_seed(seed)
    alphabet = corpus.alphabet
    inputs, targets = padded(corpus.train.encode(alphabet))
    valid_inputs, valid_targets = padded(corpus.valid.encode(alphabet))
    network = PlainNetwork(recipe, read=alphabet.read, predicted=alphabet.predicted)
    optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
    criterion = nn.CrossEntropyLoss(ignore_index=IGNORED)

    def steps() -> Iterator[int]:
        while True:
            for batch in torch.split(torch.randperm(len(inputs)), recipe.batch_size):
                loss = criterion(network(inputs[batch]), targets[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                yield int((targets[batch] != IGNORED).sum())

    @torch.no_grad()
    def valid_loss() -> float:
        return float(criterion(network(valid_inputs), valid_targets))

    return Contestant(steps(), valid_loss)


def padded(names: Sequences) -> tuple[Tensor, Tensor]:
    """Inputs and targets, both ``(names, longest)``; targets past an end are `IGNORED`."""
    inputs, targets = names.batch(torch.arange(len(names)))
    return inputs.t().contiguous(), targets.t().contiguous()


def bigram_loss(corpus: Corpus) -> float:
    """Nats per symbol of the valid names under a bigram table of the training names."""
    alphabet = corpus.alphabet

    def with_starts(names: Sequences) -> list[list[int]]:
        rows = zip(names.symbols.tolist(), names.lengths.tolist(), strict=True)
        return [symbols[:length] for symbols, length in rows]

    train, valid = corpus.train.encode(alphabet), corpus.valid.encode(alphabet)
    table = BigramTable(with_starts(train), predicted=alphabet.predicted)
    log_probs = [table.log_prob(start, letters) for start, *letters in with_starts(valid)]
    return -sum(log_probs) / int(valid.lengths.sum())


def _medians(races: list[dict[str, Run]], title: str) -> tuple[float, float]:
    """Symbols a second, and seconds to the goal: infinite if most seeds did not reach it."""
    runs = [race[title] for race in races]
    return (
        median(
            symbols / seconds
            for run in runs
            for symbols, seconds in zip(run.symbols, run.seconds, strict=True)
        ),
        median(sum(run.seconds) if run.there else math.inf for run in runs),
    )
