"""From bytes to text, by what the header, the document and the bytes themselves say.

In this order: a byte order mark; UTF-8 where the bytes are valid UTF-8 and not plain ASCII
(which no other encoding is by chance); the header; the document's own word (``<meta>`` or the
XML declaration); a guess. The label is read as browsers do: ``iso-8859-1`` means
windows-1252, ``gb2312`` means gb18030.
"""

import codecs
import re
from email.message import Message
from typing import Final

_LOOK_AT: Final = 8_192  # bytes in which the document says its encoding
_GUESS_FROM: Final = 50_000  # bytes

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(
    rb"""<(?:meta\b[^>]*?\bcharset|\?xml\b[^>]*?\bencoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""",
    re.IGNORECASE,
)
_AS_BROWSERS_DO: Final = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}


def decode(body: bytes, content_type: str = "") -> str:
    """``body`` as text, without NULs and byte order mark; what can't be read becomes U+FFFD."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _text(body[len(mark) :], encoding)
    if body.isascii() and b"\x1b" not in body:  # ISO-2022-JP is ASCII with escapes
        return _text(body, "utf-8")
    named = (_in_header(content_type), _in_document(body))
    known = tuple(encoding for encoding in map(_codec, named) if encoding)
    if not body.isascii() and _is_utf8(body):
        return _text(body, "utf-8")
    for encoding in known:
        if (text := _strictly(body, encoding)) is not None:
            return text
    if others := [encoding for encoding in known if encoding != "utf-8"]:
        return _text(body, others[0])
    return _text(body, _guess(body))


def _is_utf8(body: bytes) -> bool:
    """Whether the bytes are UTF-8, which may be cut off in the last character."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = error.reason == "unexpected end of data" and error.end == len(body)
        return is_cut and not body[: error.start].isascii()
    return True


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding).replace("\x00", "")
    except UnicodeDecodeError:
        return None


def _in_header(content_type: str) -> str:
    message = Message()
    message["Content-Type"] = content_type.encode("ascii", "replace").decode()
    return str(message.get_param("charset") or "")


def _in_document(body: bytes) -> str:
    match = _DECLARED.search(body[:_LOOK_AT])
    return match[1].decode("ascii") if match else ""


def _codec(label: str) -> str:
    """Python's name for ``label``, or empty where it is none for text."""
    try:
        info = codecs.lookup(label.strip().strip("'\""))
    except (LookupError, ValueError):
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name.startswith(("utf-16", "utf-7")):
        return "" if info.name == "utf-7" else "utf-8"
    return _AS_BROWSERS_DO.get(info.name, info.name)


def _guess(body: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415  # memory, for what few pages need

    best = from_bytes(body[:_GUESS_FROM]).best()
    return best.encoding if best else "cp1252"


def _text(body: bytes, encoding: str) -> str:
    return body.decode(encoding, "replace").replace("\x00", "")
