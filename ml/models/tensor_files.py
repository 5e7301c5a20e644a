"""Our safetensors files: tensors, and one JSON header of our own in their metadata.

Nothing is unpickled. A file is hostile until it is parsed; what its header asks for is checked
against what is there before any memory is set aside for it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors import numpy as safetensors_numpy

from ml.errors import TensorFileError

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]

_METADATA_KEY = "imyarek"
_LONGEST_HEADER = 2**20  # bytes


class Header(BaseModel):
    """The base of all headers: a field too many is as wrong as one too few."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


H = TypeVar("H", bound=Header)


def pack(header: Header, arrays: Arrays) -> bytes:
    """The bytes of a file; the same header and arrays always give the same ones."""
    # `save` copies the raw memory: a transposed or sliced array would be written scrambled.
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return safetensors_numpy.save(contiguous, metadata={_METADATA_KEY: header.model_dump_json()})


def unpack(content: bytes, kind: type[H], what: str) -> tuple[H, Arrays]:
    """Header and arrays of a file; `what` it should be is named in the complaint.

    Raises:
        TensorFileError: it is damaged, or not a file of this kind.
    """
    header = _parse_header(content, kind, what)
    try:
        return header, safetensors_numpy.load(content)
    except (SafetensorError, KeyError, ValueError) as error:
        raise TensorFileError("damaged, or not a safetensors file") from error


def read_file(path: Path, largest: int) -> bytes:
    """The content of a file of at most `largest` bytes.

    Raises:
        TensorFileError: it cannot be read, or is larger.
    """
    try:
        if path.stat().st_size > largest:
            raise TensorFileError("larger than any file of its kind")
        return path.read_bytes()
    except OSError as error:
        raise TensorFileError(error.strerror or "cannot be read") from error


def checked_array(arrays: Arrays, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """One float32 array, all finite.

    Raises:
        TensorFileError: it is missing, of another shape or type, or not finite.
    """
    array = arrays.get(name)
    if array is None or array.shape != shape or array.dtype != np.float32:
        raise TensorFileError(f"the numbers {name} are missing or of the wrong shape")
    if not np.isfinite(array).all():
        raise TensorFileError(f"the numbers {name} are not finite")
    return array


def checked_arrays(
    arrays: Arrays, shapes: Mapping[str, tuple[int, ...]], *, prefix: str = ""
) -> dict[str, npt.NDArray[np.float32]]:
    """The arrays of these shapes, stored under `prefix` and their names, see `checked_array`."""
    return {name: checked_array(arrays, prefix + name, shape) for name, shape in shapes.items()}


def _parse_header(content: bytes, kind: type[H], what: str) -> H:
    """By hand, because safetensors' reader of bytes does not give the metadata out."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(_LONGEST_HEADER, len(content) - 8):
        raise TensorFileError("damaged, or not a safetensors file")
    try:
        raw = json.loads(content[8 : 8 + length])["__metadata__"][_METADATA_KEY]
        return kind.model_validate_json(raw)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        detail = ""
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            detail = f" ({'.'.join(str(part) for part in first['loc'])}: {first['msg']})"
        raise TensorFileError(f"not {what} of this program{detail}") from error
