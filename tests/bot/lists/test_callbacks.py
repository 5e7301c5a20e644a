"""Callback data of lists: what is written is read again, everything else is refused."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram.constants import InlineKeyboardButtonLimit

from bot.callbacks import parse_callback
from bot.lists.callbacks import (
    LIST,
    Export,
    ListCallback,
    Remove,
    ShowFavorites,
    ShowHistory,
    ShowTop,
    parse_list_callback,
)

ids = st.integers(1, 2**63 - 1)
pages = st.integers(0, 999_999_999)
callbacks = (
    st.builds(ShowFavorites, ids, pages, st.booleans())
    | st.builds(Remove, ids, pages, ids)
    | st.builds(Export, ids, st.sampled_from(["txt", "csv"]))
    | st.builds(ShowHistory, ids)
    | st.builds(ShowHistory, ids, before=ids)
    | st.builds(ShowHistory, ids, after=ids)
    | st.builds(ShowTop, ids, st.booleans())
)


@given(callbacks)
def test_what_a_button_carries_comes_back(callback: ListCallback) -> None:
    data = callback.encode()
    assert parse_list_callback(data) == callback
    assert 1 <= len(data.encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    assert re.search(LIST, data)
    assert parse_callback(data) is None


@given(st.text() | st.from_regex(r"l:[0-9]+:[frxeht](:[<>]?[0-9a-z]*){0,2}\s?") | st.none())
@example("l:1:h\n")
@example("l:1:h:<١")
@example("l:1:h:<0")
@example("l:1:f:01")
@example("l:1:x:1")
@example("l:0:t:all")
@example("l:9223372036854775808:h")
@example("l:1:h:>9223372036854775808")
@example("l:1:x:0:9223372036854775808")
def test_any_text_is_read_exactly_or_refused(data: str | None) -> None:
    callback = parse_list_callback(data)
    assert callback is None or callback.encode() == data


@pytest.mark.parametrize(
    "data", ["l:0:h", "l:1:h:<9223372036854775808", "l:1:e:exe", "l:1:f:", "l:1:t", "l:-1:h"]
)
def test_what_this_bot_never_wrote_is_refused(data: str) -> None:
    assert parse_list_callback(data) is None
