"""``s3://KEY_ID@bucket/path/?endpoint=https://host``: a mirror in a bucket of any S3 service.

Type, cache rule and, for what browsers and feed readers read, compression are stored with each
object (``serving``), and the service answers readers with them.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import aiohttp
from aws_request_signer import AwsRequestSigner

from mirror.config import MirrorConfig
from mirror.config.s3 import S3Place
from mirror.endpoints import paths
from mirror.endpoints.http import Host, is_success
from mirror.endpoints.serving import serving
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

LEVEL: Final = 6  # of gzip, as format 1.6 measures pages
MAX_ERROR_BYTES: Final = 65_536

_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9]{1,60})</Code>")
_SIGN: Final = frozenset({"x-amz-acl"})  # those headers beside its own that S3 wants signed
_REMEDIES: Final[Mapping[str, str]] = {
    "AccessDenied": "let this key list the bucket, and read, write and delete in it",
    "InvalidAccessKeyId": "set the key's id as the user in `push`",
    "SignatureDoesNotMatch": "set the key's id as the user in `push`, and `region`, and its"
    " secret as `password`",
    "AuthorizationHeaderMalformed": "set `region` in `push`",
    "RequestTimeTooSkewed": "set this machine's clock",
    "NoSuchBucket": "make the bucket, or mend its name in `push`",
    "EntityTooLarge": "raise the service's limit on the size of a file",
    "QuotaExceeded": "free some space there; the next push goes on",
}


class S3Mirror:
    """A part of a bucket. An object is there whole or not at all, so nothing is renamed."""

    def __init__(
        self, name: str, place: S3Place, secret: str, *, timeout_s: float, proxy: str = ""
    ) -> None:
        """A mirror at ``place``; ``secret`` is that of the place's key."""
        self._name = name
        self._place = place
        self._signer = AwsRequestSigner(place.region, place.key_id, secret, "s3")
        self._host = Host(mirror=name, timeout_s=timeout_s, proxy=proxy)

    @classmethod
    def build(cls, config: MirrorConfig) -> "S3Mirror":
        """The mirror that ``config`` describes.

        Raises:
            ConfigError: Its secret can't be read.
        """
        return cls(
            config.name,
            S3Place.parse(config.push),
            config.password.read() if config.password else "",
            timeout_s=config.timeout.total_seconds(),
            proxy=config.proxy.read() if config.proxy else "",
        )

    @property
    def name(self) -> str:
        """Name in the configuration."""
        return self._name

    async def get(self, path: str, *, max_bytes: int) -> bytes | None:
        """See ``Mirror.get``."""
        paths.check(self._name, path)
        address = self._address(path)
        headers = self._signer.sign_with_headers("GET", address)
        async with self._host.request("GET", path, address, headers=headers) as answer:
            if answer.status == HTTPStatus.OK:
                data = await self._host.body(answer, path, max_bytes)
                packed = answer.headers.get("Content-Encoding", "") == "gzip"
                return self._unpacked(path, data, max_bytes) if packed else data
            code = await _code(answer)
            if answer.status == HTTPStatus.NOT_FOUND and code != "NoSuchBucket":
                return None
            raise self._no("GET", path, answer.status, code)

    async def put(self, path: str, data: bytes) -> None:
        """See ``Mirror.put``."""
        paths.check(self._name, path)
        told = serving(path)
        headers = {"Content-Type": told.content_type, "Cache-Control": told.cache_control}
        if self._place.acl:
            headers["x-amz-acl"] = self._place.acl
        if told.shrinks and self._place.compress:
            packed = gzip.compress(data, LEVEL, mtime=0)
            if len(packed) < len(data):
                data, headers["Content-Encoding"] = packed, "gzip"
        await self._do("PUT", path, data, headers)

    async def delete(self, path: str) -> None:
        """See ``Mirror.delete``."""
        paths.check(self._name, path)
        await self._do("DELETE", path)

    async def close(self) -> None:
        """Close the connections."""
        await self._host.close()

    async def _do(
        self,
        verb: str,
        path: str,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        address = self._address(path)
        told = dict(headers or {})
        signed = {name: value for name, value in told.items() if name in _SIGN}
        sha = hashlib.sha256(data or b"").hexdigest()
        told |= self._signer.sign_with_headers(verb, address, signed, sha)
        async with self._host.request(verb, path, address, data=data, headers=told) as answer:
            if is_success(answer.status):
                return
            code = await _code(answer)
            if not (
                verb == "DELETE" and answer.status == HTTPStatus.NOT_FOUND and code == "NoSuchKey"
            ):
                raise self._no(verb, path, answer.status, code)

    def _address(self, path: str) -> str:
        return self._place.address + quote(path, safe="/~")

    def _unpacked(self, path: str, data: bytes, max_bytes: int) -> bytes:
        unpack = zlib.decompressobj(wbits=31)
        try:
            whole = unpack.decompress(data, max_bytes + 1)
        except zlib.error:
            raise EndpointUnreachableError(self._name, f"GET {path}: is no gzip") from None
        if len(whole) > max_bytes:
            raise EndpointUnreachableError(self._name, f"GET {path}: over {max_bytes} bytes")
        if not unpack.eof:
            raise EndpointUnreachableError(self._name, f"GET {path}: is no whole gzip")
        return whole

    def _no(self, verb: str, path: str, status: int, code: str) -> EndpointError:
        what = f"{verb} {path}: {status}{code and f' {code}'}"
        if code in _REMEDIES:
            return EndpointRefusedError(self._name, f"{what}; {_REMEDIES[code]}")
        return self._host.no(what, status, {})


async def _code(answer: aiohttp.ClientResponse) -> str:
    """What S3 calls the error, or nothing; read from the start of a body that nobody trusts."""
    found = _CODE.search(await answer.content.read(MAX_ERROR_BYTES))
    return found[1].decode() if found else ""
