"""What lists look like: a page of text as Telegram's HTML, and its keyboard. Pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import cast

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.lists.callbacks import (
    Export,
    ListCallback,
    Remove,
    ShowFavorites,
    ShowHistory,
    ShowTop,
)
from bot.lists.texts import list_texts
from bot.texts import Texts, counted
from db.favorites import KeptName
from db.history import HistoryPage, ShownName
from db.models import Gender, Generation
from db.top import LikedName
from ml.names.romanization import romanize

PAGE_LENGTH = 10
_KEYS_IN_A_ROW = 5
_THUMBS = {1: "👍", -1: "👎", None: "▫️"}
_CHOSEN = "✓"
_TAG = re.compile("<[^>]*>")


@dataclass(frozen=True, slots=True)
class Page:
    """What a message shows."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None

    def is_shown_by(self, message: Message) -> bool:
        """Whether there is nothing to redraw."""
        plain = unescape(_TAG.sub("", self.text))
        return message.text == plain and message.reply_markup == self.keyboard


def favorites_page(
    names: Sequence[KeptName], wanted: ShowFavorites, total: int, texts: Texts
) -> Page:
    """The ``names`` of the page ``wanted``, of ``total`` names that the person keeps."""
    words = list_texts(texts.language)
    if not total:
        return Page(words.no_favorites)
    first = wanted.page * PAGE_LENGTH + 1
    numbered = list(enumerate((each.generation for each in names), first))
    title = words.favorites.format(names=counted(texts.language, total, texts.name_forms))
    lines = [f"{number}. {_line(name, texts)}" for number, name in numbered]
    parts = [title, "\n".join(lines), *([words.how_to_remove] if wanted.removing else [])]
    rows = []
    if wanted.removing:
        keys = [
            _key(f"✖️ {number}", Remove(wanted.owner_id, wanted.page, name.id))
            for number, name in numbered
        ]
        rows += [keys[i : i + _KEYS_IN_A_ROW] for i in range(0, len(keys), _KEYS_IN_A_ROW)]
    rows.append(_turning(wanted, total))
    if wanted.removing:
        rows.append([_key(words.removed_button, ShowFavorites(wanted.owner_id, wanted.page))])
    else:
        rows.append(
            [
                _key(words.text_button, Export(wanted.owner_id, "txt")),
                _key(words.csv_button, Export(wanted.owner_id, "csv")),
                _key(words.remove_button, ShowFavorites(wanted.owner_id, wanted.page, True)),
            ]
        )
    return _page(parts, rows)


def last_page(total: int) -> int:
    """The number, from 0, of the last page of so many names."""
    return max(0, total - 1) // PAGE_LENGTH


def history_page(page: HistoryPage, owner_id: int, texts: Texts, *, here: bool, days: int) -> Page:
    """What a person was shown, in this chat alone (``here``) or anywhere.

    ``days`` is for how long a name is remembered that nobody rated or keeps.
    """
    words = list_texts(texts.language)
    if not page.names:
        return Page(words.no_history_here if here else words.no_history)
    title = words.history_here if here else words.history
    parts = [title, "\n".join(_history_line(each, texts) for each in page.names)]
    row = []
    if page.newer:
        after = page.names[0].generation.id
        row.append(_key(words.newer_button, ShowHistory(owner_id, after=after)))
        if not page.older:
            kept_days = counted(texts.language, days, words.day_forms)
            parts.append(words.kept_how_long.format(days=kept_days))
    if page.older:
        before = page.names[-1].generation.id
        row.append(_key(words.older_button, ShowHistory(owner_id, before=before)))
    return _page(parts, [row])


def top_page(names: Sequence[LikedName], wanted: ShowTop, texts: Texts) -> Page:
    """The names that are liked best, with their votes."""
    words = list_texts(texts.language)
    if names:
        lines = [f"{place}. {_top_line(each, texts)}" for place, each in enumerate(names, 1)]
        title = words.top_everywhere if wanted.everywhere else words.top_here
        parts = [title, "\n".join(lines), words.how_ranked]
    else:
        parts = [words.no_top if wanted.everywhere else words.no_top_here]
    labels = {False: words.here_button, True: words.everywhere_button}
    row = [
        _key(
            f"{_CHOSEN} {label}" if everywhere == wanted.everywhere else label,
            ShowTop(wanted.owner_id, everywhere),
        )
        for everywhere, label in labels.items()
    ]
    return _page(parts, [row])


def _page(parts: Sequence[str], rows: Sequence[Sequence[InlineKeyboardButton]]) -> Page:
    filled = [row for row in rows if row]
    return Page("\n\n".join(parts), InlineKeyboardMarkup(filled) if filled else None)


def _turning(wanted: ShowFavorites, total: int) -> list[InlineKeyboardButton]:
    """The buttons to the pages around; none if this is the only one."""
    last = last_page(total)
    if not last:
        return []

    def to(label: str, page: int) -> InlineKeyboardButton:
        return _key(label, ShowFavorites(wanted.owner_id, page, wanted.removing))

    here = to(f"{wanted.page + 1} / {last + 1}", wanted.page)
    before = [to("◀️", wanted.page - 1)] if wanted.page else []
    return [*before, here, *([to("▶️", wanted.page + 1)] if wanted.page < last else [])]


def _key(label: str, callback: ListCallback) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=callback.encode())


def _history_line(each: ShownName, texts: Texts) -> str:
    star = " ⭐" if each.kept else ""
    return f"{_THUMBS[each.rating]} {_line(each.generation, texts)}{star}"


def _top_line(each: LikedName, texts: Texts) -> str:
    facts = [_bold(each.name, texts), _what_it_is(each.kind, each.gender, texts)]
    votes = f"👍 {each.votes.likes} 👎 {each.votes.dislikes}"
    return " · ".join(fact for fact in (*facts, votes) if fact)


def _line(name: Generation, texts: Texts) -> str:
    invented = name.kind == "given" and name.status == "novel"
    facts = [
        _bold(name.name, texts),
        _what_it_is(name.kind, name.gender, texts),
        list_texts(texts.language).invented if invented else "",
    ]
    return " · ".join(fact for fact in facts if fact)


def _bold(name: str, texts: Texts) -> str:
    latin = f" {escape(romanize(name))}" if texts.romanized else ""
    return f"<b>{escape(name)}</b>{latin}"


def _what_it_is(kind: str, gender: str | None, texts: Texts) -> str:
    if gender is None:
        return ""
    words = texts.genders if kind == "given" else None
    if other := texts.other_kinds.get(kind):
        words = other.genders
    return words[cast("Gender", gender)] if words else ""
