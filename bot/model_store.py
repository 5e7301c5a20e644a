"""Where models come from: the file of MODEL_PATH, and the versions in the database."""

import asyncio
import contextlib
import ctypes
import hashlib
from pathlib import Path

from db import model_versions
from db.engine import Database
from db.models import ModelVersion
from ml.errors import ModelFileError
from ml.models.checkpoint import load_model, read_model_bytes
from ml.models.model import NameModel
from ml.writing.generator import NameGenerator


class NothingToRollBackTo(LookupError):
    """The current version has no earlier one."""


async def open_current(database: Database, path: Path) -> tuple[NameModel, int]:
    """The model that is to serve, and the id of its version; the model file at `path` is stored.

    The file's version becomes the current one unless a retrained one is: what people taught the
    bot outlives a restart and an upgrade of the shipped model.

    Raises:
        ModelFileError: the file is missing or damaged, or what the database holds is.
    """
    content, model = await asyncio.to_thread(read_model_file, path)
    digest = sha256(content)
    async with database.begin() as session:
        serving = await model_versions.current(session)
        if serving is None or serving.sha256 != digest:
            replaces = serving is None or serving.source == "file"
            added = await model_versions.add(
                session,
                source="file",
                weights=content,
                sha256=digest,
                metrics=dict(model.metrics),
                parent_id=serving.id if serving is not None and replaces else None,
                make_current=replaces,
            )
            if serving is None or replaces:
                serving = added
    if serving.sha256 != digest:
        model = await load_version(database, serving.id)
    return model, serving.id


async def load_version(database: Database, version_id: int) -> NameModel:
    """The model of a version.

    Raises:
        ModelFileError: what the database holds is damaged.
        UnknownModelVersion: there is no such version.
        WeightsGone: its weights are no longer kept.
    """
    async with database.read() as session:
        content = await model_versions.weights(session, version_id)
    try:
        return await asyncio.to_thread(load_model, content)
    except ModelFileError as error:
        raise ModelFileError(f"model version {version_id} in the database: {error}") from error


async def rollback(
    database: Database, generator: NameGenerator, target: int | None
) -> ModelVersion:
    """Let the version `target` serve, or the one that the current one was made from.

    The model is loaded first: one that cannot serve leaves everything as it was. Hold the lock of
    `Retrainer.model_lock` meanwhile, as everything does that changes the model.

    Raises:
        NothingToRollBackTo: without a `target`, when the current version has no earlier one.
        UnknownModelVersion: there is no such version.
        WeightsGone: the version's weights are no longer kept.
        ModelFileError: the version is damaged.
    """
    if target is None:
        async with database.read() as session:
            previous = await model_versions.previous(session)
        if previous is None:
            raise NothingToRollBackTo("the current version has no earlier one")
        target = previous.id
    model = await load_version(database, target)
    async with database.begin() as session:
        version = await model_versions.activate(session, target)
    generator.swap(model, version.id)
    return version


def read_model_file(path: Path) -> tuple[bytes, NameModel]:
    """The bytes of a model file and the model in it; blocks for some 50 ms.

    Raises:
        ModelFileError: the file is missing or damaged.
    """
    content = read_model_bytes(path)
    return content, load_model(content, title=str(path))


def give_back_freed_memory() -> None:
    """A model's file and what it was parsed from are gone, yet glibc would keep their 25 MB."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def sha256(content: bytes) -> str:
    """The digest by which the database knows weights, hexadecimal."""
    return hashlib.sha256(content).hexdigest()
