"""Messages to admins: honest figures, good grammar, within Telegram's limits."""

import re
import warnings
from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.admin.charts import gain_picture, like_rate_picture
from bot.admin.texts import ENGLISH, RUSSIAN, AdminTexts
from bot.admin.views import (
    LONGEST_TEXT,
    by_itself_text,
    gain_of,
    models_text,
    outcome_text,
    progress_text,
    rates_by_version,
    refusal_text,
    rolled_back_text,
    statistics_text,
    went_back_text,
)
from bot.like_rate import like_rate
from bot.retrain.process import FailureCause
from bot.retrain.retrainer import Accepted, Cancelled, Failed, NotEnoughRatings, Rejected
from bot.retrain.trial import Standing
from db.model_versions import VersionStatistics
from db.models import ModelVersion, RunStatus, TrainingRun, VersionSource
from db.ratings import RatingCounts
from db.statistics import Totals
from db.trials import Trial
from ml.learning.report import SPANS, AdviceCode, FinetuneReport, Phase, TraitKind
from ml.progress import Step
from tests.bot.retrain.children import report

NBSP = "\u00a0"
BOTH = pytest.mark.parametrize("texts", [RUSSIAN, ENGLISH], ids=["ru", "en"])
TRAITS = get_args(TraitKind)
MOMENT = datetime(2026, 1, 5, 12, 3, tzinfo=UTC)
TOTALS = Totals(0, 0, RatingCounts(0, 0), RatingCounts(0, 0))


def version(
    number: int, likes: int = 0, dislikes: int = 0, *, source: VersionSource = "file"
) -> VersionStatistics:
    stored = ModelVersion(
        id=number,
        parent_id=number - 1,
        source=source,
        metrics=report() if source == "retrain" else {"valid_nats_per_symbol": 1.75},
        is_current=number == 1,
        created_at=MOMENT,
    )
    return VersionStatistics(stored, 1234, RatingCounts(likes, dislikes))


def trial_of(new: tuple[int, int], former: tuple[int, int]) -> Trial:
    return Trial(2, 1, MOMENT, RatingCounts(*new), RatingCounts(*former))


def run(status: RunStatus) -> TrainingRun:
    return TrainingRun(id=1, status=status, ratings_count=21, created_at=MOMENT)


# Texts.


def test_both_languages_say_everything() -> None:
    for field in fields(AdminTexts):
        russian, english = getattr(RUSSIAN, field.name), getattr(ENGLISH, field.name)
        assert russian
        assert english
        if isinstance(russian, dict) and field.name != "rating_forms":
            assert russian.keys() == english.keys()
    assert RUSSIAN.phases.keys() == SPANS.keys() == set(Phase)
    assert RUSSIAN.causes.keys() == set(FailureCause)
    assert RUSSIAN.sources.keys() == set(get_args(VersionSource))
    assert RUSSIAN.advice.keys() == set(get_args(AdviceCode))
    assert RUSSIAN.trait_kinds.keys() == set(get_args(TraitKind))
    assert RUSSIAN.statuses.keys() == set(get_args(RunStatus))
    assert RUSSIAN.standings.keys() == set(Standing)


# A run.


def test_the_bar_grows_through_the_phases() -> None:
    steps = [Step(phase, done, 4) for phase in Phase for done in range(5)]
    bars = [progress_text(step, RUSSIAN) for step in steps]
    filled = [bar.count("▓") for bar in bars]
    assert all(before <= after for before, after in pairwise(filled))
    assert (filled[0], filled[-1]) == (0, 20)
    assert {bar.count("▓") + bar.count("░") for bar in bars} == {20}
    assert f"45{NBSP}%" in progress_text(Step("train", 1, 2), RUSSIAN)
    assert "45%" in progress_text(Step("train", 1, 2), ENGLISH)


def test_a_phase_that_has_no_words_yet_reaches_the_bar() -> None:
    text = progress_text(Step("a < b", 1, 2), RUSSIAN)
    assert text.count("▓") == 10
    assert "a &lt; b" in text


def verdict(*, passed: bool = True, **changes: Any) -> Accepted | Rejected:
    said = FinetuneReport.model_validate(report(passed=passed) | changes)
    return Accepted(said, version=3, base=2) if passed else Rejected(said)


def test_an_accepted_model_is_described_by_what_it_gained() -> None:
    assert outcome_text(verdict(), RUSSIAN) == (
        "✅ <b>Модель №3 принята</b> и уже придумывает имена.\n\n"
        "Всего 60 оценок: 👍 40, 👎 20. Обучение заняло 2 секунды.\n"
        f"✅ понравится примерно 45{NBSP}% имён (35–55{NBSP}%), сейчас 30{NBSP}%; "
        f"случайные оценки дали бы столько же в 0,2{NBSP}% случаев\n"
        "✅ настоящие имена: ошибка 1,750 → 1,760 ната на символ "
        "(хуже можно не больше чем на 0,030)\n"
        f"✅ разных имён среди придуманных: 88,0{NBSP}% "
        f"(у прежней с тем же вкусом 90,0{NBSP}%, нужно не меньше 85,5{NBSP}%)\n\n"
        "Примеры, прежние → новые:\n"
        "Былан, Евдота → Рома, Варя\n"
        "Мирата, Тихон → Юра, Рита\n"
        "Ада, Рюна → Ира, Мара\n\n"
        "Вернуть прежнюю: /rollback"
    )
    assert "loss 1.750 → 1.760 nats" in outcome_text(verdict(), ENGLISH)


@BOTH
def test_a_rejected_model_shows_the_condition_that_failed(texts: AdminTexts) -> None:
    text = outcome_text(verdict(passed=False), texts)
    assert [line[0] for line in text.split("\n")[3:6]] == ["❌", "✅", "✅"]
    assert "/rollback" not in text


def test_a_refusal_of_the_gate_says_what_to_do() -> None:
    text = outcome_text(verdict(passed=False), RUSSIAN)
    assert text.endswith(
        "\n\nОценки пока противоречат друг другу: по ним не видно, какие имена нравятся. "
        "Соберите ещё около 40 оценок и повторите /retrain"
    )


@BOTH
@pytest.mark.parametrize("code", get_args(AdviceCode))
def test_every_cause_of_a_refusal_has_its_words(texts: AdminTexts, code: AdviceCode) -> None:
    text = outcome_text(verdict(passed=False, advice={"code": code, "more": 120}), texts)
    assert ("120" in text) == (code != "far")
    assert ("/rollback" in text) == (code == "far")
    assert "{" not in text


@BOTH
def test_what_all_trainings_together_lost_has_a_line_of_its_own(texts: AdminTexts) -> None:
    said = report()
    said["gate"]["likelihood_in_all"] = {
        "passed": True,
        "before": 1.71,
        "after": 1.76,
        "limit": 0.05,
    }
    text = outcome_text(verdict(gate=said["gate"]), texts)
    assert "1.710 → 1.760" in text.replace(",", ".")


@BOTH
def test_names_of_a_damaged_child_do_no_harm(texts: AdminTexts) -> None:
    text = outcome_text(verdict(samples_before=["<b>", "Ада", "Ева"], samples_after=["a&b"]), texts)
    assert "&lt;b&gt;, Ада → a&amp;b" in text
    assert texts.samples not in outcome_text(verdict(samples_before=[]), texts)


@BOTH
def test_the_picture_of_a_verdict_can_be_drawn(texts: AdminTexts) -> None:
    everything = [{"kind": kind, "value": "5", "before": 0.0, "after": 1.0} for kind in TRAITS]
    for traits in ([], everything):
        gain = gain_of(verdict(traits=traits), texts)
        assert gain is not None
        assert len(gain.traits) == len(traits)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a letter that the font lacks is a warning
            picture = gain_picture(
                gain,
                title=texts.gain_title,
                now=texts.gain_now,
                new=texts.gain_new,
                y_label=texts.gain_rate,
                traits_title=texts.traits_title,
            )
        assert picture.startswith(b"\x89PNG\r\n")


def test_what_never_came_to_a_verdict_has_no_picture() -> None:
    assert gain_of(Cancelled(bot_stopped=False), RUSSIAN) is None
    assert gain_of(Failed(FailureCause.KILLED), RUSSIAN) is None


def test_figures_of_former_days_are_passed_over() -> None:
    stored = version(2, source="retrain")
    stored.version.metrics = {
        "passed": True,
        "seconds": 1.5,
        "ratings": {"total": 6, "likes": 4, "dislikes": 2, "names": 6, "held_out": 2},
        "before": {"nats_per_symbol": 1.75, "preference": 0.5, "distinct_share": 0.9},
        "after": {"nats_per_symbol": 1.76, "preference": 0.8, "distinct_share": 0.88},
        "gate": {
            "likelihood": {"passed": True, "before": 1.75, "after": 1.76, "limit": 0.05},
            "preference": {"passed": True, "before": 0.5, "after": 0.8},
            "diversity": {"passed": True, "before": 0.9, "after": 0.88, "limit": 0.9},
        },
    }
    text = models_text([stored], RUSSIAN)
    assert "№2" in text
    assert "✅ настоящие" not in text


@BOTH
@pytest.mark.parametrize("cause", list(FailureCause))
def test_a_failure_is_one_sentence_and_its_detail(texts: AdminTexts, cause: FailureCause) -> None:
    assert outcome_text(Failed(cause), texts).count("\n") == 0
    text = outcome_text(Failed(cause, "<b> & co"), texts)
    assert text.endswith("<code>&lt;b&gt; &amp; co</code>")


@BOTH
def test_a_cancelled_run_says_who_ended_it(texts: AdminTexts) -> None:
    assert outcome_text(Cancelled(bot_stopped=False), texts) == texts.cancelled
    assert outcome_text(Cancelled(bot_stopped=True), texts) == texts.bot_stopped


@pytest.mark.parametrize(
    ("likes", "dislikes", "expected"),
    [
        (2, 1, "у меня 3 оценки, а нужно не меньше 5"),
        (1, 0, "у меня 1 оценка, а"),
        (5, 0, "все оценки — 👍"),
        (0, 5, "все оценки — 👎"),
    ],
)
def test_a_refusal_says_what_is_missing(likes: int, dislikes: int, expected: str) -> None:
    refusal = NotEnoughRatings(RatingCounts(likes, dislikes), needed=5)
    assert expected in refusal_text(refusal, RUSSIAN)


def test_a_rollback_says_how_to_undo_it() -> None:
    assert "<code>/rollback 3</code>" in rolled_back_text(1, 3, RUSSIAN)


# The versions.


def test_versions_are_listed_newest_first() -> None:
    text = models_text([version(1, 3, 1), version(2, source="retrain")], RUSSIAN)
    assert text.index("№2</b> · 5 янв. 2026, 12:03 UTC · обучена на оценках, из №1") < text.index(
        "№1</b> · 5 янв. 2026, 12:03 UTC · из файла · ✅ работает"
    )
    assert f"👍 75{NBSP}% (30–95{NBSP}%), 4 оценки · показано имён: 1{NBSP}234" in text
    assert "ошибка на проверочных именах: 1,750 ната" in text
    assert f"понравится примерно 45{NBSP}% имён" in text


@BOTH
@pytest.mark.parametrize("number", [1, 2, 50, 500])
def test_any_number_of_versions_fits_into_a_message(texts: AdminTexts, number: int) -> None:
    versions = [version(n, 10**6, 10**6, source="retrain") for n in range(1, number + 1)]
    text = models_text(versions, texts)
    assert len(text) <= LONGEST_TEXT
    shown = text.count(texts.likelihood.partition("{before}")[0].partition("} ")[2])
    assert shown >= min(number, 5)
    assert (texts.earlier_versions.format(count=number - shown) in text) == (shown < number)


@pytest.mark.parametrize(
    "metrics", [{}, {"valid_nats_per_symbol": "low"}, {"valid_nats_per_symbol": float("nan")}]
)
def test_a_file_without_metrics_is_listed_all_the_same(metrics: dict[str, object]) -> None:
    stored = version(1)
    stored.version.metrics = metrics
    assert "№1" in models_text([stored], RUSSIAN)
    stored.version.source = "retrain"
    assert "№1" in models_text([stored], RUSSIAN)


# Statistics.


@BOTH
def test_statistics_fit_into_a_message(texts: AdminTexts) -> None:
    big = RatingCounts(10**9, 10**9)
    totals = Totals(users=10**9, generations=10**9, novel=big, known=big)
    versions = [version(n, 10**9, 10**9) for n in range(1, 100)]
    runs = [run(status) for status in get_args(RunStatus)]
    text = statistics_text(totals, versions, runs, texts)
    assert len(text) <= LONGEST_TEXT
    assert all(status in text for status in texts.statuses.values())


def test_statistics_compare_the_new_model_with_the_former_one() -> None:
    trial = trial_of((120, 80), (22, 28))
    lines = statistics_text(TOTALS, [version(2)], [], RUSSIAN, trial=trial, share=0.15).split("\n")
    assert lines[-5:] == [
        "<b>№2 против №1</b>, пока имена придумывали обе",
        f"№2: 👍 60{NBSP}% (53–67{NBSP}%), 200 оценок",
        f"№1: 👍 44{NBSP}% (31–58{NBSP}%), 50 оценок",
        f"№2 лучше с вероятностью 98{NBSP}%.",
        "Сравнение окончено: №2 нравится больше, имена придумывает она.",
    ]


@BOTH
@pytest.mark.parametrize(
    ("new", "former", "expected"),
    [
        ((0, 0), (9, 9), None),  # nothing to compare
        ((9, 9), (9, 9), Standing.OPEN),
        ((200, 0), (0, 200), Standing.BETTER),
        ((0, 200), (200, 0), Standing.WORSE),
        ((999, 999), (200, 200), Standing.ALIKE),
    ],
)
def test_statistics_say_how_the_trial_stands(
    texts: AdminTexts,
    new: tuple[int, int],
    former: tuple[int, int],
    expected: Standing | None,
) -> None:
    text = statistics_text(TOTALS, [], [], texts, trial=trial_of(new, former), share=0.15)
    for each, words in texts.standings.items():
        percent = f"15{NBSP}%" if texts is RUSSIAN else "15%"
        said = words.format(new=2, former=1, share=percent)
        assert (said in text) == (each is expected)
    too_few = new == former == (9, 9)
    assert (texts.not_before.format(enough=50) in text) == too_few


def test_a_trial_that_cannot_go_on_is_not_said_to() -> None:
    text = statistics_text(TOTALS, [], [], RUSSIAN, trial=trial_of((9, 9), (9, 9)))
    assert text.endswith(f"№2 лучше с вероятностью 50{NBSP}%.")


@BOTH
@pytest.mark.parametrize("likes", [0, 200])
def test_no_probability_is_certain(texts: AdminTexts, likes: int) -> None:
    text = went_back_text(trial_of((likes, 200 - likes), (200 - likes, likes)), texts)
    bound = texts.more_than if likes else texts.less_than
    assert bound.split("{", maxsplit=1)[0] in text
    assert not re.search(r"probability of (0|100)%|вероятностью (0|100)", text)


@BOTH
def test_whoever_hears_that_the_bot_went_back_learns_how_to_insist(texts: AdminTexts) -> None:
    text = went_back_text(trial_of((20, 180), (30, 20)), texts)
    assert text.startswith("↩️")
    assert "<code>/rollback 2</code>" in text


@BOTH
def test_an_accepted_model_is_said_to_be_on_trial(texts: AdminTexts) -> None:
    accepted = Accepted(FinetuneReport.model_validate(report()), version=2, base=1)
    alone, tried = outcome_text(accepted, texts), outcome_text(accepted, texts, share=0.15)
    assert "15" not in alone
    assert "15" in tried
    assert "/stats" in tried
    unasked = by_itself_text(accepted, texts, share=0.15)
    assert unasked == f"{texts.by_itself}\n\n{tried}"


def test_statistics_of_nothing_show_no_rates() -> None:
    none = RatingCounts(0, 0)
    text = statistics_text(Totals(0, 0, none, none), [version(1)], [], RUSSIAN)
    assert text.endswith("Оценок: 0 (👍 0, 👎 0)")


def test_the_picture_shows_the_rated_versions() -> None:
    points = rates_by_version([version(1, 3, 1), version(2), version(3, 0, 2)])
    assert [(point.label, point.current) for point in points] == [("№1", True), ("№3", False)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a letter that the font lacks is a warning
        picture = like_rate_picture(points, title=RUSSIAN.chart_title, y_label=RUSSIAN.chart_rate)
    assert picture.startswith(b"\x89PNG\r\n")


# The interval.


def test_wilsons_interval_of_known_cases() -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I.
    for likes, total, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)]:
        rate = like_rate(RatingCounts(likes, total - likes))
        assert rate is not None
        assert (rate.low, rate.high) == pytest.approx((low, high), abs=5e-5)
    assert like_rate(RatingCounts(0, 0)) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_interval_lies_around_the_share(likes: int, dislikes: int) -> None:
    rate = like_rate(RatingCounts(likes, dislikes))
    if rate is None:
        assert likes == dislikes == 0
        return
    assert 0 <= rate.low <= rate.share <= rate.high <= 1
