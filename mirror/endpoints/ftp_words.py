"""What an FTP server answers, as errors that say what to do, and hold no secret (RFC 959, 4.2)."""

import ssl
from collections.abc import Mapping
from typing import Final

import aioftp

from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

NO_RENAME: Final = "it does not rename over a file that is there; mirror by another kind"

_ROOM: Final = "no space is left there; free some, and the next push goes on"
_REFUSED: Final[Mapping[str, str]] = {
    "452": _ROOM,
    "552": _ROOM,
    "530": "it does not let us in; set the user in `push`, and its `password`",
    "532": "it does not let us in; set the user in `push`, and its `password`",
    "534": 'it offers no TLS for files; use another host, or "ftp:" without encryption',
    "550": "denied; let this user write there",
    "553": "denied; let this user write there",
}
_NO_TLS: Final = 'it offers no TLS; use another host, or "ftp:" without encryption'


def code_of(error: aioftp.StatusCodeError) -> str:
    """The three digits of the answer."""
    return str(error.received_codes[-1])


def in_words(mirror: str, what: str, error: Exception) -> EndpointError:
    """The error that a caller gets for one of the library's or the line's."""
    if isinstance(error, EndpointError):
        return error
    if isinstance(error, aioftp.StatusCodeError):
        code = code_of(error)
        words = _REFUSED.get(code)
        if "234" in [str(one) for one in error.expected_codes]:
            words = _NO_TLS
        if words or code.startswith("5"):
            return EndpointRefusedError(mirror, f"{what}: {code}; {words or 'see to the host'}")
        return EndpointUnreachableError(mirror, f"{what}: {code}")
    return EndpointUnreachableError(mirror, f"{what}: {_on_the_line(error)}")


def _on_the_line(error: Exception) -> str:
    """What went wrong, in words that hold no address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its TLS certificate is not valid"
    if isinstance(error, ssl.SSLError):
        return "no good TLS connection"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, ConnectionError | EOFError):
        return "the connection was closed before the answer"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
