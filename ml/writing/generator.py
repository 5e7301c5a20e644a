"""`NameGenerator`: the current model and its sampler in one place, swapped while in use.

Synchronous and thread-safe; callers with an event loop run it in a thread.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Self

import numpy as np

from ml.errors import ImpossiblePrefix, ImpossibleRequest, IndecentPrefix
from ml.models.model import NameModel
from ml.names import known
from ml.names.alphabet import ANY_NAME, Alphabet, Start
from ml.names.decency import is_decent, is_decent_beginning
from ml.names.fingerprints import Fingerprints
from ml.names.known import Status
from ml.names.records import ORIGINS, Gender, Kind, Origin, fold
from ml.writing.judge import Judge
from ml.writing.sampling import DEFAULT_SETTINGS, Sample, Sampler, SamplingSettings
from ml.writing.trace import Trace, trace

__all__ = [
    "DEFAULT_SETTINGS",
    "Answer",
    "ImpossiblePrefix",
    "IndecentPrefix",
    "NameGenerator",
    "NameRequest",
    "SampledName",
    "SamplingSettings",
]

# Of eight names that are written one or two pass; at once they take a third of the time.
_SMALLEST_BATCH = 8
# Each round draws twice as many as the one before: some 4,000 names for a request of one.
_ROUNDS = 11
_LARGEST_BATCH = 2048
# How sure the judge must be of an invented name: by default a tenth of them pass. What strict
# readers make of those that pass and of the others: ``bench/readings``.
_BELIEVED = 0.5
# How many doubtful names are passed over for one that is shown.
_PATIENCE = 64
# The share of the known names that pass, for else few that are shown would be invented: by default
# six of ten that are written, and four of ten that are shown. After a prefix nothing was written
# ahead, and to pass over more would take longer.
_KNOWN_PASS = 0.2
_KNOWN_PASS_AFTER_PREFIX = 0.5
# A prefix that the model finds so many nats a letter less likely than letters drawn blindly begins
# no name. Blindly is -3.6 among 36 symbols: "щщщ" has -8.6, "цз" -5.9, "бзт" -5.1. Of all prefixes
# of two letters and more of valid Russian given names none is below -4.3.
_WORSE_THAN_BLIND = 1.3


@dataclass(frozen=True, slots=True)
class NameRequest:
    """What names are wanted.

    `gender` and `origin` of `None` mean any. `novel_only` leaves out every name that any list
    has. Names in `exclude` (compared folded) are passed over as long as others are found.
    `uncensored` is for research: names that are not decent come, too; without `judged` so do
    invented ones that nobody would believe: what the model's distribution looks like.
    """

    prefix: str = ""
    gender: Gender | None = None
    kind: Kind = "given"
    origin: Origin | None = "russian"
    count: int = 1
    novel_only: bool = False
    exclude: frozenset[str] = frozenset()
    settings: SamplingSettings = DEFAULT_SETTINGS
    uncensored: bool = False
    judged: bool = True


@dataclass(frozen=True, slots=True)
class SampledName:
    """One name, what is known of it, and the model's own log-probability in nats.

    `status` is that of a name of this kind and gender; `short_for` is what a short form is short
    for.
    """

    name: str
    gender: Gender | None
    status: Status
    log_prob: float
    short_for: str | None = None

    @property
    def novel(self) -> bool:
        """Whether the name was found nowhere."""
        return self.status == "novel"


@dataclass(frozen=True, slots=True)
class Answer:
    """Names, and who wrote them."""

    names: list[SampledName]
    version: int


@dataclass(frozen=True, slots=True)
class _Current:
    """What is needed of a model to serve; its weights stand in the sampler, once."""

    sampler: Sampler
    judge: Judge | None
    fingerprints: Fingerprints
    version: int

    @classmethod
    def of(cls, model: NameModel, version: int) -> Self:
        sampler = Sampler(model)
        judge = None
        # It was fitted to given names, and on what an n-gram says of them.
        if model.mixture and any(start.kind == "given" for start in model.alphabet.starts):
            judge = Judge(model, model.mixture.ngram)
        return cls(sampler, judge, model.fingerprints, version)

    @property
    def least_log_prob(self) -> float:
        """What a prefix must have, in nats a letter."""
        return -math.log(self.sampler.alphabet.predicted) - _WORSE_THAN_BLIND

    def known_pass(self, request: NameRequest) -> float:
        """The share of the known names that pass: all where invented ones are not judged."""
        is_judged = self.judge and request.judged and request.kind == "given"
        if not is_judged:
            return 1.0
        return _KNOWN_PASS_AFTER_PREFIX if request.prefix else _KNOWN_PASS


class NameGenerator:
    """Owns the model that is serving, under the number `version` that the caller gave it."""

    def __init__(self, model: NameModel, version: int = 0) -> None:
        # One reference, replaced whole: a request in flight goes on with what it began with.
        self._current = _Current.of(model, version)

    @property
    def version(self) -> int:
        """The version that new requests get."""
        return self._current.version

    @property
    def origins(self) -> frozenset[Origin]:
        """The origins of names that can be asked for: all, of a model that tells none apart."""
        starts = self._current.sampler.alphabet.starts
        return frozenset(start.origin for start in starts if start.origin) or frozenset(ORIGINS)

    def swap(self, model: NameModel, version: int) -> None:
        """Serve another model from now on."""
        self._current = _Current.of(model, version)

    def generate(self, request: NameRequest, *, seed: int | None = None) -> Answer:
        """Distinct names for a request, as many as asked for unless no more were found.

        Raises:
            IndecentPrefix: what begins so is not decent.
            ImpossiblePrefix: no name of this model can begin so, hardly any does, or none was
                found.
        """
        current = self._current
        found: dict[str, SampledName] = {}
        excluded: dict[str, SampledName] = {}
        exclude = {fold(name) for name in request.exclude}
        rng, least = np.random.default_rng(seed), current.least_log_prob
        for sampled in self._draw(current, request, rng, least_log_prob=least):
            folded = fold(sampled.name)
            if folded in exclude:
                excluded.setdefault(folded, sampled)
            else:
                found.setdefault(folded, sampled)
            if len(found) == request.count:
                break
        names = [*found.values(), *excluded.values()][: request.count]
        if not names:
            raise ImpossiblePrefix("no name was found that begins so")
        return Answer(names, current.version)

    def sample(self, request: NameRequest, *, seed: int | None = None) -> list[SampledName]:
        """``request.count`` independent draws, repeats and all, `exclude` not regarded.

        What the network's distribution looks like; fewer when hardly any name is left to draw.

        Raises:
            IndecentPrefix: what begins so is not decent.
        """
        draws = self._draw(self._current, request, np.random.default_rng(seed))
        return [sampled for sampled, _ in zip(draws, range(request.count), strict=False)]

    def stream(
        self, request: NameRequest, batch: int, *, seed: int | None = None
    ) -> Iterator[Answer]:
        """Names without end, those of `batch` written at once in each answer.

        Each is drawn as a request of one name draws it: repeats come, `count` and `exclude` are
        not regarded. Goes on with the model that it began with.

        Raises:
            ImpossibleRequest: as `generate`, but only what is certain before anything is written.
        """
        current = self._current
        starts = matching_starts(current.sampler.alphabet, request)
        check_beginning(request)
        rng = np.random.default_rng(seed)
        doubtful: list[tuple[float, SampledName]] = []
        while True:
            judged = _write(current, request, starts, batch, rng)
            names = [*_passed(judged, doubtful, current.known_pass(request), rng)]
            yield Answer(names, current.version)

    def candidates(self, request: NameRequest, batch: int, *, seed: int | None = None) -> Answer:
        """Distinct names to choose from, none of them in `exclude`: of `batch`, written at once.

        Each is drawn as a request of one name draws it; few come or none, if few are believed.

        Raises:
            ImpossibleRequest: as `generate`, but only what is certain before anything is written.
        """
        current = self._current
        starts = matching_starts(current.sampler.alphabet, request)
        check_beginning(request)
        rng = np.random.default_rng(seed)
        least = current.least_log_prob
        judged = _write(current, request, starts, batch, rng, least_log_prob=least)
        exclude = {fold(name) for name in request.exclude}
        found: dict[str, SampledName] = {}
        for sampled in _passed(judged, [], current.known_pass(request), rng):
            if (folded := fold(sampled.name)) not in exclude:
                found.setdefault(folded, sampled)
        return Answer([*found.values()], current.version)

    def trace(self, name: str, kind: Kind, gender: Gender | None, origin: Origin) -> Trace:
        """How the model writes a name of this kind.

        Raises:
            ImpossibleRequest: it writes none, or has never seen one of the letters.
        """
        sampler = self._current.sampler
        request = NameRequest(kind=kind, gender=gender, origin=origin)
        return trace(sampler, name, matching_starts(sampler.alphabet, request)[0])

    def prefix_log_prob(self, prefix: str, gender: Gender | None = None) -> float:
        """How probable it is, in nats, that a Russian given name begins so; -inf if none can."""
        sampler = self._current.sampler
        try:
            starts = matching_starts(sampler.alphabet, NameRequest(gender=gender))
            return sampler.prefix_log_prob(prefix, starts)
        except ImpossibleRequest:
            return -math.inf

    def _draw(
        self,
        current: _Current,
        request: NameRequest,
        rng: np.random.Generator,
        *,
        least_log_prob: float = -np.inf,
    ) -> Iterator[SampledName]:
        """Names one after another: some of the known ones, and of the invented those that a reader
        would believe. Where none is, as after a strange prefix, the best of `_PATIENCE` is given.
        """
        starts = matching_starts(current.sampler.alphabet, request)
        check_beginning(request)
        batch = max(request.count + request.count // 4, _SMALLEST_BATCH)
        doubtful: list[tuple[float, SampledName]] = []
        for _ in range(_ROUNDS):
            judged = _write(current, request, starts, batch, rng, least_log_prob=least_log_prob)
            yield from _passed(judged, doubtful, current.known_pass(request), rng)
            batch = max(batch, min(2 * batch, _LARGEST_BATCH))
        yield from (sampled for _, sampled in sorted(doubtful, key=itemgetter(0), reverse=True))


def matching_starts(alphabet: Alphabet, request: NameRequest) -> list[Start]:
    """The start symbols of a model that a request admits; a plain list's model has only one.

    Raises:
        ImpossibleRequest: the model writes no names of that kind.
    """
    if alphabet.starts == (ANY_NAME,):
        return [ANY_NAME]
    starts = [
        start
        for start in alphabet.starts
        if start.kind == request.kind
        and request.gender in (None, start.gender)
        and request.origin in (None, start.origin)
    ]
    if not starts:
        raise ImpossibleRequest("this model writes no names of that kind")
    return starts


def _write(
    current: _Current,
    request: NameRequest,
    starts: Sequence[Start],
    batch: int,
    rng: np.random.Generator,
    *,
    least_log_prob: float = -np.inf,
) -> Iterator[tuple[SampledName, float]]:
    """A batch of what a request admits, and how far each is to be believed."""
    samples = current.sampler.sample(
        request.prefix, starts, batch, request.settings, rng, least_log_prob=least_log_prob
    )
    for sampled, score in _judged(current, samples, request.judged):
        if request.novel_only and not sampled.novel:
            continue
        if request.uncensored or is_decent(sampled.name, request.kind):
            yield sampled, score


def _passed(
    judged: Iterator[tuple[SampledName, float]],
    doubtful: list[tuple[float, SampledName]],
    known_pass: float,
    rng: np.random.Generator,
) -> Iterator[SampledName]:
    """What is believed, and of the known names the share `known_pass`.

    Of every `_PATIENCE` that are passed over, which `doubtful` keeps, the best is given: a known
    one, if there is any.
    """
    for sampled, score in judged:
        if score >= _BELIEVED and (sampled.novel or rng.random() < known_pass):
            doubtful.clear()  # the next one begins with patience anew
            yield sampled
            continue
        doubtful.append((score, sampled))
        if len(doubtful) == _PATIENCE:
            best = max(doubtful, key=itemgetter(0))[1]
            doubtful.clear()
            yield best


def _judged(
    current: _Current, samples: Sequence[Sample], judged: bool
) -> Iterator[tuple[SampledName, float]]:
    """Names of which something true can be said, and how far they are to be believed.

    Whoever is known is beyond doubt; a word that means something else is none.
    """
    described = [
        (sample, sampled)
        for sample in samples
        if (sampled := _describe(current.fingerprints, sample))
    ]
    scores = np.full(len(described), np.inf)
    doubted = [
        row
        for row, (sample, sampled) in enumerate(described)
        if sampled.novel and sample.start.kind == "given"
    ]
    if current.judge and judged and doubted:
        with current.sampler.blas.limit(limits=1):
            scores[doubted] = current.judge.scores(
                [described[row][0] for row in doubted], enough=_BELIEVED
            )
        for row in doubted:
            if known.is_word(described[row][1].name):
                scores[row] = -np.inf
    return zip([sampled for _, sampled in described], scores.tolist(), strict=True)


def check_beginning(request: NameRequest) -> None:
    """Whether names that begin as a request says may be written at all.

    Raises:
        IndecentPrefix: what begins so is not decent.
    """
    if not request.uncensored and not is_decent_beginning(request.prefix, request.kind):
        raise IndecentPrefix("no decent name begins so")


def _describe(fingerprints: Fingerprints, sample: Sample) -> SampledName | None:
    """A name and what is known of it; none where nothing true could be said.

    See `known.is_doubtful` and `known.is_of_another_origin`.
    """
    name, kind, gender = sample.name, sample.start.kind, sample.start.gender
    origin = sample.start.origin
    status: Status = "novel"
    if kind is not None and kind != "text":
        status = known.status(name, kind, gender)
        if status == "novel" and known.is_doubtful(name, kind, gender):
            return None
        if status == "known" and origin and known.is_of_another_origin(name, kind, gender, origin):
            return None
    if status == "novel" and fingerprints.knows(name):
        status = "known"  # to this model's own list, of names that ours may not have
    return SampledName(
        name=name,
        gender=gender,
        status=status,
        log_prob=sample.log_prob,
        short_for=known.short_for(name, gender) if status == "short" else None,
    )
