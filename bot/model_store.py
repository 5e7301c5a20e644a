"""Where models come from: the file of MODEL_PATH, and the versions in the database."""

import asyncio
import hashlib
from pathlib import Path

from db import model_versions
from db.engine import Database
from db.model_versions import UnknownModelVersion
from db.models import ModelVersion
from ml.errors import ModelFileError
from ml.models.checkpoint import load_model
from ml.models.model import NameModel
from ml.writing.generator import NameGenerator


class NothingToRollBackTo(LookupError):
    """The current version has no earlier one."""


async def register_file(database: Database, path: Path) -> int:
    """Make sure that the database holds the model file at `path`, and return its version's id.

    The file's version becomes the current one unless a retrained one is: what people taught the
    bot outlives a restart and an upgrade of the shipped model.

    Raises:
        ModelFileError: the file is missing or damaged.
    """
    content, model = await asyncio.to_thread(read_model_file, path)
    async with database.begin() as session:
        current = await model_versions.current(session)
        replaced = current if current is not None and current.source == "file" else None
        version = await model_versions.add(
            session,
            source="file",
            weights=content,
            sha256=sha256(content),
            metrics=dict(model.metrics),
            parent_id=replaced.id if replaced else None,
        )
        if current is None or (replaced is not None and replaced.id != version.id):
            await model_versions.activate(session, version.id)
        return version.id


async def load_current(database: Database) -> tuple[NameModel, int]:
    """The model that serves, and the id of its version.

    Raises:
        ModelFileError: what the database holds is damaged.
        UnknownModelVersion: no version is current; `register_file` comes first.
    """
    async with database.read() as session:
        current = await model_versions.current(session)
    if current is None:
        raise UnknownModelVersion("no model version is current")
    return await load_version(database, current.id), current.id


async def load_version(database: Database, version_id: int) -> NameModel:
    """The model of a version.

    Raises:
        ModelFileError: what the database holds is damaged.
        UnknownModelVersion: there is no such version.
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
    model = load_model(path)
    try:
        return path.read_bytes(), model
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror or 'cannot be read'}") from error


def sha256(content: bytes) -> str:
    """The digest by which the database knows weights, hexadecimal."""
    return hashlib.sha256(content).hexdigest()
