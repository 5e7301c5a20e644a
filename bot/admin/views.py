"""What messages to admins look like, as Telegram's HTML. Pure functions."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import accumulate

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from pydantic import ValidationError
from telegram.constants import MessageLimit

from bot.admin.charts import ChangedShare, Gain, VersionRate
from bot.admin.texts import AdminTexts
from bot.like_rate import LikeRate, like_rate
from bot.retrain.retrainer import Accepted, Cancelled, Failed, NotEnoughRatings, Outcome, Rejected
from bot.retrain.trial import ENOUGH, Standing, probability_better, standing
from bot.texts import Language, counted
from db.model_versions import VersionStatistics
from db.models import ModelVersion, TrainingRun
from db.ratings import RatingCounts
from db.statistics import Totals
from db.trials import Trial
from ml.learning.report import SPANS, Advice, Condition, FinetuneReport, Verdict
from ml.progress import Step

LONGEST_TEXT = MessageLimit.MAX_TEXT_LENGTH - 200  # Telegram counts an emoji as two
VERSIONS_IN_STATISTICS = 10
SAMPLE_LINES = 3

# Babel's own patterns (CLDR) round to whole percents; Russian sets the sign apart.
_TENTHS_OF_PERCENT: Mapping[Language, str] = {"ru": "0.0\u00a0%", "en": "0.0%"}
_BAR_CELLS = 20


def progress_text(step: Step, texts: AdminTexts) -> str:
    """The message about a run under way."""
    begin, end = SPANS.get(step.phase, (0.0, 1.0))
    share = begin + (end - begin) * step.share
    phase = texts.phases.get(step.phase, step.phase)
    filled = int(share * _BAR_CELLS)
    bar = "▓" * filled + "░" * (_BAR_CELLS - filled)
    return (
        f"{texts.learning}\n<code>{bar}</code> {_percent(share, texts)} · {escape(phase)}\n\n"
        f"{texts.how_to_cancel}"
    )


def refusal_text(refusal: NotEnoughRatings, texts: AdminTexts) -> str:
    """Why there is too little to learn from, and what to do."""
    counts = refusal.counts
    if counts.total < refusal.needed:
        return texts.too_few_ratings.format(
            have=_ratings(counts.total, texts), needed=refusal.needed
        )
    return texts.no_dislikes if counts.likes else texts.no_likes


def outcome_text(outcome: Outcome, texts: AdminTexts, *, share: float = 0.0) -> str:
    """The last state of the message about a run; the former version goes on with this share."""
    match outcome:
        case Accepted(report, version, base):
            title = texts.accepted.format(version=version)
            paragraphs = [title, _report(report, texts), texts.how_to_go_back]
            if share:
                beside = texts.on_trial.format(former=base, share=_percent(share, texts))
                paragraphs.insert(1, beside)
            return "\n\n".join(paragraphs)
        case Rejected(report):
            return f"{texts.rejected}\n\n{_report(report, texts)}"
        case Failed(cause, detail):
            text = texts.failed.format(cause=texts.causes[cause])
            return f"{text}\n<code>{escape(detail)}</code>" if detail else text
        case Cancelled(bot_stopped):
            return texts.bot_stopped if bot_stopped else texts.cancelled


def by_itself_text(outcome: Outcome, texts: AdminTexts, *, share: float = 0.0) -> str:
    """How a run ended that nobody had asked for."""
    return f"{texts.by_itself}\n\n{outcome_text(outcome, texts, share=share)}"


def gain_of(outcome: Outcome, texts: AdminTexts) -> Gain | None:
    """What the picture of a verdict shows; nothing where there is none."""
    if not isinstance(outcome, Accepted | Rejected):
        return None
    report = outcome.report
    rate = report.gate.like_rate
    shares = [
        ChangedShare(texts.trait_kinds[each.kind].format(value=each.value), each.before, each.after)
        for each in report.traits
    ]
    return Gain(rate.before, LikeRate(rate.after, rate.low, rate.high), shares)


def models_text(versions: Sequence[VersionStatistics], texts: AdminTexts) -> str:
    """The versions, newest first, as many as fit into one message."""
    entries = [_version_entry(each, texts) for each in reversed(versions)]
    room = LONGEST_TEXT - len(texts.models) - len(texts.interval_note) - 100
    shown = _fitting(entries, room)
    parts = [texts.models, *entries[:shown]]
    if shown < len(entries):
        parts.append(texts.earlier_versions.format(count=len(entries) - shown))
    parts.append(texts.interval_note)
    return "\n\n".join(parts)


def statistics_text(
    totals: Totals,
    versions: Sequence[VersionStatistics],
    runs: Sequence[TrainingRun],
    texts: AdminTexts,
    *,
    trial: Trial | None = None,
    share: float = 0.0,
) -> str:
    """How much is used and liked, and how the last runs (newest first) ended.

    ``share`` is that of the names which the former version of the ``trial`` writes now.
    """
    lines = [
        texts.totals.format(
            users=_number(totals.users, texts),
            generations=_number(totals.generations, texts),
            ratings=_number(totals.ratings.total, texts),
            likes=_number(totals.ratings.likes, texts),
            dislikes=_number(totals.ratings.dislikes, texts),
        )
    ]
    rated = [each for each in reversed(versions) if each.ratings.total]
    if rated:
        lines += [
            "",
            texts.all_ratings.format(rate=_rate(totals.ratings, texts)),
            "• " + texts.novel_ratings.format(rate=_rate(totals.novel, texts)),
            "• " + texts.known_ratings.format(rate=_rate(totals.known, texts)),
            "",
            texts.by_version,
            *(
                f"№{each.version.id}: {_rate(each.ratings, texts)}"
                for each in rated[:VERSIONS_IN_STATISTICS]
            ),
            "",
            texts.interval_note,
        ]
    if trial and trial.new_ratings.total and trial.former_ratings.total:
        lines += ["", texts.trial.format(new=trial.new, former=trial.former)]
        lines += [*_trial_lines(trial, texts), *_standing_lines(trial, share, texts)]
    if runs:
        lines += ["", texts.last_runs, *(_run_line(run, texts) for run in runs)]
    return "\n".join(lines)


def rates_by_version(versions: Sequence[VersionStatistics]) -> list[VersionRate]:
    """The points of the picture: the last versions that anybody has rated, oldest first."""
    rated = [
        VersionRate(f"№{each.version.id}", rate, each.version.is_current)
        for each in versions
        if (rate := like_rate(each.ratings))
    ]
    return rated[-VERSIONS_IN_STATISTICS:]


def rolled_back_text(version: int, former: int, texts: AdminTexts) -> str:
    """Says which version serves now, and how to undo that."""
    command = f"<code>/rollback {former}</code>"
    return texts.rolled_back.format(version=version, former=former, command=command)


def went_back_text(trial: Trial, texts: AdminTexts) -> str:
    """Says that people liked the former version better, so that it serves again."""
    command = f"<code>/rollback {trial.new}</code>"
    title = texts.went_back.format(new=trial.new, former=trial.former)
    rates = "\n".join(_trial_lines(trial, texts))
    return f"{title}\n\n{rates}\n\n{texts.how_to_insist.format(new=trial.new, command=command)}"


def _trial_lines(trial: Trial, texts: AdminTexts) -> list[str]:
    """What people think of the two models, and how sure it is which they like better."""
    better = round(100 * probability_better(trial.new_ratings, trial.former_ratings))
    probability = _percent(min(max(better, 1), 99) / 100, texts)  # nothing is certain
    if better < 1:
        probability = texts.less_than.format(number=probability)
    elif better > 99:
        probability = texts.more_than.format(number=probability)
    return [
        f"№{trial.new}: {_rate(trial.new_ratings, texts)}",
        f"№{trial.former}: {_rate(trial.former_ratings, texts)}",
        texts.better.format(new=trial.new, probability=probability),
    ]


def _standing_lines(trial: Trial, share: float, texts: AdminTexts) -> list[str]:
    """What is to come of it: nothing, if it is open and the former version writes no more."""
    stands = standing(trial)
    if stands is Standing.OPEN and not share:
        return []
    lines = [
        texts.standings[stands].format(
            new=trial.new, former=trial.former, share=_percent(share, texts)
        )
    ]
    if min(trial.new_ratings.total, trial.former_ratings.total) < ENOUGH:
        lines.append(texts.not_before.format(enough=ENOUGH))
    return lines


def _report(report: FinetuneReport, texts: AdminTexts) -> str:
    used = report.ratings
    return "\n".join(
        [
            texts.learnt_from.format(
                ratings=_ratings(used.total, texts),
                likes=_number(used.likes, texts),
                dislikes=_number(used.dislikes, texts),
                duration=format_timedelta(
                    timedelta(seconds=max(1, round(report.seconds))), locale=texts.language
                ),
            ),
            *_gate_lines(report.gate, texts),
            *_sample_lines(report, texts),
            *_advice_lines(report.advice, texts),
        ]
    )


def _gate_lines(gate: Verdict, texts: AdminTexts) -> list[str]:
    """Every condition with its figures and its limit, marked ✅ or ❌."""
    rate, diversity = gate.like_rate, gate.diversity
    chance = texts.like_rate_chance.format(chance=_exact_percent(1 - rate.probability, texts))
    estimate = texts.like_rate.format(
        mark=_mark(rate),
        before=_percent(rate.before, texts),
        after=_percent(rate.after, texts),
        interval=_between(rate.low, rate.high, texts),
    )
    lines = [f"{estimate}; {chance}", _loss(texts.likelihood, gate.likelihood, texts)]
    if gate.likelihood_in_all is not None:
        lines.append(_loss(texts.likelihood_in_all, gate.likelihood_in_all, texts))
    lines.append(
        texts.diversity.format(mark=_mark(diversity), after=_exact_percent(diversity.after, texts))
    )
    if diversity.limit is not None:
        needed = texts.diversity_limit.format(
            before=_exact_percent(diversity.before, texts),
            limit=_exact_percent(diversity.limit * diversity.before, texts),
        )
        lines[-1] += f" ({needed})"
    return lines


def _loss(template: str, condition: Condition, texts: AdminTexts) -> str:
    line = template.format(
        mark=_mark(condition),
        before=_nats(condition.before, texts),
        after=_nats(condition.after, texts),
    )
    if condition.limit is None:
        return line
    return f"{line} ({texts.likelihood_limit.format(limit=_nats(condition.limit, texts))})"


def _mark(condition: Condition) -> str:
    return "✅" if condition.passed else "❌"


def _sample_lines(report: FinetuneReport, texts: AdminTexts) -> list[str]:
    """Some names of the old and of the new model, two of each in a line."""
    old, new = report.samples_before, report.samples_after
    if not old or not new:
        return []
    lines = [
        f"{escape(', '.join(old[begin : begin + 2]))} → {escape(', '.join(new[begin : begin + 2]))}"
        for begin in range(0, min(len(old), len(new), 2 * SAMPLE_LINES), 2)
    ]
    return ["", texts.samples, *lines]


def _advice_lines(advice: Advice | None, texts: AdminTexts) -> list[str]:
    if advice is None:
        return []
    return ["", texts.advice[advice.code].format(more=_ratings(advice.more, texts))]


def _version_entry(each: VersionStatistics, texts: AdminTexts) -> str:
    version = each.version
    source = texts.sources[version.source].format(parent=version.parent_id)
    title = texts.version.format(
        version=version.id, date=_date(version.created_at, texts), source=source
    )
    opinion = _rate(each.ratings, texts) if each.ratings.total else texts.not_rated
    shown = texts.shown.format(shown=_number(each.generations, texts))
    if version.is_current:
        title += texts.current
    elif not each.has_weights:
        title += texts.without_weights
    lines = [title, f"{opinion} · {shown}"]
    return "\n".join([*lines, *_metric_lines(version, texts)])


def _metric_lines(version: ModelVersion, texts: AdminTexts) -> list[str]:
    """What was measured when the version was made; another program may have written the file."""
    if version.source == "retrain":
        try:
            return _gate_lines(FinetuneReport.model_validate(version.metrics).gate, texts)
        except ValidationError:
            return []
    loss = version.metrics.get("valid_nats_per_symbol")
    if not isinstance(loss, int | float) or not math.isfinite(loss):
        return []
    return [texts.valid_loss.format(loss=_nats(loss, texts))]


def _run_line(run: TrainingRun, texts: AdminTexts) -> str:
    return texts.run.format(
        date=_date(run.created_at, texts),
        ratings=_ratings(run.ratings_count, texts),
        status=texts.statuses[run.status],
    )


def _rate(counts: RatingCounts, texts: AdminTexts) -> str:
    rate = like_rate(counts)
    if rate is None:
        return texts.not_rated
    return texts.rate.format(
        rate=f"{_percent(rate.share, texts)} ({_interval(rate, texts)})",
        ratings=_ratings(counts.total, texts),
    )


def _interval(rate: LikeRate, texts: AdminTexts) -> str:
    return _between(rate.low, rate.high, texts)


def _between(low: float, high: float, texts: AdminTexts) -> str:
    return f"{_number(round(100 * low), texts)}–{_percent(high, texts)}"


def _fitting(entries: Sequence[str], room: int) -> int:
    """How many of the first entries fit into so many characters, with their separators."""
    lengths = accumulate(len(entry) + 2 for entry in entries)
    return sum(length <= room for length in lengths)


def _ratings(number: int, texts: AdminTexts) -> str:
    return counted(texts.language, number, texts.rating_forms)


def _date(moment: datetime, texts: AdminTexts) -> str:
    return format_datetime(moment, "d MMM y, HH:mm 'UTC'", tzinfo=UTC, locale=texts.language)


def _number(number: int, texts: AdminTexts) -> str:
    return format_decimal(number, locale=texts.language)


def _nats(number: float, texts: AdminTexts) -> str:
    return format_decimal(number, "0.000", locale=texts.language)


def _percent(share: float, texts: AdminTexts) -> str:
    return format_percent(share, locale=texts.language)


def _exact_percent(share: float, texts: AdminTexts) -> str:
    return format_percent(share, _TENTHS_OF_PERCENT[texts.language], locale=texts.language)
