"""One SSH connection to a host whose key is pinned: opened when it is needed, and kept."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final, cast

import asyncssh

from mirror.config.sftp import SftpPlace
from mirror.endpoints.sftp_channel import SftpChannel
from mirror.endpoints.sftp_session import SftpSession
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

# asyncssh's own would tell every host what we run; servers treat this one as an ordinary client.
CLIENT_VERSION: Final = "OpenSSH_9.2"
FULL: Final = "no space is left there; free some, and the next push goes on"
KEEP_ALIVE: Final = 30  # seconds; a line that was cut is noticed, and not at the next push

# A host that has several shows the first that is asked for.
_KINDS: Final[tuple[tuple[str, ...], ...]] = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"),
)
# The order matters: asyncssh needs three times as long for chacha20, which it would take first.
_CIPHERS: Final = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
_PRIVATE_KEY: Final = "-----BEGIN "

logging.getLogger("asyncssh").setLevel(logging.CRITICAL)  # it names users, hosts and paths


class Line:
    """An SFTP session over one connection. Calls may overlap."""

    def __init__(self, mirror: str, place: SftpPlace, secret: str, *, timeout_s: float) -> None:
        """Nothing is opened yet.

        ``mirror`` is the name for errors; ``secret`` the user's password, or a private key as
        OpenSSH and PEM write it; ``timeout_s`` for the whole of connecting and logging in.
        """
        self._mirror = mirror
        self._place = place
        self._secret = secret
        self._timeout_s = timeout_s
        self._connection: asyncssh.SSHClientConnection | None = None
        self._session: SftpSession | None = None
        self._opening = asyncio.Lock()

    async def session(self) -> SftpSession:
        """The session; a new one where there is none, or where it was cut.

        Raises:
            EndpointUnreachableError: No connection; trying again may help.
            EndpointRefusedError: It is another host, or it does not let us in.
        """
        async with self._opening:
            if self._session is None or self._connection is None or self._connection.is_closed():
                self.drop()
                try:
                    async with asyncio.timeout(self._timeout_s):
                        connection = await self._connect()
                        self._session = await _begin(connection)
                except BaseException as error:
                    self.drop()
                    if isinstance(error, asyncssh.Error | OSError):
                        raise in_words(self._mirror, "connecting", error) from None
                    raise
            return self._session

    def drop(self) -> None:
        """End the connection at once; the next call opens another one."""
        if self._connection is not None:
            self._connection.abort()
        self._session = None

    async def close(self) -> None:
        """End the connection in order."""
        if self._connection is not None:
            self._connection.close()
            await self._connection.wait_closed()
        self._connection = self._session = None

    def _begun(self, connection: asyncssh.SSHClientConnection) -> None:
        self._connection = connection  # as soon as it can be dropped

    async def _connect(self) -> asyncssh.SSHClientConnection:
        shown: dict[str, str] = {}
        key = self._private_key()
        left = _KINDS
        while left:
            try:
                return await asyncssh.connect(
                    self._place.host,
                    self._place.port,
                    client_factory=lambda: _Pinned(self._place.pins, shown, self._begun),
                    username=self._place.user,
                    password=None if key else self._secret or None,
                    client_keys=[key] if key else None,
                    known_hosts=([], [], []),
                    server_host_key_algs=[name for kind in left for name in kind],
                    encryption_algs=_CIPHERS,
                    compression_algs=["none"],
                    client_version=CLIENT_VERSION,
                    keepalive_interval=KEEP_ALIVE,
                    agent_path=None,
                    config=None,
                    gss_host=None,
                )
            except asyncssh.HostKeyNotVerifiable:  # another kind of key may be the pinned one
                left = tuple(kind for kind in left if not shown.keys() & set(kind))
            except (asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost, ConnectionError):
                if not shown:
                    raise
                break  # it has no other, and some servers just hang up then
        found = " or ".join(shown.values())
        what = f"its host key is {found}, which is not pinned in `push`; see whose host this is"
        raise EndpointRefusedError(self._mirror, what)

    def _private_key(self) -> asyncssh.SSHKey | None:
        if not self._secret.startswith(_PRIVATE_KEY):
            return None
        try:
            return asyncssh.import_private_key(self._secret)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            what = (
                "its private key can't be read; it must be an OpenSSH or PEM key with no passphrase"
            )
            raise EndpointRefusedError(self._mirror, what) from None


async def _begin(connection: asyncssh.SSHClientConnection) -> SftpSession:
    _, channel = await connection.create_session(SftpChannel, subsystem="sftp", encoding=None)
    channel = cast("SftpChannel", channel)
    await channel.begin()
    return SftpSession(channel)


class _Pinned(asyncssh.SSHClient):
    """Takes a host key by its fingerprint, and notes others by their algorithm."""

    def __init__(
        self,
        pins: frozenset[str],
        shown: dict[str, str],
        begun: Callable[[asyncssh.SSHClientConnection], None],
    ) -> None:
        self._pins = pins
        self._shown = shown
        self._begun = begun

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._begun(conn)

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        del host, addr, port
        fingerprint = key.get_fingerprint("sha256")
        if fingerprint in self._pins:
            return True
        self._shown[key.get_algorithm()] = fingerprint
        return False


def in_words(mirror: str, what: str, error: Exception) -> EndpointError:
    """The error that a caller gets for one of asyncssh's, without address or secret."""
    if isinstance(error, EndpointError):
        return error
    for kind, words in _REFUSED.items():
        if isinstance(error, kind):
            return EndpointRefusedError(mirror, f"{what}: {words}")
    return EndpointUnreachableError(mirror, f"{what}: {_passing(error)}")


def _passing(error: Exception) -> str:
    """What may be over soon, in words."""
    if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
        return "the connection was closed"
    if isinstance(error, asyncssh.SFTPError):
        return _CODES.get(error.code, f"SFTP error {error.code}")
    return _LINE.get(type(error).__name__, type(error).__name__)


_REFUSED: Final[Mapping[type[Exception], str]] = {
    asyncssh.PermissionDenied: "it does not let us in; set the user in `push`, and its password"
    " or private key in `password`",
    asyncssh.SFTPPermissionDenied: "denied; let this user write there",
    asyncssh.SFTPOpUnsupported: "it can't replace a file in one step"
    " (posix-rename@openssh.com); mirror by another kind",
    asyncssh.SFTPNoSpaceOnFilesystem: FULL,
    asyncssh.SFTPQuotaExceeded: FULL,
}
_CODES: Final = {  # of SFTP version 3, which OpenSSH speaks
    2: "no such file or folder",
    4: "the server says no more than that it failed",
}
_LINE: Final = {  # what asyncio writes into such errors holds addresses
    "TimeoutError": "no answer in time",
    "ConnectionRefusedError": "nobody listens there",
    "gaierror": "its host name is not found",
    "ConnectionLost": "the connection was closed",
    "ConnectionResetError": "the connection was closed",
}
