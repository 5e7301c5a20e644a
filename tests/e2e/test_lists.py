"""⭐, /favorites, /history and /top as people see them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from telegram import Update

from bot.context import BotApplication
from bot.lifecycle import running
from bot.lists.texts import ENGLISH as ENGLISH_LISTS
from bot.lists.texts import RUSSIAN as LISTS
from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoUser, Message
from bot.settings import Settings
from bot.texts import RUSSIAN
from bot.upkeep import tidy_up
from db import favorites
from db.models import Generation, utcnow
from tests.e2e.talk import ANYA, BORIS, GROUP, Talk


async def keep(talk: Talk, number: int) -> list[str]:
    """Have so many names invented and keep them all; the last kept first."""
    names: list[str] = []
    while len(names) < number:
        reply = await talk.say(f"/name {min(10, number - len(names))}")
        for name, row in zip(reply.texts_of("bold"), reply.keyboard, strict=False):
            assert (await talk.press(reply, row[-1]["callback_data"])).text == LISTS.kept
            names.insert(0, name)
    await settle(talk)
    return names


async def settle(talk: Talk) -> None:
    """Wait until nothing is drawn any more."""
    await talk.standin.wait_for(lambda: not talk.standin.updates.pending)


async def becomes(talk: Talk, message: Message, names: list[str]) -> Message:
    """Wait until a list shows these names."""
    await talk.standin.wait_for(lambda: listed(talk.now(message)) == names)
    return talk.now(message)


def listed(message: Message) -> list[str]:
    """The names of a list, without its title."""
    return message.texts_of("bold")[1:]


def edits(standin: StandIn) -> int:
    return len(standin.calls_of("editMessageText"))


async def test_a_star_keeps_a_name_and_lets_it_go(anya: Talk) -> None:
    reply = await anya.say("/name")
    assert (await anya.say("/favorites")).text == LISTS.no_favorites
    assert (await anya.press(reply, "⭐")).text == LISTS.kept
    await anya.buttons_become(reply, ["👍", "👎", "⭐ ✓"])
    assert listed(await anya.say("/favorites")) == reply.texts_of("bold")

    await anya.press(reply, "👍")
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐ ✓"])
    assert (await anya.press(reply, "⭐ ✓")).text == LISTS.let_go
    await anya.buttons_become(reply, ["👍 ✓", "👎", "⭐"])
    assert (await anya.say("/favorites")).text == LISTS.no_favorites


async def test_a_star_pressed_again_is_still_a_star(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    """In a group, where nobody sees it but the one who pressed."""
    talk = Talk(standin, ANYA, GROUP)
    reply = await talk.say("/name")
    for person in (talk, talk, Talk(standin, BORIS, GROUP)):
        assert (await person.press(reply, "⭐")).text == LISTS.kept
    await bot.bot_data.redraws.settled()
    assert talk.now(reply).button_texts[0] == ["👍", "👎", "⭐"]
    assert not standin.calls_of("editMessageReplyMarkup")
    async with bot.bot_data.database.read() as session:
        kept = [await favorites.count(session, each.id) for each in (ANYA, BORIS)]
    assert kept == [1, 1]


async def test_favorites_are_turned_over_and_removed(anya: Talk, standin: StandIn) -> None:
    names = await keep(anya, 12)
    page = await anya.say("/favorites")
    assert page.text.startswith("⭐ Избранное: 12 имён\n\n1. ")
    assert listed(page) == names[:10]

    await anya.press(page, "▶️")
    await becomes(anya, page, names[10:])
    await anya.press(page, LISTS.remove_button)
    await standin.wait_for(lambda: "✖️ 12" in anya.now(page).button_texts[0])
    assert LISTS.how_to_remove in anya.now(page).text
    removal = anya.now(page).keyboard[0][0]["callback_data"]
    assert (await anya.press(page, "✖️ 11")).text == LISTS.removed.format(name=names[10])
    await becomes(anya, page, names[11:])

    # The last of its page: the one before it is what is left.
    await anya.press(page, "✖️ 11")
    await becomes(anya, page, names[:10])
    assert len(anya.now(page).button_texts) == 3
    await anya.press(page, LISTS.removed_button)
    await standin.wait_for(lambda: "✖️ 1" not in anya.now(page).button_texts[0])

    # A press on its way that arrives again.
    anya.now(page).keyboard[0][0]["callback_data"] = removal
    assert (await anya.press(page, removal)).text == LISTS.removed.format(name=names[10])
    assert listed(await anya.say("/favorites")) == names[:10]


async def test_the_last_favorite_goes(anya: Talk, standin: StandIn) -> None:
    await keep(anya, 1)
    page = await anya.say("/favorites")
    await anya.press(page, LISTS.remove_button)
    await standin.wait_for(lambda: anya.now(page).button_texts[0] == ["✖️ 1"])
    await anya.press(page, "✖️ 1")
    await standin.wait_for(lambda: anya.now(page).text == LISTS.no_favorites)
    assert anya.now(page).keyboard == ()


async def test_favorites_as_files(anya: Talk, john: Talk, standin: StandIn) -> None:
    names = await keep(anya, 3)
    page = await anya.say("/favorites")
    known = len(standin.replies(ANYA))
    await anya.press(page, LISTS.text_button)
    await anya.press(page, LISTS.csv_button)
    text, table = await standin.wait_for(
        lambda: found if len(found := standin.replies(ANYA)[known:]) == 2 else []
    )
    assert text.text == "Избранное: 3 имени"
    assert text.document is not None
    assert table.document is not None
    assert text.document.name == "imyarek-favorites.txt"
    assert text.document.data.decode().split("\n") == [*names, ""]
    assert table.document.name == "imyarek-favorites.csv"
    assert table.document.data.startswith(b"\xef\xbb\xbf")
    rows = table.document.data.decode("utf-8-sig").split("\r\n")
    # The untrained model of the tests writes names that begin with a hyphen.
    assert [row.split(";")[0].removeprefix("'") for row in rows] == ["Имя", *names, ""]

    reply = await john.say("/name")
    await john.press(reply, "⭐")
    page = await john.say("/favorites")
    await john.press(page, ENGLISH_LISTS.csv_button)
    table = (await standin.wait_for(lambda: standin.replies(john.user)[2:]))[0]
    assert table.text == "Favorites: 1 name"


async def test_an_empty_list_is_not_exported(anya: Talk, standin: StandIn) -> None:
    reply = await anya.say("/name")
    await anya.press(reply, "⭐")
    page = await anya.say("/favorites")
    await anya.buttons_become(reply, ["👍", "👎", "⭐ ✓"])
    await anya.press(reply, "⭐ ✓")
    assert (await anya.press(page, LISTS.csv_button)).text == LISTS.nothing_to_export
    assert not standin.calls_of("sendDocument")


async def test_history_shows_opinions_and_is_turned_over(anya: Talk, standin: StandIn) -> None:
    assert (await anya.say("/history")).text == LISTS.no_history
    first = await anya.say("/name 10")
    second = await anya.say("/name 2")
    third = await anya.say("/name")
    await anya.press(second, second.keyboard[1][1]["callback_data"])
    await anya.press(third, "👍")
    await anya.press(third, third.keyboard[0][2]["callback_data"])
    seen = third.texts_of("bold") + second.texts_of("bold")[::-1] + first.texts_of("bold")[::-1]

    page = await anya.say("/history")
    assert listed(page) == seen[:10]
    lines = page.text.split("\n")[2:]
    assert lines[0].startswith(f"👍 {seen[0]} ")
    assert lines[0].endswith(" ⭐")
    assert lines[1].startswith(f"👎 {seen[1]} ")
    assert lines[2].startswith(f"▫️ {seen[2]} ")
    assert page.button_texts == [[LISTS.older_button]]

    # What comes meanwhile moves nothing.
    await anya.say("/name")
    await anya.press(page, LISTS.older_button)
    page = await becomes(anya, page, seen[10:])
    assert LISTS.kept_how_long.format(days="90 дней") in page.text
    assert page.button_texts == [[LISTS.newer_button]]
    await anya.press(page, LISTS.newer_button)
    await becomes(anya, page, seen[:10])
    assert anya.now(page).button_texts == [[LISTS.newer_button, LISTS.older_button]]


async def test_in_a_group_history_tells_nothing_of_private_chats(
    anya: Talk, standin: StandIn
) -> None:
    await anya.say("/name Ев")
    in_group = Talk(standin, ANYA, GROUP)
    assert (await in_group.say("/history")).text == LISTS.no_history_here
    shown = await in_group.say("/name Ил")
    assert listed(await in_group.say("/history")) == shown.texts_of("bold")
    assert len(listed(await anya.say("/history"))) == 2
    boris = Talk(standin, BORIS, GROUP)
    assert (await boris.say("/history")).text == LISTS.no_history_here


async def test_the_top_of_a_chat_and_of_all(anya: Talk, boris: Talk, standin: StandIn) -> None:
    assert (await anya.say("/top")).text == LISTS.no_top
    mine = await anya.say("/name Ев")
    await anya.press(mine, "👍")
    in_group = Talk(standin, ANYA, GROUP)
    ours = await in_group.say("/name Ил")
    for person in (ANYA, BORIS):
        await Talk(standin, person, GROUP).press(ours, ours.keyboard[0][0]["callback_data"])
    (my_name,), (our_name,) = mine.texts_of("bold"), ours.texts_of("bold")

    page = await anya.say("/top")
    assert listed(page) == [our_name, my_name]
    assert page.text.split("\n")[2].endswith(" · 👍 2 👎 0")
    await anya.press(page, LISTS.here_button)
    await becomes(anya, page, [my_name])
    await anya.press(page, LISTS.everywhere_button)
    await becomes(anya, page, [our_name, my_name])

    page = await in_group.say("/top")
    assert listed(page) == [our_name]
    assert page.button_texts == [[f"✓ {LISTS.here_button}", LISTS.everywhere_button]]


async def test_only_who_asked_turns_the_pages(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    in_group, boris = Talk(standin, ANYA, GROUP), Talk(standin, BORIS, GROUP)
    await keep(in_group, 1)
    for command in ("/favorites", "/top"):
        page = await in_group.say(command)
        for data in [button["callback_data"] for row in page.keyboard for button in row]:
            assert (await boris.press(page, data)).text == LISTS.not_yours
    await bot.bot_data.redraws.settled()
    assert not edits(standin)
    assert not standin.calls_of("sendDocument")
    async with bot.bot_data.database.read() as session:
        assert await favorites.count(session, ANYA.id) == 1


async def test_nothing_is_redrawn_that_is_shown_already(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    await keep(anya, 11)
    for command, button in (("/favorites", "1 / 2"), ("/top", f"✓ {LISTS.everywhere_button}")):
        page = await anya.say(command)
        assert (await anya.press(page, button)).text == ""
    await bot.bot_data.redraws.settled()
    assert not edits(standin)
    assert len(standin.calls_of("answerCallbackQuery")) == 11 + 2


async def test_lists_work_after_a_restart(settings: Settings, standin: StandIn) -> None:
    anya = Talk(standin, ANYA)
    async with running(settings):
        names = await keep(anya, 11)
        page = await anya.say("/favorites")
    async with running(settings):
        await anya.press(page, "▶️")
        await becomes(anya, page, names[10:])


async def test_a_page_that_telegram_fails_to_redraw_is_redrawn_later(
    anya: Talk, standin: StandIn
) -> None:
    names = await keep(anya, 11)
    page = await anya.say("/favorites")
    standin.drop_next("editMessageText", times=2)
    await anya.press(page, "▶️")
    await becomes(anya, page, names[10:])


async def test_upkeep_leaves_favorites_and_breaks_no_page(
    anya: Talk, bot: BotApplication, settings: Settings
) -> None:
    [kept] = await keep(anya, 1)
    for _ in range(7):
        await anya.say("/name 10")
    page = await anya.say("/history")
    database = bot.bot_data.database
    async with database.begin() as session:
        old = utcnow() - timedelta(days=settings.keep_names_days + 1)
        await session.execute(update(Generation).values(created_at=old))
    await tidy_up(database, settings, now=utcnow())
    for _ in range(10):
        older = [b for row in anya.now(page).button_texts for b in row if b == LISTS.older_button]
        if not older:
            break
        await anya.press(page, LISTS.older_button)
        await bot.bot_data.redraws.settled()
    # The last 50 that a person saw stay, by whole answers; what they keep does as well.
    assert listed(anya.now(page))[-1] == kept
    assert listed(await anya.say("/favorites")) == [kept]


async def test_forget_reaches_the_lists(anya: Talk) -> None:
    await keep(anya, 2)
    page = await anya.say("/favorites")
    await anya.say("/forget")
    await anya.press(page, LISTS.remove_button)
    await anya.standin.wait_for(lambda: anya.now(page).text == LISTS.no_favorites)
    assert (await anya.say("/history")).text == LISTS.no_history


@pytest.mark.parametrize(
    "garbage", ["l:11:f", "l:11:h:<0", "l:0:h", "l:11:x:0:", "l:11:e:exe", "f:1:-", "f:99999:+"]
)
async def test_damaged_buttons_get_one_kind_answer(
    anya: Talk, bot: BotApplication, standin: StandIn, garbage: str
) -> None:
    await keep(anya, 1)
    page = await anya.say("/favorites")
    page.keyboard[0][0]["callback_data"] = garbage
    before = len(standin.calls_of("answerCallbackQuery"))
    answer = await anya.press(page, garbage)
    assert answer.text in (RUSSIAN.name_gone, RUSSIAN.unknown_button)
    await bot.update_queue.join()
    await bot.bot_data.redraws.settled()
    assert len(standin.calls_of("answerCallbackQuery")) == before + 1
    assert not edits(standin)


class Forger:
    """A client of Telegram's that sends what it likes under a message that it can see."""

    def __init__(self, bot: BotApplication, standin: StandIn) -> None:
        self.bot = bot
        self.standin = standin
        self.presses = 0

    async def press(self, user: DemoUser, data: str, message: dict[str, Any]) -> str:
        """Press, and return the notice."""
        self.presses += 1
        query = {"id": f"forged-{self.presses}", "from": user.to_json(), "chat_instance": "1"}
        query |= {"data": data, "message": message}
        payload = {"update_id": 1000 + self.presses, "callback_query": query}
        await self.bot.process_update(Update.de_json(payload, self.bot.bot))
        await self.bot.bot_data.redraws.settled()
        call = self.standin.calls_of("answerCallbackQuery")[-1]
        assert call.params["callback_query_id"] == query["id"]
        return str(call.params.get("text", ""))


async def test_a_forged_owner_moves_nothing(
    anya: Talk, bot: BotApplication, standin: StandIn
) -> None:
    in_group = Talk(standin, ANYA, GROUP)
    await keep(in_group, 1)
    page = await in_group.say("/favorites")
    shown = standin.state.message_json(page)
    forger = Forger(bot, standin)
    assert await forger.press(BORIS, f"l:{ANYA.id}:x:0:1", shown) == LISTS.not_yours
    for data in (f"l:{BORIS.id}:f:0", f"l:{BORIS.id}:x:0:1", f"l:{BORIS.id}:e:csv"):
        assert await forger.press(BORIS, data, shown) == RUSSIAN.unknown_button
    assert not edits(standin)
    async with bot.bot_data.database.read() as session:
        assert await favorites.count(session, ANYA.id) == 1


async def test_what_others_were_shown_cannot_be_starred(
    anya: Talk, boris: Talk, bot: BotApplication, standin: StandIn
) -> None:
    await anya.say("/name Ев")
    theirs = standin.state.message_json(await boris.say("/name"))
    assert await Forger(bot, standin).press(BORIS, "f:1:+", theirs) == RUSSIAN.name_gone
    assert (await boris.say("/favorites")).text == LISTS.no_favorites


@pytest.mark.parametrize("private", [True, False])
async def test_a_message_too_old_to_be_shown(
    anya: Talk, bot: BotApplication, standin: StandIn, private: bool
) -> None:
    """In a group it might be anybody's, so the page comes as a new message."""
    talk = anya if private else Talk(standin, ANYA, GROUP)
    names = await keep(talk, 11)
    page = await talk.say("/favorites")
    chat = {"id": talk.chat.id, "type": "private" if private else "supergroup", "title": "x"}
    old = {"message_id": page.id, "date": 0, "chat": chat}
    replies = len(standin.replies(talk.chat))
    assert await Forger(bot, standin).press(ANYA, f"l:{ANYA.id}:f:1", old) == ""
    latest = standin.replies(talk.chat)[-1]
    assert listed(latest) == names[10:]
    assert len(standin.replies(talk.chat)) == replies + (0 if private else 1)
    assert edits(standin) == int(private)
