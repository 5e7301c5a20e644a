"""Training the gender classifier, and judging it beside what two letters tell.

Sizes and rates were chosen on the valid split.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ml.corpora.sequences import batches_by_length
from ml.errors import TooLittleData
from ml.gender.classifier import (
    GenderModel,
    encode_names,
    gender_alphabet,
    gender_logits,
    gender_network,
    guess_genders,
)
from ml.models.network_config import NetworkConfig
from ml.names.alphabet import UNKNOWN
from ml.names.records import GENDERS, Gender, NameRecord, Split, fold
from ml.networks.noise import Noise
from ml.progress import Report, Step, silent
from ml.training.step import one_cycle, take_step

_NETWORK = NetworkConfig(cell="lstm", embedding_size=16, hidden_size=64)
_NOISE = Noise(dropout=0.4, recurrent=0.2, falls_on="weights")
_EPOCHS = 40
# By how many bear a name it is weighed to this power: common names are asked about more often.
_FREQUENCY_POWER = 0.15
_BATCH = 64
_LEARNING_RATE = 5e-3
# Strange letters will come; the network should have met some.
_UNKNOWN_RATE = 0.01

# By true gender, then by guessed gender, both in the order of `GENDERS`.
Confusion = list[list[int]]


def train_gender(
    records: Sequence[NameRecord], *, seed: int = 0, epochs: int = _EPOCHS, report: Report = silent
) -> GenderModel:
    """A classifier of the given names of the train split, the state with the best valid loss kept.

    Raises:
        TooLittleData: there are no given names in the train or in the valid split.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    train, valid = given_names(records, "train"), given_names(records, "valid")
    alphabet = gender_alphabet("".join(record.name for record in train))
    names = encode_names(alphabet, [record.name for record in train])
    genders = _indices(train)
    # Илья and Никита have the endings of women; they weigh more than names that hardly anyone has.
    weights = torch.tensor([record.count for record in train]).double() ** _FREQUENCY_POWER
    network = gender_network(_NETWORK, alphabet, _NOISE)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_LEARNING_RATE, fused=True)
    best_loss, best_state = math.inf, dict[str, Tensor]()
    for epoch in range(epochs):
        network.train()
        batches = batches_by_length(names.lengths, _BATCH, generator)
        for position, indices in enumerate(batches):
            inputs, _ = names.batch(indices)
            strange = torch.rand(inputs.shape, generator=generator) < _UNKNOWN_RATE
            inputs = inputs.masked_fill(strange, UNKNOWN)
            logits = gender_logits(network, inputs, names.lengths[indices])
            losses = functional.cross_entropy(
                logits, genders[indices], reduction="none"
            )  # (batch,)
            loss = (losses * weights[indices]).sum() / weights[indices].sum()
            torch.autograd.backward(loss)
            way = (epoch + position / len(batches)) / epochs
            take_step(optimizer, _LEARNING_RATE * one_cycle(way))
        valid_loss = _loss(GenderModel(network.eval(), alphabet), valid)
        if valid_loss < best_loss:
            best_loss = valid_loss
            best_state = {name: value.clone() for name, value in network.state_dict().items()}
        report(Step("train", epoch + 1, epochs, f"valid {valid_loss:.4f} nats a name"))
    network.load_state_dict(best_state)
    model = GenderModel(network.eval(), alphabet)
    metrics = {"train_names": len(train), "valid_nats_per_name": best_loss, "seed": seed}
    return GenderModel(model.network, alphabet, metrics)


def given_names(records: Sequence[NameRecord], split: Split) -> list[NameRecord]:
    """The given names of a split, of all origins.

    Raises:
        TooLittleData: there are none.
    """
    found = [record for record in records if record.kind == "given" and record.split == split]
    if not found:
        raise TooLittleData(f"there are no given names in the {split} split")
    return found


class EndingTable:
    """The baseline: the gender that most training names with the same last two letters have.

    An ending that no training name has is given the gender that most names have.
    """

    def __init__(self, records: Sequence[NameRecord]) -> None:
        counts: dict[str, Counter[Gender]] = {}
        for record in records:
            counts.setdefault(_ending(record.name), Counter())[record.gender] += 1
        self._genders = {ending: _majority(counted) for ending, counted in counts.items()}
        self._otherwise = _majority(Counter(record.gender for record in records))

    def guess(self, name: str) -> Gender:
        """The gender of a name."""
        return self._genders.get(_ending(name), self._otherwise)


@dataclass(frozen=True, slots=True)
class GenderReport:
    """The share of `names` that the model and the baseline got right, and the model's mistakes."""

    names: int
    accuracy: float
    baseline_accuracy: float
    confusion: Confusion
    mistaken: list[str]

    def __str__(self) -> str:
        rows = [
            f"{true}: " + ", ".join(map("{} taken for {}".format, row, GENDERS))
            for true, row in zip(GENDERS, self.confusion, strict=True)
        ]
        return "\n".join(
            [
                f"{self.accuracy:.1%} of {self.names} names of the test split;"
                f" by their last two letters {self.baseline_accuracy:.1%}",
                *rows,
                f"mistaken: {', '.join(self.mistaken) or 'none'}",
            ]
        )

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        return asdict(self)


def evaluate_gender(model: GenderModel, records: Sequence[NameRecord]) -> GenderReport:
    """The classifier and the baseline on the given names of the test split.

    Raises:
        TooLittleData: there are no given names in the train or in the test split.
    """
    test = given_names(records, "test")
    table = EndingTable(given_names(records, "train"))
    guesses = guess_genders(model, [record.name for record in test])
    confusion = [[0] * len(GENDERS) for _ in GENDERS]
    for record, guess in zip(test, guesses, strict=True):
        confusion[GENDERS.index(record.gender)][GENDERS.index(guess.gender)] += 1
    mistaken = [r.name for r, guess in zip(test, guesses, strict=True) if r.gender != guess.gender]
    return GenderReport(
        names=len(test),
        accuracy=1 - len(mistaken) / len(test),
        baseline_accuracy=sum(table.guess(r.name) == r.gender for r in test) / len(test),
        confusion=confusion,
        mistaken=mistaken,
    )


@torch.no_grad()
def _loss(model: GenderModel, records: Sequence[NameRecord]) -> float:
    names = encode_names(model.alphabet, [record.name for record in records])
    inputs, _ = names.batch(torch.arange(len(names)))
    logits = gender_logits(model.network, inputs, names.lengths)
    return float(functional.cross_entropy(logits, _indices(records)))


def _indices(records: Sequence[NameRecord]) -> Tensor:
    return torch.tensor([GENDERS.index(record.gender) for record in records])


def _ending(name: str) -> str:
    return fold(name)[-2:]


def _majority(counted: Counter[Gender]) -> Gender:
    return counted.most_common(1)[0][0]
