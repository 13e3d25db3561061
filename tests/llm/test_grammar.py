"""Forms that the bundled model is held to: whatever it makes of them, it fits."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from ragtree.llm.base import Message
from ragtree.llm.grammar import enforceable, json_grammar
from ragtree.llm.llama_cpp import LlamaCpp


class Fuel(Enum):
    OIL = "oil"
    GAS = "gas"


class Keeper(BaseModel):
    name: Annotated[str, Field(max_length=20)]
    years: int | None = None


class Lamp(BaseModel):
    fuel: Fuel
    keepers: Annotated[list[Keeper], Field(min_length=1, max_length=2)]
    kind: Literal["harbour", "sea"]
    lit: bool
    changed: Optional[date] = None  # noqa: UP045 - both ways to write it


class Priced(BaseModel):
    """A number that pydantic describes with a look-ahead."""

    price: Decimal
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    phone: Annotated[str, Field(pattern=r"^\d{3}$", max_length=4)]


class Branch(BaseModel):
    label: Annotated[str, Field(max_length=8)]
    under: Annotated[list[Branch], Field(max_length=1)] = []


def written(model: LlamaCpp, schema: dict[str, Any], said: str, most: int = 160) -> Any:
    asked = [Message("user", f"{said}\nWrite it as JSON after this schema: {json.dumps(schema)}")]
    return json.loads("".join(model.stream_json(asked, most, schema)))


def test_nested_models_enums_lists_and_what_is_optional(bundled_chat: LlamaCpp) -> None:
    data = written(bundled_chat, Lamp.model_json_schema(), "Ada Venn kept the oil lamp for 31 years.")
    lamp = Lamp.model_validate(data)
    assert 1 <= len(lamp.keepers) <= 2


def test_patterns_that_no_grammar_has_are_left_to_validation(bundled_chat: LlamaCpp) -> None:
    schema = Priced.model_json_schema()
    data = written(bundled_chat, schema, "The lamp LMP costs 12.50 pounds, phone 303.")
    assert len(data["code"]) == 3
    assert data["code"].isupper()
    kept = enforceable(schema)["properties"]
    assert "pattern" in kept["code"]
    assert "pattern" not in kept["phone"]
    assert "pattern" not in json.dumps(kept["price"])


def test_a_form_may_contain_itself(bundled_chat: LlamaCpp) -> None:
    """This model does not find an end, so only its first words are looked at."""
    begun = "".join(bundled_chat.stream_json([Message("user", "Maw Head")], 24, Branch.model_json_schema()))
    assert re.match(r'\{\s*"label"\s*:\s*"', begun)


def test_a_property_may_be_named_like_a_keyword(bundled_chat: LlamaCpp) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "integer"}}, "required": ["title"]}
    assert enforceable(schema) == schema
    assert isinstance(written(bundled_chat, schema, "The title is 3.", 20)["title"], int)


@pytest.mark.parametrize(
    "schema", [{"$ref": "#/$defs/nowhere"}, {"type": "object", "properties": {"a": {"type": "x"}}}]
)
def test_a_form_that_no_grammar_can_be_made_of_is_any_json(bundled_chat: LlamaCpp, schema: dict[str, Any]) -> None:
    assert "object" in json_grammar(schema)._grammar
    begun = "".join(bundled_chat.stream_json([Message("user", "Who is there?")], 8, schema))
    assert begun.lstrip().startswith("{")


def test_what_is_valid_stays_writable() -> None:
    document = {"price": "12.50", "code": "LMP", "phone": "303"}
    Draft202012Validator(Priced.model_json_schema()).validate(document)
    Draft202012Validator(enforceable(Priced.model_json_schema())).validate(document)
