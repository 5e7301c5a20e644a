"""RNN, GRU and LSTM, ours and those of torch.nn, at equal parameters and at equal time; n-grams.

Recurrent networks get a hidden size that brings them nearest to the same number of parameters. They
are trained for as many updates each, then, anew, for as many seconds of processor time each.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure

from ml.lab.carry import losses_from_zero
from ml.lab.experiment import Findings, Material, Scale, network_config, over_seeds
from ml.lab.figures import COLORS, curve, label, panels
from ml.lab.fitting import Budget, fit, independent_passes
from ml.lab.tables import Column, Measured, Table, Value
from ml.models.network_config import Cell, parameter_shapes
from ml.models.ngram import KneserNey
from ml.names.alphabet import END, Alphabet
from ml.networks.network import Impl
from ml.progress import Report
from ml.scoring.bigrams import BigramTable
from ml.scoring.evaluation import best_kneser_ney

_BATCH = 128

# Each chosen on the valid split, among 3e-3, 6e-3, 1.2e-2, 1.8e-2, 2.4e-2 and 3.6e-2.
_LEARNING_RATES: dict[Cell, float] = {"rnn": 1.2e-2, "gru": 1.8e-2, "lstm": 3.6e-2}

_IMPL_TITLES: dict[Impl, str] = {"torch": "torch.nn", "scratch": "с нуля"}


@dataclass(frozen=True, slots=True)
class Variant:
    """A cell and whose."""

    cell: Cell
    impl: Impl

    @property
    def title(self) -> str:
        """The cell and whose, in a table."""
        return f"{self.cell.upper()} ({_IMPL_TITLES[self.impl]})"


_CELLS: tuple[Cell, ...] = ("rnn", "gru", "lstm")
_IMPLS: tuple[Impl, ...] = ("torch", "scratch")
VARIANTS = [Variant(cell, impl) for cell in _CELLS for impl in _IMPLS]


def run(material: Material, scale: Scale, report: Report) -> Findings:
    """Train every cell twice, and count n-grams once."""
    alphabet = material.alphabet

    def measure(variant: Variant, seed: int) -> list[float]:
        hidden = hidden_size_for(variant.cell, scale.parameters, alphabet)

        def train(budget: Budget) -> list[float]:
            torch.manual_seed(seed)
            generator = torch.Generator().manual_seed(seed)
            network = material.network(variant.cell, hidden, variant.impl)
            passes = independent_passes(network, material.train, _BATCH, generator)
            rate = _LEARNING_RATES[variant.cell]
            how = fit(network, passes, budget, learning_rate=rate)
            loss = losses_from_zero(network, material.test)[-1]
            return [loss, how.seconds, len(how.norms)]

        loss, seconds, _ = train(Budget(updates=scale.updates))
        loss_in_time, _, updates_in_time = train(Budget(seconds=scale.seconds))
        return [loss, seconds, loss_in_time, updates_in_time]

    measured = over_seeds(measure, VARIANTS, scale, report, "cells")
    results = [[Measured(values) for values in zip(*seeds, strict=True)] for seeds in measured]
    counted = [_bigram(material), _kneser_ney(material)]
    networks: list[tuple[Value, ...]] = []
    for variant, result in zip(VARIANTS, results, strict=True):
        hidden = hidden_size_for(variant.cell, scale.parameters, alphabet)
        networks.append(
            (variant.title, hidden, count_parameters(variant.cell, hidden, alphabet), *result)
        )
    table = Table(
        "Ячейки при равном числе параметров и при равном времени",
        (
            Column("модель"),
            Column("размер состояния"),
            Column("параметров"),
            Column(f"потери за {scale.updates} обновлений, нат на символ", ".4f"),
            Column("секунд на них", ".1f"),
            Column(f"потери за {scale.seconds:g} с, нат на символ", ".4f"),
            Column("обновлений за это время", ".0f"),
        ),
        (*networks, *((c.title, "", c.counts, c.loss, c.seconds, "", "") for c in counted)),
    )
    return Findings(
        title="RNN, GRU, LSTM и n-граммы",
        about=(
            f"Отдельные имена, пакеты по {_BATCH} имён, AdamW; скорость обучения выбрана для каждой"
            " ячейки по проверочной части. Размер состояния подобран так, чтобы параметров было"
            " поровну. Время процессорное, одно ядро. У n-грамм вместо параметров указано число"
            " запомненных разных n-грамм, вместо обучения они один раз считаются, и разброса по"
            " зёрнам у них нет; порядок модели Кнезера-Нея выбран по проверочной части."
        ),
        tables={"cells": table},
        figure=_draw(results, counted, scale),
    )


def hidden_size_for(cell: Cell, parameters: int, alphabet: Alphabet) -> int:
    """The hidden size whose network has a number of parameters nearest to `parameters`."""
    return min(
        range(1, math.isqrt(parameters) + 1),
        key=lambda hidden: abs(count_parameters(cell, hidden, alphabet) - parameters),
    )


def count_parameters(cell: Cell, hidden_size: int, alphabet: Alphabet) -> int:
    """How many numbers the network of the experiments learns."""
    shapes = parameter_shapes(
        network_config(cell, hidden_size), read=alphabet.read, predicted=alphabet.predicted
    )
    return sum(math.prod(shape) for shape in shapes.values())


@dataclass(frozen=True, slots=True)
class _Counted:
    """An n-gram model: its loss, how long it took to count, how many n-grams it keeps."""

    title: str
    loss: float
    seconds: float
    counts: int


def _bigram(material: Material) -> _Counted:
    sequences = material.part("train").encode(material.alphabet).rows()
    started = time.process_time()
    model = BigramTable(sequences, predicted=material.alphabet.predicted)
    seconds = time.process_time() - started
    return _Counted(
        "таблица биграмм", _loss(model, material), seconds, _distinct_ngrams(sequences, [2])
    )


def _kneser_ney(material: Material) -> _Counted:
    alphabet = material.alphabet
    sequences = material.part("train").encode(alphabet).rows()
    order = best_kneser_ney(sequences, material.part("valid"), alphabet).order
    started = time.process_time()
    model = KneserNey.fit(sequences, order=order, read=alphabet.read, predicted=alphabet.predicted)
    seconds = time.process_time() - started
    return _Counted(
        f"Кнезер-Ней, порядок {order}",
        _loss(model, material),
        seconds,
        _distinct_ngrams(sequences, range(1, order + 1)),
    )


def _loss(model: BigramTable | KneserNey, material: Material) -> float:
    named = material.part("test").encode(material.alphabet).rows()
    log_prob = float(model.log_probs(named).sum())
    return -log_prob / sum(map(len, named))  # letters and the end: as many as start and letters


def _distinct_ngrams(sequences: list[list[int]], lengths: Sequence[int]) -> int:
    distinct: set[tuple[int, ...]] = set()
    for letters in sequences:
        symbols = (*letters, END)
        for length in lengths:
            distinct.update(zip(*(symbols[begin:] for begin in range(length)), strict=False))
    return len(distinct)


def _draw(results: list[list[Measured]], counted: list[_Counted], scale: Scale) -> Figure:
    figure, axes = panels(2, width=6.0, share_y=True)
    kneser_ney = counted[-1]
    titles = [f"{variant.cell.upper()}\n{_IMPL_TITLES[variant.impl]}" for variant in VARIANTS]
    for plot, column, title in (
        (axes[0], 0, f"Поровну параметров, {scale.updates} обновлений"),
        (axes[1], 2, f"Поровну времени, {scale.seconds:g} с"),
    ):
        for place, (variant, result) in enumerate(zip(VARIANTS, results, strict=True)):
            curve(plot, [place], [result[column]], COLORS[_CELLS.index(variant.cell)])
            plot.annotate(
                f"{result[column].mean:.3f}",
                (place, result[column].mean),
                textcoords="offset points",
                xytext=(8, 4),
                fontsize=8,
            )
        plot.axhline(kneser_ney.loss, color=COLORS[5], ls="--", label=kneser_ney.title)
        plot.set_xticks(range(len(titles)), titles, fontsize=9)
        plot.margins(x=0.12)
        label(plot, title, "", "потери на тесте, нат на символ")
        plot.legend(frameon=False)
    return figure
