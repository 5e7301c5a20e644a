import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from ml.corpora.corpus import Corpus
from ml.corpora.sequences import IGNORED
from ml.corpora.streams import Text, join_lines
from ml.models.model import NameModel
from ml.names.alphabet import END
from ml.networks.losses import negative_log_likelihood, sequence_log_probs
from ml.networks.network import network_of
from ml.scoring.scorer import Scorer


def test_the_loss_and_the_sequence_log_probs_agree() -> None:
    torch.manual_seed(0)
    logits = torch.randn(5, 3, 7)
    targets = torch.randint(0, 7, (5, 3))
    targets[3:, 1] = IGNORED
    counted = (targets != IGNORED).sum()
    total = sequence_log_probs(logits, targets).sum()
    assert negative_log_likelihood(logits, targets) == pytest.approx(
        float(-total / counted), rel=1e-4
    )


def test_extreme_logits_stay_finite() -> None:
    logits = torch.tensor([[[1e30, -1e30, 0.0]]])
    assert torch.isfinite(sequence_log_probs(logits, torch.tensor([[0]]))).all()


def test_scores_do_not_depend_on_the_company(model: NameModel, corpus: Corpus) -> None:
    together = corpus.valid.encode(corpus.alphabet)
    log_probs = Scorer.of(model).names(together)
    for position, (name, start) in enumerate(
        zip(corpus.valid.names, corpus.valid.starts, strict=True)
    ):
        symbols = [corpus.alphabet.start_index(start), *corpus.alphabet.encode(name)]
        logits, _ = network_of(model)(torch.tensor(symbols)[:, None])
        targets = torch.tensor([*symbols[1:], 0])
        alone = -functional.cross_entropy(logits[:, 0], targets, reduction="sum")
        assert log_probs[position] == pytest.approx(float(alone.detach()), abs=1e-4)


def test_nats_per_symbol_counts_the_end_of_each_name(model: NameModel, corpus: Corpus) -> None:
    valid, scorer = corpus.valid.encode(corpus.alphabet), Scorer.of(model)
    symbols = sum(len(name) + 1 for name in corpus.valid.names)
    expected = -float(scorer.names(valid).sum()) / symbols
    assert scorer.nats_per_symbol(valid) == pytest.approx(expected)


@pytest.mark.parametrize("cut", [0, 1, 4])
def test_a_text_is_scored_by_network_and_ngram_alike(
    mixed: NameModel, corpus: Corpus, cut: int
) -> None:
    # Whatever the line that a text breaks off in, and however many windows it has.
    lines = [[*row, END] for row in corpus.valid.encode(corpus.alphabet).rows()] * 40
    text = join_lines([torch.tensor(line) for line in lines])
    text = Text(text.inputs[: len(text.inputs) - cut], text.targets[: len(text.targets) - cut])
    assert mixed.mixture is not None
    with torch.no_grad():
        logits, _ = network_of(mixed)(text.inputs[:, None])
    by_network = logits[:, 0].double().softmax(dim=-1).numpy()
    expected = 0.0
    symbols: list[int] = []
    for place, (symbol, target) in enumerate(
        zip(text.inputs.tolist(), text.targets.tolist(), strict=True)
    ):
        symbols = [symbol] if symbol >= corpus.alphabet.predicted else [*symbols, symbol]
        context = mixed.mixture.ngram.context(symbols)
        by_ngram = mixed.mixture.ngram.distributions(np.array([context]))[0, target]
        expected += math.log(0.7 * by_network[place, target] + 0.3 * by_ngram)
    assert Scorer.of(mixed).text(text) == pytest.approx(expected, rel=1e-4)
    assert Scorer.of(mixed).network_alone.text(text) < expected - 1
