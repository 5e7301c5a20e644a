"""Which model serves after a start, an upgrade of the shipped file, a retrain, a rollback."""

from pathlib import Path

import pytest

from bot import model_store
from db import Database, model_versions, training_runs
from db.model_versions import UnknownModelVersion
from ml.errors import ModelFileError
from ml.models.checkpoint import model_bytes
from ml.writing.generator import NameGenerator
from tests.tiny_model import tiny_model


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    path = tmp_path / "shipped.safetensors"
    ship(path, model_bytes(tiny_model(1)))
    return path


def ship(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def current_id(database: Database) -> int:
    async with database.read() as session:
        current = await model_versions.current(session)
    assert current is not None
    return current.id


async def store(database: Database, weights: bytes, base: int) -> int:
    """Store a retrained version, which is then current."""
    async with database.begin() as session:
        run = await training_runs.start(
            session, requested_by=1, base_version_id=base, ratings_count=2, seed=0
        )
        sha256 = model_store.sha256(weights)
        return (await training_runs.succeed(session, run.id, weights, sha256, {})).id


async def test_the_first_file_becomes_the_current_version(
    database: Database, shipped: Path
) -> None:
    model, version = await model_store.open_current(database, shipped)

    assert version == await current_id(database)
    assert model_bytes(model) == model_bytes(tiny_model(1))


async def test_the_same_file_is_registered_once(database: Database, shipped: Path) -> None:
    _, first = await model_store.open_current(database, shipped)

    assert (await model_store.open_current(database, shipped))[1] == first


async def test_a_new_file_replaces_an_old_one_and_can_be_rolled_back(
    database: Database, shipped: Path
) -> None:
    _, first = await model_store.open_current(database, shipped)
    ship(shipped, model_bytes(tiny_model(2)))
    _, second = await model_store.open_current(database, shipped)
    assert await current_id(database) == second != first

    generator = NameGenerator(tiny_model(2), second)
    await model_store.rollback(database, generator, None)
    assert await current_id(database) == generator.version == first


async def test_a_file_does_not_replace_a_retrained_version(
    database: Database, shipped: Path
) -> None:
    _, first = await model_store.open_current(database, shipped)
    retrained = await store(database, model_bytes(tiny_model(3)), first)
    ship(shipped, model_bytes(tiny_model(2)))
    model, serving = await model_store.open_current(database, shipped)

    assert serving == retrained != first
    assert model_bytes(model) == model_bytes(tiny_model(3))
    async with database.read() as session:
        versions = await model_versions.list_statistics(session)
    assert [stored.version.source for stored in versions] == ["file", "retrain", "file"]


@pytest.mark.parametrize("content", [b"", b"not a model", model_bytes(tiny_model(1))[:-20]])
async def test_a_damaged_file_is_one_sentence_and_changes_nothing(
    database: Database, shipped: Path, content: bytes
) -> None:
    _, first = await model_store.open_current(database, shipped)
    ship(shipped, content)
    with pytest.raises(ModelFileError, match=r"shipped\.safetensors: .+"):
        await model_store.open_current(database, shipped)

    assert await current_id(database) == first


async def test_a_missing_file_is_one_sentence(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="nowhere"):
        await model_store.open_current(database, tmp_path / "nowhere")


async def test_rollback_to_a_given_version_and_forth(database: Database, shipped: Path) -> None:
    _, first = await model_store.open_current(database, shipped)
    second = await store(database, model_bytes(tiny_model(2)), first)
    third = await store(database, model_bytes(tiny_model(3)), second)
    generator = NameGenerator(tiny_model(3), third)

    for target in (first, third):
        activated = await model_store.rollback(database, generator, target)
        assert activated.id == generator.version == await current_id(database) == target


async def test_rollback_stops_at_the_first_version(database: Database, shipped: Path) -> None:
    _, first = await model_store.open_current(database, shipped)
    generator = NameGenerator(tiny_model(1), first)
    with pytest.raises(model_store.NothingToRollBackTo):
        await model_store.rollback(database, generator, None)

    assert generator.version == await current_id(database) == first


@pytest.mark.parametrize("target", [99, 0, -1])
async def test_rollback_to_an_unknown_version(
    database: Database, shipped: Path, target: int
) -> None:
    _, first = await model_store.open_current(database, shipped)
    generator = NameGenerator(tiny_model(1), first)
    with pytest.raises(UnknownModelVersion):
        await model_store.rollback(database, generator, target)

    assert generator.version == await current_id(database) == first


async def test_a_damaged_version_cannot_be_rolled_back_to(
    database: Database, shipped: Path
) -> None:
    _, first = await model_store.open_current(database, shipped)
    damaged = await store(database, b"damaged", first)
    good = await store(database, model_bytes(tiny_model(2)), damaged)
    generator = NameGenerator(tiny_model(2), good)
    with pytest.raises(ModelFileError, match=f"version {damaged} in the database"):
        await model_store.rollback(database, generator, None)

    assert generator.version == await current_id(database) == good
