"""``article_id``: the id that an address gives an article, for ever (format 1.1).

``docs/format.md`` has the rules in words, and vectors that a browser's ``URL`` passes too.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote_plus, unquote_to_bytes

import ada_url

from feeds.errors import InvalidAddressError

MAX_ADDRESS_CHARS: Final = 8_000  # longer than any that a browser or server still takes

TRACKING_PREFIXES: Final = ("utm_", "mtm_", "pk_", "hsa_")
TRACKING_PARAMETERS: Final = frozenset(
    # Frozen with the format: another list would give other ids. Names that may choose what a
    # page shows (from, ref, source, page, amp) are not in it.
    """
    _ga _gl _hsenc _hsmi _openstat __hsfp __hssc __hstc dclid epik fb_action_ids fb_action_types
    fb_ref fb_source fbclid gad_source gbraid gclid gclsrc hsCtaTracking igsh igshid li_fat_id
    mc_cid mc_eid mc_tc mindbox-click-id mkt_tok ml_subscriber ml_subscriber_hash msclkid
    oly_anon_id oly_enc_id rb_clickid s_cid srsltid ttclid twclid vero_conv vero_id wbraid
    wickedid yclid ymclid ysclid
    """.split()  # noqa: SIM905 - one name on a line would be forty lines
)

SPARE_HOST: Final = re.compile(r"^(?:www|m)\.(?=.)")


def article_id(address: str) -> str:
    """16 hex digits for an absolute http(s) address.

    Raises:
        InvalidAddressError: It is no such address.
    """
    return hashlib.sha256(normal_form(address).encode()).hexdigest()[:16]


@lru_cache(maxsize=512)  # who stores an article asks for its few addresses again and again
def normal_form(address: str) -> str:
    """``host[:port]/path[?query]``, the text that is hashed.

    Two addresses of one page that differ in scheme, ``www.``, a final slash, the order of
    parameters, tracking or fragment have the same one.

    Raises:
        InvalidAddressError: It is no absolute http(s) address.
    """
    if len(address) > MAX_ADDRESS_CHARS:
        raise InvalidAddressError(address, f"is longer than {MAX_ADDRESS_CHARS} characters")
    try:
        url = ada_url.URL(address)
    except ValueError as error:  # what ada raises, and what a lone surrogate does
        raise InvalidAddressError(address, "is no absolute URL") from error
    if url.protocol not in {"http:", "https:"}:
        raise InvalidAddressError(address, "is not http or https")
    host = SPARE_HOST.sub("", url.host)
    query = _query(url.search.removeprefix("?"))
    return host + url.pathname.removesuffix("/") + (f"?{query}" if query else "")


def is_tracking(name: str) -> bool:
    """Whether a query parameter of that name only follows the reader around."""
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _query(query: str) -> str:
    """What a browser's ``URLSearchParams`` writes after ``delete`` and ``sort``."""
    pairs = [
        (_decode(name), _decode(value))
        for name, _, value in (part.partition("=") for part in query.split("&") if part)
    ]
    kept = [pair for pair in pairs if not is_tracking(pair[0])]
    kept.sort(key=lambda pair: pair[0].encode("utf-16-be"))  # by code units, as the standard says
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in kept)


def _decode(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


def _encode(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")
