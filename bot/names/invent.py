"""The journey of a name: a request becomes names of the network and rows of the database."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal, cast

from bot.context import Services
from bot.names.request import Again, NameQuery
from db import AsyncSession, generations, users
from db.models import Generation
from ml.names.records import ORIGINS, Kind, Origin
from ml.writing.generator import NameRequest, SamplingSettings

# How many of the names that a person saw last are avoided.
REMEMBERED_NAMES = 50


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
    async with services.database.read() as session:
        seen = await generations.recent_names(session, asker.user_id, REMEMBERED_NAMES)
    answer = await services.sampling.names(replace(request, exclude=frozenset(seen)))
    async with services.database.begin() as session:
        await users.remember(session, asker.user_id, asker.language_code)
        return await generations.add(
            session,
            user_id=asker.user_id,
            chat_id=asker.chat_id,
            model_version_id=answer.version,
            names=[
                generations.NewGeneration(
                    name=sampled.name,
                    kind=request.kind,
                    gender=sampled.gender,
                    origin=request.origin,
                    status=sampled.status,
                    log_prob=sampled.log_prob,
                )
                for sampled in answer.names
            ],
            prefix=request.prefix,
            requested_gender=request.gender,
            temperature=request.settings.temperature,
            top_k=request.settings.top_k,
            top_p=request.settings.top_p,
            novel_only=request.novel_only,
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
