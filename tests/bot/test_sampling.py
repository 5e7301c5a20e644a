import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle

import pytest

from bot.sampling import Sampling
from ml.errors import ImpossiblePrefix
from ml.models.model import NameModel
from ml.writing.generator import Answer, NameGenerator, NameRequest, SampledName
from tests.tiny_model import tiny_model

ANY = NameRequest()
PREFIX = NameRequest(prefix="Ев")


@pytest.fixture(scope="module")
def model() -> NameModel:
    return tiny_model()


class Noted(NameGenerator):
    """Notes what it is asked to write, and with `hold` writes ahead only when it may."""

    def __init__(self, model: NameModel) -> None:
        super().__init__(model)
        self.noted: list[str] = []
        self.may_write = threading.Semaphore(10**6)
        self._numbers = iter(range(10**6))

    def hold(self) -> None:
        self.may_write = threading.Semaphore(0)

    def stream(
        self, request: NameRequest, batch: int, *, seed: int | None = None
    ) -> Iterator[Answer]:
        while True:
            self.noted.append("batch")
            self.may_write.acquire()
            yield Answer(
                [SampledName(str(next(self._numbers)), "f", "novel", -1.0) for _ in range(batch)],
                self.version,
            )

    def generate(self, request: NameRequest, *, seed: int | None = None) -> Answer:
        self.noted.append(request.prefix or "direct")
        return super().generate(request, seed=seed)


async def test_names_written_ahead_are_there_without_the_network(model: NameModel) -> None:
    generator = Noted(model)
    with closing(Sampling(generator)) as sampling:
        first = await sampling.names(ANY)
        await sampling.ask(lambda: None)  # after the first batch
        assert generator.noted[:2] == ["direct", "batch"]
        generator.hold()
        answers = [await sampling.names(ANY) for _ in range(20)]
        generator.may_write.release(10**6)
    assert len({name.name for answer in (first, *answers) for name in answer.names}) == 21
    assert "direct" not in generator.noted[1:]


async def test_a_prefix_waits_for_one_batch_at_most(model: NameModel) -> None:
    generator = Noted(model)
    generator.hold()
    with closing(Sampling(generator)) as sampling:
        sampling.write_ahead()
        asked = asyncio.create_task(sampling.names(PREFIX))
        await asyncio.sleep(0)
        generator.may_write.release(10**6)
        await asked
        await sampling.ask(lambda: None)  # after the second batch
    assert generator.noted[:3] == ["batch", "Ев", "batch"]


async def test_there_is_a_choice_of_what_was_written_ahead(model: NameModel) -> None:
    generator = Noted(model)
    with closing(Sampling(generator)) as sampling:
        assert await sampling.candidates(ANY) is None
        await sampling.ask(lambda: None)  # after the first batch
        generator.hold()
        answers = [await sampling.candidates(ANY) for _ in range(2)]
        generator.may_write.release(10**6)
    first, second = ([name.name for name in answer.names] for answer in answers if answer)
    assert len(set(first)) == len(set(second)) == 64
    assert "direct" not in generator.noted


async def test_there_is_a_choice_after_a_prefix_as_long_as_nobody_waits(model: NameModel) -> None:
    generator = Noted(model)
    with closing(Sampling(generator)) as sampling:
        answers = await asyncio.gather(*(sampling.candidates(PREFIX) for _ in range(9)))
        assert len([answer for answer in answers if answer]) == 3
        with pytest.raises(ImpossiblePrefix):
            await sampling.candidates(NameRequest(prefix="Ev"))
    for answer in answers:
        assert answer is None or len({name.name for name in answer.names}) > 1


async def test_a_crowd_gets_names_written_together(model: NameModel) -> None:
    generator = Noted(model)
    with closing(Sampling(generator)) as sampling:
        answers = await asyncio.gather(*(sampling.names(ANY) for _ in range(200)))
    assert len({answer.names[0].name for answer in answers}) > 150
    assert generator.noted.count("direct") < 20


async def test_a_crowd_with_prefixes_waits_for_no_more(model: NameModel) -> None:
    generator = Noted(model)
    with closing(Sampling(generator)) as sampling:
        await asyncio.gather(*(sampling.names(PREFIX) for _ in range(20)))
    assert generator.noted[:20] == ["Ев"] * 20


async def test_it_says_that_no_name_begins_so_and_goes_on(model: NameModel) -> None:
    with closing(Sampling(NameGenerator(model))) as sampling:
        with pytest.raises(ImpossiblePrefix):
            await sampling.names(NameRequest(prefix="Ev"))
        assert (await sampling.names(PREFIX)).names


async def test_it_is_closed_while_it_writes_ahead(model: NameModel) -> None:
    sampling = Sampling(Noted(model))
    sampling.write_ahead()
    await asyncio.to_thread(sampling.close)


async def test_a_former_version_writes_its_share(model: NameModel) -> None:
    """Each answer is by a throw of its own, whatever is asked for."""
    throws = cycle([0.1, 0.15, 0.9, 0.0])
    with closing(Sampling(NameGenerator(model, 2), dice=lambda: next(throws))) as sampling:
        assert sampling.former is None
        sampling.share_with(NameGenerator(tiny_model(1), 1), 0.15)
        assert sampling.former == 1
        for request in (ANY, PREFIX, NameRequest(count=5), NameRequest(novel_only=True)):
            versions = [(await sampling.names(request)).version for _ in range(4)]
            assert versions == [1, 2, 2, 1]
        sampling.share_with_nobody()
        assert sampling.former is None
        assert {(await sampling.names(ANY)).version for _ in range(4)} == {2}


async def test_both_versions_write_ahead(model: NameModel) -> None:
    serving, former = Noted(model), Noted(model)
    throws = cycle([0.0, 1.0])
    with closing(Sampling(serving, dice=lambda: next(throws))) as sampling:
        sampling.share_with(former, 0.5)
        for _ in range(20):
            await sampling.ask(lambda: None)  # after one more batch
        for _ in range(20):
            await sampling.names(ANY)
    assert "direct" not in serving.noted + former.noted
    assert "batch" in serving.noted
    assert "batch" in former.noted


async def test_the_share_ends_when_another_model_is_swapped_in(model: NameModel) -> None:
    """Whoever was the former one then is not what the new one has to be compared with."""
    generator = NameGenerator(model, 2)
    with closing(Sampling(generator, dice=lambda: 0.0)) as sampling:
        sampling.share_with(NameGenerator(tiny_model(1), 1), 0.15)
        assert (await sampling.names(ANY)).version == 1
        generator.swap(tiny_model(3), 3)
        assert (await sampling.names(ANY)).version == 3
        assert sampling.former is None
