"""Names in the six cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.names.declension import Cases, decline, decline_all
from ml.names.records import GENDERS, KINDS, Gender, Kind, read_records

RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
words = st.text(RUSSIAN, min_size=1, max_size=20).map(str.capitalize)
kinds, genders = st.sampled_from(KINDS), st.sampled_from(GENDERS)


@pytest.mark.parametrize(
    ("kind", "gender", "forms"),
    [
        ("given", "m", "Иван Ивана Ивану Ивана Иваном Иване"),
        ("given", "m", "Павел Павла Павлу Павла Павлом Павле"),
        ("given", "m", "Лев Льва Льву Льва Львом Льве"),
        ("given", "m", "Пётр Петра Петру Петра Петром Петре"),
        ("given", "m", "Игорёк Игорька Игорьку Игорька Игорьком Игорьке"),
        ("given", "m", "Сергей Сергея Сергею Сергея Сергеем Сергее"),
        ("given", "m", "Василий Василия Василию Василия Василием Василии"),
        ("given", "m", "Вий Вия Вию Вия Вием Вие"),
        ("given", "m", "Лель Леля Лелю Леля Лелем Леле"),
        ("given", "m", "Жорж Жоржа Жоржу Жоржа Жоржем Жорже"),
        ("given", "m", "Франц Франца Францу Франца Францем Франце"),
        ("given", "m", "Никита Никиты Никите Никиту Никитой Никите"),
        ("given", "m", "Лука Луки Луке Луку Лукой Луке"),
        ("given", "m", "Саша Саши Саше Сашу Сашей Саше"),
        ("given", "m", "Илья Ильи Илье Илью Ильёй Илье"),
        ("given", "m", "Михайло Михайлы Михайле Михайлу Михайлой Михайле"),
        ("given", "m", "Жан-Жак Жан-Жака Жан-Жаку Жан-Жака Жан-Жаком Жан-Жаке"),
        ("given", "f", "Анна Анны Анне Анну Анной Анне"),
        ("given", "f", "Маша Маши Маше Машу Машей Маше"),
        ("given", "f", "Ольга Ольги Ольге Ольгу Ольгой Ольге"),
        ("given", "f", "Милица Милицы Милице Милицу Милицей Милице"),
        ("given", "f", "Мария Марии Марии Марию Марией Марии"),
        ("given", "f", "Наталья Натальи Наталье Наталью Натальей Наталье"),
        ("given", "f", "Зоя Зои Зое Зою Зоей Зое"),
        ("given", "f", "Любовь Любови Любови Любовь Любовью Любови"),
        ("given", "f", "Нинель Нинели Нинели Нинель Нинелью Нинели"),
        ("given", "f", "Анна-Мария Анны-Марии Анне-Марии Анну-Марию Анной-Марией Анне-Марии"),
        ("patronymic", "m", "Иванович Ивановича Ивановичу Ивановича Ивановичем Ивановиче"),
        ("patronymic", "m", "Ильич Ильича Ильичу Ильича Ильичом Ильиче"),
        ("patronymic", "f", "Ильинична Ильиничны Ильиничне Ильиничну Ильиничной Ильиничне"),
        ("surname", "m", "Иванов Иванова Иванову Иванова Ивановым Иванове"),
        ("surname", "f", "Иванова Ивановой Ивановой Иванову Ивановой Ивановой"),
        ("surname", "m", "Ильин Ильина Ильину Ильина Ильиным Ильине"),
        ("surname", "m", "Донской Донского Донскому Донского Донским Донском"),
        ("surname", "m", "Толстой Толстого Толстому Толстого Толстым Толстом"),
        ("surname", "m", "Цой Цоя Цою Цоя Цоем Цое"),
        ("surname", "m", "Верхний Верхнего Верхнему Верхнего Верхним Верхнем"),
        ("surname", "m", "Палий Палия Палию Палия Палием Палии"),
        ("surname", "f", "Рабочая Рабочей Рабочей Рабочую Рабочей Рабочей"),
        ("surname", "f", "Дальняя Дальней Дальней Дальнюю Дальней Дальней"),
        ("surname", "m", "Коваленок Коваленка Коваленку Коваленка Коваленком Коваленке"),
        ("surname", "m", "Стрелец Стрельца Стрельцу Стрельца Стрельцем Стрельце"),
        ("surname", "m", "Швец Швеца Швецу Швеца Швецем Швеце"),
        ("surname", "m", "Врубель Врубеля Врубелю Врубеля Врубелем Врубеле"),
        ("surname", "f", "Сорока Сороки Сороке Сороку Сорокой Сороке"),
    ],
)
def test_the_forms_of_a_name(kind: Kind, gender: Gender, forms: str) -> None:
    assert decline(forms.split()[0], kind, gender) == Cases(*forms.split())


@pytest.mark.parametrize(
    ("name", "kind", "gender"),
    [
        ("Эстер", "given", "f"),
        ("Кармен", "given", "f"),
        ("Айгуль", "given", "f"),
        ("Мари", "given", "f"),
        ("Лейли", "given", "f"),
        ("Жозе", "given", "m"),
        ("Франсуа", "given", "m"),
        ("Отто", "given", "m"),
        ("Раджу", "given", "m"),
        ("Шевченко", "surname", "m"),
        ("Черных", "surname", "m"),
        ("Живаго", "surname", "m"),
        ("Блок", "surname", "f"),
        ("Врубель", "surname", "f"),
        ("кызы", "patronymic", "f"),
    ],
)
def test_what_is_not_declined(name: str, kind: Kind, gender: Gender) -> None:
    cases = decline(name, kind, gender)
    assert set(cases) == {name}
    assert not cases.declined


def test_a_full_name_is_declined_word_for_word() -> None:
    cases = decline_all([("Лев", "given"), ("Ильич", "patronymic"), ("Блок", "surname")], "m")
    assert cases.instrumental == "Львом Ильичом Блоком"
    assert cases.declined


@given(words, kinds, genders)
def test_any_word_keeps_its_beginning_and_its_letters(
    name: str, kind: Kind, gender: Gender
) -> None:
    cases = decline(name, kind, gender)
    assert cases.nominative == name
    for form in cases:
        assert form
        assert set(form.lower()) <= set(RUSSIAN)
        assert form.startswith(name[: max(len(name) - 3, 0)])


@given(st.lists(words, min_size=1, max_size=4), kinds, genders)
def test_of_a_double_name_the_last_part_is_declined_as_if_alone(
    parts: list[str], kind: Kind, gender: Gender
) -> None:
    alone = decline(parts[-1], kind, gender)
    for form, last in zip(decline("-".join(parts), kind, gender), alone, strict=True):
        assert form.split("-")[-1] == last
        assert form.count("-") == len(parts) - 1


def test_no_form_of_a_shipped_name_breaks_the_rules_of_spelling() -> None:
    """After г к х ж ш ч щ no ы, я, ю; no two soft signs or signs before a vowel that hides them."""
    wrong = ("гы", "кы", "хы", "жы", "шы", "чы", "щы", "гя", "кя", "жя", "шя", "чя", "щя")
    for record in read_records():
        for form in decline(record.name, record.kind, record.gender)[1:]:
            end = form.lower()[max(len(record.name) - 3, 0) :]
            new = [bad for bad in wrong if bad in end and bad not in record.name.lower()]
            assert not new, form
