"""A file on its way over FTP: a connection of its own, beside the one for commands.

With TLS it is encrypted once the server has taken the command (RFC 4217, 9 and 12.4): some
servers wait for that, and would never answer a client that begins earlier, as the library does.
Most also want the session of the first connection to be resumed, so that nobody else can take
the file's connection; asyncio has no word for it, and a context may add it.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import Any, Final

import aioftp

PIECE: Final = 65_536
_UNKNOWN: Final = ("500", "502", "504", "522")  # no such command, or not here


class Resuming(ssl.SSLContext):
    """Checks certificates as browsers do; ``resume`` is the session to go on with."""

    resume: ssl.SSLSession | None = None

    @classmethod
    def make(cls) -> "Resuming":
        """A context for clients, with the authorities that this machine trusts."""
        made = cls(ssl.PROTOCOL_TLS_CLIENT)  # wants a certificate, and the host's name in it
        made.load_default_certs()
        return made

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:  # noqa: ANN401 - handed on
        """As ``SSLContext.wrap_bio``, with the session."""
        if self.resume is not None:
            named["session"] = self.resume
        return super().wrap_bio(*arguments, **named)


@contextlib.asynccontextmanager
async def transfer(
    client: aioftp.Client, command: str, tls: Resuming | None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection for what ``command`` brings or takes; then the server says if it has it.

    Raises:
        aioftp.StatusCodeError: The server says no; the client may be used again.
        OSError: The connection is lost; the client may not be used again.
    """
    reader, writer = await asyncio.open_connection(client.server_host, await _port(client))
    try:
        await client.command(command, "1xx")
        if tls is not None:
            await _encrypt(client, writer, tls)
        yield reader, writer
        await writer.drain()
    finally:
        writer.close()
    await client.command(None, "2xx", "1xx")
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def store(client: aioftp.Client, place: str, data: bytes, tls: Resuming | None) -> None:
    """Write ``data`` at ``place``.

    Raises:
        aioftp.StatusCodeError: The server says no.
        OSError: The connection is lost.
    """
    async with transfer(client, f"STOR {place}", tls) as (_, writer):
        for at in range(0, len(data), PIECE):
            writer.write(data[at : at + PIECE])
            await writer.drain()


async def _port(client: aioftp.Client) -> int:
    """Where the server waits. On its own host, whatever it says: else it could point anywhere."""
    try:
        _, lines = await client.command("EPSV", "229")
        return int(client.parse_epsv_response(lines[-1])[1])
    except aioftp.StatusCodeError as error:
        if str(error.received_codes[-1]) not in _UNKNOWN:
            raise
    _, lines = await client.command("PASV", "227")
    return int(client.parse_pasv_response(lines[-1])[1])


async def _encrypt(client: aioftp.Client, writer: asyncio.StreamWriter, tls: Resuming) -> None:
    first = client.stream.writer.get_extra_info("ssl_object")
    tls.resume = None if first is None else first.session
    try:
        await writer.start_tls(tls, server_hostname=client.server_host)
    finally:
        tls.resume = None
