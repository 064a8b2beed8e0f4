"""What git complains of, as errors that say what to do, and hold no secret."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

STALE: Final = re.compile(
    r"\(stale info\)|\(fetch first\)|\[rejected\].*non-fast-forward"
    r"|cannot lock ref|reference already exists"
)

_ROOM: Final = "no space is left; free some, and the next push goes on"
_NO: Final[Mapping[str, str]] = {  # what a person must see to
    r"no space left|disk quota|exceeds .*(limit|size)|larger than .*maximum": _ROOM,
    r"authentication failed|could not read (username|password)|error: 40[13]|invalid credentials"
    r"|permission (to .* )?denied|access denied|publickey": (
        "it does not let us in; set the user in `push`, and in `password` a token that may write"
        " there (https), or a private key (ssh)"
    ),
    r"host key verification failed|no .*host key is known|host identification": (
        "its host key is not among those that `push` pins; see whose host this is"
    ),
    r"repository .*not found|does not appear to be a git repository|error: 404|not exported"
    r"|no such (file|directory)|repository not exported": (
        "there is no such repository; make an empty one, and see to `push`"
    ),
    r"unable to update url base from redirection|error: 30[1278]": (
        "it leads to another address; write that one as `push`"
    ),
    r"hook declined|protected branch|deny|prohibited|remote rejected|not allowed": (
        "it takes no push to this branch; allow that, forced ones too where history is squashed"
    ),
    r"service not enabled|receive-pack not permitted": "turn on pushes for this repository",
}
_MAY_PASS: Final[Mapping[str, str]] = {
    r"certificate|ssl|tls|gnutls": "no good TLS connection: its certificate may not be valid",
    r"could not resolve|name or service not known": "its host name is not found",
    r"connection refused|failed to connect|couldn't connect|no route": "no connection",
    r"timed out|too slow|less than .*bytes/sec": "no answer in time",
    r"hung up|early eof|connection reset|empty reply|connection closed|broken pipe|unexpected": (
        "the connection was closed before the answer"
    ),
}
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"]+")
_MAX_WORDS: Final = 160


def in_words(mirror: str, what: str, said: str, secrets: Iterable[str] = ()) -> EndpointError:
    """The error for what git ``said`` while it did ``what``."""
    low = said.lower()
    for pattern, words in _NO.items():
        if re.search(pattern, low):
            return EndpointRefusedError(mirror, f"{what}: {words}")
    for pattern, words in _MAY_PASS.items():
        if re.search(pattern, low):
            return EndpointUnreachableError(mirror, f"{what}: {words}")
    return EndpointUnreachableError(mirror, f"{what}: {last_words(said, secrets)}")


def here_in_words(mirror: str, what: str, said: str) -> EndpointError:
    """The error for what git ``said`` of the copy that is kept here."""
    if re.search("no space left|disk quota", said.lower()):
        return EndpointRefusedError(mirror, f"{what}: {_ROOM.replace('left;', 'left here;')}")
    return EndpointUnreachableError(mirror, f"{what}: {last_words(said)}; the copy is made again")


def last_words(said: str, secrets: Iterable[str] = ()) -> str:
    """The last line of ``said``, short, without addresses, control characters and secrets."""
    for secret in filter(None, secrets):
        said = said.replace(secret, "…")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = _URL.sub("…", lines[-1]) if lines else "git failed without a word"
    return "".join(sign for sign in last if sign.isprintable())[:_MAX_WORDS]
