"""Do people believe the names? A classifier two-sample test, and the temperature it speaks for.

Unseen real names (valid and test split) against novel ones (not in the train split, no name twice),
as many, of the same kinds, genders and origins. A judge learns from four fifths of both and says of
the rest which is which: 50% right means that they cannot be told apart. It learns all kinds at
once, which makes it better at each. There are but a few hundred unseen given names and patronymics,
so their intervals are wide; of surnames there are thousands, and a difference would show there.

Two judges know nothing but the names before them. The third asks Kneser-Ney, which has read the
train split; against Kneser-Ney's own names it therefore has an advantage that it has against no
other. See `bench.believability.judges`; for the default temperature
`bench.believability.temperatures`.
"""

from collections.abc import Mapping, Sequence

import torch
from rich.table import Table

from bench.believability.baselines import fit_baselines
from bench.believability.judges import Judge, judge_by_pieces, judge_by_reading, likelihood_judge
from bench.believability.suspects import Suspect, counts_by_start, unseen_names
from bench.believability.temperatures import TEMPERATURES, typicality_table
from bench.believability.two_sample import Accuracy, Verdicts, accuracy, cross_validate
from bench.believability.writers import (
    Writer,
    bigram_writer,
    kneser_ney_writer,
    network_writer,
    novel_names,
)
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.names.records import KINDS, Kind, fold, read_records
from ml.writing.sampling import DEFAULT_SETTINGS, Sampler

_SEEDS = (0, 1)
_COLUMNS: tuple[Kind | None, ...] = (*KINDS, None)

# By judge, the verdicts on the names of each seed.
_Trial = Mapping[str, Sequence[Verdicts]]


def tables() -> list[Table]:
    """The shipped model beside the baselines, and its names at temperatures from 0.7 to 1.2."""
    torch.set_num_threads(1)
    records = read_records()
    model = load_model(SHIPPED_MODEL)
    sampler = Sampler(model)
    baselines = fit_baselines(records)
    trained = frozenset(fold(record.name) for record in records if record.split == "train")
    real = unseen_names(records, trained)
    judges = {
        "n-grams": judge_by_pieces,
        "neural": judge_by_reading,
        "likelihood": likelihood_judge(baselines),
    }

    def tried(writer: Writer) -> _Trial:
        return _try_names(real, writer, judges, trained)

    network = {t: tried(network_writer(sampler, t)) for t in TEMPERATURES}
    return [
        _writers_table(
            {
                **{f"network, T = {t:g}": network[t] for t in (DEFAULT_SETTINGS.temperature, 1.0)},
                "Kneser-Ney": tried(kneser_ney_writer(baselines)),
                "bigram table": tried(bigram_writer(baselines)),
            }
        ),
        _temperatures_table(network),
        typicality_table(model, sampler, real, baselines, trained),
    ]


def _try_names(
    real: Sequence[Suspect],
    writer: Writer,
    judges: Mapping[str, Judge],
    trained: frozenset[str],
) -> _Trial:
    verdicts: dict[str, list[Verdicts]] = {name: [] for name in judges}
    for seed in _SEEDS:
        invented = novel_names(writer, counts_by_start(real), trained, seed=seed)
        for name, judge in judges.items():
            verdicts[name].append(cross_validate(real, invented, judge, seed=seed))
    return verdicts


def _writers_table(trials: Mapping[str, _Trial]) -> Table:
    names = next(iter(next(iter(trials.values())).values()))[0]
    headings = [f"{kind or 'all'}, {names.right_about(kind).size // 2:,} real" for kind in _COLUMNS]
    table = Table(
        "names by",
        "judge",
        *headings,
        title="Unseen real names told from novel ones: % right (95% interval); 50 is perfect",
    )
    for writer, trial in trials.items():
        for position, (judge, runs) in enumerate(trial.items()):
            cells = [_with_interval(accuracy(runs, kind)) for kind in _COLUMNS]
            last = position == len(trial) - 1
            table.add_row("" if position else writer, judge, *cells, end_section=last)
    return table


def _temperatures_table(trials: Mapping[float, _Trial]) -> Table:
    judges = next(iter(trials.values()))
    columns: tuple[Kind | None, ...] = ("given", None)
    table = Table(
        "T",
        *(f"{judge}, {kind or 'all'}" for kind in columns for judge in judges),
        title="The network's names at other temperatures: share of right verdicts, %",
    )
    for temperature, trial in trials.items():
        shares = [accuracy(runs, kind).share for kind in columns for runs in trial.values()]
        table.add_row(f"{temperature:g}", *(f"{100 * share:.1f}" for share in shares))
    return table


def _with_interval(measured: Accuracy) -> str:
    return f"{100 * measured.share:.1f} ({100 * measured.low:.0f}-{100 * measured.high:.0f})"
