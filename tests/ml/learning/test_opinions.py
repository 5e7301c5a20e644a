import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml.errors import TooLittleData
from ml.learning.opinions import Opinions, form_opinions
from ml.learning.ratings import Rating
from ml.models.model import NameModel
from ml.names.alphabet import Start
from tests.ml.conftest import slavic_records

NAMES = [(record.name, record.gender) for record in slavic_records()]
WOMAN = Start("given", "f", "russian")

# Two liked and two disliked names, without which nothing can be learnt.
ENOUGH = [
    Rating(name=name, value=value, user="somebody", gender="m")
    for name, value in (("Вячолюб", 1), ("Брателюб", 1), ("Братимир", 1), ("Ростилюб", -1))
] + [Rating(name="Ростимир", value=-1, user="somebody", gender="m")]


def starts_of(formed: Opinions) -> dict[str, Start]:
    return dict(zip(formed.votes.names, formed.starts, strict=True))


def test_every_rating_is_a_vote_of_its_person(model: NameModel) -> None:
    votes = [Rating(name="Ярослав", value=v, user=u) for u, v in enumerate([1, 1, -1])]
    formed = form_opinions(model, [*ENOUGH, *votes])
    assert formed.votes.values[-3:].tolist() == [1, 1, -1]
    assert len(set(formed.votes.people[-3:].tolist())) == 3
    assert len(set(formed.votes.people[: len(ENOUGH)].tolist())) == 1


def test_who_says_more_is_not_heard_as_much_more(model: NameModel) -> None:
    prolific = [Rating(name=name, value=-1, user=1, gender=gender) for name, gender in NAMES]
    calm = [Rating(name=name, value=1, user=user) for user, (name, _) in enumerate(NAMES[:20], 2)]
    formed = form_opinions(model, [*prolific, *calm])
    weights = formed.votes.weights
    assert weights[: len(prolific)].sum() < weights[len(prolific) :].sum()


def test_the_gender_says_after_which_start_a_name_was_written(model: NameModel) -> None:
    rating = Rating(name="Ярослава", value=1, user=1, gender="f")
    assert starts_of(form_opinions(model, [*ENOUGH, rating]))["Ярослава"] == WOMAN


def test_without_a_gender_the_more_probable_start_is_taken(model: NameModel) -> None:
    rating = Rating(name="Ярослава", value=1, user=1)
    assert starts_of(form_opinions(model, [*ENOUGH, rating]))["Ярослава"] == WOMAN


@pytest.mark.parametrize("name", ["Xavier", "Ы" * 80, "Ярослав7"])
def test_what_the_model_cannot_have_written_is_skipped(model: NameModel, name: str) -> None:
    formed = form_opinions(model, [*ENOUGH, Rating(name=name, value=1, user=1)])
    assert formed.skipped == 1
    assert name not in formed.votes.names


@pytest.mark.parametrize("value", [1, -1])
def test_only_likes_or_only_dislikes_are_too_little(model: NameModel, value: int) -> None:
    what = "disliked" if value > 0 else "liked"
    with pytest.raises(TooLittleData, match=f"different {what} names"):
        form_opinions(model, [Rating(name=name, value=value, user=1) for name, _ in NAMES])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.builds(
            Rating,
            name=st.sampled_from([name for name, _ in NAMES]) | st.text(min_size=1, max_size=9),
            value=st.sampled_from([1, -1]),
            user=st.integers(0, 3),
            gender=st.sampled_from(["m", "f", None]),
            prefix=st.text(max_size=2),
        ),
        max_size=12,
    )
)
def test_any_ratings_become_votes_of_finite_weight(model: NameModel, given: list[Rating]) -> None:
    formed = form_opinions(model, [*ENOUGH, *given])
    assert len(formed.ratings) == len(formed.votes) == len(formed.starts)
    assert formed.skipped + len(formed.ratings) == len(ENOUGH) + len(given)
    assert np.isfinite(formed.votes.weights).all()
    assert (formed.votes.weights >= 0).all()
