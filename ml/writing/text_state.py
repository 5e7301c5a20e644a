"""State files: where a model stopped in a text, to go on exactly there.

One ``.safetensors``: the hidden state of each layer, the symbol that was written and not read yet,
the position of the random generator, and a digest of the model that they belong to. A state means
nothing to other weights, so that of another model is refused.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ml.models.checkpoint import write_whole
from ml.models.model import NameModel
from ml.models.tensor_files import Header, TensorFileError, checked_array, pack, read_file, unpack
from ml.names.alphabet import UNKNOWN
from ml.writing.stepper import Stepper
from ml.writing.text_sampling import Position

_LARGEST_FILE = 2 * 2**20  # bytes; the largest network that a model file may hold needs 0.3 MB
# |h| is at most 1, being tanhs weighed or gated; a GRU's may be rounded beyond that.
_LARGEST_H = 1.001

_Word128 = Annotated[int, Field(ge=0, lt=2**128)]


class StateFileError(TensorFileError):
    """A state file that cannot be used; the message is one sentence that says why."""


class _Generator(Header):
    """PCG64, see its ``state`` in NumPy."""

    state: _Word128
    inc: _Word128
    has_uint32: Literal[0, 1]
    uinteger: int = Field(ge=0, lt=2**32)


class _StateHeader(Header):
    format: Literal["imyarek-state-1"]
    model: str = Field(pattern="^[0-9a-f]{64}$")
    pending: int = Field(gt=UNKNOWN)
    generator: _Generator


def save_state(
    path: Path, model: NameModel, position: Position, generator: np.random.Generator
) -> None:
    """Write a state file whole or not at all, see `ml.models.checkpoint.write_whole`."""
    numbers: Any = generator.bit_generator.state  # typed by NumPy as any generator's
    header = _StateHeader(
        format="imyarek-state-1",
        model=_digest(model),
        pending=position.pending,
        generator=_Generator(
            **numbers["state"], has_uint32=numbers["has_uint32"], uinteger=numbers["uinteger"]
        ),
    )
    arrays = {
        f"layer{layer}.{part}": array
        for layer, parts in enumerate(position.state)
        for part, array in zip("hc", parts, strict=False)
    }
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
        state = [
            tuple(
                checked_array(arrays, f"layer{layer}.{part}", zeros.shape)
                for part, zeros in zip("hc", parts, strict=False)
            )
            for layer, parts in enumerate(Stepper(model).initial(1))
        ]
        if any((np.abs(parts[0]) > _LARGEST_H).any() for parts in state):
            raise TensorFileError("its hidden state is out of bounds")
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
    return Position(state, header.pending), generator


def _digest(model: NameModel) -> str:
    """SHA-256 of all that decides what a state means and what comes next."""
    described = {
        "letters": model.alphabet.letters,
        "casing": model.alphabet.casing,
        "starts": [asdict(start) for start in model.alphabet.starts],
        "cell": model.network.config.cell,
    }
    digest = hashlib.sha256(json.dumps(described).encode())
    for name, weight in sorted(model.weights().items()):
        digest.update(f"{name}{weight.shape}".encode())
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()
