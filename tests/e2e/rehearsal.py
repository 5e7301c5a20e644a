"""People who ask for names and press buttons while Telegram fails, and what became of it all."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bot.callbacks import More, Rate, parse_callback
from bot.context import BotApplication
from bot.names import views
from bot.playground.standin import StandIn
from bot.playground.telegram.misbehaviour import BadDay
from bot.playground.telegram.types import CallbackQuery, DemoGroup, DemoUser, Message
from bot.texts import RUSSIAN
from db import favorites, generations, ratings
from db.models import RatingValue

_PRESSES_A_NAME = 5
_IMPATIENCE = 1.0  # seconds until a person presses again, or asks again


@dataclass
class Outcome:
    """What a rehearsal came to; all but what was pressed and asked is empty if all was well."""

    presses: list[CallbackQuery] = field(default_factory=list)
    names_asked: int = 0
    names_lost: int = 0  # neither sent nor told of
    lying: list[list[list[str]]] = field(default_factory=list)
    wrong_ratings: list[tuple[int, int]] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)

    @property
    def unanswered(self) -> list[CallbackQuery]:
        """Presses whose waiting sign has not stopped."""
        return [press for press in self.presses if press.answer is None]

    def __str__(self) -> str:
        return (
            f"{len(self.presses)} presses: {len(self.unanswered)} unanswered, "
            f"{len(self.wrong_ratings)} wrong ratings, {len(self.lying)} lying keyboards, "
            f"{len(self.tracebacks)} tracebacks; {self.names_asked} times asked for names: "
            f"{self.names_lost} times neither sent nor told"
        )


class _Complaints(logging.Handler):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self._outcome = outcome

    def emit(self, record: logging.LogRecord) -> None:
        # What the library says of an answer that it cannot read, `bot.logs` keeps out of the log.
        if record.exc_info and not record.name.startswith("telegram.request"):
            self._outcome.tracebacks.append(self.format(record))


class Rehearsal:
    """One bad day: ``share`` of all calls fail, of all updates come twice, by a seed."""

    def __init__(self, bot: BotApplication, standin: StandIn, *, share: float, seed: int) -> None:
        self.bot = bot
        self.standin = standin
        self.outcome = Outcome()
        self._share = share
        self._random = random.Random(seed)
        self._asked: list[Callable[[], list[Message]]] = []
        self._wishes: dict[tuple[int, int], RatingValue | None] = {}

    async def play(self, places: Sequence[tuple[DemoUser, DemoGroup | None]], presses: int) -> None:
        """Let every person press so often, asking for a name now and then; then see how it is."""
        complaints = _Complaints(self.outcome)
        logging.getLogger().addHandler(complaints)
        repeats = random.Random(self._random.random())
        try:
            self.standin.fail_by(BadDay(self._share, seed=self._random.randrange(2**32)))
            self.standin.updates.repeats = lambda: repeats.random() < self._share
            async with asyncio.TaskGroup() as people:
                for user, group in places:
                    people.create_task(
                        _Person(self, user, group, self._random.randrange(2**32)).live(presses)
                    )
            self.standin.behave()
            await self._settle()
        finally:
            logging.getLogger().removeHandler(complaints)
        await self._judge()

    def asked(self, answered: Callable[[], list[Message]]) -> None:
        """Note that somebody asked for names, and what says whether they heard of them."""
        self._asked.append(answered)

    def wish(self, query: CallbackQuery) -> None:
        """Note a press, and what it shall come to."""
        self.outcome.presses.append(query)
        wanted = parse_callback(query.data)
        if isinstance(wanted, Rate):
            self._wishes[query.user_id, wanted.generation_id] = wanted.value

    async def _settle(self) -> None:
        await self.standin.wait_for(lambda: not self.standin.updates.pending)
        await self.bot.update_queue.join()
        await self.bot.bot_data.redraws.settled()

    async def _judge(self) -> None:
        self.outcome.names_asked = len(self._asked)
        self.outcome.names_lost = sum(not answered() for answered in self._asked)
        async with self.bot.bot_data.database.read() as session:
            for (user_id, generation_id), wish in self._wishes.items():
                if await ratings.of_user(session, user_id, generation_id) != wish:
                    self.outcome.wrong_ratings.append((user_id, generation_id))
        for message in self.standin.state.messages.values():
            shown = [
                parse_callback(b.get("callback_data")) for row in message.keyboard for b in row
            ]
            more = [each for each in shown if isinstance(each, More)]
            if more and message.button_texts != await self._true_buttons(message, more[0]):
                self.outcome.lying.append(message.button_texts)

    async def _true_buttons(self, message: Message, more: More) -> list[list[str]]:
        shared = message.chat_id < 0
        async with self.bot.bot_data.database.read() as session:
            names = await generations.of_answer(session, more.generation_id)
            found = await ratings.of_answer(session, more.generation_id, message.chat_id)
            kept = await favorites.among(session, message.chat_id, [name.id for name in names])
        keyboard = views.answer_keyboard(
            names, RUSSIAN, {each.generation_id: each for each in found}, kept, shared=shared
        )
        return [[button.text for button in row] for row in keyboard.inline_keyboard]


class _Person:
    def __init__(
        self, rehearsal: Rehearsal, user: DemoUser, group: DemoGroup | None, seed: int
    ) -> None:
        self._rehearsal = rehearsal
        self._standin = rehearsal.standin
        self._user = user
        self._group = group
        self._random = random.Random(seed)
        self._shown: list[Message] = []

    async def live(self, presses: int) -> None:
        pressed = 0
        while pressed < presses:
            if not self._shown or pressed % _PRESSES_A_NAME == 0:
                await self._ask()
            if not self._shown:
                continue
            pressed += 1
            await self._press()

    async def _ask(self) -> None:
        known = len(self._replies())
        asked = self._standin.send_text(self._user, "/name 2", chat=self._group)

        def answered() -> list[Message]:
            # In a group others are answered, too: what answers us replies to us, or says so to all.
            new = self._replies()[known:]
            return [
                reply
                for reply in new
                if self._group is None
                or not reply.keyboard
                or (reply.reply_to and reply.reply_to.id == asked.id)
            ]

        self._rehearsal.asked(answered)
        with contextlib.suppress(TimeoutError):  # whoever waits longer asks again
            replies = await self._standin.wait_for(answered)
            self._shown += [reply for reply in replies if reply.keyboard]

    async def _press(self) -> None:
        message = self._random.choice(self._shown)
        row = self._random.choice(message.keyboard[:-1])
        query = self._standin.press(
            self._user, message.id, str(self._random.choice(row)["callback_data"])
        )
        self._rehearsal.wish(query)
        try:
            await self._standin.wait_for(lambda: query.answer, _IMPATIENCE)
        except TimeoutError:
            return  # and press something else

    def _replies(self) -> list[Message]:
        return self._standin.replies(self._group or self._user)
