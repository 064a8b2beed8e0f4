"""``SHA256SUMS`` of a tree, or the one that a push brings, if it is what the log pins."""

import hashlib

from feeds.edition import MAX_SUMS_BYTES, parse_sums
from feeds.errors import TreeError
from feeds.paths import SUMS, SUMS_AHEAD
from feeds.verify_reader import Reader, read_one


def pinned_sums(reader: Reader, sha: str) -> dict[str, str] | None:
    """Path to digest of every mutable file; None where the tree has not the pinned one.

    Raises:
        EditionError: It is the pinned one, and still not as format 2.1 has it.
    """
    for path in (SUMS, SUMS_AHEAD):
        try:
            data = read_one(reader, path, max_bytes=MAX_SUMS_BYTES)
        except TreeError:
            continue
        if hashlib.sha256(data).hexdigest() == sha:
            return parse_sums(data)
    return None
