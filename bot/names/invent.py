"""The journey of a name: a request becomes names of the network and rows of the database."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

from bot.context import Services
from bot.names.request import Again, NameQuery
from bot.names.seen import REMEMBERED_NAMES, Seen
from db import AsyncSession, Database, generations, users
from db.models import Choice, Generation
from ml.names.records import ORIGINS, Kind, Origin
from ml.taste.personal import PersonalTaste
from ml.writing.generator import NameRequest, SampledName, SamplingSettings

# Names with how each was chosen, and the version that wrote them.
_Drawn: TypeAlias = tuple[list[tuple[SampledName, Choice]], int]

# To store an answer while others are stored for the same person; the last one takes no heed.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Asker:
    """The person who asks: a Telegram user id, the language code of their Telegram, the chat."""

    user_id: int
    language_code: str | None
    chat_id: int


def request_for(query: NameQuery) -> NameRequest:
    """The request to the network for what a person wrote."""
    return NameRequest(
        prefix=query.prefix,
        gender=query.gender,
        kind=query.kind,
        count=query.count,
        novel_only=query.novel_only,
    )


async def invent(services: Services, asker: Asker, request: NameRequest) -> list[Generation]:
    """Names for a person, stored before they are returned; 1 to ``request.count``.

    Raises:
        IndecentPrefix: what begins so is not shown.
        ImpossibleRequest: no name of the current model begins with the prefix.
        ValueError: the request leaves the origin open, which its rows could not say.
    """
    if request.origin is None:
        raise ValueError("names to be stored need an origin")
    memory, user_id = services.seen, asker.user_id
    for tries_left in reversed(range(_TRIES)):
        seen = memory.of(user_id, asker.language_code) or await _recall(services, asker)
        drawn, version = await _draw(
            services, user_id, replace(request, exclude=frozenset(seen.names))
        )
        names = [
            generations.NewGeneration(
                name=sampled.name,
                kind=request.kind,
                gender=sampled.gender,
                origin=request.origin,
                status=sampled.status,
                log_prob=sampled.log_prob,
                chosen=chosen,
            )
            for sampled, chosen in drawn
        ]
        after = seen.latest if len(names) == 1 and tries_left else None
        stored = await _store(services.database, asker, request, version, names, after)
        if stored:
            break
        memory.forget(user_id)
    memory.add(user_id, (generation.name for generation in stored), stored[-1].id)
    return stored


async def _draw(services: Services, user_id: int, request: NameRequest) -> _Drawn:
    """Names for a request, chosen by the person's taste where that is known and there is a choice.

    Ratings of surnames and patronymics are no taste yet.
    """
    taste = await services.tastes.of(user_id) if request.kind == "given" else None
    if taste and (drawn := await _choose(services, taste, request)):
        return drawn
    answer = await services.sampling.names(request)
    return [(sampled, "model") for sampled in answer.names], answer.version


async def _choose(services: Services, taste: PersonalTaste, request: NameRequest) -> _Drawn | None:
    exclude = request.exclude | frozenset(taste.names)
    answer = await services.sampling.candidates(replace(request, exclude=exclude))
    if answer is None:
        return None
    names = [sampled.name for sampled in answer.names]
    picked = await asyncio.to_thread(taste.choose, names, request.count, services.tastes.rng())
    return [
        (answer.names[pick.place], "taste" if pick.by_taste else "model") for pick in picked
    ], answer.version


async def _recall(services: Services, asker: Asker) -> Seen:
    """Note that the person is here, and what they saw last."""
    async with services.database.begin() as session:
        await users.remember(session, asker.user_id, asker.language_code)
        latest = await generations.latest_id(session, asker.user_id)
        names = await generations.recent_names(session, asker.user_id, REMEMBERED_NAMES)
    seen = Seen(tuple(names), latest)
    services.seen.note(asker.user_id, asker.language_code, seen)
    return seen


async def _store(
    database: Database,
    asker: Asker,
    request: NameRequest,
    version: int,
    names: list[generations.NewGeneration],
    after: int | None,
) -> list[Generation]:
    """The rows of an answer; with ``after`` none if the person is unknown, or saw others since."""
    async with database.begin() if after is None else database.begin_alone() as session:
        if after is None:
            await users.remember(session, asker.user_id, asker.language_code)
        return await generations.add(
            session,
            user_id=asker.user_id,
            chat_id=asker.chat_id,
            model_version_id=version,
            names=names,
            prefix=request.prefix,
            requested_gender=request.gender,
            temperature=request.settings.temperature,
            top_k=request.settings.top_k,
            top_p=request.settings.top_p,
            novel_only=request.novel_only,
            after=after,
        )


async def repeat_request(
    services: Services,
    generation_id: int,
    may_ask: Callable[[Generation], bool],
    origin: Origin | Literal["other"] | None = None,
) -> NameRequest | None:
    """The request that once gave this generation, as «Ещё» needs it.

    None if that is gone, or if ``may_ask`` says that whoever asks was not shown it.
    ``origin`` asks for names of that origin instead; "other" is of when there were two.
    """
    async with services.database.read() as session:
        shown = await generations.get(session, generation_id)
        if shown is None or not may_ask(shown):
            return None
        request = await _request_of(session, shown)
    if origin == "other":
        origin = "peoples" if request.origin == "russian" else "russian"
    return replace(request, origin=origin) if origin else request


async def again_request(services: Services, user_id: int, again: Again) -> NameRequest:
    """What a person asked for last, with the changes that they wish; any name, if for nothing."""
    async with services.database.read() as session:
        shown = await generations.latest(session, user_id)
        last = await _request_of(session, shown) if shown else NameRequest()
    if again.kind not in (None, last.kind):
        last = NameRequest(kind=again.kind or "given")
    return replace(
        last,
        prefix=last.prefix if again.prefix is None else again.prefix,
        gender=again.gender or last.gender,
        count=again.count or last.count,
        novel_only=again.novel_only or last.novel_only,
    )


async def _request_of(session: AsyncSession, shown: Generation) -> NameRequest:
    return NameRequest(
        prefix=shown.prefix,
        gender=shown.requested_gender,
        kind=cast("Kind", shown.kind),
        origin=shown_origin(shown),
        count=len(await generations.of_answer(session, shown.answer_id)),
        novel_only=shown.novel_only,
        settings=SamplingSettings(shown.temperature, shown.top_k, shown.top_p),
    )


def shown_origin(shown: Generation) -> Origin:
    """The origin of a name that was shown."""
    return shown.origin if shown.origin in ORIGINS else "russian"


def origin_elsewhere(origin: Origin, offered: Collection[Origin] = ORIGINS) -> Origin:
    """Where the button beside «Ещё» leads from names of this origin: in turn through all."""
    after = ORIGINS.index(origin) + 1
    return next(other for other in (*ORIGINS[after:], *ORIGINS) if other in offered)
