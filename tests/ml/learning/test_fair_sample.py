import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ml.learning.fair_sample import FairSample

Said = tuple[str, str]


def sampled(said: list[Said], most: int) -> list[Said]:
    sample: FairSample[Said] = FairSample(most)
    for person, name in said:
        sample.put(person, name, (person, name))
    return sample.items()


def test_what_fits_stays_in_its_order() -> None:
    said = [("b", "Ева"), ("a", "Ева"), ("b", "Ада")]
    assert sampled(said, 3) == said


def test_the_last_word_counts_in_the_place_of_the_first() -> None:
    sample: FairSample[int] = FairSample(2)
    for item, (person, name) in enumerate([("a", "Ева"), ("b", "Ева"), ("a", "Ева")]):
        sample.put(person, name, item)
    assert sample.items() == [2, 1]


def test_who_said_little_keeps_all_of_it() -> None:
    said = [("flood", str(name)) for name in range(1000)]
    said += [(str(person), str(name)) for person in range(5) for name in range(person + 1)]
    votes = Counter(person for person, _ in sampled(said, 30))
    assert votes == {"0": 1, "1": 2, "2": 3, "3": 4, "4": 5, "flood": 15}


def test_of_more_people_than_fit_some_are_heard() -> None:
    said = [(str(person), str(name)) for person in range(100) for name in range(2)]
    kept = sampled(said, 30)
    assert len(kept) == len({person for person, _ in kept}) == 30


@given(
    said=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 40).map(str))),
    most=st.integers(1, 40),
    seed=st.integers(0, 5),
)
def test_order_and_haste_change_nothing(said: list[Said], most: int, seed: int) -> None:
    kept = sampled(said, most)
    assert len(kept) <= most
    assert set(kept) <= set(said)
    shuffled = random.Random(seed).sample(said, len(said))
    assert set(sampled(shuffled, most)) == set(kept)
    # Thinned out before, on the way, it is the same.
    assert set(sampled(kept, most)) == set(kept)
