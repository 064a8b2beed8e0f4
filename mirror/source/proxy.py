"""What may be read through a proxy, for a newsroom that refuses this machine.

Names are resolved at the proxy's end, so what is asked for is checked by name and by address as
it is written, before it is asked for.
"""

from urllib.parse import urlsplit

from mirror.errors import SourceRefusedError
from mirror.source.addresses import is_public

_LOCAL = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def refuse_private(address: str) -> None:
    """See that ``address`` does not name a machine that only the proxy could reach for us.

    Raises:
        SourceRefusedError: It names a private address, or a name without a dot.
    """
    host = (urlsplit(address).hostname or "").rstrip(".").lower()
    is_address = ":" in host or host.replace(".", "").isdigit()
    usable = is_public(host) if is_address else "." in host and not host.endswith(_LOCAL)
    if not usable:
        raise SourceRefusedError(address, f"{host} is not an address of the public internet")
