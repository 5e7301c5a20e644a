"""Who writes the names under test: the network at some temperature, or a baseline."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import TypeAlias

import numpy as np

from bench.believability.baselines import Baselines
from bench.believability.suspects import Suspect, suspect
from ml.arrays import Doubles
from ml.names.alphabet import END, UNKNOWN, Start
from ml.writing.sampling import Sampler, SamplingSettings

# Writes up to so many names after a start symbol.
Writer: TypeAlias = Callable[[Start, int, np.random.Generator], list[str]]

# The probabilities ``(predicted,)`` of what comes after these symbols, the start the first of them.
_Distribution: TypeAlias = Callable[[Baselines, Sequence[int]], Doubles]

_ROUNDS = 1_000


class OutOfNames(ValueError):
    """A writer knows hardly anything but training names."""


def network_writer(sampler: Sampler, temperature: float) -> Writer:
    """The network, the temperature changed and nothing else."""
    settings = SamplingSettings(temperature=temperature)

    def write(start: Start, count: int, rng: np.random.Generator) -> list[str]:
        return [sample.name for sample in sampler.sample("", [start], count, settings, rng)]

    return write


def kneser_ney_writer(baselines: Mapping[Start, Baselines]) -> Writer:
    """Kneser-Ney at temperature 1."""

    @cache
    def after(of_kind: Baselines, context: tuple[int, ...]) -> Doubles:
        return np.asarray(of_kind.kneser_ney.distributions(np.array([context]))[0])

    def distribution(of_kind: Baselines, symbols: Sequence[int]) -> Doubles:
        return after(of_kind, tuple(of_kind.kneser_ney.context(symbols)))

    return _symbol_writer(baselines, distribution)


def bigram_writer(baselines: Mapping[Start, Baselines]) -> Writer:
    """The bigram table at temperature 1."""

    @cache
    def after(of_kind: Baselines, symbol: int) -> Doubles:
        # The table tells of whole names: p(b | a) is that of the name "a b" over that of "b".
        log_prob = of_kind.bigram.log_prob
        log_probs = [
            log_prob(symbol, [following]) - log_prob(following, [])
            for following in range(of_kind.alphabet.predicted)
        ]
        log_probs[END] = log_prob(symbol, [])
        return np.exp(log_probs)

    return _symbol_writer(baselines, lambda of_kind, symbols: after(of_kind, symbols[-1]))


def novel_names(
    write: Writer, counts: Mapping[Start, int], known: AbstractSet[str], *, seed: int
) -> list[Suspect]:
    """Different names that are not `known` (folded), so many after each start symbol.

    Raises:
        OutOfNames: the writer finds no more.
    """
    rng = np.random.default_rng(seed)
    novel: list[Suspect] = []
    for start, count in counts.items():
        found: dict[Suspect, None] = {}
        for _ in range(_ROUNDS):
            written = [suspect(name, start) for name in write(start, count, rng)]
            found |= dict.fromkeys(name for name in written if name.name not in known)
            if len(found) >= count:
                break
        else:
            raise OutOfNames(f"no {count} novel names of {start} were found")
        novel += list(found)[:count]
    return novel


def _symbol_writer(baselines: Mapping[Start, Baselines], distribution: _Distribution) -> Writer:
    """Draws symbol after symbol; keeps names of the length and the last letter that names have.

    The network's sampler holds to these rules, too.
    """

    def write(start: Start, count: int, rng: np.random.Generator) -> list[str]:
        of_kind = baselines[start]
        rules = of_kind.statistics[start]
        drawn = [_draw_symbols(distribution, of_kind, start, rng) for _ in range(count)]
        names = [of_kind.alphabet.decode(letters) for letters in drawn if UNKNOWN not in letters]
        return [
            name
            for name in names
            if rules.shortest <= len(name) <= rules.longest and name[-1].lower() in rules.finals
        ]

    return write


def _draw_symbols(
    distribution: _Distribution, of_kind: Baselines, start: Start, rng: np.random.Generator
) -> list[int]:
    """Letters up to the end; more than the longest name has where there was none by then."""
    symbols = [of_kind.alphabet.start_index(start)]
    while len(symbols) <= of_kind.statistics[start].longest + 1:
        sums = distribution(of_kind, symbols).cumsum()
        symbol = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
        if symbol == END:
            break
        symbols.append(symbol)
    return symbols[1:]
