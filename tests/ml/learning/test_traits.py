from ml.learning.report import Trait
from ml.learning.traits import SHOWN, changed_traits


def test_what_changed_clearly_is_told_the_clearest_first() -> None:
    former = ["Мила", "Нина"] * 200
    new = ["Мила", "Нина"] * 100 + ["Вероника"] * 200
    told = changed_traits(former, new)
    assert len(told) == SHOWN
    assert told[0] == Trait(kind="first", value="в", before=0.0, after=0.5)
    assert Trait(kind="letter", value="в", before=0.0, after=0.5) in told


def test_chance_is_not_told() -> None:
    assert changed_traits(["Мила", "Нина"] * 100, ["Мила"] * 104 + ["Нина"] * 96) == []


def test_long_names_are_one_trait() -> None:
    told = changed_traits(["Аполлинария"] * 100, ["Аполлинари"] * 50 + ["Ия"] * 50)
    assert Trait(kind="length", value="9", before=1.0, after=0.5) in told


def test_a_name_of_one_model_alone_is_counted_folded() -> None:
    assert changed_traits(["Алёна"] * 50, ["Алена"] * 50) == []
