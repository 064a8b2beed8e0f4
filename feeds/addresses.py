"""The addresses of a mirror's siblings: ``mirrors.json`` (format 1.9).

Only mirrors that the operator lists stand in it. Like all that is read off a mirror, the
file is untrusted until its hash is known from a head; parsing takes what ``encode`` writes,
and nothing else.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Self

from feeds.errors import InvalidAddressError
from feeds.localise import check_base
from feeds.snapshot import timestamp

MAX_MIRRORS: Final = 500
MAX_MIRRORS_BYTES: Final = 262_144  # far above 500 addresses; bounds what a verifier reads
MIRRORS_PATH: Final = "mirrors.json"

_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,15}")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One listed mirror.

    Attributes:
        url: Its base, in the form of format 1.5.
        kind: ``web``, ``onion`` or another short word.
        since: The day since when it is listed.

    Raises:
        InvalidAddressError: A field is outside these limits.
    """

    url: str
    kind: str
    since: date

    def __post_init__(self) -> None:
        check_base(self.url)
        if not _KIND.fullmatch(self.kind):
            raise InvalidAddressError(self.url, "kind is not a short lower-case word")


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorList:
    """What ``mirrors.json`` says.

    Attributes:
        origin: The log's origin.
        updated: When the list last changed, UTC, whole seconds.
        mirrors: At most ``MAX_MIRRORS``, no address twice; the order is kept.

    Raises:
        InvalidAddressError: A field is outside these limits.
    """

    origin: str
    updated: datetime
    mirrors: tuple[Address, ...]

    def __post_init__(self) -> None:
        if not self.origin.isprintable() or not self.origin:
            raise InvalidAddressError(MIRRORS_PATH, "origin is not one line of text")
        if self.updated.tzinfo is not UTC or self.updated.microsecond:
            raise InvalidAddressError(MIRRORS_PATH, "updated is not UTC in whole seconds")
        if len(self.mirrors) > MAX_MIRRORS:
            raise InvalidAddressError(MIRRORS_PATH, f"lists over {MAX_MIRRORS} mirrors")
        if len({mirror.url for mirror in self.mirrors}) < len(self.mirrors):
            raise InvalidAddressError(MIRRORS_PATH, "lists an address twice")

    def encode(self) -> bytes:
        """The one text for this list: JSON with two spaces of indent, and a final LF."""
        fields = {
            "origin": self.origin,
            "updated": timestamp(self.updated),
            "mirrors": [
                {"url": mirror.url, "kind": mirror.kind, "since": mirror.since.isoformat()}
                for mirror in self.mirrors
            ],
        }
        return json.dumps(fields, ensure_ascii=False, indent=2).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The list that ``encode`` wrote as ``data``.

        Raises:
            InvalidAddressError: ``data`` is anything else.
        """
        if len(data) > MAX_MIRRORS_BYTES:
            raise InvalidAddressError(MIRRORS_PATH, f"is over {MAX_MIRRORS_BYTES} bytes")
        try:
            found = cls._typed(json.loads(data))
            exact = found.encode() == data
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InvalidAddressError(MIRRORS_PATH, f"is no list of mirrors: {error}") from error
        if not exact:
            raise InvalidAddressError(MIRRORS_PATH, "is not in its one encoding")
        return found

    @classmethod
    def _typed(cls, fields: Any) -> Self:  # noqa: ANN401  # whatever the JSON holds
        return cls(
            origin=fields["origin"],
            updated=datetime.strptime(fields["updated"], _TIME).replace(tzinfo=UTC),
            mirrors=tuple(
                Address(
                    url=mirror["url"],
                    kind=mirror["kind"],
                    since=date.fromisoformat(mirror["since"]),
                )
                for mirror in fields["mirrors"]
            ),
        )


def mirrors_json(origin: str, updated: datetime, mirrors: tuple[Address, ...]) -> bytes:
    """``mirrors.json`` for these mirrors; ``updated`` is when their list last changed."""
    return MirrorList(origin=origin, updated=updated, mirrors=mirrors).encode()


def parse_mirrors_json(data: bytes) -> MirrorList:
    """The list in ``data``.

    Raises:
        InvalidAddressError: ``data`` is not what ``mirrors_json`` writes.
    """
    return MirrorList.parse(data)
