"""What a button carries: callback data, at most 64 bytes, the same after any restart.

===========  =========================================================
``r:ID:+``   let my rating of the generation ID be 👍
``r:ID:-``   let it be 👎
``r:ID:0``   let there be none
``f:ID:+``   let me keep the name of the generation ID
``f:ID:0``   let me keep it no longer
``m:ID``     one more answer to the request that gave the generation ID
``o:ID:o``   the same, with names of another origin: `russian`, `peoples`, `world`
``o:ID``     on old buttons: with names of the other origin, while there were two
``w:ID``     how the name of the generation ID was written, as a picture
``c:ID``     the same name in all cases
``s:W:1``    let my setting W be on; with ``0`` off
===========  =========================================================

Buttons under lists carry what `bot.lists.callbacks` reads.

A thumb or a star says what shall be, not what shall change, so a repeat does no harm: be it that
Telegram repeats the update, or that the person presses again because the confirmation was lost. In
a private chat the one that was chosen carries the withdrawal. Where several people share a keyboard
it cannot, for others have not chosen it: there 👍 twice is 👍, a third button withdraws, and what
was starred is let go under /favorites.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from db.models import RatingValue
from ml.names.records import Origin

# The prefixes as regular expressions, for `CallbackQueryHandler(pattern=...)`.
RATE = r"^r:"
KEEP = r"^f:"
MORE = r"^[mo]:"
SET = r"^s:"
WRITTEN = r"^w:"
CASES = r"^c:"

Setting: TypeAlias = Literal["by_taste"]

_SIGNS: dict[RatingValue | None, str] = {1: "+", -1: "-", None: "0"}
_VALUES = {sign: value for value, sign in _SIGNS.items()}

_LARGEST_ID = 2**63 - 1
_GRAMMAR = re.compile(
    r"r:(?P<rated>[1-9][0-9]{0,18}):(?P<sign>[+0-])"
    r"|f:(?P<kept>[1-9][0-9]{0,18}):(?P<star>[+0])"
    r"|(?:[mwc]|(?P<other>o)):(?P<id>[1-9][0-9]{0,18})"
    r"(?(other)(?::(?P<origin>russian|peoples|world))?)"
    r"|s:(?P<setting>by_taste):(?P<on>[01])"
)


@dataclass(frozen=True, slots=True)
class Rate:
    """The wish that one's rating of a generation be 👍 (``value`` is 1), 👎 (-1) or none."""

    generation_id: int
    value: RatingValue | None

    def encode(self) -> str:
        """The callback data, see `parse_callback`."""
        return f"r:{self.generation_id}:{_SIGNS[self.value]}"


@dataclass(frozen=True, slots=True)
class Keep:
    """The wish to keep the name of a generation, or no longer to."""

    generation_id: int
    kept: bool

    def encode(self) -> str:
        """The callback data, see `parse_callback`."""
        return f"f:{self.generation_id}:{'+' if self.kept else '0'}"


@dataclass(frozen=True, slots=True)
class More:
    """A request for more names like a generation, or like it but of the origin named."""

    generation_id: int
    origin: Origin | Literal["other"] | None = None

    def encode(self) -> str:
        """The callback data, see `parse_callback`."""
        if self.origin is None:
            return f"m:{self.generation_id}"
        origin = "" if self.origin == "other" else f":{self.origin}"
        return f"o:{self.generation_id}{origin}"


@dataclass(frozen=True, slots=True)
class Set:
    """The wish that a setting of one's own be on or off; named as in `db.users.Preferences`."""

    setting: Setting
    on: bool

    def encode(self) -> str:
        """The callback data, see `parse_callback`."""
        return f"s:{self.setting}:{int(self.on)}"


@dataclass(frozen=True, slots=True)
class Written:
    """The wish to see how the name of a generation was written."""

    generation_id: int

    def encode(self) -> str:
        """The callback data, see `parse_callback`."""
        return f"w:{self.generation_id}"


@dataclass(frozen=True, slots=True)
class InCases:
    """The wish to see the name of a generation in all cases."""

    generation_id: int

    def encode(self) -> str:
        """The callback data, see `parse_callback`."""
        return f"c:{self.generation_id}"


Callback: TypeAlias = Rate | Keep | More | Set | Written | InCases

_OF_ONE: dict[str, Callable[[int], Callback]] = {"m": More, "w": Written, "c": InCases}


def parse_callback(data: object) -> Callback | None:
    """What a button asks for; None for anything that this bot never wrote. Never raises."""
    match = _GRAMMAR.fullmatch(data) if isinstance(data, str) else None
    if match is None:
        return None
    if match["setting"]:
        return Set(cast("Setting", match["setting"]), match["on"] == "1")
    generation_id = int(match["rated"] or match["kept"] or match["id"])
    if generation_id > _LARGEST_ID:
        return None
    if match["rated"]:
        return Rate(generation_id, _VALUES[match["sign"]])
    if match["kept"]:
        return Keep(generation_id, match["star"] == "+")
    if not match["other"]:
        return _OF_ONE[match[0][0]](generation_id)
    return More(generation_id, cast("Origin", match["origin"]) if match["origin"] else "other")
