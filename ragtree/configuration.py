"""Where settings come from, weakest first: defaults, the index, ragtree.toml, RAGTREE_* variables, flags."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from .errors import SettingsError
from .old_settings import OLD, remembered_with_new_names, with_new_names
from .registry import STORED
from .settings import Settings
from .text_files import decoded, read_text, with_line_feeds

_PREFIX = "RAGTREE_"
_NO_SETTINGS = frozenset({"RAGTREE_TOKEN"})
"""Variables with the prefix that are not settings: `ragtree serve` reads its token itself, as a secret."""
_KEYS = ("key", "api_key", "apikey", "token")
"""Names that people try for a server's key. There is no such setting, because settings are stored and shown."""
_MADE_WITH = ("chunk", "embed", "tree", "summarize")
"""Stages that an index is built with. It stores them, so that they need not be given again."""


def collect_settings(folder: Path | None, variables: Mapping[str, str], flags: Iterable[str]) -> Settings:
    """The settings of a command: FOLDER/ragtree.toml, then variables, then `stage.field=value` flags.

    Fields that none of them sets stay unset, so that the index can supply its own. Names of one version ago are read
    with a warning. Raises SettingsError.
    """
    values: dict[str, Any] = {}
    if folder is not None and (folder / "ragtree.toml").is_file():
        path = folder / "ragtree.toml"
        merge(values, with_new_names(_from_toml(path), values, str(path)))
    for name, said in _from_variables(variables):
        merge(values, with_new_names(said, values, name))
    for flag in flags:
        merge(values, with_new_names(_from_flag(flag), values, f"--set {flag}"))
    return validate(values)


def validate(values: Mapping[str, Any], stored: bool = False) -> Settings:
    """Settings from nested dictionaries. With `stored`, a package that an index was made with may be missing.

    Raises SettingsError, which names the field and, if not secret, the value.
    """
    try:
        return Settings.model_validate(dict(values), context={STORED: stored})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        asks_a_server = first["loc"][:1] in (("llm",), ("embed",), ("store",))
        # The value of an unknown setting may be a key, and an address may hold a password.
        is_secret = asks_a_server and (first["type"] == "extra_forbidden" or "@" in str(first["input"]))
        came = "" if is_secret or isinstance(first["input"], dict | BaseModel) else f" = {first['input']!r}"
        reason = first["msg"].removeprefix("Value error, ")
        if name in OLD:
            reason = f"it {OLD[name].advice}"
        elif first["type"] == "extra_forbidden":
            known = _fields(str(first["loc"][0])) if len(first["loc"]) > 1 else list(Settings.model_fields)
            reason = f"there is no such setting; there are {', '.join(known)}"
            if asks_a_server and first["loc"][-1] in _KEYS:
                others = f"OPENAI_API_KEY, or name another in {first['loc'][0]}.key_variable"
                variable = "CHROMA_API_KEY" if first["loc"][0] == "store" else others
                reason = f"a key is no setting, as settings are stored; set the variable {variable}"
        elif first["type"] == "model_type":
            reason = f"it is a group of settings; set one of {', '.join(f'{name}.{part}' for part in _fields(name))}"
        raise SettingsError(f"{name}{came}: {reason}" if name else reason) from error


def write_setting(folder: Path, name: str, value: str) -> Path:
    """Set `stage.field` in FOLDER/ragtree.toml and return the file's path. Everything else in it stays, also comments.

    Raises SettingsError if the file is not valid TOML or the setting does not take the value.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = folder / "ragtree.toml"
    stage, _, field = name.partition(".")
    validate({stage: {field: value}})
    try:
        before = decoded(path.read_bytes()) if path.exists() else ""
        document = tomlkit.parse(with_line_feeds(before))
        if stage not in document:
            document[stage] = tomlkit.table()
        document[stage][field] = value
    except (TOMLKitError, ValueError, TypeError) as error:
        raise SettingsError(f"{path}: {error}; mend it, or set {name} = {value} in it by hand") from error
    path.write_text(tomlkit.dumps(document), encoding="utf-8", newline="\r\n" if "\r\n" in before else "\n")
    return path


def _fields(stage: str) -> list[str]:
    """The names of a stage's fields."""
    known = Settings.model_fields.get(stage)
    kind = known.annotation if known is not None else None
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `over` into `base` in place, stage by stage. Values of `over` win."""
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict):
            merge(base[key], value)
        else:
            base[key] = dict(value) if isinstance(value, Mapping) else value
    return base


def remembered(settings: Settings) -> str:
    """The settings that an index stores, as JSON: those that it is built with, and the name of its language model."""
    values = settings.model_dump(mode="json", include=set(_MADE_WITH))
    values["llm"] = {"model": _from_anywhere(settings.llm.model, Path())}
    values["embed"]["model"] = _from_anywhere(settings.embed.model, Path())
    return json.dumps(values)


def remembered_model(text: str, stage: str) -> str:
    """The model of a stage, `embed` or `llm`, in the settings that an index stored; empty if there is none."""
    values = json.loads(text) if text else {}
    return str(values.get(stage, {}).get("model", ""))


def over_remembered(text: str | None, settings: Settings) -> Settings:
    """The settings that an index stored (`text`), overridden by those that `settings` sets."""
    values = remembered_with_new_names(json.loads(text)) if text else {}
    return validate(merge(values, settings.model_dump(exclude_unset=True)), stored=True)


def as_remembered(text: str | None, settings: Settings) -> Settings:
    """The settings, but with everything that shapes the tree as the index stored it (`text`)."""
    if not text:
        return settings
    values = remembered_with_new_names(json.loads(text))
    return validate(merge(settings.model_dump(exclude_unset=True), values), stored=True)


def _from_anywhere(name: str, folder: Path) -> str:
    """A model's name; for a file or folder its full path, so that it is found from every other folder."""
    path = folder / Path(name).expanduser()
    return str(path.resolve()) if name not in ("bundled", "none") and path.exists() else name


def _from_toml(path: Path) -> dict[str, Any]:
    """The values that the file sets; paths in it are relative to its folder."""
    values = _parsed(path)
    for stage in ("embed", "llm"):
        if isinstance(values.get(stage), dict) and isinstance(values[stage].get("model"), str):
            values[stage]["model"] = _from_anywhere(values[stage]["model"], path.parent)
    if isinstance(values.get("prompts"), str):
        values["prompts"] = str(path.parent / Path(values["prompts"]).expanduser())
    return values


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except (ValueError, OSError) as error:
        raise SettingsError(f"{path}: {error}") from error


def _from_variables(variables: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of each variable that is a setting, and what it sets."""
    for name in sorted(variables):
        if not name.startswith(_PREFIX) or name in _NO_SETTINGS:
            continue
        stage, _, field = name.removeprefix(_PREFIX).lower().partition("_")
        if stage not in Settings.model_fields:
            raise SettingsError(
                f"{name}: there is no stage {stage!r}; it reads RAGTREE_STAGE_FIELD, and the stages are "
                f"{', '.join(Settings.model_fields)}"
            )
        value = variables[name].rstrip("\r\n")  # a file of variables with the line ends of Windows leaves a CR
        yield name, {stage: {field: value} if field else value}


def _from_flag(flag: str) -> dict[str, Any]:
    name, equals, value = flag.partition("=")
    stage, _, field = name.partition(".")
    if not equals or not stage:
        raise SettingsError(f"--set {flag}: wanted is stage.field=value, such as retrieve.mode=traverse")
    return {stage: {field: value}} if field else {stage: value}
