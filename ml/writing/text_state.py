"""State files: where a model stopped in a text, to go on exactly there.

One ``.safetensors``: the hidden state of each layer, what the n-gram still knows, the symbol that
was written and not read yet, the position of the random generator, and a digest of the model that
they belong to. A state means nothing to another model, so that is refused.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ml.arrays import Symbols
from ml.errors import StateFileError, TensorFileError
from ml.models.checkpoint import model_bytes, write_whole
from ml.models.model import NameModel
from ml.models.ngram import NO_SYMBOL
from ml.models.tensor_files import Arrays, Header, checked_array, pack, read_file, unpack
from ml.names.alphabet import LINE_OF_TEXT, UNKNOWN
from ml.names.decency import is_decent, is_decent_so_far
from ml.names.records import LONGEST_NAME
from ml.writing.generator import NameRequest, check_beginning, matching_starts
from ml.writing.prediction import PredictionState, Predictor
from ml.writing.text_sampling import Position, TextSampler

_LARGEST_FILE = 2 * 2**20  # bytes; the largest network that a model file may hold needs 0.3 MB
# |h| is at most 1, being tanhs weighed or gated; a GRU's may be rounded beyond that.
_LARGEST_H = 1.001
_CONTEXT = "context"

_Word128 = Annotated[int, Field(ge=0, lt=2**128)]


class _Generator(Header):
    """PCG64, see its ``state`` in NumPy."""

    state: _Word128
    inc: _Word128
    has_uint32: Literal[0, 1]
    uinteger: int = Field(ge=0, lt=2**32)


class _StateHeader(Header):
    format: Literal["imyarek-state-2"]
    model: str = Field(pattern="^[0-9a-f]{64}$")
    pending: int = Field(gt=UNKNOWN)
    line: str = Field("", max_length=LONGEST_NAME)
    generator: _Generator


def save_state(
    path: Path, model: NameModel, position: Position, generator: np.random.Generator
) -> None:
    """Write a state file whole or not at all, see `ml.models.checkpoint.write_whole`."""
    numbers: Any = generator.bit_generator.state  # typed by NumPy as any generator's
    header = _StateHeader(
        format="imyarek-state-2",
        model=_digest(model),
        pending=position.pending,
        line=position.line[-LONGEST_NAME:],
        generator=_Generator(
            **numbers["state"], has_uint32=numbers["has_uint32"], uinteger=numbers["uinteger"]
        ),
    )
    arrays: dict[str, npt.NDArray[Any]] = {
        f"layer{layer}.{part}": array
        for layer, parts in enumerate(position.state.hidden)
        for part, array in zip("hc", parts, strict=False)
    }
    arrays[_CONTEXT] = position.state.contexts
    write_whole(pack(header, arrays), path)


def load_state(path: Path, model: NameModel) -> tuple[Position, np.random.Generator]:
    """Where `model` stopped, and the random generator as it was then.

    Raises:
        StateFileError: the file is missing, damaged, or belongs to another model.
    """
    try:
        header, arrays = unpack(read_file(path, _LARGEST_FILE), _StateHeader, "a state file")
        if header.model != _digest(model):
            raise TensorFileError("the state of another model")
        if header.pending >= model.alphabet.read:
            raise TensorFileError("its symbol is none of this model's")
        beginning = Predictor(model).initial(1).select(0)
        hidden = [
            tuple(
                checked_array(arrays, f"layer{layer}.{part}", zeros.shape)
                for part, zeros in zip("hc", parts, strict=False)
            )
            for layer, parts in enumerate(beginning.hidden)
        ]
        if any((np.abs(parts[0]) > _LARGEST_H).any() for parts in hidden):
            raise TensorFileError("its hidden state is out of bounds")
        state = PredictionState(hidden, _checked_context(arrays, beginning.contexts, model))
    except TensorFileError as error:
        raise StateFileError(f"{path}: {error}") from error
    generator = np.random.Generator(np.random.PCG64())
    words = header.generator
    generator.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": words.state, "inc": words.inc},
        "has_uint32": words.has_uint32,
        "uinteger": words.uinteger,
    }
    return Position(state, header.pending, header.line), generator


def continue_text(
    model: NameModel, request: NameRequest, length: int, state: Path | None, seed: int | None
) -> str:
    """`length` symbols after the text that the file `state` tells of, if there is one, and the
    prefix of `request`; the file then tells where this ended.

    Of a model of names, every line is a name of the kind that `request` asks for, and is judged as
    a name; what a model of a text writes is not.

    Raises:
        ImpossibleRequest: the model has never seen a letter of the prefix, or writes no such names,
            or none that is decent.
        StateFileError: the file is damaged, or the state of another model.
        OSError: the file cannot be written.
    """
    judged = not model.alphabet.of_text and not request.uncensored
    starts = [LINE_OF_TEXT] if model.alphabet.of_text else matching_starts(model.alphabet, request)
    if judged:
        check_beginning(request)
    position, rng = None, np.random.default_rng(seed)
    if state is not None and state.exists():
        position, rng = load_state(state, model)

    def may_stand(name: str, ends: bool) -> bool:
        return (is_decent if ends else is_decent_so_far)(name, request.kind)

    sampler = TextSampler(
        model,
        starts,
        rng,
        position=position,
        settings=request.settings,
        may_stand=may_stand if judged else None,
    )
    sampler.read(request.prefix)
    written = sampler.write(length)
    if state is not None:
        save_state(state, model, sampler.position, rng)
    return written


def _checked_context(arrays: Arrays, beginning: Symbols, model: NameModel) -> Symbols:
    context = arrays.get(_CONTEXT)
    if context is None or context.shape != beginning.shape or context.dtype != np.int64:
        raise TensorFileError("what its n-gram knows is missing or malformed")
    if (context < NO_SYMBOL).any() or (context >= model.alphabet.read).any():
        raise TensorFileError("its n-gram knows symbols that are none of this model's")
    return context


def _digest(model: NameModel) -> str:
    """SHA-256 of the model's file."""
    return hashlib.sha256(model_bytes(model)).hexdigest()
