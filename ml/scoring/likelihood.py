"""What is said of names and texts that were scored."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How well `symbols` are predicted; `unknown` of them are not in the alphabet.

    `names` says in how many names they stand; of a text it is `None`.
    """

    names: int | None
    symbols: int
    unknown: int
    nats_per_symbol: float

    @property
    def perplexity(self) -> float:
        """The number of equally likely symbols that would be as hard to predict."""
        return math.exp(self.nats_per_symbol)

    def as_json(self) -> dict[str, float]:
        """The figures by name."""
        return {
            **({} if self.names is None else {"names": self.names}),
            "symbols": self.symbols,
            "unknown_symbols": self.unknown,
            "nats_per_symbol": self.nats_per_symbol,
            "perplexity": self.perplexity,
        }
