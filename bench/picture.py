"""How long the picture of how a name was written takes, beside the chart of /stats by Matplotlib.

Everything but the sending, in this one process: the trace, the drawing, the PNG. The last row is
what is added where another version wrote the name: its bytes become a model that can be stepped.
"""

import time
from collections.abc import Callable

import numpy as np
from rich.table import Table

from bot.admin.charts import VersionRate, like_rate_picture
from bot.like_rate import LikeRate
from bot.written.picture import picture
from bot.written.texts import RUSSIAN
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.writing.generator import NameGenerator, SamplingSettings

_TIMES = 20
_NAMES = ("Ян", "Евлампия", "Александрина-Виктория")


def tables() -> list[Table]:
    """Milliseconds a picture, and bytes."""
    table = Table(
        title=f"A picture, in milliseconds, one thread: the first, and the median of {_TIMES}"
    )
    for column in ("", "first", "median", "beside the chart", "KB"):
        table.add_column(column, justify="left" if not column else "right")
    point = VersionRate("1", LikeRate(0.5, 0.4, 0.6), current=True)
    chart = _timed(lambda: like_rate_picture([point] * 3, title="Likes", y_label="of ten"))
    generator = NameGenerator(load_model(SHIPPED_MODEL.read_bytes()))
    for title, (first, median, size) in {
        "the chart of /stats": chart,
        **{name: _timed(_of_name(generator, name)) for name in _NAMES},
    }.items():
        ratio = f"{median / chart[1]:.2f}x"
        table.add_row(title, f"{first:.0f}", f"{median:.0f}", ratio, f"{size / 1024:.0f}")
    version = _timed(lambda: _loaded(SHIPPED_MODEL.read_bytes()))
    ratio = f"{version[1] / chart[1]:.2f}x"
    table.add_row(
        "a version that no longer serves", f"{version[0]:.0f}", f"{version[1]:.0f}", ratio, ""
    )
    return [table]


def _of_name(generator: NameGenerator, name: str) -> Callable[[], bytes]:
    def draw() -> bytes:
        traced = generator.trace(name, "given", "f", "russian")
        return picture(name, traced, SamplingSettings(), 0, RUSSIAN.picture)

    return draw


def _loaded(content: bytes) -> bytes:
    NameGenerator(load_model(content))
    return b""


def _timed(draw: Callable[[], bytes]) -> tuple[float, float, int]:
    """Milliseconds of the first one, the median of those after it, and bytes."""
    took: list[float] = []
    drawn = b""
    for _ in range(_TIMES + 1):
        before = time.perf_counter()
        drawn = draw()
        took.append(1000 * (time.perf_counter() - before))
    return took[0], float(np.median(took[1:])), len(drawn)
