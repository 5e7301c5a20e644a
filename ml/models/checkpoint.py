"""Model files: one ``.safetensors`` that carries weights, alphabet, configuration and metrics.

Nothing is unpickled. A file is hostile until it is parsed: header, configuration, shapes and
values are all checked, and every fault is one `ModelFileError`.
"""

import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, model_validator

from ml.errors import ModelFileError, TensorFileError
from ml.models.model import Mixture, NameModel, TasteNetwork
from ml.models.network_config import Cell, NetworkConfig, Weights, parameter_shapes
from ml.models.ngram import KneserNey, Level, highest_order
from ml.models.tensor_files import (
    Arrays,
    Header,
    checked_array,
    checked_arrays,
    pack,
    read_file,
    unpack,
)
from ml.names.alphabet import Alphabet, Casing, Start, StartKind
from ml.names.fingerprints import Fingerprints
from ml.names.records import LONGEST_NAME, Gender, Origin, current_origin
from ml.names.statistics import StartStatistics

SHIPPED_MODEL = Path(__file__).parents[1] / "data" / "names.safetensors"

_LARGEST_FILE = 256 * 2**20  # bytes
# Lines of a text have any length, names not: the sampler goes on that long.
_LONGEST_LINE = 2**31 - 1
_NETWORK = "network."
# Of a start symbol, in nats: what is drawn e^20 times as often is drawn always.
_LARGEST_VALUE = 20.0
_TASTE = "taste."
_TASTE_STARTS = "taste.starts"
_TRAINED = "fingerprints.trained"
_HELD_OUT = "fingerprints.held_out"


class NetworkHeader(Header):
    """A `NetworkConfig` as it stands in files."""

    cell: Cell
    embedding_size: int = Field(ge=1, le=4096)
    hidden_size: int = Field(ge=1, le=4096)
    num_layers: int = Field(ge=1, le=8)
    # Older files say here what noise they were trained with.
    dropout: float = Field(default=0.0, ge=0, lt=1, exclude=True)
    weight_drop: float = Field(default=0.0, ge=0, lt=1, exclude=True)


class _StartHeader(Header):
    kind: StartKind | None
    gender: Gender | None
    origin: Annotated[Origin | None, BeforeValidator(current_origin)]
    share: float = Field(gt=0, le=1)
    shortest: int = Field(ge=0, le=_LONGEST_LINE)
    longest: int = Field(ge=1, le=_LONGEST_LINE)
    finals: str = Field(max_length=65_536)


class _MixtureHeader(Header):
    order: int = Field(ge=1, le=20)
    by_start: bool
    weight: float = Field(gt=0, lt=1)


class _Header(Header):
    format: Literal["imyarek-1"]
    letters: str = Field(min_length=1, max_length=65_536)
    casing: Casing
    starts: Annotated[tuple[_StartHeader, ...], Field(min_length=1, max_length=64)]
    network: NetworkHeader
    # Models were saved without one before there was any.
    mixture: _MixtureHeader | None = None
    taste: NetworkHeader | None = None
    metrics: dict[str, Any]

    @model_validator(mode="after")
    def _consistent(self) -> "_Header":
        if len(set(self.letters)) != len(self.letters):
            raise ValueError("a letter stands twice in the alphabet")
        if len({(s.kind, s.gender, s.origin) for s in self.starts}) != len(self.starts):
            raise ValueError("a start symbol stands twice")
        if any(s.shortest > s.longest for s in self.starts):
            raise ValueError("the shortest name is longer than the longest")
        names = [s for s in self.starts if s.kind != "text"]
        if any(s.shortest < 1 or s.longest > LONGEST_NAME or not s.finals for s in names):
            raise ValueError("no name has such a length or such an end")
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
        network=NetworkHeader(**asdict(model.config)),
        mixture=_mixture_header(model.mixture) if model.mixture else None,
        taste=NetworkHeader(**asdict(model.taste.config)) if model.taste else None,
        metrics=dict(model.metrics),
    )
    arrays: dict[str, npt.NDArray[Any]] = {
        _NETWORK + name: weight for name, weight in model.weights.items()
    }
    if model.taste:
        arrays |= {_TASTE + name: weight for name, weight in model.taste.weights.items()}
        arrays[_TASTE_STARTS] = model.taste.starts
    if model.mixture:
        for length, level in enumerate(model.mixture.ngram.levels, start=1):
            arrays[_ngram_array(length, "numbers")] = level.ngrams
            arrays[_ngram_array(length, "kept")] = level.kept
    arrays[_TRAINED] = model.fingerprints.trained
    arrays[_HELD_OUT] = model.fingerprints.held_out
    return pack(header, arrays)


def _mixture_header(mixture: Mixture) -> _MixtureHeader:
    ngram = mixture.ngram
    return _MixtureHeader(order=ngram.order, by_start=ngram.by_start, weight=mixture.weight)


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


def read_model_bytes(path: Path) -> bytes:
    """The content of a model file, not looked at yet.

    Raises:
        ModelFileError: it cannot be read, or is larger than any model.
    """
    try:
        return read_file(path, _LARGEST_FILE)
    except TensorFileError as error:
        raise ModelFileError(f"{path}: {error}") from error.__cause__


def load_model(source: Path | bytes, *, title: str = "the model") -> NameModel:
    """The model in a file, or in the bytes of one, which complaints call by a `title`.

    Raises:
        ModelFileError: it is missing, damaged, or not one of ours.
    """
    if isinstance(source, Path):
        return load_model(read_model_bytes(source), title=str(source))
    try:
        return _parse(source)
    except TensorFileError as error:
        raise ModelFileError(f"{title}: {error}") from error.__cause__


def _parse(content: bytes) -> NameModel:
    header, arrays = unpack(content, _Header, "a model file")
    alphabet = Alphabet(
        letters=header.letters,
        starts=tuple(Start(s.kind, s.gender, s.origin) for s in header.starts),
        casing=header.casing,
    )
    config, weights = _build_network(header.network, alphabet, arrays, _NETWORK)
    return NameModel(
        config=config,
        weights=weights,
        alphabet=alphabet,
        statistics=tuple(
            StartStatistics(s.share, s.shortest, s.longest, s.finals) for s in header.starts
        ),
        fingerprints=Fingerprints(
            trained=_sorted_hashes(arrays.get(_TRAINED)),
            held_out=_sorted_hashes(arrays.get(_HELD_OUT)),
        ),
        metrics=header.metrics,
        mixture=_build_mixture(header.mixture, alphabet, arrays) if header.mixture else None,
        taste=_build_taste(header.taste, alphabet, arrays) if header.taste else None,
    )


def _build_network(
    header: NetworkHeader, alphabet: Alphabet, arrays: Arrays, prefix: str
) -> tuple[NetworkConfig, Weights]:
    config = NetworkConfig(**header.model_dump())
    shapes = parameter_shapes(config, read=alphabet.read, predicted=alphabet.predicted)
    return config, checked_arrays(arrays, shapes, prefix=prefix)


def _build_taste(header: NetworkHeader, alphabet: Alphabet, arrays: Arrays) -> TasteNetwork:
    starts = checked_array(arrays, _TASTE_STARTS, (len(alphabet.starts),))
    if np.abs(starts).max() > _LARGEST_VALUE:
        raise TensorFileError("its values of start symbols are out of bounds")
    return TasteNetwork(*_build_network(header, alphabet, arrays, _TASTE), starts)


def _build_mixture(header: _MixtureHeader, alphabet: Alphabet, arrays: Arrays) -> Mixture:
    if header.order > highest_order(alphabet.read):
        raise TensorFileError("its n-grams are too long for its alphabet")
    levels = [_build_level(length, alphabet, arrays) for length in range(1, header.order + 1)]
    ngram = KneserNey(tuple(levels), alphabet.read, alphabet.predicted, header.by_start)
    return Mixture(ngram, header.weight)


def _build_level(length: int, alphabet: Alphabet, arrays: Arrays) -> Level:
    numbers = arrays.get(_ngram_array(length, "numbers"))
    if numbers is None or numbers.ndim != 1 or numbers.dtype != np.int64 or not len(numbers):
        raise TensorFileError(f"its n-grams of {length} symbols are missing or malformed")
    if (numbers[1:] <= numbers[:-1]).any():
        raise TensorFileError(f"its n-grams of {length} symbols are not sorted")
    if numbers[0] < 0 or numbers[-1] >= alphabet.read**length:
        raise TensorFileError(f"its n-grams of {length} symbols hold symbols of no alphabet")
    kept = checked_array(arrays, _ngram_array(length, "kept"), numbers.shape)
    level = Level(numbers, kept, alphabet.read)
    if (level.symbols >= alphabet.predicted).any():
        raise TensorFileError(f"its n-grams of {length} symbols predict what cannot come next")
    # What is left to shorter contexts must be something: else an unseen symbol has no probability.
    if kept.min() < 0 or level.backoff.min() <= 0:
        raise TensorFileError(f"its n-grams of {length} symbols are no distribution")
    return level


def _ngram_array(length: int, what: str) -> str:
    return f"ngram.{length}.{what}"


def _sorted_hashes(hashes: npt.NDArray[Any] | None) -> npt.NDArray[np.int64]:
    if hashes is None or hashes.ndim != 1 or hashes.dtype != np.int64:
        raise TensorFileError("the fingerprints of its names are missing or malformed")
    if (hashes[1:] <= hashes[:-1]).any():
        raise TensorFileError("the fingerprints of its names are not sorted")
    return hashes
