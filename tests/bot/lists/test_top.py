"""Which names come first, and how often they are counted."""

import asyncio

from bot.lists.top import LENGTH, TopNames, ranked
from db import Database, ratings, users
from db.ratings import RatingCounts
from db.top import LikedName
from tests.db.rows import USER, add_answer, add_version


def liked(name: str, likes: int, dislikes: int) -> LikedName:
    return LikedName(name, "given", "f", RatingCounts(likes, dislikes))


def test_many_votes_say_more_than_one() -> None:
    names = [liked("Один", 1, 0), liked("Девять", 9, 1), liked("Половина", 51, 50)]
    assert [each.name for each in ranked(names)] == ["Девять", "Половина", "Один"]
    assert ranked(names[::-1]) == ranked(names)


def test_of_equals_the_alphabet_decides_and_there_are_not_too_many() -> None:
    names = [liked(letter * 3, 2, 1) for letter in "нмлкизжедгвба"]
    assert [each.name[0] for each in ranked(names)] == list("абвгдежзик")
    assert len(ranked(names)) == LENGTH


def test_what_has_become_indecent_is_left_out() -> None:
    assert ranked([liked("Хуй", 100, 0), liked("Анна", 1, 0)]) == [liked("Анна", 1, 0)]


async def like(database: Database, name: str) -> int:
    """Have two people like a name; returns its generation's id."""
    async with database.begin() as session:
        version = await add_version(session, name.encode())
        [shown] = await add_answer(session, name, version_id=version.id)
        for user_id in (USER, USER + 1):
            await users.remember(session, user_id, None)
            await ratings.put(session, user_id, shown.id, 1)
        return shown.id


async def names(top: TopNames, database: Database) -> list[str]:
    return [each.name for each in await top.of_all_chats(database)]


async def test_every_vote_counts_at_once(database: Database) -> None:
    top = TopNames(clock=lambda: 0.0)
    anna = await like(database, "Анна")
    assert await names(top, database) == ["Анна"]
    await like(database, "Инна")
    assert await names(top, database) == ["Анна", "Инна"]
    async with database.begin() as session:
        await ratings.put(session, USER, anna, None)
        await ratings.put(session, USER + 1, anna, -1)
    assert await names(top, database) == ["Инна"]


async def test_very_many_votes_are_counted_once_a_minute(database: Database) -> None:
    now = 1000.0
    top = TopNames(clock=lambda: now, many=1)
    await like(database, "Анна")
    assert await names(top, database) == ["Анна"]
    await like(database, "Инна")
    now += 59
    asked = await asyncio.gather(*(names(top, database) for _ in range(3)))
    assert asked == [["Анна"]] * 3
    now += 1
    assert await names(top, database) == ["Анна", "Инна"]
