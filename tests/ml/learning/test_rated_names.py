import math

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.corpora.sequences import encode_sequences
from ml.errors import TooLittleData
from ml.learning.rated_names import Opinions, RatedName, encode_rated, form_opinions
from ml.learning.ratings import Rating
from ml.models.model import NameModel
from ml.names.alphabet import Start
from ml.names.records import fold
from ml.networks.network import network_of
from ml.scoring.scorer import Scorer
from tests.ml.conftest import slavic_records

NAMES = [(record.name, record.gender) for record in slavic_records()]
MAN = Start("given", "m", "russian")
WOMAN = Start("given", "f", "russian")

# Two liked and two disliked names, without which nothing can be learnt.
ENOUGH = [
    Rating(name=name, value=value, user="somebody", gender="m")
    for name, value in (("Вячолюб", 1), ("Брателюб", 1), ("Братимир", 1), ("Ростилюб", -1))
] + [Rating(name="Ростимир", value=-1, user="somebody", gender="m")]


def opinions(model: NameModel, *ratings: Rating) -> dict[str, RatedName]:
    formed = form_opinions(model, [*ENOUGH, *ratings])
    return {name.name: name for name in (*formed.learnt, *formed.held_out)}


def test_votes_of_several_people_add_up(model: NameModel) -> None:
    votes = [Rating(name="Ярослав", value=v, user=u) for u, v in enumerate([1, 1, -1])]
    assert opinions(model, *votes)["Ярослав"].vote == pytest.approx(1)


def test_a_name_on_which_people_disagree_says_nothing(model: NameModel) -> None:
    votes = [Rating(name="Ярослав", value=v, user=u) for u, v in enumerate([1, -1])]
    formed = form_opinions(model, [*ENOUGH, *votes])
    assert formed.disputed == 1
    assert "Ярослав" not in {name.name for name in (*formed.learnt, *formed.held_out)}


def test_the_voice_of_a_prolific_user_grows_with_the_root_of_the_votes(model: NameModel) -> None:
    prolific = [Rating(name=name, value=-1, user=1, gender=gender) for name, gender in NAMES]
    calm = [Rating(name="Ярослав", value=1, user=2)]
    loud = opinions(model, *prolific)["Святослав"]
    assert loud.vote == pytest.approx(-1 / math.sqrt(len(NAMES)))
    assert opinions(model, *prolific, *calm)["Ярослав"].vote > 0.8


def test_two_spellings_are_one_name(model: NameModel) -> None:
    votes = [
        Rating(name="ярослав", value=1, user=1),
        Rating(name="Ярослав", value=1, user=2),
    ]
    assert opinions(model, *votes)["Ярослав"].vote == pytest.approx(2)


def test_letters_that_somebody_left_to_the_model_are_not_forced(model: NameModel) -> None:
    asked = [
        Rating(name="Ярослав", value=1, user=1, prefix="яро"),
        Rating(name="Ярослав", value=1, user=2, prefix="Я"),
        Rating(name="Святослав", value=1, user=1, prefix="Святослав"),
        Rating(name="Мстислав", value=1, user=1, prefix="Яро"),
    ]
    found = opinions(model, *asked)
    assert found["Ярослав"].forced == 1
    assert found["Святослав"].forced == len("Святослав")
    assert found["Мстислав"].forced == 0


def test_forced_letters_are_not_scored(model: NameModel) -> None:
    names = [RatedName("Ярослав", MAN, forced, 1.0) for forced in (0, 3, 7)]
    sequences, forced = encode_rated(names, model.alphabet)
    whole, rest, end = Scorer.of(model).names(sequences, given=forced).tolist()
    alphabet = model.alphabet
    symbols = [alphabet.encode("Ярослав")]
    expected = Scorer.of(model).names(encode_sequences([alphabet.start_index(MAN)], symbols))
    assert whole == pytest.approx(float(expected), abs=1e-4)
    with torch.no_grad():
        inputs = torch.tensor([[alphabet.start_index(MAN), *symbols[0]]]).t()
        log_probs = network_of(model)(inputs)[0].log_softmax(-1)[:, 0]
    chosen = [float(log_probs[i, symbol]) for i, symbol in enumerate([*symbols[0], 0])]
    assert rest == pytest.approx(sum(chosen[3:]), abs=1e-4)
    assert end == pytest.approx(chosen[7], abs=1e-4)


@pytest.mark.parametrize("name", ["Ярослава", "Святослава"])
def test_an_unknown_gender_is_the_most_probable_one(model: NameModel, name: str) -> None:
    assert opinions(model, Rating(name=name, value=1, user=1))[name].start == WOMAN


def test_an_unknown_origin_leaves_the_gender_to_the_name(model: NameModel) -> None:
    rating = Rating(name="Ярослава", value=1, user=1, gender="f", origin="world")
    assert opinions(model, rating)["Ярослава"].start == WOMAN


@pytest.mark.parametrize(
    "rating",
    [
        Rating(name="Щукарь", value=1, user=1),
        Rating(name="John", value=1, user=1),
        Rating(name="а" * 1000, value=1, user=1),
        Rating(name="Ярослав\u0000", value=1, user=1),
        Rating(name="Ярослав", value=1, user=1, kind="surname"),
    ],
)
def test_what_the_model_cannot_write_is_counted_and_passed_over(
    model: NameModel, rating: Rating
) -> None:
    formed = form_opinions(model, [*ENOUGH, rating])
    assert formed.skipped == 1
    assert rating.name not in {name.name for name in (*formed.learnt, *formed.held_out)}


def test_too_few_names_are_refused(model: NameModel) -> None:
    one_disliked = [rating for rating in ENOUGH if rating.name != "Ростимир"]
    with pytest.raises(TooLittleData, match=r"2 different disliked names .* hold 1"):
        form_opinions(model, one_disliked)
    with pytest.raises(TooLittleData, match=r"2 different liked names .* hold 0"):
        form_opinions(model, [])


# Votes against those of ENOUGH could leave a tie, and too few names.
UNDISPUTED = [name for name in NAMES if name[0] not in {rating.name for rating in ENOUGH}]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    votes=st.lists(
        st.tuples(st.sampled_from(UNDISPUTED), st.sampled_from([1, -1]), st.integers(0, 5)),
        max_size=120,
    )
)
def test_no_name_is_on_both_sides_and_each_side_has_both_kinds(
    model: NameModel, votes: list[tuple[tuple[str, str], int, int]]
) -> None:
    ratings = [Rating(name=name, value=value, user=user) for (name, _), value, user in votes]
    formed = form_opinions(model, [*ENOUGH, *ratings])
    sides = (formed.learnt, formed.held_out)
    learnt, held_out = ({fold(name.name) for name in side} for side in sides)
    assert not learnt & held_out
    for side in sides:
        assert {name.liked for name in side} == {True, False}


def test_a_name_keeps_its_side_when_ratings_come_in(model: NameModel) -> None:
    def side(formed: Opinions) -> set[str]:
        return {name.name for name in formed.held_out}

    some = [Rating(name=name, value=1 - 2 * (i % 2), user=1) for i, (name, _) in enumerate(NAMES)]
    fewer, more = form_opinions(model, some[:60]), form_opinions(model, some)
    assert side(fewer) == side(more) & {rating.name for rating in some[:60]}
