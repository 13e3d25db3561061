"""What the language model writes for a search: from the template to the lines of the reply."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from ...errors import ModelError
from ...llm.base import ChatModel, Message, check_fits, write
from ...prompting import render

_KEPT = 64
_MARK = re.compile(r"^\s*(?:[-*•]\s+|\(?\d{1,2}[.):]\s+)")
"""The bullet or number before a line of a list."""


class QueryWriter:
    """A language model with its templates. The last replies are cached, because a search is often repeated."""

    def __init__(self, model: Callable[[], ChatModel | None], prompts: Path | None) -> None:
        self._model = model
        self._prompts = prompts
        self._kept: OrderedDict[tuple[str, ...], str] = OrderedDict()

    def write(self, name: str, setting: str, max_tokens: int, **fields: str) -> str:
        """The model's reply to the template `name`. `setting` is the setting that needs it, for the error message.

        Raises ModelError if there is no language model, ContextOverflowError if the prompt does not fit its context.
        """
        model = self._model()
        if model is None:
            raise ModelError(f"{setting} needs a language model, but llm.model is none; name one, or change it")
        prompt = render(name, self._prompts, **fields)
        key = (model.name, prompt.system, prompt.user, str(max_tokens))
        found = self._kept.get(key)
        if found is None:
            messages = [Message("system", prompt.system), Message("user", prompt.user)]
            check_fits(model, messages, max_tokens)
            written = write(model, messages, max_tokens)
            found = written.text
            if not written.is_whole:
                return found
            self._kept[key] = found
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def lines_of(text: str) -> list[str]:
    """The lines of a list without their marks, without empty lines and repetitions."""
    lines = (_MARK.sub("", line).strip().strip('"“”').strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if any(map(str.isalnum, line))))
