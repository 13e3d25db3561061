"""Tiny models, made in the test: a BERT, a cross-encoder, a late interaction model, and a model2vec folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

WORDS = (
    "the a cat sleeps on warm roof interest rates rose by two percent where does small boat mountain "
    "sea light house harbour of and who kept what is at x ein . , ? query passage :"
).split()
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]")


def tokenizer() -> Any:
    """A tokenizer for words and letters, like BERT's; what it does not know is [UNK]."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    letters = "bcdefghijklmnopqrstuvwyz0123456789"
    tokens = dict.fromkeys([*_SPECIAL, *WORDS, *letters, *(f"##{letter}" for letter in letters)])
    vocabulary = {token: number for number, token in enumerate(tokens)}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.add_special_tokens(list(_SPECIAL[:5]))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    return made


def make_bert(folder: Path, prompts: dict[str, str] | None = None, pooling: str = "mean", layers: int = 3) -> Path:
    """A sentence-transformers folder with random weights, 32 numbers per vector and at most 16 tokens per text."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    own = tokenizer()
    config = BertConfig(
        vocab_size=own.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.2,
    )
    BertModel(config).eval().save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=own, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    types = ("Transformer", "Pooling", "Normalize")
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": "" if not number else f"{number}_{kind}",
            "type": f"{_HOME}.{kind}",
        }
        for number, kind in enumerate(types)
    ]
    write(folder / "modules.json", modules)
    write(
        folder / "1_Pooling" / "config.json", {"word_embedding_dimension": 32, f"pooling_mode_{_MODES[pooling]}": True}
    )
    write(folder / "2_Normalize" / "config.json", {})
    write(folder / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    write(folder / "config_sentence_transformers.json", {"prompts": prompts or {}})
    return folder


def make_cross_encoder(folder: Path, labels: tuple[str, ...]) -> Path:
    """A cross-encoder with random weights and these labels."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    own = tokenizer()
    config = BertConfig(
        vocab_size=own.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
        id2label=dict(enumerate(labels)),
        label2id={label: row for row, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=own, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    return folder


def make_colbert(bert: Path, folder: Path) -> Path:
    """A late interaction model with a random projection, on top of the transformer that `make_bert` made in `bert`."""
    import torch
    from sentence_transformers import MultiVectorEncoder

    torch.manual_seed(0)
    backbone = folder.parent / "backbone"
    backbone.mkdir()
    for path in bert.iterdir():
        if path.is_file() and path.name not in ("modules.json", "config_sentence_transformers.json"):
            (backbone / path.name).write_bytes(path.read_bytes())
    MultiVectorEncoder(str(backbone)).save_pretrained(str(folder))
    return folder


_HOME = "sentence_transformers.models"
_MODES = {"mean": "mean_tokens", "cls": "cls_token"}


def make_static(folder: Path, **tensors: np.ndarray) -> Path:
    """A model2vec folder with random vectors of 48 numbers."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    own = tokenizer()
    vectors = np.random.default_rng(0).normal(size=(own.get_vocab_size(), 48)).astype(np.float16)
    save_file({"embeddings": vectors, **tensors}, folder / "model.safetensors")
    own.save(str(folder / "tokenizer.json"))
    write(folder / "config.json", {"model_type": "model2vec", "normalize": True})
    return folder


def write(path: Path, content: object) -> None:
    """Write a JSON file, and make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
