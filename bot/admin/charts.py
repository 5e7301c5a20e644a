"""Pictures for /stats. They take a fraction of a second: draw them in a thread.

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
