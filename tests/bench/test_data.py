import numpy as np
import pytest

from bench.data import difference, error_table, stem, under_kneser_ney, wilson, without_kin
from ml.dataset.audit import Audited
from ml.names.alphabet import alphabet_of_records
from ml.names.records import NameRecord, Split


def record(name: str, split: Split = "train") -> NameRecord:
    return NameRecord(name, "given", "m", "russian", 1, split)


def audited(name: str, reason: str = "") -> Audited:
    return Audited(name, "m", "russian", "wrong" if reason else "ok", reason)


@pytest.mark.parametrize(
    ("wrong", "of", "interval"),
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0.0, 0.1611))],
)
def test_the_interval_is_wilsons(wrong: int, of: int, interval: tuple[float, float]) -> None:
    assert wilson(wrong, of) == pytest.approx(interval, abs=5e-5)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Валерий", "Валерия"),
        ("Александр", "Александра"),
        ("Прасковья", "Прасковия"),
        ("Аксён", "Аксен"),
    ],
)
def test_kin_share_a_stem(one: str, two: str) -> None:
    assert stem(one) == stem(two)


@pytest.mark.parametrize("width", [1, 2])
def test_nothing_learnt_from_gives_a_held_out_name_away(width: int) -> None:
    giving_away = [record(name) for name in ("Валерий", "Валерия", "Валера", "Валлерия", "Вадерий")]
    records = [*giving_away, record("Иван"), record("Пётр", "test")]
    assert without_kin(records, [audited("Валерия")], width) == [record("Иван")]


def test_wider_kinship_reaches_names_misspelt_twice() -> None:
    records = [record("Аполинорий"), record("Виталий")]
    assert without_kin(records, [audited("Аполлинарий")], 1) == records
    assert without_kin(records, [audited("Аполлинарий")], 2) == [record("Виталий")]


def test_a_difference_that_all_names_share_has_no_error() -> None:
    assert difference(np.array([0.5, 1.0]), np.array([5, 10])) == pytest.approx((0.1, 0.0))


def test_the_error_of_a_difference_is_that_of_a_ratio_of_sums() -> None:
    mean, error = difference(np.array([1.0, -1.0]), np.array([10, 10]))
    assert mean == 0.0
    assert error == pytest.approx(2**0.5 / 20)


def test_a_name_like_those_learnt_is_likelier() -> None:
    records = [record(name) for name in ("Ярослав", "Святослав", "Изяслав", "Ростислав")]
    alphabet = alphabet_of_records([*records, record("Эйно")])
    like, unlike = under_kneser_ney(records, [audited("Болеслав"), audited("Эйноэйно")], alphabet)
    assert unlike < like < 0


def test_errors_are_counted_by_origin() -> None:
    rows = [audited("Иван"), audited("Сусана", "misspelt: Сусанна")]
    rows.append(Audited("Рустам", "m", "peoples", "ok", ""))
    table = error_table(rows)
    assert list(table.columns[2].cells) == ["1", "0"]
