"""What all experiments share: the names, how much work to do, and what comes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, TypeVar

from matplotlib.figure import Figure

from ml.corpora.corpus import Part, part_of_records
from ml.corpora.sequences import Sequences
from ml.errors import TooLittleData
from ml.lab.tables import Table
from ml.models.checkpoint import SHIPPED_MODEL
from ml.models.network_config import Cell, NetworkConfig
from ml.names.alphabet import Alphabet, alphabet_of_records
from ml.names.records import NameRecord, Split
from ml.networks.network import Impl, NameNetwork
from ml.progress import Report, Step

EMBEDDING_SIZE = 32

_Variant = TypeVar("_Variant")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much work an experiment does; the code is the same at every scale.

    Every training makes `updates` changes to the weights of a network of `hidden_size`, or runs for
    `seconds` of processor time where times are to be equal. A network of the comparison of cells
    has about `parameters`. A setting of decoding writes `samples` names.
    """

    seeds: int
    updates: int
    hidden_size: int
    parameters: int
    seconds: float
    samples: int


FULL = Scale(seeds=3, updates=700, hidden_size=128, parameters=60_000, seconds=10.0, samples=2000)
QUICK = Scale(seeds=2, updates=25, hidden_size=48, parameters=12_000, seconds=0.5, samples=300)


@dataclass(frozen=True)
class Material:
    """What the experiments work on: names in their splits, and the model that is decoded from.

    Each name follows its start symbol, which tells kind, gender and origin; in training every name
    comes as often as any other. Nothing is ever chosen by the test split.
    """

    records: tuple[NameRecord, ...]
    model: Path = SHIPPED_MODEL

    @cached_property
    def alphabet(self) -> Alphabet:
        """The alphabet of the training names."""
        return alphabet_of_records([record for record in self.records if record.split == "train"])

    def part(self, split: Split) -> Part:
        """The names of one split.

        Raises:
            TooLittleData: there are none.
        """
        records = [record for record in self.records if record.split == split]
        if not records:
            raise TooLittleData(f"the names CSV has no rows in the {split} split")
        return part_of_records(records)

    @cached_property
    def train(self) -> Sequences:
        """The training names as symbols."""
        return self.part("train").encode(self.alphabet)

    @cached_property
    def test(self) -> Sequences:
        """The test names as symbols."""
        return self.part("test").encode(self.alphabet)

    def network(self, cell: Cell, hidden_size: int, impl: Impl = "torch") -> NameNetwork:
        """A fresh network without noise: these trainings are too short to overfit."""
        return NameNetwork(
            network_config(cell, hidden_size),
            read=self.alphabet.read,
            predicted=self.alphabet.predicted,
            impl=impl,
        )


def network_config(cell: Cell, hidden_size: int) -> NetworkConfig:
    """The shape of the networks of all experiments."""
    return NetworkConfig(cell, EMBEDDING_SIZE, hidden_size)


@dataclass(frozen=True, slots=True)
class Findings:
    """What an experiment found: tables, by the stem of their file names, and a plot.

    `about` says in Russian what was measured and how; never what came out, which changes.
    """

    title: str
    about: str
    tables: dict[str, Table]
    figure: Figure


Experiment: TypeAlias = Callable[[Material, Scale, Report], Findings]


def over_seeds(
    measure: Callable[[_Variant, int], _Result],
    variants: Sequence[_Variant],
    scale: Scale,
    report: Report,
    phase: str,
) -> list[list[_Result]]:
    """Measure every variant once a seed; the results by variant, then by seed.

    Seeds run outermost, so that a machine that grows slower does so for all variants alike.
    """
    results: list[list[_Result]] = [[] for _ in variants]
    total = scale.seeds * len(variants)
    for seed in range(scale.seeds):
        for place, variant in enumerate(variants):
            report(Step(phase, seed * len(variants) + place, total))
            results[place].append(measure(variant, seed))
    report(Step(phase, total, total))
    return results
