"""Logs: for people on a terminal, for machines otherwise, and without secrets."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from mirror.logs import hide_secrets, redact, set_up


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers, root.level = before
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_pipe_gets_one_json_object_for_each_event() -> None:
    out = io.StringIO()
    set_up(out)

    log = structlog.get_logger("mirror.publish")
    log.warning("mirror.put_failed", mirror="eu-1", retry_in_s=4.0)
    log.debug("mirror.detail")

    (event,) = lines(out)
    assert event["event"] == "mirror.put_failed"
    assert event["mirror"] == "eu-1"
    assert event["retry_in_s"] == 4.0
    assert event["level"] == "warning"
    assert str(event["timestamp"]).endswith("Z")


def test_a_terminal_gets_lines_for_people() -> None:
    out = Terminal()
    set_up(out, verbose=True)

    structlog.get_logger("mirror.publish").debug("mirror.put_failed", mirror="eu-1")

    assert "mirror.put_failed" in out.getvalue()
    assert "{" not in out.getvalue()


def test_libraries_log_the_same_way_and_only_what_matters() -> None:
    out = io.StringIO()
    set_up(out)

    logging.getLogger("apscheduler").info("Added job")
    logging.getLogger("apscheduler").warning("missed https://u:hunter2@host/")
    logging.getLogger("aiohttp.access").warning("198.51.100.7 GET /")

    (event,) = lines(out)
    assert event["event"] == "missed https://***@host/"


def test_no_secret_and_no_reader_is_logged() -> None:
    out = io.StringIO()
    set_up(out)

    structlog.get_logger("mirror.web").warning(
        "web.request",
        url="https://user:hunter2@host/?token=hunter2&page=1",
        web_token="hunter2",  # noqa: S106 - that is the point
        remote="198.51.100.7",
        headers={"Authorization": "Bearer hunter2hunter2", "X-Forwarded-For": "198.51.100.7"},
        errors=[OSError("dav://u:hunter2@h: refused")],
    )

    text = out.getvalue()
    assert "hunter2" not in text
    assert "198.51.100.7" not in text
    assert "page=1" in text


def test_a_traceback_holds_no_secret_either() -> None:
    out = io.StringIO()
    set_up(out)

    try:
        raise OSError("https://u:hunter2@h/ refused")  # noqa: TRY301
    except OSError:
        structlog.get_logger("mirror.web").exception("web.failed")

    assert "Traceback" in out.getvalue()
    assert "hunter2" not in out.getvalue()
    assert sys.exc_info() == (None, None, None)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("PUT https://u:p@h/x", "PUT https://***@h/x"),
        ("https://h/?sig=abc&x=1", "https://h/?sig=***&x=1"),
        ("https://h/?X-Amz-Signature=abc", "https://h/?X-Amz-Signature=***"),
        ("Basic dXNlcjpwYXNz rest", "Basic *** rest"),
        ("mail someone@example.org", "mail someone@example.org"),
        ("https://h/@someone", "https://h/@someone"),
        ("monkey=1", "monkey=1"),
    ],
)
def test_what_is_hidden_and_what_is_not(text: str, clean: str) -> None:
    assert hide_secrets(text) == clean


def test_a_field_that_only_sounds_secret_stays() -> None:
    event = redact(None, "", {"keys": 3, "key_id": "ab", "tokens_left": 2, "password": "x"})

    assert event == {"keys": 3, "key_id": "ab", "tokens_left": 2, "password": "***"}
