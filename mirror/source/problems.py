"""Statuses and the HTTP library's errors as ours, in plain words."""

from collections.abc import Mapping
from typing import Final

import aiohttp

from mirror.errors import SourceError, SourceRefusedError, SourceUnreachableError
from mirror.source import headers
from mirror.source.addresses import PrivateAddressError
from mirror.source.encoding import EncodingError

_TRY_AGAIN: Final = {408, 425, 429}  # and every 5xx


def said_no(address: str, status: int, sent: Mapping[str, str]) -> SourceError:
    """What any other status than 200 and 304 means."""
    wait = headers.retry_after(sent)
    again = status in _TRY_AGAIN or status >= 500  # noqa: PLR2004 - server errors
    kind = SourceUnreachableError if again else SourceRefusedError
    return kind(address, headers.in_words(status), status=status, retry_after_s=wait)


def translated(address: str, error: Exception) -> SourceError:
    """A library's error as one of ours."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, PrivateAddressError):
        problem = f"leads to the private address {cause.address}"
        remedy = "; if your own newsroom is there, set private_addresses = true under [fetch]"
        return SourceRefusedError(address, problem + remedy)
    if isinstance(error, aiohttp.InvalidURL):
        return SourceRefusedError(address, "is no address of a web page")
    return SourceUnreachableError(address, _in_words(error, cause))


def _in_words(error: Exception, cause: object) -> str:
    match error:
        case EncodingError():
            return str(error)
        case aiohttp.ClientConnectorDNSError():
            return "no address is known for that host name"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid for it"
        case aiohttp.ClientConnectorError():
            return f"no connection ({cause})"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | OSError():
            return "the answer broke off"
        case _:
            return f"an answer that is not HTTP ({str(error)[:200]})"
