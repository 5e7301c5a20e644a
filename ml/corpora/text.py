"""A text, such as a book: what a model is trained on when lines do follow one another.

The text is never shuffled. Its last part is held out in one piece, for what is judged is how well
the network goes on after all it has read. The end of a line has two faces (`ml.corpora.streams`):
what is predicted is `END`, what is read after it is the start symbol. So lines may be empty or as
long as the whole text, which nothing pads.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ml.corpora.streams import Text, encode_lines, join_lines
from ml.errors import TextFileError, TooLittleData
from ml.names.alphabet import LINE_OF_TEXT, Alphabet, Start
from ml.names.fingerprints import Fingerprints
from ml.names.statistics import StartStatistics

# A tail is scored in one stream, symbol after symbol: a longer one takes long and tells no more.
_VALID_SHARE = 0.05
_LONGEST_VALID = 50_000
_SHORTEST = 200
_LARGEST_FILE = 32 * 2**20  # bytes
# Letters seen less often than these are unknown: some scripts have more than a model file may name.
_MOST_LETTERS = 4000


@dataclass(frozen=True, slots=True)
class TextCorpus:
    """A text to learn from and the contiguous tail to judge by, in the alphabet of the former."""

    alphabet: Alphabet
    train: Text
    valid: Text
    statistics: tuple[StartStatistics, ...]

    @property
    def fingerprints(self) -> Fingerprints:
        """Of no names: a text has none."""
        return Fingerprints.of(())


def read_text(path: Path) -> str:
    """The text in a UTF-8 file, its line ends as newlines, without a byte order mark.

    Raises:
        TextFileError: the file cannot be read, is too large or is not UTF-8.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise TextFileError(f"{path}: larger than {_LARGEST_FILE // 2**20} MB")
        return path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise TextFileError(f"{path}: not UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise TextFileError(f"{path}: {error.strerror}") from error


def corpus_of_text(text: str) -> TextCorpus:
    """A text with its last twentieth held out, at most 50,000 symbols.

    Raises:
        TooLittleData: the text is too short to hold any out, or holds no letters.
    """
    if len(text) < _SHORTEST:
        raise TooLittleData(f"a text of {len(text)} symbols is too short, {_SHORTEST} are needed")
    cut = len(text) - min(int(_VALID_SHARE * len(text)), _LONGEST_VALID)
    train = text[:cut]
    letters = Counter(train)
    del letters["\n"]
    if not letters:
        raise TooLittleData("a text of empty lines has nothing to learn")
    frequent = [letter for letter, _ in letters.most_common(_MOST_LETTERS)]
    alphabet = Alphabet("".join(sorted(frequent)), starts=(LINE_OF_TEXT,))
    encoded = encode_text(alphabet, text)
    lines = train.split("\n")
    lengths = [len(line) for line in lines]
    statistics = StartStatistics(
        share=1.0,
        shortest=min(lengths),
        longest=max(lengths),
        finals="".join(sorted({line[-1] for line in lines if line} & set(frequent))),
    )
    return TextCorpus(
        alphabet,
        train=Text(encoded.inputs[:cut], encoded.targets[:cut]),
        valid=Text(encoded.inputs[cut:], encoded.targets[cut:]),
        statistics=(statistics,),
    )


def encode_text(alphabet: Alphabet, text: str, start: Start = LINE_OF_TEXT) -> Text:
    """Each symbol of a text as a target, and as the input of the next; a newline is `END`.

    What is read before the first symbol is `start`, as if an empty line came before.
    """
    lines = [alphabet.encode(line) for line in text.split("\n")]
    joined = join_lines(encode_lines([alphabet.start_index(start)] * len(lines), lines))
    # What stands after the last newline is a line, too, but nothing says that it has ended.
    return Text(joined.inputs[:-1], joined.targets[:-1])
