"""The wiring of a cross-encoder, with random weights: what it says is chance, which label it reads is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ragtree.embed.hashing import HashingEmbedder
from ragtree.errors import ModelError
from ragtree.grounding import check_support
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import SummarizeSettings
from ragtree.summarize.abstractive import AbstractiveSummarizer
from ragtree.summarize.base import Group
from ragtree.summarize.entailment import CrossEncoderEntailment
from tests.tiny_models import make_cross_encoder

PAIRS = [("the cat sleeps on the roof", "the cat sleeps"), ("rates rose by two", "a boat"), ("who kept the light", "x")]
TRUE = "In 1907 the lamp was changed from oil to gas."


def verdicts(folder: Path, labels: tuple[str, ...]) -> list[bool]:
    model = CrossEncoderEntailment(str(make_cross_encoder(folder / "-".join(labels), labels)))
    return [model(*pair) for pair in PAIRS]


def test_the_order_of_the_labels_is_the_model_s(tmp_path: Path) -> None:
    """The same weights under other names: exactly one of three rows is the likeliest, whatever it is called."""
    first = verdicts(tmp_path, ("entailment", "neutral", "contradiction"))
    second = verdicts(tmp_path, ("CONTRADICTION", "ENTAILMENT", "NEUTRAL"))
    third = verdicts(tmp_path, ("contradiction", "neutral", "entailment"))
    assert [sum(rows) for rows in zip(first, second, third, strict=True)] == [1, 1, 1]


def test_two_labels_are_enough(tmp_path: Path) -> None:
    one = verdicts(tmp_path, ("entailment", "not_entailment"))
    assert verdicts(tmp_path, ("not_entailment", "entailment")) == [not verdict for verdict in one]


@pytest.mark.parametrize("labels", [("LABEL_0",), ("positive", "negative"), ("LABEL_0", "LABEL_1", "LABEL_2")])
def test_a_model_with_other_labels_is_refused(tmp_path: Path, labels: tuple[str, ...]) -> None:
    with pytest.raises(ModelError, match=f"labels are .*{labels[0].lower()}.*'entailment'"):
        verdicts(tmp_path, labels)


def test_a_model_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"summarize\.entailment_model is .* could not be loaded"):
        CrossEncoderEntailment(str(tmp_path / "nothing"))("a", "b")


def test_it_decides_beside_the_rules() -> None:
    asked: list[tuple[str, str]] = []

    def never(told: str, claim: str) -> bool:
        asked.append((told, claim))
        return False

    row = np.array([0.9, 0.1])
    sources = [TRUE, "The oil tanks were sold in the town."]
    assert check_support(TRUE, sources, row, 0.5, entails=never).sources == ()
    assert asked == [(TRUE, TRUE)]
    assert check_support("In 1908 the lamp was changed.", sources, row, 0.5, entails=lambda *_: True).sources == ()
    assert check_support(TRUE, sources, row, 0.5, entails=lambda *_: True).sources == (0,)


def test_a_summarizer_asks_the_model_that_the_settings_name(tmp_path: Path) -> None:
    model = make_cross_encoder(tmp_path / "nli", ("positive", "negative"))
    settings = SummarizeSettings(tokens=32, entailment_model=str(model))
    summarizer = AbstractiveSummarizer(settings, ScriptedChat([TRUE]), HashingEmbedder(), "en")
    with pytest.raises(ModelError, match=r"summarize\.entailment_model"):
        next(summarizer.summarize([Group([TRUE])]))


def test_the_fingerprint_names_the_model() -> None:
    def fingerprint(nli: str) -> str:
        settings = SummarizeSettings(entailment_model=nli)
        return AbstractiveSummarizer(settings, ScriptedChat([TRUE]), HashingEmbedder(), "en").fingerprint

    assert fingerprint("a/model") != fingerprint("none")
