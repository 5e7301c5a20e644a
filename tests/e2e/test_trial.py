"""What a new model is to people: a share of the names from the former one, and the way back."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.admin.texts import ENGLISH, RUSSIAN
from bot.callbacks import Rate, parse_callback
from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.playground.telegram.misbehaviour import CUT
from bot.playground.telegram.types import DemoUser, Message
from bot.retrain.trial import ENOUGH, Standing
from bot.settings import Settings
from db import generations, ratings, training_runs, users
from db.models import Generation, RatingValue, TrainingRun
from db.users import Preferences
from ml.models.checkpoint import model_bytes
from tests.bot.retrain import children
from tests.e2e.talk import ADMIN, ANYA, JOHN, Talk
from tests.rated_names import LIKES_AND_DISLIKES, rate_names
from tests.tiny_model import tiny_model


@pytest.fixture
def pace() -> Pace:
    """Nobody waits, and any moment is quiet."""
    return Pace(
        private_edits=0.01,
        look_after=0.01,
        by_itself=0.05,
        quiet=0,
        requests_a_second=0,
        chat_burst=10_000,
    )


@pytest.fixture
def finetune_command(tmp_path: Path) -> Sequence[str]:
    return children.succeeding(tmp_path, model_bytes(tiny_model(seed=5)))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Half of the answers from the former model; John, who speaks English, is an admin too."""
    return settings.model_copy(
        update={
            "min_ratings": 4,
            "former_share": 50,
            "person_limit": 0,
            "admin_ids": frozenset({ADMIN.id, JOHN.id}),
        }
    )


@pytest.fixture
async def anya(standin: StandIn, bot: BotApplication) -> Talk:
    """Anya, who wants no names to her taste: those say nothing of a model."""
    async with bot.bot_data.database.begin() as session:
        await users.remember(session, ANYA.id, "ru")
        await users.put_preferences(session, ANYA.id, Preferences(by_taste=False))
    return Talk(standin, ANYA)


async def learn(admin: Talk, bot: BotApplication) -> Message:
    """A retrain that is accepted, and the message that says so."""
    services = bot.bot_data
    await rate_names(services.database, services.generator.version, ADMIN.id, LIKES_AND_DISLIKES)
    message = await admin.say("/retrain")
    await admin.standin.wait_for(lambda: "принята" in admin.now(message).text)
    return admin.now(message)


def opinion(shown: Generation, liked: int) -> RatingValue:
    return 1 if shown.model_version_id == liked else -1


async def rate_five(anya: Talk, bot: BotApplication, liked: int) -> Counter[int]:
    """Ask for five names and like those of the version `liked`; how many were of which.

    One is rated by a press; the others, which would be no news, at once.
    """
    answer = await anya.say("/name 5")
    pressed = parse_callback(str(answer.keyboard[0][0]["callback_data"]))
    assert isinstance(pressed, Rate)
    async with bot.bot_data.database.begin() as session:
        first, *others = await generations.of_answer(session, pressed.generation_id)
        for shown in others:
            await ratings.put(session, anya.user.id, shown.id, opinion(shown, liked))
    await anya.press(answer, Rate(first.id, opinion(first, liked)).encode())
    return Counter(shown.model_version_id for shown in (first, *others))


async def statistics(admin: Talk) -> str:
    """The words of /stats; the pictures of this answer and of others come when they come."""
    known = len(admin.standin.replies(admin.chat))
    admin.standin.send_text(admin.user, "/stats")
    texts = await admin.standin.wait_for(
        lambda: [
            reply.text
            for reply in admin.standin.replies(admin.chat)[known:]
            if reply.text.startswith("Статистика")
        ]
    )
    return texts[0]


async def told(standin: StandIn, person: DemoUser, text: str) -> list[str]:
    """Wait until the person has been sent a message with this text."""
    beginning = text.split("{", maxsplit=1)[0].replace("<b>", "")
    return await standin.wait_for(
        lambda: [reply.text for reply in standin.replies(person) if beginning in reply.text]
    )


async def test_people_send_a_worse_model_back(
    admin: Talk, anya: Talk, john: Talk, bot: BotApplication, standin: StandIn
) -> None:
    generator, sampling = bot.bot_data.generator, bot.bot_data.sampling
    await john.say("/name")
    former = generator.version
    accepted = await learn(admin, bot)
    new = generator.version
    assert f"Ещё 50\u00a0% ответов пока даёт прежняя, №{former}" in accepted.text

    seen = Counter[int]()
    while generator.version == new:
        answer = await rate_five(anya, bot, liked=former)
        assert len(answer) == 1  # one model writes all of an answer
        seen += answer
    assert seen[new] >= ENOUGH
    assert seen[former] >= ENOUGH
    assert seen.total() < 8 * ENOUGH

    assert generator.version == former
    [text] = await told(standin, ADMIN, RUSSIAN.went_back)
    assert f"модель №{former}" in text
    assert f"№{new}: 👍 0\u00a0%" in text
    assert "меньше 1\u00a0%" in text
    assert f"/rollback {new}" in text
    assert len(await told(standin, JOHN, ENGLISH.went_back)) == 1
    await anya.say("/name")
    assert (await anya.say("/name")).button_texts
    assert sampling.former is None
    assert f"модель №{new}" in (await admin.say(f"/rollback {new}")).text
    assert generator.version == new
    assert sampling.former is None


async def test_the_former_model_leaves_when_people_like_the_new_one(
    admin: Talk, anya: Talk, bot: BotApplication
) -> None:
    generator, sampling = bot.bot_data.generator, bot.bot_data.sampling
    former = generator.version
    await learn(admin, bot)
    new = generator.version
    text, title = "", f"№{new} против №{former}, пока имена придумывали обе"
    while title not in text:  # until each has written before the other
        await rate_five(anya, bot, liked=new)
        text = await statistics(admin)
    assert f"Сравнение идёт: 50\u00a0% ответов даёт №{former}" in text
    while sampling.former:
        await rate_five(anya, bot, liked=new)
    text = await statistics(admin)
    assert f"№{new} лучше с вероятностью больше 99\u00a0%" in text
    assert RUSSIAN.standings[Standing.BETTER].format(new=new) in text
    for _ in range(10):
        assert await rate_five(anya, bot, liked=new) == Counter({new: 5})


async def test_the_share_goes_on_after_a_restart(
    standin: StandIn, settings: Settings, pace: Pace, finetune_command: Sequence[str]
) -> None:
    admin, anya = Talk(standin, ADMIN), Talk(standin, ANYA)
    start = partial(running, settings, pace, finetune_command)
    async with start() as bot:
        former = bot.bot_data.generator.version
        await learn(admin, bot)
    async with start() as bot:
        services = bot.bot_data
        while services.sampling.former is None:
            await anya.say("/help")
        for _ in range(40):
            await anya.say("/name Ев")
        async with services.database.read() as session:
            count = select(func.count()).select_from(Generation).where(Generation.prefix == "Ев")
            of_former = await session.scalar(count.where(Generation.model_version_id == former))
    assert of_former is not None
    assert 0 < of_former < 40


# Learning by itself.


@pytest.fixture
def eager(settings: Settings) -> Settings:
    return settings.model_copy(update={"retrain_every": len(LIKES_AND_DISLIKES)})


async def runs(bot: BotApplication) -> list[TrainingRun]:
    async with bot.bot_data.database.read() as session:
        return await training_runs.latest(session, 9)


async def test_the_bot_learns_by_itself_and_tells_all_admins(
    standin: StandIn, eager: Settings, pace: Pace, tmp_path: Path
) -> None:
    async with running(eager, pace, children.rejected(tmp_path)) as bot:
        await Talk(standin, ADMIN).say("/start")
        await Talk(standin, JOHN).say("/name")
        services = bot.bot_data
        rate = partial(rate_names, services.database, services.generator.version, ANYA.id)
        # Telegram is away when it ends.
        standin.fail_by(lambda method: CUT if method == "sendMessage" else None)
        await rate(LIKES_AND_DISLIKES)
        await standin.wait_for(lambda: len(standin.calls_of("sendMessage")) > 6)
        standin.behave()
        for person, texts in ((ADMIN, RUSSIAN), (JOHN, ENGLISH)):
            [text] = await told(standin, person, texts.by_itself)
            assert "❌" in text
        await rate(LIKES_AND_DISLIKES[1:])
        for _ in range(3):
            await Talk(standin, ANYA).say("/name")
        assert [run.status for run in await runs(bot)] == ["rejected"]
        await rate(LIKES_AND_DISLIKES[:1])
        await standin.wait_for(
            lambda: len([m for m in standin.replies(ADMIN) if RUSSIAN.by_itself in m.text]) == 2
        )
        assert [run.status for run in await runs(bot)] == ["rejected"] * 2


async def test_the_end_of_such_a_run_is_told_after_a_kill(
    standin: StandIn, settings: Settings, pace: Pace
) -> None:
    async with running(settings, pace) as bot:
        await Talk(standin, ADMIN).say("/start")
    async with running(settings, pace) as bot, bot.bot_data.database.begin() as session:
        await training_runs.start(
            session,
            requested_by=None,
            base_version_id=bot.bot_data.generator.version,
            ratings_count=8,
            seed=0,
            chat_id=training_runs.EVERY_ADMIN,
        )
    async with running(settings, pace):
        [text] = await told(standin, ADMIN, RUSSIAN.by_itself)
        assert "внезапно остановился" in text
        await Talk(standin, ADMIN).say("/name")  # nor does it wait for John, who never said a word
    async with running(settings, pace) as bot, bot.bot_data.database.read() as session:
        assert await training_runs.untold(session) == []
