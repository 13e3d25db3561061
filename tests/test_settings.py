from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from ragtree.settings import ChunkSettings, RetrieveSettings, Settings, Stage, SummarizeSettings, TreeSettings


def fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """Every field of the settings, as stage.field."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Stage):
            yield from ((f"{name}.{inner}", found) for inner, found in fields(kind))
        else:
            yield name, field


def test_every_field_says_what_it_is_for() -> None:
    silent = [name for name, field in fields(Settings) if not (field.description or "").endswith(".")]
    assert silent == []


def test_every_stage_says_what_it_is() -> None:
    assert all(stage.__doc__ for stage in Stage.__subclasses__())


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().chunk.tokens = 50  # type: ignore[misc]


@pytest.mark.parametrize("values", [{"nothing": 1}, {"chunk": {"token": 50}}])
def test_an_unknown_name_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Settings.model_validate(values)


@pytest.mark.parametrize(
    "values",
    [
        {"chunk": {"tokens": 15}},
        {"chunk": {"tokens": 5000}},
        {"load": {"max_megabytes": 0}},
        {"retrieve": {"mode": "all"}},
        {"tree": {"stale_share": 1.1}},
        {"tree": {"cluster": "llm"}},
        {"answer": {"strictness": "none"}},
        {"llm": {"answer_tokens": 1}},
        {"load": {"vision_model": "llava"}},
        {"embed": {"dim": -1}},
    ],
)
def test_a_value_out_of_range_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(values)


@pytest.mark.parametrize(("chunk", "summary", "least"), [(100, 120, 240), (200, 120, 400)])
def test_a_group_holds_two_nodes_at_least(chunk: int, summary: int, least: int) -> None:
    def made(group: int) -> Settings:
        return Settings(
            chunk=ChunkSettings(tokens=chunk),
            summarize=SummarizeSettings(tokens=summary),
            tree=TreeSettings(group_tokens=group),
        )

    assert made(least).tree.group_tokens == least
    with pytest.raises(ValidationError, match=f"tree.group_tokens is {least - 1}.*at least {least}"):
        made(least - 1)


def test_parts_that_are_given_stay_known_as_given() -> None:
    given = Settings(retrieve=RetrieveSettings(mode="traverse"))
    assert given.model_dump(exclude_unset=True) == {"retrieve": {"mode": "traverse"}}
