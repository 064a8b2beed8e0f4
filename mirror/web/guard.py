"""Who may ask, and what every answer carries.

On loopback without a token, the only danger is another page in the operator's browser that
reaches us under a name of its own (DNS rebinding): the Host header must name this machine.
With a token, the token decides. Nobody's address is read, kept or logged.
"""

import hmac
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mirror.errors import ConfigError

MIN_TOKEN_CHARS: Final = 16
OPEN: Final = frozenset({"/healthz"})  # says "ok" and nothing else

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # a token in the address must not travel on
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}


def is_loopback(host: str) -> bool:
    """Whether ``host``, a name or an address without a port, is this machine only."""
    if host.lower().removesuffix(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_access(listen: str, token: str | None) -> None:
    """Refuse a listener that would show the status to anybody.

    Raises:
        ConfigError: ``listen`` (``host:port``) is not loopback and there is no token, or the
            token can be guessed.
    """
    if token is not None and len(token) < MIN_TOKEN_CHARS:
        raise ConfigError("[web] token", (f"is shorter than {MIN_TOKEN_CHARS} characters",))
    if token is None and not is_loopback(urlsplit(f"//{listen}").hostname or ""):
        remedy = f"{listen} can be reached from outside; set [web] token, or listen on 127.0.0.1"
        raise ConfigError("[web] listen", (remedy,))


def guard(token: str | None, csp: str) -> Middleware:
    """The middleware that lets in who may ask and adds the headers to every answer."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await _answer(request, handler, token)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = csp
        return response

    return check


async def _answer(request: web.Request, handler: Handler, token: str | None) -> web.StreamResponse:
    if request.path in OPEN:
        return await handler(request)
    if token is None:
        if not is_loopback(_host(request)):
            return _refusal(421, "Open this page by the address 127.0.0.1 or localhost.")
    elif not _knows(request, token):
        text = "A token is needed: Authorization: Bearer …, or ?token=… (see [web] token)."
        return _refusal(401, text, {"WWW-Authenticate": "Bearer"})
    return await handler(request)


def _host(request: web.Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


def _knows(request: web.Request, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        given = request.query.get("token", "")
    return hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), token.encode())


def _refusal(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=text + "\n", headers=headers)
