"""Truncated backpropagation: what is lost, and what is saved, when gradients reach back k2 steps.

All runs read the same text in segments of 64 steps, carry the state and change the weights once a
segment; they differ only in where the graph is cut. While training, k1 = k2: blocks that do not
overlap. The cosine is also taken for k1 = 1, where the loss of *every* step reaches k2 steps back.
"""

from collections.abc import Iterator

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import functional

from ml.corpora.sequences import Sequences
from ml.corpora.streams import Streams, shuffle_lines
from ml.lab.carry import losses_carried
from ml.lab.experiment import Findings, Material, Scale, over_seeds
from ml.lab.figures import COLORS, curve, label, panels
from ml.lab.fitting import Budget, fit, lines_of, shuffled_streams
from ml.lab.tables import Column, Measured, Table
from ml.networks.cells import State
from ml.networks.losses import target_log_probs
from ml.networks.network import NameNetwork
from ml.networks.tbptt import TruncatedReader, backpropagate, detach
from ml.progress import Report

_STREAMS = 16
_SEGMENT = 64  # steps: "full" backpropagation
_COMPARED = 4  # segments of the test text whose gradients are compared
_REACHES = (1, 2, 4, 8, 16, _SEGMENT)

_COLUMNS = (
    Column("k2"),
    Column("потери на тесте, нат на символ", ".4f"),
    Column("мкс на символ", ".1f"),
    Column("косинус в начале, k1 = k2"),
    Column("косинус в начале, k1 = 1"),
    Column("косинус после обучения, k1 = k2"),
    Column("косинус после обучения, k1 = 1"),
)


def run(material: Material, scale: Scale, report: Report) -> Findings:
    """Train with each k2; compare truncated with full gradients, before and after training."""

    def measure(reach: int, seed: int) -> list[float]:
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        network = material.network("lstm", scale.hidden_size)
        text = shuffled_streams(material.test, _STREAMS, generator)
        before = _cosines(network, text, reach)
        passes = _passes(network, material.train, reach, generator)
        how = fit(network, passes, Budget(updates=scale.updates))
        loss = losses_carried(network, shuffle_lines(lines_of(material.test), generator))[-1]
        after = _cosines(network, text, reach)
        return [loss, 1e6 * how.seconds / how.symbols, *before, *after]

    measured = over_seeds(measure, _REACHES, scale, report, "truncation")
    results = [[Measured(values) for values in zip(*seeds, strict=True)] for seeds in measured]
    table = Table(
        "Усечённое обратное распространение, LSTM",
        _COLUMNS,
        tuple((_title(reach), *result) for reach, result in zip(_REACHES, results, strict=True)),
    )
    return Findings(
        title="Усечённое обратное распространение: чего стоит k2",
        about=(
            f"LSTM читает поток имён ({_STREAMS} потоков) отрезками по {_SEGMENT} шага; состояние"
            f" переносится, веса меняются раз в отрезок, всего {scale.updates} раз, при любом k2."
            " Граф обрезается каждые k2 шагов (k1 = k2). Полное распространение: граф на весь"
            " отрезок. Тестовые имена тоже читаются потоком с перенесённым состоянием. Косинус:"
            " угол между усечённым и полным градиентом весов ячейки (выходной слой усечение не"
            " затрагивает) на отрезках тестового текста, в начале и после обучения с этим k2; при"
            " k1 = 1 потеря каждого шага доходит ровно на k2 шагов назад. Время: процессорное,"
            " одно ядро."
        ),
        tables={"truncation": table},
        figure=_draw(results),
    )


def gradient_cosine(
    network: NameNetwork, inputs: Tensor, targets: Tensor, state: State | None, *, k1: int, k2: int
) -> float:
    """Cosine between the truncated and the full gradient of the cell's weights on one segment."""

    def gradient(k1: int, k2: int) -> Tensor:
        network.zero_grad()
        backpropagate(network, _summed_loss, inputs, targets, k1=k1, k2=k2, state=state)
        slopes = [weight.grad for weight in network.cell.parameters() if weight.grad is not None]
        return torch.cat([slope.flatten() for slope in slopes]).double()

    full = gradient(len(inputs), len(inputs))
    return float(functional.cosine_similarity(gradient(k1, k2), full, dim=0))


def _cosines(network: NameNetwork, text: Streams, reach: int) -> tuple[float, float]:
    """Means over the first segments of `text`, for k1 = k2 and for k1 = 1."""
    state: State | None = None
    by_k1: dict[str, list[float]] = {"blocks": [], "every step": []}
    for (inputs, targets), _ in zip(text.windows(_SEGMENT), range(_COMPARED), strict=False):
        for way, k1 in (("blocks", reach), ("every step", 1)):
            # Of a segment read as one block, no step is left without its full reach.
            k1 = reach if reach >= len(inputs) else k1
            by_k1[way].append(gradient_cosine(network, inputs, targets, state, k1=k1, k2=reach))
        with torch.no_grad():
            state = detach(network(inputs, state)[1])
    network.zero_grad()
    blocks, every = (sum(cosines) / len(cosines) for cosines in by_k1.values())
    return blocks, every


def _passes(
    network: NameNetwork, names: Sequences, reach: int, generator: torch.Generator
) -> Iterator[int]:
    while True:
        reader = TruncatedReader(network, reach, reach)
        for inputs, targets in shuffled_streams(names, _STREAMS, generator).windows(_SEGMENT):
            blocks = zip(torch.split(inputs, reach), torch.split(targets, reach), strict=True)
            for block, block_targets in blocks:
                loss = _summed_loss(reader.read(block), block_targets) / targets.numel()
                torch.autograd.backward(loss)
            yield targets.numel()


def _summed_loss(logits: Tensor, targets: Tensor) -> Tensor:
    return -target_log_probs(logits, targets).sum()


def _title(reach: int) -> str:
    return "полное" if reach == _SEGMENT else str(reach)


def _draw(results: list[list[Measured]]) -> Figure:
    figure, (losses, times, cosines) = panels(3, width=4.6)
    by_column = list(zip(*results, strict=True))
    places = range(len(_REACHES))
    curve(losses, places, by_column[0], COLORS[0])
    label(losses, "Потери на тесте", "k2", "нат на символ")
    curve(times, places, by_column[1], COLORS[0])
    label(times, "Время обучения", "k2", "мкс на символ")
    times.set_ylim(bottom=0)
    titles = ("в начале, k1 = k2", "в начале, k1 = 1", "после, k1 = k2", "после, k1 = 1")
    for place, (title, shown) in enumerate(zip(titles, by_column[2:], strict=True)):
        style = "o--" if place % 2 else "o-"
        curve(cosines, places, shown, COLORS[place // 2], title=title, style=style)
    label(cosines, "Косинус с полным градиентом", "k2", "косинус")
    cosines.legend(frameon=False)
    for plot in (losses, times, cosines):
        plot.set_xticks(places, [_title(reach) for reach in _REACHES])
    return figure
