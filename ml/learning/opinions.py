"""From ratings to votes: which of them a model can learn from, and what each weighs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ml.arrays import Doubles
from ml.corpora.sequences import encode_sequences
from ml.errors import TooLittleData
from ml.learning.raters import vote_weights
from ml.learning.ratings import Rating, thin_out
from ml.models.model import NameModel
from ml.names.alphabet import ANY_NAME, UNKNOWN, Start
from ml.names.records import fold
from ml.scoring.scorer import Scorer
from ml.taste.reward import Votes, fit_reward

_FEWEST_NAMES = 2  # liked, and as many disliked
_MOST_RATINGS = 20_000
_SMALLEST_SHARE = 1e-9
# How much letters may explain when people are held against each other.
_SCALE = 0.3


@dataclass(frozen=True, slots=True)
class Opinions:
    """Ratings that can be learnt from, one a person and name, and what each of them weighs.

    `ratings` and `votes` stand in the same order; `starts` are the start symbols under which the
    model writes the names. `skipped` ratings were of names that it could not have written.
    """

    ratings: list[Rating]
    votes: Votes
    starts: list[Start]
    skipped: int

    def log_probs(self, model: NameModel) -> Doubles:
        """Log p ``(ratings,)`` of the names under a model with the same alphabet."""
        alphabet = model.alphabet
        sequences = encode_sequences(
            [alphabet.start_index(start) for start in self.starts],
            [alphabet.encode(name) for name in self.votes.names],
        )
        return np.asarray(Scorer.of(model).names(sequences).double().numpy())

    @property
    def different(self) -> int:
        """How many different names were rated."""
        return len({fold(name) for name in self.votes.names})


def form_opinions(model: NameModel, ratings: Sequence[Rating]) -> Opinions:
    """Weigh `ratings`, at most one a user and name; of very many a part, fair by person.

    Raises:
        TooLittleData: fewer than two liked or two disliked names are left.
    """
    usable = thin_out([r for r in ratings if _could_be_written(model, r)], _MOST_RATINGS)
    for value, what in ((1, "liked"), (-1, "disliked")):
        names = {fold(rating.name) for rating in usable if rating.value == value}
        if len(names) < _FEWEST_NAMES:
            raise TooLittleData(
                f"learning needs at least {_FEWEST_NAMES} different {what} names that this model "
                f"can write, and the ratings hold {len(names)}"
            )
    _, people = np.unique([str(rating.user) for rating in usable], return_inverse=True)
    votes = Votes(
        names=[rating.name for rating in usable],
        values=np.array([float(rating.value) for rating in usable]),
        weights=vote_weights(usable, _predict),
        people=people,
    )
    return Opinions(usable, votes, _starts(model, usable), len(ratings) - len(usable))


def _predict(
    names: Sequence[str], values: Doubles, weights: Doubles
) -> Callable[[Sequence[str]], Doubles]:
    together = np.zeros(len(names), dtype=np.intp)
    return fit_reward(Votes(names, values, weights, together), _SCALE).like_rates


def _candidate_starts(model: NameModel, rating: Rating) -> list[Start]:
    """The start symbols under which a rated name may have been written.

    Names are of Russian origin unless they were asked for otherwise. A combination that the model
    does not know, and a gender that is not known, leave open what they can.
    """
    if model.alphabet.starts == (ANY_NAME,):
        return [ANY_NAME]
    of_kind = [start for start in model.alphabet.starts if start.kind == rating.kind]
    matching = [
        start
        for start in of_kind
        if rating.gender in (None, start.gender) and start.origin == (rating.origin or "russian")
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


def _starts(model: NameModel, ratings: Sequence[Rating]) -> list[Start]:
    """For each rating the candidate under which the model finds the name most probable."""
    chosen = [_candidate_starts(model, rating) for rating in ratings]
    scorer = Scorer.of(model)
    best = np.full(len(ratings), -np.inf)
    starts = [candidates[0] for candidates in chosen]
    for start, statistics in zip(model.alphabet.starts, model.statistics, strict=True):
        rows = [row for row, those in enumerate(chosen) if len(those) > 1 and start in those]
        if not rows:
            continue
        letters = [model.alphabet.encode(ratings[row].name) for row in rows]
        index = model.alphabet.start_index(start)
        log_joint = scorer.names(encode_sequences([index] * len(rows), letters)).numpy()
        log_joint = log_joint + np.log(max(statistics.share, _SMALLEST_SHARE))
        for row, found in zip(rows, log_joint, strict=True):
            if found > best[row]:
                best[row], starts[row] = found, start
    return starts
