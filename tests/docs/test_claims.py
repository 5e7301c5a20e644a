"""Whatever the study guide says of an experiment's outcome is what its tables hold.

Numbers in the text are filled in from the CSV files of ``docs/lab``; where a sentence compares, so
does the test. After a new run of the lab a failure here shows which sentence to write anew.
"""

import csv
import math
import re
from dataclasses import dataclass
from statistics import fmean

import pytest

from ml.lab.experiment import FULL, Material
from ml.names.records import read_records
from ml.writing.sampling import DEFAULT_SETTINGS
from tests.docs.guide import ROOT


@dataclass(frozen=True, slots=True)
class Value:
    """A mean over seeds and its spread."""

    mean: float
    spread: float

    def __format__(self, spec: str) -> str:
        return f"{self.mean:{spec}} ± {self.spread:{spec}}"


def value(table: str, column: str, **row: str) -> Value:
    """The one cell of a table, by the beginning of the column's title and other cells of the row;
    underscores in the names of columns stand for spaces."""
    with (ROOT / "docs" / "lab" / f"{table}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    title = next(name for name in rows[0] if name.startswith(column))
    wanted = {name.replace("_", " "): cell for name, cell in row.items()}
    (found,) = (one for one in rows if wanted.items() <= one.items())
    return Value(float(found[title]), float(found.get(f"{title}: разброс") or "nan"))


def assert_said(chapter: str, *sentences: str) -> None:
    """The chapter says so, with commas for the points of numbers."""
    text = " ".join((ROOT / "docs" / "ru" / f"{chapter}.md").read_text(encoding="utf-8").split())
    for sentence in sentences:
        expected = re.sub(r"(?<=\d)\.(?=\d)", ",", sentence)
        assert expected in text, expected


CELLS = ("LSTM", "GRU", "RNN")


def carry(data: str, training: str, test: str, column: str = "все символы") -> Value:
    return value(
        "carry", column, данные=data, состояние_при_обучении=training, состояние_при_проверке=test
    )


def test_comparing_cells() -> None:
    updates, seconds = f"потери за {FULL.updates} обновлений", "секунд на них"
    losses = [value("cells", updates, модель=f"{cell} (torch.nn)") for cell in CELLS]
    ours = [value("cells", updates, модель=f"{cell} (с нуля)") for cell in CELLS]
    lstm, gru, rnn = losses
    assert lstm.mean < gru.mean < rnn.mean - rnn.spread
    assert all(abs(a.mean - b.mean) < 0.001 for a, b in zip(losses, ours, strict=True))
    kneser_ney = value("cells", updates, модель="Кнезер-Ней, порядок 6")
    bigram = value("cells", updates, модель="таблица биграмм")
    equal_time = [
        value("cells", f"потери за {FULL.seconds:g} с", модель=f"LSTM ({whose})").mean
        for whose in ("torch.nn", "с нуля")
    ]
    assert equal_time[0] < equal_time[1]
    assert_said(
        "04-cells",
        f"LSTM {lstm.mean:.2f}, GRU {gru.mean:.2f}, RNN {rnn.mean:.2f}",
        f"Кнезер-Ней {kneser_ney.mean:.2f}, таблица биграмм {bigram.mean:.2f}",
        f"готов через {value('cells', seconds, модель='Кнезер-Ней, порядок 6').mean:.1f} секунды",
        f"за {FULL.updates} обновлений отстал всего на {kneser_ney.mean - rnn.mean:.2f} ната",
        f"{equal_time[1]:.3f} против {equal_time[0]:.3f}",
        f"почти такой же, {gru.spread:.2f}",
        f"потратила {value('cells', seconds, модель='LSTM (с нуля)').mean:.1f} секунды там, "
        f"где готовая потратила {value('cells', seconds, модель='LSTM (torch.nn)').mean:.1f}",
    )


def test_carrying_the_state() -> None:
    names, stream, ordered = "отдельные имена", "поток имён", "поток по алфавиту"
    reset, kept, zero, carried = "сбрасывается", "переносится", "с нуля", "перенесено"
    best = carry(names, reset, zero)
    others = [
        carry(data, training, zero)
        for data in (names, stream, ordered)
        for training in (reset, kept)
        if (data, training) != (names, reset)
    ]
    assert all(other.mean > best.mean + other.spread for other in others)
    noise, lost = carry(names, kept, zero), carry(names, reset, carried)
    first = carry(names, reset, carried, "1-я буква")
    assert first.mean > math.log(Material(tuple(read_records())).alphabet.predicted)
    shuffled = carry(stream, kept, carried), carry(stream, reset, carried)
    assert abs(shuffled[0].mean - shuffled[1].mean) < shuffled[0].spread
    unused_to_zero = carry(stream, kept, zero)
    assert unused_to_zero.mean > shuffled[0].mean + shuffled[0].spread
    assert_said(
        "06-hidden-state",
        f"проверка с нуля:** {best.mean:.2f} ната на символ",
        f"чужому: {noise.mean:.2f}",
        f"не переживёт:** {lost.mean:.2f} вместо {best.mean:.2f}",
        f"Первая буква стоит {first.mean:.2f} ната",
        f"с переносом {shuffled[0]:.2f}, со сбросом {shuffled[1]:.2f}",
        f"с нуля теряет {unused_to_zero.mean:.2f}",
        f"стоит {carry(ordered, kept, carried, '1-я буква').mean:.2f} ната, "
        f"а без него {carry(ordered, reset, zero, '1-я буква').mean:.2f}",
        f"в среднем {carry(ordered, kept, carried).mean:.2f} "
        f"против {carry(ordered, reset, zero).mean:.2f}",
        f"начать её с нуля, теряет {carry(ordered, kept, zero).mean:.2f}",
    )


def test_truncated_backpropagation() -> None:
    def at(k2: str, column: str) -> Value:
        return value("truncation", column, k2=k2)

    losses = {k2: at(k2, "потери на тесте") for k2 in ("1", "4", "16", "полное")}
    largest_spread = max(losses["16"].spread, losses["полное"].spread)
    assert abs(losses["16"].mean - losses["полное"].mean) < largest_spread
    assert losses["1"].mean > losses["полное"].mean + 2 * largest_spread
    symbols = fmean(len(record.name) + 1 for record in read_records())
    cosine = "косинус в начале, k1 = k2"
    assert_said(
        "08-tbptt",
        f"При k2 = 1 потери {losses['1'].mean:.2f}, при k2 = 4 уже {losses['4'].mean:.2f}, "
        f"при k2 = 16 они {losses['16'].mean:.2f}, "
        f"а при полном распространении {losses['полное'].mean:.2f}",
        f"в среднем {symbols:.0f} символов",
        f"при k2 = 1 уже {at('1', cosine).mean:.2f}, при k2 = 8 он {at('8', cosine).mean:.2f}",
        f"(k1 = 1), то {at('8', 'косинус в начале, k1 = 1').mean:.2f}",
        f"в {at('1', 'мкс').mean:.0f} мкс, при полном в {at('полное', 'мкс').mean:.0f}",
    )


def reach(cell: str, k: int, when: str = "в начале") -> Value:
    part = "c" if cell.startswith("LSTM") else "h"
    return value("gradients", f"k = {k}", ячейка=cell, состояние=part, когда=when)


def sgd(cell: str, clipped: str, column: str) -> Value:
    return value("gradients-clipping", column, ячейка=cell, обрезка=clipped)


OPENED, SHUT, AFTER = "LSTM, b_f = 1", "LSTM, b_f = 0", "после обучения"


def test_vanishing_gradients() -> None:
    assert 3e5 < reach(OPENED, 32).mean / reach("RNN", 32).mean < 3e6
    assert all(reach(SHUT, k).mean < reach("GRU", k).mean for k in (8, 16, 32))
    assert reach(OPENED, 32, AFTER).mean < reach(OPENED, 32).mean / 10
    losses = {cell: sgd(cell, "да", "потери") for cell in (OPENED, SHUT, "GRU", "RNN")}
    assert losses[OPENED].mean + losses[OPENED].spread < losses[SHUT].mean
    assert max(losses, key=lambda cell: losses[cell].mean) == "RNN"
    chaotic = reach("RNN", 32, AFTER)
    assert chaotic.spread == pytest.approx(math.sqrt(3) * chaotic.mean, rel=0.01)  # one of three
    percent = {cell: 100 * reach(cell, 8).mean for cell in ("RNN", "GRU", SHUT, OPENED)}
    left = [100 * reach(cell, 8, AFTER).mean for cell in (OPENED, SHUT)]
    assert_said(
        "09-gradients",
        f"у RNN доходит {percent['RNN']:.1f} % нормы, у GRU {percent['GRU']:.1f} %, "
        f"у LSTM с b_f = 0 (по c) {percent[SHUT]:.1f} %, а с b_f = 1 целых {percent[OPENED]:.1f} %",
        f"у RNN остаётся {reach('RNN', 32).mean:.0e}, "
        f"у LSTM с b_f = 1 остаётся {reach(OPENED, 32).mean:.0e}",
        f"через 32 шага {reach(OPENED, 32, AFTER).mean:.0e}",
        f"(через 8 шагов {left[0]:.1f} % и {left[1]:.1f} %)",
        f"потери {losses[OPENED].mean:.3f} против {losses[SHUT].mean:.3f}",
        f"отсюда {chaotic:.2f} через 32 шага",
        f"учится хуже всех, {losses['RNN']:.2f}",
    )


def test_exploding_gradients() -> None:
    for cell in ("GRU", OPENED, SHUT):
        assert sgd(cell, "нет", "доля обновлений").mean == 0
        assert sgd(cell, "нет", "потери") == sgd(cell, "да", "потери")
    over = sgd("RNN", "нет", "доля обновлений")
    assert over.mean > 10 * over.spread  # with every seed
    assert_said(
        "09-gradients",
        f"в {100 * over.mean:.0f} % обновлений",
        f"среднем до {sgd('RNN', 'нет', 'наибольшая норма').mean:.0f}",
        f"Потери {sgd('RNN', 'нет', 'потери'):.2f}, а с обрезкой {sgd('RNN', 'да', 'потери'):.2f}",
    )


def test_choosing_the_next_letter() -> None:
    def drawn(setting: str, column: str) -> float:
        return value("decoding", column, настройка=setting).mean

    new, distinct, nats = "доля новых", "доля разных", "потери на именах"
    assert drawn("T = 0.8", nats) == pytest.approx(drawn("p = 0.9", nats), abs=0.02)
    assert drawn("T = 1", nats) > drawn("тест", nats) > drawn("T = 0.8", nats)
    assert DEFAULT_SETTINGS.temperature == 0.7
    assert_said(
        "10-sampling",
        f"При T = 0,3 новых имён {100 * drawn('T = 0.3', new):.0f} %, "
        f"при T = 1 их {100 * drawn('T = 1', new):.0f} %, "
        f"при T = 1,5 уже {100 * drawn('T = 1.5', new):.0f} %",
        f"с {drawn('T = 0.3', nats):.2f} до {drawn('T = 1.5', nats):.2f} ната",
        f"разных только {100 * drawn('k = 2', distinct):.0f} %",
        f"({drawn('T = 0.8', nats):.2f} и {drawn('p = 0.9', nats):.2f} ната) T = 0,8 и p = 0,9",
        f"новых {100 * drawn('T = 0.8', new):.0f} % и {100 * drawn('p = 0.9', new):.0f} %, "
        f"разных {100 * drawn('T = 0.8', distinct):.0f} % "
        f"и {100 * drawn('p = 0.9', distinct):.0f} %",
        f"самой странны ({drawn('T = 1', nats):.2f})",
        f"не видела ({drawn('тест', nats):.2f})",
        f"новые ({100 * drawn('T = 0.7', new):.0f} %)",
        f"высокое ({drawn('T = 0.7', nats):.2f})",
    )


def test_tilting_towards_what_is_liked() -> None:
    def rate(whose: str, temperature: str) -> float:
        return 100 * value("tilt", f"нравится при T = {temperature}", чьи_имена=whose).mean

    def nats(how: str, names: str) -> Value:
        return value("tilt-teaching", f"на {names} именах", чему_учили=how)

    briefly, long = (f"правдоподобие понравившегося, проходов: {passes}" for passes in (2, 10))
    values, exact = "значения начал", "точный наклон"
    unseen = {how: nats(how, "невиденных") for how in (briefly, long, values, exact)}
    assert nats(long, "виденных").mean < 1.5 * nats(exact, "виденных").mean
    assert unseen[exact].mean < unseen[values].mean < unseen[briefly].mean < unseen[long].mean < 0
    assert_said(
        "12-ratings",
        f"нравилось {rate('база', '0.7'):.0f} % имён, а стало {rate('выученный наклон', '0.7'):.0f}"
        f" %; точный наклон той же цены дал бы {rate(exact, '0.7'):.0f} %",
        f"При T = 1 разница меньше: {rate('выученный наклон', '1'):.0f} % "
        f"против {rate(exact, '1'):.0f} %",
        f"на виденных именах на {-nats(long, 'виденных').mean:.2f} ната лучше базы — вдвое больше, "
        f"чем возможно ({-nats(exact, 'виденных').mean:.2f}), — "
        f"а на невиденных всего на {-unseen[long].mean:.2f}",
        f"остановленное после двух проходов, даёт {-unseen[briefly].mean:.2f}, "
        f"а значения после тех же десяти дают {-unseen[values].mean:.2f} "
        f"из {-unseen[exact].mean:.2f}",
    )
