"""A JSON schema -> a grammar for llama.cpp."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .base import JsonSchema

_PLAIN_PATTERN = re.compile(r"\^[\w \[\]{}()|,:/+*?-]*\$")
"""Regular expressions that mean the same in a grammar. Others are left to validation: a grammar has no look-ahead, and
llama.cpp may fail to read one with a backslash."""
_ONLY_TOLD = frozenset({"title", "description", "default", "examples"})


def json_grammar(schema: JsonSchema) -> Any:
    """A `LlamaGrammar` for the schema; if none can be made, the grammar of any JSON."""
    from llama_cpp.llama_grammar import JSON_GBNF, LlamaGrammar

    try:
        return LlamaGrammar.from_json_schema(json.dumps(enforceable(schema)), verbose=False)
    except (AssertionError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        # The converter is a script that does not check what it is given.
        return LlamaGrammar.from_string(JSON_GBNF, verbose=False)


def enforceable(schema: JsonSchema) -> dict[str, Any]:
    """The schema without what a grammar cannot enforce, and without texts that are only for readers.

    The result allows more, never less, so that every valid document can be written.
    """
    kept = dict(_kept(schema))
    name = str(kept.get("$ref", "")).removeprefix("#/$defs/")
    if name in kept.get("$defs", {}):  # a reference at the root: the converter does not follow others from there
        return {**kept["$defs"][name], "$defs": kept["$defs"]}
    return kept


def _kept(schema: JsonSchema) -> Iterator[tuple[str, Any]]:
    for key, value in schema.items():
        if key in _ONLY_TOLD or (key == "pattern" and not _PLAIN_PATTERN.fullmatch(str(value))):
            continue
        if key in ("properties", "$defs", "definitions") and isinstance(value, dict):  # names, not keywords
            yield key, {name: _part(inner) for name, inner in value.items()}
        elif key in ("enum", "const"):
            yield key, value
        else:
            yield key, _part(value)


def _part(value: Any) -> Any:
    if isinstance(value, dict):
        return enforceable(value)
    return [_part(item) for item in value] if isinstance(value, list) else value
