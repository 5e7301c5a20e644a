"""Counting models: held to the textbook's formula, written out in the plainest way."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.models.ngram import NO_SYMBOL, KneserNey
from ml.scoring.bigrams import BigramTable

START, OTHER, READ, PREDICTED = 6, 7, 8, 6
LETTERS = st.lists(st.integers(2, 5), min_size=1, max_size=6)
LISTS = st.lists(LETTERS.map(lambda letters: [START, *letters]), min_size=1, max_size=60)


def fit(names: list[list[int]], order: int, *, by_start: bool = False) -> KneserNey:
    return KneserNey.fit(names, order=order, read=READ, predicted=PREDICTED, by_start=by_start)


def context(symbols: list[int], order: int) -> list[int]:
    """The last ``order - 1`` symbols, with nothing before them where there are fewer."""
    missing = order - 1 - len(symbols)
    return [NO_SYMBOL] * missing + symbols[max(-missing, 0) :]


def by_the_book(names: list[list[int]], order: int, seen: list[int], symbol: int) -> float:
    """Chen & Goodman's equations with tables of tuples, one n-gram at a time."""
    occurrences: Counter[tuple[int, ...]] = Counter()
    predecessors: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for name in names:
        text = (*name, 0)
        for end in range(2, len(text) + 1):
            for length in range(1, min(order, end) + 1):
                ngram = text[end - length : end]
                if length in (order, end):
                    occurrences[ngram] += 1
                else:
                    predecessors[ngram].add(text[end - length - 1])
    counts = occurrences | Counter({ngram: len(before) for ngram, before in predecessors.items()})
    probability = 1 / PREDICTED
    for length in range(1, order + 1):
        if length - 1 > len(seen):
            break
        of_length = {ngram: count for ngram, count in counts.items() if len(ngram) == length}
        n1, n2, n3, n4 = (sum(count == n for count in of_length.values()) for n in (1, 2, 3, 4))
        discounts = [0.0, 0.5, 0.5, 0.5]
        if n1 and n2 and n3 and n4:
            y = n1 / (n1 + 2 * n2)
            estimated = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
            discounts[1:] = [min(max(d, 0.05), most) for most, d in enumerate(estimated, start=1)]
        before = tuple(seen[len(seen) - (length - 1) :])
        following = {n[-1]: count for n, count in of_length.items() if n[:-1] == before}
        if not following:
            break
        taken = sum(discounts[min(count, 3)] for count in following.values())
        count = following.get(symbol, 0)
        kept = count - discounts[min(count, 3)]
        probability = (kept + taken * probability) / sum(following.values())
    return probability


@settings(deadline=None)
@given(LISTS, st.integers(1, 5), LETTERS)
def test_kneser_ney_follows_the_book(names: list[list[int]], order: int, seen: list[int]) -> None:
    model = fit(names, order)
    for symbols in ([START], [START, *seen], seen):
        expected = [by_the_book(names, order, symbols, symbol) for symbol in range(PREDICTED)]
        contexts = np.array([context(symbols, model.order)])
        np.testing.assert_allclose(model.distributions(contexts)[0], expected, rtol=1e-5)
        one_by_one = model.probabilities(
            np.repeat(contexts, PREDICTED, axis=0), np.arange(PREDICTED)
        )
        np.testing.assert_allclose(one_by_one, expected, rtol=1e-5)


@settings(deadline=None)
@given(LISTS, st.integers(1, 5), st.lists(LETTERS, min_size=1, max_size=4))
def test_kneser_ney_is_a_distribution_after_any_context(
    names: list[list[int]], order: int, seen: list[list[int]]
) -> None:
    model = fit(names, order)
    probabilities = model.distributions(
        np.array([context(symbols, model.order) for symbols in seen])
    )
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-9)
    assert probabilities.min() > 0


def test_lower_orders_count_contexts_not_occurrences() -> None:
    # 5 is frequent but only ever after 4; 3 is rarer and follows four different symbols.
    names = [[START, 4, 5]] * 8 + [[START, 2, 3], [START, 3, 3], [START, 5, 3], [START, 4, 3]]
    unseen_context = np.array([[1]])
    probabilities = fit(names, 2).distributions(unseen_context)[0]
    assert probabilities[3] > probabilities[5]


def test_a_name_costs_the_sum_of_its_symbols_and_its_end() -> None:
    model = fit([[START, 2, 3], [START, 2, 4]], 3)
    by_hand = (
        by_the_book([[START, 2, 3], [START, 2, 4]], 3, [START], 2)
        * by_the_book([[START, 2, 3], [START, 2, 4]], 3, [START, 2], 3)
        * by_the_book([[START, 2, 3], [START, 2, 4]], 3, [START, 2, 3], 0)
    )
    log_probs = model.log_probs([[START, 2, 3], [START, 4]])
    assert log_probs.shape == (2,)
    assert log_probs[0] == pytest.approx(math.log(by_hand))


def test_bigram_table_adds_one() -> None:
    table = BigramTable([[START, 2, 3], [START, 2]], predicted=PREDICTED)
    by_hand = math.log(3 / 8) + math.log(2 / 8)  # start 2, then 2 end
    assert table.log_prob(START, [2]) == pytest.approx(by_hand)


def test_by_start_is_a_model_of_each_kind_of_name_but_for_lone_symbols() -> None:
    of_men, of_women = [[START, 2, 3]] * 5, [[OTHER, 4, 5]] * 5
    model = fit(of_men + of_women, 4, by_start=True)
    # After a woman's start, and after letters that only men's names have.
    contexts = np.array([[NO_SYMBOL, OTHER, OTHER], [OTHER, 2, OTHER], [OTHER, 4, OTHER]])
    first, after_2, after_4 = model.distributions(contexts)
    assert first.argmax() == 4
    # What men's names go on with is no more probable than by itself.
    assert after_2[3] < 0.25
    assert after_4.argmax() == 5
    forgetful = fit(of_men + of_women, 4)
    assert forgetful.distributions(np.array([[NO_SYMBOL, OTHER, 2]]))[0, 3] > 0.5


@settings(deadline=None)
@given(LISTS, st.integers(1, 5), st.booleans())
def test_names_are_scored_by_the_contexts_of_their_symbols(
    names: list[list[int]], order: int, by_start: bool
) -> None:
    model = fit(names, order, by_start=by_start)
    for name in names[:5]:
        text = [*name, 0]
        total = 0.0
        for place in range(1, len(text)):
            at = np.array([model.context(text[:place])], dtype=np.int64)
            total += math.log(model.distributions(at)[0, text[place]])
        assert model.log_probs([name])[0] == pytest.approx(total)


@pytest.mark.parametrize("order", [0, 40])
def test_an_impossible_order_is_refused(order: int) -> None:
    with pytest.raises(ValueError, match="order"):
        fit([[START, 2]], order)
