"""What holds for any HTML; what Telegram makes of single texts stands in `test_html_table`."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.telegram.entities import Entity, FormattedText, utf16_length
from bot.playground.telegram.html import HtmlError, parse_html
from bot.playground.telegram.links import checked_link

# Text that is likely to mean something to the parser.
MARKUP = st.lists(
    st.sampled_from(
        [
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "<pre>",
            "</pre>",
            "<code",
            "class='language-py'>",
            "</code>",
            "<a",
            'href="http://x.ru">',
            'href="tg://user?id=5">',
            "<tg-emoji emoji-id='5'>",
            "</tg-emoji>",
            "<tg-time unix='5'",
            "format='wDT'>",
            "</tg-time>",
            "</a>",
            "<tg-spoiler>",
            "</",
            ">",
            "<",
            "/",
            "&",
            "&amp;",
            "&lt",
            "&#128077;",
            "&#xD83D;",
            "=",
            '"',
            "'",
            "я",
            "👍",
            "\x00",
            "class",
        ]
    )
    | st.text(max_size=3)
).map("".join)


@given(MARKUP | st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        body = parse_html(text)
    except HtmlError:
        return
    for entity in body.entities:
        assert 0 <= entity.offset < entity.end <= body.length


@given(st.text())
def test_escaped_text_comes_back_unchanged(text: str) -> None:
    assert parse_html(html.escape(text)) == FormattedText(text)


@given(st.text(min_size=1), st.text())
def test_a_tag_covers_exactly_what_it_encloses(inside: str, around: str) -> None:
    body = parse_html(f"{html.escape(around)}<b>{html.escape(inside)}</b>")
    assert body.text == around + inside
    assert body.entities == (Entity("bold", utf16_length(around), utf16_length(inside)),)
    assert body.texts_of("bold") == [inside]


@given(st.text())
def test_utf16_length_is_what_the_codec_says(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


@given(MARKUP)
def test_trimming_keeps_entities_inside_the_text(text: str) -> None:
    try:
        body = parse_html(text)
    except HtmlError:
        return
    trimmed = body.trimmed()
    assert trimmed.text.strip(" \n") == body.text.strip(" \n")
    assert all(0 <= e.offset < e.end <= trimmed.length for e in trimmed.entities)


@pytest.mark.parametrize("digits", ["9" * 30_000, "0" * 30_000, "-" + "1" * 30_000])
def test_a_number_may_be_endless(digits: str) -> None:
    parse_html(f"<tg-time unix='{digits}'>x</tg-time><a href='tg://user?id={digits}'>x</a>")
    parse_html(f"<a href='x.ru:{digits}'>&#{digits};</a>")
    with pytest.raises(HtmlError, match="custom emoji"):
        parse_html(f"<tg-emoji emoji-id='{digits}'>x</tg-emoji>")


def test_trimming_shifts_and_cuts_entities() -> None:
    body = parse_html("\n  Имя: <b>Ева \n</b> <i> </i>\n").trimmed()
    assert body == FormattedText("Имя: Ева", (Entity("bold", 5, 3),))


@given(st.text())
def test_no_link_leads_out_of_the_known_schemes(text: str) -> None:
    link = checked_link(text)
    assert link is None or link.lower().startswith(("http:", "https:", "tg:", "ton:", "tonsite:"))
