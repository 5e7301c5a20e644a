"""What the bot says about lists, in Russian and in English. Sentences are Telegram's HTML."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.texts import Language
from db.models import Gender, NameStatus


@dataclass(frozen=True, slots=True)
class ListTexts:
    """One language. Gaps in braces are filled in by `bot.lists.views`."""

    language: Language
    invented: str
    not_yours: str

    kept: str
    let_go: str
    removed: str
    favorites: str
    no_favorites: str
    nothing_to_export: str
    how_to_remove: str
    remove_button: str
    removed_button: str
    text_button: str
    csv_button: str
    exported: str
    csv_delimiter: str
    csv_columns: tuple[str, ...]
    csv_kinds: Mapping[str, str]
    csv_genders: Mapping[Gender, str]
    csv_statuses: Mapping[NameStatus, str]

    history: str
    history_here: str
    no_history: str
    no_history_here: str
    kept_how_long: str
    day_forms: Mapping[str, str]
    newer_button: str
    older_button: str

    top_here: str
    top_everywhere: str
    no_top_here: str
    no_top: str
    how_ranked: str
    here_button: str
    everywhere_button: str


def list_texts(language: Language) -> ListTexts:
    """The texts about lists in a language."""
    return RUSSIAN if language == "ru" else ENGLISH


RUSSIAN = ListTexts(
    language="ru",
    invented="придумано",
    not_yours="Этот список открыл другой человек. Пришлите такую же команду, и будет ваш.",
    kept="⭐ Теперь в избранном. Весь список: /favorites",
    let_go="Больше не в избранном.",
    removed="Убрано: {name}",
    favorites="⭐ <b>Избранное</b>: {names}",
    no_favorites=(
        "В избранном пока пусто. Понравится имя — нажмите под ним ⭐, и оно окажется здесь.\n\n"
        "Придумать имя: /name"
    ),
    nothing_to_export="В избранном пока пусто.",
    how_to_remove="Нажмите номер имени, которое больше не нужно.",
    remove_button="🗑 Убрать…",
    removed_button="✓ Готово",
    text_button="📄 Текст",
    csv_button="📊 Таблица",
    exported="Избранное: {names}",
    csv_delimiter=";",
    csv_columns=("Имя", "Латиницей", "Вид", "Пол", "Есть ли такое", "Отложено (UTC)"),
    csv_kinds={"given": "имя", "patronymic": "отчество", "surname": "фамилия"},
    csv_genders={"m": "мужской", "f": "женский"},
    csv_statuses={"known": "носят", "short": "краткое имя", "novel": "придумано"},
    history="🕘 <b>Что я вам показывал</b>, сначала новое",
    history_here="🕘 <b>Что я показывал вам в этом чате</b>, сначала новое",
    no_history="Я ещё не показывал вам имён. Пришлите /name, и начнём.",
    no_history_here="В этом чате я ещё не показывал вам имён. Пришлите /name, и начнём.",
    kept_how_long="Имена без оценки и без ⭐ я помню {days}.",
    day_forms={"one": "день", "few": "дня", "many": "дней", "other": "дня"},
    newer_button="◀️ Новее",
    older_button="Старее ▶️",
    top_here="🏆 <b>Лучшие имена этого чата</b>",
    top_everywhere="🏆 <b>Лучшие имена всех чатов</b>",
    no_top_here=(
        "В этом чате ещё нет имён, которые нравятся больше, чем не нравятся. "
        "Придумайте имя (/name) и поставьте ему 👍"
    ),
    no_top=(
        "Ещё нет имён, которые нравятся больше, чем не нравятся. "
        "Придумайте имя (/name) и поставьте ему 👍"
    ),
    how_ranked=(
        "Место зависит от доли 👍 и от числа голосов: "
        "девять 👍 из десяти весят больше, чем одно из одного."
    ),
    here_button="В этом чате",
    everywhere_button="Во всех чатах",
)

ENGLISH = ListTexts(
    language="en",
    invented="invented",
    not_yours="Somebody else opened this list. Send the same command to get your own.",
    kept="⭐ Added to your favorites. See them all: /favorites",
    let_go="No longer a favorite.",
    removed="Removed: {name}",
    favorites="⭐ <b>Favorites</b>: {names}",
    no_favorites=(
        "You have no favorites yet. When you like a name, press ⭐ below it to keep it here.\n\n"
        "To get a name, send /name"
    ),
    nothing_to_export="You have no favorites yet.",
    how_to_remove="Press the number of a name that you no longer need.",
    remove_button="🗑 Remove…",
    removed_button="✓ Done",
    text_button="📄 Text",
    csv_button="📊 Table",
    exported="Favorites: {names}",
    csv_delimiter=",",
    csv_columns=("Name", "In Latin letters", "Kind", "Gender", "Status", "Kept (UTC)"),
    csv_kinds={"given": "given name", "patronymic": "patronymic", "surname": "surname"},
    csv_genders={"m": "male", "f": "female"},
    csv_statuses={"known": "people bear it", "short": "short form", "novel": "invented"},
    history="🕘 <b>What I have shown you</b>, newest first",
    history_here="🕘 <b>What I have shown you in this chat</b>, newest first",
    no_history="I haven't shown you any names yet. Send /name to get the first one.",
    no_history_here="I haven't shown you any names in this chat yet. Send /name to get the first.",
    kept_how_long="Names that have neither a rating nor a ⭐ I remember for {days}.",
    day_forms={"one": "day", "other": "days"},
    newer_button="◀️ Newer",
    older_button="Older ▶️",
    top_here="🏆 <b>The best names of this chat</b>",
    top_everywhere="🏆 <b>The best names of all chats</b>",
    no_top_here=(
        "No name in this chat has more 👍 than 👎 yet. Get a name (/name) and give it a 👍"
    ),
    no_top="No name has more 👍 than 👎 yet. Get a name (/name) and give it a 👍",
    how_ranked=(
        "The place depends on the share of 👍 and on the number of votes: "
        "nine 👍 out of ten weigh more than one out of one."
    ),
    here_button="This chat",
    everywhere_button="All chats",
)
