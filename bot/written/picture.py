"""The picture of how a name was written. It takes some milliseconds: draw it in a thread.

A row for each letter: the likeliest ones that could have come, and the hidden state that the
network wrote from. Drawn with Pillow, for Matplotlib would take several times as long, but with its
fonts. The background is its own, so that it looks the same in dark and in light chats.
"""

import io
import threading
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ml.arrays import Floats
from ml.names.alphabet import END, UNKNOWN
from ml.writing.sampling import SamplingSettings
from ml.writing.trace import Trace

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

# How many letters of a step, and how many numbers of the hidden state, are shown.
LETTERS = 4
UNITS = 32

_drawing = threading.Lock()  # fonts are not made for several threads

# Twice as large as on a phone, where it is 400 pixels wide.
_WIDTH, _EDGE = 800, 24
_TITLE, _HEAD, _ROW, _GAP = 84, 40, 60, 6
_LETTER = 84
_CHIP = 104
_CELL = 7
_CHIPS_AT = _EDGE + _LETTER
_STATE_AT = _WIDTH - _EDGE - UNITS * _CELL

_BACKGROUND, _CHIP_COLOUR, _BAR = (30, 39, 50), (44, 56, 70), (74, 101, 130)
_TEXT, _FAINT = (240, 243, 246), (164, 176, 189)
_CHOSEN, _CHOSEN_BAR = (92, 56, 22), (168, 82, 16)
_COLD, _WARM = (86, 164, 255), (255, 122, 89)


@dataclass(frozen=True, slots=True)
class Words:
    """What stands in the picture besides names and numbers."""

    letters: str
    memory: str
    given: str
    end: str


@dataclass(frozen=True, slots=True)
class _Rival:
    """A letter that could have come, or `None` for the end."""

    letter: str | None
    share: float
    chosen: bool


def picture(
    name: str, traced: Trace, settings: SamplingSettings, given: int, words: Words
) -> bytes:
    """A PNG of how a name was written; its first `given` letters were a person's, not chosen."""
    shares = np.exp(traced.drawn_from(settings))
    state = _colours(_most_changed(traced.hidden))
    with _drawing:
        from PIL import Image, ImageDraw

        height = _TITLE + _HEAD + len(shares) * _ROW + _EDGE
        image = Image.new("RGB", (_WIDTH, height), _BACKGROUND)
        draw = ImageDraw.Draw(image)
        draw.text((_EDGE, _TITLE // 2 + 8), name, _TEXT, _title_font(name), anchor="lm")
        for left, head in ((_CHIPS_AT, words.letters), (_STATE_AT, words.memory)):
            draw.text((left, _TITLE + _HEAD // 2), head, _FAINT, _font(22), anchor="lm")
        for step, row in enumerate(shares):
            top = _TITLE + _HEAD + step * _ROW
            middle = top + (_ROW - _GAP) // 2
            if letter := name[step : step + 1]:
                colour = _FAINT if step < given else _TEXT
                draw.text((_EDGE, middle), letter, colour, _font(38, bold=True), anchor="lm")
            else:
                draw.text((_EDGE, middle), words.end, _TEXT, _font(22), anchor="lm")
            if step < given:
                draw.text((_CHIPS_AT, middle), words.given, _FAINT, _font(22), anchor="lm")
            else:
                for place, rival in enumerate(_rivals(traced, row, step)):
                    _draw_rival(draw, _CHIPS_AT + place * _CHIP, top, rival, words)
            strip = Image.fromarray(state[step : step + 1])
            size = (UNITS * _CELL, _ROW - _GAP)
            image.paste(strip.resize(size, Image.Resampling.NEAREST), (_STATE_AT, top))
        png = io.BytesIO()
        image.quantize(128, Image.Quantize.FASTOCTREE).save(png, "PNG")
        return png.getvalue()


def _draw_rival(draw: "ImageDraw", left: int, top: int, rival: _Rival, words: Words) -> None:
    width, height = _CHIP - _GAP, _ROW - _GAP
    background, bar = (_CHOSEN, _CHOSEN_BAR) if rival.chosen else (_CHIP_COLOUR, _BAR)
    draw.rectangle((left, top, left + width - 1, top + height - 1), background)
    if filled := round(width * rival.share):
        draw.rectangle((left, top, left + filled - 1, top + height - 1), bar)
    middle, font = left + width // 2, _font(28 if rival.letter else 22, bold=rival.chosen)
    draw.text((middle, top + 16), rival.letter or words.end, _TEXT, font, anchor="mm")
    draw.text((middle, top + 40), _percent(rival.share), _TEXT, _font(21), anchor="mm")


def _percent(share: float) -> str:
    if share < 0.01:
        return "<1%"
    return ">99%" if share > 0.99 else f"{share:.0%}"


def _rivals(traced: Trace, shares: Floats, step: int) -> list[_Rival]:
    """The likeliest symbols, the likeliest first; the last gives way to what was chosen."""
    chosen = int(traced.symbols[step])
    order = [int(s) for s in np.argsort(-shares, kind="stable") if s != UNKNOWN and shares[s] > 0]
    best = order[:LETTERS]
    if chosen not in best:
        best = [*best[: LETTERS - 1], chosen]
    return [
        _Rival(
            letter=None if symbol == END else traced.alphabet.decode([symbol]).lower(),
            share=float(shares[symbol]),
            chosen=symbol == chosen,
        )
        for symbol in best
    ]


def _most_changed(hidden: Floats) -> Floats:
    """Those numbers of the state ``(steps, hidden)`` that changed most from step to step.

    They stand in the order of the steps at which they were largest.
    """
    changed = np.abs(np.diff(hidden, axis=0)).sum(axis=0)
    units = np.argsort(-changed, kind="stable")[:UNITS]
    return hidden[:, units[np.argsort(np.abs(hidden[:, units]).argmax(axis=0), kind="stable")]]


def _colours(values: Floats) -> npt.NDArray[np.uint8]:
    """Red, green and blue ``(..., 3)`` of numbers from -1 to 1; 0 is hardly to be seen."""
    strength = np.abs(values)[..., None]
    towards = np.where(values[..., None] < 0, np.array(_COLD), np.array(_WARM))
    return np.asarray(_CHIP_COLOUR + strength * (towards - _CHIP_COLOUR), dtype=np.uint8)


def _title_font(name: str) -> "FreeTypeFont":
    """As large as the name allows."""
    sizes = range(46, 18, -2)
    fits = (s for s in sizes if _font(s, bold=True).getlength(name) <= _WIDTH - 2 * _EDGE)
    return _font(next(fits, sizes[-1]), bold=True)


@cache
def _font(size: int, *, bold: bool = False) -> "FreeTypeFont":
    from PIL import ImageFont

    matplotlib = find_spec("matplotlib")  # which is not imported for that
    if matplotlib is None or matplotlib.origin is None:
        raise ModuleNotFoundError("matplotlib, whose fonts are used, is not installed")
    fonts = Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(fonts / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"), size)
