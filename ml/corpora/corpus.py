"""What a model is trained and judged on: names with their start symbols, split and weighed.

Built from a names CSV (kinds, genders and origins, its own split) or from a plain text file
(a single start symbol, a split by the same hash unless a second file holds the valid part).
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from ml.corpora.sequences import Sequences, encode_sequences
from ml.errors import TooLittleData
from ml.names.alphabet import ANY_NAME, Alphabet, Start, alphabet_of_names, alphabet_of_records
from ml.names.fingerprints import Fingerprints
from ml.names.records import NameRecord
from ml.names.statistics import StartStatistics

# How the training names of the shipped list are drawn. Given names are what the bot is asked for,
# but there are few of them: drawn more often than this they are learnt by heart. Within a kind all
# are drawn alike: with the number of bearers to the power 0.15 the network alone needs 1.820 nats
# per symbol on valid given names, with all alike 1.803 (`python -m bench data` has more powers).
KIND_SHARES = {"given": 0.25, "patronymic": 0.225, "surname": 0.525}

# Of the lines of a plain list: the share to judge by, and the most.
_HELD_OUT = 0.05
_MOST_HELD_OUT = 600


@dataclass(frozen=True)
class Part:
    """One split: names and, aligned with them, start symbols."""

    names: tuple[str, ...]
    starts: tuple[Start, ...]

    def __len__(self) -> int:
        return len(self.names)

    def encode(self, alphabet: Alphabet) -> Sequences:
        """The names as sequences of symbols of `alphabet`."""
        return encode_sequences(
            [alphabet.start_index(start) for start in self.starts],
            [alphabet.encode(name) for name in self.names],
        )

    def of_kind(self, kind: str | None) -> "Part":
        """The names of one kind."""
        return self.select([start.kind == kind for start in self.starts])

    def select(self, chosen: Sequence[bool]) -> "Part":
        """Those of the names that are chosen."""
        kept = [i for i, yes in enumerate(chosen) if yes]
        return Part(tuple(self.names[i] for i in kept), tuple(self.starts[i] for i in kept))


@dataclass(frozen=True)
class Corpus:
    """Training and validation names with the alphabet of the training ones.

    `weights` ``(train,)`` says how often a training name is drawn, relative to the others;
    `held_out` are all names of the data set outside the training part.
    """

    alphabet: Alphabet
    train: Part
    valid: Part
    weights: Tensor
    held_out: tuple[str, ...]

    @cached_property
    def fingerprints(self) -> Fingerprints:
        """Fingerprints of every name of the data set."""
        return Fingerprints.of(self.train.names, self.held_out)

    @cached_property
    def statistics(self) -> tuple[StartStatistics, ...]:
        """Statistics of the training names, by start symbol."""
        by_start: dict[Start, list[str]] = {start: [] for start in self.alphabet.starts}
        of_kind: dict[str | None, int] = {}
        for name, start in zip(self.train.names, self.train.starts, strict=True):
            by_start[start].append(name)
            of_kind[start.kind] = of_kind.get(start.kind, 0) + 1
        lowered = self.alphabet.casing == "title"
        return tuple(
            StartStatistics(
                share=len(names) / of_kind[start.kind],
                shortest=min(map(len, names)),
                longest=max(map(len, names)),
                finals="".join(sorted({n[-1].lower() if lowered else n[-1] for n in names})),
            )
            for start, names in by_start.items()
        )


def corpus_of_records(records: Sequence[NameRecord]) -> Corpus:
    """The corpus of a names CSV, which brings its own split.

    `valid` holds given names alone, if there are any: it is them that a model is asked for, and
    one of the thousands of surnames would decide nothing for them.

    Raises:
        TooLittleData: a split is empty.
    """
    train = [record for record in records if record.split == "train"]
    valid = [record for record in records if record.split == "valid"]
    if not train or not valid:
        raise TooLittleData("the names CSV has no rows in the train or in the valid split")
    return Corpus(
        alphabet=alphabet_of_records(train),
        train=part_of_records(train),
        valid=part_of_records([record for record in valid if record.kind == "given"] or valid),
        weights=_weights_by_kind(train),
        held_out=tuple(record.name for record in records if record.split != "train"),
    )


def corpus_of_names(names: Sequence[str], valid: Sequence[str] | None = None) -> Corpus:
    """The corpus of a plain list; without `valid` 5% of its lines are held out, at most 600.

    Lines and not names: where names recur, a line to come is often a name seen before, and judged
    by strangers alone a model would be kept from knowing it. More than so many tell hardly more,
    and are missed by what is trained: of 29,500 English names, 600 held out in place of 5% let
    Kneser-Ney do better by 0.003 nats per symbol.

    Raises:
        TooLittleData: too few names to hold any out.
    """
    train = list(names)
    if valid is None:
        held_out = _held_out(len(names))
        valid = [name for line, name in enumerate(names) if line in held_out]
        train = [name for line, name in enumerate(names) if line not in held_out]
    if not train or not valid:
        raise TooLittleData("too few names to train on some and judge by others")
    return Corpus(
        alphabet=alphabet_of_names(train),
        train=Part(tuple(train), (ANY_NAME,) * len(train)),
        valid=Part(tuple(valid), (ANY_NAME,) * len(valid)),
        weights=torch.ones(len(train)),
        held_out=tuple(set(valid)),
    )


def _held_out(lines: int) -> set[int]:
    """The lines to judge by: always the same ones of a list."""
    count = min(math.ceil(_HELD_OUT * lines), _MOST_HELD_OUT)
    return set(random.Random(0).sample(range(lines), count))  # noqa: S311 (nothing to guess)


def part_of_records(records: Sequence[NameRecord]) -> Part:
    """Records as names with start symbols."""
    return Part(
        names=tuple(record.name for record in records),
        starts=tuple(Start(record.kind, record.gender, record.origin) for record in records),
    )


def _weights_by_kind(records: Sequence[NameRecord]) -> Tensor:
    weights = torch.ones(len(records))
    for kind, share in KIND_SHARES.items():
        rows = torch.tensor([record.kind == kind for record in records])
        if rows.any():
            weights[rows] *= share / weights[rows].sum()
    return weights
