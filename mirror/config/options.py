"""What stands behind the "?" of an address in ``push``."""

from urllib.parse import unquote, urlsplit


def options_of(address: str) -> dict[str, tuple[str, ...]]:
    """Values by name; a plus sign is one, since fingerprints hold some."""
    found: dict[str, tuple[str, ...]] = {}
    for pair in filter(None, urlsplit(address).query.split("&")):
        name, _, value = pair.partition("=")
        found[unquote(name)] = (*found.get(unquote(name), ()), unquote(value))
    return found
