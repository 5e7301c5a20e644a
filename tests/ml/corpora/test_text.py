"""Training on a text: cut, encoded, split and scored in order."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ml.corpora.streams import Text
from ml.corpora.text import corpus_of_text, encode_text, read_text
from ml.errors import TextFileError, TooLittleData
from ml.models.checkpoint import load_model, model_bytes
from ml.models.network_config import Cell, NetworkConfig
from ml.names.alphabet import END, LINE_OF_TEXT, UNKNOWN, Alphabet
from ml.networks.network import NameNetwork
from ml.networks.noise import Noise
from ml.scoring.scorer import Scorer
from ml.scoring.texts import evaluate_text
from ml.training.recipes import Recipe, choose_text_recipe
from ml.training.trainer import train

LETTERS = Alphabet("abc", starts=(LINE_OF_TEXT,))
TINY = Recipe(
    NetworkConfig(embedding_size=8, hidden_size=16),
    epochs=6,
    regime="stream",
    streams=4,
    k1=8,
    k2=8,
    learning_rate=2e-2,
    patience=1.0,
)


def spelt(text: Text) -> str:
    """What a text of `LETTERS` predicts."""
    signs = {END: "\n", UNKNOWN: "?"}
    return "".join(signs.get(s) or LETTERS.decode([s]) for s in text.targets.tolist())


@given(st.text(alphabet="abc\n"))
def test_every_symbol_is_predicted_once_and_read_once(text: str) -> None:
    encoded = encode_text(LETTERS, text)
    assert spelt(encoded) == text
    start = LETTERS.start_index(LINE_OF_TEXT)
    # A symbol is read as it was predicted, but for the end of a line.
    read = torch.where(encoded.targets == END, start, encoded.targets)
    assert encoded.inputs.tolist() == [start, *read.tolist()][: len(text)]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_text_of_some_length_is_cut_in_two_pieces(text: str) -> None:
    try:
        corpus = corpus_of_text(text)
    except TooLittleData:
        assert len(text) < 200 or not text[:-10].strip("\n")
        return
    train, valid = corpus.train.targets, corpus.valid.targets
    assert len(train) + len(valid) == len(text)
    assert len(valid) == len(text) // 20
    whole = encode_text(corpus.alphabet, text)
    assert torch.equal(torch.cat([train, valid]), whole.targets)
    assert torch.equal(corpus.valid.inputs, whole.inputs[len(train) :])
    assert UNKNOWN not in train
    assert "\n" not in corpus.alphabet.letters


def test_letters_of_the_tail_alone_are_unknown() -> None:
    corpus = corpus_of_text("ab\n" * 100 + "ж\n")
    assert corpus.alphabet.letters == "ab"
    assert corpus.valid.targets.tolist().count(UNKNOWN) == 1


def test_letters_beyond_what_a_model_can_name_are_unknown() -> None:
    corpus = corpus_of_text("".join(chr(0x4E00 + i) for i in range(6000)) + "ab" * 1000)
    assert len(corpus.alphabet.letters) == 4000
    assert {"a", "b"} <= set(corpus.alphabet.letters)
    assert UNKNOWN in corpus.train.targets


@pytest.mark.parametrize(
    "text",
    [
        "abc\n" * 60,
        "\n\n\nab\n\n" * 50,
        "ab" * 4000,
        "ab\n" * 100 + "c" * 2000,
        "\n" * 299 + "a\n" * 2,
    ],
    ids=["lines", "empty lines", "one long line", "a line longer than any name", "few letters"],
)
def test_training_on_any_text_gives_a_model_that_survives_its_file(text: str) -> None:
    corpus = corpus_of_text(text + text)
    model = train(corpus, replace(TINY, epochs=1)).model
    loaded = load_model(model_bytes(model))
    assert loaded.alphabet == model.alphabet
    assert loaded.statistics == model.statistics
    assert loaded.metrics["valid_symbols"] == len(corpus.valid.targets)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_training_learns_what_only_a_carried_state_knows(cell: Cell) -> None:
    # Lines alternate: which letter begins a line is known from the line before alone.
    corpus = corpus_of_text("aa\nbb\n" * 100)
    recipe = replace(TINY, network=replace(TINY.network, cell=cell), epochs=25)
    model = train(corpus, recipe).model
    carried = model.metrics["valid_nats_per_symbol"]
    assert carried < 0.1
    scored = evaluate_text(model, "aa\nbb\n" * 20)["all"]
    assert scored.nats_per_symbol < math.log(2) / 3  # what a coin at each line would cost


def test_a_tail_is_scored_with_the_state_carried_across_windows() -> None:
    torch.manual_seed(0)
    network = NameNetwork(
        NetworkConfig(embedding_size=4, hidden_size=6), read=6, predicted=5, noise=Noise(0.5)
    )
    text = encode_text(LETTERS, "abcab\ncca" * 300)  # several windows
    network.train()
    scored = Scorer(network).text(text)
    assert network.training
    network.eval()
    with torch.no_grad():
        logits, _ = network(text.inputs[:, None])
    log_probs = torch.log_softmax(logits[:, 0].double(), dim=-1)
    expected = log_probs[torch.arange(len(text.targets)), text.targets].sum()
    assert scored == pytest.approx(float(expected), rel=1e-5)


def test_a_text_is_not_read_line_by_line() -> None:
    with pytest.raises(ValueError, match="not independent"):
        train(corpus_of_text("abc\n" * 60), replace(TINY, regime="independent"))


def test_longer_texts_get_wider_networks_and_streams_always() -> None:
    short, long = (corpus_of_text("abcde " * times) for times in (1_000, 30_000))
    assert choose_text_recipe(short).regime == choose_text_recipe(long).regime == "stream"
    small, large = (choose_text_recipe(c).network.hidden_size for c in (short, long))
    assert small < large


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"\xef\xbb\xbfab\r\nc\r", "ab\nc\n"), ("Ж\u2028я".encode(), "Ж\u2028я"), (b"", "")],
)
def test_a_file_is_read_as_text(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "file").write_bytes(content)
    assert read_text(tmp_path / "file") == text


@pytest.mark.parametrize("content", [b"\xff\xfe", b"ab\x80"])
def test_what_is_not_utf_8_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(TextFileError, match="not UTF-8"):
        read_text(tmp_path / "file")


def test_missing_and_enormous_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TextFileError, match="No such file"):
        read_text(tmp_path / "missing")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(TextFileError, match="larger"):
        read_text(tmp_path / "sparse")
