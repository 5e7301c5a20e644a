import math
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ml.models.model import NameModel
from ml.names.records import fold
from ml.writing.generator import Answer, NameGenerator, NameRequest, SampledName, SamplingSettings
from ml.writing.pool import NamePool

ANY = NameRequest()


class Numbered(NameGenerator):
    """Writes numbers in place of names, each only once; with several `repeats`, so often."""

    def __init__(self, model: NameModel, repeats: int = 1) -> None:
        super().__init__(model)
        self._numbers = (str(number // repeats) for number in range(10**6))

    def stream(
        self, request: NameRequest, batch: int, *, seed: int | None = None
    ) -> Iterator[Answer]:
        version = self.version
        while True:
            numbers = [next(self._numbers) for _ in range(batch)]
            yield Answer([SampledName(n, "f", "novel", -1.0) for n in numbers], version)


def filled(generator: NameGenerator, *requests: NameRequest, size: int = 100) -> NamePool:
    pool = NamePool(generator, size=size, batch=20, seed=0)
    for request in requests:
        assert pool.take(request) is None
    while pool.fill() or pool.lacks():
        pass
    return pool


def taken(pool: NamePool, request: NameRequest = ANY) -> list[str]:
    """Everything that the pool gives for a request."""
    names = []
    while answer := pool.take(request):
        names += [name.name for name in answer.names]
    return names


def test_nothing_is_there_before_it_is_written(model: NameModel) -> None:
    pool = NamePool(NameGenerator(model))
    assert pool.take(ANY) is None
    assert pool.lacks()
    assert pool.fill()
    answer = pool.take(ANY)
    assert answer is not None
    assert len(answer.names) == 1


def test_it_is_full_at_some_point_and_is_filled_up_again_when_half_is_gone(
    model: NameModel,
) -> None:
    pool = filled(Numbered(model), size=100)
    assert not pool.lacks()
    assert not pool.fill()
    for _ in range(5):
        assert pool.take(replace(ANY, count=10))
        assert not pool.lacks()
    assert pool.take(ANY)
    assert pool.lacks()
    while pool.fill():
        pass
    assert len(taken(pool)) > 50


def test_names_are_of_the_gender_that_was_asked_for(model: NameModel) -> None:
    women, men = NameRequest(gender="f"), NameRequest(gender="m")
    pool = filled(NameGenerator(model), women, men)
    for request in (women, men):
        answer = pool.take(replace(request, count=5))
        assert answer is not None
        assert {name.gender for name in answer.names} == {request.gender}


def test_each_name_is_given_out_once(model: NameModel) -> None:
    pool = NamePool(Numbered(model), size=100, batch=20)

    def take_many() -> list[str]:
        names: list[str] = []
        while len(names) < 200:
            if answer := pool.take(ANY):
                names += [name.name for name in answer.names]
        return names

    with ThreadPoolExecutor(4) as threads:
        takers = [threads.submit(take_many) for _ in range(3)]
        while not all(taker.done() for taker in takers):
            pool.fill()
        names = [name for taker in takers for name in taker.result()]
    assert len(names) == len(set(names)) == 600


def test_an_answer_has_no_name_twice_and_none_that_was_seen(model: NameModel) -> None:
    pool = filled(Numbered(model, repeats=2))
    answer = pool.take(NameRequest(count=3, exclude=frozenset({"1", "3"})))
    assert answer is not None
    assert [name.name for name in answer.names] == ["0", "2", "4"]
    # What was passed over is nobody's any more.
    assert taken(pool)[0] == "4"


def test_too_few_are_left(model: NameModel) -> None:
    pool = filled(Numbered(model))
    assert pool.take(replace(ANY, count=1000)) is None
    assert pool.take(replace(ANY, exclude=frozenset(map(str, range(1000))))) is None
    assert pool.lacks()


def test_candidates_are_by_chance_and_stay(model: NameModel) -> None:
    pool = filled(Numbered(model, repeats=2), size=100)
    seen = frozenset({"5", "20"})
    answers = [pool.candidates(replace(ANY, exclude=seen), 30) for _ in range(2)]
    shown = [[name.name for name in answer.names] for answer in answers if answer]
    for names in shown:
        assert len(names) == len(set(names)) == 30
        assert not seen & set(names)
        assert names != sorted(names, key=int)
    assert set(shown[0]) != set(shown[1])
    # One of the oldest went for each choice, whatever was chosen.
    assert taken(pool) == [str(number // 2) for number in range(2, 92)]


def test_a_choice_needs_something_to_choose_from(model: NameModel) -> None:
    pool = filled(Numbered(model), size=100)
    assert pool.candidates(NameRequest(prefix="Бо"), 30) is None
    assert pool.candidates(replace(ANY, count=93), 100) is None
    all_but_five = replace(ANY, exclude=frozenset(map(str, range(95))))
    answer = pool.candidates(all_but_five, 30)
    assert answer is not None
    assert sorted(name.name for name in answer.names) == ["95", "96", "97", "98", "99"]
    assert pool.candidates(replace(all_but_five, count=6), 30) is None


def test_what_others_get_does_not_depend_on_who_chose(mixed: NameModel) -> None:
    generator = NameGenerator(mixed)
    undisturbed, chosen_from = (filled(generator, size=500) for _ in range(2))
    for _ in range(100):
        assert undisturbed.take(ANY)
        assert chosen_from.candidates(ANY, 64)
    assert taken(undisturbed) == taken(chosen_from)


@pytest.mark.parametrize(
    "request_",
    [
        NameRequest(prefix="Бо"),
        NameRequest(novel_only=True),
        NameRequest(uncensored=True),
        NameRequest(judged=False),
        NameRequest(settings=SamplingSettings(temperature=1.0)),
    ],
)
def test_unusual_requests_are_not_written_ahead(model: NameModel, request_: NameRequest) -> None:
    pool = filled(NameGenerator(model))
    assert pool.take(request_) is None
    assert not pool.lacks()


def test_another_version_takes_nothing_over(model: NameModel) -> None:
    generator = Numbered(model)
    pool = filled(generator, NameRequest(gender="f"))
    before = pool.take(ANY)
    generator.swap(model, version=1)
    assert pool.take(ANY) is None
    assert pool.take(NameRequest(gender="f")) is None
    while pool.fill():
        pass
    after = pool.take(ANY)
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == (0, 1)


def test_what_is_being_written_at_a_swap_is_dropped(model: NameModel) -> None:
    class Swapped(Numbered):
        def stream(
            self, request: NameRequest, batch: int, *, seed: int | None = None
        ) -> Iterator[Answer]:
            for answer in super().stream(request, batch):
                yield answer
                self.swap(model, self.version + 1)

    generator = Swapped(model)
    pool = NamePool(generator, batch=20)
    pool.fill()
    pool.fill()
    assert generator.version == 1
    assert pool.take(ANY) is None


def test_a_kind_that_the_model_does_not_write(model: NameModel) -> None:
    pool = filled(NameGenerator(model), NameRequest(kind="surname"))
    assert pool.take(NameRequest(kind="surname")) is None
    assert pool.take(ANY)


def test_what_comes_out_is_distributed_as_it_is_without_the_pool(mixed: NameModel) -> None:
    """The names, and known and invented ones in the same shares, although half are passed over."""
    generator = NameGenerator(mixed)
    drawn = Counter(fold(each.name) for each in generator.sample(NameRequest(count=200), seed=1))
    most = [name for name, _ in drawn.most_common()]
    seen = {name for place, name in enumerate(most) if sum(drawn[n] for n in most[:place]) < 100}
    request = NameRequest(exclude=frozenset(seen))
    pool = filled(generator, size=7000)
    ahead = [a.names[0] for _ in range(1000) if (a := pool.take(request))]
    direct = [generator.generate(request, seed=seed).names[0] for seed in range(300)]
    assert len(ahead) == 1000
    assert not {fold(name.name) for name in ahead} & seen
    assert_alike(ahead, direct)


def test_a_stream_is_distributed_as_lone_requests_are_whom_hardly_any_name_passes(
    mixed: NameModel,
) -> None:
    """Then patience decides: it begins anew with every name."""
    request = NameRequest(settings=SamplingSettings(temperature=2.0))
    generator = NameGenerator(mixed)
    answers = generator.stream(request, 64, seed=0)
    ahead: list[SampledName] = []
    while len(ahead) < 1500:
        ahead += next(answers).names
    assert_alike(ahead, [generator.generate(request, seed=seed).names[0] for seed in range(300)])


def assert_alike(ahead: list[SampledName], direct: list[SampledName]) -> None:
    """No share differs by more than chance has it differ once in two thousand times."""
    for has in (
        lambda name: name.novel,
        lambda name: name.gender == "f",
        lambda name: len(name.name) > 7,
        lambda name: name.log_prob > -5,
        lambda name: name.name[0] in "БВ",
    ):
        shares = [sum(map(has, names)) / len(names) for names in (ahead, direct)]
        p = (shares[0] * len(ahead) + shares[1] * len(direct)) / (len(ahead) + len(direct))
        deviation = math.sqrt(p * (1 - p) * (1 / len(ahead) + 1 / len(direct)))
        assert shares[0] == pytest.approx(shares[1], abs=3.5 * deviation)
