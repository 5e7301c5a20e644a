"""The spellings that the sources have, and dropping them rule by rule."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ml.dataset import rules
from ml.dataset.report import DatasetReport
from ml.dataset.sources import RawName
from ml.names.records import KINDS, Gender, Kind, fold


@dataclass
class Candidate:
    """All that the sources say about one folded spelling of one kind."""

    name: str
    count: int = 0
    sources: set[str] = field(default_factory=set)
    votes: Counter[Gender] = field(default_factory=Counter)
    tags: set[str] = field(default_factory=set)

    @property
    def gender(self) -> Gender | None:
        """The gender by majority; None when nobody knows or the votes are even."""
        if self.votes["m"] == self.votes["f"]:
            return None
        return "m" if self.votes["m"] > self.votes["f"] else "f"


class Candidates(dict[str, Candidate]):
    """The candidates of one kind by folded spelling; what is dropped is counted in the report."""

    def __init__(self, kind: Kind, report: DatasetReport) -> None:
        super().__init__()
        self._dropped = report.dropped[kind]

    def drop(self, rule: str, is_bad: Callable[[Candidate], bool]) -> None:
        """Remove the candidates for which ``is_bad`` holds."""
        bad = [name for name, candidate in self.items() if is_bad(candidate)]
        for name in bad:
            del self[name]
        self._dropped[rule] += len(bad)


def collect(raw: Iterable[RawName], report: DatasetReport) -> dict[Kind, Candidates]:
    """Gather raw rows by folded spelling and drop what is no pronounceable Cyrillic word."""
    candidates = {kind: Candidates(kind, report) for kind in KINDS}
    malformed: dict[Kind, set[str]] = {kind: set() for kind in KINDS}
    for row in raw:
        report.read[row.source] += 1
        text = row.text.strip().lower()
        if not rules.is_word(text):
            malformed[row.kind].add(text)
            continue
        name = fold(text)
        candidate = candidates[row.kind].setdefault(name, Candidate(name))
        candidate.count += row.count
        candidate.sources.add(row.source)
        candidate.tags.update(row.tags)
        if row.gender:
            candidate.votes[row.gender] += max(row.count, 1)
    for kind in KINDS:
        report.spellings[kind] = len(candidates[kind]) + len(malformed[kind])
        report.dropped[kind]["no Cyrillic word with at most one hyphen"] = len(malformed[kind])
        candidates[kind].drop(
            "no vowel, a letter thrice, or ь, ъ, ы at the start",
            lambda candidate: not rules.is_pronounceable(candidate.name),
        )
    return candidates
