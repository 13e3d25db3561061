"""The settings of models: which one embeds and which one writes, where they run, and how servers are reached."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Stage(BaseModel):
    """A part of the settings: frozen, and a name that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_VARIABLE = r"^([A-Za-z_][A-Za-z0-9_]*)?$"
_OURS = ("model", "messages", "stream")
"""Fields of a chat request that ragtree sets itself: they decide what a model is asked and how its answer is read."""


def _joined(value: object) -> object:
    """A list of servers as one text."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else value


def checked_model(name: str) -> str:
    """The name of a model. Raises ValueError for an address with a password, because names are stored."""
    if re.search(r"(?:^|,)\s*https?://[^/#]*@", name, re.IGNORECASE):
        raise ValueError("the address holds a password; leave it out, and give a key in the variable OPENAI_API_KEY")
    return name


class EmbedSettings(Stage):
    """Texts -> vectors."""

    model: str = Field(
        default="bundled",
        description="The embedding model: bundled, a Hugging Face id, a folder, http(s)://host/v1#model, or "
        "openai:model. Several servers with the same model are a list, or separated by commas. Change it for better "
        "search, and for languages other than English.",
    )
    kind: Literal["auto", "plain", "neighbours", "late", "blend"] = Field(
        default="auto",
        description="How chunks get their vectors. plain: each chunk alone. neighbours: adds a share of the vectors "
        "before and after it, at no cost. late: from the document, read in windows (late chunking). blend: the sum of "
        "plain and late, at the cost of both. auto: neighbours for the bundled embedder, with which it was measured; "
        "else plain. Set it to compare.",
    )
    batch: int = Field(
        default=32,
        ge=1,
        description="Texts in a batch. Raise it on a GPU. A server that accepts fewer gets smaller batches.",
    )
    key_variable: str = Field(
        default="",
        pattern=_VARIABLE,
        description="The environment variable that holds the server's key; empty is OPENAI_API_KEY. Set it if "
        "embeddings come from another server than answers.",
    )
    backend: Literal["auto", "torch", "onnx", "onnx-int8", "static"] = Field(
        default="auto",
        description="What runs the model. torch: PyTorch. onnx: ONNX Runtime, if you do not want PyTorch. onnx-int8: "
        "the same in eight bits, smaller and faster, at a small loss. static: one vector per token, distilled from the "
        "model; for very large folders, at a loss. auto: static for a model2vec model, else torch.",
    )
    dim: int = Field(
        default=0,
        ge=0,
        description="Length of the vectors that are searched, shortened to their principal components; 0 is the "
        "model's own. Lower it if memory is short with 100,000 chunks or more.",
    )
    _with_commas = field_validator("model", mode="before")(_joined)
    _without_secrets = field_validator("model")(checked_model)

    @property
    def reduction(self) -> str:
        """The shortening of vectors as it stands in an index's name, such as `pca 128`; empty for none."""
        return f"pca {self.dim}" if self.dim else ""


class LlmSettings(Stage):
    """The language model."""

    model: str = Field(
        default="bundled",
        description="The language model: bundled, FILE.gguf, hf:owner/repo/file.gguf, http(s)://host/v1#model, "
        "openai:model, or none. Several servers with the same model are a list, or separated by commas. Change it for "
        "answers that are written: the bundled one is too small to write.",
    )
    context: int = Field(
        default=4096,
        ge=512,
        description="Tokens of the model's context, for prompt and answer. Raise it with retrieve.max_tokens, at a "
        "cost in memory.",
    )
    answer_tokens: int = Field(
        default=300, ge=16, description="The most tokens of an answer. Raise it if answers are cut off."
    )
    threads: int = Field(
        default=0,
        ge=0,
        description="Threads of llama.cpp; 0 leaves it to llama.cpp. Lower it if other programs need the cores.",
    )
    gpu_layers: int = Field(
        default=0,
        ge=-1,
        description="Layers of the model on the GPU, if llama.cpp was built for one; -1 is all. Set it to -1 if you "
        "have a GPU.",
    )
    timeout: float = Field(
        default=120.0,
        gt=0,
        description="Seconds to wait for a server, also one that embeds, or for a llama.cpp model that writes another "
        "answer. Raise it for a slow one. An answer that llama.cpp writes is not cut off.",
    )
    concurrency: int = Field(
        default=2,
        ge=1,
        le=256,
        description="Summaries that are requested from each server at once. One that answers 429 gets fewer. Raise it "
        "for a server on a GPU, such as vLLM; set it to 1 if requests that wait in line run into llm.timeout.",
    )
    retries: int = Field(
        default=2,
        ge=0,
        le=10,
        description="The most retries of a request if a server, also one that embeds, is busy, fails (429, 5xx) or "
        "times out. The wait before each is what the server asks for, or doubles. Raise it for a server with a rate "
        "limit.",
    )
    key_variable: str = Field(
        default="",
        pattern=_VARIABLE,
        description="The environment variable that holds the server's key; empty is OPENAI_API_KEY. Set it if that "
        "variable holds the key of another server.",
    )
    extra: dict[str, Any] = Field(
        default={},
        description='Extra fields of every request to a server, as a JSON object, such as `{"top_k": 20}`; null omits '
        "a field that ragtree sends. Set it to turn a model's thinking off, in the form that its server expects.",
    )
    thinking_tokens: int = Field(
        default=0,
        ge=0,
        description="Tokens that a reasoning model may use for its thoughts before an answer; they are never shown. "
        "Raise it, and llm.context with it, for a model that stops before it answers.",
    )

    _with_commas = field_validator("model", mode="before")(_joined)
    _without_secrets = field_validator("model")(checked_model)

    @field_validator("extra", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        """Parses the text of a variable or a flag as JSON."""
        return json.loads(value) if isinstance(value, str) else value

    @field_validator("extra")
    @classmethod
    def _not_ours(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in _OURS:
            if name in value:
                raise ValueError(f"{name} is set by ragtree; leave it out")
        return value

    @model_validator(mode="after")
    def _answers_fit(self) -> LlmSettings:
        least = 512
        if self.context - self.thinking_tokens < least:
            raise ValueError(
                f"llm.thinking_tokens is {self.thinking_tokens} of llm.context's {self.context}, which leaves fewer "
                f"than {least}; raise llm.context"
            )
        return self
