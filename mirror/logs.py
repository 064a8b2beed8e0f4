"""Logs: readable on a terminal, JSON lines otherwise; no secret and no reader's address in them.

Log one event per fact, with fields:
``structlog.get_logger().warning("mirror.put_failed", mirror=name, path=path)``.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Final, TextIO

import structlog

HIDDEN: Final = "***"

_SECRET_FIELD: Final = re.compile(
    r"(^|_)(token|secret|password|passphrase|passwd|authorization|cookie|api_?key|credential)s?$",
    re.IGNORECASE,
)
_READER_FIELD: Final = re.compile(  # who read: never logged, not even hidden
    r"^(remote|remote_addr|peer|peername|client|client_ip|ip|reader|x_forwarded_for|user_agent)$",
    re.IGNORECASE,
)
_USERINFO: Final = re.compile(r"(?<=://)[^/?#\s@'\"]+@")
_QUERY: Final = re.compile(
    r"(?<=[?&;])((?:[\w.-]*(?:token|secret|password|passwd|key|sig|signature|credential|auth)))="
    r"[^&\s#'\"]+",
    re.IGNORECASE,
)
_BEARER: Final = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}")

Event = MutableMapping[str, object]


def set_up(stream: TextIO | None = None, *, verbose: bool = False) -> None:
    """Send every log line, those of libraries too, to ``stream`` (standard error).

    With ``verbose``, what only a developer wants to know as well.
    """
    out = sys.stderr if stream is None else stream
    readable = out.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if readable else "iso", utc=not readable),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    render: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=True)
        if readable
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # libraries; ours say more
    for package in ("mirror", "feeds", "keys"):
        logging.getLogger(package).setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("aiohttp.access").disabled = True  # it would name readers


def redact(_logger: object, _method: str, event: Event) -> Event:
    """``event`` without secrets and without anything that tells who reads."""
    return {
        key: HIDDEN if _SECRET_FIELD.search(_plain(key)) else _clean(value)
        for key, value in event.items()
        if not _READER_FIELD.match(_plain(key))
    }


def hide_secrets(text: str) -> str:
    """``text`` without users, passwords and tokens in the addresses that stand in it."""
    text = _USERINFO.sub(f"{HIDDEN}@", text)
    text = _QUERY.sub(rf"\1={HIDDEN}", text)
    return _BEARER.sub(rf"\1 {HIDDEN}", text)


def _plain(key: str) -> str:
    return key.replace("-", "_")  # headers too


def _clean(value: object) -> object:
    if isinstance(value, str):
        return hide_secrets(value)
    if isinstance(value, Mapping):
        return redact(None, "", {str(key): inner for key, inner in value.items()})
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return hide_secrets(str(value))
