"""What the bot says of itself, and what `health` makes of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.health import (
    BUSY_SECONDS,
    DATABASE_SECONDS,
    STALE_SECONDS,
    TELEGRAM_SECONDS,
    Vitals,
    ailment,
    heart,
    heartbeat_files,
    keep_testing,
)


class Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def said(file: Path, vitals: Vitals, clock: Clock, later: float = 0.0) -> str | None:
    """What is wrong so many seconds after the last heartbeat."""
    async with heart([file], vitals, seconds=3600):
        clock.now += later
        return ailment([file], clock=clock)


async def test_the_file_is_there_as_long_as_the_bot(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "new folder" / "heartbeat"
    assert ailment([file]) == "The bot is not running here."
    assert await said(file, Vitals(clock), clock) is None
    assert not file.exists()
    assert ailment([file]) == "The bot is not running here."


async def test_it_is_written_again_and_again(tmp_path: Path) -> None:
    file, ticks = tmp_path / "heartbeat", iter(range(1000))
    async with heart([file], Vitals(lambda: float(next(ticks))), seconds=0):
        first = file.read_bytes()
        for _ in range(3):
            await asyncio.sleep(0)
        assert file.read_bytes() != first


async def test_a_bot_that_hangs_is_told_from_one_that_lives(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "heartbeat"
    assert await said(file, Vitals(clock), clock, STALE_SECONDS) is None
    assert await said(file, Vitals(clock), clock, 120) == (
        "The bot has not been seen alive for 120 seconds."
    )


async def test_telegram_may_fail_for_a_moment_but_not_for_long(
    tmp_path: Path, clock: Clock
) -> None:
    file, vitals = tmp_path / "heartbeat", Vitals(clock)
    vitals.telegram.failed("Connection refused.\n")
    assert await said(file, vitals, clock) is None
    clock.now += TELEGRAM_SECONDS + 1
    vitals.database.worked()
    assert await said(file, vitals, clock) == (
        "Telegram has not served the bot for 31 seconds: Connection refused."
    )
    vitals.telegram.worked()
    assert await said(file, vitals, clock) is None


async def test_no_updates_though_nothing_failed(tmp_path: Path, clock: Clock) -> None:
    file, vitals = tmp_path / "heartbeat", Vitals(clock)
    clock.now += BUSY_SECONDS + 1
    vitals.database.worked()
    assert await said(file, vitals, clock) == (
        "The bot has taken no update from Telegram for 301 seconds."
    )


async def test_a_database_that_takes_no_writes(tmp_path: Path, clock: Clock) -> None:
    file, vitals = tmp_path / "heartbeat", Vitals(clock)
    vitals.database.failed("(sqlite3.OperationalError) database or disk is full")
    assert await said(file, vitals, clock) == (
        "The database takes no writes: (sqlite3.OperationalError) database or disk is full."
    )
    vitals.database.worked()
    clock.now += DATABASE_SECONDS + 1
    assert await said(file, vitals, clock) == "The database has taken no write for 121 seconds."


async def test_the_longest_problem_fits_and_shows_no_secret(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "heartbeat"
    vitals = Vitals(clock, redact=lambda text: text.replace("hunter2", "[secret]"))
    vitals.database.failed("hunter2 " + "🙈" * 10_000)
    sentence = await said(file, vitals, clock)
    assert sentence is not None
    assert "[secret] 🙈" in sentence
    assert "hunter2" not in sentence


async def test_a_file_of_before_the_machine_was_started_anew(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "heartbeat"
    async with heart([file], Vitals(clock), seconds=3600):
        assert ailment([file], clock=clock, boot_id=lambda: "another") == (
            "The bot is not running here."
        )


async def test_where_the_best_place_is_none_the_next_is_taken(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").touch()
    places = [tmp_path / "file" / "heartbeat", tmp_path / "heartbeat"]
    async with heart(places, Vitals(clock), seconds=3600):
        assert ailment(places, clock=clock) is None
    async with heart(places[:1], Vitals(clock), seconds=3600):
        assert ailment(places[:1], clock=clock) == "The bot is not running here."


async def test_what_an_earlier_bot_left_does_not_hide_this_one(
    tmp_path: Path, clock: Clock
) -> None:
    killed, alive = tmp_path / "killed", tmp_path / "alive"
    async with heart([killed], Vitals(clock), seconds=3600):
        clock.now += 1000
        async with heart([alive], Vitals(clock), seconds=3600):
            assert ailment([killed, alive], clock=clock) is None


async def test_it_is_tried_sooner_after_a_failure(clock: Clock) -> None:
    vitals = Vitals(clock)
    pauses: list[tuple[float, str]] = []
    outcomes: Iterator[Exception | None] = iter([None, OSError("disk full"), OSError(), None])

    async def test() -> None:
        if error := next(outcomes):
            raise error

    async def sleep(seconds: float) -> None:
        pauses.append((seconds, vitals.database.problem))
        if len(pauses) == 4:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_testing(vitals.database, test, every=40, again=10, sleep=sleep)
    assert pauses == [(40, ""), (10, "disk full"), (10, "OSError"), (40, "")]


def test_two_bots_have_two_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/gone")
    first, second = (
        heartbeat_files(url)
        for url in ("sqlite+aiosqlite:///data/a.db", "postgresql+asyncpg://me:secret@host/a")
    )
    assert first[0] == Path("data/a.db-heartbeat")
    assert [file.parent for file in second] == [Path("/gone"), Path("data")]
    assert not {*first} & {*second}
    assert "secret" not in str(second)
