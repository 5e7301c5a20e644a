"""Callback data: what is written is read again, everything else is refused."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram.constants import InlineKeyboardButtonLimit

from bot.callbacks import (
    CASES,
    KEEP,
    MORE,
    RATE,
    SET,
    WRITTEN,
    Callback,
    InCases,
    Keep,
    More,
    Rate,
    Set,
    Written,
    parse_callback,
)
from ml.names.records import ORIGINS

ids = st.integers(1, 2**63 - 1)
origins = st.sampled_from([*ORIGINS, "other", None])
callbacks = (
    st.builds(Rate, ids, st.sampled_from([1, -1, None]))
    | st.builds(Keep, ids, st.booleans())
    | st.builds(More, ids, origins)
    | st.builds(Set, st.just("by_taste"), st.booleans())
    | st.builds(Written, ids)
    | st.builds(InCases, ids)
)
PATTERNS = {Rate: RATE, Keep: KEEP, More: MORE, Set: SET, Written: WRITTEN, InCases: CASES}


@given(callbacks)
def test_what_a_button_carries_comes_back(callback: Callback) -> None:
    data = callback.encode()
    assert parse_callback(data) == callback
    assert 1 <= len(data.encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    matching = [kind for kind, pattern in PATTERNS.items() if re.search(pattern, data)]
    assert matching == [type(callback)]


@given(st.text() | st.from_regex(r"[rfmowc]:[0-9]*(:[+0-]|:[a-z]+)?\s?") | st.none())
@example("r:1:+\n")
@example("r:١:+")
@example("m:1:world")
@example("f:1:-")
@example("s:by_taste:2")
@example("s:by_taste:")
@example("w:1:world")
@example("c:0")
def test_any_text_is_read_exactly_or_refused(data: str | None) -> None:
    callback = parse_callback(data)
    assert callback is None or callback.encode() == data


@pytest.mark.parametrize(
    "data", ["r:0:+", "r:01:+", "m:-1", "r:9223372036854775808:+", "r:0:0", "f:0:+"]
)
def test_ids_that_no_row_can_have_are_refused(data: str) -> None:
    assert parse_callback(data) is None


def test_a_button_of_before_there_were_three_origins_asks_for_the_other_of_two() -> None:
    assert parse_callback("o:7") == More(7, "other")


def test_buttons_of_before_there_was_a_withdrawal_say_what_they_said() -> None:
    assert parse_callback("r:7:+") == Rate(7, 1)
    assert parse_callback("r:7:-") == Rate(7, -1)
    assert parse_callback("r:7:0") == Rate(7, None)
