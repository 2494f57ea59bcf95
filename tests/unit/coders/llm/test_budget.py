from __future__ import annotations

import random
import threading

import pytest

from qualcode.coders.llm.budget import Budget, Reservation
from qualcode.coders.llm.prices import Price
from qualcode.coders.llm.wire import Fault, FaultKind, Finish, Reply, Usage
from qualcode.errors import UsageError
from tests.scripted_connection import an_ask, busy

PRICE = Price(1.0, 0.1, 8.0)


def reserve(budget: Budget, max_output_tokens: int = 100) -> Reservation:
    reservation = budget.reserve(an_ask(max_output_tokens=max_output_tokens))
    assert reservation is not None
    return reservation


def test_the_longest_reply_is_part_of_the_worst_case() -> None:
    assert reserve(Budget()).worst.output_tokens == 100


def test_settling_counts_what_was_used() -> None:
    budget = Budget()
    budget.settle(reserve(budget), Usage(1_000, 10))
    assert budget.spent_tokens == 1_010


def test_settling_says_what_an_attempt_cost() -> None:
    budget = Budget(price=PRICE)
    assert budget.settle(reserve(budget), Usage(1_000, 10)) == pytest.approx(0.00108)


def test_settling_twice_is_a_mistake() -> None:
    budget = Budget()
    held = reserve(budget)
    budget.settle(held, Usage(1, 1))
    with pytest.raises(KeyError):
        budget.settle(held, Usage(1, 1))


def test_what_does_not_fit_into_what_is_left_is_refused() -> None:
    with pytest.raises(Fault) as caught:
        Budget(max_tokens=200).reserve(an_ask())
    assert caught.value.kind is FaultKind.BUDGET


def test_a_refusal_says_what_is_left() -> None:
    with pytest.raises(Fault, match=r"\$0\.0001 left"):
        Budget(0.0001, price=PRICE).reserve(an_ask())


def test_what_does_not_fit_only_because_of_others_may_fit_later() -> None:
    budget = Budget(max_tokens=800)
    reserve(budget)
    assert budget.reserve(an_ask()) is None


def test_what_others_did_not_use_can_be_set_aside() -> None:
    budget = Budget(max_tokens=800)
    budget.settle(reserve(budget), Usage(50, 5))
    assert budget.reserve(an_ask()) is not None


def test_dollars_and_tokens_are_limited_together() -> None:
    with pytest.raises(Fault, match="tokens left"):
        Budget(1_000.0, 200, PRICE).reserve(an_ask())


def test_a_budget_in_dollars_without_a_price_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a price"):
        Budget(5.0)


def test_without_a_price_nobody_says_what_was_spent() -> None:
    budget = Budget(max_tokens=10_000)
    assert budget.settle(reserve(budget), Usage(1, 1)) is None and budget.spent_usd is None


def test_a_model_that_costs_nothing_is_never_refused_for_dollars() -> None:
    assert reserve(Budget(0.0, price=Price(0, 0, 0))).usd == 0


def test_a_server_that_counts_more_than_the_worst_case_raises_that_of_later_attempts() -> None:
    budget = Budget()
    first = reserve(budget)
    budget.settle(first, Usage(2 * first.worst.input_tokens, 10))
    assert reserve(budget).worst.input_tokens == 2 * first.worst.input_tokens


def test_what_a_server_counts_above_the_limits_is_told() -> None:
    budget = Budget(0.0015, 800, PRICE)
    budget.settle(reserve(budget), Usage(1_500, 10))
    assert budget.exceeded == "$0.0001 and 710 tokens"


def test_what_keeps_within_the_limits_exceeds_nothing() -> None:
    budget = Budget(0.0015, 800, PRICE)
    budget.settle(reserve(budget), Usage(100, 10))
    assert budget.exceeded == ""


def test_a_refusal_after_a_server_counted_more_says_by_how_much() -> None:
    budget = Budget(max_tokens=800)
    budget.settle(reserve(budget), Usage(1_000, 10))
    with pytest.raises(Fault, match="210 tokens over the limit"):
        budget.reserve(an_ask())


def test_any_number_of_threads_spend_no_more_than_the_limit() -> None:
    budget = Budget(max_tokens=20_000)

    def spend(seed: int) -> None:
        chance = random.Random(seed)
        while True:
            try:
                held = budget.reserve(an_ask())
            except Fault:
                return
            if held is not None:
                budget.settle(held, Usage(chance.randint(1, 400), chance.randint(1, 100)))

    threads = [threading.Thread(target=spend, args=(seed,)) for seed in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 19_000 < budget.spent_tokens <= 20_000


# What an attempt used --------------------------------------------------------------------------


def test_a_reply_without_usage_is_counted_at_the_upper_end_and_flagged() -> None:
    held = reserve(Budget())
    usage = held.usage_of(Reply("x" * 90, Finish.STOP, None))
    assert usage == Usage(held.worst.input_tokens, 30, is_estimated=True)


def test_a_reply_without_usage_never_counts_more_output_than_was_allowed() -> None:
    usage = reserve(Budget()).usage_of(Reply("x" * 9_000, Finish.STOP, None))
    assert usage.output_tokens == 100


def test_what_never_left_cost_nothing() -> None:
    fault = Fault(FaultKind.TRANSIENT, "connection refused")
    assert reserve(Budget()).usage_of(fault) == Usage(0, 0)


@pytest.mark.parametrize("status", [400, 401, 429, 503, 529])
def test_what_the_server_refused_before_it_began_cost_nothing(status: int) -> None:
    assert reserve(Budget()).usage_of(busy(status)) == Usage(0, 0)


@pytest.mark.parametrize("status", [0, 200, 500, 504])
def test_what_left_and_brought_no_reply_is_counted_in_full_and_flagged(status: int) -> None:
    held = reserve(Budget())
    assert held.usage_of(busy(status)) is held.worst and held.worst.is_estimated
