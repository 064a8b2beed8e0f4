"""``s3://KEY_ID@bucket/path/?endpoint=https://host``: what stands in ``push`` of an S3 mirror."""

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, quote, unquote, urlsplit

from mirror.config.options import options_of
from mirror.config.values import HiddenError

OPTIONS: Final = ("endpoint", "region", "style", "acl", "compress")
STYLES: Final = ("path", "host")
ACLS: Final = ("public-read", "private")
REGION: Final = "us-east-1"  # what services without regions go by

_HOW: Final = 'write it like "s3://KEY-ID@bucket/x7k2/?endpoint=https://s3.host.example"'
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX: Final = re.compile(r"([A-Za-z0-9~_-][A-Za-z0-9._~-]*/)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """Where in which bucket a mirror is.

    Attributes:
        address: Of the tree's top, with a slash at its end; a path is appended.
        key_id: Of the key that requests are signed with.
        region: That they are signed for.
        acl: Canned access rule that each object gets; empty for the bucket's own.
        compress: Whether texts are stored compressed.
    """

    address: str
    key_id: str
    region: str = REGION
    acl: str = ""
    compress: bool = True

    @classmethod
    def parse(cls, push: str) -> Self:
        """The place that ``push`` names.

        Raises:
            ValueError: It names none; says how to write it.
        """
        parts = urlsplit(push)
        found = _options(push)
        bucket, prefix = parts.hostname or "", parts.path.strip("/")
        prefix = prefix and f"{prefix}/"
        if not parts.username:
            raise ValueError(f"names no key; {_HOW}, and its secret in `password`")
        if not _BUCKET.fullmatch(bucket) or not _PREFIX.fullmatch(prefix):
            raise ValueError(f"names no bucket, or a path that readers can't ask for; {_HOW}")
        endpoint = _endpoint(found.get("endpoint", ""))
        base = f"{endpoint.netloc}{endpoint.path.rstrip('/')}"
        place = f"{bucket}.{base}" if found.get("style") == "host" else f"{base}/{bucket}"
        return cls(
            address=f"{endpoint.scheme}://{place}/{quote(prefix, safe='/~')}",
            key_id=unquote(parts.username),
            region=found.get("region", REGION),
            acl=found.get("acl", ""),
            compress=found.get("compress", "yes") == "yes",
        )


def _options(push: str) -> dict[str, str]:
    found = {name: values[-1] for name, values in options_of(push).items()}
    for name, value in found.items():
        if name not in OPTIONS:
            raise HiddenError(f'knows no "{name[:30]}" behind the "?"; use {" or ".join(OPTIONS)}')
        allowed = {"style": STYLES, "acl": ACLS, "compress": ("yes", "no")}.get(name)
        if allowed and value not in allowed:
            raise ValueError(f"{name} must be {' or '.join(allowed)}")
    return found


def _endpoint(value: str) -> SplitResult:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"names no endpoint, the address of the service; {_HOW}")
    return parts
