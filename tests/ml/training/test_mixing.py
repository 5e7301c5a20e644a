"""A network beside an n-gram."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ml.corpora.corpus import Corpus
from ml.models.model import NameModel
from ml.models.ngram import NO_SYMBOL, KneserNey
from ml.networks.network import NameNetwork, network_of, weights_of
from ml.scoring.scorer import Scorer
from ml.training.mixing import choose_mixture


def test_every_symbol_is_predicted_by_both(mixed: NameModel, corpus: Corpus) -> None:
    assert mixed.mixture is not None
    valid = corpus.valid.encode(corpus.alphabet)
    by_network = Scorer.of(mixed).network_alone.symbols(valid).double().exp().numpy()
    both = Scorer.of(mixed).symbols(valid).double().exp().numpy()
    ngram = mixed.mixture.ngram
    for row in range(len(valid)):
        symbols = valid.symbols[row].tolist()
        for place in range(int(valid.lengths[row])):
            seen = symbols[max(0, place - 2) : place + 1]
            context = [NO_SYMBOL] * (3 - len(seen)) + seen + symbols[:1]
            by_ngram = ngram.distributions(np.array([context]))[0, symbols[place + 1]]
            expected = 0.7 * by_network[row, place] + 0.3 * by_ngram
            assert both[row, place] == pytest.approx(expected, rel=1e-4)


def test_names_cost_the_sum_of_their_symbols(mixed: NameModel, corpus: Corpus) -> None:
    valid = corpus.valid.encode(corpus.alphabet)
    symbols = Scorer.of(mixed).symbols(valid)
    beyond = torch.arange(symbols.shape[1]) >= valid.lengths[:, None]
    assert not symbols[beyond].any()
    torch.testing.assert_close(Scorer.of(mixed).names(valid), symbols.sum(dim=1))


def test_without_a_mixture_the_network_predicts_alone(model: NameModel, corpus: Corpus) -> None:
    valid = corpus.valid.encode(corpus.alphabet)
    scorer = Scorer.of(model)
    assert torch.equal(scorer.names(valid), scorer.network_alone.names(valid))


def untaught_network(model: NameModel) -> NameNetwork:
    """A network that has learnt nothing leaves much to an n-gram."""
    network = network_of(model)
    for parameter in network.parameters():
        parameter.data *= 0.01
    return network


def test_the_mixture_is_the_one_that_helps_most_on_valid(model: NameModel, corpus: Corpus) -> None:
    valid = corpus.valid.encode(corpus.alphabet)
    untaught = untaught_network(model)
    loss, mixture = choose_mixture(untaught, corpus)
    assert mixture is not None
    assert mixture.ngram.by_start
    mixed = replace(model, weights=weights_of(untaught), mixture=mixture)
    scorer = Scorer.of(mixed)
    assert loss == pytest.approx(scorer.nats_per_symbol(valid), rel=1e-4)
    assert loss < scorer.network_alone.nats_per_symbol(valid) - 0.1


def test_short_ngrams_that_are_no_help_do_not_hide_longer_ones(
    model: NameModel, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = KneserNey.fit

    def useless_at_three(
        names: list[list[int]], *, order: int, read: int, predicted: int, by_start: bool
    ) -> KneserNey:
        if order == 3:  # as good as nothing: it has seen one name that is none
            names = [[names[0][0], *[predicted - 1] * 9]]
        return fit(names, order=order, read=read, predicted=predicted, by_start=by_start)

    network = untaught_network(model)
    best, _ = choose_mixture(network, corpus)
    monkeypatch.setattr(KneserNey, "fit", useless_at_three)
    loss, mixture = choose_mixture(network, corpus)
    assert mixture is not None
    assert mixture.ngram.order > 3
    assert loss == pytest.approx(best, abs=0.1)
