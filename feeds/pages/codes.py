"""QR codes as inline SVG; the only import of ``segno``."""

from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=64)
def qr_code(text: str) -> Markup:
    """``text`` as a QR code, black on white with its quiet zone."""
    code = segno.make(text, error="l", micro=False, boost_error=False)
    svg = code.svg_inline(border=4, omitsize=True, light="#fff", svgclass=None, lineclass=None)
    return Markup(svg)  # noqa: S704  # made of numbers
