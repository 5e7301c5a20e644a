"""Pages of lists."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat, InlineKeyboardMarkup, Message
from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

from bot.lists.callbacks import ShowFavorites, ShowHistory, ShowTop, parse_list_callback
from bot.lists.views import PAGE_LENGTH, Page, favorites_page, history_page, last_page, top_page
from bot.playground.telegram.entities import utf16_length
from bot.playground.telegram.html import parse_html
from bot.texts import ENGLISH, RUSSIAN, Texts
from db.favorites import KeptName
from db.history import HistoryPage, ShownName
from db.models import Generation
from db.ratings import RatingCounts
from db.top import LikedName

NOW = datetime(2026, 1, 31, tzinfo=UTC)
OWNER = 2**52
names = st.text(min_size=1, max_size=40).filter(lambda s: s == s.strip() and "\n" not in s)
pages = st.lists(names, min_size=1, max_size=PAGE_LENGTH)


def shown(name: str, number: int = 1, **others: object) -> Generation:
    values = {"kind": "given", "gender": "f", "status": "novel", **others}
    return Generation(id=2**63 - 1 - number, name=name, **values)


def kept(*names: str) -> list[KeptName]:
    return [KeptName(shown(name, n), NOW) for n, name in enumerate(names)]


def labels(page: Page) -> list[list[str]]:
    assert page.keyboard is not None
    return [[button.text for button in row] for row in page.keyboard.inline_keyboard]


def goals(page: Page) -> dict[str, object]:
    assert page.keyboard is not None
    return {
        button.text: parse_list_callback(button.callback_data)
        for row in page.keyboard.inline_keyboard
        for button in row
    }


def fits(page: Page) -> bool:
    assert page.keyboard is not None
    data = [
        str(button.callback_data).encode()
        for row in page.keyboard.inline_keyboard
        for button in row
    ]
    length = utf16_length(parse_html(page.text).text)
    return length <= MessageLimit.MAX_TEXT_LENGTH and all(
        1 <= len(each) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA for each in data
    )


@given(pages, st.sampled_from([RUSSIAN, ENGLISH]), st.booleans())
def test_any_name_fits_into_a_list(names: list[str], texts: Texts, removing: bool) -> None:
    last = last_page(999_999)
    favorites = favorites_page(kept(*names), ShowFavorites(OWNER, last, removing), 999_999, texts)
    history = history_page(
        HistoryPage([ShownName(k.generation, 1, True) for k in kept(*names)], True, True),
        OWNER,
        texts,
        here=True,
        days=90,
    )
    votes = RatingCounts(999_999, 999_999)
    best = top_page(
        [LikedName(name, "given", "f", votes) for name in names], ShowTop(OWNER, True), texts
    )
    for page in (favorites, history, best):
        assert fits(page)
        assert parse_html(page.text).texts_of("bold")[1:] == names


def test_a_page_of_favorites() -> None:
    names = kept("Евлампия", "Бедов")
    names[1].generation.kind, names[1].generation.gender = "surname", "m"
    page = favorites_page(names, ShowFavorites(7), 2, RUSSIAN)
    assert page.text == (
        "⭐ <b>Избранное</b>: 2 имени\n\n"
        "1. <b>Евлампия</b> · женское имя · придумано\n2. <b>Бедов</b> · мужская фамилия"
    )
    assert labels(page) == [["📄 Текст", "📊 Таблица", "🗑 Убрать…"]]
    english = favorites_page(names, ShowFavorites(7), 2, ENGLISH)
    assert "1. <b>Евлампия</b> Yevlampiya · female name · invented\n" in english.text


@pytest.mark.parametrize(
    ("page", "row"),
    [(0, ["1 / 3", "▶️"]), (1, ["◀️", "2 / 3", "▶️"]), (2, ["◀️", "3 / 3"])],
)
def test_pages_of_favorites_lead_to_each_other(page: int, row: list[str]) -> None:
    shown = favorites_page(kept(*"абвгдежзик"), ShowFavorites(7, page), 30, RUSSIAN)
    assert labels(shown)[0] == row
    assert shown.text.split("\n")[2].startswith(f"{10 * page + 1}. ")
    if page:
        assert goals(shown)["◀️"] == ShowFavorites(7, page - 1)


def test_buttons_that_remove() -> None:
    page = favorites_page(kept(*"абвгдеж"), ShowFavorites(7, 1, True), 17, RUSSIAN)
    assert labels(page) == [
        ["✖️ 11", "✖️ 12", "✖️ 13", "✖️ 14", "✖️ 15"],
        ["✖️ 16", "✖️ 17"],
        ["◀️", "2 / 2"],
        ["✓ Готово"],
    ]
    assert goals(page)["◀️"] == ShowFavorites(7, 0, True)
    assert goals(page)["✓ Готово"] == ShowFavorites(7, 1)


@pytest.mark.parametrize(("total", "last"), [(0, 0), (1, 0), (10, 0), (11, 1), (20, 1), (21, 2)])
def test_the_last_page(total: int, last: int) -> None:
    assert last_page(total) == last


def test_a_page_of_history() -> None:
    found = [ShownName(k.generation, None, False) for k in kept("Анна", "Инна", "Жанна")]
    found[0] = ShownName(found[0].generation, 1, True)
    found[1] = ShownName(found[1].generation, -1, False)
    first = history_page(HistoryPage(found, False, True), 7, RUSSIAN, here=False, days=90)
    assert first.text.split("\n")[2:] == [
        "👍 <b>Анна</b> · женское имя · придумано ⭐",
        "👎 <b>Инна</b> · женское имя · придумано",
        "▫️ <b>Жанна</b> · женское имя · придумано",
    ]
    assert goals(first) == {"Старее ▶️": ShowHistory(7, before=found[2].generation.id)}
    last = history_page(HistoryPage(found, True, False), 7, RUSSIAN, here=True, days=1)
    assert "в этом чате" in last.text
    assert last.text.endswith("Имена без оценки и без ⭐ я помню 1 день.")
    assert goals(last) == {"◀️ Новее": ShowHistory(7, after=found[0].generation.id)}
    assert (
        history_page(HistoryPage(found, False, False), 7, RUSSIAN, here=True, days=1).keyboard
        is None
    )


def test_the_top_with_votes() -> None:
    best = [LikedName("Анна", "given", "f", RatingCounts(12, 3))]
    page = top_page(best, ShowTop(7, False), RUSSIAN)
    assert "1. <b>Анна</b> · женское имя · 👍 12 👎 3" in page.text.split("\n")
    assert goals(page) == {
        "✓ В этом чате": ShowTop(7, False),
        "Во всех чатах": ShowTop(7, True),
    }
    assert goals(top_page([], ShowTop(7, True), RUSSIAN)) == {
        "В этом чате": ShowTop(7, False),
        "✓ Во всех чатах": ShowTop(7, True),
    }


@pytest.mark.parametrize("texts", [RUSSIAN, ENGLISH])
def test_empty_lists_say_what_to_do(texts: Texts) -> None:
    nothing = HistoryPage([], False, False)
    for page in (
        favorites_page([], ShowFavorites(7, 3, True), 0, texts),
        history_page(nothing, 7, texts, here=True, days=90),
        history_page(nothing, 7, texts, here=False, days=90),
        top_page([], ShowTop(7, True), texts),
        top_page([], ShowTop(7, False), texts),
    ):
        assert "/name" in page.text


def test_what_is_shown_already_is_known() -> None:
    page = favorites_page(kept("<Ева> & «К°»"), ShowFavorites(7), 1, RUSSIAN)

    def message(text: str, keyboard: InlineKeyboardMarkup | None) -> Message:
        return Message(1, NOW + timedelta(1), Chat(7, "private"), text=text, reply_markup=keyboard)

    text = parse_html(page.text).text
    assert page.is_shown_by(message(text, page.keyboard))
    assert not page.is_shown_by(message(text, None))
    assert not page.is_shown_by(message(text + "!", page.keyboard))
