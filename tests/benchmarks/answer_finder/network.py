"""The answer finder as a PyTorch module, what it reads, and how it is written as ONNX."""

from __future__ import annotations

import warnings
from pathlib import Path

import onnx
import torch
from finder import Stretch, load_tokenizer, read_stretch
from onnxruntime.quantization import QuantType, quantize_dynamic
from questions import Passage
from transformers import BertModel

from ragtree.models import embedder_files
from ragtree.settings import EmbedSettings

BASE = embedder_files(EmbedSettings())
TOKENIZER = load_tokenizer(BASE / "tokenizer.json")
NONE = -1e4


class Network(torch.nn.Module):
    """BERT with three numbers a token: of a sentence's tokens the first is averaged and the second's maximum taken; the
    third, of the first token, is for "no sentence answers"."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(
            str(BASE),
            add_pooling_layer=False,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self.bert.embeddings.word_embeddings.weight.requires_grad = False
        self.head = torch.nn.Linear(self.bert.config.hidden_size, 3)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        torch.nn.init.zeros_(self.head.bias)

    def forward(self, input_ids, token_type_ids, attention_mask):
        read = self.bert(input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask)
        return self.head(read.last_hidden_state)


def tokens_of(question: str, passage: Passage) -> tuple[list[int], list[int], list[int]]:
    """Ids, types, and the sentence of each token (-1: none)."""
    read = read_stretch(TOKENIZER, question, Stretch(passage.heading, passage.sentences))
    owner = [-1] * len(read.ids)
    for place, (start, end) in enumerate(read.sentences):
        owner[start:end] = [place] * (end - start)
    return list(read.ids), [0] * read.first + [1] * (len(read.ids) - read.first), owner


def batch_of(read) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, types, mask and owners of several passages, padded to the longest."""
    shape = (len(read), max(len(ids) for ids, _, _ in read))
    ids, types, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    owner = torch.full(shape, -1, dtype=torch.long)
    for row, (tokens, kinds, owners) in enumerate(read):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        types[row, : len(tokens)] = torch.tensor(kinds)
        owner[row, : len(tokens)] = torch.tensor(owners)
        mask[row, : len(tokens)] = 1
    return ids, types, mask, owner


def scores_of(out: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
    """(passages, 1 + sentences): "none", then the sentences; `NONE` where there is no sentence."""
    out = out.float()
    columns = [out[:, 0, 2]]
    for place in range(int(owner.max()) + 1):
        inside = owner == place
        mean = (out[..., 0] * inside).sum(1) / inside.sum(1).clamp(min=1)
        most = out[..., 1].masked_fill(~inside, NONE).max(1).values
        columns.append(torch.where(inside.any(1), mean + most, torch.full_like(mean, NONE)))
    return torch.stack(columns, 1)


def write(network: Network, target: Path) -> None:
    """The network with eight-bit weights, as ONNX."""
    network.eval()
    network.bert.set_attn_implementation("eager")
    whole = target.with_suffix(".float.onnx")
    ids = torch.ones((2, 8), dtype=torch.int64)
    names = ["input_ids", "token_type_ids", "attention_mask"]
    axes = {0: "texts", 1: "tokens"}
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (ids, torch.zeros_like(ids), ids),
            str(whole),
            input_names=names,
            output_names=["scores"],
            dynamic_axes=dict.fromkeys([*names, "scores"], axes),
            opset_version=18,
            dynamo=False,
        )
    model = onnx.load(whole)
    model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    head = [node.name for node in model.graph.node if "head" in node.name]
    quantize_dynamic(
        model,
        target,
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=head,
    )
    whole.unlink()
