"""What a button carries: callback data, at most 64 bytes, the same after any restart.

===========  =========================================================
``r:ID:+``   👍 for the generation ID (again: take it back)
``r:ID:-``   👎 likewise
``m:ID``     one more answer to the request that gave the generation ID
``o:ID:o``   the same, with names of another origin: `russian`, `peoples`, `world`
``o:ID``     on old buttons: with names of the other origin, while there were two
===========  =========================================================
"""

import re
from dataclasses import dataclass
from typing import Literal, cast

from ml.names.records import Origin

# The prefixes as regular expressions, for `CallbackQueryHandler(pattern=...)`.
RATE = r"^r:"
MORE = r"^[mo]:"

_LARGEST_ID = 2**63 - 1
_GRAMMAR = re.compile(
    r"r:(?P<rated>[1-9][0-9]{0,18}):(?P<sign>[+-])|(?:m|(?P<other>o)):(?P<id>[1-9][0-9]{0,18})"
    r"(?(other)(?::(?P<origin>russian|peoples|world))?)"
)


@dataclass(frozen=True, slots=True)
class Rate:
    """The press of 👍 (``value`` is 1) or 👎 (-1) under a generation."""

    generation_id: int
    value: Literal[1, -1]

    def encode(self) -> str:
        """The callback data, see `parse_callback`."""
        return f"r:{self.generation_id}:{'+' if self.value == 1 else '-'}"


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


def parse_callback(data: str | None) -> Rate | More | None:
    """What a button asks for; None for anything that this bot never wrote. Never raises."""
    match = _GRAMMAR.fullmatch(data or "")
    if match is None:
        return None
    generation_id = int(match["rated"] or match["id"])
    if generation_id > _LARGEST_ID:
        return None
    if match["rated"]:
        return Rate(generation_id, 1 if match["sign"] == "+" else -1)
    if not match["other"]:
        return More(generation_id)
    return More(generation_id, cast("Origin", match["origin"]) if match["origin"] else "other")
