"""``OtherMirrors``: the mirrors beside the one that is verified, asked for keyrings alone.

Their addresses come from lists that nobody signed, as far as is known when they are asked, so
they are chosen with care: few, none that would show the reader to anybody new, and none inside
the reader's own network.
"""

import asyncio
import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from feeds.errors import InvalidAddressError, TreeError
from feeds.localise import check_base
from feeds.paths import keyring_path
from feeds.verify_elsewhere import Fits
from keys.note import MAX_NOTE_BYTES
from mirror.reading.fetch import Fetch
from mirror.reading.limits import Limits
from mirror.reading.proxy import proxy_for

MAX_ASKED: Final = 16
MAX_PATIENCE: Final = timedelta(seconds=10)  # for all of them together, and for each keyring

_ONION: Final = ".onion"


class OtherMirrors:
    """An ``Elsewhere`` of mirrors. All are asked at once; who does not answer is asked no more.

    Args:
        bases: Addresses of mirrors (format 1.5), the most trusted first; the first
            ``MAX_ASKED`` are asked.
        patience: How long all of them together may take, at most ``MAX_PATIENCE``.
    """

    def __init__(self, bases: Iterable[str], *, patience: timedelta) -> None:
        self._bases = list(dict.fromkeys(bases))[:MAX_ASKED]
        self._patience = min(patience, MAX_PATIENCE)

    def keyring(self, origin: str, version: int, fits: Fits) -> tuple[str, bytes] | None:  # noqa: ARG002 - the protocol's
        """The address that answered first with what ``fits``, and the keyring."""
        if not self._bases:
            return None
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(self._first(keyring_path(version), fits))
        finally:
            loop.close()  # does not wait for names that are still being looked up

    async def _first(self, path: str, fits: Fits) -> tuple[str, bytes] | None:
        tasks = {asyncio.create_task(self._get(base, path)): base for base in self._bases}
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                for answer in asyncio.as_completed(tasks):
                    base, data = await answer
                    if data and fits(data):
                        return base, data
        except TimeoutError:
            self._bases = [base for task, base in tasks.items() if task.done()]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return None

    async def _get(self, base: str, path: str) -> tuple[str, bytes]:
        """``base``, and what it has at ``path``; nothing where it has no such file."""
        limits = Limits(attempts=1, patience=self._patience, total_time=self._patience)
        data = bytearray()
        async with aiohttp.ClientSession(
            auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), proxy=proxy_for(base)
        ) as session:
            fetch = Fetch(session, base, limits)
            try:
                await fetch.get(path, begin=lambda: data.extend, max_bytes=MAX_NOTE_BYTES)
            except TreeError:
                return base, b""
        return base, bytes(data)


def may_be_asked(base: str, target: str) -> bool:
    """Whether somebody who verifies ``target`` may ask ``base``, which an unsigned list names.

    Who goes through a proxy is not shown to others without it, and an onion address is not
    looked up in the open. A list must not send the reader to machines in his own network,
    where ``target`` is not in one.
    """
    try:
        check_base(base)
    except InvalidAddressError:
        return False
    if base == target:
        return False
    proxied = proxy_for(base) is not None
    hidden = _host(base).endswith(_ONION) and not _host(target).endswith(_ONION)
    if not proxied and (hidden or proxy_for(target) is not None):
        return False
    return _is_public(_host(base)) or not _is_public(_host(target))


def _host(base: str) -> str:
    return urlsplit(base).hostname or ""


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))
