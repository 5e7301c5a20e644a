"""A new model against the former one: how sure is it which is better, and what is done about it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import beta
from sqlalchemy import delete

from bot import model_store
from bot.retrain.retrainer import Retrainer
from bot.retrain.trial import ENOUGH, Standing, Trials, probability_better, standing
from bot.sampling import Sampling
from db import Database, model_versions, ratings, training_runs
from db.models import ModelWeights, RatingValue
from db.ratings import RatingCounts
from db.trials import Trial
from ml.models.checkpoint import model_bytes
from ml.writing.generator import NameGenerator, NameRequest
from tests.bot.retrain import children
from tests.db.rows import USER, add_answer
from tests.tiny_model import tiny_model, write_tiny_model

COUNTS = st.builds(RatingCounts, st.integers(0, 3000), st.integers(0, 3000))


# How sure it is.


@given(COUNTS, COUNTS)
def test_one_of_two_is_better(one: RatingCounts, other: RatingCounts) -> None:
    assert probability_better(one, other) + probability_better(other, one) == pytest.approx(1)
    assert probability_better(one, one) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("new", "former"),
    [
        ((0, 0), (0, 0)),
        ((1, 0), (0, 0)),
        ((0, 9), (9, 0)),
        ((60, 40), (10, 8)),
        ((150, 133), (20, 30)),
        ((700, 1567), (150, 250)),
        ((2267, 0), (400, 0)),
        ((0, 2267), (0, 400)),
    ],
)
def test_the_probability_is_the_integral(new: tuple[int, int], former: tuple[int, int]) -> None:
    ours, theirs = beta(1 + new[0], 1 + new[1]), beta(1 + former[0], 1 + former[1])
    middle = ours.mean()
    integral, _ = quad(
        lambda share: ours.pdf(share) * theirs.cdf(share), 0, 1, points=[middle], limit=200
    )
    assert probability_better(RatingCounts(*new), RatingCounts(*former)) == pytest.approx(
        integral, abs=1e-6
    )


@pytest.mark.parametrize(
    ("new", "former", "expected"),
    [
        ((0, 49), (49, 0), Standing.OPEN),  # too few of either
        ((0, 400), (49, 0), Standing.OPEN),
        ((0, 50), (50, 0), Standing.WORSE),
        ((50, 0), (0, 50), Standing.BETTER),
        ((150, 150), (25, 25), Standing.OPEN),
        ((1133, 1134), (200, 200), Standing.ALIKE),
        ((1000, 1267), (200, 200), Standing.WORSE),
    ],
)
def test_how_a_trial_stands(
    new: tuple[int, int], former: tuple[int, int], expected: Standing
) -> None:
    trial = Trial(2, 1, datetime(2026, 1, 1, tzinfo=UTC), RatingCounts(*new), RatingCounts(*former))
    assert standing(trial) is expected


# What is done about it.


@dataclass
class Bot:
    """What surrounds a trial, as `bot.lifecycle` makes it; every second name is the former's."""

    database: Database
    generator: NameGenerator
    sampling: Sampling
    retrainer: Retrainer
    trials: Trials
    first: int

    async def learn(self, seed: int) -> int:
        """A retrain that is accepted; its version."""
        weights = model_bytes(model := tiny_model(seed))
        async with self.database.begin() as session:
            run = await training_runs.start(
                session,
                requested_by=USER,
                base_version_id=self.generator.version,
                ratings_count=9,
                seed=1,
            )
            version = await training_runs.succeed(
                session, run.id, weights, model_store.sha256(weights), {}
            )
        self.generator.swap(model, version.id)
        return version.id

    async def rate(self, version: int, value: RatingValue, times: int = ENOUGH) -> None:
        async with self.database.begin() as session:
            for _ in range(times):
                [shown] = await add_answer(session, "Нил", version_id=version)
                await ratings.put(session, USER, shown.id, value)

    async def decide(self, new: int, former: int, liked: Literal["new", "former"]) -> None:
        """Show names of both until the trial is decided."""
        await self.rate(new, -1, times=1)
        await self.rate(former, 1 if liked == "former" else -1)
        await self.rate(new, 1 if liked == "new" else -1)
        await self.rate(former, -1, times=1)

    async def writers(self) -> set[int]:
        return {(await self.sampling.names(NameRequest())).version for _ in range(4)}

    async def current(self) -> int:
        async with self.database.read() as session:
            version = await model_versions.current(session)
        assert version is not None
        return version.id


@pytest.fixture
async def bot(database: Database, tmp_path: Path) -> AsyncIterator[Bot]:
    path = write_tiny_model(tmp_path / "first.safetensors")
    generator = NameGenerator(*await model_store.open_current(database, path))
    throws = iter([0.0, 1.0] * 1000)
    sampling = Sampling(generator, dice=lambda: next(throws))
    retrainer = Retrainer(
        database,
        generator,
        min_ratings=4,
        command=children.waiting(tmp_path),
        scratch_root=tmp_path,
    )
    trials = Trials(database, generator, sampling, retrainer, 0.5)
    yield Bot(database, generator, sampling, retrainer, trials, generator.version)
    await retrainer.close(5)
    sampling.close()


async def test_a_file_is_on_trial_against_nobody(bot: Bot) -> None:
    assert await bot.trials.look() is None
    assert await bot.writers() == {bot.first}


async def test_the_former_version_goes_on_writing_a_share(bot: Bot) -> None:
    new = await bot.learn(2)
    assert await bot.trials.look() is None
    assert await bot.writers() == {new, bot.first}
    newer = await bot.learn(3)
    assert await bot.writers() == {newer}
    assert await bot.trials.look() is None
    assert await bot.writers() == {newer, new}


async def test_the_share_ends_when_the_new_one_is_better(bot: Bot) -> None:
    new = await bot.learn(2)
    await bot.trials.look()
    await bot.decide(new, bot.first, "new")
    assert await bot.trials.look() is None
    assert await bot.writers() == {new}
    assert await bot.current() == new


async def test_the_former_one_returns_when_the_new_one_is_worse(bot: Bot) -> None:
    new = await bot.learn(2)
    await bot.trials.look()
    await bot.decide(new, bot.first, "former")
    ended = await bot.trials.look()
    assert ended is not None
    assert (ended.new, ended.former) == (new, bot.first)
    assert await bot.writers() == {bot.first}
    assert bot.generator.version == await bot.current() == bot.first
    # That is the end of it.
    assert await bot.trials.look() is None
    assert await bot.writers() == {bot.first}


async def test_nothing_is_swapped_that_a_run_may_be_learning_from(bot: Bot) -> None:
    new = await bot.learn(2)
    await bot.decide(new, bot.first, "former")

    async def told(_: object) -> bool:
        return True

    await bot.retrainer.start(USER, lambda _: None, told)
    assert await bot.trials.look() is None
    assert await bot.writers() == {new}
    bot.retrainer.cancel()
    await bot.retrainer.close(5)
    assert await bot.trials.look() is not None
    assert await bot.writers() == {bot.first}


@pytest.mark.parametrize("decided", [False, True])
async def test_without_the_weights_of_the_former_version_there_is_no_share(
    bot: Bot, decided: bool, caplog: pytest.LogCaptureFixture
) -> None:
    new = await bot.learn(2)
    if decided:
        await bot.decide(new, bot.first, "former")
    async with bot.database.begin() as session:
        await session.execute(delete(ModelWeights).where(ModelWeights.version_id == bot.first))
    for _ in range(2):
        assert await bot.trials.look() is None
        assert await bot.writers() == {new}
    assert len([record for record in caplog.records if record.name == "bot.retrain.trial"]) == 1


async def test_an_admins_rollback_ends_the_trial(bot: Bot) -> None:
    new = await bot.learn(2)
    await bot.trials.look()
    await model_store.rollback(bot.database, bot.generator, None)
    assert await bot.writers() == {bot.first}
    assert await bot.trials.look() is None
    await model_store.rollback(bot.database, bot.generator, new)
    assert await bot.trials.look() is None
    assert await bot.writers() == {new}


async def test_there_may_be_no_share_at_all(bot: Bot) -> None:
    new = await bot.learn(2)
    trials = Trials(bot.database, bot.generator, bot.sampling, bot.retrainer, 0)
    assert await trials.look() is None
    assert await bot.writers() == {new}
