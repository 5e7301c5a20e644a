"""What a build kept and dropped."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ml.dataset.origin import Origins
from ml.names.records import GENDERS, KINDS, ORIGINS, Gender, Kind, NameRecord, Origin


@dataclass
class Report:
    """The counts of one build; ``dropped[kind]`` counts spellings by rule, in the order applied."""

    read: Counter[str] = field(default_factory=Counter)
    """Rows by source."""
    spellings: Counter[Kind] = field(default_factory=Counter)
    dropped: dict[Kind, Counter[str]] = field(
        default_factory=lambda: {kind: Counter() for kind in KINDS}
    )
    origins: dict[Kind, Origins] = field(default_factory=dict)
    kept: Counter[tuple[Kind, Origin, Gender]] = field(default_factory=Counter)

    def count_kept(self, records: list[NameRecord]) -> None:
        """Count the finished records."""
        self.kept = Counter((record.kind, record.origin, record.gender) for record in records)

    def lines(self) -> Iterator[str]:
        """The report as plain text, line by line."""
        yield "rows read: " + ", ".join(f"{source} {n:,}" for source, n in self.read.items())
        for kind in KINDS:
            yield f"{kind}: {self.spellings[kind]:,} spellings (case folded, ё as е)"
            for rule, count in self.dropped[kind].items():
                yield f"  - {count:>7,}  {rule}"
            for name_origin in ORIGINS:
                by_gender = {gender: self.kept[kind, name_origin, gender] for gender in GENDERS}
                detail = ", ".join(f"{n:,} {gender}" for gender, n in by_gender.items())
                yield f"  + {sum(by_gender.values()):>7,}  {name_origin} ({detail})"
            if kind in self.origins:
                origins = self.origins[kind]
                yield (
                    "  origin by letters, in cross-validation: wrong for "
                    f"{origins.errors.russian:.1%} of {origins.labelled['russian']:,} russian and "
                    f"{origins.errors.other:.1%} of "
                    f"{origins.labelled.total() - origins.labelled['russian']:,} other labels; "
                    f"decides {origins.guessed:,} kept spellings"
                )
