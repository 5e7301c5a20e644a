"""What the bot says to its admins, in Russian and in English. Sentences are Telegram's HTML."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.retrain.process import FailureCause
from bot.retrain.trial import Standing
from bot.texts import Language
from db.models import RunStatus, VersionSource
from ml.learning.report import AdviceCode, Phase, TraitKind


@dataclass(frozen=True, slots=True)
class AdminTexts:
    """One language. Gaps in braces are filled in by `bot.admin.views`."""

    language: Language
    commands: Mapping[str, str]
    admins_only: str

    learning: str
    phases: Mapping[str, str]  # by `Phase`
    how_to_cancel: str
    already_learning: str
    too_few_ratings: str
    no_likes: str
    no_dislikes: str
    rating_forms: Mapping[str, str]

    by_itself: str
    accepted: str
    on_trial: str
    rejected: str
    learnt_from: str
    like_rate: str
    like_rate_chance: str
    likelihood: str
    likelihood_in_all: str
    likelihood_limit: str
    diversity: str
    diversity_limit: str
    advice: Mapping[AdviceCode, str]
    samples: str
    how_to_go_back: str
    failed: str
    causes: Mapping[FailureCause, str]
    cancelled: str
    bot_stopped: str

    cancelling: str
    nothing_to_cancel: str

    models: str
    version: str
    sources: Mapping[VersionSource, str]
    current: str
    without_weights: str
    shown: str
    not_rated: str
    rate: str
    valid_loss: str
    interval_note: str
    earlier_versions: str

    rolled_back: str
    went_back: str
    how_to_insist: str
    serving_already: str
    rollback_usage: str
    unknown_version: str
    weights_gone: str
    nothing_earlier: str
    damaged_version: str
    wait_for_learning: str

    totals: str
    all_ratings: str
    novel_ratings: str
    known_ratings: str
    by_version: str
    trial: str
    better: str
    less_than: str
    more_than: str
    standings: Mapping[Standing, str]
    not_before: str
    last_runs: str
    run: str
    statuses: Mapping[RunStatus, str]
    chart_title: str
    chart_rate: str
    chart_caption: str
    gain_title: str
    gain_now: str
    gain_new: str
    gain_rate: str
    traits_title: str
    trait_kinds: Mapping[TraitKind, str]
    gain_caption: str


def admin_texts(language: Language) -> AdminTexts:
    """The texts in a language of `bot.texts`."""
    return {"ru": RUSSIAN, "en": ENGLISH}[language]


RUSSIAN = AdminTexts(
    language="ru",
    commands={
        "retrain": "Выучить новую модель на оценках",
        "cancel": "Остановить обучение",
        "models": "Модели и как они нравятся",
        "rollback": "Вернуть прежнюю модель, например: /rollback 2",
        "stats": "Статистика",
    },
    admins_only="Эта команда только для администраторов бота.",
    learning="🧠 <b>Учусь на оценках</b>",
    phases={
        Phase.PREPARE: "готовлюсь",
        Phase.TRAIN: "учусь",
        Phase.GATE: "проверяю, стало ли лучше",
    },
    how_to_cancel="Имена придумываю как обычно. Остановить обучение: /cancel",
    already_learning="Обучение уже идёт. Дождитесь конца или остановите его: /cancel",
    too_few_ratings=(
        "Учиться пока рано: у меня {have}, а нужно не меньше {needed}. "
        "Попросите /name и поставьте ещё несколько 👍 и 👎."
    ),
    no_likes="Учиться пока не на чем: все оценки — 👎. Нужна хотя бы одна 👍.",
    no_dislikes="Учиться пока не на чем: все оценки — 👍. Нужна хотя бы одна 👎.",
    rating_forms={"one": "оценка", "few": "оценки", "many": "оценок", "other": "оценки"},
    by_itself="🌙 Набралось достаточно новых оценок, и обучение началось само.",
    accepted="✅ <b>Модель №{version} принята</b> и уже придумывает имена.",
    on_trial=(
        "Ещё {share} ответов пока даёт прежняя, №{former}: так станет видно, какая нравится "
        "больше. Счёт: /stats"
    ),
    rejected="🚧 <b>Новая модель не прошла проверку.</b> Осталась прежняя.",
    learnt_from="Всего {ratings}: 👍 {likes}, 👎 {dislikes}. Обучение заняло {duration}.",
    like_rate="{mark} понравится примерно {after} имён ({interval}), сейчас {before}",
    like_rate_chance="случайные оценки дали бы столько же в {chance} случаев",
    likelihood="{mark} настоящие имена: ошибка {before} → {after} ната на символ",
    likelihood_in_all="{mark} то же за все обучения вместе: {before} → {after}",
    likelihood_limit="хуже можно не больше чем на {limit}",
    diversity="{mark} разных имён среди придуманных: {after}",
    diversity_limit="у прежней с тем же вкусом {before}, нужно не меньше {limit}",
    advice={
        "few": (
            "Оценок пока мало, чтобы отличить вкус от случайности. Соберите ещё около {more} и "
            "повторите /retrain"
        ),
        "contradictory": (
            "Оценки пока противоречат друг другу: по ним не видно, какие имена нравятся. "
            "Соберите ещё около {more} и повторите /retrain"
        ),
        "no_gain": (
            "Вкус в оценках виден, но новая модель ему пока не научилась. Соберите ещё около "
            "{more} и повторите /retrain"
        ),
        "far": (
            "Обучение за обучением модель ушла слишком далеко от самой первой. Верните одну из "
            "первых (/models, затем /rollback) и обучите её: она узнает все оценки сразу"
        ),
        "forgets": (
            "Новая модель хуже знает настоящие имена. Соберите ещё около {more} и повторите "
            "/retrain"
        ),
        "repeats": (
            "Новая модель слишком часто повторяется. Соберите ещё около {more}, и лучше разных "
            "имён, затем повторите /retrain"
        ),
    },
    samples="Примеры, прежние → новые:",
    how_to_go_back="Вернуть прежнюю: /rollback",
    failed="⚠️ <b>Обучение не удалось</b>: {cause}. Осталась прежняя модель.",
    causes={
        FailureCause.REFUSED: ("данные не подошли, скорее всего мало разных имён с 👍 или с 👎"),
        FailureCause.EXITED: "обучающая программа завершилась с ошибкой",
        FailureCause.KILLED: "обучающую программу прервали",
        FailureCause.GARBLED: "обучающая программа ответила неразборчиво",
        FailureCause.DAMAGED: "файл новой модели повреждён",
        FailureCause.TIMED_OUT: "обучение заняло слишком много времени",
        FailureCause.FILES: "не удалось записать или прочитать рабочие файлы",
        FailureCause.INTERRUPTED: "бот внезапно остановился посреди обучения",
        FailureCause.INTERNAL: "внутренняя ошибка, подробности в журнале",
    },
    cancelled="⏹ Обучение остановлено. Осталась прежняя модель.",
    bot_stopped="⏹ Бот выключается, обучение прервано. Осталась прежняя модель.",
    cancelling="Останавливаю обучение.",
    nothing_to_cancel="Сейчас останавливать нечего: обучение не идёт.",
    models="<b>Модели</b>, новые сверху",
    version="<b>№{version}</b> · {date} · {source}",
    sources={"file": "из файла", "retrain": "обучена на оценках, из №{parent}"},
    current=" · ✅ работает",
    without_weights=" · вернуть уже нельзя",
    shown="показано имён: {shown}",
    not_rated="оценок нет",
    rate="👍 {rate}, {ratings}",
    valid_loss="ошибка на проверочных именах: {loss} ната на символ",
    interval_note=(
        "В скобках — 95-процентный интервал: пока интервалы двух моделей перекрываются, "
        "разница может быть случайной."
    ),
    earlier_versions="Более ранних моделей: {count}.",
    rolled_back="↩️ Теперь имена придумывает модель №{version}. Вернуть №{former}: {command}",
    went_back=(
        "↩️ <b>Имена снова придумывает модель №{former}.</b> "
        "Людям её имена нравятся больше, чем имена новой, №{new}:"
    ),
    how_to_insist="Если всё же нужна №{new}: {command}",
    serving_already="Модель №{version} и так работает.",
    rollback_usage=(
        "После /rollback пришлите номер модели, например: <code>/rollback 2</code>. Или ничего, "
        "чтобы вернуть прежнюю. Список: /models"
    ),
    unknown_version="Модели №{version} у меня нет. Список: /models",
    weights_gone=(
        "Эту модель уже не вернуть: храню только последние, от неё осталась статистика. "
        "Какие ещё можно: /models"
    ),
    nothing_earlier="Возвращаться некуда: работает самая первая модель. Список: /models",
    damaged_version="Эта модель повреждена и работать не может. Осталась прежняя. Список: /models",
    wait_for_learning="Сейчас идёт обучение. Дождитесь конца или остановите его: /cancel",
    totals=(
        "<b>Статистика</b>\n"
        "Пользователей: {users}\n"
        "Показано имён: {generations}\n"
        "Оценок: {ratings} (👍 {likes}, 👎 {dislikes})"
    ),
    all_ratings="Нравятся: {rate}",
    novel_ratings="придуманные: {rate}",
    known_ratings="существующие: {rate}",
    by_version="<b>По моделям</b>",
    trial="<b>№{new} против №{former}</b>, пока имена придумывали обе",
    better="№{new} лучше с вероятностью {probability}.",
    less_than="меньше {number}",
    more_than="больше {number}",
    standings={
        Standing.OPEN: "Сравнение идёт: {share} ответов даёт №{former}.",
        Standing.BETTER: "Сравнение окончено: №{new} нравится больше, имена придумывает она.",
        Standing.WORSE: "№{former} нравится больше и скоро вернётся сама.",
        Standing.ALIKE: "Сравнение окончено: разницы не видно, имена придумывает №{new}.",
    },
    not_before="Решится не раньше, чем у каждой будет {enough} оценок.",
    last_runs="<b>Последние обучения</b>",
    run="{date} · {ratings} · {status}",
    statuses={
        "queued": "сейчас начнётся",
        "running": "идёт",
        "succeeded": "модель принята",
        "rejected": "модель не прошла проверку",
        "failed": "не удалось",
        "cancelled": "остановлено",
    },
    chart_title="Как нравятся имена, по моделям",
    chart_rate="доля оценок «нравится», интервал 95 %",
    chart_caption="Как нравятся имена разных моделей. Оранжевым — та, что работает сейчас.",
    gain_title="Сколько имён понравится",
    gain_now="сейчас",
    gain_new="новая",
    gain_rate="оценка по голосам, интервал 95 %",
    traits_title="Что изменилось в именах",
    trait_kinds={
        "letter": "с «{value}»",
        "first": "начинаются с «{value}»",
        "last": "кончаются на «{value}»",
        "length": "букв: {value}",
    },
    gain_caption="Прежняя модель синим, новая оранжевым.",
)

ENGLISH = AdminTexts(
    language="en",
    commands={
        "retrain": "Train a new model on the ratings",
        "cancel": "Stop the training",
        "models": "The models and how they are liked",
        "rollback": "Bring an earlier model back, such as /rollback 2",
        "stats": "Statistics",
    },
    admins_only="This command is for the admins of the bot only.",
    learning="🧠 <b>Learning from the ratings</b>",
    phases={
        Phase.PREPARE: "preparing",
        Phase.TRAIN: "training",
        Phase.GATE: "checking if it got better",
    },
    how_to_cancel="I go on inventing names meanwhile. To stop the training: /cancel",
    already_learning="A training is under way already. Wait for its end, or stop it: /cancel",
    too_few_ratings=(
        "It is too early to learn: I have {have} and need at least {needed}. "
        "Ask for a few more names with /name and press 👍 or 👎."
    ),
    no_likes="There is nothing to learn from yet: all ratings are 👎. I need at least one 👍.",
    no_dislikes="There is nothing to learn from yet: all ratings are 👍. I need at least one 👎.",
    rating_forms={"one": "rating", "other": "ratings"},
    by_itself="🌙 There were enough new ratings, so a training began by itself.",
    accepted="✅ <b>Model {version} is accepted</b> and invents the names from now on.",
    on_trial=(
        "For now {share} of the answers still come from the former model, {former}, to see which "
        "is liked more. The score: /stats"
    ),
    rejected="🚧 <b>The new model did not pass the gate.</b> The old one stays.",
    learnt_from="{ratings} in all: 👍 {likes}, 👎 {dislikes}. The training took {duration}.",
    like_rate="{mark} about {after} of the names will be liked ({interval}), now {before}",
    like_rate_chance="random ratings would do as well in {chance} of cases",
    likelihood="{mark} real names: loss {before} → {after} nats per symbol",
    likelihood_in_all="{mark} the same over all trainings together: {before} → {after}",
    likelihood_limit="worse by {limit} at most",
    diversity="{mark} different names among the invented: {after}",
    diversity_limit="{before} of the old model with that taste, at least {limit} is needed",
    advice={
        "few": (
            "There are too few ratings to tell a taste from chance. Collect another {more} or so "
            "and send /retrain again"
        ),
        "contradictory": (
            "The ratings still contradict each other: they don't show which names are liked. "
            "Collect another {more} or so and send /retrain again"
        ),
        "no_gain": (
            "The ratings show a taste, but the new model has not learnt it yet. Collect another "
            "{more} or so and send /retrain again"
        ),
        "far": (
            "Training after training the model went too far from the very first one. Bring one of "
            "the first back (/models, then /rollback) and train that: it learns from all ratings "
            "at once"
        ),
        "forgets": (
            "The new model knows real names less well. Collect another {more} or so and send "
            "/retrain again"
        ),
        "repeats": (
            "The new model repeats itself too often. Collect another {more} or so, of different "
            "names if you can, and send /retrain again"
        ),
    },
    samples="Examples, old → new:",
    how_to_go_back="To bring the old one back: /rollback",
    failed="⚠️ <b>The training failed</b>: {cause}. The old model stays.",
    causes={
        FailureCause.REFUSED: (
            "the training program refused the data (most often too few different names "
            "with 👍 or with 👎)"
        ),
        FailureCause.EXITED: "the training program ended with an error",
        FailureCause.KILLED: "the training program was killed",
        FailureCause.GARBLED: "the training program's answer was unreadable",
        FailureCause.DAMAGED: "the file of the new model is damaged",
        FailureCause.TIMED_OUT: "it took too long",
        FailureCause.FILES: "the working files could not be written or read",
        FailureCause.INTERRUPTED: "the bot stopped suddenly in the middle of it",
        FailureCause.INTERNAL: "an internal error, see the log",
    },
    cancelled="⏹ The training was stopped. The old model stays.",
    bot_stopped="⏹ The bot is shutting down, so the training was stopped. The old model stays.",
    cancelling="Stopping the training.",
    nothing_to_cancel="There is nothing to stop: no training is under way.",
    models="<b>Models</b>, newest first",
    version="<b>{version}</b> · {date} · {source}",
    sources={"file": "from a file", "retrain": "trained on ratings, from {parent}"},
    current=" · ✅ in use",
    without_weights=" · can't be brought back",
    shown="names shown: {shown}",
    not_rated="no ratings",
    rate="👍 {rate}, {ratings}",
    valid_loss="loss on validation names: {loss} nats per symbol",
    interval_note=(
        "In brackets is the 95% interval: as long as those of two models overlap, "
        "the difference may be chance."
    ),
    earlier_versions="Earlier models: {count}.",
    rolled_back="↩️ Model {version} invents the names now. To bring {former} back: {command}",
    went_back=(
        "↩️ <b>Model {former} invents the names again.</b> "
        "People like its names more than those of the new model, {new}:"
    ),
    how_to_insist="If you want model {new} all the same: {command}",
    serving_already="Model {version} is in use already.",
    rollback_usage=(
        "Send the number of a model after /rollback, such as <code>/rollback 2</code>. Or nothing, "
        "for the one before. The list: /models"
    ),
    unknown_version="I have no model {version}. The list: /models",
    weights_gone=(
        "That model can't be brought back any more: I keep only the last ones, of it there are "
        "just the statistics. Which ones can: /models"
    ),
    nothing_earlier="There is no way back: the very first model is in use. The list: /models",
    damaged_version="That model is damaged and can't be used. The old one stays. See /models",
    wait_for_learning="A training is under way. Wait for its end, or stop it: /cancel",
    totals=(
        "<b>Statistics</b>\n"
        "Users: {users}\n"
        "Names shown: {generations}\n"
        "Ratings: {ratings} (👍 {likes}, 👎 {dislikes})"
    ),
    all_ratings="Liked: {rate}",
    novel_ratings="invented: {rate}",
    known_ratings="existing: {rate}",
    by_version="<b>By model</b>",
    trial="<b>Model {new} against {former}</b>, while both invented the names",
    better="Model {new} is better with a probability of {probability}.",
    less_than="less than {number}",
    more_than="more than {number}",
    standings={
        Standing.OPEN: "The comparison goes on: {share} of the answers come from model {former}.",
        Standing.BETTER: (
            "The comparison is over: model {new} is liked more, and invents the names."
        ),
        Standing.WORSE: "Model {former} is liked more and will soon be back by itself.",
        Standing.ALIKE: (
            "The comparison is over: no difference is seen, model {new} invents the names."
        ),
    },
    not_before="Nothing is decided before each has {enough} ratings.",
    last_runs="<b>Last trainings</b>",
    run="{date} · {ratings} · {status}",
    statuses={
        "queued": "about to begin",
        "running": "under way",
        "succeeded": "model accepted",
        "rejected": "model did not pass the gate",
        "failed": "failed",
        "cancelled": "stopped",
    },
    chart_title="How names are liked, by model",
    chart_rate="share of likes, 95% interval",
    chart_caption="How the names of the models are liked. The one in use is orange.",
    gain_title="How many names will be liked",
    gain_now="now",
    gain_new="new",
    gain_rate="estimated from the ratings, 95% interval",
    traits_title="What changed in the names",
    trait_kinds={
        "letter": "with “{value}”",
        "first": "begin with “{value}”",
        "last": "end in “{value}”",
        "length": "letters: {value}",
    },
    gain_caption="The old model is blue, the new one orange.",
)
