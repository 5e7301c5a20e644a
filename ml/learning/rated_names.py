"""From ratings to names to learn from: one verdict a name, one voice a person, a part held out."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ml.corpora.sequences import Sequences, encode_sequences
from ml.errors import TooLittleData
from ml.learning.ratings import Rating
from ml.models.model import NameModel
from ml.names.alphabet import ANY_NAME, UNKNOWN, Alphabet, Start
from ml.names.records import fold
from ml.scoring.scorer import Scorer

_HELD_OUT_SHARE = 0.2
_FEWEST_NAMES = 2  # liked, and as many disliked: one to learn from, one to judge by
_SMALLEST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class RatedName:
    """What people together think of one name.

    `start` is the start symbol under which the model writes it, `forced` how many of its first
    letters were asked for rather than written by the model, and `vote` the sum of all votes:
    above 0 for a liked name, below 0 for a disliked one.
    """

    name: str
    start: Start
    forced: int
    vote: float

    @property
    def liked(self) -> bool:
        """Whether more was said for the name than against it."""
        return self.vote > 0


def encode_rated(names: Sequence[RatedName], alphabet: Alphabet) -> tuple[Sequences, Tensor]:
    """Rated names as sequences, and how many letters of each ``(names,)`` were `forced`."""
    sequences = encode_sequences(
        [alphabet.start_index(rated.start) for rated in names],
        [alphabet.encode(rated.name) for rated in names],
    )
    return sequences, torch.tensor([rated.forced for rated in names])


@dataclass(frozen=True, slots=True)
class Opinions:
    """What a set of ratings comes to.

    `learnt` and `held_out` share no name. `skipped` ratings were of names that the model could
    not have written; `disputed` names have as much said for them as against.
    """

    learnt: tuple[RatedName, ...]
    held_out: tuple[RatedName, ...]
    skipped: int
    disputed: int


def form_opinions(model: NameModel, ratings: Sequence[Rating]) -> Opinions:
    """Weigh `ratings` (one a user and name at most) and hold a fifth of the names out.

    A user's votes weigh ``1 / sqrt(votes of that user)``: whoever votes more says more, but a
    hundred times the votes are ten times the voice. A name on which the votes cancel out says
    nothing and is left out.

    Raises:
        TooLittleData: fewer than two liked or two disliked names are left.
    """
    usable = [rating for rating in ratings if _could_be_written(model, rating)]
    votes_of = Counter(rating.user for rating in usable)
    by_name: dict[str, list[Rating]] = defaultdict(list)
    for rating in usable:
        by_name[fold(rating.name)].append(rating)
    starts = _most_probable_starts(model, [votes[-1] for votes in by_name.values()])
    rated = [
        RatedName(
            name=votes[-1].name,
            start=start,
            forced=min(_forced_letters(vote) for vote in votes),
            vote=math.fsum(vote.value / math.sqrt(votes_of[vote.user]) for vote in votes),
        )
        for votes, start in zip(by_name.values(), starts, strict=True)
    ]
    decided = [name for name in rated if abs(name.vote) > 1e-9]
    liked = [name for name in decided if name.liked]
    disliked = [name for name in decided if not name.liked]
    for names, what in ((liked, "liked"), (disliked, "disliked")):
        if len(names) < _FEWEST_NAMES:
            raise TooLittleData(
                f"learning needs at least {_FEWEST_NAMES} different {what} names that this model "
                f"can write, and the ratings hold {len(names)}"
            )
    held_out = {name.name for names in (liked, disliked) for name in _held_out(names)}
    return Opinions(
        learnt=tuple(name for name in decided if name.name not in held_out),
        held_out=tuple(name for name in decided if name.name in held_out),
        skipped=len(ratings) - len(usable),
        disputed=len(rated) - len(decided),
    )


def _candidate_starts(model: NameModel, rating: Rating) -> list[Start]:
    """The start symbols under which a rated name may have been written.

    A combination that the model does not know, and what is not known, leave every start symbol of
    the kind open.
    """
    if model.alphabet.starts == (ANY_NAME,):
        return [ANY_NAME]
    of_kind = [start for start in model.alphabet.starts if start.kind == rating.kind]
    matching = [
        start
        for start in of_kind
        if rating.gender in (None, start.gender) and rating.origin in (None, start.origin)
    ]
    return matching or of_kind


def _could_be_written(model: NameModel, rating: Rating) -> bool:
    """Whether the sampler could have come up with the name: kind, length and letters."""
    longest = {
        start: statistics.longest
        for start, statistics in zip(model.alphabet.starts, model.statistics, strict=True)
    }
    starts = _candidate_starts(model, rating)
    return (
        bool(starts)
        and len(rating.name) <= max(longest[start] for start in starts)
        and UNKNOWN not in model.alphabet.encode(rating.name)
    )


def _most_probable_starts(model: NameModel, ratings: Sequence[Rating]) -> list[Start]:
    """For each rating the candidate under which the model finds the name most probable."""
    starts = model.alphabet.starts
    chosen = [_candidate_starts(model, rating) for rating in ratings]
    open_questions = [row for row, candidates in enumerate(chosen) if len(candidates) > 1]
    if open_questions:
        letters = [model.alphabet.encode(ratings[row].name) for row in open_questions]
        scorer = Scorer.of(model)
        log_joint = np.stack(
            [
                scorer.names(
                    encode_sequences([model.alphabet.start_index(start)] * len(letters), letters)
                ).numpy()
                + np.log(max(statistics.share, _SMALLEST_SHARE))
                for start, statistics in zip(starts, model.statistics, strict=True)
            ]
        )
        for column, row in enumerate(open_questions):
            chosen[row] = [
                max(chosen[row], key=lambda start: log_joint[starts.index(start), column])
            ]
    return [candidates[0] for candidates in chosen]


def _forced_letters(rating: Rating) -> int:
    asked_for = fold(rating.name).startswith(fold(rating.prefix))
    return min(len(rating.prefix), len(rating.name)) if asked_for else 0


def _held_out(names: Sequence[RatedName]) -> Iterable[RatedName]:
    """About a fifth, chosen by a hash of the folded name; at least one, and never all."""
    by_hash = sorted(names, key=lambda name: _hash(name.name))
    count = sum(_hash(name.name) < _HELD_OUT_SHARE for name in names)
    return by_hash[: min(max(count, 1), len(names) - 1)]


def _hash(name: str) -> float:
    """From 0 to 1. Salted, so that it has nothing to do with the split of the data set."""
    digest = hashlib.sha256(b"rating:" + fold(name).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
