from hypothesis import given
from hypothesis import strategies as st

from ml.names.alphabet import UNKNOWN, Alphabet, Start, alphabet_of_names, alphabet_of_records
from tests.ml.conftest import slavic_records


def test_a_start_symbol_for_every_combination() -> None:
    alphabet = alphabet_of_records(slavic_records())
    assert alphabet.starts == (Start("given", "f", "russian"), Start("given", "m", "russian"))
    assert alphabet.predicted == 2 + len(alphabet.letters)
    assert alphabet.start_index(alphabet.starts[-1]) == alphabet.read - 1


@given(st.lists(st.text(min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=20))
def test_names_of_any_alphabet_come_back(names: list[str]) -> None:
    alphabet = alphabet_of_names(names)
    decoded = [alphabet.decode(alphabet.encode(name)) for name in names]
    assert decoded == names or alphabet.casing == "title"


def test_capitalised_lists_are_read_in_lower_case() -> None:
    alphabet = alphabet_of_names(["Анна-Мария", "Ева"])
    assert alphabet.casing == "title"
    assert "А" not in alphabet.letters
    assert alphabet.decode(alphabet.encode("анна-мария")) == "Анна-Мария"
    assert alphabet_of_names(["McDonald", "Eva"]).casing == "as-is"


def test_strange_letters_are_unknown() -> None:
    assert Alphabet("ab").encode("axb") == [2, UNKNOWN, 3]
