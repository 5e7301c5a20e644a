"""The loss, opened up: from logits to log-probabilities to the negative log likelihood.

The network gives every symbol a number, its *logit*. They become probabilities by the softmax,
p_k = exp(z_k) / Σ_j exp(z_j), and the loss of a step is -log p of the symbol that came. What is
needed is log p and never p, and the logarithm of a softmax is a difference of sums::

    log p_k = z_k - log Σ_j exp(z_j)

`torch.nn.functional.cross_entropy` is all of this in one call; the tests hold the two equal.
"""

from torch import Tensor
from torch.nn import functional

from ml.corpora.sequences import IGNORED


def log_softmax(logits: Tensor) -> Tensor:
    """Log-probabilities of `logits`, along their last dimension.

    exp(z) overflows float32 above z = 88. Taking the largest logit off all of them changes no
    difference, and after that the largest term of the sum is exp(0) = 1: it neither overflows nor
    vanishes, so the logarithm is finite (Goodfellow et al. 2016, "Deep Learning", section 4.1).
    """
    largest = logits.amax(dim=-1, keepdim=True).detach()  # a constant: the result is free of it
    shifted = logits - largest
    return shifted - shifted.exp().sum(dim=-1, keepdim=True).log()


def target_log_probs(logits: Tensor, targets: Tensor) -> Tensor:
    """log p of each of `targets` ``(...)`` under `logits` ``(..., symbols)``; 0 where `IGNORED`.

    The network scores every symbol; `gather` picks, row by row, the score of the one that came.
    """
    log_probs = log_softmax(logits)  # (..., symbols)
    ignored = targets == IGNORED
    came = targets.masked_fill(ignored, 0).unsqueeze(-1)  # (..., 1): an index must exist
    chosen = log_probs.gather(-1, came).squeeze(-1)  # (...)
    # Filled, not multiplied by 0: 0 times an infinite log-probability would be nan.
    return chosen.masked_fill(ignored, 0.0)


def mean_negative_log_likelihood(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean of -log p of `targets` ``(...)``, in nats; `IGNORED` ones do not count.

    The mean is over symbols and not over names: every symbol weighs the same, whichever name it
    stands in. Without a single counted target it is nan, as `cross_entropy` has it.
    """
    return -target_log_probs(logits, targets).sum() / (targets != IGNORED).sum()


def negative_log_likelihood(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean nats per symbol of `targets` ``(time, batch)`` under `logits` ``(time, batch, n)``.

    `mean_negative_log_likelihood` fused, and so faster.
    """
    return functional.cross_entropy(
        logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED
    )


def counted_negative_log_likelihood(logits: Tensor, counts: Tensor) -> Tensor:
    """Mean nats per symbol under `logits` ``(..., nodes, n)``, of which those of a node came
    `counts` ``(nodes, n)`` times: all symbols of a tree of prefixes at once."""
    log_probs = functional.log_softmax(logits.float(), dim=-1)
    readings = logits.numel() // counts.numel()
    return -(log_probs * counts).sum() / (readings * counts.sum())


def sequence_log_probs(logits: Tensor, targets: Tensor) -> Tensor:
    """Log-probability ``(batch,)`` of each column of `targets` ``(time, batch)``, end included."""
    return target_log_probs(logits.float(), targets).sum(dim=0)
