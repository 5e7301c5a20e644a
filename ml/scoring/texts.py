"""The likelihood of a text, read in order with the state carried; a newline is a symbol."""

from ml.corpora.text import encode_text
from ml.errors import TooLittleData, WrongModel
from ml.models.model import NameModel
from ml.names.alphabet import UNKNOWN
from ml.scoring.likelihood import Likelihood
from ml.scoring.scorer import Scorer


def evaluate_text(model: NameModel, text: str) -> dict[str, Likelihood]:
    """The likelihood of ``all`` of a text; of a model with a mixture also ``network_alone``.

    Raises:
        WrongModel: the model writes several kinds of names, and a text says none.
        TooLittleData: the text is empty.
    """
    if len(model.alphabet.starts) > 1:
        raise WrongModel("a model of several kinds of names cannot tell which is on a line")
    encoded = encode_text(model.alphabet, text, model.alphabet.starts[0])
    symbols = len(encoded.targets)
    if not symbols:
        raise TooLittleData("there is no symbol in the text")
    whole = Scorer.of(model)
    scorers = {"all": whole} | ({"network_alone": whole.network_alone} if model.mixture else {})
    return {
        title: Likelihood(
            names=None,
            symbols=symbols,
            unknown=int((encoded.targets == UNKNOWN).sum()),
            nats_per_symbol=-scorer.text(encoded) / symbols,
        )
        for title, scorer in scorers.items()
    }
