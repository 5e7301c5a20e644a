"""Rows that the tests need before their subject begins."""

import hashlib

from db import AsyncSession, generations, model_versions, users
from db.generations import NewGeneration
from db.models import Generation, ModelVersion, NameStatus

USER = 7_000_000_001  # does not fit 32 bits, as Telegram's do not
OTHER_USER = 7_000_000_002


async def add_version(
    session: AsyncSession, weights: bytes = b"weights", parent_id: int | None = None
) -> ModelVersion:
    return await model_versions.add(
        session,
        source="file",
        weights=weights,
        sha256=hashlib.sha256(weights).hexdigest(),
        metrics={"nats_per_symbol": 1.5},
        parent_id=parent_id,
    )


async def add_answer(
    session: AsyncSession,
    *names: str,
    user_id: int = USER,
    chat_id: int | None = None,
    prefix: str = "",
    novel: bool = True,
    version_id: int | None = None,
) -> list[Generation]:
    """An answer with these names to a user who is remembered for it."""
    await users.remember(session, user_id, "ru")
    if version_id is None:
        version_id = (await add_version(session)).id
    status: NameStatus = "novel" if novel else "known"
    return await generations.add(
        session,
        user_id=user_id,
        chat_id=chat_id,
        model_version_id=version_id,
        names=[
            NewGeneration(name, "given", "f", "russian", status, log_prob=-9.5) for name in names
        ],
        prefix=prefix,
        temperature=0.8,
    )
