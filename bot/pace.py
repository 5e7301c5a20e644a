"""How long the bot waits and how fast it goes; tests have less patience, benchmarks no limits."""

from dataclasses import dataclass

from telegram.constants import FloodLimit


@dataclass(frozen=True, slots=True)
class Pace:
    """All in seconds, but for what says otherwise."""

    # Telegram may be out of reach when the bot starts, for a moment or for an hour: None waits.
    connect_tries: int | None = None
    first_pause: float = 1.0  # twice as long after each try
    # Telegram now and then does not know a token that is good; this often in a row it is not.
    start_refusals: int = 2
    refusals: int = 5
    # What handlers in flight get to finish, and what was asked before the stop to be answered:
    # at 30 a second as much as `bot.traffic.scheduler` takes at once.
    stop: float = 5.0
    # Between two questions to Telegram whether it delivers to the webhook.
    webhook_check: float = 20.0
    beat: float = 2.0  # between two signs of life
    # Between two writes that try whether the database takes them. Not sooner: the upkeep of the
    # database waits until nobody has written for half a minute.
    database_beat: float = 40.0
    database_again: float = 10.0  # after one that failed
    # Between two looks at whether a retrain's bot lives, and two tries to tell how one ended.
    look_after: float = 5.0
    # Between two looks at whether to go back to the former model, or to learn, without being asked.
    by_itself: float = 60.0
    quiet: float = 300.0  # with hardly a name or a rating, before it learns without being asked
    # Between two edits of a message that follows a run. Of the twenty a minute that Telegram allows
    # in a group, half are left to the answers to everybody else there.
    private_edits: float = 3.0
    group_edits: float = 6.0
    # Requests that wait their turn on our side; 0 lets all of them go at once.
    requests_a_second: int = FloodLimit.MESSAGES_PER_SECOND
    group_requests_a_minute: int = FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP
    # In a private chat so many in as many seconds: one a second, and all of them at once.
    chat_burst: int = 20
    # Before each new try of what failed by chance.
    retry_pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    # Where Telegram wants to hear nothing for longer, nothing waits for it.
    longest_hold: float = 60.0


DEFAULT_PACE = Pace()
