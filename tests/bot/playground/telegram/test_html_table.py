"""What TDLib 1.8.69 made of these texts: ``parseTextEntities`` with ``textParseModeHTML``.

Only what it says of the text and of the fields that the Bot API shows is kept here.
"""

import pytest

from bot.playground.telegram.entities import Entity, FormattedText
from bot.playground.telegram.html import HtmlError, parse_html

ACCEPTED = [
    ("👍 <b>Ева</b>", "👍 Ева", [Entity("bold", 3, 3)]),
    ("<strong>x</strong>", "x", [Entity("bold", 0, 1)]),
    ("<i>x</i>", "x", [Entity("italic", 0, 1)]),
    ("<em>x</em>", "x", [Entity("italic", 0, 1)]),
    ("<u>x</u>", "x", [Entity("underline", 0, 1)]),
    ("<ins>x</ins>", "x", [Entity("underline", 0, 1)]),
    ("<s>x</s>", "x", [Entity("strikethrough", 0, 1)]),
    ("<strike>x</strike>", "x", [Entity("strikethrough", 0, 1)]),
    ("<del>x</del>", "x", [Entity("strikethrough", 0, 1)]),
    ("<code>x</code>", "x", [Entity("code", 0, 1)]),
    ("<pre>x</pre>", "x", [Entity("pre", 0, 1)]),
    ("<tg-spoiler>x</tg-spoiler>", "x", [Entity("spoiler", 0, 1)]),
    ('<span class="tg-spoiler">x</span>', "x", [Entity("spoiler", 0, 1)]),
    ("<span class=TG-Spoiler>x</span>", "x", [Entity("spoiler", 0, 1)]),
    ("<blockquote>x</blockquote>", "x", [Entity("blockquote", 0, 1)]),
    ("<blockquote expandable>x</blockquote>", "x", [Entity("expandable_blockquote", 0, 1)]),
    ("<blockquote expandable='no'>x</blockquote>", "x", [Entity("expandable_blockquote", 0, 1)]),
    ("<B>x</b>", "x", [Entity("bold", 0, 1)]),
    ("<b>x</>", "x", [Entity("bold", 0, 1)]),
    ("<b>x</b \n>", "x", [Entity("bold", 0, 1)]),
    ("<b></b>x", "x", []),
    ("<b>я<i>ты</i></b>", "яты", [Entity("bold", 0, 3), Entity("italic", 1, 2)]),
    ("<b><i>x</i></b>", "x", [Entity("bold", 0, 1), Entity("italic", 0, 1)]),
    ("<i><b>x</b></i>", "x", [Entity("bold", 0, 1), Entity("italic", 0, 1)]),
    (
        "<tg-spoiler><s><u><i><b>x</b></i></u></s></tg-spoiler>",
        "x",
        [
            Entity("bold", 0, 1),
            Entity("italic", 0, 1),
            Entity("underline", 0, 1),
            Entity("strikethrough", 0, 1),
            Entity("spoiler", 0, 1),
        ],
    ),
    ("<b><blockquote>x</blockquote></b>", "x", [Entity("blockquote", 0, 1), Entity("bold", 0, 1)]),
    (
        "<b><a href='x.ru'>x</a></b>",
        "x",
        [Entity("text_link", 0, 1, url="http://x.ru/"), Entity("bold", 0, 1)],
    ),
    ("<u><code>x</code></u>", "x", [Entity("code", 0, 1), Entity("underline", 0, 1)]),
    (
        "<code><blockquote expandable><pre>x</pre></blockquote></code>",
        "x",
        [Entity("expandable_blockquote", 0, 1), Entity("pre", 0, 1), Entity("code", 0, 1)],
    ),
    ("<b><b>x</b>y</b>", "xy", [Entity("bold", 0, 2), Entity("bold", 0, 1)]),
    (
        "<b><a href='x.ru'><a href='y.ru'>x</a></a></b>",
        "x",
        [
            Entity("text_link", 0, 1, url="http://y.ru/"),
            Entity("text_link", 0, 1, url="http://x.ru/"),
            Entity("bold", 0, 1),
        ],
    ),
    ('<pre><code class="language-py">x</code></pre>', "x", [Entity("pre", 0, 1, language="py")]),
    ('<code class="language-py"><pre>x</pre></code>', "x", [Entity("pre", 0, 1, language="py")]),
    ('<code class="language-py">x</code>', "x", [Entity("code", 0, 1)]),
    ("<pre><code>x</code></pre>", "x", [Entity("pre", 0, 1), Entity("code", 0, 1)]),
    (
        "<pre><code class='language-'>x</code></pre>",
        "x",
        [Entity("pre", 0, 1), Entity("code", 0, 1)],
    ),
    (
        "<pre>x<code class='language-py'>y</code></pre>",
        "xy",
        [Entity("pre", 0, 2), Entity("code", 1, 1)],
    ),
    ("<pre class='language-py'>x</pre>", "x", [Entity("pre", 0, 1)]),
    (
        "<code class='language-py' class='wide'><pre>x</pre></code>",
        "x",
        [Entity("pre", 0, 1, language="py")],
    ),
    (
        '<a href="https://ya.ru/?a=1&amp;b=2">x</a>',
        "x",
        [Entity("text_link", 0, 1, url="https://ya.ru/?a=1&b=2")],
    ),
    ("<a>ya.ru</a>", "ya.ru", [Entity("text_link", 0, 5, url="http://ya.ru/")]),
    ("<a href>ya.ru</a>", "ya.ru", [Entity("text_link", 0, 5, url="http://ya.ru/")]),
    ("<a href='y.ru' href=''>x.ru</a>", "x.ru", [Entity("text_link", 0, 4, url="http://x.ru/")]),
    ("<a href='javascript:alert(1)'>x</a>", "x", []),
    (
        "<a href='mailto:a@x.ru'>x</a>",
        "x",
        [Entity("text_link", 0, 1, url="http://mailto:a@x.ru/")],
    ),
    ("<a href=x.ru>x</a>", "x", [Entity("text_link", 0, 1, url="http://x.ru/")]),
    (
        "<a href='HTTPS://Ya.RU:0443/A b '>x</a>",
        "x",
        [Entity("text_link", 0, 1, url="https://ya.ru:443/A%20b")],
    ),
    (
        "<a href='http://me:pw@x.ru'>x</a>",
        "x",
        [Entity("text_link", 0, 1, url="http://me:pw@x.ru/")],
    ),
    ("<a href='http://x.ru#f'>x</a>", "x", [Entity("text_link", 0, 1, url="http://x.ru/#f")]),
    ("<a href='http://домен.рф'>x</a>", "x", [Entity("text_link", 0, 1, url="http://домен.рф/")]),
    (
        "<a href='http://[::1]:80/x'>x</a>",
        "x",
        [Entity("text_link", 0, 1, url="http://[::1]:80/x")],
    ),
    ("<a href='http://[1'>x</a>", "x", []),
    ("<a href='http://localhost'>x</a>", "x", []),
    ("<a href='x.ru:0'>x</a>", "x", []),
    ("<a href='x.ru:65536'>x</a>", "x", []),
    ("<a href=' x.ru'>x</a>", "x", []),
    ("<a href='http://x%2e.ru'>x</a>", "x", [Entity("text_link", 0, 1, url="http://x%2e.ru/")]),
    ("<a href='http://x%zz.ru'>x</a>", "x", []),
    (
        "<a href='tg:resolve?domain=x'>x</a>",
        "x",
        [Entity("text_link", 0, 1, url="tg://resolve?domain=x")],
    ),
    ("<a href='TG://Settings'>x</a>", "x", [Entity("text_link", 0, 1, url="tg://settings/")]),
    ("<a href='tg://a.b'>x</a>", "x", []),
    ("<a href='ton://transfer/x'>x</a>", "x", [Entity("text_link", 0, 1, url="ton://transfer/x")]),
    ("<a href='tonsite://x.ton'>x</a>", "x", [Entity("text_link", 0, 1, url="tonsite://x.ton/")]),
    ("<a href='tg://x:1'>x</a>", "x", []),
    ("<a href='tg://user?id=5'>x</a>", "x", [Entity("text_mention", 0, 1, user_id=5)]),
    ("<a href='TG:User/?x=1&ID=5#f'>x</a>", "x", [Entity("text_mention", 0, 1, user_id=5)]),
    ("<a>tg://user?id=5</a>", "tg://user?id=5", [Entity("text_mention", 0, 14, user_id=5)]),
    ("<a href='tg://user?id=05'>x</a>", "x", [Entity("text_link", 0, 1, url="tg://user?id=05")]),
    (
        "<a href='tg://user?id=0&id=5'>x</a>",
        "x",
        [Entity("text_link", 0, 1, url="tg://user?id=0&id=5")],
    ),
    (
        "<a href='tg://user?id=1099511627775'>x</a>",
        "x",
        [Entity("text_mention", 0, 1, user_id=1099511627775)],
    ),
    (
        "<a href='tg://user?id=1099511627776'>x</a>",
        "x",
        [Entity("text_link", 0, 1, url="tg://user?id=1099511627776")],
    ),
    ("<a href='tg://users?id=5'>x</a>", "x", [Entity("text_link", 0, 1, url="tg://users?id=5")]),
    (
        '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
        "👍",
        [Entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")],
    ),
    (
        "<tg-emoji emoji-id=-9223372036854775808>x</tg-emoji>",
        "x",
        [Entity("custom_emoji", 0, 1, custom_emoji_id="-9223372036854775808")],
    ),
    ("<tg-emoji></tg-emoji>", "", []),
    (
        "<tg-time unix='1647531900' format='wDT'>x</tg-time>",
        "x",
        [Entity("date_time", 0, 1, unix_time=1647531900, date_time_format="wDT")],
    ),
    (
        "<tg-time unix='1647531900' format='tdWDT'>x</tg-time>",
        "x",
        [Entity("date_time", 0, 1, unix_time=1647531900, date_time_format="wdt")],
    ),
    (
        "<tg-time unix='1647531900' format='R'>x</tg-time>",
        "x",
        [Entity("date_time", 0, 1, unix_time=1647531900, date_time_format="r")],
    ),
    (
        "<tg-time unix='1647531900'>x</tg-time>",
        "x",
        [Entity("date_time", 0, 1, unix_time=1647531900)],
    ),
    ("<tg-time unix='12 o'>x</tg-time>", "x", [Entity("date_time", 0, 1, unix_time=12)]),
    ("<tg-time unix='-1'>x</tg-time>", "x", []),
    ("<tg-time unix='2147483648'>x</tg-time>", "x", []),
    ("<tg-time unix='4294967297'>x</tg-time>", "x", [Entity("date_time", 0, 1, unix_time=1)]),
    ("<tg-time>x</tg-time>", "x", []),
    ("&lt;&gt;&amp;&quot;", '<>&"', []),
    ("&#128077;&#x1F44D;&#X1F44D;&#39;", "👍👍👍'", []),
    ("&lt &amp", "< &", []),
    ("&nbsp; &; &#; &#0; &#x110000; &LT;", "&nbsp; &; &#; &#0; &#x110000; &LT;", []),
    ("&#0000065;&#00000065;", "A&#00000065;", []),
]

REFUSED = [
    ("<b>Ева", 'Can\'t find end tag corresponding to start tag "b"'),
    ("Ева</b>", "Unexpected end tag at byte offset 6"),
    ("Ева<br>", 'Unsupported start tag "br" at byte offset 6'),
    ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ("a<b", "Unclosed start tag at byte offset 1"),
    ("<b ", 'Empty attribute name in the tag "b" at byte offset 0'),
    ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ("<b>x</b y>", "Unclosed end tag at byte offset 4"),
    ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("<b>Ы</Ы>", 'Unmatched end tag at byte offset 5, expected "</b>", found "</Ы>"'),
    ("<a href=http://x>x</a>", "Unexpected end of name token at byte offset 8"),
    ("<a href='x", "Unclosed start tag at byte offset 0"),
    ("<a href", 'Unclosed start tag "a" at byte offset 0'),
    ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
    ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
    ("<b/>", 'Unsupported start tag "b/" at byte offset 0'),
    ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    (
        "<span class='tg-spoiler' class='tg-'>x</span>",
        'Tag "span" must have class "tg-spoiler" at byte offset 0',
    ),
    ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
    ("<tg-emoji emoji-id='05'>x</tg-emoji>", "Invalid custom emoji identifier specified"),
    (
        "<tg-emoji emoji-id='9223372036854775808'>x</tg-emoji>",
        "Invalid custom emoji identifier specified",
    ),
    ("<tg-time unix='1' format='x'>y</tg-time>", "Invalid date format used"),
    ("<tg-time unix='0' format='rr'>y</tg-time>", "Invalid date format used"),
    ("<STRİKE>x</STRİKE>", 'Unsupported start tag "strİke" at byte offset 0'),
    (
        "&#xD83D;",
        "Text contains invalid Unicode characters after decoding HTML entities, "
        "check for unmatched surrogate code units",
    ),
]


@pytest.mark.parametrize(("source", "text", "entities"), ACCEPTED)
def test_accepted(source: str, text: str, entities: list[Entity]) -> None:
    assert parse_html(source) == FormattedText(text, tuple(entities))


@pytest.mark.parametrize(("source", "reason"), REFUSED)
def test_refused(source: str, reason: str) -> None:
    with pytest.raises(HtmlError) as refused:
        parse_html(source)
    assert str(refused.value) == reason
