"""Going on with a text, the state carried from symbol to symbol and from call to call.

Where a model stands in a text is a `Position`: all that it has read is in its state, but for one
symbol that was written and not read yet. With the random generator it is all that is needed to stop
and go on another day as if nothing had happened (`ml.writing.text_state`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ml.arrays import Floats
from ml.errors import ImpossiblePrefix
from ml.models.model import NameModel
from ml.names.alphabet import END, UNKNOWN, Start
from ml.writing.prediction import PredictionState, Predictor
from ml.writing.sampling import DEFAULT_SETTINGS, SamplingSettings, choose


@dataclass(frozen=True, slots=True)
class Position:
    """Where a model stands in a text: the state of one name, and the symbol to be read next.

    `line` is as much of a name as stands in its line, nothing in a model of a text.
    """

    state: PredictionState
    pending: int
    line: str = ""


class TextSampler:
    """Goes on with one text: `read` what others wrote, `write` what comes next, in any order.

    In a model of names a line is a name, and the start symbol of each is drawn from `starts` by
    its share of the training names.
    """

    def __init__(
        self,
        model: NameModel,
        starts: Sequence[Start],
        rng: np.random.Generator,
        *,
        position: Position | None = None,
        settings: SamplingSettings = DEFAULT_SETTINGS,
        may_stand: Callable[[str, bool], bool] | None = None,
    ) -> None:
        """Begin at the beginning of a line with a state of zero, or go on from `position`.

        `may_stand` judges the names: what stands in a line, and whether it ends there. A symbol
        after which it says no is not written, another is drawn.
        """
        self._alphabet = model.alphabet
        predictor = Predictor(model)
        self._settings = settings
        self._rng = rng
        shares = model.shares[[model.alphabet.starts.index(start) for start in starts]]
        self._shares = shares / shares.sum()
        self._starts = [model.alphabet.start_index(start) for start in starts]
        if position is None:
            position = Position(predictor.initial(1).select(0), self._draw_start())
        self._name = predictor.start(position.state)
        self._pending = position.pending
        self._line = position.line
        self._may_stand = may_stand

    @property
    def position(self) -> Position:
        """Where the text has come to."""
        return Position(self._name.state, self._pending, self._line)

    def read(self, text: str) -> None:
        """Take `text` as what comes next.

        Raises:
            ImpossiblePrefix: it has a letter that the model has never seen; nothing was read.
        """
        lines = [self._alphabet.encode(line) for line in text.split("\n")]
        for line in lines:
            if UNKNOWN in line:
                strange = next(x for x in text if UNKNOWN in self._alphabet.encode(x) and x != "\n")
                raise ImpossiblePrefix(f"this model has never seen the letter {strange!r}")
        for number, line in enumerate(lines):
            for symbol in [END, *line] if number else line:
                self._advance()
                self._append(symbol)

    def write(self, length: int) -> str:
        """The next `length` symbols, of which a newline is one."""
        written = []
        for _ in range(length):
            log_probs = self._advance()
            log_probs[UNKNOWN] = -np.inf
            symbol = int(choose(log_probs, self._settings, self._rng))
            while not self._may_follow(symbol) and np.isfinite(log_probs).sum() > 1:
                log_probs[symbol] = -np.inf
                symbol = int(choose(log_probs, self._settings, self._rng))
            written.append(self._spell(symbol))
            self._append(symbol)
        return "".join(written)

    def _advance(self) -> Floats:
        """Read what is pending; log p ``(predicted,)`` of what comes after it."""
        return self._name.step(self._pending)

    def _may_follow(self, symbol: int) -> bool:
        if self._may_stand is None:
            return True
        ends = symbol == END
        return self._may_stand(self._line if ends else self._with(symbol), ends)

    def _append(self, symbol: int) -> None:
        if not self._alphabet.of_text:
            self._line = "" if symbol == END else self._with(symbol)
        self._pending = self._draw_start() if symbol == END else symbol

    def _with(self, symbol: int) -> str:
        return self._line + self._alphabet.decode([symbol]).lower()

    def _draw_start(self) -> int:
        if len(self._starts) == 1:
            return self._starts[0]
        return int(self._rng.choice(self._starts, p=self._shares))

    def _spell(self, symbol: int) -> str:
        """A symbol after the pending one, which decides whether it is a capital."""
        if symbol == END:
            return "\n"
        before = [self._pending] if self._pending < self._alphabet.predicted else []
        return self._alphabet.decode([*before, symbol])[len(self._alphabet.decode(before)) :]
