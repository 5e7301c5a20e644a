"""How was it written? A picture, by the model that wrote the name."""

import io

from PIL import Image
from sqlalchemy import delete, update

from bot.context import BotApplication
from bot.playground.standin import StandIn
from bot.playground.telegram.types import Message
from bot.texts import ENGLISH as COMMON_ENGLISH
from bot.texts import RUSSIAN as COMMON
from bot.written.texts import ENGLISH, RUSSIAN
from db.models import Generation, ModelWeights
from tests.e2e.talk import ANYA, GROUP, JOHN, Talk
from tests.tiny_model import tiny_model


async def explained(talk: Talk, shown: Message, button: str = COMMON.written_button) -> Message:
    """The picture that the button under a message brings."""
    before = len(talk.standin.replies(talk.chat))
    await talk.press(shown, button)
    (picture,) = await talk.standin.wait_for(lambda: talk.standin.replies(talk.chat)[before:])
    return picture


def size(message: Message) -> tuple[int, int]:
    assert message.photo
    return Image.open(io.BytesIO(message.photo.data)).size


async def test_a_picture_with_a_row_for_each_letter(anya: Talk) -> None:
    shown = await anya.say("/name")
    (name,) = shown.texts_of("bold")
    picture = await explained(anya, shown)
    assert picture.text.startswith(f"{name}\n")
    assert "при «температуре» 0,7" in picture.text
    assert RUSSIAN.by_another not in picture.text
    width, height = size(picture)
    (other_width, height_of_ten) = size(await explained(anya, await anya.say("/name Евлампиянин")))
    assert width == other_width
    assert height_of_ten > height or len(name) >= 11
    assert anya.now(shown).keyboard


async def test_a_prefix_is_said_to_be_given(anya: Talk) -> None:
    picture = await explained(anya, await anya.say("/name Ев"))
    assert "Начало «Ев» было задано." in picture.text


async def test_in_a_group_and_in_english(john: Talk, standin: StandIn) -> None:
    group = Talk(standin, ANYA, GROUP)
    assert size(await explained(group, await group.say("/name")))
    picture = await explained(john, await john.say("/name"), COMMON_ENGLISH.written_button)
    assert ENGLISH.chance.partition("{")[0] in picture.text
    assert standin.replies(JOHN)[-1] == picture


async def test_the_version_that_wrote_a_name_explains_it(anya: Talk, bot: BotApplication) -> None:
    shown = await anya.say("/name")
    first = await explained(anya, shown)
    generator = bot.bot_data.generator
    generator.swap(tiny_model(seed=1), generator.version + 1)
    again = await explained(anya, shown)
    assert again.text == first.text
    assert size(again) == size(first)
    assert again.photo
    assert first.photo
    assert again.photo.data == first.photo.data


async def test_a_version_that_is_gone_is_said_to_be(anya: Talk, bot: BotApplication) -> None:
    shown = await anya.say("/name")
    async with bot.bot_data.database.begin() as session:
        await session.execute(delete(ModelWeights))
    generator = bot.bot_data.generator
    generator.swap(tiny_model(seed=1), generator.version + 1)
    assert (await explained(anya, shown)).text.endswith(RUSSIAN.by_another)
    generator.swap(tiny_model(origins=["world"]), generator.version + 1)
    assert (await anya.press(shown, COMMON.written_button)).text == RUSSIAN.impossible


async def test_a_damaged_version_is_one_that_is_gone(anya: Talk, bot: BotApplication) -> None:
    shown = await anya.say("/name")
    async with bot.bot_data.database.begin() as session:
        await session.execute(update(ModelWeights).values(content=b"damaged"))
    generator = bot.bot_data.generator
    generator.swap(tiny_model(seed=1), generator.version + 1)
    assert (await explained(anya, shown)).text.endswith(RUSSIAN.by_another)


async def test_foreign_forged_and_stale_buttons(
    anya: Talk, boris: Talk, bot: BotApplication, standin: StandIn
) -> None:
    of_boris, of_anya = await boris.say("/name"), await anya.say("/name")
    own = of_anya.keyboard[2][0]["callback_data"]
    for data in (of_boris.keyboard[2][0]["callback_data"], "w:999999"):
        of_anya.keyboard[2][0]["callback_data"] = data
        assert (await anya.press(of_anya, str(data))).text == COMMON.name_gone
    of_anya.keyboard[2][0]["callback_data"] = "w:0"
    assert (await anya.press(of_anya, "w:0")).text == COMMON.unknown_button
    of_anya.keyboard[2][0]["callback_data"] = own
    async with bot.bot_data.database.begin() as session:
        await session.execute(update(Generation).values(name="Жопа"))
    assert (await anya.press(of_anya, str(own))).text == COMMON.name_gone
    assert len(standin.replies(ANYA)) == 1
