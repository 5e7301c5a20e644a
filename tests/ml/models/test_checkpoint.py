import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from ml.errors import ModelFileError
from ml.models.checkpoint import load_model, model_bytes, save_model, write_whole
from ml.models.model import NameModel
from ml.scoring.evaluation import evaluate_list
from ml.writing.generator import NameGenerator, NameRequest


def split(content: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def joined(header: dict[str, Any], body: bytes) -> bytes:
    encoded = json.dumps(header).encode()
    return len(encoded).to_bytes(8, "little") + encoded + body


def with_config(content: bytes, change: dict[str, Any]) -> bytes:
    """The file with parts of our own header replaced, by a dotted path."""
    header, body = split(content)
    ours = json.loads(header["__metadata__"]["imyarek"])
    for path, value in change.items():
        place = ours
        *parents, last = path.split(".")
        for parent in parents:
            place = place[parent]
        place[last] = value
    header["__metadata__"]["imyarek"] = json.dumps(ours)
    return joined(header, body)


def test_a_model_survives_the_file(model: NameModel, tmp_path: Path) -> None:
    save_model(model, tmp_path / "names.safetensors")
    loaded = load_model(tmp_path / "names.safetensors")
    assert loaded.alphabet == model.alphabet
    assert loaded.statistics == model.statistics
    assert loaded.metrics == json.loads(json.dumps(model.metrics))
    for name, weight in model.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], weight)
    request = NameRequest(count=20)
    same = NameGenerator(model).generate(request, seed=0)
    assert NameGenerator(loaded).generate(request, seed=0) == same


def test_a_model_of_before_the_peoples_and_the_world_were_two_is_read(model: NameModel) -> None:
    content = model_bytes(model)
    header, _ = split(content)
    starts = json.loads(header["__metadata__"]["imyarek"])["starts"]
    former = with_config(content, {"starts": [start | {"origin": "other"} for start in starts]})
    loaded = load_model(former)
    assert {start.origin for start in loaded.alphabet.starts} == {"peoples"}
    assert b"other" in former
    assert b"other" not in model_bytes(loaded)


def test_the_bytes_of_a_model_are_always_the_same(model: NameModel) -> None:
    assert model_bytes(load_model(model_bytes(model))) == model_bytes(model)


def test_the_noise_that_older_files_speak_of_is_passed_over(model: NameModel) -> None:
    noise = {"network.dropout": 0.4, "network.weight_drop": 0.25}
    older = load_model(with_config(model_bytes(model), noise))
    assert older.config == model.config
    assert model_bytes(older) == model_bytes(model)


@given(cut=st.floats(0, 0.999))
def test_a_cut_file_is_refused(model: NameModel, cut: float) -> None:
    content = model_bytes(model)
    with pytest.raises(ModelFileError):
        load_model(content[: int(cut * len(content))])


@given(position=st.floats(0, 0.9999), value=st.integers(0, 255))
def test_a_flipped_byte_is_refused_or_harmless(
    model: NameModel, position: float, value: int
) -> None:
    content = bytearray(model_bytes(model))
    content[int(position * len(content))] = value
    with contextlib.suppress(ModelFileError):
        assert load_model(bytes(content)).alphabet.letters


@pytest.mark.parametrize(
    "change",
    [
        {"format": "imyarek-2"},
        {"letters": ""},
        {"letters": "аа"},
        {"casing": "upper"},
        {"starts": []},
        {"network.hidden_size": 49},
        {"network.hidden_size": 4096, "network.num_layers": 8},
        {"network.hidden_size": 10**12},
        {"network.cell": "transformer"},
        {"network.dropout": "NaN"},
        {"extra": 1},
        {"metrics": "good"},
    ],
)
def test_a_lying_header_is_refused(model: NameModel, change: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError):
        load_model(with_config(model_bytes(model), change))


@pytest.fixture
def of_mixture(mixed: NameModel) -> Callable[[str, npt.NDArray[Any]], bytes]:
    """The file of a model with a mixture, one of its arrays replaced."""

    def spoiled(name: str, array: npt.NDArray[Any]) -> bytes:
        header, _ = split(model_bytes(mixed))
        arrays = load(model_bytes(mixed)) | {name: array}
        return save(arrays, metadata=header["__metadata__"])

    return spoiled


def test_a_mixture_is_kept(mixed: NameModel, model: NameModel) -> None:
    assert load_model(model_bytes(model)).mixture is None
    names = ["Ярослав", "Мстислав", "Щука"]
    again = load_model(model_bytes(mixed))
    assert again.mixture is not None
    assert evaluate_list(again, names) == evaluate_list(mixed, names) != evaluate_list(model, names)
    assert model_bytes(again) == model_bytes(mixed)


@pytest.mark.parametrize("change", [{"mixture.weight": 1.5}, {"mixture.order": 0}])
def test_a_lying_mixture_is_refused(mixed: NameModel, change: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError):
        load_model(with_config(model_bytes(mixed), change))


def test_more_ngrams_than_there_are_is_refused(mixed: NameModel) -> None:
    with pytest.raises(ModelFileError, match="6 symbols"):
        load_model(with_config(model_bytes(mixed), {"mixture.order": 6}))


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda numbers: numbers[::-1], "sorted"),
        (lambda numbers: numbers.astype(np.int32), "malformed"),
        (lambda numbers: numbers[:0], "malformed"),
        (lambda numbers: numbers - numbers[0] - 1, "no alphabet"),
        (lambda numbers: np.append(numbers[:-1], 2**62), "no alphabet"),
        (lambda numbers: np.append(numbers[:-1], numbers[-1] // 21 * 21 + 20), "cannot come next"),
        (lambda numbers: numbers[:-1], "wrong shape"),
    ],
)
def test_ngrams_that_are_none_are_refused(
    of_mixture: Callable[[str, npt.NDArray[Any]], bytes],
    mixed: NameModel,
    spoil: Callable[[npt.NDArray[Any]], npt.NDArray[Any]],
    complaint: str,
) -> None:
    assert mixed.mixture is not None
    numbers = mixed.mixture.ngram.levels[2].ngrams
    with pytest.raises(ModelFileError, match=complaint):
        load_model(of_mixture("ngram.3.numbers", spoil(numbers)))


@pytest.mark.parametrize("value", [-0.1, 1.0, np.nan])
def test_ngrams_that_are_no_distribution_are_refused(
    of_mixture: Callable[[str, npt.NDArray[Any]], bytes], mixed: NameModel, value: float
) -> None:
    assert mixed.mixture is not None
    kept = mixed.mixture.ngram.levels[1].kept.copy()
    kept[3] = value
    with pytest.raises(ModelFileError, match=r"ngram\.2\.kept|distribution"):
        load_model(of_mixture("ngram.2.kept", kept))


def test_weights_that_are_not_finite_are_refused(model: NameModel) -> None:
    header, body = split(model_bytes(model))
    begin, _ = header["network.output.bias"]["data_offsets"]
    spoiled = body[:begin] + np.float32(np.nan).tobytes() + body[begin + 4 :]
    with pytest.raises(ModelFileError, match="finite"):
        load_model(joined(header, spoiled))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="No such file"):
        load_model(tmp_path / "missing")
    with pytest.raises(ModelFileError):
        load_model(tmp_path)
    (tmp_path / "pickle").write_bytes(b"\x80\x04\x95cposix\nsystem\n")
    with pytest.raises(ModelFileError, match="damaged"):
        load_model(tmp_path / "pickle")


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(b"old", path)

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="space"):
        write_whole(b"new", path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_writer_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_whole(b"old", path)
    script = (
        "import os, signal, pathlib, sys\n"
        "from ml.models.checkpoint import write_whole\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_whole(b'new' * 100000, pathlib.Path(sys.argv[1]))\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
