"""RFC 6962 hashes and proofs, made and checked (format 2; RFC 9162 section 2.1).

A tree is known by its ``size`` and by a ``HashReader`` that gives the hashes of its complete
subtrees; ``keys.tiles.tile_reader`` makes one from files.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from keys.errors import ProofError
from keys.text import MAX_SIZE

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()
MAX_PROOF_HASHES: Final = 63  # no tree of a size that we accept needs more

HashReader = Callable[[int, int], bytes]
"""``read(level, index)`` is the hash over leaves ``index * 2**level`` up to, and without,
``(index + 1) * 2**level``, all of which are in the tree."""

_BATCH: Final = 256


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> Sequence[bytes]:
    """The next level over an even number of neighbouring ``hashes``."""
    sha256 = hashlib.sha256
    pairs = zip(hashes[::2], hashes[1::2], strict=True)
    return [sha256(b"\x01" + left + right).digest() for left, right in pairs]


def root(size: int, read: HashReader) -> bytes:
    """The hash of the whole tree; reads at most one hash for each bit of ``size``."""
    return _range_root(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: HashReader) -> tuple[bytes, ...]:
    """The hashes that lead from leaf ``index`` to the root of ``size``, the sibling first.

    Raises:
        ProofError: No tree of that size has such a leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"a log of {size} entries has no entry {index}")
    low, high = 0, size
    proof = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_range_root(middle, high, read))
            high = middle
        else:
            proof.append(_range_root(low, middle, read))
            low = middle
    return tuple(reversed(proof))


def consistency_proof(old: int, new: int, read: HashReader) -> tuple[bytes, ...]:
    """The hashes that show the tree of size ``old`` to be the start of that of ``new``.

    Empty where the sizes are equal.

    Raises:
        ProofError: Not ``1 <= old <= new``.
    """
    if not 1 <= old <= new:
        raise ProofError(f"nothing can be shown between sizes {old} and {new}")
    low, high = 0, new
    proof = []
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_range_root(middle, high, read))
            high = middle
        else:
            proof.append(_range_root(low, middle, read))
            low = middle
    if low:
        proof.append(_range_root(low, high, read))
    return tuple(reversed(proof))


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> None:
    """Accept that the hash ``leaf`` stands at ``index`` of the tree with root ``expected``.

    Raises:
        ProofError: It is not shown.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError(f"a log of {size} entries has no entry {index}")
    _check_hashes((leaf, *proof))
    at, last = index, size - 1
    found = leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("it is longer than a proof for that entry can be")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last or found != expected:
        raise ProofError(f"entry {index} is not in the log of {size} entries with that root")


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Accept that the tree ``old`` with ``old_root`` is the start of ``new`` with ``new_root``.

    Raises:
        ProofError: It is not shown; always so for an empty tree.
    """
    if not 1 <= old <= new <= MAX_SIZE:
        raise ProofError(f"nothing can be shown between sizes {old} and {new}")
    _check_hashes(proof)
    if old == new:
        if proof or old_root != new_root:
            raise ProofError(f"two different logs of {new} entries")
        return
    found_old, found_new = _replay_consistency(old, new, proof, old_root)
    if found_old != old_root or found_new != new_root:
        raise ProofError(f"the log of {old} entries is not the start of that of {new}")


class RootBuilder:
    """The root over a stream of leaf hashes, in memory that grows with the number's length."""

    __slots__ = ("_batch", "_full", "_peaks")

    def __init__(self) -> None:
        self._batch: list[bytes] = []  # fewer than _BATCH leaf hashes
        self._full = 0  # how many batches went before
        self._peaks: list[bytes] = []  # complete subtrees over them, the largest first

    @property
    def size(self) -> int:
        """How many leaves there were."""
        return self._full * _BATCH + len(self._batch)

    def append(self, leaf: bytes) -> None:
        """Take the hash of the next leaf."""
        self._batch.append(leaf)
        if len(self._batch) == _BATCH:
            self._flush()

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Take the hashes of the next leaves; faster than one at a time."""
        for leaf in leaves:
            self._batch.append(leaf)
            if len(self._batch) == _BATCH:
                self._flush()

    def root(self) -> bytes:
        """The root over all leaves so far; more may follow."""
        peaks = [*self._peaks, *_batch_peaks(self._batch)]
        return _join(peaks) if peaks else EMPTY_ROOT

    def _flush(self) -> None:
        peak = complete_root(self._batch)
        self._batch = []
        carry = self._full
        while carry & 1:
            peak = node_hash(self._peaks.pop(), peak)
            carry >>= 1
        self._peaks.append(peak)
        self._full += 1


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The hash over a complete subtree; the number of ``hashes`` is a power of two."""
    while len(hashes) > 1:
        hashes = fold(hashes)
    return hashes[0]


def _batch_peaks(hashes: Sequence[bytes]) -> Iterator[bytes]:
    at = 0
    while at < len(hashes):
        width = 1 << (len(hashes) - at).bit_length() - 1
        yield complete_root(hashes[at : at + width])
        at += width


def _join(peaks: Sequence[bytes]) -> bytes:
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node_hash(peak, found)
    return found


def _split(width: int) -> int:
    """The largest power of two that is smaller than ``width``, which is at least 2."""
    return 1 << (width - 1).bit_length() - 1


def _range_root(low: int, high: int, read: HashReader) -> bytes:
    """The hash over leaves ``low`` to ``high``, of which RFC 6962 speaks as D[low:high].

    ``low`` is a multiple of the largest power of two within the range, as every range is
    that comes of splitting a tree.
    """
    peaks = []
    while low < high:
        level = (high - low).bit_length() - 1
        peaks.append(read(level, low >> level))
        low += 1 << level
    return _join(peaks)


def _replay_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes
) -> tuple[bytes, bytes]:
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofError("it is empty")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    found_old = found_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("it is longer than a proof between those sizes can be")
        if at & 1 or at == last:
            found_old = node_hash(sibling, found_old)
            found_new = node_hash(sibling, found_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("it is too short for those sizes")
    return found_old, found_new


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if len(hashes) > MAX_PROOF_HASHES + 1:
        raise ProofError(f"more than {MAX_PROOF_HASHES} hashes")
    if any(len(item) != HASH_BYTES for item in hashes):
        raise ProofError("a hash that has not 32 bytes")
