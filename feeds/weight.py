"""What a page weighs on the wire (format 1.6): headers and body, compressed as gzip -6 does."""

import zlib
from typing import Final

LIMIT: Final = 12_000  # bytes; some lines freeze a connection after about 15,000 (format 1.6)
HEADERS: Final = 350  # bytes of status line and headers of one reply, as nginx sends at most
MAX_SMALL_PICTURE: Final = 4_000  # bytes; a larger one is loaded when it is scrolled to

_GZIP: Final = 31  # zlib's word for a gzip envelope
_WORST_RATIO: Final = 0.86  # random printable text; no UTF-8 text packs worse
_SLACK: Final = 64  # bytes by which a faster level may beat level 6 on odd input


def gzip_size(body: bytes) -> int:
    """Bytes of ``body`` after ``gzip -6``."""
    return len(zlib.compress(body, 6, _GZIP))


def on_wire(body: bytes) -> int:
    """Bytes of one reply that carries ``body``."""
    return HEADERS + gzip_size(body)


def picture_on_wire(size: int) -> int:
    """Bytes of the reply that carries a page's first picture of ``size`` bytes.

    A picture over ``MAX_SMALL_PICTURE`` is no small one: it loads late, and counts nothing.
    """
    return HEADERS + size if 0 < size <= MAX_SMALL_PICTURE else 0


def fits(body: bytes, picture: int = 0, *, limit: int = LIMIT) -> bool:
    """Whether ``body`` and its first picture of ``picture`` bytes stay within ``limit``.

    Most pages are answered by their length or by a fast compression; only one that is
    near the limit is compressed as gzip -6 does.
    """
    room = limit - HEADERS - picture_on_wire(picture)
    if len(body) * _WORST_RATIO + _SLACK <= room:
        return True
    if len(zlib.compress(body, 1, _GZIP)) + _SLACK <= room:
        return True
    return gzip_size(body) <= room
