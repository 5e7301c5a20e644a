"""Which temperature to write with by default.

`/name` writes given names, and people want names that are new and sound right. A lower temperature
invents less and repeats itself more, a higher one errs more, so there is a highest temperature at
which names are odd no more often than real ones are, and that is the one to take. Odd is what costs
Kneser-Ney more nats per symbol than nine of ten unseen real given names do; other names *pass*, and
of real names 90% do. The rule: **the highest temperature of the table at which at least 90% of the
novel given names pass; if there is none, the lowest.** How well a judge tells the names from real
ones would be the wrong rule by itself: that rises towards low temperatures, too, where names are
only too much alike.

The rule was first written, before anything was measured, with the judges that learn from letters
alone in the place of Kneser-Ney, and changed when they turned out blind: of a few hundred real
names they learnt so little that 88% of the names passed at 0.7 and 91% at 1.2, which the rule
would then have taken. Kneser-Ney has read ten times as many. It judges by the letters before each
letter, so what is wrong with a name as a whole escapes it, and it is lenient with a model that it
is part of.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
from rich.table import Table

from bench.believability.baselines import Baselines
from bench.believability.suspects import Suspect, counts_by_start
from bench.believability.writers import network_writer, novel_names
from ml.arrays import Doubles
from ml.lab.decoding import quality
from ml.models.model import NameModel
from ml.names.alphabet import Start
from ml.writing.generator import NameGenerator, NameRequest
from ml.writing.sampling import DEFAULT_SETTINGS, Sampler, SamplingSettings

TEMPERATURES = tuple(sorted({0.7, 0.8, 0.9, 1.0, 1.1, 1.2, DEFAULT_SETTINGS.temperature}))

_PASSING = 0.9
_SEEDS = range(10)
_SAMPLES = 2_000


def typicality_table(
    model: NameModel,
    sampler: Sampler,
    real: Sequence[Suspect],
    baselines: Mapping[Start, Baselines],
    trained: frozenset[str],
) -> Table:
    """How novel, different and odd given names are at each temperature; the last line is `real`.

    `trained` holds the folded names of the train split.
    """
    given = [name for name in real if name.start.kind == "given"]
    real_nats = _nats(given, baselines)
    limit = float(np.quantile(real_nats, _PASSING))
    passing: dict[float, float] = {}
    table = Table(
        "T",
        "novel names that pass, %",
        "their nats, Kneser-Ney",
        f"distinct of {_SAMPLES:,}, %",
        f"novel of {_SAMPLES:,}, %",
        "nats of these, network",
    )
    for temperature in TEMPERATURES:
        writer = network_writer(sampler, temperature)
        nats = [
            _nats(novel_names(writer, counts_by_start(given), trained, seed=seed), baselines)
            for seed in _SEEDS
        ]
        passing[temperature] = fmean(float((sample <= limit).mean()) for sample in nats)
        request = NameRequest(
            count=_SAMPLES, settings=SamplingSettings(temperature=temperature), judged=False
        )
        written = quality(NameGenerator(model), request, set(), seed=0)
        table.add_row(
            f"{temperature:g}",
            f"{100 * passing[temperature]:.1f}",
            f"{np.mean(nats):.3f}",
            f"{100 * written.distinct:.1f}",
            f"{100 * written.novel:.1f}",
            f"{written.nats:.3f}",
        )
    table.add_row("real", f"{100 * (real_nats <= limit).mean():.1f}", f"{real_nats.mean():.3f}")
    table.title = (
        f"Given names: passing as no odder than nine of ten real ones, and {_SAMPLES:,} Russian "
        f"ones as they come; by the rule, T = {best_temperature(passing):g}"
    )
    return table


def best_temperature(passing: Mapping[float, float]) -> float:
    """By the rule above, of temperatures and the share of novel names that pass at each."""
    return max((t for t, share in passing.items() if share >= _PASSING), default=min(passing))


def _nats(names: Sequence[Suspect], baselines: Mapping[Start, Baselines]) -> Doubles:
    """Kneser-Ney's mean nats per symbol of each name."""
    return np.array([baselines[name.start].symbol_nats(name).mean() for name in names])
