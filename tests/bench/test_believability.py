"""The two-sample test finds what is there, and nothing where there is nothing."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from bench.believability.baselines import Baselines, fit_baselines
from bench.believability.judges import (
    Bools,
    Judge,
    judge_by_pieces,
    judge_by_reading,
    likelihood_judge,
)
from bench.believability.suspects import Suspect, counts_by_start, suspect, unseen_names
from bench.believability.temperatures import best_temperature
from bench.believability.two_sample import accuracy, cross_validate
from bench.believability.writers import (
    OutOfNames,
    Writer,
    bigram_writer,
    kneser_ney_writer,
    network_writer,
    novel_names,
)
from ml.arrays import Doubles
from ml.dataset.derivation import feminine_surname
from ml.models.ngram import KneserNey
from ml.names.alphabet import Start
from ml.names.records import KINDS, SPLITS, NameRecord, fold, read_records
from ml.writing.sampling import Sampler
from tests.tiny_model import tiny_model

SON = Start("patronymic", "m", "russian")
DAUGHTER = Start("patronymic", "f", "russian")
MAN = Start("given", "m", "russian")
WOMAN = Start("given", "f", "russian")
HUSBAND = Start("surname", "m", "russian")
WIFE = Start("surname", "f", "russian")


@cache
def some_records() -> list[NameRecord]:
    return read_records()[::12]


@cache
def baselines() -> dict[Start, Baselines]:
    return fit_baselines(some_records())


@cache
def surnames(count: int) -> list[Suspect]:
    those = [record for record in read_records() if record.kind == "surname"]
    chosen = random.Random(0).sample(those, count)
    return [suspect(record.name, Start("surname", record.gender, "russian")) for record in chosen]


def likelihood(
    known: Sequence[Suspect], real: Bools, suspects: Sequence[Suspect], seed: int
) -> Doubles:
    return likelihood_judge(baselines())(known, real, suspects, seed)


JUDGES = pytest.mark.parametrize("judge", [judge_by_pieces, judge_by_reading, likelihood])


@JUDGES
def test_real_names_cannot_be_told_from_real_ones(judge: Judge) -> None:
    names = surnames(400)
    found = accuracy([cross_validate(names[::2], names[1::2], judge, seed=0)])
    assert found.low <= 0.5 <= found.high


@JUDGES
def test_names_written_backwards_are_found_out(judge: Judge) -> None:
    names = surnames(400)
    backwards = [Suspect(name.name[::-1], name.start) for name in names[1::2]]
    assert accuracy([cross_validate(names[::2], backwards, judge, seed=0)]).low > 0.8


@pytest.mark.parametrize("judge", [judge_by_pieces, judge_by_reading])
def test_a_mans_ending_on_a_womans_name_is_found_out(judge: Judge) -> None:
    names = [name for name in surnames(1500) if name.name.endswith(("ов", "ова", "ин", "ина"))]
    swapped = [
        Suspect(name.name, WIFE if name.start == HUSBAND else HUSBAND) for name in names[1::2]
    ]
    assert accuracy([cross_validate(names[::2], swapped, judge, seed=0)]).low > 0.85


def test_everyone_is_judged_once_by_a_judge_who_knows_none_of_the_family() -> None:
    judged: Counter[Suspect] = Counter()

    def judge(
        known: Sequence[Suspect], real: Bools, suspects: Sequence[Suspect], seed: int
    ) -> Doubles:
        assert not {name.family for name in known} & {name.family for name in suspects}
        assert len(known) == len(real)
        judged.update(suspects)
        return np.array([1.0 if name in own else -1.0 for name in suspects])

    names = surnames(300)
    own = set(names[:150])
    verdicts = cross_validate(names[:150], names[150:], judge, seed=1)
    assert judged == Counter(names)
    assert verdicts.right.all()
    assert accuracy([verdicts]).share == 1.0


def test_accuracy_of_one_kind_is_of_its_names_alone() -> None:
    def only_surnames_are_real(
        known: Sequence[Suspect], real: Bools, suspects: Sequence[Suspect], seed: int
    ) -> Doubles:
        return np.array([1.0 if name.start.kind == "surname" else -1.0 for name in suspects])

    men = [Suspect("абвгдежзиклмнопрст"[i : i + 3], MAN) for i in range(10)]
    verdicts = cross_validate(surnames(10), men, only_surnames_are_real, seed=0)
    reversed_verdicts = cross_validate(men, surnames(10), only_surnames_are_real, seed=0)
    assert accuracy([verdicts], "given").share == 1.0
    assert accuracy([verdicts, reversed_verdicts], "given").share == 0.5
    assert accuracy([reversed_verdicts]).share == 0.0


@pytest.mark.parametrize(
    "names",
    [
        [("Иванов", HUSBAND), ("Иванова", WIFE)],
        [("Соловьёв", HUSBAND), ("Соловьева", WIFE)],
        [("Боровский", HUSBAND), ("Боровской", HUSBAND), ("Боровская", WIFE)],
        [("Ярослав", MAN), ("Ярослава", WOMAN), ("Ярославович", SON), ("Ярославовна", DAUGHTER)],
        [("Валерий", MAN), ("Валериевич", SON), ("Валерьевна", DAUGHTER)],
        [("Илья", MAN), ("Ильич", SON), ("Ильинична", DAUGHTER)],
        [("Никита", MAN), ("Никитич", SON), ("Никитична", DAUGHTER)],
    ],
)
def test_twins_are_of_one_family(names: list[tuple[str, Start]]) -> None:
    assert len({suspect(name, start).family for name, start in names}) == 1


def test_both_forms_of_every_surname_are_of_one_family() -> None:
    apart = [
        (man, woman)
        for record in read_records()
        if record.kind == "surname" and record.gender == "m"
        for man in [record.name.lower()]
        if (woman := feminine_surname(man) or man)
        and suspect(man, HUSBAND).family != suspect(woman, WIFE).family
    ]
    assert apart == []


def test_names_of_one_ending_are_not_one_family() -> None:
    names = [("Иванов", HUSBAND), ("Петров", HUSBAND), ("Иван", MAN), ("Петрович", SON)]
    assert len({suspect(name, start).family for name, start in names}) == len(names)


def test_unseen_names_are_outside_the_train_split_whatever_their_kind() -> None:
    records = [
        NameRecord("Мороз", "surname", "m", "russian", 1, "test"),
        NameRecord("Семён", "given", "m", "russian", 1, "test"),
        NameRecord("Семен", "given", "m", "russian", 1, "valid"),
        NameRecord("Иван", "given", "m", "russian", 1, "train"),
    ]
    assert unseen_names(records, {"иван", "мороз"}) == [Suspect("семен", MAN)]


@pytest.mark.parametrize("by_start", [False, True])
@pytest.mark.parametrize("write", ["kneser_ney", "bigram"])
def test_baselines_draw_names_as_often_as_they_are_probable(write: str, by_start: bool) -> None:
    names = ["анна", "анна", "ана", "нана", "нан", "анан"]
    records = [
        NameRecord(name, kind, "f", "russian", 1, split)
        for kind in KINDS
        for split in SPLITS
        for name in names
    ]
    fitted = fit_baselines(records)
    alphabet = fitted[WOMAN].alphabet
    kneser_ney = KneserNey.fit(
        [[alphabet.start_index(WOMAN), *alphabet.encode(name)] for name in names],
        order=4,
        read=alphabet.read,
        predicted=alphabet.predicted,
        by_start=by_start,
    )
    of_kind = replace(fitted[WOMAN], kneser_ney=kneser_ney)
    fitted[WOMAN] = of_kind
    writers = {"kneser_ney": kneser_ney_writer, "bigram": bigram_writer}
    drawn = Counter(writers[write](fitted)(WOMAN, 20_000, np.random.default_rng(0)))
    start = of_kind.alphabet.start_index(WOMAN)
    expected = np.exp(
        getattr(of_kind, write).log_probs(
            [[start, *of_kind.alphabet.encode(name)] for name in ("ана", "нана")]
        )
    )
    assert drawn["Ана"] / drawn["Нана"] == pytest.approx(expected[0] / expected[1], rel=0.25)


@pytest.mark.parametrize("make_writer", [kneser_ney_writer, bigram_writer])
def test_baselines_write_names_of_lengths_and_ends_that_names_have(
    make_writer: Callable[[Mapping[Start, Baselines]], Writer],
) -> None:
    write = make_writer(baselines())
    rules = baselines()[WIFE].statistics[WIFE]
    names = write(WIFE, 300, np.random.default_rng(0))
    assert len(names) > 100
    assert all(rules.shortest <= len(name) <= rules.longest for name in names)
    assert {name[-1].lower() for name in names} <= set(rules.finals)


def test_novel_names_are_new_and_different_and_as_many_as_asked_for() -> None:
    counts = {MAN: 40, WIFE: 7}
    write = network_writer(Sampler(tiny_model()), 1.0)
    seen = {name.name for name in novel_names(write, counts, set(), seed=1)}
    names = novel_names(write, counts, seen, seed=1)
    assert counts_by_start(names) == counts
    assert len(set(names)) == len(names)
    assert not {name.name for name in names} & seen
    assert all(name.name == fold(name.name) for name in names)
    assert names == novel_names(write, counts, seen, seed=1)


def test_a_writer_of_training_names_is_found_out() -> None:
    def write(start: Start, count: int, rng: np.random.Generator) -> list[str]:
        return ["Иван", "Пётр"] * count

    with pytest.raises(OutOfNames, match="1 novel names of"):
        novel_names(write, {MAN: 1}, {"иван", "петр"}, seed=0)


@pytest.mark.parametrize(
    ("passing", "best"),
    [
        ({0.7: 0.95, 0.8: 0.92, 0.9: 0.88}, 0.8),
        ({0.7: 0.89, 0.8: 0.91, 0.9: 0.90}, 0.9),
        ({0.7: 0.80, 0.8: 0.70}, 0.7),
    ],
)
def test_the_default_temperature_is_the_highest_that_errs_no_more_than_reality(
    passing: dict[float, float], best: float
) -> None:
    assert best_temperature(passing) == best
