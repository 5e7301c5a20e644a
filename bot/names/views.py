"""What messages look like: text as Telegram's HTML, and the keyboard under it. Pure functions."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import InCases, Keep, More, Rate, Written, parse_callback
from bot.names.invent import origin_elsewhere, shown_origin
from bot.texts import Texts
from db.models import Generation, RatingValue
from db.ratings import GenerationRatings
from ml.names.known import short_for
from ml.names.records import ORIGINS, Origin, capitalize
from ml.names.romanization import romanize

_THUMBS: tuple[tuple[str, RatingValue], ...] = (("👍", 1), ("👎", -1))
_CHOSEN = "✓"
_WITHDRAW = "↩️"
_STAR = "⭐"


def answer_text(
    generations: Sequence[Generation], texts: Texts, *, requested: int, understood: str = ""
) -> str:
    """The names of one answer, each in bold on a line of its own with what it is below it.

    Between the two its Latin spelling stands, for those who may not read Cyrillic.
    ``requested`` is how many names were asked for; a shortage is explained at the end.
    ``understood`` is the prefix that other letters were taken for, if they were.
    """
    parts = ["\n".join(_lines(shown, texts)) for shown in generations]
    if len(generations) < requested:
        parts.append(texts.fewer(len(generations)))
    if understood:
        parts.append(texts.understood(capitalize(understood.lower())))
    return "\n\n".join(parts)


def _lines(generation: Generation, texts: Texts) -> Iterator[str]:
    yield f"<b>{escape(generation.name)}</b>"
    if texts.romanized:
        yield escape(romanize(generation.name))
    yield _description(generation, texts)


def _description(generation: Generation, texts: Texts) -> str:
    gender, origin = generation.gender, shown_origin(generation)
    if words := texts.other_kinds.get(generation.kind):
        # Whether one exists is said of given names alone.
        facts = [words.genders[gender] if gender else "", words.origins[origin]]
    else:
        origins = texts.novel_origins if generation.status == "novel" else texts.origins
        facts = [
            texts.genders[gender] if gender else "",
            origins[origin],
            _status(generation, texts),
            texts.by_taste if generation.chosen == "taste" else "",
        ]
    sentence = " · ".join(fact for fact in facts if fact)
    return sentence[:1].upper() + sentence[1:]


def _status(generation: Generation, texts: Texts) -> str:
    if generation.status == "novel":
        return texts.novel
    if generation.status == "short" and (full := short_for(generation.name, generation.gender)):
        return texts.short_template.format(name=romanize(full) if texts.romanized else full)
    return texts.known


def answer_keyboard(
    generations: Sequence[Generation],
    texts: Texts,
    ratings: Mapping[int, GenerationRatings] | None = None,
    kept: Collection[int] = (),
    *,
    shared: bool,
    origins: Collection[Origin] = ORIGINS,
    below: Sequence[Sequence[InlineKeyboardButton]] = (),
) -> InlineKeyboardMarkup:
    """👍, 👎 and ⭐ for every name, then the buttons for more names, and for more of a single one.

    ``ratings`` (by generation id; None for a fresh answer) are shown as the one person's choice,
    or as counts where the chat is ``shared`` by several, which is where a button of its own takes a
    rating back (`bot.callbacks` says why). ``kept`` are the ids of the names which that person
    keeps; in a shared chat nobody sees what others keep, and /favorites is where they let it go.
    ``below`` are the rows under the thumbs of a message that is redrawn: they keep the language of
    the person who asked, whoever presses. ``origins`` are those of which the model writes names.
    """
    named = len(generations) > 1
    rows = [
        [
            *_thumbs(shown, (ratings or {}).get(shown.id), named=named, shared=shared),
            _star(shown, kept=not shared and shown.id in kept),
        ]
        for shown in generations
    ]
    if not below:
        below = [_more_row(generations[0], texts, origins)]
        if not named:
            below = [*below, _row_about_name(generations[0], texts)]
    return InlineKeyboardMarkup([*rows, *below])


def rows_below_thumbs(
    keyboard: InlineKeyboardMarkup,
) -> Sequence[Sequence[InlineKeyboardButton]]:
    """What stands under the thumbs of a message's keyboard."""
    rows = keyboard.inline_keyboard
    return [row for row in rows if not isinstance(parse_callback(row[0].callback_data), Rate)]


def _row_about_name(generation: Generation, texts: Texts) -> list[InlineKeyboardButton]:
    written, cases = Written(generation.id).encode(), InCases(generation.id).encode()
    return [
        InlineKeyboardButton(texts.written_button, callback_data=written),
        InlineKeyboardButton(texts.cases_button, callback_data=cases),
    ]


def _more_row(
    generation: Generation, texts: Texts, origins: Collection[Origin]
) -> list[InlineKeyboardButton]:
    elsewhere = origin_elsewhere(shown_origin(generation), origins)
    return [
        InlineKeyboardButton(texts.more_button, callback_data=More(generation.id).encode()),
        InlineKeyboardButton(
            texts.origin_buttons[elsewhere],
            callback_data=More(generation.id, elsewhere).encode(),
        ),
    ]


def _star(generation: Generation, *, kept: bool) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        f"{_STAR} {_CHOSEN}" if kept else _STAR,
        callback_data=Keep(generation.id, not kept).encode(),
    )


def _thumbs(
    generation: Generation, ratings: GenerationRatings | None, *, named: bool, shared: bool
) -> list[InlineKeyboardButton]:
    marks: dict[RatingValue, str] = {1: "", -1: ""}
    wishes: dict[RatingValue, RatingValue | None] = {1: 1, -1: -1}
    withdrawal = []
    if ratings and shared:
        marks = {1: str(ratings.counts.likes or ""), -1: str(ratings.counts.dislikes or "")}
        if ratings.counts.total:
            data = Rate(generation.id, None).encode()
            withdrawal = [InlineKeyboardButton(_WITHDRAW, callback_data=data)]
    elif ratings and ratings.own:
        marks[ratings.own] = _CHOSEN
        wishes[ratings.own] = None
    name = generation.name if named else ""
    thumbs = [
        InlineKeyboardButton(
            " ".join(part for part in (thumb, name, marks[value]) if part),
            callback_data=Rate(generation.id, wishes[value]).encode(),
        )
        for thumb, value in _THUMBS
    ]
    return [*thumbs, *withdrawal]
