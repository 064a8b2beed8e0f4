import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.source.charset import decode

RUSSIAN = "Кремль не планирует встречу. " * 20


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), "text/html; charset=utf-8", "é"),
        ("é".encode(), "text/html; charset=iso-8859-1", "é"),  # the bytes know better
        ("é".encode(), "", "é"),
        ("é".encode("cp1252"), "text/html; charset=ISO-8859-1", "é"),
        (b"\x93quoted\x94", "text/html; charset=iso-8859-1", "“quoted”"),
        (RUSSIAN.encode("cp1251"), "text/html; charset=windows-1251", RUSSIAN),
        (RUSSIAN.encode("koi8-r"), 'text/html; charset="koi8-r"', RUSSIAN),
        (b"<meta charset=windows-1251>" + "да".encode("cp1251"), "text/html", None),
        (b'<?xml version="1.0" encoding="koi8-r"?>' + "да".encode("koi8-r"), "", None),
        (RUSSIAN.encode("cp1251"), "text/html", RUSSIAN),  # nobody says; guessed
        (RUSSIAN.encode("cp1251"), "text/html; charset=utf-8", RUSSIAN),  # a lie; guessed
        ("中文".encode("gbk"), "text/html; charset=gb2312", "中文"),
        ("日本".encode("shift_jis"), "text/html; charset=Shift_JIS", "日本"),
        ("日本".encode("iso2022_jp"), "text/html; charset=iso-2022-jp", "日本"),
        (b"\xef\xbb\xbfx", "text/html; charset=koi8-r", "x"),
        ("x\0é".encode("utf-16"), "", "xé"),
        (b"a\x00b", "text/html", "ab"),
        ("é cut off é".encode()[:-1], "text/html; charset=utf-8", "é cut off \ufffd"),
        (b"plain", "text/html; charset=nonsense", "plain"),
        (RUSSIAN.encode("cp1251"), "text/html; charset=base64", RUSSIAN),
        (b"+ADw-script+AD4-", "text/html; charset=utf-7", "+ADw-script+AD4-"),
    ],
)
def test_text_is_read_as_browsers_do(body: bytes, content_type: str, text: str | None) -> None:
    found = decode(body, content_type)

    assert found == text if text is not None else found.endswith(("да", "\u00e9"))


@given(st.binary(max_size=300), st.text(max_size=60))
def test_whatever_comes_is_text_without_nuls(body: bytes, content_type: str) -> None:
    assert "\x00" not in decode(body, content_type)
