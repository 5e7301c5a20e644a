"""People who talk to the bot over HTTP and wait for what it says."""

from dataclasses import dataclass

from bot.playground.standin import StandIn
from bot.playground.telegram.types import Answer, DemoGroup, DemoUser, Message

TOKEN = "123456:end-to-end"  # noqa: S105

ANYA = DemoUser(11, "Аня")
BORIS = DemoUser(12, "Борис")
JOHN = DemoUser(13, "John", language_code="en")
ADMIN = DemoUser(14, "Админ", is_admin=True)
PEOPLE = (ANYA, BORIS, JOHN, ADMIN)
GROUP = DemoGroup(-100, "Компания", tuple(person.id for person in PEOPLE))


@dataclass(frozen=True)
class Talk:
    """One person in one chat with the bot, a private one if `group` is not given."""

    standin: StandIn
    user: DemoUser
    group: DemoGroup | None = None

    @property
    def chat(self) -> DemoUser | DemoGroup:
        """The chat of the stand-in."""
        return self.group or self.user

    async def say(self, text: str) -> Message:
        """Write, and return the next message of the bot in this chat."""
        known = len(self.standin.replies(self.chat))
        self.standin.send_text(self.user, text, chat=self.group)
        replies = await self.standin.wait_for(lambda: self.standin.replies(self.chat)[known:])
        return replies[0]

    async def press(self, message: Message, button: str) -> Answer:
        """Press a button, by its label or callback data, and return the bot's notice."""
        query = self.standin.press(self.user, message.id, button)
        given = await self.standin.wait_for(lambda: [query.answer] if query.answer else [])
        return given[0]

    def now(self, message: Message) -> Message:
        """The message as it looks now."""
        return self.standin.state.messages[message.id]

    async def buttons_become(self, message: Message, first_row: list[str]) -> None:
        """Wait until the first row of buttons reads so."""
        await self.standin.wait_for(lambda: self.now(message).button_texts[0] == first_row)
