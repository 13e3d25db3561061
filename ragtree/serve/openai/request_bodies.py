"""What clients send, checked. Fields that are not named here are accepted and have no effect, such as temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from starlette.requests import Request

from ...metadata import shown
from .error_replies import RequestError
from .filters import where_of

_TEXTS = frozenset({"text", "input_text", "output_text", "refusal"})
_PASSED_OVER = frozenset({"file_search_call", "reasoning", "function_call", "function_call_output"})
"""Items of an earlier response that a client sends back, and that tell nothing new."""
_MOST_TEXTS = 2048


class RequestBody(BaseModel):
    """A body of a request."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


FormT = TypeVar("FormT", bound=RequestBody)


async def read(request: Request, form: type[FormT]) -> FormT:
    """The body of a request. Raises RequestError, which names the field that is wrong, and its value."""
    try:
        return form.model_validate_json(await request.body())
    except ValidationError as error:
        raise _wrong(error.errors(include_url=False)[0]) from None


def _wrong(error: ErrorDetails) -> RequestError:
    if error["type"] == "json_invalid":
        return RequestError(f"the body is not JSON: {error['msg'].removeprefix('Invalid JSON: ')}")
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    if error["type"] == "missing":
        return RequestError(f"{field} is missing", field, "missing_required_parameter")
    reason = error["msg"].removeprefix("Value error, ")
    return RequestError(f"{field or 'the body'} is {shown(error['input'])}: {reason}", field or None, "invalid_value")


def _text(said: object) -> object:
    """The text of a message's content, which may come in parts."""
    if said is None:
        return ""
    if not isinstance(said, list):
        return said
    return "\n".join(map(_part, said))


def _part(part: object) -> str:
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        raise ValueError("wanted is text, or a list of parts with a type")
    if part["type"] not in _TEXTS:
        raise ValueError(f"a part of type {shown(part['type'])} cannot be read; send text")
    text = part.get("refusal" if part["type"] == "refusal" else "text")
    if not isinstance(text, str):
        raise ValueError(f"the text of a part is {shown(text)}; wanted is text")
    return text


Content = Annotated[str, BeforeValidator(_text)]


class ChatMessage(RequestBody):
    """A message of a conversation. Those of the system, of developers and of tools have no effect."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Content = ""


def _ends_with_a_question(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    spoken = [message for message in messages if message.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise ValueError("the last message has to be a question of the user")
    return messages


class NamedSchema(RequestBody):
    """A JSON schema in its envelope."""

    content: dict[str, Any] = Field(alias="schema")


class ResponseFormat(RequestBody):
    """How the text of a completion is to look."""

    type: Literal["text", "json_schema"] = "text"
    json_schema: NamedSchema | None = None


class StreamOptions(RequestBody):
    """What else is streamed."""

    include_usage: bool | None = None


class QuestionBody(RequestBody):
    """What all questions may have. `where` and `mode` are ragtree's own fields, as in `RagTree.ask`."""

    model: str = "ragtree"
    stream: bool | None = None
    where: dict[str, Any] | None = None
    mode: str | None = None


class ChatForm(QuestionBody):
    """The body of POST /v1/chat/completions."""

    messages: list[ChatMessage]
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: ResponseFormat | None = None
    tool_choice: Any = None

    @field_validator("messages")
    @classmethod
    def _asked(cls, messages: list[ChatMessage]) -> Sequence[ChatMessage]:
        return _ends_with_a_question(messages)

    @field_validator("n")
    @classmethod
    def _one(cls, number: int | None) -> int | None:
        if number not in (None, 1):
            raise ValueError("a question has one answer; wanted is 1")
        return number

    @field_validator("tool_choice")
    @classmethod
    def _no_tools(cls, choice: Any) -> Any:
        if choice not in (None, "none", "auto"):
            raise ValueError("tools are not called here; wanted is 'none' or 'auto'")
        return choice

    @property
    def schema_wanted(self) -> dict[str, Any] | None:
        """The JSON schema of the answer, if one is wanted. Raises RequestError if it is not there."""
        if self.response_format is None or self.response_format.type == "text":
            return None
        if self.response_format.json_schema is None:
            raise RequestError("response_format.json_schema is missing", "response_format.json_schema")
        return self.response_format.json_schema.content


class TextFormat(RequestBody):
    """How the text of a response is to look."""

    type: Literal["text", "json_schema"] = "text"
    content: dict[str, Any] | None = Field(default=None, alias="schema")


class TextConfig(RequestBody):
    """The field `text` of a response."""

    format: TextFormat | None = None


class RequestedTool(RequestBody):
    """A tool. Those that are not of type `file_search` have no effect."""

    type: str
    vector_store_ids: list[str] | None = None
    filters: Annotated[dict[str, Any] | None, BeforeValidator(where_of)] = None


def _items(said: object) -> object:
    """The messages of a response's input, which may be one text."""
    if isinstance(said, str):
        return [{"role": "user", "content": said}]
    if not isinstance(said, list):
        raise ValueError("wanted is text or a list of messages")
    found = []
    for item in said:
        kind = item.get("type", "message") if isinstance(item, dict) else ""
        if isinstance(kind, str) and kind in _PASSED_OVER:
            continue
        if kind != "message":
            raise ValueError(f"an item of type {shown(kind)} cannot be read; send messages")
        found.append(item)
    return found


class ResponsesForm(QuestionBody):
    """The body of POST /v1/responses. `instructions` have no effect: the prompts are ragtree's."""

    input: Annotated[list[ChatMessage], BeforeValidator(_items)]
    previous_response_id: str | None = None
    include: list[str] | None = None
    store: bool | None = None
    background: bool | None = None
    conversation: Any = None
    metadata: dict[str, str] | None = None
    text: TextConfig | None = None
    tools: list[RequestedTool] | None = None
    tool_choice: Any = None

    @field_validator("input")
    @classmethod
    def _asked(cls, messages: list[ChatMessage]) -> Sequence[ChatMessage]:
        return _ends_with_a_question(messages)

    @field_validator("background", "conversation")
    @classmethod
    def _not_kept(cls, said: Any) -> Any:
        if said:
            raise ValueError("this is not possible here; wait for the response, and send previous_response_id")
        return said

    @field_validator("tool_choice")
    @classmethod
    def _searches(cls, choice: Any) -> Any:
        if choice not in (None, "none", "auto", "required", {"type": "file_search"}):
            raise ValueError("the only tool is file_search, which every question uses; wanted is 'auto'")
        return choice

    @property
    def searches(self) -> list[RequestedTool]:
        """The tools of type `file_search`."""
        return [tool for tool in self.tools or () if tool.type == "file_search"]

    @property
    def schema_wanted(self) -> dict[str, Any] | None:
        """The JSON schema of the answer, if one is wanted. Raises RequestError if it is not there."""
        wanted = self.text.format if self.text is not None else None
        if wanted is None or wanted.type == "text":
            return None
        if wanted.content is None:
            raise RequestError("text.format.schema is missing", "text.format.schema")
        return wanted.content


def _texts(said: object) -> object:
    """The texts to embed, one or several."""
    texts = [said] if isinstance(said, str) else said
    if not isinstance(texts, list) or not texts or len(texts) > _MOST_TEXTS:
        raise ValueError(f"wanted is text, or a list of 1 to {_MOST_TEXTS} texts")
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("tokens cannot be embedded; send text (OpenAIEmbeddings: check_embedding_ctx_length=False)")
    if not all(texts):
        raise ValueError("an empty text cannot be embedded")
    return texts


class EmbeddingsForm(RequestBody):
    """The body of POST /v1/embeddings. `input_type` is ragtree's own field: some models embed questions otherwise."""

    input: Annotated[list[str], BeforeValidator(_texts)]
    model: str = "ragtree"
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: int | None = None
    input_type: Literal["passage", "query"] = "passage"


class RankingOptions(RequestBody):
    """How results are chosen."""

    score_threshold: float | None = None


def _queries(said: object) -> object:
    queries = [said] if isinstance(said, str) else said
    if not isinstance(queries, list) or not queries:
        raise ValueError("wanted is text, or a list of texts")
    return queries


class SearchForm(RequestBody):
    """The body of POST /v1/vector_stores/{id}/search. `where` and `mode` are ragtree's own, as in `RagTree.search`."""

    query: Annotated[list[str], BeforeValidator(_queries)]
    max_num_results: int = Field(default=10, ge=1, le=50)
    filters: Annotated[dict[str, Any] | None, BeforeValidator(where_of)] = None
    ranking_options: RankingOptions | None = None
    where: dict[str, Any] | None = None
    mode: str | None = None
