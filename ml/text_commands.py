"""What the commands do with a model of a text: score another text, go on with one."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml.corpora.text import TextFileError, encode_text
from ml.models.checkpoint import ModelFileError
from ml.models.model import NameModel
from ml.names.alphabet import LINE_OF_TEXT, UNKNOWN
from ml.scoring.scorer import score_text
from ml.writing.generator import NameRequest, matching_starts
from ml.writing.text_sampling import TextSampler
from ml.writing.text_state import load_state, save_state


@dataclass(frozen=True, slots=True)
class TextLikelihood:
    """How well a text is predicted; `unknown` of the `symbols` are not in the alphabet."""

    symbols: int
    unknown: int
    nats_per_symbol: float

    def __str__(self) -> str:
        return (
            f"{self.nats_per_symbol:.4f} nats per symbol on {self.symbols} symbols,"
            f" {self.unknown} of them unknown"
        )

    def as_json(self) -> dict[str, float]:
        """The figures by name."""
        return {
            "symbols": self.symbols,
            "unknown_symbols": self.unknown,
            "nats_per_symbol": self.nats_per_symbol,
            "perplexity": math.exp(self.nats_per_symbol),
        }


def is_of_text(model: NameModel) -> bool:
    """Whether a model was trained on a text rather than on names."""
    return model.alphabet.starts == (LINE_OF_TEXT,)


def evaluate_text(model: NameModel, text: str) -> TextLikelihood:
    """The likelihood of a text, read in order with the state carried; a newline is a symbol.

    Raises:
        ModelFileError: the model writes several kinds of names, and a text says none.
        TextFileError: the text is empty.
    """
    if len(model.alphabet.starts) > 1:
        raise ModelFileError("a model of several kinds of names cannot tell which is on a line")
    encoded = encode_text(model.alphabet, text, model.alphabet.starts[0])
    symbols = len(encoded.targets)
    if not symbols:
        raise TextFileError("there is no symbol in the text")
    return TextLikelihood(
        symbols=symbols,
        unknown=int((encoded.targets == UNKNOWN).sum()),
        nats_per_symbol=-score_text(model.network, encoded) / symbols,
    )


def continue_text(
    model: NameModel, request: NameRequest, length: int, state: Path | None, seed: int | None
) -> str:
    """`length` symbols after the text that the file `state` tells of, if there is one, and the
    prefix of `request`; the file then tells where this ended.

    Of a model of names, every line is a name of the kind that `request` asks for.

    Raises:
        ImpossiblePrefix: the model has never seen a letter of the prefix, or writes no such names.
        StateFileError: the file is damaged, or the state of another model.
        OSError: the file cannot be written.
    """
    starts = [LINE_OF_TEXT] if is_of_text(model) else matching_starts(model, request)
    position, rng = None, np.random.default_rng(seed)
    if state is not None and state.exists():
        position, rng = load_state(state, model)
    sampler = TextSampler(model, starts, rng, position=position, settings=request.settings)
    sampler.read(request.prefix)
    written = sampler.write(length)
    if state is not None:
        save_state(state, model, sampler.position, rng)
    return written
