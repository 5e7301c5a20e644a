"""Model files: one ``.safetensors`` that carries weights, alphabet, configuration and metrics.

Nothing is unpickled. A file is hostile until it is parsed: header, configuration, shapes and
values are all checked before a network is built, and every fault is one `ModelFileError`.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors import numpy as safetensors_numpy

from ml.alphabet import Alphabet, Casing, Start
from ml.fingerprints import Fingerprints
from ml.model import (
    Cell,
    NameModel,
    NameNetwork,
    NetworkConfig,
    StartStatistics,
    parameter_shapes,
)
from ml.names import Gender, Kind, Origin

SHIPPED_MODEL = Path(__file__).parent / "data" / "names.safetensors"

_FORMAT = "imyarek-1"
_METADATA_KEY = "imyarek"
_LARGEST_FILE = 256 * 2**20  # bytes
_LONGEST_HEADER = 2**20  # bytes
_NETWORK = "network."
_TRAINED = "fingerprints.trained"
_HELD_OUT = "fingerprints.held_out"


class ModelFileError(ValueError):
    """A model file that cannot be used; the message is one sentence that says why."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class _NetworkHeader(_Strict):
    cell: Cell
    embedding_size: int = Field(ge=1, le=4096)
    hidden_size: int = Field(ge=1, le=4096)
    num_layers: int = Field(ge=1, le=8)
    dropout: float = Field(ge=0, lt=1)
    weight_drop: float = Field(ge=0, lt=1)


class _StartHeader(_Strict):
    kind: Kind | None
    gender: Gender | None
    origin: Origin | None
    share: float = Field(ge=0, le=1)
    shortest: int = Field(ge=1, le=1000)
    longest: int = Field(ge=1, le=1000)
    finals: str = Field(min_length=1, max_length=5000)


class _Header(_Strict):
    format: Literal["imyarek-1"]
    letters: str = Field(min_length=1, max_length=5000)
    casing: Casing
    starts: Annotated[tuple[_StartHeader, ...], Field(min_length=1, max_length=64)]
    network: _NetworkHeader
    metrics: dict[str, Any]

    @model_validator(mode="after")
    def _consistent(self) -> "_Header":
        if len(set(self.letters)) != len(self.letters):
            raise ValueError("a letter stands twice in the alphabet")
        if len({(s.kind, s.gender, s.origin) for s in self.starts}) != len(self.starts):
            raise ValueError("a start symbol stands twice")
        if any(s.shortest > s.longest for s in self.starts):
            raise ValueError("the shortest name is longer than the longest")
        return self


def model_bytes(model: NameModel) -> bytes:
    """The model file of `model`."""
    header = _Header(
        format="imyarek-1",
        letters=model.alphabet.letters,
        casing=model.alphabet.casing,
        starts=tuple(
            _StartHeader(**asdict(start), **asdict(statistics))
            for start, statistics in zip(model.alphabet.starts, model.statistics, strict=True)
        ),
        network=_NetworkHeader(**asdict(model.network.config)),
        metrics=dict(model.metrics),
    )
    tensors: dict[str, np.ndarray[Any, Any]] = {
        _NETWORK + name: weight for name, weight in model.weights().items()
    }
    tensors[_TRAINED] = model.fingerprints.trained
    tensors[_HELD_OUT] = model.fingerprints.held_out
    # `save` copies the raw memory: a transposed or sliced array would be written scrambled.
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    return safetensors_numpy.save(tensors, metadata={_METADATA_KEY: header.model_dump_json()})


def save_model(model: NameModel, path: Path) -> None:
    """Write a model file whole or not at all, see `write_whole`."""
    write_whole(model_bytes(model), path)


def write_whole(content: bytes, path: Path) -> None:
    """Put `content` at `path` so that any crash leaves the old file or the new one, never a part.

    Raises:
        OSError: the disk is full, the folder is missing or not writable.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_model(source: Path | bytes) -> NameModel:
    """The model in a file or in the bytes of one, in evaluation mode.

    Raises:
        ModelFileError: it is missing, damaged, or not one of ours.
    """
    try:
        content = source if isinstance(source, bytes) else _read(source)
        return _parse(content)
    except ModelFileError as error:
        where = "the model" if isinstance(source, bytes) else str(source)
        raise ModelFileError(f"{where}: {error}") from error.__cause__


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ModelFileError("too large for a model file")
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(error.strerror or "cannot be read") from error


def _parse(content: bytes) -> NameModel:
    header = _parse_header(content)
    try:
        tensors = safetensors_numpy.load(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise ModelFileError("damaged, or not a safetensors file") from error
    alphabet = Alphabet(
        letters=header.letters,
        starts=tuple(Start(s.kind, s.gender, s.origin) for s in header.starts),
        casing=header.casing,
    )
    return NameModel(
        network=_build_network(header, alphabet, tensors),
        alphabet=alphabet,
        statistics=tuple(
            StartStatistics(s.share, s.shortest, s.longest, s.finals) for s in header.starts
        ),
        fingerprints=Fingerprints(
            trained=_sorted_hashes(tensors.get(_TRAINED)),
            held_out=_sorted_hashes(tensors.get(_HELD_OUT)),
        ),
        metrics=header.metrics,
    )


def _parse_header(content: bytes) -> _Header:
    """Our own part of the header: safetensors' reader of bytes does not give the metadata out."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(_LONGEST_HEADER, len(content) - 8):
        raise ModelFileError("damaged, or not a safetensors file")
    try:
        raw = json.loads(content[8 : 8 + length])["__metadata__"][_METADATA_KEY]
        return _Header.model_validate_json(raw)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        detail = ""
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            detail = f" ({'.'.join(str(part) for part in first['loc'])}: {first['msg']})"
        raise ModelFileError(f"not a model file of this program{detail}") from error


def _build_network(
    header: _Header, alphabet: Alphabet, tensors: Mapping[str, np.ndarray[Any, Any]]
) -> NameNetwork:
    config = NetworkConfig(**header.network.model_dump())
    # Shapes are compared before memory is set aside for what a hostile header asks for.
    weights = {}
    for name, shape in parameter_shapes(config, alphabet).items():
        weight = tensors.get(_NETWORK + name)
        if weight is None or weight.shape != shape or weight.dtype != np.float32:
            raise ModelFileError(f"the weights {name} are missing or of the wrong shape")
        if not np.isfinite(weight).all():
            raise ModelFileError(f"the weights {name} are not finite")
        weights[name] = torch.from_numpy(weight.copy())
    network = NameNetwork(config, read=alphabet.read, predicted=alphabet.predicted)
    network.load_state_dict(weights)
    return network.eval()


def _sorted_hashes(tensor: np.ndarray[Any, Any] | None) -> np.ndarray[Any, np.dtype[np.int64]]:
    if tensor is None or tensor.ndim != 1 or tensor.dtype != np.int64:
        raise ModelFileError("the fingerprints of its names are missing or malformed")
    if (tensor[1:] <= tensor[:-1]).any():
        raise ModelFileError("the fingerprints of its names are not sorted")
    return tensor
