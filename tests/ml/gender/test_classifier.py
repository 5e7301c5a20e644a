"""The classifier: the last real step of padded names, its file, its commands."""

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from ml.errors import ModelFileError, TooLittleData, UnreadableName
from ml.gender.classifier import (
    SHIPPED_GENDER_MODEL,
    GenderModel,
    encode_names,
    gender_alphabet,
    gender_logits,
    gender_network,
    guess_genders,
    load_gender_model,
    save_gender_model,
)
from ml.gender.training import EndingTable, evaluate_gender, given_names, train_gender
from ml.models.checkpoint import model_bytes
from ml.models.model import NameModel
from ml.models.network_config import Cell, NetworkConfig
from ml.names.records import GENDERS, NameRecord, read_records
from ml.networks import cells
from tests.ml.conftest import slavic_records
from tests.ml.models.test_checkpoint import joined, split, with_config
from tests.ml.test_cli import last_json, run

NAMES = ["Анна", "Ян", "Александра", "Я", "Мария-Луиза"]


def noisy(cell: Cell = "lstm", layers: int = 1) -> GenderModel:
    torch.manual_seed(0)
    alphabet = gender_alphabet("".join(NAMES))
    config = NetworkConfig(cell, embedding_size=4, hidden_size=6, num_layers=layers)
    network = gender_network(config, alphabet)
    for parameter in network.parameters():
        nn.init.normal_(parameter)
    return GenderModel(network.eval(), alphabet)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_padding_and_company_change_nothing(cell: Cell, layers: int) -> None:
    model = noisy(cell, layers)
    together = guess_genders(model, NAMES)
    alone = [guess_genders(model, [name])[0] for name in NAMES]
    assert [guess.name for guess in together] == NAMES
    assert [guess.gender for guess in together] == [guess.gender for guess in alone]
    assert [g.probability for g in together] == pytest.approx(
        [g.probability for g in alone], abs=1e-4
    )
    # So noisy a network is not always of one mind.
    assert len({guess.probability for guess in together}) == len(NAMES)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_picked_step_is_that_of_a_packed_sequence(cell: Cell) -> None:
    model = noisy(cell)
    names = encode_names(model.alphabet, NAMES)
    inputs, _ = names.batch(torch.arange(len(NAMES)))
    network = model.network
    picked = gender_logits(network, inputs, names.lengths)
    packed = pack_padded_sequence(network.embedding(inputs), names.lengths, enforce_sorted=False)
    _, state = network.cell(packed)
    h_n = state[0] if isinstance(state, tuple) else state
    torch.testing.assert_close(picked, network.output(h_n[-1]))


def test_our_own_cell_classifies_as_that_of_torch() -> None:
    model = noisy("gru")
    inputs = torch.randint(2, model.alphabet.predicted, (7, 3))
    lengths = torch.tensor([7, 2, 5])
    expected = gender_logits(model.network, inputs, lengths)
    scratch = cells.GRU(4, 6)
    scratch.load_state_dict(model.network.cell.state_dict())
    model.network.cell = scratch
    torch.testing.assert_close(gender_logits(model.network, inputs, lengths), expected)


def test_no_gradient_comes_from_the_padding() -> None:
    network = noisy().network.train()
    inputs = torch.tensor([[2, 3], [4, 5], [6, 0], [7, 0]])  # (time, batch)
    embedded: list[torch.Tensor] = []

    def keep(_: nn.Module, __: Any, output: torch.Tensor) -> None:
        output.retain_grad()
        embedded.append(output)

    network.embedding.register_forward_hook(keep)
    torch.autograd.backward(gender_logits(network, inputs, torch.tensor([4, 2])).sum())
    gradient = embedded[0].grad
    assert gradient is not None
    reached = gradient.abs().sum(dim=-1) > 0  # (time, batch)
    assert reached.tolist() == [[True, True], [True, True], [True, False], [True, False]]


def test_training_learns_the_rule_and_counts_its_mistakes() -> None:
    model = train_gender(slavic_records(), seed=0, epochs=30)
    report = evaluate_gender(model, slavic_records())
    assert report.accuracy == 1
    assert not report.mistaken
    assert (
        sum(map(sum, report.confusion))
        == report.names
        == len(given_names(slavic_records(), "test"))
    )
    assert guess_genders(model, ["МИРОСЛАВА"])[0].gender == "f"
    # One that always says the same is wrong on the others, and the matrix shows which.
    with torch.no_grad():
        model.network.output.weight.zero_()
        model.network.output.bias.copy_(torch.tensor([1.0, 0.0]))
    stubborn = evaluate_gender(model, slavic_records())
    assert [row[GENDERS.index("f")] for row in stubborn.confusion] == [0, 0]
    women = [r.name for r in given_names(slavic_records(), "test") if r.gender == "f"]
    assert stubborn.mistaken == women
    assert stubborn.accuracy == pytest.approx(1 - len(women) / stubborn.names)


def test_a_seed_repeats_up_to_rounding() -> None:
    first, again, other = (
        train_gender(slavic_records(), seed=seed, epochs=2).metrics["valid_nats_per_name"]
        for seed in (1, 1, 2)
    )
    assert first == pytest.approx(again, rel=1e-3)
    assert first != pytest.approx(other, rel=1e-3)


def test_records_without_given_names_are_refused() -> None:
    with pytest.raises(TooLittleData, match="train"):
        train_gender([])


def test_the_baseline_takes_the_majority_of_an_ending() -> None:
    rows = [("Анна", "f"), ("Жанна", "f"), ("Ханна", "m"), ("Пётр", "m"), ("Мирослав", "m")]
    table = EndingTable(
        [NameRecord(n, "given", "f" if g == "f" else "m", "russian", 1, "train") for n, g in rows]
    )
    assert table.guess("Сюзанна") == "f"
    assert table.guess("Димитр") == "m"
    assert table.guess("Любовь") == "m"  # an ending not seen: what most are
    assert table.guess("Я") == "m"


def test_the_shipped_classifier_knows_common_names_better_than_their_endings_do() -> None:
    model, records = load_gender_model(), read_records()
    assert SHIPPED_GENDER_MODEL.stat().st_size < 200_000
    report = evaluate_gender(model, records)
    assert report.accuracy > 0.93
    common = sorted(given_names(records, "train"), key=lambda r: -r.count)[:300]
    table = EndingTable(given_names(records, "train"))
    guesses = guess_genders(model, [record.name for record in common])
    right = sum(guess.gender == r.gender for guess, r in zip(guesses, common, strict=True))
    assert right > sum(table.guess(r.name) == r.gender for r in common)
    assert right >= 297
    assert {guess.gender for guess in guess_genders(model, ["Илья", "Никита"])} == {"m"}


@pytest.mark.parametrize("name", ["", "Bob", "☃", "Анна" * 40])
def test_what_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(UnreadableName):
        guess_genders(noisy(), ["Анна", name])


NOISY = noisy()


@given(st.text(max_size=30))
def test_any_text_is_guessed_or_refused(name: str) -> None:
    with contextlib.suppress(UnreadableName):
        (guess,) = guess_genders(NOISY, [name])
        assert guess.gender in GENDERS
        assert 0.5 <= guess.probability <= 1


# The file is hostile until parsed.


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("gender") / "file"
    save_gender_model(noisy(), path)
    return path.read_bytes()


def load(content: bytes, folder: Path) -> GenderModel:
    (folder / "file").write_bytes(content)
    return load_gender_model(folder / "file")


def test_a_classifier_survives_the_file(content: bytes, tmp_path: Path) -> None:
    loaded = load(content, tmp_path)
    assert guess_genders(loaded, NAMES) == guess_genders(noisy(), NAMES)
    save_gender_model(loaded, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(position=st.floats(0, 0.9999), value=st.integers(0, 255))
def test_a_flipped_byte_is_refused_or_harmless(
    content: bytes, tmp_path: Path, position: float, value: int
) -> None:
    flipped = bytearray(content)
    flipped[int(position * len(content))] = value
    with contextlib.suppress(ModelFileError):
        model = load(bytes(flipped), tmp_path)
        with contextlib.suppress(UnreadableName):
            guess_genders(model, NAMES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.floats(0, 0.999))
def test_a_cut_file_is_refused(content: bytes, tmp_path: Path, cut: float) -> None:
    with pytest.raises(ModelFileError):
        load(content[: int(cut * len(content))], tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "imyarek-1"},
        {"letters": ""},
        {"letters": "аа"},
        {"letters": "абвгд"},
        {"network.hidden_size": 4096, "network.num_layers": 8},
        {"network.cell": "transformer"},
        {"extra": 1},
    ],
)
def test_a_lying_header_is_refused(content: bytes, tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError):
        load(with_config(content, change), tmp_path)


def test_other_files_are_refused(content: bytes, model: NameModel, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="not a gender model file"):
        load(model_bytes(model), tmp_path)
    header, body = split(content)
    begin, _ = header["output.bias"]["data_offsets"]
    with pytest.raises(ModelFileError, match="finite"):
        load(joined(header, body[:begin] + b"\0\0\x80\x7f" + body[begin + 4 :]), tmp_path)
    with pytest.raises(ModelFileError, match="No such file"):
        load_gender_model(tmp_path / "missing")


# The command.


def test_guess_as_asked() -> None:
    rows = last_json(run("gender", "Анна", "Пётр", "--json"))["names"]
    assert [row["gender"] for row in rows] == ["f", "m"]
    assert rows == [asdict(guess) for guess in guess_genders(load_gender_model(), ["Анна", "Пётр"])]
    shown = run("gender", "Анна", "Пётр").stdout.splitlines()
    assert [line.split()[:2] for line in shown] == [["Анна", "f"], ["Пётр", "m"]]


def test_the_test_split_is_scored_and_drawn(tmp_path: Path) -> None:
    plot = tmp_path / "confusion.png"
    scored = last_json(run("gender", "--plot", plot, "--json"))
    assert scored == json.loads(
        json.dumps(evaluate_gender(load_gender_model(), read_records()).as_json())
    )
    assert plot.read_bytes().startswith(b"\x89PNG")
    shown = run("gender").stdout
    assert f"{scored['accuracy']:.1%}" in shown
    assert f"{scored['baseline_accuracy']:.1%}" in shown


def test_train_writes_a_classifier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml.commands.gender.read_records", slavic_records)
    path = tmp_path / "own.safetensors"
    result = run("gender", "Мирослава", "--train", "--model", path, "--json")
    assert last_json(result)["names"][0]["gender"] == "f"
    assert load_gender_model(path).metrics["train_names"] == len(
        given_names(slavic_records(), "train")
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("gender", ""),
        ("gender", "Bob"),
        ("gender", "Анна", "--model", "missing"),
        ("gender", "--plot", "no/such/folder/plot.png"),
        ("gender", "--train", "--model", "no/such/folder/model"),
    ],
)
def test_bad_input_is_exit_code_2_without_a_traceback(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.stderr
