"""Environment variables that decide how servers are reached. Their values may hold passwords, which are never shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from .base import Check

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_FOLDERS = ("SSL_CERT_DIR",)
_KNOWN = frozenset({"http", "https", "socks5", "socks5h", "socks4", "socks4a"})


def environment_checks(variables: Mapping[str, str]) -> Iterator[Check]:
    """One check for each variable that names a proxy or certificates; none if no such variable is set."""
    for name in _PROXIES:
        for spelled in (name, name.lower()):
            if variables.get(spelled):
                yield _proxy(spelled, variables[spelled])
    for spelled in ("NO_PROXY", "no_proxy"):
        if variables.get(spelled):
            yield Check(spelled, f"set: {variables[spelled]}")
    for name in (*_FILES, *_FOLDERS):
        if variables.get(name):
            yield _certificates(name, variables[name])


def _proxy(name: str, value: str) -> Check:
    """Shows the scheme, host and port of the proxy, without its password."""
    unset = f"fix or unset {name}"
    try:
        parts = urlsplit(value.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return Check(name, "set to something that is not an address", "wrong", unset)
    if not host or parts.scheme not in _KNOWN:
        return Check(name, "set to something that is not the address of a proxy (http://host:port)", "wrong", unset)
    shown = f"set: {parts.scheme}://{host}{f':{port}' if port else ''}"
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        return Check(name, f"{shown}, which needs the package socksio", "wrong", f"pip install socksio, or {unset}")
    return Check(name, f"{shown}; servers on this machine are reached without it")


def _certificates(name: str, value: str) -> Check:
    path = Path(value)
    there = path.is_dir() if name in _FOLDERS else path.is_file()
    if not there:
        return Check(name, f"names {value}, which does not exist", "wrong", f"fix or unset {name}")
    return Check(name, f"set: {value}")
