"""What the names of a new model have more often than the former's: letters, ends, lengths."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ml.learning.report import Trait, TraitKind
from ml.names.records import fold

SHOWN = 6
_CLEAR = 3.0  # standard errors between two shares
_LONGEST = 9  # letters; what is as long or longer is one trait


def changed_traits(former: Sequence[str], new: Sequence[str]) -> list[Trait]:
    """The traits whose share of the names changed most clearly, the clearest first."""
    before, after = _counted(former), _counted(new)
    found: list[tuple[float, Trait]] = []
    for kind, value in sorted(before.keys() | after.keys()):
        shares = before[kind, value] / len(former), after[kind, value] / len(new)
        pooled = (before[kind, value] + after[kind, value]) / (len(former) + len(new))
        error = np.sqrt(pooled * (1 - pooled) * (1 / len(former) + 1 / len(new)))
        clear = abs(shares[1] - shares[0]) / error if error > 0 else 0.0
        if clear > _CLEAR:
            trait = Trait(kind=kind, value=value, before=shares[0], after=shares[1])
            found.append((clear, trait))
    found.sort(key=lambda each: each[0], reverse=True)
    return [trait for _, trait in found[:SHOWN]]


def _counted(names: Sequence[str]) -> Counter[tuple[TraitKind, str]]:
    counted: Counter[tuple[TraitKind, str]] = Counter()
    for name in map(fold, names):
        counted.update(("letter", letter) for letter in set(name))
        counted["first", name[:1]] += 1
        counted["last", name[-1:]] += 1
        counted["length", str(min(len(name), _LONGEST))] += 1
    return counted
