"""Real names beside the ratings: some to go on learning from, some to watch, some to judge by.

A network that learns from ratings alone forgets the language. So it goes on reading real names
while it learns (*replay*; Robins 1995, "Catastrophic Forgetting, Rehearsal and Pseudorehearsal").
A model of a plain list carries no names: its replay is what it writes itself, which is the
pseudorehearsal of that paper, and what it is judged by then is how well it still predicts what
the model before would have written.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ml.corpora.corpus import Part, corpus_of_records
from ml.corpora.sequences import Sequences
from ml.errors import TooLittleData
from ml.learning.rated_names import Opinions
from ml.models.model import NameModel
from ml.names.alphabet import ANY_NAME, UNKNOWN
from ml.names.records import NameRecord, fold, split_of
from ml.writing.generator import NameRequest, matching_starts
from ml.writing.sampling import Sampler, SamplingSettings

_WATCHED = 400  # names of each kind
_SAMPLES = 6_000


@dataclass(frozen=True, slots=True)
class RealNames:
    """Names that real people bear, or what stands in for them.

    `replayed` are learnt from, each drawn as often as its `weights` ``(names,)`` say. `watched`,
    one batch of sequences a kind, tell during the learning what is being forgotten. `held_out`
    are the gate's alone: bare given names that fine-tuning never sees.
    """

    replayed: Sequences
    weights: Tensor
    watched: tuple[Sequences, ...]
    held_out: tuple[str, ...]


def gather_real_names(
    model: NameModel, opinions: Opinions, records: Sequence[NameRecord], seed: int
) -> RealNames:
    """The names for one run, from the data set where the model knows its start symbols.

    Disliked names and names of the held-out ratings are not replayed; the gate's names come from
    the valid split and were not rated.

    Raises:
        TooLittleData: no name is left to replay or to judge by.
    """
    rated = {fold(name.name) for name in (*opinions.learnt, *opinions.held_out)}
    kept_back = {fold(name.name) for name in opinions.held_out}
    kept_back |= {fold(name.name) for name in opinions.learnt if not name.liked}
    train, weights, valid = _of_data_set(model, records) or _of_model(model, seed)
    rows = [row for row, name in enumerate(train.names) if fold(name) not in kept_back]
    held_out = tuple(name for name in valid if fold(name) not in rated)
    generator = torch.Generator().manual_seed(seed)
    shuffled = [rows[int(i)] for i in torch.randperm(len(rows), generator=generator)]
    watched: dict[str | None, list[int]] = {}
    replayed: list[int] = []
    for row in shuffled:
        of_kind = watched.setdefault(train.starts[row].kind, [])
        if len(of_kind) < min(_WATCHED, len(rows) // 10):
            of_kind.append(row)
        else:
            replayed.append(row)
    if not replayed or not held_out:
        raise TooLittleData("too few names stand beside the ratings to keep the model honest")
    return RealNames(
        replayed=_select(train, replayed).encode(model.alphabet),
        weights=weights[replayed],
        watched=tuple(
            _select(train, of_kind).encode(model.alphabet)
            for of_kind in watched.values()
            if of_kind
        ),
        held_out=held_out,
    )


def _of_data_set(
    model: NameModel, records: Sequence[NameRecord]
) -> tuple[Part, Tensor, tuple[str, ...]] | None:
    """The training names, their weights and the valid given names, as far as the model can
    spell them; nothing where it has other start symbols."""
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
    return corpus.train, corpus.weights, corpus.valid.of_kind("given").names


def _of_model(model: NameModel, seed: int) -> tuple[Part, Tensor, tuple[str, ...]]:
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
    valid = tuple(sample.name for sample in samples if split_of(sample.name) != "train")
    return part, torch.ones(len(train)), valid


def _select(part: Part, rows: Sequence[int]) -> Part:
    return Part(tuple(part.names[row] for row in rows), tuple(part.starts[row] for row in rows))
