"""Question, passages and a form -> a value of that form, with citations for each of its fields."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic

from ..embed.base import Embedder
from ..errors import AnswerError, ContextOverflowError
from ..llm.base import ChatModel, Completion, Message, gathered, prompt_tokens, stream_form, unfinished
from ..prompting import fence, render
from ..settings import LlmSettings
from ..types import Citation, StructuredAnswer, Usage
from .form import AnswerForm, Value, described, document_of, emptied, leaf_values, path_text
from .form import Path as FieldPath
from .options import SUPPORT, AnswerOptions
from .packing import fitting_prompt
from .passages import Passages
from .values import ValueCheck

_SAYS_NOTHING = frozenset({"", "null", "none"})
_TOLD = ("title", "default", "examples")
"""Keys of a schema that a model need not read."""


class StructuredReader(Generic[Value]):
    """A model fills in the form; every field is checked against the passages."""

    def __init__(
        self,
        form: AnswerForm[Value],
        model: ChatModel | None,
        embedder: Embedder,
        answer: AnswerOptions,
        llm: LlmSettings,
        prompts: Path | None = None,
    ) -> None:
        if model is None:
            raise AnswerError(
                "an answer with a schema has to be written by a language model, but llm.model is none; "
                "name one, or ask without a schema"
            )
        self._form = form
        self._model = model
        self._embedder = embedder
        self._answer = answer
        self._llm = llm
        self._prompts = prompts

    def read(self, question: str, passages: Passages) -> StructuredAnswer[Value]:
        """The value that the model fills in, with its citations. The model is asked twice at most.

        Raises AnswerError if there is no passage, or what was written is not valid the second time either;
        ContextOverflowError if question and schema do not fit the model's context; ModelError.
        """
        started = time.monotonic()
        if not passages.quotes:
            raise AnswerError(
                "no passage was found to fill in the form from; is the index empty, or `where` too narrow?"
            )
        value, used = self._written(question, passages)
        check = ValueCheck(passages.quotes, self._embedder, question, SUPPORT)
        document = self._form.plain(value)
        rows = {path: check.sources(said, described(self._form.schema, path)) for path, said in _claims(document)}
        citations = _numbered(passages, rows)
        fields = {path_text(path): tuple(citations[row] for row in found) for path, found in rows.items() if found}
        missing = [path for path, found in rows.items() if not found]
        if self._answer.unsupported != "mark":
            value = self._without(value, missing, set(missing))
        return StructuredAnswer(
            question,
            json.dumps(self._form.plain(value), ensure_ascii=False, indent=2),
            tuple(citations.values()),
            passages.hits,
            bool(rows) and not missing,
            replace(used, seconds=time.monotonic() - started),
            value=value,
            fields=fields,
            unsupported=tuple(map(path_text, missing)),
        )

    def _written(self, question: str, passages: Passages) -> tuple[Value, Usage]:
        schema = json.dumps(_told(self._form.schema), ensure_ascii=False)
        text = problem = ""
        used = Usage()
        for attempt in range(2):
            again = {"written": fence(0, text, "the first answer"), "problem": problem} if attempt else {}
            name = "restructured" if attempt else "structured"
            fields = {"schema": schema, "question": question, **again}

            messages = self._fitting(passages, name, fields)
            written = gathered(stream_form(self._model, messages, self._llm.answer_tokens, self._form.schema))
            text = written.text
            used = Usage(
                used.prompt_tokens + prompt_tokens(self._model, messages),
                used.answer_tokens + self._model.count(text),
            )
            try:
                return self._form.read(document_of(text)), used
            except ValueError as error:
                problem = self._problem(error, written)
        raise AnswerError(
            f"{self._model.name} did not fill in the form, not even when it was asked again: {problem}; "
            "a simpler schema or a stronger llm.model may help"
        )

    def _problem(self, error: ValueError, written: Completion) -> str:
        """What is wrong, in one line without anything that a chat template could take for its own marks."""
        reason = f"it is no JSON ({error.msg})" if isinstance(error, json.JSONDecodeError) else str(error)
        if not written.text:
            return str(unfinished(self._model.name, written, self._llm.answer_tokens))
        cut = written.ending.cut or self._model.count(written.text) >= self._llm.answer_tokens - 1
        if isinstance(error, json.JSONDecodeError) and cut:
            reason = f"it was cut short at {self._llm.answer_tokens} tokens (llm.answer_tokens)"
        return re.sub(r"[<>|\s]+", " ", reason)[:400]

    def _fitting(self, passages: Passages, name: str, fields: Mapping[str, str]) -> list[Message]:
        """The prompt with as many passages as fit the context, the best at the end."""

        def messages_of(read: str) -> list[Message]:
            prompt = render(name, self._prompts, passages=read, **fields)
            return [Message("system", prompt.system), Message("user", prompt.user)]

        tokens = self._llm.answer_tokens
        messages = fitting_prompt(self._model, passages, self._answer.read_tokens, tokens, messages_of)
        if messages is not None:
            return messages
        raise ContextOverflowError(
            f"question and schema, with {self._llm.answer_tokens} tokens for the answer and one passage, do not fit "
            f"the model's context of {self._model.context}: shorten them, or raise llm.context"
        )

    def _without(self, value: Value, missing: Sequence[FieldPath], unsupported: set[FieldPath]) -> Value:
        """The value with null for every field without support, or for a part that has only such fields."""
        document = self._form.plain(value)
        for path in missing:
            for end in range(len(path), 0, -1):
                inside = {inner for inner, _ in leaf_values(document) if inner[:end] == path[:end]}
                if path not in inside or not inside <= unsupported:  # empty already, or others beside it have support
                    break
                changed = emptied(document, path[:end])
                try:
                    emptier = self._form.read(changed)
                except ValueError:
                    continue
                if self._form.plain(emptier) == changed:  # unless a default takes its place
                    value, document = emptier, changed
                    break
        return value


def _claims(document: Any) -> list[tuple[FieldPath, Any]]:
    """The fields that say something."""
    return [
        (path, said)
        for path, said in leaf_values(document)
        if not (isinstance(said, str) and said.strip().lower() in _SAYS_NOTHING)
    ]


def _numbered(passages: Passages, rows: Mapping[FieldPath, Sequence[int]]) -> dict[int, Citation]:
    """The citations of all fields by quote, numbered in the order of the fields."""
    used = dict.fromkeys(row for found in rows.values() for row in found)
    return {row: replace(passages.quotes[row].citation, number=number) for number, row in enumerate(used, start=1)}


def _told(schema: Any) -> Any:
    """The schema as a model needs it. A property may have the name of a keyword."""
    if isinstance(schema, list):
        return [_told(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    named = ("properties", "$defs", "definitions")
    return {
        key: {name: _told(inner) for name, inner in value.items()}
        if key in named and isinstance(value, Mapping)
        else _told(value)
        for key, value in schema.items()
        if key not in _TOLD
    }
