"""Real names beside the ratings: some to watch while the model learns, some to judge it by.

A model of a plain list carries no names. It is watched and judged by what it writes itself, which
is the pseudorehearsal of Robins 1995, "Catastrophic Forgetting, Rehearsal and Pseudorehearsal".
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ml.corpora.corpus import Part, corpus_of_records
from ml.errors import TooLittleData
from ml.models.model import NameModel
from ml.names.alphabet import ANY_NAME, UNKNOWN
from ml.names.records import NameRecord, fold, split_of
from ml.writing.generator import NameRequest, matching_starts
from ml.writing.sampling import Sampler, SamplingSettings

_WATCHED = 4_000
_SAMPLES = 6_000


@dataclass(frozen=True, slots=True)
class RealNames:
    """Names that real people bear, or what stands in for them.

    `watched` tell during the learning how far the model has drifted. `held_out` are the gate's
    alone: bare given names that fine-tuning never sees.
    """

    watched: Part
    held_out: tuple[str, ...]


def gather_real_names(
    model: NameModel, rated: Collection[str], records: Sequence[NameRecord], seed: int
) -> RealNames:
    """The names for one run, from the data set where the model knows its start symbols.

    The gate's names come from the valid split and were not `rated`.

    Raises:
        TooLittleData: no name is left to watch or to judge by.
    """
    folded = {fold(name) for name in rated}
    train, valid = _of_data_set(model, records) or _of_model(model, seed)
    held_out = tuple(name for name in valid if fold(name) not in folded)
    if not train.names or not held_out:
        raise TooLittleData("too few names stand beside the ratings to keep the model honest")
    rows = np.random.default_rng(seed).permutation(len(train.names))[:_WATCHED]
    watched = Part(
        tuple(train.names[row] for row in rows), tuple(train.starts[row] for row in rows)
    )
    return RealNames(watched, held_out)


def _of_data_set(
    model: NameModel, records: Sequence[NameRecord]
) -> tuple[Part, tuple[str, ...]] | None:
    """The given names of the train and the valid split, as far as the model can spell them;
    nothing where it has other start symbols."""
    alphabet = model.alphabet
    if alphabet.starts == (ANY_NAME,):
        return None
    starts = {(start.kind, start.gender, start.origin) for start in alphabet.starts}
    known = [
        record
        for record in records
        if (record.kind, record.gender, record.origin) in starts
        and UNKNOWN not in alphabet.encode(record.name)
    ]
    try:
        corpus = corpus_of_records(known)
    except TooLittleData:
        return None
    return corpus.train.of_kind("given"), corpus.valid.of_kind("given").names


def _of_model(model: NameModel, seed: int) -> tuple[Part, tuple[str, ...]]:
    """What the model writes, as often as it writes it, split by the hash of the name."""
    samples = Sampler(model).sample(
        "",
        matching_starts(model.alphabet, NameRequest(origin=None)),
        _SAMPLES,
        SamplingSettings(temperature=1.0),
        np.random.default_rng(seed),
    )
    train = [sample for sample in samples if split_of(sample.name) == "train"]
    part = Part(
        tuple(sample.name for sample in train),
        tuple(sample.start for sample in train),
    )
    return part, tuple(x.name for x in samples if split_of(x.name) != "train")
