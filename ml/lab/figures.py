"""One look for all plots."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ml.lab.tables import Measured

COLORS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#6b7280")


def panels(
    count: int, width: float = 5.2, height: float = 4.4, *, share_y: bool = False
) -> tuple[Figure, list[Axes]]:
    """A figure with `count` plots side by side."""
    figure = Figure(figsize=(width * count, height), layout="constrained")
    axes: list[Axes] = figure.subplots(1, count, squeeze=False, sharey=share_y)[0].tolist()
    for plot in axes:
        plot.spines[["top", "right"]].set_visible(False)
        plot.grid(axis="y", alpha=0.3)
        plot.set_axisbelow(True)
    return figure, axes


def label(plot: Axes, title: str, x: str, y: str) -> None:
    """Title and axis labels."""
    plot.set_title(title, fontsize=11)
    plot.set_xlabel(x)
    plot.set_ylabel(y)


def means(measured: Sequence[Measured]) -> list[float]:
    """What to draw."""
    return [one.mean for one in measured]


def spreads(measured: Sequence[Measured]) -> list[float]:
    """Half the length of error bars; none where a single seed gives no spread."""
    return [one.spread or 0.0 for one in measured]


def curve(
    plot: Axes,
    xs: Sequence[float],
    measured: Sequence[Measured],
    color: str,
    *,
    title: str = "",
    style: str = "o-",
) -> None:
    """Means over seeds with error bars, joined by a line; `style` as Matplotlib's format."""
    plot.errorbar(
        xs, means(measured), spreads(measured), fmt=style, color=color, label=title, capsize=3, ms=5
    )
