"""Vanishing and exploding gradients: how much the loss of one step feels of a state k steps before.

By the chain rule dL_t/dh_(t-k) is a product of k Jacobians: it shrinks or grows about exponentially
(Bengio et al. 1994, "Learning Long-Term Dependencies with Gradient Descent is Difficult"; Pascanu
et al. 2013, arXiv:1211.5063). In an LSTM the state is the pair (h, c), and it is by c, past gates
and sums alone, that gradients come far.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from ml.corpora.sequences import IGNORED, Sequences
from ml.corpora.streams import Streams
from ml.lab.carry import losses_from_zero
from ml.lab.experiment import Findings, Material, Scale, over_seeds
from ml.lab.figures import COLORS, label, panels
from ml.lab.fitting import Budget, backpropagate_mean, fit, shuffled_streams
from ml.lab.tables import Column, Measured, Table, Value
from ml.models.network_config import Cell
from ml.networks.cells import State
from ml.networks.losses import target_log_probs
from ml.networks.network import NameNetwork
from ml.networks.tbptt import TruncatedReader
from ml.progress import Report
from ml.training.step import LARGEST_GRADIENT

_STREAMS = 32
_WINDOW = 32  # steps
_REACH = 32  # the largest k
_SHOWN = (1, 2, 4, 8, 16, 32)
# So high that a long gradient does harm: what clipping is for.
_LEARNING_RATE = 6.0


@dataclass(frozen=True, slots=True)
class Variant:
    """A cell, how open the forget gates of an LSTM begin, and whether gradients are clipped."""

    cell: Cell
    clip: bool
    forget_bias: float = 1.0

    @property
    def title(self) -> str:
        """The cell, and its forget bias if it has one."""
        if self.cell == "lstm":
            return f"LSTM, b_f = {self.forget_bias:g}"
        return self.cell.upper()


_CELLS: tuple[tuple[Cell, float], ...] = (("rnn", 1), ("gru", 1), ("lstm", 1), ("lstm", 0))
VARIANTS = [Variant(cell, clip, bias) for cell, bias in _CELLS for clip in (True, False)]


@dataclass(frozen=True, slots=True)
class _Result:
    """Norms ``(parts, reach + 1)`` before and after training; how training went."""

    before: list[list[float]]
    after: list[list[float]]
    loss: float
    norms: tuple[float, ...]


def run(material: Material, scale: Scale, report: Report) -> Findings:
    """Measure each cell before and after a training with plain SGD, clipped and not."""

    def measure(variant: Variant, seed: int) -> _Result:
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        network = material.network(variant.cell, scale.hidden_size)
        if variant.cell == "lstm":
            set_forget_bias(network.cell, variant.forget_bias)
        text = shuffled_streams(material.test, _STREAMS, generator)
        before = mean_state_gradients(network, text)
        how = fit(
            network,
            _passes(network, material.train, generator),
            Budget(updates=scale.updates),
            optimizer="sgd",
            learning_rate=_LEARNING_RATE,
            largest_gradient=LARGEST_GRADIENT if variant.clip else math.inf,
        )
        loss = losses_from_zero(network, material.test)[-1]
        return _Result(before, mean_state_gradients(network, text), loss, how.norms)

    measured = over_seeds(measure, VARIANTS, scale, report, "gradients")
    by_variant = dict(zip(VARIANTS, measured, strict=True))
    return Findings(
        title="Затухание и взрыв градиентов",
        about=(
            "Норма градиента потери одного шага по состоянию k шагами раньше, в среднем по местам"
            " тестового потока имён, в долях от нормы при k = 0. У LSTM состояние состоит из h и c:"
            " их градиенты показаны порознь. b_f: начальное смещение вентиля забывания. Обучение:"
            f" простой SGD со скоростью {_LEARNING_RATE:g}, {scale.updates} обновлений на потоке"
            f" имён с окном {_WINDOW}; с обрезкой нормы градиента до {LARGEST_GRADIENT:g} и без"
            " неё. Таблица градиентов относится к обучению с обрезкой."
        ),
        tables={
            "gradients": _reach_table(by_variant),
            "gradients-clipping": _clipping_table(by_variant),
        },
        figure=_draw(by_variant),
    )


def set_forget_bias(cell: nn.Module, bias: float) -> None:
    """Replace what `NameNetwork` begins the forget gates with."""
    for name, parameter in cell.named_parameters():
        if name.startswith("bias_ih"):
            hidden = len(parameter) // 4
            with torch.no_grad():
                parameter[hidden : 2 * hidden].fill_(bias)


def state_gradients(network: NameNetwork, inputs: Tensor, targets: Tensor) -> list[Tensor]:
    """Gradient norms of the last step's loss by the state after each step, last step first.

    `inputs` and `targets` are ``(time, batch)``, the state before them is zero. One tensor
    ``(time, batch)`` for h, and for an LSTM a second one for c. The state is taken as what is
    handed to the next step, so the gradient by h does not hold what reaches c past it.
    """
    state: State | None = None
    handed: list[tuple[Tensor, ...]] = []
    for step in inputs:
        # Step by step, since only what crosses from one call to the next can be differentiated by.
        _, state = network.cell(network.embedding(step[None]), state)
        handed.append((state,) if isinstance(state, Tensor) else state)
    logits = network.output(handed[-1][0][-1])  # (batch, predicted), from the top layer's h
    loss = -target_log_probs(logits, targets[-1]).sum()
    norms = []
    for part in zip(*reversed(handed), strict=True):
        # c of the last step is not read any more: its gradient is zero.
        slopes = torch.autograd.grad(
            loss, part, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        norms.append(torch.stack([slope.norm(dim=(0, 2)) for slope in slopes]))  # (time, batch)
    return norms


def mean_state_gradients(network: NameNetwork, text: Streams) -> list[list[float]]:
    """Means ``(parts, reach + 1)`` by k over places of `text`, relative to the norm by h at k = 0.

    Before the window whose last step is looked at, as many steps again are read: the state that is
    differentiated by is then one that had a history.
    """
    length = min(2 * _REACH, len(text.inputs))
    norms = []
    for inputs, targets in text.windows(length):
        real = targets[-1] != IGNORED  # shorter streams end in padding
        if len(inputs) == length:
            norms.append(state_gradients(network, inputs[:, real], targets[:, real]))
    parts = [torch.cat(part, dim=1).double().mean(dim=1) for part in zip(*norms, strict=True)]
    return [(part / parts[0][0])[: _REACH + 1].tolist() for part in parts]


def _passes(network: NameNetwork, names: Sequences, generator: torch.Generator) -> Iterator[int]:
    while True:
        reader = TruncatedReader(network, _WINDOW, _WINDOW)
        for inputs, targets in shuffled_streams(names, _STREAMS, generator).windows(_WINDOW):
            yield backpropagate_mean(reader.read(inputs), targets)


def _clipped(results: dict[Variant, list[_Result]]) -> dict[Variant, list[_Result]]:
    return {variant: by_seed for variant, by_seed in results.items() if variant.clip}


def _reach_table(results: dict[Variant, list[_Result]]) -> Table:
    rows: list[tuple[Value, ...]] = []
    for variant, by_seed in _clipped(results).items():
        for part, name in enumerate("hc" if variant.cell == "lstm" else "h"):
            for when, norms in (
                ("в начале", [result.before[part] for result in by_seed]),
                ("после обучения", [result.after[part] for result in by_seed]),
            ):
                cells = [
                    Measured(tuple(norm[k] for norm in norms)) for k in _SHOWN if k < len(norms[0])
                ]
                rows.append((variant.title, name, when, *cells))
    columns = [Column(f"k = {k}", ".1e") for k in _SHOWN[: len(rows[0]) - 3]]
    return Table(
        "Норма dL_t/dh_(t-k) и dL_t/dc_(t-k), доля от dL_t/dh_t",
        (Column("ячейка"), Column("состояние"), Column("когда"), *columns),
        tuple(rows),
    )


def _clipping_table(results: dict[Variant, list[_Result]]) -> Table:
    return Table(
        "Обучение с обрезкой градиента и без неё",
        (
            Column("ячейка"),
            Column("обрезка"),
            Column("потери на тесте, нат на символ"),
            Column("медианная норма градиента", ".2f"),
            Column("наибольшая норма градиента", ".3g"),
            Column("доля обновлений с нормой больше 1", ".2f"),
        ),
        tuple(
            (
                variant.title,
                "да" if variant.clip else "нет",
                Measured(tuple(result.loss for result in by_seed)),
                Measured(tuple(sorted(r.norms)[len(r.norms) // 2] for r in by_seed)),
                Measured(tuple(max(result.norms) for result in by_seed)),
                Measured(
                    tuple(
                        sum(norm > LARGEST_GRADIENT for norm in result.norms) / len(result.norms)
                        for result in by_seed
                    )
                ),
            )
            for variant, by_seed in results.items()
        ),
    )


def _draw(results: dict[Variant, list[_Result]]) -> Figure:
    figure, (before, after, norms) = panels(3, width=4.8)
    for place, (variant, by_seed) in enumerate(_clipped(results).items()):
        for plot, shown in (
            (before, [result.before for result in by_seed]),
            (after, [result.after for result in by_seed]),
        ):
            for part, style in enumerate(("-", "--")[: len(shown[0])]):
                curves = torch.tensor([one[part] for one in shown])  # (seeds, reach + 1)
                ks = range(part, curves.shape[1])  # c is not read after step t: no c at k = 0
                plot.plot(
                    ks,
                    curves.mean(dim=0)[part:],
                    style,
                    color=COLORS[place],
                    label=variant.title + (", c" if part else ", h"),
                )
                lowest, highest = curves.amin(dim=0)[part:], curves.amax(dim=0)[part:]
                plot.fill_between(ks, lowest, highest, color=COLORS[place], alpha=0.15)
    for plot, title in ((before, "В начале"), (after, "После обучения (с обрезкой)")):
        plot.set_yscale("log")
        label(plot, title, "k, шагов назад", "норма градиента по состоянию, доля от k = 0")
    limits = (*before.get_ylim(), *after.get_ylim())
    for plot in (before, after):
        plot.set_ylim(min(limits), max(limits))
    before.legend(frameon=False, fontsize=8)
    unclipped = [(variant, runs) for variant, runs in results.items() if not variant.clip]
    for place, (variant, by_seed) in enumerate(unclipped):
        for seed, result in enumerate(by_seed):
            title = "" if seed else variant.title
            norms.plot(result.norms, color=COLORS[place], lw=0.6, alpha=0.8, label=title)
    norms.axhline(LARGEST_GRADIENT, color="black", lw=0.8, ls=":")
    norms.set_yscale("log")
    label(norms, "Обучение без обрезки, все зёрна", "обновление", "норма градиента")
    norms.legend(frameon=False, fontsize=8)
    return figure
