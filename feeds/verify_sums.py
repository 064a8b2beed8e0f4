"""``SHA256SUMS`` of a tree, if it is the one that the log pins."""

import hashlib

from feeds.edition import MAX_SUMS_BYTES, parse_sums
from feeds.errors import TreeError
from feeds.paths import SUMS
from feeds.verify_reader import Reader, read_one


def pinned_sums(reader: Reader, sha: str) -> dict[str, str] | None:
    """Path to digest of every mutable file; None where the tree's own is not the pinned one.

    Raises:
        EditionError: It is the pinned one, and still not as format 2.1 has it.
    """
    try:
        data = read_one(reader, SUMS, max_bytes=MAX_SUMS_BYTES)
    except TreeError:
        return None
    return parse_sums(data) if hashlib.sha256(data).hexdigest() == sha else None
