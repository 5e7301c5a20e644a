"""What a person can mend, in one tree. The text of each is one sentence that says what is at fault.

::

    ImyarekError
    ├── UnusableFile             a file cannot be read, or is not what it should be
    │   ├── NamesFileError       names, a CSV or a plain list
    │   ├── TextFileError        a text to learn from
    │   ├── RatingsFileError     ratings, JSON lines
    │   └── TensorFileError      one of our .safetensors
    │       ├── ModelFileError   a model
    │       └── StateFileError   where a model stopped in a text
    ├── TooLittleData            nothing is wrong with the files, but they hold too little
    ├── WrongModel               nothing is wrong with the model, but it cannot do this
    ├── WrongOptions             options that do not go together
    ├── ImpossibleRequest        names that cannot be had
    │   ├── ImpossiblePrefix     no name begins so
    │   │   └── IndecentPrefix   no name that begins so may be shown
    │   └── TooFewNames          some were found, but not as many as asked for
    ├── UnreadableName           nothing can be said of this name
    └── SourcesMissing           packages that are not installed

What is not in it is a mistake of the program, or an `OSError` of the machine.
"""


class ImyarekError(ValueError):
    """Something that a person can mend."""


class UnusableFile(ImyarekError):
    """A file cannot be read, or is not what it should be."""


class NamesFileError(UnusableFile):
    """A file of names cannot be used."""


class TextFileError(UnusableFile):
    """A text cannot be used."""


class RatingsFileError(UnusableFile):
    """A file of ratings cannot be used."""


class TensorFileError(UnusableFile):
    """A ``.safetensors`` file is not one of ours, or damaged."""


class ModelFileError(TensorFileError):
    """A model file cannot be used."""


class StateFileError(TensorFileError):
    """A state file cannot be used."""


class TooLittleData(ImyarekError):
    """Too few names, letters or ratings to learn from or to judge by."""


class WrongModel(ImyarekError):
    """A model was asked for what it was not made for."""


class WrongOptions(ImyarekError):
    """Options that do not go together."""


class ImpossibleRequest(ImyarekError):
    """There are no names such as were asked for."""


class ImpossiblePrefix(ImpossibleRequest):
    """No name of the model begins so, or hardly any."""


class IndecentPrefix(ImpossiblePrefix):
    """Names that begin so are not shown to people. What it says does not repeat the prefix."""


class TooFewNames(ImpossibleRequest):
    """Fewer names were found than were asked for."""


class UnreadableName(ImyarekError):
    """Nothing can be said of a name."""


class SourcesMissing(ImyarekError):
    """Packages that are needed to rebuild the list of names are not installed."""
