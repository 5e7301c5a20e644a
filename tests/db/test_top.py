from db import AsyncSession, Database, ratings, top, users
from db.models import RatingValue
from db.ratings import RatingCounts
from tests.db.rows import USER, add_answer, add_version

GROUP = -100


async def rate(session: AsyncSession, generation_id: int, *values: RatingValue) -> None:
    """Ratings of so many people."""
    for number, value in enumerate(values):
        await users.remember(session, USER + number, None)
        await ratings.put(session, USER + number, generation_id, value)


async def votes(
    database: Database, *, limit: int = 10, chat_id: int | None = None
) -> dict[str, RatingCounts]:
    async with database.read() as session:
        found = await top.liked_names(session, limit=limit, chat_id=chat_id)
    assert len({each.name for each in found}) == len(found)
    return {each.name: each.votes for each in found}


async def test_shown_again_it_is_the_same_name_and_yo_is_ye(database: Database) -> None:
    async with database.begin() as session:
        version = await add_version(session)
        shown = await add_answer(session, "Семен", "Семён", "Ёлка", "Елка", version_id=version.id)
        await rate(session, shown[0].id, 1)
        await rate(session, shown[1].id, 1, 1, -1)
        await rate(session, shown[2].id, 1)
        await rate(session, shown[3].id, -1, 1, 1)
    # The first person gave Елка both thumbs; nobody counts twice for one.
    assert await votes(database) == {"Семён": RatingCounts(2, 1), "Елка": RatingCounts(3, 1)}


async def test_gender_and_kind_tell_names_apart(database: Database) -> None:
    async with database.begin() as session:
        version = await add_version(session)
        shown = await add_answer(session, "Саша", "Саша", "Саша", "Саша", version_id=version.id)
        shown[1].gender, shown[2].gender, shown[3].kind = "m", None, "surname"
        for each in shown:
            await rate(session, each.id, 1)
    async with database.read() as session:
        found = await top.liked_names(session, limit=10)
    assert {(each.kind, each.gender) for each in found} == {
        ("given", "f"),
        ("given", "m"),
        ("given", None),
        ("surname", "f"),
    }


async def test_who_is_disliked_as_much_is_no_candidate(database: Database) -> None:
    async with database.begin() as session:
        version = await add_version(session)
        even, worse, better, _unrated = await add_answer(session, *"АБВГ", version_id=version.id)
        await rate(session, even.id, 1, -1)
        await rate(session, worse.id, -1)
        await rate(session, better.id, 1, 1, -1)
    assert await votes(database) == {"В": RatingCounts(2, 1)}


async def test_one_chat(database: Database) -> None:
    async with database.begin() as session:
        version = await add_version(session)
        [here] = await add_answer(session, "Анна", chat_id=GROUP, version_id=version.id)
        [there] = await add_answer(session, "Анна", chat_id=USER, version_id=version.id)
        [inline] = await add_answer(session, "Инна", chat_id=0, version_id=version.id)
        for each in (here, there, inline):
            await rate(session, each.id, 1)
        await rate(session, there.id, 1, 1)
    assert await votes(database, chat_id=GROUP) == {"Анна": RatingCounts(1, 0)}
    assert await votes(database) == {"Анна": RatingCounts(2, 0), "Инна": RatingCounts(1, 0)}
    assert await votes(database, chat_id=-7) == {}


async def test_of_equals_there_are_not_more_than_wanted(database: Database) -> None:
    async with database.begin() as session:
        version = await add_version(session)
        shown = await add_answer(session, *"АБВГД", version_id=version.id)
        for each in shown:
            await rate(session, each.id, 1)
        await rate(session, shown[4].id, 1, 1)
    assert await votes(database, limit=2) == {
        "А": RatingCounts(1, 0),
        "Б": RatingCounts(1, 0),
        "Д": RatingCounts(2, 0),
    }
