"""Sessions with one FTP server: opened when they are needed, kept, as many as it allows.

FTP does one thing at a time on a session, so what overlaps needs several.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import aioftp

from mirror.endpoints.ftp_transfer import Resuming

IMPLICIT_PORT: Final = 990  # TLS from the first byte; elsewhere it is asked for (RFC 4217)
ANONYMOUS: Final = ("anonymous", "anonymous@")
SESSIONS: Final = 8  # at most; hosts that allow more to one address are few
_CLOSING: Final = "421"  # the server ends the session
_TOO_MANY: Final = ("421", "530")  # what servers answer to one session more than they allow

logging.getLogger("aioftp").setLevel(logging.CRITICAL)  # it names users and paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who logs in where.

    Attributes:
        host: Name or address; its certificate must bear it.
        port: Of the server.
        user: There; empty for an anonymous one.
        password: Of the user.
        tls: Whether all goes through TLS, files too, and the certificate is checked.
        timeout_s: For connecting and logging in.
    """

    host: str
    port: int
    user: str
    password: str
    tls: bool
    timeout_s: float

    def __repr__(self) -> str:
        return "Login(…)"  # holds a secret


@dataclass(slots=True, eq=False)
class Session:
    """A session with the server; one thing at a time is done on it.

    Attributes:
        client: The connection for commands.
        tls: For its connections, or None without TLS.
        used: Whether it was used before.
    """

    client: aioftp.Client
    tls: Resuming | None
    used: bool = False

    def drop(self) -> None:
        """Close it at once."""
        with contextlib.suppress(ConnectionError):  # it was never connected
            self.client.stream.writer.transport.abort()


class Pool:
    """At most ``most`` sessions, or as many as the server lets us have."""

    def __init__(self, login: Login, most: int) -> None:
        """Nothing is opened yet."""
        self._login = login
        self._most = max(1, min(most, SESSIONS))
        self._idle: list[Session] = []
        self._open: set[Session] = set()
        self._changed = asyncio.Condition()
        self._opening = 0

    @contextlib.asynccontextmanager
    async def session(self, *, fresh: bool = False) -> AsyncIterator[Session]:
        """A session; ``fresh``: one that was not used before.

        After an error other than an answer of the server it is closed, since what comes next
        on it is not known.

        Raises:
            aioftp.AIOFTPException: The server lets nobody in.
            OSError: There is no connection.
        """
        session = await self._take(fresh=fresh)
        try:
            yield session
        except aioftp.StatusCodeError as error:
            await self._give(session, good=str(error.received_codes[-1]) != _CLOSING)
            raise
        except BaseException:
            await self._give(session, good=False)
            raise
        await self._give(session, good=True)

    async def close(self) -> None:
        """Close every session."""
        for session in tuple(self._open):
            session.drop()
        self._open.clear()
        self._idle.clear()
        await asyncio.sleep(0)  # so that the connections see it

    async def _take(self, *, fresh: bool) -> Session:
        while True:
            async with self._changed:
                await self._changed.wait_for(self._has_room)
                if self._idle and not fresh:
                    return self._idle.pop()
                if self._idle:
                    self._drop(self._idle.pop())
                self._opening += 1
            session = await self._opened()
            if session is not None:
                return session

    def _has_room(self) -> bool:
        """The first session is opened alone: it shows whether we are let in at all."""
        first = not self._open and not self._opening
        more = self._open and len(self._open) + self._opening < self._most
        return bool(self._idle or first or more)

    async def _opened(self) -> Session | None:
        """A new session; None where the server allows no more than there are."""
        session: Session | None = None
        try:
            session = await self._log_in()
        except aioftp.StatusCodeError as error:
            if not self._open or str(error.received_codes[-1]) not in _TOO_MANY:
                raise
            self._most = len(self._open)
        finally:
            async with self._changed:
                self._opening -= 1
                if session is not None:
                    self._open.add(session)
                self._changed.notify_all()
        return session

    async def _give(self, session: Session, *, good: bool) -> None:
        async with self._changed:
            session.used = True
            if good and session in self._open:
                self._idle.append(session)
            else:
                self._drop(session)
            self._changed.notify_all()

    def _drop(self, session: Session) -> None:
        session.drop()
        self._open.discard(session)

    async def _log_in(self) -> Session:
        login = self._login
        tls = Resuming.make() if login.tls else None
        implicit = login.port == IMPLICIT_PORT
        client = aioftp.Client(ssl=tls if implicit else None, encoding="utf-8")
        session = Session(client, tls)
        try:
            async with asyncio.timeout(login.timeout_s):
                await client.connect(login.host, login.port)
                if tls and not implicit:
                    await client.upgrade_to_tls(tls)
                elif tls:
                    await client.command("PBSZ 0", "200")
                    await client.command("PROT P", "200")
                await client.login(*((login.user, login.password) if login.user else ANONYMOUS))
                await client.command("TYPE I", "200")
        except BaseException:
            session.drop()
            raise
        return session
