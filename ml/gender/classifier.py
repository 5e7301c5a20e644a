"""The gender of a given name from its letters: the same network, used many-to-one.

A language model has a loss at every step. A classifier has one: the network reads the whole name,
and only its logits *after the last letter* count.

Names of a batch differ in length and are padded behind, so the last step of the batch is not the
last of each name. That is picked by its place, ``outputs[lengths - 1, arange(batch)]``: a cell
looks back alone, so what it reads later cannot change that output, and no gradient comes from the
padding. `torch.nn.utils.rnn.pack_padded_sequence` is the alternative: the cell then stops each name
at its length, and ``h_n`` is the state after the last *real* step. It is needed where the state
itself is wanted (the c of an LSTM is in no output), or where a second direction reads from behind
and would begin in the padding. Here is neither, and the cells of `ml.networks.cells` know no packed
sequences. What both do is shown in ``tests/ml/networks/test_hidden_state.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field, field_validator
from torch import Tensor

from ml.corpora.sequences import Sequences, encode_sequences
from ml.errors import ModelFileError, TensorFileError, UnreadableName
from ml.models.checkpoint import NetworkHeader, write_whole
from ml.models.network_config import NetworkConfig, parameter_shapes
from ml.models.tensor_files import Header, checked_arrays, pack, read_file, unpack
from ml.names.alphabet import ANY_NAME, UNKNOWN, Alphabet
from ml.names.records import GENDERS, Gender
from ml.networks.network import NameNetwork, load_weights, weights_of
from ml.networks.noise import NO_NOISE, Noise

SHIPPED_GENDER_MODEL = Path(__file__).parents[1] / "data" / "gender.safetensors"

_LARGEST_FILE = 16 * 2**20  # bytes
_LONGEST_NAME = 100  # letters; longer ones would only cost time


@dataclass(frozen=True, slots=True)
class GenderModel:
    """A network of two logits a step, in the order of `GENDERS`; of which the last one counts."""

    network: NameNetwork
    alphabet: Alphabet
    metrics: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guess:
    """A gender and how sure the model is of it, from a half to one."""

    name: str
    gender: Gender
    probability: float


def gender_network(
    config: NetworkConfig, alphabet: Alphabet, noise: Noise = NO_NOISE
) -> NameNetwork:
    """An untrained classifier: the language model's network, but for the number of its logits."""
    return NameNetwork(config, read=alphabet.read, predicted=len(GENDERS), noise=noise)


def gender_alphabet(letters: str) -> Alphabet:
    """Read without capitals: the case of a letter says nothing of gender."""
    return Alphabet("".join(sorted(set(letters.lower()))), starts=(ANY_NAME,), casing="title")


def encode_names(alphabet: Alphabet, names: Sequence[str]) -> Sequences:
    """Names as a language model reads them; `lengths` count the start symbol and the letters."""
    start = alphabet.start_index(ANY_NAME)
    return encode_sequences([start] * len(names), [alphabet.encode(name) for name in names])


def gender_logits(network: NameNetwork, inputs: Tensor, lengths: Tensor) -> Tensor:
    """Logits ``(batch, genders)`` after the last real symbol of each name.

    `inputs` ``(time, batch)`` are padded behind; `lengths` ``(batch,)`` say from where on.
    """
    outputs: Tensor = network(inputs)[0]  # (time, batch, genders)
    return outputs[lengths - 1, torch.arange(len(lengths))]


def guess_genders(model: GenderModel, names: Sequence[str]) -> list[Guess]:
    """The likelier gender of each name.

    Raises:
        UnreadableName: a name is empty, very long, or without a letter that the model knows.
    """
    for name in names:
        if len(name) > _LONGEST_NAME:
            raise UnreadableName(f"a name of {len(name)} letters is too long")
        if all(symbol == UNKNOWN for symbol in model.alphabet.encode(name)):
            raise UnreadableName(f"{name!r} has no letter that the model knows")
    if not names:
        return []
    sequences = encode_names(model.alphabet, names)
    inputs, _ = sequences.batch(torch.arange(len(names)))
    with torch.no_grad():
        probabilities = gender_logits(model.network, inputs, sequences.lengths).softmax(dim=1)
    highest, which = probabilities.max(dim=1)
    return [
        Guess(name, GENDERS[gender], probability)
        for name, gender, probability in zip(names, which.tolist(), highest.tolist(), strict=True)
    ]


class _GenderHeader(Header):
    format: Literal["imyarek-gender-1"]
    letters: str = Field(min_length=1, max_length=5000)
    network: NetworkHeader
    metrics: dict[str, Any]

    @field_validator("letters")
    @classmethod
    def _distinct(cls, letters: str) -> str:
        if len(set(letters)) != len(letters):
            raise ValueError("a letter stands twice in the alphabet")
        return letters


def save_gender_model(model: GenderModel, path: Path) -> None:
    """Write a model file whole or not at all, see `ml.models.checkpoint.write_whole`."""
    header = _GenderHeader(
        format="imyarek-gender-1",
        letters=model.alphabet.letters,
        network=NetworkHeader(**asdict(model.network.config)),
        metrics=dict(model.metrics),
    )
    write_whole(pack(header, weights_of(model.network)), path)


def load_gender_model(path: Path = SHIPPED_GENDER_MODEL) -> GenderModel:
    """The classifier in a file, in evaluation mode.

    Raises:
        ModelFileError: it is missing, damaged, or not a classifier of ours.
    """
    try:
        content = read_file(path, _LARGEST_FILE)
        header, arrays = unpack(content, _GenderHeader, "a gender model file")
        config = NetworkConfig(**header.network.model_dump())
        alphabet = Alphabet(header.letters, starts=(ANY_NAME,), casing="title")
        shapes = parameter_shapes(config, read=alphabet.read, predicted=len(GENDERS))
        weights = checked_arrays(arrays, shapes)
    except TensorFileError as error:
        raise ModelFileError(f"{path}: {error}") from error
    network = gender_network(config, alphabet)
    load_weights(network, weights)
    return GenderModel(network.eval(), alphabet, header.metrics)
