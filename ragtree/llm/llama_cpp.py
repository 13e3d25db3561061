"""A GGUF model in this process, through llama-cpp-python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import MissingExtraError, ModelError
from ..settings import LlmSettings
from .base import Message, check_fits

_BATCH = 256
"""Prompt tokens read in one call: small enough that Ctrl-C is heard within a second or two on a laptop."""


class LlamaCpp:
    """One GGUF file.

    Every call reads its prompt from the beginning. To reuse what the call before left of a common beginning
    would save a tenth of the time, but rounding then depends on it, and the same prompt gets other answers.
    """

    def __init__(self, name: str, path: Path, settings: LlmSettings) -> None:
        self.name = name
        self._path = path
        self._settings = settings
        self._loaded = False

    @cached_property
    def _model(self) -> Any:
        try:
            from llama_cpp import Llama
        except ImportError as error:
            raise MissingExtraError("llama-cpp-python, which runs GGUF models,", "local") from error
        self._check_file()
        settings = self._settings
        try:
            model = Llama(
                str(self._path),
                n_ctx=settings.context,
                n_batch=_BATCH,
                n_threads=settings.threads or None,
                n_threads_batch=settings.threads or None,
                n_gpu_layers=settings.gpu_layers,
                seed=settings.seed,
                verbose=False,
            )
        except (ValueError, OSError, RuntimeError) as error:
            raise ModelError(
                f"{self._path} could not be loaded as a GGUF model ({error}); the file may be cut short "
                f"({self._path.stat().st_size / 1e6:.0f} MB): get it again"
            ) from error
        self._loaded = True
        return model

    def _check_file(self) -> None:
        if not self._path.is_file():
            raise ModelError(f"there is no model file {self._path}; name a GGUF file that exists, or bundled")
        with self._path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelError(f"{self._path} is not a GGUF file; llama.cpp reads no other format")

    @property
    def context(self) -> int:
        return int(self._model.n_ctx())

    def count(self, text: str) -> int:
        return len(self._model.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=False))

    def stream(self, messages: Sequence[Message], max_tokens: int) -> Iterator[str]:
        check_fits(self, messages, max_tokens)
        self._model.reset()
        for chunk in self._model.create_chat_completion(
            [{"role": message.role, "content": message.content} for message in messages],
            max_tokens=max_tokens,
            temperature=self._settings.temperature,
            seed=self._settings.seed,
            stream=True,
        ):
            piece = chunk["choices"][0]["delta"].get("content")
            if piece:
                yield piece

    def close(self) -> None:
        if self._loaded:
            self._model.close()
            self._loaded = False
            del self._model
