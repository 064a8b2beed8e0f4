"""Undoing ``Content-Encoding`` piece by piece, so that no bomb is ever unpacked whole."""

import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]  # has no types

ACCEPTED: Final = "gzip, deflate, br"
PIECE: Final = 65_536  # bytes unpacked at once

_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


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
        self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflate.eof:  # another gzip member; padding after the last is left out
                if not data.startswith(b"\x1f\x8b"):
                    return
                self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error as error:
                if self._begun:
                    raise EncodingError(f"is not the gzip or deflate it claims: {error}") from error
                self._begun, self._inflate = True, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._begun = True
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            if piece:
                yield piece

    def finish(self) -> None:
        if not self._inflate.eof:
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
