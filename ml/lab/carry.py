"""Carry the state or reset it, on independent names or on a text: what each does to a name.

Batches of all regimes hold nearly as many symbols and all make as many updates. *independent*:
shuffled names, a batch of them at a time. *stream*: the same names, in random order, as one text in
parallel streams. *ordered*: that text in alphabetical order, where a line does say something
of the next one. A carried state goes on, detached, from batch to batch: with independent names that
is a mistake often made, since a name then begins where an unrelated one ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from matplotlib.figure import Figure
from torch import Tensor

from ml.corpora.sequences import IGNORED, Sequences
from ml.corpora.streams import Streams, cut_streams, join_lines, shuffle_lines
from ml.lab.experiment import Findings, Material, Scale, over_seeds
from ml.lab.figures import COLORS, label, panels, spreads
from ml.lab.fitting import Budget, backpropagate_mean, fit, full_batches, lines_of
from ml.lab.tables import Column, Measured, Table
from ml.networks.losses import target_log_probs
from ml.networks.network import NameNetwork
from ml.networks.tbptt import TruncatedReader
from ml.progress import Report

_STREAMS = 64
_WINDOW = 16  # steps; nearly two names
_TEST_STREAMS = 8

Data = Literal["independent", "stream", "ordered"]

_DATA_TITLES: dict[Data, str] = {
    "independent": "отдельные имена",
    "stream": "поток имён",
    "ordered": "поток по алфавиту",
}
_TICKS = (-2, -1, -0.5, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.5, 1, 2)
_POSITIONS = ("1-я буква", "2-я буква", "3-я буква", "дальше", "все символы")


@dataclass(frozen=True, slots=True)
class Regime:
    """What is read, and whether the state is carried from batch to batch."""

    data: Data
    carry: bool


REGIMES = [Regime(data, carry) for data in _DATA_TITLES for carry in (False, True)]


def run(material: Material, scale: Scale, report: Report) -> Findings:
    """Train in each regime; score from a zero state, and with the state carried."""

    def measure(regime: Regime, seed: int) -> tuple[list[float], list[float]]:
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        network = material.network("lstm", scale.hidden_size)
        passes = _passes(network, material.train, regime, generator)
        fit(network, passes, Budget(updates=scale.updates))
        carried = _test_text(material.test, regime.data == "ordered", generator)
        return losses_from_zero(network, material.test), losses_carried(network, carried)

    measured = over_seeds(measure, REGIMES, scale, report, "carry")
    # By regime, then from zero or carried, then by position.
    losses = [
        [
            [Measured(values) for values in zip(*one_mode, strict=True)]
            for one_mode in zip(*by_seed, strict=True)
        ]
        for by_seed in measured
    ]
    table = Table(
        "Потери на тестовых именах, нат на символ",
        (
            Column("данные"),
            Column("состояние при обучении"),
            Column("состояние при проверке"),
            *(Column(title, ".4f") for title in _POSITIONS),
        ),
        tuple(
            (
                _DATA_TITLES[regime.data],
                "переносится" if regime.carry else "сбрасывается",
                "перенесено" if carried else "с нуля",
                *losses[place][carried],
            )
            for place, regime in enumerate(REGIMES)
            for carried in (False, True)
        ),
    )
    return Findings(
        title="Переносить состояние или сбрасывать",
        about=(
            "LSTM учится на отдельных именах, на потоке тех же имён в случайном порядке и на потоке"
            " по алфавиту; состояние после каждого пакета либо переносится в следующий (без"
            f" градиента), либо сбрасывается в ноль. Окно потока {_WINDOW} шагов. Во всех режимах"
            f" {scale.updates} обновлений весов и около {_STREAMS * _WINDOW} символов на"
            " обновление. Проверка «с нуля»: каждое имя читается из нулевого состояния, как при"
            " порождении имён. Проверка «перенесено»: тестовые имена идут одним текстом, состояние"
            " не сбрасывается ни разу. Порядок в нём случайный, для потока по алфавиту тоже по"
            " алфавиту; но соседи там менее похожи, чем при обучении, ведь имён меньше. Конец имени"
            " считается символом."
        ),
        tables={"carry": table},
        figure=_draw(losses),
    )


def losses_from_zero(network: NameNetwork, names: Sequences) -> list[float]:
    """Nats per symbol at letters 1, 2, 3, beyond, and over all; each name from a zero state."""
    inputs, targets = names.batch(torch.arange(len(names)))  # (time, names)
    positions = torch.arange(1, len(inputs) + 1)[:, None].expand_as(targets)
    with torch.no_grad():
        logits, _ = network(inputs)
    return _by_position(logits, targets, positions)


def losses_carried(
    network: NameNetwork, lines: list[Tensor], streams: int = _TEST_STREAMS
) -> list[float]:
    """The same for lines read one after another, the state never reset."""
    text = _streams(lines, streams)
    # A line's numbers 0, 1, 2 ... are cut up just as its symbols; the targets are its places.
    places = _streams([torch.arange(len(line)) for line in lines], streams).targets
    with torch.no_grad():
        logits, _ = network(text.inputs)
    return _by_position(logits, text.targets, places)


def _by_position(logits: Tensor, targets: Tensor, positions: Tensor) -> list[float]:
    losses = -target_log_probs(logits, targets)
    counted = targets != IGNORED
    groups = [positions == 1, positions == 2, positions == 3, positions > 3, positions > 0]
    return [float(losses[group & counted].double().mean()) for group in groups]


def _passes(
    network: NameNetwork, names: Sequences, regime: Regime, generator: torch.Generator
) -> Iterator[int]:
    longest = max(_WINDOW, int(names.lengths.max()))
    while True:
        reader = TruncatedReader(network, longest, longest)
        for inputs, targets in _epoch(names, regime.data, generator):
            if not regime.carry:
                reader = TruncatedReader(network, longest, longest)
            yield backpropagate_mean(reader.read(inputs), targets)


def _epoch(
    names: Sequences, data: Data, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    if data == "independent":
        batch = round(_STREAMS * _WINDOW / float(names.lengths.double().mean()))
        yield from full_batches(names, batch, generator)
    elif data == "stream":
        lines = shuffle_lines(lines_of(names), generator)
        yield from _streams(lines, _STREAMS).windows(_WINDOW)
    else:
        lines = _alphabetical(names)
        # Nothing may be shuffled here; the streams at least begin elsewhere each time.
        first = int(torch.randint(len(lines), (), generator=generator))
        yield from _streams(lines[first:] + lines[:first], _STREAMS).windows(_WINDOW)


def _test_text(names: Sequences, ordered: bool, generator: torch.Generator) -> list[Tensor]:
    return _alphabetical(names) if ordered else shuffle_lines(lines_of(names), generator)


def _alphabetical(names: Sequences) -> list[Tensor]:
    # By letters, not by the start symbol; the letters are numbered by the alphabet.
    return sorted(lines_of(names), key=lambda line: line[1:].tolist())


def _streams(lines: list[Tensor], streams: int) -> Streams:
    text = join_lines(lines)
    return cut_streams(text, min(streams, len(text.targets)))


def _draw(losses: list[list[list[Measured]]]) -> Figure:
    figure, axes = panels(2, width=6.2, height=4.8, share_y=True)
    base = losses[0][0]
    width = 0.8 / len(REGIMES)
    for carried, plot in enumerate(axes):
        for place, regime in enumerate(REGIMES):
            shown = losses[place][carried]
            offsets = [
                position + (place - (len(REGIMES) - 1) / 2) * width
                for position in range(len(_POSITIONS))
            ]
            plot.bar(
                offsets,
                [one.mean - zero.mean for one, zero in zip(shown, base, strict=True)],
                width,
                yerr=spreads(shown),
                color=COLORS[place // 2],
                alpha=1.0 if regime.carry else 0.45,
                label=f"{_DATA_TITLES[regime.data]}, " + ("перенос" if regime.carry else "сброс"),
                error_kw={"lw": 0.8},
            )
        plot.axhline(0, color="black", lw=0.8)
        # Hundredths of a nat stand beside whole ones: linear up to 0.1, logarithmic beyond.
        plot.set_yscale("symlog", linthresh=0.1)
        plot.set_yticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
        plot.axhspan(-0.1, 0.1, color="black", alpha=0.04, lw=0)
        plot.set_xticks(range(len(_POSITIONS)), _POSITIONS)
        label(
            plot,
            "Проверка с перенесённым состоянием" if carried else "Проверка с нулевого состояния",
            "место в имени (в серой полосе шкала линейная, вне её логарифмическая)",
            "нат сверх «отдельные имена, сброс, с нуля»",
        )
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
