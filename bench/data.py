"""What the list of given names is worth: its errors, and what each of its rules does.

A rule is judged by the names that were found right by eye (`ml.dataset.audit`): the list is built
anew with that rule switched off, those names and their near kin are left out of it, Kneser-Ney
learns from the rest, and the right names are scored. The sample was drawn from a list built by
these rules, so it holds no name that a rule had dropped by mistake: what is measured is the harm
that bad names would do, not the good that a wrongly dropped one would. How near of kin is left out
matters: of two names two letters apart one may be the other misspelt, so both widths are shown.

The rebuilding needs the packages of the extra ``data``.
"""

import copy
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

import numpy as np
import numpy.typing as npt
import torch
from rich.table import Table

from ml.arrays import Doubles
from ml.corpora.corpus import Corpus, part_of_records
from ml.corpora.sequences import encode_sequences
from ml.dataset.audit import Audited, read_audit
from ml.dataset.candidates import Candidates, collect
from ml.dataset.curated import Curated, read_curated
from ml.dataset.given import ALL_RULES, GivenRules, build_given
from ml.dataset.report import Report
from ml.dataset.sources import read_sources
from ml.dataset.typos import deletions
from ml.models.network_config import NetworkConfig
from ml.models.ngram import KneserNey
from ml.names.alphabet import Alphabet, Start, alphabet_of_records
from ml.names.records import ORIGINS, Kind, NameRecord, fold, read_records
from ml.networks.noise import Noise
from ml.scoring.scorer import Scorer
from ml.training.recipes import Recipe
from ml.training.trainer import train

_KINSHIPS = (1, 2)
_LONG_STEM = 6
_ORDER = 5  # what evaluate chooses for the given names of the shipped list
_POWERS = (0.0, 0.15, 0.3, 0.5, 1.0)
_SEEDS = (0, 1, 2)
_Z = 1.959963984540054  # the standard normal quantile that leaves 2.5% on either side
_ENDING = re.compile(r"(?:и?[йяеь]|ь?[яе]|[аоы])$")


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


def tables() -> list[Table]:
    """The errors, the rules and the powers of the counts."""
    audit = read_audit()
    clean = [row for row in audit if row.is_ok]
    return [error_table(audit), rule_table(clean), power_table(clean)]


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
        if not rows:
            continue
        wrong = sum(not row.is_ok for row in rows)
        low, high = wilson(wrong, len(rows))
        interval = f"{low:.1%} to {high:.1%}"
        table.add_row(origin, str(len(rows)), str(wrong), f"{wrong / len(rows):.1%}", interval)
    return table


def rule_table(clean: Sequence[Audited]) -> Table:
    """The clean names under Kneser-Ney of the list built with each rule switched off.

    For each width of kinship: the nats per symbol with all rules, then what is added to it.
    """
    table = Table(
        *("list of given names", *ORIGINS),
        *(f"kin {width} letter{'s' * (width > 1)} apart" for width in _KINSHIPS),
        title=f"Rules: nats a symbol of clean Russian names, Kneser-Ney of order {_ORDER}",
    )
    curated = read_curated()
    candidates = collect(read_sources(), Report())
    alphabet = alphabet_of_records([r for r in read_records() if r.kind == "given"])
    russian = [row for row in clean if row.origin == "russian"]
    symbols = np.array([len(row.name) + 1 for row in russian])
    bases: dict[int, Doubles] = {}
    for variant in VARIANTS:
        records = build(variant, candidates, curated)
        cells = [f"{sum(r.origin == origin for r in records):,}" for origin in ORIGINS]
        for width in _KINSHIPS:
            log_probs = under_kneser_ney(without_kin(records, clean, width), russian, alphabet)
            if width in bases:
                added, error = difference(bases[width] - log_probs, symbols)
                cells.append(f"{added:+.4f} ± {error:.4f}")
            else:
                bases[width] = log_probs
                cells.append(f"{-log_probs.sum() / symbols.sum():.4f}")
        table.add_row(variant.title, *cells)
    return table


def build(
    variant: Variant, candidates: Mapping[Kind, Candidates], curated: Curated
) -> list[NameRecord]:
    """The given names that a variant makes of the candidates, which stay as they are."""
    if variant.without_lists:
        curated = replace(curated, russian={}, peoples={}, world={}, attested=frozenset())
    # Of the candidates only those for given names are changed, and copying all takes a minute.
    copied = {**candidates, "given": copy.deepcopy(candidates["given"])}
    records = build_given(copied, curated, Report(), variant.in_force)
    return [record for record in records if record.origin in variant.origins]


def without_kin(
    records: Sequence[NameRecord], held_out: Sequence[Audited], width: int
) -> list[NameRecord]:
    """What may be learnt from: the records less the test split, the names held out and their kin.

    Kin are those that a name is easily written as by mistake, or made of: Валерий would give
    Валерия away, and Агрипина Агриппина, so that a list full of errors would look the best.
    """
    kin = {form for row in held_out for form in kin_forms(row.name, width)}
    return [r for r in records if r.split != "test" and not kin & kin_forms(r.name, width)]


def kin_forms(name: str, width: int) -> set[str]:
    """The stem of a name with up to `width` letters left out; two names that share one are kin.

    Of a stem of less than six letters only one is left out: nearly all short names would be kin.
    """
    forms = {stem(name)}
    for _ in range(width if len(stem(name)) >= _LONG_STEM else 1):
        forms = {shorter for form in forms for shorter in deletions(form)}
    return forms


def stem(name: str) -> str:
    """The folded name less its ending: валер of Валерий and of Валерия."""
    return _ENDING.sub("", fold(name))


def under_kneser_ney(
    records: Sequence[NameRecord], names: Sequence[Audited], alphabet: Alphabet
) -> Doubles:
    """Log-probabilities ``(names,)`` under a model of the records, gender and origin known."""
    sequences = [
        [alphabet.start_index(_start(record)), *alphabet.encode(record.name)] for record in records
    ]
    model = KneserNey.fit(sequences, order=_ORDER, read=alphabet.read, predicted=alphabet.predicted)
    return model.log_probs(
        [[alphabet.start_index(_start(row)), *alphabet.encode(row.name)] for row in names]
    )


def difference(nats: Doubles, symbols: npt.NDArray[np.int64]) -> tuple[float, float]:
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
    # All are of one list, without misspellings: the narrow kinship leaves more to learn from.
    records = without_kin(given, clean, min(_KINSHIPS))
    russian = [row for row in clean if row.origin == "russian"]
    counts = {(r.name, r.gender): r.count for r in given}
    bearers = np.array([counts.get((row.name, row.gender), 1) for row in russian], dtype=np.float64)
    symbols = np.array([len(row.name) + 1 for row in russian])
    alone = [record for record in records if record.origin == "russian"]
    contestants = {f"{power:g}": (records, power) for power in _POWERS}
    contestants["0, other origins out"] = (alone, 0)
    for title, (learnt, power) in contestants.items():
        runs = [under_network(learnt, russian, power, seed) for seed in _SEEDS]
        alike = [float(-run.sum() / symbols.sum()) for run in runs]
        weighed = [float(-(run * bearers).sum() / (symbols * bearers).sum()) for run in runs]
        table.add_row(title, *(f"{fmean(by):.4f} ± {stdev(by):.4f}" for by in (alike, weighed)))
    return table


def under_network(
    records: Sequence[NameRecord], names: Sequence[Audited], power: float, seed: int
) -> Doubles:
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
    recipe = Recipe(NetworkConfig(hidden_size=128), 40, Noise(0.4, 0.4))
    model = train(corpus, recipe, seed=seed).model
    sequences = encode_sequences(
        [alphabet.start_index(_start(row)) for row in names],
        [alphabet.encode(row.name) for row in names],
    )
    return Scorer.of(model).network_alone.names(sequences).double().numpy()


def _start(row: NameRecord | Audited) -> Start:
    return Start("given", row.gender, row.origin)
