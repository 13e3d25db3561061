"""More positions than a model was trained on, without training (LongEmbed, arXiv 2404.12096, section 4.2)."""

from __future__ import annotations

from typing import Any

from ..errors import ModelError

_NO_LIMIT = 1_000_000
"""Tokenizers that know of no limit name a number far above this one."""


def most_positions(network: Any, tokenizer: Any) -> int:
    """Tokens, special ones included, that the model reads at once: all its positions, even past `max_seq_length`."""
    table = _position_table(network)
    if table is not None:
        return int(table.num_embeddings) - _first_position(table)
    limits = [tokenizer.model_max_length, getattr(network.config, "max_position_embeddings", None)]
    return int(min((limit for limit in limits if limit and limit < _NO_LIMIT), default=512))


class LongPositions:
    """Position interpolation for a model with a table of absolute positions.

    Rows for `length` positions are interpolated between the trained ones and appended to the table. Sequences that the
    model was trained for are read exactly as before.
    """

    def __init__(self, network: Any, trained: int, length: int, name: str) -> None:
        import torch

        table = _position_table(network)
        if table is None:
            raise ModelError(
                f"{name} has no table of absolute positions, so a window cannot go past its own {trained} tokens"
            )
        self._trained = trained
        self._first = _first_position(table)
        self._long = table.num_embeddings
        self._has_types = hasattr(network.embeddings, "token_type_embeddings")
        rows = table.weight.detach()[self._first : self._first + trained].float()
        at = torch.linspace(0, trained - 1, length, device=rows.device)
        below = at.floor().long().clamp(max=trained - 2)
        share = (at - below).unsqueeze(1)
        between = rows[below] * (1 - share) + rows[below + 1] * share
        weight = torch.cat([table.weight.detach(), between.to(table.weight.dtype)])
        padding = table.padding_idx
        longer = torch.nn.Embedding(weight.shape[0], weight.shape[1], padding_idx=padding, _weight=weight)
        network.embeddings.position_embeddings = longer

    def arguments(self, lengths: list[int], ids: Any) -> dict[str, Any]:
        """The model's arguments, besides the ids, for a batch of sequences of these lengths."""
        import torch

        if max(lengths) <= self._trained:
            return {}
        steps = torch.arange(ids.shape[1], device=ids.device)
        trained = steps.clamp(max=self._trained - 1) + self._first
        rows = [trained if length <= self._trained else steps + self._long for length in lengths]
        types = {"token_type_ids": torch.zeros_like(ids)} if self._has_types else {}
        return {"position_ids": torch.stack(rows), **types}


def _position_table(network: Any) -> Any:
    embeddings = getattr(network, "embeddings", None)
    return getattr(embeddings, "position_embeddings", None)


def _first_position(table: Any) -> int:
    """The row of the first position. RoBERTa and its relatives count from the row after that of the padding."""
    return 0 if table.padding_idx is None else int(table.padding_idx) + 1
