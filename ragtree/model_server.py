"""An OpenAI-compatible server, for chat and embeddings: its address, its key, and a one-line error for every failure.

Requests go through the `openai` client library, which handles timeouts, keys and proxies. Retries are those of
`model_servers.py`, which uses it for one or several:

    server = ModelServer("http://localhost:11434", timeout=5)   # sends no request yet
    server.ask(lambda client: client.embeddings.create(model="e", input="a text"), "embeddings by 'e'")

Every failure is a ModelError of one line that names the address and never the key. If the server answered with an
error status, it is a ServerError with that `status` and the body that the server `said`.

The key is the value of OPENAI_API_KEY, or of the variable that `key_variable` names. Requests to a server on this
machine, or to one that NO_PROXY lists, bypass the proxies that the environment names.
"""

from __future__ import annotations

import os
import re
import ssl
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit
from urllib.request import proxy_bypass

from .errors import ModelError, SettingsError
from .lazy import lazy_property

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

Answered = TypeVar("Answered")

DEFAULT_KEY_VARIABLE = "OPENAI_API_KEY"
BASE_URL_VARIABLE = "OPENAI_BASE_URL"
OPENAI_URL = "https://api.openai.com/v1"
"""The server of `openai:MODEL`, unless OPENAI_BASE_URL names another one."""

_VERSION = re.compile(r"v\d+\w*")
"""The last segment of an API's base path, such as v1 or v1beta."""
_ENDPOINTS = (["chat", "completions"], ["completions"], ["embeddings"], ["models"])
"""Endpoints that people copy together with the base address."""
_ELSEWHERE = frozenset({404, 405})
"""Statuses of a server whose API is at another path."""
_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_TOLD = 200
"""Most characters of a server's answer that an error message quotes."""


class ServerError(ModelError):
    """The server answered with an error status."""

    def __init__(self, message: str, status: int, said: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        """The body of its answer."""
        self.wait = wait
        """Seconds that it asks to wait; None if it does not say."""


class UnreachableError(ModelError):
    """The server did not answer: it is not there, or takes longer than the timeout."""


class AnswerFormError(ModelError):
    """The server answered, but not in the OpenAI form."""


class ModelServer:
    """One server. The constructor sends no request and reads no key; the first request does."""

    def __init__(
        self,
        url: str,
        key_variable: str = "",
        timeout: float = 120.0,
        stage: Literal["llm", "embed"] = "llm",
    ) -> None:
        """`stage` is the group of settings whose key_variable is named in error messages.

        Raises SettingsError for an invalid address.
        """
        parts = _parts(url)
        self.url = url.strip().rstrip("/")
        self.address = server_address(url)
        self._host = parts.hostname or ""
        self._scheme = parts.scheme
        self._bases = _bases(parts)
        self._key_variable = key_variable
        self._timeout = timeout
        self._stage = stage

    def ask(self, request: Callable[[OpenAI], Answered], what: str) -> Answered:
        """Send the request and return its result. `what` names it in error messages: "a chat with 'llama3.2'".

        Raises ModelError. An address without /v1 is tried with and without it; the one that works is remembered.
        """
        first: ServerError | None = None
        for base in self._bases:
            try:
                with self.failures(what):
                    answer = request(self._client.with_options(base_url=base))
            except ServerError as error:
                if error.status not in _ELSEWHERE:
                    raise
                first = first or error
            else:
                self._bases = (base,)
                return answer
        assert first is not None, "every server has a base"
        raise first

    @contextmanager
    def failures(self, what: str) -> Generator[None, None, None]:
        """Turn the exceptions of the client library into ModelError. Also wraps the reading of a streamed answer."""
        import httpx2
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            raise self._status_error(error.response, what) from None
        except (openai.APITimeoutError, httpx2.TimeoutException):
            raise UnreachableError(
                f"no answer from {self.url} to {what} within {self._timeout:g} s; is the server busy? Raise "
                f"llm.timeout for a slow one{self._way()}"
            ) from None
        except (openai.APIConnectionError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise UnreachableError(self._unreachable(error)) from None
        except openai.OpenAIError as error:
            raise ModelError(self._hidden(f"{self.url} failed at {what}: {_line(str(error))}")) from None

    def told(self, what: str, text: str) -> str:
        """The message for an error that the server reports in the middle of an answer."""
        return f"{self.url} failed at {what}: {self._hidden(text).strip()[:_TOLD]!r}"

    def not_understood(self, text: str, response: httpx2.Response | None = None) -> AnswerFormError:
        """The error for an answer that is not in the OpenAI format, such as a web page."""
        page = "; is that the address of its API, and not of a web page?" if "<" in text[:_TOLD] else ""
        shown = self._hidden(text).strip()[:_TOLD]
        return AnswerFormError(
            f"{self.url} did not answer in the OpenAI form: {shown!r}{page}{_led_on(response)}{self._way()}"
        )

    def close(self) -> None:
        """Close the connections. The next request opens new ones."""
        client = self.__dict__.pop("_client", None)
        if client is not None:
            client.close()

    @lazy_property
    def _client(self) -> OpenAI:
        from httpx2 import InvalidURL
        from openai import DefaultHttpxClient, OpenAI

        key = self._key()
        hooks = {"request": [_spell_out_key if key else _leave_out_key]}
        try:
            http = DefaultHttpxClient(event_hooks=hooks, **self._http_options())
        except (ImportError, ValueError, OSError, InvalidURL) as error:
            raise ModelError(self._misled(error)) from None
        return OpenAI(
            api_key=key or "none",
            base_url=self._bases[0],
            timeout=self._timeout,
            max_retries=0,
            http_client=http,
        )

    def _http_options(self) -> dict[str, Any]:
        """Options that ignore the proxy variables for a server that is reached directly."""
        if not self._is_direct():
            return {}
        return {"trust_env": False, "verify": ssl.create_default_context() if _set(_CERTIFICATE_VARIABLES) else True}

    def _is_direct(self) -> bool:
        return is_this_machine(self._host) or bool(proxy_bypass(self._host))

    def _key(self) -> str:
        """The key, without a line break from a file; "" if there is none. Raises SettingsError."""
        name = self._key_variable or DEFAULT_KEY_VARIABLE
        key = os.environ.get(name, "").strip()
        if self._key_variable and not key:
            raise SettingsError(
                f"{self._stage}.key_variable names {name}, but no such variable is set; set it to the key of {self.url}"
            )
        if not (key.isascii() and key.isprintable()):
            raise SettingsError(f"the key in {name} has characters that no key can have; set it again")
        return key

    def _hidden(self, text: str) -> str:
        """The text with the key and the passwords of proxies masked."""
        for name in filter(None, (self._key_variable, DEFAULT_KEY_VARIABLE)):
            key = os.environ.get(name, "").strip()
            text = text.replace(key, "***") if key else text
        return re.sub(r"//[^/@\s]+@", "//***@", text)

    def _status_error(self, response: httpx2.Response, what: str) -> ServerError:
        status, said = response.status_code, self._hidden(response.text).strip()
        message = f"{self.url} answered {status} to {what}: {said[:_TOLD]!r}{_led_on(response)}"
        if status in (401, 403):
            name = self._key_variable or DEFAULT_KEY_VARIABLE
            known = f"it does not accept the key in {name}" if os.environ.get(name) else f"set {name} to its key"
            message += f"; {known}, or name another variable in {self._stage}.key_variable"
        wait = response.headers.get("retry-after", "").strip()
        message += f"; it asks to wait {wait} s" if wait.isdigit() else ""
        message += self._way() if status == 407 or status >= 500 else ""
        return ServerError(message, status, said, _seconds(wait))

    def _unreachable(self, error: Exception) -> str:
        reason = _line(self._hidden(str(error.__cause__ or error))) or type(error).__name__
        message = f"no answer from {self.url}: {reason}; is the server running?"
        if "CERTIFICATE" in reason.upper():
            named = _set(_CERTIFICATE_VARIABLES)
            told = (
                f"check {' and '.join(named)}"
                if named
                else "name a file with its certificate authority in SSL_CERT_FILE"
            )
            message = f"{self.url} has a certificate that is not trusted ({reason}); {told}"
        return message + self._way()

    def _misled(self, error: Exception) -> str:
        """The message if the client cannot be created, which only a wrong environment variable can cause."""
        missing = [name for name in _CERTIFICATE_VARIABLES if _is_missing(os.environ.get(name, ""))]
        names = missing or [name for scheme in ("http", "https") for name in _proxy_variables(scheme)]
        advice = "fix or unset it" if missing else f"fix or unset it, or list {self._host} in NO_PROXY"
        return (
            f"{self.url} cannot be reached with the value of {' and '.join(dict.fromkeys(names)) or 'the environment'} "
            f"({_line(self._hidden(str(error)))}); {advice}"
        )

    def _way(self) -> str:
        """The proxy of the request, for the end of an error message."""
        names = [] if self._is_direct() else _proxy_variables(self._scheme)
        return f" (through the proxy that {names[0]} names)" if names else ""


def server_address(url: str) -> str:
    """The normalized address of a server's API: equal addresses mean the same server.

    Upper-case hosts, slashes, default ports, a missing /v1 and the different names of this machine make no difference.
    Raises SettingsError for an invalid address, and for one that holds a password.
    """
    parts = _parts(url)
    host = "localhost" if is_this_machine(parts.hostname or "") else (parts.hostname or "")
    path = _path(parts)
    return _joined(parts, host, path if _has_version(path) else [*path, "v1"])


def is_this_machine(host: str) -> bool:
    """True for a name or address of this machine that needs no network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        number = ip_address(host)
    except ValueError:
        return False
    return number.is_loopback or number.is_unspecified


def _parts(url: str) -> SplitResult:
    """The parts of an address. No error message shows an address that holds a password."""
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise SettingsError(f"{url!r} is not a server address; wanted is http(s)://host:port/v1") from None
    if parts.username is not None or parts.query:
        raise SettingsError(
            f"the address of {parts.hostname} contains a password or a query (?), but addresses are stored; "
            f"give a key in the variable {DEFAULT_KEY_VARIABLE}"
        )
    if not good:
        raise SettingsError(f"{url!r} is not a server address; wanted is http(s)://host:port/v1")
    return parts


def _path(parts: SplitResult) -> list[str]:
    path = [part for part in parts.path.split("/") if part]
    for endpoint in _ENDPOINTS:
        if path[-len(endpoint) :] == endpoint:
            return path[: -len(endpoint)]
    return path


def _has_version(path: list[str]) -> bool:
    return bool(path) and _VERSION.fullmatch(path[-1]) is not None


def _bases(parts: SplitResult) -> tuple[str, ...]:
    """The possible base addresses of the API, the likeliest first."""
    path, host = _path(parts), parts.hostname or ""
    given, longer = _joined(parts, host, path), _joined(parts, host, [*path, "v1"])
    if _has_version(path):
        return (given,)
    return (given, longer) if path else (longer, given)


def _joined(parts: SplitResult, host: str, path: list[str]) -> str:
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in (None, usual) else ""
    name = f"[{host}]" if ":" in host else host
    return "/".join([f"{parts.scheme}://{name}{port}", *path])


def _proxy_variables(scheme: str) -> list[str]:
    """The variables that are set and send requests through a proxy."""
    return _set((f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"))


def _set(variables: Iterable[str]) -> list[str]:
    """The variables that have a value."""
    return [name for name in variables if os.environ.get(name)]


def _is_missing(path: str) -> bool:
    return bool(path) and not os.path.exists(path)  # noqa: PTH110 - the path comes from the environment


def _led_on(response: httpx2.Response | None) -> str:
    """The address after redirects, for the end of an error message."""
    if response is None or not response.history:
        return ""
    return f"; it redirected to {response.url.copy_with(query=None, fragment=None)}: name that address"


def _seconds(wait: str) -> float | None:
    """The seconds that a Retry-After names, as a number or as a date; None if it names none."""
    try:
        return max(0.0, float(wait))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(wait).timestamp() - time.time())
    except ValueError:
        return None


def _leave_out_key(request: httpx2.Request) -> None:
    """The client library requires a key. Without one, no header is sent: some servers refuse it."""
    request.headers.pop("Authorization", None)


def _spell_out_key(request: httpx2.Request) -> None:
    """The library writes `authorization` in lower case, which some proxies and servers do not accept. After a redirect
    to another host the header is gone, and stays so."""
    value = request.headers.pop("Authorization", None)
    if value is not None:
        request.headers["Authorization"] = value


def _line(text: str) -> str:
    return " ".join(text.split())[:_TOLD]
