"""Small texts with exactly one valid form: base64, decimals, names.

Every function raises ``ValueError`` with words that the caller puts into its own error.
"""

import base64
import binascii
import re
from typing import Final

MAX_SIZE: Final = 2**63 - 1  # of a tree, and of a time (C2SP tlog-checkpoint, tlog-cosignature)
MAX_NAME_BYTES: Final = 255

_DECIMAL: Final = re.compile("0|[1-9][0-9]{0,18}")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")


def to_base64(data: bytes) -> str:
    """``data`` in the standard alphabet, padded."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes that ``to_base64`` would write as exactly ``text``."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"{text[:80]!r} is not base64") from error
    if to_base64(data) != text:
        raise ValueError(f"{text[:80]!r} is not the one base64 form of its bytes")
    return data


def from_decimal(text: str) -> int:
    """A number from 0 to ``MAX_SIZE`` without sign or leading zero."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise ValueError(f"{text[:80]!r} is not a decimal number from 0 to 2^63 - 1")
    return int(text)


def check_name(name: str) -> None:
    """Accept a key name: 1 to 255 bytes, no white space, no plus, no control character."""
    if not name or len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        raise ValueError(f"a key name has 1 to {MAX_NAME_BYTES} bytes, not {name[:80]!r}")
    if "+" in name or any(letter.isspace() for letter in name) or _CONTROL.search(name):
        raise ValueError(f"key name {name[:80]!r} holds a space, a plus or a control character")
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        raise ValueError(f"key name {name[:80]!r} can't be written as UTF-8")
