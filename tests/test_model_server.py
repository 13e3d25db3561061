"""How a server is reached: its address, its key, proxies and certificates."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from speaking_server import Asked, Said, SpeakingServer

from ragtree import model_names, models
from ragtree.errors import ModelError, RagtreeError, SettingsError
from ragtree.model_server import ModelServer, ServerError, is_this_machine, server_address
from ragtree.settings import EmbedSettings, LlmSettings

KEY = "sk-very-secret-0123456789"
LIST = Said({"object": "list", "data": [{"id": "small"}, {"id": "large"}]})
VARIABLES = (
    "OPENAI_API_KEY OPENAI_BASE_URL OTHER_KEY SSL_CERT_FILE SSL_CERT_DIR "
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy"
)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES.split():
        monkeypatch.delenv(name, raising=False)


def server_of(url: str, **more: object) -> ModelServer:
    return ModelServer(url, timeout=5, **more)  # type: ignore[arg-type]


def models_of(server: ModelServer) -> tuple[str, ...]:
    """The models that a server lists."""
    answer = server.ask(lambda client: client.models.with_raw_response.list(), "a list of its models").http_response
    try:
        return tuple(model["id"] for model in answer.json()["data"])
    except ValueError:
        raise server.not_understood(answer.text, answer) from None


SPELLINGS = (
    "http://Example.COM:80 http://example.com http://example.com/ http://example.com/v1 http://example.com//v1/ "
    "HTTP://example.com/v1 http://example.com/v1/chat/completions http://example.com/v1/embeddings"
)


@pytest.mark.parametrize("url", SPELLINGS.split())
def test_an_address_has_one_spelling(url: str) -> None:
    assert server_address(url) == "http://example.com/v1"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8080/v1", "http://localhost:8080/v1"),
        ("http://[::1]:8080", "http://localhost:8080/v1"),
        ("https://api.groq.com/openai/v1/", "https://api.groq.com/openai/v1"),
        ("https://host/openai", "https://host/openai/v1"),
        ("https://host/v1beta/openai", "https://host/v1beta/openai/v1"),
        ("https://host/api/v3", "https://host/api/v3"),
        ("http://[fe80::1]:80/v1", "http://[fe80::1]/v1"),
    ],
)
def test_what_differs_in_more_stays_different(url: str, address: str) -> None:
    assert server_address(url) == address


@given(
    st.from_regex(r"https?://[a-z][a-z0-9.-]{0,9}[a-z](:[1-9][0-9]{0,3})?(/[a-zA-Z0-9]{1,5}){0,3}/?", fullmatch=True)
)
def test_a_spelling_that_is_spelled_again_stays(url: str) -> None:
    assert server_address(server_address(url)) == server_address(url)


@pytest.mark.parametrize(
    "url", ["example.com", "http://", "http://host:port", "ftp://host/v1", "http://[::1", "", "#m"]
)
def test_an_invalid_address_is_reported(url: str) -> None:
    with pytest.raises(SettingsError, match="wanted is"):
        server_address(url)


@pytest.mark.parametrize("name", [f"http://me:{KEY}@host/v1", f"http://{KEY}@host/v1", f"http://host/v1?key={KEY}"])
def test_a_password_in_an_address_is_refused_and_not_shown(name: str) -> None:
    for make in (
        lambda: server_address(name),
        lambda: models.make_chat_model(LlmSettings(model=f"{name}#m")),
        lambda: model_names.embedder_name(EmbedSettings(model=f"{name}#m")),
    ):
        with pytest.raises((RagtreeError, ValueError)) as caught:
            make()
        if isinstance(caught.value, RagtreeError):
            assert KEY not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "0.0.0.0", "a.localhost"])
def test_this_machine_is_known_by_its_names(host: str) -> None:
    assert is_this_machine(host)
    assert not is_this_machine(f"{host}.example.com")


def test_the_models_of_a_server_are_listed_and_a_missing_v1_is_found() -> None:
    def answer(asked: Asked) -> Said:
        return LIST if asked.path == "/v1/models" else Said("nothing here", 404)

    with SpeakingServer(answer) as server:
        for url in (server.root, f"{server.root}/", server.url, f"{server.url}/"):
            assert models_of(server_of(url)) == ("small", "large")


def test_a_server_that_has_its_api_elsewhere_is_found_and_remembered() -> None:
    for home in ("/models", "/openai/v1/models"):
        with SpeakingServer(lambda asked, home=home: LIST if asked.path == home else Said("", 404)) as server:
            reached = server_of(server.root + home.removesuffix("/models").removesuffix("/v1"))
            assert models_of(reached) == models_of(reached) == ("small", "large")
            assert [asked.path for asked in server.requests][-2:] == [home, home]
            assert len(server.requests) == 3


def guarded(asked: Asked) -> Said:
    sent = asked.headers.get("Authorization")
    return LIST if sent == f"Bearer {KEY}" else Said({"error": f"not with {sent}, {KEY}, Bearer {KEY}"}, 401)


def test_the_key_is_that_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with SpeakingServer(guarded) as server:
        with pytest.raises(ServerError, match="set OPENAI_API_KEY to its key"):
            models_of(server_of(server.url))
        assert "Authorization" not in server.requests[-1].headers
        monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")  # as a file leaves it
        assert models_of(server_of(server.url))
        monkeypatch.setenv("OPENAI_API_KEY", "another")
        monkeypatch.setenv("OTHER_KEY", KEY)
        assert models_of(server_of(server.url, key_variable="OTHER_KEY"))


def test_a_variable_that_is_named_and_not_set_is_reported() -> None:
    with pytest.raises(SettingsError, match=r"embed\.key_variable names OTHER_KEY"):
        models_of(server_of("http://localhost:1/v1", key_variable="OTHER_KEY", stage="embed"))


@pytest.mark.parametrize("key", ["sk-\u20ac", "sk-a\nb", "sk-\x00"])
def test_a_key_that_cannot_be_one_is_told_and_not_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "\x00" in key:
        return  # no environment holds it
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(SettingsError) as caught:
        models_of(server_of("http://localhost:1/v1"))
    assert key not in str(caught.value)


def test_no_message_and_no_log_holds_the_key(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = KEY[:-1] + "X"
    answers = [
        Said({"error": f"Incorrect API key provided: {wrong}"}, 401),
        Said("x" * 195 + wrong, 400),
        Said(f"<html>{wrong}</html>"),
        Said({"error": wrong}, 500),
    ]
    monkeypatch.setenv("OPENAI_API_KEY", wrong)
    for said in answers:
        with SpeakingServer(lambda _, said=said: said) as server, pytest.raises(ModelError) as caught:
            models_of(server_of(server.url))
        logging.getLogger("test").error("failed", exc_info=caught.value)
        assert wrong not in str(caught.value) and wrong[:20] not in str(caught.value)
        assert wrong not in repr(getattr(caught.value, "said", ""))
    assert wrong not in caplog.text


def test_a_redirection_to_another_host_is_not_sent_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with SpeakingServer(lambda _: LIST) as other:
        moved = Said("", 307, {"Location": f"{other.url}/models"})
        with SpeakingServer(lambda _: moved) as server:
            assert models_of(server_of(server.url))
        assert "Authorization" not in other.requests[0].headers


def test_a_failed_redirect_names_its_target() -> None:
    with (
        SpeakingServer(
            lambda asked: Said("", 301, {"Location": "/login"}) if "v1" in asked.path else Said("<html>")
        ) as server,
        pytest.raises(ModelError, match=f"redirected to {server.root}/login"),
    ):
        models_of(server_of(server.url))


PROXIES = {
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "all_proxy": "socks://127.0.0.1:9/",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:port",
    "HTTPS_PROXY": "nonsense://",
    "SSL_CERT_FILE": "/nowhere/cacert.pem",
    "SSL_CERT_DIR": "/nowhere/certs",
}


@pytest.mark.parametrize("name", PROXIES)
def test_a_server_on_this_machine_is_reached_whatever_the_variables_say(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, PROXIES[name])
    with SpeakingServer(lambda _: LIST) as server:
        assert models_of(server_of(server.url)) == ("small", "large")


@pytest.mark.parametrize("name", [name for name in PROXIES if name != "SSL_CERT_DIR"])
def test_another_server_is_told_with_the_variable_in_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, PROXIES[name].replace("//127", f"//me:{KEY}@127"))
    url = "https://models.invalid/v1" if name == "HTTPS_PROXY" else "http://models.invalid/v1"
    with pytest.raises(ModelError) as caught:
        models_of(server_of(url))
    assert name in str(caught.value)
    assert "\n" not in str(caught.value) and KEY not in str(caught.value)


def test_a_host_that_no_proxy_lists_is_reached_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXIES["all_proxy"])
    monkeypatch.setenv("NO_PROXY", "models.invalid")
    with pytest.raises(ModelError, match="is the server running") as caught:
        models_of(server_of("http://models.invalid/v1"))
    assert "ALL_PROXY" not in str(caught.value)


def test_openai_names_the_server_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    name = model_names.embedder_name(EmbedSettings(model="openai:e"))
    assert name == "https://api.openai.com/v1#e"
    with SpeakingServer(lambda _: Said({"data": [{"index": 0, "embedding": [1.0]}]})) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.root}/")
        made = models.make_embedder(EmbedSettings(model="openai:e"))
        assert (
            made.name == model_names.embedder_name(EmbedSettings(model="openai:e")) == f"{server_address(server.url)}#e"
        )
        assert made.embed(["a text"]).shape == (1, 1)
    with pytest.raises(SettingsError, match="names no model"):
        models.make_chat_model(LlmSettings(model="openai:"))


def test_an_embedder_is_the_same_however_its_server_is_spelled() -> None:
    names = {model_names.embedder_name(EmbedSettings(model=f"{url}#e")) for url in SPELLINGS.split()}
    assert len(names) == 1
    assert model_names.same_embedder("http://127.0.0.1:8080/v1/#e", "http://localhost:8080/v1#e")
    assert not model_names.same_embedder("http://localhost:8080/v1#e", "http://localhost:8080/v1#f")
    assert not model_names.same_embedder("http://a/v1#e", "http://b/v1#e")


def test_a_key_among_the_settings_is_refused_and_not_shown(tmp_path: Path) -> None:
    from ragtree.configuration import collect_settings

    for flag in (f"llm.key={KEY}", f"embed.api_key={KEY}", f"llm.secret={KEY}", f"llm.model=http://{KEY}@host/v1#m"):
        with pytest.raises(SettingsError) as caught:
            collect_settings(tmp_path, {}, [flag])
        assert KEY not in str(caught.value)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        collect_settings(tmp_path, {"RAGTREE_LLM_API_KEY": KEY}, [])
