"""What can stand in ``kind`` of a source, ``push`` of a mirror and ``database``: one place.

Whoever builds a new kind moves it from "later" to "built".
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from mirror.config.git import GitPlace
from mirror.config.opendal import PREFIX, Store
from mirror.config.s3 import S3Place
from mirror.config.sftp import SftpPlace
from mirror.config.values import HiddenError

T = TypeVar("T")

SOURCES_BUILT: Final = ("feed", "sitemap", "listing", "wordpress")
SOURCES_LATER: Final = ()

SOURCE_KEYS: Final = {  # keys of a [[source]] that only some kinds have
    "pages": ("sitemap", "listing", "wordpress"),
    "selector": ("listing",),
    "next": ("listing",),
}

PUSH_BUILT: Final = ("file", "dav", "davs", "ftp", "ftps", "git", "opendal", "s3", "sftp")
PUSH_LATER: Final[tuple[str, ...]] = ()

# What reads an address of that kind; others are a host and a path, and nothing more.
PLACES: Final[Mapping[str, Callable[[str], object]]] = {
    "sftp": SftpPlace.parse,
    "s3": S3Place.parse,
}

PROXIED: Final = (
    "dav",
    "davs",
    "git:http",
    "git:https",
    "s3",
)  # kinds that can be written to through a proxy

DATABASES_BUILT: Final = ("sqlite",)
DATABASES_LATER: Final = ("postgresql",)


def check_source_kind(value: str) -> str:
    """A kind of source that this version has."""
    return _check(value, value, SOURCES_BUILT, SOURCES_LATER)


def check_push(value: str) -> str:
    """An address to push to, of a kind that this version has; it holds no password."""
    scheme, colon, rest = value.partition(":")
    if scheme.startswith(PREFIX):
        Store.parse(value)
        return value
    if not colon or not rest:
        raise ValueError('is no address; write it like "file:///srv/mirror" or "davs://host/path/"')
    _check(scheme, value, PUSH_BUILT, PUSH_LATER)
    if scheme == "git":
        GitPlace.parse(value)
        return value
    try:
        parts = urlsplit(value)
        password = parts.password
    except ValueError as error:
        raise HiddenError(f"is no address ({error})") from error
    if password is not None:
        raise HiddenError(
            'holds a password; leave the user there, and write password = { env = "NAME" }'
        )
    if scheme != "file" and not parts.hostname:
        raise ValueError(f'names no host; write it like "{scheme}://host/path/"')
    if scheme in PLACES:
        PLACES[scheme](value)
    return value


def check_proxied(value: T, info: ValidationInfo) -> T:
    """The proxy of a mirror, whose kind must be able to use one."""
    push = info.data.get("push")  # not there where it is wrong itself
    scheme = push.partition("://")[0].partition(":")[0] if isinstance(push, str) else ""
    if scheme == "git" and isinstance(push, str):
        scheme = push.partition("://")[0]
    if value is not None and scheme and scheme not in PROXIED:
        can = " and ".join(f'"{name}"' for name in PROXIED)
        raise HiddenError(
            f'can\'t be used for "{scheme}", only for {can}; take it out, or write to this mirror'
            " through a tunnel of the system's own"
        )
    return value


def check_database(value: str) -> str:
    """A kind of database that this version has."""
    return _check(value.partition(":")[0], value, DATABASES_BUILT, DATABASES_LATER)


def _check(kind: str, value: str, built: tuple[str, ...], later: tuple[str, ...]) -> str:
    if kind in built:
        return value
    use = " or ".join(f'"{name}"' for name in built)
    if kind in later:
        raise HiddenError(f'"{kind}" is not built yet; use {use}')
    raise HiddenError(f'"{kind[:30]}" is no kind that exists; use {use}')
