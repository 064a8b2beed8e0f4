"""What is no HTTP, sent to a server that speaks it."""

import asyncio
from typing import Final

JUNK: Final = (
    b"\x16\x03\x01\n\n",
    b"GET / HTTP/1.1\r\nBad Header\r\n\r\n",
    b"POST / HTTP/1.1\r\nBad Header\r\n\r\n",
)


async def send_junk(port: int) -> None:
    """Each on a connection of its own, until the server ends it."""
    for junk in JUNK:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(junk)
        await reader.read()
        writer.close()
