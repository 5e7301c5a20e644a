"""Judges that learn to tell invented names from real ones.

They see the letters of a name and what it was meant to be (kind, gender, origin), so that a woman's
name with a man's ending gives itself away. They differ on purpose: one weighs the pieces that a
name has; one learns which letters are alike, so that it can recognise a piece that it has not met.
Both know nothing but the names before them. The third asks a model that has read the whole train
split how likely each letter is: where there are few names to learn from, it sees the most.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import GroupKFold, GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from torch import Tensor, nn
from torch.nn import functional

from bench.believability.baselines import Baselines
from bench.believability.suspects import Suspect
from ml.arrays import Doubles
from ml.corpora.sequences import Sequences, batches_by_length, encode_sequences
from ml.names.alphabet import ANY_NAME, END, Alphabet, Start
from ml.names.records import GENDERS, KINDS, ORIGINS

Bools: TypeAlias = npt.NDArray[np.bool_]

# Learns from names and which of them are real; gives the log-odds ``(suspects,)`` that others are.
# The seed decides whatever is left to chance.
Judge: TypeAlias = Callable[[Sequence[Suspect], Bools, Sequence[Suspect], int], Doubles]

_LONGEST_PIECE = 5
# In how many names of those learnt from a piece must stand.
_LEAST_NAMES = 2
_INNER_FOLDS = 3
_INVERSE_PENALTIES = (0.3, 1.0, 3.0, 10.0)
# A letter of its own for each start symbol.
_MARKS = {
    Start(*combination): chr(0xE000 + position)
    for position, combination in enumerate(product(KINDS, GENDERS, ORIGINS))
}

_EMBEDDING = 16
_WINDOW = 5
_FILTERS = 96
_LETTER_DROPOUT = 0.2
_DROPOUT = 0.4
_LEARNING_RATE = 4e-3
_WEIGHT_DECAY = 0.01
_BATCH = 256
_MOST_EPOCHS = 15
_PATIENCE = 3
_STOPPING_SHARE = 1 / 8


def judge_by_pieces(
    known: Sequence[Suspect], real: Bools, suspects: Sequence[Suspect], seed: int
) -> Doubles:
    """Logistic regression on n-grams of one to five letters, start and end of the name marked.

    How strongly it is regularised is chosen by cross-validation within `known`.
    """
    inner = GroupKFold(_INNER_FOLDS, shuffle=True, random_state=seed)
    folds = list(inner.split(known, groups=[name.family for name in known]))
    pieces = TfidfVectorizer(
        analyzer="char",
        ngram_range=(1, _LONGEST_PIECE),
        min_df=_LEAST_NAMES,
        binary=True,
        lowercase=False,
    )
    regression = LogisticRegressionCV(
        Cs=_INVERSE_PENALTIES,
        l1_ratios=(0,),
        cv=folds,
        scoring="neg_log_loss",
        tol=1e-3,
        max_iter=300,
        use_legacy_attributes=False,
    )
    regression.fit(pieces.fit_transform([_marked(name) for name in known]), real)
    log_odds = regression.decision_function(pieces.transform([_marked(name) for name in suspects]))
    return np.asarray(log_odds, dtype=np.float64)


def judge_by_reading(
    known: Sequence[Suspect], real: Bools, suspects: Sequence[Suspect], seed: int
) -> Doubles:
    """A convolutional network over the letters (Kim 2014, arXiv:1408.5882, with dropout).

    It stops learning when an eighth of the families in `known`, kept aside, says so.
    """
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return _learn_to_read(known, real, suspects, seed)


def likelihood_judge(baselines: Mapping[Start, Baselines]) -> Judge:
    """Logistic regression on how likely Kneser-Ney finds a name: on average and at its worst.

    Squares and products stand beside the figures, for names can be too likely as well.
    """

    @cache
    def features(name: Suspect) -> tuple[float, ...]:
        nats = baselines[name.start].symbol_nats(name)
        worst, next_worst = np.sort(nats)[:-3:-1]
        return (nats.mean(), (nats**2).mean(), worst, next_worst, nats[0], nats[-1], len(nats))

    def judge(
        known: Sequence[Suspect], real: Bools, suspects: Sequence[Suspect], seed: int
    ) -> Doubles:
        regression = make_pipeline(
            StandardScaler(),
            PolynomialFeatures(degree=2, include_bias=False),
            StandardScaler(),
            LogisticRegression(C=0.1, max_iter=1000),
        )
        regression.fit([features(name) for name in known], real)
        log_odds = regression.decision_function([features(name) for name in suspects])
        return np.asarray(log_odds, dtype=np.float64)

    return judge


def _marked(name: Suspect) -> str:
    """The start symbol at both ends: an ending tells nothing without it, nor it without an ending.

    The bare ends between let the start symbols learn from each other.
    """
    mark = _MARKS[name.start]
    return f"{mark}^{name.name}${mark}"


class _Reader(nn.Module):
    """Filters slide over windows of five symbols; what each found at best decides.

    There is always one window of padding alone, so more padding changes nothing.
    """

    def __init__(self, symbols: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, _EMBEDDING, padding_idx=END)
        self.filters = nn.Linear(_WINDOW * _EMBEDDING, _FILTERS)
        self.output = nn.Linear(_FILTERS, 1)

    def forward(self, symbols: Tensor) -> Tensor:
        """Log-odds ``(names,)`` of `symbols` ``(names, time)``."""
        padded = functional.pad(symbols, (_WINDOW - 1, _WINDOW), value=END)
        letters = functional.dropout(self.embedding(padded), _LETTER_DROPOUT, self.training)
        windows = letters.unfold(1, _WINDOW, 1).flatten(2)  # (names, windows, embedding * window)
        found = functional.relu(self.filters(windows)).amax(dim=1)
        log_odds: Tensor = self.output(functional.dropout(found, _DROPOUT, self.training))
        return log_odds.squeeze(1)


def _learn_to_read(
    known: Sequence[Suspect], real: Bools, suspects: Sequence[Suspect], seed: int
) -> Doubles:
    alphabet = Alphabet("".join(sorted({letter for name in known for letter in _marked(name)})))
    names, labels = _encode(alphabet, known), torch.from_numpy(real).float()
    splitter = GroupShuffleSplit(1, test_size=_STOPPING_SHARE, random_state=seed)
    groups = [name.family for name in known]
    learning, stopping = map(torch.from_numpy, next(splitter.split(known, groups=groups)))
    network = _Reader(alphabet.read)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY, fused=True
    )
    generator = torch.Generator().manual_seed(seed)
    least, best, worse = float("inf"), dict[str, Tensor](), 0
    for _ in range(_MOST_EPOCHS):
        network.train()
        for batch in batches_by_length(names.lengths[learning], _BATCH, generator):
            loss = _loss(network, names, labels, learning[batch])
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            optimizer.step()
        network.eval()
        with torch.no_grad():
            loss_now = float(_loss(network, names, labels, stopping))
        worse += 1
        if loss_now < least:
            least, worse = loss_now, 0
            best = {name: weight.clone() for name, weight in network.state_dict().items()}
        if worse == _PATIENCE:
            break
    network.load_state_dict(best)
    with torch.no_grad():
        return np.asarray(network(_encode(alphabet, suspects).symbols).double().numpy())


def _encode(alphabet: Alphabet, names: Sequence[Suspect]) -> Sequences:
    start = alphabet.start_index(ANY_NAME)
    return encode_sequences(
        [start] * len(names), [alphabet.encode(_marked(name)) for name in names]
    )


def _loss(network: _Reader, names: Sequences, labels: Tensor, indices: Tensor) -> Tensor:
    longest = int(names.lengths[indices].max()) + 1
    log_odds = network(names.symbols[indices, :longest])
    return functional.binary_cross_entropy_with_logits(log_odds, labels[indices])
