import pytest

from ml.dataset import rules


@pytest.mark.parametrize("text", ["анна", "анна-мария", "артём", "ия", "ян"])
def test_names_are_words(text: str) -> None:
    assert rules.is_word(text)
    assert rules.is_pronounceable(text)


@pytest.mark.parametrize(
    "text",
    [
        "aнна",  # the first letter is Latin
        "анна1",
        "анна мария",
        "анна-мария-луиза",
        "анна-",
        "-анна",
        "а",
        "а-б",
        "анна.",
        "їжак",
        "",
        "а" * 100,
    ],
)
def test_scraps_are_no_words(text: str) -> None:
    assert not rules.is_word(text)


@pytest.mark.parametrize("text", ["дмтр", "аннна", "ьана", "ъедор", "анна-дмтр", "анна-ьа"])
def test_unpronounceable(text: str) -> None:
    assert rules.is_word(text)
    assert not rules.is_pronounceable(text)


@pytest.mark.parametrize(
    "text",
    ["александрович", "ович", "евич", "ильинична", "никитична", "ивановна", "фомич", "семёновна"],
)
def test_patronymics_are_seen(text: str) -> None:
    assert rules.looks_like_patronymic(text)


@pytest.mark.parametrize(
    "text", ["анна", "иванна", "жанна", "лев", "марианна", "войтех", "доминика"]
)
def test_given_names_are_no_patronymics(text: str) -> None:
    assert not rules.looks_like_patronymic(text)


def test_a_surname_ends_like_one_and_is_seen_more_often_as_one() -> None:
    assert rules.is_surname("иванов", as_given=20, as_surname=6000)
    assert not rules.is_surname("константин", as_given=16000, as_surname=30)
    assert not rules.is_surname("адам", as_given=20, as_surname=600)
