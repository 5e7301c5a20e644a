from bot.names.seen import REMEMBERED_NAMES, Seen, SeenNames

ANYA, BORIS = 11, 12


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_newest_names_come_first_and_the_oldest_are_dropped() -> None:
    seen = SeenNames()
    assert seen.of(ANYA, "ru") is None
    seen.note(ANYA, "ru", Seen(("Ева", "Ада"), 7))
    seen.add(ANYA, ["Анна", "Инна"], 9)
    assert seen.of(ANYA, "ru") == Seen(("Инна", "Анна", "Ева", "Ада"), 9)
    seen.add(ANYA, map(str, range(100)), 109)
    newest = tuple(map(str, reversed(range(100))))
    assert seen.of(ANYA, "ru") == Seen(newest[:REMEMBERED_NAMES], 109)


def test_who_is_forgotten_is_not_remembered_by_what_comes_later() -> None:
    seen = SeenNames()
    seen.note(ANYA, "ru", Seen((), 0))
    seen.forget(ANYA)
    seen.forget(BORIS)
    seen.add(ANYA, ["Анна"], 1)
    assert seen.of(ANYA, "ru") is None


def test_after_a_while_and_in_another_language_people_are_noted_again() -> None:
    clock = Clock()
    seen = SeenNames(seconds=10, clock=clock)
    seen.note(ANYA, "ru", Seen((), 0))
    assert seen.of(ANYA, "en") is None
    clock.now = 9.0
    seen.add(ANYA, ["Анна"], 1)
    assert seen.of(ANYA, "ru")
    clock.now = 10.0
    assert seen.of(ANYA, "ru") is None


def test_of_too_many_people_those_noted_first_go() -> None:
    seen = SeenNames(people=2)
    for person in (1, 2, 1, 3):
        seen.note(person, None, Seen((), 0))
    assert [bool(seen.of(person, None)) for person in (1, 2, 3)] == [True, False, True]
