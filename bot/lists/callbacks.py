"""What a button under a list carries: callback data, at most 64 bytes.

=====================  ===============================================================
``l:OWNER:f:PAGE``     that page, from 0, of the owner's favourites
``l:OWNER:r:PAGE``     the same, with buttons that remove
``l:OWNER:x:PAGE:ID``  remove the generation ID from the favourites, and stay there
``l:OWNER:e:txt``      send the favourites as a file; or ``csv``
``l:OWNER:h``          the newest names of the history
``l:OWNER:h:<ID``      those before the generation ID; ``>``: after it
``l:OWNER:t:here``     the top of this chat; ``all``: of all chats
=====================  ===============================================================

OWNER is the Telegram id of the person who asked for the list and alone may turn its pages: in a
group the message itself does not say who that was.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

FileKind = Literal["txt", "csv"]

# For `CallbackQueryHandler(pattern=...)`.
LIST = r"^l:"

_LARGEST_ID = 2**63 - 1
_ID = r"[1-9][0-9]{0,18}"
_PAGE = r"0|[1-9][0-9]{0,8}"
_GRAMMAR = re.compile(
    rf"l:(?P<owner>{_ID}):(?:(?P<mode>[fr]):(?P<page>{_PAGE})"
    rf"|x:(?P<left>{_PAGE}):(?P<removed>{_ID})"
    r"|e:(?P<file>txt|csv)"
    rf"|(?P<history>h)(?::(?P<side>[<>])(?P<bound>{_ID}))?"
    r"|t:(?P<top>here|all))"
)


@dataclass(frozen=True, slots=True)
class ShowFavorites:
    """A page of the favourites, from 0, if ``removing`` with buttons that remove."""

    owner_id: int
    page: int = 0
    removing: bool = False

    def encode(self) -> str:
        """The callback data, see `parse_list_callback`."""
        return f"l:{self.owner_id}:{'r' if self.removing else 'f'}:{self.page}"


@dataclass(frozen=True, slots=True)
class Remove:
    """Removes a name from the favourites; then its page is shown as it is now."""

    owner_id: int
    page: int
    generation_id: int

    def encode(self) -> str:
        """The callback data, see `parse_list_callback`."""
        return f"l:{self.owner_id}:x:{self.page}:{self.generation_id}"


@dataclass(frozen=True, slots=True)
class Export:
    """Sends the favourites as a file."""

    owner_id: int
    file: FileKind

    def encode(self) -> str:
        """The callback data, see `parse_list_callback`."""
        return f"l:{self.owner_id}:e:{self.file}"


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """What the owner was shown ``before`` or ``after`` a generation, or most lately."""

    owner_id: int
    before: int | None = None
    after: int | None = None

    def encode(self) -> str:
        """The callback data, see `parse_list_callback`."""
        if self.before is not None:
            return f"l:{self.owner_id}:h:<{self.before}"
        return f"l:{self.owner_id}:h" + ("" if self.after is None else f":>{self.after}")


@dataclass(frozen=True, slots=True)
class ShowTop:
    """The names that are liked best, of this chat or ``everywhere``."""

    owner_id: int
    everywhere: bool

    def encode(self) -> str:
        """The callback data, see `parse_list_callback`."""
        return f"l:{self.owner_id}:t:{'all' if self.everywhere else 'here'}"


ListCallback: TypeAlias = ShowFavorites | Remove | Export | ShowHistory | ShowTop


def parse_list_callback(data: object) -> ListCallback | None:
    """What a button under a list asks for; None for anything else. Never raises."""
    match = _GRAMMAR.fullmatch(data) if isinstance(data, str) else None
    if match is None:
        return None
    owner, *ids = (int(match[group] or 1) for group in ("owner", "removed", "bound"))
    if max(owner, *ids) > _LARGEST_ID:
        return None
    if match["mode"]:
        return ShowFavorites(owner, int(match["page"]), match["mode"] == "r")
    if match["removed"]:
        return Remove(owner, int(match["left"]), int(match["removed"]))
    if match["file"]:
        return Export(owner, cast("FileKind", match["file"]))
    if match["top"]:
        return ShowTop(owner, match["top"] == "all")
    bound = int(match["bound"]) if match["bound"] else None
    if match["side"] == "<":
        return ShowHistory(owner, before=bound)
    return ShowHistory(owner, after=bound)
