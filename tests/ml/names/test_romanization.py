"""Names in Latin letters, held to the examples of the published table (PCGN, June 2019)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.names.romanization import romanize


@pytest.mark.parametrize(
    ("russian", "latin"),
    [
        # The examples of the table, one for each rule.
        ("Азов", "Azov"),
        ("Барнаул", "Barnaul"),
        ("Кубань", "Kuban’"),
        ("Ульяновск", "Ul’yanovsk"),
        ("Грозный", "Groznyy"),
        ("Дзержинский", "Dzerzhinskiy"),
        ("Елизово", "Yelizovo"),
        ("Чапаевск", "Chapayevsk"),
        ("Мейеровка", "Meyyerovka"),
        ("Юрьев", "Yur’yev"),
        ("Съезд", "S”yezd"),
        ("Белкино", "Belkino"),
        ("Ёлкин", "Yëlkin"),
        ("Озёрный", "Ozërnyy"),
        ("Жуков", "Zhukov"),
        ("Йошкар-Ола", "Yoshkar-Ola"),
        ("Хабаровск", "Khabarovsk"),
        ("Целинный", "Tselinnyy"),
        ("Щёлково", "Shchëlkovo"),
        ("Объячево", "Ob”yachevo"),
        ("Электрогорск", "Elektrogorsk"),
        ("Юбилейный", "Yubileynyy"),
        ("Якутск", "Yakutsk"),
        # Names.
        ("Евгений", "Yevgeniy"),
        ("Анна-Елена", "Anna-Yelena"),
        ("Майя", "Mayya"),
        ("Игорь", "Igor’"),
        ("Наталья", "Natal’ya"),
        ("Соломея", "Solomeya"),
    ],
)
def test_the_published_table(russian: str, latin: str) -> None:
    assert romanize(russian) == latin


@given(st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=20))
def test_no_cyrillic_letter_is_left(name: str) -> None:
    latin = romanize(name.capitalize())
    assert not any("\u0400" <= letter <= "\u04ff" for letter in latin)
    assert romanize(name) == latin[0].lower() + latin[1:]


@given(st.text())
def test_anything_can_be_asked(text: str) -> None:
    romanize(text)
