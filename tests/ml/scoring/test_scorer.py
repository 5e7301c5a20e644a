import pytest
import torch
from torch.nn import functional

from ml.corpora.corpus import Corpus
from ml.corpora.sequences import IGNORED
from ml.models.model import NameModel
from ml.networks.losses import negative_log_likelihood, sequence_log_probs
from ml.networks.network import network_of
from ml.scoring.scorer import Scorer


def test_the_loss_and_the_sequence_log_probs_agree() -> None:
    logits = torch.randn(5, 3, 7)
    targets = torch.randint(0, 7, (5, 3))
    targets[3:, 1] = IGNORED
    counted = (targets != IGNORED).sum()
    total = sequence_log_probs(logits, targets).sum()
    assert negative_log_likelihood(logits, targets) == pytest.approx(float(-total / counted))


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
