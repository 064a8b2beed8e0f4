"""What only OpenDAL does: stores by options, secrets by name, and what hosts are told."""

import getpass
import socket

import pytest

from mirror.config import MirrorConfig, Secret
from mirror.config.opendal import Store
from mirror.endpoints.build import build
from mirror.endpoints.protocol import Mirror
from mirror.endpoints.serving import serving
from mirror.errors import (
    ConfigError,
    EndpointError,
    EndpointRefusedError,
    EndpointUnreachableError,
)
from tests.endpoints.wire import Answer, slam, status, wire

PASSWORD = "correct-horse"  # noqa: S105 - looked for in everything that we say


def swift(port: int, monkeypatch: pytest.MonkeyPatch) -> Mirror:
    monkeypatch.setenv("SWIFT_TOKEN", PASSWORD)
    push = f"opendal+swift:?endpoint=http://127.0.0.1:{port}/v1/A&container=web&secret=token"
    return build(
        MirrorConfig(
            name="swift",
            url="https://swift.example/",
            push=push,
            password=Secret(env="SWIFT_TOKEN"),
        )
    )


async def test_a_host_is_told_type_and_cache_rule_and_nothing_of_us(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with wire(status(201)) as server:
        mirror = swift(server.port, monkeypatch)
        await mirror.put("feeds/all.rss", b"<rss/>")
        await mirror.put("m/ab/" + "ab" * 32 + ".webp", b"picture")

    said = "".join(server.heads).lower()
    assert "put /v1/a/web/feeds/all.rss " in said
    assert f"content-type: {serving('feeds/all.rss').content_type}" in said
    assert "immutable" in said
    for word in ("opendal", "tamizdat", "python", socket.gethostname(), getpass.getuser()):
        assert word.lower() not in said


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (status(401), EndpointError, "PUT index.html"),
        (status(403), EndpointRefusedError, "denied"),
        (status(404), EndpointRefusedError, "make it"),
        (status(429), EndpointUnreachableError, "PUT index.html"),
        (status(500), EndpointUnreachableError, "PUT index.html"),
        (slam, EndpointUnreachableError, "send http request"),
    ],
)
async def test_what_a_store_answers_is_told_in_words_without_the_secret(
    answer: Answer, error: type[EndpointError], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wire(answer) as server:
        mirror = swift(server.port, monkeypatch)
        with pytest.raises(error, match=words) as caught:
            await mirror.put("index.html", b"front")

    assert PASSWORD not in str(caught.value) + repr(mirror)
    assert "127.0.0.1" not in str(caught.value)


async def test_with_nothing_new_a_head_is_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    async with wire(status(200)) as server:
        assert await swift(server.port, monkeypatch).get("log/checkpoint", max_bytes=9) == b""

    assert len(server.heads) == 1


def test_secrets_must_be_as_many_as_the_address_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWO", "one\n")
    config = MirrorConfig(
        name="dropbox",
        url="https://cloud.example/",
        push="opendal+dropbox:?client_id=x&secret=client_secret,refresh_token",
        password=Secret(env="TWO"),
    )

    with pytest.raises(ConfigError, match="has 1 lines"):
        build(config)


def test_a_store_that_there_is_not_is_told_as_that() -> None:
    config = MirrorConfig(name="it", url="https://cloud.example/", push="opendal+nosuch:?root=/x")

    with pytest.raises(EndpointRefusedError, match="can't do that"):
        build(config)


@pytest.mark.parametrize(
    ("push", "words"),
    [
        ("opendal+:?bucket=x", "names no service"),
        ("opendal+GCS:?bucket=x", "names no service"),
        ("opendal+gcs://bucket/x", "something else than options"),
        ("opendal+b2:?application_key=hunter2", "holds a secret"),
        ("opendal+swift:?token=hunter2", "holds a secret"),
        ("opendal+b2:?Bucket=x", "an option that is none"),
    ],
)
def test_an_address_that_cannot_be_is_told_with_how_to_write_it(push: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        Store.parse(push)

    assert "hunter2" not in str(caught.value)


def test_a_name_of_a_key_is_no_secret() -> None:
    store = Store.parse("opendal+b2:?application_key_id=k1&bucket=x&secret=application_key")

    assert store.options == {"application_key_id": "k1", "bucket": "x"}
    assert store.secrets == ("application_key",)
