"""A budget is never overdrawn, whoever asks and however a call ends."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragtree import Budget, BudgetError, Message, ModelError
from ragtree.indexing.spending import MeteredChat, Spending
from ragtree.llm.base import prompt_tokens
from ragtree.llm.scripted import ScriptedChat

ASKED = [Message("user", "How many kittens are there in the harbour office?")]


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_counted_is_what_was_read_and_written() -> None:
    spending = Spending()
    model = ScriptedChat(["There are six."])
    metered = MeteredChat(model, spending)
    assert "".join(metered.stream(ASKED, 20)) == "There are six."
    assert (spending.calls, spending.prompt_tokens) == (1, prompt_tokens(model, ASKED))
    assert spending.answer_tokens == model.count("There are six.")


@settings(deadline=None)
@given(budget=st.integers(0, 400), most=st.integers(1, 80), words=st.integers(0, 80))
def test_no_more_is_spent_than_the_budget_has(budget: int, most: int, words: int) -> None:
    spending = Spending(Budget(tokens=budget))
    model = ScriptedChat([" ".join(["word"] * words)])
    metered = MeteredChat(model, spending)
    with pytest.raises(BudgetError):
        for _ in range(100):
            "".join(metered.stream(ASKED, most))
    assert spending.prompt_tokens + spending.answer_tokens <= budget
    assert budget - spending.prompt_tokens - spending.answer_tokens < prompt_tokens(model, ASKED) + most
    assert len(model.calls) == spending.calls


def test_a_call_in_flight_is_reckoned_with() -> None:
    model = ScriptedChat(["One two three."])
    need = prompt_tokens(model, ASKED) + 10
    metered = MeteredChat(model, Spending(Budget(tokens=2 * need - 1)))
    first = metered.stream(ASKED, 10)
    next(first)
    with pytest.raises(BudgetError):
        next(metered.stream(ASKED, 10))
    first.close()
    assert "".join(metered.stream(ASKED, 1))


def test_a_call_that_fails_costs_nothing_and_gives_its_tokens_back() -> None:
    class Down(ScriptedChat):
        def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
            raise ModelError("connection refused")
            yield ""

    model = Down([""])
    spending = Spending(Budget(tokens=prompt_tokens(model, ASKED) + 10))
    for _ in range(3):
        with pytest.raises(ModelError):
            "".join(MeteredChat(model, spending).stream(ASKED, 10))
    assert (spending.calls, spending.prompt_tokens, spending.answer_tokens) == (0, 0, 0)


def test_when_time_is_up_no_call_is_made_and_the_model_is_not_even_asked_to_count() -> None:
    class Unloaded(ScriptedChat):
        def count(self, text: str) -> int:
            raise AssertionError("the model was loaded")

    clock = Clock()
    spending = Spending(Budget(minutes=2), clock)
    assert spending.seconds_left() == 120
    clock.now += 121
    assert spending.seconds_left() < 0
    with pytest.raises(BudgetError, match="2 minutes"):
        next(MeteredChat(Unloaded([""]), spending).stream(ASKED, 5))


@pytest.mark.parametrize("wrong", [{"tokens": -1}, {"minutes": 0}, {"minutes": -1.0}, {"minutes": float("nan")}])
def test_a_budget_of_less_than_nothing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="wanted is"):
        Budget(**wrong)  # type: ignore[arg-type]
