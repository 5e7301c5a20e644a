from hypothesis import given
from hypothesis import strategies as st

from ml.dataset.typos import OneEditIndex, find_typos, is_one_edit

words = st.text(alphabet="абв", max_size=6)


def distance(a: str, b: str) -> int:
    """Damerau-Levenshtein distance by the textbook table (optimal string alignment)."""
    table = [[i + j for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
            )
            if i > 1 and j > 1 and a[i - 2 : i] == b[j - 2 : j][::-1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[len(a)][len(b)]


@given(words, words)
def test_one_edit_is_distance_one(a: str, b: str) -> None:
    assert is_one_edit(a, b) == (distance(a, b) == 1)


@given(st.sets(words, max_size=30), words)
def test_index_finds_what_comparing_with_everything_finds(known: set[str], word: str) -> None:
    assert OneEditIndex(known).neighbours(word) == {w for w in known if distance(w, word) == 1}


def test_typing_errors_of_frequent_names_are_found() -> None:
    counts = {"андрей": 55285, "валентина": 39438, "игорь": 30299}
    errors = {"андррей": 1, "валенгтина": 1, "игорьй": 1, "анрдей": 3, "адрей": 25}
    assert find_typos(counts | errors, ratio=100) == {
        "андррей": "андрей",
        "валенгтина": "валентина",
        "игорьй": "игорь",
        "анрдей": "андрей",
        "адрей": "андрей",
    }


def test_names_of_like_frequency_are_left_alone() -> None:
    assert find_typos({"мария": 47990, "марина": 19434, "дарья": 2105}, ratio=100) == {}


def test_a_count_of_zero_is_taken_as_one() -> None:
    assert find_typos({"анна": 100, "аннна": 0}, ratio=100) == {"аннна": "анна"}
    assert find_typos({"анна": 99, "аннна": 0}, ratio=100) == {}
