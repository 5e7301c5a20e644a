"""What each rating weighs, so that nobody steers the model alone and everybody is heard.

Who presses more says more, but less and less more: votes of one person are not as many independent
opinions. A person's voice grows as ``votes / (1 + votes / enough)``, the form of the effective size
of a cluster (Kish 1965, "Survey Sampling", section 5.4), where `enough` is half of what the person
in the middle has said: nobody has one and a half times the voice of that person, and nobody more
than a twentieth of all voices unless hardly anybody else rates (`_SHARE`). What is said on one day
saturates alike. Who is new weighs less until a week has passed, and names of earlier versions weigh
a little less.

Two kinds of raters are believed less, each by a probability and never on a few votes:

* **constant** ones, who press the same button under whatever name. Against a person of the usual
  breadth of mind (a beta-binomial around the like rate of all) stands one who presses nothing else
  but for slips.
* **contrary** ones, whose votes go against what everybody else's foretell. The slope of their votes
  over the log-odds of a prediction by others is 1 for who agrees, 0 for who has other things in
  mind, -1 for the contrary: the ability of Whitehill et al. 2009 ("Whose Vote Should Count More",
  GLAD), where a slope of 0 is the spammer of Raykar and Yu 2012 ("Eliminating Spammers and Ranking
  Annotators"). Both, like Dawid and Skene 1979, compare people on the same items; here most names
  are rated once, so a model of names stands between the people.

Who has other things in mind loses nothing: that is taste. Neither do the contrary as soon as they
are a quarter of all voices: then it is the taste of many. A few who agree with each other against
all the rest cannot be told from an attack, and are treated as one.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

import numpy as np

from ml.arrays import Doubles, Symbols
from ml.learning.fair_sample import FairSample
from ml.learning.ratings import Rating
from ml.names.records import fold

# Names, their values (1 and -1) and weights; gives the probabilities that names are liked.
Predict: TypeAlias = Callable[[Sequence[str], Doubles, Doubles], Callable[[Sequence[str]], Doubles]]

_A_DAY = 20.0  # votes that a day can come to
_ENOUGH = (5.0, 30.0)  # votes, at least and at most, by which a voice is half of what it can be
_HEARD = 20.0  # votes by which a person counts when the middle is looked for
_SHARE = 0.05  # of all voices, at most, ...
_FEW = 2.0  # ... or so many equal shares, if that is more
_WHILE_NEW, _NEW = 0.25, timedelta(days=7)  # the weight of who comes now, and until when it grows
_A_VERSION, _OLDEST = 0.95, 0.6  # the weight of a name for each version since, and at least
_UNBELIEVED = 0.1  # what is left to who is certainly not to be believed

_CONSTANT = 0.03  # how many people press one button only, before they press any
_FAITHFUL = 50.0  # how often they press it for every time that they slip
_BREADTH = 8.0  # how many votes it takes to outweigh what is usual: people differ much
_AGREE, _APART, _CONTRARY = 0.8, 0.18, 0.02  # how many do, before anything is known of them
_TASTE = 0.3  # the standard deviation of a slope around 1, 0 or -1
_ATTACK, _OPINION = (
    0.10,
    0.25,
)  # shares of all voices from which the contrary begin to be heard, are
_FOLDS = 5
_MOST_LEARNT = 3_000  # ratings that a prediction by others learns from
_MOST_JUDGED = 5_000  # ratings by which the people of a fold are judged
_LARGEST_LOGIT = 4.0


@dataclass(frozen=True, slots=True)
class Rater:
    """A person as their ratings show them.

    `share` is their part of all weight; `constant` and `contrary` are probabilities.
    """

    user: int | str
    votes: int
    share: float
    constant: float
    contrary: float


def vote_weights(ratings: Sequence[Rating], predict: Predict | None = None) -> Doubles:
    """The weight of each rating ``(ratings,)``, of which there is at most one a user and name.

    They come to as many ratings as they are worth: (sum)^2 / sum of squares, so ratings that weigh
    the same weigh 1 each. `predict` learns what names are liked; without it nobody is contrary.
    """
    return weigh(ratings, predict)[0]


def weigh(ratings: Sequence[Rating], predict: Predict | None = None) -> tuple[Doubles, list[Rater]]:
    """`vote_weights`, and the people whose ratings they are, in the order of their first rating."""
    if not ratings:
        return np.zeros(0), []
    users = {user: number for number, user in enumerate(dict.fromkeys(r.user for r in ratings))}
    people = np.array([users[rating.user] for rating in ratings])
    values = np.array([float(rating.value) for rating in ratings])
    worth = _by_version(ratings) * _by_letters(ratings)
    worth *= _by_day(ratings, worth)
    votes: Doubles = np.bincount(people, worth).astype(np.float64)
    voices = votes / (1 + votes / np.clip(_middle(votes) / 2, *_ENOUGH)) * _by_age(ratings, people)
    parts = worth / votes[people]  # of a person's voice

    constant = _constant(values, people, voices[people] * parts)
    voices *= 1 - (1 - _UNBELIEVED) * constant
    contrary = np.zeros(len(users))
    if predict is not None:
        names = [rating.name for rating in ratings]
        contrary = _contrary(names, values, people, voices[people] * parts, predict)
        heard = (contrary @ voices / voices.sum() - _ATTACK) / (_OPINION - _ATTACK)
        voices *= 1 - (1 - _UNBELIEVED) * (1 - min(max(heard, 0.0), 1.0)) * contrary
    voices = _bounded(voices)

    weights = voices[people] * parts
    weights *= weights.sum() / (weights @ weights)
    shares = voices / voices.sum()
    counts = np.bincount(people)
    raters = [
        Rater(user, int(counts[i]), float(shares[i]), float(constant[i]), float(contrary[i]))
        for user, i in users.items()
    ]
    return weights, raters


def _by_version(ratings: Sequence[Rating]) -> Doubles:
    """Less for a name of an earlier version: people are shown others by now."""
    known = sorted({rating.version for rating in ratings if rating.version is not None})
    since = {version: len(known) - 1 - rank for rank, version in enumerate(known)}
    return np.array(
        [
            1.0 if rating.version is None else max(_A_VERSION ** since[rating.version], _OLDEST)
            for rating in ratings
        ]
    )


def _by_letters(ratings: Sequence[Rating]) -> Doubles:
    """The share of a name, its end included, that the model wrote: the rest was asked for."""
    return np.array([1 - rating.forced / (len(rating.name) + 1) for rating in ratings])


def _by_day(ratings: Sequence[Rating], worth: Doubles) -> Doubles:
    """What is left of a rating by how much the same person said on the same day."""
    said: dict[tuple[int | str, date], float] = defaultdict(float)
    for rating, own in zip(ratings, worth, strict=True):
        if rating.at is not None:
            said[rating.user, rating.at.date()] += own
    return np.array(
        [
            1.0 if rating.at is None else 1 / (1 + said[rating.user, rating.at.date()] / _A_DAY)
            for rating in ratings
        ]
    )


def _middle(votes: Doubles) -> float:
    """How many votes the person in the middle has, each person counted by at most `_HEARD`.

    So neither many who came once nor a few who never stop decide who that is.
    """
    ordered = np.sort(votes)
    heard = np.cumsum(np.minimum(ordered, _HEARD))
    return float(ordered[np.searchsorted(heard, heard[-1] / 2)])


def _by_age(ratings: Sequence[Rating], people: Symbols) -> Doubles:
    """The weight of each person by how long they are known when the last rating is given.

    It is not what they rated on their first day that weighs less, but who came just now: a crowd
    that is sent has to wait until somebody can have noticed it.
    """
    now = max((rating.at for rating in ratings if rating.at is not None), default=None)
    first: dict[int, datetime] = {}
    for rating, person in zip(ratings, people.tolist(), strict=True):
        if rating.since is not None:
            first[person] = min(first.get(person, rating.since), rating.since)
    weights = np.ones(int(people.max()) + 1)
    if now is not None:
        for person, since in first.items():
            known = min(max((now - since) / _NEW, 0.0), 1.0)
            weights[person] = _WHILE_NEW + (1 - _WHILE_NEW) * known
    return weights


def _constant(values: Doubles, people: Symbols, weights: Doubles) -> Doubles:
    """For each person the probability of one who presses the same button under any name."""
    likes: Doubles = np.bincount(people, values > 0).astype(np.float64)
    dislikes = np.bincount(people) - likes
    rate = float(np.clip(weights[values > 0].sum() / weights.sum(), 0.01, 0.99))
    usual = _beta_binomial(likes, dislikes, rate * _BREADTH, (1 - rate) * _BREADTH)
    pressed, slips = np.maximum(likes, dislikes), np.minimum(likes, dislikes)
    one_button = _beta_binomial(pressed, slips, _FAITHFUL, 1.0) + math.log(0.5)
    log_odds = one_button - usual + math.log(_CONSTANT / (1 - _CONSTANT))
    probability: Doubles = 1 / (1 + np.exp(-np.clip(log_odds, -700, 700)))
    return probability


def _contrary(
    names: Sequence[str], values: Doubles, people: Symbols, weights: Doubles, predict: Predict
) -> Doubles:
    """For each person the probability of one who votes against what others' votes foretell."""
    votes = np.bincount(people)
    contrary = np.zeros(len(votes))
    folds = min(_FOLDS, len(votes))
    if folds < 2:
        return contrary
    # Dealt out by votes, so that every fold has its part of the talkative.
    fold_of = np.empty(len(votes), dtype=np.int64)
    fold_of[np.argsort(-votes, kind="stable")] = np.arange(len(votes)) % folds
    for held_out in range(folds):
        others = _sample(np.flatnonzero(fold_of[people] != held_out), names, people, _MOST_LEARNT)
        if abs(values[others].sum()) == len(others):
            continue  # they all say the same of everything, which foretells nothing
        liked = predict([names[row] for row in others], values[others], weights[others])
        own = _sample(np.flatnonzero(fold_of[people] == held_out), names, people, _MOST_JUDGED)
        probabilities = liked([names[row] for row in own])
        for person in np.unique(people[own]):
            theirs = people[own] == person
            contrary[person] = _against(probabilities[theirs], values[own[theirs]])
    return contrary


def _sample(rows: Symbols, names: Sequence[str], people: Symbols, most: int) -> Symbols:
    kept: FairSample[int] = FairSample(most)
    for row in rows.tolist():
        kept.put(int(people[row]), fold(names[row]), row)
    return np.array(kept.items())


def _against(probabilities: Doubles, values: Doubles) -> float:
    """The probability that the slope of likes over log-odds is about -1 rather than 0 or 1.

    The slope is the first step of Newton's towards that of a logistic regression with an intercept
    of the person's own, from which it starts: how readily somebody likes is no matter of taste.
    """
    likes = (values + 1) / 2
    held = 1 / (1 + math.exp(_LARGEST_LOGIT))
    odds = np.log(np.clip(probabilities, held, 1 - held))
    odds -= np.log1p(-np.exp(odds))
    odds -= odds.mean()
    rate = (likes.sum() + 0.5) / (len(likes) + 1)
    information = rate * (1 - rate) * float(odds @ odds)
    slope = float((likes - likes.mean()) @ odds) / max(information, 1e-9)
    variance = 1 / max(information, 1e-9) + _TASTE**2
    log_odds = [
        math.log(prior) - (slope - centre) ** 2 / (2 * variance)
        for prior, centre in ((_CONTRARY, -1), (_APART, 0), (_AGREE, 1))
    ]
    largest = max(log_odds)
    parts = [math.exp(each - largest) for each in log_odds]
    return parts[0] / sum(parts)


def _bounded(voices: Doubles) -> Doubles:
    """No voice above `_SHARE` of all that is left, or above `_FEW` equal shares of it.

    How many people there are to share is counted by their voices, so that strangers who came once
    do not take the word from the two or three who rate.
    """
    share = max(_SHARE, _FEW * float(voices @ voices) / float(voices.sum()) ** 2)
    ordered = np.sort(voices)[::-1]
    # The bound when it holds the first, the first two, ...: bound = share * (held * bound + rest).
    held = np.arange(len(ordered))
    rest = ordered.sum() - np.concatenate([[0.0], np.cumsum(ordered)[:-1]])
    room = 1 - share * held
    bounds = np.where(room > 0, share * rest / np.where(room > 0, room, 1), np.inf)
    enough = bounds >= ordered  # the next one is within the bound
    bounded: Doubles = np.minimum(voices, bounds[enough.argmax()])
    return bounded


def _beta_binomial(ones: Doubles, others: Doubles, for_ones: float, for_others: float) -> Doubles:
    """The log-probability of so many ones and others, in the order in which they came."""
    return np.array(
        [
            _log_beta(for_ones + one, for_others + other) - _log_beta(for_ones, for_others)
            for one, other in zip(ones, others, strict=True)
        ]
    )


def _log_beta(first: float, second: float) -> float:
    return math.lgamma(first) + math.lgamma(second) - math.lgamma(first + second)
