"""The form of a structured answer: a type that pydantic knows, or a JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from ..errors import QueryError
from ..llm.base import JsonSchema
from ..types import Scalar

Value = TypeVar("Value")
Path: TypeAlias = tuple[str | int, ...]
"""Names of fields and numbers of items, from the outside in."""


class AnswerForm(Protocol[Value]):
    """A schema, and how documents of it are read."""

    schema: JsonSchema

    def read(self, document: Any) -> Value:
        """The value of a document from `json.loads`. Raises ValueError, which says in one line what is wrong."""
        ...

    def plain(self, value: Value) -> Any:
        """The value as a document again, without the fields that were not set."""
        ...


class TypeForm(Generic[Value]):
    """A pydantic model, a dataclass, a TypedDict, or anything else that pydantic can validate."""

    def __init__(self, kind: type[Value]) -> None:
        from pydantic import TypeAdapter
        from pydantic.errors import PydanticUserError

        try:
            self._adapter = TypeAdapter(kind)
            self.schema: JsonSchema = self._adapter.json_schema()
        except PydanticUserError as error:
            reason = str(error).splitlines()[0]
            raise QueryError(f"schema={kind!r} has no JSON schema ({reason}); give a pydantic model") from error

    def read(self, document: Any) -> Value:
        from pydantic import ValidationError

        try:
            return self._adapter.validate_json(json.dumps(document))
        except ValidationError as error:
            # What was written is not repeated: the line goes back to the model.
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            raise ValueError("; ".join(f"{path_text(fault['loc'])}: {fault['msg']}" for fault in faults[:3])) from error

    def plain(self, value: Value) -> Any:
        return self._adapter.dump_python(value, mode="json", by_alias=True, exclude_unset=True)


class SchemaForm:
    """A JSON schema; the value is what `json.loads` returns. References to other places are not fetched."""

    def __init__(self, schema: JsonSchema) -> None:
        from jsonschema import Draft202012Validator, SchemaError
        from referencing import Registry

        self.schema = schema
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise QueryError(f"the schema is not valid: {error.message[:200]} (at {error.json_path})") from error
        empty: Registry[Any] = Registry()  # the default one would fetch
        self._validator = Draft202012Validator(schema, registry=empty)

    def read(self, document: Any) -> Any:
        from referencing.exceptions import Unresolvable

        try:
            faults = sorted(self._validator.iter_errors(document), key=lambda fault: len(fault.absolute_path))
        except Unresolvable as error:
            raise QueryError(f"the schema has a reference to a part that it does not contain: {error}") from error
        if faults:
            raise ValueError("; ".join(f"{path_text(tuple(one.absolute_path))}: {_told(one)}" for one in faults[:3]))
        return document

    def plain(self, value: Any) -> Any:
        return value


def _told(fault: Any) -> str:
    return f"{fault.validator} {json.dumps(fault.validator_value, ensure_ascii=False)[:100]} does not hold"


def path_text(path: Path) -> str:
    """`keepers[0].name`; the whole document is `(all)`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "(all)"


def document_of(text: str) -> Any:
    """The first JSON object or list in a model's text, whatever is around it. Raises ValueError."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    for start, sign in enumerate(text):
        if sign in "{[":
            return decoder.raw_decode(text, start)[0]
    raise ValueError("there is no JSON object in it")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def leaf_values(document: Any, path: Path = ()) -> Iterator[tuple[Path, Scalar]]:
    """Yield the values of a document that are not null, an object or a list, with their paths."""
    if isinstance(document, Mapping):
        for name, inner in document.items():
            yield from leaf_values(inner, (*path, name))
    elif isinstance(document, list):
        for number, inner in enumerate(document):
            yield from leaf_values(inner, (*path, number))
    elif document is not None:
        yield path, document


def emptied(document: Any, path: Path) -> Any:
    """The document with null at the path; everything else is shared with the one given."""
    if not path:
        return None
    first, rest = path[0], path[1:]
    if isinstance(document, list):
        return [emptied(inner, rest) if number == first else inner for number, inner in enumerate(document)]
    return {name: emptied(inner, rest) if name == first else inner for name, inner in document.items()}


def described(schema: JsonSchema, path: Path) -> str:
    """What the schema says about a field: the names on the path to it in words, and its description."""
    words = [part.replace("_", " ").replace("-", " ") for part in path if isinstance(part, str)]
    node: Any = schema
    for part in path:
        node = _inner(schema, node, part)
    about = node.get("description") if isinstance(node, Mapping) else None
    return " ".join([*words, str(about or "")]).strip()


def _inner(schema: JsonSchema, node: Any, part: str | int) -> Any:
    """The schema of a field or an item, or an empty one if it is not given."""
    node = _resolved(schema, node)
    if isinstance(part, int):
        return node.get("items", {})
    if part in node.get("properties", {}):
        return node["properties"][part]
    return node.get("additionalProperties", {})


def _resolved(schema: JsonSchema, node: Any) -> Mapping[str, Any]:
    """The schema that a reference stands for; of alternatives, the first that describes fields or items."""
    for _ in range(8):  # more is a cycle
        if not isinstance(node, Mapping):
            return {}
        if isinstance(node.get("$ref"), str):
            name = node["$ref"].rpartition("/")[2]
            node = {**schema.get("definitions", {}), **schema.get("$defs", {})}.get(name, {})
        elif node.get("anyOf") or node.get("oneOf"):
            kinds = [_resolved(schema, kind) for kind in node.get("anyOf") or node["oneOf"]]
            return next((kind for kind in kinds if "properties" in kind or "items" in kind), {})
        else:
            return node
    return {}


def make_form(schema: type[Value] | JsonSchema) -> AnswerForm[Any]:
    """The form of a type or of a JSON schema. Raises QueryError if it is neither."""
    return SchemaForm(schema) if isinstance(schema, Mapping) else TypeForm(schema)
