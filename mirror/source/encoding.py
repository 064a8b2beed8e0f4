"""Undoing ``Content-Encoding`` piece by piece, so that no bomb is ever unpacked whole."""

import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]  # has no types

ACCEPTED: Final = "gzip, deflate, br"
PIECE: Final = 65_536  # bytes unpacked at once

_DEFLATE: Final = 8  # the method in zlib's header (RFC 1950, 2.2)
_MAGIC: Final = 2  # bytes that tell gzip, zlib and bare deflate apart


class EncodingError(ValueError):
    """The body is not what its ``Content-Encoding`` says; the text says how."""


class Decoder(Protocol):
    """Takes encoded pieces, gives decoded ones of about ``PIECE`` bytes at most."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What can be decoded with ``data`` added.

        Raises:
            EncodingError: It can't be.
        """
        ...

    def finish(self) -> None:
        """Check that nothing is missing.

        Raises:
            EncodingError: The body broke off.
        """
        ...


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        pass


class _Zlib:
    """gzip (also of several members) and deflate (with or without zlib's header)."""

    def __init__(self) -> None:
        self._inflate: zlib._Decompress | None = None
        self._start = b""  # of a member, until its kind can be told
        self._ended = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        data = self._start + data
        while data:
            if self._inflate is None:
                self._start = data if len(data) < _MAGIC else b""
                if self._start or not self._begin(data):
                    return
                continue
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error as error:
                raise EncodingError(f"is not the gzip or deflate it claims: {error}") from error
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if self._inflate.eof:
                self._inflate, self._ended = None, True
            if piece:
                yield piece

    def _begin(self, data: bytes) -> bool:
        """Make ready for what begins with ``data``; padding after the last member is left out."""
        if data.startswith(b"\x1f\x8b"):
            self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        elif not self._ended:
            has_header = data[0] & 15 == _DEFLATE and int.from_bytes(data[:2]) % 31 == 0
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        return self._inflate is not None

    def finish(self) -> None:
        if self._inflate is not None or not self._ended:
            raise EncodingError("broke off in the middle of its compressed body")


class _Brotli:
    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            yield self._brotli.process(data, output_buffer_limit=PIECE)
            while not self._brotli.can_accept_more_data():
                yield self._brotli.process(b"", output_buffer_limit=PIECE)
        except brotli.error as error:
            raise EncodingError(f"is not the brotli it claims: {error}") from error

    def finish(self) -> None:
        if not self._brotli.is_finished():
            raise EncodingError("broke off in the middle of its compressed body")


_DECODERS: Final[dict[str, Callable[[], Decoder]]] = {
    "": _Plain,
    "identity": _Plain,
    "gzip": _Zlib,
    "x-gzip": _Zlib,
    "deflate": _Zlib,
    "br": _Brotli,
}


def decoder(content_encoding: str) -> Decoder:
    """What undoes ``content_encoding``, the header's value.

    Raises:
        EncodingError: An encoding that was not asked for, or several at once.
    """
    name = content_encoding.strip().lower()
    if name not in _DECODERS:
        raise EncodingError(f"is encoded as {name[:40]!r}, which was not asked for")
    return _DECODERS[name]()
