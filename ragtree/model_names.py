"""What the names of models mean, and under which names an index knows them. Nothing is loaded or asked here."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .embed.model_folder import is_static
from .errors import SettingsError
from .model_server import BASE_URL_VARIABLE, OPENAI_URL, server_address
from .model_servers import split_addresses
from .settings import EmbedSettings

BUNDLED_EMBEDDER = "all-MiniLM-L6-v2"
"""The name of the bundled embedder, as an index stores it."""

BUNDLED_CHAT_MODEL = "SmolLM2-135M-Instruct"
"""The name of the bundled language model, which is not trusted to write answers."""
_OPENAI = "openai:"
"""Prefix of a model on the server that the variables of OpenAI's clients name."""
_LAYERS = re.compile(r"(.+) \((\d+) layers\)")
"""The name of an embedder that is cut down to its first layers. Such names were made by a setting; they are still read,
so that an index that has one can be used."""


def is_server(model: str) -> bool:
    """True for the name of a model that a server runs: it gets texts, and a key."""
    return model.lower().startswith(("http://", "https://", _OPENAI))


def is_included(model: str) -> bool:
    """True for `none` and for a bundled model: nothing is sent, fetched, or read from a path that the name chooses."""
    return without_layers(model)[0] in ("bundled", "none")


def embedder_name(settings: EmbedSettings) -> str:
    """The name of the embedder in an index: equal names mean vectors that can be compared.

    A folder is named by its full path. ONNX in float32 gives torch's vectors and has the same name.
    """
    model, layers = without_layers(settings.model)
    other = [f"{layers} layers"] if layers else []
    if settings.backend == "onnx-int8":
        other.append("int8")
    if settings.backend == "static" and not is_static_model(model):
        other.append("static")
    return full_name(model) + (f" ({', '.join(other)})" if other else "")


def without_layers(name: str) -> tuple[str, int]:
    """The name of an embedder without its number of layers, and that number; 0 is all of them."""
    found = _LAYERS.fullmatch(name)
    return (found[1], int(found[2])) if found is not None else (name, 0)


def same_embedder(one: str, other: str) -> bool:
    """True if two names mean the same embedder: the address of a server has several spellings."""
    return one == other or one_spelling(one) == one_spelling(other)


def one_spelling(name: str) -> str:
    """The name as indexes store it now. Older ones may hold another spelling of a server's address, or another way to
    shorten vectors, whose projection they keep.
    """
    name = re.sub(r" (truncate|whiten) (?=\d+( |$))", " pca ", name)
    address, mark, model = name.partition("#")
    if not (mark and is_server(name)):
        return name
    try:
        return f"{server_address(address)}#{model}"
    except SettingsError:
        return name


def name_in_index(model: str, known: str, remembered: str) -> str:
    """The name under which an index knows the servers that a setting names; empty if it does not know them.

    `known` is that name in the index, and `remembered` the setting that the index was last used with. An index keeps
    the name as long as one address stays: which server answers, and how many there are, changes no vector and no
    summary. Raises SettingsError for an invalid address.
    """
    if not is_server(model):
        return ""
    before = {one_spelling(known), *(_server_names(remembered) if is_server(remembered) else ())}
    name = one_spelling(known) if known else min(before - {""}, default="")
    return name if before.intersection(_server_names(model)) else ""


def server_name(model: str) -> str:
    """The name of a model on servers, which does not depend on the order of their addresses; empty for another."""
    return min(_server_names(model)) if is_server(model) else ""


def single_servers(model: str) -> list[str]:
    """The names of a model's servers, one each, in their order."""
    urls, name = server_and_model(model, "the model")
    return [f"{url}#{name}" for url in split_addresses(urls)]


def _server_names(model: str) -> set[str]:
    """The name that each of a model's servers alone would give it."""
    urls, name = server_and_model(model, "the model")
    return {f"{server_address(url)}#{name}" for url in split_addresses(urls)}


def vectors_name(settings: EmbedSettings, known: str = "") -> str:
    """The name of the embedder, and how its vectors are shortened. Vectors of another name need their own index.

    `known` is the name under which the index knows the embedder; empty is its own.
    """
    return f"{known or embedder_name(settings)} {settings.reduction}".rstrip()


def knows_language(embedder: str, language: str) -> bool:
    """True if the embedder of that name can tell texts of that language apart, as far as is known here."""
    return language == "en" or not embedder.startswith(BUNDLED_EMBEDDER)


def full_name(model: str) -> str:
    """The name of an embedder without what is said of its layers; a folder is named by its full path."""
    if model == "bundled":
        return BUNDLED_EMBEDDER
    if is_server(model):
        server_and_model(model, "embed.model")  # names the setting if it is wrong
        return server_name(model)
    if Path(model).expanduser().is_dir():
        return str(Path(model).expanduser().resolve())
    return model


def is_static_model(model: str) -> bool:
    """True for the folder of a ready-made model2vec model."""
    return model != "bundled" and not is_server(model) and is_static(Path(model).expanduser())


def server_and_model(name: str, setting: str) -> tuple[str, str]:
    """The addresses, with commas in between, and the model that a name means. `openai:` is the server that
    OPENAI_BASE_URL names, or OpenAI's own."""
    urls: tuple[str, ...]
    if name.lower().startswith(_OPENAI):
        urls, found = (os.environ.get(BASE_URL_VARIABLE) or OPENAI_URL,), {name[len(_OPENAI) :]}
    else:
        parts = [one.partition("#") for one in split_addresses(name)]
        urls, found = tuple(url for url, _, _ in parts), {model for _, _, model in parts if model}
    addresses = [server_address(url) for url in urls]  # raises for an invalid one, without showing a password
    if len(found) > 1:
        raise SettingsError(
            f"{setting} names servers with different models ({', '.join(sorted(found))}), but their answers would be "
            "mixed; name servers with the same model"
        )
    if not any(found):
        raise SettingsError(f"{setting} names no model of {addresses[0]}; write {addresses[0]}#model or {_OPENAI}model")
    return ",".join(urls), found.pop()
