"""Whatever the study guide says of an experiment's outcome is what its tables hold.

Numbers in the text are filled in from the CSV files of ``docs/lab``; where a sentence compares, so
does the test. After a new run of the lab a failure here shows which sentence to write anew.
"""

import csv
import math
import re
from dataclasses import dataclass
from statistics import fmean

from ml.lab.experiment import FULL, Material
from ml.names import read_records
from ml.sampling import DEFAULT_SETTINGS
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
    assert gru.mean - lstm.mean > max(gru.spread, lstm.spread)
    assert rnn.mean - gru.mean > max(rnn.spread, gru.spread)
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
        f"не хватает всего {kneser_ney.mean - rnn.mean:.2f} ната",
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

    losses = {k2: at(k2, "потери на тесте") for k2 in ("1", "16", "полное")}
    assert abs(losses["16"].mean - losses["полное"].mean) < losses["полное"].spread
    assert losses["1"].mean > losses["полное"].mean + 2 * losses["полное"].spread
    symbols = fmean(len(record.name) + 1 for record in read_records())
    cosine = "косинус в начале, k1 = k2"
    assert_said(
        "08-tbptt",
        f"При k2 = 1 потери {losses['1'].mean:.2f}, при k2 = 16 уже {losses['16'].mean:.2f}, "
        f"а при полном распространении {losses['полное'].mean:.2f}",
        f"в среднем {symbols:.0f} символов",
        f"при k2 = 1 уже {at('1', cosine).mean:.2f}, при k2 = 8 он {at('8', cosine).mean:.2f}",
        f"(k1 = 1), то {at('8', 'косинус в начале, k1 = 1').mean:.2f}",
        f"в {at('1', 'мкс').mean:.0f} мкс, при полном в {at('полное', 'мкс').mean:.0f}",
    )


def test_vanishing_gradients() -> None:
    def reach(cell: str, k: int, when: str = "в начале") -> float:
        part = "c" if cell.startswith("LSTM") else "h"
        return value("gradients", f"k = {k}", ячейка=cell, состояние=part, когда=when).mean

    opened, shut, after = "LSTM, b_f = 1", "LSTM, b_f = 0", "после обучения"
    assert 3e5 < reach(opened, 32) / reach("RNN", 32) < 3e6
    assert reach(shut, 8) < reach("GRU", 8)
    assert reach(shut, 32) < reach("GRU", 32)
    assert reach("RNN", 32, after) > 10 * reach("RNN", 32)
    assert reach(opened, 32, after) < reach(opened, 32) / 10
    assert 0.5 < reach(opened, 32, after) / reach(shut, 32, after) < 2
    losses = [value("gradients-clipping", "потери", ячейка=c, обрезка="да") for c in (opened, shut)]
    assert_said(
        "09-gradients",
        f"у RNN доходит {100 * reach('RNN', 8):.1f} % нормы, у GRU {100 * reach('GRU', 8):.1f} %, "
        f"у LSTM с b_f = 0 (по c) {100 * reach(shut, 8):.1f} %, "
        f"а с b_f = 1 целых {100 * reach(opened, 8):.1f} %",
        f"у RNN остаётся {reach('RNN', 32):.0e}, у LSTM с b_f = 1 остаётся {reach(opened, 32):.0e}",
        f"У RNN через 32 шага теперь {reach('RNN', 32, after):.0e}",
        f"стало меньше, {reach(opened, 32, after):.0e}",
        f"потери тоже близки: {losses[0].mean:.3f} и {losses[1].mean:.3f}",
    )


def test_exploding_gradients() -> None:
    def clipped(cell: str, clipped: str, column: str) -> Value:
        return value("gradients-clipping", column, ячейка=cell, обрезка=clipped)

    for cell in ("GRU", "LSTM, b_f = 1", "LSTM, b_f = 0"):
        assert clipped(cell, "нет", "доля обновлений").mean == 0
        assert clipped(cell, "нет", "потери") == clipped(cell, "да", "потери")
    largest = clipped("RNN", "нет", "наибольшая норма")
    assert largest.spread > largest.mean  # one seed of three
    assert_said(
        "09-gradients",
        f"наибольшая норма {largest:.0f}, потери без обрезки {clipped('RNN', 'нет', 'потери'):.2f}",
        f"с обрезкой {clipped('RNN', 'да', 'потери').mean:.2f}",
    )


def test_choosing_the_next_letter() -> None:
    def drawn(setting: str, column: str) -> float:
        return value("decoding", column, настройка=setting).mean

    new, distinct, nats = "доля новых", "доля разных", "потери на именах"
    assert round(drawn("T = 0.8", nats), 2) == round(drawn("p = 0.9", nats), 2)
    assert drawn("T = 1", nats) < drawn("тест", nats)
    assert DEFAULT_SETTINGS.temperature == 0.7
    assert_said(
        "10-sampling",
        f"При T = 0,3 новых имён {100 * drawn('T = 0.3', new):.0f} %, "
        f"при T = 1 их {100 * drawn('T = 1', new):.0f} %, "
        f"при T = 1,5 уже {100 * drawn('T = 1.5', new):.0f} %",
        f"с {drawn('T = 0.3', nats):.2f} до {drawn('T = 1.5', nats):.2f} ната",
        f"разных только {100 * drawn('k = 2', distinct):.0f} %",
        f"({drawn('T = 0.8', nats):.2f} ната) T = 0,8 и p = 0,9",
        f"новых {100 * drawn('T = 0.8', new):.0f} % и {100 * drawn('p = 0.9', new):.0f} %, "
        f"разных {100 * drawn('T = 0.8', distinct):.0f} % "
        f"и {100 * drawn('p = 0.9', distinct):.0f} %",
        f"вероятнее ({drawn('T = 1', nats):.2f})",
        f"не видела ({drawn('тест', nats):.2f})",
        f"новые ({100 * drawn('T = 0.7', new):.0f} %)",
        f"высокое ({drawn('T = 0.7', nats):.2f})",
    )
