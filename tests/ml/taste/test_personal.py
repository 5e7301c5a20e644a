import numpy as np

from ml.taste.personal import PersonalTaste

LETTERS = "абвгдежзиклмнопрст"
NAMES = [first + second + third + "ос" for first in LETTERS for second in "оеу" for third in "нлт"]


def likes(name: str) -> bool:
    return name[0] in "абв"


def rated(count: int) -> list[tuple[str, int]]:
    shuffled = np.random.default_rng(1).permutation(NAMES)
    return [(name, 1 if likes(name) else -1) for name in shuffled[:count]]


def shares(taste: PersonalTaste) -> tuple[float, float]:
    """Of what it chose and of what was taken blindly: the share that is liked."""
    rng = np.random.default_rng(2)
    by_taste: list[bool] = []
    blindly: list[bool] = []
    for _ in range(300):
        names = [str(name) for name in rng.permutation(NAMES)[:64]]
        (chosen,) = taste.choose(names, 1, rng)
        (by_taste if chosen.by_taste else blindly).append(likes(names[chosen.place]))
    assert 15 <= len(blindly) <= 50
    return sum(by_taste) / len(by_taste), sum(blindly) / len(blindly)


def test_a_few_ratings_are_enough_to_choose_by() -> None:
    taste = PersonalTaste.of(rated(30))
    assert taste is not None
    chosen, blind = shares(taste)
    assert chosen > 0.5
    assert blind < 0.35


def test_fewer_than_three_names_are_no_taste() -> None:
    assert PersonalTaste.of([]) is None
    assert PersonalTaste.of([("Анна", 1), ("анна", -1), ("Фёкла", 1), ("Фекла", 1)]) is None
    assert PersonalTaste.of([("Анна", 1), ("Фёкла", 1), ("Инна", 1)])


def test_of_several_ratings_of_a_name_the_last_one_holds() -> None:
    old, new = ([(name, value) for name, value in rated(30) if name] for _ in range(2))
    contradicted = [*new, *((name, -value) for name, value in old)]
    first, second = PersonalTaste.of(new), PersonalTaste.of(contradicted)
    assert first is not None
    assert second is not None
    assert shares(first) == shares(second)


def test_a_list_has_no_name_twice() -> None:
    taste = PersonalTaste.of(rated(20))
    assert taste is not None
    for count in (1, 10, 64):
        chosen = taste.choose(NAMES[:64], count, np.random.default_rng(0))
        assert len({each.place for each in chosen}) == count
    assert sum(not each.by_taste for each in chosen) > 0
