"""Messages and keyboards."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

from bot.callbacks import Keep, More, Rate, parse_callback
from bot.names.request import LARGEST_COUNT
from bot.names.views import answer_keyboard, answer_text
from bot.playground.telegram.html import parse_html
from bot.texts import ENGLISH, RUSSIAN, Texts
from db.models import Generation, NameStatus, RatingValue
from db.ratings import GenerationRatings, RatingCounts
from ml.names.records import ORIGINS, Origin

names = st.text(min_size=1, max_size=40).filter(lambda s: s == s.strip() and "\n" not in s)


def generations(*names: str, origin: str = "russian") -> list[Generation]:
    first = 2**63 - 1 - len(names)
    return [
        Generation(id=i, answer_id=first, name=name, gender="f", origin=origin, status="novel")
        for i, name in zip(count(first), names, strict=False)
    ]


def labels(shown: list[Generation], **options: object) -> list[list[str]]:
    keyboard = answer_keyboard(shown, RUSSIAN, **{"shared": False, **options})  # type: ignore[arg-type]
    return [[button.text for button in row] for row in keyboard.inline_keyboard]


@given(st.lists(names, min_size=1, max_size=LARGEST_COUNT), st.sampled_from([RUSSIAN, ENGLISH]))
def test_any_name_fits_into_a_message(names: list[str], texts: Texts) -> None:
    shown = generations(*names)
    text = answer_text(shown, texts, requested=LARGEST_COUNT)
    parsed = parse_html(text)
    assert parsed.texts_of("bold") == names
    assert parsed.text.split("\n")[0] == names[0]
    assert len(text) <= MessageLimit.MAX_TEXT_LENGTH
    for row in answer_keyboard(shown, texts, shared=True).inline_keyboard:
        for button in row:
            data = str(button.callback_data).encode()
            assert 1 <= len(data) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA


def test_what_a_name_is_stands_below_it() -> None:
    (shown,) = generations("Евлампия")
    assert answer_text([shown], RUSSIAN, requested=1) == (
        "<b>Евлампия</b>\nЖенское имя · придумано только что"
    )
    shown.chosen = "taste"
    assert answer_text([shown], RUSSIAN, requested=1) == (
        "<b>Евлампия</b>\nЖенское имя · придумано только что · под ваш вкус"
    )
    shown.chosen = "model"
    shown.status = "known"
    shown.gender = None
    assert answer_text([shown], RUSSIAN, requested=1) == "<b>Евлампия</b>\nТакое имя носят"


@pytest.mark.parametrize(
    ("texts", "name", "status", "origin", "facts"),
    [
        (RUSSIAN, "Ира", "short", "russian", ["краткое от Ирина"]),
        (ENGLISH, "Ира", "short", "russian", ["short for Irina"]),
        # What it was short for is no longer in the list.
        (RUSSIAN, "Ирра", "short", "russian", ["такое имя носят"]),
        (RUSSIAN, "Айгуль", "known", "peoples", ["из имён народов России", "такое имя носят"]),
        (RUSSIAN, "Айгюна", "novel", "peoples", ["в духе имён народов России", RUSSIAN.novel]),
        (RUSSIAN, "Ванесса", "known", "world", ["заимствованное", "такое имя носят"]),
        (ENGLISH, "Ванелла", "novel", "world", ["foreign in style", "invented just now"]),
    ],
)
def test_what_is_said_is_true_of_status_and_origin(
    texts: Texts, name: str, status: NameStatus, origin: str, facts: list[str]
) -> None:
    (shown,) = generations(name, origin=origin)
    shown.status = status
    gender = texts.genders["f"].capitalize()
    said = answer_text([shown], texts, requested=1).split("\n")[-1]
    assert said == " · ".join([gender, *facts])


def test_the_english_see_the_name_in_latin_letters_too() -> None:
    (shown,) = generations("Евгенья")
    assert answer_text([shown], ENGLISH, requested=1) == (
        "<b>Евгенья</b>\nYevgen’ya\nFemale name · invented just now"
    )


def test_a_shortage_is_explained() -> None:
    shown = generations("Ева", "Евдокия")
    assert answer_text(shown, RUSSIAN, requested=5).endswith("нашлось немного: 2 имени.")


@pytest.mark.parametrize(
    ("own", "row"), [(1, ["👍 ✓", "👎"]), (-1, ["👍", "👎 ✓"]), (None, ["👍", "👎"])]
)
def test_in_private_the_choice_is_marked(own: RatingValue | None, row: list[str]) -> None:
    (shown,) = generations("Ева")
    state = {shown.id: GenerationRatings(shown.id, RatingCounts(7, 7), own)}
    assert labels([shown], ratings=state)[0] == [*row, "⭐"]


def test_in_groups_ratings_are_counted() -> None:
    first, second = generations("Ева", "Анна")
    state = {second.id: GenerationRatings(second.id, RatingCounts(12, 0), 1)}
    assert labels([first, second], ratings=state, shared=True)[:2] == [
        ["👍 Ева", "👎 Ева", "⭐"],
        ["👍 Анна 12", "👎 Анна", "↩️", "⭐"],
    ]


def wishes(shown: list[Generation], **options: object) -> list[object]:
    keyboard = answer_keyboard(shown, RUSSIAN, **{"shared": False, **options})  # type: ignore[arg-type]
    return [parse_callback(str(button.callback_data)) for button in keyboard.inline_keyboard[0]]


@pytest.mark.parametrize("own", [1, -1, None])
def test_the_buttons_offer_the_change_and_the_withdrawal(own: RatingValue | None) -> None:
    (shown,) = generations("Ева")
    state = {shown.id: GenerationRatings(shown.id, RatingCounts(7, 7), own)}
    up = Rate(shown.id, None if own == 1 else 1)
    down = Rate(shown.id, None if own == -1 else -1)
    star = Keep(shown.id, True)
    assert wishes([shown], ratings=state) == [up, down, star]
    assert wishes([shown], ratings=state, shared=True) == [
        Rate(shown.id, 1),
        Rate(shown.id, -1),
        Rate(shown.id, None),
        star,
    ]


def test_what_a_person_keeps_is_marked_and_can_be_let_go() -> None:
    first, second = generations("Ева", "Анна")
    assert [row[-1] for row in labels([first, second], kept={second.id})[:2]] == ["⭐", "⭐ ✓"]
    assert wishes([second], kept={second.id})[-1] == Keep(second.id, False)


def test_in_groups_nobody_sees_what_others_keep() -> None:
    (shown,) = generations("Ева")
    assert labels([shown], kept={shown.id}, shared=True)[0][-1] == "⭐"
    assert wishes([shown], kept={shown.id}, shared=True)[-1] == Keep(shown.id, True)


@pytest.mark.parametrize(
    ("origin", "offered", "elsewhere"),
    [
        ("russian", ORIGINS, "peoples"),
        ("peoples", ORIGINS, "world"),
        ("world", ORIGINS, "russian"),
        # Models of before the peoples and the world were two.
        ("peoples", ["russian", "peoples"], "russian"),
        ("world", ["russian", "peoples"], "russian"),
        ("russian", ["russian"], "russian"),
    ],
)
def test_the_next_origin_is_offered(
    origin: Origin, offered: list[Origin], elsewhere: Origin
) -> None:
    (shown,) = generations("Айгуль", origin=origin)
    keyboard = answer_keyboard([shown], RUSSIAN, shared=False, origins=offered)
    button = keyboard.inline_keyboard[1][1]
    assert button.text == RUSSIAN.origin_buttons[elsewhere]
    assert parse_callback(str(button.callback_data)) == More(shown.id, elsewhere)
