"""kill -9 at random moments under load, most of them during a retrain and at its adoption.

Twelve kills with the other tests, 200 by ``make faults``. The moments are drawn from a seed and the
machine does the rest: whatever it was doing then, the same must hold.
"""

import asyncio
import contextlib
import os
import random
import re
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.admin.texts import RUSSIAN as ADMIN_TEXTS
from bot.playground.standin import StandIn
from bot.playground.telegram.types import CallbackQuery, DemoUser, Message
from bot.retrain.process import FailureCause
from bot.texts import RUSSIAN
from ml.models.checkpoint import model_bytes
from tests.bot.retrain import children
from tests.e2e.talk import ADMIN, ANYA, BORIS, TOKEN
from tests.tiny_model import tiny_model

PEOPLE = (ANYA, BORIS)
ANSWER_SECONDS = 30.0
PATIENCE_SECONDS = 15.0  # before somebody asks again
ORPHAN_SECONDS = 2.0
# What is under way for longer than `bot.lifecycle` waits is confirmed to Telegram before it is
# dealt with, and on a machine that is busy enough a kill may then come.
MOST_UNANSWERED = 0.01
MODELS = 8  # that the children learn in turn

# It takes a third of a second, tells its number, and says when the new model is there.
CHILD = """
import random
open({folder!r} + f"/child-{{os.getpid()}}", "w").close()
for done in range(30):
    progress("train", done, 30)
    time.sleep(0.01)
learnt = {folder!r} + f"/learnt-{{args.seed % {models}}}.safetensors"
shutil.copyfile(learnt, args.out)
open({folder!r} + "/adopting", "w").close()
answer({report!r})
"""


@dataclass
class Pressed:
    """A button that a person pressed, once, and what that wishes."""

    query: CallbackQuery
    user_id: int
    generation_id: int
    value: int

    @property
    def confirmed(self) -> bool:
        answer = self.query.answer
        return answer is not None and answer.text in (RUSSIAN.liked, RUSSIAN.disliked)


@dataclass
class Victim:
    """A bot that is killed again and again, and the people who go on talking to it."""

    standin: StandIn
    folder: Path
    environment: dict[str, str]
    random: random.Random
    presses: list[Pressed] = field(default_factory=list)
    asked_again: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def database(self) -> Path:
        return self.folder / "bot.db"

    async def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.e2e.killable"),
                *children.command(self.folder),
                env=self.environment,
                stderr=log,
            )

    async def kill(self) -> None:
        assert self.process is not None
        assert self.process.returncode is None, (self.folder / "log").read_text()[-3000:]
        self.process.kill()
        await self.process.wait()

    async def chatter(self, person: DemoUser) -> None:
        """Ask for names and rate every one of them, without a pause; ask again if need be."""
        while True:
            try:
                message = await self.say(person, "/name", PATIENCE_SECONDS)
            except TimeoutError:
                self.asked_again += 1
            else:
                self.press(person, message)

    async def say(self, person: DemoUser, text: str, patience: float = ANSWER_SECONDS) -> Message:
        known = len(self.standin.replies(person))
        self.standin.send_text(person, text)
        replies = await self.standin.wait_for(
            lambda: self.standin.replies(person)[known:], patience
        )
        return replies[0]

    def press(self, person: DemoUser, message: Message) -> None:
        thumb, value = self.random.choice((("👍", 1), ("👎", -1)))
        button = message.keyboard[0][0 if value == 1 else 1]
        assert thumb in button["text"]
        rated = re.match(r"r:([0-9]+)", button["callback_data"])
        assert rated is not None
        query = self.standin.press(person, message.id, button["callback_data"])
        self.presses.append(Pressed(query, person.id, int(rated[1]), value))

    def query(self, statement: str) -> list[tuple[object, ...]]:
        with contextlib.closing(sqlite3.connect(self.database, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def retrain(self) -> None:
        (self.folder / "adopting").unlink(missing_ok=True)
        self.standin.send_text(ADMIN, "/retrain")

    async def until_adoption(self) -> None:
        """Return when the child of a run has made its model, or after a while in any case."""
        for _ in range(1500):
            if (self.folder / "adopting").exists():
                return
            await asyncio.sleep(0.002)

    def living_children(self) -> list[int]:
        living = []
        for file in self.folder.glob("child-*"):
            pid = int(file.name.removeprefix("child-"))
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                file.unlink()
            else:
                living.append(pid)
        return living


@pytest.fixture
async def victim(tmp_path: Path, model_file: Path) -> AsyncIterator[Victim]:
    for number in range(MODELS):
        learnt = tmp_path / f"learnt-{number}.safetensors"
        learnt.write_bytes(model_bytes(tiny_model(seed=100 + number)))
    report = children.report()
    children.child(tmp_path, CHILD.format(folder=str(tmp_path), models=MODELS, report=report))
    standin = StandIn(TOKEN, [*PEOPLE, ADMIN])
    url = await standin.start()
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    environment = os.environ | {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": url,
        "ADMIN_IDS": str(ADMIN.id),
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        "MODEL_PATH": str(model_file),
        "MIN_RATINGS": "2",
        "PERSON_LIMIT": "0",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(scratch),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    victim = Victim(standin, tmp_path, environment, random.Random())
    yield victim
    if victim.process is not None and victim.process.returncode is None:
        victim.process.kill()
        await victim.process.wait()
    await standin.stop()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("kills", "seed"), [(12, 1), pytest.param(200, 2, marks=pytest.mark.faults)]
)
async def test_kills(victim: Victim, kills: int, seed: int) -> None:
    victim.random.seed(seed)
    await victim.start()
    talking = [asyncio.create_task(victim.chatter(person)) for person in PEOPLE]
    await victim.standin.wait_for(lambda: all_thumbs(victim), ANSWER_SECONDS)
    at_adoption = 0
    for _ in range(kills):
        moment = victim.random.random()
        if moment > 0.15:
            victim.retrain()
        if moment > 0.7:
            await victim.until_adoption()
            at_adoption += 1
        await asyncio.sleep(victim.random.uniform(0, 0.3 if moment > 0.7 else 0.6))
        await victim.kill()
        killed = time.monotonic()
        left = victim.living_children()
        check_database(victim)
        await victim.start()
        while left and time.monotonic() - killed < ORPHAN_SECONDS:
            await asyncio.sleep(0.01)
            left = victim.living_children()
        assert not left
        await victim.say(ADMIN, "/models")
        assert not any(task.done() for task in talking)

    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    with contextlib.suppress(TimeoutError):
        await victim.standin.wait_for(lambda: not unanswered(victim), PATIENCE_SECONDS)
    left_unanswered = len(unanswered(victim))
    assert left_unanswered <= max(1, MOST_UNANSWERED * len(victim.presses))
    check_database(victim)

    # The next run works; it may have been asked for before the last kill, and be under way.
    before = accepted_runs(victim)
    victim.standin.send_text(ADMIN, "/retrain")
    await victim.standin.wait_for(lambda: accepted_runs(victim) > before, ANSWER_SECONDS)
    assert not stale_bars(victim)
    runs = victim.query("SELECT status, count(*) FROM training_runs GROUP BY status")
    confirmed = sum(pressed.confirmed for pressed in victim.presses)
    print(
        f"{kills} kills, {at_adoption} of them at an adoption: {len(victim.presses)} presses,"
        f" {confirmed} confirmed, none of these lost, {left_unanswered} never answered;"
        f" {victim.asked_again} names asked for again; training runs: {runs}"
    )


def all_thumbs(victim: Victim) -> bool:
    """Whether there is enough to learn from."""
    return {pressed.value for pressed in victim.presses if pressed.confirmed} == {1, -1}


def accepted_runs(victim: Victim) -> int:
    """Of how many runs the admin was told that their model serves."""
    accepted = ADMIN_TEXTS.accepted.replace("<b>", "").split("{")[0]
    return sum(accepted in reply.text for reply in victim.standin.replies(ADMIN))


def stale_bars(victim: Victim) -> list[str]:
    """Progress bars that nothing follows up: of one whose number the bot did not live to note a
    message of its own says that the run was interrupted.
    """
    texts = [reply.text for reply in victim.standin.replies(ADMIN)]
    interrupted = ADMIN_TEXTS.causes[FailureCause.INTERRUPTED]
    return [
        text
        for place, text in enumerate(texts)
        if "░" in text and not any(interrupted in later for later in texts[place + 1 :])
    ]


def unanswered(victim: Victim) -> list[Pressed]:
    return [pressed for pressed in victim.presses if pressed.query.answer is None]


def check_database(victim: Victim) -> None:
    """What must be true at any moment, and of a bot that was killed as well."""
    assert victim.query("PRAGMA integrity_check") == [("ok",)]
    assert victim.query("PRAGMA foreign_key_check") == []
    [(current,)] = victim.query("SELECT id FROM model_versions WHERE is_current")
    [(weights,)] = victim.query(
        f"SELECT length(content) FROM model_weights WHERE version_id = {current}"  # noqa: S608
    )
    assert weights
    [(without,)] = victim.query(
        "SELECT count(*) FROM model_versions WHERE id NOT IN (SELECT version_id FROM model_weights)"
        " AND (SELECT count(*) FROM model_weights) < 5"
    )
    assert without == 0
    stored = {
        (user, generation): value
        for user, generation, value in victim.query(
            "SELECT user_id, generation_id, value FROM ratings"
        )
    }
    lost = [
        p
        for p in victim.presses
        if p.confirmed and stored.get((p.user_id, p.generation_id)) != p.value
    ]
    assert not lost
