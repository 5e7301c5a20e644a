"""What the list of given names is worth: its errors, and what each of its rules does.

A rule is judged by the names that were found right by eye (`ml.dataset.audit`): the list is built
anew with that rule switched off, those names and their near kin are left out of it, Kneser-Ney
learns from the rest, and the right names are scored. The sample was drawn from a list built by
these rules, so it holds no name that a rule had dropped by mistake: what is measured is the harm
that bad names would do, not the good that a wrongly dropped one would.

The rebuilding needs the packages of the extra ``data``.
"""

import copy
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

import numpy as np
import numpy.typing as npt
import torch
from rich.table import Table

from ml.alphabet import Alphabet, Start, alphabet_of_records
from ml.corpus import Corpus, part_of_records
from ml.dataset.audit import Audited, read_audit
from ml.dataset.candidates import Candidates, collect
from ml.dataset.curated import Curated, read_curated
from ml.dataset.given import ALL_RULES, GivenRules, build_given
from ml.dataset.report import Report
from ml.dataset.sources import read_sources
from ml.model import NetworkConfig
from ml.names import ORIGINS, Kind, NameRecord, fold, read_records
from ml.ngram import KneserNey
from ml.recipes import Recipe
from ml.scoring import score
from ml.sequences import encode_sequences
from ml.training import train

_ORDER = 5  # what evaluate chooses for the given names of the shipped list
_POWERS = (0.0, 0.15, 0.3, 0.5, 1.0)
_SEEDS = (0, 1, 2)
_Z = 1.959963984540054  # the standard normal quantile that leaves 2.5% on either side
_ENDING = re.compile(r"(?:и?[йяеь]|ь?[яе]|[аоы])$")

LogProbs = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Variant:
    """One way to build the list of given names."""

    title: str
    in_force: GivenRules = ALL_RULES
    without_lists: bool = False
    """Without our lists of real names, which are exceptions to the rules and confirm the rare."""
    origins: tuple[str, ...] = ORIGINS


VARIANTS = (
    Variant("all rules"),
    Variant("surnames kept", GivenRules(surnames=False)),
    Variant("misspellings of our list kept", GivenRules(misspelled=False)),
    Variant("diminutives of our list kept", GivenRules(diminutives=False)),
    Variant("one edit from a frequent name kept", GivenRules(typos=False)),
    Variant("evidence: 2 packages and 1, or 5", GivenRules(least_count=1, count_alone=5)),
    Variant("evidence: none asked", GivenRules(least_count=0, count_alone=0)),
    Variant(
        "evidence and one edit: none asked", GivenRules(typos=False, least_count=0, count_alone=0)
    ),
    Variant("names of calendar and chronicles out", GivenRules(attested=False)),
    Variant("fathers out", GivenRules(fathers=False)),
    Variant("without our lists of names", without_lists=True),
    Variant("other origins out", origins=("russian",)),
)


def tables() -> Iterator[Table]:
    """The errors, the rules and the powers of the counts, each when it is measured."""
    audit = read_audit()
    yield error_table(audit)
    clean = [row for row in audit if row.is_ok]
    yield rule_table(clean)
    yield power_table(clean)


def wilson(wrong: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927): sound for few errors, and for none."""
    share = wrong / of
    spread = _Z * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    middle, scale = share + _Z**2 / (2 * of), 1 + _Z**2 / of
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def error_table(audit: Sequence[Audited]) -> Table:
    """How many names of the list before its second pass were wrong, by the sample."""
    table = Table("origin", "sample", "wrong", "share", "95% interval", title="Errors by eye")
    for origin in ORIGINS:
        rows = [row for row in audit if row.origin == origin]
        wrong = sum(not row.is_ok for row in rows)
        low, high = wilson(wrong, len(rows))
        interval = f"{low:.1%} to {high:.1%}"
        table.add_row(origin, str(len(rows)), str(wrong), f"{wrong / len(rows):.1%}", interval)
    return table


def rule_table(clean: Sequence[Audited]) -> Table:
    """The clean names under Kneser-Ney of the list built with each rule switched off."""
    table = Table(
        *("list of given names", "russian", "other", "nats a symbol, russian", "against all rules"),
        title=f"Rules: {len(clean)} clean names under Kneser-Ney of order {_ORDER}",
    )
    curated = read_curated()
    candidates = collect(read_sources(), Report())
    alphabet = alphabet_of_records([r for r in read_records() if r.kind == "given"])
    russian = [row for row in clean if row.origin == "russian"]
    symbols = np.array([len(row.name) + 1 for row in russian])
    base: LogProbs | None = None
    for variant in VARIANTS:
        records = without_kin(build(variant, candidates, curated), clean)
        log_probs = under_kneser_ney(records, russian, alphabet)
        base = log_probs if base is None else base
        gain, error = difference(base - log_probs, symbols)
        sizes = [f"{sum(r.origin == origin for r in records):,}" for origin in ORIGINS]
        nats = -log_probs.sum() / symbols.sum()
        table.add_row(variant.title, *sizes, f"{nats:.4f}", f"{gain:+.4f} ± {error:.4f}")
    return table


def build(
    variant: Variant, candidates: Mapping[Kind, Candidates], curated: Curated
) -> list[NameRecord]:
    """The given names that a variant makes of the candidates, which stay as they are."""
    if variant.without_lists:
        curated = replace(curated, russian={}, other={}, attested=frozenset())
    # Of the candidates only those for given names are changed, and copying all takes a minute.
    copied = {**candidates, "given": copy.deepcopy(candidates["given"])}
    records = build_given(copied, curated, Report(), variant.in_force)
    return [record for record in records if record.origin in variant.origins]


def without_kin(records: Sequence[NameRecord], held_out: Sequence[Audited]) -> list[NameRecord]:
    """What may be learnt from: the records less the test split, the names held out and their kin.

    Kin differ in the ending alone: Валерий would give Валерия away.
    """
    kin = {stem(row.name) for row in held_out}
    return [r for r in records if r.split != "test" and stem(r.name) not in kin]


def stem(name: str) -> str:
    """The folded name less its ending: валер of Валерий and of Валерия."""
    return _ENDING.sub("", fold(name))


def under_kneser_ney(
    records: Sequence[NameRecord], names: Sequence[Audited], alphabet: Alphabet
) -> LogProbs:
    """Log-probabilities ``(names,)`` under a model of the records, gender and origin known."""
    sequences = [
        [alphabet.start_index(_start(record)), *alphabet.encode(record.name)] for record in records
    ]
    model = KneserNey(sequences, order=_ORDER, predicted=alphabet.predicted)
    return np.array(
        [
            model.log_prob(alphabet.start_index(_start(row)), alphabet.encode(row.name))
            for row in names
        ]
    )


def difference(nats: LogProbs, symbols: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Nats per symbol that each name costs more, together, and the standard error of that.

    The same names stand on both sides, so it is the error of paired differences.
    """
    mean = nats.sum() / symbols.sum()
    residuals = nats - mean * symbols
    return float(mean), float(np.sqrt((residuals**2).sum()) / symbols.sum())


def power_table(clean: Sequence[Audited]) -> Table:
    """The clean names under a small network that draws names by a power of their counts."""
    table = Table(
        *("power of the count", "nats a symbol, each name alike", "weighed by bearers"),
        title=f"Counts as weights: a network of 128, mean and deviation of {len(_SEEDS)} seeds",
    )
    given = [record for record in read_records() if record.kind == "given"]
    records = without_kin(given, clean)
    russian = [row for row in clean if row.origin == "russian"]
    counts = {(r.name, r.gender): r.count for r in given}
    bearers = np.array([counts.get((row.name, row.gender), 1) for row in russian], dtype=np.float64)
    symbols = np.array([len(row.name) + 1 for row in russian])
    for power in _POWERS:
        runs = [under_network(records, russian, power, seed) for seed in _SEEDS]
        alike = [float(-run.sum() / symbols.sum()) for run in runs]
        weighed = [float(-(run * bearers).sum() / (symbols * bearers).sum()) for run in runs]
        table.add_row(
            f"{power:g}", *(f"{fmean(by):.4f} ± {stdev(by):.4f}" for by in (alike, weighed))
        )
    return table


def under_network(
    records: Sequence[NameRecord], names: Sequence[Audited], power: float, seed: int
) -> LogProbs:
    """Log-probabilities ``(names,)`` under a network trained on the train split of the records."""
    alphabet = alphabet_of_records(records)
    learnt = [record for record in records if record.split == "train"]
    corpus = Corpus(
        alphabet=alphabet,
        train=part_of_records(learnt),
        valid=part_of_records([record for record in records if record.split == "valid"]),
        weights=torch.tensor([record.count for record in learnt]).double().pow(power).float(),
        held_out=(),
    )
    recipe = Recipe(NetworkConfig(hidden_size=128, dropout=0.4, weight_drop=0.4), epochs=40)
    model = train(corpus, recipe, seed=seed).model
    sequences = encode_sequences(
        [alphabet.start_index(_start(row)) for row in names],
        [alphabet.encode(row.name) for row in names],
    )
    return score(model.network, sequences).double().numpy()


def _start(row: NameRecord | Audited) -> Start:
    return Start("given", row.gender, row.origin)
