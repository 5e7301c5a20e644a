"""/retrain from the first answer to the new model's first name, and everything in between."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.admin.live_message import ATTEMPTS
from bot.admin.texts import RUSSIAN
from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import Pace
from bot.playground.standin import StandIn
from bot.playground.telegram.misbehaviour import CUT, Failure
from bot.playground.telegram.types import Message
from bot.retrain.process import FINETUNE_COMMAND, FailureCause
from bot.settings import Settings
from db import model_versions, training_runs
from db.models import RatingValue, TrainingRun
from ml.learning.report import Phase
from ml.models.checkpoint import model_bytes
from tests.bot.retrain import children
from tests.e2e.talk import ADMIN, Talk
from tests.rated_names import LIKES_AND_DISLIKES, rate_names
from tests.tiny_model import tiny_model

LEARNT = model_bytes(tiny_model(seed=5))


@pytest.fixture
def pace() -> Pace:
    return Pace(private_edits=0.01, look_after=0.01, retry_pauses=())


@pytest.fixture
def finetune_command(tmp_path: Path) -> Sequence[str]:
    """The child that the test puts into its folder."""
    return children.command(tmp_path)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"min_ratings": 4})


@pytest.fixture
async def rated(bot: BotApplication) -> BotApplication:
    """A bot with as many likes as dislikes."""
    await rate(bot, LIKES_AND_DISLIKES)
    return bot


async def rate(bot: BotApplication, values: tuple[RatingValue, ...]) -> None:
    services = bot.bot_data
    await rate_names(services.database, services.generator.version, ADMIN.id, values)


async def becomes(talk: Talk, message: Message, text: str) -> str:
    """Wait until the message holds `text`; returns all of it."""
    await talk.standin.wait_for(lambda: text in talk.now(message).text)
    return talk.now(message).text


async def last_run(bot: BotApplication) -> TrainingRun:
    async with bot.bot_data.database.read() as session:
        return (await training_runs.latest(session, 1))[0]


def plain(html: str) -> str:
    """A text without its few HTML tags, up to its first gap."""
    return html.replace("<b>", "").replace("</b>", "").split("{")[0]


async def test_a_retrain_is_followed_to_the_new_model(
    admin: Talk, rated: BotApplication, tmp_path: Path
) -> None:
    children.succeeding(tmp_path, LEARNT)
    old = rated.bot_data.generator.version
    message = await admin.say("/retrain")
    assert plain(RUSSIAN.learning) in message.text
    assert "░" in message.text

    text = await becomes(admin, message, "принята")
    new = rated.bot_data.generator.version
    assert f"Модель №{new} принята" in text
    assert "1,750 → 1,760" in text
    assert "понравится примерно 45" in text
    assert "Былан, Евдота → Рома, Варя" in text
    assert "/rollback" in text
    assert "❌" not in text
    (picture,) = await admin.standin.wait_for(
        lambda: [reply for reply in admin.standin.replies(ADMIN) if reply.photo]
    )
    assert picture.text == RUSSIAN.gain_caption

    await admin.say("/name")
    async with rated.bot_data.database.read() as session:
        shown = {
            each.version.id: each.generations
            for each in await model_versions.list_statistics(session)
        }
    assert shown == {old: len(LIKES_AND_DISLIKES), new: 1}


async def test_the_new_model_is_listed_and_can_be_rolled_back(
    admin: Talk, rated: BotApplication, tmp_path: Path
) -> None:
    children.succeeding(tmp_path, LEARNT)
    old = rated.bot_data.generator.version
    await becomes(admin, await admin.say("/retrain"), "принята")
    new = rated.bot_data.generator.version

    listed = (await admin.say("/models")).text
    assert listed.index(f"№{new} ") < listed.index(f"№{old} ")
    assert f"обучена на оценках, из №{old} · ✅ работает" in listed

    assert f"модель №{old}" in (await admin.say("/rollback")).text
    assert rated.bot_data.generator.version == old
    assert f"модель №{new}" in (await admin.say(f"/rollback {new}")).text
    assert rated.bot_data.generator.version == new


async def test_names_are_answered_during_a_run_and_cancel_ends_it(
    admin: Talk, anya: Talk, rated: BotApplication, tmp_path: Path
) -> None:
    children.waiting(tmp_path)
    message = await admin.say("/retrain")
    await becomes(admin, message, RUSSIAN.phases["train"])
    assert "▓" in admin.now(message).text

    name = await anya.say("/name Ев")
    assert name.text.startswith("Ев")
    assert (await admin.say("/rollback")).text == RUSSIAN.wait_for_learning

    assert (await admin.say("/cancel")).text == RUSSIAN.cancelling
    await becomes(admin, message, RUSSIAN.cancelled)
    assert (await last_run(rated)).status == "cancelled"
    assert (await admin.say("/cancel")).text == RUSSIAN.nothing_to_cancel


async def test_a_second_retrain_is_refused(
    admin: Talk, rated: BotApplication, tmp_path: Path
) -> None:
    children.waiting(tmp_path)
    message = await admin.say("/retrain")
    assert (await admin.say("/retrain")).text == RUSSIAN.already_learning

    await admin.say("/cancel")
    await becomes(admin, message, RUSSIAN.cancelled)


async def test_the_child_is_killed(admin: Talk, rated: BotApplication, tmp_path: Path) -> None:
    children.waiting(tmp_path)
    old = rated.bot_data.generator.version
    message = await admin.say("/retrain")
    await becomes(admin, message, RUSSIAN.phases["train"])
    os.kill(int((tmp_path / "child.pid").read_text()), signal.SIGKILL)

    await becomes(admin, message, RUSSIAN.causes[FailureCause.KILLED])
    assert (await last_run(rated)).status == "failed"
    assert rated.bot_data.generator.version == old
    assert (await admin.say("/name")).button_texts


async def test_the_gate_says_which_condition_failed(
    admin: Talk, rated: BotApplication, tmp_path: Path
) -> None:
    children.rejected(tmp_path)
    text = await becomes(admin, await admin.say("/retrain"), plain(RUSSIAN.rejected))
    failed = [line for line in text.split("\n") if line.startswith("❌")]
    assert len(failed) == 1
    assert "понравится" in failed[0]
    assert "Оценки пока противоречат друг другу" in text


async def test_what_the_child_complains_of_is_shown_as_text(
    admin: Talk, rated: BotApplication, tmp_path: Path
) -> None:
    children.child(tmp_path, "sys.exit('<b>no & never')")
    message = await admin.say("/retrain")
    text = await becomes(admin, message, RUSSIAN.causes[FailureCause.EXITED])
    assert text.endswith("<b>no & never")


async def test_the_outcome_arrives_even_if_the_message_was_deleted(
    admin: Talk, rated: BotApplication, standin: StandIn, tmp_path: Path
) -> None:
    children.succeeding(tmp_path, LEARNT)
    standin.fail_next(
        "editMessageText", code=400, description="Bad Request: message to edit not found"
    )
    message = await admin.say("/retrain")
    answers = await standin.wait_for(
        lambda: [reply for reply in standin.replies(ADMIN) if "принята" in reply.text]
    )
    assert answers[0].id != message.id


@pytest.mark.parametrize("opened", [True, False])
async def test_the_outcome_arrives_when_telegram_is_back(
    admin: Talk, rated: BotApplication, standin: StandIn, tmp_path: Path, opened: bool
) -> None:
    """However long it was away, and whether or not the message that follows the run was sent."""
    children.succeeding(tmp_path, LEARNT)
    method = "editMessageText" if opened else "sendMessage"
    standin.fail_by(lambda called: CUT if called == method else None)
    standin.send_text(ADMIN.id, "/retrain")
    await standin.wait_for(lambda: len(standin.calls_of(method)) > 2 * ATTEMPTS)
    standin.behave()
    await standin.wait_for(lambda: any("принята" in reply.text for reply in standin.replies(ADMIN)))


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ((1, 1, -1), "нужно не меньше 4"),
        ((1, 1, 1, 1), RUSSIAN.no_dislikes),
        ((-1, -1, -1, -1), RUSSIAN.no_likes),
    ],
)
async def test_too_little_to_learn_from(
    admin: Talk, bot: BotApplication, values: tuple[RatingValue, ...], answer: str
) -> None:
    await rate(bot, values)
    assert answer in (await admin.say("/retrain")).text


async def test_the_end_of_the_bot_is_told(
    standin: StandIn,
    settings: Settings,
    pace: Pace,
    finetune_command: Sequence[str],
    tmp_path: Path,
) -> None:
    start = partial(running, settings, pace, finetune_command)
    children.waiting(tmp_path)
    admin = Talk(standin, ADMIN)
    async with start() as bot:
        await rate(bot, LIKES_AND_DISLIKES)
        message = await admin.say("/retrain")
        await becomes(admin, message, RUSSIAN.phases["train"])
    assert admin.now(message).text == RUSSIAN.bot_stopped

    async with start() as bot:
        assert (await last_run(bot)).status == "cancelled"
        children.succeeding(tmp_path, LEARNT)
        await becomes(admin, await admin.say("/retrain"), "принята")
    async with start() as bot:
        assert f"№{bot.bot_data.generator.version} " in (await admin.say("/models")).text


@pytest.mark.parametrize("message_known", [True, False])
async def test_the_message_of_a_run_that_was_killed_is_finished_at_the_next_start(
    standin: StandIn, settings: Settings, pace: Pace, message_known: bool
) -> None:
    admin = Talk(standin, ADMIN)
    async with running(settings, pace) as bot:
        message = await admin.say("/retrain")  # any message of the bot will do
        async with bot.bot_data.database.begin() as session:
            run = await training_runs.start(
                session,
                requested_by=ADMIN.id,
                base_version_id=bot.bot_data.generator.version,
                ratings_count=8,
                seed=0,
                chat_id=ADMIN.id,
                language="ru",
            )
            if message_known:
                await training_runs.note_message(session, run.id, message.id)
    shown = RUSSIAN.causes[FailureCause.INTERRUPTED]
    for _ in range(2):
        async with running(settings, pace) as bot:
            told = await standin.wait_for(
                lambda: [each for each in standin.replies(ADMIN) if shown in each.text]
            )
            await admin.say("/models")
            assert (await last_run(bot)).error == "interrupted"
    assert len(told) == 1
    assert (told[0].id == message.id) == message_known


@pytest.mark.timeout(320)  # the child has the lowest priority: on a busy machine it waits
async def test_real_fine_tuning_from_the_command_to_the_verdict(
    admin: Talk, rated: BotApplication, tmp_path: Path
) -> None:
    # The one test with the real command; what it learns in a moment need not pass the gate.
    (tmp_path / "child.py").write_text(
        f"import os, sys\nos.execv({sys.executable!r}, {list(FINETUNE_COMMAND)!r} + sys.argv[1:])",
        encoding="utf-8",
    )
    message = await admin.say("/retrain")
    under_way = plain(RUSSIAN.learning)
    await admin.standin.wait_for(lambda: under_way not in admin.now(message).text, timeout=300)
    run = await last_run(rated)
    assert run.status in ("succeeded", "rejected")
    assert run.metrics is not None
    assert run.metrics["ratings"]["likes"] == run.metrics["ratings"]["dislikes"] == 4


async def test_a_stop_waits_neither_for_telegram_nor_for_a_deaf_child(
    settings: Settings, standin: StandIn, finetune_command: Sequence[str], tmp_path: Path
) -> None:
    """A supervisor kills what has not ended after ten seconds."""
    children.waiting(tmp_path, deaf=True)
    async with asyncio.timeout(60) as patience:
        async with running(settings, Pace(stop=0.2), finetune_command) as bot:
            await rate(bot, LIKES_AND_DISLIKES)
            message = await Talk(standin, ADMIN).say("/retrain")
            await becomes(Talk(standin, ADMIN), message, RUSSIAN.phases[Phase.TRAIN])
            standin.fail_by(lambda _: Failure(seconds=3600))
            standin.send_text(ADMIN, "/name")
            await standin.wait_for(lambda: standin.calls[-1].method == "sendMessage")
            patience.reschedule(asyncio.get_running_loop().time() + 8)
