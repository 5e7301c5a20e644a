"""The real bot against the Bot API stand-in, over HTTP, with a database file and a tiny model."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.context import BotApplication
from bot.lifecycle import running
from bot.pace import DEFAULT_PACE, Pace
from bot.playground.standin import StandIn
from bot.retrain.process import FINETUNE_COMMAND
from bot.settings import Settings
from tests.e2e.talk import ADMIN, ANYA, BORIS, GROUP, JOHN, PEOPLE, TOKEN, Talk
from tests.tiny_model import write_tiny_model


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an untrained model."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    """Telegram."""
    standin = StandIn(TOKEN, PEOPLE, [GROUP])
    await standin.start()
    yield standin
    await standin.stop()


@pytest.fixture
def settings(
    standin: StandIn, model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings of the bot; `Settings.model_copy` makes others of them."""
    monkeypatch.chdir(tmp_path)  # whoever runs the tests may have a .env of their own
    return Settings(
        bot_token=SecretStr(TOKEN),
        admin_ids=frozenset({ADMIN.id}),
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        bot_api_url=standin.url,
        model_path=model_file,
        webhook_url=None,
        min_ratings=20,
        former_share=0,  # nothing by chance, but where that is the subject
    )


@pytest.fixture
def pace() -> Pace:
    """The bot's own patience."""
    return DEFAULT_PACE


@pytest.fixture
def finetune_command() -> Sequence[str]:
    """The real command."""
    return FINETUNE_COMMAND


@pytest.fixture
async def bot(
    settings: Settings, pace: Pace, finetune_command: Sequence[str]
) -> AsyncIterator[BotApplication]:
    """The bot, running."""
    async with running(settings, pace, finetune_command) as application:
        yield application


@pytest.fixture
def settled(bot: BotApplication, standin: StandIn) -> Callable[[], Awaitable[None]]:
    """Waits until the bot has dealt with everything that it was sent; for tests of silence."""

    async def settle() -> None:
        # Updates arrive in order: when this one is answered, the others have arrived too.
        await Talk(standin, ADMIN).say("/help")
        await bot.update_queue.join()

    return settle


@pytest.fixture
def anya(standin: StandIn, bot: BotApplication) -> Talk:
    """Anya in private, the bot running."""
    return Talk(standin, ANYA)


@pytest.fixture
def boris(standin: StandIn, bot: BotApplication) -> Talk:
    """Boris in private, the bot running."""
    return Talk(standin, BORIS)


@pytest.fixture
def john(standin: StandIn, bot: BotApplication) -> Talk:
    """John, whose Telegram speaks English, in private, the bot running."""
    return Talk(standin, JOHN)


@pytest.fixture
def admin(standin: StandIn, bot: BotApplication) -> Talk:
    """The admin in private, the bot running."""
    return Talk(standin, ADMIN)
