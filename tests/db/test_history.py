from datetime import UTC, datetime

from sqlalchemy import delete

from db import Database, favorites, history, ratings
from db.history import HistoryPage
from db.models import Generation
from tests.db.rows import OTHER_USER, USER, add_answer, add_version

NOW = datetime(2026, 1, 31, tzinfo=UTC)
GROUP = -100


def names(page: HistoryPage) -> list[str]:
    return [each.generation.name for each in page.names]


async def fill(database: Database, *shown: str, chat_id: int | None = None) -> list[int]:
    async with database.begin() as session:
        version = await add_version(session, repr(shown).encode())
        return [
            (await add_answer(session, name, chat_id=chat_id, version_id=version.id))[0].id
            for name in shown
        ]


async def test_newest_first_with_the_persons_own_opinion(database: Database) -> None:
    first, second, third = await fill(database, "Анна", "Инна", "Жанна")
    async with database.begin() as session:
        await add_answer(session, "Фома", user_id=OTHER_USER)
        await ratings.put(session, USER, first, -1)
        await ratings.put(session, OTHER_USER, second, 1)
        await favorites.put(session, USER, third, kept=True)
        await favorites.put(session, OTHER_USER, first, kept=True)
        page = await history.page(session, USER, limit=10)
    assert [(each.generation.name, each.rating, each.kept) for each in page.names] == [
        ("Жанна", None, True),
        ("Инна", None, False),
        ("Анна", -1, False),
    ]
    assert (page.newer, page.older) == (False, False)


async def test_there_and_back(database: Database) -> None:
    ids = await fill(database, *"АБВГД")
    async with database.begin() as session:
        page = await history.page(session, USER, limit=2)
        assert (names(page), page.newer, page.older) == (["Д", "Г"], False, True)
        page = await history.page(session, USER, limit=2, before=ids[3])
        assert (names(page), page.newer, page.older) == (["В", "Б"], True, True)
        page = await history.page(session, USER, limit=2, before=ids[1])
        assert (names(page), page.newer, page.older) == (["А"], True, False)
        page = await history.page(session, USER, limit=2, after=ids[0])
        assert (names(page), page.newer, page.older) == (["В", "Б"], True, True)
        # Too few are newer than Г: a whole page of the newest instead.
        page = await history.page(session, USER, limit=2, after=ids[3])
        assert (names(page), page.newer, page.older) == (["Д", "Г"], False, True)


async def test_new_names_do_not_move_what_is_older(database: Database) -> None:
    ids = await fill(database, *"АБВ")
    await fill(database, *"ГД")
    async with database.begin() as session:
        page = await history.page(session, USER, limit=2, before=ids[2])
    assert (names(page), page.newer, page.older) == (["Б", "А"], True, False)


async def test_names_that_are_gone_do_not_break_it(database: Database) -> None:
    ids = await fill(database, *"АБВГ")
    async with database.begin() as session:
        await session.execute(delete(Generation).where(Generation.id.in_(ids[:2])))
        page = await history.page(session, USER, limit=2, before=ids[1])
        assert (names(page), page.newer, page.older) == (["Г", "В"], False, False)
        page = await history.page(session, USER, limit=2, after=ids[0])
        assert (names(page), page.newer, page.older) == (["Г", "В"], False, False)
        page = await history.page(session, OTHER_USER, limit=2, before=ids[1])
        assert page == HistoryPage([], newer=False, older=False)


async def test_what_was_shown_in_one_chat(database: Database) -> None:
    await fill(database, "Тайна", chat_id=USER)
    ids = await fill(database, *"АБВ", chat_id=GROUP)
    await fill(database, "Тайна", chat_id=USER)
    async with database.begin() as session:
        page = await history.page(session, USER, limit=2, chat_id=GROUP)
        assert (names(page), page.newer, page.older) == (["В", "Б"], False, True)
        page = await history.page(session, USER, limit=2, chat_id=GROUP, before=ids[1])
        assert (names(page), page.newer, page.older) == (["А"], True, False)
