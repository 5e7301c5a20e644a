"""Going on with a text: the state carried across calls, in memory and through a file."""

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.corpora.text import corpus_of_text, encode_text
from ml.errors import ImpossiblePrefix, StateFileError
from ml.models.checkpoint import model_bytes, save_model
from ml.models.model import NameModel
from ml.models.network_config import Cell, NetworkConfig
from ml.names.alphabet import LINE_OF_TEXT, Start
from ml.networks.cells import State
from ml.networks.network import NameNetwork, network_of, weights_of
from ml.writing.sampling import SamplingSettings
from ml.writing.text_sampling import TextSampler
from ml.writing.text_state import load_state, save_state
from tests.ml.models.test_checkpoint import joined, split, with_config
from tests.ml.test_cli import last_json, run

WOMEN = [Start("given", "f", "russian")]


def text_model(cell: Cell = "lstm", layers: int = 2) -> NameModel:
    """Untrained: what it writes is noise, and so shows any difference of state."""
    corpus = corpus_of_text("abcdefg hij\n\n" * 40)
    torch.manual_seed(0)
    config = NetworkConfig(cell, embedding_size=6, hidden_size=10, num_layers=layers)
    network = NameNetwork(config, read=corpus.alphabet.read, predicted=corpus.alphabet.predicted)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    return NameModel(
        config, weights_of(network), corpus.alphabet, corpus.statistics, corpus.fingerprints
    )


def sampler(model: NameModel, seed: int = 0) -> TextSampler:
    return TextSampler(model, [LINE_OF_TEXT], np.random.default_rng(seed))


@pytest.fixture(scope="module")
def noisy() -> NameModel:
    return text_model()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_likeliest_symbol_is_that_of_one_pass_over_all_before(cell: Cell) -> None:
    model = text_model(cell)
    writer = TextSampler(
        model, [LINE_OF_TEXT], np.random.default_rng(0), settings=SamplingSettings(top_k=1)
    )
    writer.read("hij\nab\n\nc")
    text = "hij\nab\n\nc" + writer.write(40)
    encoded = encode_text(model.alphabet, text)
    state: State | None = None
    with torch.no_grad():
        logits, _ = network_of(model)(encoded.inputs[:, None], state)
    logits[:, 0, 1] = -torch.inf  # the unknown symbol is not written
    assert torch.equal(logits[-40:, 0].argmax(dim=1), encoded.targets[-40:])


@given(lengths=st.lists(st.integers(0, 12), max_size=6), seed=st.integers(0, 5))
def test_many_calls_write_what_one_does(noisy: NameModel, lengths: list[int], seed: int) -> None:
    whole = sampler(noisy, seed).write(sum(lengths))
    pieces = sampler(noisy, seed)
    assert "".join(pieces.write(length) for length in lengths) == whole


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_state_file_goes_on_exactly(cell: Cell, tmp_path: Path) -> None:
    model, path = text_model(cell), tmp_path / "state"
    rng = np.random.default_rng(7)
    first = TextSampler(model, [LINE_OF_TEXT], rng)
    first.read("abc")
    first.write(50)
    save_state(path, model, first.position, rng)
    position, generator = load_state(path, model)
    second = TextSampler(model, [LINE_OF_TEXT], generator, position=position)
    assert second.write(60) == first.write(60)


def test_the_state_depends_on_all_that_was_read(noisy: NameModel) -> None:
    states = set()
    for prefix in ("a", "ba", "bba", "\nba", "ba\nba"):
        writer = sampler(noisy)
        writer.read(prefix)
        states.add(writer.position.state.hidden[-1][0].tobytes())
        assert noisy.alphabet.decode([writer.position.pending]) == "a"
    assert len(states) == 5


def test_a_strange_letter_is_refused_and_nothing_is_read(noisy: NameModel) -> None:
    writer = sampler(noisy)
    with pytest.raises(ImpossiblePrefix, match="'ж'"):
        writer.read("ab\nж")
    assert writer.write(30) == sampler(noisy).write(30)


# A model of names, too, can be read as a stream: names one a line.


def test_names_come_one_a_line_with_capitals_wherever_a_piece_ends(
    model: NameModel,
) -> None:
    whole = TextSampler(model, WOMEN, np.random.default_rng(0)).write(120)
    pieces = TextSampler(model, WOMEN, np.random.default_rng(0))
    assert "".join(pieces.write(1) for _ in range(120)) == whole
    assert all(line.istitle() for line in whole.split("\n") if line)
    pieces.read("бори")
    assert not pieces.write(1).isupper()


# State files are hostile until parsed.


@pytest.fixture(scope="module")
def state_bytes(noisy: NameModel, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("state") / "state"
    rng = np.random.default_rng(0)
    writer = TextSampler(noisy, [LINE_OF_TEXT], rng)
    writer.write(9)
    save_state(path, noisy, writer.position, rng)
    return path.read_bytes()


def load(content: bytes, model: NameModel, folder: Path) -> None:
    (folder / "state").write_bytes(content)
    load_state(folder / "state", model)


def test_a_state_of_another_model_is_refused(
    noisy: NameModel, state_bytes: bytes, tmp_path: Path
) -> None:
    load(state_bytes, noisy, tmp_path)
    bias = noisy.weights["output.bias"].copy()
    bias[3] += 1e-3
    other = replace(noisy, weights={**noisy.weights, "output.bias": bias})
    renamed = replace(noisy, alphabet=replace(noisy.alphabet, letters=noisy.alphabet.letters[::-1]))
    for stranger in (other, renamed, text_model("gru"), text_model(layers=1)):
        with pytest.raises(StateFileError, match="another model"):
            load(state_bytes, stranger, tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(position=st.floats(0, 0.9999), value=st.integers(0, 255))
def test_a_flipped_byte_is_refused_or_harmless(
    noisy: NameModel, state_bytes: bytes, tmp_path: Path, position: float, value: int
) -> None:
    content = bytearray(state_bytes)
    content[int(position * len(content))] = value
    (tmp_path / "state").write_bytes(bytes(content))
    with contextlib.suppress(StateFileError):
        where, rng = load_state(tmp_path / "state", noisy)
        goes_on = TextSampler(noisy, [LINE_OF_TEXT], rng, position=where)
        assert len(goes_on.write(3)) == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.floats(0, 0.999))
def test_a_cut_file_is_refused(
    noisy: NameModel, state_bytes: bytes, tmp_path: Path, cut: float
) -> None:
    with pytest.raises(StateFileError):
        load(state_bytes[: int(cut * len(state_bytes))], noisy, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "imyarek-state-3"},
        {"model": "0" * 64},
        {"model": "zz"},
        {"pending": 0},
        {"pending": 1},
        {"pending": 10**6},
        {"generator.state": -1},
        {"generator.inc": 2**128},
        {"generator.has_uint32": 2},
        {"generator.uinteger": 2**32},
        {"generator": {}},
        {"extra": 1},
    ],
)
def test_a_lying_header_is_refused(
    noisy: NameModel, state_bytes: bytes, tmp_path: Path, change: dict[str, object]
) -> None:
    with pytest.raises(StateFileError):
        load(with_config(state_bytes, change), noisy, tmp_path)


@pytest.mark.parametrize("number", [np.nan, np.inf, 2.0, -1e38])
def test_a_hidden_state_that_was_never_computed_is_refused(
    noisy: NameModel, state_bytes: bytes, tmp_path: Path, number: float
) -> None:
    header, body = split(state_bytes)
    begin, _ = header["layer1.h"]["data_offsets"]
    spoiled = body[:begin] + np.float32(number).tobytes() + body[begin + 4 :]
    with pytest.raises(StateFileError):
        load(joined(header, spoiled), noisy, tmp_path)


def test_a_model_is_no_state_and_a_folder_neither(noisy: NameModel, tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="not a state file"):
        load(model_bytes(noisy), noisy, tmp_path)
    with pytest.raises(StateFileError):
        load_state(tmp_path, noisy)


# The commands.


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text("Шёл дождь.\n\nИ снова шёл дождь. " * 60, encoding="utf-8")
    return path


def test_train_on_a_text_score_one_and_go_on_with_one(book: Path, tmp_path: Path) -> None:
    out, state = tmp_path / "book.safetensors", tmp_path / "state"
    trained = last_json(
        run("train", "--text", book, "--cell", "gru", "--minutes", "0.03", "--out", out, "--json")
    )
    assert trained["recipe"]["regime"] == "stream"
    scored = last_json(run("evaluate", out, "--text", book, "--json"))
    assert scored["symbols"] == len(book.read_text(encoding="utf-8"))
    assert scored["unknown_symbols"] == 0

    once = run("sample", out, "И снова", "--length", "100", "--seed", "5").stdout
    assert once.startswith("И снова")
    assert len(once) == len("И снова") + 100
    arguments = ("--length", "50", "--seed", "5", "--state", state)
    twice = run("sample", out, "И снова", *arguments).stdout + run("sample", out, *arguments).stdout
    assert twice == once
    written = last_json(run("sample", out, "И", "--length", "9", "--json"))
    assert set(written) == {"prefix", "text"}
    assert len(written["text"]) == 9


def test_a_model_of_names_writes_names_one_a_line(model: NameModel, tmp_path: Path) -> None:
    save_model(model, tmp_path / "names.safetensors")
    arguments = ("--length", "300", "--temperature", "0.5", "--seed", "0")
    result = run("sample", tmp_path / "names.safetensors", "Яро", "--gender", "f", *arguments)
    assert result.exit_code == 0
    assert len(result.stdout) == 303
    names = result.stdout.split("\n")[:-1]  # the last line is cut
    assert len(names) > 10
    assert names[0] in {"Ярослава", "Яромира", "Яролюба", "Яродана", "Яросвета"}
    assert all(not name or name.istitle() for name in names)
    refused = run("sample", tmp_path / "names.safetensors", "--kind", "surname", *arguments)
    assert refused.exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sample", "MODEL", "Ж"), "letter"),
        (("sample", "MODEL", "--state", "BOOK"), "damaged"),
        (("sample", "MODEL", "--state", "OTHER"), "another model"),
        (("sample", "MODEL", "--state", "no/such/folder/state"), "no such folder"),
        (("sample", "MODEL", "--length", "0"), "length"),
        (("evaluate", "MODEL"), "--text"),
        (("evaluate", "MODEL", "--names", "BOOK"), "--text"),
        (("evaluate", "MODEL", "--text", "missing.txt"), "No such file"),
        (("finetune", "MODEL", "--ratings", "BOOK", "--out", "out"), "model of a text"),
        (("train", "--text", "BOOK", "--names", "BOOK", "--out", "out"), "--names"),
        (("train", "--text", "BOOK", "--valid", "BOOK", "--out", "out"), "--valid"),
        (("train", "--text", "BOOK", "--regime", "independent", "--out", "out"), "independent"),
        (("train", "--text", "SHORT", "--out", "out"), "too short"),
        (("train", "--text", "MODEL", "--out", "out"), "not UTF-8"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    noisy: NameModel,
    book: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(noisy, tmp_path / "MODEL")
    (tmp_path / "SHORT").write_text("abc", encoding="utf-8")
    (tmp_path / "BOOK").write_bytes(book.read_bytes())
    stranger, rng = text_model("rnn"), np.random.default_rng(0)
    save_state(Path("OTHER"), stranger, sampler(stranger).position, rng)
    untouched = Path("OTHER").read_bytes()
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("out").exists()
    assert Path("OTHER").read_bytes() == untouched
