"""Which recipe suits which corpus."""

from dataclasses import replace

import pytest
import torch

from ml.corpora.corpus import Corpus, Part
from ml.corpora.streams import Text
from ml.corpora.text import TextCorpus, corpus_of_text
from ml.names.alphabet import ANY_NAME, alphabet_of_names
from ml.training.recipes import choose_recipe, choose_text_recipe


def corpus_of(names: int, letters: int) -> Corpus:
    part = Part(("а" * letters,) * names, (ANY_NAME,) * names)
    return Corpus(alphabet_of_names(["а"]), part, part, torch.ones(names), ())


def text_of(symbols: int) -> TextCorpus:
    nothing = torch.zeros(1, dtype=torch.int64).expand(symbols)
    return replace(corpus_of_text("abc\n" * 60), train=Text(nothing, nothing))


@pytest.mark.parametrize("names", [100, 1_999, 11_999, 30_000, 59_999, 60_000, 300_000])
def test_no_list_is_read_more_often_than_ten_million_symbols_allow(names: int) -> None:
    recipe = choose_recipe(corpus_of(names, letters=9))
    assert 1 <= recipe.epochs <= 120
    assert recipe.epochs * names * 10 <= 10_000_000
    assert recipe.minutes is None


@pytest.mark.parametrize("symbols", [1_000, 99_999, 999_999, 1_000_000, 9_000_000])
def test_no_text_is_read_more_often_than_ten_million_symbols_allow(symbols: int) -> None:
    recipe = choose_text_recipe(text_of(symbols))
    assert 1 <= recipe.epochs <= 60
    assert recipe.epochs * symbols <= 10_000_000
    assert recipe.minutes is None


def test_the_longest_lists_are_read_once() -> None:
    assert choose_recipe(corpus_of(70_000, letters=200)).epochs == 1
    assert choose_text_recipe(text_of(50_000_000)).epochs == 1


def test_units_sit_out_only_where_no_state_is_carried() -> None:
    corpus = corpus_of(100, letters=5)
    assert choose_recipe(corpus).noise.falls_on == "units"
    streams = choose_recipe(corpus, "stream")
    assert (streams.regime, streams.noise.falls_on) == ("stream", "weights")
    assert choose_text_recipe(text_of(1_000)).noise.falls_on == "weights"
