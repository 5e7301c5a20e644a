"""How often the bot says something false of a name, by the packages that the lists were made of.

"Exists" is false of a name that nobody of its gender bears as a given name: neither the list, nor
anybody in `russiannames`, nor the dictionary has it so. "Invented" is false of a name that at least
five people of its gender bear there, or that the dictionary calls a name of that gender. Beside
today's labels stand those by the model's own list, which knows neither kind nor gender.

The packages of the extra ``data`` are needed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.table import Table

from bench.data import wilson
from ml.dataset.known import BORNE
from ml.dataset.sources import RawName, read_sources
from ml.models.checkpoint import SHIPPED_MODEL, load_model
from ml.models.model import NameModel
from ml.names.known import Status
from ml.names.records import Gender, NameRecord, fold, read_records
from ml.writing.generator import NameGenerator, NameRequest, matching_starts
from ml.writing.sampling import Sampler

_SAMPLES = 20_000
_SEED = 2026

Labelled = tuple[str, Gender | None, Status]


@dataclass(frozen=True)
class Evidence:
    """Who bears a folded given name, as far as the packages and the list tell."""

    bearers: dict[str, Counter[Gender | None]] = field(default_factory=lambda: defaultdict(Counter))
    vouched: set[tuple[str, Gender | None]] = field(default_factory=set)
    """Those that the dictionary or the list has, which do not count."""

    def is_given(self, name: str, gender: Gender | None) -> bool:
        """Whether anybody of this gender bears the name."""
        return (fold(name), gender) in self.vouched or self.count(name, gender) > 0

    def is_borne(self, name: str, gender: Gender | None) -> bool:
        """Whether a dictionary has it for this gender, or so many bear it that it is no error."""
        return (fold(name), gender) in self.vouched or self.count(name, gender) >= BORNE

    def count(self, name: str, gender: Gender | None) -> int:
        """How many people of this gender `russiannames` saw."""
        return self.bearers[fold(name)][gender] if fold(name) in self.bearers else 0


def evidence_of(raw: Iterable[RawName], records: Iterable[NameRecord]) -> Evidence:
    """What the rows of the packages and of the list say of given names."""
    evidence = Evidence()
    for row in raw:
        if row.kind == "given" and row.count:
            evidence.bearers[fold(row.text.strip())][row.gender] += row.count
        elif row.kind == "given":
            evidence.vouched.add((fold(row.text), row.gender))
    evidence.vouched.update((fold(r.name), r.gender) for r in records if r.kind == "given")
    return evidence


def tables() -> list[Table]:
    """The errors by the model's own list and today, of the shipped model at default settings."""
    evidence = evidence_of(read_sources(), read_records())
    model = load_model(SHIPPED_MODEL)
    request = NameRequest(count=_SAMPLES)
    today = NameGenerator(model).sample(request, seed=_SEED)
    return [
        error_table(
            {
                "by the model's own list": by_own_list(model, request),
                "today": [(name.name, name.gender, name.status) for name in today],
            },
            evidence,
        )
    ]


def by_own_list(model: NameModel, request: NameRequest) -> list[Labelled]:
    """As many names, none passed over, called known if the model's list has them at all."""
    samples = Sampler(model).sample(
        request.prefix,
        matching_starts(model.alphabet, request),
        request.count,
        request.settings,
        np.random.default_rng(_SEED),
    )
    return [
        (
            sample.name,
            sample.start.gender,
            "known" if model.fingerprints.knows(sample.name) else "novel",
        )
        for sample in samples
    ]


def error_table(contestants: dict[str, Sequence[Labelled]], evidence: Evidence) -> Table:
    """How often each label is said, and how often falsely."""
    table = Table(
        *("labels", "said", "of a name that", "names", "false", "share", "95% interval"),
        title="False labels",
    )
    errors: tuple[tuple[Status, str, Callable[[str, Gender | None], bool]], ...] = (
        ("known", "nobody bears", lambda name, gender: not evidence.is_given(name, gender)),
        ("short", "the list has in full", lambda name, gender: (fold(name), gender) in full),
        ("novel", f"{BORNE} bear, or is in a dictionary", evidence.is_borne),
        ("novel", "anybody bears", evidence.is_given),
    )
    full = {(fold(r.name), r.gender) for r in read_records() if r.kind == "given"}
    for title, labelled in contestants.items():
        for status, what, is_false in errors:
            said = [(name, gender) for name, gender, label in labelled if label == status]
            if said:
                false = sum(is_false(name, gender) for name, gender in said)
                low, high = wilson(false, len(said))
                table.add_row(
                    *(title, status, what, f"{len(said):,}", f"{false:,}"),
                    *(f"{false / len(said):.2%}", f"{low:.2%} to {high:.2%}"),
                )
    return table
