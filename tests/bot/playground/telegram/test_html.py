"""The HTML parser against the rules and the words of Telegram's own."""

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


@pytest.mark.parametrize(
    ("tag", "entity_type"),
    [
        ("b", "bold"),
        ("strong", "bold"),
        ("i", "italic"),
        ("em", "italic"),
        ("u", "underline"),
        ("s", "strikethrough"),
        ("code", "code"),
        ("pre", "pre"),
        ("tg-spoiler", "spoiler"),
        ("blockquote", "blockquote"),
        ("B", "bold"),
    ],
)
def test_simple_tags(tag: str, entity_type: str) -> None:
    assert parse_html(f"👍 <{tag}>Ева</{tag}>") == FormattedText(
        "👍 Ева", (Entity(entity_type, 3, 3),)
    )


@pytest.mark.parametrize(
    ("source", "entities"),
    [
        ("<b>я<i>ты</i></b>", [Entity("bold", 0, 3), Entity("italic", 1, 2)]),
        ('<span class="tg-spoiler">я</span>', [Entity("spoiler", 0, 1)]),
        ("<blockquote expandable>я</blockquote>", [Entity("expandable_blockquote", 0, 1)]),
        (
            '<pre><code class="language-py">x</code></pre>',
            [Entity("pre", 0, 1, language="py")],
        ),
        (
            '<code class="language-py"><pre>x</pre></code>',
            [Entity("pre", 0, 1, language="py")],
        ),
        ('<code class="language-py">x</code>', [Entity("code", 0, 1)]),
        (
            '<a href="https://ya.ru/?a=1&amp;b=2">x</a>',
            [Entity("text_link", 0, 1, url="https://ya.ru/?a=1&b=2")],
        ),
        ("<a>ya.ru</a>", [Entity("text_link", 0, 5, url="http://ya.ru/")]),
        ("<a href='javascript:alert(1)'>x</a>", []),
        ("<b></b>x", []),
        ("<b>x</>", [Entity("bold", 0, 1)]),
    ],
)
def test_entities(source: str, entities: list[Entity]) -> None:
    assert list(parse_html(source).entities) == entities


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>Ева", 'Can\'t find end tag corresponding to start tag "b"'),
        ("Ева</b>", "Unexpected end tag at byte offset 6"),
        ("Ева<br>", 'Unsupported start tag "br" at byte offset 6'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a<b", "Unclosed start tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<a href=http://x>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href='x", "Unclosed start tag at byte offset 0"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            "&#xD83D;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
def test_refusals(source: str, reason: str) -> None:
    with pytest.raises(HtmlError) as refused:
        parse_html(source)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;&gt;&amp;&quot;", '<>&"'),
        ("&#128077;&#x1F44D;&#39;", "👍👍'"),
        ("&lt &amp", "< &"),
        ("&nbsp; &; &#; &#0; &#x110000;", "&nbsp; &; &#; &#0; &#x110000;"),
        ("&#0000000065;", "&#0000000065;"),
    ],
)
def test_character_references(source: str, text: str) -> None:
    assert parse_html(source).text == text


def test_trimming_shifts_and_cuts_entities() -> None:
    body = parse_html("\n  Имя: <b>Ева \n</b> <i> </i>\n").trimmed()
    assert body == FormattedText("Имя: Ева", (Entity("bold", 5, 3),))


@given(st.text())
def test_no_link_leads_out_of_the_known_schemes(text: str) -> None:
    link = checked_link(text)
    assert link is None or link.lower().startswith(("http:", "https:", "tg:", "ton:", "tonsite:"))
