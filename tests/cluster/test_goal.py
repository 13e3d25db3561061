"""Groups by a goal: what the model is asked, what it is not asked twice, and what its answers do."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from samples import Answers

from ragtree.cluster.base import Level
from ragtree.cluster.goal import GoalGuided
from ragtree.cluster.model_grouping import ModelGrouping, names_of, parse_names
from ragtree.embed.base import unit_rows
from ragtree.errors import ModelError, SettingsError
from ragtree.indexing.builders import make_goal_guided
from ragtree.llm.base import ChatModel, Message
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import LlmSettings, Settings, TreeSettings
from ragtree.types import Vectors

PLACES = {"medicine": (1.0, 0.0), "aeronautics": (0.0, 1.0), "medical": (1.0, 0.05)}
NAMES = "medicine\naeronautics"


def embed(names: Sequence[str]) -> Vectors:
    return unit_rows(np.array([PLACES.get(name, (0.6, 0.6)) for name in names], dtype=np.float32))


def level(medical: int = 6, flying: int = 6, between: int = 4, number: int = 0) -> Level:
    """Texts that lie at medicine or at aeronautics, and some in the middle that tell by their words alone."""
    rows = [(1.0, 0.01 * n) for n in range(medical)] + [(0.01 * n, 1.0) for n in range(flying)]
    texts = [f"patient {n}" for n in range(medical)] + [f"wing {n}" for n in range(flying)]
    rows += [(1.0, 1.0 + 0.001 * (n + 1)) for n in range(between)]
    texts += [f"{'patient' if n % 2 else 'wing'} and both {n}" for n in range(between)]
    vectors = unit_rows(np.array(rows, dtype=np.float32))
    return Level(number, texts, vectors, np.full(len(rows), 10), embed)


def speak(messages: Sequence[Message]) -> str:
    """A model that knows the groups, and a patient from a wing."""
    said = messages[-1].content
    if "Name at most" in said:
        return NAMES
    return "medicine" if "patient" in said else "aeronautics" if "wing" in said else ""


def made(
    model: ChatModel, cache: Answers | None = None, goal: str = "by field", calls: int = 50
) -> tuple[GoalGuided, ModelGrouping]:
    sorter = ModelGrouping(goal, model, Answers() if cache is None else cache)
    return GoalGuided(goal, sorter, calls), sorter


def kinds(read: Level, groups: Sequence[Sequence[int]]) -> list[set[str]]:
    return [{read.texts[row].split()[0] for row in group} for group in groups]


def test_near_texts_go_by_the_embedder_and_doubtful_ones_by_the_model() -> None:
    model = ScriptedChat(speak)
    read = level()
    groups = [group.tolist() for group in made(model)[0].cluster_level(read, 100)]
    assert all(len(kind) == 1 for kind in kinds(read, groups))
    asked = [call[-1].content for call in model.calls if "Name at most" not in call[-1].content]
    assert all("both" in text or "N/A" in text for text in asked)
    assert len(asked) == 4 + 1  # the doubtful ones, and what the model says to no text at all


def test_without_calls_the_embedder_decides_alone() -> None:
    model = ScriptedChat(speak)
    read = level()
    groups = made(model, calls=0)[0].cluster_level(read, 100)
    assert len(model.calls) == 1  # for the names
    assert {"patient", "wing"} in kinds(read, [group.tolist() for group in groups])


def test_calls_are_limited_to_the_most_doubtful() -> None:
    model = ScriptedChat(speak)
    made(model, calls=2)[0].cluster_level(level(), 100)
    asked = [call[-1].content for call in model.calls if "and both" in call[-1].content]
    asked = [text for text in asked if "Name at most" not in text]
    assert len(asked) == 2
    assert "both 0" in asked[0]  # it lies nearest to the middle


def test_groups_behind_a_colon_are_taken_as_they_stand() -> None:
    model = ScriptedChat(speak)
    clusterer, _ = made(model, goal="by field: medicine or aeronautics")
    assert clusterer.names(level()) == ["medicine", "aeronautics"]
    assert model.calls == []


def test_what_was_asked_is_not_asked_again_and_one_new_text_asks_once() -> None:
    cache = Answers()
    first = [group.tolist() for group in made(ScriptedChat(speak), cache)[0].cluster_level(level(), 100)]
    again, sorter = made(ScriptedChat(speak), cache)
    assert [group.tolist() for group in again.cluster_level(level(), 100)] == first
    assert sorter.asked == 0
    changed = level()
    changed = replace(changed, texts=[*changed.texts[:-1], "wing and both, in new words"])
    again.cluster_level(changed, 100)
    assert sorter.asked == 1


@pytest.mark.parametrize("fatal", [1, 2])
def test_the_first_choice_takes_two_calls_and_a_crash_costs_one(fatal: int) -> None:
    cache, calls = Answers(), 0

    def dying(messages: Sequence[Message]) -> str:
        nonlocal calls
        calls += 1
        if calls == fatal:
            raise KeyboardInterrupt
        return speak(messages)

    with pytest.raises(KeyboardInterrupt):
        ModelGrouping("by field", ScriptedChat(dying), cache).choose("wing 1", NAMES.split())
    ModelGrouping("by field", ScriptedChat(dying), cache).choose("wing 1", NAMES.split())
    assert calls == 2 + 1


def test_upper_levels_have_the_same_groups_and_another_folder_is_named_anew() -> None:
    cache = Answers()
    clusterer, sorter = made(ScriptedChat(speak), cache, calls=0)
    assert clusterer.names(level()) == NAMES.split()
    upper = level(number=1)
    assert clusterer.names(replace(upper, texts=[f"summary {n}" for n in range(16)])) == NAMES.split()
    assert sorter.asked == 1
    clusterer.names(replace(level(), texts=[f"other {n}" for n in range(16)]))
    assert sorter.asked == 2
    grown = level(medical=40)
    clusterer.names(grown)
    assert sorter.asked == 3


def test_names_that_say_the_same_are_one() -> None:
    clusterer, _ = made(ScriptedChat(["medicine\nmedical\naeronautics"]))
    assert clusterer.names(level()) == ["medicine", "aeronautics"]


def test_a_model_that_names_nothing_leaves_the_groups_to_k_means() -> None:
    clusterer, _ = made(ScriptedChat(["12.\n..."]))
    groups = clusterer.cluster_level(level(), 60)
    assert set(np.concatenate(groups).tolist()) == set(range(16))
    assert len(groups) < 16


class Failing:
    """Names the groups, and then fails."""

    name = "failing"
    context = 4096

    def __init__(self) -> None:
        self.asked = 0

    def count(self, text: str) -> int:
        return len(text.split())

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        self.asked += 1
        if "Name at most" not in messages[-1].content:
            raise ModelError("gone")
        yield NAMES

    def close(self) -> None:
        """Nothing is held."""


def test_a_model_that_fails_is_given_up_after_three_times() -> None:
    model = Failing()
    groups = made(model)[0].cluster_level(level(between=9), 100)
    assert model.asked == 1 + 3
    assert set(np.concatenate(groups).tolist()) == set(range(21))


class Speaking(Failing):
    """Answers in a sentence; it tells no log-probabilities."""

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Generator[str, None, None]:
        yield f"I would say: {speak(messages)}." if "Name at most" not in messages[-1].content else NAMES


class Letters(ScriptedChat):
    """A server that tells the log-probability of letters alone."""

    scores_texts = False


def letter(messages: Sequence[Message]) -> str:
    said = messages[-1].content
    line = next((line for line in said.splitlines() if speak(messages) and line.endswith(speak(messages))), "")
    return NAMES if "Name at most" in said else line[:1]


@pytest.mark.parametrize("model", [Speaking(), Letters(letter)])
def test_models_without_scores_of_texts_are_shown_the_groups(model: ChatModel) -> None:
    read = level()
    groups = made(model)[0].cluster_level(read, 100)
    assert all(len(kind) == 1 for kind in kinds(read, [group.tolist() for group in groups]))


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("1. Medicine\n2) Flight\n- **Law**\n", ["Medicine", "Flight", "Law"]),
        ("Here are the groups that you asked me for:\n\nMedicine: all about patients\nmedicine\n", ["Medicine"]),
        ("by field\n!!!\n42\n" + "x" * 60, []),
        ("法律\n医学", ["法律", "医学"]),
    ],
)
def test_names_are_read_out_of_any_list(answer: str, names: list[str]) -> None:
    assert parse_names(answer, "by field") == names


def test_a_goal_may_name_its_groups() -> None:
    assert names_of("by field: medicine, law or trade") == ["medicine", "law", "trade"]
    assert names_of("by field") == names_of("by field: all") == []


def test_without_a_model_the_error_says_what_to_do() -> None:
    settings = Settings(tree=TreeSettings(cluster="llm", goal="by field"), llm=LlmSettings(model="none"))
    with pytest.raises(SettingsError, match=r"llm\.model is none"):
        make_goal_guided(settings, None, Answers())


def test_the_fingerprint_tells_goal_model_and_calls() -> None:
    one, other = ScriptedChat([""]), ScriptedChat([""])
    other.name = "other"
    made_of = [made(one), made(other), made(one, goal="by place"), made(one, calls=1)]
    assert len({clusterer.fingerprint for clusterer, _ in made_of}) == 4


def test_the_bundled_model_sorts_into_the_groups_that_there_are(bundled_chat: ChatModel) -> None:
    read = level(between=2)
    clusterer, sorter = made(bundled_chat, goal="by field: medicine or aeronautics", calls=2)
    groups = clusterer.cluster_level(read, 100)
    assert set(np.concatenate(groups).tolist()) == set(range(14))
    assert sorter.asked == 2
