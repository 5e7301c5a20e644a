"""The cast of the playground: four people and their group."""

from bot.playground.standin import StandIn
from bot.playground.telegram.types import DemoGroup, DemoUser

DEMO_USERS = (
    DemoUser(101, "Аня", username="anya"),
    DemoUser(102, "Борис", username="boris"),
    DemoUser(103, "John", language_code="en", username="john"),
    DemoUser(104, "Админ", username="admin", is_admin=True),
)
DEMO_TOKEN = "1000:playground"  # noqa: S105 - opens nothing but the stand-in on this machine
DEMO_GROUP_ID = -1001


def playground(port: int = 0) -> StandIn:
    """A stand-in with people in it, who also share a group, and a page to play them all.

    ``ADMIN_IDS`` of the bot should be the ids of the users with ``is_admin``.
    """
    group = DemoGroup(DEMO_GROUP_ID, "Компания", tuple(user.id for user in DEMO_USERS))
    return StandIn(DEMO_TOKEN, DEMO_USERS, [group], port=port)
