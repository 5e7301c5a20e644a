"""The gate: a fine-tuned model replaces the current one only if it is better and not worse.

Three figures are measured before and after on what fine-tuning did not see:

- *likelihood*: nats per symbol of real names, as `ml.scoring.evaluation` measures a bare list; it
  may worsen by at most 0.05;
- *preference*: by how many nats the held-out liked names are on average more probable than the
  disliked ones; it must grow. A name counts whole, not by the symbol: how often a name is written
  depends on its whole probability, and dividing by its length would prize long names. Letters
  that the user had asked for are left out, the model did not choose them;
- *diversity*: the distinct share of 1,000 samples with the default settings and one seed; it must
  stay at 0.9 of the former or above.
"""

from collections.abc import Sequence

import torch

from ml.learning.rated_names import RatedName, encode_rated
from ml.learning.report import Condition, Figures, Verdict
from ml.models.model import NameModel
from ml.names.records import fold
from ml.scoring.evaluation import evaluate_list
from ml.scoring.scorer import Scorer
from ml.writing.generator import NameGenerator, NameRequest

LARGEST_LOSS = 0.05  # nats per symbol
SMALLEST_DIVERSITY = 0.9  # of the former
SAMPLES = 1_000


def measure(
    model: NameModel, names: Sequence[str], rated: Sequence[RatedName], *, seed: int
) -> Figures:
    """The three figures of a model.

    `names` are bare real names, `rated` names with at least one liked and one disliked among
    them; fine-tuning must have seen neither.
    """
    return Figures(
        nats_per_symbol=evaluate_list(model, names).nats_per_symbol,
        preference=preference(model, rated),
        distinct_share=distinct_share(model, seed=seed),
    )


def judge(before: Figures, after: Figures) -> Verdict:
    """Hold the figures of a new model against those of the one it would replace."""
    return Verdict(
        likelihood=Condition(
            passed=after.nats_per_symbol - before.nats_per_symbol <= LARGEST_LOSS,
            before=before.nats_per_symbol,
            after=after.nats_per_symbol,
            limit=LARGEST_LOSS,
        ),
        preference=Condition(
            passed=after.preference > before.preference,
            before=before.preference,
            after=after.preference,
        ),
        diversity=Condition(
            passed=after.distinct_share >= SMALLEST_DIVERSITY * before.distinct_share,
            before=before.distinct_share,
            after=after.distinct_share,
            limit=SMALLEST_DIVERSITY,
        ),
    )


def preference(model: NameModel, rated: Sequence[RatedName]) -> float:
    """Mean log-probability of the liked names less that of the disliked ones, in nats."""
    sequences, forced = encode_rated(rated, model.alphabet)
    log_probs = Scorer.of(model).names(sequences, given=forced).double()
    liked = torch.tensor([name.liked for name in rated])
    return float(log_probs[liked].mean() - log_probs[~liked].mean())


def distinct_share(model: NameModel, *, seed: int) -> float:
    """How many of 1,000 samples are different names, by the folded form, over 1,000."""
    samples = NameGenerator(model).sample(NameRequest(count=SAMPLES), seed=seed)
    return len({fold(sample.name) for sample in samples}) / SAMPLES
