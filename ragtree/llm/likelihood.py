"""How likely a model that llama.cpp has loaded finds given texts after a prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class PromptListener:
    """Stands in for a model while its chat template is filled in, and keeps the prompt instead of answering it.

    So texts are scored after the very prompt that `create_chat_completion` would answer, whatever the template.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.prompt: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def create_chat_completion(self, *arguments: Any, **named: Any) -> Any:
        """The model's own method, which fills in the template and then calls `create_completion`, here."""
        return type(self._model).create_chat_completion(self, *arguments, **named)

    def create_completion(self, prompt: Sequence[int], **_: Any) -> Iterator[Any]:
        """Keep the prompt, and write nothing."""
        self.prompt = list(prompt)
        return iter(())


def tokens_behind(model: Any, prompt: Sequence[int], text: bytes) -> list[int]:
    """The tokens of a text at the place where the chat template hands over to the assistant.

    No beginning of sequence is added, and marks of the template inside the text are read as text. If the prompt ends
    with a line break, the text is tokenized as after one: a SentencePiece tokenizer puts a space before a text that
    stands alone, which is right after a mark such as [/INST], but wrong on a new line.
    """
    before = b"\n" if model.detokenize(prompt[-1:]).endswith(b"\n") else b""
    own: list[int] = model.tokenize(before, add_bos=False, special=False) if before else []
    both: list[int] = model.tokenize(before + text, add_bos=False, special=False)
    if both[: len(own)] == own:
        return both[len(own) :]
    # The line break and the text were merged into one token.
    alone: list[int] = model.tokenize(text, add_bos=False, special=False)
    return alone


def log_probabilities(model: Any, prompt: Sequence[int], texts: Sequence[Sequence[int]]) -> list[float]:
    """The natural logarithm of the probability of each text (its tokens) after the prompt.

    The model has to be empty, or have read the beginning of the prompt and nothing else; and have room for the prompt
    and the longest text.
    """
    model.eval(prompt[model.n_tokens :])
    first = _logits(model, -1).copy()
    sums = []
    at_the_end = True
    for tokens in texts:
        total = _log_softmax(first, tokens[0])
        if len(tokens) > 1:
            if not at_the_end:
                _back_to_the_end(model, prompt)
            at_the_end = False
            for start in range(0, len(tokens), model.n_batch):
                total += _read_on(model, len(prompt), tokens, start)
        sums.append(total)
    return sums


def _read_on(model: Any, end: int, tokens: Sequence[int], start: int) -> float:
    """Read a batch of a text after the prompt, and return the log-probability of the tokens that follow the batch's.

    `Llama.eval` returns what follows its last token only, and would need a call for each. The text's last token is read
    in vain, but a token that is read alone is rounded differently from those of a batch: with the bundled model this
    changes the log-probabilities after it by up to 0.3.
    """
    batch = tokens[start : start + model.n_batch]
    model._batch.set_batch(batch=batch, n_past=end + start, logits_all=True)
    model._ctx.decode(model._batch)
    following = tokens[start + 1 : start + 1 + len(batch)]
    return sum(_log_softmax(_logits(model, row), token) for row, token in enumerate(following))


def _back_to_the_end(model: Any, prompt: Sequence[int]) -> None:
    """Forget what was read after the prompt. A model with a recurrent state cannot, and reads the prompt again."""
    if model._ctx.kv_cache_seq_rm(-1, len(prompt), -1) is False:
        model._ctx.kv_cache_clear()
        model.reset()
        model.eval(prompt)


def _logits(model: Any, row: int) -> NDArray[np.float32]:
    """The logits of a row of the last batch, shape (n_vocab,), valid until the next batch is read."""
    return np.ctypeslib.as_array(model._ctx.get_logits_ith(row), shape=(model.n_vocab(),))


def _log_softmax(logits: NDArray[np.float32], token: int) -> float:
    shifted = logits.astype(np.float64) - logits.max()
    return float(shifted[token] - np.log(np.exp(shifted).sum()))
