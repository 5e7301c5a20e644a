"""Pictures for /stats and /retrain. They take a fraction of a second: draw them in a thread.

Matplotlib takes half a second to load: that is done for the first picture, not at every start.
"""

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from bot.like_rate import LikeRate

_drawing = threading.Lock()  # Matplotlib's caches of fonts are not made for several threads

_COLOUR = "#2a6f97"
_CURRENT_COLOUR = "#e07a2f"


@dataclass(frozen=True, slots=True)
class VersionRate:
    """One point of the picture: a version by its label, what people think of it."""

    label: str
    rate: LikeRate
    current: bool


@dataclass(frozen=True, slots=True)
class ChangedShare:
    """The share of names with some trait, by its label, before a retrain and after it."""

    label: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Gain:
    """What a retrain changes: the like rate of before, the estimated one, what names are like."""

    before: float
    after: LikeRate
    traits: Sequence[ChangedShare]


def gain_picture(
    gain: Gain, *, title: str, now: str, new: str, y_label: str, traits_title: str
) -> bytes:
    """A PNG of the like rate before and after, and of the traits, the clearest at the top."""
    with _drawing:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import PercentFormatter

        panels = 2 if gain.traits else 1
        figure = Figure(figsize=(4.0 if panels == 1 else 8.0, 4.0), layout="constrained")
        FigureCanvasAgg(figure)
        all_axes = figure.subplots(1, panels, squeeze=False)[0]
        axes = all_axes[0]
        rate = gain.after
        axes.plot([0, 1], [gain.before, rate.share], color="#999999", linewidth=1, zorder=1)
        axes.plot(0, gain.before, "o", markersize=8, color=_COLOUR, clip_on=False)
        axes.errorbar(
            1,
            rate.share,
            yerr=[[rate.share - rate.low], [rate.high - rate.share]],
            fmt="o",
            markersize=8,
            capsize=6,
            clip_on=False,
            color=_CURRENT_COLOUR,
        )
        axes.set_xticks([0, 1], [now, new])
        axes.set_xlim(-0.6, 1.6)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1))
        axes.grid(axis="y", alpha=0.3)
        axes.set_title(title)
        axes.set_ylabel(y_label)
        if gain.traits:
            axes = all_axes[1]
            for row, trait in enumerate(gain.traits):
                axes.plot(
                    [trait.before, trait.after], [row, row], color="#999999", linewidth=2, zorder=1
                )
                axes.plot(trait.before, row, "o", markersize=8, color=_COLOUR, clip_on=False)
                axes.plot(trait.after, row, "o", markersize=8, color=_CURRENT_COLOUR, clip_on=False)
            axes.set_yticks(range(len(gain.traits)), [trait.label for trait in gain.traits])
            axes.set_ylim(len(gain.traits) - 0.5, -0.5)
            axes.set_xlim(left=0)
            axes.xaxis.set_major_formatter(PercentFormatter(xmax=1))
            axes.grid(axis="x", alpha=0.3)
            axes.set_title(traits_title)
        for axes in all_axes:
            axes.spines[["top", "right"]].set_visible(False)
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=150)
        return png.getvalue()


def like_rate_picture(versions: Sequence[VersionRate], *, title: str, y_label: str) -> bytes:
    """A PNG of the like rate by version, each with its interval, the current one set apart."""
    with _drawing:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import PercentFormatter

        figure = Figure(figsize=(max(4.0, 1.5 + 0.7 * len(versions)), 4.0), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for position, version in enumerate(versions):
            rate = version.rate
            axes.errorbar(
                position,
                rate.share,
                yerr=[[rate.share - rate.low], [rate.high - rate.share]],
                fmt="o",
                markersize=8,
                capsize=6,
                clip_on=False,  # a point at 0 or 100 % is shown whole
                color=_CURRENT_COLOUR if version.current else _COLOUR,
            )
        axes.set_xticks(range(len(versions)), [version.label for version in versions])
        axes.set_xlim(-0.6, len(versions) - 0.4)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1))
        axes.grid(axis="y", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title(title)
        axes.set_ylabel(y_label)
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=150)
        return png.getvalue()
