import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.ngram import BigramTable, KneserNey

START, PREDICTED = 6, 6
LETTERS = st.lists(st.integers(2, 5), min_size=1, max_size=6)
LISTS = st.lists(LETTERS.map(lambda letters: [START, *letters]), min_size=1, max_size=30)


@settings(deadline=None)
@given(LISTS, st.integers(1, 5), LETTERS)
def test_kneser_ney_is_a_distribution_after_any_context(
    sequences: list[list[int]], order: int, context: list[int]
) -> None:
    model = KneserNey(sequences, order=order, predicted=PREDICTED)
    for seen in ([START], [START, *context], context):
        probabilities = [model.probability(seen, symbol) for symbol in range(PREDICTED)]
        assert math.isclose(sum(probabilities), 1.0, rel_tol=1e-9)
        assert min(probabilities) > 0


def test_lower_orders_count_contexts_not_occurrences() -> None:
    # 5 is frequent but only ever after 4; 3 is rarer and follows four different symbols.
    sequences = [[START, 4, 5]] * 8 + [[START, 2, 3], [START, 3, 3], [START, 5, 3], [START, 4, 3]]
    model = KneserNey(sequences, order=2, predicted=PREDICTED)
    unseen_context = [1]
    assert model.probability(unseen_context, 3) > model.probability(unseen_context, 5)


def test_a_name_costs_the_sum_of_its_symbols_and_its_end() -> None:
    model = KneserNey([[START, 2, 3], [START, 2, 4]], order=3, predicted=PREDICTED)
    by_hand = (
        model.probability([START], 2)
        * model.probability([START, 2], 3)
        * model.probability([START, 2, 3], 0)
    )
    assert model.log_prob(START, [2, 3]) == pytest.approx(math.log(by_hand))


def test_bigram_table_adds_one() -> None:
    table = BigramTable([[START, 2, 3], [START, 2]], predicted=PREDICTED)
    by_hand = math.log(3 / 8) + math.log(2 / 8)  # start 2, then 2 end
    assert table.log_prob(START, [2]) == pytest.approx(by_hand)


def test_order_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="order"):
        KneserNey([[START, 2]], order=0, predicted=PREDICTED)
